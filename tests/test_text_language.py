"""The language of a text: from the text, else from its document; what a person or a source said stands."""

from __future__ import annotations

import csv
from collections import defaultdict

import polars as pl
import pytest
from conftest import SHARED

from cjtools.settings import LANGUAGES
from cjtools.text.language import WORD, detect_language, detect_languages

SENTENCES = {
    "ca": "No em va agradar gens que la botiga tanqués abans d'hora.",
    "en": "I did not like at all that the shop closed before time.",
    "es": "No me gustó nada que la tienda cerrara antes de hora.",
    "it": "Non mi è piaciuto per niente che il negozio chiudesse prima.",
    "ro": "Nu mi-a plăcut deloc că magazinul s-a închis mai devreme.",
}


def quotes(*rows: tuple[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "quote_id": [f"q{number}" for number in range(len(rows))],
            "doc_id": ["d"] * len(rows),
            "text": [text for text, _ in rows],
            "language": [language for _, language in rows],
        },
        schema_overrides={"language": pl.String},
    )


def languages(frame: pl.DataFrame, **given: str) -> list[tuple[str | None, str]]:
    return detect_languages(frame, given=given).select("language", "basis").rows()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_says_its_language(language):
    assert detect_language(SENTENCES[language])[0] == language


@pytest.mark.parametrize(
    "text",
    ["Bonjour, je voudrais rendre cet article", "Ich möchte das gerne zurückgeben", "A devolução foi muito rápida"],
)
def test_another_language_than_the_five_is_other(text):
    assert languages(quotes((text, None))) == [("other", "text")]


@pytest.mark.parametrize("text", ["", "  ", "Sí!", "😀 😀 😀", "@maria https://x.example/a/b/c", "12 34 56 78"])
def test_a_text_of_fewer_than_three_words_says_nothing_by_itself(text):
    assert detect_language(text) == ("", 0.0)
    assert languages(quotes((text, None))) == [(None, "none")]


def test_a_short_text_has_the_language_of_its_document():
    assert languages(quotes((SENTENCES["ro"], None), ("Da.", None)))[1] == ("ro", "document")


def test_what_a_source_said_stands_and_a_person_stands_above_it():
    frame = quotes((SENTENCES["ca"], "es"), (SENTENCES["ca"], "es-MX"))
    assert languages(frame, q0="ca") == [("ca", "person"), ("es", "source")]


def test_links_handles_and_hashtags_do_not_decide():
    assert (
        detect_language("@the_shop_is_closed què ha passat amb la meva comanda? https://the.shop/when/does/it/open")[0]
        == "ca"
    )


def test_the_order_of_the_rows_changes_nothing():
    frame = quotes(*((text, None) for text in SENTENCES.values()), ("Sì", None))
    there = detect_languages(frame).sort("quote_id")
    assert there.equals(detect_languages(frame.reverse()).sort("quote_id"))


@pytest.mark.skipif(not (SHARED / "text").is_dir(), reason="the labelled texts lie beside the project, not in it")
def test_the_language_of_the_development_sets_is_found():
    right: dict[str, list[bool]] = defaultdict(list)
    for path in sorted((SHARED / "text").glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[::5]
        for row in rows:
            if len(WORD.findall(row["text"])) >= 6:
                right[row["lang"]].append(detect_language(row["text"])[0] == row["lang"])
    floors = {"en": 0.99, "es": 0.97, "it": 0.98, "ro": 0.98, "ca": 0.98}
    assert {language: sum(each) / len(each) >= floors[language] for language, each in right.items()} == dict.fromkeys(
        floors, True
    )
