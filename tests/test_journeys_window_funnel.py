from __future__ import annotations

import datetime as dt
import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walking import events, follow, named_paths, oracle

from cjtools.errors import ParameterError
from cjtools.journeys.walks import Walk, buckets, merge, walk_of
from cjtools.journeys.window_funnel import MODES, count_window_levels, window_levels

MICRO = dt.timedelta(microseconds=1)
# Every set of modes that goes together.
SETS = [
    chosen
    for size in range(len(MODES) + 1)
    for chosen in itertools.combinations(MODES, size)
    if "allow_reentry" not in chosen or "strict_order" in chosen
]


def levels(paths, steps, window, modes=()) -> dict[str, int]:
    rows = [(who, int(at), str(name)) for who, path in paths.items() for at, name in path]
    frame = pl.DataFrame(rows, schema={"path": pl.String, "at": pl.Int64, "step": pl.String}, orient="row")
    walk = walk_of(frame, path="path", at="at", step="step")
    found = window_levels(walk, steps=[str(step) for step in steps], window=window * MICRO, modes=modes)
    return dict(zip(walk.ids, found.tolist(), strict=True))


@pytest.mark.parametrize("number", range(32))
def test_the_levels_are_those_of_the_servers_own_tests(number):
    cases = oracle("window_funnel")["cases"]
    assert len(cases) == 32
    case = cases[number]
    assert levels(case["events"], case["steps"], case["window"], case["mode"]) == case["expected"]


def test_a_repeat_that_ends_the_search_leaves_what_was_reached():
    assert "must give 3, older servers gave 1" in oracle("window_funnel")["also"]
    steps = ["install", "start", "login", "end"]
    first = ["install", "start", "login", "install"]
    whole = [*first, "start", "install", "start", "login", "end"]
    for path in (first, whole):
        timed = [(place * 5, name) for place, name in enumerate(path)]
        assert levels({"u": timed}, steps, 60, ["strict_deduplication"]) == {"u": 3}
    # Older servers said four, though c never came.
    timed = [(1, "a"), (2, "b"), (3, "d"), (4, "b")]
    assert levels({"u": timed}, "abcd", 60, ["strict_deduplication"]) == {"u": 2}


def test_the_modes_of_one_small_path_differ_as_they_should():
    path = {"u": [(1, "a"), (2, "x"), (3, "b"), (3, "c"), (4, "b"), (9, "d")]}
    found = {mode: levels(path, "abcd", 9, [mode])["u"] for mode in MODES if mode != "allow_reentry"}
    assert found == {"strict_deduplication": 3, "strict_order": 1, "strict_increase": 2, "strict_once": 4}
    assert levels(path, "abcd", 9)["u"] == 4
    assert levels(path, "abcd", 8)["u"] == 4
    assert levels(path, "abcd", 7)["u"] == 3


def test_a_step_named_twice_comes_too_early_in_strict_order():
    path = {"u": [(100, "begin"), (200, "view"), (300, "begin"), (400, "pay")]}
    steps = ["begin", "view", "begin", "pay"]
    assert levels(path, steps, 600, ["strict_order"]) == {"u": 1}
    assert levels(path, steps, 600, ["strict_order", "allow_reentry"]) == {"u": 1}
    assert levels(path, steps, 600) == {"u": 4}


def test_faults_are_named_all_at_once():
    with pytest.raises(ParameterError) as error:
        levels({"u": [(1, "a")]}, [], -1, ["strict_ordr", "allow_reentry"])
    assert str(error.value) == (
        "this funnel cannot be used: 4 faults\n"
        "  modes: 'strict_ordr' is no mode; did you mean 'strict_order'?\n"
        "  modes: allow_reentry without strict_order; it only softens strict_order\n"
        "  steps: there are none; one or more names of steps\n"
        "  window: -1 day, 23:59:59.999999 is below zero"
    )


