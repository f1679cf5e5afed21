import datetime as dt
import statistics

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walking import events, follow, named_paths, oracle, shop_walk, ties, walk

from cjtools.journeys.split import (
    after_change,
    after_pause,
    count_sessions,
    cut,
    cut_given,
    cut_marked,
    finish_sessions,
    local_days,
    mark_bounds,
    mark_separators,
    session_ids,
)
from cjtools.journeys.walks import MINUTE, SECOND, Walk, buckets, merge, opens, walk_of


def at(*moments: str) -> Walk:
    times = [dt.datetime.fromisoformat(moment) for moment in moments]
    return walk_of(pl.DataFrame({"u": [1] * len(times), "at": times, "e": "x"}), path="u", at="at", step="e")


@pytest.mark.parametrize("number", range(4))
def test_sessions_by_a_pause_are_as_expected_and_the_edge_is_stated(number):
    case = oracle("sessions")["cases"][number]
    begins = after_pause(
        at(*case["ts"]), timeout=case["timeout_s"] * SECOND, edge="new" if case["src"] == "B" else "same"
    )
    assert (cut(at(*case["ts"]), begins).walk.path + 1).tolist() == case["sessions"]


def test_a_pause_of_exactly_thirty_minutes_stays_unless_told():
    half = at("2024-01-01 00:00:00", "2024-01-01 00:30:00", "2024-01-01 01:00:00.000001")
    assert after_pause(half).tolist() == [True, False, True]
    assert after_pause(half, edge="new").tolist() == [True, True, True]


@pytest.mark.parametrize("number", range(2))
def test_separators_begin_sessions(number):
    case = oracle("sessions")["separator_cases"][number]
    found = mark_separators(walk({"u": case["events"]}), case["separator"])
    kept = [event for event, stays in zip(case["events"], found.kept, strict=True) if stays]
    assert kept == case["kept"]
    assert [place or None for place in found.session[found.kept].tolist()] == case["session_index"]


def test_bounds_enclose_sessions():
    case = oracle("sessions")["bounds_cases"][0]
    whole = walk({"u": case["events"]})
    sessions = cut_marked(whole, mark_bounds(whole, case["start"], case["end"]))
    assert [whole.names[code] for code in sessions.walk.step] == case["kept"]
    assert (sessions.walk.path + 1).tolist() == case["session_index"]


def test_bounds_of_tied_events_are_the_same_on_every_run():
    case = next(case for case in oracle("defects")["cases"] if case["id"] == "ties-bounds")
    assert case["peer"].startswith("6811, 6809, 6811, 6811 sessions")
    for seed in range(3):
        found = follow(ties().sample(fraction=1, shuffle=True, seed=seed))
        assert len(cut_marked(found, mark_bounds(found, "a", "h"))) == 6811


@settings(deadline=None, max_examples=60)
@given(events())
def test_bounds_are_those_of_a_plain_loop(frame):
    found = mark_bounds(follow(frame), "a", "d")
    wanted = []
    for _, path in sorted(named_paths(frame).items()):
        number, inside = 0, False
        for _, name in path:
            number += name == "a" and not inside
            inside = name == "a" or (inside and name != "d")
            wanted.append(number if inside else 0)
    assert found.session.tolist() == wanted


@settings(deadline=None, max_examples=60)
@given(events(), st.integers(0, 3))
def test_sessions_are_those_of_a_plain_loop(frame, timeout):
    wanted, number = [], -1
    for _, path in sorted(named_paths(frame).items()):
        for place, (moment, _) in enumerate(path):
            number += place == 0 or moment - path[place - 1][0] > timeout
            wanted.append(number)
    found = follow(frame)
    sessions = cut(found, after_pause(found, timeout=timeout))
    assert sessions.walk.path.tolist() == wanted
    assert len(sessions) == len(session_ids(sessions)) == len(set(session_ids(sessions)))


def test_a_session_is_named_after_its_path_and_its_number_there():
    found = walk({"b": ["x", "x"], "a": ["x"]}, seconds=3600)
    assert session_ids(cut(found, after_pause(found))) == ["a/1", "b/1", "b/2"]


