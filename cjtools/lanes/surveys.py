"""Survey figures with their wording and scale: NPS, CSAT, CES."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cjtools.intervals import bootstrap_mean, net_promoter
from cjtools.map_tables import MapSurvey
from cjtools.tables import shape_of


def score_surveys(answers: pl.DataFrame, *, minimum: int) -> pl.DataFrame:
    """Return one figure a scored question, in the order asked.

    nps: promoters − detractors, −1 to 1. csat: share of the two best answers. ces and other scales: the mean,
    in points of the scale. Interval 95 %; no value below `minimum` answers. The wording and scale stand beside it:
    two figures are compared only when both are equal.
    """
    scored = answers.filter(pl.col("value_num").is_not_null() & pl.col("scale_min").is_not_null())
    keys = ["source_id", "question_id", "instrument", "question_text", "stage", "touchpoint", "scale_min", "scale_max"]
    groups = scored.sort("source_id", "source_row", "question_id").group_by(keys, maintain_order=True)
    rows = []
    for row in groups.agg(pl.col("value_num").sort()).to_dicts():
        values = row["value_num"]
        value, low, high = score(row["instrument"], values, row["scale_max"]) if len(values) >= minimum else (None,) * 3
        rows.append(
            {
                **{key: row[key] for key in ("instrument", "stage", "touchpoint", "scale_min", "scale_max")},
                "question_id": f"{row['source_id']}.{row['question_id']}",
                "wording": row["question_text"],
                "value": value,
                "low": low,
                "high": high,
                "n": len(values),
            }
        )
    return MapSurvey.validate(pl.DataFrame(rows, schema=shape_of(MapSurvey)), cast=True)


def score(instrument: str, values: Sequence[float], highest: float) -> tuple[float, float, float]:
    """Return the figure of one question by its instrument, with its interval."""
    if instrument == "nps":
        return net_promoter(values)
    if instrument == "csat":
        return bootstrap_mean([float(value >= highest - 1) for value in values])
    return bootstrap_mean(values)
