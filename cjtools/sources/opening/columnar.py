"""Parquet as rows and columns of texts: times as ISO 8601, what lies within a record as a.b, nothing as empty."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from cjtools.errors import SourceError, cut
from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.opening.files import Opened, fault_of

PARQUET = b"PAR1"
DEEPEST = 12
WHOLE = 2**53  # up to here a floating point number can tell a whole number


def parquet_sheet(opened: Opened, *, decimal: str = ".") -> Sheet:
    """Return the rows of a Parquet file as texts. Raises SourceError for a file that is broken."""
    try:
        frame = pl.read_parquet(io.BytesIO(opened.data))
    except PolarsError as error:
        raise broken_parquet(opened.name, error) from None
    return frame_sheet(frame, opened.name, opened.sha256, decimal=decimal)


def broken_parquet(name: str, error: Exception) -> SourceError:
    """Return the error of a file that begins as Parquet and is none."""
    return fault_of(name, f"broken Parquet ({cut(error)})", "", "export it again")


def frame_sheet(frame: pl.DataFrame, name: str, sha256: str, *, decimal: str = ".", first_row: int = 1) -> Sheet:
    """Return typed rows as a sheet of texts."""
    columns = [column for each in frame.get_columns() for column in flat(each)]
    rows = pl.DataFrame([text_of(column, decimal).fill_null("") for column in columns])
    lines = pl.int_range(first_row, first_row + frame.height, eager=True)
    return Sheet(name, sha256, "parquet", "", 1, tuple(rows.columns), rows, lines)


def flat(column: pl.Series, depth: int = 0) -> Iterator[pl.Series]:
    """Yield a column, or those that lie within it."""
    if isinstance(column.dtype, pl.Struct) and depth < DEEPEST:
        for field in column.dtype.fields:
            yield from flat(column.struct.field(field.name).alias(f"{column.name}.{field.name}"), depth + 1)
    else:
        yield column


def parquet_names(file: Path) -> tuple[str, ...]:
    """Return the names that the columns of a Parquet file have as texts; a broken file has none."""
    try:
        there = pl.DataFrame(schema=pl.read_parquet_schema(file))
    except PolarsError:
        return ()
    return tuple(column.name for each in there.get_columns() for column in flat(each))


def text_of(column: pl.Series, decimal: str = ".") -> pl.Series:
    """Return the values of a column as a file of texts writes them; not a number is nothing.

    >>> text_of(pl.Series([1.0, 2.5, float("nan")]), ",").to_list()
    ['1', '2,5', None]
    """
    kind, this = column.dtype, pl.col(column.name)
    if kind == pl.String:
        return column
    if isinstance(kind, pl.Datetime):
        told = this.dt.convert_time_zone("UTC") if kind.time_zone else this
        return (
            column.to_frame()
            .select(told.dt.to_string("%Y-%m-%dT%H:%M:%S%.6f" + "Z" * bool(kind.time_zone)))
            .to_series()
        )
    if isinstance(kind, pl.Duration):
        column = column.dt.total_microseconds() / 1e6
        kind = column.dtype
    if kind.is_float():
        whole = (this == this.round()) & (this.abs() < WHOLE)
        written = pl.when(whole).then(this.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(this.cast(pl.String))
        return column.to_frame().select(pl.when(this.is_not_nan()).then(marked(written, decimal))).to_series()
    if kind.is_decimal():
        return column.to_frame().select(marked(this.cast(pl.String), decimal)).to_series()
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        return pl.Series(column.name, [None if each is None else listed(each) for each in column.to_list()], pl.String)
    return column.cast(pl.String)


def marked(number: pl.Expr, decimal: str) -> pl.Expr:
    """Return numbers with the decimal mark that client.toml declares."""
    return number if decimal == "." else number.str.replace(".", decimal, literal=True)


def listed(value: Any) -> str:
    """Return a list as a text: texts and numbers joined by a semicolon, others as JSON; bytes as UTF-8."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list) and not any(isinstance(each, dict | list) for each in value):
        return ";".join(str(each) for each in value if each is not None)
    return json.dumps(value, ensure_ascii=False, default=str)
