"""The same questions on Spark beside the laptop engine and one window query of Spark's own, and where a cluster pays.

    python benchmarks/journeys/spark.py --rows 1000000 10000000 [--rounds 2] [--cores 2] [--parts N] [--seed 1] [--ties]

Needs the extra `spark` and Java. Every way runs in a process of its own, interleaved: "window" is Spark SQL's sessions
of thirty minutes by entry channel and nothing else; "spark" all questions by mapInArrow; "laptop" the same questions in
one process. Spark runs in local mode on the loopback, with as many cores as the laptop engine. To start a session is
told apart. Processor time is that of the whole tree of processes, Java and Python; memory the sum of their highest.
Exits with 1 where the answers differ.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent))
import generator
from processes import highest, spent
from ways.ours import COLUMNS, QUESTIONS

from cjtools.client import load_client
from cjtools.journeys.clusters.work import Answers
from cjtools.journeys.questions import Question, ask
from cjtools.journeys.store import order_events_of

ORDERED = replace(COLUMNS, order=("event_id",))  # Spark's rows have no position that could break ties
ROWS_OF_A_PART = 1_000_000
Line = tuple[float, float]
MACHINES = (2, 4, 8, 16, 32, 64)
SESSIONS = """
WITH marked AS (
  SELECT user_id, ts, event_id, channel,
    CASE WHEN lag(ts) OVER w IS NULL OR ts > (lag(ts) OVER w) + INTERVAL 30 MINUTES THEN 1 ELSE 0 END AS begins
  FROM events WINDOW w AS (PARTITION BY user_id ORDER BY ts, event_id)
)
SELECT channel, count(*) AS sessions FROM marked WHERE begins = 1 GROUP BY channel ORDER BY channel NULLS LAST
"""


def digest(tables: Mapping[str, Mapping[str, pl.DataFrame]]) -> str:
    """Return a short digest of all tables, row for row."""
    found = hashlib.sha256()
    for question, frames in sorted(tables.items()):
        for name, frame in sorted(frames.items()):
            found.update(f"{question} {name} {frame.schema}".encode())
            found.update(json.dumps(frame.rows(), default=str).encode())
    return found.hexdigest()[:16]


def told(answers: Answers) -> dict[str, object]:
    """Return what is compared of answers."""
    visits = answers.tables["visits"]["visits"]
    sessions = dict(visits.select("channel", "n").sort("channel", nulls_last=True).iter_rows())
    return {"sessions": {str(name): n for name, n in sessions.items()}, "digest": digest(answers.tables)}


def started(given: argparse.Namespace) -> Any:
    """Return a session of Spark on the loopback."""
    from pyspark.sql import SparkSession

    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable)
    config = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "4g",
        "spark.executorEnv.POLARS_MAX_THREADS": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(given.parts),
        "spark.ui.enabled": "false",
    }
    builder = SparkSession.builder.master(f"local[{given.cores}]")
    for name, value in config.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def window(given: argparse.Namespace) -> Callable[[], dict[str, object]]:
    """Return what asks for the sessions alone, in Spark SQL, once Spark has started."""
    spark = started(given)

    def ask_sql() -> dict[str, object]:
        spark.read.parquet(*files_of(given)).createOrReplaceTempView("events")
        rows = spark.sql(SESSIONS).toArrow().to_pydict()
        return {"sessions": {str(name): n for name, n in zip(*rows.values(), strict=True)}}

    return ask_sql


def on_spark(given: argparse.Namespace) -> Callable[[], dict[str, object]]:
    """Return what asks all questions by mapInArrow, once Spark has started."""
    from cjtools.journeys.clusters.spark import ask_spark

    spark, client = started(given), load_client(given.data)

    def ask_all() -> dict[str, object]:
        events = spark.read.parquet(*files_of(given))
        return told(ask_spark(events, everything(), columns=ORDERED, client=client, partitions=given.parts))

    return ask_all


def on_laptop(given: argparse.Namespace) -> Callable[[], dict[str, object]]:
    """Return what asks all questions in this process."""
    files, client = files_of(given), load_client(given.data)

    def ask_all() -> dict[str, object]:
        store = order_events_of(files, ORDERED, client=client)
        return told(Answers(ask(store.buckets(), everything(), threads=given.cores), store.account))

    return ask_all


def files_of(given: argparse.Namespace) -> list[str]:
    """Return the files of events, in their order."""
    return [str(file) for file in sorted(given.data.glob("events-*.parquet"))]


def everything() -> list[Question]:
    """Return all questions of the benchmark."""
    return [question for asked in QUESTIONS.values() for question in asked()]


PREPARE = {"window": window, "spark": on_spark, "laptop": on_laptop}


def child(given: argparse.Namespace) -> dict[str, object]:
    """Return what one way answers and costs, its start apart."""
    begun = time.perf_counter()
    run = PREPARE[given.way](given)
    start = time.perf_counter() - begun
    begun, before = time.perf_counter(), spent()
    answer = run()
    wall, cpu = time.perf_counter() - begun, spent() - before
    return {**answer, "start": start, "wall": wall, "cpu": cpu, "peak": highest()}


def run_child(given: argparse.Namespace, way: str, data: Path, parts: int) -> dict[str, Any]:
    """Run one way in a process of its own and return what it told."""
    command = [sys.executable, __file__, "--way", way, "--data", str(data), "--parts", str(parts)]
    threads = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(given.cores))
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [*command, "--cores", str(given.cores)], stdout=subprocess.PIPE, stderr=said, text=True,
            env={**os.environ, **threads}, check=False,
        )  # fmt: skip
        said.seek(0)
        if done.returncode:
            raise SystemExit(f"{way} failed:\n{said.read()[-3000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def rounds(given: argparse.Namespace, rows: int) -> dict[str, list[dict[str, Any]]]:
    """Run every way once a round, interleaved; the data is made where it is not there yet."""
    data = given.folder / f"{rows}-{given.seed}{'-ties' if given.ties else ''}"
    generator.made(rows, data, given.seed, ties=given.ties)
    parts = given.parts or max(2 * given.cores, -(-rows // ROWS_OF_A_PART))
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in PREPARE}
    for number in range(given.rounds):
        for way in PREPARE:
            line = run_child(given, way, data, parts)
            found[way].append(line)
            load = os.getloadavg()[0]
            said = f"{line['wall']:.1f} s, {line['cpu']:.1f} CPU s, {line['peak']:,.0f} MB; load {load:.1f}"
            print(f"{rows:,} rows, round {number + 1}, {way}: {said}", file=sys.stderr, flush=True)
    return found


def alike(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> bool:
    """Return whether the sessions of all ways agree, and of ours on Spark and on the laptop every table."""
    sessions = [line["sessions"] for lines in found.values() for line in lines]
    tables = {line["digest"] for way in ("spark", "laptop") for line in found[way]}
    return all(each == sessions[0] for each in sessions) and len(tables) == 1


def table(results: Mapping[int, Mapping[str, Sequence[Mapping[str, Any]]]]) -> Iterator[str]:
    """Yield the lines of the table: of each way the round of the least wall time."""
    yield "| rows | way | wall s | CPU s | peak MB | start s | wall, against laptop | against window |"
    yield "|---|---|---|---|---|---|---|---|"
    for rows, found in results.items():
        best = {way: best_of(lines) for way, lines in found.items()}
        for way, line in best.items():
            ratios = [line["wall"] / best[other]["wall"] for other in ("laptop", "window")]
            yield (
                f"| {rows:,} | {way} | {line['wall']:.1f} | {line['cpu']:.1f} | {line['peak']:,.0f} "
                f"| {line['start']:.1f} | {ratios[0]:.2f} | {ratios[1]:.2f} |"
            )


def best_of(lines: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the round of the least wall time."""
    return min(lines, key=lambda line: line["wall"])


