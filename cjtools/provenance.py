"""What a report was made from: parameters, inputs by hash, versions; no clock, no path of a machine."""

from __future__ import annotations

import hashlib

import polars as pl

from cjtools.client import OWN_FILES, Client
from cjtools.settings.versions import versions


def made_from(client: Client, sources: pl.DataFrame, *, wave: str, language: str, audience: str) -> dict[str, object]:
    """Return what a report was made from; `sources` as tables.Source."""
    files = sources.select("source_file", "sha256").sort("source_file")
    own = [(name, client.folder / name) for name in OWN_FILES if (client.folder / name).is_file()]
    hashes = [{"file": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for name, path in own]
    counted = sources.select(pl.col("rows_in", "rows_used", "rows_rejected", "rows_merged").sum())
    return {
        "parameters": {"client": client.client.id, "wave": wave, "language": language, "audience": audience},
        "inputs": [*hashes, *({"file": a, "sha256": b} for a, b in files.iter_rows())],
        "rows": counted.to_dicts()[0],
        "versions": versions(client.text.annotator),
    }
