"""YouTube: comments as its API gives them, and as yt-dlp writes them beside a video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cjtools.sources.parsing.markup import plain_text
from cjtools.sources.readers.posts import Format, Row, Values, epoch, lists_of, reader_of, within

HELD = ("heldForReview", "likelySpam", "rejected")


def find(values: Values, notes: Counter[str]) -> Iterator[tuple[int, Row]]:
    """Yield the comments of a file, each before the answers to it; threads that are not whole are counted."""
    for line, value in values:
        for answer in value if isinstance(value, list) else [value]:
            for item in lists_of(answer, "items", "comments"):
                if "snippet" not in item:
                    yield line, written_row(item)
                    continue
                top = within(item, "snippet", "topLevelComment")
                answers = within(item, "replies", "comments") or []
                notes["tree_cut"] += (within(item, "snippet", "totalReplyCount") or 0) > len(answers)
                for comment in [top, *answers] if top else [item]:
                    yield line, row_of(comment)


def row_of(comment: dict[str, Any]) -> Row:
    """Return a comment of the API as a row."""
    said = comment.get("snippet") or {}
    status = said.get("moderationStatus")
    return {
        "mention_id": comment.get("id"),
        "said_at": said.get("publishedAt"),
        "updated_at": said.get("updatedAt"),
        "author": within(said, "authorChannelId", "value") or said.get("authorDisplayName"),
        "handle": said.get("authorDisplayName"),
        "text": said.get("textOriginal") or plain_text(said.get("textDisplay") or ""),
        "entry_type": "reply" if said.get("parentId") else "post",
        "parent_id": said.get("parentId"),
        "platform": "youtube",
        "left_out": "not_published" if status in HELD else None,
    }


def written_row(comment: dict[str, Any]) -> Row:
    """Return a comment that yt-dlp wrote as a row."""
    parent = comment.get("parent")
    return {
        "mention_id": comment.get("id"),
        "said_at": epoch(comment.get("timestamp")),
        "author": comment.get("author_id") or comment.get("author"),
        "handle": comment.get("author"),
        "text": comment.get("text"),
        "entry_type": "post" if parent in (None, "root") else "reply",
        "parent_id": None if parent == "root" else parent,
        "platform": "youtube",
    }


SIGNATURES = [
    frozenset({"snippet.topLevelComment.id", "snippet.topLevelComment.snippet.publishedAt"}),
    frozenset({"id", "snippet.textDisplay", "snippet.publishedAt"}),
    frozenset({"id", "text", "timestamp", "parent", "author_id"}),
]
FORMAT = Format("youtube", find, SIGNATURES)
READER = reader_of(FORMAT)
