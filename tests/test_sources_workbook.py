"""Workbooks: which sheet is read, what each kind of cell is as a text, what is refused by its cell, and how fast."""

from __future__ import annotations

import resource
import struct
import subprocess
import sys
import time
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.make_workbook import LINKS, MAIN, make_workbook, number, row, table, text
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.errors import SourceError
from cjtools.sources.opening.cells import date_kind, number_text
from cjtools.sources.opening.files import Opened
from cjtools.sources.opening.sheets import possible_headers
from cjtools.sources.opening.workbook import Rows, read_workbook

MENTIONS = """
[[sources]]
id = "posts"
path = "posts.xlsx"
format = "table"
kind = "mentions"
language = "ca"
%s
[sources.mapping]
mention_id = "Id"
said_at = "When"
text = "Text"
"""
HEADER = ["Id", "When", "Text"]


def rows(data: bytes, **options: object) -> Rows:
    return read_workbook(Opened("a.xlsx", data, ""), **options)  # type: ignore[arg-type]


def fault(data: bytes, **options: object) -> str:
    with pytest.raises(SourceError) as error:
        rows(data, **options)
    return "; ".join(map(str, error.value.faults))


def cells(*each: str, formats: tuple[str | int, ...] = (), **options: object) -> list[str]:
    return rows(make_workbook(row(1, each), formats=formats, **options)).rows[0]  # type: ignore[arg-type]


def posts(tmp_path: Path, data: bytes, keys: str = "") -> cj.Client:
    return make_client(tmp_path, MENTIONS % keys, posts__xlsx=data)


def test_rows_keep_the_numbers_that_excel_gives_them() -> None:
    sheet = table([["a", "b"], ["1", "2"]], first=3) + table([[" ", " "], ["3"]], first=8)
    assert rows(make_workbook(sheet)) == Rows(
        [3, 4, 9],
        [["a", "b"], ["1", "2"], ["3", ""]],
        (("hidden_sheets", 0), ("sheets_not_read", 0), ("hidden_rows", 0)),
    )


def test_a_table_may_begin_in_any_column() -> None:
    sheet = row(2, [text("C2", "a"), text("D2", "b")]) + row(3, [text("D3", "2")])
    assert rows(make_workbook(sheet)).rows == [["", "", "a", "b"], ["", "", "", "2"]]


def test_cells_and_rows_may_go_without_their_names() -> None:
    sheet = '<row><c t="str"><v>a</v></c><c><v>1</v></c></row><row><c t="str"><v>b</v></c></row>'
    assert rows(make_workbook(sheet)).rows == [["a", "1"], ["b", ""]]
    assert rows(make_workbook(sheet)).numbers == [1, 2]


def test_rows_and_cells_in_another_order_than_excels_are_all_read() -> None:
    sheet = row(1, [text("B1", "b"), text("A1", "a")]) + row(3, [text("A3", "3")]) + row(2, [text("A2", "2")])
    read = rows(make_workbook(sheet))
    assert (read.numbers, read.rows) == ([1, 3, 2], [["a", "b"], ["3", ""], ["2", ""]])


def test_what_a_workbook_looks_like_keeps_nobody_from_reading_it() -> None:
    font = '<rPr><family val="34"/><u val="odd"/></rPr>'
    styles = f'<styleSheet xmlns="{MAIN}"><fills><fill/></fills><fonts><font>{font}</font></fonts></styleSheet>'
    sheet = f'<c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><r>{font}<t>own</t></r></is></c>'
    odd = '</row></sheetData><dataValidations count="x"/><sheetData><row r="2">'
    data = make_workbook(row(1, [sheet, odd]), texts=[f"<r>{font}<t>shared</t></r>"], more=[("xl/styles.xml", styles)])
    assert rows(data).rows == [["shared", "own"]]


def test_half_a_character_is_none() -> None:
    assert cells(text("A1", "a_xD83D_"), text("B1", "_xD83D__xDE00_")) == [
        "a\N{REPLACEMENT CHARACTER}",
        "\N{GRINNING FACE}",
    ]


