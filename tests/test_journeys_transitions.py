from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from walking import events, follow, named_paths, oracle, shop_walk, tied, timed, walk

from cjtools.journeys.contrast import contrasted
from cjtools.journeys.transitions import (
    Route,
    compare_transitions,
    count_gaps,
    count_transitions,
    finish_gaps,
    finish_transitions,
    follow_route,
    matrix,
    rest_of,
)
from cjtools.journeys.walks import buckets, keep, merge

PAIR = ["source", "target"]


def square(counts: pl.DataFrame, states: list[str], value: str = "n") -> list[list[int]]:
    return [list(row[1:]) for row in matrix(counts, steps=states, value=value).iter_rows()]


@pytest.mark.parametrize(("path", "name"), [(0, "user"), (2, "session")])
def test_transitions_per_user_and_per_session_are_as_expected(path, name):
    case = oracle("transition_matrix")
    counts = count_transitions(tied(case["rows"], path=path))
    assert square(counts, case["states"]) == case[f"{name}_count"]
    assert counts["n"].sum() == case[f"{name}_total"]
    assert finish_transitions(counts)["of_paths"].unique().to_list() == [case[f"{name}_paths"]]


def test_shares_follow_the_stated_rules():
    case = oracle("transition_matrix")
    counts = np.array(case["user_count"])
    shares = finish_transitions(count_transitions(tied(case["rows"], path=0)))
    with np.errstate(invalid="ignore"):
        rules = {
            "value": counts / counts.sum(axis=1, keepdims=True),
            "share_in": counts / counts.sum(axis=0, keepdims=True),
            "share": counts / counts.sum(),
            "per_path": counts / 3,
        }
    for column, wanted in rules.items():
        assert square(shares, case["states"], column) == pytest.approx(np.nan_to_num(wanted), abs=1e-9)


def test_differences_of_sessions_by_country_are_as_expected():
    case = oracle("transition_matrix")
    us, uk = (count_transitions(tied([row for row in case["rows"] if row[3] == at], path=2)) for at in ("US", "UK"))
    found = compare_transitions(us, uk, names=("US", "UK"))
    assert square(found, case["states"], "count_difference") == case["session_diff_US_minus_UK"]


def test_one_user_against_the_rest_is_as_expected():
    case = oracle("transition_matrix")
    whole = count_transitions(tied(case["rows"], path=0))
    one = count_transitions(tied([row for row in case["rows"] if row[0] == "user_1"], path=0))
    found = compare_transitions(one, rest_of(whole, one), names=("user_1", "<REST>"))
    assert square(found, case["states"], "count_difference") == case["user_diff_user1_minus_user2_user3"]
    assert set(found["of_a"]) == {1}
    assert set(found["of_b"]) == {2}
    assert found["few"].all()


@pytest.mark.parametrize("number", range(5))
def test_routes_are_followed_as_expected(number):
    expected = oracle("transition_matrix")["routes"]
    case = expected["cases"][number]
    found = follow_route(walk(expected["paths"], seconds=expected["step_seconds"]), case["route"])
    assert found.paths == case["unique_paths"]
    if "occurrences" in case:
        assert found.occurrences == case["occurrences"]
    if "median_s" in case:
        assert found.median_seconds == case["median_s"]
    if "proba" in case:
        assert found.probability == pytest.approx(case["proba"], abs=1e-9)


@pytest.mark.parametrize("path", ["user", "session"])
def test_the_shops_transitions_are_those_of_both_peers(path):
    expected = oracle("ecom_cross_engine")["retentioneering"][f"transitions_{path}"]
    found = count_transitions(shop_walk(path=f"{path}_id"))
    wanted = sorted((source, target, n) for source, row in expected.items() for target, n in row.items())
    assert found.select(*PAIR, "n").rows() == wanted


def test_two_walks_with_the_same_pairs_of_steps_in_other_order_differ():
    case = next(case for case in oracle("defects")["cases"] if case["id"] == "fingerprint-blind")["input"]
    assert not count_transitions(walk(case["paths_1"])).equals(count_transitions(walk(case["paths_2"])))


def test_a_missing_name_is_an_event_and_no_end():
    case = next(case for case in oracle("defects")["cases"] if case["id"] == "null-event")
    pairs = count_transitions(walk(case["input"])).select(*PAIR, "n").rows()
    assert ("a", "(missing)", 1) in pairs
    assert ("(missing)", "c", 1) in pairs


@pytest.mark.parametrize(
    ("moments", "seconds"),
    [
        (("2024-01-01 00:00:00.999", "2024-01-01 00:00:01.001"), 0.002),
        (("2024-01-01 00:00:00.001", "2024-01-01 00:00:00.999"), 0.998),
    ],
)
def test_times_below_a_second_are_exact(moments, seconds):
    found = timed({"u": [(moments[0], "a"), (moments[1], "b")]})
    assert finish_gaps(count_gaps(found))["median"].to_list() == [seconds]
    assert finish_transitions(count_transitions(found)).filter(pl.col("source") == "a")["seconds"].to_list() == [
        seconds
    ]


