"""What a person stated, held against client.toml before any evidence is read: every fault of both files at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from cjtools.claims.draft import in_force
from cjtools.claims.files import CLAIMS, LINKS, ids_written, load_claims, load_links
from cjtools.claims.tables import STATUSES
from cjtools.client import FILE, Client
from cjtools.errors import CjtoolsError, Fault, cut, nearest
from cjtools.text.decided import tried


@dataclass(frozen=True)
class Stated:
    """How many claims there are by status, and how many links are in force; null where the file cannot be read."""

    claims: dict[str, int] | None
    links: int | None


def check_claims(client: Client) -> tuple[Stated, list[Fault]]:
    """Return what claims.csv and links.csv hold, and every fault of the two and of the opportunities that rest on them.

    Whether the evidence is there that a link names, and whether a number or quote in a statement holds, only a map can
    say: map_journey raises with those faults.

    >>> from cjtools.client import load_client
    >>> check_claims(load_client("data/example"))[0].claims
    {'draft': 1, 'accepted': 2, 'edited': 3, 'dropped': 1}
    """
    claims, faults = tried(CLAIMS, load_claims, client)
    known = readable_ids(client)
    if known is None:
        return Stated(None, None), faults
    links, more = tried(LINKS, lambda own: load_links(own, known), client)
    status = [] if claims is None else claims["status"].cast(pl.String).to_list()
    counts = None if claims is None else {name: status.count(name) for name in STATUSES if name in status}
    faults = [*faults, *more, *opportunity_faults(client, known)]
    return Stated(counts, None if links is None else in_force(links).height), faults


def readable_ids(client: Client) -> pl.DataFrame | None:
    """Return the ids of claims.csv (see ids_written), also where rows have faults; null where it cannot be read."""
    try:
        return ids_written(client)
    except CjtoolsError:
        return None


def opportunity_faults(client: Client, claims: pl.DataFrame) -> Iterator[Fault]:
    """Yield the opportunities of client.toml that rest on a claim that is not there, or that is dropped."""
    status = dict(claims.select("id", pl.col("status").cast(pl.String)).iter_rows())
    for place, opportunity in enumerate(client.opportunities, start=1):
        where = f"{FILE}, opportunities[{place}].claims"
        for name in opportunity.claims:
            if name not in status:
                close = nearest(name, status)
                hint = close if close.startswith("did") else f"an id of {CLAIMS}"
                yield Fault(where, f"no claim is called {cut(name)}", hint)
            elif status[name] == "dropped":
                yield Fault(where, f"the claim {cut(name)} is dropped", "", "take it out, or accept the claim again")
