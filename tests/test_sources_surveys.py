"""Surveys of SurveyMonkey and Qualtrics: header rows, several choices, other answers, who is no respondent."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.make_workbook import make_workbook, table
from fixtures.surveys import MONKEY, REAL, flags, read, real, real_one, source, told, values

# SurveyMonkey


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
