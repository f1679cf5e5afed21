"""Exact counts and sums by small codes: what every measure on walks adds up.

Whole numbers only, so that no order of rows, threads or parts shows in a sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.ma  # polars looks into every array for a mask, and would import it within the first question
import numpy.typing as npt
import polars as pl

from cjtools.journeys.walks import Bools, Codes, Whole

Numbers: TypeAlias = npt.NDArray[np.integer[Any]]
Small: TypeAlias = npt.NDArray[np.unsignedinteger[Any]]  # u8 to u64
HALF = 26  # bits: 2^27 numbers of so many bits add up exactly in a float of 53
FEW, MANY = 1 << 12, 1 << 19  # codes and rows, from which polars' sums are faster than two of numpy's
TWICE = 1 << 20  # codes of one byte, from which counting two of them at a time pays
ROOM = 1 << 24  # cells of a table that may be filled whatever the number of rows
NARROW = 1 << 9  # codes, beyond which such a table has too many lines
PER_ROW = 8  # cells of a table a row, beyond which sorting the rows is cheaper


def tally(codes: Numbers, size: int) -> Whole:
    """Return how often each code occurs.

    >>> tally(np.array([0, 2, 2]), 4).tolist()
    [1, 0, 2, 0]
    """
    if codes.dtype == np.uint8 and len(codes) > TWICE:  # two at a time
        pairs = np.bincount(codes[: len(codes) // 2 * 2].view(np.uint16), minlength=1 << 16).reshape(256, 256)
        counts = pairs.sum(axis=0) + pairs.sum(axis=1) + np.bincount(codes[len(codes) // 2 * 2 :], minlength=256)
        whole: Whole = counts[: max(size, int(np.flatnonzero(counts)[-1]) + 1)].astype(np.int64, copy=False)
        return whole
    return np.bincount(codes, minlength=size).astype(np.int64, copy=False)


def add_by(codes: Numbers, values: Numbers, size: int) -> Whole:
    """Return the sum of whole values of each code, exactly.

    >>> add_by(np.array([0, 1, 0]), np.array([2**40, 5, -1]), 3).tolist()
    [1099511627775, 5, 0]
    """
    if size <= FEW and len(codes) >= MANY:
        sums = pl.DataFrame({"code": codes, "sum": values}).group_by("code").agg(pl.col("sum").sum())
        total = np.zeros(size, dtype=np.int64)
        total[sums["code"].to_numpy()] = sums["sum"].to_numpy()
        return total
    return add_halves(codes, values, size)


def add_halves(codes: Numbers, values: Numbers, size: int) -> Whole:
    """Return the sum of whole values of each code, exactly, for any number of codes.

    Values are added as floats in two halves of 26 bits, which is exact for 2^27 of them; more are added in parts.
    """
    total = np.zeros(size, dtype=np.int64)
    for begin in range(0, len(codes), 1 << (53 - HALF)):
        part, of_part = codes[begin : begin + (1 << (53 - HALF))], values[begin : begin + (1 << (53 - HALF))]
        if max(int(of_part.max()), -int(of_part.min())) < 2**53 // len(part):
            total += np.bincount(part, weights=of_part, minlength=size).astype(np.int64)
            continue
        low = np.bincount(part, weights=of_part & ((1 << HALF) - 1), minlength=size).astype(np.int64)
        high = np.bincount(part, weights=of_part >> HALF, minlength=size).astype(np.int64)
        total += low + (high << HALF)
    return total


def counted(codes: Numbers, size: int) -> tuple[Whole, Whole]:
    """Return the codes that occur, ascending, and how often each does; `size` is above the largest.

    >>> [found.tolist() for found in counted(np.array([7, 0, 7], np.uint32), 8)]
    [[0, 7], [1, 2]]
    """
    if size <= max(len(codes), 1 << 10):
        counts = tally(codes, size)
        found = np.flatnonzero(counts)
        return found, counts[found]
    ordered = np.sort(codes)
    first = np.flatnonzero(fresh(ordered))
    return ordered[first].astype(np.int64), np.diff(first, append=len(ordered))


def places_among(codes: Numbers, size: int) -> tuple[Whole, Numbers]:
    """Return ascending codes, all that occur among them, and the place of each row's code there.

    Where there is room for all codes below `size`, those are all of them, occurring or not.

    >>> [found.tolist() for found in places_among(np.array([9, 4, 9], np.uint32), 2**40)]
    [[4, 9], [1, 0, 1]]
    """
    if size <= max(len(codes), 1 << 10):
        return np.arange(size, dtype=np.int64), codes
    order = np.argsort(codes)
    ordered = codes[order]
    first = fresh(ordered)
    place = np.empty(len(codes), dtype=np.int64)
    place[order] = np.cumsum(first) - 1
    return ordered[first].astype(np.int64), place


def add_columns(codes: Numbers, columns: Mapping[str, Whole], size: int) -> pl.DataFrame:
    """Return the sums of whole columns by code: code (ascending, those that occur), and the columns.

    >>> add_columns(np.array([7, 2, 7], np.uint32), {"n": np.ones(3, np.int64)}, 2**20).rows()
    [(2, 1), (7, 2)]
    """
    distinct, place = places_among(codes, size)
    there = np.flatnonzero(tally(place, len(distinct)))
    sums = {name: add_by(place, values, len(distinct))[there] for name, values in columns.items()}
    return pl.DataFrame({"code": distinct[there], **sums})


def fresh(ordered: npt.NDArray[Any]) -> Bools:
    """Return whether each value differs from the one before; the first does."""
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def count_paths(paths: Codes, codes: Numbers, size: int) -> Whole:
    """Return on how many different paths each code occurs; the paths are non-decreasing.

    >>> count_paths(np.array([0, 0, 0, 5], np.uint32), np.array([1, 1, 0, 1], np.uint32), 3).tolist()
    [1, 2, 0]
    """
    return tally(codes, size) - count_repeats(paths, codes, size)


def count_repeats(paths: Codes, codes: Numbers, size: int) -> Whole:
    """Return how often each code occurs on a path on which it was before; the paths are non-decreasing.

    >>> count_repeats(np.array([0, 0, 0, 5], np.uint32), np.array([1, 1, 0, 1], np.uint32), 3).tolist()
    [0, 1, 0]
    """
    found = np.zeros(size, dtype=np.int64)
    if not len(paths) or not size:
        return found
    number = paths if int(paths[-1]) < 2 * len(paths) else np.cumsum(fresh(paths), dtype=np.uint32) - np.uint32(1)
    many = size > NARROW or size * (int(number[-1]) + 1) > max(PER_ROW * len(number), ROOM)
    step = max((2**32 - 1 if many else ROOM) // size, 1)
    for begin in range(int(number[0]), int(number[-1]) + 1, step):
        first, after = np.searchsorted(number, np.array([begin, begin + step], dtype=np.int64))
        some = number[first:after] - number.dtype.type(begin)
        found += (sorted_repeats if many else marked_repeats)(some, codes[first:after], size)
    return found


def marked_repeats(number: Codes, codes: Numbers, size: int) -> Whole:
    """Return how often each code occurs again on a path, by a table with a cell for each of both."""
    width = int(number[-1]) + 1 if len(number) else 0
    cells = np.zeros(size * width, dtype=np.bool_)
    place: Small = np.multiply(codes, width, dtype=np.uint32 if size * width < 2**32 else np.uint64)
    np.add(place, number, out=place, casting="unsafe")
    cells[place] = True
    there = [np.count_nonzero(row) for row in cells.reshape(size, width)]
    return tally(codes, size) - np.array(there, dtype=np.int64)


def sorted_repeats(number: Codes, codes: Numbers, size: int) -> Whole:
    """Return how often each code occurs again on a path, by sorting both as one number: `number` × `size` < 2^32."""
    both = number.astype(np.uint32) * np.uint32(size) + codes.astype(np.uint32)
    both.sort()
    return tally(both[np.flatnonzero(both[1:] == both[:-1])] % np.uint32(size), size)
