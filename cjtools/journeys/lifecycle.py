"""Who comes back: new, returning, resurrected and dormant people, recency-frequency-value."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from cjtools.intervals import DIGITS
from cjtools.journeys.split import local_days
from cjtools.journeys.walks import Walk, Whole

Every = Literal["day", "week", "month"]
WEEK, MONTH = 7, 30  # days without activity after which a person is at risk, and dormant
MONDAY = 3  # 1970-01-01 was a Thursday: days to add for weeks from Monday to Sunday
EPOCH_YEAR = 1970


def periods(days: Whole, *, every: Every) -> Whole:
    """Return the number of the day, week (Monday to Sunday) or month since 1970 of days since 1970.

    >>> periods(np.array([3, 4, 30, 31]), every="week").tolist(), periods(np.array([30, 31]), every="month").tolist()
    ([0, 1, 4, 4], [0, 1])
    """
    if every == "day":
        return days
    if every == "week":
        return np.asarray((days + MONDAY) // 7)
    dates = pl.Series(days).cast(pl.Int32).cast(pl.Date)
    return ((dates.dt.year().cast(pl.Int64) - EPOCH_YEAR) * 12 + dates.dt.month() - 1).to_numpy()


def period_start(column: str, *, every: Every) -> pl.Expr:
    """Return the first day of a numbered period."""
    number = pl.col(column)
    if every == "month":
        return pl.date(number.floordiv(12) + EPOCH_YEAR, number % 12 + 1, 1)
    return (number if every == "day" else number * 7 - MONDAY).cast(pl.Int32).cast(pl.Date)


def active_periods(walk: Walk, *, every: Every = "day", zone: str = "UTC") -> pl.DataFrame:
    """Return one row for each path and period in which it has an event: path, period; sorted.

    Periods are local to the zone and numbered since 1970.
    """
    number = periods(local_days(walk, zone=zone), every=every)
    changed = np.ones(len(walk), dtype=np.bool_)
    changed[1:] = (walk.path[1:] != walk.path[:-1]) | (number[1:] != number[:-1])
    rows = pl.DataFrame({"path": walk.path[changed], "period": number[changed]})
    back = (np.diff(rows["period"].to_numpy()) < 0) & (np.diff(rows["path"].to_numpy()) == 0)
    # Where clocks go back just after midnight (St John's), a local day comes twice.
    return rows.unique().sort("path", "period") if back.any() else rows


def pauses(active: pl.DataFrame) -> tuple[Whole, Whole]:
    """Return the periods since the active one before of the same path, and until the next; 0 where there is none."""
    path, period = active["path"].to_numpy(), active["period"].to_numpy()
    step = np.where(path[1:] == path[:-1], np.diff(period), 0).astype(np.int64)
    edge = np.zeros(min(len(path), 1), dtype=np.int64)
    return np.concatenate([edge, step]), np.concatenate([step, edge])


def count_lifecycle(active: pl.DataFrame, *, first: int, last: int) -> pl.DataFrame:
    """Return the partial of people by state in each period: period, new, returning, resurrecting, dormant.

    New: the first period ever. Returning: active the period before. Resurrecting: active earlier, but not the period
    before. Dormant: not active, but the period before (counted once, as a negative number). Periods from `first` to
    `last`; activity before `first` is known and counts as earlier. Merge it by period.
    """
    since, until = pauses(active)
    period = active["period"].to_numpy()
    return pl.DataFrame(
        {
            "period": np.arange(first, last + 1, dtype=np.int64),
            "new": tally(period[since == 0], first=first, last=last),
            "returning": tally(period[since == 1], first=first, last=last),
            "resurrecting": tally(period[since > 1], first=first, last=last),
            "dormant": -tally(period[until != 1] + 1, first=first, last=last),
        }
    )


def tally(period: Whole, *, first: int, last: int) -> Whole:
    """Return how often each period from `first` to `last` is there."""
    inside = period[(period >= first) & (period <= last)] - first
    return np.bincount(inside, minlength=last - first + 1).astype(np.int64)


def count_states(active: pl.DataFrame, *, last: int, week: int = WEEK, month: int = MONTH) -> pl.DataFrame:
    """Return the partial of days of people by state, from each first day to the last: state, n.

    Active days: new (first ever), current (active within the last 7 days), reactivated (within 30), resurrected
    (longer ago). Other days: at_risk_week (last active within 7 days), at_risk_month (within 30), then dormant while
    the person comes back later, and gone where no later activity is known (the data end: it may still come).
    `active` by day. Merge it by state.
    """
    since, until = pauses(active)
    back = until > 0
    idle = np.where(back, until, last + 1 - active["period"].to_numpy()) - 1
    long = np.maximum(idle - month, 0)
    states = {
        "new": (since == 0).sum(),
        "current": ((since > 0) & (since <= week)).sum(),
        "reactivated": ((since > week) & (since <= month)).sum(),
        "resurrected": (since > month).sum(),
        "at_risk_week": np.minimum(idle, week).sum(),
        "at_risk_month": np.clip(idle - week, 0, month - week).sum(),
        "dormant": long[back].sum(),
        "gone": long[~back].sum(),
    }
    counts = {"state": list(states), "n": [int(n) for n in states.values()]}
    return pl.DataFrame(counts).sort("state")


def recency_frequency_value(
    purchases: pl.DataFrame, *, person: str, day: str, value: str, until: int, every: Every = "day"
) -> pl.DataFrame:
    """Return how recently, how often and for how much each person bought, one row a person, sorted.

    `day` is a date, `until` the number of the last period (see periods); purchases of one period are one.
    Columns: person, times (periods with a purchase), frequency (repeats: times − 1), recency (periods from the first
    to the last), age (periods from the first to the end), since (periods from the last to the end), value (mean of
    the repeats, 0 without any), value_all (mean of all). Parts that hold different people are put together by
    concatenation. Source: Fader, Hardie and Lee (2005) for frequency, recency, age and value.
    """
    number = pl.Series("period", periods(purchases[day].cast(pl.Int32).cast(pl.Int64).to_numpy(), every=every))
    sums = (
        purchases.select(person, value)
        .with_columns(number)
        .filter(pl.col("period") <= until)
        .group_by(person, "period")
        .agg(pl.col(value).sum())
        .sort(person, "period")
    )
    repeats = pl.col(value).slice(1).mean().fill_null(0).cast(pl.Float64).round(DIGITS)
    return sums.group_by(person, maintain_order=True).agg(
        times=pl.len().cast(pl.Int64),
        frequency=pl.len().cast(pl.Int64) - 1,
        recency=pl.col("period").last() - pl.col("period").first(),
        age=until - pl.col("period").first(),
        since=until - pl.col("period").last(),
        value=repeats,
        value_all=pl.col(value).mean().cast(pl.Float64).round(DIGITS),
    )
