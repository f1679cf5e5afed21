"""One table of Search Console's export: what it is about, which columns are the period's own, its cells as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import PurePosixPath

import polars as pl

from cjtools.errors import Fault, SourceError, cut, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet, parse_sheet, sheet_of
from cjtools.sources.opening.files import Opened, decode, fault_of
from cjtools.sources.opening.workbook import open_book, read_workbook
from cjtools.sources.parsing.amounts import plain_number, real, whole
from cjtools.sources.parsing.periods import ISO_DAY, Days, date_of, days_between
from cjtools.sources.parsing.vocabulary import header_key, load_vocabulary
from cjtools.sources.reader import FileLine, counted

CTR = r"^\d+(?:[.,]\d+)?[\s\x{a0}\x{202f}]*%$"
FRACTION = r"^(?:0|1|0?\.\d+|1\.0+)(?:[eE]-\d+)?$"
DAY = r"^(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00)?)?$"
MOST_ROWS = 1000
COLUMNS = 5  # name, clicks, impressions, CTR, position; of a comparison all but the first twice
COMPARED = "compared_period"


@dataclass(frozen=True)
class Part:
    """One table of the export: its file, its dimension, its rows as numbers yet without a period.

    Rows with a reason in `why` are not used: a comparison has rows of the other period alone.
    """

    line: FileLine
    dimension: str
    rows: pl.DataFrame


@dataclass(frozen=True)
class Filters:
    """What the export says of itself: the period when it stands there in full, how many filters were set."""

    period: Days | None
    count: int


def sheets_in(opened: Opened, section: SourceSection) -> Iterator[tuple[str, Sheet]]:
    """Yield the tables of one file with the name of each: a CSV file is one, a workbook has one a sheet."""
    if not opened.data.startswith(b"PK\x03\x04"):
        text, encoding = decode(opened, section.encoding)
        yield (
            PurePosixPath(opened.name).stem,
            parse_sheet(opened, text, encoding, delimiter=section.delimiter, quoted=section.quote != ""),
        )
        return
    book = open_book(opened)
    for tab in book.tabs:
        rows = read_workbook(opened, sheet=tab.name)
        own = sha256(book.members.get(tab.path, b"")).hexdigest()
        if rows.rows:
            named = Opened(f"{opened.name}/{tab.name}.xlsx", opened.data, own)
            yield tab.name, sheet_of(named, rows.rows, rows.numbers, encoding="xlsx")


def read_filters(name: str, sheet: Sheet) -> Filters | None:
    """Return what the list of filters says; None when the table is another."""
    vocabulary = load_vocabulary("search_console")
    if not (vocabulary.says("filters", name) or vocabulary.says("filters", sheet.header[0])) or len(sheet.header) > 2:
        return None
    days = [date_of(*found) for value in sheet.rows.to_series(-1) for found in ISO_DAY.findall(value)]
    period = days_between(days[0], days[1]) if len(days) == 2 else None
    return Filters(period, max(sheet.rows.height - 2, 0))  # the kind of search and the days stand there always


def read_part(name: str, sheet: Sheet) -> Part:
    """Return one table of the export. Raises SourceError with every cell that cannot be."""
    compared = len(sheet.header) == 2 * COLUMNS - 1
    own = own_period(sheet) if compared else sheet
    if len(own.header) != COLUMNS:
        raise fault_of(
            sheet.where(1),
            f"{len(sheet.header)} columns",
            "5: name, clicks, impressions, CTR, position",
            what=sheet.name,
        )
    dimension = dimension_of(name, own)
    rows, faults = typed_rows(own, compared=compared)
    if dimension == "day":
        rows = rows.with_columns(day=pl.col("name").str.extract(DAY).str.to_date("%Y-%m-%d", strict=False))
        faults += [
            Fault(sheet.where(at, sheet.header[0]), f"{cut(text)} is not a day", "such as 2026-07-01")
            for at, text in rows.filter(pl.col("day").is_null()).select("source_row", "name").iter_rows()
        ]
    raise_if_any(SourceError, sheet.name, faults)
    left = rows["why"].drop_nulls().len()
    flags = {
        "rows_cut_at_1000": rows.height == MOST_ROWS,
        "rare_queries_left_out": dimension == "query",
        "compared_period_left_out": compared,
        COMPARED: left,
    }
    line = FileLine(
        sheet.name,
        sheet.sha256,
        rows_in=rows.height,
        rejected=left,
        flags=tuple(counted(flags)),
        encoding=sheet.encoding,
        delimiter=sheet.delimiter or None,
    )
    return Part(line, dimension, rows)


def own_period(sheet: Sheet) -> Sheet:
    """Return a table of a comparison with the columns of the later period alone.

    Raises SourceError when the names of the columns do not tell which these are.
    """
    pairs = [sheet.header[place : place + 2] for place in range(1, len(sheet.header), 2)]
    later = {later_of(pair) for pair in pairs}
    if len(later) != 1 or None in later:
        raise fault_of(
            sheet.where(1),
            "two periods are compared in this export",
            "one period",
            "export it without comparison",
            what=sheet.name,
        )
    place = later.pop() or 0
    header = (sheet.header[0], *(pair[place] for pair in pairs))
    return replace(sheet, header=header, rows=sheet.rows.select(header))


def later_of(pair: Sequence[str]) -> int | None:
    """Return which of two columns is of the later period: by the words for the other one, or by full dates.

    >>> later_of(["Last 28 days Clicks", "Previous 28 days Clicks"]), later_of(["a", "b"])
    (0, None)
    >>> later_of(["2026-06-01 - 2026-06-30 Clicks", "2026-07-01 - 2026-07-31 Clicks"])
    1
    """
    words = load_vocabulary("search_console").known_words["compared"]
    earlier = [any(word in header_key(name) for word in words) for name in pair]
    if sum(earlier) == 1:
        return earlier.index(False)
    days = [max((date_of(*found) for found in ISO_DAY.findall(name)), default=None, key=str) for name in pair]
    if days[0] is None or days[1] is None or days[0] == days[1]:
        return None
    return 0 if days[0] > days[1] else 1


def dimension_of(name: str, sheet: Sheet) -> str:
    """Return what a table is about: by its file's name, by its header, or by what its first column holds."""
    known = load_vocabulary("search_console").known_dimensions
    found = known.get(header_key(name)) or known.get(header_key(sheet.header[0]))
    if found is not None:
        return found
    first = sheet.rows.to_series(0)
    for dimension, pattern in (("day", r"^\d{4}-\d{2}-\d{2}$"), ("page", r"^https?://")):
        if len(first) and first.str.contains(pattern).all():
            return dimension
    step = "rename the file to Queries.csv, Pages.csv, Countries.csv, Devices.csv or Dates.csv"
    text, expected = f"column {cut(sheet.header[0])} is not known", "queries, pages, countries, devices or dates"
    raise fault_of(sheet.where(1), text, expected, step, what=sheet.name)


