"""Facebook and Instagram: comments, visitors' posts and recommendations as the Graph API gives them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

from cjtools.sources.readers.posts import Format, Row, Values, lists_of, reader_of, within

BELOW = ("comments", "replies")
FEELS = {"positive": 1, "negative": -1}


def find(values: Values, notes: Counter[str]) -> Iterator[tuple[int, Row]]:
    """Yield the posts and comments of a file, each before the comments on it; lists with a next page are counted."""
    for line, value in values:
        pages = value if isinstance(value, list) and all("data" in page for page in value) else [value]
        waiting = deque((page, "") for page in pages)
        while waiting:
            answer, parent = waiting.popleft()
            notes["tree_cut"] += within(answer, "paging", "next") is not None
            for each in lists_of(answer, "data"):
                yield line, row_of(each, parent=parent)
                waiting += [(each[name], each.get("id", "")) for name in BELOW if isinstance(each.get(name), dict)]


def row_of(each: dict[str, Any], *, parent: str) -> Row:
    """Return a post, a comment or a recommendation as a row."""
    told = each.get("message") or each.get("text") or each.get("review_text") or each.get("caption")
    who = each.get("from") or each.get("reviewer") or {}
    by_name = isinstance(each.get("username"), str)
    recommends = each.get("recommendation_type")
    return {
        "mention_id": each.get("id"),
        "said_at": each.get("created_time") or each.get("timestamp"),
        "author": who.get("id") or who.get("name") or each.get("username"),
        "handle": who.get("username") or who.get("name") or each.get("username"),
        "text": told,
        "sentiment": FEELS.get(str(recommends).lower(), recommends),
        "entry_type": "reply" if parent else "post",
        "parent_id": within(each, "parent", "id") or parent,
        "platform": "instagram" if by_name or "media_type" in each else "facebook",
        "left_out": "hidden" if each.get("is_hidden") or each.get("hidden") else None,
    }


SIGNATURES = [
    frozenset({"id", "created_time", "message"}),
    frozenset({"created_time", "recommendation_type"}),
    frozenset({"id", "timestamp", "text", "username"}),
    frozenset({"id", "timestamp", "caption", "username"}),
]
FORMAT = Format("meta_graph", find, SIGNATURES)
READER = reader_of(FORMAT)
