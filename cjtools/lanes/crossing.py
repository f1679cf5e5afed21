"""Touchpoints against stages: how people find each touchpoint at each stage at which they speak of it."""

from __future__ import annotations

import polars as pl

from cjtools.client import Client
from cjtools.intervals import bootstrap_mean
from cjtools.lanes.labels import Labels
from cjtools.plan_tables import MapTouchpointStage
from cjtools.tables import shape_of


def cross_touchpoints(interviews: pl.DataFrame, *, client: Client, labels: Labels, minimum: int) -> pl.DataFrame:
    """Return the experience of every touchpoint at every stage, in the order of client.toml; see MapTouchpointStage.

    As for a stage: mean within a participant first, then across participants, with the interval of a seeded bootstrap
    over them (95 %). Below `minimum` participants there is no value, and `n` says how many there were.
    """
    scored = interviews.filter(
        pl.col("valence").is_not_null() & pl.col("touchpoint").is_not_null() & pl.col("stage").is_not_null()
    )
    within = scored.group_by("touchpoint", "stage", "person").agg(pl.col("valence").mean())
    people: dict[tuple[str, str], list[float]] = {}
    for touchpoint, stage, _, valence in within.sort("touchpoint", "stage", "person").iter_rows():
        people.setdefault((touchpoint, stage), []).append(valence)
    rows = []
    for position, touchpoint in enumerate(client.touchpoints):
        for place, (stage, label) in enumerate(labels.stages.items()):
            means = people.get((touchpoint.id, stage), [])
            shown = len(means) >= minimum
            value, low, high = bootstrap_mean(means) if shown else (None, None, None)
            names = (labels.touchpoints[touchpoint.id], label)
            here = (touchpoint.id, stage, position, place, *names, stage in touchpoint.stages)
            rows.append((*here, value, low, high, len(means), shown))
    return MapTouchpointStage.validate(pl.DataFrame(rows, schema=shape_of(MapTouchpointStage), orient="row"), cast=True)
