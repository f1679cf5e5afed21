"""The blocks on stages: who comes there, how long it takes, by which way, what comes next, and totals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.journeys.walks import OTHERS
from cjtools.report.views.journey_table import Block, block, entry, route_entry
from cjtools.report.views.journey_words import (
    NONE,
    duration,
    fraction,
    say,
    share_cell,
    text_cell,
    time_range,
    total_text,
)
from cjtools.report.views.shown import Row, by_key, heading, rows, word
from cjtools.words import Words

TOP_MOVES = 4  # of each stage
INSTEAD = 3  # of what people do instead


def stage_funnel(journey: JourneyMap) -> Block:
    """Return who comes to each stage, in both forms and with both denominators, and what the others do instead."""
    words, tables = journey.words, journey.journeys
    found = {(row["form"], row["share_of"], row["place"]): row for row in rows(tables.funnel)}
    instead = by_key(rows(tables.instead), "stage")
    places = sorted({place for _, _, place in found})
    labels = {place: heading(found["open", "all", place]["label"]) for place in places}
    entries = []
    for place in places:
        forms = [found[form, of, place] for form in ("open", "closed") for of in ("all", "prior")]
        left = instead.get(forms[0]["stage"], [])
        said = instead_line(words, left, labels.get(place + 1, "")) if left else ""
        prior = [text_cell(NONE)] if place == places[0] else None
        entries.append(
            entry(
                labels[place],
                [
                    text_cell(words.number(forms[0]["n"])),
                    share_cell(words, forms[0]),
                    *(prior or [share_cell(words, forms[1])]),
                    share_cell(words, forms[2]),
                    *(prior or [share_cell(words, forms[3])]),
                ],
                note=said,
            )
        )
    names = ("stage", "profiles", "of_all", "of_prior", "in_order", "in_order_prior")
    return block(
        journey,
        "stage_funnel",
        columns=[say(words, name) for name in names],
        entries=entries,
        definition="funnel",
        about="funnel",
    )


def instead_line(words: Words, left: Sequence[Row], following: str) -> str:
    """Return what those who did not go on to the next stage did right after the stage."""
    parts = [
        say(words, "then", stage=row["instead_label"] or say(words, "nothing_more"), share=words.percent(row["value"]))
        for row in left[:INSTEAD]
        if row["value"] is not None
    ]
    return say(words, "instead", stage=following, list=", ".join(parts)) if parts else ""


def durations(journey: JourneyMap) -> Block:
    """Return the times between stages, to the goal, to the second purchase, and the pauses."""
    words = journey.words
    entries = [
        entry(
            time_head(journey, row),
            [
                text_cell(
                    duration(words, row["median"]) if row["median"] is not None else say(words, "not_reached"),
                    time_range(words, row),
                ),
                text_cell(duration(words, row["q25"])),
                text_cell(duration(words, row["q75"])),
                text_cell(words.number(row["came"])),
                text_cell(words.number(row["censored"])),
            ],
            note=say(words, "wait_note") if row["kind"] == "wait" else "",
        )
        for row in rows(journey.journeys.times)
    ]
    names = ("from_to", "median", "quarter", "three_quarters", "came", "censored")
    columns = [say(words, name) for name in names]
    return block(journey, "durations", columns=columns, entries=entries, definition="stage_time", about="times")


def time_head(journey: JourneyMap, row: Row) -> str:
    """Return from where to where a time is."""
    words = journey.words
    start, end = (heading(row[key] or "") for key in ("start_label", "end_label"))
    if row["kind"] == "first":
        return say(words, "first_to", end=end)
    if row["kind"] == "again":
        return say(words, "again_to" if journey.header.goal in ("purchase", "pos_purchase") else "again_goal")
    return say(words, "wait_at", start=start) if row["kind"] == "wait" else f"{start} → {end}"


def stage_paths(journey: JourneyMap) -> Block:
    """Return the most common ways through the stages, with the share that is shown and all others."""
    words = journey.words
    found = rows(journey.journeys.paths)
    shown = sum(row["n"] for row in found if row["route"] != [OTHERS])
    notes = [say(words, "paths_shown", share=words.percent(shown / found[0]["of"]))] if found else []
    entries = [route_entry(words, row) for row in found]
    columns = [say(words, name) for name in ("way", "profiles", "share", "duration")]
    return block(
        journey,
        "stage_paths",
        columns=columns,
        entries=entries,
        definition="stage_path",
        about="paths",
        notes=notes,
    )


def stage_moves(journey: JourneyMap) -> Block:
    """Return the most frequent moves out of each stage."""
    words = journey.words
    entries = []
    for _, group in groupby(rows(journey.journeys.moves), key=lambda row: row["source_place"]):
        ranked = sorted(group, key=lambda row: (-row["n"], row["target_place"]))
        entries += [move_entry(words, row, first=number == 0) for number, row in enumerate(ranked[:TOP_MOVES])]
    names = ("stage", "next", "moves", "probability", "people", "duration")
    columns = [say(words, name) for name in names]
    return block(journey, "stage_moves", columns=columns, entries=entries, definition="stage_move", about="moves")


def move_entry(words: Words, row: Row, *, first: bool) -> dict[str, Any]:
    """Return one move as a row."""
    source = heading(row["source_label"]) if row["source_label"] else f"({say(words, 'begins')})"
    target = heading(row["target_label"]) if row["target_label"] else f"({say(words, 'ends')})"
    return entry(
        source,
        [
            text_cell(target),
            text_cell(fraction(words, row)),
            share_cell(words, row),
            text_cell(words.number(row["people"])),
            text_cell(duration(words, row["seconds"])),
        ],
        strong=first,
    )


def stage_totals(journey: JourneyMap) -> Block:
    """Return the totals and rates of aggregate sources at each stage."""
    words = journey.words
    entries = [
        entry(
            heading(row["label"]),
            [
                text_cell(word(words, "metric", row["metric"])),
                text_cell(total_text(words, row)),
                text_cell(NONE if row["share"] is None else words.percent(row["share"])),
                text_cell(row["source_id"]),
            ],
        )
        for row in rows(journey.journeys.stage_totals)
    ]
    columns = [say(words, name) for name in ("stage", "metric", "value", "share", "source")]
    return block(journey, "stage_totals", columns=columns, entries=entries, definition="stage_total")
