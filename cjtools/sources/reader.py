"""What a reader is, and what all readers share: faults of many files, rows in the declared shape, lines of files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import dataframely as dy
import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.tables import SCHEMAS, Event, LeftOut, Source, Tables
from cjtools.tables import empty as empty

MOST_FAULTS = 20

Thing = TypeVar("Thing")
Part = TypeVar("Part")


class Read(Protocol):
    """Turn the files of one source into declared tables; raise SourceError that lists every fault of all of them."""

    def __call__(self, files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
        """Return the tables."""
        ...


@dataclass(frozen=True)
class Reader:
    """One format family: its name in client.toml, how sure it is of a file, how it reads.

    `family` is that of the evidence (interview, web, search …), empty where client.toml's kind decides it. `detect`
    looks at the content (the path and the first bytes, unpacked) and says 0 to 1.
    """

    name: str
    family: str
    detect: Callable[[Path, bytes], float]
    read: Read


@dataclass(frozen=True)
class FileLine:
    """What was read of one file, for the table of sources."""

    name: str
    sha256: str
    rows_in: int
    rejected: int = 0
    merged: int = 0
    flags: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    period: tuple[dt.date | None, dt.date | None] = (None, None)


def source_lines(
    lines: Iterable[FileLine], *, section: SourceSection, client: Client, kind: str, form: str, family: str
) -> pl.DataFrame:
    """Return the table of sources of some files of one source."""
    rows = [
        {
            "source_file": line.name,
            "encoding": line.encoding,
            "delimiter": line.delimiter,
            "period_from": line.period[0],
            "period_to": line.period[1],
            "rows_in": line.rows_in,
            "rows_used": line.rows_in - line.rejected - line.merged,
            "rows_rejected": line.rejected,
            "rows_merged": line.merged,
            "flags": list(line.flags),
            "sha256": line.sha256,
        }
        for line in lines
    ]
    constants = {
        "source_id": section.id,
        "kind": kind,
        "format": form,
        "family": family,
        "timezone": zone_of(section, client),
    }
    return shape(Source, pl.DataFrame(rows, infer_schema_length=None), **constants)


def read_each(things: Iterable[Thing], what: str, read: Callable[[Thing], Part]) -> list[Part]:
    """Return what `read` makes of each thing; raise one SourceError with the faults of all that could not be read."""
    results, faults = [], []
    for thing in things:
        try:
            results.append(read(thing))
        except SourceError as error:
            faults += shorten(error.what, error.faults)
    raise_if_any(SourceError, what, faults)
    return results


def shorten(name: str, faults: Sequence[Fault]) -> list[Fault]:
    """Return the first faults of a file, and how many more there are.

    >>> shorten("a.csv", [Fault("a.csv line 2", "x")] * 23)[-1].found
    'and 3 more'
    """
    more = len(faults) - MOST_FAULTS
    return list(faults) if more <= 0 else [*faults[:MOST_FAULTS], Fault(name, f"and {more} more")]


def tables_of(*, events: pl.DataFrame | pl.LazyFrame | None = None, **frames: pl.DataFrame) -> Tables:
    """Return some declared tables, the others empty."""
    others = {name: frames.get(name, empty(schema)) for name, schema in SCHEMAS.items() if name != "events"}
    return Tables(events=empty(Event).lazy() if events is None else events.lazy(), **others)


def shape(schema: type[dy.Schema], frame: pl.DataFrame, **constants: object) -> pl.DataFrame:
    """Return a frame in the shape of a declared table: its columns and types, what is missing as null or constant."""
    if frame.width == 0:
        return empty(schema)
    return frame.select(
        (pl.lit(constants[name]) if name in constants else pl.col(name) if name in frame.columns else pl.lit(None))
        .cast(kind)
        .alias(name)
        for name, kind in empty(schema).schema.items()
    )


def left_out_rows(fates: pl.DataFrame, section: SourceSection) -> pl.DataFrame:
    """Return the rows of a source that are not used; `fates` has source_file, source_row, fate and why, a row each."""
    return shape(LeftOut, fates.filter(pl.col("fate") != "used"), source_id=section.id)


def place(file: str, row: int, column: str = "") -> str:
    """Return a place in a file, as faults name it: of JSON the record, of a workbook the row, else the line.

    >>> place("a.csv", 3, "date"), place("posts.json", 3)
    ("a.csv line 3, column 'date'", 'posts.json record 3')
    """
    suffix = file.removesuffix(".gz").rpartition(".")[2].lower()
    unit = {"json": "record", "xlsx": "row", "xlsm": "row", "ods": "row", "parquet": "row", "docx": "paragraph"}.get(
        suffix, "line"
    )
    return f"{file} {unit} {row}" + (f", column {column!r}" if column else "")


def zone_of(section: SourceSection, client: Client) -> str:
    """Return the time zone of a source: its own, else the client's."""
    return section.timezone or client.client.timezone


def said_in(section: SourceSection, key: str = "") -> str:
    """Return where a source stands in client.toml, as a fault names it."""
    return f"client.toml, source {section.id!r}" + (f", {key}" if key else "")


def period_of(days: Iterable[dt.date | None]) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and the last of some days."""
    known = [day for day in days if day is not None]
    return (min(known), max(known)) if known else (None, None)


def counted(counts: Mapping[str, int | bool]) -> Iterator[str]:
    """Yield flags such as 'no_text:3' for what happened at least once, without a number for what is true or not.

    >>> list(counted({"no_text": 3, "breaks": 0, "language_assumed": True}))
    ['language_assumed', 'no_text:3']
    """
    for name, count in sorted(counts.items()):
        if count:
            yield name if count is True else f"{name}:{count}"
