"""Where the next event of a kind stands, for all events at once: what funnels and sequences are looked up in."""

from __future__ import annotations

import numpy as np

from cjtools.journeys.walks import Bools, Walk, Whole, ends, lengths, opens, starts

ANY = "*"  # a step that every event is


def matches(walk: Walk, name: str) -> Bools:
    """Return whether each event is the step `name`; every event is the step "*".

    >>> import polars as pl
    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1], "at": [1, 2], "page": ["x", "y"]})
    >>> matches(walk_of(frame, path="who", at="at", step="page"), "y").tolist()
    [False, True]
    """
    if name == ANY:
        return np.ones(len(walk), dtype=np.bool_)
    if name not in walk.names:
        return np.zeros(len(walk), dtype=np.bool_)
    return np.asarray(walk.step == walk.names.index(name))


def next_rows(match: Bools) -> Whole:
    """Return the first row at or after each row that matches, whatever its path; the number of rows where none does.

    One entry more than there are rows, so that the row after the last may be asked for.

    >>> next_rows(np.array([False, True, False])).tolist()
    [1, 1, 3, 3]
    """
    count = len(match)
    rows = np.full(count + 1, count, dtype=np.int64)
    rows[:count][match] = np.flatnonzero(match)
    found: Whole = np.minimum.accumulate(rows[::-1])[::-1]
    return found


def last_rows(match: Bools) -> Whole:
    """Return the last row before each row that matches, whatever its path; −1 where none does.

    One entry more than there are rows.

    >>> last_rows(np.array([False, True, False])).tolist()
    [-1, -1, 1, 1]
    """
    rows = np.full(len(match) + 1, -1, dtype=np.int64)
    rows[1:][match] = np.flatnonzero(match)
    found: Whole = np.maximum.accumulate(rows)
    return found


def path_places(walk: Walk) -> Whole:
    """Return the place of the path of each event among the paths that have events, from 0."""
    if len(walk) and int(walk.path[-1]) == int(np.count_nonzero(opens(walk))) - 1:  # every number has events
        return walk.path.astype(np.int64)
    return np.cumsum(opens(walk), dtype=np.int64) - 1


def path_ends(walk: Walk) -> Whole:
    """Return for each event the row after the last of its path; one entry more, 0, for the row after all."""
    return np.append(np.repeat(ends(walk), lengths(walk)), 0)


def path_starts(walk: Walk) -> Whole:
    """Return for each event the first row of its path."""
    return np.repeat(starts(walk), lengths(walk))


def tie_places(walk: Walk) -> Whole:
    """Return the place of the moment of each event: events of one path at one time share it.

    >>> import polars as pl
    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [5, 5, 5], "page": ["x", "y", "x"]})
    >>> tie_places(walk_of(frame, path="who", at="at", step="page")).tolist()
    [0, 0, 1]
    """
    fresh = opens(walk)
    fresh[1:] |= walk.at[1:] != walk.at[:-1]
    return np.cumsum(fresh, dtype=np.int64) - 1


def rows_after_ties(walk: Walk) -> Whole:
    """Return for each event the first row after those of its moment; one entry more, for the row after all."""
    moments = tie_places(walk)
    sizes = np.bincount(moments, minlength=0).astype(np.int64)
    return np.append(np.repeat(np.cumsum(sizes), sizes), len(walk))


def rows_from(walk: Walk, *, limit: Whole, inclusive: bool) -> Whole:
    """Return the first row of the path of each event whose time is at least `limit` (after it if not inclusive).

    Bisection in all paths at once; the row after the path where there is none.

    >>> import polars as pl
    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1], "at": [1, 4], "page": ["x", "y"]})
    >>> walk = walk_of(frame, path="who", at="at", step="page")
    >>> rows_from(walk, limit=walk.at + 3, inclusive=True).tolist()
    [1, 2]
    """
    low, high = path_starts(walk), path_ends(walk)[:-1]
    while (open_ := low < high).any():
        middle = np.where(open_, (low + high) // 2, 0)
        before = (walk.at[middle] < limit) if inclusive else (walk.at[middle] <= limit)
        low, high = np.where(open_ & before, middle + 1, low), np.where(open_ & ~before, middle, high)
    return low


def firsts(rows: Whole, *, groups: Whole, count: int, missing: int) -> Whole:
    """Return the first of the ascending rows in each of `count` groups, `missing` where a group has none.

    >>> firsts(np.array([3, 5, 8]), groups=np.array([0, 0, 2]), count=3, missing=-1).tolist()
    [3, -1, 8]
    """
    found = np.full(count, missing, dtype=np.int64)
    found[groups[::-1]] = rows[::-1]
    return found
