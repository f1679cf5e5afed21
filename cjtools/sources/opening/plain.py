"""CSV without anything unusual in it, read by polars: checked first, so that it means what Python's csv would read.

What is not plain (a quote inside a cell, rows of another length, control characters) is left to delimited.read_records,
which says what is wrong. For most a glance is enough; the other checks work on bits, one a byte, sixty-four at once.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from cjtools.sources.opening.bits import Bits, after, before, bits_below_blank, bits_of, count, parity, places
from cjtools.sources.opening.glance import Quotes, glance, quotes_of

BOM = b"\xef\xbb\xbf"
LOOKED_FOR = "+@"  # in ids, for numbers that a spreadsheet has cut and for addresses
BLANK = r"^[\s\x1c-\x1f]*$"


@dataclass(frozen=True)
class Seen:
    """What was seen in plain bytes: how many rows, and the line ends (of all lines, and which of them end a row).

    `trimmed` says that no cell begins or ends with a blank of ASCII.
    """

    rows: int
    lines: int
    inner_ends: int
    ends: Bits
    row_ends: Bits
    trimmed: bool


@dataclass(frozen=True)
class Plain:
    """The rows of plain CSV that are not blank, and the line at which each begins.

    `trimmed` says that no cell begins or ends with a blank of ASCII, `ascii` that there is no other letter, `nulls`
    that empty cells are null, all of them; `absent` are those of LOOKED_FOR that stand nowhere.
    """

    rows: pl.DataFrame
    lines: pl.Series
    trimmed: bool = False
    ascii: bool = False
    nulls: bool = False
    absent: frozenset[str] = frozenset()


def quick_rows(
    data: bytes, names: Sequence[str], delimiter: str, *, first_line: int, quoted: bool = True
) -> tuple[pl.DataFrame, pl.Series] | None:
    r"""Return the rows of a text that are not blank, and the line at which each begins; None when it is not plain.

    >>> rows, lines = quick_rows(b'1,"a\n""b"" c"\n2,d\n', ["n", "t"], ",", first_line=2)
    >>> rows.rows(), lines.to_list()
    ([('1', 'a\n"b" c'), ('2', 'd')], [2, 4])
    >>> quick_rows(b"1,2,3\n", ["n", "t"], ",", first_line=2) is None
    True
    """
    quotes = look_at_quotes(data, delimiter, quoted=quoted)
    at = {"first_line": first_line, "quoted": quoted}
    plain = glanced_rows(data, names, delimiter, quotes, **at) if quotes else None  # type: ignore[arg-type]
    if plain is not None:
        return plain.rows.with_columns(pl.all().fill_null("")), plain.lines
    seen = look_at(data, delimiter, width=len(names), quoted=quoted)
    plain = plain_rows(data, names, delimiter, seen, **at) if seen else None  # type: ignore[arg-type]
    return (plain.rows, plain.lines) if plain else None


def glanced_rows(
    data: bytes, names: Sequence[str], delimiter: str, quotes: Quotes, *, first_line: int, quoted: bool = True
) -> Plain | None:
    """Return the rows of bytes whose quotes stand as they should, if a glance shows that they are plain: else None."""
    rows = read_cells(data, names, delimiter, quoted=quoted, nulls=True)
    seen = None if rows is None else glance(data, delimiter.encode(), quotes, rows)
    if rows is None or seen is None or seen.longest > csv.field_size_limit():
        return None
    lines, is_ascii = pl.int_range(first_line, first_line + rows.height, eager=True), data.isascii()
    first = rows.to_series(0)
    visible = (seen.trimmed and is_ascii) or not first.str.contains(BLANK).any()
    if seen.nulls and visible and not first.has_nulls():
        absent = frozenset(letter for letter in LOOKED_FOR if letter.encode() not in data)
        return Plain(rows, lines, seen.trimmed, is_ascii, nulls=True, absent=absent)
    rows, lines = without_blank_rows(rows.with_columns(pl.all().fill_null("")), lines)
    return Plain(rows, lines, seen.trimmed, is_ascii)


def plain_rows(
    data: bytes, names: Sequence[str], delimiter: str, seen: Seen, *, first_line: int, quoted: bool = True
) -> Plain | None:
    """Return the rows of bytes that were seen to be plain, and their lines; None where a cell is too long after all."""
    rows = read_cells(data, names, delimiter, quoted=quoted, nulls=False)
    if rows is None or rows.height != seen.rows or longest_cell(rows) > csv.field_size_limit():
        return None
    rows, lines = without_blank_rows(rows, lines_of(seen, first_line))
    return Plain(rows, lines, seen.trimmed, data.isascii())


def read_cells(data: bytes, names: Sequence[str], delimiter: str, *, quoted: bool, nulls: bool) -> pl.DataFrame | None:
    """Return all cells as polars reads them, empty ones as null or not; None where it cannot."""
    try:
        return pl.read_csv(
            data,
            has_header=False,
            schema=dict.fromkeys(names, pl.String),
            separator=delimiter,
            quote_char='"' if quoted else None,
            empty_string_is_null=nulls,
            truncate_ragged_lines=False,
        )
    except PolarsError:
        return None


def look_at_quotes(data: bytes, delimiter: str, *, quoted: bool) -> Quotes | None:
    """Return the quotes of some bytes where they and the delimiter are such that a glance can do; else None."""
    return quotes_of(data, delimiter.encode(), quoted=quoted) if can_be_plain(data, delimiter) else None


def look_at(data: bytes, delimiter: str, *, width: int, quoted: bool) -> Seen | None:
    """Return what is seen in some bytes when they are plain rows of `width` cells, as far as bytes can tell."""
    if not can_be_plain(data, delimiter):
        return None
    return look_closely(data, delimiter.encode(), width=width, quoted=quoted)


def can_be_plain(data: bytes, delimiter: str) -> bool:
    """Say whether bytes that begin so, with such a delimiter, can be read by polars as Python's csv reads them."""
    mark = delimiter.encode()
    if not data or data.startswith((BOM, b"\n", b"\r")) or len(mark) != 1:
        return False
    return mark not in b'"\r\n' and (mark >= b" " or mark == b"\t")


