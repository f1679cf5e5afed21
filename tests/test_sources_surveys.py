"""Surveys: SurveyMonkey, Qualtrics, Typeform, Google Forms, LimeSurvey."""

from __future__ import annotations

import datetime as dt
import zipfile
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from conftest import SHARED
from fixtures.make_client import faults_of, make_client
from fixtures.make_workbook import make_workbook, table
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.errors import SourceError
from cjtools.sources.readers.survey_forms import Part, are_ticks, hold_several, measure_like, ticked
from cjtools.sources.readers.survey_ids import slug
from cjtools.sources.readers.survey_times import WRITTEN, iso_times
from cjtools.sources.readers.survey_words import load_survey_words, roles_of, word_key

REAL = SHARED / "samples" / "surveys"
real = pytest.mark.skipif(not REAL.is_dir(), reason="the real samples are not on this machine")
Row = tuple[object, ...]


def source(form: str, more: str = "", name: str = "s.csv") -> str:
    return f'[[sources]]\nid = "s"\npath = "{name}"\nformat = "{form}"\n{more}\n'


def read(tmp_path: Path, form: str, content: str | bytes, more: str = "", name: str = "s.csv") -> cj.Tables:
    return cj.read_sources(make_client(tmp_path, source(form, more, name), **{name.replace(".", "__"): content}))


def told(tables: cj.Tables, *columns: str) -> list[Row]:
    names = columns or ("question_id", "value_num", "value_text")
    return tables.answers.select(names).rows()


def values(tables: cj.Tables, question: str, column: str = "value_num") -> dict[str, object]:
    found = tables.answers.filter(pl.col("question_id") == question)
    return dict(found.select("response_id", column).rows())


def flags(tables: cj.Tables) -> list[str]:
    return list(tables.sources["flags"].to_list()[0])


def real_one(tmp_path: Path, name: str, form: str, more: str = "") -> cj.Tables:
    return read(tmp_path, form, (REAL / name).read_bytes(), more)


# SurveyMonkey

MONKEY = """Respondent ID,End Date,Email Address,<b>Which</b> did you use?,,,,Rate&nbsp;us,,Why?
,,,Web,Shop,Phone,Other (please specify),Price,Service,Open-Ended Response
1001,07/25/2026 10:00:00,a@b.example,Web,,,,1,5,short
1002,07/26/2026 10:00:00,,,,,by post,2,,-
1003,07/26/2026 11:00:00,,,,,,,,so
1004,07/26/2026 12:00:00,,Web,Shop,,,3,3,
"""


def test_a_box_is_selected_not_selected_or_not_shown(tmp_path: Path) -> None:
    tables = read(tmp_path, "surveymonkey", MONKEY)
    assert values(tables, "which-did-you-use.web") == {"1001": 1.0, "1002": 0.0, "1004": 1.0}
    assert values(tables, "which-did-you-use.phone") == {"1001": 0.0, "1002": 0.0, "1004": 0.0}
    assert values(tables, "which-did-you-use.other-please-specify", "value_text") == {"1002": "by post"}
    asked = tables.answers.filter(pl.col("question_id") == "which-did-you-use.web")
    assert asked.select("question_text", "scale_min", "value_text").unique().rows() == [
        ("Which did you use? [Web]", None, None)
    ]


def test_the_rows_of_a_matrix_are_no_boxes_and_open_answers_are_quotes(tmp_path: Path) -> None:
    tables = read(tmp_path, "surveymonkey", MONKEY)
    assert values(tables, "rate-us.price") == {"1001": 1.0, "1002": 2.0, "1004": 3.0}
    assert values(tables, "rate-us.service", "value_text") == {"1001": "5", "1004": "3"}
    assert tables.quotes["text"].to_list() == ["short", "by post", "so"]
    assert tables.quotes["kind"].unique().to_list() == ["answer"]
    assert not tables.quotes["consent_to_quote"].any()
    assert flags(tables) == ["personal_columns_dropped:1", "timezone_assumed"]


def test_a_workbook_reads_as_the_csv_does(tmp_path: Path) -> None:
    rows = [line.split(",") for line in MONKEY.splitlines()]
    book = read(tmp_path / "book", "detect", make_workbook(table(rows)), name="s.xlsx")
    text = read(tmp_path / "text", "surveymonkey", MONKEY)
    assert told(book, "response_id", "question_id", "value_num", "value_text", "answered_at") == told(
        text, "response_id", "question_id", "value_num", "value_text", "answered_at"
    )
    assert book.sources["format"].to_list() == ["surveymonkey"]


