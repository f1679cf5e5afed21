"""The claims of a map, measured on its evidence and written out for its reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from cjtools.claims.cells import cells_of
from cjtools.claims.check import opportunity_faults
from cjtools.claims.draft import words_of_draft
from cjtools.claims.files import CLAIMS, load_claims, load_links
from cjtools.claims.found import Basis, Claims
from cjtools.claims.measure import (
    Family,
    Row,
    asked_at,
    days_of,
    is_stale,
    match_links,
    people_of,
    tier_of,
    triangulate,
)
from cjtools.claims.references import Ground, Piece, Said, resolve, text_of
from cjtools.claims.tables import MapClaim, MapClaimFamily
from cjtools.claims.withheld import withheld
from cjtools.client import Client
from cjtools.errors import Fault, ReportError, raise_if_any
from cjtools.lanes.labels import Labels, label_client
from cjtools.lanes.statements import LANE_OF_TYPE
from cjtools.map_tables import ALL
from cjtools.settings import LANGUAGES
from cjtools.sources.reader import place
from cjtools.tables import shape_of
from cjtools.words import load_words

if TYPE_CHECKING:
    from cjtools.journey_map import JourneyMap


def claims_of(journey: JourneyMap, client: Client, *, as_of: dt.date | None = None) -> Claims:
    """Return the claims of a map for its reader, in the order of the map.

    Freshness is counted to `as_of`, else to the end of the wave: never to a clock. The team sees what is not dropped;
    others only what a person accepted or edited, and what rests on as many people as the minimum group, or on none.
    Raises SourceError with every fault of the two files, ReportError with every number, quote and n of a statement, in
    whatever language, that differs from what it refers to, and with every opportunity that rests on no claim.
    """
    wave = client.wave_named(journey.header.wave)
    claims = load_claims(client)
    days = days_of(journey.evidence, journey.sources, wave)
    links = match_links(load_links(client, claims), journey.evidence, days=days, wave=wave)
    basis = basis_of(journey, client, as_of=as_of or wave.to)
    told = claims.filter(pl.col("status") != "dropped")
    measured, families = measure_all(told.to_dicts(), links, basis)
    # Without any claim nothing is stated: then only `cjtools check` says what an opportunity lacks.
    resting = list(opportunity_faults(client, claims)) if claims.height else []
    statements = written_out(told.to_dicts(), measured, journey=journey, client=client, faults=resting)
    said = [
        {**row, "statement": text_of(statements[row["claim_id"]][1]), "language": statements[row["claim_id"]][0]}
        for row in measured
    ]
    found = Claims(
        words=journey.words,
        audience=journey.header.audience,
        minimum_group=journey.header.minimum_group,
        as_of=basis.as_of,
        review_days=basis.review_days,
        labels=label_client(client, words=journey.words),
        claims=MapClaim.validate(placed(pl.DataFrame(said, schema=shape_of(MapClaim)), client), cast=True),
        claim_families=MapClaimFamily.validate(pl.DataFrame(families, schema=shape_of(MapClaimFamily)), cast=True),
        claim_links=links.join(told.select(claim_id="id"), on="claim_id", how="semi", maintain_order="left"),
        statements={name: pieces for name, (_, pieces) in statements.items()},
        left_out={"dropped": claims.height - told.height} if claims.height > told.height else {},
    )
    return found if found.audience == "team" else withheld(found, basis)


def measure_all(
    claims: Sequence[Row], links: pl.DataFrame, basis: Basis
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of claims in MapClaim, but for their statements, and in MapClaimFamily."""
    by_claim = {name: rows.to_dicts() for (name,), rows in links.group_by("claim_id", maintain_order=True)}
    both = [measure(claim, by_claim.get(claim["id"], []), basis) for claim in claims]
    return [row for row, _ in both], [row for _, families in both for row in families]


def basis_of(journey: JourneyMap, client: Client, *, as_of: dt.date) -> Basis:
    """Return what claims are measured on."""
    states = {(row["stage"], row["family"]): row["state"] for row in journey.coverage.iter_rows(named=True)}
    tickets = journey.evidence.filter(pl.col("family") == "support")
    states |= {(stage, "support"): "evidence" for stage in tickets["stage"].drop_nulls().unique()}
    return Basis(
        items={row["evidence_id"]: row for row in journey.evidence.iter_rows(named=True)},
        asked=asked_at(journey.evidence),
        states=states,
        verdicts={row["touchpoint"]: row for row in journey.verdicts.iter_rows(named=True)},
        as_of=as_of,
        review=client.client.review_due,
        review_days=client.claims.review_days,
    )


