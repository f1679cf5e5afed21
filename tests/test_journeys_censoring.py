from __future__ import annotations

import datetime as dt
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walking import events, follow, named_paths, oracle, shop_walk, timed

from cjtools.journeys.censoring import (
    EPOCH,
    KEYS,
    SCHEMA,
    count_retained,
    count_times_between,
    count_waits,
    retention_rate,
    survival,
    times_with_censoring,
)
from cjtools.journeys.walks import SECOND, buckets, merge, step_code

END = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


def moment(micro: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=micro)


def test_who_buys_within_half_an_hour_of_the_cart_is_as_many_as_the_peer_says():
    expected = oracle("ecom_cross_engine")["retentioneering"]["conv_cart_purchase_30m_session"]
    found = shop_walk(path="session_id")
    times = count_times_between(found, [(expected["start_anchor"], expected["end_anchor"])], until=END)
    within = times.filter(pl.col("time") <= 1800 * SECOND)["came"].sum()
    assert times["came"].sum() + times["censored"].sum() == expected["paths_with_start"]
    assert within == expected["converted"]
    assert within / expected["paths_with_start"] == expected["conversion_rate"]
    buyers = count_times_between(found, [(None, "purchase")], until=END)
    assert buyers["came"].sum() / 3605 == pytest.approx(expected["base_rate"])
    assert step_code(found, "purchase") >= 0


CASES = ["order matters", "repeat of the same event", "within time, far edge included"]


@pytest.mark.parametrize("name", [*CASES, "window from the start event, not the path start"])
def test_times_between_two_steps_give_the_conversions_of_the_peer(name):
    case = next(case for case in oracle("conversion_rate")["cases"] if case["name"] == name)
    times = count_times_between(timed(case["paths"]), [(case["start"], case["end"])], until=END)
    if "converted" in case:
        assert times["came"].sum() == case["converted"]
        assert times["came"].sum() + times["censored"].sum() == case["paths_with_start"]
    for seconds, people in case.get("within_seconds", {}).items():
        assert times.filter(pl.col("time") <= int(seconds) * SECOND)["came"].sum() == people


def test_half_of_the_people_is_counted_with_those_who_have_not_come():
    # Freireich's leukaemia trial of 1963, treated: the textbook case, in weeks of remission.
    came, censored = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    rows = [("a", "b", week * SECOND, 1, 0) for week in came] + [("a", "b", week * SECOND, 0, 1) for week in censored]
    counts = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    merged = merge([counts], by=[*KEYS, "time"])
    row = times_with_censoring(merged).row(0, named=True)
    assert (row["n"], row["came"], row["censored"]) == (21, 9, 12)
    assert (row["q25"], row["median"], row["q75"]) == (13.0, 23.0, None)
    # By hand: the lower band is 0.503 at 10 weeks and 0.432 at 13; the upper one never comes down to one half.
    assert (row["low"], row["high"]) == (13.0, None)
    curve = {int(time / SECOND): value for time, value in survival(merged).select("time", "survival").iter_rows()}
    assert [round(curve[week], 4) for week in (6, 7, 10, 13, 16, 22, 23)] == [
        0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482,
    ]  # fmt: skip


def test_where_nobody_is_censored_the_median_is_that_of_the_times():
    counts = pl.DataFrame([("a", "b", time * SECOND, 1, 0) for time in (1, 2, 3, 4)], schema=SCHEMA, orient="row")
    assert times_with_censoring(counts).select("q25", "median", "q75").row(0) == (1.0, 2.0, 3.0)


def test_where_nobody_came_there_is_no_median_and_no_error():
    counts = pl.DataFrame([("a", "b", SECOND, 0, 5)], schema=SCHEMA, orient="row")
    assert times_with_censoring(counts).row(0) == ("a", "b", 5, 0, 5, None, None, None, None, None)
    assert times_with_censoring(pl.DataFrame(schema=SCHEMA)).is_empty()


def test_the_time_to_the_first_purchase_may_be_nothing_and_ends_with_the_period():
    rows = [
        ("u", 0, "buy"),
        ("v", 1, "a"),
        ("v", 5, "buy"),
        ("v", 6, "buy"),
        ("w", 2, "a"),
        ("w", 9, "buy"),
        ("x", 9, "a"),
    ]
    frame = pl.DataFrame(rows, schema=["path", "at", "step"], orient="row").with_row_index("row")
    times = count_times_between(follow(frame), [(None, "buy")], until=moment(8))
    assert times.rows() == [(None, "buy", 0, 1, 0), (None, "buy", 4, 1, 0), (None, "buy", 6, 0, 1)]


