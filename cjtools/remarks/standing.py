"""How the remarks on a map stand: open or dealt with, and who signed off what."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from cjtools.client import Client
from cjtools.remarks.content import content_of
from cjtools.remarks.files import load_remarks
from cjtools.remarks.tables import ACCEPT, RESOLVED, SAID, SIGNED, MapRemark
from cjtools.tables import shape_of

if TYPE_CHECKING:
    from cjtools.journey_map import JourneyMap


@dataclass(frozen=True)
class SignOff:
    """Somebody signed a map off: who, when, which content, and whether the map still says the same."""

    who: str
    when: dt.date | None
    content: str
    same: bool


@dataclass(frozen=True)
class Remarks:
    """The content hash of a map, what reviewers said of it (rows as MapRemark), and who signed it off."""

    content: str = ""
    rows: pl.DataFrame = field(default_factory=MapRemark.create_empty)
    signed: tuple[SignOff, ...] = ()


def no_remarks() -> Remarks:
    """Return the remarks of a map that nobody reads but who drew it."""
    return Remarks()


def remarks_of(journey: JourneyMap, client: Client) -> Remarks:
    """Return how the remarks of the client's remarks.csv stand on a map of one wave.

    Remarks of another wave are left out. Raises SourceError with every fault of the file.
    """
    content, wave = content_of(journey, client), journey.header.wave
    remarks = load_remarks(client).filter(pl.col("wave").is_null() | (pl.col("wave") == wave))
    return Remarks(content, standing(remarks, content), signed_off(remarks, content))


def signed_off(remarks: pl.DataFrame, content: str) -> tuple[SignOff, ...]:
    """Return the last sign-off of each person, in the order of the file."""
    last = {row["who"]: row for row in remarks.filter(pl.col("mark") == SIGNED).to_dicts()}
    kept = sorted(last.values(), key=lambda row: row["line"] or 0)
    return tuple(SignOff(row["who"], row["when"], row["map"], row["map"] == content) for row in kept)


def standing(remarks: pl.DataFrame, content: str) -> pl.DataFrame:
    """Return what reviewers said, in the order of the file, and how each stands. Rows as MapRemark."""
    rows = remarks.to_dicts()
    answers = {row["answers"]: row for row in rows if row["mark"] == RESOLVED}
    said = [row for row in rows if row["mark"] in SAID]
    # Of a whole map one may say several things; of a claim the last thing counts.
    last = {(row["who"], row["claim"] or row["remark_id"]): row["remark_id"] for row in said}
    told = [
        {
            **{name: row[name] for name in ("remark_id", "claim", "mark", "comment", "who", "when")},
            "position": place,
            "state": state_of(row, answers, replaced=row["remark_id"] not in last.values()),
            "same_map": None if row["map"] is None else row["map"] == content,
            **answer_to(answers.get(row["remark_id"])),
        }
        for place, row in enumerate(said)
    ]
    return MapRemark.validate(pl.DataFrame(told, schema=shape_of(MapRemark)), cast=True)


def state_of(row: dict[str, Any], answers: dict[str, dict[str, Any]], *, replaced: bool) -> str:
    """Return how a remark stands."""
    if row["remark_id"] in answers:
        return "resolved"
    if replaced:
        return "replaced"
    return "agreed" if row["mark"] == ACCEPT and not row["comment"] else "open"


def answer_to(row: dict[str, Any] | None) -> dict[str, Any]:
    """Return who resolved a remark, when and with which note."""
    names = {"resolved_by": "who", "resolved_on": "when", "resolved_note": "comment"}
    return {name: None if row is None else row[column] for name, column in names.items()}
