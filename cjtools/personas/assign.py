"""Who travels: which persona a participant belongs to, and how many were heard."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cjtools.client import Client, in_language
from cjtools.map_tables import MapPersona
from cjtools.settings import Persona
from cjtools.tables import shape_of


def assign_personas(participants: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return participant_id and persona: the one that was declared, else the first whose rule the attributes meet.

    A participant who meets no rule has no persona; the map for everybody still counts them.
    """
    rows = [
        (row["participant_id"], row["persona"] or first_match(attributes_of(row), client.personas))
        for row in participants.select("participant_id", "persona", "attributes").sort("participant_id").to_dicts()
    ]
    return pl.DataFrame(rows, schema={"participant_id": pl.String, "persona": pl.String}, orient="row")


def attributes_of(row: Mapping[str, object]) -> dict[str, str]:
    """Return the attributes of a participant's row as a dictionary."""
    pairs = row["attributes"] or []
    return {pair["name"]: pair["value"] for pair in pairs}  # type: ignore[attr-defined]


def first_match(attributes: Mapping[str, str], personas: tuple[Persona, ...]) -> str | None:
    """Return the first persona of which every part of the rule is met; a persona without a rule is never matched.

    >>> shopper = Persona(id="online", name="Online", rule={"buys": "online"})
    >>> first_match({"buys": "Online"}, (shopper,))
    'online'
    """
    return next((row.id for row in personas if row.rule and meets(attributes, row)), None)


def meets(attributes: Mapping[str, str], persona: Persona) -> bool:
    """Say whether attributes meet a persona's rule: each key has the value, or one of the values."""
    return all(
        str(attributes.get(key, "")).casefold() in {str(value).casefold() for value in as_tuple(wanted)}
        for key, wanted in persona.rule.items()
    )


def as_tuple(value: object) -> tuple[object, ...]:
    """Return a rule's value as a tuple of values."""
    return value if isinstance(value, tuple) else (value,)


def measure_personas(heard: pl.DataFrame, *, client: Client, language: str) -> pl.DataFrame:
    """Return the personas of the map in declared order, with participants heard and the languages they spoke.

    `heard` has one row a participant: person, persona, language.
    """
    own = client.client.language
    counts = {
        row["persona"]: (row["participants"], row["languages"])
        for row in heard.filter(pl.col("persona").is_not_null())
        .group_by("persona")
        .agg(participants=pl.col("person").n_unique(), languages=pl.col("language").drop_nulls().unique().sort())
        .sort("persona")
        .to_dicts()
    }
    rows = [
        {
            "persona": row.id,
            "position": place,
            "name": in_language(row.name, language, own),
            "who": in_language(row.who, language, own),
            "needs": in_language(row.needs, language, own),
            "help": in_language(row.help, language, own),
            "buys": row.buys,
            "channels": list(row.channels),
            "participants": counts.get(row.id, (0, []))[0],
            "languages": counts.get(row.id, (0, []))[1],
        }
        for place, row in enumerate(client.personas)
    ]
    return MapPersona.validate(pl.DataFrame(rows, schema=shape_of(MapPersona)), cast=True)
