"""From where a session of GA4 came: its last click, else what its events collected first; never its first visit."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cjtools.sources.parsing.channels import channel_group, is_payment_page

TRAFFIC = ("source", "medium", "campaign")


@dataclass(frozen=True)
class Traffic:
    """From where acts came: `codes` has a number for the last click and one for what the act collected, where it says.

    `kinds` holds source, medium, campaign and channel of each number, once.
    """

    codes: pl.DataFrame
    kinds: pl.DataFrame


def traffic_of(rows: pl.DataFrame) -> Traffic:
    """Return from where acts came, each by itself. A payment provider's page is no source, and nothing is without one.

    `traffic_source` is how the user came the first time, and is not used.
    """
    parts = {"click": rows.select(last_click()), "own": rows.select(collected())}
    kinds = pl.concat([part.select(code_of().alias("code"), *TRAFFIC).unique("code") for part in parts.values()])
    kinds = with_channel(kinds.drop_nulls("code").unique("code").sort("code"))
    payment = [code for code, source in kinds.select("code", "source").iter_rows() if is_payment_page(source)]
    codes = pl.DataFrame([
        part.select(pl.when(~code_of().is_in(payment)).then(code_of()).alias(name)).to_series()
        for name, part in parts.items()
    ])  # fmt: skip
    return Traffic(codes, kinds.filter(~pl.col("code").is_in(payment)))


def code_of() -> pl.Expr:
    """Return a number for each kind of traffic: the same for the same, and none for what has no source."""
    parts = [pl.col(name).hash(seed) for seed, name in enumerate(TRAFFIC)]
    return pl.when(pl.col("source").is_not_null()).then(pl.sum_horizontal(parts))


def with_traffic(acts: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Return acts with source, medium, campaign and channel of their session, for their numbers `click` and `own`.

    In this order: the last click of the session; the first source that an act of the session collected; none.
    """
    first = first_collected(acts)
    told = acts.select("session_id", "click", "own")  # a join of all columns would copy them all
    told = told.join(first, on="session_id", how="left", maintain_order="left") if first.height else told
    code = pl.coalesce("click", *(["first"] if first.height else []), "own")
    joined = told.select(code=code).join(kinds, on="code", how="left", maintain_order="left")
    return acts.drop("click", "own").hstack(joined.drop("code"))


def last_click() -> list[pl.Expr]:
    """Return what the last click says: across channels, else by the shop's own tags, else an ad of Google's."""
    both = [pl.col(name).struct for name in ("click_channel", "click_manual")]
    of_ads = set_text(pl.col("click_ads"))
    source = pl.coalesce(set_text(each.field("source")) for each in both)
    medium = pl.coalesce(set_text(each.field("medium")) for each in both)
    campaign = pl.coalesce(set_text(each.field("campaign_name")) for each in both)
    by_ad = source.is_null() & of_ads.is_not_null()
    return [
        pl.when(by_ad).then(pl.lit("google")).otherwise(source).alias("source"),
        pl.when(by_ad).then(pl.lit("cpc")).otherwise(medium).alias("medium"),
        pl.coalesce(campaign, of_ads).alias("campaign"),
    ]


def collected() -> list[pl.Expr]:
    """Return what an event collected itself. A click id of Google Ads (gclid) says google / cpc."""
    source = pl.coalesce(set_text(pl.col("manual_source")), set_text(pl.col("param_source")))
    medium = pl.coalesce(set_text(pl.col("manual_medium")), set_text(pl.col("param_medium")))
    campaign = pl.coalesce(set_text(pl.col("manual_campaign_name")), set_text(pl.col("param_campaign")))
    by_ad = pl.coalesce("gclid", "param_gclid").is_not_null() & (source.is_null() | (source == "google"))
    return [
        pl.when(by_ad).then(pl.lit("google")).otherwise(source).alias("source"),
        pl.when(by_ad).then(pl.lit("cpc")).otherwise(medium).alias("medium"),
        campaign.alias("campaign"),
    ]


def set_text(text: pl.Expr) -> pl.Expr:
    """Return a text; an empty one and GA4's (not set) are null."""
    return pl.when((text != "") & (text != "(not set)")).then(text)


def first_collected(acts: pl.DataFrame) -> pl.DataFrame:
    """Return of each session the number of what its first act with a source collected."""
    with_source = acts.filter(pl.col("session_id").is_not_null() & pl.col("own").is_not_null())
    first = with_source.sort("timestamp", "tiebreak", "row").unique("session_id", keep="first", maintain_order=True)
    return first.select("session_id", first="own")


def with_channel(events: pl.DataFrame) -> pl.DataFrame:
    """Return events with the channel group of their traffic, found once for each kind of traffic."""
    kinds = events.select(TRAFFIC).unique().sort(TRAFFIC)
    channels = pl.Series("channel", [channel_group(*kind) for kind in kinds.iter_rows()], dtype=pl.String)
    return events.join(
        kinds.with_columns(channels), on=TRAFFIC, how="left", nulls_equal=True, maintain_order="left"
    )  # fmt: skip
