"""The SQL for warehouses: it parses, it is safe to fill, and its result becomes the events that the reader makes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import EXAMPLE, SHARED
from fixtures.exported import DAYS, FOLLOWED, ROWS, nested, read_both
from fixtures.make_client import make_client
from fixtures.web import WEB, event, ndjson
from polars.testing import assert_frame_equal

import cjtools as cj
from cjtools.errors import ParameterError, SourceError
from cjtools.journeys import order_events
from cjtools.journeys.warehouse import DIALECTS, ga4_query, read_result
from cjtools.journeys.warehouse.results import COLUMNS
from cjtools.sources.readers.ga4_parameters import PARAMETERS

TABLES = {"bigquery": "acme-web.analytics_1.events", "snowflake": "MAIN.GA4.EVENTS", "spark": "main.ga4.events"}


def query(dialect: str, days: tuple[dt.date, dt.date] = DAYS) -> str:
    first, last = days
    return ga4_query(dialect, table=TABLES[dialect], first=first, last=last)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_of_every_dialect_parses_and_names_the_columns_that_are_read(dialect: str) -> None:
    sqlglot = pytest.importorskip("sqlglot", reason="sqlglot is not installed: it checks the SQL")
    statements = sqlglot.parse(query(dialect), read=dialect)
    assert len(statements) == 1
    assert sorted(column.alias_or_name for column in statements[0].selects) == sorted(COLUMNS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_takes_every_parameter_that_the_reader_takes_by_itself(dialect: str) -> None:
    sql = query(dialect)
    for key in PARAMETERS:
        assert f"key = '{key}'" in sql
    assert "JOIN" not in sql.upper()
    assert sql.isascii() or dialect == "bigquery"


@pytest.mark.parametrize(
    ("dialect", "table"),
    [
        ("bigquery", "acme-web.analytics_1.events`; DROP TABLE x; --"),
        ("bigquery", "events"),
        ("bigquery", "acme-web.analytics-1.events"),
        ("snowflake", "a.b.c.d"),
        ("snowflake", 'a."b'),
        ("spark", "a b"),
        ("spark", "a;b"),
        ("spark", "a\n"),
        ("spark", ""),
    ],
)
def test_a_table_is_only_names_and_dots(dialect: str, table: str) -> None:
    with pytest.raises(ParameterError, match="is no name of a table"):
        ga4_query(dialect, table=table, first=DAYS[0], last=DAYS[1])


def test_everything_that_is_wrong_with_a_query_is_said_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        ga4_query("bigqery", table="x", first=dt.date(2026, 7, 2), last=dt.date(2026, 7, 1))
    assert [str(fault) for fault in caught.value.faults] == [
        "dialect: 'bigqery' is none of the dialects; did you mean 'bigquery'?",
        "last: 2026-07-01 is before 2026-07-02; the last day, itself included",
    ]


def by_duckdb(rows: pl.DataFrame, days: tuple[dt.date, dt.date] = DAYS) -> pl.DataFrame:
    """The result of BigQuery's SQL over nested rows, run by DuckDB.

    sqlglot turns it into DuckDB's SQL. Two things are replaced by hand: the daily tables by one, and the places of the
    parameters, whose name sqlglot 30 loses.
    """
    sqlglot = pytest.importorskip("sqlglot", reason="sqlglot is not installed: it turns BigQuery's SQL into DuckDB's")
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed: it runs BigQuery's SQL")
    sql = sqlglot.transpile(query("bigquery", days), read="bigquery", write="duckdb")[0]
    places = "(SELECT UNNEST(event_params, max_depth := 2), generate_subscripts(event_params, 1) AS place)"
    changed = sql.replace("UNNEST(event_params) WITH ORDINALITY", places)
    changed = changed.replace('"acme-web"."analytics_1"."events_*"', "daily")
    assert changed.count(places) == len(PARAMETERS)
    with duckdb.connect() as connection:
        connection.register("daily", rows.with_columns(_TABLE_SUFFIX="event_date").to_arrow())
        return pl.DataFrame(connection.sql(changed).to_arrow_table())


def test_days_that_were_not_asked_for_stay_in_the_warehouse() -> None:
    day = dt.date(2026, 7, 2)
    assert by_duckdb(nested(ROWS), (day, day)).height == 1


def followed(tables: cj.Tables) -> pl.DataFrame:
    return order_events(tables.events).select(FOLLOWED)


def said(tables: cj.Tables) -> pl.DataFrame:
    """All events, those that are not followed too, in an order of their own."""
    return tables.events.select(FOLLOWED).collect().sort(FOLLOWED, nulls_last=True)


def test_bigquerys_sql_gives_the_events_of_the_reader(tmp_path: Path) -> None:
    read, flat = read_both(tmp_path, ROWS, by_duckdb(nested(ROWS)))
    assert_frame_equal(followed(flat), followed(read))
    assert_frame_equal(said(flat), said(read))
    assert_frame_equal(flat.identities, read.identities)
    assert flat.sources.select("rows_in", "rows_used", "rows_merged", "flags").row(0) == (
        *read.sources.select("rows_in", "rows_used", "rows_merged").row(0),
        read.sources["flags"][0].to_list(),
    )
    assert flat.sources["rows_merged"][0] == 1


def test_the_example_clients_export_gives_the_same_events_through_the_sql(tmp_path: Path) -> None:
    rows = pl.read_parquet(EXAMPLE / "web" / "events.parquet").head(6_000)
    click = pl.col("session_traffic_source_last_click").struct
    none = pl.lit(None, pl.Struct(dict.fromkeys(("source", "medium", "campaign_name"), pl.String)))
    whole = rows.with_columns(
        click.with_fields(cross_channel_campaign=none, google_ads_campaign=none).name.keep()
        if rows["session_traffic_source_last_click"].dtype != pl.Null
        else pl.lit(None)
    )
    rows.write_parquet(tmp_path / "web.parquet")
    client = make_client(tmp_path, WEB)
    by_duckdb(whole).sample(fraction=1, shuffle=True, seed=1).write_parquet(client.folder / "flat.parquet")
    read = cj.read_sources(client)
    flat = read_result([client.folder / "flat.parquet"], section=client.sources[0], client=client, order=0)
    assert_frame_equal(followed(flat), followed(read))
    assert_frame_equal(said(flat), said(read))
    assert_frame_equal(flat.identities, read.identities)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")
def test_real_rows_of_the_export_give_the_same_events_through_the_sql(tmp_path: Path) -> None:
    folder = SHARED / "samples" / "web_analytics" / "ga4_bigquery_events"
    lines = [line for path in sorted(folder.glob("*.ndjson")) for line in path.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines]
    years = (dt.date(2020, 1, 1), dt.date(2026, 12, 31))
    read, flat = read_both(tmp_path, rows, by_duckdb(nested(rows), years))
    assert read.sources["rows_in"].sum() == flat.sources["rows_in"].sum() == 9
    assert_frame_equal(said(flat), said(read))


FLAT: dict[str, Any] = {"event_timestamp": 1_782_900_000_000_000, "user_pseudo_id": "u", "param_ga_session_id": "1"}


def result_of(tmp_path: Path, rows: pl.DataFrame) -> cj.Tables:
    client = make_client(tmp_path, WEB, web__ndjson="")
    path = client.folder / "flat.arrow"
    rows.write_ipc(path)
    return read_result([path], section=client.sources[0], client=client, order=0)


def test_events_of_one_time_stand_in_the_order_of_their_content_whatever_came_first(tmp_path: Path) -> None:
    rows = pl.DataFrame([FLAT | {"event_name": name} for name in "bca"])
    first, again = result_of(tmp_path / "a", rows), result_of(tmp_path / "b", rows.reverse())
    assert followed(first)["event_name"].to_list() == ["a", "b", "c"]
    assert_frame_equal(followed(first), followed(again))


def test_columns_that_an_old_export_lacks_are_null(tmp_path: Path) -> None:
    events = followed(result_of(tmp_path, pl.DataFrame([FLAT | {"event_name": "page_view"}])))
    assert events.select("profile_id", "session_id", "source", "page").row(0) == ("web:u", "u.1", None, None)


def test_what_is_no_result_of_the_query_is_refused_with_every_fault(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        result_of(tmp_path, pl.DataFrame({"event_name": ["x"], "param_source": [["x"]]}))
    assert [str(fault) for fault in caught.value.faults] == [
        "flat.arrow, column 'event_timestamp': missing; the columns of ga4_query",
        "flat.arrow, column 'user_pseudo_id': missing; the columns of ga4_query",
        "flat.arrow, column 'param_source': nested; flat, as ga4_query gives it",
    ]


def test_rows_without_a_time_are_refused(tmp_path: Path) -> None:
    rows = pl.DataFrame([FLAT | {"event_name": "a"}, FLAT | {"event_name": "b", "event_timestamp": None}])
    with pytest.raises(SourceError, match=r"flat\.arrow row 2, column 'event_timestamp'"):
        result_of(tmp_path, rows)


def test_a_file_that_is_no_result_is_refused(tmp_path: Path) -> None:
    client = make_client(tmp_path, WEB, web__ndjson="")
    path = client.folder / "x.parquet"
    path.write_bytes(ndjson(event()).encode())
    with pytest.raises(SourceError, match="neither Parquet nor an Arrow file"):
        read_result([path], section=client.sources[0], client=client, order=0)
