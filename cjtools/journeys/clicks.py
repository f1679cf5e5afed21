"""Clicks that look like being lost: back and forth, the same again and again, long ways that lead nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from cjtools.journeys.leaving import against_base, visits
from cjtools.journeys.occurrences import matches, path_places
from cjtools.journeys.tallies import tally
from cjtools.journeys.walks import Bools, Codes, Walk, keep, lengths, opens

ANOMALIES = ("back_and_forth", "repeats", "wandering")


@dataclass(frozen=True)
class ClickRules:
    """From when on clicks count as odd; printed next to the numbers.

    - back_and_forth: in a session, so many times from another step to this one and straight back (repeats collapsed)
    - repeats: so many events of the step in a row, each at most `pause` after the one before
    - wandering: a session with so many events or more that reaches none of the goals; counted at each of its steps
    """

    returns: int = 2
    repeats: int = 3
    pause: dt.timedelta = dt.timedelta(seconds=2)
    long: int = 20


RULES = ClickRules()


def count_odd_clicks(walk: Walk, *, goals: Collection[str] = (), rules: ClickRules = RULES) -> pl.DataFrame:
    """Return, for each step and kind, the sessions with odd clicks there and all with the step. Adds up over walks.

    Columns: step, anomaly (of ANOMALIES), n, of; `merge` by step and anomaly.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"session": [1] * 5, "at": range(5), "page": list("ababa")})
    >>> count_odd_clicks(walk_of(frame, path="session", at="at", step="page")).filter(pl.col("n") > 0).rows()
    [('b', 'back_and_forth', 1, 1)]
    """
    size = len(walk.names)
    there = tally(visits(walk), size)
    found = {
        "back_and_forth": back_and_forth(walk, times=rules.returns),
        "repeats": repeated(walk, times=rules.repeats, pause=rules.pause),
        "wandering": visits(keep(walk, wandering(walk, goals=goals, long=rules.long))),
    }
    parts = [
        pl.DataFrame({"step": pl.Series(walk.names, dtype=pl.String), "n": tally(steps, size), "of": there})
        .with_columns(anomaly=pl.lit(name))
        .select("step", "anomaly", "n", "of")
        for name, steps in found.items()
    ]
    return pl.concat(parts).filter(pl.col("of") > 0).sort("step", "anomaly")


def back_and_forth(walk: Walk, *, times: int) -> Codes:
    """Return the step of each path and step with so many ways there and straight back."""
    changes = opens(walk)
    changes[1:] |= walk.step[1:] != walk.step[:-1]
    flat = keep(walk, changes)
    back = np.zeros(len(flat), dtype=np.bool_)
    back[1:-1] = (flat.path[:-2] == flat.path[2:]) & (flat.step[:-2] == flat.step[2:])
    return at_least(flat.path[back], flat.step[back], times)


def repeated(walk: Walk, *, times: int, pause: dt.timedelta) -> Codes:
    """Return the step of each path and step with so many events of it in a row, in quick succession."""
    fresh = opens(walk)
    slow = np.diff(walk.at) > pause // dt.timedelta(microseconds=1)
    fresh[1:] |= (walk.step[1:] != walk.step[:-1]) | slow
    begins = np.flatnonzero(fresh)
    quick = begins[np.diff(np.append(begins, len(walk))) >= times]
    return at_least(walk.path[quick], walk.step[quick], 1)


def at_least(path: Codes, step: Codes, times: int) -> Codes:
    """Return the step of each pair of path and step that occurs so often."""
    pairs = pl.DataFrame({"path": path, "step": step}).group_by("path", "step").len()
    return pairs.filter(pl.col("len") >= times)["step"].to_numpy()


def wandering(walk: Walk, *, goals: Collection[str], long: int) -> Bools:
    """Return the events of the paths that are long and reach no goal."""
    place, size = path_places(walk), lengths(walk)
    lost = size >= long
    for goal in goals:
        lost[place[matches(walk, goal)]] = False
    return np.asarray(lost[place])


def odd_click_rates(counts: pl.DataFrame, *, terminal: Collection[str] = ()) -> pl.DataFrame:
    """Return the share of sessions with odd clicks at each step, held against that of all steps together.

    Columns: step, anomaly, n, of, value, low, high, base, base_low, base_high, terminal, above.

    >>> counts = pl.DataFrame({"step": ["a", "b"], "anomaly": ["repeats"] * 2, "n": [90, 1], "of": [100, 100]})
    >>> odd_click_rates(counts).select("step", "value", "base", "above").rows()
    [('a', 0.9, 0.455, True), ('b', 0.01, 0.455, False)]
    """
    return against_base(counts, by="anomaly", terminal=terminal, judged=ANOMALIES)
