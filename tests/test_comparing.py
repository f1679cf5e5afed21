"""Two waves side by side: against formulas from elsewhere, by hand, and what must not be compared."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import json
import re

import numpy as np
import polars as pl
import pytest
from fixtures.two_waves import two_waves
from hypothesis import given, settings
from hypothesis import strategies as st
from report_fixture import empty_map
from scipy import stats

import cjtools as cj
from cjtools.comparing.changes import ranked
from cjtools.comparing.differences import Net, mean_difference, net_difference, promoters, share_difference
from cjtools.comparing.questions import match_questions
from cjtools.errors import ClientError
from cjtools.settings import LANGUAGES
from cjtools.words import load_words

names, valences = st.integers(0, 30).map("P{}".format), st.integers(-4, 4).map(lambda half: half / 2)
people = st.dictionaries(names, valences, min_size=1)


def apart(values, wave):
    return {f"{wave}{place}": float(value) for place, value in enumerate(values)}


def test_means_of_other_people_differ_as_scipy_says():
    random = np.random.default_rng(3)
    before, now = random.normal(-0.5, 0.8, 40), random.normal(0.2, 1.1, 25)
    found = mean_difference(apart(before, "b"), apart(now, "n"))
    assert found.value == pytest.approx(now.mean() - before.mean())
    by_scipy = stats.bootstrap(
        (now, before), lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis), method="percentile",
        n_resamples=8_000, rng=np.random.default_rng(1), vectorized=True,
    ).confidence_interval  # fmt: skip
    assert (found.low, found.high) == pytest.approx(tuple(by_scipy), abs=0.04)
    welch = stats.ttest_ind(now, before, equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((welch.low, welch.high), abs=0.06)


def test_people_of_both_waves_are_pairs():
    random = np.random.default_rng(5)
    level, gain = random.normal(0, 1.5, 30), random.normal(0.3, 0.2, 30)
    found = mean_difference(apart(level, "P"), apart(level + gain, "P"))
    pairs = stats.ttest_1samp(gain, 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((pairs.low, pairs.high), abs=0.02)
    assert found.clear
    others = mean_difference(apart(level, "P"), apart(level + gain, "Q"))
    assert not others.clear


def test_two_groups_of_one_size_are_not_drawn_alike():
    values = np.arange(20.0)
    found = mean_difference(apart(values, "b"), apart(values, "n"))
    assert found.low < -2
    assert found.high > 2


@settings(max_examples=30, deadline=None)
@given(before=people, now=people)
def test_a_difference_of_means_lies_in_its_interval_and_depends_on_no_order(before, now):
    found = mean_difference(before, now)
    assert found == mean_difference(dict(reversed(before.items())), dict(reversed(now.items())))
    assert found.value == pytest.approx(np.mean(list(now.values())) - np.mean(list(before.values())), abs=1e-8)
    assert found.low <= found.high


def test_net_scores_differ_by_their_variances():
    scores = {"before": [0, 3, 6, 7, 9, 10, 10, 2, 8], "now": [9, 10, 9, 8, 7, 1, 10, 9]}
    signs = {name: np.array([(x >= 9) - (x <= 6) for x in told], dtype=float) for name, told in scores.items()}
    found = net_difference(promoters(scores["before"]), promoters(scores["now"]))
    spread = np.sqrt(sum(each.var() / len(each) for each in signs.values()))
    gap = signs["now"].mean() - signs["before"].mean()
    assert found.value == pytest.approx(gap)
    assert (found.low, found.high) == pytest.approx(stats.norm.interval(0.95, gap, spread))


def test_shares_differ_as_newcombe_printed_them():
    # Newcombe (1998), table II, method 10: 56/70 − 48/80, and 9/10 − 3/10.
    assert tuple(round(each, 4) for each in share_difference((48, 80), (56, 70))[1:]) == (0.0524, 0.3339)
    assert tuple(round(each, 4) for each in share_difference((3, 10), (9, 10))[1:]) == (0.1705, 0.8090)


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.integers(0, 20)] * 6).filter(lambda each: sum(each[:3]) and sum(each[3:])))
def test_what_is_held_against_itself_the_other_way_round_changes_its_sign(counts):
    one, other = Net(counts[0], counts[1], sum(counts[:3])), Net(counts[3], counts[4], sum(counts[3:]))
    there, back = net_difference(one, other), net_difference(other, one)
    assert there.value == pytest.approx(-back.value)
    assert there.low == pytest.approx(-back.high)


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> cj.Client:
    return two_waves(tmp_path_factory.mktemp("waves") / "acme")


@pytest.fixture(scope="module")
def maps(client) -> dict[str, cj.JourneyMap]:
    """The map of this wave with the one before, for the team and for outsiders, of what was read once."""
    tables = cj.read_sources(client)
    both = [cj.gather_evidence(tables, client=client, wave=client.wave_named(name)) for name in ("w2", "w1")]
    return {
        audience: cj.map_journey(client, audience=audience, findings=both[0], findings_before=both[1])
        for audience in ("team", "client")
    }


@pytest.fixture(params=("team", "client"))
def journey(request, maps) -> cj.JourneyMap:
    return maps[request.param]


@pytest.fixture
def team(maps) -> cj.JourneyMap:
    return maps["team"]


def figures(found: cj.Comparison) -> dict[str, dict]:
    return {row["metric"]: row for row in found.wave_figures.to_dicts()}


def changes(found: cj.Comparison, kind: str) -> dict[str, dict]:
    return {row["name"]: row for row in found.wave_changes.filter(kind=kind).to_dicts()}


def test_both_waves_say_what_their_own_maps_say(client, journey):
    found = figures(cj.compare_waves(journey.before, journey))
    for side, each in (("before", journey.before), ("now", journey)):
        for row in each.experience.filter(scope="stage", persona="all").to_dicts():
            if row["value"] is not None:
                pair = found[f"experience.stage.{row['name']}"]
                assert [pair[f"{side}{end}"] for end in ("", "_low", "_high", "_n")] == [
                    row[name] for name in ("value", "low", "high", "n")
                ]
        for row in each.sentiment.filter(scope="touchpoint").to_dicts():
            pair = found[f"sentiment.touchpoint.{row['name']}"]
            assert [pair[f"{side}{end}"] for end in ("", "_low", "_high")] == [row[x] for x in ("net", "low", "high")]
    assert journey.before.header.wave == "w1"
    assert journey.before.evidence["said_on"].max() < dt.date(2026, 4, 1)


def test_scores_say_how_far_they_moved(team):
    found = figures(cj.compare_waves(team.before, team))
    moved = found["experience.stage.decision"]
    assert (moved["before"], moved["now"], moved["difference"]) == (-1.75, 0.75, 2.5)
    assert moved["low"] > 0
    nps = found["survey.all.late.nps"]
    # 2 of 6 promote and 3 of 6 detract; then 4 of 6 and 1 of 6.
    assert nps["difference"] == pytest.approx(4 / 6)
    assert nps["comparable"]
    voices = found["sentiment.all.all"]
    assert (voices["before"], voices["now"], voices["before_n"]) == (-0.6, 0.6, 10)


def test_what_is_asked_in_other_words_or_on_another_scale_is_not_compared(team):
    found = cj.compare_waves(team.before, team)
    reasons = {row["name"]: row["reason"] for row in found.wave_figures.to_dicts() if row["kind"] == "survey"}
    assert reasons == {"late.nps": None, "late.csat": "wording", "late.ces": "scale"}
    assert found.wave_figures.filter(reason="wording")["difference"].to_list() == [None]


def test_claims_are_kept_changed_new_gone_or_apart(team):
    found = changes(cj.compare_waves(team.before, team), "claim")
    assert {name: row["change"] for name, row in found.items()} == {
        "pain": "changed", "gain": "new", "shop": "kept", "hand": "apart", "bare": "kept",
    }  # fmt: skip
    pain = found["pain"]
    assert [pain[name] for name in ("before_n", "before_of", "now_n", "now_of")] == [4, 4, 1, 4]
    assert pain["difference"] == -0.75
    assert pain["high"] < 0
    assert found["hand"]["reason"] == "unlinked"


def test_a_claim_that_lost_its_evidence_is_gone(team):
    none = team.claims.claims.with_columns(
        people=pl.when(pl.col("claim_id") == "pain").then(0).otherwise("people"),
        supports=pl.when(pl.col("claim_id") == "pain").then(0).otherwise("supports"),
    )
    now = dataclasses.replace(team, claims=dataclasses.replace(team.claims, claims=none))
    assert changes(cj.compare_waves(team.before, now), "claim")["pain"]["change"] == "removed"


def test_outsiders_are_not_told_of_claims_of_a_few_people(maps):
    outside = maps["client"]
    found = changes(cj.compare_waves(outside.before, outside), "claim")
    assert "pain" not in found  # one participant says it now
    assert all(row["before_n"] is None or row["before_n"] in (0, 4) for row in found.values())


def test_outsiders_are_told_of_no_opportunity_that_came_or_went_where_it_may_be_one_of_a_few_people(team):
    for audience, became in (("team", "removed"), ("client", "apart")):
        journey = dataclasses.replace(team, header=dataclasses.replace(team.header, audience=audience))
        name = next(name for name, row in ranked(journey).items() if row["people"])
        stage, _, touchpoint = name.partition(".")
        gone = (pl.col("opportunity") == name) | ((pl.col("stage") == stage) & (pl.col("touchpoint") == touchpoint))
        fewer = dataclasses.replace(journey, opportunities=journey.opportunities.filter(~gone.fill_null(False)))
        told = changes(cj.compare_waves(journey, fewer), "opportunity")[name]
        assert told["change"] == became
        assert (told["reason"] == "too_few") == (audience == "client")


def test_objectives_move_as_their_metric_does(team):
    found = changes(cj.compare_waves(team.before, team), "objective")
    assert {name: row["change"] for name, row in found.items()} == {
        "decision.experience": "changed", "advocacy.nps": "changed",
    }  # fmt: skip
    assert found["decision.experience"]["difference"] == 2.5


def test_other_models_of_stages_are_compared_on_their_bands(team):
    renamed = {"decision": "choice"}
    before = dataclasses.replace(
        team.before,
        stages=team.before.stages.with_columns(pl.col("stage").replace(renamed)),
        evidence=team.before.evidence.with_columns(pl.col("stage").replace(renamed)),
        drop_off=team.before.drop_off.with_columns(pl.col("stage").replace(renamed)),
    )
    found = cj.compare_waves(before, team)
    bands = {row["name"]: row for row in found.wave_figures.filter(kind="experience", scope="band").to_dicts()}
    # Decision and purchase are one band: each participant's two valences count as one mean.
    assert bands["during"]["before"] == pytest.approx(np.mean([-0.5, -0.5, 0.5, 0.0]))
    assert found.wave_figures.filter(kind="experience", scope="stage").is_empty()
    assert changes(found, "stage")["choice"]["change"] == "removed"
    assert changes(found, "stage")["decision"]["change"] == "new"
    assert found.cautions == ("caution_stages",)


def with_drop_off(journey, went_on):
    rows = journey.drop_off.with_columns(
        profiles=pl.lit(100, pl.Int64), went_on=pl.lit(went_on, pl.Int64), conversion=pl.lit(went_on / 100),
        low=pl.lit(0.1), high=pl.lit(0.9),
    )  # fmt: skip
    return dataclasses.replace(journey, drop_off=rows)


def test_going_on_is_compared_in_waves_of_one_length_only(team):
    before, now = with_drop_off(team.before, 30), with_drop_off(team, 60)
    pair = figures(cj.compare_waves(before, now))["conversion.stage.decision"]
    assert (pair["difference"], pair["low"], pair["high"]) == tuple(share_difference((30, 100), (60, 100)))
    short = dataclasses.replace(before.header, period_to=before.header.period_from + dt.timedelta(20))
    found = cj.compare_waves(dataclasses.replace(before, header=short), now)
    assert figures(found)["conversion.stage.decision"]["reason"] == "length"
    assert "caution_length" in found.cautions


def test_what_one_wave_did_not_measure_says_so(team):
    silent = dataclasses.replace(
        team.before, evidence=team.before.evidence.clear(), surveys=team.before.surveys.clear(),
        sentiment=team.before.sentiment.clear(), claims=None,
    )  # fmt: skip
    found = cj.compare_waves(silent, team)
    assert figures(found)["experience.stage.decision"]["reason"] == "missing_before"
    assert figures(found)["survey.all.late.nps"]["reason"] == "missing_before"
    assert figures(cj.compare_waves(team, silent))["experience.stage.decision"]["reason"] == "missing_now"
    few = dataclasses.replace(team, header=dataclasses.replace(team.header, minimum_group=5))
    assert figures(cj.compare_waves(few, team))["experience.stage.decision"]["reason"] == "too_few"


def test_verdicts_by_other_rules_are_apart(team):
    rules = {**team.before.provenance, "inputs": [{"file": "crosscheck.toml", "sha256": "aa"}]}
    found = changes(cj.compare_waves(dataclasses.replace(team.before, provenance=rules), team), "verdict")
    assert {row["reason"] for row in found.values()} == {"definition"}
    assert {row["change"] for row in changes(cj.compare_waves(team.before, team), "verdict").values()} == {"kept"}


def test_a_map_held_against_itself_has_no_change(team):
    found = cj.compare_waves(team, team)
    assert set(found.wave_changes["change"]) == {"kept"}
    assert set(found.wave_figures["difference"].round(12)) == {0.0}
    assert found.cautions == ()


def test_without_a_wave_before_there_is_nothing_and_no_fault(client):
    found = cj.compare_waves(None, empty_map())
    assert (found.before, found.wave_figures.height, found.wave_changes.height) == (None, 0, 0)
    assert cj.compare_waves(empty_map(), empty_map()).wave_figures.is_empty()


def test_evidence_past_its_review_date_is_listed(client, team):
    late = dataclasses.replace(team, claims=dataclasses.replace(team.claims, as_of=dt.date(2026, 8, 1)))
    found = cj.compare_waves(None, late).wave_stale
    assert dict(found.select("claim_id", "old_items").iter_rows()) == {"gain": 3, "shop": 4, "pain": 1, "hand": 1}
    assert cj.compare_waves(None, team).wave_stale.is_empty()


def test_questions_are_matched_by_id_then_within_another_source_then_by_instrument():
    def row(name, instrument="other"):
        return {"question_id": name, "instrument": instrument}

    before = [row("a.nps", "nps"), row("a.gone"), row("a.q1"), row("x.recommend", "csat")]
    now = [row("b.nps", "nps"), row("a.q1"), row("b.happy", "csat"), row("b.new")]
    pairs = [(old and old["question_id"], new and new["question_id"]) for old, new in match_questions(before, now)]
    assert pairs == [
        ("a.nps", "b.nps"), ("a.q1", "a.q1"), ("x.recommend", "b.happy"), (None, "b.new"), ("a.gone", None),
    ]  # fmt: skip


def test_a_wave_before_that_is_not_there_or_not_over_is_named(client, tmp_path):
    text = (client.folder / "client.toml").read_text("utf-8")
    (tmp_path / "interviews").mkdir()
    for name in ("early.csv", "late.csv", "posts.csv", "interviews/P01.md"):
        (tmp_path / name).write_bytes((client.folder / name).read_bytes())
    (tmp_path / "client.toml").write_text(text.replace('previous = "w1"', 'previous = "w0"'), "utf-8")
    with pytest.raises(ClientError, match=r"wave\.previous: 'w0' is not a wave"):
        cj.load_client(tmp_path)
    (tmp_path / "client.toml").write_text(text.replace("to = 2026-03-31", "to = 2026-04-05"), "utf-8")
    with pytest.raises(ClientError, match="'w1' ends on 2026-04-05, 'w2' begins on 2026-04-01"):
        cj.map_journey(cj.load_client(tmp_path))


def plain(journey: cj.JourneyMap) -> str:
    view = cj.report.comparison(journey)
    assert json.loads(json.dumps(view.data)) == view.data
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", view._repr_mimebundle_()["text/html"])).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_section_is_whole_in_every_language(journey, language):
    words = load_words(language)
    said = plain(dataclasses.replace(journey, words=words))
    assert not re.search(r"[{}]|\bNone\b|\bnan\b", said)
    assert words.of("comparing", "change_changed") in said
    assert words.of("pictures", "apart_wording") in said
    mine, english = (load_words(each).sections["comparing"] for each in (language, "en"))
    for key, text in mine.items():
        assert set(re.findall(r"{(\w+)", text)) == set(re.findall(r"{(\w+)", english[key])), key


def test_the_section_and_its_picture_say_the_same(team):
    said = plain(team)
    assert "from w1 (Jan 1, 2026 – Mar 31, 2026) to w2 (Apr 1, 2026 – Jun 30, 2026)" in said
    found = cj.compare_waves(team.before, team)
    pair = figures(found)["experience.stage.decision"]
    moved = f"▲ up: +2.5 [+{pair['low']:.1f} to +{pair['high']:.1f}]"
    assert moved in said
    assert "The checkout hurts: 1 of 4 participants Decision 4 of 4 participants · reasoned" in said
    twin = cj.charts.CHARTS["wave_comparison"].tabulate(found.drawn, words=team.words).to_series(-1).to_list()
    assert moved in twin
    assert "≠ not comparable: another scale" in twin


def test_a_map_without_a_wave_before_says_so(team):
    said = plain(dataclasses.replace(team, before=None))
    assert "There is no wave before this one to compare with." in said
    assert "The wave before" not in said


def test_an_item_of_evidence_past_its_review_date_is_flagged_where_it_stands(team):
    late = dataclasses.replace(team, claims=dataclasses.replace(team.claims, as_of=dt.date(2026, 7, 2)))
    page = cj.report.claims(late)._repr_mimebundle_()["text/html"]
    flagged = sorted(re.findall(r"(May \d, 2026) \(to be reviewed\)", page))
    # Sixty days before July 2 is May 3: what was said on May 1 and 2 is older, in each claim that rests on it.
    assert set(flagged) == {"May 1, 2026", "May 2, 2026"}
    assert "to be reviewed)" not in cj.report.claims(team)._repr_mimebundle_()["text/html"]
