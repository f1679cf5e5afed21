"""What people did at each touchpoint and stage: visits, exits, going on, the patterns of their purchases."""

from __future__ import annotations

import polars as pl

from cjtools.journeys import baseline_of, count_drop_off, count_exits, count_views
from cjtools.lanes.labels import Labels, labelled, placed
from cjtools.map_tables import ALL, MapBehaviour, MapDropOff, MapPattern
from cjtools.settings import Stage, Touchpoint


def measure_behaviour(
    touches: pl.DataFrame, *, touchpoints: tuple[Touchpoint, ...], labels: Labels, minimum: int
) -> pl.DataFrame:
    """Return exit rate, sessions and share of sessions with many views by touchpoint, and the site's own exit rate.

    A figure that rests on fewer than `minimum` sessions has no value; its counts stay.
    """
    if touches.is_empty():
        return MapBehaviour.create_empty()
    exits, views = count_exits(touches), count_views(touches)
    whole = baseline_of(exits, terminal=[row.id for row in touchpoints if row.terminal])
    shares = [
        figures(exits, metric="exit_rate", name="touchpoint", numerator="exits"),
        figures(views, metric="many_views", name="touchpoint", numerator="many"),
    ]
    site = figures(whole.with_columns(touchpoint=pl.lit(ALL)), metric="exit_rate", name="touchpoint", numerator="exits")
    by_touchpoint = pl.concat(shares).with_columns(
        scope=pl.lit("touchpoint"), label=labelled("name", labels.touchpoints), place=placed("name", labels.touchpoints)
    )
    everything = site.with_columns(scope=pl.lit(ALL), label=pl.lit(labels.personas[ALL]), place=pl.lit(0, pl.Int64))
    enough = pl.col("denominator") >= minimum
    frame = (
        pl.concat([by_touchpoint, everything])
        .with_columns(pl.when(enough).then(pl.col("value", "low", "high")))
        .sort("scope", "place", "metric", "name")
    )
    return MapBehaviour.validate(frame.select(MapBehaviour.column_names()), cast=True)


def figures(frame: pl.DataFrame, *, metric: str, name: str, numerator: str) -> pl.DataFrame:
    """Return shares of sessions in the shape of the map's behaviour table."""
    return frame.select(
        name=name,
        metric=pl.lit(metric),
        value="value",
        low="low",
        high="high",
        numerator=pl.col(numerator).cast(pl.Float64),
        denominator=pl.col("sessions").cast(pl.Float64),
        unit=pl.lit("sessions"),
        definition=pl.lit(metric),
    )


def measure_drop_off(
    touches: pl.DataFrame, *, journey: tuple[Stage, ...], labels: Labels, minimum: int
) -> pl.DataFrame:
    """Return who goes on from each stage, labelled; rates below the minimum group have no value."""
    enough = pl.col("profiles") >= minimum
    frame = count_drop_off(touches, journey=journey).with_columns(
        label=labelled("stage", labels.stages), conversion=pl.when(enough).then("value"),
        low=pl.when(enough).then("low"), high=pl.when(enough).then("high"),
    )  # fmt: skip
    return MapDropOff.validate(frame.select(MapDropOff.column_names()), cast=True)


def whole_patterns(all_patterns: pl.DataFrame) -> pl.DataFrame:
    """Return the patterns that were observed, each as a whole; `all_patterns` as journey_tables.PatternRow."""
    whole = all_patterns.filter((pl.col("basis") == "observed") & pl.col("by").is_null())
    return MapPattern.validate(whole.select(MapPattern.column_names()), cast=True)
