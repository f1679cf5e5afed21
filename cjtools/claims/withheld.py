"""Claims as readers outside the team may see them: nothing of a few people, no names, no drafts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import polars as pl

from cjtools.claims.found import Basis, Claims
from cjtools.claims.measure import GROUP_OF, SPOKEN
from cjtools.claims.tables import MapClaim, MapClaimFamily, MapClaimLink


def withheld(found: Claims, basis: Basis) -> Claims:
    """Return the claims that readers outside the team may see: nothing of a group below the minimum, no names."""
    drafts = found.claims.filter(pl.col("status") == "draft")
    decided = found.claims.filter(pl.col("status") != "draft")
    few = [name for name in decided["claim_id"] if too_few(found, basis, name)]
    kept = decided.filter(~pl.col("claim_id").is_in(few))
    ids = kept["claim_id"].to_list()
    counts = {"draft": drafts.height, "withheld": len(few), **found.left_out}
    no_names = [pl.lit(None, dtype=pl.String).alias(name) for name in ("who", "note", "nearest")]
    links = without_few_links(found.claim_links.filter(pl.col("claim_id").is_in(ids)), found, basis)
    counted = {name: count_links(kept, links, name) for name in ("supports", "refutes", "qualifies")}
    kept, links = kept.with_columns(**counted), links.with_columns(no_names)
    return dataclasses.replace(
        found,
        claims=MapClaim.validate(kept.with_columns(enough(["people", "against"], found)), cast=True),
        claim_families=MapClaimFamily.validate(without_few(found, ids), cast=True),
        claim_links=MapClaimLink.validate(links, cast=True),
        statements={name: found.statements[name] for name in ids},
        left_out={name: number for name, number in counts.items() if number},
    )


def without_few_links(links: pl.DataFrame, found: Claims, basis: Basis) -> pl.DataFrame:
    """Return the links of claims without those to the words of a few people: each has a day, and there may be one."""
    persons = [str(basis.items.get(name, {}).get("person") or name) for name in links["evidence_id"]]
    group = pl.col("family").cast(pl.String).replace(GROUP_OF)
    known = links.with_columns(pl.Series("\0person", persons, dtype=pl.String), group.alias("\0group"))
    people = pl.col("\0person").n_unique().over("claim_id", "relation", "\0group")
    few = pl.col("\0group").is_in(SPOKEN) & (people < found.minimum_group)
    return known.filter(~few.fill_null(False)).drop("\0person", "\0group")


def count_links(claims: pl.DataFrame, links: pl.DataFrame, relation: str) -> pl.Series:
    """Return how many links of one relation each claim has to evidence that is there."""
    here = links.filter(pl.col("relation").cast(pl.String) == relation, pl.col("found").cast(pl.String) == "here")
    counts = dict(here.group_by("claim_id").len().sort("claim_id").iter_rows())
    return pl.Series(relation, [counts.get(name, 0) for name in claims["claim_id"]], dtype=pl.Int64)


def without_few(found: Claims, ids: Sequence[str]) -> pl.DataFrame:
    """Return what the families say of some claims, without counts of a few people; items of behaviour are no people."""
    rows = found.claim_families.filter(pl.col("claim_id").is_in(ids))
    counts = ["for_it", "against", "qualifying"]
    spoken = pl.col("family").is_in(SPOKEN)
    masked = [
        pl.when(spoken).then(few).otherwise(pl.col(name)).alias(name)
        for name, few in zip(counts, enough(counts, found), strict=True)
    ]
    return rows.with_columns(masked)


def enough(columns: Sequence[str], found: Claims) -> list[pl.Expr]:
    """Return counts of people, null where there are some but fewer than the minimum group."""
    return [
        pl.when((pl.col(name) == 0) | (pl.col(name) >= found.minimum_group)).then(pl.col(name)).alias(name)
        for name in columns
    ]


def too_few(found: Claims, basis: Basis, claim_id: str) -> bool:
    """Say whether a claim rests on words of people, and on fewer than the minimum group."""
    links = found.claim_links.filter(
        (pl.col("claim_id") == claim_id) & (pl.col("relation") == "supports") & (pl.col("found") == "here")
    )
    people = {basis.items[name]["person"] for name in links["evidence_id"]} - {None}
    return 0 < len(people) < found.minimum_group
