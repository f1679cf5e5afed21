"""Tables of events of any size: read piece by piece, each stored as a part beside the files, copies taken out last."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Protocol

import polars as pl

from cjtools.client import Client
from cjtools.errors import SourceError
from cjtools.settings import SourceSection
from cjtools.sources.kinds.built import fates_of
from cjtools.sources.kinds.events import Acts, copy_of, opens_in, profile_identities
from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.opening.files import weight
from cjtools.sources.opening.large import LargeTable, MakeSheet, open_large
from cjtools.sources.opening.sheets import Layout, column_faults
from cjtools.sources.parsing.fields import Typed
from cjtools.sources.parts import Given, part_path, rewrite_part, stored_parts, write_part
from cjtools.sources.piecewise import Buckets, Gathered, LargeFile, PieceRead, Told, added, bucket_of, gather
from cjtools.sources.reader import FileLine, left_out_rows, period_of, source_lines, tables_of
from cjtools.tables import Tables

MANY = 100_000  # profiles
ROWS = 2**40  # more than the rows of a piece: a row is known by its part and its line


class TypeRows(Protocol):
    """Turn a sheet into typed rows with their `record`, and the days that they tell of."""

    def __call__(self, sheet: Sheet) -> tuple[Typed, pl.Series]:
        """Return the rows and the days."""
        ...


@dataclass(frozen=True)
class Way:
    """How the rows of a source become events: the columns, their types, what they say."""

    layout: Layout
    type_rows: TypeRows
    acts_of: Callable[[pl.DataFrame], Acts]
    form: str
    family: str


@dataclass(frozen=True)
class Part:
    """What was made of a piece: where its events are, its columns, rows that are not used, profiles, counted flags."""

    file: str
    path: Path
    header: tuple[str, ...]
    left_out: pl.DataFrame
    profiles: pl.Series
    notes: Mapping[str, int]


@dataclass
class Made:
    """What was made of all pieces so far."""

    parts: dict[int, Part]
    headers: dict[str, dict[str, None]]
    profiles: pl.Series
    more: list[pl.Series] = field(default_factory=list)

    def add(self, piece: PieceRead) -> None:
        """Keep what was made of a piece; profiles once, as soon as they may be twice as many as were known."""
        if piece.extra is not None:
            number, part = piece.extra
            self.headers.setdefault(part.file, {}).update(dict.fromkeys(part.header))
            self.more.append(part.profiles)
            self.parts[number] = replace(part, header=(), profiles=part.profiles.clear())
            if sum(map(len, self.more)) > max(len(self.profiles), MANY):
                self.gather_profiles()

    def gather_profiles(self) -> None:
        """Put the profiles of all pieces so far together."""
        self.profiles, self.more = pl.concat([self.profiles, *self.more]).unique(), []


def write_large(
    folder: Path, given: Given, files: Sequence[Path], *, way: Way, section: SourceSection, client: Client
) -> Tables:
    """Write the events of a table to a folder in parts, and return its other tables.

    Each piece becomes a part. Then the rows that are copies of rows of earlier parts are taken out of theirs.
    """
    numbers = count()
    opened = (
        partial(open_pieces, file, way=way, section=section, client=client, folder=folder, given=given, numbers=numbers)
        for file in files
    )
    made = Made({}, {}, pl.Series("profile_id", [], dtype=pl.String))
    buckets = Buckets(folder, size=sum(map(weight, files)), share=3)  # keys: seldom asked for again
    gathered = gather(opened, buckets=buckets, also=made.add)
    for name, header in made.headers.items():
        gathered.faults.instead(name, column_faults(header_sheet(name, header), way.layout.wanted, section))
    gathered.faults.raise_if_any(section.path)
    made.gather_profiles()
    merge_copies(gathered, made, section)
    fates = pl.concat([part.left_out for part in made.parts.values()])
    return tables_of(
        sources=source_lines(
            lines_of(gathered, fates, made), section=section, client=client, kind="events", form=way.form,
            family=way.family,
        ),
        left_out=left_out_rows(fates, section),
        identities=profile_identities(made.profiles, section=section, client=client),
    )  # fmt: skip


def open_pieces(
    file: Path,
    *,
    way: Way,
    section: SourceSection,
    client: Client,
    folder: Path,
    given: Given,
    numbers: Iterator[int],
) -> list[LargeFile]:
    """Return the pieces of a file, to be read: of one, or of a zip those of each table in it."""
    return [
        LargeFile(
            table.name,
            (partial(read_piece, make, table, way, section, folder, given, next(numbers)) for make in table.sheets),
            table.sha256,
        )
        for table in open_large(file, section=section, client=client, layout=way.layout)
    ]


def read_piece(
    make: MakeSheet,
    table: LargeTable,
    way: Way,
    section: SourceSection,
    folder: Path,
    given: Given,
    number: int,
    file: int,
) -> PieceRead:
    """Write the events of a piece as a part, and return by what its rows are known again; or what is wrong in it."""
    try:
        sheet = make()
    except SourceError as error:
        return PieceRead(faults=error.faults)
    header = sheet.header
    if table.one_header:
        if faults := tuple(column_faults(sheet, way.layout.wanted, section)):
            return PieceRead(faults=faults, end=True)
    else:
        sheet = with_columns(sheet, way.layout.wanted)
    typed, days = way.type_rows(sheet)
    if typed.faults:
        return PieceRead(faults=tuple(typed.faults))
    acts = way.acts_of(typed.frame.with_columns(file=pl.lit(file, pl.UInt32)))
    path = part_path(folder, number)
    write_part(acts.events.with_columns(file=pl.lit(file, pl.UInt32)), path, given)
    left_out = fates_of(acts.rows.filter(pl.col("why").is_not_null()))
    notes = opens_in(acts.events["activity"])
    flags = {"preamble_rows": sheet.preamble, **dict(sheet.notes), **typed.clocks}
    told = Told(
        table.name, sheet.encoding, len(sheet.lines), flags, period_of([days.min(), days.max()]),  # type: ignore[list-item]
        sheet.delimiter or None,
    )  # fmt: skip
    part = Part(table.name, path, header, left_out, acts.profiles.drop_nulls().unique(), notes)
    return PieceRead(keys_of(acts.rows, number, section), told, extra=(number, part))


def keys_of(rows: pl.DataFrame, number: int, section: SourceSection) -> pl.DataFrame:
    """Return by what each used row is known again: its id, else all that it holds; two hashes, so that no two agree."""
    used = rows.select("source_row", "event_id", "record", "why")
    used = used if used["why"].null_count() == used.height else used.filter(pl.col("why").is_null())
    record = (pl.col("record"), pl.lit(0, pl.UInt64))
    hashes = tuple(pl.col("event_id").hash(seed) for seed in (0, 1))
    if section.moments:
        hashes = record
    elif used["event_id"].has_nulls():
        known = pl.col("event_id").is_not_null()
        hashes = tuple(pl.when(known).then(own).otherwise(other) for own, other in zip(hashes, record, strict=True))
    row = pl.lit(number * ROWS, pl.UInt64) + pl.col("source_row").cast(pl.UInt64)
    return used.select(row=row, key=hashes[0], other=hashes[1]).with_columns(bucket_of(pl.col("key")))


def merge_copies(gathered: Gathered, made: Made, section: SourceSection) -> None:
    """Take rows that are copies of rows of earlier parts out of their parts."""
    copies = pl.concat([pl.Series([], dtype=pl.UInt64), *(copies_in(group()) for group in gathered.buckets.groups())])
    dropped = []
    for (number,), rows in copies.to_frame("row").group_by(pl.col("row") // ROWS, maintain_order=True):
        part = made.parts[int(str(number))]
        lines = rows.select((pl.col("row") % ROWS).cast(pl.Int64).sort()).to_series()
        inside = pl.col("source_row").is_in(lines.implode())
        dropped.append(stored_parts([part.path]).filter(inside).select("profile_id").collect().to_series())
        rewrite_part(part.path, ~inside)
        acts = stored_parts([part.path]).select(pl.coalesce("activity", "event_name")).collect().to_series()
        notes = opens_in(acts)
        more = pl.DataFrame({"source_file": part.file, "source_row": lines, "fate": "merged", "why": copy_of(section)})
        made.parts[int(str(number))] = replace(part, notes=notes, left_out=pl.concat([part.left_out, more]))
    if dropped and not section.moments:
        forget_profiles(made, pl.concat(dropped).drop_nulls().unique())


def copies_in(keys: pl.DataFrame) -> pl.Series:
    """Return the rows of a bucket that are copies of earlier ones."""
    if keys["key"].n_unique() == keys.height:
        return keys["row"].clear()
    return keys.filter(~pl.struct("key", "other").is_first_distinct())["row"]


def forget_profiles(made: Made, profiles: pl.Series) -> None:
    """Leave out those of some profiles that no event names any more."""
    there = stored_parts([part.path for part in made.parts.values()]).select("profile_id")
    left = there.filter(pl.col("profile_id").is_in(profiles.implode())).unique().collect()["profile_id"]
    gone = profiles.filter(~profiles.is_in(left.implode()))
    made.profiles = made.profiles.filter(~made.profiles.is_in(gone.implode()))


def with_columns(sheet: Sheet, wanted: Collection[str]) -> Sheet:
    """Return a sheet with the wanted columns that its rows do not have: other rows of the file may have them."""
    missing = [name for name in dict.fromkeys(wanted) if name not in sheet.header]
    rows = sheet.rows.with_columns(pl.lit("").alias(name) for name in missing)
    return replace(sheet, rows=rows, header=(*sheet.header, *missing))


def header_sheet(name: str, header: Collection[str]) -> Sheet:
    """Return a sheet that has nothing but its header."""
    return Sheet(name, "", "", "", 1, tuple(header), pl.DataFrame(), pl.Series([], dtype=pl.Int64))


def lines_of(gathered: Gathered, fates: pl.DataFrame, made: Made) -> Iterator[FileLine]:
    """Yield what became of the rows of each file."""
    for name, told in gathered.told.items():
        own = fates.filter(pl.col("source_file") == name)
        counts = dict(own["fate"].value_counts().iter_rows())
        flags: dict[str, int | bool] = dict(own["why"].drop_nulls().value_counts().iter_rows())
        for part in made.parts.values():
            flags = added(flags, part.notes if part.file == name else {})
        merged, rejected = counts.get("merged", 0), counts.get("rejected", 0)
        yield told.line(gathered.hashes[name], rejected=rejected, merged=merged, flags=flags)
