"""Partials as one: rows of equal keys added up, whatever they were coded with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.journeys.tallies import fresh

LONG = 1 << 14  # rows, from which packing the keys into one number pays


@lru_cache(maxsize=64)
def enum_of(names: tuple[str, ...]) -> pl.Enum:
    """Return the type of values that are one of these names."""
    return pl.Enum(names)


def name_codes(codes: npt.NDArray[np.integer], names: tuple[str, ...]) -> pl.Series:
    """Return codes as the names they stand for, without a text for each; null for the code after the last.

    >>> name_codes(np.array([1, 0, 2]), ("a", "b")).to_list()
    ['b', 'a', None]
    """
    series = pl.Series(codes.astype(np.uint32))
    known = series if not len(codes) or int(codes.max()) < len(names) else series.set(series >= len(names), None)
    return known.cat.to(enum_of(names))


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with its names as text."""
    texts = {name: text_of(dtype) for name, dtype in frame.schema.items() if text_of(dtype) != dtype}
    return frame.cast(texts) if texts else frame  # type: ignore[arg-type]  # polars takes more than it says


def text_of(dtype: pl.DataType) -> pl.DataType:
    """Return the type that holds the same values as text."""
    if isinstance(dtype, pl.List):
        return pl.List(text_of(dtype.inner))  # type: ignore[arg-type]  # an instance in every frame
    return pl.String() if isinstance(dtype, (pl.Enum, pl.Categorical)) else dtype


def add_up(frames: Sequence[pl.DataFrame], *, by: Sequence[str]) -> pl.DataFrame:
    """Return tables as one: rows of equal keys once, all other columns added. The order of the rows says nothing.

    >>> parts = [pl.DataFrame({"step": name_codes(np.array([0]), names), "n": [2]}) for names in (("a",), ("a", "b"))]
    >>> add_up(parts, by=["step"]).rows()
    [('a', 4)]
    """
    if len(frames) == 1:
        return frames[0]
    alike = all(frame.schema == frames[0].schema for frame in frames[1:])
    rows = pl.concat(frames if alike else [plain(frame) for frame in frames])
    if not by:
        return rows.sum()
    packed = packed_keys(rows, by) if len(rows) >= LONG else None
    return rows.group_by(by).agg(pl.all().sum()) if packed is None else add_sorted(rows, packed, by=by)


@dataclass(frozen=True, eq=False)
class Packed:
    """The keys of rows, each in one number: column after column, so many bits each; in the order of the keys."""

    keys: npt.NDArray[np.uint64]
    bits: Sequence[int]


def packed_keys(rows: pl.DataFrame, by: Sequence[str]) -> Packed | None:
    """Return the keys of each row as one number, or None where they do not fit in 64 bits or are no whole numbers."""
    keys, bits = np.zeros(len(rows), dtype=np.uint64), []
    for name in by:
        whole = codes_of(rows[name])
        if not whole.dtype.is_integer() or whole.has_nulls():
            return None
        lowest, highest = ends_of(whole.to_numpy())
        bits.append(highest.bit_length())
        if lowest < 0 or sum(bits) > 64:
            return None
        keys <<= np.uint64(bits[-1])
        keys |= whole.to_numpy().astype(np.uint64)
    return Packed(keys, bits)


def codes_of(column: pl.Series) -> pl.Series:
    """Return names as their codes, anything else as it is."""
    return column.to_physical() if isinstance(column.dtype, pl.Enum) else column


def ends_of(values: npt.NDArray[np.integer[Any]]) -> tuple[int, int]:
    """Return the lowest and the highest value."""
    return int(values.min()), int(values.max())


def add_sorted(rows: pl.DataFrame, packed: Packed, *, by: Sequence[str]) -> pl.DataFrame:
    """Return the sums of the rows of equal packed keys, in their order: sorting numbers is faster than a group-by.

    A single column of sums goes into the same number where it fits: then nothing but that number is moved.
    """
    others = [name for name in rows.columns if name not in by]
    if len(others) == 1:
        values = rows[others[0]].to_numpy()
        lowest, highest = ends_of(values)
        wide = highest.bit_length()
        if lowest >= 0 and wide + sum(packed.bits) <= 64:
            both = (packed.keys << np.uint64(wide)) | values.astype(np.uint64)
            both.sort()
            keys = both >> np.uint64(wide)
            first = np.flatnonzero(fresh(keys))
            sums = np.add.reduceat((both & np.uint64((1 << wide) - 1)).astype(np.int64), first)
            return unpacked(keys[first], packed.bits, rows.select(by)).hstack([pl.Series(others[0], sums)])
    order = np.argsort(packed.keys)
    keys = packed.keys[order]
    first = np.flatnonzero(fresh(keys))
    columns = [pl.Series(name, np.add.reduceat(rows[name].to_numpy()[order], first)) for name in others]
    return unpacked(keys[first], packed.bits, rows.select(by)).hstack(columns)


def unpacked(keys: npt.NDArray[np.uint64], bits: Sequence[int], like: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that were packed into numbers, of the same names and types as those of a frame."""
    columns = []
    for column, wide in zip(reversed(like.get_columns()), reversed(bits), strict=True):
        codes = pl.Series(column.name, keys & np.uint64((1 << wide) - 1))
        small = codes.cast(codes_of(column.head(0)).dtype)
        columns.append(small.cat.to(column.dtype) if isinstance(column.dtype, pl.Enum) else small)
        keys = keys >> np.uint64(wide) if wide < 64 else np.zeros_like(keys)
    return pl.DataFrame(columns[::-1])
