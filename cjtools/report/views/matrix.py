"""The map itself: stages across, lanes down, every cell with its evidence or with what is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from cjtools.charts.matrix_curve import class_of, matrix_curve, numbered
from cjtools.journey_map import JourneyMap
from cjtools.report.view import View
from cjtools.report.views import cells, done, intents
from cjtools.report.views.index import Cell, Index
from cjtools.report.views.shown import make_view, rows


@dataclass(frozen=True)
class Lane:
    """One lane of the map: what fills its cells, and where its figures are defined."""

    key: str
    fill: Callable[[Index, str], Cell]
    definition: str = ""
    optional: bool = False


LANES = (
    Lane("customer_question", cells.customer_question, optional=True),
    Lane("information", cells.information, optional=True),
    Lane("objectives", cells.objectives, "objective", optional=True),
    Lane("touchpoints", cells.touchpoints),
    Lane("steps", cells.statements("steps"), "people", optional=True),
    Lane("needs", cells.statements("needs"), "people"),
    Lane("experience", cells.experience, "experience"),
    Lane("moments", intents.moments, optional=True),
    Lane("pains", cells.statements("pains"), "people"),
    Lane("gains", cells.statements("gains"), "people"),
    Lane("emotions", cells.statements("emotions"), "people", optional=True),
    Lane("questions", cells.statements("questions"), "people", optional=True),
    Lane("quotes", cells.quotes),
    Lane("behaviour", done.behaviour, "exit_rate"),
    Lane("social", cells.social, "net_sentiment"),
    Lane("crosscheck", cells.crosscheck, "crosscheck"),
    Lane("factors", cells.statements("factors"), "people", optional=True),
    Lane("opportunities", cells.opportunities, "opportunity"),
    Lane("actions", intents.actions, optional=True),
    Lane("suggestions", cells.statements("suggestions"), "people", optional=True),
    Lane("research", intents.research, optional=True),
    Lane("coverage", cells.coverage, "coverage"),
    *(Lane(line, intents.blueprint(line), optional=True) for line in ("front", "back", "support")),
)


def matrix(journey: JourneyMap) -> View:
    """Return the map as a table: one column a stage, one row a lane, the curve of the experience across them.

    A lane that is only there when somebody filled it (`optional`) falls away when it is empty throughout; so does one
    that [report] lanes_off of client.toml names.
    """
    index = Index.of(journey)
    words = journey.words
    return make_view(
        "matrix",
        words,
        caption=words("matrix_caption", client=journey.header.client_name, wave=journey.header.wave),
        bands=[
            {"band": band, "label": words.of("bands", band), "span": len(list(group))}
            for band, group in groupby(index.stages, key=lambda stage: stage["band"])
        ],
        stages=[stage_head(index, number) for number in range(len(index.stages))],
        lanes=lanes_of(index, journey.header.lanes_off),
        curve=curve(journey),
        personas=personas(journey),
    )


def lanes_of(index: Index, left_out: Collection[str]) -> list[dict[str, Any]]:
    """Return the lanes that have something to show, each with its cells."""
    shown = [lane for lane in LANES if lane.key not in left_out]
    return [lane for lane in (filled(index, lane) for lane in shown) if lane]


def curve(journey: JourneyMap) -> dict[str, Any] | None:
    """Return the curve over the columns and the key of its lines; none where no score may be shown, or none is wanted.

    The pictures are text here: the page draws them anew from what a picture may be made of (report/svg.py).
    """
    if "experience" in journey.header.lanes_off or journey.experience.filter("shown").is_empty():
        return None
    words = journey.words
    drawn = matrix_curve(journey.experience, words=words, moments=journey.moments)
    return {
        "svg": drawn.svg,
        "key": [
            {"svg": svg, "name": name, "line": line}
            for (svg, name), line in zip(drawn.key, lines(journey).values(), strict=True)
        ],
        "label": words["lane_curve"],
        "hint": words["lane_curve_hint"],
    }


def lines(journey: JourneyMap) -> dict[str, str]:
    """Return the class of the line of everybody and of each persona, as the curve numbers them."""
    stages = journey.experience.filter(pl.col("scope") == "stage")
    return {persona: class_of(number, persona) for number, persona, _ in numbered(stages)}


def personas(journey: JourneyMap) -> list[dict[str, str]]:
    """Return the personas that a reader may follow over the map, each with its line; none whose map is not known."""
    if journey.people.touchpoints.is_empty():
        return []
    drawn = lines(journey)
    return [
        {"id": row["persona"], "name": row["name"], "line": drawn.get(row["persona"], f"p{place}")}
        for place, row in enumerate(rows(journey.personas))
    ]


def stage_head(index: Index, number: int) -> dict[str, Any]:
    """Return the head of a column: the stage, its band, and how many were heard and seen there."""
    stage, words = index.stages[number], index.words
    heard = [
        words.count(key, stage[column])
        for key, column in (("participants", "participants"), ("voices", "voices"), ("profiles", "profiles"))
        if stage[column]
    ]
    return {
        "id": stage["stage"],
        "number": number + 1,
        "label": stage["label"],
        "band": stage["band"],
        "band_label": words.of("bands", stage["band"]),
        "heard": heard or [words["no_evidence"]],
    }


def filled(index: Index, lane: Lane) -> dict[str, Any] | None:
    """Return a lane with its cells, one a stage."""
    row = [lane.fill(index, stage["stage"]) for stage in index.stages]
    if lane.optional and all(cell["kind"] in ("nothing", "empty") for cell in row):
        return None
    words = index.words
    hint = words[f"lane_{lane.key}_hint"] if words.has("words", f"lane_{lane.key}_hint") else ""
    return {
        "key": lane.key,
        "label": words[f"lane_{lane.key}"],
        "hint": hint,
        "definition": lane.definition,
        "cells": row,
    }
