"""A file of rows and columns as text: its delimiter, its header, and the line of the file at which each row begins."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, nearest
from cjtools.settings import SourceSection
from cjtools.sources.files import Opened, decode, fault_of, open_file

DELIMITERS = (",", ";", "\t", "|")
LONE_RETURN = "\ufdd0"  # stands for a carriage return inside a cell while rows are told apart
FOUND = "\0found"  # no file has a column of that name: zero bytes are refused


@dataclass(frozen=True)
class Sheet:
    """The rows of one file, every cell as text; `lines` holds the line at which each row begins, from 1."""

    name: str
    sha256: str
    encoding: str
    delimiter: str
    header_line: int
    header: tuple[str, ...]
    rows: pl.DataFrame
    lines: pl.Series

    def where(self, line: int, column: str = "") -> str:
        """Return a place in the file, as faults name it."""
        return f"{self.name} line {line}" + (f", column {column!r}" if column else "")


def read_sheet(
    file: Path, *, section: SourceSection, client: Client, wanted: Collection[str], lookup: bool = True
) -> Sheet:
    """Return the rows of a file, joined with the source's lookup when it has one.

    `wanted` are the columns that client.toml names: they help to find the delimiter and must stand once.
    Raises SourceError for rows of another length, a quote that never closes, a zero byte, a missing column.
    """
    opened = open_file(file, client)
    text, encoding = decode(opened, section.encoding)
    sheet = parse_sheet(opened, text, encoding, delimiter=section.delimiter, wanted=wanted)
    if lookup and section.lookup is not None:
        sheet = join_lookup(sheet, section=section, client=client, wanted=wanted)
    faults = list(column_faults(sheet, wanted, section))
    if faults:
        raise SourceError(sheet.name, faults)
    return sheet


def parse_sheet(
    opened: Opened, text: str, encoding: str, *, delimiter: str | None = None, wanted: Collection[str] = ()
) -> Sheet:
    r"""Return the rows of a text.

    >>> sheet = parse_sheet(Opened("a.csv", b"", ""), "id;n\n\n1;2\n", "utf-8")
    >>> sheet.delimiter, sheet.header, sheet.rows.rows(), sheet.lines.to_list()
    (';', ('id', 'n'), [('1', '2')], [3])
    """
    if text.lstrip()[:1] in ("{", "["):
        raise fault_of(opened.name, "this is JSON, not rows and columns", "a header line and rows", "export it as CSV")
    if not text.strip():
        raise fault_of(opened.name, f"the file is empty ({len(opened.data)} bytes)", "a header line and rows")
    start, hint = excel_hint(text)
    delimiter = delimiter or hint or find_delimiter(text[start:], wanted)
    records, lines = read_records(opened.name, text[start:], delimiter)
    lines = [line + 1 for line in lines] if start else lines
    if not records:
        raise fault_of(opened.name, "no row holds anything", "a header line and rows")
    faults = list(zero_byte_faults(opened.name, text, records, lines))
    header, header_line = unique_names(records.pop(0)), lines.pop(0)
    faults += length_faults(opened.name, records, lines, len(header))
    if faults:
        raise SourceError(opened.name, faults)
    columns = list(zip(*records, strict=True)) or [()] * len(header)
    rows = pl.DataFrame([pl.Series(name, cells, dtype=pl.String) for name, cells in zip(header, columns, strict=True)])
    return Sheet(
        opened.name, opened.sha256, encoding, delimiter, header_line, header, rows, pl.Series(lines, dtype=pl.Int64)
    )


def excel_hint(text: str) -> tuple[int, str | None]:
    """Return where the rows begin and the delimiter of a first line such as sep=; when there is one."""
    first, _, _ = text[:20].partition("\n")
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == 5:
        return len(first) + 1, first[4]
    return 0, None


def find_delimiter(text: str, wanted: Collection[str]) -> str:
    """Return the delimiter that gives the header most of the wanted columns, then most columns."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            header = next(row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row)
        except (csv.Error, StopIteration):
            return (-1, 0)
        names = {name.strip() for name in header}
        return (len(names & set(wanted)), len(header))

    return max(DELIMITERS, key=score)


