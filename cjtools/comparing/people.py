"""What single people said in a wave, as the figures of the map were made from it: the ground of their differences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from cjtools.comparing.differences import Net
from cjtools.intervals import DIGITS
from cjtools.lanes.sentiment import tally

if TYPE_CHECKING:
    from cjtools.journey_map import JourneyMap

Means = dict[str, float]


def felt_at(journey: JourneyMap, scope: str) -> dict[str, Means]:
    """Return the mean valence of each participant at each stage, touchpoint or band, by name and person."""
    said = journey.evidence.filter((pl.col("family") == "interview") & pl.col("valence").is_not_null())
    placed = with_bands(said, journey).filter(pl.col(scope).is_not_null())
    means = placed.group_by(scope, "person").agg(pl.col("valence").mean().round(DIGITS)).sort(scope, "person")
    felt: dict[str, Means] = {}
    for name, person, mean in means.iter_rows():
        felt.setdefault(name, {})[person] = mean
    return felt


def voices_at(journey: JourneyMap, scope: str) -> dict[str, Net]:
    """Return positive, negative and scored public voices of each stage, touchpoint or band, each text once."""
    public = journey.evidence.filter(pl.col("family").is_in(["mention", "review"]))
    placed = with_bands(public, journey).filter(pl.col(scope).is_not_null())
    counted = tally(placed.with_columns(name=pl.col(scope)), scope=scope).sort("name")
    return {row["name"]: net_of(row) for row in counted.iter_rows(named=True)}


def net_of(row: Mapping[str, Any]) -> Net:
    """Return the counts of a net sentiment from a row of MapSentiment."""
    return Net(row["positive"], row["negative"], row["positive"] + row["neutral"] + row["negative"])


def with_bands(evidence: pl.DataFrame, journey: JourneyMap) -> pl.DataFrame:
    """Return evidence with the band of its stage."""
    bands = dict(journey.stages.select("stage", pl.col("band").cast(pl.String)).iter_rows())
    return evidence.with_columns(band=pl.col("stage").replace_strict(bands, default=None, return_dtype=pl.String))


def answers_to(journey: JourneyMap, question_id: str) -> list[float]:
    """Return the answers to a question of the map's surveys (its id with its source, as MapSurvey has it)."""
    source, _, question = question_id.partition(".")
    own = pl.format("{}.{}.{}", "source_id", "person", pl.lit(question)) == pl.col("evidence_id")
    asked = journey.evidence.filter((pl.col("family") == "survey") & (pl.col("source_id") == source) & own)
    return sorted(asked["value"].drop_nulls().to_list())
