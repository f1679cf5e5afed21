"""Shapley values: what the four axioms ask, the mean over all orders, the same in parts as whole."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_journeys_attribution import TABLE, events, walk_from

from cjtools.errors import ParameterError
from cjtools.journeys.shapley import WORTHS, count_coalitions, give_fair_shares, shapley_values
from cjtools.journeys.touch_paths import touch_paths, touch_paths_of_table
from cjtools.journeys.walks import buckets, merge

numbers = st.floats(-100, 100, allow_nan=False)
games = (
    st.integers(1, 4)
    .flatmap(lambda n: st.lists(numbers, min_size=2**n - 1, max_size=2**n - 1))
    .map(lambda worth: np.array([0.0, *worth]))
)


def by_orders(worth: np.ndarray) -> list[float]:
    """The definition: what each player adds, in the mean of all orders."""
    players = len(worth).bit_length() - 1
    added = np.zeros(players)
    orders = list(itertools.permutations(range(players)))
    for order in orders:
        mask = 0
        for player in order:
            added[player] += worth[mask | 1 << player] - worth[mask]
            mask |= 1 << player
    return list(added / len(orders))


def shares_of(coalitions: pl.DataFrame, worth: str = "conversions") -> dict[str | None, float]:
    return dict(give_fair_shares(coalitions, worth=worth).select("channel", "conversions").iter_rows())


@settings(deadline=None, max_examples=60)
@given(games)
def test_values_are_the_mean_over_all_orders(worth):
    assert shapley_values(worth) == pytest.approx(by_orders(worth), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(games)
def test_efficiency_all_is_given(worth):
    assert sum(shapley_values(worth)) == pytest.approx(worth[-1], abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(games)
def test_symmetry_equal_players_get_the_same(worth):
    players = len(worth).bit_length() - 1
    if players > 1:
        masks = np.arange(len(worth))
        swapped = masks & ~3 | (masks & 1) << 1 | (masks & 2) >> 1
        values = shapley_values((worth + worth[swapped]) / 2)
        assert values[0] == pytest.approx(values[1], abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(games)
def test_a_dummy_gets_nothing(worth):
    assert shapley_values(np.concatenate([worth, worth]))[-1] == pytest.approx(0, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(games, st.floats(-3, 3))
def test_the_values_of_a_sum_are_the_sum_of_values(worth, factor):
    other = worth[::-1] - worth[-1]
    both = np.array(shapley_values(worth)) + factor * np.array(shapley_values(other))
    assert shapley_values(worth + factor * other) == pytest.approx(list(both), abs=1e-7)


def test_a_game_from_the_textbook():
    # Three players, the glove game: the first two have left gloves, the third the right one; a pair is worth 1.
    assert shapley_values(np.array([0, 0, 0, 0, 0, 1, 1, 1.0])) == pytest.approx([1 / 6, 1 / 6, 4 / 6])


def test_conversions_are_shared_by_the_distinct_channels():
    coalitions = count_coalitions(touch_paths_of_table(TABLE))
    assert coalitions.rows() == [(["A", "B", "C"], 1, 1, 10), (["A", "C"], 2, 1, 20), (["B"], 1, 3, 5)]
    assert shares_of(coalitions) == pytest.approx({"A": 4 / 3, "B": 4 / 3, "C": 4 / 3}, abs=1e-8)
    assert give_fair_shares(coalitions)["value"].to_list() == pytest.approx([40 / 3, 25 / 3, 40 / 3], abs=1e-8)


def test_a_channel_of_lost_journeys_loses_by_the_rate():
    coalitions = pl.DataFrame({"coalition": [["a"], ["b"]], "conversions": [4, 0], "lost": [0, 4], "value": [0, 0]})
    # Alone a converts all (8 of 8), b none; together 4 of 8 do.
    assert shares_of(coalitions, "rate") == {"a": 6, "b": -2}


def test_sixteen_channels_are_exact():
    names = [f"c{place:02}" for place in range(16)]
    sets = [sorted({names[place], names[place * 7 % 16], names[(place + 5) % 16]}) for place in range(16)]
    counts = pl.DataFrame({"coalition": sets, "conversions": range(16), "lost": range(16), "value": [0] * 16})
    expected = {name: sum(count / len(each) for count, each in enumerate(sets) if name in each) for name in names}
    assert shares_of(counts) == pytest.approx(expected, abs=1e-8)
    with pytest.raises(ParameterError, match="17 of them; expected 16 at most"):
        give_fair_shares(
            pl.concat([counts, counts.head(1).with_columns(coalition=pl.lit(["other"], pl.List(pl.String)))])
        )


def test_conversions_without_a_touch_stand_alone():
    coalitions = count_coalitions(
        touch_paths(walk_from([(1, 1, "order"), (2, 1, "Ads"), (2, 2, "order")]), conversion="order")
    )
    assert shares_of(coalitions) == {"Ads": 1, None: 1}
    assert give_fair_shares(coalitions)["share"].to_list() == [0.5, 0.5]


def test_an_unknown_worth_is_refused():
    with pytest.raises(ParameterError, match="did you mean 'rate'"):
        give_fair_shares(count_coalitions(touch_paths_of_table(TABLE)), worth="rates")


@settings(deadline=None, max_examples=60)
@given(events, st.sampled_from(WORTHS))
def test_credits_add_up_to_the_conversions(rows, worth):
    paths = touch_paths(walk_from(rows), conversion="order")
    given_credit = give_fair_shares(count_coalitions(paths), worth=worth)
    assert given_credit["conversions"].sum() == pytest.approx(paths.conversions.sum(), abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(events)
def test_the_closed_form_gives_the_same(rows):
    coalitions = count_coalitions(touch_paths(walk_from(rows), conversion="order"))
    closed = (
        coalitions.filter(pl.col("coalition").list.len() > 0)
        .with_columns(part=pl.col("conversions") / pl.col("coalition").list.len())
        .explode("coalition")
        .group_by("coalition")
        .agg(pl.col("part").sum())
    )
    found = {name: value for name, value in shares_of(coalitions).items() if name is not None}
    assert found == pytest.approx(dict(closed.iter_rows()), abs=1e-8)


@settings(deadline=None, max_examples=60)
@given(events, st.integers(1, 8))
def test_parts_merge_to_the_whole(rows, count):
    walk = walk_from(rows)
    whole = count_coalitions(touch_paths(walk, conversion="order"))
    parts = [count_coalitions(touch_paths(part, conversion="order")) for part in buckets(walk, count)]
    assert merge(parts, by=["coalition"]).equals(whole)
