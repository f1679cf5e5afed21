"""Two groups side by side: published intervals, scipy's tests, the differences of other systems, what is refused."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import polars as pl
import pytest
from conftest import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.contingency import relative_risk
from test_journeys_attribution import events, walk_from

from cjtools.errors import ParameterError
from cjtools.journeys.comparison import (
    Window,
    compare,
    corrected,
    correlate,
    count_behaviours,
    fisher,
    refuse_unlike,
    two_sided_p,
)
from cjtools.journeys.segments import (
    REST,
    in_segment,
    rest_of,
    static_segments,
    step_segments,
)
from cjtools.journeys.walks import Walk, buckets, merge, walk_of

ORACLES = SHARED / "oracles"
needs_oracles = pytest.mark.skipif(not ORACLES.is_dir(), reason="../shared/oracles is not here")
two_groups = st.tuples(st.integers(1, 400), st.integers(1, 400)).flatmap(
    lambda of: st.tuples(st.integers(0, of[0]), st.just(of[0]), st.integers(0, of[1]), st.just(of[1]))
)


def load(name: str) -> dict:
    return json.loads((ORACLES / name).read_text("utf-8"))


def one(a_n: int, a_of: int, b_n: int, b_of: int) -> dict:
    sides = (pl.DataFrame({"step": ["x"], "n": [n], "of": [of]}) for n, of in ((a_n, a_of), (b_n, b_of)))
    return compare(*sides, by=["step"]).row(0, named=True)


# Newcombe (1998), Statistics in Medicine 17, table II, method 10.
@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_intervals_are_those_of_newcombes_paper(counts, low, high):
    row = one(*counts)
    assert (round(row["low"], 4), round(row["high"], 4)) == (low, high)


@settings(deadline=None, max_examples=60)
@given(two_groups)
def test_a_minus_b_is_the_mirror_of_b_minus_a(counts):
    row, mirror = one(*counts), one(*counts[2:], *counts[:2])
    assert row["difference"] == -mirror["difference"]
    assert (row["low"], row["high"]) == pytest.approx((-mirror["high"], -mirror["low"]), abs=1e-8)
    assert row["low"] <= row["difference"] <= row["high"]
    assert row["small"] == (min(counts[1], counts[3]) < 30)


@settings(deadline=None, max_examples=60)
@given(two_groups)
def test_ratios_are_those_of_scipy(counts):
    row = one(*counts)
    if counts[0] and counts[2]:
        found = relative_risk(*counts)
        interval = found.confidence_interval(0.95)
        assert row["ratio"] == pytest.approx(found.relative_risk, rel=1e-6, abs=1e-8)
        assert (row["ratio_low"], row["ratio_high"]) == pytest.approx((interval.low, interval.high), rel=1e-6, abs=1e-8)
    else:
        assert row["ratio_low"] is None
        assert row["ratio"] == (0 if counts[2] else None)


@settings(deadline=None, max_examples=60)
@given(two_groups)
def test_p_is_that_of_scipy(counts):
    a_n, a_of, b_n, b_of = counts
    (p,), (exact,) = two_sided_p(*(np.array([count]) for count in counts))
    table = np.array([[a_n, a_of - a_n], [b_n, b_of - b_n]])
    margins = table.sum(axis=0)
    if margins.min() == 0:
        assert (p, exact) == (1, True)
    elif stats.contingency.expected_freq(table).min() >= 5:
        assert (p, exact) == (pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, abs=1e-9), False)
    else:
        assert (p, exact) == (pytest.approx(stats.fisher_exact(table).pvalue, abs=1e-9), True)
    assert fisher(*counts) == pytest.approx(stats.fisher_exact(table).pvalue, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_many_tests_are_corrected_as_by_scipy(values):
    p = np.array(values)
    assert corrected(p) == pytest.approx(stats.false_discovery_control(p), abs=1e-12)


def test_a_step_that_one_group_lacks_counts_nothing_of_as_many():
    a = pl.DataFrame({"source": ["x", "x"], "target": ["y", "z"], "n": [3, 1], "of": [4, 4]})
    b = pl.DataFrame({"source": ["x"], "target": ["y"], "n": [5], "of": [5]})
    rows = compare(a, b, by=["source", "target"], within=["source"])
    assert rows.select("target", "a_n", "a_of", "b_n", "b_of", "difference").rows() == [
        ("y", 3, 4, 5, 5, -0.25), ("z", 1, 4, 0, 5, 0.25),
    ]  # fmt: skip
    alone = compare(a, b.clear(), by=["source", "target"], within=["source"])
    assert (
        alone.select("b_n", "b_of", "b_share", "difference", "ratio", "small").rows()
        == [(0, None, None, None, None, True)] * 2
    )


@needs_oracles
def test_the_difference_of_two_segments_of_a_funnel():
    case = load("funnel_closed.json")["segment_cases"][0]
    steps = case["steps"]
    sides = [
        pl.DataFrame({"step": steps, "n": case[name], "of": [case[name][0]] * 3}) for name in ("segment_1", "segment_2")
    ]
    rows = compare(*sides, by=["step"])
    assert (rows["a_n"] - rows["b_n"]).to_list() == case["delta"]
    before = [
        pl.DataFrame({"step": steps, "n": case[name], "of": [case[name][0], *case[name][:-1]]})
        for name in ("segment_1", "segment_2")
    ]
    rates = compare(*before, by=["step"])
    assert rates["a_share"].to_list() == case["step_rate_1"]
    assert rates["b_share"].to_list() == case["step_rate_2"]


def moves_of(walk: Walk) -> pl.DataFrame:
    """Count the moves of a walk with its ends, as plainly as can be."""
    steps = pl.DataFrame({"path": walk.path, "step": [walk.names[code] for code in walk.step]})
    paths = steps.group_by("path", maintain_order=True).agg("step").select(
        step=pl.concat_list(pl.lit("path_start"), "step", pl.lit("path_end"))
    )  # fmt: skip
    pairs = paths.with_row_index("path").explode("step").with_columns(to=pl.col("step").shift(-1).over("path"))
    return (
        pairs.drop_nulls("to").group_by("step", "to").agg(n=pl.len().cast(pl.Int64))
        .with_columns(of=pl.col("n").sum().over("step"))
    )  # fmt: skip


@needs_oracles
@pytest.mark.parametrize(
    ("path", "column", "a", "key"),
    [
        ("session_id", "country", ["US"], "session_diff_US_minus_UK"),
        ("user_id", "user_id", ["user_1"], "user_diff_user1_minus_user2_user3"),
    ],
)
def test_the_differences_of_transitions_are_those_of_retentioneering(path, column, a, key):
    oracle = load("transition_matrix.json")
    frame = pl.DataFrame(oracle["rows"], schema=oracle["columns"], orient="row").with_row_index("at")
    walk = walk_of(frame.with_columns(pl.col("at").cast(pl.Int64)), path=path, at="at", step="event")
    levels = dict(
        frame.select(path, pl.when(pl.col(column).is_in(a)).then(pl.lit("a")).otherwise(pl.lit("b"))).iter_rows()
    )
    segments = static_segments(walk, levels)
    sides = [moves_of(in_segment(walk, segments, "a")), moves_of(rest_of(walk, segments, "a"))]
    rows = compare(*sides, by=["step", "to"], within=["step"])
    found = {
        (step, to): count for step, to, count in rows.select("step", "to", pl.col("a_n") - pl.col("b_n")).iter_rows()
    }
    states = oracle["states"]
    assert [[found.get((step, to), 0) for to in states] for step in states] == oracle[key]


@needs_oracles
def test_the_difference_of_step_matrices_is_that_of_retentioneering():
    oracle = load("step_matrix.json")
    frame = pl.DataFrame(oracle["rows"], schema=oracle["columns"], orient="row")
    sides = []
    for country in ("US", "UK"):
        part = frame.filter(pl.col("country") == country)
        paths = part.group_by("session_id", maintain_order=True).agg("event")["event"].to_list()
        cells = [(at, (["path_start", *path] + ["path_end"] * 6)[at]) for path in paths for at in range(6)]
        counts = pl.DataFrame(cells, schema=["at", "step"], orient="row").group_by("at", "step").agg(n=pl.len())
        sides.append(counts.with_columns(of=pl.lit(len(paths))))
    rows = compare(*sides, by=["at", "step"], within=["at"])
    found = {(at, step): difference for at, step, difference in rows.select("at", "step", "difference").iter_rows()}
    expected = oracle["session_diff_US_minus_UK_steps_0_5"]
    matrix = [[found.get((at, step), 0) for at in range(6)] for step in oracle["states"]]
    assert np.array(matrix) == pytest.approx(np.array(expected), abs=1e-8)


def shop() -> Walk:
    rows = pl.read_csv(ORACLES / "ecom.csv.gz", try_parse_dates=True).with_row_index("row")
    return walk_of(rows, path="user_id", at="timestamp", step="event", order=["row"])


@needs_oracles
def test_one_user_against_one_user_is_told_as_such():
    # defects.json, tiny-diff: −1.0 without n, interval or warning elsewhere.
    walk = shop()
    bought = step_segments(walk, ["purchase"])
    groups = [bought.filter(pl.col("segment") == level)["path"][0] for level in ("purchase", REST)]
    hits = [bool((walk.step[walk.path == path] == walk.names.index("purchase")).any()) for path in groups]
    sides = [pl.DataFrame({"step": ["purchase"], "n": [int(hit)], "of": [1]}) for hit in hits]
    row = compare(*sides, by=["step"]).row(0, named=True)
    assert (row["difference"], row["a_of"], row["b_of"], row["small"]) == (1, 1, 1, True)
    assert row["low"] < 0 < row["high"]


def window(name: str, days: int, *instruments: str, definitions: tuple[str, ...] = ()) -> Window:
    start = dt.date(2026, 7, 1)
    return Window(name, start, start + dt.timedelta(days=days - 1), frozenset(instruments), frozenset(definitions))


def test_windows_that_differ_are_refused_with_every_reason():
    refuse_unlike(window("july", 31, "web"), window("may", 31, "web"))
    with pytest.raises(ParameterError) as error:
        refuse_unlike(
            window("july", 31, "web", "app", definitions=("session 30 min",)),
            window("june", 30, "web", "mail", definitions=("session 20 min",)),
        )
    assert str(error.value) == (
        "the comparison of july with june cannot be used: 5 faults\n"
        "  length: 31 days and 30 days; expected the same; cut the longer one\n"
        "  instrumentation: 'app' only in july; expected in both; leave out what only one of them measured\n"
        "  instrumentation: 'mail' only in june; expected in both; leave out what only one of them measured\n"
        "  definitions: 'session 30 min' only in july; expected in both; compute both by the same\n"
        "  definitions: 'session 20 min' only in june; expected in both; compute both by the same"
    )


def test_what_came_after_the_outcome_did_not_lead_there():
    walk = walk_from(
        [(1, 1, "Ads"), (1, 2, "order"), (1, 3, "Email"), (1, 4, "order"), (2, 1, "Email"), (3, 1, "order")]
    )
    assert count_behaviours(walk, outcome="order").rows() == [("Ads", 1, 0), ("Email", 0, 1), (None, 2, 1)]


def test_behaviours_up_to_a_landmark_leave_out_who_was_there_before():
    rows = [(1, 0, "Ads"), (1, 9, "Email"), (1, 20, "order"), (2, 0, "Ads"), (2, 10, "Email"), (2, 11, "Social")]
    walk = walk_from([*rows, (3, 0, "Ads"), (3, 10, "order")])
    counts = count_behaviours(walk, outcome="order", landmark=10)
    assert counts.rows() == [("Ads", 1, 1), ("Email", 1, 1), (None, 1, 1)]


def test_behaviours_that_go_along_carry_base_lift_and_correction():
    counts = {"step": ["cart", "faq", "help", None], "converted": [40, 30, 1, 40], "lost": [20, 70, 5, 160]}
    rows = correlate(pl.DataFrame(counts, schema={"step": pl.String, "converted": pl.Int64, "lost": pl.Int64}))
    assert rows.select("step", "a_n", "a_of", "b_n", "b_of", "base", "forced", "test").rows() == [
        ("cart", 40, 60, 0, 140, 0.2, True, "chi-squared"),
        ("faq", 30, 100, 10, 100, 0.2, False, "chi-squared"),
        ("help", 1, 6, 39, 194, 0.2, False, "Fisher"),
    ]
    assert rows["lift"].to_list() == pytest.approx([10 / 3, 1.5, 5 / 6])
    assert rows["q"].to_list() == pytest.approx(stats.false_discovery_control(rows["p"].to_numpy()), abs=1e-8)


def test_no_outcome_has_no_lift():
    rows = correlate(count_behaviours(walk_from([(1, 1, "Ads"), (2, 1, "Email")]), outcome="order"))
    assert rows.select("step", "base", "lift", "p").rows() == [("Ads", None, None, 1), ("Email", None, None, 1)]


@settings(deadline=None, max_examples=60)
@given(events, st.integers(1, 8), st.sampled_from([None, 5]))
def test_parts_merge_to_the_whole(rows, count, landmark):
    walk = walk_from(rows)
    whole = count_behaviours(walk, outcome="order", landmark=landmark)
    parts = [count_behaviours(part, outcome="order", landmark=landmark) for part in buckets(walk, count)]
    assert merge(parts, by=["step"]).equals(whole)
    assert correlate(merge(parts, by=["step"])).equals(correlate(whole))
    paths = len({who for who, _, _ in rows})
    assert (
        landmark is not None
        or whole.filter(pl.col("step").is_null()).select(pl.col("converted") + pl.col("lost")).item() == paths
    )
