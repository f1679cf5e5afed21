"""The journey as a workshop planned it against the journey as it was observed, and what people expected of it."""

from __future__ import annotations

from typing import Any

import polars as pl

from cjtools.client import Client, in_language
from cjtools.intervals import bootstrap_mean, wilson
from cjtools.lanes.labels import Labels
from cjtools.plan_tables import MapExpectation, MapPlanned
from cjtools.tables import shape_of

# From this share of the profiles on, a touchpoint that nobody planned is a step of its own.
ADDED = 0.05
Row = dict[str, Any]


def compare_planned(
    touches: pl.DataFrame, *, client: Client, labels: Labels, language: str, minimum: int
) -> pl.DataFrame:
    """Return each planned step with what was seen of it, and the steps that nobody planned; see MapPlanned.

    `touches` in their order, as Findings holds them. Each profile counts once a touchpoint, by its first touch there.
    Of two planned steps that follow each other, those who were at both came in the planned order or not. Taxonomy
    (matched, missing, added, reordered): Halvorsrud, Kvale, Følstad (2016), CJML.
    """
    if not client.planned:
        return MapPlanned.create_empty()
    first = (
        touches.select("profile_id", "touchpoint")
        .with_row_index("at")
        .filter(pl.col("touchpoint").is_not_null())
        .group_by("profile_id", "touchpoint")
        .agg(pl.col("at").min())
        .sort("profile_id", "touchpoint")
    )
    of = first["profile_id"].n_unique()
    seen = dict(first.group_by("touchpoint").agg(n=pl.len()).sort("touchpoint").iter_rows())
    bound = {row.id for row in client.touchpoints if row.pages or row.events or row.channels}
    rows: list[Row] = []
    before: str | None = None
    for step in client.planned:
        label = in_language(step.label, language, client.client.language) or labels.touchpoints[step.touchpoint]
        people = seen.get(step.touchpoint, 0)
        row = {"stage": step.stage, "touchpoint": step.touchpoint, "label": label, "people": people}
        in_order, both = order_between(first, before, step.touchpoint) if before and people else (0, 0)
        state = "matched" if people else "missing" if step.touchpoint in bound else "not_measured"
        if both >= minimum and 2 * in_order < both:
            state = "reordered"
        told = {"before": before, "in_order": in_order, "both": both} if both >= minimum else {}
        rows.append({**row, "state": state, **told})
        before = step.touchpoint if people else before
    rows += added_steps(seen, of=of, client=client, labels=labels, minimum=minimum)
    return shaped_steps(rows, of=of, labels=labels, minimum=minimum)


def order_between(first: pl.DataFrame, before: str, after: str) -> tuple[int, int]:
    """Return how many profiles came to `before` before `after`, and how many were at both."""
    one, two = (first.filter(pl.col("touchpoint") == name) for name in (before, after))
    both = one.join(two, on="profile_id", suffix="_after")
    return both.filter(pl.col("at") < pl.col("at_after")).height, both.height


def added_steps(seen: dict[str, int], *, of: int, client: Client, labels: Labels, minimum: int) -> list[Row]:
    """Return the touchpoints that at least one in twenty profiles touched and that nobody planned, in map order."""
    planned, place = {step.touchpoint for step in client.planned}, {name: n for n, name in enumerate(labels.stages)}
    found = [
        (place[row.stages[0]], number, row)
        for number, row in enumerate(client.touchpoints)
        if row.id not in planned and seen.get(row.id, 0) >= max(minimum, 1) and seen[row.id] >= ADDED * of
    ]
    return [
        {
            "stage": row.stages[0],
            "touchpoint": row.id,
            "label": labels.touchpoints[row.id],
            "people": seen[row.id],
            "state": "added",
        }
        for _, _, row in sorted(found, key=lambda item: item[:2])
    ]


