from __future__ import annotations

import datetime as dt
import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walking import events, follow, named_paths, oracle, shop_walk, ties, timed, walk

from cjtools.errors import ParameterError
from cjtools.journeys.chains import Funnel, chains_of, check_steps
from cjtools.journeys.funnels import (
    COUNTS,
    DROPS,
    TIMES,
    compare_funnels,
    count_drop_off,
    count_funnel,
    count_times,
    drop_off_shares,
    funnel_rates,
    time_to_convert,
)
from cjtools.journeys.split import cut_marked, mark_bounds
from cjtools.journeys.walks import REST, buckets, merge

MICRO = dt.timedelta(microseconds=1)


def counts(paths, steps, **rule) -> list[int]:
    return count_funnel(walk(paths), Funnel(tuple(steps), **rule))["paths"].to_list()


def rates(table: pl.DataFrame, share_of: str) -> list[float]:
    return table.filter(share_of=share_of)["value"].to_list()


@pytest.mark.parametrize("number", range(12))
def test_closed_funnels_are_those_of_the_peer_with_both_denominators(number):
    cases = oracle("funnel_closed")["cases"]
    assert len(cases) == 12
    case = cases[number]
    table = funnel_rates(count_funnel(walk(case["paths"]), Funnel(tuple(case["steps"]))))
    assert table.filter(share_of="all")["n"].to_list() == case["unique_paths"]
    for share_of, expected in (("all", case["conversion_rate"]), ("prior", case["step_conversion_rate"])):
        if expected is not None:
            found = rates(table, share_of)
            # Of nobody we give no share; the peer says 0.
            assert [value or 0 for value in found] == pytest.approx(expected)
            nobody = table.filter(share_of=share_of)["of"].to_list()
            assert [value is None for value in found] == [of == 0 for of in nobody]


def test_two_segments_are_compared_as_the_peer_does_and_with_both_n_and_an_interval():
    case = oracle("funnel_closed")["segment_cases"][0]
    found = walk(case["paths"])
    groups = [case["segment"][who] for who in found.ids]
    table = count_funnel(found, Funnel(tuple(case["steps"])), groups=groups)
    compared = compare_funnels(table, a="segment_1", b="segment_2")
    whole, prior = (compared.filter(share_of=name) for name in ("all", "prior"))
    assert whole["n_a"].to_list() == case["segment_1"]
    assert whole["n_b"].to_list() == case["segment_2"]
    assert (whole["n_a"] - whole["n_b"]).to_list() == case["delta"]
    assert prior["value_a"].to_list() == case["step_rate_1"]
    assert prior["value_b"].to_list() == case["step_rate_2"]
    assert whole["difference"].to_list() == [0.0, 0.0, -0.5]
    assert whole["few"].all()
    assert (whole["low"] < whole["high"]).all()
    assert compare_funnels(table, a="segment_1").equals(compared)


@pytest.mark.parametrize("number", range(5))
def test_strict_unordered_and_any_event_funnels_are_those_of_the_other_peer(number):
    cases = oracle("funnel_modes")["cases"]
    assert len(cases) == 5
    case = cases[number]
    order, found = case["mode"].split()[0], walk(case["paths"])
    chains = chains_of(found, Funnel(tuple(case["steps"]), order=order))
    assert counts(case["paths"], case["steps"], order=order) == case["counts"]
    for step, people in case.get("reached", {}).items():
        assert [who for who, level in zip(found.ids, chains.levels, strict=True) if level >= int(step)] == people
    for step, people in case.get("dropped_after", {}).items():
        assert [who for who, level in zip(found.ids, chains.levels, strict=True) if level == int(step)] == people
    if "derived_ordered_counts" in case:
        assert counts(case["paths"], case["steps"]) == case["derived_ordered_counts"]


