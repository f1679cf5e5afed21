"""What was done, as evidence: visits at touchpoints, going on from stages and how long it takes, patterns."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from cjtools.client import Client
from cjtools.journeys import count_drop_off, count_exits, count_views, find_patterns
from cjtools.journeys.censoring import count_times_between, times_with_censoring
from cjtools.journeys.touch_walks import stage_walk, visit_walk
from cjtools.journeys.visit_measures import visit_measures
from cjtools.journeys.wave_frame import frame_of, goals_of
from cjtools.map_tables import Evidence
from cjtools.settings import Wave
from cjtools.tables import shape_of

# Measures of visits that are evidence beside exits and many views, by their name in the tables of journeys.
VISITS = {
    "entry": "entry_rate",
    "bounce": "bounce_rate",
    "back_and_forth": "back_and_forth",
    "repeats": "repeats",
    "wandering": "wandering",
}


def metric_rows(frame: pl.DataFrame, *, basis: str, family: str) -> pl.DataFrame:
    """Return rows of numbers as evidence: what a text has is null."""
    filled = {"basis": basis, "family": family, "method": "none", "verbatim": False, "consent": "none", "voice": False}
    missing = [name for name in Evidence.column_names() if name not in frame.columns and name not in filled]
    schema = shape_of(Evidence)
    return frame.with_columns(
        *(pl.lit(None, dtype=schema[name]).alias(name) for name in missing),
        *(pl.lit(value).alias(name) for name, value in filled.items()),
    )


def visit_evidence(touches: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return the measures of visits to each touchpoint: exits, many views, entries, bounces, odd clicks."""
    if touches.is_empty():
        return Evidence.create_empty()
    main = {row.id: row.stages[0] for row in client.touchpoints}
    terminal = [row.id for row in client.touchpoints if row.terminal]
    shares = [
        count_exits(touches).with_columns(metric=pl.lit("exit_rate"), n="sessions"),
        count_views(touches).with_columns(metric=pl.lit("many_views"), n="sessions"),
        visit_measures(visit_walk(touches, goals=goals_of(client)), terminal=terminal)
        .filter(pl.col("measure").is_in(list(VISITS)) & (pl.col("of") > 0))
        .with_columns(metric=pl.col("measure").replace_strict(VISITS, return_dtype=pl.String), n="of"),
    ]
    figures = pl.concat([frame.select("touchpoint", "metric", "value", "low", "high", "n") for frame in shares])
    stage = pl.col("touchpoint").replace_strict(main, default=None, return_dtype=pl.String)
    return observed(figures.with_columns(stage=stage, unit=pl.lit("sessions")), touches, of="touchpoint")


def observed(figures: pl.DataFrame, touches: pl.DataFrame, *, of: str, family: str = "web") -> pl.DataFrame:
    """Return figures (metric, value, low, high, n, unit and where) as observed evidence, its id by metric and `of`."""
    source = touches["source_id"].unique().sort()[0]
    return metric_rows(
        figures.with_columns(
            pl.col("n").cast(pl.Float64),
            evidence_id=pl.format("{}.{}", "metric", of),
            source_id=pl.lit(source),
            source_file=pl.lit(source),
        ),
        basis="observed",
        family=family,
    )


def stage_evidence(touches: pl.DataFrame, *, client: Client, wave: Wave) -> pl.DataFrame:
    """Return, for each stage, the share that goes on and the median seconds to the next stage at which anybody is seen.

    A median that is not reached within the wave has no value: more than half had not come by its end.
    """
    if touches.is_empty():
        return Evidence.create_empty()
    frame = frame_of(touches, client=client, wave=wave)
    went = count_drop_off(touches, journey=client.journey).filter(pl.col("value").is_not_null())
    counts = count_times_between(stage_walk(touches), list(pairwise(frame.stages)), until=frame.last)
    took = times_with_censoring(counts).filter(pl.col("n") > 0)
    shares = went.select("stage", "value", "low", "high", n="profiles", metric=pl.lit("stage_conversion"))
    times = took.select("low", "high", "n", stage="start", value="median", metric=pl.lit("time_to_next"))
    both = [
        shares.with_columns(unit=pl.lit("profiles")),
        times.select(shares.columns).with_columns(unit=pl.lit("seconds")),
    ]
    return observed(pl.concat(both, how="vertical_relaxed"), touches, of="stage")


def pattern_evidence(orders: pl.DataFrame, touches: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return the patterns of purchases, at the stage that a purchase enters."""
    if orders.is_empty() or touches.is_empty():
        return Evidence.create_empty()
    entered = next((row.id for row in client.journey if set(goals_of(client)) & set(row.entry)), None)
    found = find_patterns(orders, touches, window_days=client.patterns.window_days)
    shares = found.filter(pl.col("denominator") > 0).select(
        "value",
        "low",
        "high",
        n="denominator",
        metric="pattern",
        stage=pl.lit(entered, pl.String),
        unit=pl.lit("orders"),
    )
    profiles = pl.when(pl.col("metric") == "repeat_buyers").then(pl.lit("profiles")).otherwise("unit")
    return observed(shares.with_columns(unit=profiles, of=pl.lit("pattern")), orders, of="of", family="orders").drop(
        "of"
    )
