"""Exact quantiles and means from counts of whole values, which add up over any parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

QUANTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}


def quantiles(
    counts: pl.DataFrame, *, value: str, by: Sequence[str] = (), levels: Mapping[str, float] = QUANTILES
) -> pl.DataFrame:
    """Return the quantiles of values that are counted in `n`, a row a key, sorted by the keys.

    `counts` has the keys, the value and `n`. Columns: keys, n, mean, one a level. Linear between the two nearest
    values (Hyndman and Fan's type 7, the default of numpy); exact, whatever the number of parts that were merged.

    >>> quantiles(pl.DataFrame({"time": [1, 3], "n": [1, 1]}), value="time", levels={"median": 0.5}).rows()
    [(2, 2.0, 2.0)]
    """
    keys = list(by)
    rows = counts if in_order(counts, [*keys, value]) else counts.sort(*keys, value, nulls_last=True)
    values, n = rows[value].to_numpy(), rows["n"].to_numpy().astype(np.int64, copy=False)
    begins = borders(rows, keys)
    total = np.add.reduceat(n, begins) if len(begins) else n
    upto = n.cumsum()
    before = upto[begins] - n[begins]
    means = np.add.reduceat(values * n, begins) / total if len(begins) else n / 1
    columns = {key: rows[key].gather(begins) for key in keys}
    columns |= {"n": pl.Series(total), "mean": pl.Series(means)}
    for name, level in levels.items():
        place = (total - 1) * level
        low, high = (values[np.searchsorted(upto, before + end(place), side="right")] for end in (np.floor, np.ceil))
        columns[name] = pl.Series(low + (high - low) * (place - np.floor(place)))
    return pl.DataFrame(columns)


def in_order(rows: pl.DataFrame, columns: Sequence[str]) -> bool:
    """Return whether rows are sorted by some columns; where a cell is null, they count as if they were not.

    >>> in_order(pl.DataFrame({"a": [1, 1, 2], "b": [3, 4, 0]}), ["a", "b"])
    True
    """
    sorted_: npt.NDArray[np.bool_] = np.ones(max(len(rows) - 1, 0), dtype=np.bool_)
    for name in reversed(columns):
        column = rows[name].to_physical() if isinstance(rows[name].dtype, pl.Enum) else rows[name]
        if column.has_nulls():
            return False
        before, after = column.head(-1), column.slice(1)
        sorted_ = (before < after).to_numpy() | ((before == after).to_numpy() & sorted_)
    return bool(sorted_.all())


def borders(rows: pl.DataFrame, keys: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the rows at which another key begins, of rows that are sorted by the keys."""
    begins = np.zeros(len(rows), dtype=np.bool_)
    begins[:1] = True
    for key in keys:
        begins[1:] |= rows[key].ne_missing(rows[key].shift()).to_numpy()[1:]
    return np.flatnonzero(begins)
