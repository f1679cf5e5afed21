"""The warnings that stand beside the numbers of journeys, found by rule."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cjtools.journey_tables import Caution
from cjtools.journeys.caveats import (
    event_figures,
    figure,
    find_caveats,
    forced_figures,
    heavy_figures,
    period_figures,
    small_figures,
    source_figures,
    survivor_figures,
)
from cjtools.journeys.patterns.purchases import list_purchases
from cjtools.journeys.touch_walks import GOAL
from cjtools.journeys.walks import DAY, MISSING, Walk
from cjtools.journeys.wave_frame import Frame
from cjtools.lanes.labels import Labels
from cjtools.tables import Tables

EVERYWHERE = "all"
JUDGED = ["source_id", "consent", "profile_id", "is_bot", "is_internal"]


def find_cautions(
    tables: Tables, walks: Mapping[str, Walk], found: Mapping[str, pl.DataFrame], *, frame: Frame, labels: Labels
) -> pl.DataFrame:
    """Return the cautions of a wave, each with the table that it belongs to; see Caution."""
    parts = {
        EVERYWHERE: [event_figures(tables.events.select(JUDGED).collect()), source_figures(tables.sources)],
        "funnel": [small_stages(found["funnel"])],
        "times": time_figures(walks["stages"], found["times"], frame),
        "paths": [heavy_figures(walks["stages"])],
        "visits": [forced_figures(before_goal(walks["visits"]), outcome=GOAL)],
        "all_patterns": pattern_figures(tables.orders, found["all_patterns"], frame),
        "credits": [small_credits(found["credits"])],
    }
    rows = [find_caveats(*figures).with_columns(about=pl.lit(about)) for about, figures in parts.items()]
    names = {**labels.stages, **labels.touchpoints}
    shown = pl.col("subject").str.strip_suffix(f" > {GOAL}").replace_strict(names, default=None, return_dtype=pl.String)
    named = pl.concat(rows).with_columns(label=shown)
    return Caution.validate(named.select(Caution.column_names()), cast=True)


def small_stages(funnel: pl.DataFrame) -> pl.DataFrame:
    """Return what the shares of the open funnel are of."""
    shown = funnel.filter((pl.col("form") == "open") & (pl.col("share_of") == "prior"))
    return small_figures(shown, subject="stage")


def small_credits(credits_: pl.DataFrame) -> pl.DataFrame:
    """Return the conversions that credit is given for, once."""
    first = credits_.head(1).with_columns(subject=pl.lit(None, pl.String))
    return small_figures(first, subject="subject")


def time_figures(stages: Walk, times: pl.DataFrame, frame: Frame) -> list[pl.DataFrame]:
    """Return how far the times between stages rest on those who came, and what the edges of the wave cut."""
    between = times.filter(pl.col("kind") == "between")
    if not len(stages):
        return []
    window = frame.windows.research * DAY
    start, end = (round(moment.timestamp()) * 1_000_000 for moment in (frame.start, frame.until))
    return [
        survivor_figures(between, subject="start", n="came", of="n"),
        period_figures(stages, start=start, end=end, window=window),
    ]


def before_goal(visits: Walk) -> pl.DataFrame:
    """Return, for each touchpoint, the visits that had it before they first arrived, of all that arrived.

    Columns step, converted, lost as caveats.forced_figures needs them; the row without step counts the visits.
    """
    shape = {"step": pl.String, "converted": pl.Int64, "lost": pl.Int64}
    if GOAL not in visits.names:
        return pl.DataFrame(schema=shape)
    rows = pl.DataFrame({"path": visits.path, "step": visits.step}).with_row_index("row")
    goal = visits.names.index(GOAL)
    first = rows.filter(pl.col("step") == goal).group_by("path").agg(goal=pl.col("row").min())
    ahead = rows.join(first, on="path").filter(pl.col("row") < pl.col("goal"))
    counts = ahead.select("path", "step").unique().group_by("step").agg(converted=pl.len().cast(pl.Int64)).sort("step")
    names = pl.Series(visits.names, dtype=pl.String)
    named = counts.with_columns(step=names.gather(counts["step"]), lost=pl.lit(0, pl.Int64))
    arrived = pl.DataFrame([(None, first.height, 0)], schema=shape, orient="row")
    return pl.concat([named.filter(pl.col("step") != MISSING).select(list(shape)), arrived])


def pattern_figures(orders: pl.DataFrame, patterns: pl.DataFrame, frame: Frame) -> list[pl.DataFrame]:
    """Return which whole patterns rest on few, and how many purchases have a window that begins before the wave."""
    whole = patterns.filter(pl.col("by").is_null() & (pl.col("basis") == "observed"))
    bought = list_purchases(orders)
    early = bought.filter(pl.col("ordered_at") < frame.start + pl.duration(days=frame.windows.research)).height
    cut = figure("began_before", None, early, bought.height)
    return [small_figures(whole, subject="pattern", of=["denominator"]), cut]
