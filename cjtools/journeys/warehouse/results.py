"""The flat rows that a warehouse gave, as the events that the kit's reader of the export makes of the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.files import fault_of, head_of, sha256_of, shown_name, weight
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parts import Given, part_path, write_part
from cjtools.sources.piecewise import Buckets, LargeFile, PieceRead, gather, in_order
from cjtools.sources.reader import source_lines, tables_of, zone_of
from cjtools.sources.readers.ga4_acts import left_out_copies, settle, with_ids
from cjtools.sources.readers.ga4_export import BATCH, CAMPAIGN, GROUPS, NEEDED, YEARS, Export, row_faults
from cjtools.sources.readers.ga4_large import SLICE, read_piece
from cjtools.sources.readers.ga4_parameters import PARAMETERS
from cjtools.sources.readers.ga4_traffic import set_text
from cjtools.sources.store import stored
from cjtools.tables import Tables

FORM = "ga4_flat"
RENAMED = {"transaction_id": "order_id", "category": "device"}
TEXTS = (
    *NEEDED,
    "event_date",
    *(RENAMED.get(name, name) for names in GROUPS.values() for name in names),
    "click_ads",
    *(f"param_{key}" for key in PARAMETERS),
)
CLICKS = {"click_manual": CAMPAIGN, "click_channel": CAMPAIGN}
PARTS = {"source": "source", "medium": "medium", "campaign": "campaign_name"}
COLUMNS = (*TEXTS, "user_id", "user_pseudo_id", *BATCH, *(f"{name}_{part}" for name in CLICKS for part in PARTS))

# A warehouse gives its rows in no order. By these columns they stand in one, whatever came first.
CONTENT = (
    "user_pseudo_id", "timestamp", *BATCH, "event_name", "page", "user_id", "session", "order_id", "value", "currency",
    "device", "consent", "is_internal", "click", "own",
)  # fmt: skip


def read_result(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the events and identities of the result of `ga4_query`, in Parquet or Arrow files, all together.

    They are those of the export itself; columns that are missing are null. Rows of equal time and place in their batch
    stand in the order of their content, since the result has no order. Events are stored in the client's cache, in
    parts: of any number of rows some hundred thousand are in memory at once. Raises SourceError with every fault.
    """
    raise_if_any(SourceError, section.path, list(key_faults(section, ["user_id"])))
    write = partial(write_result, files=files, section=section, client=client, order=order)
    return stored(files, section=section, client=client, order=order, form=FORM, write=write)


