"""What is not known: the research list."""

from __future__ import annotations

from cjtools.journey_map import JourneyMap
from cjtools.report.view import View
from cjtools.report.views.shown import Row, by_key, make_view, rows, stage_rows, word


def questions(journey: JourneyMap) -> View:
    """Return what is not known, by kind: what to ask, measure or join next."""
    words = journey.words
    groups = [
        {
            "kind": kind,
            "label": word(words, "question", kind),
            "entries": [{"text": row["label"], "detail": question_detail(journey, row)} for row in group],
        }
        for kind, group in by_key(rows(journey.questions), "kind").items()
    ]
    backlog = [backlog_row(journey, row) for row in rows(journey.research_backlog)]
    return make_view("questions", words, groups=groups, count=journey.questions.height, backlog=backlog)


def backlog_row(journey: JourneyMap, row: Row) -> dict[str, str]:
    """Return one line of the research list: how soon, where, why it is open, what to ask."""
    return {
        "soon": word(journey.words, "priority", str(row["priority"])),
        "where": row["label"],
        "stage": row["stage_label"] if row["touchpoint"] and row["stage_label"] else "",
        "kind": word(journey.words, "question", row["kind"]),
        "why": row["why"],
        "ask": row["ask"],
        "detail": question_detail(journey, row),
    }


def question_text(journey: JourneyMap, row: Row) -> dict[str, str]:
    """Return one open question in one line: what kind of gap, and where."""
    return {"kind": word(journey.words, "question", row["kind"]), "label": row["label"]}


def question_detail(journey: JourneyMap, row: Row) -> str:
    """Return the stage of a touchpoint, and how many there were when there were too few."""
    words = journey.words
    stages = {stage["stage"]: stage["label"] for stage in stage_rows(journey)}
    stage = stages.get(row["stage"], "") if row["touchpoint"] else ""
    heard = row["kind"].startswith("verdict_")
    number = (
        "" if row["n"] is None else words.count("participants", row["n"]) if heard else f"n = {words.number(row['n'])}"
    )
    return " · ".join(part for part in (stage, number) if part)
