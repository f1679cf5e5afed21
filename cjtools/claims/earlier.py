"""The claims of today measured on the evidence of an earlier wave, to be held against this one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl

from cjtools.claims.draft import grown, typed_evidence, verified
from cjtools.claims.files import load_claims, load_links
from cjtools.claims.found import Claims
from cjtools.claims.measure import days_of, match_links
from cjtools.claims.tables import MapClaim, MapClaimFamily
from cjtools.claims.take import basis_of, measure_all, placed
from cjtools.claims.withheld import withheld
from cjtools.client import Client
from cjtools.tables import shape_of

if TYPE_CHECKING:
    from cjtools.evidence import Findings
    from cjtools.journey_map import JourneyMap


def claims_before(before: JourneyMap, found: Findings, now: JourneyMap, client: Client) -> Claims:
    """Return the claims of the map `now` as the wave of `before` would have had them; `found` is that wave's evidence.

    Their links to that wave count, and the evidence of their keys, as if they had been drafted on it too; their
    statements are those of `now`, and are not checked against the earlier numbers. `found` as gather_evidence gives it.
    """
    assert now.claims is not None
    wave, current = client.wave_named(before.header.wave), client.wave_named(now.header.wave)
    claims = load_claims(client)
    days = days_of(before.evidence, before.sources, wave)
    links = verified(load_links(client, claims), days_of(now.evidence, now.sources, current) | days)
    spoken = typed_evidence(before.evidence, found.tables.codings)
    every = pl.concat([links, grown(claims, spoken, links, wave=wave)])
    matched = match_links(every, before.evidence, days=days, wave=wave)
    basis = basis_of(before, client, as_of=wave.to)
    said = dict(now.claims.claims.select("claim_id", pl.struct("statement", "language")).iter_rows())
    told = claims.filter(pl.col("id").is_in(list(said)))
    measured, families = measure_all(told.to_dicts(), matched, basis)
    rows = [{**row, **said[row["claim_id"]]} for row in measured]
    earlier = dataclasses.replace(
        now.claims,
        as_of=wave.to,
        claims=MapClaim.validate(placed(pl.DataFrame(rows, schema=shape_of(MapClaim)), client), cast=True),
        claim_families=MapClaimFamily.validate(pl.DataFrame(families, schema=shape_of(MapClaimFamily)), cast=True),
        claim_links=matched.filter(pl.col("claim_id").is_in(list(said))),
        unlinked=frozenset(told.filter(pl.col("key").is_null())["id"]) - frozenset(here(matched)),
    )
    return earlier if earlier.audience == "team" else withheld(earlier, basis)


def here(links: pl.DataFrame) -> pl.Series:
    """Return the claims with a link to evidence of the wave."""
    return links.filter(pl.col("found") == "here")["claim_id"].unique().sort()
