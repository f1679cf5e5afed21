"""Posts and comments: what counts as a voice, JSON of any shape, files without a header, the tools' exports."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.make_workbook import make_workbook, table
from fixtures.social import FORMATS, HEAD, SOCIAL, TABLE, client, flags, needs_samples, read
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.errors import SourceError
from cjtools.settings import SourceSection
from cjtools.sources.kinds.mentions import looks_double_encoded
from cjtools.sources.opening.files import Opened
from cjtools.sources.parsing.languages import name_code
from cjtools.sources.readers import (
    reddit,
)
from cjtools.sources.readers.posts import Format, read_posts

# ---- what counts as a voice ----


def test_the_brands_own_accounts_are_no_voices(tmp_path: Path) -> None:
    rows = "1,2026-05-01,Molt car,anna\n2,2026-05-01,Ho mirem,@Acme\n3,2026-05-02,Oferta!,acme_shop\n"
    told = make_client(tmp_path, TABLE % 'own_accounts = ["ACME", "@acme_shop"]', posts__csv=HEAD + rows)
    tables = cj.read_sources(told)
    assert tables.quotes["speaker_role"].to_list() == ["author", "brand", "brand"]
    assert flags(tables) == ["brand_posts:2"]
    evidence = cj.gather_evidence(tables, client=told, wave=told.wave).evidence
    assert evidence["text"].to_list() == ["Molt car"]


def test_own_accounts_need_an_author(tmp_path: Path) -> None:
    toml = (TABLE % 'own_accounts = ["acme"]').replace('author = "who"\n', "")
    assert faults_of(make_client(tmp_path, toml, posts__csv=HEAD + "1,2026-05-01,a,b\n")) == [
        "client.toml, source 's', own_accounts: no author to compare them with; map author"
    ]


def test_a_row_may_say_itself_why_it_is_left_out(tmp_path: Path) -> None:
    toml = TABLE % "" + 'left_out = "state"\n'
    rows = "1,2026-05-01,a,b,\n2,2026-05-01,c,d,Direct message\n3,,,,deleted\n"
    tables = cj.read_sources(make_client(tmp_path, toml, posts__csv="id,date,text,who,state\n" + rows))
    assert tables.left_out.select("source_row", "fate", "why").rows() == [
        (3, "rejected", "direct_message"),
        (4, "rejected", "deleted"),
    ]


def test_a_review_has_its_title_and_a_mention_only_where_it_has_no_text(tmp_path: Path) -> None:
    rows = "1,2026-05-01,,b,Bo\n2,2026-05-01,Arriba tard,d,Dolent\n3,2026-05-01,Car i lent,e,Car\n"
    toml = TABLE % "" + 'title = "title"\n'
    text = "id,date,text,who,title\n" + rows
    mentions = cj.read_sources(make_client(tmp_path, toml, posts__csv=text)).quotes["text"].to_list()
    reviews = toml.replace("mentions", "reviews")
    assert mentions == ["Bo", "Arriba tard", "Car i lent"]
    assert cj.read_sources(make_client(tmp_path, reviews, posts__csv=text)).quotes["text"].to_list() == [
        "Bo",
        "Dolent\nArriba tard",
        "Car i lent",
    ]


def test_of_an_id_that_was_edited_the_newest_version_stays(tmp_path: Path) -> None:
    toml = TABLE % "" + 'updated_at = "edited"\n'
    rows = "1,2026-05-01,vell,a,\n1,2026-05-01,nou,a,2026-05-03\n1,2026-05-01,mig,a,2026-05-02\n2,2026-05-01,b,b,\n"
    tables = cj.read_sources(make_client(tmp_path, toml, posts__csv="id,date,text,who,edited\n" + rows))
    assert tables.quotes["text"].to_list() == ["nou", "b"]
    assert tables.left_out["why"].to_list() == ["earlier_version", "earlier_version"]


def test_shares_of_one_post_are_known_by_its_id(tmp_path: Path) -> None:
    toml = TABLE % "" + 'shared_id = "of"\n'
    rows = (
        "9,2026-05-01,El text sencer,a,\n1,2026-05-01,El text…,b,9\n2,2026-05-01,El te…,c,9\n"
        "3,2026-05-01,Un altre,d,7\n4,2026-05-01,Un altre…,e,7\n"
    )
    quotes = cj.read_sources(make_client(tmp_path, toml, posts__csv="id,date,text,who,of\n" + rows)).quotes
    original = quotes["quote_id"][0]
    assert quotes["repost_of"].to_list()[:3] == [None, original, original]
    assert quotes["repost_of"][3] == quotes["repost_of"][4]
    assert quotes["repost_of"][3].startswith("share-")


def test_a_source_without_dates_says_its_period(tmp_path: Path) -> None:
    toml = (TABLE % "period = { from = 2026-02-01, to = 2026-02-28 }").replace('said_at = "date"\n', "")
    tables = cj.read_sources(make_client(tmp_path, toml, posts__csv="id,text,who\n1,a,b\n2,a,b\n"))
    assert tables.quotes.select("said_at", "time_precision", "local_date").rows() == [
        (None, "unknown", dt.date(2026, 2, 1))
    ]
    assert tables.left_out["why"].to_list() == ["same_author_text_day"]


def test_a_source_without_dates_and_period_says_what_to_add(tmp_path: Path) -> None:
    toml = (TABLE % "").replace('said_at = "date"\n', "")
    (told,) = faults_of(make_client(tmp_path, toml, posts__csv="id,text,who\n1,a,b\n"))
    assert told == (
        "client.toml, source 's', mapping: said_at is missing; add said_at = \"the column's name\", or to the source "
        "period = { from = 2026-01-01, to = 2026-03-31 }"
    )


def test_ids_lose_the_marks_that_are_not_seen_and_it_is_told(tmp_path: Path) -> None:
    rows = "1,2026-05-01,Hola,P\u200b01\n2,2026-05-01,hola,P01\n3,2026-05-01,adeu,\u202eP01\u00ad\n"
    tables = cj.read_sources(make_client(tmp_path, TABLE % "", posts__csv=HEAD + rows))
    assert tables.quotes["author_hash"].n_unique() == 1
    assert flags(tables) == ["same_author_text_day:1", "unseen_characters:2"]


@pytest.mark.parametrize(
    ("text", "twice"),
    [
        ("JosÃ© no encontrÃ³ la opciÃ³n", True),
        ("ÈÃ¨ giÃ\xa0", True),
        ("DÄƒ-mi È™i mie", True),
        ("Î±Î²Î³", True),
        ("café à la carte", False),
        ("«È vero», ha detto Ñoño", False),
        ("ÂNGELA ÃO", False),
        ("日本語 😀", False),
    ],
)
def test_texts_that_were_encoded_twice_are_told_of_and_not_changed(tmp_path: Path, text: str, twice: bool) -> None:
    assert looks_double_encoded(pl.Series([text])).to_list() == [twice]
    tables = cj.read_sources(make_client(tmp_path, TABLE % "", posts__csv=HEAD + f'1,2026-05-01,"{text}",a\n'))
    assert tables.quotes["text"].to_list() == [text.strip("\xa0")]
    assert ("looks_double_encoded:1" in flags(tables)) is twice


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Catalan", "ca"),
        ("catalán", "ca"),
        ("Rumano", "ro"),
        ("engleză", "en"),
        ("Castellano", "es"),
        ("Chinese Simplified", "zh"),
        ("Portuguese (Brazil)", "pt"),
        ("Unknown", None),
    ],
)
def test_languages_are_known_by_their_names_in_five_languages(name: str, code: str | None) -> None:
    assert name_code(name) == code


def test_ids_that_a_spreadsheet_cut_are_refused_as_ids_and_the_rest_can_be_read(tmp_path: Path) -> None:
    text = (
        "tweet_id,airline_sentiment,name,text,tweet_created\n"
        "5.70306E+17,neutral,cairdin,@Air què dius?,2/24/2015 11:35\n"
        "5.70301E+17,positive,jnardino,@Air gràcies,2/24/2015 9:15\n"
    )
    toml = """
