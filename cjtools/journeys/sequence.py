"""Patterns over the events of a path in the syntax of ClickHouse's sequenceMatch, matched in all paths at once.

`(?1)` is an event of the first named step, `.` any event, `.*` any run of events, `(?t<=60)` says how much later the
next event is than the one before (anything may lie between); what stands side by side follows directly. Only events
that are one of the named steps exist for the pattern. Source: the documentation and public tests of ClickHouse
(00222_sequence_aggregate_function_family).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cjtools.errors import Fault, ParameterError, cut
from cjtools.journeys.occurrences import firsts, matches, next_rows, path_ends, rows_from
from cjtools.journeys.walks import Bools, Walk, Whole, keep, starts

TOKEN = re.compile(r"\(\?(?P<step>\d+)\)|\(\?t(?P<sign><=|<|>=|>|==)(?P<time>\d+)\)|(?P<run>\.\*)|(?P<any>\.)")

# For each sign, where the events that fit begin and end: at the first one at the limit (True), after it (False).
SIGNS: dict[str, tuple[bool | None, bool | None]] = {
    "<": (None, True),
    "<=": (None, False),
    ">=": (True, None),
    ">": (False, None),
    "==": (True, False),
}


@dataclass(frozen=True)
class Element:
    """One event of a pattern: its step (0 is any), and what lies between it and the event before."""

    step: int
    gap: bool = False  # anything may lie between
    sign: str | None = None
    time: int = 0


@dataclass(frozen=True, eq=False)
class Found:
    """Where a pattern is in a walk: which events the pattern sees, and the rows of its elements from each start."""

    seen: Walk
    first: Whole  # the first start of each path of the walk; the number of events seen where there is none
    rows: Whole  # one line an event seen, one column an element; only lines that are starts have a meaning
    good: Bools  # the starts


def parse_pattern(pattern: str, *, steps: int) -> tuple[Element, ...]:
    """Return the elements of a pattern; refuses, with the place, what cannot be read.

    Between two events stands one time, or `.*`, not both; a time before the first or after the last event is refused
    too: the server takes all of these, and measures them from an event that the pattern does not name.

    >>> parse_pattern("(?1).*(?2)", steps=2)
    (Element(step=1, gap=False, sign=None, time=0), Element(step=2, gap=True, sign=None, time=0))
    """
    elements: list[Element] = []
    at, gap, sign, time = 0, False, None, 0
    while at < len(pattern):
        token = TOKEN.match(pattern, at)
        if token is None:
            raise refusal(pattern, at, "no part of a pattern", "(?1), (?t<60), . or .*")
        if (token["run"] or token["sign"]) and (sign is not None or (token["sign"] and (gap or not elements))):
            raise refusal(pattern, at, "a time that does not stand alone between two events", "(?1)(?t<60)(?2)")
        if token["run"]:
            gap = True
        elif token["sign"]:
            sign, time = token["sign"], int(token["time"])
        else:
            step = int(token["step"] or 0)
            if token["step"] and not 1 <= step <= steps:
                raise refusal(pattern, at, f"step {step} of {steps}", f"1 to {steps}")
            elements.append(Element(step, gap or sign is not None, sign, time))
            gap, sign, time = False, None, 0
        at = token.end()
    if sign is not None:
        raise refusal(pattern, at, "a time after the last event", "(?1)(?t<60)(?2)")
    return tuple(elements)


def refusal(pattern: str, at: int, found: str, expected: str) -> ParameterError:
    """Return the error that says where a pattern cannot be read."""
    return ParameterError(f"the pattern {cut(pattern)}", [Fault(f"character {at + 1}", found, expected)])


def sequence_match(
    walk: Walk, pattern: str, *, steps: Sequence[str], unit: dt.timedelta = dt.timedelta(seconds=1)
) -> Bools:
    """Return whether each path with events has the pattern. Times in the pattern are in `unit`.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 3], "page": ["a", "b", "b"]})
    >>> sequence_match(walk_of(frame, path="who", at="at", step="page"), "(?1)(?2)", steps=["a", "b"]).tolist()
    [True, False]
    """
    found = find(walk, pattern, steps=steps, unit=unit)
    return np.ones(len(starts(walk)), dtype=np.bool_) if found is None else np.asarray(found.first < len(found.seen))


def sequence_count(
    walk: Walk, pattern: str, *, steps: Sequence[str], unit: dt.timedelta = dt.timedelta(seconds=1)
) -> Whole:
    """Return how often each path with events has the pattern: one after the other, no event in two of them.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 1], "at": [1, 2, 3], "page": ["a", "a", "a"]})
    >>> sequence_count(walk_of(frame, path="who", at="at", step="page"), "(?1)(?1)", steps=["a", "b"]).tolist()
    [1]
    """
    found = find(walk, pattern, steps=steps, unit=unit)
    if found is None:
        seen = keep(walk, named_events(walk, steps))
        return np.bincount(places_in(walk, seen), minlength=len(starts(walk))).astype(np.int64)
    nowhere = len(found.seen)
    row = next_rows(found.good)[np.minimum(found.rows[:, -1] + 1, nowhere)]
    again = np.append(np.where(found.good & (row < path_ends(found.seen)[:-1]), row, nowhere), nowhere)
    return chain_lengths(again)[found.first]


def chain_lengths(again: Whole) -> Whole:
    """Return how many jumps it takes from each row to the last one, by doubling: 1, 2, 4, … jumps at once.

    >>> chain_lengths(np.array([2, 3, 3, 3])).tolist()
    [2, 1, 1, 0]
    """
    nowhere = len(again) - 1
    lengths = np.ones(len(again), dtype=np.int64)
    lengths[nowhere] = 0
    while (again < nowhere).any():
        lengths, again = lengths + lengths[again], again[again]
    return lengths


def sequence_times(
    walk: Walk, pattern: str, *, steps: Sequence[str], unit: dt.timedelta = dt.timedelta(seconds=1)
) -> list[list[int]]:
    """Return, for each path with events, the times (microseconds) of the `(?n)` events of its first match; or none.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 3], "page": ["a", "b", "b"]})
    >>> sequence_times(walk_of(frame, path="who", at="at", step="page"), "(?1)(?2)", steps=["a", "b"])
    [[1, 2], []]
    """
    found = find(walk, pattern, steps=steps, unit=unit)
    if found is None:
        return [[] for _ in starts(walk)]
    which = [place for place, element in enumerate(parse_pattern(pattern, steps=len(steps))) if element.step]
    there = np.flatnonzero(found.first < len(found.seen))
    times = found.seen.at[found.rows[found.first[there]][:, which]].tolist()
    lists: list[list[int]] = [[] for _ in found.first]
    for place, chain in zip(there.tolist(), times, strict=True):
        lists[place] = chain
    return lists


def count_sequences(
    walk: Walk, pattern: str, *, steps: Sequence[str], unit: dt.timedelta = dt.timedelta(seconds=1)
) -> pl.DataFrame:
    """Return the paths with the pattern, all paths, and how often it came. One row; adds up over walks.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 3], "page": ["a", "b", "b"]})
    >>> count_sequences(walk_of(frame, path="who", at="at", step="page"), "(?1)(?2)", steps=["a", "b"]).rows()
    [('(?1)(?2)', 1, 2, 1)]
    """
    counts = sequence_count(walk, pattern, steps=steps, unit=unit)
    matched = int(sequence_match(walk, pattern, steps=steps, unit=unit).sum())
    return pl.DataFrame(
        {"pattern": [pattern], "paths": [matched], "everybody": [len(counts)], "times": [int(counts.sum())]}
    )


def named_events(walk: Walk, steps: Sequence[str]) -> Bools:
    """Return the events that are one of the steps: the only ones that a pattern sees."""
    return np.asarray(np.logical_or.reduce([matches(walk, name) for name in steps]))


def places_in(walk: Walk, seen: Walk) -> Whole:
    """Return the place, among the paths of the walk, of the path of each event seen."""
    return np.searchsorted(walk.path[starts(walk)], seen.path)


def find(walk: Walk, pattern: str, *, steps: Sequence[str], unit: dt.timedelta) -> Found | None:
    """Return where a pattern is, each element at its first event from which the rest can follow; None if it is empty.

    From the last element backwards: an event is good for an element when a good event for the next one follows it as
    the pattern says.
    """
    elements = parse_pattern(pattern, steps=len(steps))
    if not elements:
        return None
    seen = keep(walk, named_events(walk, steps))
    match = [matches(seen, steps[element.step - 1] if element.step else "*") for element in elements]
    good, links = match[-1], list[Whole]()
    for place in range(len(elements) - 1, 0, -1):
        row, until = follows(seen, good, elements[place], unit=unit)
        links.insert(0, row)
        good = match[place - 1] & (row < until)
    rows = [np.arange(len(seen))]
    for link in links:
        rows.append(np.append(link, len(seen))[rows[-1]])
    begins = np.flatnonzero(good)
    first = firsts(begins, groups=places_in(walk, seen)[begins], count=len(starts(walk)), missing=len(seen))
    return Found(seen, first, np.stack(rows, axis=1), good)


def follows(seen: Walk, good: Bools, element: Element, *, unit: dt.timedelta) -> tuple[Whole, Whole]:
    """Return, for each event, the first good event after it that fits the element, and the row it has to be before."""
    begin, end = np.arange(1, len(seen) + 1), path_ends(seen)[:-1]
    if element.sign is None:
        end = end if element.gap else np.minimum(end, begin + 1)
    else:
        limit = seen.at + element.time * (unit // dt.timedelta(microseconds=1))
        low, high = SIGNS[element.sign]
        if low is not None:
            begin = np.maximum(begin, rows_from(seen, limit=limit, inclusive=low))
        if high is not None:
            end = rows_from(seen, limit=limit, inclusive=high)
    return next_rows(good)[begin], end
