"""Facebook and Instagram: what people download of themselves as JSON: posts and comments; messages are private."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cjtools.sources.readers.posts import Format, Row, Values, epoch, lists_of, reader_of, within
from cjtools.words import fold

# Where lists stand; a list alone is one of posts, or of Instagram's comments.
LISTS = ("comments_v2", "comments", "group_comments_v2", "status_updates_v2", "posts_v2", "group_posts_v2",
         "comments_media_comments", "comments_reels_comments", "comments_story_comments", "messages")  # fmt: skip
# What Instagram calls a comment in the language of the account.
COMMENT = ("comment", "comentario", "comentari", "commento", "comentariu", "commentaire", "kommentar")


def find(values: Values, notes: Counter[str]) -> Iterator[tuple[int, Row]]:
    """Yield the posts and comments of a file, its texts mended."""
    for line, value in values:
        for each in lists_of(mended(value, notes), *LISTS):
            yield line, row_of(each)


def row_of(each: dict[str, Any]) -> Row:
    """Return a post, a comment or a message as a row."""
    if "sender_name" in each:
        return {"said_at": milliseconds(each.get("timestamp_ms")), "left_out": "private_message"}
    if isinstance(each.get("string_map_data"), dict):
        return instagram_comment(each["string_map_data"])
    data = [part for part in each.get("data") or [] if isinstance(part, dict)]
    comment = next((part["comment"] for part in data if isinstance(part.get("comment"), dict)), None)
    if comment is not None:
        return {
            "said_at": epoch(comment.get("timestamp") or each.get("timestamp")),
            "author": comment.get("author"),
            "text": comment.get("comment"),
            "entry_type": "reply",
            "platform": "facebook",
            "left_out": "closed_group" if comment.get("group") else None,
        }
    media = [part for part in each.get("media") or [] if isinstance(part, dict)]
    post = next((part["post"] for part in data if "post" in part), None)
    first = media[0] if media else {}
    return {
        "said_at": epoch(each.get("timestamp") or each.get("creation_timestamp") or first.get("creation_timestamp")),
        "text": post if post is not None or not media else each.get("title") or first.get("title"),
        "entry_type": "post",
        "platform": "instagram" if media else "facebook",
    }


def instagram_comment(data: dict[str, Any]) -> Row:
    """Return a comment of Instagram as a row; its names are in the language of the account."""
    text = next((value for name, value in data.items() if fold(name) in COMMENT), None)
    times = [each["timestamp"] for each in data.values() if isinstance(each, dict) and each.get("timestamp")]
    return {
        "said_at": epoch(times[0] if times else None),
        "text": within(text, "value"),
        "entry_type": "reply",
        "platform": "instagram",
        "left_out": None if text is not None else "unknown_names",
    }


def milliseconds(value: Any) -> str:
    """Return a moment told in milliseconds since 1970."""
    return epoch(value / 1000 if isinstance(value, int | float) else value)


def mended(value: Any, notes: Counter[str]) -> Any:
    """Return a value of JSON with its texts as they were typed: these exports write each byte of UTF-8 as a letter.

    Only what turns back into the same bytes is mended; the flag `mojibake_repaired` counts the texts.
    """
    if isinstance(value, dict):
        return {mended_text(name)[0]: mended(each, notes) for name, each in value.items()}
    if isinstance(value, list):
        return [mended(each, notes) for each in value]
    if not isinstance(value, str):
        return value
    text, changed = mended_text(value)
    notes["mojibake_repaired"] += changed
    return text


def mended_text(text: str) -> tuple[str, bool]:
    r"""Return a text whose letters are the bytes of UTF-8 as that text, and whether it was one.

    >>> mended_text("opci\u00c3\u00b3"), mended_text("opció"), mended_text("ok")
    (('opció', True), ('opció', False), ('ok', False))
    """
    if text.isascii():
        return text, False
    try:
        return text.encode("latin-1").decode("utf-8"), True
    except UnicodeError:
        return text, False


SIGNATURES = [
    frozenset({"comments_v2"}),
    frozenset({"timestamp", "data", "comment.comment"}),
    frozenset({"timestamp", "title", "post"}),
    frozenset({"timestamp", "data", "post"}),
    frozenset({"string_map_data.Time.timestamp"}),
    frozenset({"media_list_data", "string_map_data"}),
    frozenset({"media", "creation_timestamp", "uri"}),
    frozenset({"sender_name", "timestamp_ms"}),
]
FORMAT = Format("meta_export", find, SIGNATURES)
READER = reader_of(FORMAT)
