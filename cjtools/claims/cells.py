"""The numbers of a map by name, as the narrative may speak of them: exit_rate.checkout, experience.decision, nps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from cjtools.map_tables import ALL

if TYPE_CHECKING:
    from cjtools.journey_map import JourneyMap

NETS = ("nps",)
SHARES = ("csat",)


@dataclass(frozen=True)
class Cell:
    """One number of the map: its value (null where it is withheld), what kind of number it is, and its n.

    `kind` is share, net, score, number or count. A count is its own n.
    """

    value: float | None
    kind: str
    n: float | None


def cells_of(journey: JourneyMap) -> dict[str, Cell]:
    """Return every number that the narrative may refer to, by its name.

    `exit_rate.checkout`, `many_views.product`, `exit_rate.all` (behaviour) · `conversion.decision`,
    `drop_off.decision` · `ropo`, `click_collect` … (patterns) · `experience.decision`, `experience.decision.comparer`,
    `experience.checkout` · `sentiment.decision`, `sentiment.checkout`, `sentiment.all` · `survey.nps` (the question's
    id) · `participants.decision`, `voices.decision`, `profiles.decision` · and the id of every other observed or
    aggregate item of evidence. Where a stage and a touchpoint have the same name, the name means the stage.
    """
    cells: dict[str, Cell] = {}
    for part in (behaviour, drop_off, patterns, experience, sentiment, surveys, heard, observed):
        for name, cell in part(journey):
            cells.setdefault(name, cell)
    return cells


def rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return a table as rows, stages before touchpoints."""
    named = list(frame.iter_rows(named=True))
    return sorted(named, key=lambda row: row.get("scope") == "touchpoint")


def behaviour(journey: JourneyMap) -> Iterator[tuple[str, Cell]]:
    """Yield exit rates and shares of sessions with many views."""
    for row in rows(journey.behaviour):
        yield f"{row['metric']}.{row['name']}", Cell(row["value"], "share", row["denominator"])


def drop_off(journey: JourneyMap) -> Iterator[tuple[str, Cell]]:
    """Yield, of each stage, the share of profiles that went on, and that did not."""
    for row in rows(journey.drop_off):
        went = row["conversion"]
        yield f"conversion.{row['stage']}", Cell(went, "share", row["profiles"])
        yield f"drop_off.{row['stage']}", Cell(None if went is None else 1 - went, "share", row["profiles"])


def patterns(journey: JourneyMap) -> Iterator[tuple[str, Cell]]:
    """Yield the shares of the patterns."""
    for row in rows(journey.patterns):
        yield row["pattern"], Cell(row["value"], "share", row["denominator"])


def experience(journey: JourneyMap) -> Iterator[tuple[str, Cell]]:
    """Yield the experience scores of stages and touchpoints, of everybody and of each persona."""
    for row in rows(journey.experience):
        name = f"experience.{row['name']}" + ("" if row["persona"] == ALL else f".{row['persona']}")
        yield name, Cell(row["value"] if row["shown"] else None, "score", row["n"])


def sentiment(journey: JourneyMap) -> Iterator[tuple[str, Cell]]:
    """Yield the net sentiments."""
    for row in rows(journey.sentiment):
        yield f"sentiment.{row['name']}", Cell(row["net"], "net", row["n"])


def surveys(journey: JourneyMap) -> Iterator[tuple[str, Cell]]:
    """Yield the survey figures by the id of their question."""
    for row in rows(journey.surveys):
        kind = "net" if row["instrument"] in NETS else "share" if row["instrument"] in SHARES else "number"
        yield row["question_id"], Cell(row["value"], kind, row["n"])


def heard(journey: JourneyMap) -> Iterator[tuple[str, Cell]]:
    """Yield how many were heard and seen at each stage."""
    for row in rows(journey.stages):
        for name in ("participants", "voices", "profiles"):
            yield f"{name}.{row['stage']}", Cell(row[name], "count", row[name])


def observed(journey: JourneyMap) -> Iterator[tuple[str, Cell]]:
    """Yield what was observed and totalled, by the id of its evidence; what has an interval is a share."""
    figures = journey.evidence.filter((pl.col("basis") != "reported") & pl.col("value").is_not_null())
    for row in rows(figures):
        kind = "number" if row["low"] is None else "share"
        few = row["n"] is not None and row["n"] < journey.header.minimum_group
        yield row["evidence_id"], Cell(None if few else row["value"], kind, row["n"])
