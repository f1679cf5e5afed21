"""G. The share of profiles on each event at each place from the start."""

from __future__ import annotations

from functools import partial

from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.questions.shared import walk_of_profiles
from cjtools.journeys.step_matrix import KEYS, STEPS, count_steps, finish_steps, fold_steps

TOP = 10


def steps(*, level: str = "event", steps: int = STEPS, top: int = TOP) -> Question:
    """Return the question of the step matrix of profiles: the most frequent events by name, the others together.

    Result "steps": as finish_steps. `path_end` counts who has no event any more.
    """
    return Question("steps", partial(count, level=level, steps=steps), {"steps": KEYS}, partial(finish, top=top))


def count(ordered: Ordered, *, level: str, steps: int) -> Frames:
    """Return the partial of the step matrix."""
    return {"steps": count_steps(walk_of_profiles(ordered, level), steps=steps)}


def finish(sums: Frames, *, top: int) -> Frames:
    """Return the shares."""
    return {"steps": finish_steps(fold_steps(sums["steps"], top=top))}
