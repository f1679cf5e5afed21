"""K. Events, profiles and revenue of each day."""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.split import local_days
from cjtools.journeys.tallies import Small, add_by, fresh, tally
from cjtools.journeys.walks import DAY, MINUTE, Codes, Walk, Whole

CENTS = 100
SURE_FROM = 3 * 365  # days since 1970; since 1973 clocks are set at whole minutes everywhere
ROOM = 1 << 22  # minutes that may be looked up, some eight years


def days(*, zone: str = "UTC") -> Question:
    """Return the question of how much happens each local day.

    Result "days": day (a date), events, profiles (with an event that day), worth (in the currency), sorted; days
    without events have no row.
    """
    return Question("days", partial(count, zone=zone), {"days": ["day"]}, finish)


def count(ordered: Ordered, *, zone: str) -> Frames:
    """Return events, profiles and hundredths by day since 1970."""
    day, lowest = days_of(ordered.at, zone=zone)
    size = int(day.max(initial=0)) + 1
    changed = fresh(day) | ordered.opens
    first = np.flatnonzero(changed)
    number, profile = day[first], ordered.profile[first]
    n = tally(day, size)
    sums = {
        "events": n,
        "profiles": tally(number, size) - seen_before(number, profile, size),
        "worth": add_by(day[ordered.worth_row], ordered.worth, size),
    }
    there = np.flatnonzero(n)
    return {"days": pl.DataFrame({"day": there + lowest, **{name: values[there] for name, values in sums.items()}})}


def seen_before(day: Small, profile: Codes, size: int) -> Whole:
    """Return how many profiles came to a day twice: where clocks go back just after midnight, it comes again."""
    back = (day[1:] < day[:-1]) & (profile[1:] == profile[:-1])
    if not back.any():
        return np.zeros(size, dtype=np.int64)
    both = np.sort(profile.astype(np.int64) * size + day)
    return tally(both[~fresh(both)] % size, size)


def days_of(at: Whole, *, zone: str) -> tuple[Small, int]:
    """Return the local day of each time, counted from the first of them, and that one as days since 1970.

    >>> day, first = days_of(np.array([0, 23 * 3600 * 10**6 + 900 * 365 * DAY]), zone="Europe/Madrid")
    >>> day.tolist(), first
    ([0, 328501], 0)
    """
    if not len(at):
        return np.zeros(0, dtype=np.uint8), 0
    earliest, latest = int(at.min()), int(at.max())
    low, high = earliest // MINUTE, latest // MINUTE
    quick = low >= SURE_FROM * (DAY // MINUTE) and high - low <= max(len(at), ROOM)
    if zone != "UTC" and not quick:
        days = local_days(walk_at(at), zone=zone)
        first = int(days.min())
        return (days - first).astype(np.uint32), first
    unit = DAY if zone == "UTC" else MINUTE
    count = at - earliest // unit * unit
    count //= unit
    units = count.astype(np.min_scalar_type(latest // unit - earliest // unit))
    if zone == "UTC":
        return units, earliest // DAY
    days = local_days(walk_at(np.arange(low, high + 1, dtype=np.int64) * MINUTE), zone=zone)
    first = int(days.min())
    return (days - first).astype(np.min_scalar_type(int(days.max()) - first))[units], first


def walk_at(at: Whole) -> Walk:
    """Return a walk of nothing but times."""
    nothing = np.broadcast_to(np.uint32(0), len(at))
    return Walk(nothing, at, nothing, ())


def finish(sums: Frames) -> Frames:
    """Return the days as dates, and the worth in the currency."""
    day = pl.col("day").cast(pl.Int32).cast(pl.Date)
    return {
        "days": sums["days"].sort("day").select(day, "events", "profiles", worth=(pl.col("worth") / CENTS).round(2))
    }
