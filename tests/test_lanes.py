"""The lanes of the map on a handful of evidence: people count once, gaps stay gaps, small groups stay hidden."""

from __future__ import annotations

import polars as pl
import pytest

from cjtools.lanes.experience import score_experience
from cjtools.lanes.labels import Labels
from cjtools.lanes.sentiment import count_sentiment
from cjtools.lanes.statements import draft_statements, rank_opportunities, select_quotes
from cjtools.lanes.surveys import score_surveys
from cjtools.map_tables import ALL, Evidence, MapQuote, MapVerdict
from cjtools.tables import Answer, shape_of

LABELS = Labels(
    stages={"before": "Before", "during": "During"},
    personas={ALL: "Everybody", "p": "P"},
    touchpoints={"web": "Web", "shop": "Shop"},
)


def evidence(*rows: dict) -> pl.DataFrame:
    filled = [
        {
            "evidence_id": f"q{place:02}", "basis": "reported", "family": "interview", "stage": "before",
            "method": "person", "person": "P1", "text": "t", "verbatim": False, "consent": "report", "voice": True,
            "source_id": "i", "source_file": "i.md", "source_row": place, **row,
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return Evidence.validate(pl.DataFrame(filled, schema=shape_of(Evidence)), cast=True)


def score(frame: pl.DataFrame, *, scope: str = "stage", name: str = "before", persona: str = ALL) -> dict:
    table = score_experience(frame, labels=LABELS, minimum=2)
    return table.filter(
        (pl.col("scope") == scope) & (pl.col("name") == name) & (pl.col("persona") == persona)
    ).to_dicts()[0]


def test_a_talkative_participant_counts_once():
    rows = [{"person": "P1", "valence": -2.0}] * 9 + [{"person": "P2", "valence": 2.0}]
    found = score(evidence(*rows))
    assert (found["value"], found["n"]) == (0.0, 2)


def test_below_the_minimum_no_value_is_given_and_n_says_why():
    found = score(evidence({"valence": 1.0}))
    assert (found["value"], found["low"], found["n"], found["shown"]) == (None, None, 1, False)


def test_a_stage_without_evidence_keeps_its_place_as_a_gap():
    found = score(evidence({"valence": 1.0}), name="during")
    assert (found["value"], found["n"]) == (None, 0)


def test_a_persona_is_scored_from_its_own_people():
    rows = [
        {"person": "P1", "persona": "p", "valence": 1.0}, {"person": "P2", "persona": "p", "valence": 1.0},
        {"person": "P3", "valence": -2.0},
    ]  # fmt: skip
    assert score(evidence(*rows), persona="p")["value"] == 1.0
    assert score(evidence(*rows))["value"] == 0.0


def voices(*valences: float | None, **more: object) -> pl.DataFrame:
    return evidence(*({"family": "mention", "person": f"A{n}", "valence": v, **more} for n, v in enumerate(valences)))


def test_net_sentiment_is_of_scored_voices_and_reposts_only_add_reach():
    frame = pl.concat([voices(1.0, -1.0, -1.0, None, n=10.0), voices(-2.0, voice=False, n=90.0).with_columns(
        evidence_id=pl.lit("r"), source_row=pl.lit(99, dtype=pl.Int64))])  # fmt: skip
    row = count_sentiment(frame, labels=LABELS, minimum=3).filter(pl.col("scope") == "all").to_dicts()[0]
    assert (row["positive"], row["negative"], row["unscored"], row["n"], row["reach"]) == (1, 2, 1, 4, 130)
    assert row["net"] == pytest.approx(-1 / 3)


def test_a_text_that_names_two_touchpoints_is_one_voice_in_all_and_one_at_each():
    frame = evidence(
        {"evidence_id": "m.web", "family": "mention", "touchpoint": "web", "valence": 1.0, "source_row": 1},
        {"evidence_id": "m.shop", "family": "mention", "touchpoint": "shop", "valence": 1.0, "source_row": 1},
    )
    table = count_sentiment(frame, labels=LABELS, minimum=1)
    assert dict(table.select("name", "n").iter_rows()) == {ALL: 1, "before": 1, "web": 1, "shop": 1}


def quotes(frame: pl.DataFrame, **more: str) -> pl.DataFrame:
    return select_quotes(frame, labels=LABELS, **{"audience": "team", "allowed": "consented", **more})


def test_statements_count_people_of_those_who_spoke_of_the_stage():
    frame = evidence(
        {"person": "P1", "type": "pain", "touchpoint": "web", "valence": -2.0},
        {"person": "P1", "type": "pain", "touchpoint": "web", "valence": -1.0},
        {"person": "P2", "type": "pain", "touchpoint": "web", "valence": -1.0},
        {"person": "P3"},
        {"person": "P4", "stage": "during"},
    )
    row = draft_statements(frame, quotes=quotes(frame), labels=LABELS).to_dicts()[0]
    assert (row["people"], row["asked"], row["lane"], row["quote_id"]) == (2, 3, "pains", "q00")
    assert row["evidence"] == ["q00", "q01", "q02"]


def test_the_id_of_a_statement_does_not_depend_on_the_order_of_the_evidence():
    frame = evidence({"type": "pain", "person": "P1"}, {"type": "need", "person": "P2"})
    one, two = (draft_statements(part, quotes=quotes(part), labels=LABELS) for part in (frame, frame.reverse()))
    assert one.equals(two)


def test_a_word_for_word_quote_shows_a_statement_before_a_stronger_note():
    frame = evidence({"type": "pain", "valence": -2.0}, {"type": "pain", "valence": -1.0, "verbatim": True})
    assert draft_statements(frame, quotes=quotes(frame), labels=LABELS)["quote_id"][0] == "q01"


@pytest.mark.parametrize(
    ("consent", "audience", "allowed", "shown"),
    [
        ("report", "client", "consented", True),
        ("public", "executive", "consented", True),
        ("internal", "client", "consented", False),
        ("internal", "client", "all", False),
        ("internal", "team", "consented", True),
        ("none", "team", "all", False),
        ("none", "team", "consented", False),
        ("public", "team", "none", False),
    ],
)
def test_a_quote_is_shown_only_to_whom_its_speaker_agreed(consent, audience, allowed, shown):
    assert (quotes(evidence({"consent": consent}), audience=audience, allowed=allowed).height == 1) is shown


def test_outside_the_team_nobody_reads_who_said_it_or_in_which_file():
    row = quotes(evidence({}), audience="client").to_dicts()[0]
    assert (row["who"], row["source_file"], row["source_row"]) == (None, "i", None)
    assert quotes(evidence({})).to_dicts()[0]["who"] == "P1"


def test_an_opportunity_is_reach_times_severity():
    frame = evidence(
        {"person": "P1", "type": "pain", "touchpoint": "web", "valence": -2.0},
        {"person": "P2", "type": "gain", "touchpoint": "web", "valence": 2.0},
    )
    statements = draft_statements(frame, quotes=MapQuote.create_empty(), labels=LABELS)
    ranked = rank_opportunities(
        statements, interviews=frame, verdicts=MapVerdict.create_empty(), labels=LABELS, minimum=2
    )
    row = ranked.to_dicts()[0]
    assert (row["reach"], row["severity"], row["score"]) == (0.5, 1.0, 0.5)
    # Of two people both, one or none may be drawn.
    assert (row["low"], row["high"]) == (0.0, 1.0)
    few = rank_opportunities(statements, interviews=frame, verdicts=MapVerdict.create_empty(), labels=LABELS, minimum=3)
    assert few.select("low", "high").row(0) == (None, None)


def test_how_bad_a_pain_is_is_a_mean_over_people_and_not_over_what_the_talkative_say():
    rows = [{"person": "P1", "type": "pain", "touchpoint": "web", "valence": -2.0}] * 5
    frame = evidence(*rows, {"person": "P2", "type": "pain", "touchpoint": "web", "valence": 0.0})
    statements = draft_statements(frame, quotes=MapQuote.create_empty(), labels=LABELS)
    assert statements["valence"].unique().to_list() == [-1.0]


def answers(instrument: str, values: list[float], low: float, high: float) -> pl.DataFrame:
    rows = [
        {
            "source_id": "s", "source_file": "s.csv", "source_row": place, "response_id": f"r{place}",
            "question_id": "q", "question_text": "?", "instrument": instrument, "value_num": value,
            "scale_min": low, "scale_max": high,
        }
        for place, value in enumerate(values)
    ]  # fmt: skip
    return Answer.validate(pl.DataFrame(rows, schema=shape_of(Answer)), cast=True)


@pytest.mark.parametrize(
    ("instrument", "values", "scale", "value"),
    [
        ("nps", [10, 9, 8, 6], (0, 10), 0.25),
        ("csat", [5, 4, 3, 1], (1, 5), 0.5),
        ("ces", [7, 5, 3], (1, 7), 5.0),
    ],
)
def test_each_instrument_has_its_own_figure(instrument, values, scale, value):
    row = score_surveys(answers(instrument, values, *scale), minimum=3).to_dicts()[0]
    assert (row["value"], row["n"], row["scale_max"]) == (value, len(values), scale[1])


def test_two_answers_are_no_figure_when_three_are_the_minimum():
    assert score_surveys(answers("nps", [10, 9], 0, 10), minimum=3)["value"].to_list() == [None]
