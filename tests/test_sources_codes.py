"""The codes in square brackets."""

from __future__ import annotations

import pytest
from fixtures.make_client import make_client
from hypothesis import given, settings
from hypothesis import strategies as st

from cjtools.sources.parsing.codes import Code, CodeBook, code_book, read_code, stage_named
from cjtools.words import code_names, load_words


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> CodeBook:
    return code_book(make_client(tmp_path_factory.mktemp("book")))


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("consideration @website pain -2", Code("consideration", "website", ("pain",), -2)),
        ("−2 dolor @lloc-web consideració", Code("consideration", "website", ("pain",), -2)),
        ("pain @product page consideration +1", Code("consideration", "product", ("pain",), 1)),
        ("considerazione, @pagina prodotto; criticità, -1", Code("consideration", "product", ("pain",), -1)),
        ("considerare @W1 problemă 0", Code("consideration", "website", ("pain",), 0)),
        ("coming back", Code("loyalty")),
        ("tornar-hi guany", Code("loyalty", None, ("gain",))),
        ("pain point", Code(None, None, ("pain",))),
        ("pain need 2", Code(None, None, ("pain", "need"), 2)),
        ("@ website", Code(None, "website")),
        ("@Pàgina de producte", Code(None, "product")),
        ("-1", Code(valence=-1)),
        ("interest", Code(None, None, ("comparing",))),
    ],
)
def test_the_order_the_language_and_the_length_of_names_do_not_matter(inside: str, code: Code, book: CodeBook) -> None:
    assert read_code(inside, book) == (code, [])


@pytest.mark.parametrize("inside", ["inaudible", "...", "1", "12", "00:04:11", "+34 600 000 000", "x", "sic!", "1 2"])
def test_a_bracket_without_any_name_is_ordinary_text(inside: str, book: CodeBook) -> None:
    assert read_code(inside, book) == (None, [])


@pytest.mark.parametrize(
    ("inside", "found", "expected"),
    [
        ("consideration @webiste pain", "'@webiste' is no touchpoint", "did you mean 'website'?"),
        ("@kiosk pain", "'@kiosk' is no touchpoint", "known: newsletter, product, website"),
        ("pain consideratoin", "'consideratoin' is no code", "did you mean 'consideration'?"),
        ("pain qqqq", "'qqqq' is no code", "a stage, an @touchpoint, a type or a number from -2 to +2"),
        ("pain -3", "valence '-3' is out of range", "from -2 to +2"),
        ("-3", "valence '-3' is out of range", "from -2 to +2"),
        ("pain purchase decision", "a second stage", "one stage in a bracket; write two brackets"),
        ("pain -1 -2", "a second valence", "one valence in a bracket; write two brackets"),
    ],
)
def test_a_slip_says_what_was_meant(inside: str, found: str, expected: str, book: CodeBook) -> None:
    _, misreads = read_code(inside, book)
    assert [(misread.found, misread.expected) for misread in misreads] == [(found, expected)]


def test_every_slip_of_a_bracket_is_told_with_its_place(book: CodeBook) -> None:
    _, misreads = read_code("pain zzzz @qqqq -9", book)
    assert [misread.at for misread in misreads] == [5, 10, 16]


@pytest.mark.parametrize("language", ["ca", "en", "es", "it", "ro"])
def test_every_stage_and_type_can_be_written_in_every_language(language: str, book: CodeBook) -> None:
    sections = load_words(language).sections
    for stage in ("awareness", "consideration", "decision", "purchase", "loyalty", "advocacy"):
        assert stage_named(sections["stages"][stage], book) == stage
    for kind, label in sections["types"].items():
        assert read_code(f"-1 {label}", book) == (Code(None, None, (kind,), -1), [])


def test_a_word_that_is_a_stage_and_a_type_is_the_stage() -> None:
    book = CodeBook({"interest": "interest"}, {"interest": "comparing"}, {})
    assert read_code("interest", book) == (Code("interest"), [])


def test_a_stage_that_the_client_has_not_is_no_stage(book: CodeBook) -> None:
    assert "after-sale" in code_names("stages")
    assert stage_named("after-sale", book) is None


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_grammar(inside: str) -> None:
    book = CodeBook({"purchase": "purchase"}, {"pain": "pain"}, {"web": "web"})
    code, misreads = read_code(inside, book)
    assert code is not None or misreads == [] or len(inside.split()) == 1
    assert all(0 <= misread.at < len(inside) for misread in misreads)


@settings(deadline=None)
@given(st.permutations(["coming back", "@product page", "pain", "−2"]), st.sampled_from([" ", ", ", "; ", "  "]))
def test_the_terms_may_stand_in_any_order(terms: list[str], gap: str) -> None:
    book = CodeBook({"coming-back": "loyalty"}, {"pain": "pain"}, {"product-page": "product"})
    assert read_code(gap.join(terms), book) == (Code("loyalty", "product", ("pain",), -2), [])
