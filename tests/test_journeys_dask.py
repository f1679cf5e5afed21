"""The same questions in many processes, by any executor and by dask.distributed: the laptop's answers, row for row."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fixtures.crowd import COLUMNS, assert_same, crowd, everything, shop

import cjtools as cj
from cjtools.errors import ParameterError
from cjtools.journeys.clusters import executors, work
from cjtools.journeys.clusters.executors import ask_with
from cjtools.journeys.questions import ask
from cjtools.journeys.store import Columns, order_events_of

ROWS = crowd()
THIRDS = [ROWS[:1_000], ROWS[1_000:1_001], ROWS[1_001:]]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> cj.Client:
    return shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def laptop(client: cj.Client, columns: Columns = COLUMNS, rows: pl.DataFrame = ROWS) -> work.Answers:
    store = order_events_of(rows, columns, client=client)
    return work.Answers(ask(store.buckets(), everything(client)), store.account)


def test_rows_dealt_to_pieces_give_the_laptops_answers(client: cj.Client, threads: Executor) -> None:
    told = laptop(client)
    found = ask_with(threads, THIRDS, everything(client), columns=COLUMNS, client=client, pieces=5)
    assert_same(found.tables, told.tables)
    assert found.account == told.account
    assert found.account.left_out == {"no profile": 215, "no time": 0, "bot": 71, "duplicate": 133}


def test_parts_of_whole_profiles_are_asked_as_they_are(client: cj.Client, threads: Executor) -> None:
    parts = ROWS.with_columns(part=pl.col("who").cast(pl.Int64).fill_null(0) % 3).partition_by("part")
    found = ask_with(threads, parts, everything(client), columns=COLUMNS, client=client)
    assert_same(found.tables, laptop(client).tables)


@pytest.mark.parametrize("shift", [1, 999, 4_000])
def test_the_order_of_the_rows_does_not_matter_where_a_column_gives_it(
    client: cj.Client, threads: Executor, shift: int
) -> None:
    turned = pl.concat([ROWS[shift:], ROWS[:shift]])
    found = ask_with(
        threads, [turned[:2_000], turned[2_000:]], everything(client), columns=COLUMNS, client=client, pieces=2
    )
    assert_same(found.tables, laptop(client).tables)


def test_without_such_a_column_the_place_in_the_parts_counts_as_on_the_laptop(
    client: cj.Client, threads: Executor
) -> None:
    columns = replace(COLUMNS, order=())
    turned = ROWS.reverse()
    told, other = laptop(client, columns), laptop(client, columns, turned)
    found = ask_with(threads, THIRDS, everything(client), columns=columns, client=client, pieces=3)
    assert_same(found.tables, told.tables)
    again = ask_with(threads, [turned], everything(client), columns=columns, client=client, pieces=3)
    assert_same(again.tables, other.tables)


def test_given_sessions_are_the_laptops_too(client: cj.Client, threads: Executor) -> None:
    columns = replace(COLUMNS, session="visit")
    found = ask_with(threads, THIRDS, everything(client), columns=columns, client=client, pieces=4)
    assert_same(found.tables, laptop(client, columns).tables)


def test_files_and_a_shared_folder_give_the_same(client: cj.Client, threads: Executor, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.parquet" for number in range(3)]
    for path, rows in zip(paths, THIRDS, strict=True):
        rows.write_parquet(path)
    folder = tmp_path / "pieces"
    folder.mkdir()
    found = ask_with(threads, paths, everything(client), columns=COLUMNS, client=client, pieces=3, folder=folder)
    assert_same(found.tables, laptop(client).tables)
    assert len(list(folder.iterdir())) > 3


def test_a_part_larger_than_the_memory_waits_on_disk(
    client: cj.Client, threads: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "ROWS", 500)
    kept: list[int] = []
    hold = work.hold

    def watched(frames: Any, folder: Path, *, memory: int) -> pl.LazyFrame | None:
        held = hold(frames, folder, memory=memory)
        kept.append(len(list(folder.iterdir())))
        return held

    monkeypatch.setattr(work, "hold", watched)
    found = ask_with(
        threads, THIRDS, everything(client), columns=COLUMNS, client=client, pieces=2, memory=40_000
    )  # fmt: skip
    assert min(kept) > 1
    assert_same(found.tables, laptop(client).tables)


def test_processes_that_share_nothing_give_the_same(client: cj.Client) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        found = ask_with(pool, THIRDS, everything(client), columns=COLUMNS, client=client, pieces=2)
    assert_same(found.tables, laptop(client).tables)


def test_only_the_columns_that_count_are_read(threads: Executor) -> None:
    assert work.needed(COLUMNS) == ["who", "at", "event", "page", "channel", "value", "row", "bot"]
    read = list(executors.batches_of(ROWS, COLUMNS))
    assert read[0].columns == work.needed(COLUMNS)


def test_columns_that_a_part_lacks_are_all_named(threads: Executor, client: cj.Client) -> None:
    with pytest.raises(ParameterError) as caught:
        ask_with(threads, [ROWS.drop("page", "bot")], everything(client), columns=COLUMNS, client=client, pieces=2)
    assert [fault.found for fault in caught.value.faults] == ["there is no column 'page'", "there is no column 'bot'"]


def test_workers_of_two_versions_of_polars_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"polars: 2\.1\.0 and 2\.2\.0; one version on all of them"):
        executors.refuse_mixed(["2.2.0", "2.1.0", "2.2.0"])


def test_two_questions_of_one_name_are_refused(client: cj.Client, threads: Executor) -> None:
    question = everything(client)[0]
    with pytest.raises(ParameterError, match="two are called"):
        ask_with(threads, THIRDS, [question, question], columns=COLUMNS, client=client, pieces=2)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed: the extra `dask`")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, memory_limit=0
        ) as local,
        distributed.Client(local) as told,
    ):
        yield told


def test_dask_gives_the_laptops_answers(client: cj.Client, cluster: Any) -> None:
    from cjtools.journeys.clusters.dask import ask_dask

    told = laptop(client)
    found = ask_dask(cluster, THIRDS, everything(client), columns=COLUMNS, client=client, pieces=4)
    assert_same(found.tables, told.tables)
    assert found.account == told.account


def test_dask_asks_parts_of_whole_profiles_as_they_are(client: cj.Client, cluster: Any) -> None:
    from cjtools.journeys.clusters.dask import ask_dask

    parts = ROWS.with_columns(part=pl.col("who").cast(pl.Int64).fill_null(0) % 3).partition_by("part")
    found = ask_dask(cluster, parts, everything(client), columns=COLUMNS, client=client)
    assert_same(found.tables, laptop(client).tables)


def test_dasks_own_executor_is_an_executor_too(client: cj.Client, cluster: Any) -> None:
    with cluster.get_executor() as pool:
        found = ask_with(pool, THIRDS, everything(client), columns=COLUMNS, client=client, pieces=2)
    assert_same(found.tables, laptop(client).tables)
