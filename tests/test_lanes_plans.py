"""What was meant and what came of it: opportunities, the planned journey, expectations, the research list."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from conftest import EXAMPLE
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.crosscheck import OPEN
from cjtools.errors import ClientError
from cjtools.lanes.asked import answers_by_role, score_asked
from cjtools.lanes.backlog import find_unexpected, list_backlog
from cjtools.lanes.labels import label_client
from cjtools.lanes.objectives import measure_objectives
from cjtools.lanes.opportunities import join_opportunities, list_actions
from cjtools.lanes.planned import compare_expected, compare_planned, fitness
from cjtools.map_tables import Evidence, MapOpportunity
from cjtools.plan_tables import MapUnexpected
from cjtools.report.views import matrix
from cjtools.report.views.matrix import LANES
from cjtools.settings import LANGUAGES, Lane
from cjtools.tables import Answer, Coding, shape_of
from cjtools.words import load_words

TOML = """
[client]
id = "acme"
name = "Acme"
[wave]
from = 2026-01-01
to = 2026-03-31
[stages]
model = "four"
[[touchpoints]]
id = "web"
label = "Web"
environment = "online"
stages = ["awareness"]
pages = ["/*"]
codes = ["homepage"]
[[touchpoints]]
id = "desk"
label = "Desk"
environment = "offline"
stages = ["decision"]
[[touchpoints]]
id = "till"
label = "Till"
environment = "offline"
stages = ["decision"]
events = ["pay"]
[[touchpoints]]
id = "call"
label = "Call"
environment = "offline"
stages = ["decision"]
events = ["call"]
[[sources]]
id = "s"
path = "s.csv"
format = "table"
kind = "answers"
"""
QUESTIONS = "".join(
    f'[[sources.questions]]\nid = "{role}"\ncolumn = "{role}"\nscale = [1, 5]\ntouchpoint = "web"\nrole = "{role}"\n'
    for role in ("importance", "satisfaction", "expectation", "experience")
)


def client(tmp_path: Path, more: str = "") -> cj.Client:
    (tmp_path / "s.csv").write_text("id\n1\n", "utf-8")
    (tmp_path / "client.toml").write_text(TOML + QUESTIONS + more, "utf-8")
    return cj.load_client(tmp_path)


def answers(*rows: tuple[str, str, float]) -> pl.DataFrame:
    """Return answers on 1 to 5: response, question, value."""
    whole = [
        {
            "source_id": "s", "source_file": "s.csv", "source_row": place, "response_id": person, "question_id": asked,
            "question_text": asked, "instrument": "other", "value_num": value, "scale_min": 1.0, "scale_max": 5.0,
        }
        for place, (person, asked, value) in enumerate(rows)
    ]  # fmt: skip
    return Answer.validate(pl.DataFrame(whole, schema=shape_of(Answer)), cast=True)


def draft(**more: object) -> pl.DataFrame:
    row = {
        "rank": 1, "stage": "awareness", "touchpoint": "web", "label": "Web", "people": 3, "asked": 4, "reach": 0.75,
        "severity": 0.5, "score": 0.375, "evidence": ["q1"], "basis": "evidence", **more,
    }  # fmt: skip
    return MapOpportunity.validate(pl.DataFrame([row], schema=shape_of(MapOpportunity), strict=False), cast=True)


def joined(one: cj.Client, rows: pl.DataFrame, told: pl.DataFrame) -> list[dict]:
    asked = score_asked(answers_by_role(told, client=one), top=one.opportunity_score.top, minimum=3)
    labels = label_client(one, words=load_words("en"))
    heard = {"awareness": 4}
    return join_opportunities(rows, asked, client=one, labels=labels, language="en", heard=heard).to_dicts()


def test_importance_and_satisfaction_are_shares_of_the_top_answers_never_means(tmp_path):
    told = answers(
        *((f"r{n}", "importance", value) for n, value in enumerate([5, 4, 4, 1])),
        *((f"r{n}", "satisfaction", value) for n, value in enumerate([5, 3, 3, 3])),
    )
    (row,) = joined(client(tmp_path), draft(), told)
    # Three of four hold it important, one of four is satisfied: 7.5 + (7.5 − 2.5).
    assert (row["importance"], row["satisfaction"], row["score"]) == (7.5, 2.5, 12.5)
    assert (row["basis"], row["level"], row["importance_n"]) == ("survey", "solid", 4)


def test_the_cut_offs_of_the_score_are_the_clients(tmp_path):
    told = answers(*((f"r{n}", asked, 5) for n in range(3) for asked in ("importance", "satisfaction")))
    assert joined(client(tmp_path), draft(), told)[0]["level"] == "solid"
    assert (
        joined(client(tmp_path, "[opportunity_score]\nsolid = 4\nstrong = 10"), draft(), told)[0]["level"] == "strong"
    )
    strict = client(tmp_path, "[opportunity_score]\ntop = 1.0")
    four = answers(*((f"r{n}", asked, 4) for n in range(3) for asked in ("importance", "satisfaction")))
    assert joined(strict, draft(), four)[0]["score"] == 0.0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=3, max_size=20))
def test_the_score_lies_between_its_importance_and_twice_that_and_never_above_twenty(pairs):
    rows = [
        {
            "touchpoint": "web", "role": role, "person": f"r{n}", "share": (pair[place] - 1) / 4,
            "evidence_id": f"{n}.{role}",
        }
        for n, pair in enumerate(pairs)
        for place, role in enumerate(("importance", "satisfaction"))
    ]  # fmt: skip
    row = score_asked(pl.DataFrame(rows), top=0.75, minimum=3).to_dicts()[0]
    assert row["importance"] <= row["asked_score"] <= min(20, 2 * row["importance"] + 1e-6)


def test_below_the_minimum_group_the_survey_gives_no_score(tmp_path):
    few = answers(*((f"r{n}", asked, 5) for n in range(2) for asked in ("importance", "satisfaction")))
    (row,) = joined(client(tmp_path), draft(), few)
    assert (row["basis"], row["importance"], row["score"]) == ("evidence", None, 0.375)


OPPORTUNITY = """
[[opportunities]]
id = "{id}"
title = {{ en = "Mend it", ca = "Arreglar-ho" }}
kind = "service"
stage = "{stage}"
{more}
"""


def test_a_declared_opportunity_takes_the_place_of_the_draft_and_keeps_its_evidence(tmp_path):
    one = client(tmp_path, OPPORTUNITY.format(id="mend", stage="awareness", more='touchpoint = "web"\neffort = "low"'))
    (row,) = joined(one, draft(), answers())
    assert (row["opportunity"], row["title"], row["effort"], row["status"]) == ("mend", "Mend it", "low", "idea")
    assert (row["people"], row["score"], row["evidence"]) == (3, 0.375, ["q1"])


def test_a_declared_opportunity_that_nobody_raised_says_so_and_a_dropped_one_goes_with_its_draft(tmp_path):
    new = OPPORTUNITY.format(id="new", stage="decision", more="")
    gone = OPPORTUNITY.format(id="gone", stage="awareness", more='touchpoint = "web"\nstatus = "dropped"')
    (row,) = joined(client(tmp_path, new + gone), draft(), answers())
    assert (row["opportunity"], row["people"], row["asked"], row["score"], row["evidence"]) == ("new", 0, 0, 0.0, [])


def touches(*walks: str) -> pl.DataFrame:
    """Return one profile a walk, whose letters are touchpoints."""
    names = {"w": "web", "d": "desk", "t": "till", "c": "call", ".": None}
    rows = [(f"p{n}", names[step]) for n, walk in enumerate(walks) for step in walk]
    return pl.DataFrame(rows, schema={"profile_id": pl.String, "touchpoint": pl.String}, orient="row")


def planned(one: cj.Client, seen: pl.DataFrame, minimum: int = 2) -> pl.DataFrame:
    labels = label_client(one, words=load_words("en"))
    return compare_planned(seen, client=one, labels=labels, language="en", minimum=minimum)


def plan(*steps: str) -> str:
    stages = {"web": "awareness"}
    return "".join(f'[[planned]]\nstage = "{stages.get(s, "decision")}"\ntouchpoint = "{s}"\n' for s in steps)


def test_a_plan_as_it_was_lived_is_matched(tmp_path):
    found = planned(client(tmp_path, plan("web", "till")), touches("wt", "wwt", "w"))
    assert found.select("state", "people", "of", "in_order", "both").rows() == [
        ("matched", 3, 3, None, None), ("matched", 2, 3, 2, 2),
    ]  # fmt: skip
    assert fitness(found) == (2, 2)


def test_steps_are_reordered_missing_unmeasured_or_added(tmp_path):
    found = planned(client(tmp_path, plan("call", "till", "web", "desk")), touches("wt", "wt", "tw", "w.", "w"))
    assert dict(found.select("touchpoint", "state").rows()) == {
        "call": "missing", "till": "matched", "web": "reordered", "desk": "not_measured",
    }  # fmt: skip
    assert fitness(found) == (1, 3)
    row = found.filter(pl.col("touchpoint") == "web").to_dicts()[0]
    assert (row["before"], row["in_order"], row["both"]) == ("till", 1, 3)
    added = planned(client(tmp_path, plan("till")), touches("wt", "wt"))
    assert dict(added.select("touchpoint", "state").rows()) == {"till": "matched", "web": "added"}


def test_without_a_plan_nothing_is_compared_and_without_events_nothing_was_seen(tmp_path):
    assert planned(client(tmp_path), touches("wt")).is_empty()
    found = planned(client(tmp_path, plan("web", "desk")), touches())
    assert found["state"].to_list() == ["missing", "not_measured"]
    assert found["value"].to_list() == [None, None]


def test_fewer_people_than_the_minimum_group_are_seen_and_not_counted(tmp_path):
    row = planned(client(tmp_path, plan("till")), touches("wt", "w", "w")).to_dicts()[0]
    assert (row["state"], row["people"], row["value"]) == ("matched", None, None)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text("wtc.", max_size=6), max_size=12))
def test_the_counts_of_steps_are_those_of_plain_python(walks):
    with tempfile.TemporaryDirectory() as folder:
        one = client(Path(folder), plan("web", "till", "call"))
        found = planned(one, touches(*walks), minimum=1)
    placed = [walk.replace(".", "") for walk in walks]
    people = Counter(step for walk in placed for step in set(walk))
    for letter, name in (("w", "web"), ("t", "till"), ("c", "call")):
        row = found.filter(pl.col("touchpoint") == name).to_dicts()[0]
        assert (row["people"], row["of"]) == (people[letter], sum(bool(walk) for walk in placed))
    both = [walk for walk in placed if "w" in walk and "t" in walk]
    row = found.filter(pl.col("touchpoint") == "till").to_dicts()[0]
    if both:
        assert (row["in_order"], row["both"]) == (sum(walk.index("w") < walk.index("t") for walk in both), len(both))


def interviews(*rows: dict) -> pl.DataFrame:
    whole = [
        {
            "evidence_id": f"q{place}", "basis": "reported", "family": "interview", "stage": "awareness",
            "touchpoint": "web", "type": "expectation", "method": "person", "verbatim": False, "consent": "report",
            "voice": True, "source_id": "i", "source_file": "i.md", **row,
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return Evidence.validate(pl.DataFrame(whole, schema=shape_of(Evidence)), cast=True)


def expected(one: cj.Client, said: pl.DataFrame, told: pl.DataFrame, minimum: int = 2) -> list[dict]:
    labels = label_client(one, words=load_words("en"))
    by_role = answers_by_role(told, client=one)
    return compare_expected(said, by_role, client=one, labels=labels, minimum=minimum).to_dicts()


def test_an_expectation_of_an_interview_is_met_or_not_once_a_person(tmp_path):
    said = interviews(
        *({"person": "P1", "valence": -2.0} for _ in range(5)), {"person": "P2", "valence": 1.0},
        {"person": "P3", "valence": -1.0, "type": "pain"}, {"person": "P4"},
    )  # fmt: skip
    (row,) = expected(client(tmp_path), said, answers())
    assert (row["basis"], row["gap"], row["met"], row["unmet"], row["n"]) == ("interview", -0.5, 1, 1, 2)


def test_the_gap_of_a_survey_is_of_those_who_answered_both(tmp_path):
    told = answers(("a", "expectation", 5), ("a", "experience", 3), ("b", "expectation", 3), ("b", "experience", 3),
                   ("c", "expectation", 1))  # fmt: skip
    (row,) = expected(client(tmp_path), interviews(), told)
    # On −2 to +2, a expected +2 and had 0, b expected 0 and had 0; c told of no experience.
    assert (row["expected"], row["experienced"], row["gap"], row["n"], row["unmet"]) == (1.0, 0.0, -1.0, 2, 1)
    assert expected(client(tmp_path), interviews(), told, minimum=3)[0]["gap"] is None


def test_the_attainment_has_the_interval_of_its_metric_and_turns_with_its_way(tmp_path):
    more = """
