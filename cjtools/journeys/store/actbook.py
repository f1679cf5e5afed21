"""The acts met so far, each with its number: learned while reading, in one pass."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.errors import Fault, ParameterError, raise_if_any
from cjtools.journeys.ordered import LEVELS, NONE, Acts
from cjtools.journeys.walks import RESERVED, Codes, Whole

U64 = npt.NDArray[np.uint64]

ROOM = 16  # places in the table for each act: few share one
SMALLEST = 1 << 12


class ActBook:
    """Numbers for acts by their 64-bit hash. It grows as acts are met, so it is the one thing here that changes.

    A table gives the number by the first bits of the hash; the few acts whose place was taken are found in a sorted
    list beside it. Whoever came first has the place, and frequent acts come first.
    """

    def __init__(self) -> None:
        """Begin with no acts; the number 0 is nobody's, and what is empty in the table."""
        self.hashes: U64 = np.zeros(1, np.uint64)
        self.names: list[pl.DataFrame] = []
        self._place([])

    def codes(self, hashes: U64, names: Callable[[Whole], pl.DataFrame]) -> Codes:
        """Return the number of each act; `names` gives event, page and channel of some of these rows."""
        # No place is beyond the table: "clip" is only the mode of numpy that looks least.
        codes = self.table.take((hashes >> self.shift).view(np.int64), mode="clip")
        missed = np.flatnonzero(self.hashes.take(codes, mode="clip") != hashes)
        if not len(missed):
            return codes
        codes[missed] = self._beside(hashes[missed])
        new = missed[self.hashes[codes[missed]] != hashes[missed]]
        if len(new):
            apart, first, which = np.unique(hashes[new], return_index=True, return_inverse=True)
            self.names.append(names(new[first]))
            codes[new] = (len(self.hashes) + which).astype(np.uint32)
            self._add(apart)
        return codes

    def _beside(self, hashes: U64) -> Codes:
        """Return the number of acts that have no place in the table; of those not known one with another hash."""
        if not len(self.aside):
            return np.zeros(len(hashes), np.uint32)
        place = np.searchsorted(self.aside, hashes)
        return self.aside_code[np.minimum(place, len(self.aside) - 1)]

    def _add(self, hashes: U64) -> None:
        """Give numbers to new acts."""
        first = len(self.hashes)
        self.hashes = np.concatenate([self.hashes, hashes])
        if len(self.hashes) * ROOM > 2 * len(self.table):
            self._place(range(1, len(self.hashes)))
        else:
            self._place(range(first, len(self.hashes)), grow=False)

    def _place(self, codes: range | list[int], *, grow: bool = True) -> None:
        """Put acts into the table, those that find their place taken into the list beside it."""
        if grow:
            size = max(SMALLEST, 1 << (len(self.hashes) * ROOM - 1).bit_length())
            self.table: Codes = np.zeros(size, np.uint32)
            self.shift = np.uint64(65 - size.bit_length())
            self.aside: U64 = np.zeros(0, np.uint64)
            self.aside_code: Codes = np.zeros(0, np.uint32)
        number = np.array(codes, np.uint32)
        slot = (self.hashes[number] >> self.shift).view(np.int64)
        free = self.table[slot] == 0
        self.table[slot[free][::-1]] = number[free][::-1]  # of several with one place the last one written stays
        beside = np.concatenate([self.aside_code, number[self.table[slot] != number]])
        order = np.argsort(self.hashes[beside])
        self.aside_code = beside[order]
        self.aside = self.hashes[self.aside_code]

    def finish(self) -> tuple[Acts, Codes]:
        """Return the acts sorted by their names, and the place in them of each number of this book.

        Raises ParameterError where an act is called like a border of paths.
        """
        empty = pl.DataFrame(schema=dict.fromkeys(LEVELS, pl.String))
        met = pl.concat([empty, *self.names])
        names = {level: tuple(met[level].drop_nulls().unique().sort()) for level in LEVELS}
        refuse_borders(names)
        coded = met.select(number(pl.col(level), names[level]) for level in LEVELS).with_row_index("met")
        ordered = coded.sort(LEVELS)
        place = np.zeros(len(met) + 1, np.uint32)
        place[ordered["met"].to_numpy() + 1] = np.arange(len(met), dtype=np.uint32)
        return Acts(names, {level: ordered[level].to_numpy() for level in LEVELS}), place


def number(column: pl.Expr, names: tuple[str, ...]) -> pl.Expr:
    """Return the place of each name among sorted ones, NONE where there is none."""
    return column.cast(pl.Enum(names)).to_physical().cast(pl.UInt32).fill_null(NONE)


def refuse_borders(names: dict[str, tuple[str, ...]]) -> None:
    """Refuse names that the borders and remainders of paths bear."""
    faults = [
        Fault(level, f"one is called {name!r}", "the name of a border or a remainder", "rename it")
        for level, known in names.items()
        for name in sorted(set(known) & set(RESERVED))
    ]
    raise_if_any(ParameterError, "these events", faults)
