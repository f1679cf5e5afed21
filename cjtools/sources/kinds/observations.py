"""Totals that a tool exports: one measurement each, of a period and some dimensions; never a person, never a path."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault
from cjtools.settings import SourceSection
from cjtools.sources.kinds.built import Built, fates_of, used, with_fate
from cjtools.sources.kinds.events import declared_channel
from cjtools.sources.parsing.fields import Field, Kind
from cjtools.sources.reader import said_in, shape
from cjtools.tables import Observation

# Units of things that are there or not: half of one, or less than none, is a fault of the file.
COUNTED = ("people", "messages", "sessions", "users", "views", "orders")
SCALES = {"count": (0.0, inf), "share": (0.0, 1.0), "percent": (0.0, 100.0), "seconds": (0.0, inf), "rank": (0.0, inf)}


def kind_of(unit: str) -> Kind:
    """Return how the numbers of a unit are written: whole ones, durations, amounts of money, or any number."""
    if unit in COUNTED:
        return "whole"
    return "seconds" if unit == "seconds" else "money" if unit == "money" else "number"


def scale_of(unit: str) -> tuple[float, float] | None:
    """Return the least and the greatest number of a unit that can be."""
    return SCALES.get(unit)


def fields(section: SourceSection) -> list[Field]:
    """Return what a table of totals can tell: its metrics, their denominators, its dimensions."""
    metrics = [
        Field(f"metric {name}", kind_of(metric.unit), column=metric.column, scale=scale_of(metric.unit))
        for name, metric in section.metrics.items()
    ]
    counts = [
        Field(f"n {name}", "number", column=metric.n, scale=(0.0, inf))
        for name, metric in section.metrics.items()
        if metric.n is not None
    ]
    dimensions = [Field(f"dimension {name}", "text", column=column) for name, column in section.dimensions.items()]
    return [Field("observed_at", "time"), *metrics, *counts, *dimensions]


def check(section: SourceSection) -> Iterator[Fault]:
    """Yield what a table of totals lacks in client.toml."""
    if not section.metrics:
        step = 'add [sources.metrics] with visits = { column = "Sessions", unit = "sessions" }'
        yield Fault(said_in(section), "observations without metrics", "", step)
    if "observed_at" not in section.mapping.keys() | section.constants.keys() and section.period is None:
        step = "map observed_at, or add period = { from = 2026-07-01, to = 2026-09-30 }"
        yield Fault(said_in(section), "observations without their days", "", step)


def family(section: SourceSection, client: Client) -> str:
    """Return the family of a table of totals: its one channel when it has one."""
    return declared_channel(section, client) or "totals"


def build(rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> Built:
    """Return one observation a row and metric. A row without any dimension is a line of totals, and not used."""
    rows = with_fate(with_period(rows, section), "period_from")
    names = [f"dimension {name}" for name in section.dimensions]
    if names:
        # A line of totals has no day either.
        undated = pl.col("why") == "no_period_from"
        total = pl.all_horizontal(pl.col(name).is_null() for name in names) & ((pl.col("fate") == "used") | undated)
        rows = rows.with_columns(
            fate=pl.when(total).then(pl.lit("rejected")).otherwise("fate"),
            why=pl.when(total).then(pl.lit("line_of_totals")).otherwise("why"),
        )
    kept = used(rows).with_columns(dimensions=dimensions_of(section))
    frames = [metric_rows(kept, name, section) for name in section.metrics]
    observations = pl.concat(frames).sort("source_file", "source_row", maintain_order=True)
    tables = {"observations": shape(Observation, observations, source_id=section.id, touchpoint=section.touchpoint)}
    return Built(tables, fates_of(rows))


def with_period(rows: pl.DataFrame, section: SourceSection) -> pl.DataFrame:
    """Return rows with the first and last day that each is about."""
    if "observed_at" in section.mapping or "observed_at" in section.constants:
        day = pl.col("observed_at_day")
        last = pl.when(pl.col("observed_at_precision") == "month").then(day.dt.month_end()).otherwise(day)
        return rows.with_columns(period_from=day, period_to=last)
    assert section.period is not None
    return rows.with_columns(period_from=pl.lit(section.period.from_), period_to=pl.lit(section.period.to))


def dimensions_of(section: SourceSection) -> pl.Expr:
    """Return the dimensions of a row as a list of names and values; an empty cell is an empty value."""
    pairs = [
        pl.struct(name=pl.lit(name), value=pl.col(f"dimension {name}").fill_null(""))
        for name in sorted(section.dimensions)
    ]
    if not pairs:
        return pl.lit([], pl.List(pl.Struct({"name": pl.String, "value": pl.String})))
    return pl.concat_list(pairs)


def metric_rows(rows: pl.DataFrame, name: str, section: SourceSection) -> pl.DataFrame:
    """Return the rows of one metric; an empty cell is no measurement, never 0."""
    metric = section.metrics[name]
    return rows.filter(pl.col(f"metric {name}").is_not_null()).select(
        "source_file",
        "source_row",
        "period_from",
        "period_to",
        "dimensions",
        metric=pl.lit(name),
        unit=pl.lit(metric.unit),
        value=pl.col(f"metric {name}").cast(pl.Float64),
        n=pl.col(f"n {name}") if metric.n is not None else pl.lit(None, pl.Float64),
    )