def test_faults_name_the_row_of_the_sheet(tmp_path: Path) -> None:
    sheet = table([["Export of 3 June"], [], HEADER, ["1", "2026-06-01", "bo"], [], ["2", "soon", "dolent"]], first=2)
    (told,) = faults_of(posts(tmp_path, make_workbook(sheet)))
    assert told.startswith("posts.xlsx row 7, column 'When': 'soon' is not a date; a date such as 2026-07-01")


def test_dates_are_read_whatever_their_cells_show(tmp_path: Path) -> None:
    sheet = table([HEADER]) + "".join(
        row(at, [text(f"A{at}", str(at)), number(f"B{at}", value, style), text(f"C{at}", f"text {at}")])
        for at, (value, style) in enumerate([("46174", 1), ("46174.5", 2), ("46174.520844907405", 3)], start=2)
    )
    data = make_workbook(sheet, formats=[14, "dd/mm/yyyy hh:mm", "yyyy\\-mm\\-dd hh:mm:ss"])
    quotes = cj.read_sources(posts(tmp_path, data)).quotes
    assert quotes["said_at"].dt.strftime("%F %T").to_list() == [
        "2026-05-31 22:00:00",
        "2026-06-01 10:00:00",
        "2026-06-01 10:30:01",
    ]
    assert quotes["time_precision"].to_list() == ["day", "minute", "exact"]


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        ("46174", 14, "2026-06-01"),
        ("46174", "d mmm yyyy", "2026-06-01"),
        ("46174", "[$-409]d-mmm-yy;@", "2026-06-01"),
        ("46174", 22, "2026-06-01 00:00"),
        ("46174.25", 14, "2026-06-01 06:00"),
        ("46174.000011574", 22, "2026-06-01 00:00:01"),
        ("46174.0000057", "yyyy-mm-dd hh:mm:ss.000", "2026-06-01 00:00:00.492"),
        ("46174.5", 20, "2026-06-01 12:00"),
        ("0.5", 20, "12:00:00"),
        ("1.5", "[h]:mm", "36:00:00"),
        ("1", 14, "1900-01-01"),
        ("60", 14, "1900-02-28"),
        ("61", 14, "1900-03-01"),
        ("-1", 14, "-1"),
        ("2958465", 14, "9999-12-31"),
        ("3000000", 14, "3000000"),
        ("46174", "[$-es-ES]d mmm yyyy", "2026-06-01"),
        ("46174", "d' de 'mmmm".replace("'", '"'), "2026-06-01"),
        ("46174", 57, "2026-06-01"),
        ("46174", "0", "46174"),
        ("46174", "General", "46174"),
        ("46174", '0.0"d"', "46174"),
        ("46174", '#,##0.00 [$€-403]', "46174"),
        ("46174", "[Red]0.00;[Blue]-0.00", "46174"),
        ("0.0417", 10, "0.0417"),
    ],
)  # fmt: skip
def test_a_number_is_a_date_when_its_format_shows_one(value: str, code: str | int, shown: str) -> None:
    assert cells(number("A1", value, 1), formats=(code,)) == [shown]


def test_days_may_count_from_1904() -> None:
    assert cells(number("A1", "44712", 1), formats=(14,), from_1904=True) == ["2026-06-01"]


