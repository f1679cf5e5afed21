import datetime as dt
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from walking import events, oracle, shop_walk

from cjtools.journeys.lifecycle import (
    active_periods,
    count_lifecycle,
    count_states,
    periods,
    recency_frequency_value,
)
from cjtools.journeys.retention import count_retention, finish_retention
from cjtools.journeys.walks import DAY, Walk, buckets, merge, walk_of

EPOCH = dt.date(1970, 1, 1)
STATES = ["new", "returning", "resurrecting", "dormant"]


def days(active: dict[str, list[str]]) -> Walk:
    rows = [(who, dt.date.fromisoformat(day), "x") for who, when in active.items() for day in when]
    frame = pl.DataFrame(rows, schema={"path": pl.String, "at": pl.Date, "step": pl.String}, orient="row")
    return walk_of(frame, path="path", at="at", step="step")


def number(day: str, every: str = "day") -> int:
    since = pl.Series([(dt.date.fromisoformat(day) - EPOCH).days]).to_numpy()
    return int(periods(since, every=every)[0])


def daily(frame: pl.DataFrame) -> Walk:
    spread = frame.with_columns(pl.col("at") * DAY * 4)
    return walk_of(spread, path="path", at="at", step="step", order=["row"])


def test_states_of_each_day_are_as_expected():
    case = oracle("lifecycle")
    first, last = number(case["from_"]), number(case["to"])
    found = count_lifecycle(active_periods(days(case["active_days"])), first=first, last=last)
    assert found["period"].to_list() == list(range(first, last + 1))
    for state in STATES:
        assert found[state].to_list() == case[state]


@pytest.mark.parametrize("every", ["day", "month"])
def test_retention_is_as_expected(every):
    case = oracle("retention_matrix")[every]
    first_day = "" if every == "day" else "-15"
    active = {who: [day + first_day for day in when] for who, when in case["active"].items()}
    first, last = (number(case["intervals"][place] + first_day, every) for place in (0, -1))
    counts = count_retention(active_periods(days(active), every=every), first=first, last=last)
    rows = counts.group_by("cohort", maintain_order=True).agg("n")["n"].to_list()
    assert rows == case["matrix"]
    found = finish_retention(counts, every=every)
    assert [day.isoformat()[: len(case["intervals"][0])] for day in found["cohort"].unique().sort()] == case[
        "intervals"
    ]


def test_a_new_cohort_counts_people_once_and_knows_what_came_before():
    active = active_periods(
        days({"u": ["2026-07-01", "2026-07-03"], "v": ["2026-06-30", "2026-07-02"], "w": ["2026-07-02"]})
    )
    counts = count_retention(active, first=number("2026-07-01"), last=number("2026-07-03"), cohorts="new")
    found = finish_retention(counts, open_last=True)
    assert found.select("cohort", "after", "n", "of", "open").rows() == [
        (dt.date(2026, 7, 1), 0, 1, 1, False),
        (dt.date(2026, 7, 1), 1, 0, 1, False),
        (dt.date(2026, 7, 1), 2, 1, 1, True),
        (dt.date(2026, 7, 2), 0, 1, 1, False),
        (dt.date(2026, 7, 2), 1, 0, 1, True),
        (dt.date(2026, 7, 3), 0, 0, 0, True),
    ]
    assert found["value"].to_list() == [1.0, 0.0, 1.0, 1.0, 0.0, None]


def test_the_shops_days_by_state_are_those_of_the_peer():
    expected = oracle("ecom_cross_engine")["retentioneering"]["daily_states_counts"]
    active = active_periods(shop_walk())
    found = dict(count_states(active, last=int(active["period"].max())).iter_rows())
    names = {"at_risk_wau": "at_risk_week", "at_risk_mau": "at_risk_month"}
    assert {name: found[names.get(name, name)] for name in expected} == expected
    assert found["gone"] == 2393


@settings(deadline=None, max_examples=60)
@given(events())
def test_each_day_from_the_first_on_has_one_state(frame):
    active = active_periods(daily(frame))
    last = int(active["period"].max()) + 40
    found = dict(count_states(active, last=last).iter_rows())
    first = active.group_by("path").agg(pl.col("period").min())["period"]
    assert sum(found.values()) == (last + 1 - first).sum()
    assert found["new"] + found["current"] + found["reactivated"] + found["resurrected"] == len(active)


@settings(deadline=None, max_examples=60)
@given(events())
def test_states_of_parts_add_up_and_follow_each_other(frame):
    found, last = daily(frame), 50
    whole = count_lifecycle(active_periods(found), first=0, last=last)
    parts = [count_lifecycle(active_periods(part), first=0, last=last) for part in buckets(found, 3)]
    assert merge(parts, by=["period"]).equals(whole)
    active = whole["new"] + whole["returning"] + whole["resurrecting"]
    for (before, now), returning, dormant in zip(
        pairwise(active), whole["returning"][1:], whole["dormant"][1:], strict=True
    ):
        assert now >= returning
        assert before == returning - dormant
    assert whole["new"].sum() == frame["path"].n_unique()
    states = merge([count_states(active_periods(part), last=last) for part in buckets(found, 3)], by=["state"])
    assert states.equals(count_states(active_periods(found), last=last))


