"""The export of Search Console in five languages, and cells of it that cannot be."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.web import HEADERS, packed

import cjtools as cj

SEARCH = '[[sources]]\nid = "gsc"\npath = "gsc*"\nformat = "search_console"\ntouchpoint = "website"\n'


@pytest.mark.parametrize("name", HEADERS)
def test_the_export_is_read_in_five_languages(tmp_path: Path, name: str) -> None:
    days = "Date,Clicks,Impressions,CTR,Position\n2026-05-01,1,10,10%,2.5\n2026-05-02,0,0,0%,0\n"
    archive = packed(
        **{name: HEADERS[name] + "\nlli a mida,4,96,4.17%,5.3\n", "Dates__csv": days, "Filters__csv": "Filter,Value\n"}
    )
    tables = cj.read_sources(make_client(tmp_path, SEARCH, gsc__zip=archive))
    query = tables.observations.filter(pl.col("source_file") == f"gsc.zip/{name}")
    assert query.select("metric", "unit", "value", "n", pl.col("period_to").cast(pl.String), "dimensions").rows() == [
        ("clicks", "count", 4.0, 96.0, "2026-05-02", [{"name": "query", "value": "lli a mida"}]),
        ("impressions", "count", 96.0, None, "2026-05-02", [{"name": "query", "value": "lli a mida"}]),
        ("position", "rank", 5.3, 96.0, "2026-05-02", [{"name": "query", "value": "lli a mida"}]),
    ]
    assert tables.sources.select("source_file", "rows_in", "flags").sort("source_file").rows() == sorted(
        [("gsc.zip/Dates.csv", 2, []), (f"gsc.zip/{name}", 1, ["rare_queries_left_out"])]
    )


def test_decimal_commas_and_semicolons_are_read(tmp_path: Path) -> None:
    rows = "Páginas principales;Clics;Impresiones;CTR;Posición\nhttps://x.es/;5;100;5,0 %;8,3\n"
    tables = cj.read_sources(
        make_client(tmp_path, SEARCH + "period = { from = 2026-05-01, to = 2026-05-31 }\n", gsc_paginas__csv=rows)
    )
    assert tables.observations["value"].to_list() == [5.0, 100.0, 8.3]


def test_an_export_without_days_needs_a_period(tmp_path: Path) -> None:
    client = make_client(tmp_path, SEARCH, gsc__zip=packed(Queries__csv=HEADERS["Queries.csv"] + "\na,1,2,50%,1\n"))
    assert faults_of(client) == [
        (
            "client.toml, source 'gsc': the export does not tell its days; "
            "add period = { from = 2026-07-01, to = 2026-09-30 }"
        )
    ]


def test_cells_that_cannot_be_are_told(tmp_path: Path) -> None:
    rows = HEADERS["Queries.csv"] + "\na,9,2,50%,1\nb,1,2,0.5,1\nc,x,2,50%,0.5\n"
    client = make_client(tmp_path, SEARCH, gsc__zip=packed(Queries__csv=rows))
    assert faults_of(client) == [
        "gsc.zip/Queries.csv line 4, column 'Clicks': 'x' is not a whole number",
        "gsc.zip/Queries.csv line 2, column 'Impressions': '2' is not a whole number, at least the clicks",
        "gsc.zip/Queries.csv line 4, column 'Impressions': '2' is not a whole number, at least the clicks",
        "gsc.zip/Queries.csv line 3, column 'CTR': '0.5' is not a share such as 4.17%",
        "gsc.zip/Queries.csv line 4, column 'Position': '0.5' is not a position, 1 or more",
    ]


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("a,b,c,d,e,f,g,h,i", "two periods are compared in this export; one period; export it without comparison"),
        ("a,b", "2 columns; 5: name, clicks, impressions, CTR, position"),
        (
            "Foo,Clicks,Impressions,CTR,Position",
            (
                "column 'Foo' is not known; queries, pages, countries, devices or dates; "
                "rename the file to Queries.csv, Pages.csv, Countries.csv, Devices.csv or Dates.csv"
            ),
        ),
    ],
)
def test_what_is_no_table_of_the_export_is_a_fault(tmp_path: Path, header: str, fault: str) -> None:
    client = make_client(tmp_path, SEARCH, gsc__zip=packed(foo__csv=header + "\n"))
    assert faults_of(client) == [f"gsc.zip/foo.csv line 1: {fault}"]