def measure(claim: Row, links: Sequence[Row], basis: Basis) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the row of a claim in MapClaim, but for its statement, and its rows in MapClaimFamily."""
    here = [{**basis.items[row["evidence_id"]], **row} for row in links if row["found"] == "here"]
    families = triangulate(claim, here, states=basis.states, verdict=basis.verdicts.get(claim["touchpoint"] or ""))
    tier = tier_of(families, claim["tier"])
    who = {name: people_of(here, name, persona=claim["persona"]) for name in ("supports", "refutes", "qualifies")}
    asked = basis.asked.get((claim["stage"], claim["persona"]), set()).union(*who.values())
    row = {
        **{name: claim[name] for name in ("stage", "persona", "touchpoint", "lane", "type", "status", "review")},
        "claim_id": claim["id"],
        "people": len(who["supports"]),
        "asked": len(asked),
        "against": len(who["refutes"]),
        **{name: sum(item["relation"] == name for item in here) for name in who},
        "machine": sum(item["method"] == "model" for item in here),
        **{name: sum(link["found"] == name for link in links) for name in ("gone", "elsewhere")},
        "tier": tier.name,
        "reason": tier.reason,
        "families": list(tier.families),
        "written": claim["tier"],
        **freshness(links, claim["review"] or basis.review, basis),
    }
    return row, [
        {"claim_id": claim["id"], "family": family.name, "position": position, **counts_of(family)}
        for position, family in enumerate(families)
    ]


def counts_of(family: Family) -> dict[str, Any]:
    """Return what a family says as its row of MapClaimFamily has it."""
    return {name: getattr(family, name) for name in ("state", "basis", "for_it", "against", "qualifying")}


def freshness(links: Sequence[Row], review: dt.date | None, basis: Basis) -> dict[str, Any]:
    """Return the day of the last evidence that is not gone, how many days ago that was, and if those are too many."""
    last = max((row["dated"] for row in links if row["found"] != "gone" and row["dated"]), default=None)
    days = None if last is None else (basis.as_of - last).days
    stale = is_stale(days, as_of=basis.as_of, review=review, review_days=basis.review_days)
    return {"last_on": last, "days": days, "stale": stale}


def placed(frame: pl.DataFrame, client: Client) -> pl.DataFrame:
    """Return claims in the order of the map: stage, persona, lane, most people first; `position` counts them."""
    orders = {
        "stage": [stage.id for stage in client.journey],
        "persona": [ALL, *(persona.id for persona in client.personas)],
        "lane": list(dict.fromkeys(LANE_OF_TYPE.values())),
    }
    at = [
        pl.col(name).replace_strict({each: place for place, each in enumerate(order)}, return_dtype=pl.Int64)
        for name, order in orders.items()
    ]
    ranked = frame.sort(*at, -pl.col("people").cast(pl.Int64), "claim_id")
    return ranked.with_columns(position=pl.int_range(pl.len()).cast(pl.Int64)).select(frame.columns)


def written_out(
    told: Sequence[Row], measured: Sequence[Row], *, journey: JourneyMap, client: Client, faults: Sequence[Fault]
) -> dict[str, tuple[str, tuple[Piece, ...]]]:
    """Return, by claim, the language of its statement on this map and its pieces; all its languages are checked.

    A draft that nobody reworded is said in the language of the map. Raises ReportError with `faults` and those found.
    """
    grounds = grounds_of(journey)
    labels = {language: label_client(client, words=ground.words) for language, ground in grounds.items()}
    wrong_in_all = [*faults]
    chosen = {}
    for claim, row in zip(told, measured, strict=True):
        done = {}
        for language, column, text in statements_in(claim, client, labels):
            where = place(CLAIMS, claim["line"], column)
            people = (row["people"], row["asked"])
            done[language], wrong = resolve(text, where=where, people=people, ground=grounds[language])
            wrong_in_all += wrong
        wanted = (journey.words.language, client.client.language, *sorted(done))
        language = next(name for name in wanted if name in done)
        chosen[claim["id"]] = (language, done[language])
    raise_if_any(ReportError, "the report", wrong_in_all)
    return chosen


def statements_in(claim: Row, client: Client, labels: Mapping[str, Labels]) -> list[tuple[str, str, str]]:
    """Return language, column and text of each statement of a claim."""
    own = client.client.language
    texts = {language: (f"statement_{language}", claim[f"statement_{language}"]) for language in LANGUAGES}
    if claim["statement"]:
        texts[own] = ("statement", claim["statement"])
    drafts = {
        language: ("statement", words_of_draft(claim, client, labels[language], load_words(language)))
        for language in (LANGUAGES if claim["key"] else ())
    }
    if drafts and claim["statement"] == drafts[own][1]:
        texts = {language: texts[language] if texts[language][1] else drafts[language] for language in LANGUAGES}
    return [(language, column, text) for language, (column, text) in texts.items() if text]


def grounds_of(journey: JourneyMap) -> dict[str, Ground]:
    """Return what statements are resolved on, by language."""
    cells = cells_of(journey)
    spoken = journey.evidence.filter(pl.col("text").is_not_null())
    said = {
        name: Said(text, language, verbatim)
        for name, text, language, verbatim in spoken.select("evidence_id", "text", "language", "verbatim").iter_rows()
    }
    shown = frozenset(journey.quotes["evidence_id"])
    words = {language: load_words(language) for language in LANGUAGES}
    return {
        language: Ground(
            cells,
            said,
            shown,
            of,
            withheld=of.of("claims", "withheld"),
            hidden=of.of("claims", "quote_hidden"),
            nobody=of.of("claims", "nobody_asked"),
            minimum=0 if journey.header.audience == "team" else journey.header.minimum_group,
        )
        for language, of in words.items()
    }