def read_records(name: str, text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return every row that is not blank, the header first, and the line at which each begins."""
    marked = mark_returns(text)
    reader = csv.reader(io.StringIO(marked, newline=""), delimiter=delimiter, strict=True)
    records, lines, line = [], [], 1
    try:
        for record in reader:
            if any(record) and any(map(str.strip, record)):
                records.append(record if marked is text else [cell.replace(LONE_RETURN, "\r") for cell in record])
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise fault_of(f"{name} line {line}", *csv_fault(str(error)), what=name) from None
    return records, lines


def mark_returns(text: str) -> str:
    """Return a text whose lines end in line feeds with its lone carriage returns marked: those belong to a cell."""
    first = re.search(r"\r?\n|\r", text)
    if first is None or first.group() == "\r" or LONE_RETURN in text or not re.search(r"\r(?!\n)", text):
        return text
    return re.sub(r"\r(?!\n)", LONE_RETURN, text)


def csv_fault(message: str) -> tuple[str, str, str]:
    """Return what a message of Python's csv module means, in our words."""
    if "unexpected end of data" in message:
        return "a quote opens here and never closes", "", "close it, or double the quotes inside a text"
    if "field larger" in message:
        return f"a cell of more than {csv.field_size_limit()} characters", "", "a quote may be missing in this row"
    if "expected after" in message:
        return "a quote inside a quoted cell", "", 'double the quotes inside a text: ""'
    return f"not a row ({message})", "", ""


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns; a repeated one carries its place, so that none is lost."""
    names = [name.strip().strip("\ufeff") for name in header]
    seen: Counter[str] = Counter()
    unique = []
    for place, name in enumerate(names, start=1):
        seen[name] += 1
        unique.append(name if seen[name] == 1 and name else f"{name}\0{place}")
    return tuple(unique)


def length_faults(name: str, records: Sequence[Sequence[str]], lines: Sequence[int], width: int) -> Iterator[Fault]:
    """Yield the rows that have more or fewer cells than the header."""
    for record, line in zip(records, lines, strict=True):
        if len(record) != width:
            step = (
                "a delimiter or a quote may be missing"
                if len(record) < width
                else "a text with the delimiter needs quotes"
            )
            yield Fault(f"{name} line {line}", f"{len(record)} cells", f"{width} as in the header", step)


def zero_byte_faults(name: str, text: str, records: Sequence[Sequence[str]], lines: Sequence[int]) -> Iterator[Fault]:
    """Yield the rows that hold a zero byte: a broken file, or one that is no text."""
    if "\0" in text:
        for record, line in zip(records, lines, strict=True):
            for cell in record:
                if "\0" in cell:
                    yield Fault(f"{name} line {line}", "a zero byte", "text", "export the file again")


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


def join_lookup(sheet: Sheet, *, section: SourceSection, client: Client, wanted: Collection[str]) -> Sheet:
    """Return a sheet with the columns of the lookup table beside its own.

    Raises SourceError when the shared column is missing, stands twice for one value, or finds no row.
    """
    assert section.lookup is not None
    on, path = section.lookup.on, client.folder / section.lookup.path
    plain = section.model_copy(update={"lookup": None, "delimiter": None, "encoding": None})
    other = read_sheet(path, section=plain, client=client, wanted=[on], lookup=False)
    twice = other.rows[on].is_duplicated()
    faults = [
        *column_faults(sheet, [on], section),
        *(
            Fault(other.where(line, on), f"{cut(value)} stands there twice", "one row for each value")
            for value, line in zip(other.rows[on].filter(twice), other.lines.filter(twice), strict=True)
        ),
    ]
    if faults:
        raise SourceError(sheet.name, faults)
    added = other.rows.select(on, *[name for name in other.header if name not in sheet.header])
    joined = sheet.rows.join(added.with_columns(pl.lit(True).alias(FOUND)), on=on, how="left", maintain_order="left")
    lost = joined[FOUND].is_null()
    if lost.any():
        raise SourceError(sheet.name, [
            Fault(sheet.where(line, on), f"{cut(value)} has no row in {other.name}", "", "add it there")
            for value, line in zip(sheet.rows[on].filter(lost), sheet.lines.filter(lost), strict=True)
        ])  # fmt: skip
    rows = joined.drop(FOUND)
    return replace(sheet, rows=rows, header=tuple(rows.columns))
