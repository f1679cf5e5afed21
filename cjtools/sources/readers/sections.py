"""A file of several tables, told apart before any of them is read: comments, blank lines, headers of their own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from cjtools.errors import Fault, SourceError
from cjtools.sources.opening.delimited import DELIMITERS, Sheet, csv_fault, excel_hint, sheet_of, zero_byte_faults
from cjtools.sources.opening.files import Opened, fault_of
from cjtools.sources.parsing.periods import Days, date_of, days_between

COMPACT = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
RULE = re.compile(r"[-=_*]{5,}")
HOLDS_A_NUMBER = re.compile(r"[+−-]?[\d.,\s]*\d[\d.,\s]*%?")


@dataclass(frozen=True)
class Section:
    """One table of a file: the comments before it, its rows, the line at which each begins, the period it tells.

    `head` are the comments between the first two rules, which name the report. `one_line` says that the period stood
    in one comment, as explorations write it.
    """

    head: tuple[str, ...]
    comments: tuple[str, ...]
    records: tuple[list[str], ...]
    lines: tuple[int, ...]
    period: Days | None = None
    one_line: bool = False

    @property
    def title(self) -> str:
        """What the comments call this table: a segment, a question, or nothing."""
        names = [text for text in self.comments if not COMPACT.search(text)]
        return names[-1] if names else ""


@dataclass
class Draft:
    """A table while its lines are read."""

    comments: list[str]
    records: list[list[str]]
    lines: list[int]


def split_sections(name: str, text: str, delimiter: str, *, quoted: bool = True) -> list[Section]:
    r"""Return the tables of a text. A table ends at a comment, or at a blank line that a row of names follows.

    >>> text = "# Start date: 20260701\n# End date: 20260702\nDay,Views\n0000,3\n\nCity,Users\nVic,2\n"
    >>> [(section.records, section.lines, section.period[0].day) for section in split_sections("a", text, ",")]
    [((['Day', 'Views'], ['0000', '3']), (3, 4), 1), ((['City', 'Users'], ['Vic', '2']), (6, 7), 1)]
    """
    head: list[str] = []
    drafts = [Draft([], [], [])]
    rules, blank = 0, False
    for line, record, comment in records_of(name, text, delimiter, quoted=quoted):
        draft = drafts[-1]
        if comment is not None:
            if draft.records:
                draft = Draft([], [], [])
                drafts.append(draft)
            if RULE.fullmatch(comment):
                rules += 1
            elif comment:
                (head if rules == 1 else draft.comments).append(comment)
        elif record:
            if blank and draft.records and begins_table(record):
                draft = Draft(list(draft.comments), [], [])
                drafts.append(draft)
            draft.records.append(record)
            draft.lines.append(line)
        blank = not record and comment is None
    return list(dated(head, [draft for draft in drafts if draft.records]))


def dated(head: Sequence[str], drafts: Sequence[Draft]) -> Iterator[Section]:
    """Yield tables with the period that their comments tell, else that of the report, else that of the table before."""
    period, one_line = period_in(head)
    for draft in drafts:
        own, alone = period_in(draft.comments)
        period, one_line = (own, alone) if own else (period, one_line)
        rows, lines = tuple(draft.records), tuple(draft.lines)
        yield Section(tuple(head), tuple(draft.comments), rows, lines, period, one_line)


def period_in(comments: Sequence[str]) -> tuple[Days | None, bool]:
    """Return the period that some comments tell in any language, and whether it stands in one line.

    >>> period_in(["Compte: x", "Data d'inici: 20260701", "Data de finalització: 20260731"])
    ((datetime.date(2026, 7, 1), datetime.date(2026, 7, 31)), False)
    >>> period_in(["Free form", "20260723-20260922"])[1]
    True
    """
    found = [[date_of(*match) for match in COMPACT.findall(text)] for text in comments if COMPACT.search(text)]
    for days in found:
        if len(days) == 2:
            return days_between(days[0], days[1]), True
    singles = [days[0] for days in found if len(days) == 1]
    return (days_between(singles[-2], singles[-1]), False) if len(singles) > 1 else (None, False)


def begins_table(record: Sequence[str]) -> bool:
    """Say whether a row after a blank line is the header of another table: names alone, none empty, none a number.

    >>> begins_table(["City", "Users"]), begins_table(["", "1055"]), begins_table(["Vic", "2"]), begins_table(["", "x"])
    (True, False, False, False)
    """
    cells = [cell.strip() for cell in record]
    while cells and not cells[-1]:
        cells.pop()
    return all(cells) and not any(HOLDS_A_NUMBER.fullmatch(cell) for cell in cells)


def records_of(name: str, text: str, delimiter: str, *, quoted: bool) -> Iterator[tuple[int, list[str], str | None]]:
    """Yield each row with the line at which it begins: its cells (none when it is blank), or its comment.

    A line that begins with # is a comment where a row could begin, so that a quoted text may hold one.
    """
    source = io.StringIO(text, newline="")
    pending: list[str] = []

    def feed() -> Iterator[str]:
        while (following := pending.pop() if pending else source.readline()) != "":
            yield following

    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(feed(), delimiter=delimiter, strict=True, quoting=quoting)
    line = 1
    while (begun := source.readline()) != "":
        bare = begun.strip("\ufeff \t\r\n")
        if bare.startswith(("#", '"#')):
            yield line, [], bare.strip('"' + delimiter).strip("# ")
            line += 1
            continue
        pending.append(begun)
        before = reader.line_num
        try:
            record = next(reader)
        except (csv.Error, StopIteration) as error:
            raise fault_of(
                f"{name} line {line}", *csv_fault(str(error) or "unexpected end of data"), what=name
            ) from None
        yield line, record if any(map(str.strip, record)) else [], None
        line += reader.line_num - before


def open_sections(opened: Opened, text: str, declared: str | None, *, quoted: bool = True) -> tuple[list[Section], str]:
    """Return the tables of a text and what divides its cells: as client.toml says, else by its first header."""
    start, hint = excel_hint(text)
    text = "#" + text if start else text  # Excel's hint is no row
    rows = (line for line in text.splitlines() if line.strip('\ufeff \t,;"'))
    first = next((line for line in rows if not line.lstrip('\ufeff" ').startswith("#")), "")
    marks = {mark: len(next(csv.reader([first], delimiter=mark), [])) for mark in DELIMITERS}
    delimiter = declared or hint or max(marks, key=lambda mark: marks[mark])
    return split_sections(opened.name, text, delimiter, quoted=quoted), delimiter


def section_sheet(opened: Opened, section: Section, *, encoding: str, delimiter: str) -> tuple[Sheet, pl.Series]:
    """Return a table as a sheet, and which of its rows have one cell too many: the label of a line of totals.

    Empty cells that a spreadsheet adds at the ends of rows are taken away.
    """
    width = max((place for place, name in enumerate(section.records[0], start=1) if name.strip()), default=1)
    records = [trimmed(record, width) for record in section.records]
    labelled = [len(record) == width + 1 and not record[0].strip() for record in records]
    records = [record[:width] if label else record for record, label in zip(records, labelled, strict=True)]
    faults = list(zero_byte_faults(opened.name, "".join(map("".join, records)), records, section.lines))
    sheet = sheet_of(opened, records, section.lines, encoding=encoding, delimiter=delimiter, faults=faults)
    nameless = [str(place) for place, header in enumerate(sheet.header, start=1) if header.startswith("\0")]
    if nameless:
        found = f"no name above column {' and '.join(nameless)}"
        step = "put every dimension of the exploration into rows, none into columns, and export it again"
        raise SourceError(opened.name, [Fault(sheet.where(section.lines[0]), found, "a name for each column", step)])
    return sheet, pl.Series(labelled[1:], dtype=pl.Boolean)


def trimmed(record: list[str], width: int) -> list[str]:
    """Return a row without the empty cells that stand behind the width of its table."""
    end = len(record)
    while end > width and not record[end - 1].strip():
        end -= 1
    return record[:end]
