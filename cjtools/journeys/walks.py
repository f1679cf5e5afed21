"""The events of whole paths in their total order, as coded columns that every measure works on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.errors import Fault, ParameterError

Bools: TypeAlias = npt.NDArray[np.bool_]
Codes: TypeAlias = npt.NDArray[np.unsignedinteger[Any]]  # u32, or narrower where all codes fit
Whole: TypeAlias = npt.NDArray[np.int64]

SECOND = 1_000_000  # microseconds
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND

# Steps that are no event: the borders of a path, what a short list leaves out, the other group, an event without name.
START, ENDED, OTHERS, REST, MISSING = "path_start", "path_end", "<OTHERS>", "<REST>", "(missing)"
RESERVED = (START, ENDED, OTHERS, REST, MISSING)


@dataclass(frozen=True, eq=False)
class Walk:
    """Events of whole paths in their total order, as coded columns (one row an event)."""

    path: Codes  # non-decreasing: the number of the path (a profile, or a session)
    at: Whole  # microseconds since 1970 UTC, non-decreasing within a path
    step: Codes  # place in `names`
    names: tuple[str, ...]
    ids: tuple[str, ...] | None = None  # the id of each path number, where a result needs it

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.path)


def walk_of(frame: pl.DataFrame, *, path: str, at: str, step: str, order: Sequence[str] = ()) -> Walk:
    """Return the events of a frame as a walk, sorted by path, time and `order`; then by their row in the frame.

    `order` names the columns that make the order total (source order, source row); where they do not, the rows of
    equal time stay in the order of the frame. Codes follow the sorted ids and names, so they depend on no row order.
    Times are dates, datetimes of any unit, or whole microseconds. An event without name is the step "(missing)";
    events without path or time, and names that borders of paths bear, are refused.

    >>> frame = pl.DataFrame({"who": ["b", "a", "a"], "at": [3, 2, 1], "page": ["home", "cart", "home"]})
    >>> walk = walk_of(frame, path="who", at="at", step="page")
    >>> walk.path.tolist(), walk.at.tolist(), walk.step.tolist(), walk.names
    ([0, 0, 1], [1, 2, 3], [1, 0, 1], ('cart', 'home'))
    """
    check_events(frame, path=path, at=at, step=step)
    paths, ids = code(frame[path])
    steps, names = code(frame[step].cast(pl.String).fill_null(MISSING))
    coded = frame.select(
        paths.alias("walk path"),
        microseconds(frame, at).alias("walk at"),
        steps.alias("walk step"),
        *(pl.col(name).alias(f"walk order {place}") for place, name in enumerate(order)),
    )
    ties = [f"walk order {place}" for place in range(len(order))]
    rows = coded.sort("walk path", "walk at", *ties, maintain_order=True)
    return Walk(
        path=rows["walk path"].to_numpy(),
        at=rows["walk at"].to_numpy(),
        step=rows["walk step"].to_numpy(),
        names=names,
        ids=ids,
    )


def code(values: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """Return values as their place among the sorted distinct ones, and those as text.

    >>> code(pl.Series(["b", "a", "b"]))[0].to_list(), code(pl.Series([10, 9]))[1]
    ([1, 0, 1], ('9', '10'))
    """
    distinct = values.unique().sort()
    if values.dtype == pl.String:  # a dictionary is about twice as fast as a rank of text
        return values.cast(pl.Enum(distinct)).to_physical().cast(pl.UInt32), tuple(distinct)
    return (values.rank("dense") - 1).cast(pl.UInt32), tuple(distinct.cast(pl.String))


def check_events(frame: pl.DataFrame, *, path: str, at: str, step: str) -> None:
    """Refuse events without path or time, and steps that are called like a border of paths."""
    faults = [
        Fault(f"column {name!r}", f"{frame[name].null_count()} events have none", "every event needs one")
        for name in dict.fromkeys((path, at))
        if frame[name].null_count()
    ]
    taken = set(frame[step].cast(pl.String).unique()) & set(RESERVED)
    faults += [
        Fault(f"column {step!r}", f"an event is called {name!r}", "the name of a border or a remainder", "rename it")
        for name in sorted(taken)
    ]
    if faults:
        raise ParameterError("these events", faults)


def microseconds(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Return a column of times as whole microseconds since 1970 UTC."""
    if frame.schema[column].is_integer():
        return pl.col(column).cast(pl.Int64)
    return pl.col(column).cast(pl.Datetime("us", getattr(frame.schema[column], "time_zone", None))).dt.epoch("us")


def starts(walk: Walk) -> Whole:
    """Return the row at which each path begins (paths without events have none).

    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 1], "page": ["x", "y", "x"]})
    >>> starts(walk_of(frame, path="who", at="at", step="page")).tolist()
    [0, 2]
    """
    return np.flatnonzero(opens(walk)).astype(np.int64)