def test_options_whose_header_row_is_lost_are_named_by_what_was_ticked(tmp_path: Path) -> None:
    text = "RespondentID,Which?,Unnamed: 2,,Rate,,Gender\n1,A,B,,1,2,F\n2,,B,a shop,2,3,M\n3,,,,,,M\n4,A,,else,3,1,F\n"
    tables = read(tmp_path, "surveymonkey", text)
    assert values(tables, "which.b") == {"1": 1.0, "2": 1.0, "4": 0.0}
    assert values(tables, "which.other", "value_text") == {"2": "a shop", "4": "else"}
    assert values(tables, "rate.2") == {"1": 2.0, "2": 3.0, "4": 1.0}
    assert values(tables, "gender", "value_text") == {"1": "F", "2": "M", "3": "M", "4": "F"}


def test_options_may_stand_behind_a_hyphen(tmp_path: Path) -> None:
    dish = "Which dishes? Please tick - all."
    text = (
        f"RespondentID,Main dish,Main dish - Other (please specify),{dish} - Carrots,{dish} - Corn,Age\n"
        "1,Turkey,,Carrots,,20\n2,Other,goose,,,30\n3,Turkey,,Carrots,Corn,40\n"
    )
    tables = read(tmp_path, "surveymonkey", text)
    assert values(tables, "main-dish", "value_text") == {"1": "Turkey", "2": "Other", "3": "Turkey"}
    assert values(tables, "main-dish.other-please-specify", "value_text") == {"2": "goose"}
    assert values(tables, "which-dishes-please-tick-all.corn") == {"1": 0.0, "3": 1.0}
    assert values(tables, "age") == {"1": 20.0, "2": 30.0, "3": 40.0}


def test_codes_of_questions_and_boxes_that_say_what_is_not_selected(tmp_path: Path) -> None:
    text = (
        ",StartDate,EndDate,q0001,q0004_0001,q0004_0002,q0007_0001,weight\n"
        "1,5/10/18 4:01,5/10/18 4:06,Very,Not selected,Mother,Often,0.5\n"
        "2,5/22/18 6:30,5/22/18 6:53,Some,Father,Not selected,Never,1.25\n"
        "3,5/11/18 6:30,5/11/18 6:53,Some,,,Never,1.0\n"
    )
    tables = read(tmp_path, "detect", text)
    assert tables.sources["format"].to_list() == ["surveymonkey"]
    assert values(tables, "q0004.0001") == {"s.csv row 2": 0.0, "s.csv row 3": 1.0}
    assert "q0004 [Father]" in tables.answers["question_text"].to_list()
    assert values(tables, "q0007.0001", "value_text")["s.csv row 2"] == "Often"
    assert tables.answers["question_id"].unique().sort().to_list() == [
        "q0001", "q0004.0001", "q0004.0002", "q0007.0001", "weight",
    ]  # fmt: skip
    assert tables.answers["answered_at"].dt.date().unique().sort().to_list()[-1] == dt.date(2018, 5, 22)


def test_a_heading_may_stand_above_each_column_of_its_question(tmp_path: Path) -> None:
    text = "Respondent ID,Which?,Which?,Which?\n,Web,Shop,Response\n1,Web,,x\n2,,Shop,y\n"
    tables = read(tmp_path, "surveymonkey", text)
    assert values(tables, "which.shop") == {"1": 0.0, "2": 1.0}
    assert values(tables, "which-2", "value_text") == {"1": "x", "2": "y"}  # another question of the same words


def test_a_question_may_be_called_as_a_column_of_the_tool(tmp_path: Path) -> None:
    tables = read(tmp_path, "surveymonkey", "Respondent ID,Collector ID,Which?,Language\n1,7,x,Catalan\n")
    assert [row[0] for row in told(tables)] == ["q-language", "which"]


def test_ids_that_a_spreadsheet_has_cut_are_faults(tmp_path: Path) -> None:
    client = make_client(tmp_path, source("surveymonkey"), s__csv="Respondent ID,Age?\n1.14E+11,20\n")
    assert faults_of(client) == [
        "s.csv line 2, column 'Respondent ID': '1.14E+11' is not an id; an id; a spreadsheet has cut this one's digits"
    ]


def test_bytes_that_are_not_utf8_are_refused_and_read_once_declared(tmp_path: Path) -> None:
    raw = "Respondent ID,Què?\n1,és\n".encode("cp1252")
    (fault,) = faults_of(make_client(tmp_path, source("surveymonkey"), s__csv=raw))
    assert fault.startswith("s.csv line 1: byte 16 (0xE8) is not UTF-8")
    assert fault.endswith('declare its encoding, such as encoding = "cp1252"')
    assert values(read(tmp_path, "surveymonkey", raw, 'encoding = "cp1252"'), "que", "value_text") == {"1": "és"}


