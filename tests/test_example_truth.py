"""The kit finds what was planted in the example client, in every language; the truth was counted without the kit."""

from __future__ import annotations

import html
import re
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
def maps(example, findings) -> dict[str, cj.JourneyMap]:
    """The map in each language."""
    return {name: cj.map_journey(example, language=name, findings=findings, audience="team") for name in LANGUAGES}


@pytest.fixture(scope="module")
def journey(maps) -> cj.JourneyMap:
    return maps["en"]


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
def test_the_planted_verdict_stands_on_the_map_in_every_language(maps, touchpoint, language):
    row = row_of(maps[language].verdicts, touchpoint=touchpoint)
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


# The other plants of the interviews as they stand on the map: touchpoints, type, stage, valence.
OTHERS = {
    "hours_pain": (["hours"], "pain", None, pl.lit(value=True)),
    "product_or_catalogue_comparing": (
        ["product", "catalogue"],
        "comparing",
        None,
        pl.col("valence").fill_null(0) >= 0,
    ),
    "store_or_collection_gain": (["store", "collection"], "gain", None, pl.lit(value=True)),
    "came_back_by_newsletter": (["email"], "action", "loyalty", pl.lit(value=True)),
    "recommends": (None, "action", "advocacy", pl.col("valence") > 0),
}


def test_every_plant_of_the_interviews_is_looked_for():
    assert {*PLANTS, *OTHERS} == set(TRUTH["interviews"]["plant"])


@pytest.mark.parametrize("plant", OTHERS)
def test_the_other_plants_are_behind_statements_of_the_map_with_their_people_by_language(findings, journey, plant):
    touchpoints, kind, stage, mood = OTHERS[plant]
    truth = TRUTH["interviews"]["plant"][plant]
    stated = journey.statements.filter((pl.col("persona") == ALL) & (pl.col("type") == kind))
    if touchpoints:
        stated = stated.filter(pl.col("touchpoint").is_in(touchpoints))
    if stage:
        stated = stated.filter(pl.col("stage") == stage)
    ids = {name for row in stated["evidence"].to_list() for name in row}
    behind = findings.evidence.filter(pl.col("evidence_id").is_in(sorted(ids)) & mood)
    assert sorted(behind["person"].unique()) == truth["who"]
    spoken = behind.group_by("language").agg(n=pl.col("person").n_unique()).sort("language")
    assert dict(spoken.iter_rows()) == truth["by_language"]


def test_the_scores_of_the_second_survey_are_those_that_were_counted(journey):
    for touchpoint in ("checkout", "returns"):
        truth = TRUTH["needs"][touchpoint]
        row = row_of(journey.opportunities, touchpoint=touchpoint)
        names = ("importance", "satisfaction", "importance_n", "satisfaction_n", "score")
        assert [row[name] for name in names] == pytest.approx([truth[name] for name in names], abs=1e-6)
        assert row["low"] < row["score"] < row["high"]
    row, truth = row_of(journey.expectations, touchpoint="checkout", basis="survey"), TRUTH["needs"]["expectation"]
    names = ("n", "expected", "experienced", "gap", "unmet")
    assert [row[name] for name in names] == pytest.approx([truth[name] for name in names], abs=1e-6)


def section(journey: cj.JourneyMap, name: str) -> str:
    page = getattr(cj.report, name)(journey)._repr_mimebundle_()["text/html"]
    return re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.DOTALL)


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_planted_is_printed_in_every_language_as_people_there_write_it(maps, language):
    journey = maps[language]
    words = journey.words
    rows = dict(re.findall(r'<tr id="x-(\w+)">(.*?)</tr>', section(journey, "crosscheck"), re.DOTALL))
    for touchpoint in ("checkout", "hours", "confirmation", "returns", "blog", "catalogue", "cart"):
        text, truth = plain(rows[touchpoint]), TRUTH["exits"][touchpoint]
        assert plain(words.percent(truth["share"])) in text
        assert plain(words.count("sessions", truth["denominator"])) in text
    for plant in PLANTS:
        truth = TRUTH["interviews"]["plant"][plant]
        told = words("of_people", people=words.number(truth["participants"]), all=words.count("participants", 15))
        assert plain(told) in plain(rows[PLANTS[plant][0]])
    for touchpoint in ("checkout", "hours", "blog", "social"):
        assert plain(words.count("voices", TRUTH["public"]["touchpoint"][touchpoint]["voices"])) in plain(
            rows[touchpoint]
        )
    patterns = plain(section(journey, "patterns"))
    for name in ("ropo", "click_collect", "try_buy", "repeat_buyers", "repeat_other_route"):
        truth = TRUTH["purchases"][name]
        counts = words("of_number", part=words.number(truth["numerator"]), all=words.number(truth["denominator"]))
        assert plain(counts) in patterns
        assert plain(words.percent(truth["share"])) in patterns
    surveys, todo = plain(section(journey, "surveys")), plain(section(journey, "opportunities"))
    assert plain(words.signed(TRUTH["survey"]["nps"]["score"], digits=0)) in surveys
    assert plain(words.number(TRUTH["survey"]["ces"]["mean"], digits=1)) in surveys
    for touchpoint in ("checkout", "returns"):
        assert plain(words.number(TRUTH["needs"][touchpoint]["score"], digits=1)) in todo
    matrix = plain(section(journey, "matrix"))
    for stage, truth in TRUTH["interviews"]["experience"].items():
        assert plain(words.signed(truth["mean"])) in matrix, stage


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


