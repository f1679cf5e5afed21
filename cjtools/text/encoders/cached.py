"""Vectors that are kept: a text is paid for once, whatever run or report asks for it again."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cjtools.text.encoders import Encoder

KEY = 16  # bytes of a text's hash: enough that no two texts ever meet


@dataclass(frozen=True, eq=False)
class Cached:
    """An encoder whose vectors are kept in a folder, by the hash of the text and the fingerprint of the encoder.

    Vectors are kept as they are (float32): what is read back has the same bytes as what was computed. A broken
    file is thrown away, and its texts are paid for again.
    """

    encoder: Encoder
    folder: Path
    rows: dict[bytes, np.ndarray] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The name of the encoder behind it."""
        return self.encoder.name

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the encoder behind it."""
        return self.encoder.fingerprint

    @property
    def size(self) -> int:
        """How many columns a vector has."""
        return self.encoder.size

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return the rows that the encoder gives; only texts that were never met are computed."""
        if not self.rows:
            self.read()
        keys = [self.key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self.rows}
        if new:
            self.rows.update(zip(new, self.encoder.encode(list(new.values())), strict=True))
            with suppress(OSError):  # where nothing may be written, nothing is kept
                self.write(list(new))
        return np.stack([self.rows[key] for key in keys]) if keys else np.empty((0, self.size), dtype=np.float32)

    def key(self, text: str) -> bytes:
        """Return under which key a text's row is kept."""
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:KEY]

    def parts(self) -> list[Path]:
        """Return the files of this encoder, in the order of their names."""
        return sorted(self.folder.glob(f"{self.fingerprint}-*.npz"))

    def read(self) -> None:
        """Take in what the folder holds; a file whose bytes are not those of its name is thrown away."""
        for part in self.parts():
            data = part.read_bytes()
            if part.stem.endswith(digest(data)):
                with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                    self.rows.update(zip(map(bytes, arrays["keys"]), arrays["rows"], strict=True))
            else:
                with suppress(OSError):
                    part.unlink()

    def write(self, keys: Sequence[bytes]) -> None:
        """Keep the rows of some texts in a new file, which appears whole or not at all."""
        held = io.BytesIO()
        stacked = np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, KEY)
        np.savez(held, keys=stacked, rows=np.stack([self.rows[key] for key in keys]))
        data = held.getvalue()
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".new", delete=False) as file:
            file.write(data)
        Path(file.name).replace(self.folder / f"{self.fingerprint}-{digest(data)}.npz")


def digest(data: bytes) -> str:
    """Return the hash of a file's bytes, as its name has it."""
    return hashlib.sha256(data).hexdigest()[:16]


def cached(encoder: Encoder, folder: Path) -> Cached:
    """Return an encoder that keeps the vectors of another in a folder."""
    return Cached(encoder, folder)