[[sources]]
id = "s"
path = "posts.csv"
format = "table"
kind = "mentions"
timezone = "UTC"
date_format = "%m/%d/%Y %H:%M"
[sources.mapping]
said_at = "tweet_created"
text = "text"
author = "name"
sentiment = "airline_sentiment"
"""
    cut = "is not an id; an id; a spreadsheet has cut this one's digits"
    assert faults_of(make_client(tmp_path, toml + 'mention_id = "tweet_id"\n', posts__csv=text)) == [
        f"posts.csv line 2, column 'tweet_id': '5.70306E+17' {cut}",
        f"posts.csv line 3, column 'tweet_id': '5.70301E+17' {cut}",
    ]
    quotes = cj.read_sources(make_client(tmp_path, toml, posts__csv=text)).quotes
    assert quotes["sentiment"].to_list() == [0.0, 1.0]
    assert quotes["said_at"].dt.hour().to_list() == [11, 9]


# ---- JSON ----


def test_one_broken_line_of_json_lines_is_named(tmp_path: Path) -> None:
    text = '{"id":"1","date":"2026-05-01","text":"a"}\n{"id":"2","text":"b"\n{"id":"3","text":"c"}\n[4]\n'
    toml = (TABLE % "").replace("posts.csv", "posts.jsonl").replace('author = "who"\n', "")
    assert faults_of(make_client(tmp_path, toml, posts__jsonl=text)) == [
        """posts.jsonl line 2: not valid JSON ("Expecting ',' delimiter"); one object a line"""
    ]


def test_json_that_is_broken_as_a_whole_is_one_fault(tmp_path: Path) -> None:
    toml = (TABLE % "").replace("posts.csv", "posts.json")
    assert faults_of(make_client(tmp_path, toml, posts__json='{\n "data": [\n  {"id": 1,}\n ]\n}')) == [
        "posts.json line 3: not valid JSON ('Expecting property name enclosed in double quotes'); a list of objects"
    ]
    assert faults_of(make_client(tmp_path, toml, posts__json="[" * 100_000 + "]" * 100_000)) == [
        "posts.json: lists within lists, too deep to be read; a list of objects"
    ]


def test_half_characters_become_the_mark_of_a_broken_one_and_are_told_of(tmp_path: Path) -> None:
    toml = (TABLE % "").replace("posts.csv", "posts.jsonl")
    text = '{"id":"1","date":"2026-05-01","text":"\\ud83d tallat","who":"a"}\n'
    tables = cj.read_sources(make_client(tmp_path, toml, posts__jsonl=text))
    assert tables.quotes["text"].to_list() == ["\ufffd tallat"]
    assert flags(tables) == ["broken_characters:1"]


def test_an_id_with_other_words_is_named_by_its_record(tmp_path: Path) -> None:
    toml = (TABLE % "").replace("posts.csv", "posts.json")
    rows = [{"id": "1", "date": "2026-05-01", "text": text, "who": "a"} for text in ("un", "dos")]
    assert faults_of(make_client(tmp_path, toml, posts__json=json.dumps(rows))) == [
        "posts.json record 2: id '1' is also in posts.json record 1, with another text; one id for each mention"
    ]


def test_a_format_of_posts_takes_no_mapping_and_no_other_kind(tmp_path: Path) -> None:
    keys = 'kind = "reviews"\n[sources.mapping]\ntext = "content"\n'
    assert faults_of(client(tmp_path, "mastodon", [], keys)) == [
        "client.toml, source 's', kind: mastodon are mentions, not reviews; take it away",
        "client.toml, source 's', mapping: mastodon needs none; take it away, or use format = \"table\"",
    ]


def test_what_is_no_json_of_the_tool_is_refused_in_words(tmp_path: Path) -> None:
    assert faults_of(client(tmp_path, "mastodon", "a,b\n1,2\n", name="posts.csv")) == [
        'posts.csv: this is no JSON; the JSON of mastodon; or format = "table" with a mapping'
    ]
    assert faults_of(client(tmp_path, "mastodon", ["one", "two"])) == [
        "posts.json: not as mastodon writes it ('str' object has no attribute 'get'); export it again"
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 2**60) | st.text(max_size=6) | st.just("2026-05-01T10:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([
        "data", "posts", "feed", "thread", "post", "record", "replies", "children", "kind", "body", "title", "author",
        "reblog", "account", "content", "visibility", "id", "uri", "created_at", "created_utc", "items", "snippet",
        "topLevelComment", "comments", "reviews", "reviewer", "starRating", "comment", "string_map_data", "media",
        "timestamp", "message", "from", "paging", "includes", "users", "referenced_tweets", "id_str", "user", "langs",
        "indexedAt", "createdAt", "text", "reason", "by", "edited", "likes", "statuses", "timestamp_ms", "sender_name",
    ]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@settings(deadline=None, max_examples=60)
@given(value=JSON)
def test_no_json_breaks_a_reader_of_posts(form: Format, value: Any) -> None:
    section = SourceSection(id="s", path="posts.json", kind=form.kind)
    try:
        sheet = read_posts(form, Opened("posts.json", json.dumps(value).encode(), ""), section)
    except SourceError:
        return
    assert sheet.rows.height == len(sheet.lines)


# ---- files without a header ----


@needs_samples
@pytest.mark.parametrize("language", ["italian", "spanish", "english"])
def test_real_texts_one_a_line_are_read(tmp_path: Path, language: str) -> None:
    data = (SOCIAL / "tweets_it_es_en_labelled" / f"{language}_val_text.txt").read_bytes()
    toml = """