@pytest.fixture(scope="module")
def unclaimed(example, tmp_path_factory) -> cj.Client:
    """The example without its claims: those say how many people they rest on."""
    return example.model_copy(update={"folder": tmp_path_factory.mktemp("unclaimed")})


@pytest.fixture(scope="module")
def whole(unclaimed, findings) -> cj.JourneyMap:
    return cj.map_journey(unclaimed, findings=findings)


def without(findings: cj.Findings, participant: str) -> tuple[pl.DataFrame, cj.Findings]:
    """Return what a participant said, and the findings without it."""
    own = findings.evidence.filter((pl.col("person") == participant) & (pl.col("family") == "interview"))
    gone = findings.evidence.filter(~pl.col("evidence_id").is_in(own["evidence_id"].to_list()))
    return own, replace(findings, evidence=gone)


@pytest.fixture(scope="module", params=["P03", "P11"])
def removed(request, unclaimed, findings) -> tuple[pl.DataFrame, cj.JourneyMap]:
    own, rest = without(findings, request.param)
    return own, cj.map_journey(unclaimed, findings=rest)


UNTOUCHED = ("sentiment", "behaviour", "drop_off", "patterns", "surveys", "totals", "actions", "planned", "sources")
KEYS = {
    "experience": ("scope", "name", "persona"),
    "touchpoint_stages": ("touchpoint", "stage"),
    "coverage": ("stage", "family"),
    "stages": ("stage",),
    "personas": ("persona",),
    "verdicts": ("touchpoint",),
}


def resting_on(own: pl.DataFrame, whole: cj.JourneyMap) -> dict[str, set[tuple]]:
    """Return, by table, the keys of the rows that rest on what a participant said."""
    felt, stages = own.filter(pl.col("valence").is_not_null()), set(own["stage"].drop_nulls())
    personas = {ALL, own["persona"][0]}
    places = {("stage", name) for name in felt["stage"].drop_nulls()} | {
        ("touchpoint", n) for n in felt["touchpoint"].drop_nulls()
    }
    return {
        "experience": {(*place, who) for place in places for who in personas},
        "touchpoint_stages": set(felt.drop_nulls(["touchpoint", "stage"]).select("touchpoint", "stage").iter_rows()),
        "coverage": {(stage, "interview") for stage in stages},
        "stages": {(stage,) for stage in stages},
        "personas": {(own["persona"][0],)},
        # Whoever spoke of the stage was asked of all its touchpoints.
        "verdicts": {(row["touchpoint"],) for row in whole.verdicts.to_dicts() if row["stage"] in stages},
    }


def by_key(frame: pl.DataFrame, keys: tuple[str, ...]) -> dict[tuple, dict]:
    return {tuple(row[key] for key in keys): row for row in frame.to_dicts()}


def test_removing_a_participant_changes_exactly_the_cells_that_rest_on_them(whole, removed):
    own, after = removed
    assert all(getattr(whole, name).equals(getattr(after, name)) for name in UNTOUCHED)
    resting = resting_on(own, whole)
    for name, keys in KEYS.items():
        before, now = (by_key(getattr(journey, name), keys) for journey in (whole, after))
        assert before.keys() == now.keys()
        assert {key for key in before if before[key] != now[key]} == resting[name], name
        if name in ("experience", "touchpoint_stages", "coverage"):
            assert {before[key]["n"] - now[key]["n"] for key in resting[name]} == {1}
    spoken_of, ids = set(own["touchpoint"].drop_nulls()), set(own["evidence_id"])
    for row, left in zip(whole.verdicts.to_dicts(), after.verdicts.to_dicts(), strict=True):
        assert set(row["evidence"]) - set(left["evidence"]) == set(row["evidence"]) & ids
        assert row["heard"] - left["heard"] == (row["touchpoint"] in spoken_of)
    shown = set(whole.quotes["evidence_id"])
    assert shown - set(after.quotes["evidence_id"]) == shown & ids


def test_statements_lose_exactly_the_evidence_of_a_participant_who_is_removed(whole, removed):
    own, after = removed
    rested, personas, stages = set(own["evidence_id"]), {ALL, own["persona"][0]}, set(own["stage"])
    left = {row["statement_id"]: row for row in after.statements.to_dicts()}
    for row in whole.statements.to_dicts():
        lost = rested & set(row["evidence"])
        if lost == set(row["evidence"]):
            assert row["statement_id"] not in left
            continue
        now = left.pop(row["statement_id"])
        assert set(row["evidence"]) - set(now["evidence"]) == lost
        assert row["people"] - now["people"] == bool(lost)
        assert row["asked"] - now["asked"] == (row["stage"] in stages and row["persona"] in personas)
        if not lost:
            assert (row["valence"], row["quote_id"]) == (now["valence"], now["quote_id"])
    assert left == {}


@pytest.mark.parametrize("audience", ["client", "executive"])
def test_outside_the_team_no_public_word_and_no_unconsented_interview_is_read(example, findings, audience):
    shown = cj.map_journey(example, audience=audience, findings=findings).quotes
    assert shown["family"].unique().to_list() == ["interview"]
    agreed = findings.tables.participants.filter(pl.col("consent").is_in(["report", "public"]))["participant_id"]
    behind = findings.evidence.filter(pl.col("evidence_id").is_in(shown["evidence_id"].to_list()))
    assert set(behind["person"]) <= set(agreed)
    assert len(agreed) < findings.tables.participants.height
