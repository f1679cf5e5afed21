from collections import Counter
from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walking import events, follow, named_paths, oracle, shop_walk, ties, timed, walk

from cjtools.journeys.paths import (
    collapse,
    count_links,
    count_loops,
    count_routes,
    finish_links,
    finish_loops,
    repeats,
    top_routes,
)
from cjtools.journeys.walks import Walk, buckets, merge

LINK = ["place", "source", "target"]


def steps(found: Walk) -> list[str]:
    return [found.names[code] for code in found.step]


@pytest.mark.parametrize("number", range(3))
def test_repeats_are_collapsed_as_expected(number):
    case = oracle("collapse_loops")["cases"][number]
    loops = case["loops"]
    found = walk({"u": case["events"]}, seconds=0 if "same_timestamp_for" in case else 60)
    only = None if loops is True else loops
    assert steps(collapse(found, only=only)) == case["out"]
    if "kept_first_index" in case:
        kept = [place for place, again in enumerate(repeats(found)) if not again]
        assert kept == case["kept_first_index"]


def test_tied_events_collapse_to_the_same_number_on_every_run():
    case = next(case for case in oracle("defects")["cases"] if case["id"] == "ties-collapse")
    assert case["right"].startswith("105470 ")
    for seed in range(3):
        assert len(collapse(follow(ties().sample(fraction=1, shuffle=True, seed=seed)))) == 105470


@settings(deadline=None, max_examples=60)
@given(events())
def test_collapsing_is_grouping_and_twice_is_once(frame):
    wanted = [name for _, path in sorted(named_paths(frame).items()) for name, _ in groupby(name for _, name in path)]
    once = collapse(follow(frame))
    assert steps(once) == wanted == steps(collapse(once))


def test_loops_are_told_apart_from_repeats():
    found = finish_loops(count_loops(walk({"u": ["a", "a", "b", "a"], "v": ["a", "b"]})))
    columns = found.select("step", "paths", "again", "visits", "in_a_row", "back", "value").rows()
    assert columns == [("a", 2, 1, 4, 1, 1, 0.5), ("b", 2, 0, 2, 0, 0, 0.0)]


def test_the_shops_sessions_come_back_to_steps_as_often_as_in_the_peer():
    expected = oracle("ecom_cross_engine")["pm4py"]["rework_session_id"]
    found = count_loops(shop_walk(path="session_id")).filter(pl.col("again") > 0)
    assert dict(found.select("step", "again").iter_rows()) == expected


@settings(deadline=None, max_examples=60)
@given(events())
def test_loops_of_buckets_add_up_and_visits_are_conserved(frame):
    merged = merge([count_loops(part) for part in buckets(follow(frame), 3)], by=["step"])
    assert merged.equals(count_loops(follow(frame)))
    assert merged["visits"].sum() == len(frame)
    assert (merged["visits"] == merged["paths"] + merged["in_a_row"] + merged["back"]).all()


@pytest.mark.parametrize("path", ["user_id", "session_id"])
def test_the_shop_has_as_many_distinct_routes_as_in_the_peer(path):
    expected = oracle("ecom_cross_engine")["pm4py"]
    assert len(count_routes(shop_walk(path=path))) == expected[f"n_variants_{path}"]


def test_the_shops_top_routes_are_those_of_the_peer_with_the_share_shown():
    expected = oracle("ecom_cross_engine")["pm4py"]["top_variants_session_id"]
    found = top_routes(count_routes(shop_walk(path="session_id")), top=10)
    assert [list(row) for row in found.head(10).select("route", "n").iter_rows()] == expected
    others = found.row(10, named=True)
    assert (others["route"], others["routes"], others["n"]) == (["<OTHERS>"], 2993, 3605 - 382)
    assert found["value"].sum() == pytest.approx(1)


@settings(deadline=None, max_examples=60)
@given(events(), st.sampled_from([None, 1, 2, 3]))
def test_routes_are_those_of_a_counter(frame, length):
    found = count_routes(follow(frame), steps=length)
    wanted = Counter(tuple(name for _, name in path[:length]) for path in named_paths(frame).values())
    assert {tuple(route): n for route, n in found.select("route", "n").iter_rows()} == wanted
    times = sum(path[:length][-1][0] - path[0][0] for path in named_paths(frame).values())
    assert found["time"].sum() == times


