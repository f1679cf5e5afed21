"""Which paths come to a step at all, where first, and how long paths are."""

from __future__ import annotations

import numpy as np
import polars as pl

from cjtools.journeys.occurrences import path_places
from cjtools.journeys.tallies import counted, fresh
from cjtools.journeys.walks import Walk, Whole, lengths

ROOM = 1 << 25  # cells of a table of paths and steps that may be filled


def count_lengths(walk: Walk) -> pl.DataFrame:
    """Return the partial of how many paths have how many events: length, n; merge it by length.

    >>> walk = Walk(np.array([0, 0, 1], np.uint32), np.arange(3), np.zeros(3, np.uint32), ("a",))
    >>> count_lengths(walk).rows()
    [(1, 1), (2, 1)]
    """
    size = lengths(walk)
    length, n = counted(size.astype(np.uint64), int(size.max(initial=0)) + 1)
    return pl.DataFrame({"length": length, "n": n})


def first_events(walk: Walk) -> Whole:
    """Return the row of the first event of each path and step, in no order of theirs but always the same one.

    >>> walk = Walk(np.zeros(3, np.uint32), np.arange(3), np.array([1, 1, 0], np.uint32), ("a", "b"))
    >>> sorted(first_events(walk).tolist())
    [0, 2]
    """
    paths = int(walk.path[-1]) + 1 if len(walk) else 0
    if paths > len(walk):
        paths = int(path_places(walk)[-1]) + 1
    size = max(len(walk.names), 1)
    number = walk.path.astype(np.int64) if len(walk) and paths == int(walk.path[-1]) + 1 else path_places(walk)
    cells = number * size + walk.step
    if paths * size <= max(ROOM, 8 * len(walk)):
        first = np.full(paths * size, len(walk), dtype=np.int64)
        first[cells[::-1]] = np.arange(len(walk) - 1, -1, -1)  # the last one written is the first event
        return first[first < len(walk)]
    order = np.argsort(cells, kind="stable")
    return order[fresh(cells[order])]
