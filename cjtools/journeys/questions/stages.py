"""B and C. How often each stage is there, how many come to it and when first, and how long paths of stages are."""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from cjtools.intervals import DIGITS
from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.merging import name_codes
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.questions.shared import names_of, runs_of_profiles
from cjtools.journeys.reach import count_lengths, first_events
from cjtools.journeys.shares import shares
from cjtools.journeys.tallies import add_by, tally
from cjtools.journeys.walks import SECOND, Whole


def stages(*, level: str = "stage") -> Question:
    """Return the question of how many events each stage (or other level) has.

    Result "stages": the name (null: none), n (events), of (all events), value, low, high (Wilson).
    """
    return Question("stages", partial(count, level=level), {"stages": [level]}, partial(finish, level=level))


def count(ordered: Ordered, *, level: str) -> Frames:
    """Return the events of each name."""
    names = names_of(ordered, level)
    n = tally(ordered.coded(level), len(names) + 1)
    there = np.flatnonzero(n)
    return {"stages": pl.DataFrame({level: name_codes(there, names), "n": n[there]})}


def finish(sums: Frames, *, level: str) -> Frames:
    """Return the shares, sorted by the name."""
    rows = sums["stages"].with_columns(of=pl.col("n").sum()).sort(level, nulls_last=True)
    return {"stages": rows.with_columns(shares(rows["n"], rows["of"]))}


def paths(*, level: str = "stage") -> Question:
    """Return the question of the lengths of profiles' paths, repeats collapsed, and of who comes to each stage.

    Results: "lengths": length, n (profiles). "reach": the name, n (profiles that come there), of (all with any),
    value, low, high (Wilson), time (microseconds from the first event of the profile to the first there, all
    together), seconds (their mean).
    """
    keys = {"lengths": ["length"], "reach": [level], "everybody": []}
    return Question("paths", partial(count_paths, level=level), keys, partial(finish_paths, level=level))


def count_paths(ordered: Ordered, *, level: str) -> Frames:
    """Return the lengths of collapsed paths, and profiles and times by name."""
    walk = runs_of_profiles(ordered, level)
    rows = first_events(walk)
    size, step = len(walk.names), walk.step[rows]
    n = tally(step, size)
    there = np.flatnonzero(n)
    # In two columns: the microseconds of a hundred million events together are beyond 2^63.
    seconds, rest = np.divmod(walk.at[rows] - begins_of(ordered)[walk.path[rows]], SECOND)
    time = {"seconds": add_by(step, seconds, size)[there], "rest": add_by(step, rest, size)[there]}
    lengths = count_lengths(walk)
    return {
        "lengths": lengths,
        "reach": pl.DataFrame({level: name_codes(there, walk.names), "n": n[there], **time}),
        "everybody": lengths.select(pl.col("n").sum()),
    }


def begins_of(ordered: Ordered) -> Whole:
    """Return the time of the first event of each profile, by its number."""
    first = np.flatnonzero(ordered.opens)
    number = ordered.profile[first]
    at = np.zeros(int(number[-1]) + 1 if len(number) else 0, dtype=np.int64)
    at[number] = ordered.at[first]
    return at


def finish_paths(sums: Frames, *, level: str) -> Frames:
    """Return lengths and reach, sorted."""
    everybody = int(sums["everybody"]["n"].sum())
    reach = sums["reach"].sort(level).with_columns(of=pl.lit(everybody, pl.Int64))
    seconds = ((pl.col("seconds") + pl.col("rest") / SECOND) / pl.col("n")).round(DIGITS)
    time = pl.col("seconds").cast(pl.Int128) * SECOND + pl.col("rest")
    return {
        "lengths": sums["lengths"].sort("length"),
        "reach": reach.select(level, "n", "of", *shares(reach["n"], reach["of"]), time=time, seconds=seconds),
    }
