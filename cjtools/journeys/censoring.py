"""How long people take from one step to another when some have not come yet: times with censored cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from cjtools.intervals import DIGITS, Z, wilson
from cjtools.journeys.occurrences import firsts, matches, path_ends, path_places
from cjtools.journeys.walks import SECOND, Bools, Walk, Whole, closes, keep, named, opens, starts

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
KEYS = ["start", "end"]
QUARTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75}
# What a product of many shares may be off, far below one case of any data.
CLOSE = 1e-12
SCHEMA = {"start": pl.String, "end": pl.String, "time": pl.Int64, "came": pl.Int64, "censored": pl.Int64}


def count_times_between(walk: Walk, pairs: Sequence[tuple[str | None, str]], *, until: dt.datetime) -> pl.DataFrame:
    """Return how many paths took exactly how long from a step to another, and who was still on the way at the end.

    From the first event of `start` to the first of `end` after it (ties: the order of the rows). Who has not come by
    `until`, the end of the period, is censored then: so long it took at least. Start null is the first event of the
    path, which may be the end itself: (None, "purchase") is the time to the first purchase. Columns: start, end, time
    (microseconds), came, censored; adds up over walks (`merge` by start, end, time).

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 4, 5], "page": ["a", "b", "a"]})
    >>> end = EPOCH + dt.timedelta(microseconds=10)
    >>> count_times_between(walk_of(frame, path="who", at="at", step="page"), [("a", "b")], until=end).rows()
    [('a', 'b', 3, 1, 0), ('a', 'b', 5, 0, 1)]
    """
    seen = up_to(walk, until)
    parts = [between(seen, start, end, until=micro(until)) for start, end in pairs]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *parts]).sort(*KEYS, "time", nulls_last=True)


def up_to(walk: Walk, until: dt.datetime) -> Walk:
    """Return the events of the period."""
    known = walk.at <= micro(until)
    return walk if known.all() else keep(walk, known)


def micro(moment: dt.datetime) -> int:
    """Return a moment (with its zone) as whole microseconds since 1970 UTC."""
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def between(walk: Walk, start: str | None, end: str, *, until: int) -> pl.DataFrame:
    """Return the counted times of one pair of steps."""
    places, nowhere, begins = path_places(walk), len(walk), starts(walk)
    paths, first = len(begins), begins - 1
    if start is not None:
        rows = np.flatnonzero(matches(walk, start))
        first = begins = firsts(rows, groups=places[rows], count=paths, missing=nowhere)
    rows = np.flatnonzero(matches(walk, end))
    rows = rows[rows > first[places[rows]]]
    row = firsts(rows, groups=places[rows], count=paths, missing=nowhere)
    there = begins < nowhere
    begins, row = begins[there], row[there]
    times = stopped(walk, begins, row, row < nowhere, until=until)
    counts = times.group_by("time").agg(pl.col("came", "censored").sum())
    return counts.select(
        start=pl.lit(start, pl.String), end=pl.lit(end, pl.String), time="time", came="came", censored="censored"
    )


def stopped(walk: Walk, begins: Whole, row: Whole, came: Bools, *, until: int) -> pl.DataFrame:
    """Return the times from the rows `begins` to `row`, or to the end of the period where nobody came."""
    stop = np.where(came, np.append(walk.at, until)[row], until)
    return pl.DataFrame(
        {"time": stop - walk.at[begins], "came": came.astype(np.int64), "censored": 1 - came.astype(np.int64)}
    )


def count_waits(walk: Walk, *, until: dt.datetime) -> pl.DataFrame:
    """Return how long it takes from the last of a run of events of a step until anything else happens.

    Columns as `count_times_between`: start (the step), end null (whatever comes next), time, came, censored (nothing
    came by the end of the period).

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 1], "at": [1, 2, 4], "page": ["a", "a", "b"]})
    >>> count_waits(walk_of(frame, path="who", at="at", step="page"), until=EPOCH + dt.timedelta(microseconds=9)).rows()
    [('a', None, 2, 1, 0), ('b', None, 5, 0, 1)]
    """
    seen = up_to(walk, until)
    last = closes(seen)
    last[:-1] |= seen.step[1:] != seen.step[:-1]
    begins = np.flatnonzero(last)
    came = begins + 1 < path_ends(seen)[begins]
    times = stopped(seen, begins, begins + 1, came, until=micro(until)).with_columns(step=seen.step[begins])
    counts = times.group_by("step", "time").agg(pl.col("came", "censored").sum())
    waits = counts.with_columns(start=named(walk, counts["step"].to_numpy()), end=pl.lit(None, pl.String))
    return waits.select(list(SCHEMA)).sort(*KEYS, "time", nulls_last=True)


def times_with_censoring(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the times in seconds by which a quarter, half and three quarters have come, the censored among them.

    Kaplan and Meier's estimate (1958): a quartile is the first time at which so many have come, null where so many
    never do within the period. low, high: 95 % interval of the median (Brookmeyer and Crowley 1982, log-log form);
    high is null where it is not reached. Columns: start, end, n, came, censored, q25, median, q75, low, high.

    >>> counts = pl.DataFrame({"start": ["a"] * 3, "end": ["b"] * 3, "time": [1000000, 2000000, 3000000],
    ...     "came": [1, 0, 1], "censored": [0, 1, 0]})
    >>> times_with_censoring(counts).select("n", "came", "censored", "q25", "median").rows()
    [(3, 2, 1, 1.0, 3.0)]
    """
    curve = survival(counts)
    seconds = pl.col("time") / SECOND
    reached = {name: pl.col("survival") <= 1 - level + CLOSE for name, level in QUARTILES.items()}
    band = {"low": pl.col("survival_low") <= 0.5 + CLOSE, "high": pl.col("survival_high") <= 0.5 + CLOSE}
    found = curve.group_by(KEYS, maintain_order=True).agg(
        (pl.col("came") + pl.col("censored")).sum().alias("n"),
        pl.col("came", "censored").sum(),
        *(seconds.filter(rule).first().round(DIGITS).alias(name) for name, rule in {**reached, **band}.items()),
    )
    return found.sort(KEYS, nulls_last=True)


