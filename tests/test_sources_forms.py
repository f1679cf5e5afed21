"""Surveys of Typeform, Google Forms and LimeSurvey."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.surveys import flags, read, source, told, values

# Typeform

TYPE = "#,{questions},Response Type,Start Date (UTC),Submit Date (UTC),Network ID\n"


def typed(name: str, cells: str, kind: str = "completed") -> str:
    return f"{name},{cells},{kind},2026-07-01 22:30:00,2026-07-01 22:34:00,net{name}\n"


def test_times_are_utc_and_the_day_is_the_clients(tmp_path: Path) -> None:
    tables = read(tmp_path, "detect", TYPE.format(questions="Why us?") + typed("a", "x") + typed("b", "y", "partial"))
    assert tables.sources["format"].to_list() == ["typeform"]
    assert tables.answers["answered_at"].to_list()[0] == dt.datetime(2026, 7, 1, 22, 34, tzinfo=dt.UTC)
    assert tables.answers["local_date"].to_list()[0] == dt.date(2026, 7, 2)
    assert flags(tables) == ["incomplete:1", "personal_columns_dropped:1"]


def test_options_in_a_column_each_are_one_question(tmp_path: Path) -> None:
    text = TYPE.format(questions="Web,Shop,Post,Other,Age?") + typed("a", "Web,,,,20")
    text += typed("b", ",,Post,by hand,30") + typed("c", ",,,,40") + typed("d", "Web,,Post,,50")
    tables = read(tmp_path, "typeform", text)
    assert values(tables, "options.web") == {"a": 1.0, "b": 0.0, "d": 1.0}
    assert values(tables, "options.shop") == {"a": 0.0, "b": 0.0, "d": 0.0}
    assert values(tables, "options.other", "value_text") == {"b": "by hand"}
    assert "options_without_question:1" in flags(tables)


def test_options_in_one_cell_are_told_apart(tmp_path: Path) -> None:
    text = TYPE.format(questions="Where?,utm_source") + typed("a", '" / Web / Post",mail') + typed("b", ",mail")
    tables = read(tmp_path, "typeform", text + typed("c", " / Web,mail"))
    assert values(tables, "where.web") == {"a": 1.0, "c": 1.0}
    assert values(tables, "where.post") == {"a": 1.0, "c": 0.0}
    assert "hidden_fields_left_out:1" in flags(tables)


def test_a_hidden_field_is_read_where_client_toml_asks_for_it(tmp_path: Path) -> None:
    more = '[sources.keys]\ncust = "crm"\n[[sources.questions]]\nid = "from"\ncolumn = "utm_source"'
    tables = read(
        tmp_path, "typeform", TYPE.format(questions="Where?,utm_source,cust") + typed("a", "Web,mail,7"), more
    )
    assert told(tables, "question_id", "value_text", "profile_id") == [
        ("from", "mail", "crm:7"),
        ("where", "Web", "crm:7"),
    ]


# Google Forms


@pytest.mark.parametrize("head", ["Marca de temps", "Marca temporal", "Informazioni cronologiche", "Marcă temporală"])
def test_the_language_of_the_form_says_that_the_day_comes_first(tmp_path: Path, head: str) -> None:
    tables = read(tmp_path, "detect", f"{head},Com va?\n1/7/2026 9:05:03,bé\n")
    assert tables.answers["local_date"].to_list() == [dt.date(2026, 7, 1)]
    assert flags(tables) == ["day_first_by_header", "timezone_assumed"]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026/07/03 4:21:40 p. m. GMT+2", dt.datetime(2026, 7, 3, 14, 21, 40)),
        ("2026/07/03 12:05:00 AM EEST", dt.datetime(2026, 7, 2, 21, 5)),
        ("25/07/2026 19.07.17", dt.datetime(2026, 7, 25, 17, 7, 17)),
        ("7/25/2026 9:05:03", dt.datetime(2026, 7, 25, 7, 5, 3)),
        ("25.07.2026, 09:05", dt.datetime(2026, 7, 25, 7, 5)),
    ],
)
def test_times_as_forms_and_sheets_write_them(tmp_path: Path, cell: str, moment: dt.datetime) -> None:
    tables = read(tmp_path, "google_forms", f'Marca temporal,Qué?\n"{cell}",x\n')
    assert tables.answers["answered_at"].to_list() == [moment.replace(tzinfo=dt.UTC)]


def test_dates_that_may_be_read_in_two_ways_are_a_fault_and_read_once_declared(tmp_path: Path) -> None:
    text = "Timestamp,How are you?\n7/1/2026 9:05:03,well\n"
    assert faults_of(make_client(tmp_path, source("google_forms"), s__csv=text)) == [
        (
            "s.csv line 1, column 'Timestamp': '7/1/2026 9:05:03', as all dates here, may have the day or the month "
            'first; add date_format = "%d/%m/%Y %H:%M:%S" or "%m/%d/%Y %H:%M:%S" to source \'s\''
        )
    ]
    tables = read(tmp_path, "google_forms", text, 'date_format = "%m/%d/%Y %H:%M:%S"')
    assert tables.answers["local_date"].to_list() == [dt.date(2026, 7, 1)]
    mixed = text + "7/25/2026 9:00:00,well\n25/7/2026 9:00:00,well\n"
    assert faults_of(make_client(tmp_path, source("google_forms"), s__csv=mixed)) == [
        (
            "s.csv line 1, column 'Timestamp': '25/7/2026 9:00:00' has the day first, '7/25/2026 9:00:00' the month; "
            "dates of one form; mend one of them"
        )
    ]


def test_a_cell_that_is_no_time_is_a_fault_of_its_line(tmp_path: Path) -> None:
    client = make_client(tmp_path, source("google_forms"), s__csv="Marca temporal,Qué?\n1/7/2026,a\nayer,b\n")
    assert faults_of(client) == [
        (
            "s.csv line 3, column 'Marca temporal': 'ayer' is not a date; a date such as 2026-07-01; "
            "or add date_format to this source"
        )
    ]


CHOICES = 'Marca temporal,"Què fas servir?","Sovint?"\n2026-07-01,"Web, Botiga","Sí, sempre"\n2026-07-02,{},No\n'


def test_choices_in_one_cell_are_told_apart_only_when_proven_or_declared(tmp_path: Path) -> None:
    proven = read(tmp_path, "google_forms", CHOICES.format("Web") + "2026-07-03,Botiga,No\n")
    assert values(proven, "que-fas-servir.botiga") == {"s.csv row 2": 1.0, "s.csv row 3": 0.0, "s.csv row 4": 1.0}
    assert values(proven, "sovint", "value_text")["s.csv row 2"] == "Sí, sempre"
    unproven = read(tmp_path, "google_forms", CHOICES.format("Web"))
    assert values(unproven, "que-fas-servir", "value_text") == {"s.csv row 2": "Web, Botiga", "s.csv row 3": "Web"}
    assert "looks_like_several:que-fas-servir" in flags(unproven)
    more = '[[sources.questions]]\nid = "us"\ncolumn = "Què fas servir?"\nseveral = ", "\nstage = "loyalty"'
    declared = read(tmp_path, "google_forms", CHOICES.format("Web"), more)
    assert values(declared, "us.botiga") == {"s.csv row 2": 1.0, "s.csv row 3": 0.0}
    assert declared.answers.filter(pl.col("question_id") == "us.web")["stage"].to_list() == ["loyalty"] * 2
    assert declared.quotes.is_empty()


def test_the_rows_of_a_grid_are_one_question(tmp_path: Path) -> None:
    text = "Marca temporal,Valora [Web],Valora [Botiga],Nota [única]\n2026-07-01,5,4,x\n"
    more = '[[sources.questions]]\nid = "v"\ncolumn = "Valora"\ninstrument = "csat"\nscale = [1, 5]\n'
    assert told(read(tmp_path, "google_forms", text, more), "question_id", "value_num", "question_text") == [
        ("nota-unica", None, "Nota [única]"),
        ("v.botiga", 4.0, "Valora [Botiga]"),
        ("v.web", 5.0, "Valora [Web]"),
    ]
    one = '[[sources.questions]]\nid = "web"\ncolumn = "Valora [Web]"\ninstrument = "csat"\nscale = [1, 5]\n'
    tables = read(tmp_path, "google_forms", text, one)
    assert tables.answers.select("question_id", "scale_max").rows() == [
        ("nota-unica", None), ("valora.botiga", None), ("web", 5.0),
    ]  # fmt: skip


def test_timestamp_alone_is_no_proof_of_a_form(tmp_path: Path) -> None:
    (fault,) = faults_of(make_client(tmp_path, source("detect"), s__csv="Timestamp,user,page\n2026-07-01,1,/\n"))
    assert "not surely" in fault


# LimeSurvey


def test_full_headings_and_full_answers(tmp_path: Path) -> None:
    text = (
        '"ID de respuesta";"Fecha de envío";"Última página";"Lenguaje inicial";"¿Qué usas? [Web]";"¿Qué usas? [Tienda]"'
        ';"¿Qué tal?"\n"1";"1980-01-01 00:00:00";"2";"es";"Sí";"No";"bien"\n"2";"";"1";"ca";"N/A";"N/A";"N/A"\n'
        '"3";"";"1";"es";"No";"No";"N/A"\n'
    )
    tables = read(tmp_path, "detect", text)
    assert tables.sources.select("format", "rows_in", "rows_used").row(0) == ("limesurvey", 3, 2)
    assert values(tables, "que-usas.web") == {"1": 1.0, "3": 0.0}
    assert tables.answers["answered_at"].null_count() == tables.answers.height
    assert {"anonymised_dates:1", "incomplete:2"} <= set(flags(tables))


def test_headings_of_code_and_wording(tmp_path: Path) -> None:
    text = (
        "id. Response ID,submitdate. Date submitted,lastpage. Last page,Q1. How was it?,Q2[SQ001]. Used? [Web],"
        "Q2[SQ002]. Used? [Shop],groupTime12. Time\n1,2026-07-01 10:00:00,2,5,Y,,1.5\n2,2026-07-01 10:00:00,2,5,,,1.5\n"
        "3,2026-07-01 10:00:00,2,4,Y,Y,1.5\n4,2026-07-01 10:00:00,2,4,,Y,1.5\n"
    )
    tables = read(tmp_path, "detect", text)
    assert values(tables, "Q2.SQ001") == {"1": 1.0, "3": 1.0, "4": 0.0}
    assert set(tables.answers["question_text"]) == {"How was it?", "Used? [Web]", "Used? [Shop]"}
