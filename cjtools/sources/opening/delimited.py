"""A file of rows and columns as text: its delimiter, its header, and the line of the file at which each row begins."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from cjtools.errors import Fault, SourceError
from cjtools.sources.opening.files import Opened, fault_of
from cjtools.sources.opening.head import (
    DELIMITERS,
    HEAD,
    HEADER_WITHIN,
    LONE_RETURN,
    column_key,
    excel_hint,
    find_delimiter,
    find_header,
    read_head,
    unique_names,
)
from cjtools.sources.opening.plain import quick_rows
from cjtools.sources.reader import place

__all__ = [
    "DELIMITERS",
    "HEADER_WITHIN",
    "Marks",
    "Sheet",
    "column_key",
    "csv_fault",
    "excel_hint",
    "find_delimiter",
    "find_header",
    "length_faults",
    "marks_of",
    "parse_sheet",
    "read_records",
    "rows_of",
    "sheet_of",
    "unique_names",
    "zero_byte_faults",
]

LARGE = 2**18  # characters from which on it pays to see first whether a text is plain
BARE = '; or add quote = "" to this source where quotes are letters of its texts'
NO_DELIMITER = "\ufdd1"  # stands where each line is one text


@dataclass(frozen=True)
class Sheet:
    """The rows of one file, every cell as text; `lines` holds the line at which each row begins, from 1.

    `preamble` is the number of rows before the header: what a tool writes there is no data. `notes` are counted flags
    that a reader adds to what is told of the file. `trimmed` says that no cell begins or ends with a blank of ASCII,
    `ascii` that there is no other letter in it, `nulls` that every empty cell is null, and
    `absent` names letters that stand nowhere in the file, among those that ids are looked at for.
    """

    name: str
    sha256: str
    encoding: str
    delimiter: str
    header_line: int
    header: tuple[str, ...]
    rows: pl.DataFrame
    lines: pl.Series
    preamble: int = 0
    notes: tuple[tuple[str, int], ...] = ()
    trimmed: bool = False
    ascii: bool = False
    nulls: bool = False
    absent: frozenset[str] = frozenset()

    def where(self, line: int, column: str = "") -> str:
        """Return a place in the file, as faults name it."""
        return place(self.name, line, column)


def parse_sheet(
    opened: Opened,
    text: str,
    encoding: str,
    *,
    delimiter: str | None = None,
    wanted: Collection[str] = (),
    columns: Sequence[str] = (),
    quoted: bool = True,
) -> Sheet:
    r"""Return the rows of a text; its header is the row with most of the wanted columns, else the first one.

    A file without a header has the names in `columns`; with one name and no delimiter, each line is a text. A blank as
    delimiter stands for any run of blanks. Where a file is not `quoted`, a quote is a letter like any other.

    >>> sheet = parse_sheet(Opened("a.csv", b"", ""), "id;n\n\n1;2\n", "utf-8")
    >>> sheet.delimiter, sheet.header, sheet.rows.rows(), sheet.lines.to_list()
    (';', ('id', 'n'), [('1', '2')], [3])
    """
    if text.lstrip()[:1] in ("{", "["):
        raise fault_of(opened.name, "this is JSON, not rows and columns", "a header line and rows", "export it as CSV")
    if not text.strip():
        raise fault_of(opened.name, f"the file is empty ({len(opened.data)} bytes)", "a header line and rows")
    marks = marks_of(text, delimiter=delimiter, wanted=wanted, columns=columns, quoted=quoted)
    start, delimiter, quoted = marks.start, marks.delimiter, marks.quoted
    if len(text) >= LARGE:
        plain = plain_sheet(opened, text[start:], encoding, delimiter, wanted, columns, quoted, 1 + (start > 0))
        if plain is not None:
            return plain
    records, lines = read_records(opened.name, text[start:], delimiter, quoted=quoted)
    lines = [line + 1 for line in lines] if start else lines
    faults = list(zero_byte_faults(opened.name, text, records, lines))
    return sheet_of(
        opened,
        records,
        lines,
        encoding=encoding,
        delimiter=marks.shown,
        wanted=wanted,
        columns=columns,
        faults=faults,
    )


@dataclass(frozen=True)
class Marks:
    """What stands between the cells of a text, whether quotes do, and the character at which its rows begin."""

    start: int
    delimiter: str
    quoted: bool

    @property
    def shown(self) -> str:
        """The delimiter as it is told of a file: none where each line is one text."""
        return self.delimiter.strip(NO_DELIMITER)


def marks_of(
    text: str, *, delimiter: str | None, wanted: Collection[str], columns: Sequence[str], quoted: bool
) -> Marks:
    """Return what stands between the cells of a text: what is declared, else what its first rows say."""
    start, hint = excel_hint(text)
    if len(columns) == 1 and delimiter is None:
        return Marks(start, NO_DELIMITER, False)
    return Marks(start, delimiter or hint or find_delimiter(text[start : start + HEAD], wanted), quoted)


def plain_sheet(
    opened: Opened,
    text: str,
    encoding: str,
    delimiter: str,
    wanted: Collection[str],
    columns: Sequence[str],
    quoted: bool,
    first_line: int,
) -> Sheet | None:
    """Return the rows of a text without anything unusual, which is much faster than one by one; of others None."""
    head = read_head(text, delimiter, wanted=wanted, columns=columns, quoted=quoted, first_line=first_line)
    if head is None:
        return None
    body = text[head.end :].encode("utf-8", "surrogatepass")
    read = quick_rows(body, head.names, delimiter, first_line=head.below, quoted=quoted)
    if read is None:
        return None
    rows, lines = read
    return Sheet(
        opened.name, opened.sha256, encoding, delimiter, head.line, head.names, rows, lines, preamble=head.preamble
    )


def sheet_of(
    opened: Opened,
    records: Sequence[list[str]],
    lines: Sequence[int],
    *,
    encoding: str,
    delimiter: str = "",
    wanted: Collection[str] = (),
    columns: Sequence[str] = (),
    faults: Sequence[Fault] = (),
) -> Sheet:
    """Return rows of cells as a sheet: its header found, or given in `columns`, every row as long as that."""
    if columns:
        records, lines = [list(columns), *records], [1, *lines]
    if not records:
        nothing = Fault(opened.name, "no row holds anything", "a header line and rows")
        raise SourceError(opened.name, [*faults, nothing])
    at = 0 if columns else find_header(records, wanted)
    header, body, below = unique_names(records[at]), records[at + 1 :], lines[at + 1 :]
    as_in = "columns of client.toml" if columns else "the header"
    wrong = [*faults, *length_faults(opened.name, body, below, len(header), as_in=as_in)]
    if wrong:
        raise SourceError(opened.name, wrong)
    numbers = pl.Series(below, dtype=pl.Int64)
    return Sheet(
        opened.name, opened.sha256, encoding, delimiter, lines[at], header, rows_of(body, header), numbers, preamble=at
    )


def rows_of(records: Sequence[Sequence[str]], header: Sequence[str]) -> pl.DataFrame:
    """Return records that are all as long as the header as a frame of texts."""
    cells = list(zip(*records, strict=True)) or [()] * len(header)
    return pl.DataFrame([pl.Series(name, column, dtype=pl.String) for name, column in zip(header, cells, strict=True)])


def read_records(
    name: str, text: str, delimiter: str, *, quoted: bool = True, first_line: int = 1
) -> tuple[list[list[str]], list[int]]:
    """Return every row that is not blank, the header first, and the line at which each begins."""
    if delimiter == " ":
        split = [(line.split(), number) for number, line in enumerate(text.splitlines(), start=1)]
        return [cells for cells, _ in split if cells], [number for cells, number in split if cells]
    marked = mark_returns(text)
    stream = io.StringIO(marked, newline="")
    if quoted:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
    else:
        reader = csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)
    records, lines, line = [], [], first_line
    try:
        for record in reader:
            cells = record if marked is text else [cell.replace(LONE_RETURN, "\r") for cell in record]
            if any(cells) and any(map(str.strip, cells)):
                records.append(cells)
                lines.append(line)
            line = reader.line_num + first_line
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
        return "a quote opens here and never closes", "", f"close it, or double the quotes inside a text{BARE}"
    if "field larger" in message:
        return f"a cell of more than {csv.field_size_limit()} characters", "", "a quote may be missing in this row"
    if "expected after" in message:
        return "a quote inside a quoted cell", "", f'double the quotes inside a text: ""{BARE}'
    return f"not a row ({message})", "", ""


def length_faults(
    name: str, records: Sequence[Sequence[str]], lines: Sequence[int], width: int, *, as_in: str = "the header"
) -> Iterator[Fault]:
    """Yield the rows that have more or fewer cells than the header."""
    for record, line in zip(records, lines, strict=True):
        if len(record) != width:
            step = (
                "a delimiter or a quote may be missing"
                if len(record) < width
                else "a text with the delimiter needs quotes"
            )
            yield Fault(f"{name} line {line}", f"{len(record)} cells", f"{width} as in {as_in}", step)


def zero_byte_faults(name: str, text: str, records: Sequence[Sequence[str]], lines: Sequence[int]) -> Iterator[Fault]:
    """Yield the rows that hold a zero byte: a broken file, or one that is no text."""
    if "\0" in text:
        for record, line in zip(records, lines, strict=True):
            for cell in record:
                if "\0" in cell:
                    yield Fault(f"{name} line {line}", "a zero byte", "text", "export the file again")
