"""The coder's workbench, its buttons pressed without a browser: what is saved, shown, taken back, and comes next."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from itertools import count

import polars as pl
import pytest
from conftest import EXAMPLE
from fixtures.make_client import make_client

import cjtools as cj
from cjtools.settings import LANGUAGES
from cjtools.tables import Coding, Quote, Tables, shape_of
from cjtools.text.codings import FILE, load_codings, settle
from cjtools.text.understand import understand

pytest.importorskip("ipywidgets", reason="ipywidgets is not installed: the [lab] extra")

SAID = {
    "q1": ("P1", "Vaig veure un anunci al metro i no us coneixia de res.", "ca"),
    "q2": ("P1", "Després vaig comparar els preus amb dues botigues més.", "ca"),
    "q3": ("P1", "Vaig pagar amb targeta i tot va anar ràpid.", "ca"),
    "q4": ("P2", "Te recomiendo esta tienda, se lo dije a mi hermana.", "es"),
    "q5": ("P2", "Devolverlo fue una pesadilla, tres llamadas.", "es"),
}


def quote(quote_id: str, doc: str, text: str, language: str | None = "ca", **more: object) -> dict[str, object]:
    """One row of the table of quotes."""
    at = int(quote_id[1:]) if quote_id[1:].isdigit() else 0
    return {
        "source_id": "talks", "source_file": f"{doc}.md", "source_row": at, "quote_id": quote_id, "doc_id": doc,
        "kind": "interview", "text": text, "verbatim": True, "language": language, "speaker_role": "participant",
        "participant_id": doc, "time_precision": "unknown", "start": at, "consent_to_quote": True, **more,
    }  # fmt: skip


def tables(*more: dict[str, object], codings: tuple[tuple[object, ...], ...] = ()) -> Tables:
    """Five passages of two interviews, and what else is given."""
    rows = [quote(name, *said) for name, said in SAID.items()]
    names = shape_of(Quote)
    every = pl.DataFrame([{**dict.fromkeys(names), **row} for row in [*rows, *more]], schema=names)
    coded = pl.DataFrame(codings, schema=shape_of(Coding), orient="row")
    return Tables(quotes=Quote.validate(every), codings=Coding.validate(coded))


def ticking() -> object:
    """A clock that goes on by a second at each look."""
    seconds = count()
    return lambda: dt.datetime(2026, 11, 24, 9, 0, next(seconds), tzinfo=dt.UTC)


def bench(folder, *, read: Tables | None = None, coder: str = "ana", kind: str = "stage", **more):
    """A workbench over a small client, and that client."""
    client = make_client(folder)
    clock = more.pop("clock", ticking())
    made = cj.widgets.code_quotes(client, coder=coder, kind=kind, tables=read or tables(), clock=clock, **more)
    return made, client


def press(made, *names: str) -> None:
    for name in names:
        made.controls[name].click()


def written(client) -> list[tuple[object, ...]]:
    return load_codings(client).select("quote_id", "kind", "code", "value", "coder", "accepted").rows()


def test_an_accepted_suggestion_is_a_row_at_once_and_the_next_quote_comes(tmp_path):
    made, client = bench(tmp_path)
    first, second = made.session.waiting[:2]
    press(made, "accept")
    assert written(client) == [(first["quote_id"], "stage", first["code"], None, "ana", True)]
    row = load_codings(client).row(0, named=True)
    assert (row["method"], row["coded_at"]) == ("person", "2026-11-24T09:00:00+00:00")
    assert made.session.current["quote_id"] == second["quote_id"]
    assert SAID[second["quote_id"]][1] in made.quote.value
    assert made.said.value.startswith("Desat: ")


def test_another_code_is_given_by_its_own_button_named_in_the_language_asked_for(tmp_path):
    made, client = bench(tmp_path, language="en")
    assert made.controls["code:purchase"].description == "Purchase"
    assert made.controls["code:loyalty"].description == "Coming back"
    first = made.session.current["quote_id"]
    press(made, "code:purchase")
    assert written(client) == [(first, "stage", "purchase", None, "ana", True)]
    assert made.said.value == "Saved: Purchase"


def test_the_buttons_stay_the_same_so_that_the_keyboard_keeps_its_place(tmp_path):
    made, _ = bench(tmp_path)
    before = [id(control) for control in made.controls.values()], made.box.children
    press(made, "accept", "none", "undo", "later")
    assert ([id(control) for control in made.controls.values()], made.box.children) == before


def test_the_least_certain_of_each_code_comes_first_and_later_puts_behind(tmp_path):
    made, client = bench(tmp_path)
    waiting = [row["quote_id"] for row in made.session.waiting]
    assert sorted(waiting) == sorted(SAID)
    firsts = {row["code"]: row["quote_id"] for row in reversed(made.session.waiting)}
    assert set(waiting[: len(firsts)]) == set(firsts.values())
    press(made, "later")
    assert [row["quote_id"] for row in made.session.waiting] == [*waiting[1:], waiting[0]]
    assert not (client.folder / FILE).exists()


def test_none_refuses_what_was_suggested_and_the_quote_does_not_come_back(tmp_path):
    made, client = bench(tmp_path)
    first = made.session.current
    press(made, "none", "learn")
    assert written(client) == [(first["quote_id"], "stage", first["code"], None, "ana", False)]
    assert first["quote_id"] not in [row["quote_id"] for row in made.session.waiting]


def test_undo_adds_a_row_and_brings_the_quote_back(tmp_path):
    made, client = bench(tmp_path)
    first = made.session.current
    press(made, "accept")
    before = (client.folder / FILE).read_text("utf-8")
    press(made, "undo")
    assert (client.folder / FILE).read_text("utf-8").startswith(before)
    assert written(client)[1:] == [(first["quote_id"], "stage", first["code"], None, "ana", None)]
    assert settle(tables().codings, load_codings(client)).is_empty()
    assert made.session.current == first
    assert made.controls["undo"].disabled
    press(made, "none", "undo")
    assert settle(tables().codings, load_codings(client)).is_empty()


def test_undo_brings_back_what_stood_before(tmp_path):
    made, client = bench(tmp_path)
    press(made, "valence:-2", "valence:1", "undo")
    rows = load_codings(client)
    assert rows["value"].to_list() == [-2, 1, -2]
    assert settle(tables().codings, rows).select("kind", "value").rows() == [("valence", -2)]
    press(made, "undo")
    assert settle(tables().codings, load_codings(client)).is_empty()


def test_valence_and_theme_stay_with_the_quote(tmp_path):
    made, client = bench(tmp_path, language="es")
    first = made.session.current["quote_id"]
    press(made, "valence:-2")
    assert made.said.value == "Guardado: −2"
    made.controls["theme"].value = " Gastos d'Enviament "
    press(made, "theme_add")
    assert written(client) == [
        (first, "valence", "valence", -2, "ana", True),
        (first, "theme", "gastos-d-enviament", None, "ana", True),
    ]
    assert made.session.current["quote_id"] == first
    assert made.controls["theme"].options == ("gastos-d-enviament",)
    assert made.controls["theme"].value == ""
    press(made, "theme_add")
    assert len(written(client)) == 2


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> & \"'{{ 7*7 }} $x$ \u202e\x00 👍🏽 שלום"


def test_a_hostile_text_stays_a_text(tmp_path):
    row = quote("q9", "<b>P9</b>", HOSTILE, '"><script>', platform="<i>net</i>", speaker_role="<u>x</u>")
    read = tables(row)
    made, _ = bench(tmp_path, read=replace(read, quotes=read.quotes.filter(pl.col("quote_id") == "q9")))
    assert made.session.current is None  # of no language of the kit
    page = coder_html(made, "q9")
    assert not re.search(r"<(script|img|b|i|u)\b", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert "lang=" not in page
    assert 'dir="auto"' in page


def coder_html(made, quote_id: str) -> str:
    """A quote as the workbench would show it."""
    from cjtools.widgets.coder import quote_html

    row = {"quote_id": quote_id, "code": None, "because": None}
    return quote_html(row, made.session, labels={}, words=cj.load_words("en"))


def test_a_quote_carries_its_language_its_place_and_its_neighbours_masked_and_cut(tmp_path):
    long = "Molt llarg. " * 9000
    more = [quote("q6", "P2", "Mi correo es lucia@mail.example", "es"), quote("q7", "P3", long)]
    made, _ = bench(tmp_path, read=tables(*more))
    shown = coder_html(made, "q5")
    assert "P2.md:5 · participant P2 · es" in shown
    assert shown.count('lang="es"') == 3
    assert shown.index(SAID["q4"][1]) < shown.index(SAID["q5"][1]) < shown.index("Mi correo")
    assert SAID["q3"][1] not in shown
    assert "lucia" not in shown
    assert len(coder_html(made, "q7")) < 6000


def test_a_public_text_stands_with_what_it_answers_to(tmp_path):
    public = {"kind": "mention", "participant_id": None, "speaker_role": "author", "source_id": "net"}
    more = [
        quote("m1", "m1", "Algú sap si fan enviaments?", **public),
        quote("m2", "m2", "Sí, però triguen molt.", parent_id="m1", **public),
        quote("m3", "m3", "Sí, fem enviaments!", parent_id="m1", **{**public, "speaker_role": "brand"}),
    ]
    made, _ = bench(tmp_path, read=tables(*more), texts=["mention"])
    assert {row["quote_id"] for row in made.session.waiting} == {"m1", "m2"}
    shown = coder_html(made, "m2")
    assert shown.index("enviaments?") < shown.index("triguen molt")
    assert SAID["q1"][1] not in shown


def test_the_suggestion_comes_with_its_second_and_the_coded_quote_that_is_most_like_it(tmp_path):
    coded = tuple((name, "stage", "purchase", None, "eva", "person", None, True) for name in ("q3", "q5"))
    made, _ = bench(tmp_path, read=tables(codings=coded), language="en")
    made.session.waiting = [{**made.session.waiting[0], "code": "purchase", "because": "q3"}] * 2
    press(made, "later")
    shown = " ".join(re.sub(r"<[^>]+>", " ", made.quote.value).split())
    assert re.search(r"The machine suggests: Purchase \d+% or [A-Z][\w -]+ \d+%", shown)
    assert "Most like it, coded before: Vaig pagar amb targeta" in shown


def test_when_nothing_is_left_it_says_so_and_nothing_can_be_pressed(tmp_path):
    made, client = bench(tmp_path, language="en")
    press(made, *["code:purchase"] * 5)
    assert made.session.current is None
    assert made.quote.value == ""
    assert made.said.value == "Saved: Purchase Nothing is left to decide."
    assert made.controls["accept"].disabled
    assert not made.controls["undo"].disabled
    assert made.progress.value.startswith("5 of 5 texts coded, 5 by ana · ")
    press(made, "undo")
    assert made.session.current is not None
    assert len(written(client)) == 6


def test_a_file_that_cannot_be_read_is_told_and_the_quote_stays(tmp_path):
    made, client = bench(tmp_path, language="en")
    (client.folder / FILE).write_text("quote_id,kind,code,coder\nq1,stge,use,ana\n")
    first = made.session.current
    press(made, "accept")
    assert made.said.value.startswith("Not saved: codings.csv cannot be read: 1 fault")
    assert made.session.current == first
    assert made.session.acts == []
    (client.folder / FILE).unlink()
    press(made, "accept")
    assert len(written(client)) == 1


def test_it_learns_again_by_itself_and_says_how_often_it_agrees(tmp_path):
    client = make_client(tmp_path)
    read = cj.read_sources(cj.load_client(EXAMPLE))
    made = cj.widgets.code_quotes(client, coder="ana", tables=read, language="en", texts=["interview"])
    known = made.session.suggestions.codes
    assert re.search(r"the machine agrees with \d+% of [\d,]+ codes, .* · learned in \d", made.progress.value)
    press(made, *["accept"] * 10)
    assert made.session.fresh == 0
    assert made.session.suggestions.codes == known + 10


def test_what_others_add_meanwhile_is_kept_and_learned_from(tmp_path):
    made, client = bench(tmp_path)
    one, two = made.session.waiting[:2]
    given = pl.DataFrame({"quote_id": [two["quote_id"]], "kind": ["stage"], "code": ["purchase"]})
    cj.add_codings(client, given, coder="eva", coded_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    press(made, "accept", "learn")
    assert [row[4] for row in written(client)] == ["eva", "ana"]
    assert {one["quote_id"], two["quote_id"]}.isdisjoint(row["quote_id"] for row in made.session.waiting)


def test_a_second_coder_sees_what_others_coded_and_not_what_they_said(tmp_path):
    coded = (("q1", "stage", "awareness", None, "eva", "person", None, True),
             ("q2", "stage", "purchase", None, "ana", "person", None, True),
             ("q3", "stage", "purchase", None, "eva", "person", None, True))  # fmt: skip
    made, client = bench(tmp_path, read=tables(codings=coded), second=True, language="en")
    assert [row["quote_id"] for row in made.session.waiting] == ["q1", "q3"]
    assert "The machine suggests" not in made.quote.value
    assert made.controls["accept"] not in made.box.children[3].children
    press(made, "code:decision", "none")
    assert written(client) == [
        ("q1", "stage", "decision", None, "ana", True),
        ("q3", "stage", "purchase", None, "ana", False),
    ]
    assert made.session.current is None


def test_what_a_person_refused_the_machine_does_not_give(tmp_path):
    client = make_client(tmp_path, "[text]\nmachine_codes = ['type']\n")
    refused = pl.DataFrame({"quote_id": ["q1"], "kind": ["type"], "code": ["need"], "accepted": [False]})
    cj.add_codings(client, refused, coder="ana", coded_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    given = understand(tables(), client=client).codings
    assert given.filter((pl.col("quote_id") == "q1") & (pl.col("code") == "need")).is_empty()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"coder": ""}, "coder: '' is no name"),
        ({"coder": "=ana"}, "coder: '=ana' is no name"),
        ({"kind": "stages"}, "kind: 'stages' is not suggested; did you mean 'stage'?"),
        ({"kind": "factor"}, "fewer than two codes are a factor; two or more; add them to codebook.toml"),
        ({"texts": ["interviews"]}, "texts: there is no 'interviews'; did you mean 'interview'?"),
    ],
)
def test_what_cannot_be_done_is_said_before(tmp_path, asked, told):
    with pytest.raises(cj.ParameterError) as error:
        bench(tmp_path, **asked)
    assert told in str(error.value)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["stage", "type"])
def test_it_speaks_every_language_of_the_kit(tmp_path, language, kind):
    made, _ = bench(tmp_path, language=language, kind=kind)
    press(made, "accept", "valence:2", "undo", "learn")
    assert made.controls["accept"].description == cj.load_words(language)["code_accept"]
    assert "{" not in made.progress.value + made.said.value


def test_a_factor_is_coded_from_the_codebook(tmp_path):
    book = "".join(
        f'[[codes]]\nid = "{name}"\nkind = "factor"\nlabel = {{ en = "{label}" }}\n\n'
        for name, label in (("price", "Price"), ("advice", "Advice of others"))
    )
    (tmp_path / "codebook.toml").write_text(book)
    made, client = bench(tmp_path, kind="factor", language="en")
    press(made, "code:advice")
    assert written(client)[0][1:3] == ("factor", "advice")
    assert made.said.value == "Saved: Advice of others"
