"""What the tests of claims share: a few items of evidence by hand, and the small client's claims as a file."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import polars as pl

import cjtools as cj
from cjtools.map_tables import Evidence
from cjtools.tables import shape_of

DAY = dt.date(2026, 7, 10)
CLAIMS = "id,stage,persona,touchpoint,lane,type,statement,statement_en,tier,status,review,key\n"
LINKS = "claim,evidence,relation,who,when,note,dated\n"


def item(name: str, **given: Any) -> dict[str, Any]:
    """Return one item of evidence: an interview's pain at the product page, but for what is given."""
    usual = {
        "evidence_id": name,
        "basis": "reported",
        "family": "interview",
        "stage": "consideration",
        "touchpoint": "product",
        "type": "pain",
        "valence": -1.0,
        "method": "person",
        "person": "P01",
        "text": "Too dear",
        "language": "en",
        "verbatim": True,
        "consent": "report",
        "voice": True,
        "said_on": DAY,
        "source_id": "i",
        "source_file": "P01.md",
    }
    return {**usual, **given}


def evidence_of(*items: dict[str, Any]) -> pl.DataFrame:
    """Return items as the table of evidence."""
    return Evidence.validate(pl.DataFrame(list(items), schema=shape_of(Evidence)), cast=True)


def map_with(client: cj.Client, *items: dict[str, Any], audience: str = "team", language: str = "") -> cj.JourneyMap:
    """Return a map of the small client with items as its evidence; outsiders see none of its quotes.

    Its claims lie aside while the map is drawn: they are about the items.
    """
    files = [client.folder / name for name in ("claims.csv", "links.csv") if (client.folder / name).is_file()]
    aside = {path: path.rename(path.with_suffix(".aside")) for path in files}
    journey = cj.map_journey(client, audience=audience, language=language)
    for path, moved in aside.items():
        moved.rename(path)
    return dataclasses.replace(journey, evidence=evidence_of(*items))


TEXT = CLAIMS + (
    "dear,consideration,,product,,pain,Massa car: {n: 3 de 4},Too dear: {n: 3 of 4},,,,\n"
    "late,consideration,online,product,,pain,Massa tard: {n},,assumption,edited,2026-08-01,\n"
    "gone,decision,,,,pain,Res,,,dropped,,\n"
    "bare,decision,,,,need,Sense evidència: {n},,,,,\n"
)
ROWS = LINKS + "".join(
    f"{claim},{evidence},{relation},ana,,mirar-ho,{day}\n"
    for claim, evidence, relation, day in [
        ("dear", "q1", "supports", ""), ("dear", "q2", "supports", ""), ("dear", "q3", "supports", ""),
        ("dear", "q4", "refutes", ""), ("dear", "r1", "supports", ""), ("dear", "lost", "supports", "2026-06-01"),
        ("late", "q1", "supports", ""), ("late", "old", "supports", "2025-11-01"),
    ]
)  # fmt: skip
ITEMS = [
    item("q1", person="P01", persona="online", said_on=dt.date(2026, 5, 1)),
    item("q2", person="P02", method="model"),
    item("q3", person="P03"),
    item("q4", person="P04", type="gain"),
    item("r1", family="review", person="a1", said_on=dt.date(2026, 12, 1), consent="internal"),
]
