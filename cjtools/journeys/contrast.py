"""The difference of two groups: A minus B with both n and an interval."""

from __future__ import annotations

import polars as pl

from cjtools.intervals import newcombe, wilson

# A share of fewer than this says next to nothing: the row is marked.
FEW = 30


def contrasted(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with n_a, of_a, n_b and of_b, and after them both shares and their difference.

    Columns added: value_a, value_b, difference (A − B), low, high (see intervals.newcombe), few: whether a group has
    fewer than thirty.

    >>> frame = pl.DataFrame({"n_a": [1], "of_a": [1], "n_b": [0], "of_b": [1]})
    >>> contrasted(frame).select("difference", "low", "high", "few").row(0)
    (1.0, -0.122108721, 1.0, True)
    """
    n_a, of_a, n_b, of_b = (pl.col(name) for name in ("n_a", "of_a", "n_b", "of_b"))
    shares = wilson(n_a, of_a)[0].alias("value_a"), wilson(n_b, of_b)[0].alias("value_b")
    few = pl.min_horizontal("of_a", "of_b") < FEW
    return frame.with_columns(*shares, *newcombe(n_a, of_a, n_b, of_b), few=few)
