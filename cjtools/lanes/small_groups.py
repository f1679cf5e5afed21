"""Journeys as readers outside the team may see them: no row that counts a few people, no time that is one person's."""

from __future__ import annotations

import dataclasses

import polars as pl

from cjtools.lanes.journeys import Journeys

# What counts people, visits or purchases in each table; a row is left out where one of its counts is small.
COUNTS = {
    "funnel": ("n", "dropped"),
    "instead": ("n",),
    "times": ("n", "came"),
    "paths": ("n",),
    "moves": ("n", "people"),
    "visits": ("n",),
    "lifecycle": ("new", "returning", "resurrecting", "dormant"),
    "standing": ("n",),
    "credits": ("conversions",),
    "all_patterns": ("numerator",),
    "shop_routes": ("n",),
}


def without_small(journeys: Journeys, *, minimum: int) -> Journeys:
    """Return journeys without the rows that count somebody, but fewer than the minimum group.

    >>> from cjtools.lanes.journeys import no_journeys
    >>> without_small(no_journeys(), minimum=3).moves.height
    0
    """
    kept = {}
    for name, counts in COUNTS.items():
        small = pl.any_horizontal((pl.col(count) > 0) & (pl.col(count) < minimum) for count in counts)
        kept[name] = getattr(journeys, name).filter(~small.fill_null(False))
    return dataclasses.replace(journeys, **kept)