@settings(deadline=None, max_examples=60)
@given(events())
def test_transitions_are_those_of_a_counter(frame):
    paths = [["path_start", *(name for _, name in path), "path_end"] for path in named_paths(frame).values()]
    counted = Counter(pair for path in paths for pair in pairwise(path))
    distinct = Counter(pair for path in paths for pair in set(pairwise(path)))
    found = count_transitions(follow(frame))
    assert {(a, b): n for a, b, n in found.select(*PAIR, "n").iter_rows()} == counted
    assert {(a, b): n for a, b, n in found.select(*PAIR, "paths").iter_rows()} == distinct


@settings(deadline=None, max_examples=60)
@given(events())
def test_partials_of_buckets_add_up(frame):
    parts = buckets(follow(frame), 3)
    whole = count_transitions(follow(frame))
    assert merge([count_transitions(part) for part in parts], by=PAIR).equals(whole)
    gaps = merge([count_gaps(part) for part in parts], by=[*PAIR, "time"])
    assert gaps.equals(count_gaps(follow(frame)))
    assert whole["n"].sum() == len(frame) + frame["path"].n_unique()


@settings(deadline=None, max_examples=60)
@given(events())
def test_adding_a_path_adds_its_partial(frame):
    found = follow(frame)
    one, others = keep(found, found.path == 0), keep(found, found.path != 0)
    assert rest_of(count_transitions(found), count_transitions(one)).equals(count_transitions(others))


@settings(deadline=None, max_examples=60)
@given(events())
def test_probabilities_add_up_to_one(frame):
    found = finish_transitions(count_transitions(follow(frame)))
    assert found.group_by("source").agg(pl.col("value").sum())["value"].to_list() == pytest.approx(
        [1] * found["source"].n_unique()
    )
    assert found.group_by("target").agg(pl.col("share_in").sum())["share_in"].to_list() == pytest.approx(
        [1] * found["target"].n_unique()
    )
    assert found["share"].sum() == pytest.approx(1)
    assert ((found["low"] <= found["value"]) & (found["value"] <= found["high"])).all()


@settings(deadline=None, max_examples=60)
@given(events())
def test_quantiles_of_times_are_those_of_numpy_whatever_the_parts(frame):
    times: dict[tuple[str, str], list[int]] = {}
    for path in named_paths(frame).values():
        for (begin, source), (end, target) in pairwise(path):
            times.setdefault((source, target), []).append(end - begin)
    merged = merge([count_gaps(part) for part in buckets(follow(frame), 2)], by=[*PAIR, "time"])
    for row in finish_gaps(merged).iter_rows(named=True):
        values = np.array(times[row["source"], row["target"]]) / 10**6
        wanted = np.quantile(values, [0.25, 0.5, 0.75, 0.95])
        assert [row["q25"], row["median"], row["q75"], row["q95"]] == pytest.approx(wanted, abs=1e-9)
        assert row["mean"] == pytest.approx(values.mean(), abs=1e-9)


@pytest.mark.parametrize(("by", "of"), [("paths", (2, 1)), ("out", (2, 1)), ("in", (1, 1)), ("share", (7, 2))])
def test_each_comparison_says_what_its_shares_are_of(by, of):
    a, b = (count_transitions(walk(paths)) for paths in ({"u": ["a", "b"], "v": ["a", "a", "c"]}, {"u": ["b"]}))
    row = compare_transitions(a, b, by=by).filter(pl.col("source") == "path_start", pl.col("target") == "b")
    assert row.select("n_a", "n_b", "of_b", "value_b").row(0) == (0, 1, of[1], 1 / of[1])
    assert row["of_a"].to_list() == [of[0] if by != "in" else 1]


def test_one_user_against_one_is_shown_with_n_an_interval_and_a_mark():
    case = next(case for case in oracle("defects")["cases"] if case["id"] == "tiny-diff")
    assert "n and interval shown" in case["right"]
    shop = shop_walk()
    with_purchase, without = (
        keep(shop, shop.path == path) for path in pairs_of_users(shop.names.index("purchase"), shop)
    )
    found = compare_transitions(count_transitions(with_purchase), count_transitions(without))
    assert set(found["of_a"]) == set(found["of_b"]) == {1}
    assert found["few"].all()
    assert ((found["high"] - found["low"]) > 1).all()


def pairs_of_users(code, shop):
    buyers = set(shop.path[shop.step == code].tolist())
    return min(buyers), min(set(shop.path.tolist()) - buyers)


def test_the_interval_of_a_difference_is_newcombes():
    # Newcombe (1998), table II, example (a): 56/70 against 48/80, method 10.
    row = contrasted(pl.DataFrame({"n_a": [56], "of_a": [70], "n_b": [48], "of_b": [80]})).row(0, named=True)
    assert (round(row["difference"], 4), round(row["low"], 4), round(row["high"], 4)) == (0.2, 0.0524, 0.3339)


def test_groups_without_paths_have_no_interval():
    empty = count_transitions(walk({}))
    found = compare_transitions(count_transitions(walk({"u": ["a"]})), empty)
    assert found["difference"].null_count() == found["per_path_difference"].null_count() == len(found) == 2
    assert finish_transitions(empty).is_empty()
    assert finish_gaps(count_gaps(walk({}))).is_empty()


def test_a_route_that_nobody_follows_has_no_time():
    assert follow_route(walk({"u": ["a", "b"]}), ["b", "z"]) == Route(0, 0, None, 0.0)
