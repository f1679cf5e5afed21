"""The answers of Google Analytics 4's Data API: what they say of their own quality, pages of one query."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.totals import JULY, days, flags, said, source

import cjtools as cj


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