def test_cells_are_the_texts_that_they_show() -> None:
    assert cells(
        '<c r="A1" t="b"><v>1</v></c>',
        '<c r="B1" t="b"><v>0</v></c>',
        '<c r="C1" t="d"><v>2026-06-01T10:00:00</v></c>',
        '<c r="D1" t="str"><f>A2&amp;"x"</f><v>yx</v></c>',
        '<c r="E1" t="s"><v>1</v></c>',
        '<c r="F1" t="inlineStr"><is><r><t>rich</t></r><r><t xml:space="preserve"> text</t></r></is></c>',
        '<c r="G1"><f>1+1</f><v>2</v></c>',
        '<c r="H1" t="str"><f>""</f><v></v></c>',
        number("I1", "0.30000000000000004"),
        number("J1", "4.1700000000000001E-2"),
        text("K1", "two\nlines_x000D_"),
        texts=("<t>no</t>", "<r><t>shared</t></r><r><t>!</t></r><rPh sb='0' eb='1'><t>aid</t></rPh>"),
    ) == ["true", "false", "2026-06-01T10:00:00", "yx", "shared!", "rich text", "2", "", "0.3", "0.0417",
          "two\nlines\r"]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("123456789012345", "123456789012345"),
        ("901656910939771000", "9.01656910939771e+17"),
        ("9.01656910939771E+17", "9.01656910939771e+17"),
        ("900000000000000000", "9e+17"),
    ],
)
def test_a_number_with_more_digits_than_excel_keeps_is_no_id(tmp_path: Path, written: str, shown: str) -> None:
    assert cells(number("A1", written)) == [shown]
    sheet = table([HEADER]) + row(2, [number("A2", written), text("B2", "2026-06-01"), text("C2", "hola")])
    faults = faults_of(posts(tmp_path, make_workbook(sheet)))
    assert faults == ([] if shown == written else [
        f"posts.xlsx row 2, column 'Id': '{shown}' is not an id; an id; a spreadsheet has cut this one's digits"
    ])  # fmt: skip


def test_long_numbers_of_a_file_that_no_spreadsheet_has_written_keep_their_digits() -> None:
    raw = ["901656910939770881", "901656910939771008", "1234567890123456"]
    assert cells(*(number(f"{letter}1", each) for letter, each in zip("ABC", raw, strict=True))) == raw
    assert cells(number("A1", raw[1]), number("B1", raw[2])) == ["9.01656910939771e+17", "1.23456789012346e+15"]


def test_an_id_of_many_digits_that_is_text_is_an_id(tmp_path: Path) -> None:
    sheet = table([HEADER, ["901656910939770881", "2026-06-01", "hola"]])
    assert cj.read_sources(posts(tmp_path, make_workbook(sheet))).quotes.height == 1


def test_errors_and_formulas_without_a_result_are_refused_by_their_cells() -> None:
    sheet = row(1, [text("A1", "a"), text("B1", "b")]) + row(
        2, ['<c r="A2" t="e"><v>#REF!</v></c>', '<c r="B2"><f>SUM(A1)</f></c>', '<c r="C2" t="s"><v>7</v></c>',
            '<c r="D2"><v>twelve</v></c>', number("E2", "1" * 400)]
    )  # fmt: skip
    assert fault(make_workbook(sheet)).split("; a.xlsx, ") == [
        "a.xlsx, cell A2: '#REF!'; a value; mend the formula",
        "cell B2: a formula without its result; a value; open and save it in Excel",
        "cell C2: text number '7', of 0; save it again",
        "cell D2: 'twelve' is not a number; a value; save it again",
        f"cell E2: '{'1' * 79}…' is not a number; a value; save it again",
    ]


def test_the_first_sheet_that_is_shown_is_read_and_the_others_are_counted(tmp_path: Path) -> None:
    data = make_workbook(
        ("notes", "hidden", table([["secret"]])),
        ("Posts", "", table([HEADER, ["1", "2026-06-01", "hola"]])),
        ("more", "veryHidden", ""),
        ("Chart data", "", table([["x"]])),
    )
    tables = cj.read_sources(posts(tmp_path, data))
    assert tables.quotes["text"].to_list() == ["hola"]
    assert tables.sources["flags"].to_list() == [["hidden_sheets:2", "sheets_not_read:1"]]


def test_the_sheet_with_the_wanted_columns_comes_before_the_first(tmp_path: Path) -> None:
    data = make_workbook(
        ("Summary", "", table([["Report", "Posts"], ["", "Id"]])),
        ("Posts", "", table([["Export"], HEADER, ["1", "2026-06-01", "hola"]])),
    )
    assert cj.read_sources(posts(tmp_path, data)).quotes["text"].to_list() == ["hola"]


def test_a_sheet_is_chosen_by_name_hidden_or_not(tmp_path: Path) -> None:
    data = make_workbook(
        ("Posts", "", table([HEADER, ["1", "2026-06-01", "hola"]])),
        ("Old", "hidden", table([HEADER, ["1", "2026-06-01", "adeu"]])),
    )
    assert cj.read_sources(posts(tmp_path, data, 'sheet = "Old"')).quotes["text"].to_list() == ["adeu"]
    assert faults_of(posts(tmp_path, data, 'sheet = "Post"')) == [
        "posts.xlsx: there is no sheet 'Post'; did you mean 'Posts'?"
    ]
    assert rows(data, wanted_sheets=["old", "posts"]).rows[1][2] == "hola"


