"""GA4's export of any size: read piece by piece, settled person by person, stored beside the client's files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from cjtools.client import Client
from cjtools.errors import SourceError
from cjtools.settings import SourceSection
from cjtools.sources.opening.files import Blocks, head_of, sha256_of, shown_name, weight
from cjtools.sources.opening.pieces import Piece, line_pieces
from cjtools.sources.opening.plain import BOM
from cjtools.sources.parts import Given, part_path, write_part
from cjtools.sources.piecewise import Buckets, LargeFile, PieceRead, bucket_of, gather, in_order
from cjtools.sources.reader import source_lines, tables_of, zone_of
from cjtools.sources.readers.ga4_acts import acts_of, left_out_copies, settle, told_of, with_ids
from cjtools.sources.readers.ga4_export import (
    Export,
    broken_parquet,
    empty_file,
    flat_rows,
    ndjson_rows,
    no_export,
    parquet_columns,
    with_parameters,
)
from cjtools.tables import Tables

SLICE = 100_000  # rows of Parquet read at once


def write_large(
    folder: Path, given: Given, files: Sequence[Path], *, section: SourceSection, client: Client, order: int
) -> Tables:
    """Write the events of an export to a folder in parts, and return its other tables."""
    opened = (partial(open_export, file, shown_name(file, client), zone=zone_of(section, client)) for file in files)
    kinds: list[pl.DataFrame] = []

    def keep_kinds(piece: PieceRead) -> None:
        kinds[:] = [pl.concat([*kinds, piece.extra]).unique("code")] if piece.extra is not None else kinds

    buckets = Buckets(folder, size=sum(map(weight, files)))
    gathered = gather(opened, buckets=buckets, also=keep_kinds)
    gathered.faults.raise_if_any(section.path)

    names = [told.name for told in gathered.told.values() if told.rows] or [""]

    def settle_part(number: int, rows: Callable[[], pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
        acts = with_ids(rows(), names)
        events, identities, copies = settle(acts, kinds[0], section=section, client=client, order=order, numbered=True)
        write_part(events, part_path(folder, number), given)
        return identities, copies.select("source_file", "source_row")

    tasks = (partial(settle_part, number, rows) for number, rows in enumerate(gathered.buckets.groups()))
    identities, copies = (pl.concat(frames) for frames in zip(*in_order(tasks, workers=2), strict=True))
    merged = dict(copies["source_file"].value_counts().iter_rows())
    lines = [told.line(gathered.hashes[name], merged=merged.get(name, 0)) for name, told in gathered.told.items()]
    return tables_of(
        sources=source_lines(lines, section=section, client=client, kind="events", form="ga4_bigquery", family="web"),
        left_out=left_out_copies(copies, section),
        identities=identities.unique().sort(identities.columns),
    )


def open_export(file: Path, name: str, *, zone: str) -> list[LargeFile]:
    """Return the pieces of a file. Raises SourceError for one that is empty or broken."""
    head = head_of(file, 4)
    if not head:
        raise empty_file(name)
    if head.startswith(b"PAR1"):
        return [LargeFile(name, slices_of(file, name, zone), partial(sha256_of, file))]
    blocks = Blocks(file, name)
    pieces = (partial(read_piece, partial(lines_of, piece, name), zone) for piece in line_pieces(blocks, name))
    return [LargeFile(name, pieces, lambda: blocks.sha256)]


def slices_of(file: Path, name: str, zone: str) -> Iterator[Callable[[int], PieceRead]]:
    """Yield the slices of a Parquet file, to be read."""
    try:
        columns = parquet_columns(pl.read_parquet_schema(file), name)
        rows = pl.scan_parquet(file).select(pl.len()).collect().item()
    except PolarsError as error:
        raise broken_parquet(name, error) from None
    for first in range(0, max(rows, 1), SLICE):
        yield partial(read_piece, partial(slice_of, file, name, columns, first), zone)


def slice_of(file: Path, name: str, columns: Sequence[str], first: int) -> Export:
    """Return some rows of a Parquet file, flat."""
    try:
        rows = pl.scan_parquet(file).slice(first, SLICE).select(columns).collect()
    except PolarsError as error:
        raise broken_parquet(name, error) from None
    numbered = with_parameters(rows).with_row_index("source_row", offset=first + 1)
    return Export(name, "", "row", flat_rows(numbered, name, "row"))


def lines_of(piece: Piece, name: str) -> Export:
    """Return some lines of JSON, flat."""
    data = piece.data.removeprefix(BOM) if piece.line == 1 else piece.data
    rows = ndjson_rows(data, name, first_line=piece.line)
    if piece.line == 1 and rows.height and rows["event_name"].null_count() == rows.height:
        raise no_export(name)
    return Export(name, "", "line", flat_rows(rows, name, "line"))


def read_piece(read: Callable[[], Export], zone: str, file: int) -> PieceRead:
    """Return the acts of a piece, or what is wrong in it."""
    try:
        export = read()
    except SourceError as error:
        return PieceRead(faults=error.faults)
    acts = acts_of(export.rows, zone=zone)
    # Acts of nobody belong together with none: they are spread over the buckets.
    nobody = pl.col("user_pseudo_id").is_null()
    person = pl.when(nobody).then(pl.col("source_row").hash()).otherwise(pl.col("user_pseudo_id").hash())
    rows = acts.rows.with_columns(bucket_of(person), file=pl.lit(file, pl.UInt32))
    return PieceRead(rows, told_of(export, acts.rows), extra=acts.kinds)
