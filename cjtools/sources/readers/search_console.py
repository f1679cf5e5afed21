"""Search Console's performance export: a zip, its CSV files or a workbook, in whatever language the account speaks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path, PurePosixPath

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.kinds.report import period_said
from cjtools.sources.opening.containers import open_zip
from cjtools.sources.opening.files import Opened, fault_of, open_file
from cjtools.sources.opening.sheets import possible_headers
from cjtools.sources.opening.workbook import is_workbook
from cjtools.sources.parsing.periods import Days
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parsing.vocabulary import header_key, load_vocabulary
from cjtools.sources.reader import (
    Reader,
    left_out_rows,
    period_of,
    read_each,
    said_in,
    shape,
    source_lines,
    tables_of,
)
from cjtools.sources.readers.search_console_table import (
    Filters,
    Part,
    is_own_table,
    read_filters,
    read_part,
    sheets_in,
)
from cjtools.tables import Observation, Tables

# An error of the product: impressions of these days are wrong, clicks are not.
WRONG_IMPRESSIONS = (dt.date(2025, 5, 13), dt.date(2026, 4, 27))


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: a zip with one of the export's names, or a table with a share as fourth column."""
    if head.startswith(b"PK\x03\x04"):
        vocabulary = load_vocabulary("search_console")
        known = {*vocabulary.known_dimensions, *vocabulary.known_words["filters"]}
        names = re.findall(r"[\w ]+\.csv", head.decode("utf-8", errors="replace"))
        headers = possible_headers(file, head)
        named = any(header_key(PurePosixPath(name).stem) in known for name in names)
        if named and any("ctr" in map(header_key, row) for row in headers):
            return 0.95
        return 0.93 if any(is_own_table(row) for row in headers) else 0.5 if named else 0.0
    lines = head.decode("utf-8", errors="replace").splitlines()[:2]
    cells = [re.split(r"[,;\t](?=\S)", line) for line in lines]
    share = re.compile(r"^\d+([.,]\d+)?\s*%$")
    right = len(cells) == 2 and len(cells[0]) == 5 and any(share.match(cell.strip('" ')) for cell in cells[1][-2:-1])
    return 0.9 if right or any(is_own_table(row) for row in possible_headers(file, head)) else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return clicks, impressions and mean position by query, page, country, device, appearance and day.

    Days are the product's own (Pacific time); the other tables are totals of the period: client.toml's, else that of
    the days in the export, else that of its filters when it stands there in full. Of a comparison the later period is
    read. Queries of few people are left out by the product: queries do not sum to the total.
    """
    raise_if_any(SourceError, section.path, list(key_faults(section, [])))
    members = [
        member
        for group in read_each(files, section.path, lambda file: members_of(open_file(file, client)))
        for member in group
    ]
    read_ones = [each for group in read_each(members, section.path, lambda m: tables_in(m, section)) for each in group]
    filters = [each for each in read_ones if isinstance(each, Filters)]
    parts = [each for each in read_ones if isinstance(each, Part)]
    period = period_in(parts, filters, section)
    if period is None and any(not part.rows.is_empty() for part in parts):
        step = "add period = { from = 2026-07-01, to = 2026-09-30 }"
        raise SourceError(section.path, [Fault(said_in(section), "the export does not tell its days", "", step)])
    filtered = sum(each.count for each in filters)
    lines = [replace(part.line, flags=(*part.line.flags, *more_flags(part, period, filtered))) for part in parts]
    sources = source_lines(
        lines, section=section, client=client, kind="observations", form="search_console", family="search"
    )
    ends = dict(zip(("period_from", "period_to"), period or (None, None), strict=True))
    frames = [observations_of(part, period) for part in parts]
    fates = [
        part.rows.filter(pl.col("why").is_not_null()).select(
            pl.lit(part.line.name).alias("source_file"), "source_row", fate=pl.lit("rejected"), why="why"
        )
        for part in parts
    ]
    return tables_of(
        sources=sources.with_columns(pl.lit(day, pl.Date).alias(name) for name, day in ends.items()),
        observations=shape(
            Observation,
            pl.concat(frames) if frames else pl.DataFrame(),
            source_id=section.id,
            touchpoint=section.touchpoint,
        ),
        **({"left_out": left_out_rows(pl.concat(fates), section)} if fates else {}),
    )


def members_of(opened: Opened) -> list[Opened]:
    """Return the CSV files of a zip under the zip's name, or the file itself: a workbook is one."""
    if not opened.data.startswith(b"PK"):
        return [opened]
    inside = open_zip(opened)
    if is_workbook(inside):
        return [opened]
    tables = {name: data for name, data in inside.items() if name.lower().endswith(".csv")}
    if not tables:
        raise fault_of(opened.name, "no CSV in this zip", "the export of Search Console's performance report")
    return [Opened(f"{opened.name}/{name}", data, sha256(data).hexdigest()) for name, data in tables.items()]


def tables_in(opened: Opened, section: SourceSection) -> list[Part | Filters]:
    """Return the tables of one file, and what it says of its filters."""
    return read_each(sheets_in(opened, section), opened.name, lambda pair: read_filters(*pair) or read_part(*pair))


def period_in(parts: Sequence[Part], filters: Sequence[Filters], section: SourceSection) -> Days | None:
    """Return the period of an export: client.toml's, else that of its days, else the one of its filters."""
    said = period_said(section)
    first, last = period_of(day for part in parts if part.dimension == "day" for day in used(part)["day"])
    if said is not None or first is None or last is None:
        return said or next((each.period for each in filters if each.period), None)
    return first, last


def used(part: Part) -> pl.DataFrame:
    """Return the rows of a table that are used."""
    return part.rows.filter(pl.col("why").is_null())


def more_flags(part: Part, period: Days | None, filtered: int) -> list[str]:
    """Return what is to be said of a table's numbers: filters that were set, days whose impressions are wrong."""
    days = period_of(used(part)["day"]) if part.dimension == "day" else period or (None, None)
    wrong = (
        days[0] is not None
        and days[1] is not None
        and (days[0] <= WRONG_IMPRESSIONS[1] and days[1] >= WRONG_IMPRESSIONS[0])
    )
    flags = {f"filtered:{filtered}": filtered > 0, "impressions_error_2025_26": wrong and not part.rows.is_empty()}
    return [name for name, there in flags.items() if there]


def observations_of(part: Part, period: Days | None) -> pl.DataFrame:
    """Return three observations a row, with the impressions as what clicks and position are counted on.

    What was not shown has no position: the export writes 0 there.
    """
    first, last = (pl.lit(day, pl.Date) for day in period or (None, None))
    if part.dimension == "day":
        first = last = pl.col("day")
    impressions = pl.col("impressions").cast(pl.Float64)
    frames = [
        used(part).select(
            "source_row",
            source_file=pl.lit(part.line.name),
            metric=pl.lit(metric),
            unit=pl.lit(unit),
            value=pl.when(shown).then(pl.col(metric).cast(pl.Float64)),
            n=pl.lit(None, pl.Float64) if metric == "impressions" else impressions,
            period_from=first,
            period_to=last,
            dimensions=pl.concat_list(pl.struct(name=pl.lit(part.dimension), value=pl.col("name"))),
        )
        for metric, unit, shown in (
            ("clicks", "count", True),
            ("impressions", "count", True),
            ("position", "rank", pl.col("impressions") > 0),
        )
    ]
    return pl.concat(frames).filter(pl.col("value").is_not_null())


READER = Reader("search_console", "search", detect, read)
