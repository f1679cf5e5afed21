"""Paths cut into sessions: by given ids, by a pause, by day or campaign, by events that separate or enclose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.journeys.spread import quantiles
from cjtools.journeys.walks import MINUTE, Bools, Codes, Walk, Whole, ends, opens, starts, step_code

# A pause of exactly the timeout: "same" keeps the session (GA4's events, retentioneering), "new" begins one (PostHog).
Edge = Literal["same", "new"]
TIMEOUT = 30 * MINUTE
NONE = -1  # the code of "no session id", "no campaign"


@dataclass(frozen=True, eq=False)
class Sessions:
    """Sessions as a walk of their own: its paths are the sessions, `owner` the path that each was cut from."""

    walk: Walk
    owner: Codes  # one a session
    ids: tuple[str, ...] | None = None  # the ids of the owners

    def __len__(self) -> int:
        """Return the number of sessions."""
        return len(self.owner)


def after_pause(walk: Walk, *, timeout: int = TIMEOUT, edge: Edge = "same") -> Bools:
    """Return whether an event begins a session: it is the first of its path, or comes after a long pause.

    `timeout` in microseconds. A pause of exactly the timeout stays in the session, unless `edge` is "new".
    """
    pause = np.diff(walk.at, prepend=walk.at[:1])
    return np.asarray(opens(walk) | ((pause >= timeout) if edge == "new" else (pause > timeout)))


def after_change(walk: Walk, values: npt.NDArray[np.integer]) -> Bools:
    """Return whether an event begins a session because a value differs from the last known one of its path.

    One code an event (a local day, a campaign); −1 is "none", which changes nothing.
    """
    first, known = opens(walk), values != NONE
    row = np.arange(len(walk))
    last = np.maximum.accumulate(np.where(known | first, row, 0))
    before = np.concatenate([[NONE], values[last][:-1]]) if len(walk) else values
    return np.asarray(first | (known & (before != NONE) & (before != values)))


def local_days(walk: Walk, *, zone: str = "UTC") -> Whole:
    """Return the day of each event in a time zone, as days since 1970.

    >>> walk = Walk(np.zeros(1, np.uint32), np.array([23 * 3600 * 10**6]), np.zeros(1, np.uint32), ("x",))
    >>> local_days(walk, zone="Europe/Madrid").tolist()
    [1]
    """
    moments = pl.Series(walk.at).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(zone)
    return moments.dt.date().cast(pl.Int32).cast(pl.Int64).to_numpy()


def cut(walk: Walk, begins: Bools) -> Sessions:
    """Return the sessions that begin at the events marked; the first event of a path always begins one.

    >>> walk = Walk(np.zeros(3, np.uint32), np.array([0, 1, 9]), np.zeros(3, np.uint32), ("x",))
    >>> cut(walk, after_pause(walk, timeout=5)).walk.path.tolist()
    [0, 0, 1]
    """
    first = opens(walk) | begins
    number = np.cumsum(first) - 1
    return Sessions(replace(walk, path=number.astype(np.uint32), ids=None), walk.path[first], walk.ids)


def cut_given(walk: Walk, given: npt.NDArray[np.integer], begins: Bools) -> Sessions:
    """Return the sessions by given ids (a code an event, −1 for none); events without one go by `begins`.

    An id counts within its path. Sessions of one path may interleave (two tabs): each is kept whole, and they come
    in the order of their first event. An event without id after one with an id begins a session.
    """
    known = given != NONE
    leaves = np.concatenate([[False], known[:-1]])[: len(walk)]
    run = np.cumsum(opens(walk) | begins | (leaves & ~known))
    key = np.where(known, given, run + (int(given.max(initial=NONE)) + 1))
    # Rows of one session that follow each other are one run: runs are few.
    heads = np.flatnonzero(np.append(True, (key[1:] != key[:-1]) | (walk.path[1:] != walk.path[:-1]))[: len(walk)])
    runs = pl.DataFrame({"path": walk.path[heads], "key": key[heads]}).with_row_index("row")
    first = runs.select(pl.col("row").min().over("path", "key")).to_series()
    number = (first.rank("dense") - 1).cast(pl.UInt32).to_numpy()
    number = np.repeat(number, np.diff(heads, append=len(walk)))
    if (first == runs["row"]).all():  # no session goes on after another began
        return Sessions(replace(walk, path=number, ids=None), walk.path[heads], walk.ids)
    order = np.argsort(number, kind="stable")
    sessions = replace(walk, path=number[order], at=walk.at[order], step=walk.step[order], ids=None)
    return Sessions(sessions, walk.path[order][opens(sessions)], walk.ids)


@dataclass(frozen=True, eq=False)
class Marks:
    """Where events that separate or enclose put each event: the session in its path from 1 (0: in none)."""

    session: Whole
    kept: Bools  # false at the separating events themselves


def mark_separators(walk: Walk, separator: str) -> Marks:
    """Return the sessions that begin after each separator; events before the first one are in none."""
    here = walk.step == step_code(walk, separator)
    return Marks(within_path(walk, here), ~here)


def mark_bounds(walk: Walk, start: str, end: str) -> Marks:
    """Return the sessions from a start to the next end.

    A start within an open session is no second one; what lies outside is in none; a session that no end closes goes
    to the last event of its path. The bounds themselves are not kept.
    """
    begin, close = walk.step == step_code(walk, start), walk.step == step_code(walk, end)
    bound = begin | close
    last = np.maximum.accumulate(np.where(bound | opens(walk), np.arange(len(walk)), 0))
    inside = begin[last]
    was_inside = np.concatenate([[False], inside[:-1]])[: len(walk)] & ~opens(walk)
    return Marks(np.where(inside, within_path(walk, begin & ~was_inside), 0), ~bound)


def within_path(walk: Walk, marks: Bools) -> Whole:
    """Return how many marks there were in the path up to each event, itself included."""
    upto = np.cumsum(marks)
    first = starts(walk)
    return upto - np.repeat(upto[first] - marks[first], ends(walk) - first)


def cut_marked(walk: Walk, marks: Marks) -> Sessions:
    """Return the events that are kept and in a session, as sessions."""
    rows = marks.kept & (marks.session > 0)
    path, session = walk.path[rows], marks.session[rows]
    inside = Walk(path, walk.at[rows], walk.step[rows], walk.names, walk.ids)
    return cut(inside, np.diff(session, prepend=0) != 0)


def session_ids(sessions: Sessions) -> list[str]:
    """Return an id for each session: that of its path, and the session's number in it from 1."""
    owner = Walk(sessions.owner, np.zeros(len(sessions), np.int64), sessions.owner, ())
    number = within_path(owner, np.ones(len(sessions), np.bool_))
    ids = sessions.ids or tuple(str(code) for code in range(int(sessions.owner.max(initial=0)) + 1))
    return [f"{ids[path]}/{place}" for path, place in zip(sessions.owner.tolist(), number.tolist(), strict=True)]


def count_sessions(walk: Walk) -> pl.DataFrame:
    """Return the partial of paths (sessions) by their length: events, time (microseconds), n.

    Merge it by events and time.
    """
    first, after = starts(walk), ends(walk)
    return (
        pl.DataFrame({"events": after - first, "time": walk.at[after - 1] - walk.at[first]})
        .group_by("events", "time")
        .agg(n=pl.len().cast(pl.Int64))
        .sort("events", "time")
    )


def finish_sessions(counts: pl.DataFrame) -> pl.DataFrame:
    """Return mean and exact quantiles of the number of events and of the seconds of sessions, one row each."""
    seconds = counts.with_columns(pl.col("time") / 1_000_000)
    parts = [("events", counts, "events"), ("seconds", seconds, "time")]
    frames = [quantiles(frame, value=value).insert_column(0, pl.lit(name).alias("of")) for name, frame, value in parts]
    wide = [frame.with_columns(pl.exclude("of", "n").cast(pl.Float64)) for frame in frames]
    return pl.concat(wide)
