"""The floor: the needed columns read from Parquet and let go (S), and read once and sorted once (T)."""

from __future__ import annotations

from pathlib import Path

import polars as pl

NEEDED = ["user_id", "ts", "event", "page", "channel", "revenue"]


def versions() -> dict[str, str]:
    """Return what runs."""
    return {"polars": pl.__version__}


def order(what: str) -> str:
    """Return the operations in the order in which they are asked."""
    return what


def prepare(folder: Path, what: str, threads: int) -> list[Path]:
    """Return the files."""
    return sorted(folder.glob("events-*.parquet"))


def ask(files: list[Path], op: str) -> dict[str, list[list[object]]]:
    """Read file by file, so that memory holds one of them (S); or sort all by user and time (T)."""
    if op == "S":
        height = sum(pl.read_parquet(file, columns=NEEDED).height for file in files)
    else:
        height = pl.read_parquet(files, columns=NEEDED).sort("user_id", "ts", maintain_order=True).height
    return {"rows": [[height]]}
