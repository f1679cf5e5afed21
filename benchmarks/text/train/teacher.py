"""The vectors of e5 for the texts to learn from, kept in a folder: python benchmarks/text/train/teacher.py FOLDER."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cjtools.text.encoders.cached import cached
from cjtools.text.encoders.e5 import load_e5

TAPS = (8, 12)
AT_ONCE = 4096  # texts between two savings


def teacher_rows(texts: Sequence[str], folder: Path) -> np.ndarray:
    """Return e5's rows (layers 8 and 12 side by side) of texts; what the folder has is not computed again."""
    encoder = cached(load_e5(taps=TAPS), folder)
    parts = [encoder.encode(texts[start : start + AT_ONCE]) for start in range(0, len(texts), AT_ONCE)]
    return np.concatenate(parts)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from corpus import corpus

    print(teacher_rows(corpus(), Path(sys.argv[1])).shape)
