"""The stages one by one: all that the map knows of a stage, for who follows the story instead of the lanes."""

from __future__ import annotations

from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.map_tables import ALL
from cjtools.report.view import View
from cjtools.report.views.index import Cell, Index
from cjtools.report.views.matrix import lanes_of, personas, stage_head
from cjtools.report.views.shown import Row, by_key, excerpt, make_view, metric_value, rows, score, share_range, verdict

# What the table of touchpoints of a stage tells already.
IN_TABLE = ("touchpoints", "crosscheck")


def stages(journey: JourneyMap) -> View:
    """Return one page a stage: its touchpoints side by side, every lane in full, the claims that are made of it."""
    index = Index.of(journey)
    lanes = lanes_of(index, journey.header.lanes_off)
    claimed = by_key(rows(journey.claims.claims), "stage") if journey.claims else {}
    entries = [
        {
            **stage_head(index, number),
            "score": scored(index, "stage", stage["stage"]),
            "touchpoints": [touchpoint(index, row) for row in ordered(index.at("touchpoints", stage["stage"]))],
            "lanes": [
                {**lane, "cell": opened(index, lane["cells"][number]), "cells": None}
                for lane in lanes
                if lane["key"] not in IN_TABLE and lane["cells"][number]["kind"] != "nothing"
            ],
            "claims": [claim(row) for row in claimed.get(stage["stage"], [])],
        }
        for number, stage in enumerate(index.stages)
    ]
    return make_view("stages", journey.words, stages=entries, personas=personas(journey))


def ordered(found: list[Row]) -> list[Row]:
    """Return the touchpoints of a stage, those that belong here first in front."""
    return sorted(found, key=lambda row: (not row["main"], row["position"]))


def opened(index: Index, cell: Cell) -> Cell:
    """Return a cell with all that a column of the map has no room for: every entry, and links to all of its voices."""
    if "more" not in cell:
        return cell
    entries = [*cell["entries"], *cell["more"]]
    if cell["kind"] == "statements":
        entries = [{**entry, "voices": voices(index, entry)} for entry in entries]
    return {**cell, "entries": entries, "more": []}


def voices(index: Index, entry: Cell) -> list[str]:
    """Return the texts behind a statement that this reader may see, but for the one that is shown beside it."""
    found = index.statements[entry["id"]]["evidence"]
    return [name for name in found if name in index.quotes and name != entry["quote_id"]]


def scored(index: Index, scope: str, name: str) -> dict[str, Any]:
    """Return the score of everybody at a stage or touchpoint with its number of people; a dash where none is shown."""
    row = index.experience.get((scope, name, ALL))
    shown = row is not None and row["shown"]
    value = score(index.words, row["value"] if row and shown else None)
    return {**value, "people": index.words.count("participants", row["n"]) if row and shown else ""}


def touchpoint(index: Index, row: Row) -> dict[str, Any]:
    """Return one touchpoint: who was there, how it was, where people left, what the families say together."""
    words, name = index.words, row["touchpoint"]
    exits = next(
        (found for found in index.behaviour.get(("touchpoint", name), []) if found["metric"] == "exit_rate"), None
    )
    said = index.verdicts.get(name)
    return {
        "id": name,
        "label": row["label"],
        "main": row["main"],
        "personas": index.on_map.get(name, []),
        "environment": row["environment"],
        "environment_label": words[f"environment_{row['environment']}"],
        "participants": words.number(row["participants"]),
        "voices": words.number(row["voices"]),
        "sessions": "–" if row["sessions"] is None else words.number(row["sessions"]),
        "score": scored(index, "touchpoint", name),
        "exit": metric_value(words, "exit_rate", exits["value"]) if exits else "–",
        "exit_range": share_range(words, exits["low"], exits["high"]) if exits else "",
        "verdict": verdict(words, said["verdict"]) if said else None,
    }


def claim(row: Row) -> dict[str, str]:
    """Return one claim in a line; all that it rests on stands with the claims."""
    return {"id": row["claim_id"], "text": excerpt(row["statement"], 160), "language": row["language"]}
