"""Giving up: a basket or a checkout that was begun and did not end in a purchase, and who came back to finish."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from cjtools.journeys.patterns.purchases import until_next
from cjtools.journeys.patterns.rows import days, row
from cjtools.journeys.sessions import TIMEOUT

# The canonical activities that mean: a basket has something in it, the checkout was entered.
ENTRIES = {
    "cart": ("add_to_cart", "view_cart"),
    "checkout": ("begin_checkout", "add_shipping_info", "add_payment_info"),
}


def abandoned_rows(
    touches: pl.DataFrame, purchases: pl.DataFrame, *, window_days: int, until: dt.datetime
) -> pl.DataFrame:
    """Return abandoned and recovered baskets and checkouts, by profile and by session: rows of counts.

    By profile: of those whose first entry lies a whole window or more before the end of the period (`joined`, of
    `all`), who bought nothing, online or in a shop, within the window; of these, who bought after it (recovered).
    By session: sessions with an entry and no purchase from then to the end of the session; of these, whose profile
    bought within the window after the entry (only those with a whole window are looked at).
    """
    rows = []
    for name, activities in ENTRIES.items():
        entries = touches.filter(pl.col("activity").is_in(activities))
        if entries.is_empty():
            continue
        rows += by_profile(name, entries, purchases, window_days=window_days, until=until)
        rows += by_session(name, entries, touches, purchases, window_days=window_days, until=until)
    return pl.concat([row("abandoned_cart", 0, 0).clear(), *rows])


def by_profile(
    name: str, entries: pl.DataFrame, purchases: pl.DataFrame, *, window_days: int, until: dt.datetime
) -> list[pl.DataFrame]:
    """Return abandoned and recovered of profiles."""
    first = entries.group_by("profile_id").agg(at=pl.col("timestamp").min()).sort("profile_id")
    judged = first.filter(pl.col("at") + days(window_days) <= until)
    pause = until_next(judged, purchases)
    lost = ~(pause <= days(window_days)).fill_null(value=False)
    counts: dict[str, Any] = {"joined": judged.height, "all": first.height, "window_days": window_days}
    return [
        row(f"abandoned_{name}", lost, judged.height, **counts),
        row(f"recovered_{name}", pause.filter(lost).is_not_null(), int(lost.sum()), window_days=window_days),
    ]


def by_session(
    name: str,
    entries: pl.DataFrame,
    touches: pl.DataFrame,
    purchases: pl.DataFrame,
    *,
    window_days: int,
    until: dt.datetime,
) -> list[pl.DataFrame]:
    """Return abandoned and recovered of sessions; the purchase of a session may be booked a pause after its end."""
    keys = ["profile_id", "session"]
    ends = touches.group_by(keys).agg(end=pl.col("timestamp").max())
    first = entries.group_by(keys).agg(at=pl.col("timestamp").min()).join(ends, on=keys).sort(keys)
    online = until_next(first, purchases.filter(pl.col("environment") == "online"))
    stayed = first["end"] - first["at"] + TIMEOUT
    lost = first.filter(~(online <= stayed).fill_null(value=False))
    judged = lost.filter(pl.col("at") + days(window_days) <= until)
    back = until_next(judged, purchases) <= days(window_days)
    return [
        row(f"abandoned_{name}_sessions", lost.height, first.height),
        row(
            f"recovered_{name}_sessions",
            back,
            judged.height,
            joined=judged.height,
            all=lost.height,
            window_days=window_days,
        ),
    ]
