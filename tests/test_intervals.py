"""The statistics agree with formulas worked out by hand, and are the same wherever they run."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjtools.intervals import Z, bootstrap_mean, net_promoter, net_share, wilson


def wilson_by_roots(k: int, n: int) -> tuple[float, float]:
    """Wilson's bounds as the roots of (p̂ − p)² = z² p(1 − p) ÷ n: another way to the same interval."""
    p, z2 = k / n, Z * Z
    a, b, c = 1 + z2 / n, -(2 * p + z2 / n), p * p
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_the_root_of_its_equation(pair):
    k, n = pair
    value, low, high = pl.DataFrame({"k": [k], "n": [n]}).select(wilson(pl.col("k"), pl.col("n"))).row(0)
    roots = wilson_by_roots(k, n)
    assert value == pytest.approx(k / n, abs=1e-8)
    assert (low, high) == pytest.approx((max(roots[0], 0), min(roots[1], 1)), abs=1e-7)


def test_a_share_of_nothing_has_no_value():
    assert pl.DataFrame({"k": [0], "n": [0]}).select(wilson(pl.col("k"), pl.col("n"))).row(0) == (None, None, None)


def test_net_share_has_the_variance_of_the_textbook():
    net, low, high = net_share(positive=3, negative=1, total=6)
    assert net == pytest.approx(1 / 3)
    assert high - low == pytest.approx(2 * Z * math.sqrt((5 / 9) / 6), abs=1e-8)


def test_net_promoter_counts_nine_and_ten_against_six_and_less():
    assert net_promoter([9, 10, 8, 7, 6, 0])[0] == 0


@given(st.lists(st.integers(-2, 2), min_size=1, max_size=25))
def test_a_bootstrap_holds_its_mean_and_does_not_depend_on_the_order(values):
    mean, low, high = bootstrap_mean(values)
    assert low - 1e-9 <= mean <= high + 1e-9
    assert bootstrap_mean(sorted(values)) == bootstrap_mean(sorted(values, reverse=True)) == (mean, low, high)


def test_a_bootstrap_is_near_the_normal_interval_for_many_people():
    values = [-1.0, 0.0, 1.0] * 100
    _, low, high = bootstrap_mean(values)
    half = Z * math.sqrt((2 / 3) / 300)
    assert (low, high) == pytest.approx((-half, half), abs=0.01)
