"""Who goes on from a stage to a later one."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cjtools.intervals import wilson
from cjtools.settings import Stage


def count_drop_off(touches: pl.DataFrame, *, journey: Sequence[Stage]) -> pl.DataFrame:
    """Return, for each stage, the profiles seen there and those seen at a later stage afterwards.

    Columns: stage, position, instrumented, profiles, went_on, value, low, high, of_all. `value` = went_on ÷ profiles
    of the stage; `of_all` = profiles of the stage ÷ all profiles. A stage that no touch was ever placed at is not
    instrumented: its counts are zero and its rates null. The last stage that is instrumented has nothing to go on to:
    that nobody is seen later would say something of the data, not of people.
    """
    seen = touches.filter(pl.col("position").is_not_null()).select("profile_id", "position", seq=pl.int_range(pl.len()))
    first = seen.group_by("profile_id", "position").agg(first=pl.col("seq").min(), last=pl.col("seq").max())
    later = (
        first.join(first, on="profile_id", suffix="_later")
        .filter((pl.col("position_later") > pl.col("position")) & (pl.col("last_later") > pl.col("first")))
        .select("profile_id", "position")
        .unique()
        .with_columns(went=True)
    )
    counts = (
        first.join(later, on=["profile_id", "position"], how="left")
        .group_by("position")
        .agg(profiles=pl.len().cast(pl.Int64), went_on=pl.col("went").sum().cast(pl.Int64))
    )
    everybody = touches["profile_id"].n_unique()
    stages = pl.DataFrame(
        {"stage": [row.id for row in journey], "position": range(len(journey))},
        schema={"stage": pl.String, "position": pl.Int64},
    )
    final = pl.col("position") >= counts.select(pl.col("position").max().fill_null(0)).item()
    return (
        stages.join(counts, on="position", how="left")
        .sort("position")
        .with_columns(
            instrumented=pl.col("profiles").is_not_null(),
            profiles=pl.col("profiles").fill_null(0),
            went_on=pl.when(~final).then("went_on"),
            of_all=(pl.col("profiles") / everybody).round(9) if everybody else pl.lit(None, dtype=pl.Float64),
        )
        .with_columns(wilson(pl.col("went_on"), pl.col("profiles")))
    )
