"""The blocks on patterns: all of them, whole and by part, and the routes in shops."""

from __future__ import annotations

from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.journeys.patterns import PATTERNS
from cjtools.report.views.journey_table import Block, block, entry, route_entry
from cjtools.report.views.journey_words import NONE, channel, fraction, say, share_cell, text_cell
from cjtools.report.views.shown import Row, of_people, rows, word
from cjtools.words import Words


def all_patterns(journey: JourneyMap) -> Block:
    """Return every pattern, whole and by part, observed and reported, with count, window and coverage."""
    words = journey.words
    order = {name: place for place, name in enumerate(PATTERNS)}
    found = rows(journey.journeys.all_patterns)
    ranked = sorted(enumerate(found), key=lambda item: (order.get(item[1]["pattern"], len(order)), item[0]))
    entries = [pattern_entry(words, row) for _, row in ranked]
    names = ("pattern", "count", "share", "window", "coverage", "basis_head")
    return block(
        journey,
        "all_patterns",
        columns=[say(words, name) for name in names],
        entries=entries,
        definition="webrooming",
    )


def pattern_entry(words: Words, row: Row) -> dict[str, Any]:
    """Return one pattern or one part of it."""
    reported = row["basis"] == "reported"
    name = word(words, "pattern", row["pattern"])
    days = NONE if row["window_days"] is None else words.count("days", row["window_days"])
    part = row["part"] if row["by"] == "campaign" else channel(words, row["part"])
    head = name if row["by"] is None or reported else days if row["by"] == "window" else str(part)
    unit = say(words, f"unit_{row['unit']}")
    count = (
        of_people(words, row["numerator"], row["denominator"])
        if row["by"] == "interview"
        else f"{fraction(words, row, 'numerator', 'denominator')} {unit}"
    )
    return entry(
        head,
        [
            text_cell(count),
            share_cell(words, row) if row["by"] != "interview" else text_cell(NONE),
            text_cell(days),
            text_cell(NONE if row["coverage"] is None or reported else words.percent(row["coverage"])),
            text_cell(words[f"basis_{row['basis']}"]),
        ],
        note="" if row["by"] is None else f"{name}, {say(words, 'by_' + row['by'])}" if not reported else
        say(words, "by_" + row["by"]),
        strong=row["by"] is None,
    )  # fmt: skip


def shop_routes(journey: JourneyMap) -> Block:
    """Return the most common routes in shops."""
    words = journey.words
    entries = [route_entry(words, row) for row in rows(journey.journeys.shop_routes)]
    columns = [say(words, name) for name in ("way", "unit_sessions", "share", "duration")]
    return block(journey, "shop_routes", columns=columns, entries=entries, definition="shop_visit_purchase")
