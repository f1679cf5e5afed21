"""Sessions, touches, exits, drop-off and patterns on a handful of rows, worked out by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cjtools.journeys import (
    baseline_of,
    count_drop_off,
    count_exits,
    count_views,
    find_patterns,
    order_events,
    place_touches,
    split_sessions,
)
from cjtools.journeys.touches import bind_pages, glob_pattern
from cjtools.settings import Touchpoint
from cjtools.tables import Event, Order, shape_of

DAY = dt.datetime(2026, 7, 1, 9, tzinfo=dt.UTC)


def events(*rows: dict) -> pl.DataFrame:
    """Events with what a row does not say filled in."""
    filled = [
        {
            "source_id": "web", "source_file": "web", "source_row": place, "event_id": f"e{place}", "timestamp": DAY,
            "time_precision": "exact", "local_date": DAY.date(), "event_name": "page_view", "activity": "page_view",
            "profile_id": "a", "session_id": None, "source_order": 0, "tiebreak": 0, "channel": None,
            "environment": "online", "consent": "granted", "is_bot": False, "is_internal": False, **row,
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return Event.validate(pl.DataFrame(filled, schema=shape_of(Event)), cast=True)


def view(page: str, minutes: float = 0, **more: object) -> dict:
    return {"page": page, "timestamp": DAY + dt.timedelta(minutes=minutes), **more}


def touches_of(client, *rows: dict) -> pl.DataFrame:
    return place_touches(split_sessions(order_events(events(*rows))), client=client)


@pytest.mark.parametrize("row", [{"consent": "denied"}, {"is_bot": True}, {"is_internal": True}, {"profile_id": None}])
def test_what_may_not_be_followed_is_left_out(row):
    assert order_events(events(row)).is_empty()


def test_ties_are_broken_by_the_source_and_never_by_chance():
    rows = [view("/b", tiebreak=1), view("/a", tiebreak=0), view("/c", tiebreak=1)]
    shuffled = events(*rows).sample(fraction=1, shuffle=True, seed=3)
    assert order_events(shuffled)["page"].to_list() == ["/a", "/b", "/c"]


@pytest.mark.parametrize(("pause", "sessions"), [(29.9, 1), (30, 1), (30.1, 2)])
def test_a_pause_over_thirty_minutes_begins_a_session(pause, sessions):
    assert split_sessions(order_events(events(view("/"), view("/p", pause))))["session"].n_unique() == sessions


def test_a_given_session_id_is_kept_and_no_session_holds_two_profiles():
    rows = [view("/", session_id="s1"), view("/p", 50, session_id="s1"), view("/", profile_id="b")]
    frame = split_sessions(order_events(events(*rows)))
    assert frame["session"].to_list() == ["s1", "s1", "b/0"]


@pytest.mark.parametrize(
    ("page", "bound"),
    [
        ("/checkout/pay", "checkout"),
        ("/p/lamp", "website"),
        ("/", "website"),
        ("/checkout", None),
        ("/blog", None),
        (None, None),
    ],
)
def test_a_page_belongs_to_the_first_touchpoint_whose_pattern_fits(client, page, bound):
    assert bind_pages(pl.Series([page], dtype=pl.String), client.touchpoints).to_list() == [bound]


def test_a_pattern_holds_dots_and_brackets_as_they_are():
    pages = pl.Series(["/a.b", "/axb", "/a(b)"])
    touchpoint = Touchpoint(id="t", label="T", environment="online", stages=("s",), pages=("/a.b", "/a(b)"))
    assert bind_pages(pages, [touchpoint]).to_list() == ["t", None, "t"]
    assert glob_pattern("/cart") == "/cart/?"


def test_the_stage_of_an_entry_event_beats_that_of_its_touchpoint(example):
    frame = touches_of(example, view("/p/lamp"), view("/p/lamp", 1, activity="add_to_cart"))
    assert frame["stage"].to_list() == ["consideration", "decision"]


def test_a_session_that_came_by_a_bound_channel_arrives_there_first(example):
    frame = touches_of(example, view("/p/lamp", channel="Email"), view("/cart", 1, channel="Email"))
    assert frame.select("activity", "touchpoint").rows() == [
        ("arrival", "email"), ("page_view", "product"), ("page_view", "cart"),
    ]  # fmt: skip


def exits_of(client) -> pl.DataFrame:
    rows = [
        view("/p/1", 0, session_id="s1"), view("/checkout/a", 1, session_id="s1"),
        view("/p/1", 60, session_id="s2"), view("/checkout/a", 61, session_id="s2"), view("/p/2", 62, session_id="s2"),
        view("/p/1", 99, session_id="s3"), view("/elsewhere", 100, session_id="s3"),
    ]  # fmt: skip
    return touches_of(client, *rows)


def test_the_exit_rate_is_sessions_that_end_there_of_sessions_that_were_there(client):
    rows = count_exits(exits_of(client)).select("touchpoint", "exits", "sessions", "value").rows()
    assert rows == [("checkout", 1, 2, 0.5), ("website", 1, 3, 0.333333333)]


def test_the_sites_own_rate_leaves_terminal_touchpoints_out(client):
    exits = count_exits(exits_of(client))
    assert baseline_of(exits, terminal=[]).select("exits", "sessions").row(0) == (2, 5)
    assert baseline_of(exits, terminal=["checkout"]).select("exits", "sessions").row(0) == (1, 3)


def test_a_last_event_that_is_no_page_view_is_no_exit(client):
    frame = touches_of(client, view("/p/1", session_id="s"), view("/checkout/a", 1, session_id="s", activity="scroll"))
    assert count_exits(frame).select("touchpoint", "exits").rows() == [("website", 1)]


def test_four_views_in_a_session_are_many(client):
    rows = [view("/p/1", minute, session_id="s1") for minute in range(4)]
    rows += [view("/p/1", 60 + minute, session_id="s2") for minute in range(3)]
    assert count_views(touches_of(client, *rows)).select("many", "sessions").row(0) == (1, 2)


def test_drop_off_counts_who_is_seen_at_a_later_stage_afterwards(client):
    rows = [
        view("/p/1", profile_id="on"), view("/checkout/a", 1, profile_id="on"),
        view("/checkout/a", profile_id="back"), view("/p/1", 1, profile_id="back"),
        view("/p/1", profile_id="stays"),
    ]  # fmt: skip
    frame = count_drop_off(touches_of(client, *rows), journey=client.journey)
    assert frame.filter("instrumented").select("stage", "profiles", "went_on", "of_all").rows() == [
        ("consideration", 3, 1, 1.0), ("decision", 2, None, 0.666666667),
    ]  # fmt: skip
    assert frame["went_on"][-1] is None


def orders(*rows: dict) -> pl.DataFrame:
    filled = [
        {
            "source_id": "orders", "source_file": "orders.csv", "source_row": place, "order_id": f"o{place}",
            "profile_id": "a", "ordered_at": DAY, "time_precision": "minute", "local_date": DAY.date(),
            "environment": "offline", "pickup": False, "status": "paid", **row,
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return Order.validate(pl.DataFrame(filled, schema=shape_of(Order)), cast=True)


def pattern(name: str, bought: pl.DataFrame, touches: pl.DataFrame) -> tuple[int, int]:
    row = find_patterns(bought, touches).filter(pl.col("pattern") == name).to_dicts()[0]
    return row["numerator"], row["denominator"]


@pytest.mark.parametrize(("days", "counts"), [(1, 1), (30, 1), (31, 0), (-1, 0)])
def test_ropo_counts_a_page_view_within_thirty_days_before_the_store(client, days, counts):
    touches = touches_of(client, view("/p/1"))
    bought = orders({"ordered_at": DAY + dt.timedelta(days=days)})
    assert pattern("ropo", bought, touches) == (counts, 1)


def test_ropo_never_joins_by_anything_but_the_profile(client):
    touches = touches_of(client, view("/p/1", profile_id="b"))
    later = DAY + dt.timedelta(days=1)
    assert pattern("ropo", orders({"ordered_at": later}, {"ordered_at": later, "profile_id": None}), touches) == (0, 2)


def test_cancelled_orders_are_no_purchases_and_refunded_ones_are(client):
    touches = touches_of(client, view("/p/1"))
    later = DAY + dt.timedelta(days=1)
    bought = orders({"ordered_at": later, "status": "Cancelled"}, {"ordered_at": later, "status": "refunded"})
    assert pattern("ropo", bought, touches) == (1, 1)


def test_click_and_collect_is_of_online_orders(client):
    bought = orders({"environment": "online", "pickup": True}, {"environment": "online"}, {})
    assert pattern("click_collect", bought, touches_of(client)) == (1, 2)


def test_try_and_buy_is_an_online_purchase_after_one_in_the_store(client):
    bought = orders({}, {"environment": "online", "ordered_at": DAY + dt.timedelta(days=3)})
    assert pattern("try_buy", bought, touches_of(client)) == (1, 1)


def test_a_repeat_by_another_route_compares_with_the_first_purchase(client):
    rows = [
        view("/p", order_id=f"o{place}", activity="purchase", channel=channel, timestamp=DAY + dt.timedelta(days=place))
        for place, channel in enumerate(["Email", "Email", "Direct"])
    ]
    bought = orders(*({"environment": "online", "ordered_at": DAY + dt.timedelta(days=place)} for place in range(3)))
    touches = touches_of(client, *rows)
    assert pattern("repeat_other_route", bought, touches) == (1, 2)
    assert pattern("repeat_buyers", bought, touches) == (1, 1)


STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["/p/1", "/checkout/a", "/x"]), st.integers(0, 300)), max_size=25
)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters_and_counts_are_conserved(steps, chance):
    import cjtools as cj

    client = cj.load_client("data/example")
    rows = [view(page, minute, profile_id=who) for who, page, minute in steps]
    frame = events(*rows)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=chance.randrange(1000))
    one, two = (place_touches(split_sessions(order_events(part)), client=client) for part in (frame, shuffled))
    assert count_exits(one).equals(count_exits(two))
    assert count_drop_off(one, journey=client.journey).equals(count_drop_off(two, journey=client.journey))
    exits = count_exits(one)
    assert exits.filter(pl.col("exits") > pl.col("sessions")).is_empty()
    assert exits["exits"].sum() <= one["session"].n_unique()
