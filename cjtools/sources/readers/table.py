"""Any table of rows and columns, read by the mapping that client.toml gives it; one kind a file beside this one."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol
from zlib import crc32

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.kinds import answers, events, mentions, observations, orders, profiles, tickets
from cjtools.sources.kinds.built import Built
from cjtools.sources.opening.columnar import PARQUET
from cjtools.sources.opening.delimited import DELIMITERS, Sheet
from cjtools.sources.opening.files import is_large
from cjtools.sources.opening.sheets import Layout, column_faults, open_sheets, possible_headers
from cjtools.sources.parsing.fields import Field, Typed, bind_fields, columns_of, read_fields
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.reader import (
    FileLine,
    Reader,
    counted,
    left_out_rows,
    period_of,
    read_each,
    said_in,
    shorten,
    source_lines,
    tables_of,
)
from cjtools.sources.readers.table_large import Way, write_large
from cjtools.sources.store import stored
from cjtools.tables import Tables


class Build(Protocol):
    """Turn the typed rows of a source, all its files together, into declared tables; say what became of each row."""

    def __call__(self, rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> Built:
        """Return the tables and the fates."""
        ...


@dataclass(frozen=True)
class TableKind:
    """What a kind of table has, what client.toml must say of it, what is made of it; `day` tells its period.

    `needs_record` says whether typed rows have to be known again by all that the file tells of them.
    """

    fields: Callable[[SourceSection], list[Field]]
    check: Callable[[SourceSection], Iterable[Fault]]
    build: Build
    family: Callable[[SourceSection, Client], str]
    day: str
    needs_record: Callable[[pl.DataFrame, SourceSection], bool] = lambda rows, section: True


KINDS: dict[str, TableKind] = {
    "mentions": TableKind(
        mentions.fields, mentions.check, mentions.build, lambda section, client: "mention", "said_at_day"
    ),
    "reviews": TableKind(
        mentions.fields, mentions.check, mentions.build, lambda section, client: "review", "said_at_day"
    ),
    "events": TableKind(events.fields, events.check, events.build, events.family, "timestamp_day", events.needs_record),
    "orders": TableKind(orders.fields, orders.check, orders.build, lambda section, client: "orders", "ordered_at_day"),
    "observations": TableKind(
        observations.fields, observations.check, observations.build, observations.family, "observed_at_day"
    ),
    "profiles": TableKind(
        profiles.fields, profiles.check, profiles.build, lambda section, client: "profiles", "since_day"
    ),
    "tickets": TableKind(
        tickets.fields, tickets.check, tickets.build, lambda section, client: "support", "created_at_day"
    ),
    "answers": TableKind(
        answers.fields, answers.check, answers.build, lambda section, client: "survey", "answered_at_day"
    ),
}


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is that this is a table: never enough to read it, because a table needs its kind and mapping."""
    if head.startswith(PARQUET):
        return 0.4 if possible_headers(file, head) else 0.0
    text = head.decode("utf-8", errors="replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if "\0" in text or first.startswith(("---", "#")):
        return 0.0
    if head.startswith(b"PK\x03\x04") or first.startswith(("{", "[")):
        return 0.4 if possible_headers(file, head) else 0.0
    return 0.6 if any(len(row) > 1 for mark in DELIMITERS for row in csv.reader([first], delimiter=mark)) else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the declared tables of some files of rows and columns; see KINDS."""
    if section.kind is None:
        step = "add kind = " + ", ".join(f'"{kind}"' for kind in KINDS)
        raise SourceError(section.path, [Fault(said_in(section), "a table without its kind", "", step)])
    kind = KINDS[section.kind]
    fields, faults = bound_fields(section, kind)
    raise_if_any(SourceError, section.path, [*faults, *check_section(section, kind)])
    layout = Layout(columns_of(fields), section.records or "")
    if section.kind == "events" and is_large(files):
        return read_large(files, layout=layout, section=section, client=client, order=order)
    groups = read_each(
        files, section.path, lambda file: open_sheets(file, section=section, client=client, layout=layout)
    )
    sheets = [(sheet, section) for group in groups for sheet in group]
    return read_sheets(sheets, section=section, client=client, order=order, form="table")


def read_large(files: Sequence[Path], *, layout: Layout, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the events of large files: read in pieces and stored, or as they are stored already."""
    kind = KINDS["events"]
    fields, _ = bound_fields(section, kind)

    def type_rows(sheet: Sheet) -> tuple[Typed, pl.Series]:
        typed = read_fields(sheet, fields, section=section, client=client)
        frame = with_record(sheet, typed.frame, needed=events.needs_record(typed.frame, section))
        return replace(typed, frame=frame), days_of(frame, kind, section)

    acts_of = partial(events.acts_of, section=section, client=client, order=order, numbered=True)
    way = Way(layout, type_rows, acts_of, "table", kind.family(section, client))
    write = partial(write_large, files=files, way=way, section=section, client=client)
    return stored(files, section=section, client=client, order=order, form="table", write=write)


def read_sheets(
    sheets: Sequence[tuple[Sheet, SourceSection]],
    *,
    section: SourceSection,
    client: Client,
    order: int,
    form: str,
    family: str = "",
    notes: Mapping[str, Mapping[str, int]] | None = None,
) -> Tables:
    """Return the declared tables of some sheets, each with the mapping of its own header.

    `section` is that of the source as a whole, with the columns that any of the sheets has. `notes` are counted flags
    by file that the reader adds to those of the kind. Raises SourceError with every fault of every sheet.
    """
    assert section.kind is not None
    kind = KINDS[section.kind]

    def read_one(pair: tuple[Sheet, SourceSection]) -> tuple[Sheet, Typed]:
        sheet, own = pair
        fields, faults = bound_fields(own, kind)
        raise_if_any(SourceError, sheet.name, [*faults, *column_faults(sheet, columns_of(fields), own)])
        typed = read_fields(sheet, fields, section=own, client=client)
        raise_if_any(SourceError, sheet.name, typed.faults)
        return sheet, typed

    parts = read_each(sheets, section.path, read_one)
    frames = [with_record(sheet, typed.frame, needed=kind.needs_record(typed.frame, section)) for sheet, typed in parts]
    built = kind.build(pl.concat(frames, how="diagonal"), section=section, client=client, order=order)
    raise_if_any(SourceError, section.path, shorten(section.path, built.faults))
    more = notes or {}
    lines = [
        file_line(sheet, days_of(typed.frame, kind, section), {**typed.clocks, **more.get(sheet.name, {})}, built)
        for sheet, typed in parts
    ]
    sources = source_lines(
        lines,
        section=section,
        client=client,
        kind=section.kind,
        form=form,
        family=family or kind.family(section, client),
    )
    return tables_of(sources=sources, left_out=left_out_rows(built.fates, section), **built.tables)


def bound_fields(section: SourceSection, kind: TableKind) -> tuple[list[Field], list[Fault]]:
    """Return what a kind of table can tell, bound to the columns that client.toml names, and what is wrong there."""
    declared = kind.fields(section)
    free = [each for each in declared if each.column is None]
    fixed = [each for each in declared if each.column is not None]
    fields, faults = bind_fields(free, section, extra=[each.key for each in fixed])
    return [*fields, *fixed], faults


def check_section(section: SourceSection, kind: TableKind) -> Iterator[Fault]:
    """Yield what the section of a source lacks for its kind, and keys that are none of its ids."""
    profile = section.mapping.get("profile")
    yield from kind.check(section)
    yield from key_faults(section, [profile] if profile else [])


def days_of(frame: pl.DataFrame, kind: TableKind, section: SourceSection) -> pl.Series:
    """Return the days that the rows of a file tell of."""
    if not section.moments:
        return frame[kind.day]
    names = [f"moment {name}_day" for name in section.moments if f"moment {name}_day" in frame.columns]
    return frame.select(pl.concat_list(names).explode()).to_series() if names else frame["timestamp_day"]


def with_record(sheet: Sheet, frame: pl.DataFrame, *, needed: bool = True) -> pl.DataFrame:
    """Return typed rows with a hash of the whole row of the file beside them: what tells a copy from a likeness.

    The order of the columns and those that are empty in a row do not count: JSON may leave them out.
    """
    if not needed:
        return frame.with_columns(record=pl.lit(0, pl.UInt64))
    cells = [pl.when(pl.col(name) != "").then(pl.col(name).hash(crc32(name.encode()))) for name in sheet.rows.columns]
    record = sheet.rows.select(pl.sum_horizontal(cells)).to_series()
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
        flags=tuple(
            counted(
                {
                    "preamble_rows": sheet.preamble,
                    **dict(sheet.notes),
                    **clocks,
                    **counts,
                    **built.notes.get(sheet.name, {}),
                }
            )
        ),
        encoding=sheet.encoding,
        delimiter=sheet.delimiter or None,
        period=period_of(days.unique()),
    )


READER = Reader("table", "", detect, read)
