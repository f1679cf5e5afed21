"""The channels of visits for attribution: GA4's default groups, who brought nobody, the last that is not direct."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from cjtools.sources.parsing.channels import channel_group, is_payment_page
from cjtools.sources.parsing.traffic import is_own

TRAFFIC = ["source", "medium", "campaign"]
DIRECT = "Direct"
LOOKBACK_DAYS = 90  # GA4's own for all but acquisition


def group_channels(visits: pl.DataFrame, *, own: Sequence[str] = ()) -> pl.DataFrame:
    """Return visits with `channel`, their GA4 default group by source, medium and campaign, found once for each kind.

    `unwanted` marks the visits that a payment provider's page or one of the `own` hosts sent: those brought nobody, and
    have no channel. Nothing known of a visit is no channel either; an empty text is not known.

    >>> rows = {"source": ["google", "paypal.com"], "medium": ["cpc", "referral"], "campaign": ["", None]}
    >>> group_channels(pl.DataFrame(rows)).select("source", "channel", "unwanted").rows()
    [('google', 'Paid Search', False), ('paypal.com', None, True)]
    """
    unwanted = visits["source"].is_in(unwanted_sources(visits["source"], own=own)).fill_null(False)
    kinds = visits.select(TRAFFIC).unique().sort(TRAFFIC)
    channels = pl.Series("channel", [channel_group(*known(kind)) for kind in kinds.iter_rows()], dtype=pl.String)
    joined = visits.drop("channel", strict=False).join(
        kinds.with_columns(channels), on=TRAFFIC, how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.with_columns(unwanted.alias("unwanted")).with_columns(
        channel=pl.when(~pl.col("unwanted")).then("channel")
    )


def known(kind: Sequence[str | None]) -> tuple[str | None, str | None, str | None]:
    """Return source, medium and campaign without empty texts: they are not known."""
    source, medium, campaign = (text or None for text in kind)
    return source, medium, campaign


def unwanted_sources(sources: pl.Series, *, own: Sequence[str] = ()) -> list[str]:
    """Return the distinct sources that are payment pages or our own hosts, sorted.

    >>> unwanted_sources(pl.Series(["www.paypal.com", "blog.shop.example", "google"]), own=["shop.example"])
    ['blog.shop.example', 'www.paypal.com']
    """
    distinct = sources.drop_nulls().unique().sort().to_list()
    return [name for name in distinct if is_payment_page(name) or is_own(name.strip().lower(), own)]


def touches_of(visits: pl.DataFrame) -> pl.DataFrame:
    """Return the visits of group_channels that are touches: without unwanted ones and those of no known channel.

    A visit that came back from a payment page goes on with the one before, which has its channel already.

    >>> touches_of(pl.DataFrame({"channel": ["Email", None]})).height
    1
    """
    return visits.filter(pl.col("channel").is_not_null())


def credit_visits(
    visits: pl.DataFrame,
    *,
    path: str,
    at: str,
    visit: str,
    order: Sequence[str] = (),
    lookback_days: int = LOOKBACK_DAYS,
) -> pl.DataFrame:
    """Return each visit with `credited`, the visit that brought it: itself, or the last one before that is not direct.

    A visit is direct where its channel is Direct or it has none. It stays its own where the same path has no other
    visit within the window, the far edge included. Sorted by path, time, `order` and visit.

    >>> rows = {"who": [1, 1], "at": [dt.date(2026, 7, 1), dt.date(2026, 7, 2)], "visit": ["A", "B"]}
    >>> visits = pl.DataFrame(rows).with_columns(channel=pl.Series(["Email", "Direct"]))
    >>> credit_visits(visits, path="who", at="at", visit="visit").select("visit", "credited").rows()
    [('A', 'A'), ('B', 'A')]
    """
    brought = (pl.col("channel") != DIRECT).fill_null(False)
    ordered = visits.sort(path, at, *order, visit)
    before = ordered.with_columns(
        pl.when(brought).then(visit).forward_fill().over(path).alias("credited"),
        pl.when(brought).then(at).forward_fill().over(path).alias("credited at"),
    )
    near = pl.col(at) - pl.col("credited at") <= dt.timedelta(days=lookback_days)
    return before.with_columns(credited=pl.when(near).then("credited").otherwise(visit)).drop("credited at")


def with_credited_channel(visits: pl.DataFrame, *, visit: str) -> pl.DataFrame:
    """Return credited visits with `credited_channel`, the channel of the visit that brought them.

    >>> rows = {"visit": ["A", "B"], "credited": ["A", "A"], "channel": ["Email", "Direct"]}
    >>> with_credited_channel(pl.DataFrame(rows), visit="visit")["credited_channel"].to_list()
    ['Email', 'Email']
    """
    channels = visits.select(pl.col(visit).alias("credited"), pl.col("channel").alias("credited_channel"))
    return visits.join(channels, on="credited", how="left", maintain_order="left", validate="m:1")
