"""Tables of web tools, an act a row: their columns are found by name, then read as web_events.py says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, nearest, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet, column_key
from cjtools.sources.opening.sheets import Layout, column_faults, open_sheets, possible_headers
from cjtools.sources.parsing.fields import bind_fields, columns_of, read_fields
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.reader import Reader, read_each
from cjtools.sources.readers.table import with_record
from cjtools.sources.readers.web_events import WebFile, web_fields, web_tables
from cjtools.tables import Tables

Names = tuple[str, ...]
IDS = ("user_id",)


def same_sheet(sheet: Sheet) -> Sheet:
    """Return a sheet as it is."""
    return sheet


@dataclass(frozen=True)
class WebTool:
    """What is known of one web tool's table; client.toml's own mapping comes before it.

    `signature` are the columns by which the table is known, each by any of its names; `columns` what tells what, the
    first name that is there; `prepare` does what columns alone cannot say; times without a zone are UTC.
    """

    name: str
    signature: tuple[Names, ...]
    columns: Mapping[str, Names]
    prepare: Callable[[Sheet], Sheet] = same_sheet
    open: Callable[[Path, SourceSection, Client], list[Sheet]] | None = None
    detect: Callable[[bytes], float] | None = None
    records: str = ""
    wanted: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def reader(self) -> Reader:
        """The reader of the tool, for the index."""
        return Reader(self.name, "web", partial(detect, tool=self), partial(read, tool=self))


def detect(file: Path, head: bytes, *, tool: WebTool) -> float:
    """Say how sure it is: by the names of the columns, or as the tool itself says."""
    if any(has_signature(tool, header) for header in possible_headers(file, head)):
        return min(0.9 + 0.01 * len(tool.signature), 0.98)
    return tool.detect(head) if tool.detect else 0.0


def has_signature(tool: WebTool, header: Sequence[str]) -> bool:
    """Say whether a header has every column by which a table is known."""
    there = {column_key(name) for name in header}
    return all(any(column_key(name) in there for name in names) for names in tool.signature)


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int, tool: WebTool) -> Tables:
    """Return the events and identities of some files of one tool, all files together."""
    raise_if_any(SourceError, section.path, list(key_faults(section, IDS)))
    known = {name for names in (*tool.signature, *tool.columns.values()) for name in names}
    layout = Layout(frozenset(known | tool.wanted), tool.records)

    def open_one(file: Path) -> list[Sheet]:
        if tool.open is not None:
            sheets = tool.open(file, section, client)
        else:
            sheets = open_sheets(file, section=section, client=client, layout=layout)
        fits = [sheet for sheet in sheets if has_signature(tool, sheet.header)]
        if not fits:
            raise SourceError(section.path, [signature_fault(tool, sheet) for sheet in sheets])
        return [tool.prepare(sheet) for sheet in fits]

    sheets = [sheet for group in read_each(files, section.path, open_one) for sheet in group]
    frames = read_each(sheets, section.path, lambda sheet: typed_rows(sheet, tool, section=section, client=client))
    parts = [frame for frame, _ in frames]
    told = [
        WebFile(sheet.name, sheet.sha256, sheet.encoding, sheet.delimiter or None, notes)
        for sheet, (_, notes) in zip(sheets, frames, strict=True)
    ]
    rows = pl.concat(parts, how="diagonal")
    return web_tables(rows, told, section=section, client=client, order=order, form=tool.name)


def signature_fault(tool: WebTool, sheet: Sheet) -> Fault:
    """Return the fault of a table that is not the tool's."""
    there = {column_key(name) for name in sheet.header}
    missing = [names[0] for names in tool.signature if not any(column_key(name) in there for name in names)]
    found = f"not {tool.name}: there is no column {', '.join(map(repr, missing))}"
    step = 'or read it with format = "table" and [sources.mapping]'
    return Fault(sheet.where(sheet.header_line), found, nearest(missing[0], list(sheet.header[:40])), step)


def typed_rows(
    sheet: Sheet, tool: WebTool, *, section: SourceSection, client: Client
) -> tuple[pl.DataFrame, Mapping[str, int | bool]]:
    """Return the typed rows of a sheet, and what its reader noted. Raises SourceError with every cell that is wrong."""
    own = with_columns_of(tool, section, sheet)
    fields, faults = bind_fields(web_fields(), own)
    raise_if_any(SourceError, sheet.name, [*faults, *column_faults(sheet, columns_of(fields), own)])
    typed = read_fields(sheet, fields, section=own, client=client)
    raise_if_any(SourceError, sheet.name, typed.faults)
    return with_record(sheet, typed.frame), {"preamble_rows": sheet.preamble}


def with_columns_of(tool: WebTool, section: SourceSection, sheet: Sheet) -> SourceSection:
    """Return the section of a source with the columns of one sheet that the tool knows; times are UTC."""
    there = {column_key(name): name for name in reversed(sheet.header)}
    given = section.mapping.keys() | section.constants.keys()
    found = {
        name: next((there[column_key(each)] for each in names if column_key(each) in there), None)
        for name, names in tool.columns.items()
        if name not in given
    }
    mapping = {**{name: column for name, column in found.items() if column is not None}, **section.mapping}
    return section.model_copy(update={"kind": "events", "mapping": mapping, "timezone": "UTC"})


def with_texts(sheet: Sheet, **texts: pl.Expr | pl.Series) -> Sheet:
    """Return a sheet with further columns of texts, or others in their place; nothing is an empty text."""
    rows = sheet.rows.with_columns(**texts)
    rows = rows.with_columns(pl.col(name).cast(pl.String).fill_null("") for name in texts)
    return replace(sheet, rows=rows, header=tuple(rows.columns))


def text_in(sheet: Sheet, *names: str) -> pl.Expr:
    """Return the first of some columns that holds a text in its row; where none does, or none is there, null."""
    there = {column_key(name): name for name in sheet.header}
    found = [pl.col(there[column_key(name)]).str.strip_chars() for name in names if column_key(name) in there]
    return pl.coalesce(*(pl.when(each != "").then(each) for each in found), pl.lit(None, pl.String))