@settings(deadline=None, max_examples=60)
@given(events())
def test_routes_of_buckets_add_up(frame):
    parts = [count_routes(part) for part in buckets(follow(frame), 3)]
    assert merge(parts, by=["route"]).equals(count_routes(follow(frame)))


def test_equal_counts_go_by_the_route():
    found = top_routes(count_routes(walk({"u": ["b"], "v": ["a", "c"], "w": ["a"], "x": ["b"]})), top=2)
    assert found["route"].to_list() == [["b"], ["a"], ["<OTHERS>"]]
    assert found.select("routes", "n", "of").rows() == [(1, 2, 4), (1, 1, 4), (1, 1, 4)]
    assert found["seconds"].to_list() == [0.0, 0.0, 60.0]


def test_without_others_there_is_no_row_of_others():
    assert top_routes(count_routes(walk({"u": ["a"]})))["route"].to_list() == [["a"]]
    assert top_routes(count_routes(walk({}))).is_empty()


def links(found: pl.DataFrame) -> list[list[object]]:
    return sorted([f"{row[0]}_{row[1]}", f"{row[0] + 1}_{row[2]}", row[3]] for row in found.iter_rows())


@pytest.mark.parametrize("number", [0, 1])
def test_links_are_counted_as_expected(number):
    case = oracle("path_links")["cases"][number]
    assert links(count_links(walk(case["paths"]))) == sorted(case["links"])


def test_links_have_the_expected_mean_times_and_the_limit_of_steps_holds():
    case = oracle("path_links")["cases"][2]
    found = finish_links(count_links(timed(case["timed_paths"])), paths=2).sort(LINK)
    rows = zip(links(found.select(*LINK, "n")), found["seconds"] * 1000, strict=True)
    assert [[*link, time] for link, time in rows] == sorted(case["links_avg_ms"])
    for limit, count in case["step_limit"].items():
        assert len(count_links(timed(case["timed_paths"]), steps=int(limit))) == count


def test_half_of_fifty_users_take_the_branch():
    case = oracle("path_links")["cases"][3]
    names = ["step one", "step two", "step three", "step branch"]
    paths = {f"user {number}": names[: 3 if number % 2 else 4] for number in range(50)}
    found = finish_links(count_links(walk(paths)), paths=50)
    assert links(found.select(*LINK, "n")) == sorted(case["links"])
    assert found["value"].to_list() == [1.0, 1.0, 0.5]
    assert found["seconds"].to_list() == [60.0] * 3


def test_links_that_are_not_shown_stay_as_others():
    found = finish_links(
        count_links(walk({"u": ["a", "b"], "v": ["a", "b"], "w": ["b", "c"], "x": ["c", "a"]})), paths=4, links=1
    )
    assert found.select(*LINK, "links", "n", "of").rows() == [
        (1, "a", "b", 1, 2, 4),
        (1, "<OTHERS>", "<OTHERS>", 2, 2, 4),
    ]


def test_a_path_that_ends_has_a_link_to_the_end_when_asked():
    found = finish_links(count_links(walk({"u": ["a", "b"], "v": ["a"]}), exits=True), paths=2)
    assert found.select(*LINK, "n", "seconds").rows() == [
        (1, "a", "b", 1, 60.0),
        (1, "a", "path_end", 1, None),
        (2, "b", "path_end", 1, None),
    ]


@settings(deadline=None, max_examples=60)
@given(events(), st.booleans())
def test_links_of_buckets_add_up_and_are_conserved(frame, exits):
    whole = count_links(follow(frame), steps=50, exits=exits)
    assert merge([count_links(part, steps=50, exits=exits) for part in buckets(follow(frame), 3)], by=LINK).equals(
        whole
    )
    assert whole["n"].sum() == len(frame) - (0 if exits else frame["path"].n_unique())
