"""Events as coded columns, and what acts are on the map: against walks, sessions and touches made the slow way."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from conftest import EXAMPLE
from hypothesis import given
from hypothesis import strategies as st

from cjtools.client import load_client
from cjtools.errors import ParameterError
from cjtools.journeys import order_events, place_touches, split_sessions
from cjtools.journeys.levels import with_levels
from cjtools.journeys.ordered import LEVELS, NONE, Acts, Ordered, changes
from cjtools.journeys.split import after_pause
from cjtools.journeys.store import Columns, order_events_of
from cjtools.journeys.walks import MINUTE, Walk, walk_of
from cjtools.sources import read_sources

VIEW, CART, BUY = range(3)
ACTS = Acts(
    {"event": ("add_to_cart", "page_view", "purchase"), "page": ("/p", "/q")},
    {"event": np.array([1, 0, 2], np.uint32), "page": np.array([0, 1, NONE], np.uint32)},
)


def ordered(profile: list[int], minute: list[float], act: list[int], worth: dict[int, int] | None = None) -> Ordered:
    return Ordered(
        profile=np.array(profile, np.uint32),
        at=(np.array(minute) * MINUTE).astype(np.int64),
        act=np.array(act, np.uint8),
        acts=ACTS,
        worth_row=np.array(list(worth or {}), np.int64),
        worth=np.array(list((worth or {}).values()), np.int64),
    )


def test_a_walk_has_the_events_that_have_something_at_its_level():
    walk = ordered([0, 0, 1], [0, 1, 2], [VIEW, BUY, CART]).walk("page")
    assert (walk.path.tolist(), walk.at.tolist(), walk.step.tolist()) == ([0, 1], [0, 2 * MINUTE], [0, 1])
    assert walk.names == ("/p", "/q")


def test_what_has_no_name_is_missing_where_all_events_are_asked_for():
    walk = ordered([0, 0], [0, 1], [VIEW, BUY]).walk("page", missing=True)
    assert [walk.names[step] for step in walk.step] == ["/p", "(missing)"]


def test_a_level_that_is_not_there_is_refused_with_the_next_step():
    with pytest.raises(ParameterError, match="with_levels adds it"):
        ordered([0], [0], [VIEW]).walk("stage")
    with pytest.raises(ParameterError, match="did you mean 'page'"):
        ordered([0], [0], [VIEW]).coded("pages")


@pytest.mark.parametrize(("pause", "begins"), [(30, [True, False]), (30 + 1 / 60, [True, True])])
def test_a_pause_over_thirty_minutes_begins_a_session(pause, begins):
    assert ordered([0, 0], [0, pause], [VIEW, VIEW]).begins.tolist() == begins


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 90)), min_size=1, max_size=30))
def test_sessions_begin_where_a_walk_is_cut(events):
    events = sorted(events)
    these = ordered([who for who, _ in events], [minute for _, minute in events], [VIEW] * len(events))
    walk = Walk(these.profile, these.at, these.act.astype(np.uint32), ("x",))
    assert these.begins.tolist() == after_pause(walk).tolist()


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 200), st.booleans()), min_size=1, max_size=30))
def test_events_that_are_kept_stay_in_their_sessions(events):
    events = sorted(events)
    whole = ordered([who for who, _, _ in events], [minute for _, minute, _ in events], [VIEW] * len(events))
    rows = np.array([kept for *_, kept in events])
    part = whole.keep(rows)
    assert part.session.tolist() == (np.cumsum(changes(whole.session[rows])) - 1).tolist()
    assert part.profile.tolist() == whole.profile[rows].tolist()


def test_values_stay_with_their_events():
    part = ordered([0, 0, 1, 1], [0, 1, 2, 3], [BUY] * 4, {1: 500, 3: 700}).keep(np.array([True, False, False, True]))
    assert (part.worth_row.tolist(), part.worth.tolist()) == ([1], [700])


def test_codes_are_as_small_as_their_names_allow():
    small = Acts({"event": tuple("ab")}, {"event": np.array([0, NONE], np.uint32)}).small["event"]
    assert (small.dtype, small.tolist()) == (np.uint8, [0, 2])
    names = tuple(f"{place:05}" for place in range(70_000))
    assert Acts({"event": names}, {"event": np.arange(70_000, dtype=np.uint32)}).small["event"].dtype == np.uint32


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5), st.sampled_from([*"xyz", None])), max_size=20))
def test_a_walk_is_the_one_made_of_the_frame(rows):
    frame = pl.DataFrame(rows, schema={"who": pl.String, "at": pl.Int64, "what": pl.String}, orient="row")
    expected = walk_of(frame, path="who", at="at", step="what")
    columns = Columns("who", "at", "what", merged=True)
    [bucket] = order_events_of(frame, columns, ids=True).buckets()
    walk = bucket.walk("event", missing=True)

    def paths(each: Walk) -> dict[str, list[tuple[int, str]]]:
        found: dict[str, list[tuple[int, str]]] = {}
        for path, at, step in zip(each.path.tolist(), each.at.tolist(), each.step.tolist(), strict=True):
            found.setdefault(each.ids[path], []).append((at, each.names[step]))
        return found

    assert paths(walk) == paths(expected)


@pytest.fixture(scope="module")
def client():
    return load_client(EXAMPLE)


@pytest.fixture(scope="module")
def events(client):
    return read_sources(client).events.collect()


def test_the_stage_and_touchpoint_of_an_act_are_those_of_its_touches(client, events):
    touches = place_touches(split_sessions(order_events(events)), client=client)
    expected = touches.filter(pl.col("activity") != "arrival").select("activity", "page", "touchpoint", "stage")
    acts = with_levels(order_events_of(events).acts, client)
    found = frame_of(acts).rename({"event": "activity"})
    joined = expected.join(found, on=["activity", "page", "touchpoint", "stage"], how="anti", nulls_equal=True)
    assert joined.is_empty()
    assert expected["stage"].n_unique() > 3


def test_a_session_arrives_by_the_touchpoint_of_its_first_channel(client, events):
    touches = place_touches(split_sessions(order_events(events)), client=client)
    arrivals = touches.filter(pl.col("activity") == "arrival")
    by_channel = dict(
        frame_of(with_levels(order_events_of(events).acts, client)).select("channel", "arrival").iter_rows()
    )
    assert {channel: by_channel[channel] for channel in arrivals["channel"]} == dict(
        arrivals.select("channel", "touchpoint").iter_rows()
    )


def test_levels_are_looked_up_once_a_distinct_act(client):
    view = {"who": "a", "at": dt.datetime(2026, 7, 1), "what": "page_view", "where": "/p/lamp", "by": None}
    frame = pl.DataFrame([view, {**view, "who": "b"}, {**view, "what": "purchase"}], schema_overrides={"by": pl.String})
    store = order_events_of(frame, Columns("who", "at", "what", "where", "by"), client=client)
    assert len(store.acts) == 2
    assert set(store.acts.names) == {*LEVELS, "stage", "touchpoint", "arrival"}
    assert "purchase" in store.acts.names["stage"]


def frame_of(acts: Acts) -> pl.DataFrame:
    return pl.DataFrame(
        {
            level: [None if code == NONE else acts.names[level][code] for code in acts.codes[level].tolist()]
            for level in acts.names
        },
        schema=dict.fromkeys(acts.names, pl.String),
    )
