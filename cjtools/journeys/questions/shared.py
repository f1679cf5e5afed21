"""What several questions need of a bucket, computed once: sessions, runs of one stage, the rows of chosen acts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from cjtools.journeys.ordered import NONE, Acts, Ordered, Small, check_level
from cjtools.journeys.split import NONE as NO_ID
from cjtools.journeys.split import cut_given
from cjtools.journeys.tallies import fresh
from cjtools.journeys.walks import Bools, Codes, Walk, Whole

KEPT = "_shared"
P = ParamSpec("P")
T = TypeVar("T")


def once(function: Callable[Concatenate[Ordered, P], T]) -> Callable[Concatenate[Ordered, P], T]:
    """Return the function with its results kept as long as the bucket; its arguments have to be hashable.

    They are kept in the bucket itself, as cached properties are: what is gone with it needs no clearing.
    """

    @wraps(function)
    def kept(ordered: Ordered, /, *args: P.args, **kwargs: P.kwargs) -> T:
        results: dict[Hashable, Any] = vars(ordered).setdefault(KEPT, {})
        key = (function.__name__, args, tuple(sorted(kwargs.items())))
        if key not in results:
            results[key] = function(ordered, *args, **kwargs)
        found: T = results[key]
        return found

    return kept


def names_of(ordered: Ordered, level: str) -> tuple[str, ...]:
    """Return the names of a level; one that these events do not have is refused."""
    check_level(ordered.acts, level)
    return ordered.acts.names[level]


@dataclass(frozen=True, eq=False)
class Visits:
    """The events by session: each session's one after the other, in the order of their first events."""

    number: Codes  # of the session of each row, from 0
    at: Whole
    act: Small
    row: Whole | None  # of the bucket; None where the order is the same
    first: Whole  # the row at which each session begins
    profile: Codes  # of each session

    @property
    def ends(self) -> Whole:
        """Return the row after the last of each session."""
        return np.append(self.first[1:], len(self.number))[: len(self.first)]


@once
def visits_of(ordered: Ordered) -> Visits:
    """Return the sessions of a bucket: the given ones, else by a pause of over 30 minutes within a profile."""
    if ordered.given is None:
        first = np.flatnonzero(ordered.begins)
        return Visits(ordered.session, ordered.at, ordered.act, None, first, ordered.profile[first])
    given = np.where(ordered.given == NONE, NO_ID, ordered.given.astype(np.int64))
    rows = np.arange(len(ordered), dtype=np.uint32)
    sessions = cut_given(Walk(ordered.profile, ordered.at, rows, ()), given, ordered.begins)
    walk, first = sessions.walk, np.flatnonzero(fresh(sessions.walk.path))
    if np.array_equal(walk.step, rows):
        return Visits(walk.path, ordered.at, ordered.act, None, first, sessions.owner)
    row = walk.step.astype(np.int64)
    return Visits(walk.path, walk.at, ordered.act[row], row, first, sessions.owner)


@once
def visit_codes(ordered: Ordered, level: str) -> Small:
    """Return the code at a level of each row of the sessions; the number of names where it has none."""
    codes, row = ordered.coded(level), visits_of(ordered).row
    return codes if row is None else codes[row]


@once
def came_by(ordered: Ordered, level: str) -> Small:
    """Return the code at a level of the first event of each session; the number of names where it has none."""
    visits = visits_of(ordered)
    return ordered.acts.small[level][visits.act[visits.first]]


@once
def rows_having(ordered: Ordered, level: str) -> Whole | None:
    """Return the rows that have something at a level; None where all have."""
    there = ordered.coded(level) < len(names_of(ordered, level))
    return None if there.all() else np.flatnonzero(there)


@once
def steps_having(ordered: Ordered, level: str) -> Small:
    """Return the codes at a level of the events that have one."""
    rows = rows_having(ordered, level)
    return ordered.coded(level) if rows is None else ordered.coded(level)[rows]


@once
def walk_of_profiles(ordered: Ordered, level: str) -> Walk:
    """Return the events that have something at a level, by profile."""
    rows, steps, names = rows_having(ordered, level), steps_having(ordered, level), names_of(ordered, level)
    if rows is None:
        return Walk(ordered.profile, ordered.at, steps, names)
    return Walk(ordered.profile[rows], ordered.at[rows], steps, names)


