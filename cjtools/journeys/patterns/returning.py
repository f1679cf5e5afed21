"""Coming back: repeat buyers, and whether they come by the same route or another one."""

from __future__ import annotations

from typing import Any

import polars as pl

from cjtools.journeys.patterns.purchases import list_purchases, with_routes
from cjtools.journeys.patterns.rows import parts, row


def repeat_row(orders: pl.DataFrame) -> pl.DataFrame:
    """Return the buyers with two purchases or more among the buyers who are known."""
    bought = list_purchases(orders)
    times = bought.filter(pl.col("profile_id").is_not_null()).group_by("profile_id").len()
    return row("repeat_buyers", times.filter(pl.col("len") >= 2).height, times.height)


def other_route_row(orders: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Return the online repeat purchases that arrived by another channel than the profile's first online purchase."""
    online = list_purchases(orders).filter(pl.col("environment") == "online")
    routes = touches.filter(pl.col("order_id").is_not_null() & pl.col("channel").is_not_null())
    routes = routes.unique("order_id", keep="first", maintain_order=True).select("order_id", "channel")
    known = (
        online.filter(pl.col("profile_id").is_not_null())
        .join(routes, on="order_id")
        .sort("profile_id", "ordered_at", "order_id")
        .with_columns(first=pl.col("channel").first().over("profile_id"))
    )
    repeats = known.filter(pl.col("order_id") != pl.col("order_id").first().over("profile_id"))
    other = repeats.filter(pl.col("channel") != pl.col("first")).height
    return row("repeat_other_route", other, repeats.height)


def loop_rows(purchases: pl.DataFrame, touches: pl.DataFrame, arrivals: pl.DataFrame) -> pl.DataFrame:
    """Return how people who had bought before came back to buy: by the same route as the time before, or by another.

    `purchases` as known_purchases. The route of a purchase is its environment and, online, the channel by which its
    visit came. Of all repeat purchases, those whose two routes are known take part; `joined` of `all` says how many.
    `return_by` tells which route they took.
    """
    routes = with_routes(purchases, touches, arrivals).with_columns(
        before=pl.col("route").shift().over("profile_id"),
        number=pl.int_range(pl.len()).over("profile_id"),
    )
    repeats = routes.filter(pl.col("number") > 0)
    known = repeats.filter(pl.col("route").is_not_null() & pl.col("before").is_not_null())
    same = known["route"] == known["before"]
    counts: dict[str, Any] = {"joined": known.height, "all": repeats.height}
    by_route = known.group_by(part="route").agg(numerator=pl.len())
    taken = parts(by_route, "return_by", by="route", of=known.height, joined=known.height, window_days=None)
    return pl.concat(
        [
            row("return_same_route", same, known.height, **counts),
            row("return_other_route", ~same, known.height, **counts),
            taken.with_columns(pl.lit(repeats.height, pl.Int64).alias("all")),
        ]
    )
