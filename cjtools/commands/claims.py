"""The claims of a client: drafted from the evidence, and listed with how many people, how sure, how fresh."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cjtools as cj
from cjtools.client import load_client
from cjtools.commands.text import Column, table, wrapped

if TYPE_CHECKING:
    from cjtools.claims import Claims


def draft_for(folder: str | Path, *, wave: str, top: int, least: int) -> str:
    """Draft claims from the evidence of a wave into claims.csv and links.csv, and return what was added."""
    client = load_client(folder)
    period = client.wave_named(wave)
    findings = cj.gather_evidence(cj.read_sources(client), client=client, wave=period)
    done = cj.claims.draft(client, findings, wave=period, top=top, least=least)
    lines = [
        f"{(client.folder / 'claims.csv').as_posix()}: {done.new_claims} new drafts, {done.claims.height} in all",
        f"{(client.folder / 'links.csv').as_posix()}: {done.new_links} new links, {done.links.height} rows in all",
        "Accept, edit or drop them in the column 'status'; a dropped draft does not come back.",
    ]
    return "\n".join(lines)


def list_claims(folder: str | Path, *, wave: str, language: str) -> str:
    """Return the claims as the team sees them, and the evidence that is no longer there."""
    client = load_client(folder)
    journey = cj.map_journey(client, wave=wave, language=language, audience="team")
    return "\n".join(listed(cj.claims.claims_of(journey, client)))


def listed(found: Claims) -> list[str]:
    """Return claims as lines."""
    of = found.words.of
    numbers = [Column("people", right=True), Column("days", right=True)]
    columns = [Column("claim"), Column("status"), Column("tier"), *numbers, Column("statement", least=24)]
    rows = [
        (
            row["claim_id"],
            of("claims", f"status_{row['status']}"),
            of("claims", f"tier_{row['tier']}"),
            f"{row['people']}/{row['asked']}",
            "–" if row["days"] is None else f"{row['days']}{'!' if row['stale'] else ''}",
            row["statement"],
        )
        for row in found.claims.iter_rows(named=True)
    ]
    gone = [row for row in found.claim_links.iter_rows(named=True) if row["found"] == "gone"]
    lost = [
        line
        for row in gone
        for line in wrapped(
            f"{row['claim_id']}: {row['evidence_id']}" + (f", nearest {row['nearest']}" if row["nearest"] else ""),
            first="  ",
            more="    ",
        )
    ]
    dropped = found.left_out.get("dropped", 0)
    tail = [f"{len(rows)} claims, {dropped} dropped, {len(gone)} links to evidence that is no longer there", *lost]
    return [*(table(columns, rows) if rows else []), *tail]
