"""Who is still there so many periods later: the retention triangle."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from scipy import sparse

from cjtools.intervals import wilson
from cjtools.journeys.lifecycle import Every, period_start
from cjtools.journeys.walks import Whole


def count_retention(
    active: pl.DataFrame, *, first: int, last: int, cohorts: Literal["active", "new"] = "active"
) -> pl.DataFrame:
    """Return the partial of a retention triangle: cohort (a period), after (periods later), n.

    The cohort of a period is everyone active in it, or with "new" those first active in it (what came before `first`
    counts as earlier). Every cell from `first` to `last` has a row; merge it by cohort and after.
    """
    size = last - first + 1
    if cohorts == "new":
        begun = active.with_columns(cohort=pl.col("period").min().over("path")).filter(pl.col("cohort") >= first)
        cells = begun.filter(pl.col("period") <= last).group_by("cohort", "period").agg(n=pl.len())
        found = np.zeros((size, size), dtype=np.int64)
        found[(cells["cohort"] - first).to_numpy(), (cells["period"] - first).to_numpy()] = cells["n"].to_numpy()
    else:
        found = together(active.filter(pl.col("period").is_between(first, last)), first=first, size=size)
    row, column = np.triu_indices(size)
    cohort, after = row.astype(np.int64) + first, (column - row).astype(np.int64)
    return pl.DataFrame({"cohort": cohort, "after": after, "n": found[row, column]}).sort("cohort", "after")


def together(active: pl.DataFrame, *, first: int, size: int) -> Whole:
    """Return how many paths are active in both of any two periods: the product of the table path × period."""
    column = (active["period"] - first).to_numpy()
    ones = np.ones(len(column), dtype=np.int64)
    row = active["path"].to_numpy().astype(np.int64)
    table = sparse.csr_array((ones, (row, column)), shape=(int(row.max(initial=0)) + 1, size))
    return np.asarray((table.T @ table).toarray())


def finish_retention(counts: pl.DataFrame, *, every: Every = "day", open_last: bool = False) -> pl.DataFrame:
    """Return the share of each cohort that is active so many periods later.

    Columns: cohort (the first day of the period), after, n, of (the cohort's size), value, low, high (Wilson), open.
    `open` marks cells of the last period where that is not over (`open_last`): they can only grow.
    """
    last = pl.col("cohort") + pl.col("after") == (pl.col("cohort") + pl.col("after")).max()
    sized = counts.sort("cohort", "after").with_columns(of=pl.col("n").first().over("cohort"))
    return sized.select(
        period_start("cohort", every=every).alias("cohort"),
        "after",
        "n",
        "of",
        *wilson(pl.col("n"), pl.col("of")),
        open=last & pl.lit(open_last),
    )