def survival(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the share that has not come by each time, with its 95 % band (Greenwood's variance, log-log).

    Columns: start, end, time, came, censored, at_risk, survival, survival_low, survival_high (null where the band is
    not defined: nobody has come yet, or everybody has).

    >>> counts = pl.DataFrame([("a", "b", 1, 1, 0), ("a", "b", 2, 1, 0)], schema=SCHEMA, orient="row")
    >>> survival(counts).select("time", "at_risk", "survival").rows()
    [(1, 2, 0.5), (2, 1, 0.0)]
    """
    ordered = counts.sort(*KEYS, "time", nulls_last=True)
    both = pl.col("came") + pl.col("censored")
    risk = ordered.with_columns(at_risk=both.cum_sum(reverse=True).over(KEYS))
    left = pl.col("at_risk") - pl.col("came")
    steps = risk.with_columns(
        survival=(left / pl.col("at_risk")).cum_prod().over(KEYS),
        variance=(pl.col("came") / (pl.col("at_risk") * left)).cum_sum().over(KEYS),
    )
    inside = (pl.col("survival") > CLOSE) & (pl.col("survival") < 1)
    spread = Z * pl.col("variance").sqrt() / pl.col("survival").log()
    return steps.with_columns(
        # log S is negative, so the power with the negative spread is the lower bound.
        survival_low=pl.when(inside).then(pl.col("survival").pow((-spread).exp())),
        survival_high=pl.when(inside).then(pl.col("survival").pow(spread.exp())),
    ).drop("variance")


def count_retained(walk: Walk, *, until: dt.datetime, days: int) -> pl.DataFrame:
    """Return who is still there at the end of the period. One row; adds up over walks.

    Columns: known (paths first seen more than `days` before the end), stayed (of those, seen again in the last `days`),
    too_new (first seen since: nothing can be said of them yet).

    >>> from cjtools.journeys.walks import walk_of
    >>> day = 86_400_000_000
    >>> frame = pl.DataFrame({"who": [1, 1, 2, 3], "at": [0, 9 * day, 1 * day, 8 * day], "page": ["a"] * 4})
    >>> walk = walk_of(frame, path="who", at="at", step="page")
    >>> count_retained(walk, until=EPOCH + dt.timedelta(days=10), days=7).row(0)
    (2, 1, 1)
    """
    seen = up_to(walk, until)
    border = micro(until - dt.timedelta(days=days))
    first, last = seen.at[opens(seen)], seen.at[closes(seen)]
    known = first < border
    counts = {"known": known.sum(), "stayed": (known & (last >= border)).sum(), "too_new": (~known).sum()}
    return pl.DataFrame({name: [int(value)] for name, value in counts.items()})


def retention_rate(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the share of known paths that stayed: known, stayed, too_new, value, low, high.

    >>> retention_rate(pl.DataFrame({"known": [2], "stayed": [1], "too_new": [1]})).row(0)
    (2, 1, 1, 0.5, 0.094531206, 0.905468794)
    """
    return counts.with_columns(wilson(pl.col("stayed"), pl.col("known")))
