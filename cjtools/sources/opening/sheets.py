"""The door of every table: CSV, workbook, JSON, or a zip of them, as sheets of texts; and what a header may be."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path

import polars as pl

from cjtools.client import Client
from cjtools.errors import CjtoolsError, Fault, SourceError, cut, nearest, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.columnar import PARQUET, parquet_names, parquet_sheet
from cjtools.sources.opening.containers import open_zip
from cjtools.sources.opening.delimited import DELIMITERS, HEADER_WITHIN, Sheet, parse_sheet, sheet_of
from cjtools.sources.opening.files import Opened, decode, fault_of, open_file, unpack
from cjtools.sources.opening.records import looks_like_json, parse_records
from cjtools.sources.opening.workbook import OLE, first_rows, is_workbook, locked_fault, read_workbook, what_else

FOUND = "\0found"  # no file has a column of that name: zero bytes are refused
JSON_TOKEN = re.compile(r'[{}\[\]]|"(?P<text>(?:[^"\\]|\\.)*)"(?P<colon>\s*:)?')
TABLES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx")


@dataclass(frozen=True)
class Layout:
    """What is known of a file before it opens: the columns wanted, and where its rows stand."""

    wanted: Collection[str] = ()
    records: str = ""
    members: str = ""
    sheets: Sequence[str] = ()


def open_sheets(file: Path, *, section: SourceSection, client: Client, layout: Layout) -> list[Sheet]:
    """Return the sheets of a file: one, or of a zip one for each table in it, joined with the source's lookup.

    Raises SourceError for rows of another length, a quote that never closes, a zero byte, JSON that is none.
    """
    opened = open_file(file, client)
    inside = members_of(opened, layout)
    sheets = [sheet_in(each, section=section, layout=layout) for each in inside]
    if section.lookup is None:
        return sheets
    return [join_lookup(sheet, section=section, client=client) for sheet in sheets]


def members_of(opened: Opened, layout: Layout) -> list[Opened]:
    """Return the tables of a zip, under the zip's name, or the file itself."""
    if not opened.data.startswith(b"PK\x03\x04"):
        return [opened]
    members = open_zip(opened)
    if is_workbook(members):
        return [opened]
    pattern = layout.members or "*"
    names = [
        name
        for name in sorted(members)
        if fnmatch(name.rsplit("/", 1)[-1], pattern) and name.lower().removesuffix(".gz").endswith(TABLES)
    ]
    if not names and (what := what_else(members)):
        raise fault_of(opened.name, f"this is {what}", "a workbook (.xlsx) or a text", "save it as .xlsx, or as CSV")
    if not names:
        found = "no table in this zip" + (f" is called {layout.members}" if layout.members else "")
        raise fault_of(opened.name, found, ", ".join(TABLES))
    return [
        Opened(
            f"{opened.name}/{name}", unpack(members[name], f"{opened.name}/{name}"), sha256(members[name]).hexdigest()
        )
        for name in names
    ]


def sheet_in(opened: Opened, *, section: SourceSection, layout: Layout) -> Sheet:
    """Return the one sheet of a file that is no zip of files."""
    if opened.data.startswith(PARQUET):
        return parquet_sheet(opened, decimal=section.decimal)
    if opened.data.startswith(b"PK\x03\x04"):
        book = read_workbook(opened, sheet=section.sheet, wanted_sheets=layout.sheets, wanted=layout.wanted)
        sheet = sheet_of(
            opened, book.rows, book.numbers, encoding="xlsx", wanted=layout.wanted, columns=section.columns
        )
        return replace(sheet, notes=book.notes)
    if opened.data.startswith(OLE):
        raise locked_fault(opened)
    if opened.name.lower().endswith((".xlsx", ".xlsm")):
        raise fault_of(
            opened.name, "this is no workbook, whatever its name says", "", "rename it to .csv if it is text"
        )
    text, encoding = decode(opened, section.encoding)
    if looks_like_json(text):
        return parse_records(opened, text, encoding, path=section.records or layout.records)
    return parse_sheet(
        opened,
        text,
        encoding,
        delimiter=section.delimiter,
        wanted=layout.wanted,
        columns=section.columns,
        quoted=bool(section.quote),
    )


def column_faults(sheet: Sheet, wanted: Collection[str], section: SourceSection) -> Iterator[Fault]:
    """Yield the columns that client.toml names and the file has not, or has twice."""
    shown = [name.split("\0")[0] for name in sheet.header]
    for column in dict.fromkeys(wanted):
        if column not in sheet.header:
            hint = nearest(column, [name for name in shown if name][:40])
            step = f"see [sources.mapping] of source {section.id!r} in client.toml"
            yield Fault(sheet.where(sheet.header_line), f"there is no column {cut(column)}", hint, step)
        elif shown.count(column) > 1:
            places = " and ".join(str(place) for place, name in enumerate(shown, start=1) if name == column)
            found = f"the column stands at {places}"
            yield Fault(sheet.where(sheet.header_line, column), found, "one column of that name", "rename the others")


