"""Search Console's performance export: a zip, or its CSV files, in whatever language the account speaks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.amounts import plain_number, real, whole
from cjtools.sources.containers import open_zip
from cjtools.sources.delimited import Sheet, parse_sheet
from cjtools.sources.files import Opened, decode, fault_of, open_file
from cjtools.sources.profiles import key_faults
from cjtools.sources.reader import (
    FileLine,
    Reader,
    counted,
    period_of,
    read_each,
    said_in,
    shape,
    source_lines,
    tables_of,
)
from cjtools.tables import Observation, Tables
from cjtools.words import fold

# The files of the export by their folded names, and by the first word of their header: en, es, ca, it, ro.
DIMENSIONS: Mapping[str, frozenset[str]] = {
    dimension: frozenset(names.split())
    for dimension, names in {
        "query": "queries top-queries consultas consultas-principales consultes consultes-principals query "
        "query-principali interogari cele-mai-frecvente-interogari principalele-interogari",
        "page": "pages top-pages paginas paginas-principales pagines pagines-principals pagine pagine-principali "
        "pagini principalele-pagini cele-mai-bune-pagini",
        "country": "countries country paises pais paisos paesi paese tari tara",
        "device": "devices device dispositivos dispositivo dispositius dispositiu dispositivi dispozitive dispozitiv",
        "day": "dates date chart fechas fecha grafico data grafic grafica",
        "appearance": "search-appearance apariencia-en-el-buscador apariencia-de-busqueda aparenca-a-la-cerca "
        "aspecte-de-la-cerca aspetto-nella-ricerca aspetto-della-ricerca aspectul-in-cautare",
    }.items()
}
FILTERS = ("filters", "filtros", "filtres", "filtri", "filtre")
MOST_ROWS = 1000
CTR = r"^\d+(?:[.,]\d+)?[\s\x{a0}\x{202f}]*%$"


@dataclass(frozen=True)
class Part:
    """One table of the export: its file, its dimension, its rows as observations yet without a period."""

    line: FileLine
    dimension: str
    rows: pl.DataFrame


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: a zip with one of the export's names, or a table with a share as fourth column."""
    if head.startswith(b"PK\x03\x04"):
        names = (fold(Path(name).stem) for name in re.findall(r"[\w ]+\.csv", head.decode("utf-8", errors="replace")))
        return 0.95 if any(name in (*FILTERS, *known_names()) for name in names) else 0.0
    lines = head.decode("utf-8", errors="replace").splitlines()[:2]
    cells = [re.split(r"[,;\t](?=\S)", line) for line in lines]
    right = len(cells) == 2 and len(cells[0]) == 5 and re.match(r"^\d+([.,]\d+)?\s*%$", cells[1][-2].strip('" '))
    return 0.9 if right else 0.0


def known_names() -> Iterator[str]:
    """Yield every folded name of a file of the export."""
    for names in DIMENSIONS.values():
        yield from names


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return clicks, impressions and mean position by query, page, country, device, appearance and day.

    Days are the product's own (Pacific time); the other tables are totals of the period: client.toml's, else that of
    the days in the export. Queries of few people are left out by the product: queries do not sum to the total.
    """
    raise_if_any(SourceError, section.path, list(key_faults(section, [])))
    members = [
        member
        for group in read_each(files, section.path, lambda file: members_of(open_file(file, client)))
        for member in group
    ]
    parts: list[Part] = [
        part
        for part in read_each(members, section.path, lambda member: read_member(member, section))
        if part is not None
    ]
    days = [day for part in parts if part.dimension == "day" for day in part.rows["day"]]
    period = (section.period.from_, section.period.to) if section.period else period_of(days)
    if period[0] is None and any(not part.rows.is_empty() for part in parts):
        step = "add period = { from = 2026-07-01, to = 2026-09-30 }"
        raise SourceError(section.path, [Fault(said_in(section), "the export does not tell its days", "", step)])
    sources = source_lines(
        [part.line for part in parts],
        section=section,
        client=client,
        kind="observations",
        form="search_console",
        family="search",
    )
    frames = [observations_of(part, period) for part in parts]
    observations = pl.concat(frames) if frames else pl.DataFrame()
    return tables_of(
        sources=sources.with_columns(period_from=pl.lit(period[0], pl.Date), period_to=pl.lit(period[1], pl.Date)),
        observations=shape(Observation, observations, source_id=section.id, touchpoint=section.touchpoint),
    )


def members_of(opened: Opened) -> list[Opened]:
    """Return the CSV files of a zip under the zip's name, or the file itself."""
    if not opened.data.startswith(b"PK"):
        return [opened]
    inside = {name: data for name, data in open_zip(opened).items() if name.lower().endswith(".csv")}
    if not inside:
        raise fault_of(opened.name, "no CSV in this zip", "the export of Search Console's performance report")
    return [Opened(f"{opened.name}/{name}", data, sha256(data).hexdigest()) for name, data in inside.items()]


