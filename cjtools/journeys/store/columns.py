"""Which columns of a table of events are read, and as what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import polars as pl

from cjtools.errors import Fault, ParameterError, nearest, raise_if_any
from cjtools.journeys.ordered import LEVELS
from cjtools.journeys.walks import microseconds

Source: TypeAlias = pl.LazyFrame | pl.DataFrame | str | Path | Sequence[str | Path]

ODD = 0x9E3779B97F4A7C15  # spreads the bits of one hash before another is added to it
WHY = "why"  # the number of the reason why a row is left out, 0 where it is not
NO_PROFILE, NO_TIME, DUPLICATE = "no profile", "no time", "duplicate"


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a table that say who did what when; only these are read.

    `order` breaks ties of the time: whole numbers, the first column first; none where the position in the table does.
    `left_out` names the rows that are not followed, each reason with its condition. Exact duplicates (same profile,
    time, event, page, channel and value; where events have an id, the same id of one profile) are dropped, unless the
    reader has merged them already (`merged`).
    """

    profile: str
    timestamp: str
    event: str
    page: str | None = None
    channel: str | None = None
    value: str | None = None
    session: str | None = None
    event_id: str | None = None
    order: Sequence[str] = ()
    left_out: Mapping[str, pl.Expr] = field(default_factory=dict)
    merged: bool = False

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why a row may be left out: the first that applies counts."""
        return (NO_PROFILE, NO_TIME, *self.left_out)

    @property
    def ties(self) -> tuple[str, ...]:
        """Return what the columns of the order are called once they are read."""
        return tuple(f"order {place}" for place in range(len(self.order)))


# Tables.events: what order_events follows, in its order; the readers have merged duplicates.
CLIENT_EVENTS = Columns(
    profile="profile_id",
    timestamp="timestamp",
    event="activity",
    page="page",
    channel="channel",
    value="value",
    session="session_id",
    order=("tiebreak", "source_order", "source_row"),
    left_out={
        "consent denied": pl.col("consent") == "denied",
        "bot": pl.col("is_bot"),
        "internal": pl.col("is_internal"),
    },
    merged=True,
)


def scan(source: Source) -> pl.LazyFrame:
    """Return the events of a frame, or of one or more Parquet files in the order given, to be read when needed."""
    if isinstance(source, pl.LazyFrame | pl.DataFrame):
        return source.lazy()
    return pl.scan_parquet(source if isinstance(source, str | Path) else [Path(each) for each in source])


def pick(events: pl.LazyFrame, columns: Columns, *, seed: int = 0, ids: bool = False) -> pl.LazyFrame:
    """Return the columns that are needed, under the kit's names, profiles and acts as hashes.

    They are made while the file is read, several rows at a time in several threads. Raises ParameterError that lists
    every fault of the columns.

    >>> frame = pl.LazyFrame({"who": ["a"], "at": [1], "what": ["x"], "more": [2]})
    >>> pick(frame, Columns("who", "at", "what")).collect_schema().names()
    ['profile', 'at', 'act', 'event', 'page', 'channel']
    """
    schema = events.collect_schema()
    check(schema, columns)
    at = microseconds(schema.to_frame(), columns.timestamp)
    profile = hashable(schema, columns.profile)
    names = {
        level: pl.lit(None, pl.String) if column is None else text(schema, column)
        for level, column in zip(LEVELS, (columns.event, columns.page, columns.channel), strict=True)
    }
    keys = {"session": columns.session, "id": columns.event_id}
    wanted = {
        "profile": hashed(profile, seed),
        "at": at,
        "act": hashed_acts(list(names.values()), seed),
        **names,
        **{name: hashed(hashable(schema, column), seed) for name, column in keys.items() if column is not None},
        **({} if columns.value is None else {"value": hundredths(schema, columns.value)}),
        **{tie: pl.col(name).cast(pl.Int64) for tie, name in zip(columns.ties, columns.order, strict=True)},
        **({"name": profile.cast(pl.String)} if ids else {}),
    }
    if columns.left_out:
        wanted[WHY] = reason(profile, at, columns)
    return events.select(**wanted)


def hashed(column: pl.Expr, seed: int) -> pl.Expr:
    """Return the hash of a column, null where it is."""
    return pl.when(column.is_not_null()).then(column.hash(seed))


def hashed_acts(columns: Sequence[pl.Expr], seed: int) -> pl.Expr:
    """Return one hash of several columns."""
    total = columns[0].hash(seed)
    for place, column in enumerate(columns[1:], 1):
        total = total * ODD + column.hash(seed + place)
    return total


def check(schema: pl.Schema, columns: Columns) -> None:
    """Refuse columns that are not there or of a kind that cannot be used."""
    asked = {
        name: column
        for name in ("profile", "timestamp", "event", "page", "channel", "value", "session", "event_id")
        if (column := getattr(columns, name)) is not None
    }
    asked |= {f"order {place + 1}": column for place, column in enumerate(columns.order)}
    faults = [
        Fault(name, f"there is no column {column!r}", nearest(column, schema.names()))
        for name, column in asked.items()
        if column not in schema
    ]
    for name, column in asked.items():
        if column not in schema:
            continue
        kind = schema[column]
        if name == "timestamp" and not (kind.is_integer() or kind in (pl.Date, pl.Datetime)):
            faults.append(Fault(name, f"{column!r} is {kind}", "a date, a datetime or whole microseconds"))
        if name == "value" and not kind.is_numeric():
            faults.append(Fault(name, f"{column!r} is {kind}", "a number"))
        if name.startswith("order") and not (kind.is_integer() or kind.is_temporal() or kind == pl.Boolean):
            faults.append(
                Fault(name, f"{column!r} is {kind}", "whole numbers or times, which sort the same everywhere")
            )
    raise_if_any(ParameterError, "this table of events", faults)


def text(schema: pl.Schema, column: str) -> pl.Expr:
    """Return a column as text."""
    return pl.col(column) if schema[column] == pl.String else pl.col(column).cast(pl.String)


def hashable(schema: pl.Schema, column: str) -> pl.Expr:
    """Return a column of ids as it is where it is text or whole numbers, else as text.

    Categories are made text: what is hashed must be the name and not its number.
    """
    return pl.col(column) if schema[column].is_integer() else text(schema, column)


def hundredths(schema: pl.Schema, column: str) -> pl.Expr:
    """Return a column of money in hundredths of its unit, whole; null where there is no finite number."""
    value = pl.col(column)
    if schema[column].is_float():
        value = pl.when(value.is_finite()).then(value)
        return (value.cast(pl.Float64) * 100).round().cast(pl.Int64, strict=False)
    if schema[column].is_integer():
        return value.cast(pl.Int64) * 100
    return (value * 100).round(0).cast(pl.Int64)


def reason(profile: pl.Expr, at: pl.Expr, columns: Columns) -> pl.Expr:
    """Return the number of the first reason that leaves a row out, from 1; 0 where none does."""
    conditions = [profile.is_null(), at.is_null(), *columns.left_out.values()]
    numbered = [pl.when(condition).then(pl.lit(place, pl.UInt8)) for place, condition in enumerate(conditions, 1)]
    return pl.coalesce(*numbered, pl.lit(0, pl.UInt8))
