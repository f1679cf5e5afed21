"""Warnings come by themselves, with their figures, and only where a rule asks for them."""

from __future__ import annotations

import polars as pl
import pytest
from conftest import SHARED
from hypothesis import given, settings
from test_journeys_attribution import events, walk_from

from cjtools.journeys.caveats import (
    CAVEATS,
    FLAGS,
    RULES,
    denominator_figures,
    event_figures,
    figure,
    find_caveats,
    forced_figures,
    heavy_figures,
    luck_figures,
    overlap_figures,
    period_figures,
    small_figures,
    source_figures,
    survivor_figures,
)
from cjtools.journeys.comparison import compare, count_behaviours
from cjtools.journeys.segments import event_segments
from cjtools.journeys.walks import DAY, walk_of

ECOM = SHARED / "oracles" / "ecom.csv.gz"
needs_oracle = pytest.mark.skipif(not ECOM.is_file(), reason="../shared/oracles is not here")


def warned(*figures: pl.DataFrame) -> list[tuple]:
    return find_caveats(*figures).select("caveat", "level", "subject", "n", "of").rows()


@pytest.mark.parametrize("rule", RULES, ids=CAVEATS)
def test_every_rule_warns_at_its_limit_and_not_below(rule):
    of = max(rule.least, 1000)
    least = max(round(rule.limit * of), 1)
    counts = (int(rule.limit) - 1, int(rule.limit)) if rule.few else (least, least - 1)
    at, below = (figure(rule.caveat, "x", count, of) for count in counts)
    assert [row[0] for row in warned(at)] == [rule.caveat]
    assert warned(below) == []


def test_each_caveat_is_declared_once_and_has_a_level():
    assert len(set(CAVEATS)) == len(CAVEATS)
    assert {rule.level for rule in RULES} == {"refuse", "warn", "note"}


def test_nothing_measured_warns_of_nothing():
    assert find_caveats().is_empty()
    assert warned(*(figure(name, None, 0, 0) for name in CAVEATS if name != "small_n")) == []


def test_small_numbers_of_a_comparison_are_told_by_the_smaller_side():
    a, b = (pl.DataFrame({"step": ["cart"], "n": [n], "of": [of]}) for n, of in ((20, 200), (1, 3)))
    assert warned(small_figures(compare(a, b, by=["step"]), subject="step", of=["a_of", "b_of"])) == [
        ("small_n", "warn", "cart", 3, 200)
    ]


def test_the_edges_of_the_period_are_told():
    walk = walk_from([(1, 1, "Ads"), (2, 20, "Ads"), (3, 29, "Ads")])
    assert warned(period_figures(walk, start=0, end=30, window=5)) == [
        ("censored", "warn", None, 1, 3), ("began_before", "warn", None, 1, 3),
    ]  # fmt: skip


def test_those_who_did_not_come_so_far_are_told():
    reached = pl.DataFrame({"step": ["cart", "buy"], "n": [60, 50], "of": [100, 100]})
    assert warned(survivor_figures(reached, subject="step")) == [("survivorship", "warn", "buy", 50, 100)]


def test_consent_bots_and_acts_without_a_profile_are_told_by_source():
    rows = {
        "source_id": ["web"] * 10 + ["till"],
        "consent": ["denied", "unknown"] + ["granted"] * 9,
        "profile_id": [None] + ["p"] * 10,
        "is_bot": [True] + [False] * 10,
        "is_internal": [False] * 10 + [True],
    }
    assert warned(event_figures(pl.DataFrame(rows))) == [
        ("consent_denied", "warn", "web", 1, 10), ("consent_unknown", "note", "web", 1, 10),
        ("no_profile", "warn", "web", 1, 10), ("bots", "warn", "web", 1, 10), ("internal", "note", "till", 1, 1),
    ]  # fmt: skip


def test_flags_of_sources_are_told():
    sources = pl.DataFrame({"source_id": ["ga4", "ga4", "web"], "flags": [list(FLAGS), [], []]})
    assert [(caveat, subject, n, of) for caveat, _, subject, n, of in warned(source_figures(sources))] == [
        (flag, "ga4", 1, 2) for flag in FLAGS
    ]


def test_a_flow_that_is_forced_is_told_and_one_that_is_usual_is_not():
    rows = [(who, at, step) for who in range(6) for at, step in enumerate(["Ads", "Email", "order"])]
    rows = [row for row in rows if row != (0, 1, "Email")]
    behaviours = count_behaviours(walk_from(rows), outcome="order")
    assert warned(forced_figures(behaviours, outcome="order")) == [("forced_flow", "warn", "Ads > order", 6, 6)]


def test_denominators_that_differ_refuse_the_comparison():
    measures = pl.DataFrame({"measure": ["exit", "exit", "funnel", "none", "none"], "of": [90, 100, 7, 0, 5]})
    assert warned(denominator_figures(measures)) == [
        ("denominators", "refuse", "none", 5, 5), ("denominators", "refuse", "exit", 10, 100),
    ]  # fmt: skip


def test_luck_among_many_tests_is_told():
    assert warned(luck_figures(pl.DataFrame({"p": [0.04, 0.6], "q": [0.08, 0.6]}))) == [
        ("many_tests", "note", None, 1, 2)
    ]


def test_a_path_that_holds_too_much_is_told_without_its_id():
    rows = [(0, at, "Ads") for at in range(30)] + [(who, 1, "Ads") for who in range(1, 1001)]
    assert warned(heavy_figures(walk_from(rows))) == [("heavy_path", "warn", None, 30, 1030)]


@needs_oracle
def test_the_shop_of_retentioneering_is_warned_of():
    shop = pl.read_csv(ECOM, try_parse_dates=True).with_row_index("row")
    walk = walk_of(shop, path="user_id", at="timestamp", step="event", order=["row"])
    levels = shop.sort("user_id", "timestamp", "row")["user_lifecycle"]
    # defects.json, segment-overlap.
    overlap = find_caveats(overlap_figures(event_segments(walk, levels)))
    assert overlap.select("caveat", "of").rows() == [("overlap", 600)]
    behaviours = count_behaviours(walk, outcome="purchase")
    forced = find_caveats(forced_figures(behaviours, outcome="purchase"))
    paths = shop.sort("user_id", "timestamp", "row").group_by("user_id").agg("event")["event"].to_list()
    buyers = [path[: path.index("purchase")] for path in paths if "purchase" in path]
    for subject, n, of in forced.select("subject", "n", "of").iter_rows():
        assert (sum(subject.removesuffix(" > purchase") in path for path in buyers), len(buyers)) == (n, of)
    period = period_figures(walk, start=int(walk.at.min()), end=int(walk.at.max()) + 1, window=30 * DAY)
    assert find_caveats(period)["of"].unique().to_list() == [600]


@settings(deadline=None, max_examples=60)
@given(events)
def test_figures_never_pass_their_whole(rows):
    walk = walk_from(rows)
    figures = pl.concat([
        period_figures(walk, start=0, end=31, window=5),
        heavy_figures(walk),
        forced_figures(count_behaviours(walk, outcome="order"), outcome="order"),
    ])  # fmt: skip
    assert (figures["n"] <= figures["of"]).all()
