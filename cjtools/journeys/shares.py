"""Shares with their interval for small tables: the formula of cjtools.intervals, in far fewer steps."""

from __future__ import annotations

import numpy as np
import polars as pl

from cjtools.intervals import DIGITS, Z


def shares(successes: pl.Series, total: pl.Series) -> list[pl.Series]:
    """Return what intervals.wilson does of two columns, to the last bit: value, low and high.

    An expression of that length costs more than half a millisecond however few rows there are, and a report has some
    twenty of these tables.

    >>> [column.to_list() for column in shares(pl.Series([5, 0]), pl.Series([10, 0]))]
    [[0.5, None], [0.236593091, None], [0.763406909, None]]
    """
    count, part = (column.to_numpy().astype(np.float64) for column in (total, successes))  # null is not a number
    count[count <= 0] = np.nan
    share = part / count
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    half = Z / (1 + Z * Z / count) * np.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    columns = {"value": share, "low": np.clip(middle - half, 0, 1), "high": np.clip(middle + half, 0, 1)}
    return pl.DataFrame(columns, nan_to_null=True).select(pl.all().round(DIGITS)).get_columns()
