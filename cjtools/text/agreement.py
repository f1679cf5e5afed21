"""How far coders agree, and how much new each document still brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from cjtools.errors import Fault, ParameterError, cut, nearest

LEVELS = ("nominal", "ordinal", "interval")


@dataclass(frozen=True)
class Agreement:
    """A coefficient of agreement with what it rests on; `value` is null where nothing could disagree."""

    code: str
    measure: str
    value: float | None
    units: int
    values: int
    coders: int
    observed: float | None


def krippendorff_alpha(codings: pl.DataFrame, *, level: str = "nominal", code: str = "") -> Agreement:
    """Return Krippendorff's α of codings with the columns unit, coder and value, missing values allowed.

    α = 1 − observed ÷ expected disagreement, over the coincidences of values within units that two or more coders
    coded. `level` says how far two values are apart: nominal (equal or not), ordinal, interval (numbers).
    Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability". α is 1 for perfect agreement, 0 for
    chance, and undefined (null) where all values are the same. Raises ParameterError for another level.

    >>> frame = pl.DataFrame({"unit": [1, 1, 2, 2, 3, 3], "coder": ["a", "b"] * 3, "value": [1, 1, 2, 2, 1, 2]})
    >>> round(krippendorff_alpha(frame).value, 3)
    0.444
    """
    if level not in LEVELS:
        raise ParameterError("agreement", [Fault("level", f"{cut(level)} is not known", nearest(level, LEVELS))])
    rows = codings.select("unit", "coder", "value").unique().drop_nulls("value")
    several = rows.filter(pl.len().over("unit") > 1)
    values = several["value"].unique().sort()
    place = pl.DataFrame({"value": values, "place": np.arange(values.len())})
    counts = (
        several.join(place, on="value")
        .group_by("unit", "place")
        .agg(n=pl.len())
        .sort("unit", "place")
        .with_columns(row=pl.col("unit").rank("dense").cast(pl.Int64) - 1)
    )
    table = np.zeros((several["unit"].n_unique(), values.len()))
    table[counts["row"].to_numpy(), counts["place"].to_numpy()] = counts["n"].to_numpy()
    alpha, observed = alpha_of(table, distances(values, table.sum(axis=0), level))
    return Agreement(code, f"alpha_{level}", alpha, len(table), int(table.sum()), several["coder"].n_unique(), observed)


def alpha_of(table: np.ndarray, distance: np.ndarray) -> tuple[float | None, float | None]:
    """Return α and the share of agreeing pairs of a table of counts, one row a unit and one column a value."""
    if not table.size:
        return None, None
    size = table.sum(axis=1, keepdims=True)
    pairs = (table / (size - 1)).T @ table - np.diag((table / (size - 1)).sum(axis=0))
    margin = pairs.sum(axis=1)
    total = margin.sum()
    expected = margin @ distance @ margin / (total - 1)
    agreeing = float(np.trace(pairs) / total)
    return (None if expected == 0 else float(1 - (pairs * distance).sum() / expected)), agreeing


def distances(values: pl.Series, margin: np.ndarray, level: str) -> np.ndarray:
    """Return the squared distance of each two values on a level of measurement."""
    if level == "nominal":
        return 1.0 - np.eye(len(margin))
    if level == "interval":
        numbers = values.cast(pl.Float64).to_numpy()
        return np.asarray((numbers[:, None] - numbers[None, :]) ** 2)
    # Ordinal: all that lies between two values, and half of each.
    upto = np.cumsum(margin) - margin / 2
    return np.asarray((upto[:, None] - upto[None, :]) ** 2)


def cohen_kappa(codings: pl.DataFrame, *, code: str) -> Agreement:
    """Return Cohen's κ of two coders on one code: given or not given to each unit that both looked at.

    `codings` has the columns unit, coder and code, one row a code given; a unit that a coder looked at and gave no
    code has a row with a null code. Source: Cohen 1960.

    >>> frame = pl.DataFrame({"unit": [1, 1, 2, 2, 3, 3, 4, 4], "coder": ["a", "b"] * 4,
    ...     "code": ["x", "x", "x", None, None, None, "y", "y"]})
    >>> round(cohen_kappa(frame, code="x").value, 3)
    0.5
    """
    given = codings.group_by("unit", "coder").agg(given=(pl.col("code") == code).fill_null(value=False).any())
    coders = given["coder"].unique().sort().to_list()
    parts = [given.filter(pl.col("coder") == name).select("unit", "given") for name in coders]
    both = parts[0].join(parts[1], on="unit", suffix="_second").sort("unit") if len(parts) == 2 else given.clear()
    if both.is_empty():
        return Agreement(code, "kappa", None, 0, 0, len(coders), None)
    one, two = both["given"].to_numpy().astype(float), both["given_second"].to_numpy().astype(float)
    observed = float((one == two).mean())
    expected = float(one.mean() * two.mean() + (1 - one.mean()) * (1 - two.mean()))
    value = None if expected == 1 else (observed - expected) / (1 - expected)
    return Agreement(code, "kappa", value, both.height, 2 * both.height, 2, observed)


@dataclass(frozen=True)
class Saturation:
    """The saturation of a study: new codes a document in order, and where too few new ones came."""

    base: int
    run: int
    threshold: float
    base_codes: int
    curve: pl.DataFrame
    saturated_at: int | None


def saturation(
    codes: pl.DataFrame, *, documents: Sequence[str], base: int = 4, run: int = 2, threshold: float = 0.05
) -> Saturation:
    """Return how many new codes each document brought, and after which one a study is saturated.

    `codes` has the columns doc_id and code; `documents` says in which order they were coded. The `base` first
    documents give the base codes; each following `run` of documents is measured by its new codes ÷ base codes, and
    the study is saturated at the end of the first run at or below `threshold`. Source: Guest, Namey and Chen 2020.

    >>> codes = pl.DataFrame({"doc_id": ["1", "1", "2", "3", "4"], "code": ["a", "b", "c", "a", "b"]})
    >>> saturation(codes, documents=["1", "2", "3", "4"], base=2, run=2).saturated_at
    4
    """
    held = dict(codes.group_by("doc_id").agg(pl.col("code").unique()).iter_rows())
    seen: set[str] = set()
    totals = [0]
    for document in documents:
        seen |= set(held.get(document, []))
        totals.append(len(seen))
    new = [after - before for before, after in pairwise(totals)]
    base_codes = totals[min(base, len(documents))]
    shares = [
        sum(new[end - run : end]) / base_codes if base_codes and end >= base + run else None
        for end in range(1, len(documents) + 1)
    ]
    reached = (place for place, share in enumerate(shares, 1) if share is not None and share <= threshold)
    curve = pl.DataFrame(
        {"document": list(documents), "new": new, "codes": totals[1:], "share": shares},
        schema={"document": pl.String, "new": pl.Int64, "codes": pl.Int64, "share": pl.Float64},
    ).with_row_index("position", offset=1)
    return Saturation(base, run, threshold, base_codes, curve, next(reached, None))
