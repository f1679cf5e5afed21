"""What claims are measured on, and what comes of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from cjtools.claims.measure import Row
from cjtools.claims.references import Piece
from cjtools.lanes.labels import Labels
from cjtools.words import Words


@dataclass(frozen=True)
class Claims:
    """The claims that a reader may see, as tables (claims/tables.py declares them), with their statements in pieces.

    `left_out` counts the claims that this reader does not see: dropped, draft, withheld. `labels` name stages,
    personas and touchpoints; `as_of` is the day that freshness is counted to.
    `unlinked` (of an earlier wave only) are those that nobody could have linked to its evidence: no link, no key.
    """

    words: Words
    audience: str
    minimum_group: int
    as_of: dt.date
    review_days: int
    labels: Labels
    claims: pl.DataFrame
    claim_families: pl.DataFrame
    claim_links: pl.DataFrame
    statements: Mapping[str, tuple[Piece, ...]]
    left_out: Mapping[str, int] = field(default_factory=dict)
    unlinked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Basis:
    """What claims are measured on: evidence by id, who was asked, what families could say, the verdicts, the days."""

    items: Mapping[str, Row]
    asked: Mapping[tuple[str, str], set[str]]
    states: Mapping[tuple[str, str], str]
    verdicts: Mapping[str, Row]
    as_of: dt.date
    review: dt.date | None
    review_days: int
