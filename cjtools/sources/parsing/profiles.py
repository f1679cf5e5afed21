"""Whose act it was: ids of a source as profiles, by the keys that client.toml names and by nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, cut, nearest
from cjtools.privacy import pseudonyms
from cjtools.settings import SourceSection
from cjtools.sources.reader import empty, said_in
from cjtools.tables import Identity


def key_faults(section: SourceSection, ids: Collection[str]) -> Iterator[Fault]:
    """Yield the keys of a source that are none of its ids: a key with another name would join nothing, in silence."""
    for name in section.keys:
        if name not in ids:
            known = nearest(name, ids) if ids else "this format has no ids that join"
            yield Fault(said_in(section, f"keys.{name}"), f"{cut(name)} is no id of this source", known)


def namespace(section: SourceSection, id_name: str) -> str:
    """Return the name under which an id may meet the same id of other sources: its key, else the source's own name."""
    return section.keys.get(id_name, section.id)


def named_profiles(ids: pl.Expr, space: str) -> pl.Expr:
    """Return ids as profiles; a missing id has none."""
    return pl.concat_str(pl.lit(f"{space}:"), ids)


def identities(
    profiles: pl.Series,
    *,
    id_type: str,
    rule: str,
    section: SourceSection,
    client: Client,
    ids: pl.Series | None = None,
) -> pl.DataFrame:
    """Return one row a distinct profile and id, the id as a keyed hash.

    Without `ids` the id is what stands behind the profile's namespace.
    """
    values = profiles.str.splitn(":", 2).struct[1] if ids is None else ids
    pairs = pl.DataFrame({"profile_id": profiles, "id": values}).drop_nulls().unique().sort("profile_id", "id")
    if pairs.is_empty():
        return empty(Identity)
    salt = client.client.id
    return pairs.select(
        "profile_id",
        id_type=pl.lit(id_type),
        id_value=pl.Series(pseudonyms(pairs["id"], salt=salt), dtype=pl.String),
        source_id=pl.lit(section.id),
        rule=pl.lit(rule),
    )


def join_pseudo_ids(
    events: pl.DataFrame, *, section: SourceSection, client: Client
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the events with their `profile_id`, and the identities that say why.

    Works on `user_id` and `pseudo_id` of one source. An event with a user id is that user's. A pseudo id that met
    exactly one user id is that user's in all its events; one that met two (a shared device) keeps its other events.
    """
    pairs = events.select("pseudo_id", "user_id").unique()
    met = pairs.drop_nulls().group_by("pseudo_id").agg(met=pl.len(), only=pl.col("user_id").first())
    told = pairs.join(met, on="pseudo_id", how="left").with_columns(profile_of(section))
    one = met.filter(pl.col("met") == 1)
    ids = events.select("pseudo_id", "user_id")  # a join of all columns would copy them all
    joined = (
        ids.join(one, on="pseudo_id", how="left", maintain_order="left")
        if one.height
        else ids.with_columns(met=pl.lit(None, pl.UInt32), only=pl.lit(None, pl.String))
    )
    profiled = events.with_columns(joined.select(profile_of(section)).to_series())
    return profiled, pair_identities(told, section=section, client=client)


def profile_of(section: SourceSection) -> pl.Expr:
    """Return whose an event is: of its user, of the only user that its pseudo id has met, of the pseudo id itself."""
    user = pl.coalesce("user_id", pl.when(pl.col("met") == 1).then("only"))
    space = pl.when(user.is_not_null()).then(pl.lit(namespace(section, "user_id"))).otherwise(pl.lit(section.id))
    return pl.concat_str(space, pl.lit(":"), pl.coalesce(user, "pseudo_id")).alias("profile_id")


def pair_identities(pairs: pl.DataFrame, *, section: SourceSection, client: Client) -> pl.DataFrame:
    """Return the identities of pairs of a pseudo id and a user id, with the rule that says whose each is."""
    rule = (
        pl.when(pl.col("met") == 1)
        .then(pl.lit("met one user_id"))
        .when(pl.col("met") > 1)
        .then(pl.lit("met several user_ids"))
        .otherwise(pl.lit("own"))
    )
    users = pairs.filter(pl.col("user_id").is_not_null())
    rows = [identities(users["profile_id"], id_type="user_id", rule="own", section=section, client=client)]
    several = pl.col("met").fill_null(0) > 1  # a device of several users is theirs only where they name themselves
    pseudo = pairs.filter(pl.col("pseudo_id").is_not_null() & (pl.col("user_id").is_null() | ~several))
    for (name,), some in pseudo.group_by(rule, maintain_order=True):
        rows.append(
            identities(
                some["profile_id"],
                id_type="user_pseudo_id",
                rule=str(name),
                section=section,
                client=client,
                ids=some["pseudo_id"],
            )
        )
    return pl.concat(rows).sort(Identity.column_names())
