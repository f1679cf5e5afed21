"""What aggregate sources say of each stage: totals and rates, and what they cannot say."""

from __future__ import annotations

import polars as pl

from cjtools.client import Client
from cjtools.intervals import DIGITS
from cjtools.journey_tables import StageTotal
from cjtools.journeys.touches import stage_of_totals
from cjtools.lanes.labels import Labels, labelled, placed

# Units of which parts do not add up: a share or a mean needs its n, a person may be in several rows.
RATES = ("share", "percent", "rank", "seconds", "number")
PEOPLE = ("users", "people")
KEYS = ["stage", "source_id", "metric", "unit"]


def total_stages(observations: pl.DataFrame, *, client: Client, labels: Labels) -> pl.DataFrame:
    """Return the totals of each stage by source and metric; see StageTotal.

    An event that a stage is entered by decides the stage, else the touchpoint (see touches.place_totals).
    A report may hold the same visits by several dimensions: of each source and metric only the rows by the fewest
    dimensions that tell a place count, so that nothing is added twice.
    """
    there = observations.with_columns(stage=stage_of_totals(client)).filter(pl.col("stage").is_not_null())
    if there.is_empty():
        return StageTotal.create_empty()
    once = finest_once(there)
    weighted = (pl.col("value") * pl.col("n")).sum() / pl.col("n").sum()
    known = pl.col("n").is_not_null().all() & (pl.col("n").sum() > 0)
    single = pl.len() == 1
    rows = (
        once.sort(*KEYS, "source_file", "source_row")
        .group_by(KEYS, maintain_order=True)
        .agg(
            rows=pl.len().cast(pl.Int64),
            sum=pl.col("value").sum(),
            rate=pl.when(known).then(weighted).when(single).then(pl.col("value").first()),
            most=pl.col("value").max(),
        )
        .with_columns(kind=kind_of())
        .with_columns(
            value=pl.when(pl.col("kind") == "sum").then("sum").when(pl.col("kind") == "rate").then("rate"),
            low=pl.when(pl.col("kind") == "people").then("most"),
            high=pl.when(pl.col("kind") == "people").then("sum"),
        )
        .with_columns(whole=pl.col("value").sum().over("source_id", "metric", "unit"))
        .with_columns(
            share=pl.when((pl.col("kind") == "sum") & (pl.col("whole") > 0)).then(pl.col("value") / pl.col("whole"))
        )
        .with_columns(
            pl.col("value", "share").round(DIGITS),
            label=labelled("stage", labels.stages),
            place=placed("stage", labels.stages),
        )
    )
    return StageTotal.validate(rows.sort("place", "source_id", "metric").select(StageTotal.column_names()), cast=True)


def kind_of() -> pl.Expr:
    """Return how the rows of a metric go together."""
    people = pl.col("unit").is_in(PEOPLE) & (pl.col("rows") > 1)
    return (
        pl.when(pl.col("unit").is_in(RATES))
        .then(pl.when(pl.col("rate").is_null()).then(pl.lit("apart")).otherwise(pl.lit("rate")))
        .when(people)
        .then(pl.lit("people"))
        .otherwise(pl.lit("sum"))
    )


def finest_once(observations: pl.DataFrame) -> pl.DataFrame:
    """Return, of each source and metric, the observations by the fewest dimensions; of several such, the fullest.

    A tool leaves rare queries or pages out of one table and not of another: the greatest sum lacks least.
    """
    names = pl.col("dimensions").list.eval(pl.element().struct.field("name")).list.sort()
    named = observations.with_columns(by=names.list.join(","), count=names.list.len())
    keys = ["source_id", "metric", "by"]
    sums = (
        named.sort("source_file", "source_row").group_by(*keys, "count", maintain_order=True).agg(pl.col("value").sum())
    )
    ranked = sums.sort("source_id", "metric", "count", -pl.col("value"), "by")
    chosen = ranked.unique(["source_id", "metric"], keep="first", maintain_order=True)
    return named.join(chosen.select(keys), on=keys, how="semi", maintain_order="left")
