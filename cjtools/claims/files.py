"""claims.csv and links.csv in the client's folder, read as people leave them: typed, or saved by a spreadsheet."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import dataframely as dy
import polars as pl

from cjtools.claims.tables import RELATIONS, STATUSES, TIERS, UNDONE, Claim, Link
from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, nearest, raise_if_any
from cjtools.lanes.statements import LANE_OF_TYPE
from cjtools.map_tables import ALL
from cjtools.settings import LANGUAGES
from cjtools.sources.opening.delimited import Sheet, parse_sheet
from cjtools.sources.opening.files import decode, open_file
from cjtools.sources.reader import place
from cjtools.spreadsheet import FORMULA
from cjtools.tables import shape_of
from cjtools.words import load_words

CLAIMS, LINKS = "claims.csv", "links.csv"
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
DAY = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)|(?P<first>\d\d?)[/.-](?P<second>\d\d?)[/.-](?P<last>\d{4})"
)

STATEMENTS = ("statement", *(f"statement_{language}" for language in LANGUAGES))
CLAIM_COLUMNS = ("id", "stage", "persona", "touchpoint", "lane", "type", *STATEMENTS, "tier", "status", "review", "key")
CLAIM_NEEDED = ("id", "stage", "type", "statement")
LINK_COLUMNS = ("claim", "evidence", "relation", "who", "when", "note", "dated")
LINK_NEEDED = ("claim", "evidence", "relation")

Row = dict[str, str]


def load_claims(client: Client, *, unnamed: bool = False) -> pl.DataFrame:
    """Return the rows of the client's claims.csv as declared in Claim, in their order; none without the file.

    A row without a persona is of everybody, without a status accepted; the lane follows from the type. `unnamed` rows
    without an id are let through (their id is then the line), so that they can be given one. Raises SourceError that
    lists every fault of the file.
    """
    sheet = read_sheet(client, CLAIMS, CLAIM_COLUMNS, CLAIM_NEEDED)
    if sheet is None:
        return Claim.create_empty()
    rows = [claim_row(cells, line, unnamed=unnamed) for cells, line in cells_of(sheet)]
    known = known_values(client)
    faults = [fault for row in rows for fault in claim_faults(row, sheet, known, client=client)]
    faults += twice([(row["id"], int(row["line"])) for row in rows], sheet)
    raise_if_any(SourceError, CLAIMS, sorted(faults, key=lambda fault: line_in(fault.where)))
    return frame_of(rows, Claim)


def load_links(client: Client, claims: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the client's links.csv as declared in Link, in their order; none without the file.

    Raises SourceError that lists every fault: relations that do not exist, claims that are not in `claims`.
    """
    sheet = read_sheet(client, LINKS, LINK_COLUMNS, LINK_NEEDED)
    if sheet is None:
        return Link.create_empty()
    rows = [link_row(cells, line) for cells, line in cells_of(sheet)]
    known = set(claims["id"])
    raise_if_any(SourceError, LINKS, [fault for row in rows for fault in link_faults(row, sheet, known)])
    return frame_of(rows, Link)


def ids_written(client: Client) -> pl.DataFrame:
    """Return the ids (id, status) that stand in claims.csv, whatever else is wrong with its rows; none without it."""
    sheet = read_sheet(client, CLAIMS, CLAIM_COLUMNS, CLAIM_NEEDED)
    rows = [] if sheet is None else [claim_row(cells, line, unnamed=False) for cells, line in cells_of(sheet)]
    known = [(row["id"], row["status"]) for row in rows if row["id"]]
    return pl.DataFrame(known, schema={"id": pl.String, "status": pl.String}, orient="row")


def read_sheet(client: Client, name: str, columns: Sequence[str], needed: Sequence[str]) -> Sheet | None:
    """Return one of the two files as it is written; null without the file."""
    path = client.folder / name
    if not path.is_file():
        return None
    opened = open_file(path, client)
    text, encoding = decode(opened, None)
    sheet = parse_sheet(opened, text, encoding, wanted=columns)
    has = set(sheet.header) | ({"statement"} if f"statement_{client.client.language}" in sheet.header else set())
    where = place(name, sheet.header_line)
    faults = [
        Fault(where, f"no column {each!r}", f"the columns {', '.join(columns)}") for each in needed if each not in has
    ]
    faults += [
        Fault(sheet.where(sheet.header_line, each), f"{cut(each)} is no column", nearest(each, columns))
        for each in sheet.header
        if each.startswith("statement") and each not in columns
    ]
    raise_if_any(SourceError, name, faults)
    return sheet


def cells_of(sheet: Sheet) -> Iterator[tuple[dict[str, str], int]]:
    """Yield the cells of each row as texts on one line, without what guards them from being formulas, and its line."""
    for cells, line in zip(sheet.rows.to_dicts(), sheet.lines, strict=True):
        yield {name: unguarded(" ".join((value or "").split())) for name, value in cells.items()}, line


def guarded(text: str) -> str:
    """Return a text that comes back as it was: one more apostrophe where it would be taken for a guard.

    >>> guarded("'=1"), unguarded("''=1"), unguarded("'=1"), unguarded("'s nachts")
    ("''=1", "'=1", '=1', "'s nachts")
    """
    return f"'{text}" if text.startswith("'") and text.lstrip("'").startswith(FORMULA) else text


