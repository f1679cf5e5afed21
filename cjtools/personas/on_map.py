"""What a persona uses and was said to use: channels, touchpoints, where it buys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from cjtools.intervals import wilson
from cjtools.journey_tables import withheld
from cjtools.personas.profiles import CLOSED, rule_of
from cjtools.settings import Persona, Touchpoint


def touchpoints_of(
    persona: Persona, touchpoints: Sequence[Touchpoint], *, told: Mapping[str, int], seen: Mapping[str, int],
    minimum: int
) -> pl.DataFrame:  # fmt: skip
    """Return which touchpoints are on the map of a persona, and why; rows as PersonaTouchpoint.

    Those that it declares; else those of its channels; where it declares none, those of the environment in which it
    buys (of both, where it buys in both or nothing is said). What participants of it spoke of (`told`, by touchpoint),
    or at least `minimum` of its profiles were seen at (`seen`), is on its map as well: evidence outweighs what was
    declared.

    >>> from cjtools.settings import Persona, Touchpoint
    >>> web = Persona(id="web", name="Web", buys="online")
    >>> shop = Touchpoint(id="shop", label="Shop", environment="offline", stages=("purchase",))
    >>> touchpoints_of(web, [shop], told={}, seen={"shop": 2}, minimum=3)["on_map"].item()
    False
    """
    rows = [
        {
            "persona": persona.id,
            "touchpoint": row.id,
            "position": place,
            "declared": is_declared(persona, row),
            "told": told.get(row.id, 0),
            "seen": seen.get(row.id, 0),
        }
        for place, row in enumerate(touchpoints)
    ]
    schema = {"persona": pl.String, "touchpoint": pl.String, "position": pl.Int64, "declared": pl.Boolean,
              "told": pl.Int64, "seen": pl.Int64}  # fmt: skip
    on_map = pl.col("declared") | (pl.col("told") > 0) | (pl.col("seen") >= minimum)
    return pl.DataFrame(rows, schema=schema).with_columns(on_map=on_map)


def is_declared(persona: Persona, touchpoint: Touchpoint) -> bool:
    """Say whether client.toml puts a touchpoint on the way of a persona."""
    if persona.touchpoints:
        return touchpoint.id in persona.touchpoints
    if persona.channels and touchpoint.channel:
        return touchpoint.channel in persona.channels
    return persona.buys in (None, "both") or touchpoint.environment == persona.buys


def count_by(rows: pl.DataFrame, column: str, who: str) -> dict[tuple[str, str], int]:
    """Return how many distinct people (`who`) of each persona stand at each value of a column."""
    kept = rows.filter(pl.col(column).is_not_null() & pl.col("persona").is_not_null())
    counts = kept.group_by("persona", column).agg(n=pl.col(who).n_unique()).sort("persona", column)
    return {(persona, name): n for persona, name, n in counts.iter_rows()}


def compare_channels(
    personas: Sequence[Persona], told: pl.DataFrame, seen: pl.DataFrame, *, names: Mapping[str, str], minimum: int
) -> pl.DataFrame:
    """Return the channels of each persona, declared against used; rows as PersonaChannel but for `label`.

    `told` has persona, person and touchpoint of what participants said, `seen` persona, profile_id and touchpoint of
    what was observed; `names` is the channel of each touchpoint.
    """
    channel = pl.col("touchpoint").replace_strict(dict(names), default=None, return_dtype=pl.String)
    told_by, seen_by = told.with_columns(channel=channel), seen.with_columns(channel=channel)
    people, profiles = count_by(told_by, "channel", "person"), count_by(seen_by, "channel", "profile_id")
    of_told, of_seen = sizes(told, "person"), sizes(seen, "profile_id")
    rows = []
    for persona in personas:
        used = {name for who, name in [*people, *profiles] if who == persona.id and name}
        for place, name in enumerate([*persona.channels, *sorted(used - set(persona.channels))]):
            here = (people.get((persona.id, name), 0), profiles.get((persona.id, name), 0))
            state = state_of(name in persona.channels, used=here[0] > 0 or here[1] >= minimum)
            if state:
                of = (of_told.get(persona.id, 0), of_seen.get(persona.id, 0))
                rows.append((persona.id, name, place, name in persona.channels, state, here[0], of[0], here[1], of[1]))
    schema = {"persona": pl.String, "channel": pl.String, "position": pl.Int64, "declared": pl.Boolean,
              "state": pl.String, "told": pl.Int64, "told_of": pl.Int64, "n": pl.Int64, "of": pl.Int64}  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return withheld(frame.with_columns(wilson(pl.col("n"), pl.col("of"))), minimum=minimum)


def state_of(declared: bool, *, used: bool) -> str | None:
    """Return what is known of a channel: declared and used, only one of both, or nothing (null).

    >>> state_of(True, used=True), state_of(True, used=False), state_of(False, used=True), state_of(False, used=False)
    ('both', 'declared', 'used', None)
    """
    if declared:
        return "both" if used else "declared"
    return "used" if used else None


def sizes(rows: pl.DataFrame, who: str) -> dict[str, int]:
    """Return how many distinct people there are of each persona."""
    known = rows.filter(pl.col("persona").is_not_null())
    return dict(known.group_by("persona").agg(n=pl.col(who).n_unique()).sort("persona").iter_rows())


def compare_buying(
    personas: Sequence[Persona], observed: pl.DataFrame, assigned: pl.DataFrame, *, minimum: int
) -> pl.DataFrame:
    """Return where the profiles of each persona buy, of those that bought, against what was declared; PersonaBuys."""
    bought = observed.filter(pl.col("name") == "buys").join(assigned, on="profile_id", how="inner")
    counts = {(who, value): n for who, value, n in bought.group_by("persona", "value").len().iter_rows()}
    of = sizes(bought, "profile_id")
    rows = [
        (row.id, value, place, row.buys == value, "buys" in rule_of(row), counts.get((row.id, value), 0), of[row.id])
        for row in personas
        if row.id in of
        for place, value in enumerate(CLOSED["buys"])
    ]
    schema = {"persona": pl.String, "buys": pl.String, "position": pl.Int64, "declared": pl.Boolean,
              "by_rule": pl.Boolean, "n": pl.Int64, "of": pl.Int64}  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return withheld(frame.with_columns(wilson(pl.col("n"), pl.col("of"))), minimum=minimum)
