"""Only the events at which something changes: a small part of all, and enough for paths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cjtools.journeys.ordered import Acts, Ordered, changes


def steps_of(ordered: Ordered, level: str) -> Ordered:
    """Return the events with something at a level that differs from the one before, or is the first of its session.

    Collapsed paths of profiles and of sessions, and the times of their steps, are the same in these events as in all:
    to collapse them again changes nothing. Sessions are those of all events; there is no other level, and an act is a
    name of this one. What is counted over every event (views, the window of a funnel that begins anew with each first
    step) needs all of them.
    """
    codes = ordered.coded(level)
    rows = np.flatnonzero(codes < len(ordered.acts.names[level]))
    changed = changes(codes[rows])
    changed |= changes(ordered.session[rows])  # a session is of one profile: where that changes, so does this
    keep = np.zeros(len(ordered), np.bool_)
    keep[rows[changed]] = True
    return replace(ordered.keep(keep), act=codes[keep], acts=acts_at(ordered.acts, level))


def acts_at(acts: Acts, level: str) -> Acts:
    """Return the names of one level as acts of their own."""
    names = acts.names[level]
    return Acts({level: names}, {level: np.arange(len(names), dtype=np.uint32)})