def typed_rows(sheet: Sheet, *, compared: bool) -> tuple[pl.DataFrame, list[Fault]]:
    """Return name, clicks, impressions and position of each row, and the cells that are no such number."""
    names = sheet.header
    share, position = names[3], names[4]
    commas = sheet.rows.select(pl.col(share, position).str.contains(",").any()).row(0) != (False, False)
    # A decimal mark in the last columns tells what the other mark in the counts must mean.
    told = sheet.rows.select(pl.col(share, position).str.contains(r"\d[.,]\d").any()).row(0) != (False, False)
    mark = "," if commas else "."
    plain = [
        plain_number(pl.col(name).str.strip_chars(), decimal=mark, grouped=told and place < 3)
        for place, name in enumerate(names)
    ]
    blank = pl.all_horizontal(pl.col(names[1:]).str.strip_chars() == "")
    rows = sheet.rows.select(
        source_row=sheet.lines,
        name=pl.col(names[0]).str.strip_chars(),
        clicks=whole(plain[1]),
        impressions=whole(plain[2]),
        share=pl.col(share).str.strip_chars().str.contains(FRACTION if sheet.encoding == "xlsx" else CTR)
        | pl.col(share).str.strip_chars().str.contains(CTR),
        position=real(plain[4]),
        why=pl.when(pl.lit(compared) & blank).then(pl.lit(COMPARED)),
    )
    checks = (
        (1, pl.col("clicks").is_not_null(), "a whole number"),
        (
            2,
            pl.col("impressions").is_not_null() & (pl.col("clicks") <= pl.col("impressions")),
            "a whole number, at least the clicks",
        ),
        (3, pl.col("share"), "a share such as 4.17%"),
        (4, (pl.col("position") >= 1) | (pl.col("impressions") == 0), "a position, 1 or more"),
    )
    faults = []
    for place, right, expected in checks:
        wrong = rows.select(~right.fill_null(False) & pl.col("why").is_null()).to_series()
        cells = sheet.rows[names[place]].filter(wrong)
        faults += [
            Fault(sheet.where(line, names[place]), f"{cut(cell)} is not {expected}")
            for cell, line in zip(cells, sheet.lines.filter(wrong), strict=True)
        ]
    return rows, faults


def is_own_table(row: Sequence[str]) -> bool:
    """Say whether a row is the header of one of the tables, by the words for clicks and for what it is about."""
    vocabulary = load_vocabulary("search_console")
    clicks = re.compile("|".join(map(re.escape, sorted(vocabulary.known_words["clicks"]))))
    return (
        len(row) in (COLUMNS, 2 * COLUMNS - 1)
        and header_key(row[0]) in vocabulary.known_dimensions
        and bool(clicks.search(header_key(row[1])))
        and "ctr" in header_key(row[-3 if len(row) > COLUMNS else -2])
    )
