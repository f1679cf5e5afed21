"""How much two means, shares or net shares differ, this wave minus the one before, with a 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.intervals import DIGITS, RESAMPLES, SEED, Z, newcombe

Floats = npt.NDArray[np.float64]


class Difference(NamedTuple):
    """How much this wave has more than the one before, with the ends of the 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Say whether the interval leaves out zero."""
        return not self.low <= 0 <= self.high


class Net(NamedTuple):
    """The counts that a net share is made of: (positive − negative) ÷ total."""

    positive: int
    negative: int
    total: int


def mean_difference(before: Mapping[str, float], now: Mapping[str, float]) -> Difference:
    """Return the difference of two means of one value a person, by seeded bootstrap over the people.

    Who is in both waves is drawn once for both (a pair), the others in their own wave; nobody else can replace them.
    The draws depend on the numbers of people only. Source: Efron (1979), percentile interval; strata as in Davison and
    Hinkley (1997), 3.2. Both waves need somebody.

    >>> mean_difference({"P1": 1.0, "P2": 1.0}, {"P3": 2.0, "P4": 2.0})
    Difference(value=1.0, low=1.0, high=1.0)
    """
    pairs = np.array(sorted((before[who], now[who]) for who in before if who in now), dtype=np.float64).reshape(-1, 2)
    gone = np.array(sorted(value for who, value in before.items() if who not in now), dtype=np.float64)
    come = np.array(sorted(value for who, value in now.items() if who not in before), dtype=np.float64)
    first = totals(pairs[:, 0], 0) + totals(gone, 1)
    second = totals(pairs[:, 1], 0) + totals(come, 2)
    differences = second / len(now) - first / len(before)
    low, high = np.quantile(differences, [0.025, 0.975])
    value = (pairs[:, 1].sum() + come.sum()) / len(now) - (pairs[:, 0].sum() + gone.sum()) / len(before)
    return Difference(*(round(float(each), DIGITS) + 0.0 for each in (value, low, high)))


def totals(values: Floats, stratum: int) -> Floats:
    """Return the sum of the values in each resample of one stratum."""
    sums: Floats = values[draws(len(values), stratum)].sum(axis=1) if len(values) else np.zeros(RESAMPLES)
    return sums


@cache
def draws(people: int, stratum: int) -> npt.NDArray[np.int64]:
    """Return the seeded draws with replacement of one stratum: no two strata of one size are drawn alike."""
    return np.random.default_rng([SEED, stratum, people]).integers(0, people, size=(RESAMPLES, people))


def share_difference(before: tuple[int, int], now: tuple[int, int]) -> Difference:
    """Return the difference of two shares, each (count, of): Newcombe (1998), method 10. Both need somebody.

    >>> share_difference((48, 80), (56, 70))
    Difference(value=0.2, low=0.052431472, high=0.333872654)
    """
    counts = pl.DataFrame([(*now, *before)], schema=["n_a", "of_a", "n_b", "of_b"], orient="row")
    return Difference(*counts.select(newcombe(*map(pl.col, counts.columns))).row(0))


def net_difference(before: Net, now: Net) -> Difference:
    """Return the difference of two net shares (net promoter score, net sentiment); both need somebody.

    The variance of each is that of the difference of two shares of one sample; the two waves are independent samples.

    >>> net_difference(Net(30, 30, 100), Net(60, 20, 100))
    Difference(value=0.4, low=0.181747647, high=0.618252353)
    """
    half = Z * math.sqrt(variance(before) + variance(now))
    gap = share(now) - share(before)
    return Difference(*(round(each, DIGITS) + 0.0 for each in (gap, max(gap - half, -2.0), min(gap + half, 2.0))))


def share(net: Net) -> float:
    """Return a net share."""
    return (net.positive - net.negative) / net.total


def variance(net: Net) -> float:
    """Return the variance of a net share."""
    up, down = net.positive / net.total, net.negative / net.total
    return max(up + down - (up - down) ** 2, 0.0) / net.total


def promoters(scores: Sequence[float]) -> Net:
    """Return the counts of a net promoter score of answers on 0 to 10.

    >>> promoters([10, 9, 7, 6, 0])
    Net(positive=2, negative=2, total=5)
    """
    return Net(sum(score >= 9 for score in scores), sum(score <= 6 for score in scores), len(scores))
