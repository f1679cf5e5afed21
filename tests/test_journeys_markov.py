"""Markov chains: the exact solution of the oracle, the observed base rate, and what order 1 to k must agree with."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from conftest import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st
from test_journeys_attribution import ORACLE, TABLE, events, table_of_oracle, walk_from

from cjtools.errors import ParameterError
from cjtools.journeys.markov import (
    base_rate,
    chain_of,
    conversion_probability,
    count_moves,
    move_keys,
    removal_effects,
    transition_shares,
)
from cjtools.journeys.touch_paths import TouchPaths, first_touches, touch_paths, touch_paths_of_table
from cjtools.journeys.walks import buckets, merge, walk_of

needs_oracle = pytest.mark.skipif(not ORACLE.is_file(), reason="../shared/oracles is not here")


def oracle() -> dict:
    return json.loads(ORACLE.read_text("utf-8"))


def effects_of(paths: TouchPaths, column: str, order: int = 1) -> dict[str, float]:
    return dict(removal_effects(count_moves(paths, order=order)).select("channel", column).iter_rows())


@needs_oracle
def test_the_transition_matrix_is_that_of_channelattribution():
    shares = transition_shares(count_moves(touch_paths_of_table(table_of_oracle())))
    found = {(start, to): share for start, to, share in shares.select("back_1", "to", "share").iter_rows()}
    expected = {(start, to): p for start, row in oracle()["transition_matrix"].items() for to, p in row.items()}
    assert found == pytest.approx(expected, abs=1e-8)
    assert len(found) == 13


@needs_oracle
def test_removal_effects_are_the_exact_ones():
    paths = touch_paths_of_table(table_of_oracle())
    exact = oracle()["exact"]
    assert effects_of(paths, "removal_effect") == pytest.approx(exact["removal_effect"], abs=1e-8)
    assert effects_of(paths, "conversions") == pytest.approx(exact["attributed"], abs=1e-8)
    assert set(effects_of(paths, "base").values()) == {round(exact["base_conversion_probability"], 9)}
    assert sum(effects_of(paths, "conversions").values()) == pytest.approx(7, abs=1e-8)
    assert sum(effects_of(paths, "value").values()) == pytest.approx(65, abs=1e-8)


@needs_oracle
def test_the_simulated_numbers_are_near_the_exact_ones():
    found = effects_of(touch_paths_of_table(table_of_oracle()), "conversions")
    assert found == pytest.approx(oracle()["channelattribution_simulated"]["attributed_seed1"], rel=0.011)


@needs_oracle
@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_base_rate_of_the_oracle_is_the_observed_one(order):
    assert base_rate(chain_of(count_moves(touch_paths_of_table(table_of_oracle()), order=order))) == pytest.approx(
        7 / 18
    )


def test_a_chain_by_hand():
    # From the start A in 5 of 9, B in 4; A goes on to B in 2 of 5 and to C in 3; and so on: solved on paper.
    shares = transition_shares(count_moves(touch_paths_of_table(TABLE)))
    assert shares.select("back_1", "to", "n", "of").rows() == [
        ("(start)", "A", 5, 9), ("(start)", "B", 4, 9), ("A", "B", 2, 5), ("A", "C", 3, 5),
        ("B", "(conversion)", 1, 6), ("B", "(null)", 3, 6), ("B", "C", 2, 6), ("C", "(conversion)", 3, 5),
        ("C", "(null)", 2, 5),
    ]  # fmt: skip
    effects = effects_of(touch_paths_of_table(TABLE), "removal_effect")
    assert effects == pytest.approx({"A": 0.633333333, "B": 0.55, "C": 0.75}, abs=1e-8)


def test_loops_are_solved_and_not_cut():
    table = pl.DataFrame(
        {"path": [["A", "B"] * 40 + ["A"], ["A"]], "conversions": [1, 0], "lost": [0, 1], "value": [0, 0]}
    )
    effects = removal_effects(count_moves(touch_paths_of_table(table)))
    assert effects.select("channel", "removal_effect", "base").rows()[0] == ("A", 1.0, 0.5)


def test_moves_of_cut_journeys_are_an_error():
    moves = count_moves(touch_paths_of_table(TABLE))
    with pytest.raises(ArithmeticError, match="the moves are not of whole journeys"):
        removal_effects(moves.filter(pl.col("next").is_null() | (pl.col("next") != "C")))


def test_no_touch_is_no_row_and_no_conversion_no_effect():
    assert removal_effects(count_moves(touch_paths(walk_from([(1, 1, "order")]), conversion="order"))).is_empty()
    lost = removal_effects(count_moves(touch_paths(walk_from([(1, 1, "Ads")]), conversion="order")))
    assert lost.select("channel", "removal_effect", "conversions", "share", "n").rows() == [("Ads", 0, 0, None, 1)]


@pytest.mark.parametrize("order", [0, 7])
def test_an_order_that_cannot_be_counted_is_refused(order):
    with pytest.raises(ParameterError, match="expected 1 to 6"):
        count_moves(touch_paths_of_table(TABLE), order=order)


@settings(deadline=None, max_examples=60)
@given(events, st.integers(1, 4))
def test_the_base_rate_is_the_observed_one(rows, order):
    paths = touch_paths(walk_from(rows), conversion="order")
    moves = count_moves(paths, order=order)
    if moves.is_empty():
        return
    touched = np.unique(paths.journey)
    observed = paths.conversions[touched].sum() / len(touched)
    effects = removal_effects(moves)
    assert base_rate(chain_of(moves)) == pytest.approx(observed)
    assert effects["removal_effect"].is_between(-1e-9, 1 + 1e-9).all()
    assert effects["conversions"].sum() == pytest.approx(paths.conversions[touched].sum(), abs=1e-6)


def simulate_by_powers(moves: pl.DataFrame, without: str) -> float:
    """Another way to the same number: step the chain of order 1 until next to nothing is left of it."""
    chain = chain_of(moves)
    left = np.array([name != without for name in chain.last])
    moves, won = chain.moves.toarray() * left[:, None] * left, chain.wins * left
    for _ in range(20):  # twice as many steps each time
        won, moves = won + moves @ won, moves @ moves
    return float(won[chain.start])


@settings(deadline=None, max_examples=60)
@given(events)
def test_the_solution_is_where_the_chain_goes_step_by_step(rows):
    moves = count_moves(touch_paths(walk_from(rows), conversion="order"))
    if not moves.is_empty():
        for name in ("Ads", "Email"):
            exact = conversion_probability(chain_of(moves), without=name)
            assert exact == pytest.approx(simulate_by_powers(moves, name), abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from("ABC"), min_size=1, max_size=5), st.integers(0, 3), st.integers(0, 3)),
        min_size=1,
    )
)
def test_an_order_as_long_as_the_paths_loses_the_conversions_of_the_paths_with_the_channel(rows):
    table = pl.DataFrame(
        {"path": [path for path, _, _ in rows], "conversions": [won for _, won, _ in rows],
         "lost": [lost for _, _, lost in rows], "value": [0 for _ in rows]}
    )  # fmt: skip
    won = table["conversions"].sum()
    if won == 0:
        return
    effects = effects_of(touch_paths_of_table(table), "removal_effect", order=6)
    for name, effect in effects.items():
        touched = table.filter(pl.col("path").list.contains(name))["conversions"].sum()
        assert effect == pytest.approx(touched / won, abs=1e-8)


@settings(deadline=None, max_examples=60)
@given(events, st.integers(1, 3), st.integers(1, 8))
def test_parts_merge_to_the_whole(rows, order, count):
    walk = walk_from(rows)
    whole = count_moves(touch_paths(walk, conversion="order"), order=order)
    parts = [count_moves(touch_paths(part, conversion="order"), order=order) for part in buckets(walk, count)]
    merged = merge(parts, by=move_keys(order))
    assert merged.equals(whole)
    assert removal_effects(merged).equals(removal_effects(whole))


@settings(deadline=None, max_examples=60)
@given(events)
def test_moves_are_conserved(rows):
    paths = touch_paths(walk_from(rows), conversion="order")
    moves = count_moves(paths)
    assert moves["n"].sum() == len(paths.step) + len(first_touches(paths))


@needs_oracle
def test_the_shop_of_retentioneering_converts_as_observed():
    shop = pl.read_csv(SHARED / "oracles" / "ecom.csv.gz", try_parse_dates=True).with_row_index("row")
    walk = walk_of(shop, path="user_id", at="timestamp", step="event", order=["row"])
    paths = touch_paths(walk, conversion="purchase")
    touched = np.unique(paths.journey)
    for order in (1, 2):
        moves = count_moves(paths, order=order)
        assert base_rate(chain_of(moves)) == pytest.approx(paths.conversions[touched].sum() / len(touched))
        parts = [count_moves(touch_paths(part, conversion="purchase"), order=order) for part in buckets(walk, 16)]
        assert removal_effects(merge(parts, by=move_keys(order))).equals(removal_effects(moves))
