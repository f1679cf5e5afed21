"""Reports of totals whose columns are known: one observation a row and metric, each with its days and dimensions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.kinds.observations import kind_of, scale_of
from cjtools.sources.kinds.report import Report, dimensions_of, spans_of, word_notes
from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.parsing.fields import Field, read_fields
from cjtools.sources.parsing.roles import PERCENT, MetricColumn, Roles, decimal_of
from cjtools.sources.parsing.vocabulary import Vocabulary
from cjtools.sources.reader import (
    FileLine,
    counted,
    left_out_rows,
    period_of,
    read_each,
    shape,
    source_lines,
    tables_of,
)
from cjtools.tables import Observation, Tables


@dataclass(frozen=True)
class Measured:
    """What a report says: its rows of observations, what became of each row, its flags."""

    report: Report
    rows: pl.DataFrame
    fates: pl.DataFrame
    notes: Mapping[str, int | bool]


def read_reports(
    reports: Sequence[Report],
    *,
    section: SourceSection,
    client: Client,
    form: str,
    vocabulary: Vocabulary,
) -> Tables:
    """Return the observations of some reports, and one line a file. Raises SourceError with every fault of all.

    A measurement that an earlier report of the same file has already (same metric, days, dimensions and value) is
    there once: a row that says nothing else is merged.
    """
    parts = read_each(
        reports,
        section.path,
        lambda report: measure(report, section=section, client=client, vocabulary=vocabulary),
    )
    files = dict.fromkeys(report.sheet.name for report in reports)
    by_file = {name: [part for part in parts if part.report.sheet.name == name] for name in files}
    done = {name: once(group) for name, group in by_file.items()}
    lines = [file_line(group, done[name][1]) for name, group in by_file.items()]
    rows = [rows for rows, _ in done.values() if not rows.is_empty()]
    fates = [fates for _, fates in done.values()]
    sources = source_lines(lines, section=section, client=client, kind="observations", form=form, family="web")
    observations = pl.concat(rows) if rows else pl.DataFrame()
    return tables_of(
        sources=sources,
        left_out=left_out_rows(pl.concat(fates), section) if fates else left_out_rows(no_fates(), section),
        observations=shape(Observation, observations, source_id=section.id, touchpoint=section.touchpoint),
    )


def measure(report: Report, *, section: SourceSection, client: Client, vocabulary: Vocabulary) -> Measured:
    """Return the observations of one report. Raises SourceError with every cell that is no number and no date."""
    sheet, roles = report.sheet, report.roles
    spans, faults = spans_of(report, vocabulary, section)
    values, wrong = values_of(report, section, client)
    raise_if_any(SourceError, sheet.name, [*faults, *wrong])
    why = report.left_out if report.left_out is not None else pl.Series([None] * len(sheet.lines), dtype=pl.String)
    frame = values.with_columns(
        source_file=pl.lit(sheet.name),
        source_row=sheet.lines,
        period_from=spans["period_from"],
        period_to=spans["period_to"],
        dimensions=dimensions_of(report, spans["says"]),
        why=why,
    )
    cells = [cell_of(metric) for metric in roles.metrics]
    empty = pl.all_horizontal(pl.col(name).is_null() for name in cells) if cells else pl.lit(True)
    frame = frame.with_columns(why=pl.coalesce("why", pl.when(empty).then(pl.lit("no_value"))))
    money = report.currency or section.currency or client.client.currency
    kept = frame.filter(pl.col("why").is_null())
    parts = [metric_rows(kept, metric, roles, money) for metric in roles.metrics]
    rows = pl.concat(parts) if parts else pl.DataFrame()
    fates = frame.select(
        "source_file",
        "source_row",
        fate=pl.when(pl.col("why").is_null()).then(pl.lit("used")).otherwise(pl.lit("rejected")),
        why="why",
    )
    return Measured(report, rows, fates, {**dict(word_notes(report, vocabulary)), **report.notes})


def metric_rows(frame: pl.DataFrame, metric: MetricColumn, roles: Roles, money: str) -> pl.DataFrame:
    """Return the observations of one metric; an empty cell is no measurement, never 0."""
    base = next((cell_of(other) for other in roles.metrics if other.header == metric.n), None)
    return frame.filter(pl.col(cell_of(metric)).is_not_null()).select(
        "source_file",
        "source_row",
        "period_from",
        "period_to",
        "dimensions",
        metric=pl.lit(metric.name),
        unit=pl.lit(money if metric.unit == "money" else metric.unit),
        value=pl.col(cell_of(metric)),
        n=pl.col(base) if base is not None else pl.lit(None, pl.Float64),
    )


def cell_of(metric: MetricColumn) -> str:
    """Return the name of a metric's column while it is read: no other column has one like it."""
    return f"metric {metric.name}"


