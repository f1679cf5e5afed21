"""What the evidence says of each persona, as tables: shares, channels, traits, touchpoints, figures side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cjtools.client import Client, in_language
from cjtools.lanes.labels import Labels
from cjtools.personas.on_map import compare_buying, compare_channels, count_by, touchpoints_of
from cjtools.personas.profiles import assign_profiles, observe_profiles, share_profiles
from cjtools.personas.side_by_side import compare_experience, count_figures, place_beside
from cjtools.personas.tables import PERSONA_TABLES, PersonaFact
from cjtools.tables import Tables, shape_of
from cjtools.words import Words


@dataclass(frozen=True)
class People:
    """The personas as measured, a table each (personas/tables.py declares them).

    `profiles` were seen in all, `assigned` of them meet the rule of a persona. `facts` are what persona_card draws.
    """

    profiles: int
    assigned: int
    shares: pl.DataFrame
    channels: pl.DataFrame
    buys: pl.DataFrame
    traits: pl.DataFrame
    touchpoints: pl.DataFrame
    figures: pl.DataFrame
    facts: pl.DataFrame


def no_people() -> People:
    """Return the personas of nobody.

    >>> no_people().profiles
    0
    """
    tables = {name: table.create_empty() for name, table in PERSONA_TABLES.items()}
    return People(profiles=0, assigned=0, facts=PersonaFact.create_empty(), **tables)


def measure_people(
    tables: Tables,
    touches: pl.DataFrame,
    evidence: pl.DataFrame,
    claims: pl.DataFrame,
    *,
    client: Client,
    labels: Labels,
    words: Words,
) -> People:
    """Return the personas of a wave as measured.

    `tables`, `touches` and `evidence` as evidence.Findings holds them; `claims` as claims.MapClaim, those that the
    reader of the map may see.
    """
    minimum, personas = client.privacy.minimum_group, client.personas
    observed = observe_profiles(tables, touches)
    assigned = assign_profiles(observed, personas)
    everybody = known_profiles(tables, touches).height
    said = evidence.filter(pl.col("family") == "interview")
    seen = touches.join(assigned, on="profile_id", how="inner", maintain_order="left")
    shares = share_profiles(observed, assigned, personas=personas, everybody=everybody, minimum=minimum)
    channel_of = {row.id: row.channel for row in client.touchpoints if row.channel}
    channels = compare_channels(personas, said, seen, names=channel_of, minimum=minimum)
    found = {
        "shares": with_participants(shares, said, labels=labels),
        "channels": channels.with_columns(label=channel_labels(channels, words=words)),
        "buys": compare_buying(personas, observed, assigned, minimum=minimum),
        "traits": traits_of(claims, labels=labels),
        "touchpoints": all_touchpoints(client, said, seen, minimum=minimum),
        "figures": compare_all(tables, touches, assigned, said, client=client),
    }
    checked = {
        name: table.validate(found[name].select(table.column_names()), cast=True)
        for name, table in PERSONA_TABLES.items()
    }
    facts = list_facts(checked, labels=labels, who=client_who(client, words=words), words=words)
    return People(profiles=everybody, assigned=assigned.height, facts=facts, **checked)


def known_profiles(tables: Tables, touches: pl.DataFrame) -> pl.DataFrame:
    """Return every profile (profile_id) that anything is known of in the wave."""
    frames = (touches, tables.orders, tables.profiles)
    return pl.concat([frame.select("profile_id") for frame in frames]).drop_nulls().unique().sort("profile_id")


def with_participants(shares: pl.DataFrame, said: pl.DataFrame, *, labels: Labels) -> pl.DataFrame:
    """Return shares with name, participants of the persona and of all."""
    heard = said.filter(pl.col("persona").is_not_null()).group_by("persona").agg(people=pl.col("person").n_unique())
    return shares.join(heard, on="persona", how="left", maintain_order="left").with_columns(
        name=pl.col("persona").replace_strict(labels.personas, return_dtype=pl.String),
        participants=pl.col("people").fill_null(0),
        all_participants=pl.lit(said["person"].n_unique(), pl.Int64),
    )


def channel_labels(channels: pl.DataFrame, *, words: Words) -> pl.Series:
    """Return what each channel is called: the kit's word, else its own name."""
    names = channels["channel"].to_list()
    known = [words[f"channel_{name}"] if words.has("words", f"channel_{name}") else name for name in names]
    return pl.Series("label", known, dtype=pl.String)


