"""Translations stand beside the quotes of people, in their own language and marked as such; the quote stays."""

from __future__ import annotations

import html

import pytest
from fixtures.run_command import NOTE

import cjtools as cj
from cjtools.commands.check import check_client
from cjtools.report.views import evidence, matrix
from cjtools.text.translations import FILE, load_translations, translations_for

INTERVIEWS = '\n[[sources]]\nid = "interviews"\npath = "P*.md"\nformat = "interview_notes"\n'
HOSTILE = "<i>Visc al carrer</i> ana@mail.example"


@pytest.fixture
def asked(folder) -> cj.Client:
    """The small client with an interview in English."""
    toml = folder / "client.toml"
    toml.write_text(toml.read_text("utf-8") + INTERVIEWS, "utf-8")
    (folder / "P01.md").write_text(NOTE.replace("2026-03", "2026-08"), "utf-8")
    return cj.load_client(folder)


def translate(client: cj.Client, *rows: str) -> None:
    (client.folder / FILE).write_text("quote,language,translation,by\n" + "".join(f"{row}\n" for row in rows), "utf-8")


def quote_id(client: cj.Client) -> str:
    return cj.map_journey(client).quotes.filter(verbatim=True)["evidence_id"].item()


def test_a_translation_stands_below_the_quote_with_its_language_and_what_it_is(asked):
    name = quote_id(asked)
    translate(asked, f'{name},ca,"No veia el cost, {HOSTILE}",', f"{name},es,No veía el coste,machine")
    for language, label, text in (
        ("ca", "Traducció", "No veia el cost, "),
        ("es", "Traducción automática", "No veía el coste"),
    ):
        journey = cj.map_journey(asked, language=language)
        row = journey.quotes.filter(verbatim=True).to_dicts()[0]
        assert (row["language"], row["translation_language"]) == ("en", language)
        for section in (evidence(journey), matrix(journey)):
            page = section._repr_mimebundle_()["text/html"]
            assert f'{label}: <span lang="{language}">{text}' in page
            assert "I could not see the delivery cost." in page
            assert "<i>" not in page
            assert "mail.example" not in html.unescape(page)


def test_a_reader_of_the_quotes_own_language_is_shown_no_translation(asked):
    translate(asked, f"{quote_id(asked)},ca,No veia el cost,")
    journey = cj.map_journey(asked, language="en")
    assert journey.quotes["translation"].null_count() == journey.quotes.height
    assert "translation" not in evidence(journey)._repr_mimebundle_()["text/html"].split("</style>")[-1]


def test_the_readers_language_comes_first_then_the_clients_own_then_any(asked):
    translate(asked, "q1.web,ro,bună,", "q1,it,ciao,", "q2,ro,da,")
    rows = load_translations(asked)
    told = translations_for(rows, language="it", own="ro")
    assert {name: row["translation"] for name, row in told.items()} == {"q1": "ciao", "q2": "da"}
    assert translations_for(rows, language="ca", own="ro")["q1"]["translation"] == "bună"


def test_the_faults_of_the_file_are_told_by_check_all_at_once(asked):
    translate(asked, "q1,cat,x,", ",ca,,robot", "q2,ca,a,", "q2.web,ca,b,")
    assert [str(fault) for fault in check_client(asked.folder)[1]] == [
        "translations.csv line 2, column 'language': 'cat'; did you mean 'ca'?",
        "translations.csv line 3, column 'quote': nothing; a quote",
        "translations.csv line 3, column 'translation': nothing; a translation",
        "translations.csv line 3, column 'by': 'robot'; known: human, machine",
        "translations.csv line 5, column 'quote': 'q2.web' stands in line 4 too; one a language",
    ]
    (asked.folder / FILE).write_text("quote,language\nq1,ca\n", "utf-8")
    assert [fault.found for fault in check_client(asked.folder)[1]] == ["no column 'translation'"]


MENTIONS = """
[[sources]]
id = "mentions"
path = "m.csv"
format = "table"
kind = "mentions"
date_format = "%Y-%m-%d"
[sources.mapping]
mention_id = "id"
said_at = "day"
text = "text"
language = "lang"
translation = "in_english"
"""


def test_a_table_of_mentions_brings_its_own_translations_and_the_clients_file_comes_first(asked):
    toml = asked.folder / "client.toml"
    toml.write_text(toml.read_text("utf-8") + MENTIONS, "utf-8")
    rows = "1,2026-08-01,El checkout es lento,es,The checkout is slow\n2,2026-08-02,Checkout fatal,es,\n"
    (asked.folder / "m.csv").write_text(f"id,day,text,lang,in_english\n{rows}", "utf-8")
    client = cj.load_client(asked.folder)
    said = {row["text"]: row for row in cj.map_journey(client).quotes.filter(family="mention").to_dicts()}
    one = said["El checkout es lento"]
    assert (one["translation"], one["translation_language"], one["translated_by"]) == (
        "The checkout is slow",
        "en",
        None,
    )
    assert said["Checkout fatal"]["translation"] is None
    assert (
        'Translation: <span lang="en">The checkout is slow'
        in evidence(cj.map_journey(client))._repr_mimebundle_()["text/html"]
    )
    translate(client, f"{one['evidence_id']},en,The checkout drags,human")
    told = cj.map_journey(client).quotes.filter(evidence_id=one["evidence_id"])
    assert told.select("translation", "translated_by").row(0) == ("The checkout drags", "human")


def test_a_translation_that_tells_a_name_which_its_quote_masks_is_refused(asked):
    told = {"q1": "Em dic ▮▮▮ ▮▮▮ i la ▮▮▮ ho sap."}
    translate(asked, "q1,en,My name is Pere Roca and Marta knows.,", "q2,en,Nobody is named here.,")
    with pytest.raises(cj.SourceError) as caught:
        load_translations(asked, told)
    assert [str(fault.where) for fault in caught.value.faults] == [f"{FILE} line 2, column 'translation'"]
    assert "names masked: 1, in its quote 2" in str(caught.value)
    assert "Roca" not in str(caught.value)
    translate(asked, "q1,en,My name is Pere Roca and ▮▮▮ knows.,")
    assert load_translations(asked, told)["translation"].to_list() == ["My name is ▮▮▮ ▮▮▮ and ▮▮▮ knows."]


def test_the_names_of_the_registered_are_asked_for_in_the_translation_of_their_quote(asked):
    note = asked.folder / "P01.md"
    note.write_text(note.read_text("utf-8").replace("---\n", "---\nname: Joana Prat\n", 1)
                    .replace("I could not see", "As Joana Prat said, I could not see"), "utf-8")  # fmt: skip
    journey = cj.map_journey(asked)
    row = journey.quotes.filter(verbatim=True).to_dicts()[0]
    assert "Joana" not in row["text"]
    translate(asked, f'{row["evidence_id"]},ca,"Com va dir la Joana Prat, no veia el cost",')
    with pytest.raises(cj.SourceError, match="names masked: 0, in its quote 1"):
        cj.map_journey(asked)
