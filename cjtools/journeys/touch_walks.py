"""The walks of a client's touches: of stages, of visits, of purchases, of days."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cjtools.journeys.exits import page_views
from cjtools.journeys.walks import Walk, walk_of

ORDER = ["tiebreak", "source_order", "source_row"]
GOAL = "(goal)"  # the step of arriving, whatever touchpoint it belongs to


def stage_walk(touches: pl.DataFrame) -> Walk:
    """Return the stages that profiles pass, a path a profile; touches that belong to no stage are left out."""
    placed = touches.filter(pl.col("stage").is_not_null())
    return walk_of(placed, path="profile_id", at="timestamp", step="stage", order=ORDER)


def visit_walk(touches: pl.DataFrame, *, goals: Sequence[str] = ()) -> Walk:
    """Return the touchpoints that sessions view, a path a session; pages bound to none are "(missing)".

    With `goals` the acts that mean arriving are steps, too, "(goal)".
    """
    arrived = touches.filter(pl.col("activity").is_in(list(goals))).with_columns(touchpoint=pl.lit(GOAL))
    both = pl.concat([page_views(touches), arrived.select(touches.columns)])
    return walk_of(both, path="session", at="timestamp", step="touchpoint", order=ORDER)


def goal_walk(touches: pl.DataFrame, *, goals: Sequence[str]) -> Walk:
    """Return the acts that mean arriving, a path a profile, one an order: all are the step "(goal)"."""
    arrived = touches.filter(pl.col("activity").is_in(list(goals))).with_columns(
        number=pl.coalesce("order_id", "event_id"), goal=pl.lit(GOAL)
    )
    once = arrived.unique(["profile_id", "number"], keep="first", maintain_order=True)
    return walk_of(once, path="profile_id", at="timestamp", step="goal", order=ORDER)


def day_walk(touches: pl.DataFrame) -> Walk:
    """Return every act of profiles, to know on which days they were there."""
    acts = touches.filter(pl.col("activity") != "arrival")
    return walk_of(acts, path="profile_id", at="timestamp", step="activity", order=ORDER)