[[sources]]
id = "s"
path = "posts.txt"
format = "table"
kind = "mentions"
columns = ["text"]
period = { from = 2026-01-01, to = 2026-12-31 }
[sources.mapping]
text = "text"
"""
    tables = cj.read_sources(make_client(tmp_path, toml, posts__txt=data))
    assert tables.quotes["text"].to_list() == [line.strip() for line in data.decode().split("\n") if line.strip()]
    assert tables.quotes.height == 324


@needs_samples
def test_real_posts_without_a_header_are_read_by_named_columns(tmp_path: Path) -> None:
    toml = """
[[sources]]
id = "s"
path = "posts.txt"
format = "table"
kind = "mentions"
columns = ["id", "mean", "text"]
period = { from = 2014-01-01, to = 2014-12-31 }
[sources.mapping]
mention_id = "id"
text = "text"
"""
    data = (SOCIAL / "vader_tweets_groundtruth" / "tweets_GroundTruth.txt").read_bytes()
    assert cj.read_sources(make_client(tmp_path, toml, posts__txt=data)).quotes.height == 4200


# ---- presets ----

BRANDWATCH = ["Query Id", "Query Name", "Date", "Snippet", "Full Text", "Page Type", "Author", "Resource Id",
              "Thread Entry Type", "Language", "Reach (new)"]  # fmt: skip


def test_brandwatch_is_read_from_a_workbook_below_its_metadata(tmp_path: Path) -> None:
    post = ["2026-05-04 09:12:44.0", "curt", "Un text sencer", "twitter", "anna", "11", "post", "ca", "7"]
    reply = ["2026-05-04 10:00:00.0", "només el principi", "", "twitter", "bob", "12", "reply", "", ""]
    below = [BRANDWATCH, ["1", "Acme", *post], ["2", "Altres", *post], ["1", "Acme", *reply]]
    rows = [["Report:", "Acme"], ["From:", "1 May"], [], *below]
    data = make_workbook(("Notes", "hidden", table([["x"]])), ("Mentions", "", table(rows)))
    tables = read(tmp_path, "detect", data, name="export.xlsx")
    assert tables.sources["format"].to_list() == ["brandwatch"]
    assert flags(tables) == ["hidden_sheets:1", "preamble_rows:2", "same_id:1"]
    assert tables.quotes["text"].to_list() == ["Un text sencer", "només el principi"]
    assert tables.left_out["source_row"].to_list() == [6]


def test_a_word_that_brandwatch_never_had_is_a_fault_that_says_how_to_translate_it(tmp_path: Path) -> None:
    text = ",".join(BRANDWATCH) + "\n1,Acme,2026-05-04 09:12:44.0,a,b,twitter,anna,11,livestream,ca,7\n"
    assert faults_of(client(tmp_path, "brandwatch", text, name="export.csv")) == [
        (
            "export.csv line 2, column 'Thread Entry Type': 'livestream' is not known here; known: post, reply, share; "
            "[sources.values] entry_type of source 's' can translate it"
        )
    ]


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("22-May-2026 09:14AM", "2026-05-22 07:14"),
        ("22-May-2026 09:14 PM", "2026-05-22 19:14"),
        ("22-May-26", "2026-05-21 22:00"),
        ("2026-05-22", "2026-05-21 22:00"),
        ("May 22, 2026", "2026-05-21 22:00"),
    ],
)
def test_meltwater_writes_its_days_in_several_ways(tmp_path: Path, date: str, said: str) -> None:
    text = (
        "Date\tURL\tInput Name\tTitle\tAuthor Handle\tOpening Text\tHit Sentence\tLanguage\tSentiment\tReach\n"
        f"{date}\thttps://a.example/1\tAcme\t\t@anna\tHola\tHola a tothom\tCatalan\tN/A\t\n"
    )
    tables = read(tmp_path, "detect", b"\xff\xfe" + text.encode("utf-16-le"), name="export.csv")
    assert tables.sources.select("format", "encoding").rows() == [("meltwater", "utf-16-le")]
    assert f"{tables.quotes['said_at'][0]:%Y-%m-%d %H:%M}" == said
    assert tables.quotes.select("text", "language", "sentiment").rows() == [("Hola a tothom", "ca", None)]


def test_a_date_that_may_be_two_days_is_never_guessed(tmp_path: Path) -> None:
    text = (
        "Date\tURL\tInput Name\tAuthor Handle\tOpening Text\tHit Sentence\n"
        "05/06/2026\thttps://a.example/1\tAcme\t@anna\tHola\tHola a tothom\n"
    )
    (told,) = faults_of(client(tmp_path, "meltwater", text, name="export.csv"))
    assert "line 2, column 'Date': '05/06/2026' is not a date" in told


def test_one_trustpilot_reads_the_table_and_the_json(tmp_path: Path) -> None:
    told = {"id": "r1", "consumer": {"id": "c1", "displayName": "Anna"}, "createdAt": "2026-05-01T10:00:00Z"}
    said = {"stars": 3, "title": "Així així", "text": "Ni fu ni fa", "language": "ca", "companyReply": None}
    value = {"reviews": [{**told, **said}]}
    quotes = read(tmp_path, "detect", value).quotes
    assert quotes.select("text", "rating", "language").rows() == [("Així així\nNi fu ni fa", 0.5, "ca")]


def test_find_counts_only_what_happened() -> None:
    notes: Counter[str] = Counter()
    assert list(reddit.find([(0, {"kind": "Listing", "data": {"children": []}})], notes)) == []
    assert not notes