def look_closely(data: bytes, mark: bytes, *, width: int, quoted: bool) -> Seen | None:
    """Return what is seen in the bits of some bytes; None when they are not plain."""
    ends, marks = bits_of(data, b"\n"), bits_of(data, mark)
    quotes = bits_of(data, b'"') if quoted else np.zeros_like(ends)
    returns = bits_of(data, b"\r") if b"\r" in data else np.zeros_like(ends)
    tabs = marks if mark == b"\t" else bits_of(data, b"\t") if b"\t" in data else np.zeros_like(ends)
    if count(bits_below_blank(data)) != count(ends) + count(returns) + count(tabs):
        return None  # a control character
    if np.any(returns & ~before(ends)):
        return None  # a carriage return alone
    inside = parity(quotes)
    if not well_quoted(quotes, inside, ends=ends, returns=returns, marks=marks, last=len(data) - 1):
        return None
    row_ends = ends & ~inside
    open_end = not data.endswith(b"\n")
    filled = row_ends & ~blank_rows(row_ends, returns)
    if not as_long(marks & ~inside, filled, width=width, open_end=open_end):
        return None
    cuts = row_ends | (marks & ~inside) | (returns & ~inside)
    blanks = (bits_of(data, b" ") | ends | returns | tabs) & ~cuts
    trimmed = not beside(blanks, cuts, quotes & inside, quotes & ~inside, last=len(data) - 1)
    lines, rows = count(ends), count(row_ends)
    return Seen(rows + open_end, lines, lines - rows, ends, row_ends, trimmed)


def beside(blanks: Bits, cuts: Bits, opening: Bits, closing: Bits, *, last: int) -> bool:
    """Say whether a blank begins or ends a cell: beside what cuts cells, or beside the quotes around one."""
    begin, end = after(cuts), before(cuts)
    begin[0] |= np.uint64(1)
    end[last // 64] |= np.uint64(1) << np.uint64(last % 64)
    return bool((blanks & (begin | after(opening & begin) | end | before(closing & end))).any())


def blank_rows(row_ends: Bits, returns: Bits) -> Bits:
    """Return the ends of rows that hold nothing at all."""
    blank = row_ends & after(row_ends)
    return blank | (row_ends & after(returns & after(row_ends))) if returns.any() else blank


def as_long(marks: Bits, row_ends: Bits, *, width: int, open_end: int) -> bool:
    """Say whether every row has as many delimiters as the header; `open_end` of them lie behind the last row end."""
    words = np.flatnonzero(row_ends)
    marks_in, ends_in = np.bitwise_count(marks).astype(np.int64), np.bitwise_count(row_ends).astype(np.int64)
    marks_before, ends_before = marks_in.cumsum() - marks_in, ends_in.cumsum() - ends_in
    ends = row_ends[words]
    nth = 1
    while len(words):  # the first row end of each word, then the second, and so on
        first = ends & (~ends + np.uint64(1))
        found = marks_before[words] + np.bitwise_count(marks[words] & (first - np.uint64(1)))
        if not np.array_equal(found, (ends_before[words] + nth) * (width - 1)):
            return False
        ends &= ends - np.uint64(1)
        words, ends, nth = words[ends != 0], ends[ends != 0], nth + 1
    return int(marks_in.sum()) == (int(ends_in.sum()) + open_end) * (width - 1)


def well_quoted(quotes: Bits, inside: Bits, *, ends: Bits, returns: Bits, marks: Bits, last: int) -> bool:
    """Say whether quotes open at the beginning of a cell, close at its end, and stand doubled within it only."""
    if not quotes.any():
        return True
    opening, closing = quotes & inside, quotes & ~inside
    begins = after(ends | marks | closing)
    begins[0] |= np.uint64(1)
    stops = before(ends | returns | marks | opening)
    stops[last // 64] |= np.uint64(1) << np.uint64(last % 64)
    return not (np.any(opening & ~begins) or np.any(closing & ~stops) or count(quotes) % 2)


def lines_of(seen: Seen, first_line: int) -> pl.Series:
    """Return the line at which each row begins."""
    if not seen.inner_ends:
        return pl.int_range(first_line, first_line + seen.rows, eager=True)
    nth = np.flatnonzero(np.isin(places(seen.ends), places(seen.row_ends), assume_unique=True)) + 1
    return pl.Series((np.concatenate(([0], nth)) + first_line)[: seen.rows], dtype=pl.Int64)


def longest_cell(rows: pl.DataFrame) -> int:
    """Return the bytes of the longest cell."""
    return int(max(rows.select(pl.all().str.len_bytes().max()).row(0)))


def without_blank_rows(rows: pl.DataFrame, lines: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """Return the rows that hold more than blanks, and their lines."""
    some = rows.with_row_index("\0row")
    for name in rows.columns:
        some = some.filter((pl.col(name) == "") | pl.col(name).str.contains(BLANK))
        if some.is_empty():
            return rows, lines
    blank = [row for row, *cells in some.iter_rows() if not any(map(str.strip, cells))]
    keep = pl.repeat(True, rows.height, eager=True).scatter(blank, False)
    return rows.filter(keep), lines.filter(keep)
