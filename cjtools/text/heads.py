"""Small trained heads: from the columns of a text to the probabilities of its classes, as numbers in a file."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from cjtools.errors import Fault, ParameterError

# Rows are taken in blocks of one size, and multiplied without BLAS: what a row gives depends neither on its neighbours
# nor on the number of threads.
BLOCK = 64


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer: weights (columns in, columns out) and bias."""

    weights: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True, eq=False)
class Head:
    """Networks with tanh layers whose logits are averaged: the classes, how inputs are scaled, the temperature."""

    classes: tuple[str, ...]
    mean: np.ndarray
    scale: np.ndarray
    networks: tuple[tuple[Layer, ...], ...]
    temperature: float = 1.0
    fingerprint: str = ""

    @property
    def columns(self) -> int:
        """How many columns a text has to have."""
        return len(self.mean)

    def probabilities(self, columns: np.ndarray) -> np.ndarray:
        """Return one row a text and one column a class, each row with the sum 1, float64 rounded to six digits."""
        count = len(columns)
        padded = np.zeros((-(-count // BLOCK) * BLOCK, self.columns), dtype=np.float32)
        padded[:count] = (np.asarray(columns, dtype=np.float32) - self.mean) * self.scale
        blocks = [self.logits(padded[start : start + BLOCK]) for start in range(0, len(padded), BLOCK)]
        logits = np.concatenate([np.empty((0, len(self.classes)), dtype=np.float32), *blocks])[:count]
        return np.round(softmax(logits.astype(np.float64) / self.temperature), 6)

    def logits(self, block: np.ndarray) -> np.ndarray:
        """Return the mean logits of the networks for one block of scaled rows."""
        return np.asarray(np.mean([forward(block, network) for network in self.networks], axis=0))


def forward(block: np.ndarray, network: Sequence[Layer]) -> np.ndarray:
    """Return the last layer's values of a block of rows."""
    for number, layer in enumerate(network):
        block = np.einsum("ij,jk->ik", block, layer.weights) + layer.bias
        if number + 1 < len(network):
            block = np.tanh(block)
    return block


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return logits as probabilities.

    >>> softmax(np.zeros((1, 4))).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    raised = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def save_head(head: Head) -> dict[str, np.ndarray]:
    """Return the arrays of a head, as np.savez takes them; weights in half precision."""
    told = {"classes": head.classes, "temperature": head.temperature, "networks": [len(net) for net in head.networks]}
    arrays = {"told": np.frombuffer(json.dumps(told, sort_keys=True).encode(), dtype=np.uint8)}
    arrays |= {"mean": head.mean.astype(np.float32), "scale": head.scale.astype(np.float32)}
    for number, network in enumerate(head.networks):
        for place, layer in enumerate(network):
            arrays[f"w{number}.{place}"] = layer.weights.astype(np.float16)
            arrays[f"b{number}.{place}"] = layer.bias.astype(np.float16)
    return arrays


@cache
def load_head(name: str) -> Head:
    """Return a head that ships with the package, by the name of its file in text/models.

    Raises ParameterError for one that there is not: a head belongs to one encoder.
    """
    path = resources.files("cjtools.text.models").joinpath(f"{name}.npz")
    if not path.is_file():
        raise ParameterError("encoder", [Fault(name, "no such head ships with the kit", "the encoder small or e5")])
    data = path.read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        told = json.loads(arrays["told"].tobytes())
        networks = tuple(
            tuple(
                Layer(arrays[f"w{number}.{place}"].astype(np.float32), arrays[f"b{number}.{place}"].astype(np.float32))
                for place in range(layers)
            )
            for number, layers in enumerate(told["networks"])
        )
        return Head(
            classes=tuple(told["classes"]),
            mean=arrays["mean"],
            scale=arrays["scale"],
            networks=networks,
            temperature=float(told["temperature"]),
            fingerprint=hashlib.sha256(data).hexdigest()[:16],
        )
