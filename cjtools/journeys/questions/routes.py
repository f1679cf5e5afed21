"""J. The most common paths of stages within sessions."""

from __future__ import annotations

from functools import partial

from cjtools.journeys.ordered import Ordered
from cjtools.journeys.paths import listed, route_counts, top_routes
from cjtools.journeys.questions.merging import name_codes
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.questions.shared import runs_of_visits

TOP = 20


def routes(*, level: str = "stage", top: int = TOP) -> Question:
    """Return the question of the most common paths of sessions through the stages, repeats collapsed.

    Result "routes": as top_routes; sessions without any stage have no path.
    """
    return Question("routes", partial(count, level=level), {"routes": ["route"]}, partial(finish, top=top))


def count(ordered: Ordered, *, level: str) -> Frames:
    """Return the partial of routes."""
    walk = runs_of_visits(ordered, level)
    counts, rows, place = route_counts(walk)
    names = listed(name_codes(walk.step[rows], walk.names), place)
    return {"routes": counts.select(names.alias("route"), "n", "time")}


def finish(sums: Frames, *, top: int) -> Frames:
    """Return the most common ones."""
    return {"routes": top_routes(sums["routes"], top=top)}
