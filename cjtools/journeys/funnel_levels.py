"""How far each path gets through a funnel, without the chain that gets there: all that counts need, and much faster."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cjtools.journeys.chains import Funnel, micro
from cjtools.journeys.occurrences import ANY
from cjtools.journeys.tallies import Small, fresh
from cjtools.journeys.walks import Codes, Walk, Whole

PAIR = 2  # of two steps, the one before the last is the first


@dataclass(frozen=True, eq=False)
class Steps:
    """The events that are steps of a funnel, in order."""

    path: Codes
    at: Whole
    step: Small  # from 0


def is_plain(funnel: Funnel) -> bool:
    """Return whether a funnel can be counted without its chains: ordered, different steps, ties by rows."""
    ordered = funnel.order == "ordered" and funnel.ties == "rows"
    return ordered and ANY not in funnel.steps and len(set(funnel.steps)) == len(funnel.steps)


def steps_of(walk: Walk, funnel: Funnel) -> Steps:
    """Return the events that are steps: of a run of one step, the first and the last.

    Of a run of the first step, the last event begins the latest chain; of a run of another step, the first is reached
    earliest, from the same chain. Where the window of a funnel of three steps or more runs from the step before, an
    event between may be the only one that is near enough to both sides: none is left out.
    """
    count = len(funnel.steps)
    codes = np.full(len(walk.names), count, dtype=np.min_scalar_type(count))
    for place, name in enumerate(funnel.steps):
        if name in walk.names:
            codes[walk.names.index(name)] = place
    step = codes[walk.step]
    if funnel.window is None or funnel.window_from == "first" or count <= PAIR or funnel.open:
        first = fresh(step)
        first[1:] |= walk.path[1:] != walk.path[:-1]
        edge = first.copy()
        edge[:-1] |= first[1:]
        edge[-1:] = True
        edge &= step < count
    else:
        edge = step < count
    rows = np.flatnonzero(edge)
    return Steps(walk.path[rows], walk.at[rows], step[rows])


def reached_in_turn(steps: Steps, funnel: Funnel) -> list[Whole]:
    """Return, for each step, the events at which a chain from the first step comes to it."""
    began = steps.at.copy()  # of the latest chain that comes to the event; only where it is reached
    reached = [np.flatnonzero(steps.step == 0)]
    for step in range(1, len(funnel.steps)):
        rows = np.flatnonzero(steps.step == step)
        reached.append(advance(steps, reached[-1], rows, began, funnel))
    return reached


def advance(steps: Steps, reached: Whole, rows: Whole, began: Whole, funnel: Funnel) -> Whole:
    """Return the rows of a step to which a chain comes from the rows of the step before, within the window.

    The latest chain that comes to an event is the one that may go on longest: no other has to be kept. Its begin is
    noted in `began`.
    """
    if not len(reached) or not len(rows):
        return rows[:0]
    marks = np.zeros(len(steps.step), dtype=np.int32)
    marks[reached] = 1
    last = np.cumsum(marks, dtype=np.int32)[rows] - 1
    before = reached[last]  # −1 looks at the last one: `last` says that there is none
    good = (last >= 0) & (steps.path[before] == steps.path[rows])
    window = micro(funnel.window)
    if window is not None:
        since = began[before] if funnel.window_from == "first" else steps.at[before]
        good &= steps.at[rows] - since <= window
    good = np.flatnonzero(good)
    began[rows[good]] = began[before[good]]
    return rows[good]


def entered(steps: Steps, funnel: Funnel) -> tuple[list[Whole], list[Whole]]:
    """Return, for each step of an open funnel, the events of the step, and those that come from the step before.

    At the first step nothing comes before: all of its events do.
    """
    here = [np.flatnonzero(steps.step == step) for step in range(len(funnel.steps))]
    began = steps.at.copy()
    onward = [advance(steps, one, other, began, funnel) for one, other in pairwise(here)]
    return here, [here[0], *onward]


def distinct_at(paths: Codes) -> Codes:
    """Return the different numbers of non-decreasing paths."""
    return paths[np.flatnonzero(fresh(paths))]
