"""Answers are the same for any buckets, threads, order of rows and codings."""

import datetime as dt
import threading

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from questioning import DAY, buckets_of, events, many, ordered_of

from cjtools.journeys import questions as q
from cjtools.journeys.questions import asking, merging, runs, sums
from cjtools.journeys.questions.merging import add_up, name_codes
from cjtools.journeys.store import Store

WAYS = [
    q.Way("ropo", {"event": ["store"]}, {"event": ["view"], "channel": ["Ads", "Email"]}, dt.timedelta(days=3)),
    q.Way("collect", {"event": ["buy"]}, {"event": ["store"]}, dt.timedelta(days=7), after=True),
]
ALL = q.all_questions(through=["see", "look", "cart"], conversion={"event": ["buy"]}, by=WAYS)
INEXACT = [question for question in ALL if question.name not in ("times", "credit")] + [
    q.times(exact=False),
    q.credit({"event": ["buy"]}, models=["time_decay", "last_non_direct", "markov"], lookback=5 * DAY, order=2),
]


def assert_same(found, expected):
    assert {name: list(tables) for name, tables in found.items()} == {
        name: list(tables) for name, tables in expected.items()
    }
    for name, tables in expected.items():
        for table, frame in tables.items():
            assert_frame_equal(found[name][table], frame, check_exact=True)


@pytest.mark.parametrize("questions", [ALL, INEXACT], ids=["exact", "inexact"])
@pytest.mark.parametrize("sessions_given", [False, True])
@given(rows=events(given=True), count=st.integers(2, 9), alike=st.booleans(), seed=st.integers(0, 9))
@settings(max_examples=15, deadline=None)
def test_answers_do_not_depend_on_buckets_codings_or_the_order_of_rows(
    questions, sessions_given, rows, count, alike, seed
):
    whole = q.ask([ordered_of(rows, given=sessions_given)], questions, threads=1)
    shuffled = np.random.default_rng(seed).permutation(len(rows)).tolist()
    parts = buckets_of([rows[at] for at in shuffled], count, alike=alike, given=sessions_given)
    assert_same(q.ask(parts, questions, threads=1), whole)


@pytest.fixture(scope="module")
def some():
    return many(20_000)


@pytest.fixture(scope="module")
def answers(some):
    return q.ask([ordered_of(some)], ALL, threads=1)


@pytest.mark.parametrize("threads", [1, 2, 8])
@pytest.mark.parametrize("count", [1, 7, 64])
def test_answers_do_not_depend_on_threads(some, answers, threads, count):
    assert_same(q.ask(buckets_of(some, count), ALL, threads=threads), answers)


def test_answers_do_not_depend_on_when_partials_are_added_up(some, answers, monkeypatch):
    monkeypatch.setattr(sums, "WAITING", 0)
    monkeypatch.setattr(merging, "LONG", 1)
    assert_same(q.ask(buckets_of(some, 16), ALL), answers)


def test_partials_merge_in_any_order_and_grouping(some, answers):
    parts = [q.partials_of(part, ALL) for part in buckets_of(some, 6, alike=False)]
    halves = [q.merge_partials(parts[3:], ALL), q.merge_partials(parts[:3][::-1], ALL)]
    assert_same(q.finish_all(q.merge_partials(halves, ALL), ALL), answers)


def test_the_order_of_the_rows_of_sums_says_nothing(some, answers):
    sums = q.merge_partials([q.partials_of(part, ALL) for part in buckets_of(some, 4)], ALL)
    mixed = {
        name: {table: frame.sample(fraction=1, shuffle=True, seed=5) for table, frame in tables.items()}
        for name, tables in sums.items()
    }
    assert_same(q.finish_all(mixed, ALL), answers)


def test_partials_are_whole_numbers_by_keys_that_are_there_once(some):
    for name, tables in q.partials_of(ordered_of(some), ALL).items():
        keys = next(question.keys for question in ALL if question.name == name)
        assert set(tables) == set(keys)
        for table, frame in tables.items():
            sums = frame.drop(keys[table])
            assert all(dtype.is_integer() for dtype in sums.dtypes), (name, table)
            assert not keys[table] or not frame.select(keys[table]).is_duplicated().any(), (name, table)


def test_events_are_neither_lost_nor_counted_twice(some, answers):
    total = len(some)
    assert answers["visits"]["visits"]["events"].sum() == total
    assert answers["stages"]["stages"]["n"].sum() == total
    assert answers["days"]["days"]["events"].sum() == total
    assert answers["exits"]["pages"]["views"].sum() == sum(row.page is not None for row in some)
    pages = answers["exits"]["pages"]
    assert pages["entries"].sum() == pages["exits"].sum()
    cents = sum(row.cents or 0 for row in some)
    assert answers["days"]["days"]["worth"].sum() == pytest.approx(cents / 100)
    credit = answers["credit"]["credit"].group_by("model").agg(pl.col("conversions").sum(), pl.col("of").first())
    ruled = credit.filter(pl.col("model") != "markov")
    assert ruled["conversions"].to_list() == pytest.approx(ruled["of"].to_list())


