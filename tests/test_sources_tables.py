"""Bytes, rows, columns, times and numbers: how any table is read."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import polars as pl
import pytest
from fixtures.make_client import events_of, faults_of, make_client
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.errors import SourceError
from cjtools.sources.opening import files
from cjtools.sources.opening.delimited import parse_sheet
from cjtools.sources.opening.files import Opened, decode
from cjtools.sources.parsing.amounts import plain_number
from cjtools.sources.parsing.times import parse_times, time_advice

VISITS = """
[[sources]]
id = "visits"
path = "visits.csv"
format = "table"
kind = "events"
%s
[sources.mapping]
timestamp = "when"
profile = "who"
value = "paid"
[sources.constants]
activity = "store_visit"
"""


def visits(tmp_path: Path, content: str | bytes, keys: str = "") -> cj.Client:
    return make_client(tmp_path, VISITS % keys, visits__csv=content)


def rows(text: str, **options: object) -> list[tuple[str, ...]]:
    return parse_sheet(Opened("a.csv", text.encode(), ""), text, "utf-8", **options).rows.rows()


def fault(text: str) -> str:
    with pytest.raises(SourceError) as error:
        rows(text)
    return "; ".join(map(str, error.value.faults))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_from_the_header(delimiter: str) -> None:
    text = (
        delimiter.join(["a", "b", "c"])
        + "\n"
        + delimiter.join(["1", "2,5", "3"] if delimiter != "," else ["1", "2", "3"])
    )
    assert parse_sheet(Opened("a.csv", b"", ""), text, "utf-8").delimiter == delimiter


def test_the_wanted_columns_decide_between_delimiters() -> None:
    sheet = parse_sheet(Opened("a.csv", b"", ""), "a,b,c;when,not\n1;2\n", "utf-8", wanted=["a,b,c"])
    assert (sheet.delimiter, sheet.header) == (";", ("a,b,c", "when,not"))


def test_excels_hint_is_no_header() -> None:
    sheet = parse_sheet(Opened("a.csv", b"", ""), "sep=;\na;b\n1;2\n", "utf-8")
    assert (sheet.rows.rows(), sheet.header_line, sheet.lines.to_list()) == ([("1", "2")], 2, [3])


def test_rows_know_the_line_at_which_they_begin() -> None:
    sheet = parse_sheet(Opened("a.csv", b"", ""), 'a,b\n\n1,"two\nlines"\n\n3,4\n', "utf-8")
    assert sheet.lines.to_list() == [3, 6]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_one(end: str) -> None:
    assert rows(end.join(["a,b", "1,2", "3,4", ""])) == [("1", "2"), ("3", "4")]


def test_faults_of_rows_name_their_line() -> None:
    assert fault("a,b\n1,2\n1,2,3\n1;2\n") == (
        "a.csv line 3: 3 cells; 2 as in the header; a text with the delimiter needs quotes; "
        "a.csv line 4: 1 cells; 2 as in the header; a delimiter or a quote may be missing"
    )
    assert fault('a,b\n1,2\n1,"open\n3,4\n5,6\n') == (
        "a.csv line 3: a quote opens here and never closes; close it, or double the quotes inside a text; "
        'or add quote = "" to this source where quotes are letters of its texts'
    )
    assert fault('a,b\n"x"y,2\n') == (
        'a.csv line 2: a quote inside a quoted cell; double the quotes inside a text: ""; '
        'or add quote = "" to this source where quotes are letters of its texts'
    )
    assert fault("a,b\nx\0y,2\n") == "a.csv line 2: a zero byte; text; export the file again"
    assert fault("  \n") == "a.csv: the file is empty (3 bytes); a header line and rows"
    assert fault(",\n,\n") == "a.csv: no row holds anything; a header line and rows"
    assert fault(f"a,b\n{'x' * 200_000},2\n").startswith("a.csv line 2: a cell of more than 131072 characters")


def test_quotes_are_letters_where_client_toml_says_so() -> None:
    assert rows('a\tb\n"x"y\t2\n"open\t3\n', quoted=False) == [('"x"y', "2"), ('"open', "3")]


def test_each_line_is_a_text_where_one_column_is_named() -> None:
    assert rows('one, two; three\n"four\n\nfive\n', columns=["text"]) == [("one, two; three",), ('"four',), ("five",)]


def test_rows_of_blanks_are_no_rows() -> None:
    assert rows("a,b\n   \n1,2\n,\n") == [("1", "2")]


def test_a_carriage_return_inside_a_cell_is_no_end_of_line() -> None:
    sheet = parse_sheet(Opened("a.csv", b"", ""), "a,b\n\r=1,2\n3,4\n", "utf-8")
    assert (sheet.rows.rows(), sheet.lines.to_list()) == ([("\r=1", "2"), ("3", "4")], [2, 3])


def test_json_is_not_taken_for_rows() -> None:
    assert fault('{"a": 1}\n') == (
        "a.csv: this is JSON, not rows and columns; a header line and rows; export it as CSV"
    )


def test_a_header_alone_has_no_rows() -> None:
    assert rows("a,b\n") == []


CELL = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=8)


@settings(deadline=None)
@given(st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=6), st.sampled_from(",;\t|"))
def test_what_python_writes_is_read_back(cells: list[list[str]], delimiter: str) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *cells])
    assert rows(stream.getvalue(), delimiter=delimiter) == [tuple(row) for row in cells if any(map(str.strip, row))]


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_text_breaks_the_reader_of_rows(text: str) -> None:
    try:
        sheet = parse_sheet(Opened("a.csv", b"", ""), text, "utf-8")
    except SourceError:
        return
    assert sheet.rows.height == len(sheet.lines)


@pytest.mark.parametrize(
    ("data", "declared", "encoding"),
    [
        ("añ".encode(), None, "utf-8"),
        ("añ".encode("utf-8-sig"), None, "utf-8"),
        ("añ".encode("utf-16"), None, "utf-16-le"),
        ("año nuevo".encode("utf-16-le"), None, "utf-16-le"),
        ("año nuevo".encode("utf-16-be"), None, "utf-16-be"),
        ("añ".encode("cp1252"), "cp1252", "cp1252"),
        ("ţară".encode("cp1250"), "windows-1250", "cp1250"),
    ],
)
def test_the_ladder_of_encodings(data: bytes, declared: str | None, encoding: str) -> None:
    text, found = decode(Opened("a.csv", data, ""), declared)
    assert found == encoding
    assert text[0] in "aţ"


@pytest.mark.parametrize(
    ("data", "declared", "fault"),
    [
        (
            "id,text\n1,añ\n".encode("cp1252"),
            None,
            ("a.csv line 2: byte 11 (0xF1) is not UTF-8; save the file as UTF-8, or declare its encoding, such as "
            'encoding = "cp1252"'),
        ),
        (b"a", "utf-9", "a.csv: encoding 'utf-9' is not known; such as cp1252, cp1250 or utf-16"),
        (b"a", "rot13", "a.csv: encoding 'rot13' is not known; such as cp1252, cp1250 or utf-16"),
        (
            b"PK\x03\x04",
            None,
            ("a.csv: this is a zip or an Office file, not text; "
            "save the sheet as CSV (UTF-8), or the text as Markdown"),
        ),
        (
            b"PAR1",
            None,
            "a.csv: this is a Parquet file, not text; only tables and GA4's BigQuery export are read from Parquet",
        ),
        (b"<!DOCTYPE html>", None, "a.csv line 1: this is a web page, not an export; log in and export the file again"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_never_guessed(data: bytes, declared: str | None, fault: str) -> None:
    with pytest.raises(SourceError) as error:
        decode(Opened("a.csv", data, ""), declared)
    assert [str(each) for each in error.value.faults] == [fault]


def test_a_packed_file_is_unpacked_by_its_bytes_whatever_its_name(tmp_path: Path) -> None:
    plain = "when,who,paid\n2026-05-01,7,1.5\n"
    tables = cj.read_sources(visits(tmp_path, gzip.compress(plain.encode())))
    assert events_of(tables)["profile_id"].to_list() == ["visits:7"]


def test_a_file_that_unpacks_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 1000)
    client = visits(tmp_path, gzip.compress(b"x" * 2000))
    assert faults_of(client) == ["visits.csv: unpacks to more than 200 MB; at most 200 MB a file; split the export"]


def test_broken_gzip_is_a_fault(tmp_path: Path) -> None:
    client = visits(tmp_path, gzip.compress(b"when,who,paid\n" * 50)[:-10])
    assert faults_of(client)[0].startswith("visits.csv: broken gzip (")


ISO = "a date such as 2026-07-01; or add date_format to this source"


def test_all_cells_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    client = visits(
        tmp_path, "when,who,paid\n2026-05-01,7,x\nsoon,5.70306E+17,1\n2026-02-30,8,2\n\n2026-05-01 25:00,9,\n"
    )
    assert faults_of(client) == [
        f"visits.csv line 3, column 'when': 'soon' is not a date; {ISO}",
        f"visits.csv line 4, column 'when': '2026-02-30' is not a date; {ISO}",
        f"visits.csv line 6, column 'when': '2026-05-01 25:00' is not a date; {ISO}",
        "visits.csv line 3, column 'who': '5.70306E+17' is not an id; an id; a spreadsheet has cut this one's digits",
        ("visits.csv line 2, column 'paid': 'x' is not an amount; an amount with decimal '.'; "
        'decimal = "," or "." says which mark is which'),
    ]  # fmt: skip


def test_after_twenty_faults_of_a_file_the_rest_is_counted(tmp_path: Path) -> None:
    client = visits(tmp_path, "when,who,paid\n" + "soon,1,1\n" * 50)
    faults = faults_of(client)
    assert len(faults) == 21
    assert faults[-1] == "visits.csv: and 30 more"


def test_a_column_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    client = visits(tmp_path, "when,whom,paid\n")
    assert faults_of(client) == [
        (
            "visits.csv line 1: there is no column 'who'; did you mean 'whom'?; "
            "see [sources.mapping] of source 'visits' in client.toml"
        )
    ]


def test_a_column_that_is_there_twice_is_a_fault_only_when_it_is_used(tmp_path: Path) -> None:
    assert faults_of(visits(tmp_path, "when,who,paid,x,x\n")) == []
    assert faults_of(visits(tmp_path, "when,who,who,paid\n")) == [
        "visits.csv line 1, column 'who': the column stands at 2 and 3; one column of that name; rename the others"
    ]


def test_ambiguous_dates_are_never_guessed(tmp_path: Path) -> None:
    client = visits(tmp_path, "when,who,paid\n03/04/2026 10:00,7,1\n")
    assert faults_of(client) == [
        (
            "visits.csv line 2, column 'when': '03/04/2026 10:00' is not a date; day or month first?; "
            'add date_format = "%d/%m/%Y %H:%M" or "%m/%d/%Y %H:%M" to this source'
        )
    ]


@pytest.mark.parametrize(
    ("texts", "step"),
    [
        (["03.04.2024", "25.04.2024"], 'add date_format = "%d.%m.%Y" to this source'),
        (["03/25/2024"], 'add date_format = "%m/%d/%Y" to this source'),
        (["24-05-01"], 'add date_format = "%d-%m-%y" or what it is to this source'),
        (["mai 2024"], "or add date_format to this source"),
    ],
)
def test_the_step_names_the_form_that_the_column_tells(texts: list[str], step: str) -> None:
    assert time_advice(pl.Series(texts), None)[1] == step


@pytest.mark.parametrize(
    ("text", "form", "moment", "precision"),
    [
        ("2026-07-01", None, "2026-06-30T22:00", "day"),
        ("2026-07-01 10:30", None, "2026-07-01T08:30", "minute"),
        ("2026-07-01T10:30:15.250000000", None, "2026-07-01T08:30:15.250000", "exact"),
        ("2026-07-01T10:30:15Z", None, "2026-07-01T10:30:15", "exact"),
        ("2026-07-01 00:30:00 -0500", None, "2026-07-01T05:30", "exact"),
        ("01/07/2026", "%d/%m/%Y", "2026-06-30T22:00", "day"),
        ("1/7/26 9:05", "%d/%m/%y %H:%M", "2026-07-01T07:05", "minute"),
        ("2026-07", "%Y-%m", "2026-06-30T22:00", "month"),
        ("1782900000", "%s", "2026-07-01T10:00", "exact"),
        ("2026-07-01 10:00:00 +0300", "%Y-%m-%d %H:%M:%S %z", "2026-07-01T07:00", "exact"),
    ],
)
def test_times_are_utc_and_know_how_fine_they_are(text: str, form: str | None, moment: str, precision: str) -> None:
    times = parse_times(pl.Series([text]), form=form, zone="Europe/Madrid")
    assert times.moment[0].isoformat().removesuffix("+00:00").removesuffix(":00") == moment
    assert times.precision.to_list() == [precision]
    assert str(times.day[0]) == "2026-07-01"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("01/03/24", "%d/%m/%Y"),
        ("1782900000000", "%s"),
        ("2026-13-01", None),
        ("2026-01-01 25:00", None),
        ("2026-01-01x", None),
    ],
)
def test_years_and_hours_that_cannot_be_are_no_times(text: str, form: str | None) -> None:
    assert parse_times(pl.Series([text]), form=form, zone="UTC").moment.to_list() == [None]


def test_a_skipped_hour_is_one_later_and_a_repeated_one_is_the_first() -> None:
    texts = pl.Series(["2026-03-29 02:30", "2026-10-25 02:30", "2026-05-01 02:30"])
    times = parse_times(texts, form=None, zone="Europe/Madrid")
    assert [f"{moment:%H:%M}" for moment in times.moment] == ["01:30", "00:30", "00:30"]
    assert (times.gap, times.fold) == (1, 1)


def test_changes_of_the_clocks_are_flagged(tmp_path: Path) -> None:
    tables = cj.read_sources(visits(tmp_path, "when,who,paid\n2026-03-29 02:30,7,\n2026-10-25 02:30,7,\n"))
    assert tables.sources["flags"].to_list() == [["clock_fold:1", "clock_gap:1"]]


@pytest.mark.parametrize(
    ("text", "decimal", "grouped", "number"),
    [
        ("1234.5", ".", False, "1234.5"),
        ("1,234.5", ".", False, "1234.5"),
        ("1,234", ".", False, None),
        ("1,234", ".", True, "1234"),
        ("1,234,567", ".", False, "1234567"),
        ("1.234", ",", False, None),
        ("1.234", ",", True, "1234"),
        ("1.234,5", ",", False, "1234.5"),
        ("0,41", ",", False, "0.41"),
        ("0.41", ",", True, None),
        ("1 234,5", ",", False, "1234.5"),
        ("+3", ".", False, "3"),
        ("−3", ".", False, "-3"),
        (".5", ".", False, ".5"),
        ("1.2.3", ".", False, None),
        ("n/a", ".", False, None),
        ("1e400", ".", False, "1e400"),
        ("inf", ".", False, None),
    ],
)
def test_numbers_have_one_decimal_mark(text: str, decimal: str, grouped: bool, number: str | None) -> None:
    frame = pl.DataFrame({"n": [text]})
    assert frame.select(plain_number(pl.col("n"), decimal=decimal, grouped=grouped)).item() == number


def test_a_number_beyond_all_numbers_is_a_fault(tmp_path: Path) -> None:
    assert len(faults_of(visits(tmp_path, "when,who,paid\n2026-05-01,7,99999999999999999999\n"))) == 1


def test_money_is_exact(tmp_path: Path) -> None:
    tables = cj.read_sources(
        visits(tmp_path, 'when,who,paid\n2026-05-01,7,"€ 1.234,10"\n', 'decimal = ","\ndelimiter = ","')
    )
    assert [str(value) for value in events_of(tables)["value"]] == ["1234.1000"]
    assert events_of(tables)["currency"].to_list() == ["EUR"]


def test_ids_that_look_equal_are_equal(tmp_path: Path) -> None:
    tables = cj.read_sources(
        visits(tmp_path, "when,who,paid\n2026-05-01, P\u200b7,\n2026-05-02,P7\u00ad,\n2026-05-03,007,\n")
    )
    assert events_of(tables)["profile_id"].unique().sort().to_list() == ["visits:007", "visits:P7"]


def test_client_toml_is_checked_before_the_file(tmp_path: Path) -> None:
    client = make_client(
        tmp_path,
        '[[sources]]\nid = "s"\npath = "s.csv"\nformat = "table"\nkind = "events"\nkeys = { userid = "customer" }\n'
        '[sources.mapping]\ntimstamp = "when"\nprofile = "who"\n[sources.values]\nactivty = { a = "b" }\n',
        s__csv="when,who\n",
    )
    assert faults_of(client) == [
        "client.toml, source 's', mapping.timstamp: not something that events have; did you mean 'timestamp'?",
        "client.toml, source 's', values.activty: not something that events have; did you mean 'activity'?",
        "client.toml, source 's', mapping: timestamp is missing; add timestamp = \"the column's name\"",
        (
            "client.toml, source 's', mapping: neither activity nor event_name; add activity = \"the column's name\", "
            'or [sources.constants] activity = "email_sent"'
        ),
        "client.toml, source 's', keys.userid: 'userid' is no id of this source; known: who",
    ]


LOOKUP = """
[[sources]]
id = "mail"
path = "mail.csv"
format = "table"
kind = "events"
lookup = { path = "days.csv", on = "campaign" }
[sources.mapping]
timestamp = "day"
profile = "who"
[sources.constants]
activity = "email_sent"
"""


def test_a_lookup_completes_each_row(tmp_path: Path) -> None:
    client = make_client(
        tmp_path, LOOKUP, mail__csv="campaign,who\nB,1\nA,2\n", days__csv="campaign;day\nA;2026-05-01\nB;2026-06-01\n"
    )
    assert cj.read_sources(client).events.collect().sort("source_row").select(
        "profile_id", pl.col("local_date").cast(pl.String)
    ).rows() == [
        ("mail:1", "2026-06-01"),
        ("mail:2", "2026-05-01"),
    ]


def test_a_lookup_without_a_row_or_with_two_is_a_fault(tmp_path: Path) -> None:
    lost = make_client(tmp_path, LOOKUP, mail__csv="campaign,who\nB,1\nC,2\n", days__csv="campaign,day\nB,2026-06-01\n")
    step = "add it there, or say partial = true of this lookup"
    assert faults_of(lost) == [f"mail.csv line 3, column 'campaign': 'C' has no row in days.csv; {step}"]
    twice = make_client(tmp_path, LOOKUP, days__csv="campaign,day\nB,2026-06-01\nC,2026-06-01\nB,2026-07-01\n")
    assert faults_of(twice) == [
        "days.csv line 2, column 'campaign': 'B' stands there twice; one row for each value",
        "days.csv line 4, column 'campaign': 'B' stands there twice; one row for each value",
    ]
