"""The rows of GA4's export, flat: what Parquet and NDJSON hold in nests, as one text column each."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl
from polars.exceptions import PolarsError

from cjtools.errors import Fault, SourceError, cut, raise_if_any
from cjtools.sources.opening.files import Opened, fault_of
from cjtools.sources.readers.ga4_parameters import LISTS, no_parameters, parameters_of, simple_parameters
from cjtools.sources.readers.ga4_traffic import set_text

CAMPAIGN = pl.Struct(dict.fromkeys(("source", "medium", "campaign_name"), pl.String))
BATCH = ("batch_page_id", "batch_ordering_id", "batch_event_index")
NEEDED = ("event_timestamp", "event_name")
YEARS = (2005, 2100)

# The columns that are read, as texts: what a file has not is null. BigQuery's JSON writes whole numbers as texts too.
# The parameters stay JSON until the wanted ones are taken out of it, which is much faster than to nest them first.
SCHEMA = pl.Schema({
    **dict.fromkeys((*NEEDED, *BATCH, "event_date", "user_id", "user_pseudo_id", "event_params"), pl.String()),
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
NESTS = [name for name, kind in SCHEMA.items() if kind.is_nested() or name == "event_params"]
GROUPS = {
    "privacy_info": ("analytics_storage",),
    "device": ("category",),
    "ecommerce": ("transaction_id", "purchase_revenue"),
    "collected_traffic_source": ("manual_source", "manual_medium", "manual_campaign_name", "gclid"),
}


@dataclass(frozen=True)
class Export:
    """The rows of one file, or of a piece of it, flat: one text column for everything that is read, and the moment."""

    name: str
    sha256: str
    form: str
    rows: pl.DataFrame


def read_export(opened: Opened) -> Export:
    """Return the rows of a file, flat. Raises SourceError with every row that has no time or no name."""
    if not opened.data:
        raise empty_file(opened.name)
    if opened.data.startswith(b"PAR1"):
        rows = parquet_rows(io.BytesIO(opened.data), opened.name)
        return Export(opened.name, opened.sha256, "row", flat_rows(rows, opened.name, "row"))
    rows = ndjson_rows(opened.data.removeprefix(b"\xef\xbb\xbf"), opened.name)
    if not rows.is_empty() and rows["event_name"].null_count() == rows.height:
        raise no_export(opened.name)
    return Export(opened.name, opened.sha256, "line", flat_rows(rows, opened.name, "line"))


def empty_file(name: str) -> SourceError:
    """Return the error of a file without a byte."""
    return fault_of(name, "the file is empty (0 bytes)", "Parquet, or one JSON object a line")


def no_export(name: str) -> SourceError:
    """Return the error of a file of JSON lines that are none of this export's."""
    return fault_of(name, "there is no event_name in any line", "the columns of GA4's BigQuery export")


def parquet_columns(there: Mapping[str, pl.DataType], name: str) -> list[str]:
    """Return the columns of SCHEMA that a Parquet file has. Raises SourceError where it cannot be the export."""
    missing = [column for column in NEEDED if column not in there]
    if missing:
        raise fault_of(name, f"there is no column {' and '.join(missing)}", "the columns of GA4's BigQuery export")
    raise_if_any(SourceError, name, list(shape_faults(there, name)))
    return [column for column in SCHEMA if column in there]


def parquet_rows(stream: io.BytesIO, name: str) -> pl.DataFrame:
    """Return the columns of SCHEMA that a Parquet file has, the parameters apart, and the number of each row."""
    try:
        columns = parquet_columns(pl.read_parquet_schema(stream), name)
        stream.seek(0)
        rows = pl.read_parquet(stream, columns=columns)
    except PolarsError as error:
        raise broken_parquet(name, error) from None
    return with_parameters(rows).with_row_index("source_row", offset=1)


