"""The kit finds what was planted in the example client, in every language; the truth was counted without the kit."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import polars as pl
import pytest
from conftest import EXAMPLE

import cjtools as cj
from cjtools.map_tables import ALL
from cjtools.settings import LANGUAGES

TRUTH = tomllib.loads((EXAMPLE / "truth.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def journey(example, findings) -> cj.JourneyMap:
    return cj.map_journey(example, findings=findings)


def row_of(frame: pl.DataFrame, **where: str) -> dict:
    found = frame.filter(**where).to_dicts()
    assert len(found) == 1
    return found[0]


def test_every_row_of_every_file_is_accounted_for(findings):
    sources = findings.tables.sources
    assert sources["rows_in"].sum() == (
        sources["rows_used"].sum() + sources["rows_rejected"].sum() + sources["rows_merged"].sum()
    )
    web = row_of(sources, source_id="web")
    assert (web["rows_in"], web["rows_merged"]) == (TRUTH["events"]["rows"], TRUTH["events"]["duplicates"])


@pytest.mark.parametrize("touchpoint", sorted(set(TRUTH["exits"]) - {"baseline"}))
def test_the_exit_rate_of_each_touchpoint_is_the_one_that_was_counted(journey, touchpoint):
    row = row_of(journey.behaviour, name=touchpoint, metric="exit_rate")
    truth = TRUTH["exits"][touchpoint]
    assert (row["numerator"], row["denominator"]) == (truth["numerator"], truth["denominator"])


def test_the_sites_own_exit_rate_is_the_one_that_was_counted(journey):
    row = row_of(journey.behaviour, scope=ALL, metric="exit_rate")
    truth = TRUTH["exits"]["baseline"]
    assert (row["numerator"], row["denominator"]) == (truth["numerator"], truth["denominator"])
    assert journey.verdicts["baseline"].unique().to_list() == [row["value"]]


@pytest.mark.parametrize("pattern", ["ropo", "click_collect", "try_buy", "repeat_buyers", "repeat_other_route"])
def test_each_pattern_is_the_share_that_was_planted(journey, pattern):
    row, truth = row_of(journey.patterns, pattern=pattern), TRUTH["purchases"][pattern]
    assert (row["numerator"], row["denominator"]) == (truth["numerator"], truth["denominator"])


@pytest.mark.parametrize("touchpoint", sorted(TRUTH["public"]["touchpoint"]))
def test_public_voices_are_counted_once_and_shares_as_reach(journey, touchpoint):
    truth = TRUTH["public"]["touchpoint"][touchpoint]
    found = journey.sentiment.filter(scope="touchpoint", name=touchpoint).to_dicts()
    counts = [(row["n"], row["positive"], row["neutral"], row["negative"]) for row in found]
    wanted = (truth["voices"], truth["positive"], truth["neutral"], truth["negative"])
    assert counts == ([wanted] if truth["voices"] else [])


def test_all_public_voices_are_there(journey):
    assert row_of(journey.sentiment, scope=ALL)["n"] == TRUTH["public"]["all"]["voices"]


@pytest.mark.parametrize("stage", sorted(TRUTH["interviews"]["experience"]))
def test_the_experience_of_each_stage_is_the_mean_over_people(journey, stage):
    row, truth = (
        row_of(journey.experience, scope="stage", name=stage, persona=ALL),
        TRUTH["interviews"]["experience"][stage],
    )
    assert row["value"] == pytest.approx(truth["mean"], abs=5e-5)
    assert row["n"] == truth["participants"]


def test_the_survey_figures_are_those_that_were_counted(journey):
    nps, ces = (row_of(journey.surveys, instrument=name) for name in ("nps", "ces"))
    assert (nps["value"] * 100, nps["n"]) == (pytest.approx(TRUTH["survey"]["nps"]["score"], abs=1e-3), 180)
    assert (ces["value"], ces["n"]) == (
        pytest.approx(TRUTH["survey"]["ces"]["mean"], abs=1e-5),
        TRUTH["survey"]["ces"]["n"],
    )


def test_every_persona_has_its_five_participants_in_several_languages(journey):
    assert journey.personas["participants"].to_list() == [5, 5, 5]
    assert all(len(spoken) >= 2 for spoken in journey.personas["languages"])


VERDICTS = {
    "checkout": ("high_exit", "pain", "negative", "friction_confirmed"),
    "hours": ("high_exit", "goal", "positive", "natural_end"),
    "confirmation": ("terminal", "gain", "silent", "expected_exit"),
    "returns": ("normal", "pain", "silent", "heard_only"),
    "store": ("observed", "gain", "positive", "strength"),
    "product": ("many_clicks", "comparing", "positive", "interest"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("touchpoint", VERDICTS)
def test_the_planted_verdict_stands_on_the_map_in_every_language(example, findings, touchpoint, language):
    row = row_of(cj.map_journey(example, language=language, findings=findings).verdicts, touchpoint=touchpoint)
    assert (row["behaviour"], row["interviews"], row["social"], row["verdict"]) == VERDICTS[touchpoint]


PLANTS = {"checkout_pain": ("checkout", "pain"), "hours_goal": ("hours", "goal"), "returns_pain": ("returns", "pain")}


@pytest.mark.parametrize("plant", PLANTS)
def test_the_people_behind_a_planted_statement_are_the_planted_people(findings, journey, plant):
    touchpoint, kind = PLANTS[plant]
    truth = TRUTH["interviews"]["plant"][plant]
    statement = row_of(journey.statements, persona=ALL, touchpoint=touchpoint, type=kind)
    behind = findings.evidence.filter(pl.col("evidence_id").is_in(statement["evidence"]))
    assert sorted(behind["person"].unique()) == truth["who"]
    assert statement["people"] == truth["participants"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_statement_is_heard_in_every_language(findings, plant, language):
    touchpoint, kind = PLANTS[plant]
    said = findings.evidence.filter(
        (pl.col("family") == "interview")
        & (pl.col("touchpoint") == touchpoint)
        & (pl.col("type") == kind)
        & (pl.col("language") == language)
    )
    assert said["person"].n_unique() == TRUTH["interviews"]["plant"][plant]["by_language"][language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_checkout_is_complained_of_in_public_in_every_language(findings, language):
    voices = findings.evidence.filter(
        pl.col("family").is_in(["mention", "review"])
        & pl.col("voice")
        & (pl.col("touchpoint") == "checkout")
        & (pl.col("language") == language)
    )
    assert voices.height == TRUTH["public"]["touchpoint"]["checkout"]["by_language"][language]
    assert (voices["valence"] < 0).sum() > voices.height / 2


def test_nobody_speaks_of_returns_in_public(findings):
    assert findings.evidence.filter(
        pl.col("family").is_in(["mention", "review"]) & (pl.col("touchpoint") == "returns")
    ).is_empty()


def test_the_lowest_point_is_the_decision_and_the_first_opportunity_is_the_checkout(journey):
    stages = journey.experience.filter(scope="stage", persona=ALL).sort("value")
    assert stages["name"][0] == "decision"
    assert journey.opportunities["touchpoint"].to_list()[:2] == ["checkout", "returns"]


def test_a_claim_that_counts_somebody_who_is_gone_makes_no_map(example, findings):
    gone = findings.evidence.filter((pl.col("person") != "P03") | (pl.col("family") != "interview"))
    with pytest.raises(cj.CjtoolsError, match=r"11 of 15|no evidence of this wave"):
        cj.map_journey(example, findings=replace(findings, evidence=gone))


def test_removing_a_participant_changes_only_what_rests_on_them(example, findings, tmp_path):
    # Without the claims: they say how many people they rest on.
    example = example.model_copy(update={"folder": tmp_path})
    gone = findings.evidence.filter((pl.col("person") != "P03") | (pl.col("family") != "interview"))
    before = cj.map_journey(example, findings=findings)
    after = cj.map_journey(example, findings=replace(findings, evidence=gone))
    kept = ("sentiment", "behaviour", "drop_off", "patterns", "surveys", "totals")
    assert all(getattr(before, table).equals(getattr(after, table)) for table in kept)
    rested = set(findings.evidence.filter(pl.col("person") == "P03")["evidence_id"])
    for row in after.statements.to_dicts():
        assert not rested & set(row["evidence"])
    changed = before.statements.join(after.statements, on=["statement_id", "people"], how="anti")
    for row in changed.to_dicts():
        assert rested & set(row["evidence"])


@pytest.mark.parametrize("audience", ["client", "executive"])
def test_outside_the_team_no_public_word_and_no_unconsented_interview_is_read(example, findings, audience):
    shown = cj.map_journey(example, audience=audience, findings=findings).quotes
    assert shown["family"].unique().to_list() == ["interview"]
    agreed = findings.tables.participants.filter(pl.col("consent").is_in(["report", "public"]))["participant_id"]
    behind = findings.evidence.filter(pl.col("evidence_id").is_in(shown["evidence_id"].to_list()))
    assert set(behind["person"]) <= set(agreed)
    assert len(agreed) < findings.tables.participants.height