@pytest.mark.parametrize("cohorts", ["active", "new"])
@settings(deadline=None, max_examples=60)
@given(events())
def test_retention_of_parts_adds_up_and_is_a_plain_count(cohorts, frame):
    found = daily(frame)
    sets: dict[int, set[int]] = {}
    for path, period in active_periods(found).iter_rows():
        sets.setdefault(path, set()).add(period)
    counts = count_retention(active_periods(found), first=3, last=36, cohorts=cohorts)
    parts = [count_retention(active_periods(part), first=3, last=36, cohorts=cohorts) for part in buckets(found, 3)]
    assert merge(parts, by=["cohort", "after"]).equals(counts)
    for cohort, after, n in counts.iter_rows():
        members = [held for held in sets.values() if cohort in held and (cohorts == "active" or cohort == min(held))]
        assert n == sum(cohort + after in held for held in members)


def purchases() -> pl.DataFrame:
    case = oracle("rfm")
    frame = pl.DataFrame(case["rows"], schema=case["columns"], orient="row")
    return frame.with_columns(pl.col("date").str.to_date())


def bought(frame: pl.DataFrame, *, until: str, every: str = "day") -> pl.DataFrame:
    return recency_frequency_value(
        frame, person="id", day="date", value="value", until=number(until, every), every=every
    )


def test_recency_frequency_and_value_by_day_are_as_expected():
    case = oracle("rfm")
    found = bought(purchases(), until=case["period_end"])
    rows = found.select("id", "frequency", "recency", "age", "value").rows()
    assert [list(row) for row in rows] == case["daily_frequency_recency_T_monetary"]


def test_recency_and_frequency_by_week_are_as_expected():
    case = oracle("rfm")
    found = bought(purchases(), until=case["period_end"], every="week")
    rows = found.select("id", "frequency", "recency", "age").rows()
    assert [list(row) for row in rows] == case["weekly_frequency_recency_T"]


def test_times_since_and_value_with_the_first_purchase_are_as_expected():
    case = oracle("rfm")
    found = bought(purchases(), until=case["period_end"])
    rows = found.select("id", "times", "since", "value_all").rows()
    assert [list(row) for row in rows] == case["with_first_transaction_frequency_recency_monetary"]


def test_the_first_purchase_is_the_earliest_not_the_first_row():
    case = oracle("rfm")["first_order_dropped_by_date"]
    frame = pl.DataFrame(case["rows"], schema=["date", "value"], orient="row")
    frame = frame.with_columns(pl.col("date").str.to_date(), id=pl.lit(1))
    assert bought(frame, until="2014-06-01")["value"].to_list() == [case["monetary"]]


def test_purchases_after_the_end_do_not_count():
    frame = pl.DataFrame({"id": [1, 1], "date": [dt.date(2026, 7, 1), dt.date(2026, 7, 9)], "value": [1, 2]})
    assert bought(frame, until="2026-07-08").select("times", "value").row(0) == (1, 0.0)


def test_a_local_day_that_comes_twice_counts_once():
    moments = [
        dt.datetime(2006, 10, 29, hour, minute, tzinfo=dt.UTC) for hour, minute in ((2, 0), (2, 30), (2, 31), (3, 30))
    ]
    frame = pl.DataFrame({"path": 1, "at": moments, "step": "x"})
    found = active_periods(walk_of(frame, path="path", at="at", step="step"), zone="America/St_Johns")
    assert found.equals(found.unique().sort("path", "period"))


def test_nobody_has_no_states():
    nobody = active_periods(days({}))
    assert count_retention(nobody, first=0, last=1)["n"].to_list() == [0, 0, 0]
    assert count_retention(nobody, first=0, last=1, cohorts="new")["n"].to_list() == [0, 0, 0]
    assert count_lifecycle(nobody, first=0, last=0).row(0) == (0, 0, 0, 0, 0)
    assert count_states(nobody, last=1)["n"].sum() == 0


def test_weeks_go_from_monday_to_sunday_and_months_by_the_calendar():
    saturday, sunday, monday = (number(day, "week") for day in ("2026-07-04", "2026-07-05", "2026-07-06"))
    assert (sunday - saturday, monday - sunday) == (0, 1)
    assert number("2026-01-01", "month") - number("2025-12-31", "month") == 1


def test_purchases_of_one_period_are_one_and_the_first_is_not_in_the_value():
    rows = [("a", "2026-07-01", 10), ("a", "2026-07-03", 4), ("a", "2026-07-03", 2), ("b", "2026-07-02", 7)]
    frame = pl.DataFrame(rows, schema=["id", "date", "value"], orient="row").with_columns(pl.col("date").str.to_date())
    assert bought(frame.reverse(), until="2026-07-10").rows() == [
        ("a", 2, 1, 2, 9, 7, 6.0, 8.0),
        ("b", 1, 0, 0, 8, 8, 0.0, 7.0),
    ]


@pytest.mark.parametrize(("every", "cohort"), [("day", "2026-07-15"), ("week", "2026-07-13"), ("month", "2026-07-01")])
def test_a_cohort_is_named_by_the_first_day_of_its_period(every, cohort):
    active = active_periods(days({"u": ["2026-07-15"]}), every=every)
    period = int(active["period"][0])
    found = finish_retention(count_retention(active, first=period, last=period), every=every)
    assert found.select("cohort", "n").rows() == [(dt.date.fromisoformat(cohort), 1)]
