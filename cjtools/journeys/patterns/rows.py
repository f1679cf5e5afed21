"""The row of a pattern: counts that are whole numbers, and what becomes of them."""

from __future__ import annotations

import datetime as dt

import polars as pl

from cjtools.intervals import DIGITS, wilson

# Every pattern and what its share is a share of.
PATTERNS = {
    "ropo": "orders",
    "click_collect": "orders",
    "try_buy": "orders",
    "repeat_buyers": "profiles",
    "repeat_other_route": "orders",
    "webrooming": "orders",
    "showrooming": "orders",
    "return_same_route": "orders",
    "return_other_route": "orders",
    "return_by": "orders",
    "abandoned_cart": "profiles",
    "recovered_cart": "profiles",
    "abandoned_checkout": "profiles",
    "recovered_checkout": "profiles",
    "abandoned_cart_sessions": "sessions",
    "recovered_cart_sessions": "sessions",
    "abandoned_checkout_sessions": "sessions",
    "recovered_checkout_sessions": "sessions",
    "newsletter_first_purchase": "profiles",
    "signup_first_purchase": "profiles",
    "campaign_purchase": "profiles",
    "no_campaign_purchase": "profiles",
    "shop_visit_purchase": "sessions",
}
ROWS = {
    "pattern": pl.String,
    "by": pl.String,
    "part": pl.String,
    "numerator": pl.Int64,
    "denominator": pl.Int64,
    "joined": pl.Int64,
    "all": pl.Int64,
    "window_days": pl.Int64,
}


def row(
    pattern: str,
    hits: pl.Series | int,
    of: int,
    *,
    joined: int | None = None,
    all: int | None = None,  # noqa: A002  (the column is called so)
    window_days: int | None = None,
    by: str | None = None,
    part: str | None = None,
) -> pl.DataFrame:
    """Return one row of counts; without `joined` all could be joined, without `all` that is of the denominator.

    >>> row("ropo", pl.Series([True, None]), 2, joined=1).select("numerator", "denominator", "joined", "all").row(0)
    (1, 2, 1, 2)
    """
    count = hits if isinstance(hits, int) else int(hits.sum() or 0)
    known, every = of if joined is None else joined, of if all is None else all
    return pl.DataFrame([(pattern, by, part, count, of, known, every, window_days)], schema=ROWS, orient="row")


def finish(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of counts with coverage (joined ÷ all), value, low and high (Wilson).

    >>> finish(row("ropo", 1, 2, joined=1)).select("coverage", "value").row(0)
    (0.5, 0.5)
    """
    some = pl.col("all") > 0
    return rows.with_columns(
        wilson(pl.col("numerator"), pl.col("denominator")),
        coverage=pl.when(some).then((pl.col("joined") / pl.col("all")).round(DIGITS)),
    )


def parts(
    counts: pl.DataFrame, pattern: str, *, by: str, of: int, joined: int, window_days: int | None
) -> pl.DataFrame:
    """Return a row for each part of a pattern: `counts` has part and numerator. The most frequent first."""
    return (
        counts.filter(pl.col("part").is_not_null())
        .sort("numerator", "part", descending=[True, False])
        .select(
            pattern=pl.lit(pattern),
            by=pl.lit(by),
            part="part",
            numerator=pl.col("numerator").cast(pl.Int64),
            denominator=pl.lit(of, pl.Int64),
            joined=pl.lit(joined, pl.Int64),
            all=pl.lit(of, pl.Int64),
            window_days=pl.lit(window_days, pl.Int64),
        )
    )


def days(count: int) -> dt.timedelta:
    """Return so many days."""
    return dt.timedelta(days=count)
