"""Batches of events as numbers: the hash of the profile, the time, the number of the act, the value where there is one.

Profiles are told apart by polars' 64-bit hash, acts too: with n profiles the chance that any two share one is
n²/2⁶⁵ (7·10⁻⁷ for five million, 3·10⁻⁴ for a hundred million). The hash is the same within one polars version only, and
nothing of it is kept or shown: what comes out does not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.journeys.ordered import LEVELS
from cjtools.journeys.store.actbook import ActBook
from cjtools.journeys.store.columns import NO_PROFILE, NO_TIME, WHY, Columns, pick
from cjtools.journeys.walks import Bools, Codes, Whole

Column: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Block:
    """Some events, in the order of their source.

    `rows` holds the columns, one value an event: "profile" (hash), "at" (microseconds), "act" (twice its number in the
    book, plus one where the event has a value), and where they were asked for "session" and "id" (hashes, 0 for none)
    and "order 0"… `worth` holds the values of those that have one, in their order.
    """

    rows: Mapping[str, Column]
    worth: Whole

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.rows["at"])

    @property
    def nbytes(self) -> int:
        """Return the bytes that the block takes."""
        return int(self.worth.nbytes) + sum(int(column.nbytes) for column in self.rows.values())


@dataclass(eq=False)
class Tally:
    """How many rows came in, and how many were left out for which reason; counted while reading."""

    rows_in: int = 0
    left_out: dict[str, int] = field(default_factory=dict)


def code_batches(
    events: pl.LazyFrame, columns: Columns, book: ActBook, tally: Tally, *, seed: int, ids: list[pl.DataFrame] | None
) -> Iterator[Block]:
    """Yield the events as they are read, coded; the book learns their acts, the tally counts.

    `ids` gets the id of each profile (a frame of hash and id for each batch) where that is asked for.
    """
    tally.left_out |= dict.fromkeys(columns.reasons, 0)
    wanted = pick(events, columns, seed=seed, ids=ids is not None)
    for batch in wanted.collect_batches(maintain_order=True):
        used = leave_out(batch, columns, tally)
        if not used.height:
            continue
        if ids is not None:
            ids.append(used.select(hash="profile", id="name").unique("hash", keep="any").sort("hash"))
        yield code(used, columns, book)


def leave_out(batch: pl.DataFrame, columns: Columns, tally: Tally) -> pl.DataFrame:
    """Return the rows of a batch that are followed, and count the others by their reason."""
    tally.rows_in += batch.height
    if columns.left_out:
        reasons = batch[WHY]
        for place, name in enumerate(columns.reasons, 1):
            tally.left_out[name] += int((reasons == place).sum())
        return batch.filter(reasons == 0)
    lost = batch["profile"].null_count()
    late = batch.filter(pl.col("profile").is_not_null())["at"].null_count() if batch["at"].null_count() else 0
    tally.left_out[NO_PROFILE] += lost
    tally.left_out[NO_TIME] += late
    return batch.drop_nulls(["profile", "at"]) if lost + late else batch


def code(batch: pl.DataFrame, columns: Columns, book: ActBook) -> Block:
    """Return a batch as numbers."""
    act = book.codes(batch["act"].to_numpy(), lambda rows: batch.select(pl.col(*LEVELS).gather(pl.Series(rows))))
    act <<= np.uint32(1)
    valued, worth = values_of(batch, columns)
    if valued is not None:
        act += valued
    rows: dict[str, Column] = {"profile": batch["profile"].to_numpy(), "at": batch["at"].to_numpy(), "act": act}
    for name, column in (("session", columns.session), ("id", columns.event_id)):
        if column is not None:
            rows[name] = batch[name].fill_null(0).to_numpy()
    for tie in columns.ties:  # none sorts before all others
        rows[tie] = batch[tie].fill_null(np.iinfo(np.int64).min).to_numpy()
    return Block(rows, worth)


def with_value(act: Codes) -> Whole:
    """Return the rows that have a value, by the first bit of their act.

    >>> with_value(np.array([4, 7], np.uint32)).tolist()
    [1]
    """
    return np.flatnonzero((act & np.uint32(1)) != 0)


def values_of(batch: pl.DataFrame, columns: Columns) -> tuple[Bools | None, Whole]:
    """Return which rows have a value, and those values."""
    if columns.value is None or batch["value"].null_count() == batch.height:
        return None, np.zeros(0, np.int64)
    return batch["value"].is_not_null().to_numpy(), batch["value"].drop_nulls().to_numpy()
