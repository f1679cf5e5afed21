"""The rows of GA4's export, flat: what Parquet and NDJSON hold in nests, as one text column each."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from polars.exceptions import PolarsError

from cjtools.errors import Fault, SourceError, cut, raise_if_any
from cjtools.sources.files import Opened, fault_of
from cjtools.sources.ga4_traffic import set_text

PARAMETERS = (
    "page_location",
    "ga_session_id",
    "traffic_type",
    "source",
    "medium",
    "campaign",
    "currency",
    "transaction_id",
    "gclid",
)
VALUES = ("string_value", "int_value", "float_value", "double_value")
CAMPAIGN = pl.Struct(dict.fromkeys(("source", "medium", "campaign_name"), pl.String))
BATCH = ("batch_page_id", "batch_ordering_id", "batch_event_index")
NEEDED = ("event_timestamp", "event_name")
YEARS = (2005, 2100)

# The columns that are read, as texts: what a file has not is null. BigQuery's JSON writes whole numbers as texts too.
SCHEMA = pl.Schema({
    **dict.fromkeys((*NEEDED, *BATCH, "event_date", "user_id", "user_pseudo_id"), pl.String()),
    "event_params": pl.List(pl.Struct({"key": pl.String, "value": pl.Struct(dict.fromkeys(VALUES, pl.String))})),
    "privacy_info": pl.Struct({"analytics_storage": pl.String}),
    "device": pl.Struct({"category": pl.String}),
    "ecommerce": pl.Struct(dict.fromkeys(("transaction_id", "purchase_revenue"), pl.String)),
    "collected_traffic_source": pl.Struct(
        dict.fromkeys(("manual_source", "manual_medium", "manual_campaign_name", "gclid"), pl.String)
    ),
    "session_traffic_source_last_click": pl.Struct({
        "manual_campaign": CAMPAIGN,
        "cross_channel_campaign": CAMPAIGN,
        "google_ads_campaign": pl.Struct({"campaign_name": pl.String}),
    }),
})  # fmt: skip
GROUPS = {
    "privacy_info": ("analytics_storage",),
    "device": ("category",),
    "ecommerce": ("transaction_id", "purchase_revenue"),
    "collected_traffic_source": ("manual_source", "manual_medium", "manual_campaign_name", "gclid"),
}


@dataclass(frozen=True)
class Export:
    """The rows of one file, flat: one text column for everything that is read."""

    opened: Opened
    rows: pl.DataFrame
    form: str


def read_export(opened: Opened) -> Export:
    """Return the rows of a file, flat. Raises SourceError with every row that has no time or no name."""
    if not opened.data:
        raise fault_of(opened.name, "the file is empty (0 bytes)", "Parquet, or one JSON object a line")
    is_parquet = opened.data.startswith(b"PAR1")
    nested = read_parquet(opened) if is_parquet else read_ndjson(opened)
    raise_if_any(SourceError, opened.name, list(shape_faults(nested, opened.name)))
    rows = flatten(nested)
    rows = rows.with_columns(moment=pl.from_epoch(pl.col("event_timestamp").cast(pl.Int64, strict=False), "us"))
    rows = rows.with_columns(moment=pl.when(pl.col("moment").dt.year().is_between(*YEARS)).then("moment"))
    form = "row" if is_parquet else "line"
    raise_if_any(SourceError, opened.name, list(row_faults(rows, opened.name, form)))
    return Export(opened, rows, form)


def read_parquet(opened: Opened) -> pl.DataFrame:
    """Return the columns of SCHEMA that a Parquet file has, in its own types."""
    stream = io.BytesIO(opened.data)
    try:
        there = pl.read_parquet_schema(stream)
        missing = [name for name in NEEDED if name not in there]
        if not missing:
            stream.seek(0)
            return pl.read_parquet(stream, columns=[name for name in SCHEMA if name in there])
    except PolarsError as error:
        raise fault_of(opened.name, f"broken Parquet ({cut(error)})", "", "export it again") from None
    raise fault_of(opened.name, f"there is no column {' and '.join(missing)}", "the columns of GA4's BigQuery export")


def read_ndjson(opened: Opened) -> pl.DataFrame:
    """Return the columns of SCHEMA of a file with one JSON object a line."""
    try:
        rows = pl.read_ndjson(io.BytesIO(opened.data.removeprefix(b"\xef\xbb\xbf")), schema=SCHEMA)
    except PolarsError as error:
        faults = list(json_faults(opened))
        raise SourceError(
            opened.name, faults or [Fault(opened.name, f"not the export's shape ({cut(error)})")]
        ) from None
    if not rows.is_empty() and rows["event_name"].null_count() == rows.height:
        raise fault_of(opened.name, "there is no event_name in any line", "the columns of GA4's BigQuery export")
    return rows


def json_faults(opened: Opened) -> Iterator[Fault]:
    """Yield the lines that are no JSON object."""
    for number, line in enumerate(opened.data.split(b"\n"), start=1):
        try:
            if line.strip() and not isinstance(json.loads(line), dict):
                yield Fault(f"{opened.name} line {number}", "not a JSON object", "one object a line")
        except (ValueError, RecursionError) as error:
            yield Fault(f"{opened.name} line {number}", f"not valid JSON ({cut(error)})", "one object a line")


def shape_faults(rows: pl.DataFrame, name: str) -> Iterator[Fault]:
    """Yield the columns that are flat where the export nests: someone's own query, whose meaning is not known."""
    nests = (pl.Struct, pl.List, pl.Null)
    for column, kind in rows.schema.items():
        if SCHEMA[column].is_nested() and not isinstance(kind, nests):
            expected = "nested records as BigQuery exports them"
            yield Fault(f"{name}, column {column!r}", f"{kind}, not a record", expected, "export the table itself")


