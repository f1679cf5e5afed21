"""What following journeys costs, in one interleaved run: the floor, ours, polars, DuckDB and two peers.

    python benchmarks/journeys/run.py --rows 1000000 --rounds 3 [--peers] [--each ours duckdb] [--ties] [--equal]
        [--env duckdb=PYTHON retentioneering=PYTHON pm4py=PYTHON]

Each way runs in a fresh process; wall time, processor time of all its threads and the highest resident memory are its
own. A line a run is kept in the file of results, and what stands there for the same rows and the same code is not run
again: a run that was broken off goes on. A child that takes longer than `--limit` seconds or more than `--memory` MB is
ended and counts as failed. The table is of all results in the file; `--table` prints it without running.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import equal
import generator
import table
from ways import ALL, OPERATIONS

HERE = Path(__file__).resolve().parent
PEERS = {"retentioneering": "ADEGH", "pm4py": "DHJ"}
EXACT = ("careful", "naive", "duckdb")  # whose answers must be ours
OURS = HERE.parents[1] / "cjtools"
KEY = ("rows", "seed", "ties", "threads", "way", "what", "round", "code")  # what a result is a result of
WAYS = ("floor", "ours", "kept", "careful", "naive", "duckdb", *PEERS)


@dataclass(frozen=True)
class Job:
    """One way that answers some operations, once."""

    way: str
    what: str


@dataclass(frozen=True)
class Setting:
    """What all jobs of a run share."""

    data: Path
    rows: int
    seed: int
    ties: bool
    threads: int
    limit: float
    memory: float  # MB
    pythons: Mapping[str, str] = field(default_factory=dict)


def jobs_of(ways: Sequence[str], each: Sequence[str]) -> list[Job]:
    """Return what a round runs, in its order."""
    whats = {"floor": ["S", "T"], "kept": ["+", *OPERATIONS], "ours": [ALL]} | {
        way: [ops] for way, ops in PEERS.items()
    }
    jobs = [Job(way, what) for way in ways for what in whats.get(way, [ALL])]
    jobs += [Job("ours", ops) for way, ops in PEERS.items() if way in ways and "ours" in ways]
    return jobs + [Job(way, op) for way in each if way in ways for op in OPERATIONS]


def code_of(way: str) -> str:
    """Return a short digest of what a way runs: results of other code are not shown as its own."""
    files = [
        HERE / "ways" / f"{way}.py",
        HERE / "ways" / "__init__.py",
        HERE / "generator.py",
        HERE / "world.py",
        HERE / "rules.toml",
    ]
    if way in ("ours", "kept"):
        files += [
            HERE / "ways" / "ours.py",
            HERE / "ways" / "stages.py",
            *sorted(OURS.glob("journeys/**/*.py")),
            OURS / "intervals.py",
        ]
    return hashlib.sha256("".join(map(generator.meaning_of, files)).encode()).hexdigest()[:12]


def results_in(path: Path) -> list[dict[str, object]]:
    """Return the results so far; a line that was cut off counts as none."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return list(parsed(lines))


def parsed(lines: Iterable[str]) -> Iterator[dict[str, object]]:
    """Yield the lines that are whole."""
    for line in lines:
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue


def run(job: Job, setting: Setting, answers: Path | None = None) -> dict[str, object]:
    """Run one child and return what it told, or why it failed."""
    python = setting.pythons.get(job.way, sys.executable)
    command = [python, str(HERE / "child.py"), "--way", job.way, "--what", job.what, "--data", str(setting.data)]
    command += ["--threads", str(setting.threads), *(["--answers", str(answers)] if answers else [])]
    names = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    path = os.pathsep.join(filter(None, [str(HERE.parents[1]), os.environ.get("PYTHONPATH")]))
    surroundings = {**os.environ, **dict.fromkeys(names, str(setting.threads)), "RETENTIONEERING_NO_TRACK": "1"}
    if job.way in ("ours", "kept"):
        surroundings["PYTHONPATH"] = path
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=surroundings, text=True)
        why = watched(process, setting)
        out.seek(0)
        err.seek(0)
        told, said = out.read().splitlines(), err.read().splitlines()
    if why:
        return {"failed": why}
    if process.returncode or not told:
        return {"failed": (said or [f"ended with {process.returncode}"])[-1][:300]}
    return dict(json.loads(told[-1]))


def watched(process: subprocess.Popen[str], setting: Setting) -> str | None:
    """Wait for a child; end it, and say why, when it takes too long or too much memory."""
    begun = time.monotonic()
    done = threading.Event()
    threading.Thread(target=lambda: (process.wait(), done.set()), daemon=True).start()
    while not done.is_set():
        held = resident(process.pid)
        late = time.monotonic() - begun > setting.limit
        if late or held > setting.memory:
            process.kill()
            done.wait()
            return f"over {setting.limit:.0f} s" if late else f"over {setting.memory:,.0f} MB"
        done.wait(0.25)
    return None


