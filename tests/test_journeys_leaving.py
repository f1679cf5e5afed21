from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walking import events, follow, named_paths, oracle, shop_walk, timed, walk

from cjtools.intervals import wilson
from cjtools.journeys.clicks import ANOMALIES, ClickRules, count_odd_clicks, odd_click_rates
from cjtools.journeys.leaving import (
    count_engagement,
    count_leaving,
    engagement_rates,
    leaving_rates,
)
from cjtools.journeys.walks import buckets, merge


def test_entries_and_exits_of_the_bundled_shop_are_those_of_the_peer():
    expected = oracle("ecom_cross_engine")["retentioneering"]["transitions_session"]
    counts = count_leaving(shop_walk(path="session_id"))
    entries = {step: n for step, n in counts.select("step", "entries").iter_rows() if n}
    exits = {step: n for step, n in counts.select("step", "exits").iter_rows() if n}
    assert entries == expected["path_start"]
    assert exits == {step: row["path_end"] for step, row in expected.items() if "path_end" in row}
    rates = leaving_rates(counts)
    assert rates.filter(measure="entry")["of"].unique().to_list() == [3605]


def test_the_length_of_the_shops_sessions_is_that_of_the_peer():
    expected = oracle("ecom_cross_engine")["retentioneering"]
    row = count_engagement(shop_walk(path="session_id")).row(0, named=True)
    assert row["sessions"] == expected["sessions_by_timeout"]["30m"]
    assert row["views"] / row["sessions"] == pytest.approx(expected["session_length_mean"])
    assert row["time"] / row["sessions"] / 1e6 == pytest.approx(expected["session_duration_mean_s"])


def test_the_exit_rate_of_a_page_is_that_of_the_peer():
    case = next(case for case in oracle("conversion_rate")["cases"] if case["name"] == "exit rate")
    rates = leaving_rates(count_leaving(timed(case["paths"])))
    row = rates.filter(step=case["start"], measure="exit_session").row(0, named=True)
    assert (row["n"], row["of"], row["value"]) == (
        case["within_events"]["1"],
        case["paths_with_start"],
        case["conversion_rate"],
    )


def test_both_definitions_of_an_exit_stand_side_by_side():
    found = walk({"1": ["a", "b", "a"], "2": ["a"], "3": ["b", "b"]})
    rates = leaving_rates(count_leaving(found))
    exits = rates.filter(pl.col("measure").str.starts_with("exit")).select("step", "measure", "n", "of")
    assert exits.rows() == [
        ("a", "exit_session", 2, 2),
        ("a", "exit_view", 2, 3),
        ("b", "exit_session", 1, 2),
        ("b", "exit_view", 1, 3),
    ]
    bounce = rates.filter(measure="bounce").select("step", "n", "of")
    assert bounce.rows() == [("a", 1, 2), ("b", 0, 1)]


def test_a_high_exit_is_above_the_sites_own_rate_and_a_terminal_page_is_marked_instead():
    rows = [("help", 100, 100, 0, 60, 0), ("list", 400, 900, 0, 40, 0), ("thanks", 100, 100, 0, 99, 0)]
    names = ["step", "sessions", "views", "entries", "exits", "alone"]
    counts = pl.DataFrame(rows, schema=names, orient="row")
    rates = leaving_rates(counts, terminal=["thanks"]).filter(measure="exit_session")
    assert rates.select("step", "terminal", "above").rows() == [
        ("help", False, True),
        ("list", False, False),
        ("thanks", True, False),
    ]
    base = pl.DataFrame({"n": [100], "of": [500]}).select(wilson(pl.col("n"), pl.col("of"))).row(0)
    assert rates.select("base", "base_low", "base_high").unique().rows() == [base]
    assert leaving_rates(counts).filter(measure="entry")["base"].to_list() == [None] * 3


def test_events_that_are_no_views_end_no_session():
    found = walk({"1": ["a", "b", "scroll"]})
    counts = count_leaving(found, views=np.array([True, True, False]))
    assert counts.select("step", "exits").rows() == [("a", 0), ("b", 1)]


def test_a_session_is_engaged_by_time_key_event_or_two_views():
    rules = oracle("sessions")["ga4_rules"]
    assert rules["engaged"] == "longer than 10 seconds OR >=1 key event OR >=2 page/screen views"
    sessions = {"ten": 10_000_000, "longer": 10_000_001, "key": 1, "views": 1}
    rows = [(name, at, step) for name, long in sessions.items() for at, step in ((0, "a"), (long, "x"))]
    frame = pl.DataFrame(rows, schema=["path", "at", "step"], orient="row").with_row_index("row")
    found = follow(frame)
    # Paths in order of their names: key, longer, ten, views.
    views = np.array([1, 0, 1, 0, 1, 0, 1, 1], dtype=np.bool_)
    key = np.array([0, 1, 0, 0, 0, 0, 0, 0], dtype=np.bool_)
    counts = count_engagement(found, views=views, key=key)
    assert counts.select("sessions", "engaged", "alone", "views").row(0) == (4, 3, 3, 5)
    shares = dict(engagement_rates(counts).select("measure", "value").iter_rows())
    assert shares == {"alone": 0.75, "bounce": 0.25, "engaged": 0.75}


