"""The parts in which events of large files are stored: what is the same in all rows, or follows from others, is not.

A column that is left out is there again when a part is scanned. An event's id follows from the number of its row over
all files (`row`), else from the number of its file and its row in that (`file`, `source_row`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from cjtools.tables import Event, empty

# Few names in many rows: stored as categories.
SHORT = ("source_file", "channel", "currency", "device")
# What stands in nearly all rows, and is missing in none: a column that says nothing else is left out.
USUAL: dict[str, str | int | bool] = {
    "time_precision": "exact",
    "tiebreak": 0,
    "consent": "unknown",
    "is_bot": False,
    "is_internal": False,
    "file": 0,
}
NUMBERS = {"row": pl.UInt64(), "file": pl.UInt32()}


@dataclass(frozen=True)
class Given:
    """What all events of a source have in common; `files` are the names of those that have rows, in their order.

    Where two of them have the same name, the events tell it themselves: they are not `apart`.
    """

    source_id: str
    source_order: int
    currency: str
    apart: bool = True
    files: tuple[str, ...] = ()


def part_path(folder: Path, number: int) -> Path:
    """Return where a part of the events is written."""
    return folder / f"events-{number:05}.parquet"


def write_part(events: pl.DataFrame, path: Path, given: Given) -> None:
    """Write a part of the events, which have the numbers of their files or rows beside them where their ids are null.

    Statistics would help nobody: in a part there are acts of all kinds and persons.
    """
    assert not missing(events), missing(events)
    kept = events.select(told_columns(events, given) or ["timestamp"])
    short = [as_category(kept[name]) for name in kept.columns if name in SHORT]
    kept.with_columns(short).write_parquet(path, compression="lz4", statistics=False)


def missing(events: pl.DataFrame) -> list[str]:
    """Return the columns that must be filled and are not; ids and files may follow from numbers."""
    follow = {"event_id"} if set(NUMBERS) & set(events.columns) else set()
    return [name for name in needed() if name not in follow and events[name].has_nulls()]


@cache
def needed() -> tuple[str, ...]:
    """Return the columns of events that must be filled."""
    return tuple(name for name, column in Event.columns().items() if not column.nullable)


def told_columns(events: pl.DataFrame, given: Given) -> list[str]:
    """Return the columns that tell something: neither empty, nor the same for the source, nor what follows."""
    left_out = {"source_id", "source_order", *(["source_file"] if given.apart and "file" in events.columns else [])}
    return [
        each.name
        for each in events.get_columns()
        if each.name not in left_out and each.null_count() < len(each) and not follows(each, events, given)
    ]


def follows(column: pl.Series, events: pl.DataFrame, given: Given) -> bool:
    """Say whether a column is known without being told: the usual, an activity by its own name, the source's money."""
    if column.name in USUAL:
        return is_all(column, USUAL[column.name])
    if column.name == "activity":
        return bool((column == events["event_name"]).all())
    if column.name == "currency":
        return is_all(column, given.currency) and bool((column.is_null() == events["value"].is_null()).all())
    return False


def is_all(column: pl.Series, value: str | int | bool) -> bool:
    """Say whether a column holds one value only, apart from nulls."""
    if column.dtype == pl.Boolean:
        return not column.any() if value is False else bool(column.all())
    return bool((column == value).all())


def as_category(names: pl.Series) -> pl.Series:
    """Return names as categories; where all rows have the same, it is made one once."""
    if len(names) and not names.has_nulls() and (names == names[0]).all():
        return names.head(1).cast(pl.Categorical).new_from_index(0, len(names))
    return names.cast(pl.Categorical)


def stored_parts(paths: Sequence[Path]) -> pl.LazyFrame:
    """Return parts as they are stored, with null for what they leave out."""
    stored = {**empty(Event).schema, **dict.fromkeys(SHORT, pl.Categorical()), **NUMBERS}
    return pl.scan_parquet(list(paths), schema=stored, missing_columns="insert")


def scan_parts(paths: Sequence[Path], given: Given) -> pl.LazyFrame:
    """Return the events of some parts, to be read when they are needed."""
    if not paths:
        return empty(Event).lazy()
    shape = empty(Event).schema
    return (
        stored_parts(paths)
        .with_columns(pl.col(SHORT).cast(pl.String))
        .with_columns(source_id=pl.lit(given.source_id), source_order=pl.lit(given.source_order, pl.Int64))
        .with_columns(pl.col(name).fill_null(value) for name, value in USUAL.items())
        .with_columns(what_follows(given))
        .select(pl.col(name).cast(kind) for name, kind in shape.items())
    )


def what_follows(given: Given) -> Iterator[pl.Expr]:
    """Yield the columns that parts may leave out because they follow from others."""
    yield pl.col("activity").fill_null(pl.col("event_name"))
    own = pl.when(pl.col("value").is_not_null()).then(pl.lit(given.currency))
    yield pl.col("currency").fill_null(own)
    yield pl.col("source_file").fill_null(name_of(given.files))
    yield pl.coalesce("event_id", numbered("row"), numbered("file", "source_row")).alias("event_id")


def name_of(files: Sequence[str]) -> pl.Expr:
    """Return the name of a row's file."""
    if len(files) == 1:
        return pl.lit(files[0])
    numbers = pl.Series(range(len(files)), dtype=pl.UInt32)
    return pl.col("file").replace_strict(numbers, pl.Series(files, dtype=pl.String), default=None)


def numbered(*numbers: str) -> pl.Expr:
    """Return the id of an event by its numbers; null where one is missing."""
    return pl.concat_str("source_id", *numbers, separator=":")


def rewrite_part(path: Path, keep: pl.Expr) -> None:
    """Keep only some rows of a part."""
    kept = stored_parts([path]).filter(keep).collect()
    told = [each.name for each in kept.get_columns() if each.null_count() < len(each)]
    kept.select(told or ["timestamp"]).write_parquet(path, compression="lz4", statistics=False)
