"""The reports and explorations of Google Analytics 4: tables, days, names in five languages, lines of totals."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from fixtures.totals import DATES, EXPLORED, HEAD, JULY, RULE, days, flags, ga4, ga4_faults, said


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
    # As Google's help pages call engagement.
    "ca_help": ("Grup de canals principal de la sessió (Grup de canals predeterminat),Sessions,"
                "Sessions amb implicació,Percentatge d'implicació,Temps d'implicació mitjà per sessió,"
                "Nombre d'esdeveniments,Esdeveniments clau,Ingressos totals"),
    "ro_help": ("Grupul de canale principal al sesiunii (Grup de canale prestabilit),Sesiuni,"
                "Sesiuni cu interacțiune,Rata de interacțiune,Durata medie a interacțiunii per sesiune,"
                "Numărul de evenimente,Evenimente importante,Venituri totale"),
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
