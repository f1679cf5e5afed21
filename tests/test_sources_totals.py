"""Totals of the web: GA4's reports and Data API, Plausible, Matomo, Search Console; measurements, never a person."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.make_workbook import make_workbook, number, row, table, text
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.errors import SourceError
from cjtools.sources import check_sources
from cjtools.sources.parsing.vocabulary import header_key, load_vocabulary
from cjtools.sources.readers.sections import split_sections

RULE = "# ----------------------------------------\n"
HEAD = RULE + "# Report CSV Export\n# Account: Acme\n# Property: Acme\n" + RULE
DATES = "# Start date: 20260701\n# End date: 20260731\n"
JULY = "period = { from = 2026-07-01, to = 2026-07-31 }\n"


def source(form: str, path: str, more: str = "") -> str:
    return f'[[sources]]\nid = "s"\npath = "{path}"\nformat = "{form}"\n{more}'


def ga4(tmp_path: Path, content: str | bytes, more: str = "") -> cj.Tables:
    return cj.read_sources(make_client(tmp_path, source("ga4_report", "a.csv", more), a__csv=content))


def ga4_faults(tmp_path: Path, content: str, more: str = "") -> list[str]:
    return faults_of(make_client(tmp_path, source("ga4_report", "a.csv", more), a__csv=content))


def said(tables: cj.Tables) -> list[tuple[Any, ...]]:
    """Metric, value and dimensions of each observation, in the order of the file."""
    names = pl.element().struct.field("name") + "=" + pl.element().struct.field("value")
    return tables.observations.select("metric", "value", pl.col("dimensions").list.eval(names).list.join(" ")).rows()


def days(tables: cj.Tables) -> list[tuple[str, str]]:
    return (
        tables.observations.select(pl.col("period_from", "period_to").cast(pl.String))
        .unique(maintain_order=True)
        .rows()
    )


def flags(tables: cj.Tables) -> list[str]:
    return tables.sources["flags"].to_list()[0]


# --- GA4 reports


def test_tables_are_told_apart_by_comments_and_by_blank_lines(tmp_path: Path) -> None:
    content = (
        HEAD
        + "#\n# All Users\n"
        + DATES
        + "\nCountry ID,Active users\nES,10\n\nCity,Active users\nVic,7\n(not set),3\n"
        "\n\nLanguage,Active users\n\n# Events\n" + DATES + "Event name,Event count\npage_view,90\n"
    )
    tables = ga4(tmp_path, content)
    assert said(tables) == [
        ("users", 10.0, "country_id=ES"),
        ("users", 7.0, "city=Vic"),
        ("users", 3.0, "city=(not set)"),
        ("events", 90.0, "event_name=page_view"),
    ]
    assert tables.observations["source_row"].to_list() == [12, 15, 16, 25]
    assert days(tables) == [("2026-07-01", "2026-07-31")]
    assert tables.sources.select("rows_in", "rows_used", "flags").row(0) == (
        4, 4, ["empty_sections:1", "not_set_rows:1", "sections:4"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("header", "index", "first", "last"),
    [
        ("Nth day", "0030", "2026-07-31", "2026-07-31"),
        ("Día N", "0000", "2026-07-01", "2026-07-01"),
        ("Nth week", "0001", "2026-07-08", "2026-07-14"),
        ("Nth month", "0000", "2026-07-01", "2026-07-31"),
        ("Nth hour", "0025", "2026-07-02", "2026-07-02"),
        ("Day", "0001", "2026-07-02", "2026-07-02"),
        ("Date", "20260709", "2026-07-09", "2026-07-09"),
        ("Date + hour (YYYYMMDDHH)", "2026070905", "2026-07-09", "2026-07-09"),
        ("Year month", "202607", "2026-07-01", "2026-07-31"),
    ],
)
def test_an_index_is_a_day_counted_from_the_start(
    tmp_path: Path, header: str, index: str, first: str, last: str
) -> None:
    assert days(ga4(tmp_path, HEAD + DATES + f"{header},Views\n{index},3\n")) == [(first, last)]


def test_weeks_are_those_of_the_calendar_when_there_are_too_many_for_the_period(tmp_path: Path) -> None:
    rows = "".join(f"000{week},1\n" for week in range(6))
    tables = ga4(tmp_path, HEAD + "# a: 20260703\n# b: 20260802\nNth week,Views\n" + rows)
    assert days(tables)[:2] == [("2026-07-03", "2026-07-04"), ("2026-07-05", "2026-07-11")]
    assert days(tables)[-1] == ("2026-08-02", "2026-08-02")


def test_an_index_behind_the_end_is_a_fault(tmp_path: Path) -> None:
    assert ga4_faults(tmp_path, HEAD + DATES + "Nth day,Views\n0031,3\nx,3\n") == [
        f"a.csv line {line}, column 'Nth day': {text!r} is not a date; "
        "a count of days from the first day, 2026-07-01, to 2026-07-31"
        for line, text in ((9, "0031"), (10, "x"))
    ]


def test_a_report_without_days_needs_a_period(tmp_path: Path) -> None:
    content = RULE + "# Dashboard report\n" + RULE + "# Active users #\nDay,Monthly\n0000,3\n\nCity,Users\nVic,2\n"
    step = "add period = { from = 2026-07-01, to = 2026-09-30 }"
    assert ga4_faults(tmp_path, content) == [f"client.toml, source 's': a.csv does not tell its days; {step}"] * 2
    tables = ga4(tmp_path, content, JULY)
    assert days(tables) == [("2026-07-01", "2026-07-01"), ("2026-07-01", "2026-07-31")]


LANGUAGES = {
    "en": ("Session primary channel group (Default Channel Group),Sessions,Engaged sessions,Engagement rate,"
           "Average engagement time per session,Event count,Key events,Total revenue"),
    "es": ("Grupo de canales principal de la sesión (Grupo de canales predeterminado),Sesiones,"
           "Sesiones con interacción,Porcentaje de interacciones,Tiempo de interacción medio por sesión,"
           "Número de eventos,Eventos clave,Total de ingresos"),
    "ca": ("Grup de canals principal de la sessió (Grup de canals predeterminat),Sessions,Sessions amb interacció,"
           "Percentatge d’interaccions,Temps mitjà d'interacció per sessió,Nombre d'esdeveniments,"
           "Esdeveniments clau,Ingressos totals"),
    "it": ("Gruppo di canali principale della sessione (Gruppo di canali predefinito),Sessioni,"
           "Sessioni con coinvolgimento,Tasso di coinvolgimento,Durata media del coinvolgimento per sessione,"
           "Conteggio eventi,Eventi chiave,Entrate totali"),
    "ro": ("Grupul de canale principal al sesiunii (Grup de canale prestabilit),Sesiuni,Sesiuni cu implicare,"
           "Rata de implicare,Durata medie a implicării per sesiune,Număr de evenimente,Evenimente cheie,"
           "Venituri totale"),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_the_same_in_five_languages(tmp_path: Path, language: str) -> None:
    tables = ga4(tmp_path, HEAD + DATES + LANGUAGES[language] + "\nDirect,40,20,0.5,33.25,200,2.5,12.5\n")
    assert tables.observations.sort("metric").select("metric", "unit", "value", "n").rows() == [
        ("average_engagement_time_per_session", "seconds", 33.25, 40.0),
        ("engaged_sessions", "sessions", 20.0, None),
        ("engagement_rate", "share", 0.5, 40.0),
        ("events", "count", 200.0, None),
        ("key_events", "count", 2.5, None),
        ("revenue", "EUR", 12.5, None),
        ("sessions", "sessions", 40.0, None),
    ]
    assert {pair for *_, pair in said(tables)} == {"channel=Direct"}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("Start date", "End date"),
        ("Fecha de inicio", "Fecha de finalización"),
        ("Data d'inici", "Data de finalització"),
        ("Data di inizio", "Data di fine"),
        ("Data de început", "Data de încheiere"),
    ],
)
def test_the_days_of_a_comment_are_read_in_any_language(tmp_path: Path, start: str, end: str) -> None:
    tables = ga4(tmp_path, HEAD + f"# {start}: 20260701\n# {end}: 20260702\nCity,Users\nVic,1\n")
    assert days(tables) == [("2026-07-01", "2026-07-02")]


def test_the_names_of_other_years_are_the_same_metrics(tmp_path: Path) -> None:
    old = said(ga4(tmp_path, HEAD + DATES + "City,Users,Conversions\nVic,4,1\n"))
    assert old == said(ga4(tmp_path, HEAD + DATES + "City,Active users,Key events\nVic,4,1\n"))


EXPLORED = (
    RULE + "# Acme\n# Free form-Free form 1\n# 20260723-20260922\n" + RULE + "\n"
    "Date,Page path and screen class,Active users,Views\n{total}20260826,/,40,60\n20260825,(other),3,5\n"
)


def test_the_line_of_totals_of_an_exploration_is_no_data_but_is_checked(tmp_path: Path) -> None:
    tables = ga4(tmp_path, EXPLORED.format(total=",,41,65,Grand total\n"))
    assert said(tables) == [
        ("users", 40.0, "day=2026-08-26 page=/"),
        ("views", 60.0, "day=2026-08-26 page=/"),
        ("users", 3.0, "day=2026-08-25 page=(other)"),
        ("views", 5.0, "day=2026-08-25 page=(other)"),
    ]
    assert tables.left_out.select("source_row", "fate", "why").rows() == [(8, "rejected", "line_of_totals")]
    # Users do not add up: only views are checked.
    assert flags(tables) == ["line_of_totals:1", "other_row"]
    assert tables.sources.select(pl.col("period_from", "period_to").cast(pl.String)).row(0) == (
        "2026-07-23",
        "2026-09-22",
    )


@pytest.mark.parametrize("label", ["Grand total", "Total general", "Totale complessivo", ""])
def test_totals_that_are_not_the_sum_are_flagged(tmp_path: Path, label: str) -> None:
    tables = ga4(tmp_path, EXPLORED.format(total=f",,41,70,{label}\n"))
    assert flags(tables) == ["line_of_totals:1", "other_row", "total_differs"]


def test_a_label_in_the_place_of_the_date_is_a_line_of_totals_too(tmp_path: Path) -> None:
    tables = ga4(tmp_path, EXPLORED.format(total="Totals,,41,65\n"))
    assert (len(said(tables)), flags(tables)) == (4, ["line_of_totals:1", "other_row"])


def test_a_row_without_a_name_that_is_not_the_sum_is_data(tmp_path: Path) -> None:
    tables = ga4(tmp_path, HEAD + DATES + "City,Active users,Views\n,7,9\nVic,5,6\nReus,1,1\n")
    assert said(tables)[:2] == [("users", 7.0, "city="), ("views", 9.0, "city=")]
    tables = ga4(tmp_path, HEAD + DATES + "City,Active users,Views\nVic,5,6\nReus,1,1\nTotal,6,7\n")
    assert (len(said(tables)), flags(tables)) == (4, ["line_of_totals:1"])


def test_a_total_after_a_blank_line_is_no_table(tmp_path: Path) -> None:
    tables = ga4(tmp_path, RULE + "# 20260701-20260702\n" + RULE + "\nCity,Sessions\nVic,5\n\nReus,1\n\n,6\n")
    assert (said(tables), tables.sources["rows_rejected"].sum()) == (
        [("sessions", 5.0, "city=Vic"), ("sessions", 1.0, "city=Reus")],
        1,
    )


def test_cards_have_no_dimension_and_are_no_totals(tmp_path: Path) -> None:
    tables = ga4(tmp_path, HEAD + DATES + "Active users,New users,Event count\n876,873,3897\n")
    assert said(tables) == [("events", 3897.0, ""), ("new_users", 873.0, ""), ("users", 876.0, "")]


def test_tables_of_segments_say_whose_they_are(tmp_path: Path) -> None:
    one = "# {who}\n" + DATES + "Session source / medium,Sessions\ngoogle / organic,{n}\n(not set),1\n\n"
    content = HEAD + one.format(who="All Users", n=9) + one.format(who="Mobile traffic", n=4)
    assert said(ga4(tmp_path, content)) == [
        ("sessions", 9.0, "medium=organic source=google"),
        ("sessions", 1.0, "medium= source=(not set)"),
        ("sessions", 4.0, "medium=organic segment=Mobile traffic source=google"),
        ("sessions", 1.0, "medium= segment=Mobile traffic source=(not set)"),
    ]


def test_a_question_above_a_card_is_no_segment(tmp_path: Path) -> None:
    content = (
        HEAD
        + DATES
        + "City,Users\nVic,1\n\n# Where do your new users come from?\n"
        + DATES
        + "Country,New users\nES,2\n"
    )
    assert [pair for *_, pair in said(ga4(tmp_path, content))] == ["city=Vic", "country=ES"]


def test_periods_that_are_compared_stay_apart(tmp_path: Path) -> None:
    other = DATES.replace("2026", "2025")
    content = HEAD + DATES + "City,Users\nVic,1\n\n" + other + "City,Users\nVic,1\n"
    tables = ga4(tmp_path, content)
    assert days(tables) == [("2026-07-01", "2026-07-31"), ("2025-07-01", "2025-07-31")]
    assert tables.sources["rows_merged"].sum() == 0


def test_a_measurement_that_two_tables_of_a_file_have_is_there_once(tmp_path: Path) -> None:
    content = (
        HEAD
        + DATES
        + "Session source,Sessions,Key events\ngoogle,9,1\nbing,2,0\n\n"
        + DATES
        + "Session source,Sessions\n"
        "google,9\nbing,3\n"
    )
    tables = ga4(tmp_path, content)
    assert [each for each in said(tables) if each[0] == "sessions"] == [
        ("sessions", 9.0, "source=google"), ("sessions", 2.0, "source=bing"), ("sessions", 3.0, "source=bing"),
    ]  # fmt: skip
    assert tables.left_out.select("source_row", "fate", "why").rows() == [(15, "merged", "measured_before")]


def test_cohorts_have_the_days_of_their_week_and_no_number_for_what_is_to_come(tmp_path: Path) -> None:
    content = (
        HEAD + "# ¿Cómo retiene a los usuarios?\n# Fecha de inicio: 20230409\n# Fecha de finalización: 20230422\n"
        "Fecha,Semana 0,Semana 1\n9 abr - 15 abr,5,0\n16 abr - 22 abr,3,-1\n"
    )
    tables = ga4(tmp_path, content)
    assert said(tables) == [
        ("cohort_week_0", 5.0, "week=2023-04-09"),
        ("cohort_week_1", 0.0, "week=2023-04-09"),
        ("cohort_week_0", 3.0, "week=2023-04-16"),
    ]


def test_cohorts_without_days_of_their_own_have_the_words_of_their_week(tmp_path: Path) -> None:
    content = RULE + "# Dashboard report\n" + RULE + "# Retention cohorts #\nDate,Week 0,Week 1\nNov 5 - Nov 11,3,-1\n"
    tables = ga4(tmp_path, content, JULY)
    assert said(tables) == [("cohort_week_0", 3.0, "cohort=Nov 5 - Nov 11 segment=Retention cohorts")]
    assert days(tables) == [("2026-07-01", "2026-07-31")]


def test_counts_that_are_shown_as_percentages_are_shares(tmp_path: Path) -> None:
    tables = ga4(tmp_path, HEAD + DATES + "App version,Users,Users,% total\n1.0,60%,40%,0.25\n")
    assert tables.observations.select("metric", "unit", "value").rows() == [
        ("share_total", "number", 0.25), ("users_share", "share", 0.6), ("users_share_2", "share", 0.4),
    ]  # fmt: skip


def test_what_is_not_known_is_told_apart_by_what_it_holds(tmp_path: Path) -> None:
    header = "Warengruppe,Kartennummer,Product ID,Koeffizient,Anteil,Dauer,Empty"
    tables = ga4(tmp_path, HEAD + DATES + header + "\nTee,a1,77,1.5,40%,0:01:10,\nKaffee,b2,78,2,5%,0:00:05,\n")
    assert tables.observations.select("metric", "unit", "value").rows()[:3] == [
        ("anteil", "share", 0.4), ("dauer", "seconds", 70.0), ("koeffizient", "number", 1.5),
    ]  # fmt: skip
    assert said(tables)[0][2] == "kartennummer=a1 product_id=77 warengruppe=Tee"


def test_client_toml_has_the_last_word_on_columns(tmp_path: Path) -> None:
    more = '[sources.dimensions]\ntouch = "City"\n[sources.metrics]\n'
    more += 'visits = { column = "Warme", unit = "sessions", n = "Users" }\n'
    tables = ga4(tmp_path, HEAD + DATES + "City,Users,Warme\nVic,4,2\n", more)
    assert tables.observations.select("metric", "unit", "value", "n").rows() == [
        ("users", "users", 4.0, None), ("visits", "sessions", 2.0, 4.0),
    ]  # fmt: skip
    assert {pair for *_, pair in said(tables)} == {"touch=Vic"}


def test_a_file_that_a_spreadsheet_saved_again_is_the_same(tmp_path: Path) -> None:
    content = (
        '"# ----------------------------------------";;;\n"# Report, CSV Export";;;\n# ------------------;;;\n'
        "# Start date: 20260701;;;\n# End date: 20260731;;;\n;;;\n"
        "City;Sessions;Engagement rate;\nVic;40;0,5;\nReus;1.200;0,25;\n;;;\n"
    )
    tables = ga4(tmp_path, ("\ufeff" + content).encode().replace(b"\n", b"\r\n"))
    assert said(tables) == [
        ("engagement_rate", 0.5, "city=Vic"), ("sessions", 40.0, "city=Vic"),
        ("engagement_rate", 0.25, "city=Reus"), ("sessions", 1200.0, "city=Reus"),
    ]  # fmt: skip
    assert tables.sources.select("encoding", "delimiter").row(0) == ("utf-8", ";")


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


# --- GA4's Data API


def answer(
    dimensions: list[str], metrics: list[str], rows: list[list[str]], count: int | None = None, **more: Any
) -> dict[str, Any]:
    split = len(dimensions)
    return {
        "dimensionHeaders": [{"name": name} for name in dimensions],
        "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in metrics],
        "rows": [
            {
                "dimensionValues": [{"value": v} for v in cells[:split]],
                "metricValues": [{"value": v} for v in cells[split:]],
            }
            for cells in rows
        ],
        "rowCount": len(rows) if count is None else count,
        **more,
    }


def api(tmp_path: Path, more: str = "", **files: Any) -> cj.Tables:
    contents = {f"{name}__json": json.dumps(value) for name, value in files.items()}
    return cj.read_sources(make_client(tmp_path, source("ga4_data_api", "*.json", more), **contents))


def test_an_answer_is_read_with_what_it_says_of_its_quality(tmp_path: Path) -> None:
    metadata = {
        "currencyCode": "RON", "timeZone": "Europe/Bucharest", "dataLossFromOtherRow": True,
        "subjectToThresholding": True, "samplingMetadatas": [{"samplesReadCount": "5"}],
    }  # fmt: skip
    rows = [["20260701", "/", "3", "12.5", "0.5"], ["20260702", "(not set)", "1", "0", "1"]]
    metrics = ["sessions", "totalRevenue", "engagementRate"]
    tables = api(tmp_path, a=answer(["date", "pagePath"], metrics, rows, 9, metadata=metadata))
    assert tables.observations.select("source_row", "metric", "unit", "value", "n").rows()[:3] == [
        (1, "engagement_rate", "share", 0.5, 3.0), (1, "revenue", "RON", 12.5, None),
        (1, "sessions", "sessions", 3.0, None),
    ]  # fmt: skip
    assert days(tables) == [("2026-07-01", "2026-07-01"), ("2026-07-02", "2026-07-02")]
    assert flags(tables) == ["not_set_rows:1", "other_row", "sampled", "thresholded", "truncated"]
    assert tables.sources["timezone"].to_list() == ["Europe/Bucharest"]


def test_a_query_whose_pages_are_all_there_is_whole(tmp_path: Path) -> None:
    pages = [answer(["country"], ["sessions"], [[name, "1"]], 2) for name in ("ES", "RO")]
    for folder, files in (("one", {"a": pages}), ("two", {"a": pages[0], "b": pages[1]}), ("half", {"a": pages[0]})):
        (tmp_path / folder).mkdir()
        tables = api(tmp_path / folder, JULY, **files)
        assert [each for each in flags(tables) if each == "truncated"] == ["truncated"] * (folder == "half")


def test_totals_are_checked_against_the_rows(tmp_path: Path) -> None:
    for events, there in (("8", []), ("9", ["total_differs"])):
        totals = [{"dimensionValues": [{"value": "RESERVED_TOTAL"}], "metricValues": [{"value": events}]}]
        report = answer(["eventName"], ["eventCount"], [["a", "5"], ["b", "3"]], totals=totals)
        assert flags(api(tmp_path, JULY, a=report)) == there


def test_names_of_client_libraries_and_lines_are_the_same(tmp_path: Path) -> None:
    report = answer(["nthDay"], ["screenPageViews"], [["0002", "5"]])
    snake = re.sub(r"(?<=[a-z])([HVC])(?=[a-z]+\":)", lambda match: "_" + match[1].lower(), json.dumps(report))
    assert "metric_values" in snake
    client = make_client(tmp_path, source("detect", "a.json", JULY), a__json=snake + "\n" + json.dumps(report) + "\n")
    tables = cj.read_sources(client)
    assert (said(tables), tables.sources["rows_merged"].sum()) == ([("views", 5.0, "day=2026-07-03")], 1)


def test_a_custom_dimension_of_numbers_is_no_metric(tmp_path: Path) -> None:
    tables = api(tmp_path, JULY, a=answer(["customEvent:card"], ["keyEvents:purchase"], [["77", "5"]]))
    assert said(tables) == [("keyevents:purchase", 5.0, "customevent:card=77")]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("{", (
            "a.json line 1: not valid JSON ('Expecting property name enclosed in double quotes'); "
            "a report of the Data API"
        )),
        ('{"rows": []}', 'a.json: no report of the Data API; "metricHeaders" and "rows" as runReport gives them'),
        (
            json.dumps(answer([], ["sessions"], [["1"], ["2", "3"]])),
            "a.json record 2: 2 metricValues; 1 as in the headers",
        ),
        (json.dumps(answer([], ["sessions"], [["x"]])), (
            "a.json record 1, column 'sessions': 'x' is not a whole number; a whole number, 0 or more "
            "with decimal '.'; "
            'decimal = "," or "." says which mark is which'
        )),
        (
            json.dumps(answer([], ["sessions"], [["1"]], pivotHeaders=[])),
            "a.json: a pivot report; a report of runReport; ask for it without pivots",
        ),
        (json.dumps(answer(["dateRange"], ["sessions"], [["a", "1"]])), (
            "a.json: several date ranges in one report, whose days it does not tell; "
            "ask for one range a report, or for the dimension date"
        )),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_a_fault(tmp_path: Path, content: str, fault: str) -> None:
    assert faults_of(make_client(tmp_path, source("ga4_data_api", "a.json", JULY), a__json=content)) == [fault]


# --- Plausible


def packed(members: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


ENDS = "20260701_20260702.csv"
VISITS = "visitors,visits,visit_duration,bounces,pageviews"
PLAUSIBLE = {
    f"imported_visitors_{ENDS}": "date,visitors,pageviews,bounces,visits,visit_duration\n"
    "2026-07-01,119,304,77,134,21070\n",
    f"imported_locations_{ENDS}": f'date,country,region,city,{VISITS}\n2026-07-01,"FR","FR-PAC",3027647,1,1,4,0,2\n',
    f"imported_browsers_{ENDS}": f'date,browser,browser_version,{VISITS}\n2026-07-01,"Safari","16.3",5,6,512,2,10\n',
    f"imported_exit_pages_{ENDS}": '"date","exit_page","visitors","visit_duration","exits","bounces","pageviews"\n',
}


def test_the_tables_of_plausible_are_totals_of_each_day(tmp_path: Path) -> None:
    client = make_client(tmp_path, source("detect", "p.zip"), p__zip=packed(PLAUSIBLE))
    tables = cj.read_sources(client)
    visitors = tables.observations.filter(pl.col("source_file").str.contains("visitors"))
    assert visitors.select("metric", "unit", "value").rows() == [
        ("bounces", "sessions", 77.0), ("sessions", "sessions", 134.0), ("users", "users", 119.0),
        ("views", "views", 304.0), ("visit_duration", "seconds", 21070.0),
    ]  # fmt: skip
    assert {pair for *_, pair in said(tables)} == {
        "day=2026-07-01", "city=3027647 country=FR day=2026-07-01 region=FR-PAC",
        "browser=Safari browser_version=16.3 day=2026-07-01",
    }  # fmt: skip
    assert tables.sources["flags"].to_list() == [[], ["no_rows"], [], []]
    assert tables.sources.select(pl.col("period_to").cast(pl.String)).to_series().unique().to_list() == ["2026-07-02"]


def test_the_tables_of_plausibles_dashboard_are_means_of_the_period_of_the_zip(tmp_path: Path) -> None:
    members = {
        "pages.csv": "name,visitors,pageviews,bounce_rate,time_on_page\n/,12,20,45,33\n",
        "utm_mediums.csv": "name,visitors,bounce_rate,visit_duration\nemail,3,50,70\n",
    }
    name = "Plausible export x.example 2026-07-01 to 2026-07-31.zip"
    (tmp_path / name).write_bytes(packed(members))
    tables = cj.read_sources(make_client(tmp_path, source("detect", name)))
    assert said(tables) == [
        ("average_time_on_page", 33.0, "page=/"), ("bounce_rate", 0.45, "page=/"), ("users", 12.0, "page=/"),
        ("views", 20.0, "page=/"), ("average_session_duration", 70.0, "medium=email"),
        ("bounce_rate", 0.5, "medium=email"),
        ("users", 3.0, "medium=email"),
    ]  # fmt: skip
    assert days(tables) == [("2026-07-01", "2026-07-31")]


def test_cells_of_plausible_that_cannot_be_are_told(tmp_path: Path) -> None:
    content = '"date","visitors","pageviews","bounces","visits","visit_duration"\n"01/07/2026",1,2,3,4.5,x\n'
    name = "imported_visitors_20260701_20260702.csv"
    (tmp_path / name).write_text(content)
    faults = faults_of(make_client(tmp_path, source("plausible_export", name)))
    assert [fault.partition(";")[0] for fault in faults] == [
        f"{name} line 2, column 'date': '01/07/2026' is not a date",
        f"{name} line 2, column 'visits': '4.5' is not a whole number",
        f"{name} line 2, column 'visit_duration': 'x' is not a duration",
    ]


# --- Matomo


def test_matomos_utf_16_is_read_in_the_api_s_names_and_in_translated_ones(tmp_path: Path) -> None:
    ours = "label,nb_uniq_visitors,nb_visits,nb_actions,bounce_rate,avg_time_on_site,revenue,metadata_logo\n"
    theirs = "Etiqueta,Visitants únics,Visites,Accions,Raó de rebots,Temps mitjà per visita,Ingressos,metadata_logo\n"
    rows = "Google©,11,12,17,82%,00:00:47,€ 12.5,x.png\nAltres,15,151,147,0,1 min 5s,0,y.png\n"
    found = []
    for place, header in enumerate((ours, theirs)):
        folder = tmp_path / str(place)
        folder.mkdir()
        client = make_client(
            folder, source("detect", "m.csv", JULY), m__csv=b"\xff\xfe" + (header + rows).encode("utf-16-le")
        )
        tables = cj.read_sources(client)
        found.append(said(tables))
        assert tables.sources.select("format", "encoding", "flags").row(0) == (
            "matomo_report",
            "utf-16-le",
            ["other_row"],
        )
    assert found[0] == found[1]
    assert found[0][:6] == [
        ("actions", 17.0, "label=Google©"), ("average_session_duration", 47.0, "label=Google©"),
        ("bounce_rate", 0.82, "label=Google©"), ("revenue", 12.5, "label=Google©"),
        ("sessions", 12.0, "label=Google©"), ("users", 11.0, "label=Google©"),
    ]  # fmt: skip


def test_matomos_days_weeks_and_months_are_read_also_as_tsv(tmp_path: Path) -> None:
    rows = "date\tnb_visits\n2026-07-01\t1\n2026-06-29,2026-07-05\t2\n2026-07\t3\n2026\t4\n"
    tables = cj.read_sources(make_client(tmp_path, source("detect", "m.tsv"), m__tsv=rows))
    assert days(tables) == [
        ("2026-07-01", "2026-07-01"), ("2026-06-29", "2026-07-05"), ("2026-07-01", "2026-07-31"),
        ("2026-01-01", "2026-12-31"),
    ]  # fmt: skip


def test_a_week_without_quotes_shifts_the_row_and_is_a_fault(tmp_path: Path) -> None:
    rows = "Date,Unique visitors,Visits,Actions\n2026-06-29,2026-07-05,10,12,40\n"
    assert faults_of(make_client(tmp_path, source("matomo_report", "m.csv"), m__csv=rows)) == [
        (
            "m.csv line 2: the week 2026-06-29,2026-07-05 has no quotes: every cell after it is shifted; "
            "4 cells as in the header; export it as TSV, or by the day"
        )
    ]


def test_a_report_of_matomo_without_data_has_no_rows(tmp_path: Path) -> None:
    tables = cj.read_sources(make_client(tmp_path, source("matomo_report", "m.csv"), m__csv="No data available"))
    assert tables.sources.select("rows_in", "flags").row(0) == (0, ["no_data", "no_rows"])


def test_percentages_and_bare_numbers_in_one_column_are_a_fault(tmp_path: Path) -> None:
    rows = "label,nb_visits,bounce_rate\na,1,50%\nb,2,0.5\n"
    assert faults_of(make_client(tmp_path, source("matomo_report", "m.csv", JULY), m__csv=rows)) == [
        "m.csv line 3, column 'bounce_rate': '0.5' has no %, other cells have; a share such as 54%"
    ]


# --- Search Console

SEARCH = source("search_console", "g*", 'touchpoint = "website"\n')
DAILY = "Date,Clicks,Impressions,CTR,Position\n2026-05-01,1,10,10%,2.5\n2026-05-02,0,0,0%,0\n"


def search(tmp_path: Path, more: str = "", **members: str) -> cj.Tables:
    archive = packed({name.replace("__", "."): content for name, content in members.items()})
    return cj.read_sources(make_client(tmp_path, SEARCH + more, g__zip=archive))


@pytest.mark.parametrize(
    ("header", "first"),
    [
        ("Top pages,Last 28 days {c},Previous 28 days {c}", True),
        ("Páginas principales,Últimos 28 días: {c},28 días anteriores: {c}", True),
        ("Pagine principali,{c} (28 giorni precedenti),{c} (ultimi 28 giorni)", False),
        ("Pàgines més visitades,2026-05-01 - 2026-05-28 {c},2026-04-03 - 2026-04-30 {c}", True),
    ],
)
def test_of_a_comparison_the_later_period_is_read(tmp_path: Path, header: str, first: bool) -> None:
    name, *pair = header.split(",")
    columns = [each.format(c=metric) for metric in ("Clicks", "Impressions", "CTR", "Position") for each in pair]
    own, other = ("6", "300", "2%", "12.1"), ("10", "280", "3.57%", "9.8")
    cells = [each for both in zip(*((own, other) if first else (other, own)), strict=True) for each in both]
    only_other = [each for _ in range(4) for each in (("", "7") if first else ("7", ""))]
    rows = [[name, *columns], ["https://x.example/", *cells], ["https://x.example/gone", *only_other]]
    tables = search(tmp_path, Pages__csv="\n".join(map(",".join, rows)), Dates__csv=DAILY)
    pages = tables.observations.filter(pl.col("source_file") == "g.zip/Pages.csv")
    assert pages.select("metric", "value").rows() == [("clicks", 6.0), ("impressions", 300.0), ("position", 12.1)]
    line = tables.sources.filter(pl.col("source_file") == "g.zip/Pages.csv")
    assert line.select("rows_in", "rows_used", "flags").row(0) == (
        2,
        1,
        ["compared_period:1", "compared_period_left_out"],
    )
    assert tables.left_out["why"].to_list() == ["compared_period"]


def test_what_was_not_shown_has_no_position(tmp_path: Path) -> None:
    tables = search(tmp_path, Dates__csv=DAILY)
    assert [each[:2] for each in said(tables)] == [
        ("clicks", 1.0), ("impressions", 10.0), ("position", 2.5), ("clicks", 0.0), ("impressions", 0.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "there"),
    [
        ("2025-01-01", "2025-05-12", False),
        ("2025-01-01", "2025-05-13", True),
        ("2026-04-27", "2026-09-30", True),
        ("2026-04-28", "2026-09-30", False),
    ],
)
def test_days_whose_impressions_are_wrong_are_flagged(tmp_path: Path, first: str, last: str, there: bool) -> None:
    period = f"period = {{ from = {first}, to = {last} }}\n"
    tables = search(tmp_path, period, Countries__csv="Country,Clicks,Impressions,CTR,Position\nSpain,1,2,50%,1\n")
    assert flags(tables) == ["impressions_error_2025_26"] * there


def test_filters_are_told_and_may_hold_the_period(tmp_path: Path) -> None:
    filters = "Filtra,Valor\nTipus de cerca,Web\nData,2026-07-01 - 2026-07-31\nPàgina,+/te\n"
    tables = search(
        tmp_path,
        Filtres__csv=filters,
        Consultes__csv="Consultes principals,Clics,Impressions,CTR,Posició\nte,1,2,50%,1\n",
    )
    assert (days(tables), flags(tables)) == ([("2026-07-01", "2026-07-31")], ["rare_queries_left_out", "filtered:1"])


def test_counts_may_be_grouped_where_the_decimal_mark_is_seen(tmp_path: Path) -> None:
    rows = 'Query,Clicks,Impressions,CTR,Position\nte,"1,234","45,678",2.7%,4.5\n'
    assert [value for _, value, _ in said(search(tmp_path, JULY, Queries__csv=rows))] == [1234.0, 45678.0, 4.5]
    rows = "Consultas;Clics;Impresiones;CTR;Posición\nte;1.234;45.678;2,7 %;4,5\n"
    assert [value for _, value, _ in said(search(tmp_path, JULY, Consultas__csv=rows))] == [1234.0, 45678.0, 4.5]


def test_the_export_is_read_as_a_workbook(tmp_path: Path) -> None:
    queries = table([["Top queries", "Clicks", "Impressions", "CTR", "Position"]]) + row(
        2,
        [text("A2", "te verd"), number("B2", "3"), number("C2", "90"), number("D2", "0.0333", 1), number("E2", "5.25")],
    )
    chart = table([["Date", "Clicks", "Impressions", "CTR", "Position"]]) + row(
        2,
        [
            number("A2", "46204", 2),
            number("B2", "3"),
            number("C2", "90"),
            number("D2", "0.0333", 1),
            number("E2", "5.25"),
        ],
    )
    filters = table([["Filter", "Value"], ["Search type", "Web"], ["Date", "Last 28 days"]])
    book = make_workbook(
        ("Chart", "", chart), ("Queries", "", queries), ("Filters", "", filters), formats=["0.00%", 14]
    )
    tables = cj.read_sources(make_client(tmp_path, source("detect", "g.xlsx"), g__xlsx=book))
    assert tables.sources.select("source_file", "format", "encoding").rows() == [
        ("g.xlsx/Chart.xlsx", "search_console", "xlsx"), ("g.xlsx/Queries.xlsx", "search_console", "xlsx"),
    ]  # fmt: skip
    assert said(tables)[3:] == [
        ("clicks", 3.0, "query=te verd"),
        ("impressions", 90.0, "query=te verd"),
        ("position", 5.25, "query=te verd"),
    ]
    assert days(tables) == [("2026-07-01", "2026-07-01")]


# --- Totals by client.toml's own mapping

OWN = source(
    "table",
    "a.csv",
    'kind = "observations"\n[sources.mapping]\nobserved_at = "date"\n[sources.dimensions]\npage = "page"\n',
)
OWN += '[sources.metrics]\nsessions = { column = "sessions", unit = "sessions" }\n'
OWN += 'time = { column = "avg_time", unit = "seconds" }\n'


def test_durations_are_seconds_and_a_line_of_totals_needs_no_day(tmp_path: Path) -> None:
    rows = "date,page,sessions,avg_time\n2026-07-01,/,3,0:01:10\n2026-07-02,/,4,12.5\n\n,,7,\n"
    tables = cj.read_sources(make_client(tmp_path, OWN, a__csv=rows))
    assert [each[:2] for each in said(tables)] == [("sessions", 3.0), ("time", 70.0), ("sessions", 4.0), ("time", 12.5)]
    assert tables.left_out.select("source_row", "why").rows() == [(5, "line_of_totals")]


def test_a_duration_that_may_be_two_things_is_a_fault(tmp_path: Path) -> None:
    client = make_client(tmp_path, OWN, a__csv="date,page,sessions,avg_time\n2026-07-01,/,3,1:10\n2026-07-01,/,3,-4\n")
    assert faults_of(client) == [
        "a.csv line 2, column 'avg_time': '1:10' is not a duration; a number, 0 or more",
        "a.csv line 3, column 'avg_time': '-4' is not a duration; a number, 0 or more",
    ]


# --- What tools call things


@pytest.mark.parametrize("tool", ["ga4", "plausible", "matomo", "search_console"])
def test_no_name_means_two_things(tool: str) -> None:
    vocabulary = load_vocabulary(tool)
    for kinds in (
        vocabulary.dimensions,
        {name: metric.names for name, metric in vocabulary.metrics.items()},
        vocabulary.times,
    ):
        found: dict[str, str] = {}
        for ours, theirs in kinds.items():
            assert len({header_key(name) for name in theirs}) >= 1
            for name in theirs:
                assert found.setdefault(header_key(name), ours) == ours, name
    assert all(metric.n == "" or metric.n in vocabulary.metrics for metric in vocabulary.metrics.values())


def test_a_fault_of_one_file_stops_no_other(tmp_path: Path) -> None:
    files = {"a1__csv": HEAD + DATES + "City,Views\nVic,x\n", "a2__csv": HEAD + DATES + "City,Views\nVic,3\n"}
    tables, faults = check_sources(make_client(tmp_path, source("ga4_report", "a*.csv"), **files))
    assert (len(faults), said(tables)) == (1, [("views", 3.0, "city=Vic")])


def test_nobody_is_in_totals(tmp_path: Path) -> None:
    client = make_client(
        tmp_path,
        source("ga4_report", "a.csv", 'keys = { user_id = "customer" }\n'),
        a__csv=HEAD + DATES + "City,Views\nVic,3\n",
    )
    with pytest.raises(SourceError, match="user_id"):
        cj.read_sources(client)
