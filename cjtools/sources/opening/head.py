"""The first rows of a file of rows and columns: which delimiter it has, which row is its header."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN = 60  # rows at the head of a file among which the header is looked for
LONE_RETURN = "\ufdd0"  # stands for a carriage return that ends no line
HEAD = 2**20  # characters that surely hold those rows


@dataclass(frozen=True)
class Head:
    """What the first rows say: the columns, the line of the header, the rows before it.

    Its `end` is the character behind the header, `below` the line that begins there.
    """

    names: tuple[str, ...]
    line: int
    preamble: int
    end: int
    below: int


def read_head(
    text: str,
    delimiter: str,
    *,
    wanted: Collection[str],
    columns: Sequence[str] = (),
    quoted: bool = True,
    first_line: int = 1,
) -> Head | None:
    r"""Return what the first rows of a text say; None when there are too few to know, or lines end in returns.

    >>> head = read_head("Report\n" + "Date,Views\n" * 60, ",", wanted=["date"])
    >>> head.names, head.line, head.preamble, head.end, head.below
    (('Date', 'Views'), 2, 1, 18, 3)
    """
    if columns:
        return Head(unique_names(columns), 1, 0, 0, first_line)
    text = text[:HEAD]
    ends = re.search(r"\r\n|\n|\r", text)
    if delimiter == " " or ends is None or ends.group() == "\r":
        return None
    text = re.sub(r"\r(?!\n)", LONE_RETURN, text)
    stream = io.StringIO(text, newline="")
    if quoted:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
    else:
        reader = csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)
    records: list[list[str]] = []
    lines: list[tuple[int, int]] = []
    line = 0
    try:
        for record in reader:
            if any(map(str.strip, record)):
                records.append([cell.replace(LONE_RETURN, "\r") for cell in record])
                lines.append((line, reader.line_num))
            line = reader.line_num
            if len(records) == HEADER_WITHIN:
                break
    except csv.Error:
        return None
    if len(records) < HEADER_WITHIN:
        return None
    at = find_header(records, wanted)
    first, behind = lines[at]
    end = 0
    for _ in range(behind):
        end = text.index("\n", end) + 1
    return Head(unique_names(records[at]), first + first_line, at, end, behind + first_line)


def find_header(records: Sequence[Sequence[str]], wanted: Collection[str]) -> int:
    """Return which of the first rows is the header: the first with most of the wanted columns, in any case.

    >>> find_header([["# Report"], ["Date", "Views"], ["2026-07-01", "3"]], ["date"])
    1
    """
    names = set(map(column_key, wanted))
    scores = [len(names.intersection(map(column_key, row))) for row in records[:HEADER_WITHIN]]
    return scores.index(max(scores)) if names else 0


def column_key(name: str) -> str:
    """Return a column's name as names are compared: without case, with single blanks.

    >>> column_key("  Full   Text ")
    'full text'
    """
    return " ".join(name.strip("\ufeff").casefold().split())


def excel_hint(text: str) -> tuple[int, str | None]:
    """Return where the rows begin and the delimiter of a first line such as sep=; when there is one."""
    first, _, _ = text[:20].partition("\n")
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == 5:
        return len(first) + 1, first[4]
    return 0, None


def find_delimiter(text: str, wanted: Collection[str]) -> str:
    """Return the delimiter that gives one of the first rows most of the wanted columns, then most columns."""
    names = set(map(column_key, wanted))
    text = text[:HEAD]

    def score(delimiter: str) -> tuple[int, int]:
        try:
            rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), HEADER_WITHIN))
        except csv.Error:
            return (-1, 0)
        found = max((len(names.intersection(map(column_key, row))) for row in rows), default=0)
        return (found, len(next((row for row in rows if row), [])))

    return max(DELIMITERS, key=score)


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns; a repeated one carries its place, so that none is lost."""
    names = [name.strip().strip("\ufeff") for name in header]
    seen: Counter[str] = Counter()
    unique = []
    for nth, name in enumerate(names, start=1):
        seen[name] += 1
        unique.append(name if seen[name] == 1 and name else f"{name}\0{nth}")
    return tuple(unique)
