"""Rows of a large table as sorted whole numbers, eight bytes each: in memory, or in a private folder when many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.journeys.questions.merging import codes_of, ends_of, unpacked
from cjtools.journeys.store.spilling import Folder, private_folder
from cjtools.journeys.tallies import fresh

Numbers: TypeAlias = npt.NDArray[np.uint64]

ROOM = 6  # bits that a count has at least; one that needs more takes several rows
NARROW = 40  # bits that a key of whole numbers has at least: twelve days of microseconds
HELD = 1 << 21  # numbers that are held in memory before they are put together
STEP = 1 << 18  # numbers that are unpacked or added up at a time
SAMPLE = 1 << 10  # every so many numbers of a run are looked at to cut all runs into parts


@dataclass(frozen=True, eq=False)
class Form:
    """How the rows of a table are numbers: key after key, so many bits each, then what is added up."""

    like: pl.DataFrame  # the keys, without rows
    total: str  # the column that is added up
    bits: Sequence[int]  # of each key

    @property
    def room(self) -> int:
        """Return the bits of the sum."""
        return 64 - sum(self.bits)

    def fits(self, rows: pl.DataFrame) -> bool:
        """Return whether rows are of these columns, and no whole number is too large."""
        if dict(rows.schema) != {**self.like.schema, self.total: pl.Int64} or any(map(has_nulls, rows)):
            return False
        ends = {name: ends_of(rows[name].to_numpy()) for name, kind in rows.schema.items() if kind == pl.Int64}
        return ends.pop(self.total)[0] > 0 and all(
            least >= 0 and most < 1 << self.bits[self.like.columns.index(name)] for name, (least, most) in ends.items()
        )

    def pack(self, rows: pl.DataFrame) -> Numbers:
        """Return rows that fit as numbers, in the order of the rows."""
        keys: Numbers = np.zeros(len(rows), dtype=np.uint64)
        for name, wide in zip(self.like.columns, self.bits, strict=True):
            keys <<= np.uint64(wide)
            keys |= codes_of(rows[name]).to_numpy().astype(np.uint64)
        return with_counts(keys, rows[self.total].to_numpy().view(np.uint64), self.room)

    def unpack(self, numbers: Numbers) -> pl.DataFrame:
        """Return sorted numbers as rows, in their order."""
        parts = [self.unpack_some(some) for some in in_steps(numbers, self.room)]
        return pl.concat(parts or [self.unpack_some(numbers)]).rechunk()

    def unpack_some(self, numbers: Numbers) -> pl.DataFrame:
        """Return some sorted numbers as rows, a key that comes more than once as one of them."""
        keys, sums = numbers >> np.uint64(self.room), numbers & np.uint64((1 << self.room) - 1)
        first = np.flatnonzero(fresh(keys))
        if len(first) < len(keys):
            keys, sums = keys[first], np.add.reduceat(sums, first)
        return unpacked(keys, self.bits, self.like).hstack([pl.Series(self.total, sums.view(np.int64))])


def has_nulls(column: pl.Series) -> bool:
    """Return whether a column lacks a value."""
    return column.has_nulls()


def form_of(rows: pl.DataFrame, by: Sequence[str]) -> Form | None:
    """Return how rows like these are numbers; None where they cannot be: names that are no codes, several sums."""
    others = [name for name in rows.columns if name not in by]
    kinds = [rows.schema[name] for name in by]
    known = [len(kind.categories).bit_length() if isinstance(kind, pl.Enum) else None for kind in kinds]
    whole = known.count(None)
    wide = (64 - ROOM - sum(bits or 0 for bits in known)) // max(whole, 1)
    if not by or len(others) != 1 or not all(isinstance(kind, pl.Enum) or kind == pl.Int64 for kind in kinds):
        return None
    if wide < (NARROW if whole else 0) or rows.columns != [*by, *others]:
        return None
    return Form(rows.select(by).clear(), others[0], [wide if bits is None else bits for bits in known])


def with_counts(keys: Numbers, counts: Numbers, room: int) -> Numbers:
    """Return keys with their counts behind them; where a count has no room, the key comes more than once."""
    most = np.uint64((1 << room) - 1)
    if int(counts.max(initial=np.uint64(0))) > most:
        times = ((counts + (most - np.uint64(1))) // most).astype(np.int64)
        last = np.cumsum(times) - 1
        rest = counts - (times.astype(np.uint64) - np.uint64(1)) * most
        keys, counts = np.repeat(keys, times), np.full(int(times.sum()), most)
        counts[last] = rest
    return (keys << np.uint64(room)) | counts


def put_together(runs: Sequence[Numbers], room: int) -> Numbers:
    """Return several runs as one: sorted, the counts of equal keys added up."""
    both = np.concatenate([*runs, np.zeros(0, dtype=np.uint64)])
    both.sort()
    end = 0
    for part in in_steps(both, room):
        some = added(part, room)
        both[end : end + len(some)] = some  # never longer than what was there
        end += len(some)
    return both if end == len(both) else both[:end].copy()


def in_steps(numbers: Numbers, room: int) -> Iterator[Numbers]:
    """Yield sorted numbers some at a time, so that what is made of them takes little room; no key is in two of them."""
    begin = 0
    while begin < len(numbers):
        last = numbers[min(begin + STEP, len(numbers)) - 1] | np.uint64((1 << room) - 1)
        after = begin + int(np.searchsorted(numbers[begin:], last, side="right"))
        yield numbers[begin:after]
        begin = after


def added(numbers: Numbers, room: int) -> Numbers:
    """Return sorted numbers with the counts of equal keys added up."""
    first = np.flatnonzero(fresh(numbers >> np.uint64(room)))
    if len(first) == len(numbers):
        return numbers
    counts = np.add.reduceat(numbers & np.uint64((1 << room) - 1), first)
    return with_counts(numbers[first] >> np.uint64(room), counts, room)


class Runs:
    """Numbers of one form, as they come. They grow, so this is one of the few things here that change.

    With `apart` (the first so many keys) they can be had part by part, and wait in a private folder when they are many.
    """

    def __init__(self, form: Form, apart: int = 0) -> None:
        """Begin with no numbers."""
        self.form, self.apart = form, apart
        self.held: list[Numbers] = []
        self.files: list[Path] = []
        self.folder: Folder | None = None

    def take(self, rows: pl.DataFrame) -> bool:
        """Put rows to the others, and say whether that could be done."""
        if not len(rows):
            return True
        if not self.form.fits(rows):
            return False
        self.add(self.form.pack(rows))
        return True

    def add(self, numbers: Numbers) -> None:
        """Put numbers to the others."""
        self.held.append(numbers)
        whole = len(self.held[0]) if not self.apart else 0
        if sum(map(len, self.held)) > HELD + whole:
            self.held = [put_together(self.held, self.form.room)]
            if self.apart and len(self.held[0]) > HELD // 2:
                self.spill(self.held.pop())

    def spill(self, run: Numbers) -> None:
        """Write a run to the folder."""
        self.folder = self.folder or private_folder()
        self.files.append(self.folder.path / f"run {len(self.files)}")
        run.tofile(self.files[-1])

    def whole(self) -> Numbers:
        """Return all numbers as one run."""
        return put_together([*(np.fromfile(file, np.uint64) for file in self.files), *self.held], self.form.room)

    def parts(self) -> Iterator[Numbers]:
        """Yield all numbers in parts, in their order: no value of the first keys is in two of them."""
        if not self.files:
            yield self.whole()
            return
        self.held = [put_together(self.held, self.form.room)] if self.held else []
        borders = self.borders()
        for low, high in zip(borders, [*borders[1:], None], strict=True):
            pieces = [piece(np.memmap(file, np.uint64, "r"), low, high) for file in self.files]
            pieces += [piece(run, low, high) for run in self.held]
            yield put_together(pieces, self.form.room)

    def borders(self) -> list[np.uint64]:
        """Return the number at which each part begins, so that none is much longer than what may be held."""
        shift = np.uint64(64 - sum(self.form.bits[: self.apart]))
        mapped = [np.memmap(file, np.uint64, "r")[::SAMPLE] for file in self.files]
        seen = np.sort(np.concatenate([*mapped, *(run[::SAMPLE] for run in self.held)]))
        begins = np.unique(seen[:: max(HELD // (2 * SAMPLE), 1)] >> shift) << shift
        begins[0] = 0
        return list(begins)


def piece(run: Numbers, low: np.uint64, high: np.uint64 | None) -> Numbers:
    """Return the numbers of a run from the lowest on to the highest, which is not among them."""
    first, after = np.searchsorted(run, low), len(run) if high is None else np.searchsorted(run, high)
    return np.array(run[first:after])
