import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walking import events, follow, named_paths, oracle, shop_walk, timed, walk

from cjtools.errors import ParameterError
from cjtools.journeys.pattern import (
    count_conversion,
    count_pattern,
    find_matches,
    finish_conversion,
    finish_pattern,
    read_pattern,
)
from cjtools.journeys.walks import MINUTE, SECOND, buckets, merge

CASES = 6
WINDOWS = {
    "within_events": lambda text: None if text == "none" else int(text),
    "within": lambda text: int(text) * SECOND,
}


@pytest.mark.parametrize("number", range(CASES))
def test_conversion_is_as_expected(number):
    case = oracle("conversion_rate")["cases"][number]
    found, ends = timed(case["paths"]), {"start": case["start"], "end": case["end"]}
    # An exit rate is that of the next event: the path's end is its only window.
    whole = {"within_events": 1} if case["end"] == "path_end" else {}
    row = finish_conversion(count_conversion(found, **ends, **whole)).row(0, named=True)
    names = {"paths_with_start": "with_start", "conversion_rate": "value"}
    for name in ("paths_with_start", "converted", "conversion_rate", "base_rate", "lift"):
        if name in case:
            assert row[names.get(name, name)] == pytest.approx(case[name], abs=1e-9)
    for window, key in (("within_events", "within_events"), ("within", "within_seconds")):
        for text, wanted in case.get(key, {}).items():
            counts = count_conversion(found, **ends, **{window: WINDOWS[window](text)})
            assert counts["converted"].to_list() == [wanted]


def test_the_shops_conversion_within_thirty_minutes_is_that_of_the_peer():
    expected = oracle("ecom_cross_engine")["retentioneering"]["conv_cart_purchase_30m_session"]
    counts = count_conversion(
        shop_walk(path="session_id"), start=expected["start_anchor"], end=expected["end_anchor"], within=30 * MINUTE
    )
    row = finish_conversion(counts).row(0, named=True)
    assert (row["with_start"], row["converted"]) == (expected["paths_with_start"], expected["converted"])
    assert row["value"] == pytest.approx(expected["conversion_rate"], abs=1e-9)
    assert row["base_rate"] == pytest.approx(expected["base_rate"], abs=1e-9)
    assert row["lift"] == pytest.approx(expected["lift"], abs=1e-8)
    assert row["low"] < row["value"] < row["high"]


PATTERNS = {
    "a->b": "ab",
    "a->.*->b": "a.*b",
    "a->[^b]*->c": "a[^b]*c",
    "a->[^b]+->c": "a[^b]+c",
    "[a,b]->c": "[ab]c",
    "[^a]->a": "[^a^$]a",
    "path_start->a": r"\^a",
    "^->[^a]*->b->$": r"\^[^a^$]*b\$",
    "a->.->b": "a[^^$]b",
    "a->.{1,2}->b": "a.{1,2}b",
    "a->.{2}->b": "a.{2}b",
    "a->.{1,}->b": "a.{1,}b",
    "a->b?->c": "ab?c",
    "a->[a,b]*->c->.*->d": "a[ab]*c.*d",
    "a->.*->b->[^c]*->d->.{0,1}->a": "a.*b[^c]*d.{0,1}a",
    "a->path_end": r"a\$",
    "a->.*->[b,path_end]": r"a.*[b$]",
}


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(deadline=None, max_examples=60)
@given(events())
def test_a_pattern_finds_what_a_regular_expression_finds(pattern, frame):
    compiled = re.compile(PATTERNS[pattern])
    found = follow(frame)
    texts = ["^" + "".join(name for _, name in path) + "$" for _, path in sorted(named_paths(frame).items())]
    row = count_pattern(found, pattern).row(0, named=True)
    assert row["n"] == sum(compiled.search(text) is not None for text in texts)
    assert row["matches"] == sum(
        compiled.match(text, place) is not None for text in texts for place in range(len(text))
    )


@settings(deadline=None, max_examples=60)
@given(events(), st.integers(0, 4), st.integers(0, 5))
def test_windows_are_those_of_a_plain_search(frame, length, time):
    wanted = 0
    for path in named_paths(frame).values():
        names = [name for _, name in path]
        wanted += any(
            names[i] == "a"
            and names[k] == "b"
            and names[j] == "c"
            and j - i <= length
            and path[j][0] - path[i][0] <= time
            for i in range(len(path))
            for k in range(i + 1, len(path))
            for j in range(k + 1, len(path))
        )
    found = count_pattern(follow(frame), "a->.*->b->.*->c", within_events=length, within=time)
    assert found["n"].to_list() == [wanted]


@settings(deadline=None, max_examples=60)
@given(events())
def test_parts_of_patterns_and_conversions_add_up(frame):
    found = follow(frame)
    parts = buckets(found, 3)
    whole = count_pattern(found, "a->[^b]*->c")
    assert merge([count_pattern(part, "a->[^b]*->c") for part in parts], by=["pattern"]).equals(whole)
    counts = [count_conversion(part, start="a", end="b", within=3) for part in parts]
    assert merge(counts, by=["start", "end"]).equals(count_conversion(found, start="a", end="b", within=3))


def test_a_match_is_the_first_and_says_where_each_step_is():
    matches = find_matches(walk({"u": ["a", "b", "b", "c", "a", "c"], "v": ["c", "a"]}), "a->.*->c")
    assert matches.rows.tolist() == [[1, 4], [5, 6]]
    assert matches.firsts().rows.tolist() == [[1, 4]]


def test_the_share_of_paths_comes_with_n_an_interval_and_a_time():
    row = finish_pattern(count_pattern(walk({"u": ["a", "b"], "v": ["b"]}), "a->b")).row(0, named=True)
    assert (row["n"], row["paths"], row["value"], row["seconds"]) == (1, 2, 0.5, 60.0)
    assert row["low"] < 0.5 < row["high"]


def test_a_name_with_signs_stands_in_quotes():
    found = walk({"u": ["add -> cart", "a, b", "c"]})
    assert count_pattern(found, '"add -> cart"->"a, b"->c')["n"].to_list() == [1]


def test_a_step_that_nobody_made_matches_nobody():
    assert count_pattern(walk({"u": ["a"]}), "a->.*->z")["n"].to_list() == [0]
    assert finish_pattern(count_pattern(walk({"u": ["a"]}), "z"))["seconds"].to_list() == [None]
    row = finish_conversion(count_conversion(walk({"u": ["a"]}), start="a", end="z")).row(0, named=True)
    assert (row["value"], row["base_rate"], row["lift"]) == (0.0, 0.0, None)
    empty = finish_conversion(count_conversion(walk({}), start="a", end="z")).row(0, named=True)
    assert (empty["value"], empty["base_rate"], empty["lift"]) == (None, None, None)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("a->.*", "its ends: something repeated; a step or a border"),
        ("a->.*->b*->c", "a gap: follows a gap; a step between them"),
        (
            "a->[b->c",
            """part: '[b' is not understood; steps as in "cart->[^purchase]*->path_end\"""",
        ),
        ("", """part: '' is not understood; steps as in "cart->[^purchase]*->path_end\""""),
    ],
)
def test_a_pattern_that_says_nothing_is_refused(pattern, message):
    with pytest.raises(ParameterError) as caught:
        read_pattern(pattern)
    assert str(caught.value) == f"the pattern {pattern!r} cannot be used: 1 fault\n  {message}"
