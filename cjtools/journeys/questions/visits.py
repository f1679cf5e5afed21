"""A. Sessions by the channel that they came by."""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from cjtools.intervals import DIGITS
from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.merging import name_codes
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.questions.shared import came_by, names_of, visits_of
from cjtools.journeys.shares import shares
from cjtools.journeys.tallies import add_by, tally
from cjtools.journeys.walks import SECOND


def visits(*, level: str = "channel") -> Question:
    """Return the question of sessions by what their first event has at a level, by which they came.

    Result "visits": the name (null: none known), n (sessions), of (all), value, low, high (Wilson), events, alone
    (sessions of one event), per_visit (events a session), seconds (mean from the first event to the last).
    """
    return Question("visits", partial(count, level=level), {"visits": [level]}, partial(finish, level=level))


def count(ordered: Ordered, *, level: str) -> Frames:
    """Return sessions, their events and their microseconds by the name of their first event."""
    found, names = visits_of(ordered), names_of(ordered, level)
    came = came_by(ordered, level)
    size, width = found.ends - found.first, len(names) + 1
    n = tally(came, width)
    there = np.flatnonzero(n)
    sums = {
        "n": n,
        "events": add_by(came, size, width),
        "alone": tally(came[size == 1], width),
        "time": add_by(came, found.at[found.ends - 1] - found.at[found.first], width),
    }
    return {
        "visits": pl.DataFrame(
            {level: name_codes(there, names), **{name: values[there] for name, values in sums.items()}}
        )
    }


def finish(sums: Frames, *, level: str) -> Frames:
    """Return the shares and means, sorted by the name."""
    rows = sums["visits"].with_columns(of=pl.col("n").sum()).sort(level, nulls_last=True)
    n = pl.col("n")
    return {
        "visits": rows.select(
            level,
            "n",
            "of",
            *shares(rows["n"], rows["of"]),
            "events",
            "alone",
            per_visit=(pl.col("events") / n).round(DIGITS),
            seconds=(pl.col("time") / n / SECOND).round(DIGITS),
        )
    }
