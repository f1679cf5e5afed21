"""A block of the section on journeys: one table with its definition, its notes and what limits it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.journeys.walks import OTHERS
from cjtools.report.views.journey_words import NONE, cautions, duration, say, share_cell, text_cell
from cjtools.report.views.shown import Row, heading, rows
from cjtools.words import Words

Block = dict[str, Any]


def block(
    journey: JourneyMap,
    key: str,
    *,
    columns: Sequence[str],
    entries: Sequence[Mapping[str, Any]],
    definition: str,
    about: str = "",
    notes: Iterable[str] = (),
) -> Block:
    """Return a block: title, columns, entries, its definition, notes, and the cautions about it."""
    words = journey.words
    limits = [row for row in rows(journey.journeys.cautions) if row["about"] == (about or key)]
    return {
        "key": key,
        "title": words[f"section_{key}"],
        "definition": definition,
        "what": words[f"def_{definition}"],
        "columns": list(columns),
        "entries": list(entries),
        "notes": list(notes),
        "cautions": cautions(words, limits) if entries else [],
    }


def entry(head: str, cells: Iterable[Mapping[str, Any]], *, note: str = "", strong: bool = False) -> dict[str, Any]:
    """Return one row of a block."""
    return {"head": head, "note": note, "cells": list(cells), "strong": strong}


def route_entry(words: Words, row: Row) -> dict[str, Any]:
    """Return one way as a row."""
    others = row["route"] == [OTHERS]
    name = " → ".join(heading(label) for label in row["labels"])
    return entry(
        say(words, "others", n=words.number(row["routes"])) if others else name,
        [
            text_cell(words.number(row["n"])),
            share_cell(words, row),
            text_cell(NONE if others else duration(words, row["seconds"])),
        ],
    )