def test_a_wait_lasts_from_the_last_of_a_run_to_whatever_comes_next():
    rows = [("u", 0, "a"), ("u", 1, "a"), ("u", 4, "b"), ("u", 6, "a"), ("v", 3, "b")]
    frame = pl.DataFrame(rows, schema=["path", "at", "step"], orient="row").with_row_index("row")
    waits = count_waits(follow(frame), until=moment(10))
    assert waits.rows() == [("a", None, 3, 1, 0), ("a", None, 4, 0, 1), ("b", None, 2, 1, 0), ("b", None, 7, 0, 1)]


def test_retention_is_of_those_known_long_enough():
    day = 86_400 * SECOND
    rows = [("u", 0, "a"), ("u", 9 * day, "a"), ("v", day, "a"), ("w", 8 * day, "a"), ("x", 11 * day, "a")]
    frame = pl.DataFrame(rows, schema=["path", "at", "step"], orient="row").with_row_index("row")
    rate = retention_rate(count_retained(follow(frame), until=moment(10 * day), days=7))
    assert rate.select("known", "stayed", "too_new", "value").row(0) == (2, 1, 1, 0.5)
    assert retention_rate(count_retained(follow(frame), until=moment(day), days=7))["value"].to_list() == [None]


def plain_times(paths, start, end, until) -> list[tuple[int, bool]]:
    found = []
    for path in paths:
        known = [(at, name) for at, name in path if at <= until]
        begin = next((row for row, (_, name) in enumerate(known) if start in (None, name)), None)
        if begin is not None:
            later = known[begin + (start is not None) :]
            stop = next((at for at, name in later if name == end), None)
            found.append(((until if stop is None else stop) - known[begin][0], stop is not None))
    return found


def plain_quartile(times, level) -> int | None:
    left = Fraction(1)
    for time in sorted({time for time, _ in times}):
        risk = sum(other >= time for other, _ in times)
        left *= 1 - Fraction(sum(other == time and came for other, came in times), risk)
        if left <= 1 - level:
            return time
    return None


STEP = st.sampled_from("abcd")


@settings(max_examples=200, deadline=None)
@given(events(), st.one_of(st.none(), STEP), STEP, st.integers(0, 12))
def test_times_and_quartiles_agree_with_looking_at_each_person(frame, start, end, until):
    counts = count_times_between(follow(frame), [(start, end)], until=moment(until))
    times = plain_times(named_paths(frame).values(), start, end, until)
    listed = [(time, bool(came)) for _, _, time, came, lost in counts.iter_rows() for came in [1] * came + [0] * lost]
    assert sorted(listed) == sorted(times)
    found = times_with_censoring(counts)
    assert found.height == bool(times)
    for name, level in (("q25", Fraction(1, 4)), ("median", Fraction(1, 2)), ("q75", Fraction(3, 4))):
        expected = plain_quartile(times, level)
        assert found[name].to_list() == ([] if not times else [None if expected is None else expected / SECOND])


@settings(max_examples=100, deadline=None)
@given(events(), st.integers(0, 12))
def test_waits_agree_with_looking_at_each_person(frame, until):
    expected = []
    for path in named_paths(frame).values():
        known = [(at, name) for at, name in path if at <= until]
        for row, (at, name) in enumerate(known):
            if row + 1 == len(known):
                expected.append((name, until - at, False))
            elif known[row + 1][1] != name:
                expected.append((name, known[row + 1][0] - at, True))
    waits = count_waits(follow(frame), until=moment(until))
    listed = [(row[0], row[2], bool(came)) for row in waits.iter_rows() for came in [1] * row[3] + [0] * row[4]]
    assert sorted(listed) == sorted(expected)


@settings(max_examples=100, deadline=None)
@given(events(), st.integers(1, 5), st.integers(0, 99), st.integers(0, 12))
def test_parts_add_up_and_the_order_of_rows_decides_nothing(frame, count, seed, until):
    pairs = [("a", "b"), ("b", "a"), (None, "c")]
    shuffled = follow(frame.sample(fraction=1, shuffle=True, seed=seed))
    for measure in (
        lambda part: count_times_between(part, pairs, until=moment(until)),
        lambda part: count_waits(part, until=moment(until)),
    ):
        whole = measure(follow(frame))
        assert measure(shuffled).equals(whole)
        assert merge([measure(part) for part in buckets(follow(frame), count)], by=[*KEYS, "time"]).equals(whole)
