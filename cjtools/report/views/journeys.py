"""The section on journeys: what was seen of people from act to act, or why nothing of that can be said."""

from __future__ import annotations

from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.report.view import View
from cjtools.report.views.journey_blocks import BLOCKS
from cjtools.report.views.journey_table import Block
from cjtools.report.views.journey_words import cautions, say
from cjtools.report.views.shown import heading, make_view, rows, share_range

OPEN = ("stage_funnel", "durations", "stage_paths")
MORE = ("stage_moves", "visit_measures", "lifecycle", "attribution", "shop_routes", "stage_totals")
REFUSED = ("funnel", "times", "paths", "returns", "credit", "patterns")


def journeys(journey: JourneyMap) -> View:
    """Return the whole section: what it rests on, the first blocks, the others behind "more figures"."""
    shown, more = filled(journey, OPEN), filled(journey, MORE)
    if not shown:
        shown, more = more, []
    return make_view(
        "journeys", journey.words, **rests_on(journey), blocks=shown, more=more, more_label=say(journey.words, "more")
    )


def filled(journey: JourneyMap, names: tuple[str, ...]) -> list[Block]:
    """Return the blocks that have any row."""
    return [block for block in (BLOCKS[name](journey) for name in names) if block["entries"]]


def rests_on(journey: JourneyMap) -> dict[str, Any]:
    """Return what everything on journeys rests on: how many, how much of it could be joined, what limits all of it."""
    words, tables = journey.words, journey.journeys
    limits = cautions(words, (row for row in rows(tables.cautions) if row["about"] == "all"))
    lines = []
    if tables.profiles:
        counts = {name: words.count(name, getattr(tables, name)) for name in ("profiles", "sessions")}
        lines.append(say(words, "basis", events=words.count("events", tables.acts), **counts))
    if tables.purchases:
        joined = {"joined": words.number(tables.joined), "all": words.number(tables.purchases)}
        lines.append(say(words, "joined", share=words.percent(tables.joined / tables.purchases), **joined))
    return {
        "basis": lines,
        "refused": refused(journey) if tables.totals_only else [],
        "cautions": limits if tables.profiles else [],
        "cautions_title": say(words, "cautions"),
        "empty": "" if tables.profiles or tables.totals_only else say(words, "empty"),
    }


def refused(journey: JourneyMap) -> list[str]:
    """Return what a client with totals only cannot be told, and what it would take."""
    words = journey.words
    missing = ", ".join(say(words, f"refuse_{name}") for name in REFUSED)
    return [say(words, "totals_only"), say(words, "refused", list=missing)]


def followed(journey: JourneyMap) -> View:
    """Return the first screen of the notebook on journeys."""
    words, head = journey.words, journey.header
    facts = [
        ("wave", f"{head.wave} · {words.period(head.period_from, head.period_to)}"),
        ("audience", heading(words[f"audience_{head.audience}"])),
    ]
    return make_view(
        "followed",
        words,
        client=head.client_name,
        page_title=f"{head.client_name} – {words['section_followed']} – {head.wave}",
        audience=head.audience,
        facts=[{"term": words[f"header_{key}"], "text": text} for key, text in facts],
        tiles=tiles(journey),
        **rests_on(journey),
    )


def tiles(journey: JourneyMap) -> list[dict[str, str]]:
    """Return the figures of the first screen; what is not known has none."""
    words, tables = journey.words, journey.journeys
    shown = [tile(journey, "profiles", words.number(tables.profiles), words.count("sessions", tables.sessions))]
    if tables.purchases:
        share = words.percent(tables.joined / tables.purchases)
        detail = words("of_number", part=words.number(tables.joined), all=words.number(tables.purchases))
        shown.append(tile(journey, "joined", share, detail))
    way = [row for row in rows(tables.funnel) if row["form"] == "open" and row["share_of"] == "all"]
    during = {row["stage"] for row in rows(journey.stages) if row["band"] == "during"}
    arrived = [row for row in way if row["stage"] in during and row["value"] is not None][-1:]
    for row in arrived:
        detail = share_range(words, row["low"], row["high"])
        shown.append(tile(journey, "arrived", words.percent(row["value"]), detail, stage=heading(row["label"])))
    other = [
        row for row in rows(journey.patterns) if row["pattern"] == "return_other_route" and row["value"] is not None
    ]
    for row in other:
        detail = share_range(words, row["low"], row["high"])
        shown.append(tile(journey, "other", words.percent(row["value"]), detail))
    return [*shown, tile(journey, "cautions", words.number(tables.cautions.height), say(words, "cautions"))]


def tile(journey: JourneyMap, key: str, value: str, detail: str, **values: str) -> dict[str, str]:
    """Return one figure of the first screen."""
    return {"label": say(journey.words, f"tile_{key}", **values), "value": value, "detail": detail}


def block_view(journey: JourneyMap, name: str) -> View:
    """Return one block as a section of its own."""
    block = BLOCKS[name](journey)
    return make_view(name, journey.words, block=block, cautions_title=say(journey.words, "cautions"))


def stage_funnel(journey: JourneyMap) -> View:
    """Return who comes to each stage, and what the others do instead."""
    return block_view(journey, "stage_funnel")


def durations(journey: JourneyMap) -> View:
    """Return how long people take."""
    return block_view(journey, "durations")


def stage_paths(journey: JourneyMap) -> View:
    """Return the most common ways through the stages."""
    return block_view(journey, "stage_paths")


def stage_moves(journey: JourneyMap) -> View:
    """Return the moves from stage to stage."""
    return block_view(journey, "stage_moves")


def visit_measures(journey: JourneyMap) -> View:
    """Return how visits begin, end and wander at each touchpoint."""
    return block_view(journey, "visit_measures")


def lifecycle(journey: JourneyMap) -> View:
    """Return who comes back."""
    return block_view(journey, "lifecycle")


def attribution(journey: JourneyMap) -> View:
    """Return which channels get the credit, by each rule."""
    return block_view(journey, "attribution")


def all_patterns(journey: JourneyMap) -> View:
    """Return every pattern, whole and by part."""
    return block_view(journey, "all_patterns")


def shop_routes(journey: JourneyMap) -> View:
    """Return the routes in shops."""
    return block_view(journey, "shop_routes")


def stage_totals(journey: JourneyMap) -> View:
    """Return what aggregate sources say of each stage."""
    return block_view(journey, "stage_totals")
