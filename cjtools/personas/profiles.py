"""Which persona a profile belongs to: what was observed of it, held against the rules of client.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from cjtools.intervals import wilson
from cjtools.journey_tables import withheld
from cjtools.journeys.arrivals import find_arrivals
from cjtools.journeys.patterns.purchases import known_purchases, list_purchases
from cjtools.personas.assign import as_tuple
from cjtools.settings import Persona
from cjtools.tables import Tables

# What can be seen of any profile, with all values that can be: another value in a rule is a slip.
CLOSED: Mapping[str, tuple[str, ...]] = {
    "buys": ("online", "offline", "both"),
    "collects": ("yes", "no"),
    "environment": ("online", "offline"),
}
OBSERVED = {"profile_id": pl.String, "name": pl.String, "value": pl.String}
ASSIGNED = {"profile_id": pl.String, "persona": pl.String}


def observe_profiles(tables: Tables, touches: pl.DataFrame) -> pl.DataFrame:
    """Return what was observed of each profile, long: profile_id, name, value; sorted, each once.

    - buys: online, offline or both; nothing for a profile that bought nothing that is known
    - collects: yes where an online order was collected in a shop, no where none was; online buyers only
    - environment, device, channel (by which its visits came), touchpoint: every value that was seen
    - every attribute that a source of kind "profiles" gives, by its own name
    """
    parts = [
        bought_where(known_purchases(tables.orders, touches)),
        collected(tables.orders),
        *(seen(touches, name) for name in ("environment", "device", "touchpoint")),
        seen(find_arrivals(touches), "channel"),
        tables.profiles.explode("attributes", empty_as_null=True)
        .filter(pl.col("attributes").is_not_null())
        .select("profile_id", pl.col("attributes").struct.unnest()),
    ]
    return pl.concat([part.cast(pl.Schema(OBSERVED)) for part in parts]).unique().sort("profile_id", "name", "value")


def bought_where(purchases: pl.DataFrame) -> pl.DataFrame:
    """Return buys of each profile with a known purchase (profile_id, environment)."""
    online, offline = ((pl.col("environment") == place).any() for place in ("online", "offline"))
    sides = purchases.group_by("profile_id").agg(online=online, offline=offline)
    value = (
        pl.when(pl.col("online") & pl.col("offline"))
        .then(pl.lit("both"))
        .when("online")
        .then(pl.lit("online"))
        .when("offline")
        .then(pl.lit("offline"))
    )
    return sides.select("profile_id", name=pl.lit("buys"), value=value).drop_nulls("value")


def collected(orders: pl.DataFrame) -> pl.DataFrame:
    """Return collects of each profile with an online order."""
    online = list_purchases(orders).filter((pl.col("environment") == "online") & pl.col("profile_id").is_not_null())
    value = pl.when("any").then(pl.lit("yes")).otherwise(pl.lit("no"))
    return online.group_by("profile_id").agg(any=pl.col("pickup").any()).select(
        "profile_id", name=pl.lit("collects"), value=value
    )  # fmt: skip


def seen(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return every value of a column that a profile has."""
    kept = rows.filter(pl.col(column).is_not_null() & pl.col("profile_id").is_not_null())
    return kept.select("profile_id", name=pl.lit(column), value=pl.col(column).cast(pl.String)).unique()


def rule_of(persona: Persona) -> Mapping[str, object]:
    """Return the rule for profiles: what client.toml says they behave like, else the rule for participants."""
    return persona.behaves or persona.rule


def unfit(persona: Persona, observed: pl.DataFrame) -> tuple[str | None, list[str]]:
    """Return why the rule of a persona cannot be applied to profiles (null where it can), and the keys at fault."""
    rule = rule_of(persona)
    if not rule:
        return "no_rule", []
    if observed.is_empty():
        return "no_profiles", []
    strange = [key for key, wanted in rule.items() if key in CLOSED and not texts(wanted) <= set(CLOSED[key])]
    if strange:
        return "unknown_value", sorted(strange)
    missing = sorted(set(rule) - set(observed["name"].unique()))
    return ("not_observed", missing) if missing else (None, [])


def texts(wanted: object) -> set[str]:
    """Return the values of a rule as texts, without case."""
    return {str(value).casefold() for value in as_tuple(wanted)}


def assign_profiles(observed: pl.DataFrame, personas: Sequence[Persona]) -> pl.DataFrame:
    """Return profile_id and persona: the first of which every part of the rule is met, as for participants.

    `observed` comes from observe_profiles. Profiles that meet no rule are not there. Sorted by profile.

    >>> from cjtools.settings import Persona
    >>> seen = pl.DataFrame({"profile_id": ["a", "b"], "name": ["buys", "buys"], "value": ["online", "both"]})
    >>> assign_profiles(seen, [Persona(id="web", name="Web", behaves={"buys": "online"})]).rows()
    [('a', 'web')]
    """
    parts = [pl.DataFrame(schema=ASSIGNED)]
    parts += [
        meeting(observed, rule_of(persona)).with_columns(persona=pl.lit(persona.id))
        for persona in personas
        if unfit(persona, observed)[0] is None
    ]
    return pl.concat(parts).unique("profile_id", keep="first", maintain_order=True).sort("profile_id")


def meeting(observed: pl.DataFrame, rule: Mapping[str, object]) -> pl.DataFrame:
    """Return the profiles (profile_id) that meet every part of a rule: of each name, one of the wanted values."""
    profiles = observed.select("profile_id").unique()
    for key, wanted in rule.items():
        fits = (pl.col("name") == key) & pl.col("value").str.to_lowercase().is_in(sorted(texts(wanted)))
        profiles = profiles.join(observed.filter(fits), on="profile_id", how="semi")
    return profiles.sort("profile_id")


def knowing(observed: pl.DataFrame, rule: Mapping[str, object]) -> int:
    """Return of how many profiles everything that a rule asks for is known."""
    profiles = observed.select("profile_id").unique()
    for key in rule:
        profiles = profiles.join(observed.filter(pl.col("name") == key), on="profile_id", how="semi")
    return profiles.height


def share_profiles(
    observed: pl.DataFrame, assigned: pl.DataFrame, *, personas: Sequence[Persona], everybody: int, minimum: int
) -> pl.DataFrame:
    """Return a row a persona: rule, n, of, profiles, value, low, high, reason, missing; see PersonaShare."""
    sizes = dict(assigned.group_by("persona").len().sort("persona").iter_rows())
    rows = []
    for place, persona in enumerate(personas):
        reason, missing = unfit(persona, observed)
        of = 0 if reason else knowing(observed, rule_of(persona))
        few = "too_few" if reason is None and of < minimum else reason
        n = sizes.get(persona.id, 0)
        rows.append((persona.id, place, sorted(rule_of(persona)), n, of, everybody, few, missing))
    schema: dict[str, pl.DataType | type[pl.DataType]]
    schema = {"persona": pl.String, "position": pl.Int64, "rule": pl.List(pl.String), "n": pl.Int64, "of": pl.Int64,
              "profiles": pl.Int64, "reason": pl.String, "missing": pl.List(pl.String)}  # fmt: skip
    counted = pl.DataFrame(rows, schema=schema, orient="row")
    return withheld(counted.with_columns(wilson(pl.col("n"), pl.col("of"))), minimum=minimum)
