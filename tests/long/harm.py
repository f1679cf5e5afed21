"""Harm done to a run: the published report is always whole, the old one or the new one, and who lost is told.

    python tests/long/harm.py --count 200 runner kernel
    python tests/long/harm.py --count 20 full
    python tests/long/harm.py --count 50 twice changed read-only

Kinds: `writing` is killed while it does nothing but publish (no kernel, so it is quick); `runner` and `kernel`
are killed (SIGKILL) at a random moment; `full` runs out of disk, at sizes from less than the new report needs to enough
(a tmpfs where one may be mounted, else a limit on the size of a file); `twice` starts two runs of one client at
once; `changed` changes an input at a random moment; `read-only` takes the right to write away. Prints what was seen;
exits with 1 when a report was torn, lost, or a loser was not told.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
from many import hashes, make_client, say

from cjtools.report.publish import locked, sweep

COMMAND = [sys.executable, "-m", "cjtools", "report"]
NEEDED = 2_500_000  # bytes of a new report beside the old one, and some more


class Bench:
    """A client, its reports, and what is known of them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.client = make_client(folder / "data", 1)
        self.reports = folder / "reports"
        self.random = random.Random(seed)
        self.round = 0
        self.seen: Counter[str] = Counter()
        start = time.perf_counter()
        self.must_work()
        self.takes = time.perf_counter() - start

    @property
    def target(self) -> Path:
        return self.reports / "client-0001" / "w1"

    def change(self) -> None:
        """Change an input, so that the next report is another one."""
        self.round += 1
        with (self.client / "talk-Zq0001x.csv").open("a") as file:
            file.write(f"r{self.round},2026-08-01,round {self.round} of the website,someone\n")

    def start(self, *, limit: int | None = None) -> subprocess.Popen[str]:
        """Start a run; `limit` is the largest file that it may write."""
        before = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit)) if limit else None
        command = [*COMMAND, str(self.client), "--out", str(self.reports)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=before)

    def must_work(self) -> None:
        """Make the report, whole, with nothing left of runs before."""
        run = self.start()
        said = run.communicate()[1]
        assert run.returncode == 0, said
        left = [path.name for path in self.target.parent.iterdir() if path.name != "w1"]
        assert not left, left

    def published(self) -> str:
        """Say which report is there; raise when it is not whole, or not alone."""
        manifest = json.loads((self.target / "manifest.json").read_text("utf-8"))
        there = {
            name: sha for name, sha in hashes(self.target).items() if name not in ("manifest.json", "error_report.html")
        }
        assert there == manifest["outputs"], "torn: " + str(
            sorted(set(there.items()) ^ set(manifest["outputs"].items()))[:3]
        )
        return str(manifest["fingerprint"])

    def judge(self, old: str, code: int | None, said: str, *, told: bool = True) -> None:
        """Count how a round ended: an old report with a loser that was told why, or a new one."""
        new = self.published() != old
        assert new or not told or code != 0, "the run says that it worked, and the old report is there"
        assert code == 0 or not told or said.strip(), "nobody was told"
        self.seen[f"{'new' if new else 'old'} report, exit {code}"] += 1


def runner(bench: Bench) -> None:
    """Kill the runner at a random moment; its kernel must end with it."""
    old, run = bench.published(), bench.start()
    time.sleep(bench.random.uniform(0, bench.takes * 1.1))
    with contextlib.suppress(psutil.Error):
        below = psutil.Process(run.pid).children(recursive=True)
    run.kill()
    said = run.communicate()[1]
    bench.judge(old, run.returncode, said, told=False)
    _, alive = psutil.wait_procs(below, timeout=10)
    assert not alive, f"a kernel lives on: {alive}"


def kernel(bench: Bench) -> None:
    """Kill the kernel at a random moment."""
    old, run = bench.published(), bench.start()
    time.sleep(bench.random.uniform(0, bench.takes))
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(run.pid).children(recursive=True):
            child.kill()
    said = run.communicate()[1]
    bench.judge(old, run.returncode, said)


def full(bench: Bench, *, part: float) -> None:
    """Run out of disk when a part of what is needed is written."""
    old = bench.published()
    with disk_of(bench, int(NEEDED * part)) as limit:
        run = bench.start(limit=limit)
        said = run.communicate()[1]
        bench.judge(old, run.returncode, said)
        if run.returncode:
            assert "No space left" in said or "File too large" in said, said


