"""What to do about it: the opportunities that the evidence gives, and the objectives that the client has set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.report.view import View
from cjtools.report.views.shown import (
    Row,
    by_key,
    excerpt,
    make_view,
    metric_value,
    of_people,
    place,
    rows,
    share_range,
    stage_rows,
    verdict,
    word,
)
from cjtools.words import Words

# Letters of a claim that an opportunity rests on.
CLAIM = 90


def opportunities(journey: JourneyMap) -> View:
    """Return the opportunities, best first, with how many people each would reach and how bad it is for them."""
    words = journey.words
    stages = {row["stage"]: row["label"] for row in stage_rows(journey)}
    said: dict[str, Row] = {row["evidence_id"]: row for row in rows(journey.quotes)}
    found = rows(journey.opportunities)
    best = {basis: max(row["score"] for row in group) for basis, group in by_key(found, "basis").items()}
    tops = {basis: 20.0 if basis == "survey" else max(1.0, score) for basis, score in best.items()}
    stated = {} if journey.claims is None else {row["claim_id"]: row for row in rows(journey.claims.claims)}
    entries = [
        {**opportunity(words, row, stages, said, tops[row["basis"]]), "claims": resting_on(row["claims"] or [], stated)}
        for row in found
    ]
    names = {row["opportunity"]: row["title"] for row in found if row["opportunity"]}
    return make_view(
        "opportunities", words, entries=entries, actions=[action(words, row, names) for row in rows(journey.actions)]
    )


def opportunity(words: Words, row: Row, stages: dict[str, str], said: dict[str, Row], top: float) -> dict[str, Any]:
    """Return one opportunity."""
    quote = said.get(row["quote_id"])
    return {
        "rank": row["rank"],
        "label": row["title"] or row["label"],
        "where": row["label"] if row["title"] else "",
        "declared": declared(words, row),
        "basis": " · ".join(
            filter(None, [score_between(words, row), words[f"score_basis_{row['basis'] or 'evidence'}"]])
        ),
        "asked": survey_line(words, row),
        "stage": stages.get(row["stage"], row["stage"]),
        "verdict": verdict(words, row["verdict"]),
        "people": of_people(words, row["people"], row["asked"]),
        "severity": words.number(row["severity"], digits=1),
        "score": words.number(row["score"], digits=1 if row["basis"] == "survey" else 2),
        "bar": place(row["score"], 0, top) if top else 0,
        "quote": excerpt(quote["text"], 200) if quote else "",
        "language": quote["language"] if quote else None,
        "verbatim": bool(quote and quote["verbatim"]),
        "quote_id": quote["evidence_id"] if quote else None,
    }


def score_between(words: Words, row: Row) -> str:
    """Return the interval of a score, with the digits of the score; nothing where there is none."""
    if row["low"] is None or row["high"] is None:
        return ""
    digits = 1 if row["basis"] == "survey" else 2
    return words("range", **{end: words.number(row[end], digits=digits) for end in ("low", "high")})


def resting_on(claims: Iterable[str], stated: Mapping[str, Row]) -> list[dict[str, Any]]:
    """Return the claims that an opportunity rests on, in their words where this reader sees them, else by their id."""
    return [
        {
            "id": name,
            "text": excerpt(stated[name]["statement"], CLAIM) if name in stated else name,
            "language": stated[name]["language"] if name in stated else None,
        }
        for name in claims
    ]


def declared(words: Words, row: Row) -> list[str]:
    """Return what the client says of an opportunity: kind, status, effort, owner; or that it is a draft."""
    if row["opportunity"] is None:
        return [words["opportunity_draft"]]
    effort = words("opportunity_effort", effort=word(words, "effort", row["effort"])) if row["effort"] else ""
    named = [word(words, "okind", row["kind"]), word(words, "work", row["status"]), effort, row["owner"] or ""]
    return [part for part in named if part]


def survey_line(words: Words, row: Row) -> str:
    """Return importance and satisfaction as a survey asked for them; nothing where none did."""
    if row["basis"] != "survey":
        return ""
    figures = {name: words.number(row[name], digits=1) for name in ("importance", "satisfaction")}
    n = words.number(min(row["importance_n"], row["satisfaction_n"]))
    level = words[f"level_{row['level']}"]
    return f"{level}: {words('opportunity_asked', n=n, **figures)}"


def action(words: Words, row: Row, names: dict[str, str]) -> dict[str, str]:
    """Return one action."""
    return {
        "content": row["content"],
        "about": names.get(row["opportunity"], row["opportunity"] or ""),
        "stage": row["label"],
        "segment": row["segment"] or words["everybody"],
        "due": words.date(row["due"]),
        "metric": word(words, "metric", row["metric"]),
        "owner": row["owner"],
        "status": words[f"work_{row['status']}"],
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
        "attainment_range": share_range(words, row["attainment_low"], row["attainment_high"]),
        "at": place(done, 0, 1),
    }


def interval(words: Words, row: Row) -> str:
    """Return the interval of where an objective is now, and n."""
    ends = [metric_value(words, row["metric"], row[key]) for key in ("low", "high") if row[key] is not None]
    text = words("range", low=ends[0], high=ends[1]) if len(ends) == 2 else ""
    number = f"n = {words.number(row['n'])}" if row["n"] is not None else ""
    return " · ".join(part for part in (text, number) if part)
