"""Posts of Mastodon, Bluesky, Reddit, X, YouTube, Facebook and Instagram: what is left out, with its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.social import SOCIAL, client, flags, needs_samples, read, zipped

import cjtools as cj

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