def join_lookup(sheet: Sheet, *, section: SourceSection, client: Client) -> Sheet:
    """Return a sheet with the columns of the lookup table beside its own.

    Raises SourceError when the shared column is missing, stands twice for one value, or finds no row.
    """
    assert section.lookup is not None
    on, path = section.lookup.on, client.folder / section.lookup.path
    plain = section.model_copy(
        update={"lookup": None, "delimiter": None, "columns": (), "quote": '"', "encoding": None, "sheet": None}
    )
    other = open_sheets(path, section=plain, client=client, layout=Layout(wanted=[on]))[0]
    raise_if_any(SourceError, other.name, list(column_faults(other, [on], section)))
    twice = other.rows[on].is_duplicated()
    faults = [
        *column_faults(sheet, [on], section),
        *(
            Fault(other.where(line, on), f"{cut(value)} stands there twice", "one row for each value")
            for value, line in zip(other.rows[on].filter(twice), other.lines.filter(twice), strict=True)
        ),
    ]
    raise_if_any(SourceError, sheet.name, faults)
    added = other.rows.select(on, *[name for name in other.header if name not in sheet.header])
    joined = sheet.rows.join(added.with_columns(pl.lit(True).alias(FOUND)), on=on, how="left", maintain_order="left")
    lost = joined[FOUND].is_null()
    missing = (("lookup_missing", int(lost.sum())),)
    step = "add it there, or say partial = true of this lookup"
    if section.lookup.partial:
        lost = pl.repeat(False, joined.height, eager=True)
    raise_if_any(SourceError, sheet.name, [
        Fault(sheet.where(line, on), f"{cut(value)} has no row in {other.name}", "", step)
        for value, line in zip(sheet.rows[on].filter(lost), sheet.lines.filter(lost), strict=True)
    ])  # fmt: skip
    rows = joined.drop(FOUND).with_columns(pl.all().fill_null(""))
    return replace(sheet, rows=rows, header=tuple(rows.columns), notes=(*sheet.notes, *missing))


def possible_headers(file: Path, head: bytes) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a file that may be its header: what detection goes by. A broken file has none."""
    try:
        stat = file.stat()
    except OSError:
        return ()
    return peek(file, stat.st_mtime_ns, stat.st_size, head)


@lru_cache(maxsize=64)
def peek(file: Path, changed: int, size: int, head: bytes) -> tuple[tuple[str, ...], ...]:
    """Return the rows that may be a header; looked at once for all presets, also when the file is broken."""
    try:
        return header_rows(file, head)
    except (OSError, CjtoolsError, csv.Error, ValueError, RecursionError):
        return ()


def header_rows(file: Path, head: bytes) -> tuple[tuple[str, ...], ...]:
    """Return the rows that may be a header, none of them empty. Raises what a broken file raises."""
    return tuple(row for row in all_rows(file, head) if row)


def all_rows(file: Path, head: bytes) -> tuple[tuple[str, ...], ...]:
    """Return the first rows of a file, of all the tables in it."""
    if head.startswith(PARQUET):
        return (parquet_names(file),)
    if head.startswith(b"PK\x03\x04"):
        opened = Opened(file.name, file.read_bytes(), "")
        members = open_zip(opened)
        if is_workbook(members):
            return tuple(map(tuple, first_rows(opened)))
        tables = [data for name, data in sorted(members.items()) if name.lower().endswith(TABLES)]
        return tuple(row for data in tables[:20] for row in rows_of(data[:65536]))
    return tuple(rows_of(head))


def rows_of(head: bytes) -> Iterator[tuple[str, ...]]:
    """Yield the first rows of a text by every delimiter, or the names in the first objects of JSON."""
    text, _ = decode(Opened("", cut_to_character(head), ""), None)
    if looks_like_json(text):
        yield from names_in(text)
        return
    for delimiter in DELIMITERS:
        for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), HEADER_WITHIN):
            if len(row) > 1:
                yield tuple(row)


def cut_to_character(head: bytes) -> bytes:
    """Return the head of a file without the character that the cut may have halved, to be decoded without fault."""
    for drop in range(4):
        try:
            head[: len(head) - drop].decode("utf-8")
            return head[: len(head) - drop]
        except UnicodeDecodeError:
            continue
    return head if head.startswith((b"\xff\xfe", b"\xfe\xff")) else head.decode("cp1252", "replace").encode()


def names_in(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the names in the head of a JSON text, wherever it ends: as its lists see them, then as its root does."""
    within: dict[str, bool] = {}
    whole: dict[str, bool] = {}
    stack: list[tuple[str, str, str]] = []  # of each open bracket: its kind, its name from its list, from the root
    key = ""
    for token in JSON_TOKEN.finditer(text):
        mark = token.group()
        if mark in "{[":
            _, near, far = stack[-1] if stack else ("", "", "")
            listed = not stack or stack[-1][0] == "["
            near = "" if mark == "[" or listed else f"{near}{key}."
            stack.append((mark, near, f"{far}{key}." if key and not listed else far))
        elif mark in "}]":
            if stack:
                stack.pop()
        elif token["colon"] is not None and stack and stack[-1][0] == "{":
            key = token["text"]
            within[stack[-1][1] + key] = whole[stack[-1][2] + key] = True
    yield tuple(within)
    yield tuple(whole)