def resident(number: int) -> float:
    """Return the memory of a process in MB; 0 when it has ended."""
    try:
        pages = int(Path(f"/proc/{number}/statm").read_text("ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def compare(setting: Setting, ways: Sequence[str]) -> bool:
    """Print whether the ways answer alike, on these data; return whether all do."""
    answers: dict[str, dict[str, equal.Answer]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for way in ways:
            path = Path(folder, f"{way}.json")
            told = run(Job(way, PEERS.get(way, ALL)), setting, path)
            if "failed" in told:
                print(f"  {way}: failed: {told['failed']}", flush=True)
            else:
                answers[way] = json.loads(path.read_text("utf-8"))
    lines = list(equal.verdicts({way: found for way, found in answers.items() if way not in PEERS}))
    lines += list(equal.peer_verdicts(answers)) if not setting.ties else []
    print(f"answers, {setting.rows:,} rows, {'with' if setting.ties else 'without'} ties")
    print(*(f"  {line}" for _, line in lines), sep="\n", flush=True)
    return all(fine for fine, _ in lines) and len(answers) == len(ways)


def asked() -> argparse.Namespace:
    """Return what was asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ways", nargs="+", choices=WAYS)
    parser.add_argument("--peers", action="store_true", help="with DuckDB, retentioneering and pm4py")
    parser.add_argument(
        "--each", nargs="*", choices=WAYS, default=["ours"], help="each operation in a process of its own"
    )
    parser.add_argument("--ties", action="store_true", help="data in which times tie")
    parser.add_argument(
        "--equal", action="store_true", help="compare the answers, with and without ties, and run nothing else"
    )
    parser.add_argument("--table", action="store_true", help="print the table of what was run")
    parser.add_argument("--env", nargs="+", default=[], metavar="WAY=PYTHON", help="the interpreter of a peer")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--limit", type=float, default=900, help="seconds")
    parser.add_argument("--memory", type=float, default=0.8 * total_memory(), help="MB")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "cjtools-journeys")
    parser.add_argument("--results", type=Path)
    return parser.parse_args()


def total_memory() -> float:
    """Return the memory of this machine in MB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20


def ways_of(given: argparse.Namespace) -> list[str]:
    """Return the ways that are run: those named, or all that need no other environment, and the peers if asked."""
    usual = [way for way in WAYS if given.peers or way not in (*PEERS, "duckdb")]
    return given.ways or usual


def setting_of(given: argparse.Namespace, rows: int, *, ties: bool) -> Setting:
    """Return the setting of some rows, which are made where they are not there yet."""
    data = given.folder / f"{rows}-{given.seed}{'-ties' if ties else ''}"
    pythons = dict(pair.split("=", 1) for pair in given.env)
    begun = time.perf_counter()
    generator.made(rows, data, given.seed, ties=ties)
    print(f"{rows:,} rows in {data} ({time.perf_counter() - begun:.0f} s)", file=sys.stderr, flush=True)
    return Setting(data, rows, given.seed, ties, given.threads, given.limit, given.memory, pythons)


def rounds(given: argparse.Namespace, setting: Setting, path: Path) -> None:
    """Run every job once a round, interleaved, and add a line a run to the file of results.

    What went over its limits is not tried again, in this round or another; what failed otherwise is.
    """
    lines = results_in(path)
    for number in range(given.rounds):
        for job in jobs_of(ways_of(given), given.each):
            line: dict[str, object] = {
                "rows": setting.rows, "seed": setting.seed, "ties": setting.ties, "threads": setting.threads,
                "way": job.way, "what": job.what, "round": number, "code": code_of(job.way),
            }  # fmt: skip
            if any(settles(old, line) for old in lines):
                continue
            line |= run(job, setting)
            lines.append(line)
            with path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
            said = line.get("failed") or f"{line['wall']:.2f} s, {line['cpu']:.2f} CPU s, {line['peak']:,.0f} MB"
            print(
                f"round {number + 1}  {setting.rows:,}  {job.way:16} {job.what:14} {said}", file=sys.stderr, flush=True
            )


def settles(old: Mapping[str, object], line: Mapping[str, object]) -> bool:
    """Return whether an old result makes a run needless: it is the same run, or the same job went over a limit."""
    over = str(old.get("failed", "")).startswith("over ")
    names = [name for name in KEY if not (over and name == "round")]
    return ("failed" not in old or over) and all(old.get(name) == line.get(name) for name in names)


def main() -> int:
    """Run what is asked and print the table; return 1 when answers differ."""
    given = asked()
    given.folder.mkdir(parents=True, exist_ok=True)
    path = given.results or given.folder / "results.jsonl"
    if given.equal:
        compared = [way for way in ways_of(given) if way not in ("floor", "kept", *(PEERS if given.ties else ()))]
        fine = [
            compare(setting_of(given, rows, ties=ties), [way for way in compared if not (ties and way in PEERS)])
            for rows in given.rows
            for ties in (False, True)
        ]
        return 0 if all(fine) else 1
    if not given.table:
        for rows in given.rows:
            rounds(given, setting_of(given, rows, ties=given.ties), path)
    lines = results_in(path)
    codes = {way: code_of(way) for way in WAYS}
    current = [line for line in lines if line["code"] == codes[str(line["way"])]]
    if len(current) < len(lines):
        print(f"{len(lines) - len(current)} results of other code are left out\n")
    print(table.markdown(current))
    return 0


if __name__ == "__main__":
    sys.exit(main())
