"""What profiles are grouped by: stages, channels, devices, how often and how lately, patterns."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from cjtools.client import Client
from cjtools.journeys.arrivals import find_arrivals
from cjtools.journeys.patterns.purchases import known_purchases, list_purchases, since_last
from cjtools.tables import Tables

WINDOW_DAYS = 30  # of research before a purchase, as for the patterns
FEWEST = 0.01  # a feature of fewer profiles than this (or of all but so few) tells no groups apart
VIEWS = ("page_view", "screen_view", "view_item")
LONG = {"profile_id": pl.String, "feature": pl.String, "value": pl.Float64}
# Counts grow by factors: their logarithm is what is compared.
COUNTED = ("acts", "visits", "purchases", "value")


def profile_features(tables: Tables, touches: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return a row a profile that was seen: profile_id and a number a feature, columns by name.

    stage.<id>: was at that stage (0 or 1) · acts, visits: how many · recency: days from its last act to the last of all
    · purchases, value: how many, and their total · channel.<group>: share of its visits that came by it ·
    device.<name>: share of its acts · offline: share of its acts · ropo: bought in a shop within 30 days of looking
    online · collects: collected an online order · loop: bought twice or more. Null is none.
    """
    orders = list_purchases(tables.orders)
    bought = known_purchases(tables.orders, touches)
    parts = [
        *counts_of(touches),
        flags(touches, "stage"),
        shares(find_arrivals(touches), "channel"),
        shares(touches.filter(pl.col("activity") != "arrival"), "device"),
        bought.group_by("profile_id")
        .agg(value=pl.len())
        .select("profile_id", feature=pl.lit("purchases"), value="value"),
        spent(orders),
        marked(bought.filter(pl.len().over("profile_id") > 1), "loop"),
        marked(orders.filter("pickup"), "collects"),
        marked(researched(bought, touches), "ropo"),
    ]
    long = pl.concat([part.select(*LONG).cast(pl.Schema(LONG)) for part in parts])
    everyone = touches.select("profile_id").drop_nulls().unique()
    wide = long.join(everyone, on="profile_id", how="semi").pivot("feature", index="profile_id", values="value")
    features = sorted(set(wide.columns) - {"profile_id"})
    whole = everyone.join(wide, on="profile_id", how="left").sort("profile_id")
    return whole.select("profile_id", *(pl.col(name).fill_null(0.0) for name in features))


def counts_of(touches: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """Yield acts, visits, recency and the share offline of each profile."""
    acts = touches.filter((pl.col("activity") != "arrival") & pl.col("profile_id").is_not_null())
    last = pl.lit(acts["timestamp"].max(), dtype=acts.schema["timestamp"])  # typed also where nobody was seen
    per = acts.group_by("profile_id").agg(
        acts=pl.len(),
        visits=pl.col("session").n_unique(),
        recency=((last - pl.col("timestamp").max()).dt.total_seconds() / 86_400).round(6),
        offline=(pl.col("environment") == "offline").fill_null(value=False).mean(),
    )
    for name in ("acts", "visits", "recency", "offline"):
        yield per.select("profile_id", feature=pl.lit(name), value=pl.col(name))


def flags(touches: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return 1 for each profile and value of a column that it has."""
    kept = touches.filter(pl.col(column).is_not_null() & pl.col("profile_id").is_not_null())
    return kept.select("profile_id", feature=pl.format("{}.{}", pl.lit(column), column), value=1.0).unique()


def shares(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the share of its rows that each value of a column has, by profile."""
    kept = rows.filter(pl.col(column).is_not_null() & pl.col("profile_id").is_not_null())
    counts = kept.group_by("profile_id", column).len()
    share = (pl.col("len") / pl.col("len").sum().over("profile_id")).round(9)
    return counts.select("profile_id", feature=pl.format("{}.{}", pl.lit(column), column), value=share)


def spent(orders: pl.DataFrame) -> pl.DataFrame:
    """Return the total of its orders in the currency of most of them, by profile; orders without a total count none."""
    known = orders.filter(pl.col("profile_id").is_not_null() & pl.col("total").is_not_null())
    main = known["currency"].drop_nulls().value_counts().sort("count", "currency", descending=[True, False])
    same = known.filter(pl.col("currency") == main["currency"][0]) if main.height else known
    return same.group_by("profile_id").agg(value=pl.col("total").sum().cast(pl.Float64)).select(
        "profile_id", feature=pl.lit("value"), value="value"
    )  # fmt: skip


def marked(rows: pl.DataFrame, feature: str) -> pl.DataFrame:
    """Return 1 for each profile that has a row."""
    known = rows.filter(pl.col("profile_id").is_not_null())
    return known.select("profile_id", feature=pl.lit(feature), value=1.0).unique()


def researched(bought: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Return the purchases in a shop with a look online by the same profile in the window before."""
    shop = bought.filter(pl.col("environment") == "offline")
    looked = touches.filter(pl.col("activity").is_in(VIEWS)).select("profile_id", at="timestamp")
    since = since_last(shop, looked)["since"]
    return shop.filter((since.dt.total_seconds() <= WINDOW_DAYS * 86_400).fill_null(value=False))


def telling(features: pl.DataFrame) -> pl.DataFrame:
    """Return the features that can tell profiles apart: not the same for all but a few of them.

    >>> telling(pl.DataFrame({"profile_id": ["a", "b"], "loop": [1.0, 0.0], "acts": [2.0, 2.0]})).columns
    ['profile_id', 'loop']
    """
    names = [name for name in features.columns if name != "profile_id"]
    common = {name: max(features[name].value_counts()["count"].to_list(), default=0) for name in names}
    return features.select("profile_id", *(name for name in names if common[name] <= (1 - FEWEST) * features.height))