@contextlib.contextmanager
def disk_of(bench: Bench, free: int) -> Iterator[int | None]:
    """Put the reports on a small disk for a while; where that is not allowed, yield the largest file instead."""
    kept = bench.reports.with_name("kept")
    shutil.copytree(bench.reports, kept)
    used = sum(-(-path.stat().st_size // 4096) * 4096 + 4096 for path in kept.rglob("*"))
    size = used + free
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(bench.reports)], capture_output=True
    )
    if mounted.returncode:
        bench.seen["by a limit on files, no tmpfs"] += 1
        shutil.rmtree(kept)
        yield max(free // 4, 1000)
        return
    bench.seen["on a tmpfs"] += 1
    try:
        shutil.copytree(kept, bench.reports, dirs_exist_ok=True)
        yield None
    finally:
        subprocess.run(["umount", str(bench.reports)], check=True)
        shutil.rmtree(kept)


def twice(bench: Bench) -> None:
    """Start two runs at once: one makes the report, the other is told."""
    old = bench.published()
    runs = [bench.start(), bench.start()]
    said = [run.communicate()[1] for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 1], said
    assert "another run is making this report" in "".join(said), said
    bench.judge(old, 0, "")


def changed(bench: Bench) -> None:
    """Change an input while the run is on: it is told, or was done with it, or had not begun."""
    old, run = bench.published(), bench.start()
    time.sleep(bench.random.uniform(0, bench.takes))
    bench.change()
    said = run.communicate()[1]
    bench.judge(old, run.returncode, said)
    if run.returncode:
        assert "changed while the report was made" in said, said


def read_only(bench: Bench) -> None:
    """Take away the right to write into the folder of the client's reports."""
    old, place = bench.published(), bench.target.parent
    place.chmod(0o555)  # enough for anybody but root
    bound = subprocess.run(["mount", "--bind", str(place), str(place)], capture_output=True).returncode == 0
    try:
        if bound:
            subprocess.run(["mount", "-o", "remount,bind,ro", str(place)], check=True)
        run = bench.start()
        said = run.communicate()[1]
    finally:
        if bound:
            subprocess.run(["umount", str(place)], check=True)
        place.chmod(0o755)
    if bound or os.getuid():
        assert run.returncode == 1, said
        assert "was not made" in said, said
    bench.judge(old, run.returncode, said)


WRITER = """
import hashlib, itertools, json, sys
from pathlib import Path
from cjtools.report.publish import locked, publish, sweep

target = Path(sys.argv[1])
for number in itertools.count():
    files = {f"tables/{n}.csv": f"{number} {n} ".encode() * 9000 for n in range(12)}
    files["page.html"] = f"{number} ".encode() * 90000
    outputs = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    files["manifest.json"] = json.dumps({"outputs": outputs}).encode()
    with locked(target):
        sweep(target)
        publish(target, files)
    print(number, flush=True)
"""


def writing(folder: Path, count: int, seed: int) -> list[str]:
    """Kill a process that does nothing but publish, again and again; no kernel is needed, so there are many rounds."""
    target, chance, wrong = folder / "w1", random.Random(seed), list[str]()
    for number in range(count):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            run.stdout.readline()
            time.sleep(chance.uniform(0, 0.2))
            run.kill()
        outputs = json.loads((target / "manifest.json").read_text("utf-8"))["outputs"]
        there = {name: sha for name, sha in hashes(target).items() if name != "manifest.json"}
        wrong += [] if there == outputs else [f"round {number}: torn"]
    with locked(target):
        sweep(target)
    left = sorted(path.name for path in folder.iterdir())
    return wrong + ([] if left == ["w1"] else [f"left over: {left}"])


KINDS: dict[str, Callable[[Bench], None]] = {
    "runner": runner, "kernel": kernel, "twice": twice, "changed": changed, "read-only": read_only,
}  # fmt: skip


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("kinds", nargs="+", choices=[*KINDS, "full", "writing"])
    options.add_argument("--count", type=int, default=200)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    failed = 0
    for kind in chosen.kinds:
        with tempfile.TemporaryDirectory() as folder:
            if kind == "writing":
                wrong = writing(Path(folder), chosen.count, chosen.seed)
                failed += len(wrong)
                say(f"writing: {chosen.count} rounds, {len(wrong)} wrong", *wrong, sep="\n  ")
                continue
            bench, wrong = Bench(Path(folder), chosen.seed), list[str]()
            for number in range(chosen.count):
                bench.change()
                try:
                    if kind == "full":
                        full(bench, part=(number + 1) / chosen.count)
                    else:
                        KINDS[kind](bench)
                except AssertionError as error:
                    wrong.append(f"round {number}: {error}")
            bench.must_work()
            failed += len(wrong)
            say(f"{kind}: {chosen.count} rounds, {len(wrong)} wrong; {dict(sorted(bench.seen.items()))}")
            say("".join(f"  {line}\n" for line in wrong), end="")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
