"""What to do about it: the opportunities that the evidence gives, and the objectives that the client has set."""

from __future__ import annotations

from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.report.view import View
from cjtools.report.views.shown import (
    Row,
    excerpt,
    make_view,
    metric_value,
    of_people,
    place,
    rows,
    stage_rows,
    verdict,
    word,
)
from cjtools.words import Words


def opportunities(journey: JourneyMap) -> View:
    """Return the opportunities, best first, with how many people each would reach and how bad it is for them."""
    words = journey.words
    stages = {row["stage"]: row["label"] for row in stage_rows(journey)}
    said: dict[str, Row] = {row["evidence_id"]: row for row in rows(journey.quotes)}
    found = rows(journey.opportunities)
    top = max((row["score"] for row in found), default=0.0)
    return make_view("opportunities", words, entries=[opportunity(words, row, stages, said, top) for row in found])


def opportunity(words: Words, row: Row, stages: dict[str, str], said: dict[str, Row], top: float) -> dict[str, Any]:
    """Return one opportunity."""
    quote = said.get(row["quote_id"])
    return {
        "rank": row["rank"],
        "label": row["label"],
        "stage": stages.get(row["stage"], row["stage"]),
        "verdict": verdict(words, row["verdict"]),
        "people": of_people(words, row["people"], row["asked"]),
        "severity": words.number(row["severity"], digits=1),
        "score": words.number(row["score"], digits=2),
        "bar": place(row["score"], 0, top) if top else 0,
        "quote": excerpt(quote["text"], 200) if quote else "",
        "language": quote["language"] if quote else None,
        "verbatim": bool(quote and quote["verbatim"]),
        "quote_id": quote["evidence_id"] if quote else None,
    }


def objectives(journey: JourneyMap) -> View:
    """Return the objectives with baseline, now, target, due date and how much of the way is done."""
    return make_view(
        "objectives", journey.words, entries=[objective(journey.words, row) for row in rows(journey.objectives)]
    )


def objective(words: Words, row: Row) -> dict[str, Any]:
    """Return one objective; a way of which nothing is known is said to be so."""
    metric, done = row["metric"], row["attainment"]
    return {
        "stage": row["label"],
        "statement": row["statement"],
        "metric": word(words, "metric", metric),
        "baseline": metric_value(words, metric, row["baseline"]),
        "current": metric_value(words, metric, row["current"]),
        "target": metric_value(words, metric, row["target"]),
        "interval": interval(words, row),
        "due": words.date(row["due"]),
        "attainment": words["no_evidence"] if done is None else words.percent(done),
        "at": place(done, 0, 1),
    }


def interval(words: Words, row: Row) -> str:
    """Return the interval of where an objective is now, and n."""
    ends = [metric_value(words, row["metric"], row[key]) for key in ("low", "high") if row[key] is not None]
    text = words("range", low=ends[0], high=ends[1]) if len(ends) == 2 else ""
    number = f"n = {words.number(row['n'])}" if row["n"] is not None else ""
    return " · ".join(part for part in (text, number) if part)