@pytest.mark.parametrize("number", range(4))
def test_times_to_convert_and_windows_are_those_of_the_other_peer(number):
    cases = oracle("funnel_modes")["timed_cases"]
    assert len(cases) == 4
    case = cases[number]
    window = dt.timedelta(seconds=case.get("window_s", 0), days=case.get("window_days", 0))
    funnel, found = Funnel(tuple(case["steps"]), window=window), timed(case["paths"])
    table = count_funnel(found, funnel)
    assert table["paths"].to_list()[: len(case.get("counts", []))] == case.get("counts", [])
    assert table["paths"][0] == case.get("first_count", table["paths"][0])
    times = time_to_convert(count_times(found, funnel)).filter(since="prior")
    for key, column in (("avg_s", "mean"), ("median_s", "median")):
        for place, seconds in case.get(key, {}).items():
            assert times.filter(place=int(place))[column].item() == seconds


@pytest.mark.parametrize("path", ["user_id", "session_id"])
def test_funnels_of_the_bundled_shop_are_those_of_the_peer(path):
    expected = {
        key.split("|")[2]: people
        for key, people in oracle("ecom_cross_engine")["retentioneering"].items()
        if key.startswith(f"funnel|{path}|")
    }
    shop = shop_walk(path=path)
    assert len(expected) == 2
    for steps, people in expected.items():
        funnel = Funnel(tuple(steps.split(">")))
        check_steps(funnel, shop.names)
        assert count_funnel(shop, funnel)["paths"].to_list() == people


def test_the_denominators_of_the_shop_are_people_or_sessions():
    table = funnel_rates(count_funnel(shop_walk(path="session_id"), Funnel(("cart", "shipping_details", "purchase"))))
    # What the peer's own page says: 28.3 %, 14.2 %, 4.8 % of 3,605 sessions.
    assert table.filter(share_of="all")["of"].to_list() == [3605] * 3
    assert [round(100 * value, 1) for value in rates(table, "all")] == [28.3, 14.2, 4.8]


def test_one_person_against_one_gets_both_n_and_an_interval_and_a_mark():
    assert any(case["id"] == "tiny-diff" for case in oracle("defects")["cases"])
    found = walk({"one": ["cart"], "two": ["cart", "purchase"]})
    table = count_funnel(found, Funnel(("cart", "purchase")), groups=["a", "b"])
    row = compare_funnels(table, a="a", b=REST).filter(step="purchase", share_of="all").row(0, named=True)
    assert (row["difference"], row["of_a"], row["of_b"], row["few"]) == (-1.0, 1, 1, True)
    assert row["low"] == -1.0
    assert row["high"] > 0


def test_ties_never_change_a_funnel():
    assert any(case["id"] == "ties-bounds" for case in oracle("defects")["cases"])
    frame, funnel = ties(), Funnel(("b", "c"))
    whole = count_funnel(follow(frame), funnel)
    for seed in range(5):
        assert count_funnel(follow(frame.sample(fraction=1, shuffle=True, seed=seed)), funnel).equals(whole)
    plain = {}
    for who, step in frame.select("path", "step").iter_rows():
        plain[who] = plain.get(who, 0) or (step == "b")
        plain[who] = 2 if plain[who] and step == "c" else plain[who]
    assert whole["paths"].to_list() == [sum(level >= k for level in plain.values()) for k in (1, 2)]


def test_ties_never_change_a_funnel_within_sessions_between_two_events():
    case = {case["id"]: case for case in oracle("defects")["cases"]}["ties-bounds"]
    frame, found = ties(), []
    for seed in range(4):
        walk = follow(frame.sample(fraction=1, shuffle=True, seed=seed))
        sessions = cut_marked(walk, mark_bounds(walk, "a", "h")).walk
        found.append(count_funnel(sessions, Funnel(("b", "c")))["paths"].to_list())
    # The peer says 1739 and 1737 in turns; 1739 is what the order of the file gives.
    assert "1739,1737" in case["peer"]
    assert found == [[3736, 1739]] * 4


def test_times_are_exact_below_the_second():
    expected = {case["id"]: case for case in oracle("defects")["cases"]}["subsecond"]
    assert expected["right"] == "0.002 s; 0.998 s"
    found = timed(
        {
            "u": [["2024-01-01 00:00:00.999", "a"], ["2024-01-01 00:00:01.001", "b"]],
            "v": [["2024-01-01 00:00:00.001", "a"], ["2024-01-01 00:00:00.999", "b"]],
        }
    )
    times = count_times(found, Funnel(("a", "b"))).filter(since="prior")
    assert times["time"].to_list() == [2_000, 998_000]


