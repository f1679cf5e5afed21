"""remarks.csv, read as reviewers and spreadsheets leave it: a file of the page, or one that grew of several."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from cjtools.claims.files import cells_of, day_faults, day_of, few, frame_of, ids_written, line_in
from cjtools.client import Client
from cjtools.errors import Fault, ParameterError, SourceError, cut, nearest, raise_if_any
from cjtools.remarks.tables import ACCEPT, MARKS, RESOLVED, SIGNED, Remark
from cjtools.sources.opening.delimited import Sheet, parse_sheet
from cjtools.sources.opening.files import decode, open_file
from cjtools.sources.parsing.ids import short_id
from cjtools.sources.reader import place
from cjtools.text.decided import tried

REMARKS = "remarks.csv"
COLUMNS = ("map", "wave", "claim", "mark", "comment", "who", "when", "answers")
NEEDED = ("mark", "who")
HASH = re.compile(r"[0-9a-f]{64}")
# A page lets nobody write more; what is longer was not written there.
LONGEST = 4000

Row = dict[str, str]


def load_remarks(client: Client, path: Path | None = None) -> pl.DataFrame:
    """Return the rows of the client's remarks.csv as declared in Remark, in their order; none without the file.

    Another file of remarks is read by its `path`. Rows that say the same twice count once. Raises SourceError that
    lists every fault of the file.
    """
    sheet = read_remarks(client, path or client.folder / REMARKS)
    if sheet is None:
        return Remark.create_empty()
    rows = [remark_row(cells, line) for cells, line in cells_of(sheet)]
    known = [] if path is None else load_remarks(client)["remark_id"].to_list()
    raise_if_any(SourceError, sheet_name(path), sorted(faults_of(rows, sheet, client, known), key=in_order))
    once = {row["remark_id"]: row for row in reversed(rows)}
    return frame_of([row for row in rows if once[row["remark_id"]] is row], Remark)


def check_remarks(client: Client) -> tuple[int | None, list[Fault]]:
    """Return how many rows remarks.csv has, and its faults; null without the file, or where it cannot be read."""
    remarks, faults = tried(REMARKS, load_remarks, client)
    return (None if remarks is None else remarks.height), faults


def sheet_name(path: Path | None) -> str:
    """Return how messages call a file of remarks."""
    return REMARKS if path is None else path.name


def in_order(fault: Fault) -> int:
    """Return the line of a fault."""
    return line_in(fault.where)


def read_remarks(client: Client, path: Path) -> Sheet | None:
    """Return a file of remarks as it is written; null without the file in the client's folder."""
    if not path.is_file():
        if path == client.folder / REMARKS:
            return None
        raise ParameterError("the remarks", [Fault(path.as_posix(), "no such file", "what the page let download")])
    opened = open_file(path, client)
    text, encoding = decode(opened, None)
    sheet = parse_sheet(opened, text, encoding, wanted=COLUMNS)
    where = place(path.name, sheet.header_line)
    missing = [name for name in NEEDED if name not in sheet.header]
    faults = [Fault(where, f"no column {name!r}", f"the columns {', '.join(COLUMNS)}") for name in missing]
    raise_if_any(SourceError, path.name, faults)
    return sheet


def remark_row(cells: dict[str, str], line: int) -> Row:
    """Return the cells of a remark by name, with its id."""
    row = {name: cells.get(name, "") for name in COLUMNS}
    row["mark"] = row["mark"].lower()
    day = day_of(row["when"])
    # A spreadsheet may have rewritten the date: the id is of the day, however it is written.
    row["when"] = row["when"] if isinstance(day, str) else day.isoformat()
    return row | {"line": str(line), "remark_id": short_id("\0".join(row[name] for name in COLUMNS), prefix="r")}


def faults_of(rows: Sequence[Row], sheet: Sheet, client: Client, known: Sequence[str]) -> Iterator[Fault]:
    """Yield what is wrong with remarks; `known` are the ids of remarks that stand before them."""
    claims = ids_written(client)["id"].to_list()
    before = list(known)
    for row in rows:
        yield from row_faults(row, sheet, claims, before)
        before.append(row["remark_id"])


def row_faults(row: Row, sheet: Sheet, claims: Sequence[str], before: Sequence[str]) -> Iterator[Fault]:
    """Yield what is wrong with one remark."""
    line, mark = int(row["line"]), row["mark"]
    if mark not in MARKS:
        yield Fault(sheet.where(line, "mark"), cut(mark) if mark else "nothing", nearest(mark, MARKS))
    if not row["who"]:
        yield Fault(sheet.where(line, "who"), "nothing", "the name of who remarks")
    if len(row["comment"]) > LONGEST:
        yield Fault(sheet.where(line, "comment"), f"{len(row['comment'])} letters", f"at most {LONGEST}")
    if row["map"] and not HASH.fullmatch(row["map"]):
        yield Fault(sheet.where(line, "map"), cut(row["map"]), "the hash of a map, as its page writes it")
    # A page wrote the claims that it had then, and an answer repeats that; a name that a person typed is checked.
    if row["claim"] and not row["map"] and mark != RESOLVED and row["claim"] not in claims:
        yield Fault(sheet.where(line, "claim"), cut(row["claim"]), few(row["claim"], claims, "an id of claims.csv"))
    if mark == ACCEPT and not row["claim"]:
        yield Fault(sheet.where(line, "claim"), "nothing", "an id of claims.csv", "a whole map is signed, not accepted")
    if mark == SIGNED and row["claim"]:
        yield Fault(sheet.where(line, "claim"), cut(row["claim"]), "nothing: a map is signed off as a whole")
    if mark == SIGNED and not row["map"]:
        yield Fault(
            sheet.where(line, "map"), "nothing", "the hash of the map that is signed off, as its page writes it"
        )
    if mark == RESOLVED and row["answers"] not in before:
        found = cut(row["answers"]) if row["answers"] else "nothing"
        yield Fault(sheet.where(line, "answers"), found, few(row["answers"], before, "the id of a remark above it"))
    yield from day_faults(row, "when", sheet)