def simulate(path, steps, window, modes) -> int:
    """The rule of the server, event by event, with every chain kept where an event may be one step only."""
    order = "strict_order" in modes
    entries = [(at, k, row) for row, (at, name) in enumerate(path) for k in numbers(name, steps, order)]
    chains = {k: [] for k in range(1, len(steps) + 1)}
    since = []
    for at, k, row in sorted(entries):
        if k == 0:
            if chains[1]:
                break
        elif k == 1:
            if order and "allow_reentry" not in modes and len(steps) > 1 and chains[2]:
                break
            chains[1].append(((row,), at, at))
            since = [1]
        elif "strict_deduplication" in modes and chains[k]:
            if "allow_reentry" in modes:
                return max(since)
            break
        elif order and chains[1] and not chains[k - 1]:
            break
        elif grown := list(grow(chains[k - 1], row, at, window, modes)):
            chains[k] += grown
            since.append(k)
            if k == len(steps):
                return k
    return max((k for k, found in chains.items() if found), default=0)


def numbers(name, steps, order):
    return [k + 1 for k, step in enumerate(steps) if step == name] or ([0] if order else [])


def grow(chains, row, at, window, modes):
    once = "strict_once" in modes
    for rows, first, last in chains if once else chains[-1:]:
        if at - first > window or (once and row in rows) or ("strict_increase" in modes and last >= at):
            continue
        yield (*rows, row), first, at


@settings(max_examples=300, deadline=None)
@given(events(), st.lists(st.sampled_from("abcd"), min_size=1, max_size=4), st.integers(0, 9), st.sampled_from(SETS))
def test_each_mode_agrees_with_the_rule_event_by_event(frame, steps, window, modes):
    walk = follow(frame)
    expected = {who: simulate(path, steps, window, modes) for who, path in named_paths(frame).items()}
    found = window_levels(walk, steps=steps, window=window * MICRO, modes=modes)
    assert dict(zip(walk.ids, found.tolist(), strict=True)) == expected


@settings(max_examples=100, deadline=None)
@given(events(), st.permutations("abcd"), st.integers(0, 9))
def test_without_modes_the_level_is_that_of_the_longest_chain_there_is(frame, steps, window):
    found = window_levels(follow(frame), steps=steps, window=window * MICRO)
    for path, level in zip(named_paths(frame).values(), found.tolist(), strict=True):
        chains = {
            size
            for size in range(1, 5)
            for chosen in itertools.product(*([at for at, name in path if name == step] for step in steps[:size]))
            if list(chosen) == sorted(chosen) and chosen[-1] - chosen[0] <= window
        }
        assert level == max(chains, default=0)


@settings(max_examples=100, deadline=None)
@given(
    events(),
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=4),
    st.sampled_from(SETS),
    st.integers(1, 4),
    st.data(),
)
def test_parts_add_up_and_the_order_of_rows_decides_nothing(frame, steps, modes, count, data):
    options = {"steps": steps, "window": 5 * MICRO, "modes": modes}
    whole = count_window_levels(follow(frame), **options)
    parts = [count_window_levels(part, **options) for part in buckets(follow(frame), count)]
    assert merge(parts, by=["level", "step"]).equals(whole)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=data.draw(st.integers(0, 99)))
    assert count_window_levels(follow(shuffled), **options).equals(whole)
    assert whole["paths"].sum() == frame["path"].n_unique()
    plain = count_window_levels(follow(frame), steps=steps, window=5 * MICRO)
    reached, most = at_least(whole), at_least(plain)
    assert all(here <= there for here, there in zip(reached, most, strict=True))
    assert reached == sorted(reached, reverse=True)


def at_least(counts: pl.DataFrame) -> list[int]:
    return list(itertools.accumulate(counts["paths"].reverse()))[::-1]


def test_a_walk_without_events_has_no_levels():
    empty: Walk = buckets(follow(pl.DataFrame({"path": ["u"], "at": [1], "step": ["a"], "row": [0]})), 2)[1]
    for modes in SETS:
        assert count_window_levels(empty, steps=["a", "b"], window=MICRO, modes=modes)["paths"].to_list() == [0, 0, 0]
