"""Who comes back: people by state in each month or week, and where everybody stands on the last day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from cjtools.intervals import wilson
from cjtools.journey_tables import Lifecycle, Standing, shaped
from cjtools.journeys.lifecycle import Every, active_periods, count_lifecycle, count_states, period_start, periods
from cjtools.journeys.walks import Walk
from cjtools.journeys.wave_frame import Frame

MONTHS = 62  # days from which on a wave is told by months
# Who is not seen any more is dormant: whether they come back later is not known on the last day.
STATES = ("new", "current", "reactivated", "resurrected", "at_risk_week", "at_risk_month", "dormant")
EPOCH = dt.date(1970, 1, 1)


def count_returns(walk: Walk, frame: Frame) -> pl.DataFrame:
    """Return the people by state in each period of the wave; what was before the wave is not known."""
    if not len(walk):
        return Lifecycle.create_empty()
    every: Every = "month" if (frame.wave.to - frame.wave.from_).days + 1 >= MONTHS else "week"
    ends = np.array([(day - EPOCH).days for day in (frame.wave.from_, frame.wave.to)], dtype=np.int64)
    first, last = (int(number) for number in periods(ends, every=every))
    active = active_periods(walk, every=every, zone=frame.client.client.timezone)
    rows = count_lifecycle(active, first=first, last=last).with_columns(
        pl.col("dormant").abs(), every=pl.lit(every), period=period_start("period", every=every)
    )
    return Lifecycle.validate(rows.select(Lifecycle.column_names()), cast=True)


def stand_at_end(walk: Walk, frame: Frame, *, minimum: int) -> pl.DataFrame:
    """Return the people by state on the last day on which anybody was seen.

    The days of people up to that day, less those up to the day before: each person has one state a day.
    """
    if not len(walk):
        return Standing.create_empty()
    active = active_periods(walk, zone=frame.client.client.timezone)
    last = int(active.select(pl.col("period").max()).item())
    before = active.filter(pl.col("period") < last)
    days = [as_known(count_states(part, last=day)) for part, day in ((active, last), (before, last - 1))]
    counts = days[0].join(days[1], on="state", suffix="_before").select("state", n=pl.col("n") - pl.col("n_before"))
    order = {name: place for place, name in enumerate(STATES)}
    rows = counts.with_columns(
        of=pl.col("n").sum(), place=pl.col("state").replace_strict(order, return_dtype=pl.Int64)
    ).sort("place")
    return shaped(Standing, rows.with_columns(wilson(pl.col("n"), pl.col("of"))), minimum=minimum)


def as_known(states: pl.DataFrame) -> pl.DataFrame:
    """Return counted states with those who are gone among the dormant."""
    state = pl.when(pl.col("state") == "gone").then(pl.lit("dormant")).otherwise("state").alias("state")
    return states.group_by(state).agg(pl.col("n").sum()).sort("state")
