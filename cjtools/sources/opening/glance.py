"""What a glance at CSV shows: where its quotes stand, and whether what polars reads of it is what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.sources.opening.bits import BLOCK

Bytes: TypeAlias = npt.NDArray[np.uint8]
Places: TypeAlias = npt.NDArray[np.int64]
Test: TypeAlias = Callable[[Bytes], npt.NDArray[np.bool_]]

FEW = 16  # bytes to one that is looked at by its place: with more of them it is faster to look at bits
QUOTE, LINE_FEED, BLANK = b'"'[0], b"\n"[0], b" "[0]


@dataclass(frozen=True)
class Quotes:
    """Where the quotes of some bytes stand: every other one opens, and `doubled` pairs begin with a doubled one."""

    places: Places
    doubled: npt.NDArray[np.bool_]

    @property
    def taken_away(self) -> int:
        """The bytes that are no longer there once a cell is read: the quotes around it, and one of each two in it."""
        return len(self.places) - int(self.doubled.sum())

    @property
    def empty(self) -> bool:
        """Whether there is a cell of quotes without a text between them."""
        alone = self.places[1::2] == self.places[0::2] + 1
        alone[1:] &= ~self.doubled
        alone[:-1] &= ~self.doubled
        return bool(alone.any())


@dataclass(frozen=True)
class Glance:
    """Whether no cell begins or ends with a blank of ASCII, whether an empty one can only be null, the longest one."""

    trimmed: bool
    nulls: bool
    longest: int


def quotes_of(data: bytes, mark: bytes, *, quoted: bool) -> Quotes | None:
    r"""Return the quotes of bytes that end with a row; None where they are many, or do not stand as CSV has them.

    >>> quotes_of(b'1,"a ""b"" c"\n' + 99 * b"2,c\n", b",", quoted=True).taken_away
    4
    >>> quotes_of(b'1,"a\n2,b\n' + 99 * b"2,c\n", b",", quoted=True) is None
    True
    """
    if not data.endswith(b"\n"):
        return None
    whole = np.frombuffer(data, np.uint8)
    places = places_of(whole, QUOTE) if quoted else np.zeros(0, np.int64)
    if places is None or len(places) % 2:
        return None
    doubled = places[2::2] == places[1:-1:2] + 1
    return Quotes(places, doubled) if well_quoted(whole, places, doubled, mark[0]) else None


def glance(data: bytes, mark: bytes, quotes: Quotes, rows: pl.DataFrame) -> Glance | None:
    r"""Return what is seen in bytes without control characters when polars read their rows as they are; else None.

    Each line is a row, and the cells with what stands between and around them are as long as the bytes. polars reads no
    row that has more cells than the others, and an empty one for each that a row has less: then they are longer. A cell
    of several lines, or with a tab at which cells of other rows end, takes a closer look.

    >>> data, schema = b'1,"a,b"\n2,c\n' + 99 * b"3,d\n", {"n": pl.String, "t": pl.String}
    >>> read = pl.read_csv(data, has_header=False, schema=schema)
    >>> glance(data, b",", quotes_of(data, b",", quoted=True), read)
    Glance(trimmed=True, nulls=True, longest=3)
    >>> glance(data + b"4,\n", b",", quotes_of(data, b",", quoted=True), read) is None
    True
    """
    whole = np.frombuffer(data, np.uint8)
    between = rows.height * rows.width
    tabs = between - rows.height if mark == b"\t" else 0
    if counted(whole, lambda block: block < BLANK) != rows.height + tabs:
        return None
    sizes = [each.str.len_bytes() for each in rows.get_columns()]
    if sum(int(each.sum()) for each in sizes) + between + quotes.taken_away != len(data):
        return None
    longest = max(int(each.max() or 0) for each in sizes)  # type: ignore[arg-type]
    return Glance(is_trimmed(whole, quotes.places, mark[0]), not quotes.empty, longest)


def counted(whole: Bytes, test: Test) -> int:
    """Return how many bytes pass a test."""
    return sum(int(np.count_nonzero(test(whole[at : at + BLOCK]))) for at in range(0, len(whole), BLOCK))


def places_of(whole: Bytes, byte: int) -> Places | None:
    """Return where bytes are this one; None where they are too many."""
    found, left = [np.zeros(0, np.int64)], len(whole) // FEW + 1
    for at in range(0, len(whole), BLOCK):
        some = np.flatnonzero(whole[at : at + BLOCK] == byte)
        some += at
        found.append(some)
        left -= len(some)
        if left < 0:
            return None
    return np.concatenate(found)


def well_quoted(whole: Bytes, quotes: Places, doubled: npt.NDArray[np.bool_], mark: int) -> bool:
    """Say whether quotes open at the beginning of a cell, close at its end, and stand doubled within it only."""
    if not len(quotes):
        return True
    opening, closing = quotes[0::2], quotes[1::2]
    begins = is_border(whole[opening - 1], mark)
    begins[0] |= opening[0] == 0
    begins[1:] |= doubled
    stops = is_border(whole[np.minimum(closing + 1, len(whole) - 1)], mark)
    stops[-1] |= closing[-1] == len(whole) - 1
    stops[:-1] |= doubled
    return bool(begins.all() and stops.all())


def is_border(some: Bytes, mark: int) -> npt.NDArray[np.bool_]:
    """Say which bytes cut cells."""
    border: npt.NDArray[np.bool_] = (some == mark) | (some == LINE_FEED)
    return border


def is_trimmed(whole: Bytes, quotes: Places, mark: int) -> bool:
    """Say whether no blank begins or ends a cell: beside what cuts cells, or beside the quotes around one.

    Where blanks are many, that is not looked at.
    """
    blanks = places_of(whole, BLANK)
    if blanks is None:
        return False
    if not len(blanks):
        return True
    last = len(whole) - 1
    if blanks[0] == 0 or blanks[-1] == last:
        return False
    left, right = whole[blanks - 1], whole[blanks + 1]
    beside = is_border(left, mark) | is_border(right, mark) | (left == QUOTE) | (right == QUOTE)
    near, left, right = blanks[beside], left[beside], right[beside]
    if not len(near):
        return True
    if (np.searchsorted(quotes, near) % 2 == 0).any():
        return False  # outside quotes, where only what cuts cells can be beside
    begins = (left == QUOTE) & ((near < 2) | (whole[near - 2] != QUOTE))  # the quote is not doubled: it opens the cell
    ends = (right == QUOTE) & ((near > last - 2) | (whole[np.minimum(near + 2, last)] != QUOTE))
    return not (begins | ends).any()
