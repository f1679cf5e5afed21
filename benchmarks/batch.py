"""What many clients cost, as a ratio to papermill + stock nbconvert run for one after the other, in the same run.

    python benchmarks/batch.py [--clients 20] [--jobs 2] [--client data/example]

Both run the same notebook for copies of the same client. The command lines are timed for `--by-hand` of them (all, when
left out) and multiplied; wall and CPU time (children included).
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import Cost, cost_of

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "journey_map.ipynb"


def copies_of(client: Path, number: int, data: Path) -> list[Path]:
    """Copy a client, under ids of their own, without what the kit keeps in its folder."""
    made = []
    for place in range(number):
        at = data / f"client-{place:02d}"
        shutil.copytree(client, at, ignore=shutil.ignore_patterns(".cache"))
        text = (at / "client.toml").read_text("utf-8")
        (at / "client.toml").write_text(text.replace('id = "', f'id = "c{place:02d}-', 1), "utf-8")
        made.append(at)
    return made


def by_hand(clients: list[Path], folder: Path) -> Cost:
    """Wall and CPU seconds of papermill and nbconvert, a command line each, one client after the other."""
    tools = Path(sys.executable).parent
    commands = []
    for client in clients:
        done = folder / f"{client.name}.ipynb"
        given = ["-k", "python3", "-p", "client", str(client)]
        commands.append([str(tools / "papermill"), str(NOTEBOOK), str(done), *given])
        commands.append([str(tools / "jupyter-nbconvert"), "--to", "html", str(done)])
    return cost_of(*commands)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clients", type=int, default=20)
    options.add_argument("--by-hand", type=int, default=0)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--client", type=Path, default=ROOT / "data" / "example")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clients = copies_of(chosen.client, chosen.clients, folder / "data")
        few = clients[: chosen.by_hand or chosen.clients]
        wall, cpu = (part * len(clients) / len(few) for part in by_hand(few, folder))
        words = ["report", *map(str, clients), "--jobs", str(chosen.jobs), "--out", str(folder / "reports"), "--force"]
        ours = cost_of_batch([sys.executable, "-m", "cjtools", *words])
        pages = len(list((folder / "reports").rglob("journey_map.html")))
    assert pages == len(clients), f"{pages} pages of {len(clients)}"
    print(f"{'':44}{'wall s':>8}{'CPU s':>8}{'a client':>10}   ({len(clients)} clients, {len(few)} by hand)")
    print(f"{'papermill + nbconvert, one after the other':44}{wall:8.1f}{cpu:8.1f}{wall / len(clients):10.2f}")
    print(f"{f'cjtools report --jobs {chosen.jobs}':44}{ours[0]:8.1f}{ours[1]:8.1f}{ours[0] / len(clients):10.2f}")
    print(f"throughput × {wall / ours[0]:.2f}, CPU × {cpu / ours[1]:.2f}")


def cost_of_batch(command: list[str]) -> Cost:
    """Wall and CPU seconds of a batch. Its reports run below a server that ends by itself: it is waited for here."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: who lost their parent become children of this process
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.perf_counter()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = os.times()
    return end - start, after.children_user + after.children_system - before.children_user - before.children_system


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
