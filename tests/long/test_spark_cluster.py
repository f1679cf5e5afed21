"""A standalone Spark cluster on the loopback, a master and two workers: the laptop's answers, row for row.

    pytest -n0 tests/long/test_spark_cluster.py

Needs the extra `spark` and Java. It takes about a minute, most of it to start and stop four Java machines.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from fixtures.crowd import COLUMNS, assert_same, crowd, everything, shop
from fixtures.local_spark import ENVIRONMENT, need_spark, session

from cjtools.journeys.clusters.spark import ask_spark
from cjtools.journeys.questions import ask
from cjtools.journeys.store import order_events_of

PATIENCE = 120  # seconds for a Java machine to say that it listens
EVENTS = 20_000


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def start(stack: ExitStack, log: Path, name: str, *arguments: str) -> None:
    """Start a Java machine of Spark, which ends with the stack."""
    import pyspark

    home = Path(pyspark.__file__).parent
    with log.open("w") as told:
        process = subprocess.Popen(
            [home / "bin" / "spark-class", f"org.apache.spark.deploy.{name}", *arguments],
            env={**os.environ, **ENVIRONMENT, "SPARK_HOME": str(home), "SPARK_WORKER_DIR": str(log.parent / "work")},
            stdout=told,
            stderr=subprocess.STDOUT,
        )
    stack.callback(process.wait, 30)
    stack.callback(process.terminate)


def wait_for(log: Path, words: str) -> None:
    """Wait until a log says something."""
    deadline = time.monotonic() + PATIENCE
    while words not in log.read_text("utf-8", "replace"):
        assert time.monotonic() < deadline, log.read_text("utf-8", "replace")
        time.sleep(0.2)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    need_spark()
    folder, port = tmp_path_factory.mktemp("spark"), free_port()
    (folder / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
    os.environ["SPARK_CONF_DIR"] = str(folder)
    with ExitStack() as stack:
        ports = ["--port", str(port), "--webui-port", str(free_port())]
        start(stack, folder / "master.log", "master.Master", "--host", "127.0.0.1", *ports)
        wait_for(folder / "master.log", "I have been elected leader")
        for number in (1, 2):
            own = ["--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", str(free_port())]
            log = folder / f"worker{number}.log"
            start(stack, log, "worker.Worker", *own, f"spark://127.0.0.1:{port}")
            wait_for(log, "Successfully registered with master")
        started = session(f"spark://127.0.0.1:{port}", {"spark.executor.memory": "768m"})
        stack.callback(started.stop)
        yield started


LOGGING = """
rootLogger.level = info
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c{1}: %m%n
"""


def test_both_workers_work(spark: Any) -> None:
    def who_works(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Say which executor works on a part: the folder in which it runs."""
        for _ in batches:
            pass
        time.sleep(0.5)  # so that the other one takes a part as well
        yield pa.RecordBatch.from_pydict({"where": [str(Path.cwd())]})

    places = spark.range(8).repartition(6).mapInArrow(who_works, "where string").toArrow().to_pydict()["where"]
    assert len(set(places)) == 2


def test_two_workers_give_the_laptops_answers(spark: Any, tmp_path: Path) -> None:
    client, rows = shop(tmp_path), crowd(EVENTS)
    rows.write_parquet(tmp_path / "crowd.parquet")
    store = order_events_of(rows, COLUMNS, client=client)
    told = ask(store.buckets(), everything(client))
    for partitions in (2, 7):
        frame = spark.read.parquet(str(tmp_path / "crowd.parquet"))
        found = ask_spark(frame, everything(client), columns=COLUMNS, client=client, partitions=partitions)
        assert_same(found.tables, told)
        assert found.account == store.account
