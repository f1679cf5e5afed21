"""The totals that Plausible and Matomo export: zips of tables, translated names, shifted rows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from fixtures.make_client import faults_of, make_client
from fixtures.totals import JULY, days, packed, said, source

import cjtools as cj

# --- Plausible


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