def flatten(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with one text column for each thing that is read; what the file has not is null."""
    there = rows.with_columns(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind, strict=False).alias(name)
        for name, kind in SCHEMA.items()
        if name != "event_params"
    )
    click = pl.col("session_traffic_source_last_click").struct
    flat = there.select(
        *NEEDED,
        "event_date",
        *(set_text(pl.col(name)).alias(name) for name in ("user_id", "user_pseudo_id")),
        *(pl.col(name).cast(pl.Int64, strict=False).fill_null(0).alias(name) for name in BATCH),
        *(pl.col(group).struct.field(*names) for group, names in GROUPS.items()),
        click_manual=click.field("manual_campaign"),
        click_channel=click.field("cross_channel_campaign"),
        click_ads=click.field("google_ads_campaign").struct.field("campaign_name"),
    ).rename({"transaction_id": "order_id", "category": "device"})
    return pl.concat([flat, parameters_of(rows)], how="horizontal")


def parameters_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the wanted event parameters, one text column each, named param_<key>: of a key the first value."""
    names = [f"param_{key}" for key in PARAMETERS]
    nothing = pl.DataFrame(schema=dict.fromkeys(names, pl.String)).clear(rows.height)
    if "event_params" not in rows.columns or rows["event_params"].null_count() == rows.height:
        return nothing
    long = rows.lazy().select(parameters=listed(rows.schema["event_params"]), row=pl.int_range(pl.len()))
    long = long.explode("parameters").unnest("parameters")
    if long.collect_schema().names() == ["element", "row"]:
        long = long.unnest("element")
    long = long.filter(pl.col("key").is_in(PARAMETERS))
    given = [field.name for field in getattr(long.collect_schema()["value"], "fields", []) if field.name in VALUES]
    value = pl.col("value").struct
    texts = long.select(
        "row",
        key=pl.lit("param_") + pl.col("key"),
        text=pl.coalesce(*(value.field(name).cast(pl.String) for name in given), pl.lit(None, pl.String)),
    )
    wide = texts.collect().pivot(on="key", on_columns=names, index="row", values="text", aggregate_function="first")
    numbers = pl.DataFrame({"row": pl.int_range(rows.height, eager=True)})
    return numbers.join(wide, on="row", how="left", maintain_order="left").select(names)


def listed(kind: pl.DataType) -> pl.Expr:
    """Return the parameters as a list: in some Parquet BigQuery wraps it into a record `list` of records `element`."""
    return pl.col("event_params").struct.field("list") if isinstance(kind, pl.Struct) else pl.col("event_params")


def row_faults(rows: pl.DataFrame, name: str, form: str) -> Iterator[Fault]:
    """Yield the rows without a time that can be, or without a name."""
    numbered = rows.with_row_index("row", offset=1)
    for row, text in numbered.filter(pl.col("moment").is_null()).select("row", "event_timestamp").iter_rows():
        expected = "microseconds since 1970, in UTC"
        yield Fault(f"{name} {form} {row}, column 'event_timestamp'", f"{cut(text or '')} is not a time", expected)
    for row in numbered.filter(pl.col("event_name").is_null())["row"]:
        yield Fault(f"{name} {form} {row}, column 'event_name'", "empty", "the name of an event")