def order_of_profiles(ordered: Ordered, level: str) -> Walk:
    """Return what walk_of_profiles does, but for the times: for what asks for the order only, of many events."""
    rows, steps, names = rows_having(ordered, level), steps_having(ordered, level), names_of(ordered, level)
    return Walk(ordered.profile if rows is None else ordered.profile[rows], timeless(len(steps)), steps, names)


def order_of_visits(ordered: Ordered, level: str) -> Walk:
    """Return the events that have something at a level by session, without their times."""
    visits, names = visits_of(ordered), names_of(ordered, level)
    if visits.row is not None:
        codes = visit_codes(ordered, level)
        rows = np.flatnonzero(codes < len(names))
        return Walk(visits.number[rows], timeless(len(rows)), codes[rows], names)
    there, steps = rows_having(ordered, level), steps_having(ordered, level)
    return Walk(visits.number if there is None else visits.number[there], timeless(len(steps)), steps, names)


def timeless(count: int) -> Whole:
    """Return so many times that say nothing and take no room."""
    return np.broadcast_to(np.int64(0), count)


@once
def runs_of_visits(ordered: Ordered, level: str) -> Walk:
    """Return the first event of each run of one name at a level, within each session."""
    visits, names = visits_of(ordered), names_of(ordered, level)
    return runs(visits.number, visits.at, visit_codes(ordered, level), names)


@once
def runs_of_profiles(ordered: Ordered, level: str) -> Walk:
    """Return the first event of each run of one name at a level, within each profile."""
    names = names_of(ordered, level)
    visits = visits_of(ordered)
    if visits.row is not None:
        return runs(ordered.profile, ordered.at, ordered.coded(level), names)
    # Sessions lie within profiles: their runs are all there is to look at, and few.
    short = runs_of_visits(ordered, level)
    path = visits.profile[short.path]
    kept = np.flatnonzero(fresh(short.step) | fresh(path))
    return Walk(path[kept], short.at[kept], short.step[kept], names)


def runs(path: Codes, at: Whole, codes: Small, names: tuple[str, ...]) -> Walk:
    """Return the first event of each run of one name; events without one are left out before.

    First what differs from the row before, whatever that is: few rows are left to be looked at again.
    """
    changed = fresh(codes)
    changed[1:] |= path[1:] != path[:-1]
    changed &= codes < len(names)
    rows = np.flatnonzero(changed)
    some, whose = codes[rows], path[rows]
    kept = np.flatnonzero(fresh(some) | fresh(whose))
    return Walk(whose[kept], at[rows[kept]], some[kept], names)


Where = Mapping[str, Collection[str]]  # level -> names; an act is meant that has one of the names at each level


def chosen(acts: Acts, where: Where) -> Bools:
    """Return whether each act has one of the names at each of the levels.

    >>> acts = Acts({"event": ("buy", "view")}, {"event": np.array([1, 0], np.uint32)})
    >>> chosen(acts, {"event": ["buy"]}).tolist()
    [False, True]
    """
    meant = np.ones(len(acts), dtype=np.bool_)
    for level, names in where.items():
        check_level(acts, level)
        wanted = np.array([*(name in names for name in acts.names[level]), False], dtype=np.bool_)
        meant &= wanted[acts.small[level]]
    return meant


def rows_where(ordered: Ordered, where: Sequence[Where]) -> list[Whole]:
    """Return the rows of the events that are meant, for each of several meanings: all rows are looked at once."""
    found: list[Whole] = []
    for begin in range(0, len(where), 8):
        some = [chosen(ordered.acts, each) for each in where[begin : begin + 8]]
        flags = np.zeros(len(ordered.acts), dtype=np.uint8)
        for bit, meant in enumerate(some):
            flags |= meant.astype(np.uint8) << np.uint8(bit)
        marks = flags[ordered.act]
        rows = np.flatnonzero(marks)
        marks = marks[rows]
        found += [rows[np.flatnonzero(marks & np.uint8(1 << bit))] for bit in range(len(some))]
    return found


def worth_at(ordered: Ordered, rows: Whole) -> Whole:
    """Return what the events of some rows are worth, in hundredths; 0 where nothing is known."""
    if not len(ordered.worth_row):
        return np.zeros(len(rows), dtype=np.int64)
    place = np.minimum(np.searchsorted(ordered.worth_row, rows), len(ordered.worth_row) - 1)
    return np.where(ordered.worth_row[place] == rows, ordered.worth[place], 0)
