"""What fills a cell of the map: each function takes a stage and gives the cell of its lane as plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cjtools.map_tables import ALL
from cjtools.report.views.index import OPEN, Cell, Index, empty, missing, nothing
from cjtools.report.views.shown import (
    Row,
    excerpt,
    metric_value,
    net,
    net_range,
    of_people,
    place,
    score,
    score_range,
    too_few,
    translated,
    verdict,
    word,
)
from cjtools.words import Words

# The first voice stands open.
OPEN_QUOTES = 1


def text(value: str) -> Cell:
    """Return a cell of the consultant's own words."""
    return {"kind": "text", "text": value} if value else nothing()


def customer_question(index: Index, stage: str) -> Cell:
    """Return what the customer asks at this stage."""
    return text(next(row["question"] for row in index.stages if row["stage"] == stage))


def information(index: Index, stage: str) -> Cell:
    """Return what the customer has to know at this stage."""
    return text(next(row["information"] for row in index.stages if row["stage"] == stage))


def objectives(index: Index, stage: str) -> Cell:
    """Return what the client wants at this stage, with how far it is."""
    words = index.words
    entries = [
        {
            "statement": row["statement"],
            "metric": word(words, "metric", row["metric"]),
            "way": words(
                "objective_way",
                now=metric_value(words, row["metric"], row["current"]),
                target=metric_value(words, row["metric"], row["target"]),
                due=words.date(row["due"]),
            ),
        }
        for row in index.at("objectives", stage)
    ]
    return {"kind": "objectives", "entries": entries} if entries else nothing()


def touchpoints(index: Index, stage: str) -> Cell:
    """Return the touchpoints of a stage: online or offline, whose they are, who was there, on which personas' map."""
    words = index.words
    entries = [
        {
            "label": row["label"],
            "environment": row["environment"],
            "environment_label": words[f"environment_{row['environment']}"],
            "owner": "" if row["owner"] == "brand" else word(words, "owner", row["owner"]),
            "terminal": words["touchpoint_terminal"] if row["terminal"] else "",
            "main": row["main"],
            "reach": reach(words, row),
            "personas": index.on_map.get(row["touchpoint"], []),
        }
        for row in sorted(index.at("touchpoints", stage), key=lambda row: (not row["main"], row["position"]))
    ]
    return {"kind": "touchpoints", "entries": entries} if entries else nothing()


def reach(words: Words, row: Row) -> str:
    """Return how many people spoke of a touchpoint and how many sessions were there."""
    parts = [
        words.count(key, row[column])
        for key, column in (("participants", "participants"), ("voices", "voices"), ("sessions", "sessions"))
        if row[column]
    ]
    return " · ".join(parts)


def experience(index: Index, stage: str) -> Cell:
    """Return the experience score of a stage, and of each persona that is large enough."""
    row = index.experience.get(("stage", stage, ALL))
    if row is None or not row["n"]:
        return empty(index, stage, "interview")
    words = index.words
    if not row["shown"]:
        return {"kind": "withheld", "reason": too_few(words, row["n"], index.minimum)}
    of_personas = [(persona, index.experience.get(("stage", stage, persona["persona"]))) for persona in index.personas]
    return {
        "kind": "experience",
        "all": scored(words, row),
        "personas": [
            {"name": persona["name"], **score(words, found["value"]), "detail": f"n = {words.number(found['n'])}"}
            for persona, found in of_personas
            if found is not None and found["shown"]
        ],
    }


def scored(words: Words, row: Row) -> dict[str, Any]:
    """Return a score with its interval, its people, and where all that lies on the scale."""
    return {
        **score(words, row["value"]),
        "range": score_range(words, row["low"], row["high"]),
        "people": words.count("participants", row["n"]),
        "low": place(row["low"]),
        "high": place(row["high"]),
    }


def statements(lane: str) -> Callable[[Index, str], Cell]:
    """Return what fills the cells of a lane of statements."""

    def fill(index: Index, stage: str) -> Cell:
        found = [row for row in index.at("statements", stage) if row["lane"] == lane and row["persona"] == ALL]
        entries = [
            statement(index, row, lane) for row in sorted(found, key=lambda row: (row["rank"], row["statement_id"]))
        ]
        if not entries:
            return empty(index, stage, "interview")
        return {"kind": "statements", "tone": lane, "entries": entries[:OPEN], "more": entries[OPEN:]}

    return fill


