"""The chain of events by which each path goes through a funnel, found for all paths at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from cjtools.errors import Fault, ParameterError, cut, nearest, raise_if_any
from cjtools.journeys.occurrences import (
    ANY,
    firsts,
    last_rows,
    matches,
    next_rows,
    path_ends,
    path_places,
    path_starts,
    rows_after_ties,
    tie_places,
)
from cjtools.journeys.walks import Bools, Walk, Whole, keep, starts

Order = Literal["ordered", "strict", "unordered"]
Ties = Literal["rows", "steps", "later"]


@dataclass(frozen=True)
class Funnel:
    """What counts as going through: the steps ("*" is any event), their order, the window, the rule for ties.

    - order: ordered (other events may lie between), strict (none may), unordered (step k is k different steps done)
    - open: a path may enter at any step; closed: at the first one only
    - window, edge included: from the first step to each later one, or from the step before
    - ties, events of one moment: `rows`, their order in the source decides; `steps`, they count in the order of the
      steps; `later`, a step has to be later than the one before

    The chain that is reported (times, drop-off) is the one that gets furthest; of those, the one that begins first,
    and then has each step at its first event from which as many steps can follow.
    """

    steps: tuple[str, ...]
    order: Order = "ordered"
    open: bool = False
    window: dt.timedelta | None = None
    window_from: Literal["first", "prior"] = "first"
    ties: Ties = "rows"

    def __post_init__(self) -> None:
        """Refuse what has no meaning together."""
        raise_if_any(ParameterError, "this funnel", list(faults_of(self)))

    def describe(self, *, per: str = "profile") -> str:
        """Return the definition in words, as it is printed next to the numbers.

        >>> Funnel(("a", "b"), window=dt.timedelta(hours=1)).describe(per="session")
        'closed, ordered; within 1:00:00 of the first step, edge included; ties: rows; per session'
        """
        since = f"within {self.window} of the {self.window_from} step, edge included" if self.window else "no window"
        return f"{'open' if self.open else 'closed'}, {self.order}; {since}; ties: {self.ties}; per {per}"


@dataclass(frozen=True, eq=False)
class Chains:
    """The chain of each path: the row of each step in the walk, the number of rows where it was not reached."""

    walk: Walk  # as it was searched: with ties in step order where the funnel says so
    rows: Whole  # one line a path with events, one column a step
    levels: Whole


def faults_of(funnel: Funnel) -> list[Fault]:
    """Return what has no meaning in a funnel."""
    faults = []
    if not funnel.steps:
        faults.append(Fault("steps", "there are none", "one or more names of steps"))
    if funnel.window is not None and funnel.window < dt.timedelta():
        faults.append(Fault("window", f"{funnel.window} is below zero"))
    if funnel.order == "unordered" and (ANY in funnel.steps or len(set(funnel.steps)) < len(funnel.steps)):
        faults.append(Fault("steps", "a step comes twice or is any event", "different steps where order is unordered"))
    if funnel.order == "unordered" and funnel.ties == "later":
        faults.append(Fault("ties", "'later' in an unordered funnel", "'rows': without order, ties decide nothing"))
    if funnel.open and funnel.order == "unordered":
        faults.append(Fault("open", "an open funnel without order", "ordered or strict"))
    if funnel.open and funnel.window is not None and funnel.window_from == "first":
        faults.append(Fault("window_from", "'first' in an open funnel", "'prior': a path may enter at any step"))
    return faults


def check_steps(funnel: Funnel, names: Sequence[str]) -> None:
    """Refuse steps that no event of the whole data has.

    >>> check_steps(Funnel(("cart", "purchas")), ["cart", "purchase"])
    Traceback (most recent call last):
    cjtools.errors.ParameterError: this funnel cannot be used: 1 fault
      steps: no event is called 'purchas'; did you mean 'purchase'?
    """
    unknown = [name for name in dict.fromkeys(funnel.steps) if name != ANY and name not in names]
    faults = [Fault("steps", f"no event is called {cut(name)}", nearest(name, names)) for name in unknown]
    raise_if_any(ParameterError, "this funnel", faults)


def chains_of(walk: Walk, funnel: Funnel) -> Chains:
    """Return the chain of each path with events through a closed funnel.

    >>> import polars as pl
    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 1, 2], "at": [1, 2, 3, 4], "page": ["a", "x", "b", "b"]})
    >>> chains = chains_of(walk_of(frame, path="who", at="at", step="page"), Funnel(("a", "b")))
    >>> chains.rows.tolist(), chains.levels.tolist()
    ([[0, 2], [4, 4]], [2, 0])
    """
    seen = in_step_order(walk, funnel) if funnel.ties == "steps" else walk
    # What is no step decides only where steps follow directly. Without a window, to leave it out would not pay.
    if funnel.order == "strict" or ANY in funnel.steps or (funnel.order == "ordered" and funnel.window is None):
        rows = search(seen, funnel)
    else:
        used = is_step(seen, funnel)
        part, paths = keep(seen, used), seen.path[starts(seen)]
        rows = np.full((len(paths), len(funnel.steps)), len(seen), dtype=np.int64)
        line = np.searchsorted(paths, part.path[starts(part)])
        rows[line] = np.append(np.flatnonzero(used), len(seen))[search(part, funnel)]
    return Chains(seen, rows, np.asarray((rows < len(seen)).sum(axis=1), dtype=np.int64))


def is_step(walk: Walk, funnel: Funnel) -> Bools:
    """Return whether each event is one of the steps."""
    chosen = np.isin(np.array(walk.names, dtype=object), funnel.steps)
    return np.asarray(chosen[walk.step])


def search(walk: Walk, funnel: Funnel) -> Whole:
    """Return a line a path with the rows of its chain; the number of rows where a step is not reached."""
    found = [matches(walk, name) for name in funnel.steps]
    if funnel.order == "unordered":
        return gather_steps(walk, found, funnel)
    if funnel.order == "strict" or (funnel.window is not None and funnel.window_from == "first"):
        return follow(walk, found, funnel)
    return pass_through(walk, found if funnel.window is None else leading(walk, found, funnel), funnel)


def step_places(walk: Walk, funnel: Funnel) -> Whole:
    """Return for each name its first place in the funnel; the number of steps for a name that is no step."""
    places = np.full(len(walk.names), len(funnel.steps), dtype=np.int64)
    for place, name in reversed(list(enumerate(funnel.steps))):
        places[[code for code, known in enumerate(walk.names) if name in (known, ANY)]] = place
    return places


def in_step_order(walk: Walk, funnel: Funnel) -> Walk:
    """Return the walk with the events of each moment in the order in which the funnel first names their steps."""
    places, count = step_places(walk, funnel), len(funnel.steps)
    order = np.argsort(tie_places(walk) * (count + 1) + places[walk.step], kind="stable")
    return replace(walk, step=walk.step[order])


def micro(window: dt.timedelta | None) -> int | None:
    """Return a window in whole microseconds."""
    return None if window is None else window // dt.timedelta(microseconds=1)


def rows_after(walk: Walk, funnel: Funnel) -> Whole:
    """Return for each event the first row that may be the next step; one entry more, for the row after all."""
    return rows_after_ties(walk) if funnel.ties == "later" else np.minimum(np.arange(1, len(walk) + 2), len(walk))


def pass_through(walk: Walk, found: Sequence[Bools], funnel: Funnel) -> Whole:
    """Return for each path the first event of each step after the step before: who begins first gets furthest."""
    places, paths, nowhere = path_places(walk), len(starts(walk)), len(walk)
    at, lines = np.append(walk.at, np.iinfo(np.int64).max), [np.full(paths, -1, dtype=np.int64)]
    for match in found:
        rows = np.flatnonzero(match)
        before = lines[-1][places[rows]]
        later = rows > before
        if funnel.ties == "later" and len(lines) > 1:
            later &= walk.at[rows] > at[before]
        rows = rows[later]
        lines.append(firsts(rows, groups=places[rows], count=paths, missing=nowhere))
    return np.stack(lines[1:], axis=1)


def follow(walk: Walk, found: Sequence[Bools], funnel: Funnel) -> Whole:
    """Return for each path the rows of the chain that gets furthest, from the first event that it can begin with."""
    begins = np.flatnonzero(found[0])
    rows = chase(walk, begins, found, funnel)
    return best_of(rows, path_places(walk)[begins], paths=len(starts(walk)), nowhere=len(walk))


def chase(walk: Walk, begins: Whole, found: Sequence[Bools], funnel: Funnel) -> Whole:
    """Return a line for each event a chain may begin with: the rows of the steps that follow, each the first one."""
    nowhere, after, end = len(walk), rows_after(walk, funnel), path_ends(walk)
    at, window = np.append(walk.at, 0), micro(funnel.window)
    rows = np.full((len(begins), len(found)), nowhere, dtype=np.int64)
    rows[:, 0] = begins
    for place in range(1, len(found)):
        now = rows[:, place - 1]
        row = next_rows(found[place])[after[now]]
        good = row < end[now]
        if funnel.order == "strict":
            good &= row == now + 1
        if window is not None:
            since = rows[:, 0] if funnel.window_from == "first" else now
            good &= at[row] - at[since] <= window
        rows[good, place] = row[good]
    return rows


def best_of(rows: Whole, groups: Whole, *, paths: int, nowhere: int) -> Whole:
    """Return for each path its first line with the most steps."""
    best = np.full((paths, rows.shape[1]), nowhere, dtype=np.int64)
    if len(rows):
        levels = (rows < nowhere).sum(axis=1)
        fresh = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
        most = np.repeat(np.maximum.reduceat(levels, fresh), np.diff(np.append(fresh, len(rows))))
        lines = np.flatnonzero(levels == most)
        chosen = firsts(lines, groups=groups[lines], count=paths, missing=-1)
        best[chosen >= 0] = rows[chosen[chosen >= 0]]
    return best


def leading(walk: Walk, found: Sequence[Bools], funnel: Funnel) -> list[Bools]:
    """Return, for a window from the prior step, the events of each step that lead as far as their path gets.

    Forwards: which level can be reached at which event (from the latest event of the level before). Then backwards:
    from which of the events of a level the rest of what the path reaches can follow.
    """
    window = micro(funnel.window) or 0
    begin = path_starts(walk)
    before = np.arange(len(walk))
    if funnel.ties == "later":
        before = np.flatnonzero(np.diff(tie_places(walk), prepend=-1))[tie_places(walk)]
    reached, levels = found[0], np.zeros(len(begin), dtype=np.int64)
    furthest = np.where(reached, 1, 0)
    for place in range(1, len(found)):
        last = last_rows(reached)[before]
        reached = found[place] & (last >= begin) & (walk.at - walk.at[last] <= window)
        furthest = np.where(reached, place + 1, furthest)
    if len(walk):
        levels = np.maximum.reduceat(furthest, starts(walk))[path_places(walk)]
    return backwards(walk, found, levels, funnel)


def backwards(walk: Walk, found: Sequence[Bools], levels: Whole, funnel: Funnel) -> list[Bools]:
    """Return the events of each step from which the rest of the steps up to the level of the path can follow."""
    after, end, at = rows_after(walk, funnel)[:-1], path_ends(walk)[:-1], np.append(walk.at, 0)
    window, good = micro(funnel.window) or 0, [found[-1] & (levels == len(found))]
    for place in range(len(found) - 2, -1, -1):
        row = next_rows(good[0])[after]
        follows = (row < end) & (at[row] - walk.at <= window)
        good.insert(0, found[place] & ((levels == place + 1) | ((levels > place + 1) & follows)))
    return good


def gather_steps(walk: Walk, found: Sequence[Bools], funnel: Funnel) -> Whole:
    """Return for each path the rows at which the first, second, … different step was done, in whatever order."""
    begins = np.flatnonzero(np.logical_or.reduce(found))
    places, end, nowhere = path_places(walk), path_ends(walk), len(walk)
    at, window = np.append(walk.at, 0), micro(funnel.window)
    rows = np.stack([next_rows(match)[begins] for match in found], axis=1)
    rows = np.sort(np.where(rows < end[begins][:, None], rows, nowhere), axis=1)
    if window is not None:
        since = rows[:, :1] if funnel.window_from == "first" else np.concatenate([rows[:, :1], rows[:, :-1]], axis=1)
        late = (rows == nowhere) | (at[rows] - at[since] > window)
        rows = np.where(np.maximum.accumulate(late, axis=1), nowhere, rows)
    return best_of(rows, places[begins], paths=len(starts(walk)), nowhere=nowhere)
