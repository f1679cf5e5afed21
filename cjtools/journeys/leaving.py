"""Where sessions begin and end, which of them are more than a glance, and clicks that look like being lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.intervals import wilson
from cjtools.journeys.occurrences import path_places
from cjtools.journeys.shares import shares
from cjtools.journeys.tallies import count_repeats, tally
from cjtools.journeys.walks import Bools, Walk, Whole, ends, keep, lengths, named, starts

ENGAGED_AFTER = dt.timedelta(seconds=10)
ENGAGED_VIEWS = 2
NARROW = 1 << 16
# Shares that say how often a step is the last one; the others have no rate of the site to be held against.
AGAINST_BASELINE = ("exit_session", "exit_view", "bounce")


def count_leaving(walk: Walk, *, views: Bools | None = None) -> pl.DataFrame:
    """Return entries, exits and views of each step of a walk of sessions. Adds up over walks (`merge` by step).

    `views` says which events are views of a page or touchpoint; by default all. Columns: step, sessions (with a view
    of it), views, entries (sessions that begin there), exits (that end there), alone (that are one view, there).

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"session": [1, 1, 2], "at": [1, 2, 3], "page": ["a", "b", "a"]})
    >>> count_leaving(walk_of(frame, path="session", at="at", step="page")).rows()
    [('a', 2, 2, 2, 1, 1), ('b', 1, 1, 0, 1, 0)]
    """
    seen = walk if views is None else keep(walk, views)
    counts = leaving_by_code(seen)
    names = named(seen, counts["step"].to_numpy())
    return counts.with_columns(names.alias("step")).sort("step")


def leaving_by_code(seen: Walk) -> pl.DataFrame:
    """Return what count_leaving does of a walk of views, steps as their codes."""
    size = len(seen.names)
    first, last, looks = starts(seen), ends(seen) - 1, tally(seen.step, size)
    there = np.flatnonzero(looks)
    counts = {
        "sessions": looks - count_repeats(seen.path, seen.step, size),
        "views": looks,
        "entries": tally(seen.step[first], size),
        "exits": tally(seen.step[last], size),
        "alone": tally(seen.step[first[first == last]], size),
    }
    return pl.DataFrame({"step": there, **{name: values[there] for name, values in counts.items()}})


def visits(walk: Walk) -> npt.NDArray[np.integer]:
    """Return the step code of each step of each path, once a path, sorted by step."""
    # numpy sorts sixteen bits by radix: many times faster, and enough for the pages of most sites.
    narrow = walk.step.astype(np.uint16) if len(walk.names) <= NARROW else walk.step
    order = np.argsort(narrow, kind="stable")
    step, path = walk.step[order], walk.path[order]
    fresh = np.ones(len(walk), dtype=np.bool_)
    fresh[1:] = (step[1:] != step[:-1]) | (path[1:] != path[:-1])
    return step[fresh]


def leaving_rates(counts: pl.DataFrame, *, terminal: Collection[str] = ()) -> pl.DataFrame:
    """Return exits in both definitions, entries and bounces of each step, held against the site's own rate.

    Rows: exit_session (sessions that end there ÷ sessions with it), exit_view (exits ÷ views), entry (sessions that
    begin there ÷ sessions), bounce (sessions of one view ÷ sessions that begin there). Columns: step, measure, n, of,
    value, low, high, base, base_low, base_high (all steps that are not terminal), terminal, above (the interval lies
    above the base's; false for a terminal step, where leaving is the end of the way).

    >>> columns = ["step", "sessions", "views", "entries", "exits", "alone"]
    >>> counts = pl.DataFrame([("a", 2, 4, 1, 1, 0)], schema=columns, orient="row")
    >>> leaving_rates(counts).select("measure", "n", "of", "value").rows()
    [('bounce', 0, 1, 0.0), ('entry', 1, 1, 1.0), ('exit_session', 1, 2, 0.5), ('exit_view', 1, 4, 0.25)]
    """
    share = {"bounce": ("alone", "entries"), "exit_session": ("exits", "sessions"), "exit_view": ("exits", "views")}
    parts = [
        counts.select("step", measure=pl.lit(name), n=pl.col(top), of=pl.col(under))
        for name, (top, under) in share.items()
    ]
    parts.append(counts.select("step", measure=pl.lit("entry"), n="entries", of=pl.col("entries").sum()))
    return against_base(pl.concat(parts), by="measure", terminal=terminal, judged=AGAINST_BASELINE)


def against_base(rows: pl.DataFrame, *, by: str, terminal: Collection[str], judged: Collection[str]) -> pl.DataFrame:
    """Return counts with their shares and that of all steps together that are not terminal, sorted by step and `by`."""
    known = rows.with_columns(terminal=pl.col("step").is_in(list(terminal)))
    usual = known.filter(~pl.col("terminal") & pl.col(by).is_in(list(judged))).group_by(by).agg(pl.col("n", "of").sum())
    base = usual.select(by, *shares(usual["n"], usual["of"])).rename(
        {"value": "base", "low": "base_low", "high": "base_high"}
    )
    rates = known.with_columns(shares(known["n"], known["of"])).join(base, on=by, how="left")
    above = (~pl.col("terminal") & (pl.col("low") > pl.col("base_high"))).fill_null(value=False)
    columns = ["step", by, "n", "of", "value", "low", "high", "base", "base_low", "base_high", "terminal"]
    return rates.select(*columns, above=above).sort("step", by)


def count_engagement(walk: Walk, *, views: Bools | None = None, key: Bools | None = None) -> pl.DataFrame:
    """Return one row over sessions: sessions, engaged, alone (one view), views, time (microseconds). Adds up.

    A session is engaged as Google Analytics 4 has it: longer than ten seconds, or with a key event, or with two views
    or more; one that is not is a bounce. `views` and `key` say which events are views (by default all) and key events
    (by default none).

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"session": [1, 1, 2], "at": [1, 2, 3], "page": ["a", "b", "a"]})
    >>> count_engagement(walk_of(frame, path="session", at="at", step="page")).row(0, named=True)
    {'sessions': 2, 'engaged': 1, 'alone': 1, 'views': 3, 'time': 1}
    """
    first, after = starts(walk), ends(walk)
    looks, keys = sums(walk, views, default=1), sums(walk, key, default=0)
    time = walk.at[after - 1] - walk.at[first]
    engaged = (time > ENGAGED_AFTER // dt.timedelta(microseconds=1)) | (keys > 0) | (looks >= ENGAGED_VIEWS)
    counts = {"sessions": len(first), "engaged": engaged.sum(), "alone": (looks == 1).sum()}
    totals = {**counts, "views": looks.sum(), "time": time.sum()}
    return pl.DataFrame({name: [int(value)] for name, value in totals.items()})


def sums(walk: Walk, marked: Bools | None, *, default: int) -> Whole:
    """Return the number of marked events of each path; `default` times all of them where nothing is said."""
    if marked is None:
        return lengths(walk) * default
    return np.bincount(path_places(walk)[marked], minlength=len(starts(walk))).astype(np.int64)


def engagement_rates(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the shares of engaged sessions, bounces (not engaged) and sessions of one view: measure, n, of, value, ….

    >>> counts = pl.DataFrame({"sessions": [4], "engaged": [3], "alone": [2], "views": [9], "time": [0]})
    >>> engagement_rates(counts).select("measure", "n", "of", "value").rows()
    [('alone', 2, 4, 0.5), ('bounce', 1, 4, 0.25), ('engaged', 3, 4, 0.75)]
    """
    shares = {"alone": pl.col("alone"), "bounce": pl.col("sessions") - pl.col("engaged"), "engaged": pl.col("engaged")}
    rows = [counts.select(measure=pl.lit(name), n=top, of="sessions") for name, top in shares.items()]
    return pl.concat(rows).with_columns(wilson(pl.col("n"), pl.col("of"))).sort("measure")
