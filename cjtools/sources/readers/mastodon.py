"""Mastodon: statuses as its API gives them: timelines, searches, conversations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cjtools.sources.parsing.markup import plain_text
from cjtools.sources.readers.posts import Format, Row, Values, lists_of, reader_of, within

LISTS = ("statuses", "ancestors", "descendants")
PUBLIC = ("public", "unlisted")


def find(values: Values, notes: Counter[str]) -> Iterator[tuple[int, Row]]:
    """Yield the statuses of a file, or of its notifications; a reply names the status it answers when that is there."""
    things = [(line, thing) for line, value in values for thing in lists_of(value, *LISTS)]
    statuses = [(line, within(thing, "status") or thing) for line, thing in things]
    addresses = {status.get("id"): status.get("uri") for _, status in statuses}
    for line, status in statuses:
        yield line, row_of(status, parent=addresses.get(status.get("in_reply_to_id")))


def row_of(status: dict[str, Any], *, parent: str | None) -> Row:
    """Return one status as a row; a reblog is a share of the status within it."""
    shared = status.get("reblog")
    said = shared or status
    account = status.get("account") or {}
    warning, text = said.get("spoiler_text") or "", plain_text(said.get("content") or "")
    return {
        "mention_id": status.get("uri") or status.get("id"),
        "said_at": status.get("created_at"),
        "updated_at": status.get("edited_at"),
        "author": account.get("uri") or account.get("url") or account.get("acct"),
        "handle": account.get("acct"),
        "text": f"{warning}\n{text}".strip(),
        "language": said.get("language"),
        "entry_type": "share" if shared else "reply" if status.get("in_reply_to_id") else "post",
        "shared_id": within(shared, "uri") or within(shared, "id"),
        "parent_id": parent,
        "platform": "mastodon",
        "left_out": reason(status.get("visibility") or "public", account),
    }


def reason(visibility: str, account: dict[str, Any]) -> str | None:
    """Return why a status is no evidence: it was not said to all, or by no person."""
    if visibility not in PUBLIC:
        return visibility
    return "bot" if account.get("bot") else None


SIGNATURES = [
    frozenset({"content", "visibility", "account.acct", "created_at"}),
    frozenset({"type", "status.content", "status.visibility", "status.account.acct"}),
]
FORMAT = Format("mastodon", find, SIGNATURES)
READER = reader_of(FORMAT)