def test_a_workbook_whose_sheets_are_all_hidden_says_so() -> None:
    assert fault(make_workbook(("Old", "hidden", table([["a"]])))) == (
        "a.xlsx: no sheet is shown; add sheet = 'Old' to this source"
    )


def test_rows_that_a_filter_hides_are_read_and_counted(tmp_path: Path) -> None:
    sheet = table([HEADER, ["1", "2026-06-01", "hola"]]) + row(
        3, [text("A3", "2"), text("B3", "2026-06-01"), text("C3", "adeu")], ' hidden="1"'
    )
    tables = cj.read_sources(posts(tmp_path, make_workbook(sheet)))
    assert tables.quotes.height == 2
    assert tables.sources["flags"].to_list() == [["hidden_rows:1"]]


def test_the_headers_of_every_sheet_that_is_shown_are_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(make_workbook(table([["one"]]), table([["two"]]), ("x", "hidden", table([["three"]]))))
    assert possible_headers(file, file.read_bytes()[:100]) == (("one",), ("two",))


def test_other_namespaces_and_prefixes_are_the_same_workbook() -> None:
    strict = make_workbook(table([["a"], ["b"]]))
    names = {info: zipfile.ZipFile(BytesIO(strict)).read(info) for info in zipfile.ZipFile(BytesIO(strict)).namelist()}
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in names.items():
            plain = data.decode().replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
            if name.startswith("xl/worksheets"):
                plain = (plain.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?")
                         .replace("xmlns=", "xmlns:x="))  # fmt: skip
            archive.writestr(name, plain.replace(LINKS, "http://purl.oclc.org/ooxml/officeDocument/relationships"))
    assert rows(out.getvalue()).rows == [["a"], ["b"]]


def test_a_password_and_an_old_workbook_are_named(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    assert faults_of(posts(tmp_path, ole + "EncryptedPackage".encode("utf-16-le"))) == [
        "posts.xlsx: this workbook has a password; save it again without one"
    ]
    assert faults_of(posts(tmp_path, ole)) == [
        "posts.xlsx: this is an old Office file (.xls); save it as .xlsx, or as CSV (UTF-8)"
    ]


def test_other_zips_of_an_office_are_named(tmp_path: Path) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    assert faults_of(posts(tmp_path, out.getvalue())) == [
        "posts.xlsx: this is an OpenDocument file; a workbook (.xlsx) or a text; save it as .xlsx, or as CSV"
    ]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["a.csv", "a.csv"], "holds two files called 'a.csv'; each name once"),
        (["a\x1b[31m.csv"], "holds 'a\\x1b[31m.csv', a name that cannot be shown; plain names inside the zip"),
        (["../a.csv"], "holds '../a.csv', which leads out of the zip; plain names inside the zip"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_in_a_zip_are_plain_and_not_twice_there(tmp_path: Path, names: list[str], told: str) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "Id,When,Text\n")
    assert faults_of(posts(tmp_path, out.getvalue())) == [f"posts.xlsx: {told}"]


def test_a_text_with_the_name_of_a_workbook_is_none(tmp_path: Path) -> None:
    assert faults_of(posts(tmp_path, b"Id,When,Text\n1,2026-06-01,hola\n")) == [
        "posts.xlsx: this is no workbook, whatever its name says; rename it to .csv if it is text"
    ]


LOL = '<!DOCTYPE w [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]>"  # fmt: skip


def test_openpyxl_reads_no_entities() -> None:
    assert openpyxl.DEFUSEDXML