def test_without_buckets_there_are_no_answers_and_with_empty_ones_there_are_empty_ones():
    assert q.ask([], ALL) == {}
    found = q.ask([ordered_of([]), ordered_of([])], ALL)
    assert {name for name, tables in found.items() for frame in tables.values() if not frame.is_empty()} <= {
        "funnel",
        "ways",
        "exits",
    }


def test_buckets_are_read_as_they_are_needed(some):
    read = []

    def slowly():
        for number, part in enumerate(buckets_of(some[:500], 6)):
            read.append(number)
            yield part

    partials = asking.counted_in_turn(slowly(), ALL[:1], threads=2)
    next(partials)
    assert read == [0, 1]


def test_buckets_of_a_store_are_loaded_by_the_threads_that_count_them(some):
    parts, there, threads = buckets_of(some[:600], 9), [], set()

    def load(number):
        there.append(number)
        threads.add(threading.current_thread().name)
        return parts[number], 0

    store = Store(parts[0].acts, len(parts), 600, {}, load)
    found = q.ask(store.buckets(), ALL[:3])
    assert_same(found, q.ask(parts, ALL[:3], threads=1))
    assert sorted(there) == list(range(9))
    assert threading.main_thread().name not in threads


@given(
    parts=st.lists(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 5), st.integers(-9, 2**40)), max_size=9
        ),
        min_size=1,
        max_size=4,
    ),
    alike=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_adding_up_by_packed_keys_is_adding_up(parts, alike):
    frames = []
    for at, rows in enumerate(parts):
        one, other, time, n = (np.array([row[place] for row in rows], dtype=np.int64) for place in range(4))
        names = ("a", "b", "c") if alike or at % 2 else ("a", "b", "c", "d")
        columns = {"one": name_codes(one, names), "other": name_codes(other, ("a", "b")), "time": time, "n": n}
        frame = pl.DataFrame(columns)
        frames.append(frame.group_by("one", "other", "time").agg(pl.col("n").sum()))
    keys = ["one", "other", "time"]
    long = merging.LONG
    results = []
    for limit in (1, 10**9):
        merging.LONG = limit
        results.append(merging.plain(add_up(frames, by=keys)).sort(keys))
    merging.LONG = long
    assert_frame_equal(results[0], results[1])


def test_large_tables_wait_in_a_folder_and_are_finished_part_by_part(some, answers, monkeypatch):
    spilled, cut = [], []
    for name, value in (("HELD", 64), ("STEP", 16), ("SAMPLE", 2)):
        monkeypatch.setattr(runs, name, value)
    monkeypatch.setattr(merging, "LONG", 1)
    spill, parts = runs.Runs.spill, runs.Runs.parts
    monkeypatch.setattr(runs.Runs, "spill", lambda self, run: spilled.append(len(run)) or spill(self, run))
    monkeypatch.setattr(runs.Runs, "parts", lambda self: (cut.append(len(part)) or part for part in parts(self)))
    assert_same(q.ask(buckets_of(some, 16), ALL), answers)
    assert len(spilled) > 3
    assert len(cut) > 3


numbers = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 2**44), st.integers(1, 500)), max_size=12
)


@given(tables=st.lists(numbers, min_size=1, max_size=5), apart=st.integers(0, 2), held=st.integers(1, 9))
@settings(max_examples=80, deadline=None)
def test_rows_as_numbers_are_the_same_rows_added_up(tables, apart, held):
    keys = ["one", "other", "time"]
    limits = runs.HELD, runs.STEP, runs.SAMPLE, merging.LONG
    runs.HELD, runs.STEP, runs.SAMPLE, merging.LONG = held, 2, 1, 1
    frames = []
    total = sums.Sum(keys, apart)
    for rows in tables:
        one, other, time, n = (np.array([row[place] for row in rows], dtype=np.int64) for place in range(4))
        columns = {"one": name_codes(one, ("a", "b", "c")), "other": name_codes(other, ("a", "b"))}
        frames.append(pl.DataFrame({**columns, "time": time, "n": n}))
        total.add(frames[-1])
    parts = list(total.parts())
    runs.HELD, runs.STEP, runs.SAMPLE, merging.LONG = limits
    found = pl.concat(parts).group_by(keys).agg(pl.col("n").sum()).sort(keys)
    assert_frame_equal(found, pl.concat(frames).group_by(keys).agg(pl.col("n").sum()).sort(keys))
    firsts = [set(part.select(keys[:apart]).rows()) for part in parts]
    assert sum(map(len, firsts)) == len(set().union(*firsts)) or len(parts) == 1


def test_names_of_another_coding_are_added_up_as_text(some, answers, monkeypatch):
    monkeypatch.setattr(merging, "LONG", 1)
    assert_same(q.ask(buckets_of(some, 5, alike=False), ALL), answers)
