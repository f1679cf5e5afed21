"""Shares, means and scores with their 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl

# The two-sided 95 % quantile of the normal distribution.
Z = 1.959963984540054
RESAMPLES = 2000
SEED = 20260701
# Digits that results keep: enough for any page, few enough that the order of a float sum cannot show.
DIGITS = 9


def wilson(successes: pl.Expr, total: pl.Expr) -> list[pl.Expr]:
    """Return share, low and high as the columns value, low and high (Wilson score interval, 95 %).

    Null where the total is zero. Source: Wilson (1927), the form without continuity correction.

    >>> pl.DataFrame({"k": [5], "n": [10]}).select(wilson(pl.col("k"), pl.col("n"))).row(0)
    (0.5, 0.236593091, 0.763406909)
    """
    count = total.cast(pl.Float64)
    share = successes.cast(pl.Float64) / count
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    half = Z / (1 + Z * Z / count) * (share * (1 - share) / count + Z * Z / (4 * count * count)).sqrt()
    some = count > 0
    return [
        pl.when(some).then(share.round(DIGITS)).alias("value"),
        pl.when(some).then((middle - half).clip(0, 1).round(DIGITS)).alias("low"),
        pl.when(some).then((middle + half).clip(0, 1).round(DIGITS)).alias("high"),
    ]


def newcombe(n_a: pl.Expr, of_a: pl.Expr, n_b: pl.Expr, of_b: pl.Expr) -> list[pl.Expr]:
    """Return the difference of two shares, A minus B, as the columns difference, low and high (95 %).

    Null where either total is zero. Source: Newcombe (1998), method 10: the square-and-add of the two Wilson
    intervals, without continuity correction.

    >>> frame = pl.DataFrame({"n_a": [56], "of_a": [70], "n_b": [48], "of_b": [80]})
    >>> frame.select(newcombe(*map(pl.col, frame.columns))).row(0)
    (0.2, 0.052431472, 0.333872654)
    """
    (a, low_a, high_a), (b, low_b, high_b) = wilson(n_a, of_a), wilson(n_b, of_b)
    gap = n_a / of_a - n_b / of_b
    some = (of_a > 0) & (of_b > 0)
    below, above = (((a - low_a) ** 2 + (high_b - b) ** 2).sqrt(), ((high_a - a) ** 2 + (b - low_b) ** 2).sqrt())
    return [
        pl.when(some).then(gap.round(DIGITS)).alias("difference"),
        pl.when(some).then((gap - below).clip(-1, 1).round(DIGITS)).alias("low"),
        pl.when(some).then((gap + above).clip(-1, 1).round(DIGITS)).alias("high"),
    ]


def bootstrap_mean(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean of one value a person, and its 95 % percentile interval by bootstrap over the people.

    The resamples depend on the number of people only, so the same values give the same interval anywhere.
    Source: Efron (1979); percentile interval.

    >>> bootstrap_mean([1.0, 1.0, 1.0])
    (1.0, 1.0, 1.0)
    """
    people = np.sort(np.asarray(values, dtype=np.float64))
    means = people[resamples(len(people))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return round(float(people.mean()), DIGITS), round(float(low), DIGITS), round(float(high), DIGITS)


@cache
def resamples(people: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return the seeded draws with replacement: a row a resample, a column a person."""
    return np.random.default_rng([SEED, people]).integers(0, people, size=(RESAMPLES, people))


def net_promoter(scores: Sequence[float]) -> tuple[float, float, float]:
    """Return the net promoter score (−1 to 1) of answers on 0 to 10, with its 95 % interval.

    Promoters answer 9 or 10, detractors 0 to 6. Variance of the difference of two shares of one sample.

    >>> [round(value, 3) for value in net_promoter([10, 10, 10, 7, 7, 0])]
    [0.333, -0.263, 0.93]
    """
    return net_share(
        positive=sum(score >= 9 for score in scores),
        negative=sum(score <= 6 for score in scores),
        total=len(scores),
    )


def net_share(*, positive: int, negative: int, total: int) -> tuple[float, float, float]:
    """Return (positive − negative) ÷ total with its 95 % interval, from −1 to 1.

    >>> net_share(positive=1, negative=1, total=4)
    (0.0, -0.692951912, 0.692951912)
    """
    up, down = positive / total, negative / total
    net = up - down
    half = Z * math.sqrt(max(up + down - net * net, 0.0) / total)
    return round(net, DIGITS), round(max(net - half, -1.0), DIGITS), round(min(net + half, 1.0), DIGITS)


def resampled_counts(counts: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return how many of each kind there are in seeded resamples of people, of whom `counts` are of each kind.

    A row a resample (as many as everywhere), a column a kind. For figures of a whole group, such as a share and another
    of the same people together. The draws depend on the counts only. Source: Efron (1979).

    >>> resampled_counts([3, 1]).sum(axis=1).tolist() == [4] * RESAMPLES
    True
    """
    edges = np.cumsum(np.asarray(counts, dtype=np.int64))
    people, dice = int(edges[-1]), np.random.default_rng([SEED, *counts])
    drawn = np.zeros((RESAMPLES, len(edges)), dtype=np.int64)
    for row in range(RESAMPLES):
        kinds = np.searchsorted(edges, dice.integers(0, people, people), side="right")
        drawn[row] = np.bincount(kinds, minlength=len(edges))
    return drawn
