"""GA4's export to BigQuery, as Parquet or NDJSON: events with nested parameters, whole numbers as texts, nulls."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from cjtools.client import Client
from cjtools.errors import SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.amounts import MONEY
from cjtools.sources.files import open_file
from cjtools.sources.ga4_export import BATCH, NEEDED, Export, read_export
from cjtools.sources.ga4_traffic import set_text, with_traffic
from cjtools.sources.pages import page_path
from cjtools.sources.profiles import join_pseudo_ids, key_faults
from cjtools.sources.reader import (
    FileLine,
    Reader,
    counted,
    period_of,
    read_each,
    shape,
    source_lines,
    tables_of,
    zone_of,
)
from cjtools.tables import Event, Tables


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
    """Return the events and identities of an export, its files together.

    Merged are exact copies: the same pseudo id, time, name, page and place in its batch. Events whose consent was
    denied have no profile and no session; those and internal ones stay, marked.
    """
    raise_if_any(SourceError, section.path, list(key_faults(section, ["user_id"])))
    exports = read_each(files, section.path, lambda file: read_export(open_file(file, client)))
    rows = pl.concat([
        export.rows.with_columns(source_file=pl.lit(export.opened.name), source_row=pl.int_range(1, pl.len() + 1))
        for export in exports
    ]).with_row_index("row")  # fmt: skip
    events = to_events(rows, zone_of(section, client))
    kept = events.filter(~pl.col("copy"))
    kept, identities = join_pseudo_ids(with_traffic(kept), section=section, client=client)
    has_value = pl.col("value").is_not_null()
    kept = kept.with_columns(
        event_id=pl.concat_str(pl.lit(f"{section.id}:"), "row"),
        currency=pl.when(has_value).then(
            pl.col("currency").fill_null(pl.lit(section.currency or client.client.currency))
        ),
    )
    sources = source_lines(
        [line_of(export, events) for export in exports],
        section=section,
        client=client,
        kind="events",
        form="ga4_bigquery",
        family="web",
    )
    constants = {"source_id": section.id, "source_order": order, "environment": "online", "time_precision": "exact"}
    return tables_of(sources=sources, events=shape(Event, kept, is_bot=False, **constants), identities=identities)


def to_events(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return flat rows as events with their ids still apart; `copy` marks those that an earlier row tells already."""
    denied = (pl.col("analytics_storage") == "No").fill_null(False)
    internal = (pl.col("param_traffic_type") == "internal").fill_null(False)
    moment = pl.col("moment").dt.replace_time_zone("UTC")
    day = pl.col("event_date").str.to_date("%Y%m%d", strict=False)
    session = pl.concat_str("user_pseudo_id", "param_ga_session_id", separator=".")
    key = pl.struct("user_pseudo_id", "moment", "event_name", "param_page_location", *BATCH)
    return rows.with_columns(
        copy=pl.col("user_pseudo_id").is_not_null() & ~key.is_first_distinct(),
        pseudo_id=pl.when(~denied).then("user_pseudo_id"),
        user_id=pl.when(~denied).then("user_id"),
        session_id=pl.when(~denied).then(session),
        timestamp=moment,
        local_date=day.fill_null(moment.dt.convert_time_zone(zone).dt.date()),
        activity="event_name",
        tiebreak=tiebreak(rows),
        page=page_path(pl.col("param_page_location")),
        order_id=pl.coalesce(set_text(pl.col("order_id")), set_text(pl.col("param_transaction_id"))),
        value=pl.col("purchase_revenue").cast(MONEY, strict=False),
        currency=set_text(pl.col("param_currency")),
        consent=pl.when(denied)
        .then(pl.lit("denied"))
        .when(pl.col("analytics_storage") == "Yes")
        .then(pl.lit("granted"))
        .otherwise(pl.lit("unknown")),
        is_internal=internal,
        reason=pl.when(internal).then(pl.lit("internal traffic")).when(denied).then(pl.lit("consent denied")),
    )


def tiebreak(rows: pl.DataFrame) -> pl.Expr:
    """Return the place of an event among those of the same time: its place in the batch that the browser sent."""
    if rows.select(pl.all_horizontal((pl.col(name) == 0).all() for name in BATCH)).item():
        return pl.lit(0)
    return pl.struct(BATCH).rank("dense").cast(pl.Int64)


def line_of(export: Export, events: pl.DataFrame) -> FileLine:
    """Return what became of the rows of one file."""
    own = events.filter(pl.col("source_file") == export.opened.name)
    flags = {
        "consent_denied": int((own["consent"] == "denied").sum()),
        "consent_unknown": int((own["consent"] == "unknown").sum()),
        "internal": int(own["is_internal"].sum()),
    }
    return FileLine(
        export.opened.name,
        export.opened.sha256,
        rows_in=own.height,
        merged=int(own["copy"].sum()),
        flags=tuple(counted(flags)),
        encoding="parquet" if export.form == "row" else "utf-8",
        period=period_of([own["local_date"].min(), own["local_date"].max()]) if own.height else (None, None),  # type: ignore[list-item]
    )


READER = Reader("ga4_bigquery", "web", detect, read)
