"""The ways between online and offline: ROPO, Click & Collect, Try & Buy, coming back by the same or another route."""

from __future__ import annotations

import datetime as dt

import polars as pl

from cjtools.intervals import wilson
from cjtools.journeys.exits import page_views

WINDOW_DAYS = 30
# An order that was cancelled was no purchase; one that was paid and sent back was. The refund itself is none.
NO_PURCHASE = ("cancelled", "canceled", "voided", "failed", "pending", "refund", "expired", "draft", "trash")


def find_patterns(orders: pl.DataFrame, touches: pl.DataFrame, *, window_days: int = WINDOW_DAYS) -> pl.DataFrame:
    """Return the patterns of purchases as shares: pattern, numerator, denominator, joined, coverage, value, low, high.

    - ropo: offline purchases with a page view of the same profile in the window before ÷ offline purchases
    - click_collect: online purchases collected in a shop ÷ online purchases
    - try_buy: online purchases with an offline one of the same profile in the window before ÷ online purchases
    - repeat_buyers: profiles with two purchases or more ÷ profiles with one or more
    - repeat_other_route: online purchases after the profile's first that arrived by another channel than that first one
      ÷ all of them; only purchases whose arrival is known take part

    `joined` counts the purchases (or buyers) of the denominator that carry a profile at all; `coverage` is their
    share. What cannot be joined counts as not researched: the share is a lower bound, and the page says so.
    """
    bought = orders.filter(~pl.col("status").str.to_lowercase().is_in(NO_PURCHASE)).sort("ordered_at", "order_id")
    online, offline = (bought.filter(pl.col("environment") == name) for name in ("online", "offline"))
    looks = page_views(touches).select("profile_id", at="timestamp")
    tries = offline.select("profile_id", at="ordered_at")
    window = dt.timedelta(days=window_days)
    rows = [
        share_row("ropo", offline, came_before(offline, looks, window=window), window_days),
        share_row("click_collect", online, online["pickup"], None, joined=online.height),
        share_row("try_buy", online, came_before(online, tries, window=window), window_days),
        repeat_row(bought),
        route_row(online, touches),
    ]
    counts = pl.DataFrame(rows, schema=ROW, orient="row")
    return counts.with_columns(
        coverage=pl.when(pl.col("denominator") > 0).then((pl.col("joined") / pl.col("denominator")).round(9))
    ).with_columns(wilson(pl.col("numerator"), pl.col("denominator")))


ROW = {
    "pattern": pl.String,
    "numerator": pl.Int64,
    "denominator": pl.Int64,
    "joined": pl.Int64,
    "window_days": pl.Int64,
}
Row = tuple[str, int, int, int, int | None]


def share_row(
    pattern: str, orders: pl.DataFrame, hits: pl.Series, window: int | None, *, joined: int | None = None
) -> Row:
    """Return one row of counts."""
    known = orders["profile_id"].count() if joined is None else joined
    return pattern, int(hits.sum() or 0), orders.height, int(known), window


def came_before(orders: pl.DataFrame, others: pl.DataFrame, *, window: dt.timedelta) -> pl.Series:
    """Return, for each order, whether the same profile has one of the others strictly before it, within the window."""
    earlier = (
        others.filter(pl.col("profile_id").is_not_null()).unique().sort("at", "profile_id").rename({"at": "earlier"})
    )
    joined = (
        orders.with_row_index("place")
        .sort("ordered_at", "place")
        .join_asof(
            earlier,
            left_on="ordered_at",
            right_on="earlier",
            by="profile_id",
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .sort("place")
    )
    return joined.select(((pl.col("ordered_at") - pl.col("earlier")) <= window).fill_null(value=False)).to_series()


def repeat_row(bought: pl.DataFrame) -> Row:
    """Return the buyers with two purchases or more among the buyers who are known."""
    times = bought.filter(pl.col("profile_id").is_not_null()).group_by("profile_id").len()
    return "repeat_buyers", times.filter(pl.col("len") >= 2).height, times.height, times.height, None


def route_row(online: pl.DataFrame, touches: pl.DataFrame) -> Row:
    """Return the online repeat purchases that arrived by another channel than the profile's first online purchase."""
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
    return "repeat_other_route", other, repeats.height, repeats.height, None
