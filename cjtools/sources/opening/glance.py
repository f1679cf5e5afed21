"""What a glance at CSV shows: whether its bytes are plain rows, where few of them are quotes or blanks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from cjtools.sources.opening.bits import BLOCK, Bits, bits_of, count

Bytes: TypeAlias = npt.NDArray[np.uint8]
Places: TypeAlias = npt.NDArray[np.int64]
Test: TypeAlias = Callable[[Bytes], npt.NDArray[np.bool_]]

FEW = 16  # bytes to one that is looked at by its place: with more of them it is faster to look at bits
QUOTE, LINE_FEED, BLANK = b'"'[0], b"\n"[0], b" "[0]


@dataclass(frozen=True)
class Glance:
    """How many rows there are, each a line, and whether no cell begins or ends with a blank."""

    rows: int
    trimmed: bool


def glance(data: bytes, mark: bytes, *, width: int, quoted: bool) -> Glance | None:
    r"""Return what is seen in bytes without control characters, as far as polars sees the rest when it reads them.

    All rows together have as many delimiters as that many rows of `width` cells. polars reads no row that has more: so
    none has less. (It forgives an empty cell too many at the very end of a text that no line feed ends.) A cell of
    several lines, or with a tab at which cells of other rows end, takes a closer look.

    Quotes or blanks that are many for the size of the text take a closer look, too.

    >>> glance(b'1,"a,b"\n' + 99 * b"2,c\n", b",", width=2, quoted=True)
    Glance(rows=100, trimmed=True)
    >>> glance(b'1,"a,b"\n' + 99 * b"2\n", b",", width=2, quoted=True) is None
    True
    """
    if not data.endswith(b"\n"):
        return None
    whole = np.frombuffer(data, np.uint8)
    ends, marks = bits_of(data, b"\n"), bits_of(data, mark)
    lines, delimiters = count(ends), count(marks)
    if counted(whole, lambda block: block < BLANK) != lines + delimiters * (mark == b"\t"):
        return None
    quotes = places(whole, QUOTE) if quoted else np.zeros(0, np.int64)
    blanks = places(whole, BLANK)
    if quotes is None or blanks is None or not well_quoted(whole, quotes, mark[0]):
        return None
    within = count_within(marks, quotes)
    if delimiters - within != lines * (width - 1) or count_within(ends, quotes) or (mark == b"\t" and within):
        return None
    return Glance(lines, is_trimmed(whole, blanks, quotes, mark[0]))


def counted(whole: Bytes, test: Test) -> int:
    """Return how many bytes pass a test."""
    return sum(int(np.count_nonzero(test(whole[at : at + BLOCK]))) for at in range(0, len(whole), BLOCK))


def places(whole: Bytes, byte: int) -> Places | None:
    """Return where bytes are this one; None where they are too many."""
    found, left = [], len(whole) // FEW + 1
    for at in range(0, len(whole), BLOCK):
        found.append(np.flatnonzero(whole[at : at + BLOCK] == byte) + at)
        left -= len(found[-1])
        if left < 0:
            return None
    return np.concatenate(found)


def well_quoted(whole: Bytes, quotes: Places, mark: int) -> bool:
    """Say whether quotes open at the beginning of a cell, close at its end, and stand doubled within it only."""
    if not len(quotes):
        return True
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    doubled = opening[1:] == closing[:-1] + 1
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


def count_within(marks: Bits, quotes: Places) -> int:
    """Return how many of the marks stand between quotes."""
    if not len(quotes):
        return 0
    in_words = np.bitwise_count(marks).cumsum(dtype=np.int64)
    words, bits = quotes // 64, (quotes % 64).astype(np.uint64)
    before = marks[words] & ((np.uint64(1) << bits) - np.uint64(1))
    up_to = in_words[words] - np.bitwise_count(marks[words]) + np.bitwise_count(before)
    return int((up_to[1::2] - up_to[0::2]).sum())


def is_trimmed(whole: Bytes, blanks: Places, quotes: Places, mark: int) -> bool:
    """Say whether no blank begins or ends a cell: beside what cuts cells, or beside the quotes around one."""
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