def lines_of(results: Mapping[int, Mapping[str, Sequence[Mapping[str, Any]]]], cores: int) -> dict[str, Line]:
    """Return of each way the line through the least and the most rows: seconds for none, and for each row.

    It is that of processor seconds divided by cores, which other work on the machine does not bend.
    """
    (few, below), (many, above) = min(results.items()), max(results.items())
    found = {}
    for way in PREPARE:
        low, high = (min(line["cpu"] for line in lines[way]) / cores for lines in (below, above))
        each = max(high - low, 0.0) / max(many - few, 1)
        found[way] = low - each * few, each
    return found


def where_it_pays(lines: Mapping[str, Line]) -> Iterator[str]:
    """Yield from how many rows so many machines like this one beat it, as straight lines say.

    What is measured is one machine: that work is shared evenly, that the network costs nothing beyond the local shuffle
    and that the driver's share does not grow are assumptions, all in the cluster's favour.
    """
    (started, spark), (base, laptop) = lines["spark"], lines["laptop"]
    if not spark or not laptop:
        yield "No growth between these sizes: give two that lie further apart to learn from which size a cluster pays."
        return
    yield "Processor seconds divided by cores, as straight lines through the least and the most rows:"
    yield f"  laptop {base:.1f} s + {laptop * 1e6:.2f} s a million rows"
    yield f"  Spark {started:.1f} s + {spark * 1e6:.2f} s a million rows"
    yield f"More than {spark / laptop:.1f} machines like this one are needed to be faster, at any size:"
    for machines in MACHINES:
        gain = laptop - spark / machines
        rows = max(started - base, 0) / gain if gain > 0 else 0
        told = f"from {rows / 1e6:,.0f} million rows ({base + laptop * rows:,.0f} s on the laptop)"
        yield f"  {machines} machines: {told if gain > 0 else 'never'}"
    yield "Extrapolated: perfect sharing, a free network and an unchanged driver are assumed; no cluster was measured."


def asked() -> argparse.Namespace:
    """Return what was asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--parts", type=int, default=0, help="parts of Spark; by default one for each million rows")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ties", action="store_true", help="data in which times tie")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "cjtools-journeys")
    parser.add_argument("--way", choices=PREPARE, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Run what is asked and print the table; return 1 when answers differ."""
    given = asked()
    if given.way:
        print(json.dumps(child(given)), flush=True)
        return 0
    given.folder.mkdir(parents=True, exist_ok=True)
    results = {rows: rounds(given, rows) for rows in sorted(given.rows)}
    fine = {rows: alike(found) for rows, found in results.items()}
    print(*table(results), "", *where_it_pays(lines_of(results, given.cores)), sep="\n")
    for rows, same in fine.items():
        print(f"answers at {rows:,} rows: {'the same, row for row' if same else 'DIFFERENT'}")
    return 0 if all(fine.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
