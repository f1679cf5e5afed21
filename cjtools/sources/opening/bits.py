"""Bytes as bits: one a byte, sixty-four looked at at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Bits: TypeAlias = npt.NDArray[np.uint64]
Test: TypeAlias = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.bool_]]

BLOCK = 2**20  # bytes looked at at once: they stay in the processor's own memory


def bits_of(data: bytes, byte: bytes) -> Bits:
    """Return one bit a byte: set where the byte is this one."""
    wanted = byte[0]
    return packed(data, lambda block: block == wanted)


def bits_below_blank(data: bytes) -> Bits:
    """Return one bit a byte: set where it is a control character."""
    return packed(data, lambda block: block < 32)


def packed(data: bytes, test: Test) -> Bits:
    """Return one bit a byte: set where it passes a test; the last word is filled up with zeros."""
    whole = np.frombuffer(data, np.uint8)
    bits = np.zeros(-(-len(data) // 64) * 8, np.uint8)
    for start in range(0, len(whole), BLOCK):
        some = np.packbits(test(whole[start : start + BLOCK]), bitorder="little")
        bits[start // 8 : start // 8 + len(some)] = some
    return bits.view("<u8")


def parity(quotes: Bits) -> Bits:
    """Return one bit a byte: set from an opening quote on, up to its closing one."""
    if not quotes.any():
        return quotes
    within = quotes.copy()
    for shift in (1, 2, 4, 8, 16, 32):
        within ^= within << np.uint64(shift)
    odd = np.bitwise_xor.accumulate(within >> np.uint64(63))
    within[1:] ^= np.uint64(0) - odd[:-1]
    return within


def after(bits: Bits) -> Bits:
    """Return the bits of the bytes before: set where the byte before has its bit set."""
    moved = bits << np.uint64(1)
    moved[1:] |= bits[:-1] >> np.uint64(63)
    return moved


def before(bits: Bits) -> Bits:
    """Return the bits of the bytes behind: set where the next byte has its bit set."""
    moved = bits >> np.uint64(1)
    moved[:-1] |= bits[1:] << np.uint64(63)
    return moved


def count(bits: Bits) -> int:
    """Return how many bits are set."""
    return int(np.bitwise_count(bits).sum(dtype=np.int64))


def places(bits: Bits) -> npt.NDArray[np.int64]:
    """Return where bits are set."""
    return np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little").view(np.bool_))