def rows(*timed_names: tuple[int, str]):
    frame = pl.DataFrame([("u", at, name) for at, name in timed_names], schema=["path", "at", "step"], orient="row")
    return follow(frame.with_row_index("row"))


def test_what_systems_call_a_tie_a_window_and_a_total_is_said_and_can_be_chosen():
    topics = {entry["topic"]: entry for entry in oracle("semantics_differences")["entries"]}
    assert "file order" in topics["equal timestamps in a funnel"]["retentioneering"]
    tied = rows((1, "b"), (1, "a"))
    levels = {rule: chains_of(tied, Funnel(("a", "b"), ties=rule)).levels[0] for rule in ("rows", "steps", "later")}
    assert levels == {"rows": 1, "steps": 2, "later": 1}
    assert chains_of(rows((1, "a"), (1, "b")), Funnel(("a", "b"), ties="later")).levels[0] == 1
    assert chains_of(rows((1, "a"), (1, "b")), Funnel(("a", "b"))).levels[0] == 2

    assert "PRIOR" in topics["window of a funnel"]["ga4_api"]
    five = {"window": dt.timedelta(seconds=5), "window_from": "prior"}
    found = {gap: chains_of(rows((0, "a"), (gap, "b")), Funnel(("a", "b"), **five)).levels[0] for gap in GAPS}
    assert list(found.values()) == [2, 2, 1]

    assert topics["open or closed"]["retentioneering"] == "closed only"
    assert counts({"u": ["b", "c"]}, "abc") == [0, 0, 0]
    assert counts({"u": ["b", "c"]}, "abc", open=True) == [0, 1, 1]

    # People, as in Mixpanel: step 1 twice and then step 2 is one person of one.
    assert topics["totals"]["mixpanel"] == "step 1 = 1, conversion 100%"
    assert counts({"u": ["one", "one", "two"]}, ["one", "two"]) == [1, 1]

    # The repeated step that best meets the window, as in Amplitude's funnels.
    assert "best meets" in topics["repeated step"]["amplitude_funnel"]
    again = rows((0, "a"), (8, "a"), (9, "b"))
    assert chains_of(again, Funnel(("a", "b"), window=2 * MICRO)).rows.tolist() == [[1, 2]]


GAPS = [4_900_000, 5_000_000, 5_000_001]


def test_a_window_from_the_prior_step_finds_the_way_that_gets_furthest():
    found = rows((0, "a"), (1, "b"), (5, "b"), (10, "c"))
    funnel = Funnel(("a", "b", "c"), window=6 * MICRO, window_from="prior")
    assert chains_of(found, funnel).rows.tolist() == [[0, 2, 3]]
    assert chains_of(found, Funnel(("a", "b", "c"), window=6 * MICRO)).rows.tolist() == [[0, 1, 4]]


def test_those_who_stopped_did_something_else_or_left():
    found = walk({"u": ["a", "help", "b"], "v": ["a", "help"], "w": ["a"], "x": ["a", "b"], "y": ["b"]})
    drops = count_drop_off(found, Funnel(("a", "b", "c")))
    assert drops.rows() == [(1, "a", "help", 1), (1, "a", None, 1), (2, "b", None, 2)]
    shares = drop_off_shares(drops)
    assert shares.select("step", "instead", "n", "of", "value").rows() == [
        ("a", "help", 1, 2, 0.5),
        ("a", None, 1, 2, 0.5),
        ("b", None, 2, 2, 1.0),
    ]


def test_an_open_funnel_says_who_came_from_the_step_before():
    found = walk({"u": ["a", "b"], "v": ["b", "c"], "w": ["c", "b"]})
    table = count_funnel(found, Funnel(("a", "b", "c"), open=True))
    assert table.select("paths", "came", "everybody").rows() == [(1, 1, 3), (3, 1, 3), (2, 1, 3)]
    prior = funnel_rates(table).filter(share_of="prior")
    assert prior.select("n", "of", "dropped").rows() == [(1, 3, None), (1, 1, 0), (1, 3, 2)]


