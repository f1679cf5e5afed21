"""Workbooks (.xlsx): one sheet as texts, row by row as Excel numbers them; what cannot be read is named by its cell."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from types import SimpleNamespace
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from openpyxl.packaging.relationship import get_dependents
from openpyxl.reader.strings import read_string_table

from cjtools.errors import SourceError, cut, nearest
from cjtools.sources.opening.cells import BUILT_IN, Cells, Formats, TooLargeError, date_kind
from cjtools.sources.opening.containers import open_zip
from cjtools.sources.opening.delimited import HEADER_WITHIN, column_key
from cjtools.sources.opening.files import Opened, fault_of

BOOK = "xl/workbook.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what Office wrote before zips, and writes around a workbook with a password
LINKS = "xl/_rels/workbook.xml.rels"
# What openpyxl refuses and no table needs: the names of the strict kind of workbook, and fonts that it does not know.
STRICT = (
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
)
FONT = re.compile(rb"<(\w+:|)rPr>(?:\s*<(?!\1rPr)[^>]*>)*?\s*</\1rPr>")
# What other zips are that hold no table, by a file that only they have.
OTHERS = {
    "xl/workbook.bin": "a binary workbook (.xlsb)",
    "content.xml": "an OpenDocument file",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
    "Index/Document.iwa": "an iWork file",
}


@dataclass(frozen=True)
class Rows:
    """The rows of a sheet that hold anything: the number of each, from 1, and its texts, all equally long.

    `notes` are counted flags: sheets that are hidden or were not read, rows that a filter hides (they are read).
    """

    numbers: list[int]
    rows: list[list[str]]
    notes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Tab:
    """One sheet: its name, where its cells are, whether it is shown."""

    name: str
    path: str
    shown: bool


@dataclass(frozen=True)
class Book:
    """A workbook, opened: its files, its sheets in order, what its cells refer to."""

    name: str
    members: Mapping[str, bytes]
    tabs: Sequence[Tab]
    formats: Formats


def is_workbook(members: Mapping[str, object]) -> bool:
    """Say whether a zip is a workbook by the names in it."""
    return BOOK in members


def read_workbook(
    opened: Opened, *, sheet: str | None = None, wanted_sheets: Sequence[str] = (), wanted: Collection[str] = ()
) -> Rows:
    """Return the rows of one sheet as texts.

    The sheet is `sheet`, else the first of `wanted_sheets` that is there, else that with most of the `wanted` columns
    in its header, else the first; hidden ones only by their name. Raises SourceError for cells that hold an error,
    formulas without a result, a cell far from all others, a DOCTYPE.
    """
    book = open_book(opened)
    shown = [tab for tab in book.tabs if tab.shown]
    tab = chosen_tab(book, shown, sheet, wanted_sheets, wanted)
    cells = read_cells(book, tab)
    if cells.faults:
        raise SourceError(opened.name, cells.faults)
    notes = (
        ("hidden_sheets", len(book.tabs) - len(shown) - (not tab.shown)),
        ("sheets_not_read", len(shown) - tab.shown),
        ("hidden_rows", cells.hidden),
    )
    rows = [row + [""] * (cells.width - len(row)) for _, row in cells.rows]
    return Rows([number for number, _ in cells.rows], rows, notes)


def what_else(members: Mapping[str, object]) -> str:
    """Return what a zip is that is no workbook and holds no tables, or nothing when it may be anything.

    >>> what_else({"mimetype": b"", "content.xml": b""})
    'an OpenDocument file'
    """
    return next((what for name, what in OTHERS.items() if name in members), "")


def first_rows(opened: Opened) -> Iterator[list[str]]:
    """Yield the first rows of every sheet that is shown, among which their headers are."""
    book = open_book(opened)
    for tab in book.tabs:
        if tab.shown:
            yield from head_of_tab(book, tab)


def locked_fault(opened: Opened) -> SourceError:
    """Return the error of a file of the Office from before zips: most are workbooks with a password."""
    if "EncryptedPackage".encode("utf-16-le") in opened.data:
        return fault_of(opened.name, "this workbook has a password", "", "save it again without one")
    return fault_of(opened.name, "this is an old Office file (.xls)", "", "save it as .xlsx, or as CSV (UTF-8)")


def open_book(opened: Opened) -> Book:
    """Return a workbook with its sheets and what their cells refer to; the cells are not looked at yet."""
    members = open_zip(opened)
    for path, data in members.items():
        if path.endswith((".xml", ".rels")) and b"<!DOCTYPE" in data:
            where = f"{opened.name}, {cut(path)}"
            raise fault_of(where, "holds a DOCTYPE", "a plain workbook", "save it again as .xlsx", what=opened.name)
    root = tree(opened.name, members, BOOK)
    with naming(opened.name, LINKS):
        links = get_dependents(SimpleNamespace(read=members.__getitem__), LINKS)
    targets = {each.Id: (each.Type.rpartition("/")[2], each.target) for each in links}
    tabs = []
    for each in root.iterfind("{*}sheets/{*}sheet"):
        link = next((value for key, value in each.attrib.items() if key.rpartition("}")[2] == "id"), "")
        kind, path = targets.get(link, ("", ""))
        if kind == "worksheet":
            tabs.append(Tab(each.get("name", ""), path, each.get("state", "visible") == "visible"))
    paths = dict(targets.values())
    formats = Formats(
        texts_of(opened.name, members, paths.get("sharedStrings", "")),
        styles_of(tree(opened.name, members, paths["styles"])) if paths.get("styles") in members else [],
        from_1904=any(each.get("date1904") in ("1", "true") for each in root.iterfind("{*}workbookPr")),
    )
    return Book(opened.name, members, tabs, formats)


def chosen_tab(
    book: Book, shown: Sequence[Tab], sheet: str | None, wanted_sheets: Sequence[str], wanted: Collection[str]
) -> Tab:
    """Return the sheet to read."""
    if sheet is not None:
        named = [tab for tab in book.tabs if tab.name == sheet]
        if not named:
            raise fault_of(book.name, f"there is no sheet {cut(sheet)}", nearest(sheet, [tab.name for tab in shown]))
        return named[0]
    if not shown:
        step = f"add sheet = {cut(book.tabs[0].name)} to this source" if book.tabs else ""
        raise fault_of(book.name, "no sheet is shown" if book.tabs else "no sheet of cells", "", step)
    known = {name.casefold(): place for place, name in reversed(list(enumerate(wanted_sheets)))}
    by_name = [tab for tab in shown if tab.name.casefold() in known]
    if by_name:
        return min(by_name, key=lambda tab: known[tab.name.casefold()])
    if len(shown) == 1 or not wanted:
        return shown[0]
    return max(shown, key=lambda tab: header_score(head_of_tab(book, tab), wanted))


def header_score(rows: Sequence[Sequence[str]], wanted: Collection[str]) -> int:
    """Return how many of the wanted columns one of the rows has.

    >>> header_score([["Report"], ["Date", "Text"]], ["date", "text", "id"])
    2
    """
    names = set(map(column_key, wanted))
    return max((len(names.intersection(map(column_key, row))) for row in rows), default=0)


def read_cells(book: Book, tab: Tab, *, most: int | None = None) -> Cells:
    """Return the cells of a sheet, or those of its first rows."""
    if tab.path not in book.members:
        raise fault_of(book.name, f"sheet {cut(tab.name)} is missing", "", "save it again")
    cells = Cells(book.name, book.formats)
    try:
        with naming(book.name, tab.path):
            cells.read(plain(book.members[tab.path]), most=most)
    except TooLargeError as error:
        place, found = error.args
        step = "delete what stands far from the table, or split the export"
        where = f"{book.name}, cell {place}"
        raise fault_of(where, found, "a table that fits into memory", step, what=book.name) from None
    return cells


def head_of_tab(book: Book, tab: Tab) -> list[list[str]]:
    """Return the first rows of a sheet; the rest of it is not parsed."""
    return [row for _, row in read_cells(book, tab, most=HEADER_WITHIN).rows]


def texts_of(name: str, members: Mapping[str, bytes], path: str) -> dict[int, str]:
    """Return the texts that the cells of a workbook share, by their numbers."""
    if path not in members:
        return {}
    with naming(name, path):
        return dict(enumerate(read_string_table(BytesIO(plain(members[path])))))


def plain(data: bytes) -> bytes:
    """Return the XML of texts and cells as openpyxl reads it.

    >>> plain(b"<r><rPr><b/></rPr><t>a</t></r>")
    b'<r><t>a</t></r>'
    """
    data = data.replace(*STRICT)
    return FONT.sub(b"", data) if b"rPr" in data else data


def tree(name: str, members: Mapping[str, bytes], path: str) -> Element:
    """Return one small file of a workbook."""
    with naming(name, path):
        root: Element = fromstring(members[path])
        return root


@contextmanager
def naming(name: str, path: str) -> Iterator[None]:
    """Name the file of a workbook that is missing or broken."""
    try:
        yield
    except KeyError:
        raise fault_of(name, f"broken workbook: {cut(path)} is missing", "", "save it again as .xlsx") from None
    except (SyntaxError, ValueError, TypeError, OverflowError) as error:  # what XML parsers raise is a SyntaxError
        raise fault_of(name, f"broken workbook ({cut(path)}: {cut(error)})", "", "save it again as .xlsx") from None


def styles_of(root: Element) -> list[str]:
    """Return what each style shows: a day, a time, or nothing when it shows a number or a text."""
    codes = {str(number): code for number, code in BUILT_IN.items()}
    codes |= {each.get("numFmtId", ""): each.get("formatCode", "") for each in root.iterfind("{*}numFmts/{*}numFmt")}
    return [date_kind(codes.get(each.get("numFmtId", ""), "")) for each in root.iterfind("{*}cellXfs/{*}xf")]