def unguarded(text: str) -> str:
    """Return a text without the apostrophe that keeps spreadsheets from taking it for a formula."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA) else text


def claim_row(cells: Mapping[str, str], line: int, *, unnamed: bool) -> Row:
    """Return the cells of a claim by name, with what is understood where nothing was written."""
    row = {name: cells.get(name, "") for name in CLAIM_COLUMNS} | {"line": str(line)}
    row["id"] = row["id"] or (f"line-{line}" if unnamed else "")
    row["persona"] = row["persona"] or ALL
    row["status"] = row["status"].lower() or "accepted"
    row["tier"] = row["tier"].lower()
    row["lane"] = row["lane"] or LANE_OF_TYPE.get(row["type"], "")
    return row


def link_row(cells: Mapping[str, str], line: int) -> Row:
    """Return the cells of a link by name."""
    row = {name: cells.get(name, "") for name in LINK_COLUMNS} | {"line": str(line)}
    return row | {"relation": row["relation"].lower()}


def known_values(client: Client) -> dict[str, tuple[str, ...]]:
    """Return what may stand in the columns of claims.csv that have a closed list."""
    return {
        "stage": tuple(stage.id for stage in client.journey),
        "persona": (ALL, *(persona.id for persona in client.personas)),
        "touchpoint": tuple(touchpoint.id for touchpoint in client.touchpoints),
        "type": tuple(load_words("en").sections["types"]),
        "lane": tuple(dict.fromkeys(LANE_OF_TYPE.values())),
        "status": STATUSES,
        "tier": TIERS,
    }


def claim_faults(row: Row, sheet: Sheet, known: Mapping[str, Sequence[str]], *, client: Client) -> Iterator[Fault]:
    """Yield what is wrong with a claim."""
    line = int(row["line"])
    own = f"statement_{client.client.language}"
    if not IDENTIFIER.fullmatch(row["id"]):
        step = "`cjtools claims draft` gives the rows without one an id"
        yield Fault(sheet.where(line, "id"), cut(row["id"]) if row["id"] else "nothing", "a-z, 0-9, - and _", step)
    for name, values in known.items():
        if name == "lane" and not row["lane"] and row["type"] not in known["type"]:
            continue  # it follows from the type, which is at fault already
        if row[name] not in values and (row[name] or name not in ("touchpoint", "tier")):
            found = cut(row[name]) if row[name] else "nothing"
            yield Fault(sheet.where(line, name), found, nearest(row[name], values))
    if not (row["statement"] or row[own]) and row["status"] != "dropped":
        yield Fault(sheet.where(line, "statement"), "nothing", f"a statement in {client.client.language}")
    if row["statement"] and row[own] and row["statement"] != row[own]:
        yield Fault(sheet.where(line, own), f"{cut(row[own])} beside another statement", "one in this language")
    yield from day_faults(row, "review", sheet)


def link_faults(row: Row, sheet: Sheet, claims: Iterable[str]) -> Iterator[Fault]:
    """Yield what is wrong with a link."""
    line = int(row["line"])
    if row["claim"] not in claims:
        found = cut(row["claim"]) if row["claim"] else "nothing"
        yield Fault(sheet.where(line, "claim"), found, few(row["claim"], claims, "an id of claims.csv"))
    if not row["evidence"]:
        yield Fault(sheet.where(line, "evidence"), "nothing", "an evidence_id of the table of evidence")
    if row["relation"] not in (*RELATIONS, UNDONE):
        found = cut(row["relation"]) if row["relation"] else "nothing"
        yield Fault(sheet.where(line, "relation"), found, nearest(row["relation"], (*RELATIONS, UNDONE)))
    yield from day_faults(row, "when", sheet)
    yield from day_faults(row, "dated", sheet)


def few(name: str, names: Iterable[str], otherwise: str) -> str:
    """Return the nearest name, or a word for all of them where none is near."""
    close = nearest(name, sorted(names))
    return close if close.startswith("did") else otherwise


def day_faults(row: Row, name: str, sheet: Sheet) -> Iterator[Fault]:
    """Yield why a date cannot be read."""
    if row[name]:
        day = day_of(row[name])
        if isinstance(day, str):
            yield Fault(sheet.where(int(row["line"]), name), cut(row[name]), day)


def day_of(text: str) -> dt.date | str:
    """Return a date, also as spreadsheets rewrite it where only one reading is possible; else what was expected.

    >>> day_of("2026-11-24"), day_of("24/11/2026"), day_of("03/04/2026")
    (datetime.date(2026, 11, 24), datetime.date(2026, 11, 24), 'may be two days; write it as 2026-11-24')
    """
    found = DAY.fullmatch(text)
    if found is None:
        return "a date such as 2026-11-24"
    year, month, day = found["year"], found["month"], found["day"]
    if year is None:
        first, second = int(found["first"]), int(found["second"])
        if first <= 12 and second <= 12 and first != second:
            return "may be two days; write it as 2026-11-24"
        year, (month, day) = found["last"], (first, second) if second > 12 else (second, first)
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return "a day that there is, such as 2026-11-24"


def twice(ids: Sequence[tuple[str, int]], sheet: Sheet) -> Iterator[Fault]:
    """Yield the ids that an earlier row has."""
    first: dict[str, int] = {}
    for identifier, line in ids:
        if identifier and first.setdefault(identifier, line) != line:
            told = f"{cut(identifier)} stands in line {first[identifier]} too"
            yield Fault(sheet.where(line, "id"), told, "an id of its own")


def line_in(where: str) -> int:
    """Return the line that a place names, so that faults come in the order of the file."""
    found = re.search(r" line (\d+)", where)
    return int(found.group(1)) if found else 0


def frame_of(rows: Sequence[Row], schema: type[dy.Schema]) -> pl.DataFrame:
    """Return checked rows as a declared table."""
    readers: dict[str, Callable[[str], Any]] = {"line": int, "review": day_of, "when": day_of, "dated": day_of}
    shape = shape_of(schema)
    values = [{name: readers.get(name, str)(row[name]) if row[name] else None for name in shape} for row in rows]
    return schema.validate(pl.DataFrame(values, schema=shape), cast=True)