def test_a_group_that_is_not_there_is_refused_and_an_empty_rest_has_no_difference():
    table = count_funnel(walk({"u": ["a", "b"]}), Funnel(("a", "b")), groups=["mobile"])
    row = compare_funnels(table, a="mobile").row(0, named=True)
    assert (row["n_a"], row["of_b"], row["difference"], row["few"]) == (1, 0, None, True)
    with pytest.raises(ParameterError) as error:
        compare_funnels(table, a="mobil")
    expected = "this comparison cannot be used: 1 fault\n  group: there is no 'mobil'; did you mean 'mobile'?"
    assert str(error.value) == expected


def test_people_without_a_group_are_a_group_of_their_own():
    found = walk({"u": ["a"], "v": ["a", "b"]})
    table = count_funnel(found, Funnel(("a", "b")), groups=[None, "x"])
    assert table["group"].unique().sort().to_list() == ["(missing)", "x"]
    assert merge([table, table], by=COUNTS)["everybody"].to_list() == [2] * 4


def test_what_has_no_meaning_is_refused_all_at_once():
    with pytest.raises(ParameterError) as error:
        Funnel(("a", "a"), order="unordered", open=True, window=-MICRO, ties="later")
    assert str(error.value) == (
        "this funnel cannot be used: 5 faults\n"
        "  window: -1 day, 23:59:59.999999 is below zero\n"
        "  steps: a step comes twice or is any event; different steps where order is unordered\n"
        "  ties: 'later' in an unordered funnel; 'rows': without order, ties decide nothing\n"
        "  open: an open funnel without order; ordered or strict\n"
        "  window_from: 'first' in an open funnel; 'prior': a path may enter at any step"
    )
    with pytest.raises(ParameterError, match="steps: there are none"):
        Funnel(())


def test_the_definition_is_printed():
    assert Funnel(("a",)).describe() == "closed, ordered; no window; ties: rows; per profile"
    unordered = Funnel(("a", "b"), order="unordered", window=dt.timedelta(days=1), window_from="prior")
    expected = "closed, unordered; within 1 day, 0:00:00 of the prior step, edge included; ties: rows; per session"
    assert unordered.describe(per="session") == expected


FUNNELS = st.builds(
    Funnel,
    steps=st.lists(st.sampled_from("abcd*"), min_size=1, max_size=4).map(tuple),
    order=st.sampled_from(["ordered", "strict"]),
    window=st.one_of(st.none(), st.integers(0, 9).map(lambda size: size * MICRO)),
    window_from=st.sampled_from(["first", "prior"]),
    ties=st.sampled_from(["rows", "steps", "later"]),
)
UNORDERED = st.builds(
    Funnel,
    steps=st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True).map(tuple),
    order=st.just("unordered"),
    window=st.one_of(st.none(), st.integers(0, 9).map(lambda size: size * MICRO)),
    window_from=st.sampled_from(["first", "prior"]),
)


def tried(path, funnel) -> tuple[int, ...]:
    """The chain by trying every one: the longest, of those the first by its rows."""
    chains = [()]
    for chain in chains:
        if len(chain) < len(funnel.steps):
            after = range(chain[-1] + 1 if chain else 0, len(path))
            chains += [(*chain, row) for row in after if fits(path, funnel, chain, row)]
    return min(chains, key=lambda chain: (-len(chain), chain))


def fits(path, funnel, chain, row) -> bool:
    at, name = path[row]
    if funnel.steps[len(chain)] not in (name, "*"):
        return False
    if not chain:
        return True
    since = path[chain[0] if funnel.window_from == "first" else chain[-1]][0]
    direct = row == chain[-1] + 1 or funnel.order != "strict"
    later = at > path[chain[-1]][0] or funnel.ties != "later"
    return direct and later and (funnel.window is None or (at - since) * MICRO <= funnel.window)


def ready(path, funnel):
    if funnel.ties != "steps":
        return path
    rank = [next((k for k, step in enumerate(funnel.steps) if step in (name, "*")), 9) for _, name in path]
    return [path[row] for row in sorted(range(len(path)), key=lambda row: (path[row][0], rank[row]))]