def test_a_file_of_another_tool_is_refused(tmp_path: Path) -> None:
    client = make_client(tmp_path, source("surveymonkey"), s__csv="Name,Age\nAnn,3\n")
    assert faults_of(client) == [
        (
            "s.csv line 1: not an export of SurveyMonkey: there is no column 'Respondent ID'; known: Name, Age; "
            'or read it with format = "table", kind = "answers" and [sources.mapping]'
        )
    ]


@real
def test_the_star_wars_survey_has_1186_respondents_under_two_header_rows(tmp_path: Path) -> None:
    (fault,) = faults_of(
        make_client(tmp_path, source("detect"), s__csv=(REAL / "surveymonkey_starwars/StarWars.csv").read_bytes())
    )
    assert "byte 641 (0x8C) is not UTF-8" in fault
    tables = real_one(tmp_path, "surveymonkey_starwars/StarWars.csv", "detect", 'encoding = "cp1252"')
    assert tables.sources.select("format", "rows_in", "rows_used").row(0) == ("surveymonkey", 1186, 1186)
    assert tables.answers["question_id"].n_unique() == 37
    assert tables.answers["response_id"].n_unique() == 1186
    films = tables.answers.filter(pl.col("question_text").str.contains("have you seen? Please", literal=True))
    shares = films.group_by("question_id").agg(pl.len(), pl.col("value_num").sum()).sort("question_id")
    # As published with the survey: 835 saw at least one film; 673, 571, 550, 607, 758 and 738 saw each.
    assert shares["len"].to_list() == [835] * 6
    assert sorted(shares["value_num"].to_list()) == [550, 571, 607, 673, 738, 758]
    assert tables.quotes.is_empty()


@real
@pytest.mark.parametrize(
    ("name", "rows", "questions", "quotes"), [("flying-etiquette", 1040, 26, 0), ("weather-check", 928, 8, 175)]
)
def test_exports_without_the_second_header_row(
    tmp_path: Path, name: str, rows: int, questions: int, quotes: int
) -> None:
    tables = real_one(tmp_path, f"surveymonkey_onerow/{name}.csv", "detect")
    assert tables.sources.select("rows_in", "rows_used", "rows_rejected").row(0) == (rows, rows, 0)
    assert tables.answers["question_id"].n_unique() == questions
    assert tables.answers["value_num"].null_count() == tables.answers.height  # "150000" is one of several income bands
    assert tables.quotes.height == quotes


# Qualtrics

NAMES = "StartDate,EndDate,Status,Progress,Finished,ResponseId,ExternalReference,UserLanguage,Q1,Q2_1,Q2_2,Q3,seg"
IMPORTS = [
    "startDate", "endDate", "status", "progress", "finished", "_recordId", "externalDataReference", "userLanguage",
    "QID1", "QID2_1", "QID2_2", "QID3_TEXT", "seg",
]  # fmt: skip
WORDS = "Inizio,Fine,Tipo,Avanzamento,Finito,ID,Riferimento,Lingua,Q?,Voto - Web,Voto - Sito,Perché?,seg"
THREE = "\n".join([NAMES, WORDS, ",".join(f'"{{""ImportId"":""{each}""}}"' for each in IMPORTS)]) + "\n"


def respondent(name: str, *, status: str = "0", finished: str = "1", rest: str = "9,1,2,x,a") -> str:
    return f"2026-07-01 10:00:00,2026-07-01 10:01:00,{status},100,{finished},R_{name},C{name},ZH-S,{rest}\n"


def test_three_header_rows_are_no_responses_and_only_questions_are_read(tmp_path: Path) -> None:
    tables = read(tmp_path, "detect", THREE + respondent("a1"))
    assert told(tables) == [("Q1", 9.0, "9"), ("Q2.1", 1.0, "1"), ("Q2.2", 2.0, "2"), ("Q3", None, "x")]
    assert tables.answers["question_text"].to_list() == ["Q?", "Voto [Web]", "Voto [Sito]", "Perché?"]
    assert tables.answers["language"].unique().to_list() == ["zh-Hans"]
    assert tables.quotes["text"].to_list() == ["x"]
    assert tables.answers["profile_id"].null_count() == 4
    assert flags(tables) == ["hidden_fields_left_out:2", "timezone_assumed"]


