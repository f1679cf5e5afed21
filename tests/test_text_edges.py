"""What is done with texts when there are none, one, all alike, or nothing known of them but their words."""

from __future__ import annotations

import datetime as dt
import warnings

import polars as pl
import pytest
from fixtures.make_client import make_client

import cjtools as cj
from cjtools.tables import Coding
from cjtools.text.brands import find_brands, find_questions
from cjtools.text.codebook import load_codebook

SHAPE = {
    "quote_id": pl.String,
    "doc_id": pl.String,
    "text": pl.String,
    "language": pl.String,
    "person": pl.String,
    "said_at": pl.Datetime("us", "UTC"),
}
# Columns that hold nothing, as a frame made by hand has them.
BARE = {**SHAPE, "language": pl.Null, "person": pl.Null, "said_at": pl.Null}
MANY = 40
LONG = "La cua era massa llarga a la botiga del centre"
NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


def texts(*said: str, language: str | None = "ca", people: bool = True, shape: dict = SHAPE) -> pl.DataFrame:
    rows = [
        (f"q{n:02}", f"d{n % 3}", text, language, f"p{n}" if people else None, None if shape is BARE else NOON)
        for n, text in enumerate(said)
    ]
    return pl.DataFrame(rows, schema=shape, orient="row")


VARIED = [f"La cua {n} era llarga i el preu era de {n * 7} euros" for n in range(MANY)]
CASES = {
    "none": texts(),
    "none, bare": texts(shape=BARE),
    "one": texts(LONG),
    "without words": texts(*[""] * MANY),
    "marks": texts(*["?!", "…", "😀", "\x00"] * 10),
    "no language": texts(*VARIED, language=None),
    "nothing known": texts(*VARIED, language=None, people=False, shape=BARE),
    "one language": texts(*VARIED),
    "all alike": texts(*[LONG] * MANY),
    "two texts": texts(*[LONG, "El preu és massa alt per a mi"] * (MANY // 2)),
    "nobody": texts(*VARIED, people=False),
    "other language": texts(*VARIED, language="other"),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> cj.Client:
    book = '[[codes]]\nid = "price"\nkind = "factor"\n[[codes]]\nid = "wait"\nkind = "factor"\nexamples = ["cua"]\n'
    return make_client(tmp_path_factory.mktemp("acme"), codebook__toml=book)


@pytest.fixture(autouse=True)
def no_warning():
    """A warning of numpy is a number that nobody wanted."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


@pytest.fixture(params=CASES)
def case(request) -> pl.DataFrame:
    return CASES[request.param]


@pytest.mark.parametrize("count", [None, 1, 3, 500])
def test_themes(case, count):
    found = cj.find_themes(case, count=count)
    assert found.rows["quote_id"].to_list() == case["quote_id"].to_list()
    assert not found.rows["likeness"].is_nan().any()
    assert {theme.id for theme in found.themes} == set(found.rows["theme"].drop_nulls())
    assert all(theme.people >= 3 for theme in found.themes)


def test_themes_of_nobody_are_none_and_of_two_texts_two():
    assert cj.find_themes(CASES["nobody"]).themes == ()
    assert [theme.people for theme in cj.find_themes(CASES["two texts"]).themes] == [20, 20]


@pytest.mark.parametrize("kind", ["stage", "type", "factor"])
def test_suggestions(case, client, kind):
    codings = Coding.create_empty()
    found = cj.suggest_codes(case, kind=kind, client=client, codings=codings, book=load_codebook(client))
    known = case.filter(pl.col("language") == "ca") if case["language"].dtype == pl.String else case.clear()
    assert found.rows["quote_id"].to_list() == known["quote_id"].to_list()
    assert (found.codes, found.agreement, found.accepted) == (0, None, False)


def test_suggestions_of_a_kind_without_codes_are_none(tmp_path):
    codings = Coding.create_empty()
    found = cj.suggest_codes(CASES["one"], kind="factor", client=make_client(tmp_path), codings=codings)
    assert found.rows.is_empty()


def test_near_duplicates(case):
    found = cj.near_duplicates(case)
    assert set(found["first"]) <= set(case["quote_id"])
    assert not set(found["first"]) & set(found["quote_id"])


def test_all_texts_alike_are_copies_of_one():
    found = cj.near_duplicates(CASES["all alike"])
    assert found.height == MANY - 1
    assert found["first"].unique().to_list() == ["q00"]
    assert found["similarity"].unique().to_list() == [1.0]


@pytest.mark.parametrize("lexicon_only", [True, False])
def test_sentiment(case, lexicon_only):
    found = cj.score_sentiment(case, lexicon_only=lexicon_only)
    assert found["quote_id"].to_list() == case["quote_id"].to_list()
    known = pl.Series([language == "ca" for language in case["language"]], dtype=pl.Boolean)
    assert (found["sentiment"].is_not_null() == known).all()


def test_languages(case):
    found = cj.detect_languages(case)
    assert found["quote_id"].to_list() == case["quote_id"].to_list()
    assert cj.detect_languages(case, given={"q00": "it"})["basis"].to_list()[:1] == ["person"][: case.height]


def test_brands_and_questions(case):
    assert find_brands(case, brand=["Cua"], competitors={"other": ["Preu"]})["times"].sum() >= 0
    assert find_questions(case)["quote_id"].to_list() == case["quote_id"].to_list()