def traits_of(claims: pl.DataFrame, *, labels: Labels) -> pl.DataFrame:
    """Return the claims on single personas as their traits, in the order of the map."""
    own = claims.filter(pl.col("persona").is_in(list(labels.personas)[1:]))
    place = {name: number for number, name in enumerate(labels.personas)}
    order = pl.col("persona").replace_strict(place, default=None, return_dtype=pl.Int64)
    return own.sort(order, "position", "claim_id")


def all_touchpoints(client: Client, said: pl.DataFrame, seen: pl.DataFrame, *, minimum: int) -> pl.DataFrame:
    """Return which touchpoints are on the map of each persona."""
    told, met = count_by(said, "touchpoint", "person"), count_by(seen, "touchpoint", "profile_id")
    parts = [
        touchpoints_of(
            persona,
            client.touchpoints,
            told={name: n for (who, name), n in told.items() if who == persona.id},
            seen={name: n for (who, name), n in met.items() if who == persona.id},
            minimum=minimum,
        )
        for persona in client.personas
    ]
    return pl.concat(parts) if parts else PERSONA_TABLES["touchpoints"].create_empty()


def compare_all(
    tables: Tables, touches: pl.DataFrame, assigned: pl.DataFrame, said: pl.DataFrame, *, client: Client
) -> pl.DataFrame:
    """Return every figure of the personas side by side."""
    minimum = client.privacy.minimum_group
    measured = [row.id for row in client.personas if assigned.filter(pl.col("persona") == row.id).height]
    counts = {
        name: count_figures(tables, touches, assigned.filter(pl.col("persona") == name), client=client)
        for name in measured
    }
    rest = {
        name: count_figures(tables, touches, assigned.filter(pl.col("persona") != name), client=client)
        for name in measured
    }
    place = {row.id: number for number, row in enumerate(client.personas)}
    position = pl.col("persona").replace_strict(place, return_dtype=pl.Int64)
    shares = place_beside(counts, rest, minimum=minimum).with_columns(position=position)
    scores = compare_experience(said, personas=list(place), stages=[row.id for row in client.journey], minimum=minimum)
    names = PERSONA_TABLES["figures"].column_names()
    order = ["reach", "went_on", "pattern", "experience"]
    both = pl.concat([shares.select(names), scores.select(names)], how="vertical_relaxed")
    return both.sort(pl.col("measure").cast(pl.Enum(order)), "place", "name", "position")


def client_who(client: Client, *, words: Words) -> dict[str, str]:
    """Return who each persona is, in the language of the map."""
    return {row.id: in_language(row.who, words.language, client.client.language) for row in client.personas}


def list_facts(
    tables: Mapping[str, pl.DataFrame], *, labels: Labels, who: Mapping[str, str], words: Words
) -> pl.DataFrame:
    """Return the facts of the persona cards (rows as PersonaFact).

    A channel has a fact for what was told and one for what was seen: reported and observed are never added up. Traits
    of too few people for this reader are none.
    """
    rows = []
    for share in tables["shares"].to_dicts():
        name = {"persona": share["persona"], "position": share["position"], "name": share["name"]}
        people = {"n": share["participants"], "of": share["all_participants"]}
        rows.append({**name, **people, "kind": "who", "rank": 0, "label": who.get(share["persona"], "")})
        if share["value"] is not None:
            figures = {key: share[key] for key in ("n", "of", "value", "low", "high")}
            rows.append({**name, **figures, "kind": "share", "rank": 0, "label": ""})
        own = pl.col("persona") == share["persona"]
        facts = [fact for row in tables["channels"].filter(own).to_dicts() for fact in channel_facts(row, words=words)]
        rows += [{**name, **fact, "kind": "channel", "rank": rank} for rank, fact in enumerate(facts)]
        told = tables["traits"].filter(own & pl.col("people").is_not_null()).to_dicts()
        rows += [
            {**name, "kind": "trait", "rank": rank, "label": row["statement"], "n": row["people"],
             "of": row["asked"], "tier": row["tier"]}
            for rank, row in enumerate(told)
        ]  # fmt: skip
    return PersonaFact.validate(pl.DataFrame(rows, schema=shape_of(PersonaFact)))


def channel_facts(row: Mapping[str, object], *, words: Words) -> list[dict[str, object]]:
    """Return the facts of a channel: what participants told of it, and what was seen of profiles."""
    told = {"label": row["label"], "n": row["told"], "of": row["told_of"], "declared": row["declared"]}
    label = words.of("personas", "channel_seen").format(channel=row["label"])
    seen = {"label": label, "n": row["n"], "of": row["of"], "declared": row["declared"]}
    spoken = bool(row["told"]) or (bool(row["declared"]) and not row["n"])
    return ([told] if spoken else []) + ([seen] if row["value"] is not None and row["n"] else [])
