"""The rows of the map by stage, and the cells that have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.report.views.shown import Row, by_key, rows, stage_rows
from cjtools.words import Words

Cell = dict[str, Any]

# At most so many stand open in a cell; the rest is behind a "more".
OPEN = 3

# Families in which somebody asks; in the others people speak or act unasked.
ASKING = ("interview", "survey")


@dataclass(frozen=True)
class Index:
    """The rows of the map by stage, read once for all cells."""

    words: Words
    minimum: int
    stages: list[Row]
    by_stage: dict[str, dict[str, list[Row]]]
    experience: dict[tuple[str, str, str], Row]
    personas: list[Row]
    sentiment: dict[str, Row]
    behaviour: dict[tuple[str, str], list[Row]]
    coverage: dict[tuple[str, str], Row]
    quotes: dict[str, Row]
    times: dict[str, Row]
    totals: dict[str, list[Row]]
    on_map: dict[str, list[str]]
    statements: dict[str, Row]
    verdicts: dict[str, Row]

    @classmethod
    def of(cls, journey: JourneyMap) -> Index:
        """Return the index of a map."""
        names = ("touchpoints", "statements", "verdicts", "opportunities", "objectives", "coverage", "drop_off",
                 "actions", "research_backlog")  # fmt: skip
        by_stage = {name: by_key(rows(getattr(journey, name)), "stage") for name in names}
        totals = [row for row in rows(journey.totals) if row["stage"]]
        quotes = [row for row in rows(journey.quotes) if row["stage"]]
        behaviour: dict[tuple[str, str], list[Row]] = {}
        for row in rows(journey.behaviour):
            behaviour.setdefault((row["scope"], row["name"]), []).append(row)
        return cls(
            words=journey.words,
            minimum=journey.header.minimum_group,
            stages=list(stage_rows(journey)),
            by_stage={**by_stage, "totals": by_key(totals, "stage"), "quotes": by_key(quotes, "stage")},
            experience={(row["scope"], row["name"], row["persona"]): row for row in rows(journey.experience)},
            personas=list(rows(journey.personas)),
            sentiment={row["name"]: row for row in rows(journey.sentiment) if row["scope"] == "stage"},
            behaviour=behaviour,
            coverage={(row["stage"], row["family"]): row for row in rows(journey.coverage)},
            quotes={row["evidence_id"]: row for row in rows(journey.quotes)},
            times={row["start"]: row for row in rows(journey.journeys.times) if row["kind"] == "between"},
            totals=by_key(rows(journey.journeys.stage_totals), "stage") if journey.journeys.totals_only else {},
            on_map=personas_of(journey),
            statements={row["statement_id"]: row for row in rows(journey.statements)},
            verdicts={row["touchpoint"]: row for row in rows(journey.verdicts)},
        )

    def at(self, name: str, stage: str) -> list[Row]:
        """Return the rows of a table that stand at a stage."""
        return self.by_stage[name].get(stage, [])


def personas_of(journey: JourneyMap) -> dict[str, list[str]]:
    """Return, by touchpoint, the personas on whose map it is, in their order; nobody's where none is measured."""
    found = [row for row in rows(journey.people.touchpoints) if row["on_map"]]
    return {name: [row["persona"] for row in group] for name, group in by_key(found, "touchpoint").items()}


def nothing() -> Cell:
    """Return a cell that the consultant left open: no evidence is expected there."""
    return {"kind": "nothing"}


def empty(index: Index, stage: str, *families: str) -> Cell:
    """Return a cell without evidence, with the reason: asked and not raised, not asked, or no source at all."""
    states = [index.coverage[stage, family]["state"] for family in families if (stage, family) in index.coverage]
    state = next((state for state in ("evidence", "silent", "not_asked") if state in states), "no_source")
    # Evidence of the family at this stage, but none for this lane: they spoke of it, and this did not come up.
    state = "silent" if state == "evidence" else state
    return {"kind": "empty", "state": state, "reason": missing(index.words, families[0], state)}


def missing(words: Words, family: str, state: str) -> str:
    """Return why there is nothing of a family: only who asks can say that it was asked."""
    if family in ASKING or state == "no_source":
        return words[f"coverage_{state}"]
    return words["coverage_nothing_found" if state == "silent" else "coverage_not_covered"]
