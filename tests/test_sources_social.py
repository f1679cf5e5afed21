"""Posts and reviews: what counts as a voice, what the tools' exports do to it, and what is left out with a reason."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import SHARED
from fixtures.make_client import faults_of, make_client
from fixtures.make_workbook import make_workbook, table
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.errors import SourceError
from cjtools.settings import SourceSection
from cjtools.sources.kinds.mentions import looks_double_encoded
from cjtools.sources.opening.files import Opened
from cjtools.sources.parsing.languages import name_code
from cjtools.sources.readers import (
    bluesky,
    google_business,
    mastodon,
    meta_export,
    meta_graph,
    reddit,
    x_api,
    youtube,
)
from cjtools.sources.readers.posts import Format, read_posts

SOCIAL = SHARED / "samples" / "social"
REVIEWS = SHARED / "samples" / "reviews"
FORMATS = [module.FORMAT for module in (bluesky, google_business, mastodon, meta_export, meta_graph, reddit, x_api,
                                        youtube)]  # fmt: skip
needs_samples = pytest.mark.skipif(not SOCIAL.exists(), reason="../shared/samples is not there")

TABLE = """
[[sources]]
id = "s"
path = "posts.csv"
format = "table"
kind = "mentions"
%s
[sources.mapping]
mention_id = "id"
said_at = "date"
text = "text"
author = "who"
"""
HEAD = "id,date,text,who\n"


def read(folder: Path, form: str, value: Any, keys: str = "", name: str = "posts.json") -> cj.Tables:
    return cj.read_sources(client(folder, form, value, keys, name))


def client(folder: Path, form: str, value: Any, keys: str = "", name: str = "posts.json") -> cj.Client:
    toml = f'[[sources]]\nid = "s"\npath = "{name}"\nformat = "{form}"\n{keys}\n'
    data = value if isinstance(value, str | bytes) else json.dumps(value)
    return make_client(folder, toml, **{name.replace(".", "__"): data})


def flags(tables: cj.Tables) -> list[str]:
    return [flag for each in tables.sources["flags"] for flag in each]


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


def zipped(**files: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("___", "/").replace("__", "."), text)
    return out.getvalue()


# ---- Mastodon ----


def status(number: int, **more: Any) -> dict[str, Any]:
    account = {"acct": "anna@social.example", "uri": "https://social.example/users/anna", "bot": False}
    return {
        "id": str(number),
        "uri": f"https://social.example/statuses/{number}",
        "created_at": "2026-05-01T10:00:00.000Z",
        "visibility": "public",
        "language": "ca",
        "content": f"<p>Hola {number} &amp; adéu</p>",
        "reblog": None,
        "in_reply_to_id": None,
        "account": account,
        **more,
    }


def test_a_reblog_is_a_share_of_a_status_that_may_not_be_there(tmp_path: Path) -> None:
    other = {"acct": "bob", "url": "https://b.example/@bob"}
    quotes = read(tmp_path, "mastodon", [status(2, content="", reblog=status(1), account=other)]).quotes
    assert quotes["text"].to_list() == ["Hola 1 & adéu"]
    assert quotes["repost_of"][0].startswith("share-")


@pytest.mark.parametrize("visibility", ["private", "direct", "limited"])
def test_what_was_not_said_to_all_is_left_out_with_the_reason(tmp_path: Path, visibility: str) -> None:
    tables = read(tmp_path, "mastodon", [status(1, visibility=visibility), status(2, visibility="unlisted")])
    assert tables.left_out["why"].to_list() == [visibility]
    assert tables.quotes.height == 1


def test_searches_conversations_and_lines_are_lists_of_statuses_too(tmp_path: Path) -> None:
    reply = status(2, in_reply_to_id="1", spoiler_text="Llarg")
    for value in (
        {"accounts": [], "statuses": [status(1), reply], "hashtags": []},
        {"ancestors": [status(1)], "descendants": [reply]},
        [{"id": "9", "type": "mention", "account": {"acct": "x"}, "status": each} for each in (status(1), reply)],
        "\n".join(json.dumps(each) for each in (status(1), reply)) + "\n",
    ):
        quotes = read(tmp_path, "detect", value).quotes
        assert quotes["text"].to_list() == ["Hola 1 & adéu", "Llarg\nHola 2 & adéu"]
        assert quotes["parent_id"].to_list() == [None, quotes["quote_id"][0]]
    assert quotes["source_row"].to_list() == [1, 2]


@needs_samples
def test_a_real_public_timeline_is_read_and_a_direct_status_is_not(tmp_path: Path) -> None:
    folder = SOCIAL / "mastodon_statuses_json"
    public = read(tmp_path, "detect", (folder / "public_timeline.json").read_bytes())
    assert public.sources.select("format", "rows_in", "rows_used").rows() == [("mastodon", 8, 8)]
    assert not any("<" in text for text in public.quotes["text"])
    direct = read(tmp_path, "detect", (folder / "account_statuses.json").read_bytes())
    assert direct.left_out["why"].to_list() == ["direct"]


# ---- Bluesky ----


def view(number: int, made: str = "2026-05-01T10:00:00Z", seen: str = "2026-05-01T10:00:01Z", **more: Any) -> Any:
    return {
        "uri": f"at://did:plc:anna/app.bsky.feed.post/{number}",
        "cid": "c",
        "author": {"did": "did:plc:anna", "handle": "anna.example"},
        "record": {"$type": "app.bsky.feed.post", "text": f"Hola {number}", "createdAt": made, "langs": ["ca", "es"]},
        "indexedAt": seen,
        **more,
    }


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("2026-05-01T10:00:00Z", "2026-05-01T10:00"),
        ("2026-05-01T12:00:00+02:00", "2026-05-01T10:00"),
        ("2027-05-01T10:00:00Z", "2026-05-02T08:00"),
        ("1970-01-01T00:00:00Z", "2026-05-02T08:00"),
        ("yesterday", "2026-05-02T08:00"),
    ],
)
def test_the_clock_of_an_author_is_believed_as_far_as_it_can_be(tmp_path: Path, made: str, said: str) -> None:
    tables = read(tmp_path, "bluesky", {"posts": [view(1, made, "2026-05-02T08:00:00Z")]})
    assert f"{tables.quotes['said_at'][0]:%Y-%m-%dT%H:%M}" == said
    assert flags(tables) == ([] if said == "2026-05-01T10:00" else ["clock_of_author_off:1"])
    assert tables.quotes["language"].to_list() == ["ca"]


def test_a_thread_is_read_above_and_below_and_what_is_missing_in_it_is_counted(tmp_path: Path) -> None:
    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://x", "notFound": True}
    thread = {"post": view(2), "parent": {"post": view(1)}, "replies": [{"post": view(3), "replies": []}, gone]}
    tables = read(tmp_path, "detect", {"thread": thread})
    assert tables.quotes["text"].to_list() == ["Hola 2", "Hola 3", "Hola 1"]
    assert flags(tables) == ["tree_cut:1"]


def test_bare_records_and_the_stream_are_posts_and_likes_are_none(tmp_path: Path) -> None:
    record = {"$type": "app.bsky.feed.post", "text": "Hola", "createdAt": "2026-05-01T10:00:00Z"}
    listed = {"records": [{"uri": "at://did:plc:anna/app.bsky.feed.post/1", "cid": "c", "value": record}]}

    def told(person: str, kind: str, what: dict[str, str]) -> str:
        commit = {"collection": kind, "rkey": "1", "operation": "create", "record": what}
        return json.dumps({"did": f"did:plc:{person}", "kind": "commit", "commit": commit}) + "\n"

    like = {"$type": "app.bsky.feed.like", "createdAt": "2026-05-01T10:00:00Z"}
    stream = told("anna", "app.bsky.feed.post", record) + told("bob", "app.bsky.feed.like", like)
    one, other = read(tmp_path, "detect", listed).quotes, read(tmp_path, "detect", stream).quotes
    assert one["quote_id"].to_list() == other["quote_id"].to_list()
    assert one["author_hash"].to_list() == other["author_hash"].to_list()
    assert read(tmp_path, "detect", [record]).quotes["text"].to_list() == ["Hola"]


# ---- Reddit ----


def test_what_was_taken_back_is_left_out_and_what_only_its_author_left_stays(tmp_path: Path) -> None:
    rows = [
        {"body": "[deleted]", "author": "[deleted]"},
        {"body": "[removed]", "author": "anna"},
        {"body": "[ Removed by Reddit ]", "author": "anna"},
        {"body": "Encara hi és &gt; no", "author": "[deleted]"},
        {"title": "[deleted by user]", "selftext": "", "author": "bob"},
        {"title": "Títol", "selftext": "", "author": "bob", "subreddit_type": "private"},
        {"body": "[enllaç](https://a.example)", "author": "carla"},
    ]
    common = {"subreddit": "botigues", "created_utc": "1777600000"}
    text = "".join(json.dumps({**common, **row, "id": f"a{at}"}) + "\n" for at, row in enumerate(rows))
    tables = read(tmp_path, "detect", text, name="posts.jsonl")
    assert tables.left_out.select("source_row", "why").rows() == [
        (1, "deleted"),
        (2, "removed"),
        (3, "removed"),
        (5, "deleted"),
        (6, "private"),
    ]
    assert tables.quotes["text"].to_list() == ["Encara hi és > no", "[enllaç](https://a.example)"]
    assert tables.quotes["author_hash"].null_count() == 1


def test_comments_that_were_loaded_later_are_read(tmp_path: Path) -> None:
    data = {"name": "t1_a", "author": "anna", "body": "Hola", "subreddit": "b", "created_utc": 1777600000.0}
    value = {"json": {"errors": [], "data": {"things": [{"kind": "t1", "data": data}, {"kind": "t2", "data": {}}]}}}
    tables = read(tmp_path, "detect", value)
    assert tables.quotes["text"].to_list() == ["Hola"]
    assert flags(tables) == ["other_things:1"]


@needs_samples
def test_a_real_tree_of_comments_has_what_was_counted_in_it(tmp_path: Path) -> None:
    tables = read(tmp_path, "detect", (SOCIAL / "reddit_api_json" / "comments_fo7p5b.json").read_bytes())
    assert tables.sources.select("format", "rows_in", "rows_rejected").rows() == [("reddit", 492 + 1, 10)]
    assert flags(tables) == ["deleted:10", "tree_cut:222"]
    heard = set(tables.quotes["quote_id"])
    answers = tables.quotes["parent_id"].drop_nulls()
    assert set(answers) <= heard
    assert len(answers) > 400


@needs_samples
def test_a_real_listing_has_a_hundred_submissions(tmp_path: Path) -> None:
    tables = read(tmp_path, "detect", (SOCIAL / "reddit_api_json" / "listing_domain_new.json").read_bytes())
    assert tables.sources.select("rows_in", "rows_used", "rows_merged").rows() == [(100, 99, 1)]
    assert tables.quotes["platform"].unique().to_list() == ["reddit"]


# ---- X ----


def test_answers_of_many_pages_and_lines_are_read(tmp_path: Path) -> None:
    def page(number: int) -> dict[str, Any]:
        post = {"id": str(number), "text": f"Hola {number}", "author_id": "1", "created_at": "2026-05-01T10:00:00Z"}
        return {"data": [post], "meta": {"result_count": 1}}

    empty = {"meta": {"result_count": 0}}
    for value in ([page(1), page(2), empty], "".join(json.dumps(each) + "\n" for each in (page(1), page(2), empty))):
        assert read(tmp_path, "detect", value).quotes["text"].to_list() == ["Hola 1", "Hola 2"]


def test_the_id_of_a_post_tells_its_time_where_it_was_not_asked_for(tmp_path: Path) -> None:
    post = {"id": "1460323737035677698", "text": "Introducing", "edit_history_tweet_ids": ["1460323737035677698"]}
    tables = read(tmp_path, "detect", {"data": [post]})
    assert f"{tables.quotes['said_at'][0]:%Y-%m-%d %H:%M:%S}" == "2021-11-15 19:08:05"
    assert flags(tables) == ["time_from_id:1"]


def test_posts_of_protected_accounts_are_left_out_and_long_ones_are_whole(tmp_path: Path) -> None:
    def post(number: int, author: str) -> dict[str, Any]:
        long = {"text": f"Un text molt llarg de {author}"}
        return {"id": str(number), "text": "Un text…", "author_id": author, "created_at": "2026-05-01T10:00:00Z",
                "note_tweet": long}  # fmt: skip

    users = [{"id": "1", "username": "a", "protected": True}, {"id": "2", "username": "b"}]
    tables = read(tmp_path, "x_api", {"data": [post(1, "1"), post(2, "2")], "includes": {"users": users}})
    assert tables.left_out["why"].to_list() == ["private"]
    assert tables.quotes["text"].to_list() == ["Un text molt llarg de 2"]


def test_statuses_of_the_old_version_are_read(tmp_path: Path) -> None:
    def old(number: int, **more: Any) -> dict[str, Any]:
        return {"id": number, "id_str": str(number), "created_at": "Fri May 01 10:00:00 +0000 2026", "lang": "und",
                "full_text": f"Hola {number}", "user": {"id_str": "5", "screen_name": "anna"}, **more}  # fmt: skip

    value = {"statuses": [old(1), old(2, retweeted_status=old(1), full_text="RT @anna: Hola 1")]}
    quotes = read(tmp_path, "detect", value).quotes
    assert quotes["repost_of"].to_list() == [None, quotes["quote_id"][0]]
    assert quotes["language"].to_list() == [None, None]


@needs_samples
def test_real_posts_are_read_by_a_mapping(tmp_path: Path) -> None:
    toml = """
