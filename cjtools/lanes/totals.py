"""Totals that are no person's: search queries, campaigns, and how orders were made and paid."""

from __future__ import annotations

import polars as pl

from cjtools.client import Client
from cjtools.journeys.patterns import NO_PURCHASE
from cjtools.map_tables import MapTotal
from cjtools.tables import Tables
from cjtools.text.redact import redact

TOP = 10
RATES = ("share", "percent", "rank", "seconds")


def total_sources(tables: Tables, *, client: Client, minimum: int) -> pl.DataFrame:
    """Return the search queries with most clicks, the sums of each campaign metric, payment methods and ways to order.

    `share` is of the total of its own metric where parts add up (payment, way of ordering) or of `n` (campaigns).
    A count of orders below `minimum` is withheld: it is left out here and the shares stay of all orders.
    """
    observations, orders = tables.observations, tables.orders
    stage = next((row.id for row in client.journey if {"purchase", "pos_purchase"} & set(row.entry)), None)
    frames = [
        query_totals(observations, client=client),
        campaign_totals(observations, tables.sources, client=client),
        order_totals(orders, "payment_method", metric="payment", stage=stage, minimum=minimum),
        order_totals(
            orders.with_columns(
                way=pl.when("pickup").then(pl.lit("collect")).otherwise(pl.col("environment").cast(pl.String))
            ),
            "way",
            metric="ordered",
            stage=stage,
            minimum=minimum,
        ),
    ]
    rows = pl.concat([frame for frame in frames if frame.height] or [MapTotal.create_empty()])
    return MapTotal.validate(rows.select(MapTotal.column_names()), cast=True)


def dimension(name: str) -> pl.Expr:
    """Return the value of one dimension of an observation, null when it has none of that name."""
    fits = pl.element().struct.field("name") == name
    return pl.col("dimensions").list.eval(pl.element().filter(fits).struct.field("value")).list.first()


def main_stage(client: Client) -> dict[str, str]:
    """Return the stage that each touchpoint belongs to first."""
    return {row.id: row.stages[0] for row in client.touchpoints}


def query_totals(observations: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return the queries that brought most clicks; a query is what people want to find, in their own words."""
    named = observations.filter(pl.col("metric") == "clicks").with_columns(name=redact(dimension("query")))
    shares = named.filter(pl.col("name").is_not_null()).group_by("name", "touchpoint").agg(value=pl.col("value").sum())
    return (
        shares.with_columns(share=(pl.col("value") / pl.col("value").sum()).round(9))
        .sort("value", "name", descending=[True, False])
        .head(TOP)
        .with_columns(
            family=pl.lit("search"),
            metric=pl.lit("query"),
            stage=pl.col("touchpoint").replace_strict(main_stage(client), default=None, return_dtype=pl.String),
            n=pl.lit(None, pl.Float64),
            unit=pl.lit("clicks"),
        )
        .select(MapTotal.column_names())
    )


def campaign_totals(observations: pl.DataFrame, sources: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return the sum of each metric over all campaigns, with its share of what it is measured against.

    Campaigns are those of e-mail and text messages, not those by which web analytics sorts visits. Rates are no sums.
    """
    mails = sources.filter(pl.col("family").is_in(["email", "sms"]))["source_id"].unique().sort().to_list()
    by_mail = [row.id for row in client.touchpoints if row.channel in ("email", "sms")]
    campaigns = observations.filter(
        dimension("campaign").is_not_null(),
        pl.col("source_id").is_in(mails) | pl.col("touchpoint").is_in(by_mail),
        ~pl.col("unit").is_in(RATES),
    )
    order = {name: place for place, name in enumerate(name for row in client.sources for name in row.metrics)}
    return (
        campaigns.group_by("metric", "unit", "touchpoint")
        .agg(value=pl.col("value").sum(), n=pl.col("n").sum())
        .with_columns(place=pl.col("metric").replace_strict(order, default=0, return_dtype=pl.Int64))
        .sort("place", "metric", "touchpoint")
        .with_columns(
            family=pl.lit("email"),
            name=pl.col("metric"),
            metric=pl.lit("campaigns"),
            stage=pl.col("touchpoint").replace_strict(main_stage(client), default=None, return_dtype=pl.String),
            n=pl.when(pl.col("n") > 0).then("n"),
        )
        .with_columns(share=pl.when(pl.col("n") > 0).then((pl.col("value") / pl.col("n")).round(9)))
        .select(MapTotal.column_names())
    )


def order_totals(orders: pl.DataFrame, column: str, *, metric: str, stage: str | None, minimum: int) -> pl.DataFrame:
    """Return the orders by a column, most first, with the share of all that were purchases."""
    bought = orders.filter(~pl.col("status").str.to_lowercase().is_in(NO_PURCHASE) & pl.col(column).is_not_null())
    return (
        bought.group_by(pl.col(column).alias("name"))
        .agg(value=pl.len().cast(pl.Float64))
        .filter(pl.col("value") >= minimum)
        .sort("value", "name", descending=[True, False])
        .with_columns(
            family=pl.lit("orders"),
            metric=pl.lit(metric),
            stage=pl.lit(stage, pl.String),
            touchpoint=pl.lit(None, pl.String),
            share=(pl.col("value") / bought.height).round(9),
            n=pl.lit(float(bought.height)),
            unit=pl.lit("orders"),
        )
        .select(MapTotal.column_names())
    )
