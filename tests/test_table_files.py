"""Tables as XLSX and Parquet: texts only, types kept, the same bytes, nothing lost silently."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
import time
import zipfile

import openpyxl
import polars as pl
import pytest
from conftest import EXAMPLE
from fixtures.run_command import NOTE
from report_fixture import example_map

import cjtools as cj
from cjtools.errors import ParameterError
from cjtools.report.order import TABLE_FORMS, take_order
from cjtools.report.publish import publish
from cjtools.report.table_files import FORMS, as_files, as_workbook, sheet_names, tables_of

HOSTILE = [
    "=1+1", "=HYPERLINK(\"http://x.example\")", "+1", "-1", "@x", "=cmd|'/c calc'!A1", "＝1", "http://x.example",
    "mailto:a@b.example", "007", "1e5", "2026-01-02", "TRUE", " blank ", "two\nlines", "'quoted", "\t=1",
]  # fmt: skip


def read(book: bytes) -> dict[str, list[tuple]]:
    opened = openpyxl.load_workbook(io.BytesIO(book))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in opened.worksheets}


def test_every_cell_is_the_text_that_it_was_and_no_formula_or_link():
    book = as_workbook({"said": pl.DataFrame({"=name": HOSTILE})})
    assert [row[0] for row in read(book)["said"]] == ["=name", *HOSTILE]
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        for name in packed.namelist():
            text = packed.read(name).decode()
            assert not re.search(r"<f[ >]|<hyperlink", text), name


def test_numbers_days_lists_and_nothing_are_texts():
    frame = pl.DataFrame(
        {"n": [1.5, None], "day": [dt.date(2026, 1, 2), None], "of": [["a", "b"], []], "is": [True, None]}
    )
    assert read(as_workbook({"t": frame}))["t"][1:] == [("1.5", "2026-01-02", "a; b", "true"), (None, None, None, None)]


def test_what_does_not_fit_is_counted_on_the_first_sheet():
    book = as_workbook({"long": pl.DataFrame({"a": ["x" * 40_000, "bell \a"]})})
    found = read(book)
    assert found["tables"][1] == ("long", "long", "2", "1", "0")
    assert len(found["long"][1][0]) == 32_767
    assert found["long"][1][0].endswith(" […]")
    assert found["long"][2][0] == "bell \N{REPLACEMENT CHARACTER}"


def test_names_of_sheets_are_short_and_never_alike():
    names = sheet_names(dict.fromkeys(["a" * 40, "a" * 41, "tables"], pl.DataFrame()))
    assert names == {"a" * 40: "a" * 31, "a" * 41: "a" * 30 + "2", "tables": "tables2"}


def test_the_same_tables_give_the_same_bytes_at_any_time(monkeypatch):
    frames = {"said": pl.DataFrame({"a": HOSTILE})}
    first = as_files(frames, "parquet,xlsx")
    later = time.time() + 100_000
    monkeypatch.setattr(time, "time", lambda: later)
    assert as_files(frames, "xlsx, parquet") == first
    assert set(first) == {".xlsx", "/said.parquet"}
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(first[".xlsx"]))) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"1980-01-01T00:00:00Z" in packed.read("docProps/core.xml")


def test_parquet_keeps_every_type_and_value_of_the_map():
    frames = tables_of(example_map())
    made = as_files(frames, "parquet")
    assert set(made) == {f"/{name}.parquet" for name in frames}
    for name, frame in frames.items():
        assert pl.read_parquet(base64.b64decode(made[f"/{name}.parquet"])).equals(frame), name


def test_forms_that_do_not_exist_are_named_before_anything_runs():
    assert tuple(FORMS) == TABLE_FORMS
    with pytest.raises(ParameterError, match=r"tables: 'xls' is not known; did you mean 'xlsx'\?"):
        take_order(EXAMPLE, wave="", language="", audience="", out=None, notebook=None, tables="parquet,xls")
    with pytest.raises(ParameterError, match=r"'xls' is no form of a table; did you mean 'xlsx'\?"):
        as_files({}, "xls")


def test_the_next_report_takes_tables_with_it_that_it_does_not_bring(tmp_path):
    target = tmp_path / "w1"
    manifest = b'{"outputs": {}}'
    old = {"tables/a.csv": b"1", "tables/a.parquet": b"2", "tables.xlsx": b"3", "tables.ca.xlsx": b"4"}
    publish(target, {"manifest.json": manifest, **old})
    publish(target, {"manifest.json": b'{"outputs": {"tables/b.csv": ""}}', "tables/b.csv": b"5"})
    there = sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
    assert there == ["manifest.json", "tables.ca.xlsx", "tables/b.csv"]


def test_a_report_brings_the_tables_in_the_forms_that_are_asked_for(folder, tmp_path):
    text = (folder / "client.toml").read_text("utf-8")
    text += '\n[[sources]]\nid = "i"\npath = "*.md"\nformat = "interview_notes"\n'
    (folder / "client.toml").write_text(text, "utf-8")
    (folder / "P01.md").write_text(NOTE.replace("2026-03-14", "2026-07-14"), "utf-8")
    page = cj.report.make_report(folder, out=tmp_path / "out", notebook="compare", tables="xlsx,parquet")
    names = {path.relative_to(page.parent).as_posix() for path in page.parent.rglob("*") if path.is_file()}
    csv = {name.removesuffix(".csv") for name in names if name.endswith(".csv")}
    assert csv == {name.removesuffix(".parquet") for name in names if name.endswith(".parquet")}
    assert "tables.compare.xlsx" in names
    said = page.read_text("utf-8")
    assert "There is no wave before this one to compare with." in said
    assert 'id="wave_comparison"' not in said
    assert "review-panel" in said