def test_a_day_of_the_clients_zone_may_split_sessions():
    night = at("2026-07-01 21:59:00", "2026-07-01 22:01:00")
    assert after_change(night, local_days(night, zone="Europe/Madrid")).tolist() == [True, True]
    assert after_change(night, local_days(night)).tolist() == [True, False]


def test_another_campaign_may_split_sessions_but_none_does_not():
    found = walk({"u": ["x"] * 5, "v": ["x"] * 2})
    campaigns = np.array([-1, 4, -1, 4, 5, -1, 5])
    assert after_change(found, campaigns).tolist() == [True, False, False, False, True, True, False]


def test_given_sessions_stay_whole_when_they_interleave_and_others_go_by_the_pause():
    found = walk({"u": ["x"] * 6, "v": ["x"]}, seconds=60)
    sessions = cut_given(found, np.array([7, 8, 7, -1, -1, 8, 7]), after_pause(found))
    assert sessions.walk.path.tolist() == [0, 0, 1, 1, 2, 2, 3]
    assert sessions.walk.at.tolist()[:4] == [0, 2 * MINUTE, MINUTE, 5 * MINUTE]
    assert sessions.owner.tolist() == [0, 0, 0, 1]


@settings(deadline=None, max_examples=60)
@given(events())
def test_sessions_of_buckets_add_up(frame):
    found = follow(frame)
    sessions = cut(found, after_pause(found, timeout=2)).walk
    parts = [cut(part, after_pause(part, timeout=2)).walk for part in buckets(found, 3)]
    merged = merge([count_sessions(part) for part in parts], by=["events", "time"])
    assert merged.equals(count_sessions(sessions))
    assert (merged["events"] * merged["n"]).sum() == len(frame)


@pytest.mark.parametrize("minutes", [10, 30, 60])
def test_the_shop_has_as_many_sessions_as_in_both_peers(minutes):
    wanted = oracle("ecom_cross_engine")["retentioneering"]["sessions_by_timeout"][f"{minutes}m"]
    users = shop_walk()
    assert len(cut(users, after_pause(users, timeout=minutes * MINUTE))) == wanted


def test_the_shops_sessions_are_as_long_as_in_both_peers():
    expected = oracle("ecom_cross_engine")
    counts = count_sessions(shop_walk(path="session_id"))
    length, seconds = finish_sessions(counts).to_dicts()
    assert length["n"] == seconds["n"] == 3605
    assert length["mean"] == pytest.approx(expected["retentioneering"]["session_length_mean"], abs=1e-9)
    for peer, name in (
        (expected["retentioneering"], "session_duration_{}_s"),
        (expected["pm4py"], "case_duration_{}_s_session_id"),
    ):
        assert seconds["mean"] == pytest.approx(peer[name.format("mean")], abs=1e-9)
        assert seconds["median"] == peer[name.format("median")]


def test_the_shops_users_are_there_as_long_as_in_the_peer():
    expected = oracle("ecom_cross_engine")["pm4py"]
    seconds = finish_sessions(count_sessions(shop_walk())).row(1, named=True)
    assert seconds["mean"] == pytest.approx(expected["case_duration_mean_s_user_id"], abs=1e-6)
    assert seconds["median"] == expected["case_duration_median_s_user_id"]


def test_the_shops_given_sessions_are_those_by_the_pause():
    users, given_ids = shop_walk(), shop_walk(path="session_id")
    assert count_sessions(cut(users, after_pause(users)).walk).equals(count_sessions(given_ids))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_quantiles_of_counted_values_are_exact(values):
    found = walk({str(number): ["x"] * (value + 1) for number, value in enumerate(values)}, seconds=1)
    row = finish_sessions(count_sessions(found)).row(1, named=True)
    levels = np.quantile(values, [0.25, 0.5, 0.75, 0.95])
    assert [row["q25"], row["median"], row["q75"], row["q95"]] == pytest.approx(levels.tolist())
    assert row["mean"] == pytest.approx(statistics.fmean(values))


def test_no_events_make_no_sessions():
    empty = walk({})
    assert len(cut(empty, after_pause(empty))) == len(cut_given(empty, np.array([], np.int64), opens(empty))) == 0
    assert after_change(empty, np.array([], np.int64)).tolist() == mark_bounds(empty, "a", "b").session.tolist() == []