@pytest.mark.parametrize(
    ("status", "why"),
    [("1", "preview"), ("Anteprima sondaggio", "preview"), ("2", "test"), ("Survey Test", "test"), ("8", "spam")],
)
def test_previews_and_tests_are_rejected_with_their_reason(tmp_path: Path, status: str, why: str) -> None:
    tables = read(tmp_path, "qualtrics", THREE + respondent("a1", status=status) + respondent("a2", status="4"))
    assert tables.left_out.select("source_row", "fate", "why").rows() == [(4, "rejected", why)]
    assert tables.answers["response_id"].unique().to_list() == ["R_a2"]


def test_who_did_not_finish_is_kept_and_counted(tmp_path: Path) -> None:
    tables = read(tmp_path, "qualtrics", THREE + respondent("a1", finished="0") + respondent("a2", finished="True"))
    assert tables.sources["rows_used"].to_list() == [2]
    assert "incomplete:1" in flags(tables)


def test_the_reference_joins_only_where_client_toml_says_so(tmp_path: Path) -> None:
    tables = read(tmp_path, "qualtrics", THREE + respondent("a1"), '[sources.keys]\nExternalReference = "crm"')
    assert tables.answers["profile_id"].unique().to_list() == ["crm:Ca1"]
    assert tables.identities.select("profile_id", "id_type").rows() == [("crm:Ca1", "ExternalReference")]
    client = make_client(
        tmp_path, source("qualtrics", '[sources.keys]\nReference = "crm"'), s__csv=THREE + respondent("a")
    )
    assert faults_of(client) == [
        "client.toml, source 's', keys: there is no column 'Reference' in s.csv; did you mean 'ExternalReference'?"
    ]


@pytest.mark.parametrize(
    "names",
    [
        "ResponseID,ResponseSet,IPAddress,StartDate,EndDate,ExternalDataReference,Finished,Status,Q1,Q2_1,Q2_2,",
        "V1,V2,V6,V8,V9,V4,V10,V7,Q1,Q2_1,Q2_2,",
    ],
)
def test_the_older_form_has_two_header_rows_a_mark_and_an_empty_column(tmp_path: Path, names: str) -> None:
    words = "ResponseID,ResponseSet,IPAddress,StartDate,EndDate,ExternalDataReference,Finished,Status"
    text = f"\ufeff{names}\n{words},Recommend us?,Rate-Price,Rate-Post,\n" + "".join(
        f"R_{name},Default,192.0.2.1,2015-01-02 10:00:00,2015-01-02 10:05:00,E{name},1,{status},9,4,5,\n"
        for name, status in (("abc1", "0"), ("abc2", "1"))
    )
    tables = read(tmp_path, "detect", text, '[sources.keys]\nExternalReference = "crm"')
    assert tables.sources.select("rows_in", "rows_used", "rows_rejected").row(0) == (2, 1, 1)
    assert told(tables, "response_id", "question_id", "question_text", "profile_id") == [
        ("R_abc1", "Q1", "Recommend us?", "crm:Eabc1"),
        ("R_abc1", "Q2.1", "Rate [Price]", "crm:Eabc1"),
        ("R_abc1", "Q2.2", "Rate [Post]", "crm:Eabc1"),
    ]
    assert "looks_like_nps:Q1" in flags(tables)


def test_one_header_row_alone_is_enough(tmp_path: Path) -> None:
    tables = read(tmp_path, "detect", NAMES + "\n" + respondent("a1"))
    assert tables.sources.select("format", "rows_in").row(0) == ("qualtrics", 1)


def test_choices_are_boxes_where_the_tool_says_so(tmp_path: Path) -> None:
    head = "ResponseId,EndDate,Finished,Q5_1,Q5_2,Q5_2_TEXT\nID,Fi,Acabat,On? - Selected Choice - Web,"
    head += "On? - Selected Choice - Altres,On? - Altres - Text\n"
    head += ",".join(f'"{{""ImportId"":""{each}""}}"' for each in ("_recordId", "endDate", "finished"))
    head += ',"{""ImportId"":""QID5"",""choiceId"":""1""}","{""ImportId"":""QID5"",""choiceId"":""2""}",'
    head += '"{""ImportId"":""QID5_2_TEXT""}"\n'
    tables = read(
        tmp_path, "qualtrics", head + "R_a,2026-07-01,1,1,,\nR_b,2026-07-01,1,,1,mercat\nR_c,2026-07-01,1,,,\n"
    )
    assert values(tables, "Q5.1") == {"R_a": 1.0, "R_b": 0.0}
    assert values(tables, "Q5.2_TEXT", "value_text") == {"R_b": "mercat"}
    assert tables.left_out["why"].to_list() == ["no_answered"]


