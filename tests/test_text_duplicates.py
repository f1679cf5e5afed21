"""Near-copies are found under what reposts change; unrelated texts and short thanks are left alone."""

from __future__ import annotations

import csv
import random

import polars as pl
import pytest
from conftest import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st

from cjtools.text.duplicates import clean, near_duplicates

TEXT = "Quaranta minuts de cua per recollir un paquet que havia de ser a punt a les deu"


def quotes(*texts: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"quote_id": [f"q{n:02}" for n in range(len(texts))], "said_at": range(len(texts)), "text": texts}
    )


def copies(*texts: str) -> list[tuple[str, str]]:
    return near_duplicates(quotes(*texts)).select("quote_id", "first").rows()


@pytest.mark.parametrize(
    "copy",
    [
        TEXT,
        TEXT.upper(),
        f"RT @someone: {TEXT}",
        f"{TEXT} #cua https://t.example/abc",
        f"Mireu això 👇 {TEXT}!!!",
        f"{TEXT[:64]}…",
        TEXT.replace("cua", "coa").replace("paquet", "paquett"),
        TEXT.replace("à", "a").replace(",", ""),
        TEXT.replace("que havia de ser", "que havia, de veritat, de ser"),
    ],
)
def test_a_repost_is_found_whatever_was_added_or_cut(copy):
    assert copies(TEXT, copy) == [("q01", "q00")]


@pytest.mark.parametrize(
    "other",
    [
        "Quaranta persones a la botiga i cap paquet a punt",
        "La cua era curta i tot estava a punt a les deu",
        "Cuarenta minutos de cola para recoger un paquete",
    ],
)
def test_another_text_is_no_copy(other):
    assert copies(TEXT, other) == []


def test_short_texts_are_everybodys():
    assert copies("Moltes gràcies!", "Moltes gràcies!") == []


def test_the_earliest_is_the_first_and_one_group_has_one():
    texts = [f"RT: {TEXT}", TEXT, f"{TEXT} 😡"]
    frame = quotes(*texts).with_columns(said_at=pl.Series([3, 1, 2]))
    assert near_duplicates(frame)["first"].to_list() == ["q01", "q01"]


def test_a_text_without_a_date_comes_last():
    frame = quotes(TEXT, TEXT).with_columns(said_at=pl.Series([None, 5]))
    assert near_duplicates(frame).select("quote_id", "first").rows() == [("q00", "q01")]


def test_a_campaign_of_a_thousand_copies_is_one_group():
    found = near_duplicates(quotes(*(f"{TEXT} {number}" for number in range(1000))))
    assert found.height == 999
    assert found["first"].unique().to_list() == ["q00"]


@settings(max_examples=25)
@given(st.lists(st.text(min_size=0, max_size=80), max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(texts, chance):
    frame = quotes(*texts, TEXT, f"RT {TEXT}")
    mixed = frame.sample(fraction=1, shuffle=True, seed=chance.randrange(1000))
    assert near_duplicates(frame).equals(near_duplicates(mixed))


def test_cleaning_keeps_letters_of_every_script():
    assert clean("Привет, МИР! 你好") == "привет мир 你好"


def changed(text: str, way: int, chance: random.Random) -> str:
    """Return a text as one of seven ways of reposting leaves it."""
    words = text.split()
    place = chance.randrange(len(words) + 1)
    letters = list(text)
    for _ in range(max(1, len(text) // 40)):
        letters[chance.randrange(len(letters))] = chance.choice("abcdefgh")
    return [
        f"RT @someone: {text}",
        f"{text} #wow https://t.example/{chance.randrange(10**6)}",
        text.upper(),
        f"{text[: int(len(text) * 0.8)]}…",
        " ".join([*words[:place], "de", *words[place:]]),
        "".join(letters),
        f"!!! {text} 😂",
    ][way]


@pytest.mark.skipif(not (SHARED / "text").is_dir(), reason="the labelled texts lie beside the project, not in it")
@pytest.mark.parametrize("language", ["en", "es", "it", "ro", "ca"])
def test_recall_is_95_percent_at_one_percent_false(language):
    with (SHARED / "text" / f"topic_{language}_sib.tsv").open(encoding="utf-8", newline="") as file:
        texts = sorted({row["text"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)})
    chance = random.Random(1)
    reposted = [changed(text, number % 7, chance) for number, text in enumerate(texts)]
    found = dict(near_duplicates(quotes(*texts, *reposted)).select("quote_id", "first").rows())
    ids = [f"q{n:02}" for n in range(2 * len(texts))]
    right = sum(found.get(ids[len(texts) + number]) == ids[number] for number in range(len(texts)))
    false = sum(ids[number] in found for number in range(len(texts)))
    assert right / len(texts) >= 0.95
    assert false / len(texts) <= 0.01
