"""Every number, quote and n of a statement is a reference: what it says must be so, in five ways of writing numbers."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjtools.claims.cells import Cell
from cjtools.claims.numbers import agrees, read_number
from cjtools.claims.references import PLAIN, Ground, Said, resolve, text_of
from cjtools.settings import LANGUAGES
from cjtools.words import load_words

CELLS = {
    "exit_rate.checkout": Cell(0.469124, "share", 1085),
    "sentiment.checkout": Cell(-0.650485, "net", 103),
    "experience.decision": Cell(-1.25, "score", 15),
    "profiles.decision": Cell(1064, "count", 1064),
    "email.sent": Cell(11138.4, "number", 12),
    "experience.purchase": Cell(None, "score", 2),
    "conversion.loyalty": Cell(None, "share", 0),
}
SAID = {"q1.checkout": Said("I put  the phone\ndown & made “tea”.", "en", True), "q2": Said("Note", "ca", False)}


def ground(language: str, *, shown: frozenset[str] = frozenset(SAID)) -> Ground:
    return Ground(CELLS, SAID, shown, load_words(language), withheld="(few)", hidden="[…]", nobody="(nobody)")


def read(text: str, language: str = "en", people: tuple[int, int] = (11, 15), **kwargs) -> str:
    pieces, faults = resolve(text, where="here", people=people, ground=ground(language, **kwargs))
    assert faults == []
    return text_of(pieces)


def fault(text: str, language: str = "en", people: tuple[int, int] = (11, 15)) -> str:
    _, faults = resolve(text, where="claims.csv line 2, column 'statement'", people=people, ground=ground(language))
    (only,) = faults
    return str(only).removeprefix("claims.csv line 2, column 'statement': ")


@pytest.mark.parametrize(
    ("language", "written", "shown"),
    [
        ("en", "46.9%", "46.9% (n = 1,085)"),
        ("en", "46.91 %", "46.91% (n = 1,085)"),
        ("en", "47", "47% (n = 1,085)"),
        ("ca", "46,9 %", "46,9\N{NO-BREAK SPACE}% (n = 1.085)"),
        ("es", "46,9\N{NO-BREAK SPACE}%", "46,9\N{NO-BREAK SPACE}% (n = 1.085)"),
        ("it", "0,47", "47\N{NO-BREAK SPACE}% (n = 1.085)"),
        ("ro", "46,91%", "46,91\N{NO-BREAK SPACE}% (n = 1.085)"),
    ],
)
def test_a_written_share_is_read_as_its_language_writes_it(language, written, shown):
    assert read(f"x {{value exit_rate.checkout: {written}}} y", language) == f"x {shown} y"


@pytest.mark.parametrize(
    ("address", "written", "shown"),
    [
        ("sentiment.checkout", "−65", "−65 (n = 103)"),
        ("sentiment.checkout", "-0.65", "−65 (n = 103)"),
        ("experience.decision", "-1.2", "−1.2 (n = 15)"),
        ("experience.decision", "−1.3", "−1.2 (n = 15)"),
        ("profiles.decision", "1,064", "1,064"),
        ("email.sent", "11,138", "11,138 (n = 12)"),
    ],
)
def test_net_shares_scores_and_counts_are_read_too(address, written, shown):
    # Of −1.25 both −1.2 and −1.3 are right; the page rounds as it always does.
    assert read(f"{{value {address}: {written}}}") == shown


def test_without_a_written_number_the_kit_writes_it_with_its_n():
    assert read("{value exit_rate.checkout}", "ro") == "47\N{NO-BREAK SPACE}% (n = 1.085)"
    assert read("{n}", "ca") == "11 de 15 participants"
    assert read("{n}", people=(0, 0)) == "(nobody)"
    assert read("{value experience.purchase: 1.0}") == "(few)"


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("{value exit_rate.checkout: 47.1%}", "en",
         "'{value exit_rate.checkout: 47.1%}' says '47.1%'; exit_rate.checkout is 46.9%"),
        ("{value exit_rate.checkout: 46.9%}", "ca",
         "'{value exit_rate.checkout: 46.9%}' says '46.9%'; a number as ca writes it, such as 1.234,5"),
        ("{value exit_rate.checkout: 1}", "en",
         "'{value exit_rate.checkout: 1}' says '1'; exit_rate.checkout is 47%"),
        ("{value experience.decision: 1.2}", "en",
         "'{value experience.decision: 1.2}' says '1.2'; experience.decision is −1.2"),
        ("{value profiles.decision: 1,065}", "en",
         "'{value profiles.decision: 1,065}' says '1,065'; profiles.decision is 1,064"),
        ("{value profiles.decision: 1.064}", "en",
         "'{value profiles.decision: 1.064}' says '1.064'; profiles.decision is 1,064.000"),
        ("{value exit_rate.chekout}", "en",
         "'{value exit_rate.chekout}': no number is called 'exit_rate.chekout'; did you mean 'exit_rate.checkout'?"),
        ("{value conversion.loyalty}", "en",
         "'{value conversion.loyalty}' has no n; there is no measurement of it in this wave: take it out"),
        ("{n: 12 of 15}", "en", "'{n: 12 of 15}' says '12 of 15'; the evidence says 11 of 15"),
        ("{n: 11 de 16}", "es", "'{n: 11 de 16}' says '11 de 16'; the evidence says 11 of 15"),
        ("{n: many}", "en", "'{n: many}' says 'many'; the evidence says 11 of 15"),
        ("{n c1: 11}", "en", "'{n c1: 11}' names 'c1'; {n} is of this claim: nothing stands before the colon"),
        ("{quot q1}", "en", "'{quot q1}' is no reference; did you mean 'quote'?"),
        ("{plain}", "en", "'{plain}' says nothing; such as {plain: 24 hours}"),
        ("Six of 9 say so", "en",
         "'9' is a number without a cell; such as {value exit_rate.checkout: 46.9%}; " + PLAIN),
        ("They said «it came too late»", "en",
         "'«it came too late»' is a quote without a source; such as {quote q002cd65b23.checkout: …}; " + PLAIN),
        ("an open { brace", "en", "a { of its own; a reference such as {n} or {plain: …}"),
    ],
)  # fmt: skip
def test_what_differs_from_its_cell_is_told_with_both_values(text, language, told):
    assert fault(text, language) == told


def test_a_few_people_are_not_counted_to_outsiders_and_the_written_n_is_checked_all_the_same():
    outside = dataclasses.replace(ground("es"), minimum=3)
    pieces, faults = resolve("{n: 2 de 15}", where="", people=(2, 15), ground=outside)
    assert (text_of(pieces), faults) == ("menos de 3 de 15 participantes", [])
    assert len(resolve("{n: 1 de 15}", where="", people=(2, 15), ground=outside)[1]) == 1


def test_an_n_of_a_stage_where_nobody_was_asked_is_a_fault():
    assert fault("{n: 3 of 9}", people=(0, 0)) == (
        "'{n: 3 of 9}' says '3 of 9'; nobody was asked at this stage in this wave"
    )


@pytest.mark.parametrize(
    "written",
    [
        "the phone down",
        "“I put the phone down & made “tea”.”",
        "the   phone\tdown",
        "I put […] made “tea”.",
        "[...] & made",
    ],
)
def test_a_quote_is_verbatim_but_for_blanks(written):
    assert "phone" in read(f"{{quote q1.checkout: {written}}}") or "made" in read(f"{{quote q1.checkout: {written}}}")


@pytest.mark.parametrize("written", ["the Phone down", "the phone  dawn", "made […] phone", "[…]", "the phone, down"])
def test_a_quote_that_is_not_verbatim_is_told_with_its_source(written):
    told = fault(f"{{quote q1.checkout: {written}}}")
    assert told.endswith("; its source says 'I put the phone down & made “tea”.'")


def test_a_quote_without_words_is_the_whole_and_an_unknown_one_has_a_nearest():
    assert read("{quote q1.checkout}") == "“I put the phone down & made “tea”.”"
    assert read("{quote q2}") == "Note"  # a researcher's note is not put in anybody's mouth
    assert fault("{quote q1.chekout}").endswith("no text is called 'q1.chekout'; did you mean 'q1.checkout'?")


def test_a_quote_that_a_reader_may_not_see_is_checked_and_not_shown():
    assert read("{quote q1.checkout: the phone}", shown=frozenset()) == "[…]"
    _, faults = resolve("{quote q1.checkout: a phone}", where="", people=(1, 1), ground=ground("en", shown=frozenset()))
    assert len(faults) == 1


def test_all_faults_of_a_statement_come_at_once():
    _, faults = resolve("{n: 9} of 9 {quote q7} {value x}", where="here", people=(11, 15), ground=ground("en"))
    assert len(faults) == 4


def test_plain_numbers_and_names_are_no_references():
    assert read("B2B, a 'queue', “La Casa” and {plain: 24 hours}") == "B2B, a 'queue', “La Casa” and 24 hours"


@given(st.floats(-1e7, 1e7, allow_nan=False), st.integers(0, 4), st.sampled_from(LANGUAGES), st.sampled_from(["", "%"]))
def test_what_babel_writes_is_read_back(value, digits, language, sign):
    words = load_words(language)
    text = words.percent(value / 100, digits=digits) if sign else words.number(value, digits=digits)
    back = read_number(text, language)
    assert back is not None
    assert (back.percent, back.digits) == (bool(sign), digits)
    assert agrees(back, value / 100 if sign else value, hundred=bool(sign))
    moved = back.value + 1.5 * 10.0**-digits
    assert not agrees(type(back)(moved, digits, back.percent), value / 100 if sign else value, hundred=bool(sign))


@pytest.mark.parametrize("text", ["1.23,4", "1.234.56", "12.34.567", "1 234.567", "", "%", "a", "1,,2", "٣"])
def test_what_is_no_number_of_a_language_is_not_guessed(text):
    assert read_number(text, "ca") is None
