"""The exports of Search Console: comparisons, filters, wrong impressions, workbooks."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from fixtures.make_client import make_client
from fixtures.make_workbook import make_workbook, number, row, table, text
from fixtures.totals import JULY, days, flags, packed, said, source

import cjtools as cj
from cjtools.sources.readers import search_console

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
    "name", ["Query più frequenti", "Consultas principales", "Consultes principals", "Top queries"]
)
def test_a_table_under_another_name_is_known_by_its_header(tmp_path: Path, name: str) -> None:
    tables = search(tmp_path, JULY, x__csv=f"{name},Clic,Impressioni,CTR,Posizione\nmanta,1,2,50%,1\n")
    assert {pair for *_, pair in said(tables)} == {"query=manta"}


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


def test_a_header_of_five_columns_above_an_empty_line_is_none_of_its_own(tmp_path: Path) -> None:
    text = 'date,name,link,path,"visit\n\nors",events\n2026-07-02,Outbound,https://pay.example/,,3,4\n'
    file = tmp_path / "events.csv"
    file.write_text(text)
    assert search_console.detect(file, text.encode()) == 0.0
