"""The order of events, and the sessions that they form."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

import polars as pl

ORDER = ["profile_id", "timestamp", "tiebreak", "source_order", "source_row"]
TIMEOUT = dt.timedelta(minutes=30)


Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


def order_events(events: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return the events that may be followed (a profile, consent, no bot, not internal), in the one total order.

    Ties of the timestamp are broken by the source's own order, then by source and row: they never change a result.
    """
    followed = events.lazy().filter(
        pl.col("profile_id").is_not_null()
        & (pl.col("consent") != "denied")
        & ~pl.col("is_bot")
        & ~pl.col("is_internal")
    )
    return followed.sort(ORDER).collect()


def split_sessions(events: Frame, *, timeout: dt.timedelta = TIMEOUT) -> Frame:
    """Return ordered events with `session`: the given session id, else one by inactivity within a profile.

    A pause longer than `timeout` begins a new session; a pause of exactly `timeout` does not.

    >>> at = [dt.datetime(2026, 7, 1, 9, minute, tzinfo=dt.UTC) for minute in (0, 30)]
    >>> events = pl.DataFrame({"profile_id": ["a", "a"], "timestamp": at, "session_id": [None, None]},
    ...                       schema_overrides={"session_id": pl.String})
    >>> split_sessions(events)["session"].to_list()
    ['a/0', 'a/0']
    """
    pause = pl.col("timestamp").diff() > timeout
    other = pl.col("profile_id") != pl.col("profile_id").shift()
    begins = (pause | other | pl.col("session_id").shift().is_not_null()).fill_null(value=True)
    numbered = events.with_columns(number=begins.cast(pl.Int64).cum_sum())
    within = pl.col("number") - pl.col("number").min().over("profile_id")
    inferred = pl.format("{}/{}", pl.col("profile_id"), within)
    return numbered.with_columns(session=pl.coalesce("session_id", inferred)).drop("number")
