"""Tables and lines that fit the terminal."""

from __future__ import annotations

import datetime as dt
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

# Where the output goes to a file or a pipe.
NO_TERMINAL = (120, 24)
APART = "  "
# Letters of a calendar, in a wide terminal and in a narrow one.
STRIPS = (40, 24)
WIDE = 112
MARKS = {"totals": "─", "gap": "·", "": " "}


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, whether it holds numbers, and how narrow it may become (else it may not)."""

    heading: str
    right: bool = False
    least: int | None = None


def width() -> int:
    """Return how many letters stand in a line."""
    return max(shutil.get_terminal_size(NO_TERMINAL).columns, 20)


def wrapped(text: str, *, first: str = "", more: str = "  ") -> list[str]:
    """Return a text as lines that fit; what goes on is set in."""
    return textwrap.wrap(text, width(), initial_indent=first, subsequent_indent=more, break_on_hyphens=False)


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table as lines. A text too long for its column goes on below; where no table fits, a paragraph a row."""
    wide = widths(columns, rows)
    if sum(wide) + len(APART) * (len(wide) - 1) > width():
        return [line for row in rows for line in paragraph(columns, row)]
    heading = laid_out([column.heading for column in columns], columns, wide)
    lines = [line for row in rows for line in laid_out(row, columns, wide)]
    return [*heading, "─" * max(map(len, [*heading, *lines])), *lines]


def widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return how wide each column is: as wide as its texts; the widest that may be narrower give way."""
    texts = [[column.heading, *(row[place] for row in rows)] for place, column in enumerate(columns)]
    wide = [max(map(len, cells)) for cells in texts]
    least = [own if column.least is None else min(own, column.least) for own, column in zip(wide, columns, strict=True)]
    spare = width() - len(APART) * (len(columns) - 1)
    while sum(wide) > spare and wide != least:
        _, place = max((own, place) for place, own in enumerate(wide) if own > least[place])
        wide[place] -= 1
    return wide


def laid_out(row: Sequence[str], columns: Sequence[Column], wide: Sequence[int]) -> list[str]:
    """Return one row as lines."""
    cells = [textwrap.wrap(text, size, break_on_hyphens=False) or [""] for text, size in zip(row, wide, strict=True)]
    lines = []
    for parts in zip_longest(*cells, fillvalue=""):
        padded = [
            part.rjust(size) if column.right else part.ljust(size)
            for part, size, column in zip(parts, wide, columns, strict=True)
        ]
        lines.append(APART.join(padded).rstrip())
    return lines


def paragraph(columns: Sequence[Column], row: Sequence[str]) -> list[str]:
    """Return one row as a text below its first cell: heading and value of every other cell that has one."""
    others = [
        f"{column.heading} {text.strip()}" for column, text in list(zip(columns, row, strict=True))[1:] if text.strip()
    ]
    return [*wrapped(row[0]), *wrapped("; ".join(others), first="  ", more="  ")]


def strip(spans: Sequence[Mapping[str, Any]], *, first: dt.date, last: dt.date, wide: int = 0) -> str:
    """Return the calendar of a source as one line, from `first` to `last`: a letter for as many days each.

    >>> day = dt.date(2026, 7, 1)
    >>> span = {"state": "rows", "first": day, "last": day + dt.timedelta(4)}
    >>> strip([span], first=day, last=day + dt.timedelta(9), wide=5)
    '██▒'
    """
    length = (last - first).days + 1
    wide = min(wide or STRIPS[width() < WIDE], length)
    marks = []
    for place in range(wide):
        begin, end = (first + dt.timedelta(days=length * step // wide) for step in (place, place + 1))
        marks.append(mark(spans, begin, end - dt.timedelta(days=1)))
    return "".join(marks).rstrip()


def mark(spans: Sequence[Mapping[str, Any]], begin: dt.date, end: dt.date) -> str:
    """Return the letter of some days: rows on all of them, on some, totals, a gap, or nothing."""
    shared = {
        state: sum(
            max((min(span["last"], end) - max(span["first"], begin)).days + 1, 0)
            for span in spans
            if span["state"] == state
        )
        for state in ("rows", "totals", "gap")
    }
    if shared["rows"]:
        return "█" if shared["rows"] == (end - begin).days + 1 else "▒"
    return MARKS[next((state for state in ("totals", "gap") if shared[state]), "")]