def ends(walk: Walk) -> Whole:
    """Return the row after the last of each path.

    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 1], "page": ["x", "y", "x"]})
    >>> ends(walk_of(frame, path="who", at="at", step="page")).tolist()
    [2, 3]
    """
    return np.flatnonzero(closes(walk)).astype(np.int64) + 1


def opens(walk: Walk) -> Bools:
    """Return whether each event is the first of its path."""
    first = np.ones(len(walk), dtype=np.bool_)
    np.not_equal(walk.path[1:], walk.path[:-1], out=first[1:])
    return first


def closes(walk: Walk) -> Bools:
    """Return whether each event is the last of its path."""
    last = np.ones(len(walk), dtype=np.bool_)
    np.not_equal(walk.path[1:], walk.path[:-1], out=last[:-1])
    return last


def lengths(walk: Walk) -> Whole:
    """Return the number of events of each path that has any."""
    return ends(walk) - starts(walk)


def places(walk: Walk) -> Whole:
    """Return the place of each event in its path, from 0.

    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 1], "page": ["x", "y", "x"]})
    >>> places(walk_of(frame, path="who", at="at", step="page")).tolist()
    [0, 1, 0]
    """
    return np.arange(len(walk), dtype=np.int64) - np.repeat(starts(walk), lengths(walk))


def keep(walk: Walk, rows: Bools) -> Walk:
    """Return the walk with these events only; numbers of paths and steps stay."""
    return replace(walk, path=walk.path[rows], at=walk.at[rows], step=walk.step[rows])


def step_code(walk: Walk, name: str) -> int:
    """Return the place of a step among the names, or −1 where no event has it (equal to no code).

    >>> frame = pl.DataFrame({"who": [1], "at": [1], "page": ["x"]})
    >>> step_code(walk_of(frame, path="who", at="at", step="page"), "y")
    -1
    """
    return walk.names.index(name) if name in walk.names else -1


def named(walk: Walk, codes: npt.NDArray[np.integer]) -> pl.Series:
    """Return the names of step codes; the codes after the last name are the start and the end of a path.

    >>> frame = pl.DataFrame({"who": [1], "at": [1], "page": ["x"]})
    >>> named(walk_of(frame, path="who", at="at", step="page"), np.array([1, 0, 2])).to_list()
    ['path_start', 'x', 'path_end']
    """
    return pl.Series([*walk.names, START, ENDED], dtype=pl.String).gather(pl.Series(codes.astype(np.uint32)))


def bordered(walk: Walk) -> Walk:
    """Return the walk with an event before the first and one after the last of each path, at their times.

    Their codes are the two after the last name: the start, then the end; `names` has them too.

    >>> frame = pl.DataFrame({"who": [1], "at": [5], "page": ["x"]})
    >>> whole = bordered(walk_of(frame, path="who", at="at", step="page"))
    >>> whole.step.tolist(), whole.names
    ([1, 0, 2], ('x', 'path_start', 'path_end'))
    """
    first, after, count = starts(walk), ends(walk), len(walk.names)
    shift = 2 * np.arange(len(first), dtype=np.int64)
    begin, stop = first + shift, after + shift + 1
    source = np.empty(len(walk) + 2 * len(first), dtype=np.int64)
    inner = np.arange(len(walk), dtype=np.int64) + np.repeat(shift, after - first) + 1
    source[inner], source[begin], source[stop] = np.arange(len(walk)), first, after - 1
    step = walk.step[source].astype(np.uint32)  # wide enough for the two codes more
    step[begin], step[stop] = count, count + 1
    return replace(walk, path=walk.path[source], at=walk.at[source], step=step, names=(*walk.names, START, ENDED))


def merge(partials: Sequence[pl.DataFrame], *, by: Sequence[str]) -> pl.DataFrame:
    """Return partials of several walks as one: the same keys added up, sorted by the keys.

    >>> part = pl.DataFrame({"step": ["x"], "n": [2]})
    >>> merge([part, part], by=["step"]).rows()
    [('x', 4)]
    """
    return pl.concat(partials).group_by(by).agg(pl.all().sum()).sort(by, nulls_last=True)


def buckets(walk: Walk, count: int) -> list[Walk]:
    """Return the walk in so many parts, whole paths in each, by the number of the path.

    >>> frame = pl.DataFrame({"who": [1, 2, 3], "at": [1, 1, 1], "page": ["x", "y", "x"]})
    >>> [part.path.tolist() for part in buckets(walk_of(frame, path="who", at="at", step="page"), 2)]
    [[0, 2], [1]]
    """
    return [keep(walk, walk.path % count == part) for part in range(count)]
