"""Tables of any size: the sheets of a file piece by piece, each with its own lines, made when they are asked for."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import polars as pl
from polars.exceptions import PolarsError

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.columnar import PARQUET, broken_parquet, frame_sheet, parquet_names
from cjtools.sources.opening.delimited import (
    Marks,
    Sheet,
    length_faults,
    marks_of,
    read_records,
    rows_of,
    zero_byte_faults,
)
from cjtools.sources.opening.files import (
    NOT_TEXT,
    Blocks,
    Opened,
    decode_as,
    encoding_of,
    head_of,
    sha256_of,
    shown_name,
)
from cjtools.sources.opening.head import HEAD, Head, read_head
from cjtools.sources.opening.pieces import Form, Piece, as_utf8, line_pieces, row_pieces
from cjtools.sources.opening.plain import Plain, glanced_rows, look_at, plain_rows
from cjtools.sources.opening.records import load_lines, records_sheet
from cjtools.sources.opening.sheets import Layout, join_lookup, open_sheets

SLICE = 100_000  # rows of Parquet read at once

MakeSheet = Callable[[], Sheet]
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class LargeTable:
    """The sheets of one file, to be made one after the other.

    `one_header` says that all have the same columns; `sha256` tells the hash of the file once all were asked for.
    """

    name: str
    sheets: Iterator[MakeSheet]
    sha256: Callable[[], str]
    one_header: bool = True


def open_large(file: Path, *, section: SourceSection, client: Client, layout: Layout) -> list[LargeTable]:
    """Return the tables of a file in pieces, where its format allows it, else whole."""
    name = shown_name(file, client)
    head = head_of(file, HEAD)
    if head.startswith(PARQUET):
        tables = [parquet_table(file, name, section=section, layout=layout)]
    elif (table := text_table(file, name, head, section=section, layout=layout)) is not None:
        tables = [table]
    else:
        sheets = open_sheets(file, section=section, client=client, layout=layout)
        return [LargeTable(sheet.name, iter([partial(same, sheet)]), partial(same, sheet.sha256)) for sheet in sheets]
    if section.lookup is None:
        return tables
    return [replace(table, sheets=joined(table.sheets, section=section, client=client)) for table in tables]


def same(thing: Thing) -> Thing:
    """Return what is there already."""
    return thing


def joined(sheets: Iterable[MakeSheet], *, section: SourceSection, client: Client) -> Iterator[MakeSheet]:
    """Yield sheets with the columns of the source's lookup table beside their own."""
    for make in sheets:
        yield partial(with_lookup, make, section=section, client=client)


def with_lookup(make: MakeSheet, *, section: SourceSection, client: Client) -> Sheet:
    """Return a sheet with the columns of the source's lookup table, whose cells may have blanks around them."""
    sheet = make()
    rows = sheet.rows.with_columns(pl.all().fill_null(""))
    plain = replace(sheet, rows=rows, trimmed=False, ascii=False, nulls=False, absent=frozenset())
    return join_lookup(plain, section=section, client=client)


def parquet_table(file: Path, name: str, *, section: SourceSection, layout: Layout) -> LargeTable:
    """Return the rows of a Parquet file in slices; of its columns only the wanted ones where the others say nothing."""
    try:
        rows = pl.scan_parquet(file).select(pl.len()).collect().item()
        columns = needed_columns(file, section, layout)
    except PolarsError as error:
        raise broken_parquet(name, error) from None
    slices = (
        partial(parquet_slice, file, name, first, columns, section.decimal) for first in range(0, max(rows, 1), SLICE)
    )
    return LargeTable(name, slices, partial(sha256_of, file))


def needed_columns(file: Path, section: SourceSection, layout: Layout) -> list[str]:
    """Return the columns that have to be read: all, unless each row has an id of its own."""
    there = pl.read_parquet_schema(file)
    key = section.mapping.get("event_id")
    if key not in there or section.moments or section.lookup:
        return list(there)
    empty = pl.col(key).is_null()
    if there[key] == pl.String:
        empty |= pl.col(key).str.strip_chars() == ""
    if pl.scan_parquet(file).select(empty.any()).collect().item():
        return list(there)
    wanted = {part for name in layout.wanted for part in (name, name.split(".")[0])}
    return [column for column in there if column in wanted]


def parquet_slice(file: Path, name: str, first: int, columns: list[str], decimal: str) -> Sheet:
    """Return some rows of a Parquet file as a sheet. It has the header of the whole, and the rows of some columns."""
    try:
        frame = pl.scan_parquet(file).slice(first, SLICE).select(columns).collect()
    except PolarsError as error:
        raise broken_parquet(name, error) from None
    return replace(frame_sheet(frame, name, "", decimal=decimal, first_row=first + 1), header=parquet_names(file))


