"""Any table of rows and columns, read by the mapping that client.toml gives it; one kind a file beside this one."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources import answers, events, mentions, observations, orders
from cjtools.sources.built import Built
from cjtools.sources.delimited import DELIMITERS, Sheet, read_sheet
from cjtools.sources.fields import Field, bind_fields, columns_of, read_fields
from cjtools.sources.profiles import key_faults
from cjtools.sources.reader import (
    FileLine,
    Reader,
    counted,
    period_of,
    read_each,
    said_in,
    shorten,
    source_lines,
    tables_of,
)
from cjtools.tables import Tables


class Build(Protocol):
    """Turn the typed rows of a source, all its files together, into declared tables; say what became of each row."""

    def __call__(self, rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> Built:
        """Return the tables and the fates."""
        ...


@dataclass(frozen=True)
class TableKind:
    """What a kind of table has, what client.toml must say of it, what is made of it; `day` tells its period."""

    fields: Callable[[SourceSection], list[Field]]
    check: Callable[[SourceSection], Iterable[Fault]]
    build: Build
    family: Callable[[SourceSection, Client], str]
    day: str


KINDS: dict[str, TableKind] = {
    "mentions": TableKind(
        mentions.fields, mentions.check, mentions.build, lambda section, client: "mention", "said_at_day"
    ),
    "reviews": TableKind(
        mentions.fields, mentions.check, mentions.build, lambda section, client: "review", "said_at_day"
    ),
    "events": TableKind(events.fields, events.check, events.build, events.family, "timestamp_day"),
    "orders": TableKind(orders.fields, orders.check, orders.build, lambda section, client: "orders", "ordered_at_day"),
    "observations": TableKind(
        observations.fields, observations.check, observations.build, observations.family, "observed_at_day"
    ),
    "answers": TableKind(
        answers.fields, answers.check, answers.build, lambda section, client: "survey", "answered_at_day"
    ),
}


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is that this is a table: never enough to read it, because a table needs its kind and mapping."""
    text = head.decode("utf-8", errors="replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if "\0" in text or first.startswith(("{", "[", "---", "#")):
        return 0.0
    return 0.6 if any(len(row) > 1 for mark in DELIMITERS for row in csv.reader([first], delimiter=mark)) else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the declared tables of some files of rows and columns; see KINDS."""
    if section.kind is None:
        step = "add kind = " + ", ".join(f'"{kind}"' for kind in KINDS)
        raise SourceError(section.path, [Fault(said_in(section), "a table without its kind", "", step)])
    kind = KINDS[section.kind]
    declared = kind.fields(section)
    fields, faults = bind_fields([each for each in declared if each.column is None], section,
                                 extra=[each.key for each in declared if each.column is not None])  # fmt: skip
    fields += [each for each in declared if each.column is not None]
    profile = section.mapping.get("profile")
    faults += [*kind.check(section), *key_faults(section, [profile] if profile else [])]
    raise_if_any(SourceError, section.path, faults)
    wanted = columns_of(fields)

    def read_one(file: Path) -> tuple[Sheet, pl.DataFrame, dict[str, int]]:
        sheet = read_sheet(file, section=section, client=client, wanted=wanted)
        typed = read_fields(sheet, fields, section=section, client=client)
        raise_if_any(SourceError, sheet.name, typed.faults)
        return sheet, typed.frame, typed.clocks

    parts = read_each(files, section.path, read_one)
    built = kind.build(
        pl.concat([with_record(sheet, frame) for sheet, frame, _ in parts]), section=section, client=client, order=order
    )
    raise_if_any(SourceError, section.path, shorten(section.path, built.faults))
    lines = [file_line(sheet, frame[kind.day], clocks, built) for sheet, frame, clocks in parts]
    sources = source_lines(
        lines, section=section, client=client, kind=section.kind, form="table", family=kind.family(section, client)
    )
    return tables_of(sources=sources, **built.tables)


def with_record(sheet: Sheet, frame: pl.DataFrame) -> pl.DataFrame:
    """Return typed rows with a hash of the whole row of the file beside them: what tells a copy from a likeness."""
    record = (
        sheet.rows.select(pl.struct(pl.all()).hash()).to_series()
        if sheet.rows.height
        else pl.Series([], dtype=pl.UInt64)
    )
    return frame.with_columns(record.alias("record"))


def file_line(sheet: Sheet, days: pl.Series, clocks: dict[str, int], built: Built) -> FileLine:
    """Return what became of the rows of one file."""
    fates = built.fates.filter(pl.col("source_file") == sheet.name)
    counts = dict(fates["why"].drop_nulls().value_counts().iter_rows())
    return FileLine(
        sheet.name,
        sheet.sha256,
        rows_in=len(sheet.lines),
        rejected=int((fates["fate"] == "rejected").sum()),
        merged=int((fates["fate"] == "merged").sum()),
        flags=tuple(counted({**clocks, **counts, **built.notes.get(sheet.name, {})})),
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        period=period_of(days.unique()),
    )


READER = Reader("table", "", detect, read)