def values_of(report: Report, section: SourceSection, client: Client) -> tuple[pl.DataFrame, list[Fault]]:
    """Return one column of numbers a metric, and the cells that are none; 54% is 0.54 of a share."""
    sheet, metrics = report.sheet, report.roles.metrics
    if not metrics:
        return pl.DataFrame({"": sheet.lines}), []
    read = sheet if report.left_out is None else blank_rows(sheet, report.left_out.is_not_null())
    percents = {m.header for m in metrics if read.rows[m.header].str.contains(PERCENT).any()}
    bare = read.rows.with_columns(pl.col(header).str.replace(PERCENT, "") for header in percents)
    hundred = {cell_of(m): m.hundredths or (m.unit == "share" and m.header in percents) for m in metrics}
    scales = {name: (0.0, 100.0) if percent else None for name, percent in hundred.items()}
    fields = [
        Field(cell_of(m), kind_of(m.unit), column=m.header, scale=scales[cell_of(m)] or scale_of(m.unit))
        for m in metrics
    ]
    changes = {"values": {}, **decimal_of(read, metrics, section)}
    typed = read_fields(replace(read, rows=bare), fields, section=section.model_copy(update=changes), client=client)
    numbers = {
        name: (pl.col(name).cast(pl.Float64) / 100).round(12) if percent else pl.col(name).cast(pl.Float64)
        for name, percent in hundred.items()
    }
    return typed.frame.select(**numbers), [*typed.faults, *unsigned_shares(read, percents)]


def unsigned_shares(sheet: Sheet, columns: Iterable[str]) -> Iterator[Fault]:
    """Yield the numbers without % in a column of percentages: what they mean is not known."""
    for column in sorted(columns):
        texts = sheet.rows[column].str.strip_chars()
        odd = ~texts.str.contains(PERCENT) & ~texts.is_in(["", "0"])
        for text, line in zip(texts.filter(odd), sheet.lines.filter(odd), strict=True):
            yield Fault(sheet.where(line, column), f"{cut(text)} has no %, other cells have", "a share such as 54%")


def blank_rows(sheet: Sheet, rows: pl.Series) -> Sheet:
    """Return a sheet in which some rows are empty: what is no data needs no numbers."""
    texts = [pl.when(~rows).then(pl.col(name)).otherwise(pl.lit("")).alias(name) for name in sheet.header]
    return replace(sheet, rows=sheet.rows.with_columns(texts))


def once(parts: Sequence[Measured]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the observations of a file, each measurement once, and the fates of its rows."""
    fates = pl.concat([part.fates for part in parts])
    numbered = [part.rows.with_columns(report=pl.lit(place)) for place, part in enumerate(parts) if part.rows.height]
    if not numbered:
        return pl.DataFrame(), fates
    rows = pl.concat(numbered)
    if len(numbered) == 1:
        return rows.drop("report"), fates
    said = pl.col("dimensions").list.eval(pl.element().struct.field("name") + "\0" + pl.element().struct.field("value"))
    key = ["metric", "period_from", "period_to", "value", said.list.join("\0\0").alias("said")]
    first = rows.with_columns(first=pl.col("report").min().over(key))
    kept = first.filter(pl.col("report") == pl.col("first")).drop("report", "first")
    told = kept["source_row"].unique().implode()
    merged = (pl.col("fate") == "used") & ~pl.col("source_row").is_in(told)
    return kept, fates.with_columns(
        fate=pl.when(merged).then(pl.lit("merged")).otherwise("fate"),
        why=pl.when(merged).then(pl.lit("measured_before")).otherwise("why"),
    )


def no_fates() -> pl.DataFrame:
    """Return the fates of no rows."""
    return pl.DataFrame(schema={"source_file": pl.String, "source_row": pl.Int64, "fate": pl.String, "why": pl.String})


def file_line(parts: Sequence[Measured], fates: pl.DataFrame) -> FileLine:
    """Return what became of the rows of one file."""
    sheet = parts[0].report.sheet
    notes: dict[str, int | bool] = {}
    for part in parts:
        for name, count in dict(part.notes).items():
            before = notes.get(name, 0)
            notes[name] = bool(before) or count if isinstance(count, bool) else before + count
    empty = sum(part.report.sheet.rows.is_empty() for part in parts)
    several = len(parts) > 1
    more = {"sections": len(parts), "empty_sections": empty} if several else {"no_rows": empty == 1}
    whys = dict(fates["why"].drop_nulls().value_counts().iter_rows())
    days = [day for part in parts for day in days_told(part)]
    return FileLine(
        sheet.name,
        sheet.sha256,
        rows_in=fates.height,
        rejected=int((fates["fate"] == "rejected").sum()),
        merged=int((fates["fate"] == "merged").sum()),
        flags=tuple(counted({**more, **notes, **whys})),
        encoding=sheet.encoding,
        delimiter=sheet.delimiter or None,
        period=period_of(days),
    )


def days_told(part: Measured) -> Iterator[dt.date | None]:
    """Yield the ends of the period that a report tells, else the days of its observations."""
    if part.report.period is not None:
        yield from part.report.period
    elif part.rows.height:
        yield from part.rows["period_from"]
        yield from part.rows["period_to"]
