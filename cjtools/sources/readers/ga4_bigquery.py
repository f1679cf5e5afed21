"""GA4's export to BigQuery, as Parquet or NDJSON: events with nested parameters, whole numbers as texts, nulls."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from cjtools.client import Client
from cjtools.errors import SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.files import is_large, open_file
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.reader import Reader, read_each, source_lines, tables_of, zone_of
from cjtools.sources.readers.ga4_acts import acts_of, left_out_copies, settle, told_of, with_ids
from cjtools.sources.readers.ga4_export import NEEDED, read_export
from cjtools.sources.readers.ga4_large import write_large
from cjtools.sources.store import stored
from cjtools.tables import Tables

FORM = "ga4_bigquery"


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is that this is the export: by the columns of the Parquet, or the keys of the first line."""
    if head.startswith(b"PAR1"):
        try:
            return 0.99 if set(NEEDED) <= pl.read_parquet_schema(file).keys() else 0.0
        except PolarsError:
            return 0.0
    first = head.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return 0.99 if first.startswith(b"{") and all(f'"{name}"'.encode() in first for name in NEEDED) else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the events and identities of an export, its files together; large ones are read in pieces and stored.

    Merged are exact copies: the same pseudo id, time, name, page and place in its batch. Events whose consent was
    denied have no profile and no session; those and internal ones stay, marked.
    """
    raise_if_any(SourceError, section.path, list(key_faults(section, ["user_id"])))
    if is_large(files):
        write = partial(write_large, files=files, section=section, client=client, order=order)
        return stored(files, section=section, client=client, order=order, form=FORM, write=write)
    exports = read_each(files, section.path, lambda file: read_export(open_file(file, client)))
    pieces = [acts_of(export.rows, zone=zone_of(section, client)) for export in exports]
    numbered = [piece.rows.with_columns(file=pl.lit(number, pl.UInt32)) for number, piece in enumerate(pieces)]
    acts, names = pl.concat(numbered).with_row_index("row"), [export.name for export in exports]
    kinds = pl.concat([piece.kinds for piece in pieces]).unique("code")
    events, identities, copies = settle(with_ids(acts, names), kinds, section=section, client=client, order=order)
    merged = dict(copies["source_file"].value_counts().iter_rows())
    lines = [
        told_of(export, piece.rows).line(export.sha256, merged=merged.get(export.name, 0))
        for export, piece in zip(exports, pieces, strict=True)
    ]
    return tables_of(
        sources=source_lines(lines, section=section, client=client, kind="events", form=FORM, family="web"),
        left_out=left_out_copies(copies, section),
        events=events,
        identities=identities,
    )


READER = Reader(FORM, "web", detect, read)