def write_result(
    folder: Path, given: Given, files: Sequence[Path], *, section: SourceSection, client: Client, order: int
) -> Tables:
    """Write the events of a result to a folder in parts, and return its other tables."""
    opened = (partial(open_result, file, shown_name(file, client), zone=zone_of(section, client)) for file in files)
    kinds: list[pl.DataFrame] = []

    def keep_kinds(piece: PieceRead) -> None:
        kinds[:] = [pl.concat([*kinds, piece.extra]).unique("code")] if piece.extra is not None else kinds

    gathered = gather(opened, buckets=Buckets(folder, size=sum(map(weight, files))), also=keep_kinds)
    gathered.faults.raise_if_any(section.path)
    names = [told.name for told in gathered.told.values() if told.rows] or [""]

    def settle_part(number: int, rows: Callable[[], pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
        acts = with_ids(by_content(rows()), names)
        events, identities, copies = settle(acts, kinds[0], section=section, client=client, order=order, numbered=True)
        write_part(with_places(events), part_path(folder, number), given)
        return identities, copies.select("source_file", "source_row")

    tasks = (partial(settle_part, number, rows) for number, rows in enumerate(gathered.buckets.groups()))
    identities, copies = (pl.concat(frames) for frames in zip(*in_order(tasks, workers=2), strict=True))
    merged = dict(copies["source_file"].value_counts().iter_rows())
    lines = [told.line(gathered.hashes[name], merged=merged.get(name, 0)) for name, told in gathered.told.items()]
    return tables_of(
        sources=source_lines(lines, section=section, client=client, kind="events", form=FORM, family="web"),
        left_out=left_out_copies(copies, section),
        identities=identities.unique().sort(identities.columns),
    )


def by_content(acts: pl.DataFrame) -> pl.DataFrame:
    """Return acts in the order of their content, numbered so: the numbers that they had, ascending."""
    return acts.sort(CONTENT, nulls_last=True).with_columns(pl.col("row").sort())


def with_places(events: pl.DataFrame) -> pl.DataFrame:
    """Return events whose `tiebreak` tells all of one profile and time apart, by their own one and by their place."""
    alike = events.select(
        (pl.col("profile_id").is_not_null() & pl.struct("profile_id", "timestamp").is_duplicated()).arg_true()
    ).to_series()
    tied = events.select("profile_id", "timestamp", "tiebreak")[alike].with_row_index("place")
    places = tied.select(pl.struct("tiebreak", "place").rank("dense").over("profile_id", "timestamp").cast(pl.Int64))
    return events.with_columns(events["tiebreak"].scatter(alike, places.to_series() - 1))


def open_result(file: Path, name: str, *, zone: str) -> list[LargeFile]:
    """Return the pieces of a file. Raises SourceError for one that is no result of the query."""
    scan = scan_result(file, name)
    return [LargeFile(name, slices_of(scan, name, zone), partial(sha256_of, file))]


def scan_result(file: Path, name: str) -> pl.LazyFrame:
    """Return the columns of a Parquet or Arrow file that are read, lazily."""
    scan_file = pl.scan_ipc if head_of(file, 6) == b"ARROW1" else pl.scan_parquet
    try:
        scan = scan_file(file)
        there = scan.collect_schema()
    except PolarsError:
        raise fault_of(name, "neither Parquet nor an Arrow file", "the result of ga4_query, as Parquet") from None
    missing = [column for column in (*NEEDED, "user_pseudo_id") if column not in there]
    nested = [column for column in COLUMNS if column in there and there[column].is_nested()]
    faults = [Fault(f"{name}, column {column!r}", "missing", "the columns of ga4_query") for column in missing]
    faults += [Fault(f"{name}, column {column!r}", "nested", "flat, as ga4_query gives it") for column in nested]
    raise_if_any(SourceError, name, faults)
    return scan.select(column for column in COLUMNS if column in there)


def slices_of(scan: pl.LazyFrame, name: str, zone: str) -> Iterator[Callable[[int], PieceRead]]:
    """Yield the slices of a result, to be read."""
    rows = scan.select(pl.len()).collect().item()
    for first in range(0, max(rows, 1), SLICE):
        yield partial(read_piece, partial(slice_of, scan, name, first), zone)


def slice_of(scan: pl.LazyFrame, name: str, first: int) -> Export:
    """Return some rows of a result in the shape of the export's flat rows. Raises SourceError for rows without time."""
    rows = scan.slice(first, SLICE).collect()
    flat = flat_result(rows.with_row_index("source_row", offset=first + 1))
    raise_if_any(SourceError, name, list(row_faults(flat, name, "row")))
    return Export(name, "", "row", flat)


def flat_result(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the columns, types and nulls that flat rows of the export have, and the moment."""
    there = rows.with_columns(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(pl.String).alias(name)
        for name in COLUMNS
        if name not in BATCH
    )
    moment = pl.from_epoch(pl.col("event_timestamp").cast(pl.Int64, strict=False), "us")
    return there.select(
        pl.col("source_row").cast(pl.Int64),
        *TEXTS,
        *(set_text(pl.col(name)).alias(name) for name in ("user_id", "user_pseudo_id")),
        *(whole(name, rows) for name in BATCH),
        *(pl.struct(pl.col(f"{name}_{part}").alias(own) for part, own in PARTS.items()).alias(name) for name in CLICKS),
        moment=pl.when(moment.dt.year().is_between(*YEARS)).then(moment),
    )


def whole(name: str, rows: pl.DataFrame) -> pl.Expr:
    """Return a column of whole numbers, 0 where there is none."""
    column = pl.col(name) if name in rows.columns else pl.lit(None)
    return column.cast(pl.Int64, strict=False).fill_null(0).alias(name)
