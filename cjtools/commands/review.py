"""The remarks of reviewers: listed with how they stand, taken in from a file, marked as resolved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cjtools as cj
from cjtools.client import Client, load_client
from cjtools.commands.text import Column, table, wrapped

if TYPE_CHECKING:
    from cjtools.remarks import Remarks


def review_client(folder: str | Path, *, wave: str, add: Path | None, done: Sequence[str], who: str, note: str) -> str:
    """Take in a file, resolve remarks, and return what was done and how all remarks on a wave's map stand.

    The day of an answer is today: it is what a person did, not what a page says.
    """
    client = load_client(folder)
    client.wave_named(wave)
    said = []
    if add is not None:
        said.append(f"{add.as_posix()}: {cj.remarks.add_remarks(client, add)} new")
    if done:
        count = cj.remarks.resolve(client, *done, who=who, when=dt.date.today(), note=note)
        said.append(f"{(client.folder / 'remarks.csv').as_posix()}: {count} resolved")
    return "\n".join([*said, *listed(client, wave)])


def listed(client: Client, wave: str) -> list[str]:
    """Return the remarks on the map of a wave as lines: signatures first, then what is open, then the rest."""
    journey = cj.map_journey(client, wave=wave, audience="team")
    found = journey.remarks
    order = ("open", "resolved", "agreed", "replaced")
    rows = sorted(found.rows.to_dicts(), key=lambda row: (order.index(row["state"]), row["position"]))
    columns = [Column("remark"), Column("state"), Column("mark"), Column("claim"), Column("who"), Column("when"),
               Column("comment", least=24)]  # fmt: skip
    cells = [
        (
            row["remark_id"],
            row["state"],
            row["mark"] + ("" if row["same_map"] is not False else "*"),
            row["claim"] or "(map)",
            row["who"],
            row["when"].isoformat() if row["when"] else "",
            row["comment"] or "",
        )
        for row in rows
    ]
    counts = ", ".join(f"{sum(row['state'] == state for row in rows)} {state}" for state in order)
    tail = ["* said of an earlier state of the map"] if any(row["same_map"] is False for row in rows) else []
    return [*signed(found), *(table(columns, cells) if cells else []), f"{len(rows)} remarks: {counts}", *tail]


def signed(found: Remarks) -> list[str]:
    """Return who signed the map off, and what it says now."""
    lines = [
        f"signed off by {each.who}{f' on {each.when}' if each.when else ''}: "
        + ("unchanged since" if each.same else f"changed since (it was {each.content[:12]})")
        for each in found.signed
    ]
    return [f"content {found.content[:12]}", *[line for each in lines for line in wrapped(each)]]
