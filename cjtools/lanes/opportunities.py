"""What could be better: the drafts of the evidence, joined with what the client declared and what a survey asked."""

from __future__ import annotations

from typing import Any

import polars as pl

from cjtools.client import Client, in_language
from cjtools.lanes.labels import Labels
from cjtools.map_tables import MapOpportunity
from cjtools.plan_tables import MapAction
from cjtools.settings import Opportunity, OpportunityScore
from cjtools.tables import shape_of

Row = dict[str, Any]


def join_opportunities(
    drafts: pl.DataFrame, asked: pl.DataFrame, *, client: Client, labels: Labels, language: str, heard: dict[str, int]
) -> pl.DataFrame:
    """Return the opportunities, best first: `drafts` (rank_opportunities) with what is declared and asked.

    A declared opportunity takes the place of the draft at its touchpoint and stage, or of its whole stage where it
    names no touchpoint, with that draft's people and evidence; without a draft nobody in the interviews raised it:
    0 of those who spoke of the stage (`heard`). Where a survey asked for importance and satisfaction of the touchpoint
    (`asked`, of score_asked), these give the score, else reach × severity; the former stand first, as the two scales
    do not compare. Dropped opportunities are left out, and so are their drafts.
    """
    found = {(row["stage"], row["touchpoint"]): row for row in drafts.to_dicts()}
    rows: list[Row] = []
    for declared in client.opportunities:
        draft = found.pop((declared.stage, declared.touchpoint), None)
        base = draft or without_draft(declared, labels=labels, heard=heard)
        if declared.status != "dropped":
            rows.append({**base, **as_declared(declared, language=language, own=client.client.language)})
    by_touchpoint = {row["touchpoint"]: row for row in asked.to_dicts()}
    scored = [
        scored_row(row, by_touchpoint.get(row["touchpoint"]), cuts=client.opportunity_score)
        for row in (*rows, *found.values())
    ]
    place = {stage: number for number, stage in enumerate(labels.stages)}
    ordered = sorted(scored, key=lambda row: order_of(row, place))
    ranked = [{**row, "rank": number} for number, row in enumerate(ordered, start=1)]
    return MapOpportunity.validate(pl.DataFrame(ranked, schema=shape_of(MapOpportunity), strict=False), cast=True)


def without_draft(declared: Opportunity, *, labels: Labels, heard: dict[str, int]) -> Row:
    """Return the row of a declared opportunity that no pain of the interviews speaks for."""
    label = labels.touchpoints[declared.touchpoint] if declared.touchpoint else labels.stages[declared.stage]
    nobody = {"verdict": None, "people": 0, "reach": 0.0, "severity": 0.0, "score": 0.0, "quote_id": None}
    where = {"stage": declared.stage, "touchpoint": declared.touchpoint, "label": label}
    return {**nobody, **where, "asked": heard.get(declared.stage, 0), "evidence": []}


def as_declared(declared: Opportunity, *, language: str, own: str) -> Row:
    """Return what client.toml says of an opportunity."""
    return {
        "opportunity": declared.id,
        "title": in_language(declared.title, language, own),
        "kind": declared.kind,
        "effort": declared.effort,
        "owner": declared.owner or None,
        "status": declared.status,
        "claims": list(declared.claims),
    }


def scored_row(row: Row, asked: Row | None, *, cuts: OpportunityScore) -> Row:
    """Return an opportunity with its score and where that comes from."""
    if asked is None:
        return {**row, "basis": "evidence"}
    score = asked["asked_score"]
    level = "strong" if score >= cuts.strong else "solid" if score >= cuts.solid else "served"
    figures = {name: value for name, value in asked.items() if name not in ("touchpoint", "asked_score")}
    return {**row, **figures, "basis": "survey", "score": score, "level": level}


def order_of(row: Row, place: dict[str, int]) -> tuple[object, ...]:
    """Return what an opportunity is sorted by, without ties."""
    names = (row["touchpoint"] or "", row.get("opportunity") or "")
    return (row["basis"] != "survey", -row["score"], -row["people"], place[row["stage"]], *names)


def list_actions(client: Client, *, labels: Labels, language: str) -> pl.DataFrame:
    """Return the actions that client.toml declares, by stage and due date."""
    own, place = client.client.language, {stage: number for number, stage in enumerate(labels.stages)}
    ordered = sorted(enumerate(client.actions), key=lambda item: (place[item[1].stage], item[1].due, item[0]))
    rows = [
        {
            "position": number,
            "opportunity": row.opportunity,
            "stage": row.stage,
            "label": labels.stages[row.stage],
            "segment": labels.personas[row.segment] if row.segment else None,
            "content": in_language(row.content, language, own),
            "due": row.due,
            "metric": row.metric,
            "owner": row.owner,
            "status": row.status,
        }
        for number, (_, row) in enumerate(ordered)
    ]
    return MapAction.validate(pl.DataFrame(rows, schema=shape_of(MapAction)), cast=True)