@real
def test_the_real_export_with_german_headings_has_one_respondent(tmp_path: Path) -> None:
    tables = real_one(tmp_path, "qualtrics_v3/sample.csv", "detect", 'timezone = "Europe/Zurich"')
    assert tables.sources.select("format", "rows_in", "rows_used").row(0) == ("qualtrics", 1, 1)
    assert told(tables) == [("Q1", 2.0, "2"), ("Q2", None, "Hello World!")]
    assert tables.answers["response_id"].unique().to_list() == ["R_2YPOQ602ER1jkf1"]
    assert flags(tables) == ["hidden_fields_left_out:1", "personal_columns_dropped:6"]
    assert "130.92" not in str([frame.to_dicts() for frame in (tables.answers, tables.quotes, tables.identities)])


def test_the_row_of_import_ids_may_tell_the_zone(tmp_path: Path) -> None:
    def export(zone: str) -> str:
        end = f',"{{""ImportId"":""endDate"",""timeZone"":""{zone}""}}",'
        return f'ResponseId,EndDate,Q1\nID,Fi,Q?\n"{{""ImportId"":""_recordId""}}"{end}"{{""ImportId"":""QID1""}}"\n'

    row = "R_a,2026-07-01 23:30:00,5\n"
    tables = read(tmp_path, "qualtrics", export("Europe/Bucharest") + row)
    assert told(tables, "answered_at", "local_date") == [
        (dt.datetime(2026, 7, 1, 20, 30, tzinfo=dt.UTC), dt.date(2026, 7, 1))
    ]
    assert tables.sources["timezone"].to_list() == ["Europe/Bucharest"]
    assert flags(tables) == []
    assert told(read(tmp_path, "qualtrics", export("Z") + row), "answered_at", "local_date") == [
        (dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC), dt.date(2026, 7, 2))
    ]
    declared = read(tmp_path, "qualtrics", export("Europe/Bucharest") + row, 'timezone = "UTC"')
    assert flags(declared) == ["timezone_differs"]


def test_choices_that_were_not_split_into_columns_are_told_apart(tmp_path: Path) -> None:
    rows = "".join(respondent(name, rest=f'"{cell}",,,,') for name, cell in (("a", "1,3"), ("b", "1"), ("c", "3")))
    tables = read(tmp_path, "qualtrics", THREE + rows)
    assert values(tables, "Q1.3") == {"R_a": 1.0, "R_b": 0.0, "R_c": 1.0}


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


# What client.toml says of questions

NPS = '[[sources.questions]]\nid = "nps"\ncolumn = "{column}"\ninstrument = "nps"\nscale = [0, 10]\n'
HEAD = "Respondent ID,How likely are you to recommend us?,How likely are you to recommend us?,Why?\n"


def test_a_label_beside_a_number_is_left_away_on_a_scale(tmp_path: Path) -> None:
    text = "Respondent ID,How likely?\n1,10 - Extremely likely\n2,0 = not at all\n3,7\n"
    tables = read(tmp_path, "surveymonkey", text, NPS.format(column="How likely?"))
    assert values(tables, "nps") == {"1": 10.0, "2": 0.0, "3": 7.0}
    wrong = make_client(tmp_path, source("surveymonkey", NPS.format(column="How likely?")), s__csv=text + "4,11\n")
    assert faults_of(wrong) == ["s.csv line 5, column 'How likely?': '11' is not a number; a number from 0 to 10"]
    translated = NPS.format(column="How likely?") + '[sources.values]\nnps = { "much" = "9" }\n'
    assert values(read(tmp_path, "surveymonkey", "Respondent ID,How likely?\n1,much\n", translated), "nps") == {
        "1": 9.0
    }


def test_a_question_that_is_not_there_or_is_asked_twice_is_a_fault(tmp_path: Path) -> None:
    text = "Respondent ID,Recommend?,Why?,Recommend?\n1,9,x,8\n"
    client = make_client(tmp_path, source("surveymonkey", NPS.format(column="Recomend?")), s__csv=text)
    assert faults_of(client) == [
        "client.toml, source 's', questions 'nps': there is no question 'Recomend?'; did you mean 'Recommend?'?"
    ]
    client = make_client(tmp_path, source("surveymonkey", NPS.format(column="Recommend?")), s__csv=text)
    assert faults_of(client) == [
        (
            "client.toml, source 's', questions 'nps': 'Recommend?' is asked 2 times; "
            "name one by its id: recommend, recommend-2"
        )
    ]
    tables = read(tmp_path, "surveymonkey", text, NPS.format(column="recommend-2"))
    assert values(tables, "nps") == {"1": 8.0}
    assert values(tables, "recommend") == {"1": 9.0}


