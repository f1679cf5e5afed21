"""The total order of the events of a part, and the exact duplicates in it.

One sort of 64-bit keys does nearly all: first bits of the hash, then of the time, then the place in the source. Plain
numbers sort five times faster than anything that carries a payload. The bits that found no room are looked at after:
where two profiles share the first bits, or two times of one profile do and stand the wrong way round, those
profiles are sorted again in full. So the order is exact however few bits there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cjtools.journeys.ordered import changes
from cjtools.journeys.store.actbook import U64
from cjtools.journeys.store.coding import Block, Column, with_value
from cjtools.journeys.store.columns import ODD
from cjtools.journeys.walks import Bools, Codes, Whole

SPREAD = 3  # bits of the hash beyond the number of rows, so that few profiles share them


@dataclass(frozen=True, eq=False)
class Sorted:
    """The events of a part in their total order, duplicates dropped; `profile` is still the hash."""

    profile: U64
    at: Whole
    act: Codes
    worth_row: Whole
    worth: Whole
    session: U64 | None
    dropped: int


def sort_part(block: Block, *, place: Codes, bits: int, merged: bool, ties: Sequence[str]) -> Sorted:
    """Return the events of a part in their total order.

    `place` gives the place of each act among the sorted ones, `bits` how many first bits all hashes here share. Ties
    are broken by the columns `ties`, in the end by what the events are; without them by their place in the source.
    """
    profile, at = block.rows["profile"], block.rows["at"]
    row, who, when = order_of(profile, at, bits)
    valued = with_value(block.rows["act"])
    if ties or not merged:
        tie = np.zeros(len(row), np.bool_)
        np.equal(when[1:], when[:-1], out=tie[1:])
        tie[1:] &= who[1:] == who[:-1]
        alike = tied(tie)
        if len(alike):
            runs = np.cumsum(~tie[alike], dtype=np.int64)
            row[alike], again = settle(block, row[alike], runs, place, valued, merged=merged, ties=ties)
            row = np.delete(row, alike[again])
    if "id" in block.rows:
        row = without_repeats(row, profile, block.rows["id"])
    if len(row) < len(who):
        who, when = profile[row], at[row]
    act = block.rows["act"][row]
    has = with_value(act)
    return Sorted(
        profile=who,
        at=when,
        act=place.take(act >> np.uint32(1), mode="clip"),  # none is too large, and it is the fastest mode
        worth_row=has,
        worth=block.worth[np.searchsorted(valued, row[has])],
        session=block.rows["session"][row] if "session" in block.rows else None,
        dropped=len(block) - len(row),
    )


def order_of(profile: U64, at: Whole, bits: int) -> tuple[Whole, U64, Whole]:
    """Return the rows by hash, time and place in the source, and the hash and time of each."""
    count = len(at)
    if count < 2:
        return np.arange(count), profile, at
    low = (count - 1).bit_length()
    first, last = int(at.min()), int(at.max())
    span = (last - first).bit_length()
    hashed = max(64 - low - span, min(low + SPREAD, 64 - low))
    timed = min(span, 64 - low - hashed)
    key = profile << np.uint64(bits)
    key >>= np.uint64(64 - hashed)
    key <<= np.uint64(timed)
    key |= (at - first).view(np.uint64) >> np.uint64(span - timed)
    key <<= np.uint64(low)
    key |= np.arange(count, dtype=np.uint64)
    key.sort()
    row: Whole = (key & np.uint64((1 << low) - 1)).view(np.int64)
    who, when = profile[row], at[row]
    mixed = who[1:] < who[:-1]
    early = when[1:] < when[:-1]
    early &= who[1:] == who[:-1]
    wrong = np.concatenate([runs_of(key, mixed, low + timed), runs_of(key, early, low)])
    if len(wrong):
        rows = np.unique(wrong)
        again = row[rows]
        row[rows] = again[np.lexsort((again, at[again], profile[again]))]
        who[rows], when[rows] = profile[row[rows]], at[row[rows]]
    return row, who, when


def runs_of(key: U64, wrong: Bools, bits: int) -> Whole:
    """Return all places whose key is the same, but for its last bits, as one of those that stand wrong.

    `key` ascends; `wrong` begins with the second place. A place may come back more than once.
    """
    found = key[1:][wrong]
    first = np.unique(np.searchsorted(key, found >> np.uint64(bits) << np.uint64(bits)))
    after = np.searchsorted(key, key[first] | np.uint64((1 << bits) - 1), side="right")
    count = after - first
    return np.repeat(first - np.cumsum(count) + count, count) + np.arange(int(count.sum()))


def tied(tie: Bools) -> Whole:
    """Return the places of all events that share profile and time with a neighbour; `tie` marks all but the first."""
    whole = tie.copy()
    whole[:-1] |= tie[1:]
    return np.flatnonzero(whole)


def settle(
    block: Block, rows: Whole, runs: Whole, place: Codes, valued: Whole, *, merged: bool, ties: Sequence[str]
) -> tuple[Whole, Bools]:
    """Return tied rows in their order, and which of them repeat one before.

    `runs` numbers the ties. Events are alike when act and value are, and the id where they have one.
    """
    act = block.rows["act"][rows]
    worth = np.full(len(rows), -1, np.int64)
    has = with_value(act)
    worth[has] = block.worth[np.searchsorted(valued, rows[has])]
    ids = [block.rows["id"][rows]] if "id" in block.rows else []
    alike: list[Column] = [worth, act & 1, place[act >> 1], *ids]
    if ties:
        order = np.lexsort((*alike, *(block.rows[name][rows] for name in reversed(ties)), runs))
        rows, alike = rows[order], [column[order] for column in alike]
    if merged:
        return rows, np.zeros(len(rows), np.bool_)
    by = np.lexsort((*alike, runs))
    again = ~changes(runs[by])
    for column in alike:
        again &= ~changes(column[by])
    repeats = np.zeros(len(rows), np.bool_)
    repeats[by] = again
    return rows, repeats


def without_repeats(row: Whole, profile: U64, ids: U64) -> Whole:
    """Return ordered rows without those whose id an earlier one of the same profile has; 0 is no id."""
    known = np.flatnonzero(ids[row])
    if len(known) < 2:
        return row
    who, which = profile[row[known]], ids[row[known]]
    low = np.uint64((len(known) - 1).bit_length())
    mixed = (who ^ (which * np.uint64(ODD))) >> low << low
    packed = np.sort(mixed | np.arange(len(known), dtype=np.uint64))
    near = packed[tied(~changes(packed >> low))] & ((np.uint64(1) << low) - np.uint64(1))
    place = near.view(np.int64)
    by = place[np.lexsort((place, which[place], who[place]))]
    again = ~changes(who[by]) & ~changes(which[by])
    return np.delete(row, known[by[again]])
