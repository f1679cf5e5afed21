"""Reports of Google Analytics 4 that cannot be, or only look like one: faults with their line, nothing guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.totals import DATES, EXPLORED, HEAD, JULY, RULE, days, flags, ga4, ga4_faults, packed, said, source
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.sources import check_sources
from cjtools.sources.readers.sections import split_sections


def test_a_mark_that_may_be_either_is_a_fault_and_not_a_guess(tmp_path: Path) -> None:
    assert ga4_faults(tmp_path, HEAD + DATES + 'City,Sessions\nVic,"1,234"\n') == [
        (
            "a.csv line 9, column 'Sessions': '1,234' is not a whole number; a whole number, 0 or more with decimal "
            '\'.\'; decimal = "," or "." says which mark is which'
        )
    ]
    assert said(ga4(tmp_path, HEAD + DATES + 'City,Sessions\nVic,"1,234"\n', 'decimal = "."\n'))[0][1] == 1234.0


def test_two_decimal_marks_in_one_table_are_a_fault(tmp_path: Path) -> None:
    faults = ga4_faults(tmp_path, HEAD + DATES + "City;Engagement rate\nVic;0,5\nReus;0.25\n")
    assert faults == ["a.csv line 9, column 'Engagement rate': '0,5' is not a number; a number from 0 to 1"]


def test_texts_may_hold_commas_quotes_line_breaks_and_hashes(tmp_path: Path) -> None:
    tables = ga4(
        tmp_path, HEAD + DATES + 'Page title and screen class,Views\n"Tea, ""green""\n# no comment\n\nx",3\n"# two",1\n'
    )
    assert [value for _, value, _ in said(tables)] == [3.0]
    assert said(tables)[0][2] == 'page_title=Tea, "green"\n# no comment\n\nx'


def test_rows_that_cannot_be_are_told_with_their_line(tmp_path: Path) -> None:
    content = HEAD + DATES + "City,Views\nVic,3,4\nReus\n\nEvent name,Event count\nscroll,-1\nclick,n/a\n"
    assert ga4_faults(tmp_path, content) == [
        "a.csv line 9: 3 cells; 2 as in the header; a text with the delimiter needs quotes",
        "a.csv line 10: 1 cells; 2 as in the header; a delimiter or a quote may be missing",
    ]
    assert ga4_faults(
        tmp_path, HEAD + DATES + "Event name,Event count,Engagement rate\nscroll,-1,0.5\nclick,n/a,1.5\n"
    ) == [
        "a.csv line 9, column 'Event count': '-1' is not a number; a number, 0 or more",
        "a.csv line 10, column 'Event count': 'n/a' is not a number; a number, 0 or more",
        "a.csv line 10, column 'Engagement rate': '1.5' is not a number; a number from 0 to 1",
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("# only\n# comments\n", "a.csv: no table in this file; the name of each column and rows below them"),
        ("", "a.csv: no table in this file; the name of each column and rows below them"),
        (HEAD + DATES + 'City,Users\n"Vic,3\n', (
            "a.csv line 9: a quote opens here and never closes; close it, or double the quotes inside a text; "
            'or add quote = "" to this source where quotes are letters of its texts'
        )),
        (HEAD + DATES + "City,Users\nVi\0c,3\n", "a.csv line 9: a zero byte; text; export the file again"),
        (
            HEAD + DATES + "Device category,,desktop,mobile\nCity,Users,Users,Users\nVic,1,2,3\n",
            (
                "a.csv line 8: no name above column 2; a name for each column; "
                "put every dimension of the exploration into rows, none into columns, and export it again"
            ),
        ),
        (
            HEAD + DATES + "Date,Views\n07/09/2026,3\n",
            (
                "a.csv line 9, column 'Date': '07/09/2026' is not a date; day or month first?; "
                'add date_format = "%d/%m/%Y" or "%m/%d/%Y" to this source'
            ),
        ),
    ],
)  # fmt: skip
def test_what_is_no_report_is_a_fault(tmp_path: Path, content: str, fault: str) -> None:
    assert ga4_faults(tmp_path, content) == [fault]


def test_dates_of_another_form_are_read_when_client_toml_says_which(tmp_path: Path) -> None:
    tables = ga4(tmp_path, HEAD + DATES + "Date,Views\n07/09/2026,3\n(other),1\n", 'date_format = "%d/%m/%Y"\n')
    assert days(tables) == [("2026-09-07", "2026-09-07"), ("2026-07-01", "2026-07-31")]


def test_columns_may_be_called_as_ours(tmp_path: Path) -> None:
    tables = ga4(tmp_path, HEAD + DATES + "City,Segment,Why,Dimensions,Source row\nVic,x,1,2,3\n")
    assert said(tables) == [
        ("dimensions", 2.0, "city=Vic segment=x"),
        ("source_row", 3.0, "city=Vic segment=x"),
        ("why", 1.0, "city=Vic segment=x"),
    ]


def test_a_row_whose_date_was_put_together_is_of_the_whole_period(tmp_path: Path) -> None:
    tables = ga4(tmp_path, HEAD + DATES + "Date,Views\n(other),3\n(data not available),1\n")
    assert (days(tables), said(tables)[0], flags(tables)) == (
        [("2026-07-01", "2026-07-31")], ("views", 3.0, "day=(other)"), ["other_row", "thresholded"],
    )  # fmt: skip


def test_a_row_without_any_number_is_rejected(tmp_path: Path) -> None:
    tables = ga4(tmp_path, HEAD + DATES + "City,Views\nVic,\nReus,2\n")
    assert (tables.left_out["why"].to_list(), flags(tables)) == (["no_value"], ["no_value:1"])


@pytest.mark.parametrize("content", [
    HEAD + DATES + "City,Users\nVic,3\n", EXPLORED.format(total=""), DATES + "Landing page,Sessions\n/,2\n",
    "Día N,Usuarios activos\n0000,3\n", "Country,Engaged sessions,Engagement rate\nES,2,0.5\n",
])  # fmt: skip
def test_the_content_tells_a_report(tmp_path: Path, content: str) -> None:
    tables = cj.read_sources(make_client(tmp_path, source("detect", "a.csv", JULY), a__csv=content))
    assert tables.sources["format"].to_list() == ["ga4_report"]


@pytest.mark.parametrize(
    "content", ["# Title\n\nA note, with commas.\n", "date,page,sessions\n2026-07-01,/,3\n", "# a\nx,y\n1,2\n"]
)
def test_other_texts_are_no_report(tmp_path: Path, content: str) -> None:
    assert "ga4_report" not in " ".join(faults_of(make_client(tmp_path, source("detect", "a.csv"), a__csv=content)))


def test_reports_may_come_in_a_zip(tmp_path: Path) -> None:
    archive = packed({"one.csv": HEAD + DATES + "City,Users\nVic,3\n", "two.csv": EXPLORED.format(total="")})
    tables = cj.read_sources(make_client(tmp_path, source("ga4_report", "a.zip"), a__zip=archive))
    assert tables.sources["source_file"].to_list() == ["a.zip/one.csv", "a.zip/two.csv"]


LINES = st.lists(
    st.one_of(
        st.sampled_from([
            "", "# x", "#", "# a: 20260701", "# b: 20260702", ",,", "City,Users", "Vic,3", "Nth day,Views", "0001,2",
            ",5", '"a\nb",1', RULE.strip(),
        ]),
        st.text(alphabet='ab,;"#\n\r0 ', max_size=8),
    ),
    max_size=12,
)  # fmt: skip


@given(LINES)
@settings(max_examples=80, deadline=None)
def test_whatever_a_file_holds_every_row_is_told_of_or_it_is_a_fault(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    tables, faults = check_sources(
        make_client(folder, source("ga4_report", "a.csv", JULY), a__csv="\n".join(lines).encode())
    )
    assert all(fault.where and fault.found for fault in faults)
    if not faults:
        rows = tables.sources.select("rows_in", "rows_used", "rows_rejected", "rows_merged").row(0)
        assert rows[0] == sum(rows[1:])
        assert rows[1] == tables.observations["source_row"].n_unique()


@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=5))
@settings(max_examples=40)
def test_tables_are_found_as_they_were_written(tables: list[tuple[int, bool]]) -> None:
    written, text = [], ""
    for place, (rows, commented) in enumerate(tables):
        body = [[f"name{place}", "n"], *([f"a{row}", str(row)] for row in range(rows))]
        text += ("# note\n" if commented else "\n") + "".join(",".join(cells) + "\n" for cells in body)
        written.append(body)
    assert [list(each.records) for each in split_sections("a.csv", text, ",")] == written
