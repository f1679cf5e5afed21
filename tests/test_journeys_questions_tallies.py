"""Counts and sums by code, and what they make fast, against plain Python."""

import datetime as dt
import itertools
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cjtools.journeys import tallies
from cjtools.journeys.chains import Funnel, chains_of
from cjtools.journeys.funnels import count_funnel
from cjtools.journeys.paths import route_groups
from cjtools.journeys.reach import first_events
from cjtools.journeys.tallies import add_by, add_columns, count_paths, count_repeats, counted, places_among, tally
from cjtools.journeys.walks import Walk, lengths, starts

KINDS = st.sampled_from([np.uint8, np.uint16, np.uint32])


@st.composite
def walks(draw, *, most=40, dense=True, names=4):
    one = st.tuples(st.integers(0, names), st.integers(0, 9), st.integers(0, names - 1))
    rows = draw(st.lists(one, max_size=most))
    rows.sort(key=lambda row: row[:2])
    step = 1 if dense else draw(st.sampled_from([1, 1000, 10**9 // 2]))
    return Walk(
        np.array([row[0] * step for row in rows], dtype=np.uint32),
        np.array([row[1] for row in rows], dtype=np.int64),
        np.array([row[2] for row in rows], dtype=draw(KINDS)),
        ("a", "b", "c", "d"),
    )


@given(codes=st.lists(st.integers(0, 200), max_size=60), kind=KINDS, twice=st.sampled_from([0, 10**9]))
@settings(deadline=None)
def test_codes_are_counted(codes, kind, twice):
    before, tallies.TWICE = tallies.TWICE, twice
    try:
        found = tally(np.array(codes, dtype=kind), 201)
    finally:
        tallies.TWICE = before
    assert found.tolist() == [codes.count(code) for code in range(201)]


@given(
    rows=st.lists(st.tuples(st.integers(0, 9), st.integers(-(2**50), 2**50)), max_size=50),
    rows_from=st.sampled_from([0, 10**9]),
)
@settings(deadline=None)
def test_values_add_up_exactly(rows, rows_from):
    expected = Counter()
    for code, value in rows:
        expected[code] += value
    codes, values = (np.array([row[place] for row in rows], dtype=np.int64) for place in (0, 1))
    before, tallies.MANY = tallies.MANY, rows_from
    try:
        found = add_by(codes, values, 10)
    finally:
        tallies.MANY = before
    assert found.tolist() == [expected[code] for code in range(10)]


@given(codes=st.lists(st.integers(0, 3000), max_size=50), size=st.sampled_from([3001, 2**33]))
@settings(deadline=None)
def test_distinct_codes_are_found_with_their_places(codes, size):
    array = np.array(codes, dtype=np.uint64)
    found, n = counted(array, size)
    assert dict(zip(found.tolist(), n.tolist(), strict=True)) == Counter(codes)
    distinct, place = places_among(array, size)
    assert [int(distinct[at]) for at in place.tolist()] == codes
    sums = add_columns(array, {"n": np.arange(len(codes), dtype=np.int64)}, size)
    assert dict(sums.rows()) == {code: sum(at for at, one in enumerate(codes) if one == code) for code in codes}


@given(walk=walks(dense=False), room=st.sampled_from([1, 4, 1 << 24]), per_row=st.sampled_from([0, 1, 10**9]))
@settings(deadline=None, max_examples=200)
def test_paths_are_counted_once_for_each_code(walk, room, per_row):
    expected = Counter(code for _, code in {*zip(walk.path.tolist(), walk.step.tolist(), strict=True)})
    before = tallies.ROOM, tallies.PER_ROW
    tallies.ROOM, tallies.PER_ROW = room, per_row
    try:
        found, again = count_paths(walk.path, walk.step, 4), count_repeats(walk.path, walk.step, 4)
    finally:
        tallies.ROOM, tallies.PER_ROW = before
    assert found.tolist() == [expected[code] for code in range(4)]
    assert (found + again).tolist() == [walk.step.tolist().count(code) for code in range(4)]


@given(walk=walks(dense=False))
@settings(deadline=None)
def test_first_events_are_the_first_of_each_path_and_step(walk):
    firsts = {}
    for row, key in enumerate(zip(walk.path.tolist(), walk.step.tolist(), strict=True)):
        firsts.setdefault(key, row)
    assert sorted(first_events(walk).tolist()) == sorted(firsts.values())


@given(walk=walks(most=120), short=st.integers(1, 12))
@settings(deadline=None)
def test_paths_of_the_same_steps_are_one_group_however_long(walk, short):
    # So many names that few steps fit in one number: the others are compared.
    wide = Walk(walk.path, walk.at, walk.step, (*walk.names, *(f"x{number}" for number in range(2**short))))
    first, size = starts(wide), lengths(wide)
    group, sample = route_groups(wide, first, size)
    routes = [tuple(wide.step[at : at + n].tolist()) for at, n in zip(first, size, strict=True)]
    assert [routes[sample[one]] for one in group] == routes
    assert len(sample) == len(set(routes))


STEPS = st.permutations(["a", "b", "c", "z"]).flatmap(lambda names: st.integers(1, 4).map(lambda n: tuple(names[:n])))


def one_path(steps, at):
    codes = np.array(["abcz".index(name) for name in steps], dtype=np.uint8)
    return Walk(np.zeros(len(at), dtype=np.uint32), np.array(at, dtype=np.int64), codes, ("a", "b", "c", "d"))


@pytest.mark.parametrize(
    ("steps", "at", "prior", "paths"),
    [
        ("ab", [0, 5], False, [1, 1]),  # the edge of the window is in it
        ("ab", [0, 6], False, [1, 0]),
        ("aab", [0, 6, 9], False, [1, 1]),  # the last of a run of the first step begins
        ("abbc", [0, 4, 6, 5 + 4], False, [1, 1, 0]),  # the window runs from the first step
        ("abbc", [0, 4, 6, 5 + 4], True, [1, 1, 1]),
        ("abbbc", [0, 1, 4, 9, 9], True, [1, 1, 1]),  # the middle one of a run is near enough to both sides
        ("ba", [0, 1], False, [1, 0]),
    ],
)
def test_the_window_of_a_funnel_runs_as_stated(steps, at, prior, paths):
    names = tuple(sorted(set(steps)))
    window_from = "prior" if prior else "first"
    funnel = Funnel(names, window=dt.timedelta(microseconds=5), window_from=window_from)
    assert count_funnel(one_path(steps, at), funnel)["paths"].to_list() == paths


@given(
    walk=st.one_of(walks(dense=False), walks(names=2)),
    steps=STEPS,
    window=st.sampled_from([None, 0, 2, 5]),
    window_from=st.sampled_from(["first", "prior"]),
)
@settings(deadline=None, max_examples=300)
def test_funnels_count_what_the_chains_say(walk, steps, window, window_from):
    within = None if window is None else dt.timedelta(microseconds=window)
    closed = Funnel(steps, window=within, window_from=window_from)
    levels = chains_of(walk, closed).levels
    assert count_funnel(walk, closed)["paths"].to_list() == [int((levels > place).sum()) for place in range(len(steps))]
    opened = count_funnel(walk, Funnel(steps, open=True, window=within, window_from="prior"))
    pairs = [chains_of(walk, Funnel(pair, window=within)).levels for pair in itertools.pairwise(steps)]
    here = [len({*walk.path[walk.step == walk.names.index(n)].tolist()}) if n in walk.names else 0 for n in steps]
    assert opened["paths"].to_list() == here
    assert opened["came"].to_list() == [here[0], *(int((level == 2).sum()) for level in pairs)]


@given(walk=walks(), steps=STEPS, labels=st.lists(st.sampled_from(["x", "y", None]), min_size=6, max_size=6))
@settings(deadline=None)
def test_groups_of_a_funnel_add_up_to_all(walk, steps, labels):
    funnel = Funnel(steps, window=dt.timedelta(microseconds=5))
    parts, sums = count_funnel(walk, funnel, groups=labels), defaultdict(int)
    for place, paths in parts.select("place", "paths").iter_rows():
        sums[place] += paths
    assert [sums[place] for place in range(1, len(steps) + 1)] == count_funnel(walk, funnel)["paths"].to_list()


def test_large_sums_are_exact():
    codes = np.zeros(1 << 12, dtype=np.uint8)
    values = np.full(1 << 12, 2**50 + 1)
    assert add_by(codes, values, 1).tolist() == [(2**50 + 1) << 12]
    assert add_by(codes, -values, 1).tolist() == [-((2**50 + 1) << 12)]


@pytest.mark.parametrize("size", [0, 1])
def test_nothing_counts_as_nothing(size):
    nothing = np.zeros(0, dtype=np.uint32)
    assert count_paths(nothing, nothing, size).tolist() == [0] * size
    assert add_by(nothing, np.zeros(0, dtype=np.int64), size).tolist() == [0] * size
