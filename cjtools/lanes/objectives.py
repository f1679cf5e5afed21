"""What the client wants at a stage, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cjtools.client import Client, in_language
from cjtools.lanes.labels import Labels
from cjtools.map_tables import ALL, MapObjective
from cjtools.settings import Objective
from cjtools.tables import shape_of


def measure_objectives(
    frames: Mapping[str, pl.DataFrame], *, client: Client, labels: Labels, language: str
) -> pl.DataFrame:
    """Return the objectives with what their metric is now and the share of the way that is done.

    `frames` holds drop_off, experience, sentiment and surveys of the map. A metric is one of settings.METRICS, or the
    question id of a survey; one that is not measured leaves `current` null.
    Attainment = (current − baseline) ÷ (target − baseline); its interval is that of the metric, taken the same way:
    baseline and target are set, not measured, so that nothing but the metric is uncertain.
    """
    rows = []
    for position, row in enumerate(client.objectives):
        now = current_value(row.metric, row.stage, frames)
        done = way_done(row, now["value"])
        ends = [end for end in (way_done(row, now["low"]), way_done(row, now["high"])) if end is not None]
        rows.append(
            {
                "position": position,
                "stage": row.stage,
                "label": labels.stages[row.stage],
                "statement": in_language(row.statement, language, client.client.language),
                "metric": row.metric,
                "baseline": row.baseline,
                "target": row.target,
                "due": row.due,
                "current": now["value"],
                "low": now["low"],
                "high": now["high"],
                "n": now["n"],
                "attainment": done,
                "attainment_low": min(ends) if len(ends) == 2 else None,
                "attainment_high": max(ends) if len(ends) == 2 else None,
            }
        )
    return MapObjective.validate(pl.DataFrame(rows, schema=shape_of(MapObjective)), cast=True)


def way_done(row: Objective, value: float | None) -> float | None:
    """Return which part of the way from baseline to target a value is; nothing where there is none, or no way."""
    way = row.target - row.baseline
    return None if value is None or way == 0 else round((value - row.baseline) / way, 9)


def current_value(metric: str, stage: str, frames: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """Return value, low, high and n of a metric at a stage, all null when it is not measured."""
    at_stage = (pl.col("scope") == "stage") & (pl.col("name") == stage)
    picks = {
        "stage_conversion": frames["drop_off"]
        .filter(pl.col("stage") == stage)
        .select("low", "high", value="conversion", n="profiles"),
        "experience": frames["experience"]
        .filter(at_stage & (pl.col("persona") == ALL))
        .select("value", "low", "high", "n"),
        "net_sentiment": frames["sentiment"].filter(at_stage).select("low", "high", "n", value="net"),
    }
    surveys = frames["surveys"].filter(
        (pl.col("instrument") == metric) | pl.col("question_id").str.ends_with(f".{metric}")
    )
    found = picks.get(metric, surveys.select("value", "low", "high", "n")).to_dicts()
    return found[0] if found else {"value": None, "low": None, "high": None, "n": None}