def test_a_personal_column_is_never_a_question(tmp_path: Path) -> None:
    text = "Respondent ID,Email Address,Què?\n1,Ann@B.example,x\n"
    asked = '[[sources.questions]]\nid = "mail"\ncolumn = "Email Address"\n'
    assert faults_of(make_client(tmp_path, source("surveymonkey", asked), s__csv=text)) == [
        (
            "client.toml, source 's', questions 'mail': 'Email Address' says who somebody is; no personal column is "
            'kept; as an id it may stand in [sources.keys]: "Email Address" = "email"'
        )
    ]
    tables = read(tmp_path, "surveymonkey", text, '[sources.keys]\n"Email Address" = "email"')
    (profile,) = tables.answers["profile_id"].unique().to_list()
    assert profile.startswith("email:")
    assert "ann" not in profile.lower()
    assert flags(tables) == []


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Nom i cognoms", "Anna Puig"),
        ("¿Cuál es tu nombre?", "Ana"),
        ("Contact", "ann@b.example"),
        ("Machine", "192.0.2.17"),
        ("If you like, leave us your phone number", "612 345 678"),
        ("Call me", "'+40 712 345 678"),
        ("Telefono (facoltativo)", "333"),
    ],
)
def test_columns_that_say_who_somebody_is_are_dropped(tmp_path: Path, heading: str, cells: str) -> None:
    tables = read(tmp_path, "surveymonkey", f'Respondent ID,"{heading}",Age?\n1,"{cells}",20\n')
    assert told(tables) == [("age", 20.0, "20")]
    assert flags(tables) == ["personal_columns_dropped:1"]


def test_choices_that_are_called_as_contact_fields_stay(tmp_path: Path) -> None:
    tables = read(tmp_path, "google_forms", "Marca temporal,On? [Telèfon],On? [Botiga]\n2026-07-01,sovint,mai\n")
    assert [row[0] for row in told(tables)] == ["on.botiga", "on.telefon"]


@pytest.mark.parametrize(
    ("wording", "cells", "measure"),
    [
        ("Amb quina probabilitat ens recomanaries?", ["9", "10", "0"], "nps"),
        ("¿Qué probabilidad hay de que nos recomiende?", ["8"], "nps"),
        ("Con quale probabilità ci consiglierebbe?", ["0", "3"], "nps"),
        ("Cât de probabil este să ne recomandați?", ["10 - foarte probabil"], "nps"),
        ("Würden Sie uns weiterempfehlen?", ["9"], "nps"),
        ("How likely are you to recommend us?", ["very"], None),
        ("How likely are you to recommend us?", ["1", "5"], None),
        ("Quant de satisfeta estàs?", ["4", "5"], "csat"),
        ("Cât de mulțumit sunteți?", ["1"], "csat"),
        ("Va ser fàcil acabar la comanda?", ["7"], "ces"),
        ("Cât de ușor a fost?", ["9"], None),
        ("How old are you?", ["9"], None),
    ],
)
def test_known_measures_are_suggested_by_wording_and_scale(wording: str, cells: list[str], measure: str | None) -> None:
    assert measure_like(wording, cells) == measure


def test_a_suggestion_is_a_flag_and_nothing_is_computed(tmp_path: Path) -> None:
    text = "Respondent ID,How likely are you to recommend us?\n1,9\n"
    tables = read(tmp_path, "surveymonkey", text)
    assert flags(tables) == ["looks_like_nps:how-likely-are-you-to-recommend-us"]
    assert tables.answers.select("instrument", "scale_min").rows() == [("other", None)]
    declared = read(tmp_path, "surveymonkey", text, NPS.format(column="How likely are you to recommend us?"))
    assert flags(declared) == []
    grid = "Marca temporal,Ens recomanes? [Web],Ens recomanes? [Botiga]\n2026-07-01,9,10\n"
    more = '[[sources.questions]]\nid = "r"\ncolumn = "Ens recomanes?"\n'
    assert flags(read(tmp_path, "google_forms", grid, more)) == []
    assert flags(read(tmp_path, "google_forms", grid)) == [
        "looks_like_nps:ens-recomanes.botiga",
        "looks_like_nps:ens-recomanes.web",
    ]


def test_undeclared_words_are_open_answers_when_they_are_many_different_and_long(tmp_path: Path) -> None:
    rows = [f"{n},I waited {n} days for the parcel,{n % 2}" for n in range(1, 6)]
    many = read(tmp_path, "surveymonkey", "\n".join(["Respondent ID,What happened?,Again?", *rows]))
    assert many.quotes.height == 5
    few = read(tmp_path, "surveymonkey", "\n".join(["Respondent ID,What happened?,Again?", *rows[:2]]))
    assert few.quotes.is_empty()
    assert flags(few) == ["looks_like_open:what-happened"]


