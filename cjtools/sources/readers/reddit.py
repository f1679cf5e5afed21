"""Reddit: listings and trees of comments as its API gives them, and the lines of its archives."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

from cjtools.sources.readers.posts import Format, Row, Values, epoch, lists_of, reader_of, unescaped, within

GONE = re.compile(r"\[ ?(deleted|removed)\b[^\]]*\]", re.IGNORECASE)
BOTS = ("automoderator",)
CLOSED = ("private", "employees_only", "gold_only")


def find(values: Values, notes: Counter[str]) -> Iterator[tuple[int, Row]]:
    """Yield the submissions and comments of a file, each before the answers to it."""
    for line, value in values:
        waiting = deque(within(value, "json", "data", "things") or lists_of(value, "data"))
        while waiting:
            kind, data = kind_of(waiting.popleft())
            if kind == "Listing":
                waiting.extendleft(reversed(data.get("children") or []))
            elif kind == "more":
                notes["tree_cut"] += 1
            elif kind in ("t1", "t3"):
                yield line, row_of(kind, data)
                waiting.extendleft([data["replies"]] if isinstance(data.get("replies"), dict) else [])
            else:
                notes["other_things"] += 1


def kind_of(thing: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return what a thing is and what it holds; the lines of archives do not say it, but have the fields of one."""
    if "kind" in thing and isinstance(thing.get("data"), dict):
        return thing["kind"], thing["data"]
    return ("t1" if "body" in thing else "t3" if "title" in thing else "", thing)


def row_of(kind: str, data: dict[str, Any]) -> Row:
    """Return a comment or a submission as a row."""
    title, text = unescaped(data.get("title")), unescaped(data.get("body") or data.get("selftext"))
    author = data.get("author")
    shared = data.get("crosspost_parent")
    return {
        "mention_id": data.get("name") or f"{kind}_{data.get('id')}",
        "said_at": epoch(data.get("created_utc")),
        "updated_at": epoch(data.get("edited") or None),
        "author": None if author == "[deleted]" else author,
        "text": text if kind == "t1" else f"{title}\n\n{text}".strip(),
        "entry_type": "reply" if kind == "t1" else "share" if shared else "post",
        "shared_id": shared,
        "parent_id": data.get("parent_id"),
        "platform": "reddit",
        "left_out": reason(title, text, data),
    }


def reason(title: str, text: str, data: dict[str, Any]) -> str | None:
    """Return why a thing is no evidence: it was taken back, written by a bot, or not said to all."""
    gone = GONE.fullmatch(text.strip()) or GONE.fullmatch(title.strip())
    if gone:
        return gone[1].lower()
    if str(data.get("author")).lower() in BOTS:
        return "bot"
    return "private" if data.get("subreddit_type") in CLOSED else None


SIGNATURES = [
    frozenset({"kind", "data.author", "data.subreddit", "data.created_utc"}),
    frozenset({"author", "created_utc", "subreddit", "body"}),
    frozenset({"author", "created_utc", "subreddit", "title"}),
]
FORMAT = Format("reddit", find, SIGNATURES)
READER = reader_of(FORMAT)
