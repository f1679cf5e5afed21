"""Where sessions end, and how often a touchpoint is looked at again."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from cjtools.intervals import wilson
from cjtools.journeys.touches import VIEWS

# Views of one touchpoint in one session from which on the session counts as one with many clicks there.
MANY_VIEWS = 4
# A device that two people share has sessions that begin with one profile and end with another: within a session only
# time decides.
SESSION_ORDER = ["session", "timestamp", "tiebreak", "source_order", "source_row"]


def page_views(touches: pl.DataFrame) -> pl.DataFrame:
    """Return the views of a page that is bound to a touchpoint or to none, in order."""
    return touches.filter(pl.col("activity").is_in(VIEWS))


def count_exits(touches: pl.DataFrame) -> pl.DataFrame:
    """Return the exit rate of each touchpoint, session form, with Wilson's interval.

    Sessions whose last page view is at the touchpoint ÷ sessions with a page view there.
    Columns: touchpoint, sessions, exits, value, low, high; sorted by touchpoint.
    """
    views = page_views(touches).sort(SESSION_ORDER)
    last = views.unique("session", keep="last", maintain_order=True).select("session", last="touchpoint")
    visited = views.filter(pl.col("touchpoint").is_not_null()).select("session", "touchpoint").unique()
    return (
        visited.join(last, on="session")
        .group_by("touchpoint")
        .agg(sessions=pl.len().cast(pl.Int64), exits=(pl.col("touchpoint") == pl.col("last")).sum().cast(pl.Int64))
        .sort("touchpoint")
        .with_columns(wilson(pl.col("exits"), pl.col("sessions")))
    )


def baseline_of(exits: pl.DataFrame, *, terminal: Collection[str]) -> pl.DataFrame:
    """Return the site's own exit rate: all exits ÷ all visits over the touchpoints that are no natural last page.

    One row: sessions, exits, value, low, high.
    """
    ordinary = exits.filter(~pl.col("touchpoint").is_in(list(terminal)))
    return ordinary.select(pl.col("sessions").sum(), pl.col("exits").sum()).with_columns(
        wilson(pl.col("exits"), pl.col("sessions"))
    )


def count_views(touches: pl.DataFrame) -> pl.DataFrame:
    """Return, of the sessions with a view of the touchpoint, the share with many views there (four or more).

    Columns: touchpoint, views, sessions, many, value, low, high; sorted by touchpoint.
    """
    views = page_views(touches).filter(pl.col("touchpoint").is_not_null())
    return (
        views.group_by("session", "touchpoint")
        .agg(views=pl.len().cast(pl.Int64))
        .group_by("touchpoint")
        .agg(
            views=pl.col("views").sum(),
            sessions=pl.len().cast(pl.Int64),
            many=(pl.col("views") >= MANY_VIEWS).sum().cast(pl.Int64),
        )
        .sort("touchpoint")
        .with_columns(wilson(pl.col("many"), pl.col("sessions")))
    )
