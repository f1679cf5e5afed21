"""The first screen: who and what for, what it rests on, and what matters most."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from cjtools.journey_map import Header, JourneyMap
from cjtools.map_tables import ALL
from cjtools.report.view import View
from cjtools.report.views.remarks import signed_facts
from cjtools.report.views.shown import (
    Row,
    excerpt,
    heading,
    make_view,
    metric_value,
    net,
    net_range,
    of_people,
    place,
    rows,
    score,
    score_range,
    share_range,
    stage_rows,
    too_few,
    verdict,
    word,
)
from cjtools.report.views.unknown import question_text
from cjtools.words import Words

GLANCE = 5


def header(journey: JourneyMap) -> View:
    """Return the first screen: the card, the figures, the curve, the five opportunities, what is not known."""
    head, words = journey.header, journey.words
    unknown = [question_text(journey, row) for row in rows(journey.questions)]
    return make_view(
        "header",
        words,
        client=head.client_name,
        page_title=f"{head.client_name} – {words['section_header']} – {head.wave}",
        audience=head.audience,
        about=about(head, words),
        facts=[*facts(head, words), *signed_facts(journey)],
        evidence_line=head.evidence_line,
        tiles=[tile for tile in tiles(journey) if tile],
        curve=curve(journey),
        opportunities=[top_opportunity(journey, row) for row in rows(journey.opportunities.head(GLANCE))],
        unknown=unknown[:GLANCE],
        unknown_more=max(len(unknown) - GLANCE, 0),
    )


def about(head: Header, words: Words) -> list[dict[str, str]]:
    """Return what the map is about: only what the consultant has written."""
    said = {
        "objective": head.objective,
        "scenario": head.scenario,
        "products": ", ".join(head.products),
        "segments": ", ".join(head.segments),
    }
    return [{"term": words[f"header_{key}"], "text": text} for key, text in said.items() if text]


def facts(head: Header, words: Words) -> list[dict[str, str]]:
    """Return wave, period, state, status, owner and review date as short pairs."""
    review = words.date(head.review_due) if head.review_due else words["header_no_review"]
    pairs = [
        ("wave", head.wave),
        ("period", words.period(head.period_from, head.period_to)),
        ("state", heading(words[f"state_{head.state}"])),
        ("status", heading(words[f"status_{head.status}"])),
        ("owner", heading(head.contact or words["header_no_owner"])),
        ("review_due", review),
        ("audience", heading(words[f"audience_{head.audience}"])),
    ]
    return [{"key": key, "term": words[f"header_{key}"], "text": text} for key, text in pairs]


def tiles(journey: JourneyMap) -> list[dict[str, Any] | None]:
    """Return the figures of the first screen; one without evidence says so."""
    way = totals_tile(journey) if journey.journeys.totals_only else drop_tile(journey)
    return [lowest_tile(journey), way, friction_tile(journey), nps_tile(journey), net_tile(journey)]


def tile(words: Words, key: str, value: str, detail: str, definition: str, **more: str) -> dict[str, Any]:
    """Return one figure of the first screen."""
    label = words[f"tile_{key}"]
    return {
        "key": key,
        "label": label,
        "value": value,
        "detail": detail,
        "definition": definition,
        "mark": "",
        "tone": "plain",
        "name": "",
        **more,
    }


def empty_tile(words: Words, key: str, definition: str) -> dict[str, Any]:
    """Return the tile of a figure that there is no evidence for."""
    return tile(words, key, "–", words["no_evidence"], definition, tone="none")


def lowest_tile(journey: JourneyMap) -> dict[str, Any]:
    """Return the stage with the lowest experience score that may be shown."""
    words = journey.words
    shown = [
        row for row in rows(journey.experience) if row["scope"] == "stage" and row["persona"] == ALL and row["shown"]
    ]
    if not shown:
        return empty_tile(words, "lowest", "experience")
    row = min(shown, key=lambda item: (item["value"], item["position"]))
    value = score(words, row["value"])
    detail = f"{score_range(words, row['low'], row['high'])} · {words.count('participants', row['n'])}"
    return tile(
        words, "lowest", value["text"], detail, "experience", name=row["label"], tone=value["tone"], mark=value["mark"]
    )


def drop_tile(journey: JourneyMap) -> dict[str, Any]:
    """Return the stage on the way to the goal that most profiles are not seen after; what comes after it is no loss."""
    words = journey.words
    way = [stage["stage"] for stage in rows(journey.stages) if stage["band"] != "after"][:-1]
    known = [row for row in rows(journey.drop_off) if row["conversion"] is not None and row["stage"] in way]
    if not known:
        return empty_tile(words, "drop", "drop_off")
    row = min(known, key=lambda item: (item["conversion"], item["position"]))
    interval = share_range(words, low(row["high"]), low(row["low"]))
    detail = " · ".join(part for part in (interval, words.count("profiles", row["profiles"])) if part)
    return tile(words, "drop", words.percent(1 - row["conversion"]), detail, "drop_off", name=row["label"])


def totals_tile(journey: JourneyMap) -> dict[str, Any]:
    """Return the largest of the totals that add up, where nothing else is known of what people did."""
    words = journey.words
    sums: dict[str, float] = {}
    for row in rows(journey.journeys.stage_totals):
        if row["kind"] == "sum" and row["value"] is not None:
            sums[row["metric"]] = sums.get(row["metric"], 0) + row["value"]
    if not sums:
        return empty_tile(words, "totals", "totals")
    metric = min(sums, key=lambda name: (-sums[name], name))
    return tile(
        words, "totals", words.number(sums[metric]), words["tile_totals_detail"], "totals",
        name=word(words, "metric", metric),
    )  # fmt: skip


def low(value: float | None) -> float | None:
    """Return the share that is left of one."""
    return None if value is None else 1 - value


def friction_tile(journey: JourneyMap) -> dict[str, Any]:
    """Return how many touchpoints have a friction that all families agree on."""
    words = journey.words
    if journey.verdicts.is_empty():
        return empty_tile(words, "friction", "crosscheck")
    found = [row["label"] for row in rows(journey.verdicts) if row["verdict"] == "friction_confirmed"]
    detail = words("of_touchpoints", n=words.number(journey.verdicts.height))
    tone, mark = ("bad1", "▼") if found else ("plain", "")
    return tile(
        words,
        "friction",
        words.number(len(found)),
        detail,
        "crosscheck",
        name=", ".join(found[:2]),
        tone=tone,
        mark=mark,
    )


def nps_tile(journey: JourneyMap) -> dict[str, Any] | None:
    """Return the net promoter score, when a survey asked for it."""
    words = journey.words
    asked = [row for row in rows(journey.surveys) if row["instrument"] == "nps"]
    if not asked:
        return None
    row = asked[0]
    if row["value"] is None:
        return tile(words, "nps", "–", too_few(words, row["n"], journey.header.minimum_group), "nps", tone="none")
    detail = " · ".join(filter(None, [net_range(words, row["low"], row["high"]), words.count("answers", row["n"])]))
    return tile(words, "nps", metric_value(words, "nps", row["value"]), detail, "nps")


def net_tile(journey: JourneyMap) -> dict[str, Any]:
    """Return the net sentiment of all public voices."""
    words = journey.words
    every = [row for row in rows(journey.sentiment) if row["scope"] == "all"]
    if not every or every[0]["net"] is None:
        return empty_tile(words, "net", "net_sentiment")
    row = every[0]
    detail = f"{net_range(words, row['low'], row['high'])} · {words.count('voices', row['n'])}"
    return tile(words, "net", net(words, row["net"]), detail, "net_sentiment")


def curve(journey: JourneyMap) -> dict[str, Any]:
    """Return the experience score of each stage and where it lies; a stage without a value is a gap."""
    words, minimum = journey.words, journey.header.minimum_group
    scored = {row["name"]: row for row in rows(journey.experience) if row["scope"] == "stage" and row["persona"] == ALL}
    points = [curve_point(words, stage, scored.get(stage["stage"]), minimum) for stage in stage_rows(journey)]
    width = 100 / max(len(points), 1)
    for number, point in enumerate(points):
        point["x"] = round((number + 0.5) * width, 2)
        around = [other["y"] for other in points[max(number - 1, 0) : number + 2] if other["y"] is not None]
        point["side"] = "above" if point["y"] is None or point["y"] >= sum(around) / len(around) else "below"
    return {
        "points": points,
        "lines": segments(points),
        "top": words.signed(2, digits=0),
        "bottom": words.signed(-2, digits=0),
    }


def curve_point(words: Words, stage: Row, row: Row | None, minimum: int) -> dict[str, Any]:
    """Return one stage of the curve."""
    shown = row is not None and row["shown"]
    value = score(words, row["value"] if row and shown else None)
    note = words["no_evidence"] if row is None or not row["n"] else too_few(words, row["n"], minimum)
    detail = f"n = {words.number(row['n'])}" if row and shown else note
    ends = (place(row["low"]), place(row["high"])) if row and shown else (None, None)
    return {"label": stage["label"], "y": value["at"], "low": ends[0], "high": ends[1], **value, "detail": detail}


def segments(points: list[dict[str, Any]]) -> list[list[float]]:
    """Return the lines between neighbours that both have a value: gaps stay open."""
    pairs = [(a, b) for a, b in pairwise(points) if None not in (a["y"], b["y"])]
    return [[a["x"], round(100 - a["y"], 2), b["x"], round(100 - b["y"], 2)] for a, b in pairs]


def top_opportunity(journey: JourneyMap, row: Row) -> dict[str, Any]:
    """Return one of the first opportunities in one line."""
    words = journey.words
    labels = {stage["stage"]: stage["label"] for stage in stage_rows(journey)}
    said = {quote["evidence_id"]: quote for quote in rows(journey.quotes)}
    quote = said.get(row["quote_id"])
    return {
        "rank": row["rank"],
        "label": row["title"] or row["label"],
        "stage": " · ".join(
            part for part in (labels.get(row["stage"], row["stage"]), row["label"] if row["title"] else "") if part
        ),
        "people": of_people(words, row["people"], row["asked"]),
        "verdict": verdict(words, row["verdict"]),
        "quote": excerpt(quote["text"]) if quote else "",
        "quote_language": quote["language"] if quote else None,
        "quote_id": quote["evidence_id"] if quote else None,
    }
