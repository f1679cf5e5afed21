"""Bluesky: posts as its API gives them (searches, feeds, threads), and bare records of a repository or its stream."""

from __future__ import annotations

import datetime as dt
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

from cjtools.sources.readers.posts import Format, Row, Values, lists_of, reader_of, within

BEGAN = dt.datetime(2022, 11, 1, tzinfo=dt.UTC)  # no post was made before
POST = "app.bsky.feed.post"


def find(values: Values, notes: Counter[str]) -> Iterator[tuple[int, Row]]:
    """Yield the posts of a file, of a thread those above and below each post too."""
    for line, value in values:
        waiting = deque([within(value, "thread") or value])
        while waiting:
            for each in lists_of(waiting.popleft(), "posts", "feed", "records"):
                if each.get("notFound") or each.get("blocked"):
                    notes["tree_cut"] += 1
                    continue
                row = row_of(each, notes)
                if row is not None:
                    yield line, row
                waiting += [each[name] for name in ("replies", "parent") if isinstance(each.get(name), list | dict)]


def row_of(each: dict[str, Any], notes: Counter[str]) -> Row | None:
    """Return a post of any shape as a row; what is no post (a like, a follow, something deleted) is none."""
    view: Any = each.get("post") if isinstance(each.get("post"), dict) else each
    record = next((found for found in records_in(view) if found.get("$type", POST) == POST), None)
    if record is None or "text" not in record:
        return None
    author = view.get("author") or {}
    address = view.get("uri") or stream_address(view)
    owner = author.get("did") or address.removeprefix("at://").split("/")[0] or None
    shared = within(each, "reason", "by")
    languages = record.get("langs") or []
    return {
        "mention_id": f"{shared.get('did')} {address}" if shared else address or None,
        "said_at": within(each, "reason", "indexedAt") if shared else said_at(record, view.get("indexedAt"), notes),
        "author": shared.get("did") if shared else owner,
        "handle": shared.get("handle") if shared else author.get("handle"),
        "text": record["text"],
        "language": languages[0] if languages else None,
        "entry_type": "share" if shared else "reply" if record.get("reply") else "post",
        "shared_id": address if shared else None,
        "parent_id": within(record, "reply", "parent", "uri"),
        "platform": "bluesky",
    }


def records_in(view: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield where a post's own words may stand: in a view, in a list of records, in the stream, or alone."""
    for record in (view.get("record"), view.get("value"), within(view, "commit", "record"), view):
        if isinstance(record, dict) and ("text" in record or "$type" in record):
            yield record


def stream_address(view: dict[str, Any]) -> str:
    """Return the address of a post of the stream."""
    key = within(view, "commit", "rkey")
    return f"at://{view.get('did')}/{POST}/{key}" if key else ""


def said_at(record: dict[str, Any], indexed: str | None, notes: Counter[str]) -> str | None:
    """Return when a post was made: as its author's clock says, unless that cannot be, then when it was first seen."""
    made = record.get("createdAt")
    first, seen = moment(made), moment(indexed)
    if seen is None or (first is not None and BEGAN <= first <= seen):
        return made
    notes["clock_of_author_off"] += 1
    return indexed


def moment(text: Any) -> dt.datetime | None:
    """Return a time with its offset, or nothing when it is none.

    >>> moment("2026-05-01T10:00:00.123Z").isoformat(), moment("yesterday")
    ('2026-05-01T10:00:00.123000+00:00', None)
    """
    try:
        read = dt.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=dt.UTC)


SIGNATURES = [
    frozenset({"uri", "cid", "record.text", "author.did"}),
    frozenset({"post.uri", "post.record.text", "post.author.did"}),
    frozenset({"thread.post.uri", "thread.post.record.text"}),
    frozenset({"uri", "cid", "value.text", "value.createdAt"}),
    frozenset({"did", "commit.record.text", "commit.collection"}),
    frozenset({"$type", "text", "createdAt"}),
]
FORMAT = Format("bluesky", find, SIGNATURES)
READER = reader_of(FORMAT)
