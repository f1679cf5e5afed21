"""What client.toml says of the questions of a survey, and the rules by which answers are told apart."""

from __future__ import annotations

import datetime as dt
import zipfile
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.surveys import MONKEY, flags, read, source, told, values
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.errors import SourceError
from cjtools.sources.readers.survey_forms import Part, are_ticks, hold_several, measure_like, ticked
from cjtools.sources.readers.survey_ids import slug
from cjtools.sources.readers.survey_times import WRITTEN, iso_times
from cjtools.sources.readers.survey_words import load_survey_words, roles_of, word_key

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
