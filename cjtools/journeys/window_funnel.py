"""How far each path gets through steps within a window, as ClickHouse's windowFunnel counts it.

The search is a level for each step over all events at once: a level is reached at an event of its step when the
level before was reached earlier and that chain began no more than the window ago. Events of one moment are taken in
the order of the steps, and one event may be several steps. Source: the documentation and public tests of ClickHouse
(00632_aggregation_window_funnel at 0882b32, with the level of strict_deduplication as corrected by its PR 99003).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cjtools.errors import Fault, ParameterError, nearest, raise_if_any
from cjtools.journeys.occurrences import firsts, last_rows, matches, tie_places
from cjtools.journeys.walks import Bools, Walk, Whole, opens, starts

MODES = {
    "strict_deduplication": "a step after the first that comes again ends the search",
    "strict_order": "an event that is not the next step, or the first step again, ends the search",
    "strict_increase": "each step is later than the one before; events of one moment do not advance",
    "strict_once": "one event is one step only",
    "allow_reentry": "with strict_order: the first step may come again",
}


NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class Entries:
    """One row an event and step that it is (step 0: none of them), by path, time, step and row."""

    place: Whole  # of the path among those with events
    at: Whole
    moment: Whole
    step: Whole  # from 1
    begins: Whole  # the first entry of the path


def count_window_levels(
    walk: Walk, *, steps: Sequence[str], window: dt.timedelta, modes: Collection[str] = ()
) -> pl.DataFrame:
    """Return how many paths got exactly how far: level (0 to the number of steps), step, paths. Adds up over walks.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 1], "page": ["a", "b", "b"]})
    >>> walk = walk_of(frame, path="who", at="at", step="page")
    >>> count_window_levels(walk, steps=["a", "b"], window=dt.timedelta(seconds=1)).rows()
    [(0, None, 1), (1, 'a', 0), (2, 'b', 1)]
    """
    levels = window_levels(walk, steps=steps, window=window, modes=modes)
    return pl.DataFrame(
        {
            "level": range(len(steps) + 1),
            "step": [None, *steps],
            "paths": np.bincount(levels, minlength=len(steps) + 1).astype(np.int64),
        },
        schema={"level": pl.Int64, "step": pl.String, "paths": pl.Int64},
    )


def window_levels(walk: Walk, *, steps: Sequence[str], window: dt.timedelta, modes: Collection[str] = ()) -> Whole:
    """Return how many leading steps each path with events reached, in the order of the paths.

    `window` runs from the first step to the last, edge included. `modes` are those of MODES, together.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 1], "at": [1, 2, 3], "page": ["a", "x", "b"]})
    >>> walk = walk_of(frame, path="who", at="at", step="page")
    >>> hour = dt.timedelta(hours=1)
    >>> [int(window_levels(walk, steps=["a", "b"], window=hour, modes=mode)[0]) for mode in ([], ["strict_order"])]
    [2, 1]
    """
    check_modes(steps, window=window, modes=modes)
    entries = entries_of(walk, steps=steps, others="strict_order" in modes)
    micro = window // dt.timedelta(microseconds=1)
    increase = "strict_increase" in modes
    advance = advance_once if "strict_once" in modes else advance_in_turn
    sets = advance(entries, steps=steps, window=micro, increase=increase)
    return levels_of(entries, sets, steps=len(steps), paths=len(starts(walk)), modes=modes)


def check_modes(steps: Sequence[str], *, window: dt.timedelta, modes: Collection[str]) -> None:
    """Refuse modes that do not exist or go together with nothing, a funnel without steps, a window below zero."""
    faults = [Fault("modes", f"{mode!r} is no mode", nearest(mode, MODES)) for mode in modes if mode not in MODES]
    if "allow_reentry" in modes and "strict_order" not in modes:
        faults.append(Fault("modes", "allow_reentry without strict_order", "it only softens strict_order"))
    if not steps:
        faults.append(Fault("steps", "there are none", "one or more names of steps"))
    if window < dt.timedelta():
        faults.append(Fault("window", f"{window} is below zero"))
    raise_if_any(ParameterError, "this funnel", faults)


def entries_of(walk: Walk, *, steps: Sequence[str], others: bool) -> Entries:
    """Return the entries of a walk; with `others`, an event that is none of the steps is an entry of step 0."""
    found = [matches(walk, name) for name in steps]
    none = [~np.logical_or.reduce(found)] if others else [np.zeros(len(walk), dtype=np.bool_)]
    rows = [np.flatnonzero(match) for match in [*none, *found]]
    row, step = np.concatenate(rows), np.repeat(np.arange(len(rows)), [len(part) for part in rows])
    moment = tie_places(walk)[row]
    order = np.argsort(moment * len(rows) + step, kind="stable")
    row, step, moment = row[order], step[order], moment[order]
    place = (np.cumsum(opens(walk), dtype=np.int64) - 1)[row]
    begins = firsts(np.arange(len(row)), groups=place, count=len(starts(walk)), missing=0)[place]
    return Entries(place, walk.at[row], moment, step.astype(np.int64), begins)


def advance_in_turn(entries: Entries, *, steps: Sequence[str], window: int, increase: bool) -> Bools:
    """Return the entries at which their step's level is reached, each from the latest chain of the level before."""
    sets: Bools = entries.step == 1
    began = entries.at.copy()
    for step in range(2, len(steps) + 1):
        rows = np.flatnonzero(entries.step == step)
        before = last_rows(sets & (entries.step == step - 1))[rows]
        known = before >= entries.begins[rows]
        # −1 looks at the last entry; `known` has said no already.
        start = began[before]
        reached = known & (entries.at[rows] - start <= window)
        if increase:
            reached &= entries.at[before] < entries.at[rows]
        sets[rows], began[rows] = reached, start
    return sets


