from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walking import events, follow, named_paths, oracle, shop_walk, tied, walk

from cjtools.journeys.step_matrix import (
    compare_steps,
    count_around,
    count_blocks,
    count_steps,
    count_steps_back,
    finish_steps,
    fold_steps,
    matrix,
    rest_of_steps,
)
from cjtools.journeys.walks import buckets, keep, merge

KEYS = ["block", "place", "step"]


def table(found: pl.DataFrame, states: list[str], *, block: int = 0, value: str = "value") -> list[list[float]]:
    return [list(row[1:]) for row in matrix(found, steps=states, block=block, value=value).iter_rows()]


def nearly(expected: list[list[float]]) -> list[object]:
    return [pytest.approx(row, abs=1e-9) for row in expected]


def test_the_matrix_of_users_from_the_start_is_as_expected():
    case = oracle("step_matrix")
    found = finish_steps(count_steps(tied(case["rows"], path=0), steps=5))
    assert table(found, case["states"]) == nearly(case["user_steps_0_5"])


def test_the_difference_of_sessions_by_country_is_as_expected():
    case = oracle("step_matrix")
    us, uk = (count_steps(tied([row for row in case["rows"] if row[3] == at], path=2), steps=5) for at in ("US", "UK"))
    found = compare_steps(us, uk, names=("US", "UK"))
    assert table(found, case["states"], value="difference") == nearly(case["session_diff_US_minus_UK_steps_0_5"])
    assert set(found["of_a"]) | set(found["of_b"]) == {2}
    assert found["few"].all()


def test_the_matrix_of_sessions_from_the_end_is_as_expected():
    case = oracle("step_matrix")
    found = finish_steps(count_steps_back(tied(case["rows"], path=2), steps=5))
    assert table(found, case["states"]) == nearly(case["session_centred_on_path_end_steps_m5_0"])


def test_the_blocks_of_a_pattern_are_as_expected():
    case = oracle("step_matrix")
    blocks = case["user_pattern_path_start_any_C"]
    found = finish_steps(count_blocks(tied(case["rows"], path=0), "path_start->.*->C", before=2, after=2))
    first = [row[2:] for row in table(found, case["states"], block=0)]
    assert first == nearly(blocks["first_block_steps_0_2"])
    second = table(found, case["states"], block=1)
    assert second == nearly(blocks["second_block_centred_on_first_C_steps_m2_2"])


def test_the_matrix_of_a_finer_grain_is_as_expected():
    case = oracle("step_matrix")["finer_grain"]
    found = finish_steps(count_steps(walk(case["sessions"]), steps=4))
    assert table(found, case["states"]) == nearly(case["steps_0_4"])


def test_the_shops_step_matrix_is_that_of_the_peer():
    expected = oracle("ecom_cross_engine")["retentioneering"]["step_matrix_session"]
    found = finish_steps(count_steps(shop_walk(path="session_id"), steps=6))
    assert table(found, list(expected)) == nearly(list(expected.values()))


def test_a_path_that_has_ended_does_not_resume_after_a_missing_name():
    case = next(case for case in oracle("defects")["cases"] if case["id"] == "null-event")
    found = count_steps(walk(case["input"]), steps=4)
    assert found.filter(pl.col("place") == 2).select("step", "n").rows() == [("(missing)", 1), ("c", 1)]
    ended = found.filter(pl.col("step") == "path_end")
    assert ended.select("place", "n").rows() == [(3, 1), (4, 2)]


@settings(deadline=None, max_examples=60)
@given(events(), st.integers(0, 5))
def test_counts_are_those_of_a_plain_loop(frame, steps):
    paths = [["path_start", *(name for _, name in path), "path_end"] for path in named_paths(frame).values()]
    ahead = Counter((place, path[min(place, len(path) - 1)]) for path in paths for place in range(steps + 1))
    back = Counter((-place, path[max(-1 - place, -len(path))]) for path in paths for place in range(steps + 1))
    for found, wanted in (
        (count_steps(follow(frame), steps=steps), ahead),
        (count_steps_back(follow(frame), steps=steps), back),
    ):
        assert {(place, step): n for place, step, n in found.select("place", "step", "n").iter_rows()} == wanted


@settings(deadline=None, max_examples=60)
@given(events(), st.booleans())
def test_an_anchor_is_the_first_or_the_last_of_its_step_in_the_path(frame, last):
    paths = [[name for _, name in path] for path in named_paths(frame).values()]
    wanted: Counter[tuple[int, str]] = Counter()
    for path in paths:
        if "a" in path:
            place = len(path) - 1 - path[::-1].index("a") if last else path.index("a")
            whole = ["path_start", *path, "path_end"]
            wanted.update((move, whole[min(max(place + 1 + move, 0), len(whole) - 1)]) for move in (-2, -1, 0, 1))
    found = count_around(follow(frame), "a", before=2, after=1, last=last)
    assert {(place, step): n for place, step, n in found.select("place", "step", "n").iter_rows()} == wanted
    if not last:
        assert found.equals(count_blocks(follow(frame), "a", before=2, after=1))


@settings(deadline=None, max_examples=60)
@given(events())
def test_parts_add_up_and_every_place_has_every_path(frame):
    found = follow(frame)
    for count in (
        lambda part: count_steps(part, steps=4),
        lambda part: count_steps_back(part, steps=4),
        lambda part: count_blocks(part, "a->.*->b", before=1, after=1),
    ):
        assert merge([count(part) for part in buckets(found, 3)], by=KEYS).equals(count(found))
    sums = count_steps(found, steps=4).group_by("place").agg(pl.col("n").sum())["n"]
    assert sums.to_list() == [frame["path"].n_unique()] * 5


@settings(deadline=None, max_examples=60)
@given(events())
def test_the_rest_is_the_whole_less_a_group(frame):
    found = follow(frame)
    one, others = (count_steps(keep(found, rows), steps=3) for rows in (found.path == 0, found.path != 0))
    assert rest_of_steps(count_steps(found, steps=3), one).equals(others)


def test_rare_steps_fold_into_others_and_the_borders_stay():
    counts = count_steps(walk({"u": ["a", "b", "a"], "v": ["c"]}), steps=2)
    assert fold_steps(counts, top=1).drop("block").rows() == [
        (0, "path_start", 2),
        (1, "<OTHERS>", 1),
        (1, "a", 1),
        (2, "<OTHERS>", 1),
        (2, "path_end", 1),
    ]


def test_shares_come_with_n_and_an_interval():
    row = finish_steps(count_steps(walk({"u": ["a"], "v": ["b"]}), steps=1)).row(1, named=True)
    assert (row["step"], row["n"], row["of"], row["value"]) == ("a", 1, 2, 0.5)
    assert row["low"] < 0.5 < row["high"]


def test_no_path_makes_no_matrix():
    assert finish_steps(count_steps(walk({}))).is_empty()
    assert count_around(walk({"u": ["a"]}), "z", before=1, after=1).is_empty()
    assert count_blocks(walk({"u": ["a"]}), "z->a", before=1, after=1).is_empty()
