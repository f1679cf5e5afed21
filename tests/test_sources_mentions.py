"""Mentions and reviews: whose voice counts, copies and shares, sentiment, ratings on their scale."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from fixtures.kinds import read, source
from fixtures.make_client import faults_of, make_client

from cjtools.privacy import pseudonym
from cjtools.sources.kinds.mentions import clean_text

MENTIONS = source(
    "mentions",
    """
[sources.mapping]
mention_id = "id"
said_at = "date"
text = "text"
author = "who"
language = "lang"
sentiment = "feel"
entry_type = "type"
reach = "reach"
""",
)
HEAD = "id,date,text,who,lang,feel,type,reach\n"


def test_a_mention_becomes_a_quote(tmp_path: Path) -> None:
    tables = read(tmp_path, MENTIONS, HEAD + "m1,2026-05-01 10:00,Massa car,@anna,CA,Negatiu,post,120\n")
    row = tables.quotes.row(0, named=True)
    assert row["quote_id"].startswith("m")
    expected = {
        "kind": "mention",
        "text": "Massa car",
        "language": "ca",
        "sentiment": -1.0,
        "sentiment_method": "source",
        "reach": 120,
        "speaker_role": "author",
    }
    assert {key: row[key] for key in expected} == expected
    assert row["author_hash"] == pseudonym("@anna", salt="acme")
    assert (row["verbatim"], row["consent_to_quote"], row["time_precision"]) == (True, False, "minute")


@pytest.mark.parametrize(
    ("word", "value"), [("positiu", 1.0), ("Neutro", 0.0), ("negativ", -1.0), ("0.5", 0.5), ("", None)]
)
def test_sentiment_is_a_word_of_five_languages_or_a_number(tmp_path: Path, word: str, value: float | None) -> None:
    assert read(tmp_path, MENTIONS, HEAD + f"m1,2026-05-01,a,b,ca,{word},post,\n").quotes["sentiment"].to_list() == [
        value
    ]


def test_unknown_words_are_faults_that_say_how_to_translate_them(tmp_path: Path) -> None:
    client = make_client(tmp_path, MENTIONS, s__csv=HEAD + "m1,2026-05-01,a,b,not sure,mixed,story,-1\n")
    assert faults_of(client) == [
        (
            "s.csv line 2, column 'lang': 'not sure' is not a language; a language, such as ca or Catalan; "
            "[sources.values] language of source 's' can translate it"
        ),
        (
            "s.csv line 2, column 'feel': 'mixed' is not a sentiment; positive, neutral, negative, or -1 to 1; "
            "[sources.values] sentiment of source 's' can translate it"
        ),
        (
            "s.csv line 2, column 'type': 'story' is not known here; known: post, reply, share; "
            "[sources.values] entry_type of source 's' can translate it"
        ),
        (
            "s.csv line 2, column 'reach': '-1' is not a whole number; a whole number, 0 or more with decimal '.'; "
            'decimal = "," or "." says which mark is which'
        ),
    ]


def test_values_translate_and_an_unlisted_value_is_a_fault(tmp_path: Path) -> None:
    toml = MENTIONS + '[sources.values]\nsentiment = { mixed = "neutral", "" = "", unrated = "" }\n'
    rows = "m1,2026-05-01,a,b,ca,mixed,post,\nm2,2026-05-01,c,d,ca,unrated,post,\nm3,2026-05-01,c,e,ca,,post,\n"
    assert read(tmp_path, toml, HEAD + rows).quotes["sentiment"].to_list() == [0.0, None, None]
    client = make_client(tmp_path, toml, s__csv=HEAD + "m1,2026-05-01,a,b,ca,mixd,post,\n")
    assert faults_of(client) == [
        "s.csv line 2, column 'feel': 'mixd' is not in values.sentiment; did you mean 'mixed'?"
    ]


def test_the_same_voice_with_the_same_words_on_the_same_day_counts_once(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        MENTIONS,
        HEAD
        + "m1,2026-05-01 10:00,Massa CAR! https://t.co/1 @botiga,anna,ca,,post,\n"
        + "m2,2026-05-01 09:00,massa càr!  https://t.co/2,anna,ca,,post,\n"
        + "m3,2026-05-02 09:00,massa car!,anna,ca,,post,\n"
        + "m4,2026-05-01 10:00,massa car!,berta,ca,,post,\n"
        + "m5,2026-05-01 10:00,massa car!,,ca,,post,\n"
        + "m6,2026-05-01 10:00,massa car!,,ca,,post,\n",
    )
    assert tables.quotes["source_row"].to_list() == [3, 4, 5, 6, 7]
    assert tables.sources.select("rows_in", "rows_used", "rows_merged", "flags").row(0) == (
        6,
        5,
        1,
        ["same_author_text_day:1"],
    )


def test_the_same_id_again_is_merged_and_with_other_words_a_fault(tmp_path: Path) -> None:
    same = "m1,2026-05-01,a,b,ca,,post,1\n"
    assert read(tmp_path, MENTIONS, HEAD + same + same.replace("post,1", "post,2")).sources[
        "rows_merged"
    ].to_list() == [1]
    client = make_client(tmp_path, MENTIONS, s__csv=HEAD + same + "m1,2026-05-01,other,b,ca,,post,\n")
    assert faults_of(client) == [
        "s.csv line 3: id 'm1' is also in s.csv line 2, with another text; one id for each mention"
    ]


def test_a_share_is_reach_and_names_the_quote_that_it_repeats(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        MENTIONS,
        HEAD
        + "m1,2026-05-01,Molt bé,anna,ca,,post,\n"
        + "m2,2026-05-02,RT @anna: Molt bé,berta,ca,,,\n"
        + "m3,2026-05-02,molt bé,carla,ca,,retweet,\n"
        + "m4,2026-05-02,lost,dora,ca,,share,\n"
        + "m5,2026-05-02,lost,eva,ca,,share,\n",
    )
    first, *shares = tables.quotes["repost_of"].to_list()
    assert first is None
    assert shares[:2] == [tables.quotes["quote_id"][0]] * 2
    assert shares[2] == shares[3]
    assert shares[2].startswith("share-")


def test_rows_without_a_day_or_without_words_are_left_out_and_counted(tmp_path: Path) -> None:
    tables = read(
        tmp_path, MENTIONS, HEAD + "m1,,a,b,ca,,post,\nm2,2026-05-01,,b,ca,,post,\nm3,2026-05-01,c,b,und,,post,\n"
    )
    assert tables.quotes["language"].to_list() == [None]
    assert tables.sources.select("rows_in", "rows_used", "rows_rejected", "flags").row(0) == (
        3,
        1,
        2,
        ["no_said_at:1", "no_text:1"],
    )


def test_control_characters_are_taken_out_and_double_encoding_is_flagged(tmp_path: Path) -> None:
    tables = read(tmp_path, MENTIONS, HEAD + "m1,2026-05-01,a\x1b[31mb,x,ca,,post,\nm2,2026-05-01,botÃ³n,y,ca,,post,\n")
    assert tables.quotes["text"].to_list() == ["a[31mb", "botÃ³n"]
    assert tables.sources["flags"].to_list() == [["control_characters:1", "looks_double_encoded:1"]]


@pytest.mark.parametrize(("consent", "quoted"), [("", False), ("public", True), ("report", True), ("internal", False)])
def test_public_words_may_be_quoted_only_where_client_toml_says_so(tmp_path: Path, consent: str, quoted: bool) -> None:
    toml = MENTIONS.replace('kind = "mentions"', f'kind = "mentions"\nconsent = "{consent}"')
    assert read(tmp_path, toml, HEAD + "m1,2026-05-01,a,b,ca,,post,\n").quotes["consent_to_quote"].to_list() == [quoted]


def test_the_declared_touchpoint_codes_every_mention_of_a_source(tmp_path: Path) -> None:
    toml = MENTIONS.replace('kind = "mentions"', 'kind = "mentions"\ntouchpoint = "website"')
    tables = read(tmp_path, toml, HEAD + "m1,2026-05-01,a,b,ca,,post,\n")
    assert tables.codings.select("kind", "code", "coder", "method").rows() == [
        ("touchpoint", "website", "client.toml", "rule")
    ]


def test_clean_texts_leave_out_links_names_case_and_accents() -> None:
    frame = pl.DataFrame({"t": ["RT @a_b: És  CAR https://x.y/z @c", "es car", "www.x.com", "@a"]})
    assert frame.select(clean_text(pl.col("t")))["t"].to_list() == ["es car", "es car", "", ""]


REVIEWS = source("reviews", 'rating_scale = [1, 5]\n[sources.mapping]\nsaid_at = "d"\nauthor = "a"\nrating = "stars"\n')


def test_stars_without_words_are_reviews(tmp_path: Path) -> None:
    tables = read(
        tmp_path, REVIEWS, "d,a,stars,shop\n2026-05-01,x,5,1\n2026-05-01,x,2,2\n2026-05-01,x,2,2\n2026-05-01,y,,1\n"
    )
    assert tables.quotes.select("kind", "text", "rating", "rating_raw", "rating_scale").rows() == [
        ("review", "", 1.0, "5", "1-5"),
        ("review", "", 0.25, "2", "1-5"),
    ]
    assert tables.sources.select("rows_merged", "rows_rejected").row(0) == (1, 1)


def test_a_rating_needs_its_scale_and_stays_on_it(tmp_path: Path) -> None:
    no_scale = make_client(tmp_path, REVIEWS.replace("rating_scale = [1, 5]\n", ""), s__csv="d,a,stars\n")
    assert faults_of(no_scale) == ["client.toml, source 's': a rating without its scale; add rating_scale = [1, 5]"]
    off = make_client(tmp_path, REVIEWS, s__csv="d,a,stars\n2026-05-01,x,0\n")
    assert faults_of(off) == ["s.csv line 2, column 'stars': '0' is not a number; a number from 1 to 5"]
