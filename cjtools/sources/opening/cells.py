"""The cells of a workbook as texts: numbers with the digits that Excel kept, dates as ISO 8601, nothing guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse
from openpyxl.styles.numbers import BUILTIN_FORMATS, STRIP_RE, is_date_format
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._reader import FORMULA_TAG, ROW_TAG, VALUE_TAG, WorkSheetParser

from cjtools.errors import Fault, cut

DIGITS = 15  # what Excel keeps of a number; the digits after those are not the ones that were typed
LONGEST_CELL = 131_072  # characters, as in a CSV file; Excel itself stops at 32 767
MOST_TEXT = 200 * 2**20  # characters of all cells: a text that many cells share is counted each time
MOST_CELLS = 20_000_000  # of the rectangle that a sheet spans
MOST_FAULTS = 1000

# The formats that no workbook declares: those of openpyxl, and the days of Chinese, Japanese and Korean workbooks.
BUILT_IN = BUILTIN_FORMATS | dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy-mm-dd")


def date_kind(code: str) -> str:
    """Return what a number format shows: day, moment, elapsed, or nothing when it shows a number.

    >>> [date_kind(code) for code in ("dd/mm/yyyy", "h:mm", "[$-es]d mmm", "[h]:mm", '0.0"d"', "General")]
    ['day', 'moment', 'day', 'elapsed', '', '']
    """
    if not is_date_format(code):
        return ""
    shown = STRIP_RE.sub("", code.split(";")[0])
    return "elapsed" if "[" in shown else "moment" if re.search("[hs]", shown, re.IGNORECASE) else "day"


def number_text(value: float, kind: str, *, from_1904: bool) -> str:
    """Return a number of a cell as a text: a date where its format shows one, else its 15 digits.

    One with more digits gets an exponent, which no id may have: those digits are not the ones that somebody typed.

    >>> number_text(46000.5, "moment", from_1904=False), number_text(901656910939771000, "", from_1904=False)
    ('2025-12-09 12:00', '9.01656910939771e+17')
    """
    as_number = f"{value:.{DIGITS}g}"
    if not kind or value < 0:
        return as_number
    try:
        if kind == "elapsed" or value < 1:
            hours, rest = divmod(round(from_excel(value, timedelta=True).total_seconds()), 3600)
            return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
        moment: dt.datetime = from_excel(value, MAC_EPOCH if from_1904 else WINDOWS_EPOCH)
    except (OverflowError, ValueError):  # after the year 9999
        return as_number
    if moment.time() == dt.time() and kind == "day":
        return moment.date().isoformat()
    whole = moment.microsecond == 0
    return moment.isoformat(" ", "minutes" if whole and moment.second == 0 else "seconds" if whole else "milliseconds")


def is_whole(number: int) -> bool:
    """Say whether a long number cannot have been rounded: it is none that Excel or a floating point number writes.

    >>> is_whole(901656910939770881), is_whole(901656910939771000), is_whole(901656910939770880)
    (True, False, False)
    """
    value = float(number)
    return number not in (int(value), int(Decimal(repr(value))), int(Decimal(f"{value:.{DIGITS}g}")))


@dataclass(frozen=True)
class Formats:
    """What the cells of a workbook refer to: its texts, what each style shows, and from when its days count."""

    texts: Mapping[int, str]
    styles: Sequence[str]
    from_1904: bool


class Cells:
    """The rows of one sheet, gathered one by one.

    `rows` holds the number and the texts of each row that has any; `faults` what no cell may hold. openpyxl reads the
    cells one at a time here: its own rows leave out what stands in another order than Excel's, and do not tell the
    rows that are hidden, the formulas without a result, the cell that is broken.
    """

    def __init__(self, name: str, formats: Formats) -> None:
        """Begin an empty sheet of a file."""
        self.name = name
        self.formats = formats
        self.rows: list[tuple[int, list[str]]] = []
        self.faults: list[Fault] = []
        self.hidden = self.width = self.size = 0
        self.widest = ""
        self.long: dict[tuple[int, int], int] = {}
        self.parser = WorkSheetParser(None, formats.texts, data_only=True)

    def read(self, data: bytes, *, most: int | None = None) -> None:
        """Read the rows of a sheet, or the first of them."""
        for _, element in iterparse(BytesIO(data), forbid_dtd=True):
            if element.tag == ROW_TAG:
                self.add_row(element)
                element.clear()
                if len(self.rows) == most:
                    break
        # Where one long number is none that a spreadsheet can hold, no spreadsheet has written the file and cut any.
        if any(map(is_whole, self.long.values())):
            for (at, column), number in self.long.items():
                self.rows[at][1][column - 1] = str(number)

    def add_row(self, element: Element) -> None:
        """Add a row when it holds anything."""
        self.parser.row_counter = int(element.get("r") or self.parser.row_counter + 1)
        self.parser.col_counter = 0
        self.hidden += element.get("hidden") in ("1", "true")
        texts: dict[int, str] = {}
        for cell in element:
            if text := self.text_of(cell):
                texts[self.parser.col_counter] = text
                self.measure(text)
        if any(map(str.strip, texts.values())):
            self.rows.append((self.parser.row_counter, [texts.get(at, "") for at in range(1, max(texts) + 1)]))

    def text_of(self, cell: Element) -> str:
        """Return the text of a cell; nothing for one that holds an error."""
        kind = cell.get("t", "n")
        if kind == "d":
            cell.set("t", "str")  # an ISO date stays as it is written: openpyxl would drop its offset
        try:
            read = self.parser.parse_cell(cell)
            text = self.shown(**read)
        except (ValueError, KeyError, OverflowError):
            raw = cut(cell.findtext(VALUE_TAG, ""))
            if kind == "s":
                self.refuse(f"text number {raw}, of {len(self.formats.texts)}", "", "save it again")
            else:
                self.refuse(f"{raw} is not a number", "a value", "save it again")
            return ""
        if kind == "e":
            self.refuse(cut(text), "a value", "mend the formula")
            return ""
        if read["value"] is None and kind != "str" and cell.find(FORMULA_TAG) is not None:
            self.refuse("a formula without its result", "a value", "open and save it in Excel")
        return text

    def shown(self, *, value: str | float | None, column: int, style_id: int, **_: object) -> str:
        """Return the text of a value; that of a long number is kept in full as well."""
        if value is None or isinstance(value, str):
            return unescaped(value or "")
        if isinstance(value, bool):
            return "true" if value else "false"
        styles = self.formats.styles
        kind = styles[style_id] if style_id < len(styles) else ""
        text = number_text(value, kind, from_1904=self.formats.from_1904)
        if isinstance(value, int) and value >= 10**DIGITS:
            self.long[len(self.rows), column] = value
        return text

    def measure(self, text: str) -> None:
        """Refuse what would not fit into memory."""
        self.size += len(text)
        if self.parser.col_counter >= self.width:
            self.width, self.widest = self.parser.col_counter, self.place
        if len(text) > LONGEST_CELL:
            self.refuse(f"a cell of {len(text)} characters", f"at most {LONGEST_CELL}")
        if self.size > MOST_TEXT:
            raise TooLargeError(self.place, f"more than {MOST_TEXT} characters up to here")
        if self.parser.row_counter * self.width > MOST_CELLS:
            found = f"a table of {self.parser.row_counter} rows and {self.width} columns"
            raise TooLargeError(self.widest, found)

    def refuse(self, found: str, expected: str, step: str = "") -> None:
        """Keep the fault of a cell, as long as somebody could read them all."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(f"{self.name}, cell {self.place}", found, expected, step))

    @property
    def place(self) -> str:
        """The name of the cell, such as C2."""
        return f"{get_column_letter(self.parser.col_counter)}{self.parser.row_counter}"


class TooLargeError(Exception):
    """A sheet that would not fit into memory: the cell that makes it so, and how large it is."""


def unescaped(text: str) -> str:
    r"""Return a text with the characters that XML cannot hold, which workbooks write as _x000D_; no half ones.

    >>> unescaped("a_x000D_b")
    'a\rb'
    """
    if "_x" not in text:
        return text
    return str(unescape(text)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