[[objectives]]
stage = "awareness"
statement = "Fewer leave"
metric = "stage_conversion"
baseline = 0.6
target = 0.4
due = 2026-12-31
"""
    drop = pl.DataFrame({"stage": ["awareness"], "low": [0.4], "high": [0.6], "conversion": [0.5], "profiles": [90]})
    one = client(tmp_path, more)
    nothing = {
        "scope": [""],
        "name": [""],
        "persona": [""],
        "value": [None],
        "low": [None],
        "high": [None],
        "n": [None],
    }
    empty = pl.DataFrame(nothing).clear()
    frames = {"drop_off": drop, "experience": empty, "sentiment": empty.rename({"value": "net"}),
              "surveys": empty.with_columns(instrument=pl.lit(""), question_id=pl.lit(""))}  # fmt: skip
    labels = label_client(one, words=load_words("en"))
    row = measure_objectives(frames, client=one, labels=labels, language="en").to_dicts()[0]
    assert [round(row[f"attainment{end}"], 6) for end in ("", "_low", "_high")] == [0.5, 0.0, 1.0]


def test_actions_stand_by_stage_and_due_date_in_the_language(tmp_path):
    more = "".join(
        f'[[actions]]\nstage = "{stage}"\ncontent = {{ en = "{name}", ca = "{name} ca" }}\ndue = {due}\n'
        'metric = "nps"\n'
        for stage, name, due in (("decision", "c", "2026-01-01"), ("awareness", "b", "2026-03-01"),
                                 ("awareness", "a", "2026-02-01"))
    )  # fmt: skip
    one = client(tmp_path, more)
    found = list_actions(one, labels=label_client(one, words=load_words("ca")), language="ca")
    assert found.select("content", "due").rows()[0] == ("a ca", dt.date(2026, 2, 1))
    assert found["content"].to_list() == ["a ca", "b ca", "c ca"]


def test_every_fault_of_what_is_meant_is_told_at_once(tmp_path):
    more = """
