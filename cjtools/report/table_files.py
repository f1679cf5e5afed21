"""The tables of a page as files: CSV always, XLSX (texts only) and Parquet (as typed) where they are asked for."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Mapping

import openpyxl
import polars as pl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from cjtools.claims import CLAIM_TABLES
from cjtools.comparing import COMPARISON_TABLES, compare_waves
from cjtools.errors import Fault, ParameterError, cut, nearest, raise_if_any
from cjtools.inventory import INVENTORY_TABLES, Inventory
from cjtools.journey_map import JourneyMap
from cjtools.journey_tables import JOURNEY_TABLES
from cjtools.map_tables import MAP_TABLES
from cjtools.personas.tables import PERSONA_TABLES
from cjtools.study import STUDY_TABLES, Study

Frames = Mapping[str, pl.DataFrame]
# What a cell, a sheet and a sheet's name may hold at most.
LONGEST_CELL, LONGEST_SHEET, LONGEST_NAME = 32_767, 1_048_576, 31
CUT = " […]"
# A workbook says when it was made, and its packing does: the same tables give the same bytes.
MADE = dt.datetime(1980, 1, 1)
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def tables_of(journey: JourneyMap | Inventory | Study) -> dict[str, pl.DataFrame]:
    """Return every table of a map, an inventory or a study, by name."""
    if isinstance(journey, Inventory):
        return {name: getattr(journey, name) for name in (*INVENTORY_TABLES, "rows_left_out", "sources")}
    if isinstance(journey, Study):
        return {name: getattr(journey, name) for name in (*STUDY_TABLES, "sources")}
    frames = {name: getattr(journey, name) for name in (*MAP_TABLES, "sources")}
    frames |= {name: getattr(journey.journeys, name) for name in JOURNEY_TABLES}
    frames |= {name: getattr(journey.claims, name) for name in CLAIM_TABLES} if journey.claims else {}
    frames |= {f"persona_{name}": getattr(journey.people, name) for name in PERSONA_TABLES}
    if journey.before is not None:
        found = compare_waves(journey.before, journey)
        frames |= {name: getattr(found, name) for name in COMPARISON_TABLES}
    if journey.header.audience == "team" and journey.remarks.rows.height:
        frames["remarks"] = journey.remarks.rows
    return frames


def known_forms(forms: str) -> tuple[str, ...]:
    """Return the forms that a text such as "xlsx,parquet" names.

    Raises ParameterError for one that does not exist.

    >>> known_forms("xlsx, parquet"), known_forms("")
    (('parquet', 'xlsx'), ())
    """
    named = sorted({form.strip().lower() for form in forms.split(",")} - {""})
    faults = [
        Fault("tables", f"{cut(form)} is no form of a table", nearest(form, FORMS))
        for form in named
        if form not in FORMS
    ]
    raise_if_any(ParameterError, "the tables", faults)
    return tuple(named)


def as_files(frames: Frames, forms: str) -> dict[str, str]:
    """Return tables as files in base64, by the end of their name: ".xlsx", "/claims.parquet"."""
    made = {name: content for form in known_forms(forms) for name, content in FORMS[form](frames).items()}
    return {name: base64.b64encode(content).decode() for name, content in made.items()}


def parquet_files(frames: Frames) -> dict[str, bytes]:
    """Return each table as Parquet, with its types: nothing of it is lost."""
    return {f"/{name}.parquet": as_parquet(frame) for name, frame in frames.items()}


def as_parquet(frame: pl.DataFrame) -> bytes:
    """Return a table as a Parquet file."""
    out = io.BytesIO()
    frame.rechunk().write_parquet(out, compression="zstd", compression_level=3, statistics=False)
    return out.getvalue()


def workbook_file(frames: Frames) -> dict[str, bytes]:
    """Return all tables as one workbook."""
    return {".xlsx": as_workbook(frames)}


def as_workbook(frames: Frames) -> bytes:
    """Return tables as the sheets of one workbook, every cell a text: no formula, no link, no number that is rewritten.

    The first sheet lists them with their rows, and what did not fit: a cell holds 32,767 letters at most.
    """
    book = openpyxl.Workbook(write_only=True)
    book.properties.created = book.properties.modified = MADE
    front = book.create_sheet("tables")
    names = sheet_names(frames)
    listed: list[list[str]] = [["table", "sheet", "rows", "cells cut", "rows left out"]]
    for name, frame in frames.items():
        sheet = book.create_sheet(names[name])
        shortened = 0
        for row in ([*frame.columns], *frame.head(LONGEST_SHEET - 1).iter_rows()):
            texts = [as_text(value) for value in row]
            sheet.append([text_cell(sheet, text) for text in texts])
            shortened += sum(len(text) > LONGEST_CELL for text in texts)
        left = max(frame.height - LONGEST_SHEET + 1, 0)
        listed.append([name, names[name], str(frame.height), str(shortened), str(left)])
    for line in listed:
        front.append([text_cell(front, text) for text in line])
    out = io.BytesIO()
    book.save(out)
    return packed_again(out.getvalue())


def sheet_names(frames: Frames) -> dict[str, str]:
    """Return the names of the sheets: as long as a sheet's name may be, no two alike."""
    names: dict[str, str] = {}
    for name in frames:
        short, number = name[:LONGEST_NAME], 1
        while short in {*names.values(), "tables"}:
            number += 1
            short = f"{name[: LONGEST_NAME - len(str(number))]}{number}"
        names[name] = short
    return names


def as_text(value: object) -> str:
    """Return a value as a text: lists joined, days as ISO, nothing for null.

    >>> as_text(["a", "b"]), as_text(None), as_text(0.5), as_text(True)
    ('a; b', '', '0.5', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "; ".join(as_text(each) for each in value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def text_cell(sheet: object, text: str) -> WriteOnlyCell:
    """Return a cell that is a text whatever it begins with; control characters, which no workbook may hold, go."""
    short = text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(CUT)] + CUT
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", short))
    cell.data_type = "s"
    return cell


def packed_again(workbook: bytes) -> bytes:
    """Return a workbook without the moments at which it was made: in its properties, and in its packing."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in sorted(before.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = before.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.external_attr, entry.create_system, entry.compress_type = 0o600 << 16, 3, zipfile.ZIP_DEFLATED
            after.writestr(entry, content)
    return out.getvalue()


FORMS: dict[str, Callable[[Frames], dict[str, bytes]]] = {"parquet": parquet_files, "xlsx": workbook_file}