def advance_once(entries: Entries, *, steps: Sequence[str], window: int, increase: bool) -> Bools:
    """Return the entries at which their step's level can be reached by a chain of different events.

    An event can be taken twice within its own moment only. So moments are looked at: from each level held before the
    moment, further steps are taken as long as the moment has events of their names left.
    """
    fresh = np.append(True, entries.moment[1:] != entries.moment[:-1])[: len(entries.moment)]
    which, first, width = np.cumsum(fresh) - 1, np.flatnonzero(fresh), len(steps) + 1
    have = np.bincount(which * width + entries.step, minlength=len(first) * width).reshape(-1, width)
    at, begins = entries.at[first], which[entries.begins[first]]
    sets = np.zeros((len(first), width), dtype=np.bool_)
    held = [at]
    for step in range(1, width):
        began = np.full(len(first), NEVER)
        for level, start in enumerate(held):
            able = (start != NEVER) & (at - window <= start) & has_room(have, steps[level:step], level, increase)
            began = np.maximum(began, np.where(able, start, NEVER))
        sets[:, step] = began != NEVER
        before = last_rows(sets[:, step])[:-1]
        held.append(np.where(before >= begins, began[before], NEVER))
    return np.asarray(sets[which, entries.step])


def has_room(have: Whole, steps: Sequence[str], level: int, increase: bool) -> Bools:
    """Return the moments with a different event for each of these steps, which follow the level."""
    if increase and len(steps) > 1:
        return np.zeros(len(have), dtype=np.bool_)
    rooms = [have[:, level + place] >= steps[:place].count(steps[place - 1]) for place in range(1, len(steps) + 1)]
    return np.asarray(np.logical_and.reduce(rooms))


def levels_of(entries: Entries, sets: Bools, *, steps: int, paths: int, modes: Collection[str]) -> Whole:
    """Return the level of each path: the steps reached before the entry that ends the search."""
    nowhere = len(sets)
    reached = np.full((paths, steps + 1), nowhere, dtype=np.int64)
    for step in range(1, steps + 1):
        hits = np.flatnonzero(sets & (entries.step == step))
        reached[:, step] = firsts(hits, groups=entries.place[hits], count=paths, missing=nowhere)
    twice, astray = repeats(entries, reached), strays(entries, reached, again="allow_reentry" not in modes)
    never = np.full(paths, nowhere, dtype=np.int64)
    stop = first_places(entries, twice, paths) if "strict_deduplication" in modes else never
    other = first_places(entries, astray, paths) if "strict_order" in modes else never
    levels: Whole = (reached[:, 1:] < np.minimum(stop, other)[:, None]).sum(axis=1)
    if "allow_reentry" in modes:
        back = np.flatnonzero((stop < other) & (levels < steps))
        levels[back] = levels_since_return(entries, sets, stop[back])
    return levels


def first_places(entries: Entries, marked: Bools, paths: int) -> Whole:
    """Return the first marked entry of each path; the number of entries where there is none."""
    rows = np.flatnonzero(marked)
    return firsts(rows, groups=entries.place[rows], count=paths, missing=len(marked))


def repeats(entries: Entries, reached: Whole) -> Bools:
    """Return the entries of a step after the first whose level was reached before."""
    before: Bools = reached[entries.place, entries.step] < np.arange(len(entries.step))
    return before & (entries.step > 1)


def strays(entries: Entries, reached: Whole, *, again: bool) -> Bools:
    """Return the entries, after the first step, of no step or of one whose level before was not reached.

    With `again`, also the first step where the second was reached.
    """
    rows, step = np.arange(len(entries.step)), entries.step
    begun = reached[entries.place, 1] < rows
    early = reached[entries.place, np.maximum(step - 1, 0)] > rows
    astray: Bools = begun & ((step == 0) | ((step > 1) & early))
    if again and reached.shape[1] > 2:
        astray |= (step == 1) & (reached[entries.place, 2] < rows)
    return astray


def levels_since_return(entries: Entries, sets: Bools, stop: Whole) -> Whole:
    """Return the highest level reached from the last first step before the entry at which a repeat ended the search.

    Who may come back begins anew: what was reached before the return is not counted to the chain that the repeat ended.
    """
    begin = last_rows(entries.step == 1)[stop]
    levels = np.append(np.where(sets, entries.step, 0), 0)
    bounds = np.stack([begin, stop], axis=1).ravel()
    return np.maximum.reduceat(levels, bounds)[::2] if len(stop) else stop
