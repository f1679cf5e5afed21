"""The content hash of a map: what it says, whatever the language, the audience and the versions around it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import polars as pl

from cjtools.claims.draft import in_force
from cjtools.claims.files import load_claims, load_links
from cjtools.client import Client

if TYPE_CHECKING:
    from cjtools.journey_map import JourneyMap

# What the client declares that readers see or that figures hang on; who owns the map and how far it is, is not of it.
DECLARED = {
    "map", "personas", "touchpoints", "objectives", "opportunities", "opportunity_score", "actions", "planned",
    "privacy", "patterns", "journey",
}  # fmt: skip
MEASURED = (
    "evidence", "experience", "sentiment", "behaviour", "drop_off", "patterns", "verdicts", "surveys", "totals",
    "coverage",
)  # fmt: skip
# Counts of people, from which small groups are taken for readers outside the team; the evidence has what they count.
COUNTED = ("pain_people", "goal_people", "heard", "asked")


def content_of(journey: JourneyMap, client: Client) -> str:
    """Return the SHA-256 of what a map says: what was declared, measured and claimed in its wave.

    The same in every language and for every audience: labels are left out, but for those that client.toml gives.
    Remarks, status, owner, and the order and notes of files do not change it.
    """
    head = journey.header
    told = client.model_dump(mode="json", include=DECLARED, by_alias=True, warnings="none")
    wave = [head.client_id, head.wave, head.period_from.isoformat(), head.period_to.isoformat()]
    digest = hashlib.sha256(json.dumps([wave, told], sort_keys=True, ensure_ascii=False).encode())
    claims = load_claims(client)
    links = in_force(load_links(client, claims)).select("claim", "evidence", "relation")
    for frame in (*(measured(journey, name) for name in MEASURED), claims.drop("line").sort("id"), links):
        digest.update(plain(frame).sort(pl.all(), nulls_last=True).write_csv().encode())
    return digest.hexdigest()


def measured(journey: JourneyMap, name: str) -> pl.DataFrame:
    """Return a table as every reader has it: patterns of a few people are the team's alone."""
    frame: pl.DataFrame = getattr(journey, name)
    if name != "patterns":
        return frame
    return frame.filter((pl.col("numerator") == 0) | (pl.col("numerator") >= journey.header.minimum_group))


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table without labels, lists and COUNTED: what they name or count stands beside them."""
    return frame.select(
        name
        for name, kind in frame.schema.items()
        if not (name.endswith("label") or isinstance(kind, pl.List) or name in COUNTED)
    )
