"""Touches of channels, cut at conversions: what every way of giving credit works on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from cjtools.errors import Fault, ParameterError, raise_if_any
from cjtools.journeys.paths import route_groups, rows_of
from cjtools.journeys.tallies import add_by
from cjtools.journeys.walks import Bools, Codes, Walk, Whole, closes, opens, step_code

START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"  # the ends of the chain; no channel may be called so


@dataclass(frozen=True, eq=False)
class TouchPaths:
    """Touches in order, one row a touch, in journeys that end by a conversion or without one."""

    journey: Whole  # non-decreasing: the journey of each touch, a place in the columns below
    at: Whole  # microseconds
    step: Codes  # place in `names`
    names: tuple[str, ...]
    ended: Whole  # of each journey: the time of its conversion, or of its last touch
    conversions: Whole  # of each journey, 0 or 1 unless equal journeys were added up before
    lost: Whole  # of each journey, as the conversions
    value: Whole  # of each journey, all its conversions together; whole units, cents for example


def touch_paths(walk: Walk, *, conversion: str, lookback: int | None = None, value: Whole | None = None) -> TouchPaths:
    """Return the journeys of a walk whose steps are channels and one marker, the conversion.

    A conversion ends a journey, and the next touch begins another; touches after the last conversion are a journey
    without one, which counts as lost. A touch more than `lookback` microseconds before the end of its journey is left
    out, by the same rule for both kinds; the far edge is in. `value` has a whole number an event, and that of the
    conversions counts.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 1], "at": [1, 2, 3], "channel": ["Email", "order", "Direct"]})
    >>> paths = touch_paths(walk_of(frame, path="who", at="at", step="channel"), conversion="order")
    >>> paths.journey.tolist(), paths.conversions.tolist(), paths.lost.tolist()
    ([0, 1], [1, 0], [0, 1])
    """
    check_names(name for name in walk.names if name != conversion)
    marker = walk.step == step_code(walk, conversion)
    begins = opens(walk)
    begins[1:] |= marker[:-1]
    number = np.cumsum(begins, dtype=np.int64) - 1
    last = np.flatnonzero(marker | closes(walk))
    won = marker[last]
    kept = ~marker & within(walk.at, walk.at[last][number], lookback)
    return TouchPaths(
        journey=number[kept],
        at=walk.at[kept],
        step=walk.step[kept],
        names=walk.names,
        ended=walk.at[last],
        conversions=won.astype(np.int64),
        lost=(~won).astype(np.int64),
        value=np.where(won, 0 if value is None else value[last], 0).astype(np.int64),
    )


def within(at: Whole, ended: Whole, lookback: int | None) -> Bools:
    """Return whether each touch is near enough to the end of its journey."""
    return np.ones(len(at), dtype=np.bool_) if lookback is None else ended - at <= lookback


def touch_paths_of_table(table: pl.DataFrame) -> TouchPaths:
    """Return the journeys of a table of paths: `path` (a list of channels), `conversions`, `lost` and `value`.

    Each row stands for as many equal journeys as it counts. A row that counts none is none. Such a table has no
    times: all touches are equally old.

    >>> rows = {"path": [["Email", "Direct"]], "conversions": [2], "lost": [1], "value": [30]}
    >>> touch_paths_of_table(pl.DataFrame(rows)).step.tolist()
    [1, 0]
    """
    table = table.filter(pl.col("conversions") + pl.col("lost") > 0)
    touches = table.select("path").with_row_index("journey").explode("path").drop_nulls("path")
    names = tuple(touches["path"].unique().sort())
    check_names(names)
    codes = touches.select("journey", (pl.col("path").rank("dense") - 1).cast(pl.UInt32))
    return TouchPaths(
        journey=codes["journey"].cast(pl.Int64).to_numpy(),
        at=np.zeros(codes.height, dtype=np.int64),
        step=codes["path"].to_numpy(),
        names=names,
        ended=np.zeros(table.height, dtype=np.int64),
        **{name: table[name].cast(pl.Int64).to_numpy() for name in ("conversions", "lost", "value")},
    )


def condense(paths: TouchPaths) -> TouchPaths:
    """Return journeys of the same touches in the same order as one, their conversions, losses and value added up.

    Times are gone: for every rule but time decay, which needs them.

    >>> rows = {"path": [["a", "b"], ["a", "b"]], "conversions": [1, 0], "lost": [0, 1], "value": [5, 0]}
    >>> once = condense(touch_paths_of_table(pl.DataFrame(rows)))
    >>> once.step.tolist(), once.conversions.tolist(), once.lost.tolist()
    ([0, 1], [1], [1])
    """
    first, size = first_touches(paths), touch_counts(paths)
    walk = Walk(paths.journey.astype(np.uint32), paths.at, paths.step, paths.names)
    group, sample = route_groups(walk, first, size)
    alone, count = untouched(paths), len(sample)
    rows, journey = rows_of(first[sample], size[sample])
    touched = paths.journey[first]
    sums = {
        name: np.append(add_by(group, values[touched], count), values[alone].sum())[: count + bool(alone.any())]
        for name, values in (("conversions", paths.conversions), ("lost", paths.lost), ("value", paths.value))
    }
    zeros = np.zeros(len(rows), dtype=np.int64)
    return TouchPaths(
        journey=journey,
        at=zeros,
        step=paths.step[rows],
        names=paths.names,
        ended=np.zeros(len(sums["lost"]), dtype=np.int64),
        **sums,
    )


def check_names(names: Iterable[str]) -> None:
    """Raise an error for each channel that is called like an end of the chain."""
    taken = sorted({START, CONVERSION, NULL} & set(names))
    faults = [
        Fault(name, "a channel of this name cannot be told from an end of the path", step="rename it") for name in taken
    ]
    raise_if_any(ParameterError, "channels", faults)


def first_touches(paths: TouchPaths) -> Whole:
    """Return the row of the first touch of each journey that has any."""
    if not len(paths.journey):
        return np.zeros(0, dtype=np.int64)
    new = np.concatenate(([True], paths.journey[1:] != paths.journey[:-1]))
    return np.flatnonzero(new).astype(np.int64)


def touch_counts(paths: TouchPaths) -> Whole:
    """Return the number of touches of each journey that has any."""
    return np.diff(np.append(first_touches(paths), len(paths.journey)))


def untouched(paths: TouchPaths) -> Bools:
    """Return whether each journey has no touch at all, so that no channel can get its conversion."""
    alone: Bools = np.bincount(paths.journey, minlength=len(paths.ended)) == 0
    return alone