[report]
lanes_off = ["socail"]
[[objectives]]
stage = "awarness"
statement = "x"
metric = "nps"
[[objectives]]
stage = "awareness"
statement = "x"
metric = "npss"
baseline = 1
target = 1
due = 2026-12-31
[[opportunities]]
id = "a"
title = "A"
kind = "servise"
stage = "awareness"
touchpoint = "wep"
[[actions]]
opportunity = "b"
stage = "awareness"
content = "x"
[[planned]]
stage = "awareness"
touchpoint = "teel"
"""
    with pytest.raises(ClientError) as caught:
        client(tmp_path, more)
    said = str(caught.value)
    for part in (
        "lanes_off[1]: 'socail' is not known here; did you mean 'social'", "objectives[1].stage",
        "objectives[1].target", "objectives[1].due", "objectives[1].baseline",
        "objectives[2].metric: 'npss' is not a metric; did you mean 'nps'",
        "target and baseline are both 1", "opportunities[1].kind: 'servise'", "opportunities[1].touchpoint: 'wep'",
        "actions[1].opportunity: 'b' is not a opportunity", "actions[1].due", "planned[1].touchpoint: 'teel'",
    ):  # fmt: skip
        assert part in said, (part, said)


def test_a_role_needs_its_touchpoint_and_scale(tmp_path):
    with pytest.raises(ClientError, match="needs its touchpoint and its scale"):
        client(tmp_path, '[[sources.questions]]\nid = "q"\ncolumn = "q"\nrole = "importance"\n')


def codings(*rows: tuple[str, str]) -> pl.DataFrame:
    whole = [
        {"quote_id": quote, "kind": "theme", "code": code, "coder": "c", "method": "person", "accepted": True}
        for quote, code in rows
    ]
    return Coding.validate(pl.DataFrame(whole, schema=shape_of(Coding)), cast=True)


def test_themes_in_nobodys_plan_are_unexpected_by_people_and_go_to_the_research_list(tmp_path):
    one = client(tmp_path)
    said = interviews({"person": "P1", "touchpoint": None}, {"person": "P1", "touchpoint": None},
                      {"person": "P2", "touchpoint": None}, {"person": "P3", "touchpoint": None})  # fmt: skip
    coded = codings(
        ("q0", "Noise"), ("q1", "Noise"), ("q2", "Noise"), ("q3", "Rare"), ("q0", "Homepage"), ("q2", "Homepage")
    )
    found = find_unexpected(coded, said, client=one, minimum=2, language="en")
    assert found.select("code", "people", "texts", "stages").rows() == [("Noise", 2, 3, ["awareness"])]
    words = load_words("en")
    questions = pl.DataFrame(schema={"kind": pl.String, "stage": pl.String, "touchpoint": pl.String, "label": pl.String,
                                     "n": pl.Int64})  # fmt: skip
    row = list_backlog(questions, found, labels=label_client(one, words=words), words=words).to_dicts()[0]
    assert (row["kind"], row["label"], row["n"], row["priority"]) == ("unexpected", "Noise", 2, 2)
    assert "Noise" in row["why"]
    assert "Noise" in row["ask"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_open_question_is_asked_in_every_language(tmp_path, language):
    one, words = client(tmp_path), load_words(language)
    kinds = ["stage_silent", "stage_not_asked", "stage_no_source", "stage_no_behaviour", "few_people",
             *(f"verdict_{kind}" for kind in OPEN)]  # fmt: skip
    questions = pl.DataFrame({"kind": kinds, "stage": "decision", "touchpoint": None, "label": "Web", "n": None})
    found = list_backlog(questions.cast({"touchpoint": pl.String, "n": pl.Int64}), MapUnexpected.create_empty(),
                         labels=label_client(one, words=words), words=words)  # fmt: skip
    assert found.height == len(kinds)
    assert all(words(f"question_{kind}") for kind in (*kinds, "unexpected"))
    assert found["priority"].to_list() == sorted(found["priority"].to_list())
    assert set(found.filter(pl.col("priority") == 1)["kind"]) == {
        "verdict_undetermined", "verdict_friction_likely", "verdict_dissonant",
    }  # fmt: skip


@pytest.fixture(scope="module")
def journey(example, findings) -> cj.JourneyMap:
    return cj.map_journey(example, findings=findings)


def test_the_example_shows_each(journey):
    assert journey.opportunities["opportunity"].to_list()[:2] == ["price-early", "return-at-counter"]
    assert set(journey.planned["state"]) == {"matched", "reordered", "not_measured", "added"}
    assert journey.expectations.filter(pl.col("gap").is_not_null()).height > 0
    assert journey.research_backlog.height == journey.questions.height > 0
    assert journey.actions.height == 2
    assert journey.objectives["attainment_low"].null_count() == 0
    assert journey.moments["touchpoint"].to_list() == ["checkout"]
    assert EXAMPLE.is_dir()


def test_lanes_stand_in_the_order_of_print_and_each_can_be_left_out(journey):
    keys = [lane["key"] for lane in matrix(journey).data["lanes"]]
    order = (
        "objectives touchpoints steps needs experience moments pains gains quotes behaviour social crosscheck factors "
        "opportunities actions research coverage front back support"
    )
    assert [key for key in keys if key in order.split()] == order.split()
    for lane in LANES:
        without = dataclasses.replace(journey, header=dataclasses.replace(journey.header, lanes_off=(lane.key,)))
        assert [each["key"] for each in matrix(without).data["lanes"]] == [key for key in keys if key != lane.key]


def test_the_names_of_lanes_in_client_toml_are_those_of_the_map():
    assert set(get_args(Lane)) == {lane.key for lane in LANES}
