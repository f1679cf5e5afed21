"""E. Who goes through the steps of a funnel, closed and open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial

import numpy as np

from cjtools.journeys.chains import Funnel
from cjtools.journeys.funnel_levels import is_plain, steps_of
from cjtools.journeys.funnels import COUNTS, count_funnel, funnel_rates, funnel_table, plain_passages
from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.questions.shared import names_of, runs_of_profiles, walk_of_profiles
from cjtools.journeys.walks import MISSING, Walk, opens

WEEK = dt.timedelta(days=7)


def funnel(
    steps: Sequence[str], *, level: str = "stage", window: dt.timedelta | None = WEEK, name: str = "funnel"
) -> Question:
    """Return the question of the profiles that go through the steps in their order.

    Results "closed" (who begins at the first step, each step within the window of the first) and "open" (who enters
    anywhere, each step within the window of the one before), both as funnel_rates; everybody is who has any event with
    something at the level.
    """
    both = {
        "closed": Funnel(tuple(steps), window=window),
        "open": Funnel(tuple(steps), open=True, window=window, window_from="prior"),
    }
    keys = dict.fromkeys(both, COUNTS)
    return Question(name, partial(count, funnels=both, level=level), keys, finish)


def count(ordered: Ordered, *, funnels: dict[str, Funnel], level: str) -> Frames:
    """Return the partials of the funnels.

    Both look at the same events: those that begin or end a run of one step. Who has no step is counted among everybody.
    """
    codes, names = ordered.coded(level), names_of(ordered, level)
    everybody = np.array([np.count_nonzero(opens(runs_of_profiles(ordered, level)))])
    walk = Walk(ordered.profile, ordered.at, codes, (*names, MISSING))
    if not all(map(is_plain, funnels.values())):
        walk = walk_of_profiles(ordered, level)
        return {name: count_funnel(walk, kind) for name, kind in funnels.items()}
    steps = steps_of(walk, funnels["open"])
    return {
        name: funnel_table(
            kind, *plain_passages(steps, kind, of_path=None, count=1), labels=[None], everybody=everybody
        )
        for name, kind in funnels.items()
    }


def finish(sums: Frames) -> Frames:
    """Return both with their denominators."""
    return {name: funnel_rates(counts) for name, counts in sums.items()}