def shaped_steps(rows: list[Row], *, of: int, labels: Labels, minimum: int) -> pl.DataFrame:
    """Return steps in the shape of the map's table, counts of few people left out."""
    whole = [
        {**row, "position": place, "stage_label": labels.stages[row["stage"]], "of": of}
        for place, row in enumerate(rows)
    ]
    few = (pl.col("people") > 0) & (pl.col("people") < minimum)
    frame = pl.DataFrame(whole, schema=shape_of(MapPlanned), strict=False)
    measured = frame.with_columns(pl.when(~few & (pl.col("state") != "not_measured")).then("people").alias("people"))
    return MapPlanned.validate(measured.with_columns(wilson(pl.col("people"), pl.col("of"))), cast=True)


def fitness(planned: pl.DataFrame) -> tuple[int, int]:
    """Return how many planned steps were seen in the planned order, and how many could be seen at all."""
    states = planned["state"].cast(pl.String).to_list()
    return states.count("matched"), sum(states.count(name) for name in ("matched", "reordered", "missing"))


def compare_expected(
    interviews: pl.DataFrame, by_role: pl.DataFrame, *, client: Client, labels: Labels, minimum: int
) -> pl.DataFrame:
    """Return expectation against experience by touchpoint, from interviews and from surveys; see MapExpectation.

    `by_role` as answers_by_role gives it.
    """
    main = {row.id: row.stages[0] for row in client.touchpoints}
    rows = []
    for touchpoint, label in labels.touchpoints.items():
        where = {"touchpoint": touchpoint, "stage": main[touchpoint], "label": label}
        told = interviews.filter(
            (pl.col("touchpoint") == touchpoint) & (pl.col("type") == "expectation") & pl.col("valence").is_not_null()
        )
        rows += [
            {**where, **row}
            for row in (met_in_interviews(told, minimum), gap_of_survey(by_role, touchpoint, minimum))
            if row
        ]
    return MapExpectation.validate(pl.DataFrame(rows, schema=shape_of(MapExpectation), strict=False), cast=True)


def met_in_interviews(told: pl.DataFrame, minimum: int) -> Row | None:
    """Return how the expectations that participants told of were met; nothing where nobody told of one."""
    if told.is_empty():
        return None
    within = told.group_by("person").agg(pl.col("valence").mean().round(9)).sort("person")["valence"].to_list()
    row: Row = {"basis": "interview", "n": len(within), "evidence": told["evidence_id"].sort().to_list()}
    if len(within) < minimum:
        return row
    gap, low, high = bootstrap_mean(within)
    unmet = sum(value < 0 for value in within)
    return {**row, "gap": gap, "low": low, "high": high, "unmet": unmet, "met": len(within) - unmet}


def gap_of_survey(by_role: pl.DataFrame, touchpoint: str, minimum: int) -> Row | None:
    """Return experienced − expected of those who answered both at a touchpoint; nothing where nobody did."""
    here = by_role.filter(pl.col("touchpoint") == touchpoint)
    expected, was = (here.filter(pl.col("role") == role) for role in ("expectation", "experience"))
    pairs = expected.join(was, on="person", suffix="_was").sort("person")
    if pairs.is_empty():
        return None
    ids = sorted([*pairs["evidence_id"], *pairs["evidence_id_was"]])
    row: Row = {"basis": "survey", "n": pairs.height, "evidence": ids}
    if pairs.height < minimum:
        return row
    before, after = ((pairs[name] * 4 - 2).round(9).to_list() for name in ("share", "share_was"))
    gaps = [round(b - a, 9) for a, b in zip(before, after, strict=True)]
    gap, low, high = bootstrap_mean(gaps)
    unmet = sum(value < 0 for value in gaps)
    means = {"expected": bootstrap_mean(before)[0], "experienced": bootstrap_mean(after)[0]}
    return {**row, **means, "gap": gap, "low": low, "high": high, "unmet": unmet, "met": len(gaps) - unmet}
