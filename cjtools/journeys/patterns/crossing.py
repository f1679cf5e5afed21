"""Between online and offline: ROPO, Click & Collect, Try & Buy, webrooming and showrooming."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from cjtools.journeys.exits import page_views
from cjtools.journeys.patterns.purchases import list_purchases, since_last, with_routes
from cjtools.journeys.patterns.rows import ROWS, days, parts, row


def classic_rows(orders: pl.DataFrame, touches: pl.DataFrame, *, window_days: int) -> pl.DataFrame:
    """Return ropo, click_collect and try_buy: rows of counts."""
    bought = list_purchases(orders)
    online, offline = (of_environment(bought, name) for name in ("online", "offline"))
    looked = since_last(offline, looks(touches))["since"] <= days(window_days)
    tried = since_last(online, offline)["since"] <= days(window_days)
    known: dict[str, Any] = {"joined": offline["profile_id"].count(), "window_days": window_days}
    return pl.concat(
        [
            row("ropo", looked, offline.height, **known),
            row("click_collect", online["pickup"], online.height),
            row("try_buy", tried, online.height, **{**known, "joined": online["profile_id"].count()}),
        ]
    )


def of_environment(purchases: pl.DataFrame, environment: str) -> pl.DataFrame:
    """Return the purchases of one environment, with `at`."""
    return purchases.filter(pl.col("environment") == environment).with_columns(at="ordered_at")


def looks(touches: pl.DataFrame) -> pl.DataFrame:
    """Return the page views of profiles."""
    return page_views(touches).select("profile_id", "session", at="timestamp")


def ropo_parts(
    orders: pl.DataFrame, touches: pl.DataFrame, arrivals: pl.DataFrame, *, window_days: int, windows: Sequence[int]
) -> pl.DataFrame:
    """Return ropo by the channels of the research, and within other windows.

    A purchase counts for each channel by which research came within the window, so these parts overlap.
    """
    offline = of_environment(list_purchases(orders), "offline")
    joined, of = int(offline["profile_id"].count()), offline.height
    channelled = looks(touches).join(
        arrivals.select("profile_id", "session", "channel"), on=["profile_id", "session"], how="left"
    )
    names = channelled["channel"].drop_nulls().unique().sort()
    counts = [
        (name, int((since_last(offline, channelled.filter(channel=name))["since"] <= days(window_days)).sum()))
        for name in names
    ]
    by_channel = pl.DataFrame(counts, schema={"part": pl.String, "numerator": pl.Int64}, orient="row")
    since = since_last(offline, looks(touches))["since"]
    by_window = [
        row("ropo", since <= days(each), of, joined=joined, window_days=each, by="window", part=str(each))
        for each in sorted({*windows, window_days})
    ]
    return pl.concat(
        [parts(by_channel, "ropo", by="channel", of=of, joined=joined, window_days=window_days), *by_window]
    )


def rooming_rows(
    orders: pl.DataFrame, touches: pl.DataFrame, arrivals: pl.DataFrame, *, window_days: int
) -> pl.DataFrame:
    """Return webrooming and showrooming, of all purchases, whole and by channel (each purchase in one channel).

    - webrooming: bought in a shop, with a page view in the window before; by the channel of the last visit before
    - showrooming: bought online, with any act in a shop in the window before; by the channel by which the purchase came
    """
    bought = list_purchases(orders).with_columns(at="ordered_at", environment=pl.col("environment").cast(pl.String))
    if bought.is_empty():
        return pl.DataFrame(schema=ROWS)
    viewed = looks(touches).join(
        arrivals.select("profile_id", "session", "channel"), on=["profile_id", "session"], how="left"
    )
    in_shop = pl.concat(
        [
            touches.filter(pl.col("environment") == "offline").select("profile_id", at="timestamp"),
            bought.filter(pl.col("environment") == "offline").select("profile_id", "at"),
        ]
    )
    routes = with_routes(bought, touches, arrivals)["route"]
    last = since_last(bought, viewed, carry="channel")
    offline = bought["environment"] == "offline"
    marked = pl.DataFrame(
        {
            "webrooming": offline & (last["since"] <= days(window_days)),
            "web channel": last["channel"],
            "showrooming": ~offline & (since_last(bought, in_shop)["since"] <= days(window_days)),
            "shop channel": routes,
        }
    )
    joined = int(bought["profile_id"].count())
    known: dict[str, Any] = {"of": bought.height, "joined": joined, "window_days": window_days}
    rows = []
    for name, channel in (("webrooming", "web channel"), ("showrooming", "shop channel")):
        rows.append(row(name, marked[name], **known))
        found = marked.filter(pl.col(name)).group_by(part=channel).agg(numerator=pl.len())
        rows.append(parts(found, name, by="channel", **known))
    return pl.concat(rows)
