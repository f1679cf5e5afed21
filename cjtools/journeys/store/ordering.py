"""From a table of events to their total order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from cjtools.client import Client
from cjtools.journeys.levels import with_levels
from cjtools.journeys.ordered import NONE, Acts, Ordered, changes, smallest
from cjtools.journeys.store.actbook import U64, ActBook
from cjtools.journeys.store.coding import Tally, code_batches
from cjtools.journeys.store.columns import CLIENT_EVENTS, ODD, Columns, Source, scan
from cjtools.journeys.store.parts import FEW, Parts, part_all
from cjtools.journeys.store.sorting import Sorted, sort_part
from cjtools.journeys.store.stored import Store
from cjtools.journeys.walks import Codes

GIGABYTE = 1 << 30
PER_EVENT = 1_000  # bytes of memory for each event of a bucket: sorting and asking, two buckets at a time


def order_events_of(
    events: Source,
    columns: Columns = CLIENT_EVENTS,
    *,
    client: Client | None = None,
    buckets: int | None = None,
    memory: int = GIGABYTE,
    ids: bool = False,
    seed: int = 0,
) -> Store:
    """Return events in their total order (profile, timestamp, order), coded, in buckets of whole profiles.

    `events` is a frame, lazy or not, or Parquet files in their order; `columns` says which columns count (without it
    they are the events of a client, Tables.events). Where no column gives the order of events of the same time, their
    position does. With a client the acts have the levels "stage" and "touchpoint". `buckets` follow from `memory`
    (bytes), and answers from neither, nor from `seed`, which only deals profiles to buckets. `ids` keeps the ids of
    the profiles. Events that memory has no room for wait in a private temporary folder, which goes with the store.

    >>> frame = pl.DataFrame({"who": ["b", "a", "a"], "at": [3, 2, 1], "what": ["x", "y", "x"]})
    >>> store = order_events_of(frame, Columns("who", "at", "what"))
    >>> print(store.account)
    3 rows in = 3 used
    """
    book, tally = ActBook(), Tally()
    found: list[pl.DataFrame] | None = [] if ids else None
    blocks = code_batches(scan(events), columns, book, tally, seed=seed, ids=found)
    parts = part_all(blocks, memory=memory, buckets=buckets)
    acts, place = book.finish()
    if client is not None:
        acts = with_levels(acts, client)
    total = int(parts.rows.sum())
    count = buckets or max(-(-total * PER_EVENT // memory), 2 if total > FEW else 1)
    count = min(count, len(parts.rows))
    load = loader(parts, acts, smallest(place, len(acts)), columns, count=count, ids=found)
    return Store(acts, count, tally.rows_in, dict(tally.left_out), load)


def loader(
    parts: Parts, acts: Acts, place: Codes, columns: Columns, *, count: int, ids: list[pl.DataFrame] | None
) -> Callable[[int], tuple[Ordered, int]]:
    """Return the function that sorts a bucket: the parts whose numbers are its share of all."""
    total = len(parts.rows)

    def load(number: int) -> tuple[Ordered, int]:
        share = parts.share(total * number // count, total * (number + 1) // count)
        pieces = [
            sort_part(block, place=place, bits=parts.bits, merged=columns.merged, ties=columns.ties) for block in share
        ]
        return put_together(pieces, acts, place, ids), sum(piece.dropped for piece in pieces)

    return load


def put_together(pieces: Sequence[Sorted], acts: Acts, place: Codes, ids: list[pl.DataFrame] | None) -> Ordered:
    """Return sorted parts as one bucket."""
    if not pieces:
        nobody, never = np.zeros(0, np.uint32), np.zeros(0, np.int64)
        none = pl.Series("id", [], dtype=pl.String) if ids is not None else None
        return Ordered(nobody, never, place[:0], acts, never, never, ids=none)
    profile = np.concatenate([piece.profile for piece in pieces])
    opens = changes(profile)
    before = np.cumsum([0, *(len(piece.at) for piece in pieces[:-1])])
    sessions = [piece.session for piece in pieces if piece.session is not None]
    return Ordered(
        profile=np.cumsum(opens, dtype=np.uint32) - np.uint32(1),
        at=np.concatenate([piece.at for piece in pieces]),
        act=np.concatenate([piece.act for piece in pieces]),
        acts=acts,
        worth_row=np.concatenate([piece.worth_row + first for piece, first in zip(pieces, before, strict=True)]),
        worth=np.concatenate([piece.worth for piece in pieces]),
        given=number_sessions(profile, np.concatenate(sessions)) if sessions else None,
        ids=None if ids is None else ids_of(pl.Series(profile[opens]), ids),
    )


def number_sessions(profile: U64, session: U64) -> Codes:
    """Return the number of the given session of each event, by its first event; NONE where it has none (0).

    An id counts within its profile. Only where it changes is it looked at.
    """
    key = session ^ (profile * np.uint64(ODD))
    begin = np.flatnonzero(changes(key) | changes(session))
    known = session[begin] != 0
    _, first, number = np.unique(key[begin][known], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.uint32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.uint32)
    codes = np.full(len(begin), NONE, np.uint32)
    codes[known] = rank[number]
    return np.repeat(codes, np.diff(begin, append=len(key)))


def ids_of(hashes: pl.Series, found: list[pl.DataFrame]) -> pl.Series:
    """Return the id of each hash of a bucket, ascending; `found` are sorted frames of hash and id."""
    if not len(hashes):
        return pl.Series("id", [], dtype=pl.String)
    first, last = hashes[0], hashes[-1]
    near = [frame.filter(pl.col("hash").is_between(first, last)) for frame in found]
    known = pl.concat(near).unique("hash", keep="any")
    return hashes.to_frame("hash").join(known, on="hash", how="left", maintain_order="left")["id"]
