"""The same questions on Spark, in local mode with two cores: the laptop's answers, row for row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fixtures.crowd import COLUMNS, assert_same, crowd, everything, shop
from fixtures.exported import DAYS, ROWS, nested, read_both
from fixtures.local_spark import need_spark, session
from polars.testing import assert_frame_equal

import cjtools as cj
from cjtools.errors import ParameterError
from cjtools.journeys.clusters.spark import ask_spark, by_profile, quoted
from cjtools.journeys.clusters.work import Answers, in_any_order
from cjtools.journeys.questions import ask
from cjtools.journeys.store import Columns, order_events_of
from cjtools.journeys.warehouse import ga4_query

CROWD = crowd()


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    need_spark()
    started = session("local[2]")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> cj.Client:
    return shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def rows(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("events") / "crowd.parquet"
    CROWD.write_parquet(path)
    return spark.read.parquet(str(path))


def laptop(client: cj.Client, columns: Columns = COLUMNS) -> Answers:
    store = order_events_of(CROWD, columns, client=client)
    return Answers(ask(store.buckets(), everything(client)), store.account)


def test_every_question_has_the_laptops_answer(client: cj.Client, rows: Any) -> None:
    told = laptop(client)
    found = ask_spark(rows, everything(client), columns=COLUMNS, client=client)
    assert_same(found.tables, told.tables)
    assert found.account == told.account


def test_neither_the_parts_nor_the_order_of_the_rows_show(client: cj.Client, rows: Any) -> None:
    turned = rows.orderBy("page", "at")
    found = ask_spark(turned, everything(client), columns=COLUMNS, client=client, partitions=5)
    assert_same(found.tables, laptop(client).tables)


def test_given_sessions_and_a_memory_too_small_for_a_part(client: cj.Client, rows: Any) -> None:
    columns = replace(COLUMNS, session="visit")
    found = ask_spark(rows, everything(client), columns=columns, client=client, partitions=1, memory=50_000)
    assert_same(found.tables, laptop(client, columns).tables)


def test_without_a_column_for_ties_their_content_orders_them(client: cj.Client, rows: Any) -> None:
    columns = replace(COLUMNS, order=())
    found = ask_spark(rows, everything(client), columns=columns, client=client, partitions=2)
    assert_same(found.tables, laptop(client, in_any_order(columns)).tables)


def test_events_of_nobody_are_spread_over_the_parts_and_counted(rows: Any) -> None:
    from pyspark.sql import functions

    nobody = by_profile(rows.filter("who is null"), COLUMNS, 4).withColumn("part", functions.spark_partition_id())
    assert nobody.select("part").distinct().count() == 4


def test_columns_that_are_not_there_are_all_named(client: cj.Client, rows: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        ask_spark(rows.drop("page", "bot"), everything(client), columns=COLUMNS, client=client)
    assert [fault.found for fault in caught.value.faults] == ["there is no column 'page'", "there is no column 'bot'"]


def test_a_column_with_a_dot_is_taken_literally(spark: Any) -> None:
    frame = spark.sql("select 1 as `a.b``c`")
    assert frame.select(quoted("a.b`c")).toArrow().to_pydict() == {"a.b`c": [1]}


def test_sparks_sql_for_the_export_gives_the_events_of_the_reader(spark: Any, tmp_path: Path) -> None:
    nested(ROWS).write_parquet(tmp_path / "export.parquet")
    spark.read.parquet(str(tmp_path / "export.parquet")).createOrReplaceTempView("events")
    first, last = DAYS
    flat = spark.sql(ga4_query("spark", table="events", first=first, last=last)).toArrow()
    read, made = read_both(tmp_path, ROWS, pl.DataFrame(flat))
    by = ["profile_id", "timestamp", "tiebreak", "event_name", "page", "consent"]
    told = [tables.events.drop("event_id", "source_file", "source_row", "source_order") for tables in (made, read)]
    assert_frame_equal(*(each.collect().sort(by, nulls_last=True).drop("tiebreak") for each in told))
