"""How people came: one arrival for each visit, with its environment, its channel and its campaign."""

from __future__ import annotations

import polars as pl

from cjtools.journeys.channels import unwanted_sources

# What readers call the acts of a shop or of an order in the books: where it happened, not how anybody came.
PLACES = ("online", "offline")
ARRIVALS = ["profile_id", "session", "at", "environment", "channel", "campaign"]
TRAFFIC = ["source", "medium", "campaign"]


def find_arrivals(touches: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each session of each profile: profile_id, session, at, environment, channel, campaign.

    The first touch of a session says how it came. A visit that a payment page sent back, or of which nothing is known,
    has no channel; what tools write for no campaign, such as (not set), is none. Sorted by profile, time and session.
    `touches` come from place_touches.
    """
    first = touches.unique(["profile_id", "session"], keep="first", maintain_order=True)
    unwanted = pl.col("source").is_in(unwanted_sources(first["source"])).fill_null(value=False)
    nowhere = pl.col("channel").is_in(PLACES) & pl.all_horizontal(pl.col(name).is_null() for name in TRAFFIC)
    came = ~unwanted & ~nowhere.fill_null(value=False)
    return first.select(
        "profile_id",
        "session",
        at="timestamp",
        environment=pl.col("environment").cast(pl.String),
        channel=pl.when(came).then("channel"),
        campaign=pl.when(came & ~pl.col("campaign").str.starts_with("(")).then("campaign"),
    ).sort("profile_id", "at", "session")
