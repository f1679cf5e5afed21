"""How visits begin, end and go at each touchpoint, labelled."""

from __future__ import annotations

import polars as pl

from cjtools.journey_tables import VisitMeasure, shaped
from cjtools.journeys.visit_measures import MEASURES, visit_measures
from cjtools.journeys.walks import Walk
from cjtools.lanes.labels import Labels, labelled, placed
from cjtools.settings import Touchpoint


def measure_visits(walk: Walk, *, touchpoints: tuple[Touchpoint, ...], labels: Labels, minimum: int) -> pl.DataFrame:
    """Return the measures of visits by touchpoint, in the client's order; see VisitMeasure."""
    if not len(walk):
        return VisitMeasure.create_empty()
    order = {name: place for place, name in enumerate(MEASURES)}
    rows = visit_measures(walk, terminal=[row.id for row in touchpoints if row.terminal]).with_columns(
        label=labelled("touchpoint", labels.touchpoints),
        place=placed("touchpoint", labels.touchpoints),
        rank=pl.col("measure").replace_strict(order, return_dtype=pl.Int8),
    )
    return shaped(VisitMeasure, rows.sort("place", "rank"), minimum=minimum)
