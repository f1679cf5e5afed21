"""Rows added to remarks.csv: what a reviewer sent, and what was dealt with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from cjtools.claims.saving import BOM, as_text, cell
from cjtools.client import Client
from cjtools.errors import Fault, ParameterError, SourceError, cut, nearest, raise_if_any
from cjtools.remarks.files import COLUMNS, REMARKS, load_remarks, read_remarks
from cjtools.remarks.tables import RESOLVED, SAID
from cjtools.sources.opening.files import decode, open_file
from cjtools.whole_file import write_whole


def add_remarks(client: Client, path: Path) -> int:
    """Put the remarks of a file below those of remarks.csv and return how many were new.

    Raises SourceError with every fault of either file; then nothing is written.
    """
    there, sent = load_remarks(client), load_remarks(client, path)
    new = sent.filter(~pl.col("remark_id").is_in(there["remark_id"].to_list()))
    if new.height:
        write(client, new.to_dicts())
    return new.height


def resolve(client: Client, *remarks: str, who: str, when: dt.date | None = None, note: str = "") -> int:
    """Say that remarks are dealt with, by whom, and return how many rows were added to remarks.csv.

    Raises ParameterError for an id that is none of a remark, and without a name.
    """
    there = load_remarks(client)
    said = there.filter(pl.col("mark").is_in(SAID))["remark_id"].to_list()
    faults = [
        Fault("remark", f"no remark is called {cut(name)}", nearest(name, said)) for name in remarks if name not in said
    ]
    if not who.strip():
        faults.append(Fault("who", "nothing", "the name of who resolves it"))
    raise_if_any(ParameterError, REMARKS, faults)
    by_id = {row["remark_id"]: row for row in there.to_dicts()}
    rows: list[Mapping[str, object]] = [
        {"wave": by_id[name]["wave"], "claim": by_id[name]["claim"], "mark": RESOLVED,
         "comment": " ".join(note.split()) or None, "who": " ".join(who.split()), "when": when, "answers": name}
        for name in dict.fromkeys(remarks)
    ]  # fmt: skip
    write(client, rows)
    return len(rows)


def write(client: Client, remarks: Sequence[Mapping[str, object]]) -> None:
    """Add rows below those of remarks.csv: what stands there stays letter by letter."""
    path = client.folder / REMARKS
    sheet = read_remarks(client, path)
    names = COLUMNS if sheet is None else sheet.header
    missing = [
        Fault(REMARKS, f"no column {name!r}", "", "add it to the header") for name in COLUMNS if name not in names
    ]
    raise_if_any(SourceError, REMARKS, missing)
    rows: list[Sequence[object]] = [[cell(row.get(name)) for name in names] for row in remarks]
    if sheet is None:
        write_whole(path, [BOM, as_text([list(COLUMNS), *rows], ",")])
        return
    text, _ = decode(open_file(path, client), None)
    end = "" if text.endswith("\n") else "\n"
    write_whole(path, [BOM, text.removeprefix(BOM), end, as_text(rows, sheet.delimiter)])