def with_parameters(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with their parameters as columns; a file may have none."""
    if "event_params" not in rows.columns:
        return rows.hstack(no_parameters(rows.height))
    return rows.drop("event_params").hstack(parameters_of(rows["event_params"]))


def broken_parquet(name: str, error: Exception) -> SourceError:
    """Return the error of a file that begins as Parquet and is none."""
    return fault_of(name, f"broken Parquet ({cut(error)})", "", "export it again")


def ndjson_rows(data: bytes, name: str, *, first_line: int = 1) -> pl.DataFrame:
    """Return the columns of SCHEMA of some lines with one JSON object each, and the number of each line."""
    try:
        rows = pl.read_ndjson(data, schema=SCHEMA)
        found, others = simple_parameters(rows["event_params"])
        numbers = pl.int_range(first_line, first_line + rows.height, eager=True)
        if len(others) or data.count(b"\n") + (not data.endswith(b"\n")) != rows.height:
            lines = [(number, line) for number, line in enumerate(data.split(b"\n"), start=first_line) if line.strip()]
            raise_if_any(SourceError, name, list(json_faults(data, name, first_line)) * (len(lines) != rows.height))
            numbers = pl.Series([number for number, _ in lines], dtype=pl.Int64)
            found = corrected(found, others, [lines[place][1] for place in others])
    except PolarsError as error:
        faults = list(json_faults(data, name, first_line))
        raise SourceError(name, faults or [Fault(name, f"not the export's shape ({cut(error)})")]) from None
    return rows.drop("event_params").hstack(found).with_columns(numbers.alias("source_row"))


def corrected(found: pl.DataFrame, places: pl.Series, lines: list[bytes]) -> pl.DataFrame:
    """Return parameters where those of some rows are read from their lines again, nested."""
    if not lines:
        return found
    again = parameters_of(pl.read_ndjson(b"\n".join(lines), schema={"event_params": LISTS})["event_params"])
    return found.with_columns(found[name].scatter(places, again[name]) for name in found.columns)


def json_faults(data: bytes, name: str, first_line: int) -> Iterator[Fault]:
    """Yield the lines that are no JSON object."""
    for number, line in enumerate(data.split(b"\n"), start=first_line):
        try:
            if line.strip() and not isinstance(json.loads(line), dict):
                yield Fault(f"{name} line {number}", "not a JSON object", "one object a line")
        except (ValueError, RecursionError) as error:
            yield Fault(f"{name} line {number}", f"not valid JSON ({cut(error)})", "one object a line")


def shape_faults(there: Mapping[str, pl.DataType], name: str) -> Iterator[Fault]:
    """Yield the columns that are flat where the export nests: someone's own query, whose meaning is not known."""
    nests = (pl.Struct, pl.List, pl.Null)
    for column in NESTS:
        if column in there and not isinstance(there[column], nests):
            expected = "nested records as BigQuery exports them"
            found = f"{there[column]}, not a record"
            yield Fault(f"{name}, column {column!r}", found, expected, "export the table itself")


def flat_rows(rows: pl.DataFrame, name: str, form: str) -> pl.DataFrame:
    """Return rows with one text column for each thing that is read; what the file has not is null.

    Raises SourceError with every row that has no time or no name.
    """
    flat = flatten(rows)
    flat = flat.with_columns(moment=pl.from_epoch(pl.col("event_timestamp").cast(pl.Int64, strict=False), "us"))
    flat = flat.with_columns(moment=pl.when(pl.col("moment").dt.year().is_between(*YEARS)).then("moment"))
    raise_if_any(SourceError, name, list(row_faults(flat, name, form)))
    return flat


def flatten(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows without nests, one text column for each thing that is read."""
    there = rows.with_columns(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind, strict=False).alias(name)
        for name, kind in SCHEMA.items()
        if name != "event_params"
    )
    click = pl.col("session_traffic_source_last_click").struct
    return there.select(
        pl.col("source_row").cast(pl.Int64),
        pl.col("^param_.*$"),
        *NEEDED,
        "event_date",
        *(set_text(pl.col(name)).alias(name) for name in ("user_id", "user_pseudo_id")),
        *(pl.col(name).cast(pl.Int64, strict=False).fill_null(0).alias(name) for name in BATCH),
        *(pl.col(group).struct.field(*names) for group, names in GROUPS.items()),
        click_manual=click.field("manual_campaign"),
        click_channel=click.field("cross_channel_campaign"),
        click_ads=click.field("google_ads_campaign").struct.field("campaign_name"),
    ).rename({"transaction_id": "order_id", "category": "device"})


def row_faults(rows: pl.DataFrame, name: str, form: str) -> Iterator[Fault]:
    """Yield the rows without a time that can be, or without a name."""
    wrong = rows.filter(pl.col("moment").is_null())
    for row, text in wrong.select("source_row", "event_timestamp").iter_rows():
        expected = "microseconds since 1970, in UTC"
        yield Fault(f"{name} {form} {row}, column 'event_timestamp'", f"{cut(text or '')} is not a time", expected)
    for row in rows.filter(pl.col("event_name").is_null())["source_row"]:
        yield Fault(f"{name} {form} {row}, column 'event_name'", "empty", "the name of an event")