def test_going_back_and_forth_is_counted_where_one_goes_and_returns_from():
    once, twice = walk({"1": ["a", "b", "a"]}), walk({"1": ["a", "b", "b", "a", "b", "a"]})
    assert odd(once, "back_and_forth") == []
    assert odd(twice, "back_and_forth") == ["b"]
    assert odd(walk({"1": ["a", "b", "a"], "2": ["b", "a", "b"]}), "back_and_forth") == []


def test_the_same_again_and_again_counts_when_it_is_quick():
    assert odd(walk({"1": ["a"] * 3}, seconds=2), "repeats") == ["a"]
    assert odd(walk({"1": ["a"] * 3}, seconds=3), "repeats") == []
    assert odd(walk({"1": ["a", "b", "a", "a"]}, seconds=1), "repeats") == []


def test_a_long_way_that_reaches_a_goal_is_no_wandering():
    rules = ClickRules(long=4)
    found = walk({"1": ["a", "b", "a", "c"], "2": ["a", "b", "a", "buy"], "3": ["a"]})
    table = count_odd_clicks(found, goals=["buy"], rules=rules).filter(anomaly="wandering")
    assert table.select("step", "n", "of").rows() == [("a", 1, 3), ("b", 1, 2), ("buy", 0, 1), ("c", 1, 1)]
    assert odd_click_rates(table).filter(step="a").select("n", "of", "base").row(0) == (1, 3, round(3 / 7, 9))


def odd(found, anomaly) -> list[str]:
    table = count_odd_clicks(found).filter(pl.col("anomaly") == anomaly, pl.col("n") > 0)
    return table["step"].to_list()


@settings(max_examples=150, deadline=None)
@given(events())
def test_leaving_agrees_with_looking_at_each_session(frame):
    paths = [[name for _, name in path] for path in named_paths(frame).values()]
    expected = [
        (
            step,
            sum(step in path for path in paths),
            sum(path.count(step) for path in paths),
            sum(path[0] == step for path in paths),
            sum(path[-1] == step for path in paths),
            sum(path == [step] for path in paths),
        )
        for step in sorted({name for path in paths for name in path})
    ]
    counts = count_leaving(follow(frame))
    assert counts.rows() == expected
    assert counts["entries"].sum() == counts["exits"].sum() == len(paths)


@settings(max_examples=150, deadline=None)
@given(events(), st.integers(1, 2), st.integers(2, 4), st.integers(0, 3), st.integers(1, 6))
def test_odd_clicks_agree_with_looking_at_each_session(frame, returns, repeats, pause, long):
    rules = ClickRules(returns, repeats, dt.timedelta(microseconds=pause), long)
    found = dict.fromkeys(itertools.product("abcd", ANOMALIES), 0)
    for path in named_paths(frame).values():
        flat = [name for name, _ in itertools.groupby(name for _, name in path)]
        lost = len(path) >= long and "d" not in flat
        for step in set(flat):
            ways = sum(b == step and a == c for a, b, c in zip(flat, flat[1:], flat[2:], strict=False))
            quick = [
                all(name == step for _, name in part) and all(b[0] - a[0] <= pause for a, b in itertools.pairwise(part))
                for part in (path[row : row + repeats] for row in range(len(path) - repeats + 1))
            ]
            found[step, "back_and_forth"] += ways >= returns
            found[step, "repeats"] += any(quick)
            found[step, "wandering"] += lost
    table = count_odd_clicks(follow(frame), goals=["d"], rules=rules)
    assert all(n == found[step, name] for step, name, n in table.select("step", "anomaly", "n").iter_rows())
    assert table["n"].sum() == sum(found.values())
    assert (table["n"] <= table["of"]).all()


@settings(max_examples=100, deadline=None)
@given(events(), st.integers(1, 5), st.integers(0, 99))
def test_parts_add_up_and_the_order_of_rows_decides_nothing(frame, count, seed):
    shuffled = follow(frame.sample(fraction=1, shuffle=True, seed=seed))
    for measure, keys in (
        (count_leaving, ["step"]),
        (count_odd_clicks, ["step", "anomaly"]),
        (lambda part: count_engagement(part).with_columns(all=pl.lit(1)), ["all"]),
    ):
        whole = measure(follow(frame))
        assert measure(shuffled).equals(whole)
        merged = merge([measure(part) for part in buckets(follow(frame), count)], by=keys)
        assert merged.select(whole.columns).equals(whole)
