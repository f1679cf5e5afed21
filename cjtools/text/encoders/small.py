"""The encoder that ships with the package: what e5 says of a text, learnt by a network small enough for numpy.

Every product of tables is one of whole numbers, small enough that float32 holds their sums exactly: the order in which
a processor adds, the number of threads and a text's neighbours cannot change a vector.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np

from cjtools.text.encoders.pieces import Pieces, pieces_of

ROWS = 1024  # pieces taken at once, about: what a processor's own memory holds
LONGEST = 512  # pieces of a text that count
HIGHEST = 127  # of a whole number of 8 bits; 127 · 127 · 1024 is below 2²⁴, where float32 stops being exact


@dataclass(frozen=True, eq=False)
class Dense:
    """A layer of whole numbers (columns in, columns out), as float32, with a scale and a bias for each column out."""

    weights: np.ndarray
    scale: np.ndarray
    bias: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the layer's values; each row is rounded by its own highest value."""
        peak = np.abs(x).max(axis=1, keepdims=True)
        peak[peak == 0] = 1
        out = np.rint(x * (HIGHEST / peak)) @ self.weights
        out *= self.scale
        out *= peak
        out += self.bias
        return np.asarray(out)


@dataclass(frozen=True, eq=False)
class Block:
    """Neighbours summed column by column (reach, width), then values with a gate each."""

    near: np.ndarray
    mix: Dense

    def __call__(self, x: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Return (texts, tokens, width) after the block; places without a token stay zero."""
        texts, tokens, width = x.shape
        out = self.mix(neighbours(x, self.near).reshape(-1, width))
        gate = out[:, width:]
        gate /= 6
        gate += 0.5
        np.clip(gate, 0, 1, out=gate)
        gate *= out[:, :width]
        gate = gate.reshape(texts, tokens, width)
        gate += x
        gate *= mask
        return gate


@dataclass(frozen=True, eq=False)
class Small:
    """The encoder: pieces, a table of 8 bits with a scale and a weight for each piece, blocks, the last layer."""

    pieces: Pieces
    table: np.ndarray
    scale: np.ndarray
    weight: np.ndarray
    blocks: tuple[Block, ...]
    last: Dense
    fingerprint: str
    name: str = "small"

    @cached_property
    def size(self) -> int:
        """How many columns a vector has."""
        return len(self.last.bias)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row a text, of length 1, float32; an empty text gives zeros. Long texts count to 512 pieces."""
        rows = np.zeros((len(texts), self.size), dtype=np.float32)
        lists = [self.numbers(text) for text in texts]
        for places in batches([len(each) for each in lists]):
            rows[places] = self.encode_numbers([lists[place] for place in places])
        return rows

    def numbers(self, text: str) -> list[int]:
        """Return the numbers of a text's pieces that the table has."""
        return [number for number in self.pieces.split(text.lower()) if number][:LONGEST]

    def encode_numbers(self, lists: Sequence[Sequence[int]]) -> np.ndarray:
        """Return the rows of some texts of about the same length, by their pieces."""
        numbers = filled(lists)
        mask = (numbers > 0).astype(np.float32)[:, :, None]
        x = self.table[numbers].astype(np.float32)
        x *= self.scale[numbers][:, :, None]
        for block in self.blocks:
            x = block(x, mask)
        return to_length_one(self.last(pooled(x, self.weight[numbers][:, :, None], mask)))


def neighbours(x: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Return each token's weighted sum of itself and the tokens around it, column by column; none beyond the ends."""
    half, tokens = len(near) // 2, x.shape[1]
    out = x * near[half]
    for place, weight in enumerate(near):
        step = place - half
        if step and abs(step) < tokens:
            out[:, max(-step, 0) : tokens - max(step, 0)] += x[:, max(step, 0) : tokens + min(step, 0)] * weight
    return np.asarray(out)


def pooled(x: np.ndarray, weight: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the weighted mean and the highest values of each text, side by side.

    Token after token, not by one call: the order of a sum must not depend on how far a text was filled up.
    """
    summed = np.zeros_like(x[:, 0])
    weights = np.zeros_like(weight[:, 0])
    high = np.full_like(summed, -1e4)
    x_weighted = x * weight
    for place in range(x.shape[1]):
        summed += x_weighted[:, place]
        weights += weight[:, place]
        np.maximum(high, np.where(mask[:, place] > 0, x[:, place], np.float32(-1e4)), out=high)
    return np.concatenate([summed / np.maximum(weights, np.float32(0.1)), high], axis=1)


def to_length_one(rows: np.ndarray) -> np.ndarray:
    """Return rows with a length of 1.

    >>> to_length_one(np.array([[3.0, 4.0]])).tolist()
    [[0.6, 0.8]]
    """
    return np.asarray(rows / np.sqrt((rows * rows).sum(axis=1, keepdims=True)))


def batches(lengths: Sequence[int]) -> Iterator[np.ndarray]:
    """Yield the places of texts of about the same length together; texts of no length are in none.

    >>> [places.tolist() for places in batches([3, 0, 1000, 2])]
    [[3, 0], [2]]
    """
    order = np.argsort(lengths, kind="stable")
    start = int(np.searchsorted(np.asarray(lengths)[order], 1)) if lengths else 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and (stop - start + 1) * lengths[order[stop]] <= ROWS:
            stop += 1
        yield order[start:stop]
        start = stop


def filled(lists: Sequence[Sequence[int]]) -> np.ndarray:
    """Return lists as one table, filled up with zeros.

    >>> filled([[1, 2], [3]]).tolist()
    [[1, 2], [3, 0]]
    """
    out = np.zeros((len(lists), max(map(len, lists))), dtype=np.int64)
    for row, each in zip(out, lists, strict=True):
        row[: len(each)] = each
    return out


def load_small(weights: str | Path | None = None) -> Small:
    """Return the encoder of a file, or the one that ships with the package."""
    place = Path(weights) if weights else resources.files("cjtools.text.models") / "small.npz"
    with place.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return assemble({name: arrays[name] for name in arrays.files})


def assemble(arrays: Mapping[str, np.ndarray]) -> Small:
    """Return the encoder of the arrays of its file."""
    together = hashlib.sha256()
    for name in sorted(arrays):
        together.update(name.encode() + arrays[name].tobytes())
    return Small(
        pieces=read_pieces(arrays),
        table=arrays["table"],
        scale=arrays["scale"].astype(np.float32),
        weight=arrays["weight"].astype(np.float32),
        blocks=tuple(Block(near, read_dense(arrays, f"mix{number}")) for number, near in enumerate(arrays["near"])),
        last=read_dense(arrays, "last"),
        fingerprint=together.hexdigest()[:16],
    )


def read_pieces(arrays: Mapping[str, np.ndarray]) -> Pieces:
    """Return the tokenizer of the file: names by line, scores, letters by code point."""
    names = arrays["names"].tobytes().decode().split("\n")
    letters = arrays["letters"].tobytes().decode().split("\n")
    points = dict(zip(arrays["points"].tolist(), letters, strict=True))
    return pieces_of(names, arrays["scores"].tolist(), points, unknown=0)


def read_dense(arrays: Mapping[str, np.ndarray], name: str) -> Dense:
    """Return a layer of the file; the scale takes in that of the rounded rows."""
    scale = (arrays[f"{name}.scale"] / HIGHEST).astype(np.float32)
    return Dense(arrays[f"{name}.weights"].astype(np.float32), scale, arrays[f"{name}.bias"])