def read_member(opened: Opened, section: SourceSection) -> Part | None:
    """Return one table of the export; the list of filters is none."""
    stem = fold(Path(opened.name).stem)
    if stem in FILTERS:
        return None
    text, encoding = decode(opened, section.encoding)
    sheet = parse_sheet(opened, text, encoding, delimiter=section.delimiter)
    if len(sheet.header) == 9 or len(sheet.header) == 8:
        raise fault_of(
            sheet.where(1),
            "two periods are compared in this export",
            "one period",
            "export it without comparison",
            what=sheet.name,
        )
    if len(sheet.header) != 5:
        raise fault_of(
            sheet.where(1),
            f"{len(sheet.header)} columns",
            "5: name, clicks, impressions, CTR, position",
            what=sheet.name,
        )
    dimension = dimension_of(stem, sheet)
    rows, faults = typed_rows(sheet)
    raise_if_any(SourceError, sheet.name, faults)
    flags = {"rows_cut_at_1000": rows.height == MOST_ROWS, "rare_queries_left_out": dimension == "query"}
    line = FileLine(
        sheet.name,
        opened.sha256,
        rows_in=rows.height,
        flags=tuple(counted(flags)),
        encoding=encoding,
        delimiter=sheet.delimiter,
    )
    if dimension == "day":
        rows = rows.with_columns(day=pl.col("name").str.to_date("%Y-%m-%d", strict=False))
        raise_if_any(SourceError, sheet.name, [
            Fault(sheet.where(at, sheet.header[0]), f"{cut(name)} is not a day", "such as 2026-07-01")
            for at, name in rows.filter(pl.col("day").is_null()).select("source_row", "name").iter_rows()
        ])  # fmt: skip
    return Part(line, dimension, rows)


def dimension_of(stem: str, sheet: Sheet) -> str:
    """Return what a table is about: by its file's name, by its header, or by what its first column holds."""
    header = fold(sheet.header[0])
    for dimension, names in DIMENSIONS.items():
        if stem in names or header in names:
            return dimension
    first = sheet.rows.to_series(0)
    for dimension, pattern in (("day", r"^\d{4}-\d{2}-\d{2}$"), ("page", r"^https?://")):
        if len(first) and first.str.contains(pattern).all():
            return dimension
    step = "rename the file to Queries.csv, Pages.csv, Countries.csv, Devices.csv or Dates.csv"
    found, expected = f"column {cut(sheet.header[0])} is not known", "queries, pages, countries, devices or dates"
    raise fault_of(sheet.where(1), found, expected, step, what=sheet.name)


def typed_rows(sheet: Sheet) -> tuple[pl.DataFrame, list[Fault]]:
    """Return name, clicks, impressions and position of each row, and the cells that are no such number."""
    names = sheet.header
    decimal = "," if sheet.rows.select(pl.nth(3, 4).str.contains(",").any()).row(0) != (False, False) else "."
    plain = [plain_number(pl.col(name).str.strip_chars(), decimal=decimal, grouped=False) for name in names]
    rows = sheet.rows.select(
        source_row=sheet.lines,
        name=pl.col(names[0]).str.strip_chars(),
        clicks=whole(plain[1]),
        impressions=whole(plain[2]),
        share=pl.col(names[3]).str.strip_chars().str.contains(CTR),
        position=real(plain[4]),
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
        wrong = rows.select(~right.fill_null(False)).to_series()
        cells = sheet.rows[names[place]].filter(wrong)
        faults += [
            Fault(sheet.where(line, names[place]), f"{cut(cell)} is not {expected}")
            for cell, line in zip(cells, sheet.lines.filter(wrong), strict=True)
        ]
    return rows, faults


def observations_of(part: Part, period: tuple[dt.date | None, dt.date | None]) -> pl.DataFrame:
    """Return three observations a row, with the impressions as what clicks and position are counted on."""
    first = pl.col("day") if part.dimension == "day" else pl.lit(period[0], pl.Date)
    last = pl.col("day") if part.dimension == "day" else pl.lit(period[1], pl.Date)
    impressions = pl.col("impressions").cast(pl.Float64)
    frames = [
        part.rows.select(
            "source_row",
            source_file=pl.lit(part.line.name),
            metric=pl.lit(metric),
            unit=pl.lit(unit),
            value=pl.col(metric).cast(pl.Float64),
            n=pl.lit(None, pl.Float64) if metric == "impressions" else impressions,
            period_from=first,
            period_to=last,
            dimensions=pl.concat_list(pl.struct(name=pl.lit(part.dimension), value=pl.col("name"))),
        )
        for metric, unit in (("clicks", "count"), ("impressions", "count"), ("position", "rank"))
    ]
    return pl.concat(frames).filter(pl.col("value").is_not_null())


READER = Reader("search_console", "search", detect, read)