@pytest.mark.parametrize("file", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_xml_that_declares_anything_is_refused(file: str) -> None:
    body = f'<?xml version="1.0"?>{LOL}<sst xmlns="{MAIN}"><si><t>&j;</t></si></sst>'
    data = make_workbook(table([["a"]]), more=[(file, body)])
    assert fault(data) == f"a.xlsx, '{file}': holds a DOCTYPE; a plain workbook; save it again as .xlsx"


@pytest.mark.parametrize(
    ("file", "body"),
    [
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData>"),
        ("xl/workbook.xml", "no xml"),
        ("xl/styles.xml", "<a></b>"),
        ("xl/worksheets/sheet1.xml", ""),
    ],
)
def test_broken_xml_is_named(file: str, body: str) -> None:
    assert fault(make_workbook(table([["a"]]), more=[(file, body)])).startswith(f"a.xlsx: broken workbook ('{file}': ")


def test_a_missing_sheet_is_named() -> None:
    data = make_workbook("", more=[("xl/_rels/workbook.xml.rels", "<r/>")])
    assert fault(data) == "a.xlsx: no sheet of cells"


def test_a_cell_far_from_all_others_is_named_at_once() -> None:
    far = table([["a", "b"], ["1", "2"]]) + row(1048576, [text("XFD1048576", "x")])
    began = time.perf_counter()
    assert fault(make_workbook(far)) == (
        "a.xlsx, cell XFD1048576: a table of 1048576 rows and 16384 columns; a table that fits into memory; delete "
        "what stands far from the table, or split the export"
    )
    assert time.perf_counter() - began < 2


def test_a_text_that_very_many_cells_share_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    long = "".join(chr(97 + n % 26) for n in range(100_000))
    body = "".join(row(at, [f'<c r="A{at}" t="s"><v>0</v></c>']) for at in range(1, 4001))
    (tmp_path / "bomb.xlsx").write_bytes(make_workbook(body, texts=[f"<t>{long}</t>"]))
    script = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from cjtools.errors import SourceError\n"
        "from cjtools.sources.opening.files import Opened\n"
        "from cjtools.sources.opening.workbook import read_workbook\n"
        "try:\n"
        "    read_workbook(Opened('bomb.xlsx', Path(sys.argv[1]).read_bytes(), ''))\n"
        "except SourceError as error:\n"
        "    print(error.faults[0])\n"
        # Not getrusage: that of a child is never less than its parent's was when it began.
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) // 1024)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "bomb.xlsx")], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said[0].startswith("bomb.xlsx, cell A2098: more than 209715200 characters up to here")
    assert int(said[1]) < 500


def test_a_cell_of_very_many_characters_is_refused() -> None:
    noise = "".join(chr(97 + (n * n) % 26) for n in range(140_000))
    assert (
        fault(make_workbook(table([["a"], [noise]]))) == "a.xlsx, cell A2: a cell of 140000 characters; at most 131072"
    )


def test_half_a_million_cells_take_seconds() -> None:
    body = "".join(
        row(at, [f'<c r="{chr(65 + place)}{at}" t="s"><v>{place}</v></c>' for place in range(25)])
        for at in range(1, 4001)
    )
    began = time.perf_counter()
    read = rows(make_workbook(body, texts=[f"<t>text {place}</t>" for place in range(25)]))
    assert (len(read.rows), len(read.rows[0])) == (4000, 25)
    assert time.perf_counter() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4 * 2**20


CODES = st.text('ymdhs0#?.,;"\\[]@_*-/: eEgGnral$€', max_size=20)


@given(CODES)
def test_every_format_shows_something(code: str) -> None:
    assert date_kind(code) in ("", "day", "clock", "moment", "elapsed")


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["", "day", "clock", "moment", "elapsed"]))
def test_every_number_is_a_text(value: float, kind: str) -> None:
    assert number_text(value, kind, from_1904=False)


@settings(deadline=None)
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=8), st.integers(0, 2**31))
def test_a_damaged_workbook_is_refused_or_read(at: int, noise: bytes, seed: int) -> None:
    data = bytearray(make_workbook(table([["a", "b"], ["1", "2"]]), formats=[14]))
    at %= len(data)
    data[at : at + len(noise)] = noise
    data[-8:-4] = struct.pack("<I", seed) if seed % 2 else data[-8:-4]
    try:
        read = rows(bytes(data))
    except SourceError:
        return
    assert len(read.rows) == len(read.numbers)
