from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walking import events, follow, named_paths, oracle, walk

from cjtools.errors import ParameterError
from cjtools.journeys.sequence import (
    chain_lengths,
    count_sequences,
    parse_pattern,
    sequence_count,
    sequence_match,
    sequence_times,
)
from cjtools.journeys.walks import SECOND, buckets, merge

MICRO = dt.timedelta(microseconds=1)
SIGNS = {
    "<": lambda gap, time: gap < time,
    "<=": lambda gap, time: gap <= time,
    ">": lambda gap, time: gap > time,
    ">=": lambda gap, time: gap >= time,
    "==": lambda gap, time: gap == time,
}


@pytest.fixture
def server():
    expected = oracle("sequence_match")
    assert [at for at, _ in expected["events"]] == list(range(12))
    return expected, walk({"u": [str(name) for _, name in expected["events"]]}, seconds=1)


def test_patterns_match_as_on_the_server(server):
    expected, found = server
    match = {pattern: int(sequence_match(found, pattern, steps="0123")[0]) for pattern in expected["match"]}
    assert match == expected["match"]
    assert len(match) == 21


def test_patterns_are_counted_as_on_the_server(server):
    expected, found = server
    counts = {pattern: int(sequence_count(found, pattern, steps="0123")[0]) for pattern in expected["count"]}
    assert counts == expected["count"]
    assert len(counts) == 18


def test_the_times_of_the_first_match_are_those_of_the_server(server):
    expected, found = server
    times = {
        pattern: [at // SECOND for at in sequence_times(found, pattern, steps="0123")[0]]
        for pattern in expected["first_match_times"]
    }
    assert times == expected["first_match_times"]
    assert len(times) == 11


def test_only_the_named_steps_exist_for_a_pattern():
    found = walk({"u": ["a", "x", "b"], "v": ["b", "a"]})
    assert sequence_match(found, "(?1)(?2)", steps=["a", "b"]).tolist() == [True, False]
    assert sequence_match(found, "(?1)(?2)", steps=["a", "b", "x"]).tolist() == [False, False]
    assert sequence_count(found, "", steps=["a", "b"]).tolist() == [2, 2]
    assert sequence_match(found, "", steps=["z"]).tolist() == [True, True]
    assert sequence_times(found, ".*", steps=["a"]) == [[], []]
    assert sequence_times(found, "(?1).(?2)", steps=["a", "b", "x"]) == [[0, 120 * SECOND], []]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(?1)(2)", "character 5: no part of a pattern; (?1), (?t<60), . or .*"),
        ("(?3)", "character 1: step 3 of 2; 1 to 2"),
        ("(?0)", "character 1: step 0 of 2; 1 to 2"),
        ("(?t<5)(?1)", "character 1: a time that does not stand alone between two events; (?1)(?t<60)(?2)"),
        ("(?1)(?t>5)(?t<9)(?2)", "character 11: a time that does not stand alone between two events; (?1)(?t<60)(?2)"),
        ("(?1).*(?t<9)(?2)", "character 7: a time that does not stand alone between two events; (?1)(?t<60)(?2)"),
        ("(?1)(?t<9).*(?2)", "character 11: a time that does not stand alone between two events; (?1)(?t<60)(?2)"),
        ("(?1)(?t<9)", "character 11: a time after the last event; (?1)(?t<60)(?2)"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused_with_its_place(pattern, message):
    with pytest.raises(ParameterError) as error:
        parse_pattern(pattern, steps=2)
    assert str(error.value) == f"the pattern '{pattern}' cannot be used: 1 fault\n  {message}"


def first_match(path, elements, steps, start):
    """The rows of the first match from `start`, each element as early as the rest allows, by trying them all."""

    def rest(place, row):
        if place == len(elements):
            return []
        element = elements[place]
        last = range(row + 1, len(path)) if element.gap else range(row + 1, min(row + 2, len(path)))
        for other in range(start, len(path)) if place == 0 else last:
            at, name = path[other]
            if element.step and steps[element.step - 1] != name:
                continue
            if element.sign and not SIGNS[element.sign](at - path[row][0], element.time):
                continue
            if (tail := rest(place + 1, other)) is not None:
                return [other, *tail]
        return None

    return rest(0, start - 1)


PART = st.one_of(st.sampled_from(["(?1)", "(?2)", "(?3)", ".", ".*(?1)", ".*(?2)", ".*."]))
TIMED = st.builds(
    "(?t{}{}){}".format, st.sampled_from(list(SIGNS)), st.integers(0, 6), st.sampled_from(["(?1)", "(?2)", "."])
)
PATTERN = st.builds(lambda head, tail: "".join([head, *tail]), PART, st.lists(st.one_of(PART, TIMED), max_size=3))


@settings(max_examples=300, deadline=None)
@given(events(), PATTERN)
def test_patterns_agree_with_trying_them_all(frame, pattern):
    steps, found = ["a", "b", "c"], follow(frame)
    elements = parse_pattern(pattern, steps=3)
    match, counts, times = [], [], []
    for path in named_paths(frame).values():
        seen = [event for event in path if event[1] in steps]
        rows = first_match(seen, elements, steps, 0)
        match.append(rows is not None)
        pairs = zip(rows or [], elements, strict=False)
        times.append([seen[row][0] for row, element in pairs if element.step])
        counts.append(0)
        while rows is not None:
            counts[-1] += 1
            rows = first_match(seen, elements, steps, rows[-1] + 1)
    assert sequence_match(found, pattern, steps=steps, unit=MICRO).tolist() == match
    assert sequence_count(found, pattern, steps=steps, unit=MICRO).tolist() == counts
    assert sequence_times(found, pattern, steps=steps, unit=MICRO) == times


@settings(max_examples=100, deadline=None)
@given(events(), PATTERN, st.integers(1, 4), st.integers(0, 99))
def test_parts_add_up_and_the_order_of_rows_decides_nothing(frame, pattern, count, seed):
    options = {"steps": ["a", "b", "c"], "unit": MICRO}
    whole = count_sequences(follow(frame), pattern, **options)
    parts = [count_sequences(part, pattern, **options) for part in buckets(follow(frame), count)]
    assert merge(parts, by=["pattern"]).equals(whole)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=seed)
    assert count_sequences(follow(shuffled), pattern, **options).equals(whole)
    assert whole["everybody"].item() == frame["path"].n_unique()
    assert whole["paths"].item() <= whole["times"].item()


def test_many_matches_in_one_long_path_are_counted_by_doubling():
    found = walk({"u": ["a"] * 10_001}, seconds=1)
    assert sequence_count(found, "(?1)(?1)", steps=["a"]).tolist() == [5000]
    assert chain_lengths(np.arange(1, 1002).clip(max=1000))[0] == 1000