def text_table(file: Path, name: str, head: bytes, *, section: SourceSection, layout: Layout) -> LargeTable | None:
    """Return the rows of a text in pieces; None where it is no text, or of a form that has to be read as a whole."""
    if any(head.startswith(magic) for magic, *_ in NOT_TEXT) or not head:
        return None
    encoding, begin = encoding_of(name, head, section.encoding)
    text = text_of(head[begin:], encoding, name)
    blocks = Blocks(file, name)
    stream = skipped(blocks, begin)
    if encoding != "utf-8":
        stream = as_utf8(stream, encoding, name)
    first = text.lstrip()[:1]
    if first == "{" and not (section.records or layout.records) and is_lines(text):
        lines = (partial(lines_sheet, piece, name, encoding) for piece in line_pieces(stream, name))
        return LargeTable(name, lines, lambda: blocks.sha256, one_header=False)
    ends = re.search(r"\r\n|\n|\r", text)
    if first in ("{", "[", "") or ends is None or ends.group() == "\r":
        return None
    marks = marks_of(
        text, delimiter=section.delimiter, wanted=layout.wanted, columns=section.columns, quoted=bool(section.quote)
    )
    at = {"wanted": layout.wanted, "columns": section.columns, "quoted": marks.quoted}
    below = read_head(text[marks.start :], marks.delimiter, **at, first_line=1 + (marks.start > 0))  # type: ignore[arg-type]
    if below is None or marks.delimiter == " ":
        return None
    begin = len(text[: marks.start + below.end].encode())
    form = Form(len(below.names), marks.delimiter, marks.quoted)
    pieces = row_pieces(skipped(stream, begin), form, line=below.below, byte=begin)
    as_in = "columns of client.toml" if section.columns else "the header"
    sheets = (partial(rows_sheet, piece, name, encoding, marks, below, as_in) for piece in pieces)
    return LargeTable(name, sheets, lambda: blocks.sha256)


def text_of(head: bytes, encoding: str, name: str) -> str:
    """Return the text of the first bytes of a file, whose last character may be halved."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, False)
    except UnicodeDecodeError:
        text = decode_as(name, head, encoding)
    return text


def is_lines(text: str) -> bool:
    """Say whether a text begins with a line that is a JSON object, and has another line."""
    first, _, rest = text.lstrip().partition("\n")
    try:
        return isinstance(json.loads(first), dict) and bool(rest.strip())
    except (ValueError, RecursionError):
        return False


def skipped(blocks: Iterable[bytes], count: int) -> Iterator[bytes]:
    """Yield blocks without the first bytes."""
    for block in blocks:
        yield block[count:]
        count = max(count - len(block), 0)


def lines_sheet(piece: Piece, name: str, encoding: str) -> Sheet:
    """Return some lines of JSON as a sheet. Raises SourceError with every line that is no object."""
    opened = Opened(name, piece.data, "")
    text = decode_as(name, piece.data, "utf-8", line=piece.line, byte=piece.byte)
    values = load_lines(opened, text, first_line=piece.line)
    raise_if_any(SourceError, name, [
        Fault(f"{name} line {line}", "not a JSON object", "one object a line")
        for line, each in values
        if not isinstance(each, dict)
    ])  # fmt: skip
    return records_sheet(opened, [each for _, each in values], [line for line, _ in values], encoding=encoding)


def rows_sheet(piece: Piece, name: str, encoding: str, marks: Marks, head: Head, as_in: str) -> Sheet:
    """Return some rows of a table as a sheet. Raises SourceError as delimited.parse_sheet does."""
    plain = quick_piece(piece, head.names, marks) or Plain(*slow_rows(piece, name, marks, head, as_in))
    preamble = head.preamble if piece.line == head.below else 0
    return Sheet(
        name,
        "",
        encoding,
        marks.shown,
        head.line,
        head.names,
        plain.rows,
        plain.lines,
        preamble=preamble,
        trimmed=plain.trimmed,
        ascii=plain.ascii,
        nulls=plain.nulls,
        absent=plain.absent,
    )


def quick_piece(piece: Piece, names: Sequence[str], marks: Marks) -> Plain | None:
    """Return the rows of a piece that is plain; of another None. Where a glance fails, it is looked at closely."""
    at = {"first_line": piece.line, "quoted": marks.quoted}
    if piece.quotes is not None:
        plain = glanced_rows(piece.data, names, marks.delimiter, piece.quotes, **at)  # type: ignore[arg-type]
        if plain is not None:
            return plain
    seen = piece.seen or look_at(piece.data, marks.delimiter, width=len(names), quoted=marks.quoted)
    return plain_rows(piece.data, names, marks.delimiter, seen, **at) if seen else None  # type: ignore[arg-type]


def slow_rows(piece: Piece, name: str, marks: Marks, head: Head, as_in: str) -> tuple[pl.DataFrame, pl.Series]:
    """Return the rows of a piece that is not plain, read one by one."""
    text = decode_as(name, piece.data, "utf-8", line=piece.line, byte=piece.byte)
    # The line before says that lines end in line feeds: a carriage return alone belongs to a cell.
    records, lines = read_records(name, f"\n{text}", marks.delimiter, quoted=marks.quoted, first_line=piece.line - 1)
    faults = [
        *zero_byte_faults(name, text, records, lines),
        *length_faults(name, records, lines, len(head.names), as_in=as_in),
    ]
    raise_if_any(SourceError, name, faults)
    return rows_of(records, head.names), pl.Series(lines, dtype=pl.Int64)
