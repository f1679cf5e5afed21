"""Claims as readers outside the team may see them: nothing of a few people, no names, no drafts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import polars as pl

from cjtools.claims.found import Basis, Claims
from cjtools.claims.measure import SPOKEN
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
    links = found.claim_links.filter(pl.col("claim_id").is_in(ids)).with_columns(no_names)
    return dataclasses.replace(
        found,
        claims=MapClaim.validate(kept.with_columns(enough(["people", "against"], found)), cast=True),
        claim_families=MapClaimFamily.validate(without_few(found, ids), cast=True),
        claim_links=MapClaimLink.validate(links, cast=True),
        statements={name: found.statements[name] for name in ids},
        left_out={name: number for name, number in counts.items() if number},
    )


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
