import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from walking import events, follow, named_paths, oracle, ties, walk

from cjtools.errors import ParameterError
from cjtools.journeys.walks import (
    Walk,
    bordered,
    buckets,
    closes,
    ends,
    keep,
    lengths,
    merge,
    opens,
    places,
    starts,
    step_code,
    walk_of,
)


def content(found: Walk) -> list[tuple[str, int, str]]:
    ids = found.ids or ()
    rows = zip(found.path.tolist(), found.at.tolist(), found.step.tolist(), strict=True)
    return [(ids[path], at, found.names[step]) for path, at, step in rows]


@settings(deadline=None, max_examples=60)
@given(events())
def test_the_order_of_the_rows_does_not_matter(frame):
    assert content(follow(frame)) == content(follow(frame.sample(fraction=1, shuffle=True, seed=1)))


@settings(deadline=None, max_examples=60)
@given(events())
def test_a_walk_holds_every_event_in_the_total_order(frame):
    wanted = [(who, at, name) for who, path in sorted(named_paths(frame).items()) for at, name in path]
    assert content(follow(frame)) == wanted


@settings(deadline=None, max_examples=60)
@given(events())
def test_buckets_hold_every_event_once_and_whole_paths(frame):
    parts = buckets(follow(frame), 3)
    assert sorted(row for part in parts for row in content(part)) == sorted(content(follow(frame)))
    assert not set.intersection(*(set(part.path.tolist()) for part in parts))


@settings(deadline=None, max_examples=60)
@given(events())
def test_borders_of_paths_agree_with_each_other(frame):
    found = follow(frame)
    assert lengths(found).sum() == len(found) == len(frame)
    assert starts(found).tolist() == np.flatnonzero(places(found) == 0).tolist()
    assert (ends(found)[:-1] == starts(found)[1:]).all()
    assert opens(found).sum() == closes(found).sum() == frame["path"].n_unique()


@settings(deadline=None, max_examples=60)
@given(events())
def test_a_bordered_walk_has_a_start_before_and_an_end_after_each_path(frame):
    found = bordered(follow(frame))
    assert [found.names[code] for code in found.step[starts(found)]] == ["path_start"] * frame["path"].n_unique()
    assert [found.names[code] for code in found.step[ends(found) - 1]] == ["path_end"] * frame["path"].n_unique()
    inner = keep(found, ~(opens(found) | closes(found)))
    assert inner.at.tolist() == follow(frame).at.tolist()
    assert (np.diff(found.at)[np.diff(found.path) == 0] >= 0).all()


def test_a_walk_without_events_has_no_paths():
    empty = walk({})
    assert len(empty) == len(starts(empty)) == len(ends(empty)) == len(bordered(empty)) == len(places(empty)) == 0


def test_times_of_any_kind_become_whole_microseconds():
    moment = dt.datetime(2024, 3, 31, 1, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    frame = pl.DataFrame({"path": [1], "step": ["a"], "utc": [moment], "day": [dt.date(1970, 1, 2)]})
    madrid = frame.with_columns(pl.col("utc").dt.convert_time_zone("Europe/Madrid").dt.cast_time_unit("ms"))
    assert walk_of(frame, path="path", at="day", step="step").at.tolist() == [86_400 * 10**6]
    for column in (frame, madrid):
        assert walk_of(column, path="path", at="utc", step="step").at.tolist() == [int(moment.timestamp()) * 10**6]


def test_an_event_without_a_name_is_a_step_of_its_own():
    case = next(case for case in oracle("defects")["cases"] if case["id"] == "null-event")
    assert walk(case["input"]).names == ("(missing)", "a", "c")


def test_an_event_called_like_a_border_is_refused():
    case = next(case for case in oracle("defects")["cases"] if case["id"] == "reserved-name")
    with pytest.raises(ParameterError) as caught:
        walk(case["input"])
    assert str(caught.value) == (
        "these events cannot be used: 1 fault\n"
        "  column 'step': an event is called 'path_start'; the name of a border or a remainder; rename it"
    )


def test_events_without_path_or_time_are_refused():
    frame = pl.DataFrame({"path": [None, "b"], "at": [1, None], "step": ["x", "y"]})
    with pytest.raises(ParameterError) as caught:
        walk_of(frame, path="path", at="at", step="step")
    assert str(caught.value) == (
        "these events cannot be used: 2 faults\n"
        "  column 'path': 1 events have none; every event needs one\n"
        "  column 'at': 1 events have none; every event needs one"
    )


def test_numbered_paths_keep_the_order_of_numbers():
    frame = pl.DataFrame({"path": [10, 9], "at": [0, 0], "step": ["a", "a"]})
    assert walk_of(frame, path="path", at="at", step="step").ids == ("9", "10")


def test_ties_keep_the_order_that_is_given_on_every_run():
    wanted = content(follow(ties()))
    for seed in range(3):
        assert content(follow(ties().sample(fraction=1, shuffle=True, seed=seed))) == wanted


def test_an_unknown_step_has_no_code():
    assert step_code(walk({"u": ["a"]}), "b") == -1


def test_merging_adds_up_and_sorts():
    parts = [pl.DataFrame({"step": ["b", None], "n": [1, 2]}), pl.DataFrame({"step": ["a", "b"], "n": [3, 4]})]
    assert merge(parts, by=["step"]).rows() == [("a", 3), ("b", 5), (None, 2)]