def test_a_scale_makes_numbers_of_what_could_be_boxes(tmp_path: Path) -> None:
    text = "Respondent ID,Rate,,Age?\n,Bus,Train,Response\n1,1,,20\n2,,1,30\n3,1,1,40\n"
    assert values(read(tmp_path, "surveymonkey", text), "rate.bus") == {"1": 1.0, "2": 0.0, "3": 1.0}
    more = '[[sources.questions]]\nid = "rate"\ncolumn = "Rate"\ninstrument = "csat"\nscale = [1, 5]\n'
    assert values(read(tmp_path, "surveymonkey", text, more), "rate.bus") == {"1": 1.0, "3": 1.0}


def test_columns_without_a_name_are_named_by_their_place(tmp_path: Path) -> None:
    tables = read(tmp_path, "google_forms", "Marca temporal,Què?,,\n2026-07-01,a,note,\n")
    assert told(tables, "question_id", "question_text") == [("column-3", "column-3"), ("que", "Què?")]


def test_a_zip_with_the_export_in_it(tmp_path: Path) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("CSV/Survey.csv", MONKEY)
    tables = read(tmp_path, "detect", packed.getvalue(), name="s.zip")
    assert tables.sources.select("source_file", "format", "rows_in").row(0) == (
        "s.zip/CSV/Survey.csv", "surveymonkey", 4,
    )  # fmt: skip


def test_files_of_one_survey_may_ask_different_questions(tmp_path: Path) -> None:
    client = make_client(
        tmp_path,
        source("surveymonkey", NPS.format(column="Recommend?"), "s*.csv"),
        s1__csv="Respondent ID,Recommend?,New?\n1,9,yes\n",
        s2__csv="Respondent ID,Old?,Recommend?\n2,no,7\n",
    )
    tables = cj.read_sources(client)
    assert told(tables, "response_id", "question_id", "value_num") == [
        ("1", "new", None), ("1", "nps", 9.0), ("2", "nps", 7.0), ("2", "old", None),
    ]  # fmt: skip


def test_an_export_that_overlaps_another_is_merged(tmp_path: Path) -> None:
    client = make_client(
        tmp_path,
        source("surveymonkey", name="s*.csv"),
        s1__csv="Respondent ID,Age?\n1,20\n2,30\n",
        s2__csv="Respondent ID,Age?\n2,30\n3,40\n",
    )
    tables = cj.read_sources(client)
    assert tables.sources["rows_merged"].to_list() == [0, 1]
    assert values(tables, "age") == {"1": 20.0, "2": 30.0, "3": 40.0}


def test_rows_without_an_id_are_told_apart_by_their_file(tmp_path: Path) -> None:
    client = make_client(
        tmp_path,
        source("google_forms", name="s*.csv"),
        s1__csv="Marca temporal,Què?\n2026-07-01,a\n",
        s2__csv="Marca temporal,Què?\n2026-07-02,b\n",
    )
    assert told(cj.read_sources(client), "response_id") == [("s1.csv row 2",), ("s2.csv row 2",)]


def test_what_client_toml_cannot_say_of_a_survey(tmp_path: Path) -> None:
    more = 'kind = "orders"\n[sources.keys]\na = "x"\nb = "y"'
    assert faults_of(make_client(tmp_path, source("typeform", more), s__csv="a\n")) == [
        "client.toml, source 's', kind: typeform are answers, not orders; take it away",
        "client.toml, source 's', keys: several keys; one id of the respondent; keep the one to join by",
    ]


def test_a_survey_without_questions_is_a_fault(tmp_path: Path) -> None:
    client = make_client(tmp_path, source("surveymonkey"), s__csv="Respondent ID,End Date\n1,2026-07-01\n")
    assert faults_of(client) == [
        "client.toml, source 's': a survey without questions; add [[sources.questions]] with id, column and instrument"
    ]


# The rules themselves


def test_every_name_of_a_column_means_one_thing() -> None:
    for tool in ("surveymonkey", "qualtrics", "typeform", "google_forms", "limesurvey"):
        names = [word_key(name) for group in load_survey_words()[tool].values() for name in group]
        roles: dict[str, set[str]] = {word_key(name): set() for name in names}
        for role, group in load_survey_words()[tool].items():
            for name in group:
                roles[word_key(name)].add(role)
        assert {name: found for name, found in roles.items() if len(found) > 1} == {}
        assert set(roles_of(tool)) == set(names)