def statement(index: Index, row: Row, lane: str) -> dict[str, Any]:
    """Return one statement: where, how many people, and in whose words."""
    words, quote = index.words, index.quotes.get(row["quote_id"])
    kind = words.of("types", row["type"])
    return {
        "id": row["statement_id"],
        "where": row["label"] or words["whole_stage"],
        "type": "" if lane.startswith(row["type"]) else kind,
        "people": of_people(words, row["people"], row["asked"]),
        "quote": excerpt(quote["text"]) if quote else "",
        "language": quote["language"] if quote else None,
        "verbatim": bool(quote and quote["verbatim"]),
        "quote_id": quote["evidence_id"] if quote else None,
    }


def quotes(index: Index, stage: str) -> Cell:
    """Return one or two voices of a stage that no statement of it has used yet; the rest is in the appendix."""
    found = index.at("quotes", stage)
    if not found:
        return empty(index, stage, "interview", "social", "survey")
    used = {row["quote_id"] for row in index.at("statements", stage)}
    fresh = [row for row in found if row["evidence_id"] not in used and row["verbatim"]] or found
    ordered = sorted(
        fresh, key=lambda row: (row["family"] != "interview", -abs(row["valence"] or 0), row["evidence_id"])
    )
    chosen = [voice(index.words, row) for row in ordered[:OPEN]]
    return {
        "kind": "quotes",
        "entries": chosen[:OPEN_QUOTES],
        "more": chosen[OPEN_QUOTES:],
        "all": index.words("all_quotes", n=index.words.number(len(found))),
        "stage": stage,
    }


def voice(words: Words, row: Row) -> dict[str, Any]:
    """Return one quote with who said it and where."""
    return {
        "id": row["evidence_id"],
        "text": excerpt(row["text"], 220),
        "language": row["language"],
        "translation": translated(words, row, 220),
        "verbatim": row["verbatim"],
        "by": " · ".join(part for part in (row["who"], row["touchpoint_label"]) if part),
        "mark": score(words, row["valence"])["mark"],
    }


def social(index: Index, stage: str) -> Cell:
    """Return what public voices said of a stage."""
    row = index.sentiment.get(stage)
    if row is None or not row["n"]:
        return empty(index, stage, "social")
    words = index.words
    if row["net"] is None:
        return {"kind": "withheld", "reason": too_few(words, row["n"], index.minimum)}
    return {
        "kind": "social",
        "net": net(words, row["net"]),
        "range": net_range(words, row["low"], row["high"]),
        "voices": words.count("voices", row["n"]),
        "parts": [
            {"key": key, "label": words[f"sentiment_{key}"], "n": words.number(row[key]), "count": row[key]}
            for key in ("positive", "neutral", "negative")
        ],
    }


def crosscheck(index: Index, stage: str) -> Cell:
    """Return the verdicts on the touchpoints of a stage."""
    found = index.at("verdicts", stage)
    if not found:
        return nothing()
    entries = [
        {"where": row["label"], "verdict": verdict(index.words, row["verdict"]), "touchpoint": row["touchpoint"]}
        for row in sorted(found, key=lambda row: row["position"])
    ]
    return {"kind": "verdicts", "entries": entries}


def opportunities(index: Index, stage: str) -> Cell:
    """Return the opportunities of a stage, best first."""
    words = index.words
    entries = [
        {
            "rank": row["rank"],
            "where": row["title"] or row["label"],
            "detail": words("severity", severity=words.number(row["severity"], digits=1)),
            "people": of_people(words, row["people"], row["asked"]),
        }
        for row in index.at("opportunities", stage)
    ]
    if not entries:
        return {"kind": "note", "text": words["no_opportunity"]}
    return {"kind": "opportunities", "entries": entries[:OPEN], "more": entries[OPEN:]}


def coverage(index: Index, stage: str) -> Cell:
    """Return which families of evidence a stage has, and why the others are missing."""
    words = index.words
    entries = [
        {
            "label": word(words, "family", row["family"]),
            "state": row["state"],
            "text": words.number(row["n"])
            if row["state"] == "evidence"
            else missing(words, row["family"], row["state"]),
        }
        for row in sorted(index.at("coverage", stage), key=lambda row: (row["state"] != "evidence", row["family"]))
    ]
    return {"kind": "coverage", "entries": entries} if entries else nothing()
