"""The trained small encoder as the file that ships: whole numbers of 8 bits, names of pieces, letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from student import Rounded, Student


def export(
    model: Student, names: Sequence[str], scores: Sequence[float], letters: Mapping[int, str], out: Path
) -> None:
    """Write the model; the same model gives the same bytes."""
    table = model.table.weight.detach().numpy()
    peak = np.maximum(np.abs(table).max(axis=1), 1e-6)
    scale = (peak / 127).astype(np.float16)
    rounded = np.clip(np.rint(table / np.maximum(scale.astype(np.float32), 1e-7)[:, None]), -127, 127).astype(np.int8)
    weight = model.weight.weight.detach().clamp(min=0).numpy()[:, 0].astype(np.float16)
    rounded[0] = weight[0] = 0
    points = sorted(letters)
    arrays = {
        "table": rounded,
        "scale": scale,
        "weight": weight,
        "near": np.stack([block.near.detach().numpy() for block in model.blocks]),
        "names": np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
        "scores": np.asarray(scores, dtype=np.float32),
        "points": np.asarray(points, dtype=np.uint32),
        "letters": np.frombuffer("\n".join(letters[point] for point in points).encode(), dtype=np.uint8),
    }
    for name, layer in [
        *((f"mix{number}", block.mix) for number, block in enumerate(model.blocks)),
        ("last", model.last),
    ]:
        arrays |= dense(name, layer)
    with out.open("wb") as file:
        np.savez_compressed(file, **arrays)


def dense(name: str, layer: Rounded) -> dict[str, np.ndarray]:
    """Return a layer's arrays: whole numbers (columns in, columns out), scale, bias."""
    weights = layer.weight.detach().numpy()
    scale = np.maximum(np.abs(weights).max(axis=1), 1e-8) / 127
    return {
        f"{name}.weights": np.rint(weights / scale[:, None]).astype(np.int8).T.copy(),
        f"{name}.scale": scale.astype(np.float32),
        f"{name}.bias": layer.bias.detach().numpy().astype(np.float32),
    }
