"""Themes: the same for the same texts, across languages and not of them, with names that last from wave to wave."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from conftest import ROOT
from fixtures.make_client import make_client
from sklearn.metrics import adjusted_rand_score

from cjtools.errors import ClientError
from cjtools.settings import LANGUAGES
from cjtools.text.theme_file import FILE, Theme, Themes, load_themes, save_themes
from cjtools.text.themes import as_codings, centre, find_themes, matched

SUBJECTS = ("purchase", "advocacy")
EACH = 20


def sentences(*, after: int = 0) -> pl.DataFrame:
    """Return twenty sentences a language on paying, and twenty on recommending, by another person each."""
    rows = []
    for language in LANGUAGES:
        path = ROOT / "cjtools" / "text" / "sentences" / f"{language}.tsv"
        lines = [line.split("\t") for line in path.read_text("utf-8").split("\n")[1:] if line]
        for subject in SUBJECTS:
            texts = [line[0] for line in lines if line[2] == subject][after : after + EACH]
            rows += [(f"{subject}-{language}-{after + place:02}", text, language) for place, text in enumerate(texts)]
    frame = pl.DataFrame(rows, schema=["quote_id", "text", "language"], orient="row")
    return frame.with_columns(person=pl.col("quote_id"))


@pytest.fixture(scope="module")
def first() -> Themes:
    return find_themes(sentences(), count=len(SUBJECTS))


def likeness_to(themes: Themes, part: int) -> float:
    """Return how far themes are the same division as a part of the ids: 0 the subject, 1 the language."""
    rows = themes.rows.drop_nulls("theme")
    parts = [name.split("-")[part] for name in rows["quote_id"]]
    return float(adjusted_rand_score(parts, rows["theme"].to_list()))


def test_themes_are_subjects_and_not_languages(first):
    assert likeness_to(first, 0) > 0.6
    assert likeness_to(first, 1) < 0.05
    spoken = first.rows.drop_nulls("theme").with_columns(language=pl.col("quote_id").str.split("-").list.get(1))
    assert set(spoken.group_by("theme").agg(pl.col("language").n_unique())["language"]) == {len(LANGUAGES)}


def test_the_mean_of_a_language_is_taken_away_and_that_of_all_from_a_rare_one():
    chance = np.random.default_rng(3)
    offset = {"ca": 5.0, "es": -5.0}
    languages = ["ca"] * 20 + ["es"] * 20 + ["ro"]
    vectors = chance.normal(size=(41, 8)) + np.array([[offset.get(each, 0.0)] for each in languages])
    moved = centre(vectors, languages)
    assert np.abs(moved[:20].mean() - moved[20:40].mean()) < 0.1
    assert np.allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-5)


def test_the_same_texts_give_the_same_themes_in_any_order(first):
    again = find_themes(sentences().sample(fraction=1, shuffle=True, seed=7), count=len(SUBJECTS))
    assert again.rows.equals(first.rows)
    assert [theme.id for theme in again.themes] == [theme.id for theme in first.themes]
    assert [dict(theme.label) for theme in again.themes] == [dict(theme.label) for theme in first.themes]
    assert again.stability == first.stability


def test_another_wave_on_the_same_subjects_keeps_ids_and_an_edited_label(first, tmp_path):
    client = make_client(tmp_path)
    path = save_themes(client, first)
    told = json.loads(path.read_text("utf-8"))
    told["themes"][0]["label"]["ca"] = "Com es paga"
    # As some editors write it, with a mark at the beginning.
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8-sig")
    later = find_themes(sentences(after=EACH), count=len(SUBJECTS), previous=load_themes(client, encoder="small"))
    assert {theme.id for theme in later.themes} == {theme.id for theme in first.themes}
    labels = {theme.id: theme.label["ca"] for theme in later.themes}
    assert labels[told["themes"][0]["id"]] == "Com es paga"


def test_the_file_gives_back_the_themes_and_none_to_another_encoder(first, tmp_path):
    client = make_client(tmp_path)
    assert load_themes(client, encoder="small") == ()
    save_themes(client, first)
    back = load_themes(client, encoder="small")
    assert [(theme.id, theme.people) for theme in back] == [(theme.id, theme.people) for theme in first.themes]
    assert load_themes(client, encoder="e5") == ()


class Planted:
    """An encoder that knows the first word of a text and little else."""

    name, fingerprint, size = "planted", "0", 64

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), self.size))
        for row, text in zip(rows, texts, strict=True):
            row[zlib.crc32(text.split()[0].encode()) % self.size] = 1
            row += 0.01 * np.random.default_rng(zlib.crc32(text.encode())).normal(size=self.size)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def planted(*words: tuple[str, int, int]) -> pl.DataFrame:
    """Return texts that begin with a word: so many texts of it, by so many people."""
    rows = [
        (f"{word}{n}", f"{word} número {n}", "ca", f"{word}-{n % people}")
        for word, texts, people in words
        for n in range(texts)
    ]
    return pl.DataFrame(rows, schema=["quote_id", "text", "language", "person"], orient="row")


def test_a_text_that_is_like_no_theme_has_none_and_counts_for_none():
    strays = (("rar", 1, 1), ("sol", 1, 1), ("lluny", 1, 1))
    found = find_themes(planted(("cua", 15, 9), ("preu", 15, 9), *strays), encoder=Planted(), count=2)
    without = found.rows.filter(pl.col("theme").is_null())["quote_id"].to_list()
    assert without == ["lluny0", "rar0", "sol0"]
    assert [(theme.quotes, theme.people) for theme in found.themes] == [(15, 9), (15, 9)]
    codes = as_codings(found)
    assert codes.height == 30
    assert not codes["accepted"].any()


def test_a_theme_of_fewer_people_than_may_be_shown_is_none():
    found = find_themes(planted(("cua", 15, 9), ("preu", 15, 2)), encoder=Planted(), count=2, minimum=3)
    assert [theme.people for theme in found.themes] == [9]
    assert set(found.rows.drop_nulls("theme")["quote_id"].str.slice(0, 3)) == {"cua"}


def test_the_number_of_themes_is_the_one_whose_groups_come_back():
    found = find_themes(planted(*((word, 12, 12) for word in ("cua", "preu", "caixa", "web"))), encoder=Planted())
    assert (len(found.themes), found.stability) == (4, 1.0)
    assert len({theme.id for theme in found.themes}) == 4


def test_themes_match_one_to_one_and_only_where_they_are_alike():
    def theme(name: str, *values: float) -> Theme:
        return Theme(name, {}, 3, 3, np.array(values) / np.linalg.norm(values))

    before = [theme("one", 1, 0, 0), theme("two", 0, 1, 0), theme("short", 1, 0)]
    found = [theme("", 0.1, 1, 0), theme("", 0, 0.9, 0.1), theme("", 0, 0, 1)]
    # The first is likest to "two" too, but leans to "one" a little: in all this is the likest.
    assert matched(found, before) == {1: 1}
    assert matched(found, []) == matched([], before) == {}


ROW = {"id": "a", "label": {"ca": "x"}, "people": 3, "centre": [1.0, 0.0]}
BROKEN = (
    "",
    "{",
    "[]",
    "[" * 100_000,
    '{"encoder": "small"}',
    json.dumps({"themes": [ROW]}),
    json.dumps({"encoder": "small", "themes": [{"id": "a"}]}),
    json.dumps({"encoder": "small", "themes": [{**ROW, "label": "x"}]}),
    json.dumps({"encoder": "small", "themes": [{**ROW, "people": None}]}),
    json.dumps({"encoder": "small", "themes": [{**ROW, "centre": [float("nan"), 1.0]}]}),
    json.dumps({"encoder": "small", "themes": [{**ROW, "centre": [[1.0], [0.0]]}]}),
    json.dumps({"encoder": "small", "themes": [ROW, ROW]}),
)


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_of_themes_is_a_fault(tmp_path, text):
    client = make_client(tmp_path, themes__json=text)
    with pytest.raises(ClientError, match=FILE) as caught:
        load_themes(client, encoder="small")
    assert all(fault.where == FILE for fault in caught.value.faults)
