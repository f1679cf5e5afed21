"""All patterns of a period at once: those of purchases, of giving up, of messages, of shops."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from cjtools.journeys.arrivals import find_arrivals
from cjtools.journeys.patterns.abandoned import abandoned_rows
from cjtools.journeys.patterns.campaigns import campaign_rows, first_purchase_rows
from cjtools.journeys.patterns.crossing import classic_rows, rooming_rows, ropo_parts
from cjtools.journeys.patterns.purchases import known_purchases, list_purchases
from cjtools.journeys.patterns.returning import loop_rows, other_route_row, repeat_row
from cjtools.journeys.patterns.rows import PATTERNS, ROWS, finish
from cjtools.journeys.patterns.shop_routes import shop_rows

WINDOW_DAYS = 30


@dataclass(frozen=True)
class PatternWindows:
    """How many days count as before or after; printed next to the numbers. `others` are shown beside `research`."""

    research: int = WINDOW_DAYS  # research or trying before a purchase
    abandoned: int = 7  # from entering the basket or checkout to the purchase
    message: int = WINDOW_DAYS  # from an e-mail, a sign-up or a campaign to the purchase
    others: tuple[int, ...] = (1, 7, 14)


WINDOWS = PatternWindows()


def find_patterns(orders: pl.DataFrame, touches: pl.DataFrame, *, window_days: int = WINDOW_DAYS) -> pl.DataFrame:
    """Return the patterns of purchases as shares: pattern, numerator, denominator, joined, coverage, value, low, high.

    - ropo: offline purchases with a page view of the same profile in the window before ÷ offline purchases
    - click_collect: online purchases collected in a shop ÷ online purchases
    - try_buy: online purchases with an offline one of the same profile in the window before ÷ online purchases
    - repeat_buyers: profiles with two purchases or more ÷ profiles with one or more
    - repeat_other_route: online purchases after the profile's first that arrived by another channel than that first one
      ÷ all of them; only purchases whose arrival is known take part

    `joined` counts the purchases (or buyers) of the denominator that carry a profile at all; `coverage` is their
    share. What cannot be joined counts as not researched: the share is a lower bound, and the page says so.
    """
    rows = pl.concat(
        [
            classic_rows(orders, touches, window_days=window_days),
            repeat_row(orders),
            other_route_row(orders, touches),
        ]
    )
    return finish(rows).drop("by", "part", "all")


def follow_patterns(
    orders: pl.DataFrame, touches: pl.DataFrame, *, until: dt.datetime, windows: PatternWindows = WINDOWS
) -> pl.DataFrame:
    """Return every pattern that was observed, whole and by part: the shares of find_patterns and all others.

    Columns: pattern, by (channel, campaign, route, window; null for the whole), part, numerator, denominator, joined,
    all, window_days, value, low, high, coverage, unit (what the share is of). `until` is the end of the period, not
    included: who has no whole window before it is not judged. A pattern that nothing could show has no row. Whole
    patterns first, in the order of PATTERNS; parts by their size. See the modules of this package for each definition.
    """
    if orders.is_empty() and touches.is_empty():
        return finish(pl.DataFrame(schema=ROWS)).with_columns(unit=pl.lit(None, pl.String))
    arrivals, bought = find_arrivals(touches), known_purchases(orders, touches)
    counted = list_purchases(orders)
    joined = (int(counted["profile_id"].count()), counted.height) if counted.height else (bought.height,) * 2
    parts = [
        *of_orders(orders, touches, arrivals, windows),
        loop_rows(bought, touches, arrivals),
        abandoned_rows(touches, bought, window_days=windows.abandoned, until=until),
        first_purchase_rows(touches, bought, arrivals, window_days=windows.message, orders=joined),
        campaign_rows(bought, arrivals, window_days=windows.message, until=until),
        shop_rows(touches),
    ]
    return in_order(finish(pl.concat(parts)))


def of_orders(
    orders: pl.DataFrame, touches: pl.DataFrame, arrivals: pl.DataFrame, windows: PatternWindows
) -> list[pl.DataFrame]:
    """Return the rows that only a table of orders can give."""
    if orders.is_empty():
        return []
    research = windows.research
    return [
        classic_rows(orders, touches, window_days=research),
        repeat_row(orders),
        other_route_row(orders, touches),
        ropo_parts(orders, touches, arrivals, window_days=research, windows=windows.others),
        rooming_rows(orders, touches, arrivals, window_days=research),
    ]


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with anything to be a share of, with their unit, in a total order."""
    names = list(PATTERNS)
    rank = pl.col("pattern").replace_strict({name: place for place, name in enumerate(names)}, return_dtype=pl.Int64)
    unit = pl.col("pattern").replace_strict(PATTERNS, return_dtype=pl.String)
    size = pl.when(pl.col("by") == "window").then(-pl.col("window_days")).otherwise("numerator")
    kept = rows.filter(pl.col("denominator") > 0).with_columns(unit=unit, rank=rank, size=size)
    ordered = kept.sort("rank", "by", "size", "part", descending=[False, False, True, False], nulls_last=False)
    return ordered.drop("rank", "size")
