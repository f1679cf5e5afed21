"""Totals of the web by client.toml's own mapping, what tools call things, and what all readers of totals share."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.totals import DATES, HEAD, said, source

import cjtools as cj
from cjtools.errors import SourceError
from cjtools.sources import check_sources
from cjtools.sources.parsing.vocabulary import header_key, load_vocabulary

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