@settings(max_examples=200, deadline=None)
@given(events(), FUNNELS)
def test_ordered_and_strict_funnels_agree_with_trying_every_chain(frame, funnel):
    found, begin = chains_of(follow(frame), funnel), 0
    for path, rows, level in zip(named_paths(frame).values(), found.rows.tolist(), found.levels, strict=True):
        expected = tried(ready(path, funnel), funnel)
        assert tuple(row - begin for row in rows[:level]) == expected
        assert rows[level:] == [frame.height] * (len(rows) - level)
        begin += len(path)


@settings(max_examples=150, deadline=None)
@given(events(), UNORDERED)
def test_unordered_funnels_agree_with_counting_different_steps_from_each_start(frame, funnel):
    levels = chains_of(follow(frame), funnel).levels.tolist()
    size = 99 if funnel.window is None else funnel.window // MICRO
    for path, level in zip(named_paths(frame).values(), levels, strict=True):
        best = 0
        for begin, (_, name) in enumerate(path):
            if name in funnel.steps:
                fresh = [at for row, (at, name) in enumerate(path) if row >= begin and is_new(path, begin, row, funnel)]
                since = [fresh[0] if funnel.window_from == "first" else before for before in [fresh[0], *fresh]]
                near = [at - start <= size for at, start in zip(fresh, since, strict=False)]
                best = max(best, len(list(itertools.takewhile(bool, near))))
        assert level == best


def is_new(path, begin, row, funnel) -> bool:
    name = path[row][1]
    return name in funnel.steps and name not in [other for _, other in path[begin:row]]


@settings(max_examples=80, deadline=None)
@given(events(), st.one_of(FUNNELS, UNORDERED), st.integers(1, 5), st.integers(0, 99))
def test_a_funnel_never_grows_and_its_parts_add_up_in_any_order_of_rows(frame, funnel, count, seed):
    found = follow(frame)
    whole = count_funnel(found, funnel)
    people = [whole["everybody"][0], *whole["paths"]]
    assert people == sorted(people, reverse=True)
    shuffled = follow(frame.sample(fraction=1, shuffle=True, seed=seed))
    for measure, keys in ((count_funnel, COUNTS), (count_times, [*TIMES, "time"]), (count_drop_off, DROPS)):
        one = measure(found, funnel)
        assert measure(shuffled, funnel).equals(one)
        assert merge([measure(part, funnel) for part in buckets(found, count)], by=keys).equals(one)
    stopped = count_drop_off(found, funnel)["paths"].sum()
    assert stopped + whole["paths"][-1] == whole["paths"][0]
    times = count_times(found, funnel).filter(since="first").group_by("place").agg(pl.col("n").sum())
    assert all(whole["paths"][place - 1] == n for place, n in times.iter_rows())


@settings(max_examples=100, deadline=None)
@given(events(), st.lists(st.sampled_from("abcd"), min_size=2, max_size=4), st.sampled_from(["ordered", "strict"]))
def test_open_funnels_count_whoever_is_there(frame, steps, order):
    funnel = Funnel(tuple(steps), order=order, open=True, window=3 * MICRO, window_from="prior")
    table = count_funnel(follow(frame), funnel)
    paths = named_paths(frame).values()
    assert table["paths"].to_list() == [sum(step in [name for _, name in path] for path in paths) for step in steps]
    for place, pair in enumerate(itertools.pairwise(steps), start=1):
        closed = count_funnel(follow(frame), Funnel(pair, order=order, window=3 * MICRO, window_from="prior"))
        assert table["came"][place] == closed["paths"][1]


@settings(max_examples=60, deadline=None)
@given(events(), FUNNELS, st.lists(st.sampled_from(["x", "y", None]), min_size=6, max_size=6))
def test_groups_add_up_to_everybody(frame, funnel, groups):
    found = follow(frame)
    table = count_funnel(found, funnel, groups=groups)
    plain = count_funnel(found, funnel)
    summed = table.group_by("place", "step").agg(pl.col("paths", "came", "everybody").sum()).sort("place")
    assert summed.equals(plain.drop("group"))
    if "x" in groups:
        compared = compare_funnels(table, a="x")
        assert (compared["n_a"] + compared["n_b"]).to_list() == funnel_rates(plain)["n"].to_list()
