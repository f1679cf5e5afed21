"""Purchases, and what the same profile did before and after them."""

from __future__ import annotations

import polars as pl

# An order that was cancelled was no purchase; one that was paid and sent back was. The refund itself is none.
NO_PURCHASE = ("cancelled", "canceled", "voided", "failed", "pending", "refund", "expired", "draft", "trash")
BOUGHT = ("purchase", "pos_purchase")
PURCHASES = ["profile_id", "at", "order_id", "environment"]


def list_purchases(orders: pl.DataFrame) -> pl.DataFrame:
    """Return the orders that were purchases, in order."""
    return orders.filter(~pl.col("status").str.to_lowercase().is_in(NO_PURCHASE)).sort("ordered_at", "order_id")


def known_purchases(orders: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Return the purchases of known profiles: profile_id, at, order_id, environment; sorted by profile and time.

    Orders, and the purchase events whose order is not among them (an event may have no number of an order: it counts
    where there are no orders at all).
    """
    of_orders = list_purchases(orders).select(
        "profile_id", "order_id", at="ordered_at", environment=pl.col("environment").cast(pl.String)
    )
    number = pl.col("order_id")
    told = number.is_in(orders["order_id"].implode()).fill_null(value=orders.height > 0)
    of_events = touches.filter(pl.col("activity").is_in(BOUGHT) & ~told).select(
        "profile_id", "order_id", at="timestamp", environment=pl.col("environment").cast(pl.String)
    )
    both = pl.concat([of_orders.select(PURCHASES), of_events.select(PURCHASES)])
    return both.filter(pl.col("profile_id").is_not_null()).sort("profile_id", "at", "order_id", nulls_last=True)


def since_last(rows: pl.DataFrame, others: pl.DataFrame, *, carry: str | None = None) -> pl.DataFrame:
    """Return, for each row (profile_id, at), how long before it the same profile last had one of the others: `since`.

    Strictly before; null where there is none. `carry` is a column of the others that comes along. In the order of the
    rows. Of others at one moment the last by that column counts.
    """
    keep = ["profile_id", "at", *([carry] if carry else [])]
    earlier = others.select(keep).filter(pl.col("profile_id").is_not_null()).unique()
    earlier = earlier.sort("at", "profile_id", *keep[2:], nulls_last=True).rename({"at": "earlier"})
    joined = (
        rows.select("profile_id", "at")
        .with_row_index("place")
        .sort("at", "place")
        .join_asof(
            earlier,
            left_on="at",
            right_on="earlier",
            by="profile_id",
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .sort("place")
    )
    return joined.select(since=pl.col("at") - pl.col("earlier"), **({carry: pl.col(carry)} if carry else {}))


def until_next(rows: pl.DataFrame, others: pl.DataFrame) -> pl.Series:
    """Return, for each row (profile_id, at), how long until the same profile has one of the others; null where none.

    One at the same moment counts as next. In the order of the rows.
    """
    later = others.select("profile_id", "at").unique().sort("at", "profile_id").rename({"at": "later"})
    joined = (
        rows.select("profile_id", "at")
        .with_row_index("place")
        .sort("at", "place")
        .join_asof(later, left_on="at", right_on="later", by="profile_id", strategy="forward", check_sortedness=False)
        .sort("place")
    )
    return (joined["later"] - joined["at"]).alias("until")


def with_routes(purchases: pl.DataFrame, touches: pl.DataFrame, arrivals: pl.DataFrame) -> pl.DataFrame:
    """Return purchases with `route`: the channel by which the visit that holds the order came, "offline" for a shop.

    Null where an online purchase stands in no visit whose arrival is known.
    """
    in_visits = touches.filter(pl.col("order_id").is_not_null()).unique("order_id", keep="first", maintain_order=True)
    channels = in_visits.select("order_id", "profile_id", "session").join(
        arrivals.select("profile_id", "session", "channel"), on=["profile_id", "session"], how="left"
    )
    found = purchases.join(channels.select("order_id", "channel"), on="order_id", how="left", maintain_order="left")
    route = pl.when(pl.col("environment") == "offline").then(pl.lit("offline")).otherwise("channel")
    return found.with_columns(route=route).drop("channel")
