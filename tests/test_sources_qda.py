"""Coded interviews of other tools: REFI-QDA projects, and tables of highlights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import SHARED
from fixtures.make_client import faults_of, make_client
from fixtures.make_qdpx import code, packed, project, selection, text_source
from hypothesis import given
from hypothesis import strategies as st

import cjtools as cj
from cjtools.sources.parsing.offsets import Way, find_way, rule, span_of

SOURCE = '[[sources]]\nid = "study"\npath = "{name}"\nformat = "{form}"\nconsent = "report"\nlanguage = "en"\n'
DEMO = SHARED / "samples" / "qda" / "qdpx_qc_demo" / "demo.qdpx"
WHO = '[sources.speakers]\n"Max" = "interviewer"\n"admin-1" = "participant"\n'
needs_samples = pytest.mark.skipif(not DEMO.is_file(), reason="the shared samples are not here")

TEXT = "One day 🙂 we paid\r\nby card 🙄 and\r\nit was fine, in the end 🙂 for us\r\nall.\r\n"
WORDS = ["One day", "we paid", "by card", "and", "it was fine", "in the end", "for us", "us", "fine", "all"]


def client_of(folder: Path, data: bytes, *, name: str = "a.qdpx", form: str = "refi_qda", rest: str = "") -> cj.Client:
    (folder / name).write_bytes(data)
    return make_client(folder, SOURCE.format(name=name, form=form) + rest)


def simple(text: str, inside: str, **more: str) -> bytes:
    """A project of one text."""
    xml = project(codes=code("c1", "fun") + code("c2", "Pain"), sources=text_source("s1", "t.txt", inside), **more)
    return packed(xml, {"sources/t.txt": text.encode()})


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


COUNTED: dict[str, Callable[[str], int]] = {
    "code points": len,
    "UTF-16 units": units,
    "a line end once": lambda text: len(text.replace("\r\n", "\n")),
    "UTF-16, a line end once": lambda text: units(text.replace("\r\n", "\n")),
}


@needs_samples
def test_the_real_project_has_the_checked_numbers(tmp_path: Path) -> None:
    tables = cj.read_sources(client_of(tmp_path, DEMO.read_bytes(), form="detect"))
    assert tables.sources.select("format", "rows_in", "rows_used").row(0) == ("refi_qda", 158, 158)
    assert tables.sources["flags"].to_list() == [["codes:262"]]
    counts = tables.codings["code"].value_counts().sort("count", "code", descending=[True, False]).head(3)
    assert counts.rows() == [("equity", 12), ("computational_thinking", 10), ("graduation_requirement", 10)]
    assert tables.codings.height == 205
    fun = tables.quotes.filter(start=320, end=400).join(tables.codings, on="quote_id")
    assert fun["code"].to_list() == ["fun"]
    assert fun["text"].item().startswith("This district goal is engage every student in joyful, purpos")
    assert tables.participants["participant_id"].to_list() == ["study-1"]


@pytest.mark.parametrize("way", COUNTED)
@pytest.mark.parametrize("origin", ["NVivo for Windows 12.6", "qc 1.3", ""])
def test_the_way_of_counting_is_the_one_that_fits_the_words(tmp_path: Path, way: str, origin: str) -> None:
    count = COUNTED[way]
    spans = [(count(TEXT[: TEXT.index(word)]), count(TEXT[: TEXT.index(word) + len(word)])) for word in WORDS]
    tables = cj.read_sources(
        client_of(tmp_path, simple(TEXT, "".join(selection(*span, "c1") for span in spans), origin=origin))
    )
    assert tables.quotes["text"].to_list() == WORDS
    assert tables.quotes["start"].to_list() == [TEXT.index(word) for word in WORDS]
    assert ("offsets_utf16" in tables.sources["flags"].to_list()[0]) == way.startswith("UTF-16")


def test_an_end_that_belongs_to_the_span_is_seen_and_told(tmp_path: Path) -> None:
    text = "one two three four five six seven eight nine ten"
    spans = [(text.index(word), text.index(word) + len(word) - 1) for word in text.split()]
    tables = cj.read_sources(client_of(tmp_path, simple(text, "".join(selection(*span) for span in spans))))
    assert tables.quotes["text"].to_list() == text.split()
    assert "offsets_inclusive" in tables.sources["flags"].to_list()[0]


def test_places_that_mostly_fall_within_words_are_refused_and_some_are_flagged(tmp_path: Path) -> None:
    text = "alpha beta gamma delta epsilon zeta theta kappa lambda sigma"
    good = [selection(text.index(word), text.index(word) + 3) for word in text.split()]
    bad = [selection(text.index(word) + 1, text.index(word) + 3) for word in text.split()]
    (fault,) = faults_of(client_of(tmp_path, simple(text, "".join(bad))))
    assert fault == (
        "a.qdpx: only 0 of 10 selections begin at a word; places counted in characters or UTF-16 units of the text; "
        "export the project again, or its quotations as a table"
    )
    tables = cj.read_sources(client_of(tmp_path, simple(text, "".join(good[:8] + bad[8:]))))
    assert {"misaligned:2", "offsets_doubtful"} < set(tables.sources["flags"].to_list()[0])


def test_what_other_tools_write_differently_is_read_the_same(tmp_path: Path) -> None:
    text = "\ufeffWe paid.\r\n"
    inside = selection(0, 7, "C1")
    variants = {
        "nvivo": ("internal://B.TXT", {"Sources/b.txt": text.encode()}, "project.qde", "\ufeff"),
        "bare": ("b.txt", {"sources/b.txt": text.encode()}, "project.qde", ""),
        "atlas": ("internal://b.txt", {"sources/b.txt": text.encode()}, "My project.qde", ""),
        "windows": ("relative:///sources\\b%2Etxt", {"sources/b.txt": text[1:].encode("utf-16")}, "project.qde", ""),
    }
    for name, (path, files, inner, mark) in variants.items():
        xml = project(codes=code("{c1}", "fun"), sources=text_source("s1", path, inside))
        (tmp_path / name).mkdir()
        data = packed(mark + xml, {"sources/b.docx": b"PK", **files}, inner=inner)
        tables = cj.read_sources(client_of(tmp_path / name, data, form="detect"))
        assert tables.quotes["text"].to_list() == ["We paid"], name
        assert tables.codings["code"].to_list() == ["fun"], name


def test_a_text_may_stand_in_the_xml_itself(tmp_path: Path) -> None:
    inside = f"<PlainTextContent>We paid.</PlainTextContent>{selection(3, 7, 'c1')}"
    xml = project(codes=code("c1", "fun"), sources=f'<TextSource guid="s">{inside}</TextSource>')
    assert cj.read_sources(client_of(tmp_path, packed(xml, {}))).quotes["text"].to_list() == ["paid"]


def test_selections_without_words_are_told_one_by_one(tmp_path: Path) -> None:
    inside = selection(0, 3, "c1") + selection(3, 3) + selection(50, 60) + selection(None, None, kind="PDFSelection")
    lost = text_source("s2", "internal://lost.txt", selection(0, 2))
    xml = project(codes=code("c1", "fun"), sources=text_source("s1", "t.txt", inside) + lost)
    tables = cj.read_sources(client_of(tmp_path, packed(xml, {"sources/t.txt": b"One two"})))
    assert tables.left_out.select("source_row", "why").rows() == [
        (2, "no_text"), (3, "outside_text"), (4, "not_text"), (5, "text_missing"),
    ]  # fmt: skip
    assert tables.participants.height == 1


def test_the_same_span_is_one_quote_with_the_codes_of_all_coders(tmp_path: Path) -> None:
    inside = selection(0, 3, "c1", "c2") + selection(0, 3, "c2") + selection(0, 3, "c9")
    tables = cj.read_sources(client_of(tmp_path, simple("One two", inside)))
    assert tables.sources.select("rows_used", "rows_merged", "flags").row(0) == (
        1, 2, ["codes:2", "same_span:2", "unknown_code:1"],
    )  # fmt: skip
    assert tables.codings.select("kind", "code").rows() == [("type", "pain"), ("theme", "fun")]
    assert tables.codings["coder"].n_unique() == 1
    assert "Marta" not in str(tables.codings.rows())


def test_a_case_is_a_person_with_what_is_known_of_it_and_without_its_name(tmp_path: Path) -> None:
    cases = (
        '<Variables><Variable guid="V" name="Age"/><Variable guid="W" name="Name"/></Variables><Cases>'
        '<Case guid="k1" name="Jo Ruiz"><VariableValue><VariableRef targetGUID="v"/><IntegerValue>42</IntegerValue>'
        '</VariableValue><VariableValue><VariableRef targetGUID="w"/><TextValue>Jo Ruiz</TextValue></VariableValue>'
        '<SourceRef targetGUID="S1"/><SourceRef targetGUID="s2"/></Case>'
        '<Case guid="k2" name="Ann"><CodeRef targetGUID="c3"/></Case></Cases>'
    )
    sources = text_source("s1", "t.txt", selection(0, 3, "c1") + selection(4, 7, "c1", "c3"))
    sources += text_source("s2", "t.txt", selection(0, 7))
    xml = project(codes=code("c1", "fun") + code("c3", "Ann"), sources=sources, cases=cases)
    tables = cj.read_sources(client_of(tmp_path, packed(xml, {"sources/t.txt": b"One two"})))
    assert tables.quotes.select("text", "participant_id").rows() == [
        ("One", "study-1"), ("two", "study-2"), ("One two", "study-1"),
    ]  # fmt: skip
    assert tables.participants["attributes"].to_list() == [[{"name": "Age", "value": "42"}], []]
    assert set(tables.codings["code"]) == {"fun"}
    everything = str([getattr(tables, name).rows() for name in ("quotes", "codings", "participants", "sources")])
    assert "Ruiz" not in everything
    assert "Ann" not in everything


TALK = (
    "Max:   How was it,\r\nadmin-1?\r\n\r\nadmin-1:   Fine, says Max.\r\nReally.\r\n\r\n"
    "Max:   So.\r\n\r\nadmin-1:   Yes.\r\n"
)


def test_a_span_belongs_to_who_speaks_where_it_stands(tmp_path: Path) -> None:
    spans = [("Max:   How was it", "interviewer", "How was it"), ("Really.", "participant", "Really."),
             ("So.\r\n\r\nadmin-1:   Yes.", "participant", "So. Yes.")]  # fmt: skip
    inside = "".join(selection(TALK.index(text), TALK.index(text) + len(text)) for text, _, _ in spans)
    tables = cj.read_sources(client_of(tmp_path, simple(TALK, inside), rest=WHO))
    assert tables.quotes.select("speaker_role", "text").rows() == [(role, said) for _, role, said in spans]
    (tmp_path / "b").mkdir()
    (fault,) = faults_of(
        client_of(tmp_path / "b", simple(TALK, inside), rest='[sources.speakers]\nMax = "interviewer"\n')
    )
    assert "speakers that are not listed: 'admin-1'" in fault


def test_a_codebook_alone_has_codes_and_no_quotes(tmp_path: Path) -> None:
    xml = f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes>{code("a", "x", code("b", "y"))}</Codes></CodeBook>'
    tables = cj.read_sources(client_of(tmp_path, xml.encode(), name="a.qdc", form="detect"))
    assert tables.sources.select("rows_in", "flags").row(0) == (0, ["codes:2", "no_selections"])
    assert tables.quotes.is_empty()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (packed("<a", {}), "broken XML ('unclosed token: line 1, column 0'); save or export it again"),
        (packed('<!DOCTYPE a [<!ENTITY x "y">]><a/>', {}), "holds a DTD or an entity; plain XML; {again}"),
        (packed("<html/>", {}), "XML of another kind (html); a REFI-QDA project or codebook"),
        (packed("<a/>", {"b.qde": b"<a/>"}), "2 project files (.qde) in it; one REFI-QDA project; {step}"),
        (packed("<a/>", {}, inner="a.xml"), "no project file (.qde) in it; one REFI-QDA project; {step}"),
        (packed("<a/>", {"../../x.txt": b"x"}), "holds '../../x.txt', which leads out of the zip; {inside}"),
        (b"PK\x03\x04 broken", "broken or locked zip (File is not a zip file); export it again without a password"),
    ],
)  # fmt: skip
def test_what_is_no_project_is_a_fault(tmp_path: Path, data: bytes, fault: str) -> None:
    step = "export it again as REFI-QDA project (.qdpx)"
    assert faults_of(client_of(tmp_path, data)) == [
        f"a.qdpx: {fault.format(step=step, again='save or export it again', inside='plain names inside the zip')}"
    ]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_without_any_consent_no_selection_is_used(tmp_path: Path) -> None:
    client = client_of(tmp_path, simple("One two", selection(0, 3, "c1")))
    settings = (tmp_path / "client.toml").read_text().replace('consent = "report"\n', "")
    (tmp_path / "client.toml").write_text(settings)
    tables = cj.read_sources(cj.load_client(client.folder))
    assert tables.sources.select("rows_in", "rows_rejected").row(0) == (1, 1)
    assert (tables.quotes.height, tables.codings.height, tables.participants.height) == (0, 0, 0)


@given(
    st.text(alphabet=st.sampled_from("ab \r\n🙂é"), max_size=40),
    st.lists(st.tuples(st.integers(-2, 60), st.integers(-2, 60)), max_size=8),
    st.booleans(),
)
def test_every_place_is_in_the_text_or_none(text: str, spans: list[tuple[int, int]], windows: bool) -> None:
    checked = find_way([(text, spans)], windows=windows)
    places = rule(text, checked.way)
    for first, last in spans:
        found = span_of(places, first, last, checked.way)
        assert found is None or 0 <= found[0] <= found[1] <= len(text)
    assert len(rule(text, Way(wide=True, returns=True))) == units(text) + 1


TAGUETTE = "id,document,tag,content\n"
TAGUETTE += '1,Jo Ruiz.docx,pain.cost,"Too\ndear"\n1,Jo Ruiz.docx,Pain,"Too\ndear"\n2,b,,Fine\n3,b,x,\n'


def test_a_highlight_of_several_tags_is_one_quote(tmp_path: Path) -> None:
    tables = cj.read_sources(client_of(tmp_path, TAGUETTE.encode(), name="a.csv", form="detect"))
    assert tables.sources.select("format", "rows_in", "rows_used", "rows_rejected", "rows_merged").row(0) == (
        "highlights", 4, 2, 1, 1,
    )  # fmt: skip
    assert tables.quotes.select("source_row", "text", "participant_id").rows() == [
        (2, "Too dear", "study-1"), (6, "Fine", "study-2"),
    ]  # fmt: skip
    assert set(tables.codings.select("kind", "code").iter_rows()) == {("theme", "pain.cost"), ("type", "pain")}
    assert "Ruiz" not in str([tables.quotes.rows(), tables.participants.rows()])


QUALCODER = "coder,codename,filename,pos0,pos1,seltext\nx,fun,a.txt,0,3,One\ny,Pain,a.txt,0,3,One\n"


@pytest.mark.parametrize(
    ("text", "codes", "people"),
    [
        (QUALCODER, {"fun", "pain"}, ["study-1"]),
        ("Document name;Code;Segment\nP07;fun;One\n", {"fun"}, ["P07"]),
        ('Highlight,Tags,Participant\nOne,"fun; Pain",P07\n', {"fun", "pain"}, ["P07"]),
        ('ID,Document,Quotation Content,Codes\n1:1,a,One,"fun\nPain"\n', {"fun", "pain"}, ["study-1"]),
    ],
)  # fmt: skip
def test_tables_of_other_tools_are_known_by_their_columns(
    tmp_path: Path, text: str, codes: set[str], people: list[str]
) -> None:
    tables = cj.read_sources(client_of(tmp_path, text.encode(), name="a.csv", form="detect"))
    assert tables.quotes["text"].to_list() == ["One"]
    assert set(tables.codings["code"]) == codes
    assert tables.participants["participant_id"].to_list() == people


def test_client_toml_says_which_column_is_which(tmp_path: Path) -> None:
    mapping = '[sources.mapping]\ncontent = "What"\ntag = "Why"\n'
    client = client_of(tmp_path, b"What,Why\nOne,fun\n", name="a.csv", form="highlights", rest=mapping)
    assert cj.read_sources(client).codings["code"].to_list() == ["fun"]
    wrong = mapping.replace('"Why"', '"Wy"') + 'contnt = "x"\n'
    assert faults_of(client_of(tmp_path, b"What,Why\nOne,fun\n", name="a.csv", form="highlights", rest=wrong)) == [
        "client.toml, source 'study', mapping: 'contnt' is nothing that a highlight has; did you mean 'content'?"
    ]
    wrong = mapping.replace('"Why"', '"Wy"')
    assert faults_of(client_of(tmp_path, b"What,Why\nOne,fun\n", name="a.csv", form="highlights", rest=wrong)) == [
        "a.csv line 1: there is no column 'Wy'; did you mean 'Why'?"
    ]


def test_a_table_without_words_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults_of(client_of(tmp_path, b"a,b\n1,2\n", name="a.csv", form="highlights"))
    assert fault.startswith("a.csv line 1: no column with the words; found: a, b; add [sources.mapping] content = ")
    broken = client_of(tmp_path, b'"a\nx",b\n1,2\n', name="a.csv", form="highlights")
    assert [fault.count("\n") for fault in faults_of(broken)] == [0]
    assert "found: a x, b;" in faults_of(broken)[0]
