"""From where a session of GA4 came: its last click, else what its events collected first; never its first visit."""

from __future__ import annotations

import polars as pl

from cjtools.sources.channels import channel_group, is_payment_page

TRAFFIC = ("source", "medium", "campaign")


def with_traffic(events: pl.DataFrame) -> pl.DataFrame:
    """Return events with source, medium, campaign and channel of their session.

    In this order: `session_traffic_source_last_click`; the first source that an event of the session collected; none.
    `traffic_source` is how the user came the first time, and is not used. A payment provider's page is no source.
    """
    told = events.with_columns(*last_click(), *collected())
    sources = pl.concat([told["click_source"], told["own_source"]]).drop_nulls().unique().to_list()
    payment = [source for source in sources if is_payment_page(source)]
    told = told.with_columns(
        pl.when(~pl.col(f"{kind}_source").is_in(payment)).then(f"{kind}_{name}").alias(f"{kind}_{name}")
        for kind in ("click", "own")
        for name in TRAFFIC
    )
    joined = told.join(first_collected(told), on="session_id", how="left", maintain_order="left")
    chosen = joined.with_columns(
        pl.when(pl.col("click_source").is_not_null())
        .then(f"click_{name}")
        .when(pl.col("first_source").is_not_null())
        .then(f"first_{name}")
        .otherwise(f"own_{name}")
        .alias(name)
        for name in TRAFFIC
    )
    return with_channel(chosen).drop(f"{kind}_{name}" for kind in ("click", "own", "first") for name in TRAFFIC)


def last_click() -> list[pl.Expr]:
    """Return what the last click says: across channels, else by the shop's own tags, else an ad of Google's."""
    both = [pl.col(name).struct for name in ("click_channel", "click_manual")]
    of_ads = set_text(pl.col("click_ads"))
    source = pl.coalesce(set_text(each.field("source")) for each in both)
    medium = pl.coalesce(set_text(each.field("medium")) for each in both)
    campaign = pl.coalesce(set_text(each.field("campaign_name")) for each in both)
    by_ad = source.is_null() & of_ads.is_not_null()
    return [
        pl.when(by_ad).then(pl.lit("google")).otherwise(source).alias("click_source"),
        pl.when(by_ad).then(pl.lit("cpc")).otherwise(medium).alias("click_medium"),
        pl.coalesce(campaign, of_ads).alias("click_campaign"),
    ]


def collected() -> list[pl.Expr]:
    """Return what an event collected itself. A click id of Google Ads (gclid) says google / cpc."""
    source = pl.coalesce(set_text(pl.col("manual_source")), set_text(pl.col("param_source")))
    medium = pl.coalesce(set_text(pl.col("manual_medium")), set_text(pl.col("param_medium")))
    campaign = pl.coalesce(set_text(pl.col("manual_campaign_name")), set_text(pl.col("param_campaign")))
    by_ad = pl.coalesce("gclid", "param_gclid").is_not_null() & (source.is_null() | (source == "google"))
    return [
        pl.when(by_ad).then(pl.lit("google")).otherwise(source).alias("own_source"),
        pl.when(by_ad).then(pl.lit("cpc")).otherwise(medium).alias("own_medium"),
        campaign.alias("own_campaign"),
    ]


def set_text(text: pl.Expr) -> pl.Expr:
    """Return a text; an empty one and GA4's (not set) are null."""
    return pl.when(~text.is_in(["", "(not set)"])).then(text)


def first_collected(events: pl.DataFrame) -> pl.DataFrame:
    """Return of each session what its first event with a source collected."""
    with_source = events.filter(pl.col("session_id").is_not_null() & pl.col("own_source").is_not_null())
    first = with_source.sort("timestamp", "tiebreak", "row").unique("session_id", keep="first", maintain_order=True)
    return first.select("session_id", *(pl.col(f"own_{name}").alias(f"first_{name}") for name in TRAFFIC))


def with_channel(events: pl.DataFrame) -> pl.DataFrame:
    """Return events with the channel group of their traffic, found once for each kind of traffic."""
    kinds = events.select(TRAFFIC).unique().sort(TRAFFIC)
    channels = pl.Series("channel", [channel_group(*kind) for kind in kinds.iter_rows()], dtype=pl.String)
    return events.join(
        kinds.with_columns(channels), on=TRAFFIC, how="left", nulls_equal=True, maintain_order="left"
    )  # fmt: skip
