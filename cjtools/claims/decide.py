"""What a person does with claims: accept, edit or drop them, link evidence to them and take links back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from cjtools.claims.draft import Drafted, draft_claims, named, verified
from cjtools.claims.files import CLAIMS, load_claims, load_links
from cjtools.claims.measure import days_of, match_links
from cjtools.claims.saving import save_claims, save_links
from cjtools.claims.tables import RELATIONS, TIERS, UNDONE, Claim, Link
from cjtools.client import Client
from cjtools.errors import Fault, ParameterError, cut, nearest, raise_if_any
from cjtools.evidence import Findings
from cjtools.settings import LANGUAGES, Wave
from cjtools.tables import shape_of


def accept(client: Client, *claims: str) -> pl.DataFrame:
    """Mark claims as accepted, as they are worded, and return claims.csv as it is now; a dropped one comes back so.

    Raises ParameterError for an id that is not there.
    """
    return changed(client, {claim: {"status": "accepted"} for claim in claims})


def drop(client: Client, *claims: str) -> pl.DataFrame:
    """Mark claims as dropped and return claims.csv as it is now.

    They stay in the file, so that no draft brings them back. Raises ParameterError for an id that is not there.
    """
    return changed(client, {claim: {"status": "dropped"} for claim in claims})


def edit(
    client: Client,
    claim: str,
    *,
    statement: str | Mapping[str, str] | None = None,
    tier: str | None = None,
    review: dt.date | None = None,
) -> pl.DataFrame:
    """Reword a claim, or set its tier or the day of its review, and return claims.csv as it is now; its id stays.

    `statement` in the client's own language, or by language: those that are not given are taken away, for they say what
    the claim said before. An empty `tier` leaves it to the evidence again. Raises ParameterError for a claim, a
    language or a tier that does not exist.
    """
    values: dict[str, object] = {"status": "edited"}
    faults = []
    if tier is not None:
        values["tier"] = tier or None
        if tier and tier not in TIERS:
            faults.append(Fault("tier", f"{cut(tier)} is no tier", nearest(tier, TIERS)))
    if review is not None:
        values["review"] = review
    if statement is not None:
        own = client.client.language
        said: dict[str, str] = {own: statement} if isinstance(statement, str) else dict(statement)
        faults += [
            Fault("statement", f"{cut(language)} is no language of the kit", nearest(language, LANGUAGES))
            for language in said
            if language not in LANGUAGES
        ]
        if not said.get(own, "").strip():
            faults.append(Fault("statement", "nothing", f"a statement in {own}"))
        values |= {f"statement_{language}": one_line(said.get(language)) for language in LANGUAGES}
        values |= {"statement": values[f"statement_{own}"], f"statement_{own}": None}
    raise_if_any(ParameterError, "the claim", faults)
    return changed(client, {claim: values})


def one_line(text: str | None) -> str | None:
    """Return a statement on one line, or nothing when there is none."""
    return " ".join((text or "").split()) or None


def changed(client: Client, values: Mapping[str, Mapping[str, object]]) -> pl.DataFrame:
    """Write the given values into claims.csv, by claim and column, and return its rows."""
    claims = load_claims(client)
    known(claims, values)
    rows = [{**row, **values.get(row["id"], {})} for row in claims.to_dicts()]
    after = Claim.validate(pl.DataFrame(rows, schema=shape_of(Claim)), cast=True)
    save_claims(client, after)
    return load_claims(client)


def known(claims: pl.DataFrame, ids: Iterable[str]) -> None:
    """Raise ParameterError for each id that is none of a claim."""
    there = claims["id"].to_list()
    faults = [
        Fault("claim", f"no claim is called {cut(name)}", nearest(name, there)) for name in ids if name not in there
    ]
    raise_if_any(ParameterError, CLAIMS, faults)


def link(
    client: Client,
    claim: str,
    *items: str,
    findings: Findings,
    who: str,
    when: dt.date | None = None,
    relation: str = "supports",
    note: str = "",
    wave: Wave | None = None,
) -> pl.DataFrame:
    """Say that items of evidence support, refute or qualify a claim, and return links.csv as it is now.

    `findings` (from gather_evidence) hold the evidence. An item that is linked already changes its relation; what was
    said before stays in the file. Raises ParameterError for a claim, a relation or an item that does not exist.
    """
    claims = load_claims(client)
    known(claims, [claim])
    days = days_of(findings.evidence, findings.tables.sources, wave or client.wave)
    faults = [
        Fault("evidence", f"no evidence is called {cut(item)}", nearest_of(item, days))
        for item in items
        if item not in days
    ]
    if relation not in RELATIONS:
        faults.append(Fault("relation", f"{cut(relation)} is no relation", nearest(relation, RELATIONS)))
    raise_if_any(ParameterError, "the link", faults)
    rows = [
        {"claim": claim, "evidence": item, "relation": relation, "who": who, "when": when, "note": note or None,
         "dated": days[item]}
        for item in items
    ]  # fmt: skip
    return added(client, rows, claims)


def unlink(
    client: Client, claim: str, *items: str, who: str, when: dt.date | None = None, note: str = ""
) -> pl.DataFrame:
    """Take links back and return links.csv as it is now; the kit does not draft them again.

    Raises ParameterError for a claim that does not exist, or an item that is not linked to it.
    """
    claims = load_claims(client)
    known(claims, [claim])
    linked = load_links(client, claims).filter(pl.col("claim") == claim)["evidence"].to_list()
    faults = [
        Fault("evidence", f"{cut(item)} is not linked to {claim}", nearest(item, linked))
        for item in items
        if item not in linked
    ]
    raise_if_any(ParameterError, "the link", faults)
    rows = [
        {"claim": claim, "evidence": item, "relation": UNDONE, "who": who, "when": when, "note": note or None}
        for item in items
    ]
    return added(client, rows, claims)


def nearest_of(item: str, items: Iterable[str]) -> str:
    """Return the nearest item, or how ids look where none is near."""
    close = nearest(item, items)
    return close if close.startswith("did") else "an evidence_id of the table of evidence"


def added(client: Client, rows: Sequence[Mapping[str, object]], claims: pl.DataFrame) -> pl.DataFrame:
    """Write rows below those of links.csv and return all."""
    more = Link.validate(pl.DataFrame(list(rows), schema=shape_of(Link)), cast=True)
    save_links(client, pl.concat([load_links(client, claims), more]))
    return load_links(client, claims)


def draft(client: Client, findings: Findings, *, wave: Wave | None = None, top: int = 3, least: int = 2) -> Drafted:
    """Draft claims from the evidence (see draft_claims) into claims.csv and links.csv, and return what they hold now.

    Rows that people wrote without an id get one; links that they wrote get the day of their evidence. Raises
    SourceError with every fault of the two files; then nothing is written.
    """
    period = wave or client.wave
    before = load_claims(client, unnamed=True)
    claims = named(before)
    links = load_links(client, claims)
    days = days_of(findings.evidence, findings.tables.sources, period)
    match_links(links, findings.evidence, days=days, wave=period)
    drafted = draft_claims(
        findings.evidence,
        client=client,
        codings=findings.tables.codings,
        claims=claims,
        links=verified(links, days),
        top=top,
        least=least,
        wave=period,
    )
    save_claims(client, drafted.claims)
    save_links(client, drafted.links)
    return drafted