[[sources]]
id = "s"
path = "posts.csv"
format = "table"
kind = "mentions"
timezone = "UTC"
[sources.mapping]
mention_id = "id"
said_at = "created_at"
text = "text"
author = "screen_name"
"""
    data = (SOCIAL / "x_tweets_csv" / "tweets_part1.csv").read_bytes()
    tables = cj.read_sources(make_client(tmp_path, toml, posts__csv=data))
    assert tables.sources.select("rows_in", "rows_used", "rows_merged").rows() == [(6000, 5978, 22)]
    assert flags(tables) == ["same_author_text_day:22"]
    assert tables.quotes["author_hash"].n_unique() == 5541


# ---- YouTube ----


def comment(number: int, **more: Any) -> dict[str, Any]:
    said = {"textDisplay": f"Hola {number}<br>m&#39;agrada", "authorDisplayName": "@anna", "publishedAt":
            "2026-05-01T10:00:00Z", "authorChannelId": {"value": "UC1"}, **more}  # fmt: skip
    return {"kind": "youtube#comment", "id": f"Ug{number}", "snippet": said}


def test_threads_that_are_not_whole_are_counted_and_markup_is_taken_away(tmp_path: Path) -> None:
    thread = {"kind": "youtube#commentThread", "id": "Ug1", "snippet": {"topLevelComment": comment(1),
              "totalReplyCount": 3}, "replies": {"comments": [comment(2, parentId="Ug1")]}}  # fmt: skip
    tables = read(tmp_path, "detect", {"items": [thread]})
    assert tables.quotes["text"].to_list() == ["Hola 1\nm'agrada", "Hola 2\nm'agrada"]
    assert tables.quotes["parent_id"].to_list() == [None, tables.quotes["quote_id"][0]]
    assert flags(tables) == ["tree_cut:1"]


def test_held_comments_are_left_out_and_lists_of_comments_are_read(tmp_path: Path) -> None:
    items = [comment(1), comment(2, moderationStatus="heldForReview", textOriginal="spam")]
    tables = read(tmp_path, "detect", {"kind": "youtube#commentListResponse", "items": items})
    assert tables.left_out["why"].to_list() == ["not_published"]


def test_comments_beside_a_video_are_read(tmp_path: Path) -> None:
    def written(number: int, parent: str) -> dict[str, Any]:
        return {"id": f"U{number}", "text": f"Hola {number}", "timestamp": 1777600000, "author": "@anna",
                "author_id": "UC1", "parent": parent, "like_count": 0}  # fmt: skip

    video = {"id": "v1", "title": "t", "comments": [written(1, "root"), written(2, "U1")]}
    quotes = read(tmp_path, "detect", video, name="v1.info.json").quotes
    assert quotes["parent_id"].to_list() == [None, quotes["quote_id"][0]]


# ---- Facebook, Instagram ----


def bytes_as_letters(text: str) -> str:
    return text.encode().decode("latin-1")


def test_texts_whose_bytes_became_letters_are_mended_only_when_they_are_such(tmp_path: Path) -> None:
    value = [
        {"timestamp": 1777600000, "data": [{"post": bytes_as_letters("Gràcies 🙂")}], "title": "x"},
        {"timestamp": 1777600001, "data": [{"post": "Già fatto"}], "title": "x"},
        {"timestamp": 1777600002, "data": [{"post": "plain"}], "title": "x"},
        {"timestamp": 1777600003, "data": [{"post": "Ã alone"}], "title": "x"},
    ]
    tables = read(tmp_path, "detect", value)
    assert tables.quotes["text"].to_list() == ["Gràcies 🙂", "Già fatto", "plain", "Ã alone"]
    assert flags(tables) == ["mojibake_repaired:1"]


def test_comments_of_instagram_are_known_in_the_language_of_the_account(tmp_path: Path) -> None:
    value = {
        "comments_media_comments": [
            {
                "media_list_data": [{"uri": ""}],
                "string_map_data": {
                    name: {"value": bytes_as_letters("Quin preu té?")},
                    "Media Owner": {"value": "acme"},
                    "Time": {"timestamp": 1777600000},
                },
            }
            for name in ("Comment", "Comentario", bytes_as_letters("Commento"), "???")
        ]
    }
    tables = read(tmp_path, "detect", value)
    assert tables.quotes["text"].to_list() == ["Quin preu té?"] * 3
    assert tables.left_out["why"].to_list() == ["unknown_names"]


def test_messages_are_private(tmp_path: Path) -> None:
    value = {"participants": [{"name": "A"}], "messages": [{"sender_name": "A", "timestamp_ms": 1777600000000,
             "content": "secret"}], "title": "A"}  # fmt: skip
    tables = read(tmp_path, "detect", value)
    assert tables.left_out["why"].to_list() == ["private_message"]
    assert tables.quotes.is_empty()


def test_of_a_download_the_files_that_hold_posts_are_read(tmp_path: Path) -> None:
    posts = json.dumps([{"media": [{"uri": "a.jpg", "creation_timestamp": 1777600000, "title": "Nova botiga"}]}])
    data = zipped(content___posts_1__json=posts, personal___profile__json='{"name": "A"}', start__html="<html></html>")
    tables = read(tmp_path, "detect", data, name="instagram.zip")
    assert tables.sources["source_file"].to_list() == ["instagram.zip/content/posts_1.json"]
    assert tables.quotes.select("text", "platform").rows() == [("Nova botiga", "instagram")]
    assert faults_of(client(tmp_path, "meta_export", zipped(posts__html="<p>a</p>"), name="facebook.zip")) == [
        "facebook.zip: no posts of meta_export in this zip; export it again as JSON"
    ]


def test_an_author_that_the_download_does_not_tell_can_be_declared(tmp_path: Path) -> None:
    value = [{"timestamp": 1777600000, "data": [{"post": "Oferta"}], "title": "x"}]
    keys = 'own_accounts = ["acme"]\n[sources.constants]\nauthor = "acme"\n'
    assert read(tmp_path, "meta_export", value, keys).quotes["speaker_role"].to_list() == ["brand"]


def test_recommendations_of_a_page_have_their_sentiment(tmp_path: Path) -> None:
    value = {"data": [{"created_time": "2026-05-01T10:00:00+0000", "recommendation_type": kind, "review_text": "Hola"}
                      for kind in ("positive", "negative")]}  # fmt: skip
    assert read(tmp_path, "detect", value).quotes["sentiment"].to_list() == [1.0, -1.0]


# ---- reviews ----


def review(number: int, **more: Any) -> dict[str, Any]:
    return {"reviewId": str(number), "reviewer": {"displayName": "Anna"}, "starRating": "FOUR",
            "createTime": "2026-05-01T10:00:00Z", "comment": "Molt bo", **more}  # fmt: skip


def test_stars_are_numbers_and_the_original_words_stay(tmp_path: Path) -> None:
    value = {
        "reviews": [
            review(1, starRating="ONE", comment="Mau\n\n(Translated by Google)\nBad"),
            review(5, comment="(Translated by Google) Lovely\n\n(Original)\nPreciós"),
            review(2, starRating="STAR_RATING_UNSPECIFIED"),
            review(3, comment="(Translated by Google) cut off"),
            review(4, reviewReply={"comment": "Gràcies"}, reviewer={"displayName": "A Google user"}),
        ]
    }
    tables = read(tmp_path, "detect", value)
    quotes = tables.quotes
    assert quotes["text"].to_list() == ["Mau", "Preciós", "Molt bo", "(Translated by Google) cut off", "Molt bo"]
    assert quotes["rating"].to_list() == [0.0, 0.75, None, 0.75, 0.75]
    assert quotes["author_hash"].null_count() == 1
    assert flags(tables) == ["translation_left_out:2"]
    assert tables.sources["family"].to_list() == ["review"]


def test_reviews_of_several_places_and_of_takeout_are_read(tmp_path: Path) -> None:
    batch = {"locationReviews": [{"name": "accounts/1/locations/2", "review": review(1)}]}
    assert read(tmp_path, "detect", batch).quotes.height == 1
    data = zipped(**{"Takeout___Google Business Profile___reviews-2__json": json.dumps({"reviews": [review(1)]})})
    assert read(tmp_path, "detect", data, name="takeout.zip").quotes.height == 1


def test_a_star_that_is_none_is_a_fault(tmp_path: Path) -> None:
    (told,) = faults_of(client(tmp_path, "google_business", {"reviews": [review(1, starRating="SIX")]}))
    assert told.startswith("posts.json record 1, column 'rating': 'SIX' is not a number")


@needs_samples
def test_real_stars_without_words_are_reviews(tmp_path: Path) -> None:
    toml = """
[[sources]]
id = "s"
path = "posts.csv"
format = "table"
kind = "reviews"
timezone = "UTC"
rating_scale = [0, 5]
[sources.mapping]
author = "reviewerId"
said_at = "date"
rating = "rating"
"""
    data = (REVIEWS / "anonymous_star_reviews" / "anonreviews_2006_part.csv").read_bytes()
    tables = cj.read_sources(make_client(tmp_path, toml, posts__csv=data))
    assert tables.sources.select("rows_in", "rows_used", "rows_merged").rows() == [(60000, 59870, 130)]
    stars = pl.read_csv(data).unique(maintain_order=True)["rating"] / 5
    assert tables.quotes["rating"].sum() == pytest.approx(stars.sum())


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
