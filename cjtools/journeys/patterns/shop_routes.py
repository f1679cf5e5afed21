"""The route in a shop, where counters, beacons or tills tell of it: from the entrance to the till and back."""

from __future__ import annotations

import polars as pl

from cjtools.journeys.paths import collapse, count_routes, top_routes
from cjtools.journeys.patterns.purchases import BOUGHT
from cjtools.journeys.patterns.rows import row
from cjtools.journeys.walks import Walk, walk_of

TILL = "pos_purchase"


def shop_acts(touches: pl.DataFrame) -> pl.DataFrame:
    """Return the acts in shops with `step`, the zone (page) or else the act; none where only tills tell of shops."""
    acts = touches.filter((pl.col("environment") == "offline") & (pl.col("activity") != "arrival"))
    told = acts.filter(~pl.col("activity").is_in(BOUGHT)).height
    acts = acts if told else acts.clear()
    bought = pl.col("activity").is_in(BOUGHT)
    return acts.with_columns(step=pl.when(bought).then(pl.lit(TILL)).otherwise(pl.coalesce("page", "activity")))


def shop_walk(touches: pl.DataFrame) -> Walk:
    """Return the visits to shops as a walk, a path a session, repeats collapsed."""
    acts = shop_acts(touches)
    order = ["tiebreak", "source_order", "source_row"]
    return collapse(walk_of(acts, path="session", at="timestamp", step="step", order=order))


def find_shop_routes(touches: pl.DataFrame, *, top: int = 10) -> pl.DataFrame:
    """Return the most common routes in shops, with their share of all visits; see paths.top_routes.

    Zones and tills in the order of their time; empty where no source tells of more than purchases.
    """
    return top_routes(count_routes(shop_walk(touches)), top=top)


def shop_rows(touches: pl.DataFrame) -> pl.DataFrame:
    """Return the visits to shops that came to a till, of all visits; no row where only tills tell of shops."""
    acts = shop_acts(touches)
    visits = acts.group_by("session").agg(bought=(pl.col("step") == TILL).any()).sort("session")
    found = row("shop_visit_purchase", visits["bought"], visits.height)
    return found if visits.height else found.clear()
