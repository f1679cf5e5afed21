"""Who was heard: the personas that the researcher declared, and what the surveys answered."""

from __future__ import annotations

from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.report.view import View
from cjtools.report.views.persona_blocks import beside
from cjtools.report.views.persona_facts import measured
from cjtools.report.views.shown import (
    Row,
    languages,
    make_view,
    metric_value,
    net_range,
    rows,
    score,
    stage_rows,
    too_few,
    word,
)
from cjtools.words import Words


def personas(journey: JourneyMap) -> View:
    """Return one card a persona, declared and measured, and all of them side by side."""
    scored: dict[tuple[str, str], Row] = {
        (row["persona"], row["name"]): row
        for row in rows(journey.experience)
        if row["scope"] == "stage" and row["shown"]
    }
    stages = stage_rows(journey)
    cards = [persona(journey, row, stages, scored) for row in rows(journey.personas)]
    return make_view("personas", journey.words, entries=cards, beside=beside(journey))


def persona(
    journey: JourneyMap, row: Row, stages: list[dict[str, Any]], scored: dict[tuple[str, str], Row]
) -> dict[str, Any]:
    """Return one persona: declared and measured."""
    words = journey.words
    heard = row["participants"]
    values = [(stage, scored.get((row["persona"], stage["stage"]))) for stage in stages]
    return {
        "id": row["persona"],
        "name": row["name"],
        "who": row["who"],
        "needs": row["needs"],
        "help": row["help"],
        "buys": words[f"buys_{row['buys']}"] if row["buys"] else "",
        "channels": [word(words, "channel", name) for name in row["channels"]],
        "heard": words.count("participants", heard) if heard else words["no_evidence"],
        "languages": languages(words, row["languages"]),
        "measured": measured(journey, row["persona"]),
        "note": too_few(words, heard, journey.header.minimum_group) if 0 < heard < journey.header.minimum_group else "",
        "scores": [
            {
                "label": stage["label"],
                **score(words, found["value"] if found else None),
                "detail": f"n = {words.number(found['n'])}" if found else words["page_no_value"],
            }
            for stage, found in values
        ],
    }


def surveys(journey: JourneyMap) -> View:
    """Return the survey figures with instrument, wording and scale: only equals can be compared."""
    stages = {row["stage"]: row["label"] for row in stage_rows(journey)}
    labels = {row["touchpoint"]: row["label"] for row in rows(journey.touchpoints)}
    minimum = journey.header.minimum_group
    entries = [survey(journey.words, row, {**stages, **labels}, minimum) for row in rows(journey.surveys)]
    return make_view("surveys", journey.words, entries=entries)


def survey(words: Words, row: Row, labels: dict[str, str], minimum: int) -> dict[str, Any]:
    """Return one survey figure."""
    instrument, known = row["instrument"], row["value"] is not None
    where = labels.get(row["touchpoint"] or row["stage"] or "", "")
    return {
        "instrument": words[f"instrument_{instrument}"],
        "wording": row["wording"],
        "where": where,
        "scale": words("scale", low=words.number(row["scale_min"]), high=words.number(row["scale_max"])),
        "value": survey_value(words, instrument, row["value"]) if known else "–",
        "range": survey_range(words, row) if known else too_few(words, row["n"], minimum),
        "n": words.count("answers", row["n"]),
        "definition": instrument,
    }


def survey_value(words: Words, instrument: str, value: float) -> str:
    """Return a survey figure: NPS as signed points, CSAT as a share, the others as a mean on their scale."""
    if instrument in ("nps", "csat"):
        return metric_value(words, instrument, value)
    return words.number(value, digits=1)


def survey_range(words: Words, row: Row) -> str:
    """Return the interval of a survey figure."""
    if row["low"] is None or row["high"] is None:
        return ""
    if row["instrument"] == "nps":
        return net_range(words, row["low"], row["high"])
    low, high = (survey_value(words, row["instrument"], row[key]) for key in ("low", "high"))
    return words("range", low=low, high=high)
