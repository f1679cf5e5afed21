"""claims.csv and links.csv in the client's folder, written whole and so that a spreadsheet opens them as they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from cjtools.claims.files import CLAIM_COLUMNS, CLAIMS, LINK_COLUMNS, LINKS, guarded, read_sheet
from cjtools.client import Client
from cjtools.sources.opening.delimited import Sheet
from cjtools.spreadsheet import as_cell
from cjtools.whole_file import write_whole

# How spreadsheets know UTF-8.
BOM = "\ufeff"
DELIMITERS = (",", ";", "\t")


def save_claims(client: Client, claims: pl.DataFrame) -> Path:
    """Write claims (see tables.Claim) as claims.csv and return its path; columns that people added stay, row by row."""
    return save(client, claims, CLAIMS, CLAIM_COLUMNS)


def save_links(client: Client, links: pl.DataFrame) -> Path:
    """Write links (see tables.Link) as links.csv and return its path; columns that people added stay, row by row."""
    return save(client, links, LINKS, LINK_COLUMNS)


def save(client: Client, frame: pl.DataFrame, name: str, columns: Sequence[str]) -> Path:
    """Write one of the two files: the order of its columns and its delimiter stay; what was blank between rows goes.

    Rows are known by their line in the file that is there: `frame` must have been loaded from it.
    """
    path = client.folder / name
    sheet = read_sheet(client, name, columns, ())
    header = () if sheet is None else sheet.header
    names = [*header, *(each for each in columns if each not in header and wanted(frame, each, new=sheet is None))]
    beside = own_cells(sheet, columns)
    rows = [
        [cell(row[each]) if each in columns else beside.get(row["line"], {}).get(each, "") for each in names]
        for row in frame.iter_rows(named=True)
    ]
    titles = [as_cell(each.partition("\0")[0]) for each in names]
    delimiter = sheet.delimiter if sheet is not None and sheet.delimiter in DELIMITERS else ","
    mark = "" if sheet is not None and sheet.encoding == "utf-8" and not marked(path) else BOM
    write_whole(path, [mark, as_text([titles, *rows], delimiter)])
    return path


def wanted(frame: pl.DataFrame, name: str, *, new: bool) -> bool:
    """Say whether a column that is not there has to be: when it holds something; in a new file all but translations."""
    return (new and not name.startswith("statement_")) or frame[name].is_not_null().any()


def own_cells(sheet: Sheet | None, columns: Sequence[str]) -> dict[int, dict[str, object]]:
    """Return, by line, what people wrote in columns of their own."""
    if sheet is None:
        return {}
    own = [name for name in sheet.header if name not in columns]
    return {
        line: {name: as_cell(row[name] or "") for name in own}
        for line, row in zip(sheet.lines, sheet.rows.to_dicts(), strict=True)
    }


def marked(path: Path) -> bool:
    """Say whether a file begins with the mark of UTF-8."""
    with path.open("rb") as file:
        return file.read(3) == BOM.encode()


def cell(value: object) -> object:
    """Return a value as it stands in the file."""
    return "" if value is None else as_cell(guarded(value) if isinstance(value, str) else value)


def as_text(rows: Iterable[Sequence[object]], delimiter: str) -> str:
    """Return rows as the text of a file."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()
