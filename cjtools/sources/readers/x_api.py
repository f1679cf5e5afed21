"""X (Twitter): posts as its API gives them, of version 2 (data and includes) and of version 1.1 (statuses)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from cjtools.sources.readers.posts import Format, Row, Values, lists_of, reader_of, unescaped, within

BEGAN = 1_288_834_974_657  # milliseconds: ids of posts hold the time since then, from the 4 November 2010 on


def find(values: Values, notes: Counter[str]) -> Iterator[tuple[int, Row]]:
    """Yield the posts of a file: of one answer of the API, of a list of answers, or of lists and lines of posts."""
    for line, value in values:
        for answer in value if isinstance(value, list) else [value]:
            users = {user.get("id"): user for user in within(answer, "includes", "users") or []}
            data = answer.get("data")
            for post in [data] if isinstance(data, dict) else lists_of(answer, "data", "statuses"):
                if "meta" in post and "text" not in post:
                    continue  # an answer without any post
                yield line, old_row(post) if "id_str" in post else row_of(post, users=users, notes=notes)


def row_of(post: dict[str, Any], *, users: Mapping[str, dict[str, Any]], notes: Counter[str]) -> Row:
    """Return a post of version 2 as a row; a retweet is a share of the post it names."""
    to = {each.get("type"): each.get("id") for each in post.get("referenced_tweets") or []}
    user = post.get("author") or users.get(post.get("author_id", "")) or {}
    made = post.get("created_at") or time_of(post.get("id"))
    notes["time_from_id"] += "created_at" not in post and bool(made)
    return {
        "mention_id": post.get("id"),
        "said_at": made,
        "author": post.get("author_id") or user.get("id"),
        "handle": user.get("username"),
        "text": unescaped(within(post, "note_tweet", "text") or post.get("text")),
        "language": post.get("lang"),
        "entry_type": "share" if "retweeted" in to else "reply" if "replied_to" in to else "post",
        "shared_id": to.get("retweeted"),
        "parent_id": to.get("replied_to"),
        "reach": within(post, "public_metrics", "impression_count") or None,
        "platform": "x",
        "left_out": "private" if user.get("protected") else None,
    }


def old_row(post: dict[str, Any]) -> Row:
    """Return a post of version 1.1 as a row."""
    shared = post.get("retweeted_status")
    user = post.get("user") or {}
    text = within(post, "extended_tweet", "full_text") or post.get("full_text") or post.get("text")
    return {
        "mention_id": post.get("id_str"),
        "said_at": old_time(post.get("created_at")),
        "author": user.get("id_str"),
        "handle": user.get("screen_name"),
        "text": unescaped(text),
        "language": post.get("lang"),
        "entry_type": "share" if shared else "reply" if post.get("in_reply_to_status_id_str") else "post",
        "shared_id": within(shared, "id_str"),
        "parent_id": post.get("in_reply_to_status_id_str"),
        "platform": "x",
        "left_out": "private" if user.get("protected") else None,
    }


def old_time(text: Any) -> str:
    """Return a time of version 1.1 as ISO 8601; what is none stays.

    >>> old_time("Wed Aug 27 13:08:45 +0000 2008"), old_time("soon")
    ('2008-08-27T13:08:45+00:00', 'soon')
    """
    try:
        return dt.datetime.strptime(str(text), "%a %b %d %H:%M:%S %z %Y").isoformat()
    except ValueError:
        return str(text or "")


def time_of(post_id: Any) -> str | None:
    """Return the time that the id of a post holds; an id from before 2010 holds none.

    >>> time_of("1460323737035677698"), time_of("20")
    ('2021-11-15T19:08:05.000Z', None)
    """
    text = str(post_id)
    if not text.isdecimal() or not 10**16 < int(text) < 2**63:
        return None
    moment = dt.datetime.fromtimestamp(((int(text) >> 22) + BEGAN) // 1000, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


SIGNATURES = [
    frozenset({"id", "text", "author_id", "created_at"}),
    frozenset({"id", "text", "author_id", "conversation_id"}),
    frozenset({"id", "text", "edit_history_tweet_ids"}),
    frozenset({"id", "text", "public_metrics.retweet_count"}),
    frozenset({"id_str", "user.screen_name", "created_at"}),
]
FORMAT = Format("x_api", find, SIGNATURES)
READER = reader_of(FORMAT)