@pytest.mark.parametrize(
    ("columns", "ticks"),
    [
        ({"Bus": ["Bus", "", ""], "Train": ["", "Train", ""]}, True),
        ({"Bus": ["Yes", "No"], "Train": ["No", "No"]}, True),
        ({"Bus": ["5", "4"], "Train": ["3", "5"]}, False),
        ({"Bus": ["1"], "Train": [""]}, False),  # one row does not tell a box from a rating
        ({"Bus": ["1", "", "1"], "Train": ["", "1", "1"]}, True),
        ({"Bus": ["1", "", "1"], "Train": ["", "2", "2"]}, True),  # each option has its own number
        ({"Bus": ["Very good", "Very good"], "Train": ["Very good", ""]}, False),
    ],
)
def test_what_is_a_box_to_tick(columns: dict[str, list[str]], ticks: bool) -> None:
    parts = [Part(place, label, cells) for place, (label, cells) in enumerate(columns.items(), start=1)]
    assert are_ticks(parts) is ticks


@given(st.lists(st.lists(st.sampled_from(["", "A", "Not selected", "N/A"]), min_size=2, max_size=2), max_size=8))
@settings(max_examples=30, deadline=None)
def test_boxes_are_one_nought_or_nothing(rows: list[list[str]]) -> None:
    columns = [[row[place] for row in rows] for place in (0, 1)]
    found = ticked([Part(place, "A", cells) for place, cells in enumerate(columns, start=1)])
    for cells, told_cells in zip(columns, found, strict=True):
        for cell, value in zip(cells, told_cells, strict=True):
            assert value in ({"1"} if cell == "A" else {"0"} if cell == "Not selected" else {"", "0"})


@pytest.mark.parametrize(
    ("cells", "several"),
    [
        (["A, B", "A", "B"], True),
        (["A, B", "B, C", "A, C"], True),
        (["A, B", "B, A", "A", "B"], False),  # forms keep one order
        (["Yes, always", "Yes, seldom", "No"], False),
        (["bread, milk, and more"], False),
        (["A, A", "A"], False),
        (["A", "B"], False),
    ],
)
def test_what_is_proven_to_be_several_choices(cells: list[str], several: bool) -> None:
    assert hold_several(cells, ", ") is several


@given(st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_text_for_a_time_is_read_or_left_alone(text: str) -> None:
    texts = pl.Series([text], dtype=pl.String)
    written = iso_times(texts, others=texts, day_first=True, where="s.csv", source_id="s")
    assert written.texts.to_list() == [text] or WRITTEN.match(text)


@given(st.datetimes(min_value=dt.datetime(2000, 1, 1), max_value=dt.datetime(2099, 12, 31)), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_written_time_comes_back_as_it_was(moment: dt.datetime, day_first: bool) -> None:
    date = f"{moment.day}/{moment.month}" if day_first else f"{moment.month}/{moment.day}"
    text = pl.Series([f"{date}/{moment:%Y %I:%M:%S %p}"])
    proof = pl.Series(["31/1/2026" if day_first else "1/31/2026"])
    written = iso_times(text, others=proof, day_first=None, where="s.csv", source_id="s")
    assert written.texts.to_list() == [f"{moment:%Y-%m-%dT%H:%M:%S}"]


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_a_slug_is_a_short_plain_name(text: str) -> None:
    name = slug(text)
    assert name == slug(text)
    assert name.isascii()
    assert 0 < len(name) < 60
    assert " " not in name


CELL = st.text(st.characters(codec="utf-8", exclude_characters='"\r\n,\0'), max_size=6)


@given(st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=1, max_size=5))
@settings(max_examples=12, deadline=None)
@pytest.mark.parametrize("form", ["surveymonkey", "qualtrics", "typeform", "google_forms", "limesurvey"])
def test_no_file_breaks_a_reader_and_no_row_is_lost(
    tmp_path_factory: pytest.TempPathFactory, form: str, rows: list[list[str]]
) -> None:
    heads = {
        "surveymonkey": "Respondent ID,End Date",
        "qualtrics": "ResponseId,EndDate,Finished",
        "typeform": "#,Submit Date (UTC),Network ID",
        "google_forms": "Marca temporal",
        "limesurvey": "id,submitdate,lastpage",
    }
    head, *body = rows
    extra = "," * (heads[form].count(",") + 1)
    lines = [f"{heads[form]},{','.join(head)}", *(extra + ",".join(row) for row in body)]
    client = make_client(tmp_path_factory.mktemp("fuzz"), source(form), s__csv="\n".join(lines) + "\n")
    try:
        tables = cj.read_sources(client)
    except SourceError:
        return
    sums = tables.sources.select(
        pl.col("rows_in") - pl.col("rows_used") - pl.col("rows_rejected") - pl.col("rows_merged")
    )
    assert sums.to_series().sum() == 0
