"""What one report costs, as a ratio to papermill + stock nbconvert on an empty notebook, in the same run.

    python benchmarks/report.py [--rounds 5] [--client data/example]

Each round runs both once, interleaved; the medians of wall time and of CPU time (children included) are compared.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

Cost = tuple[float, float]


def cost_of(*commands: list[str]) -> Cost:
    """Wall and CPU seconds of some commands run one after the other."""
    before, start = os.times(), time.perf_counter()
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after, end = os.times(), time.perf_counter()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return end - start, used


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--client", default="data/example")
    chosen = options.parse_args()
    tools = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as folder:
        empty, done = Path(folder, "empty.ipynb"), Path(folder, "done.ipynb")
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")], metadata=kernel), empty)
        stock = [
            [str(tools / "papermill"), "-k", "python3", str(empty), str(done)],
            [str(tools / "jupyter-nbconvert"), "--to", "html", str(done)],
        ]
        ours = [[sys.executable, "-m", "cjtools", "report", chosen.client, "--out", folder, "--force"]]
        costs: dict[str, list[Cost]] = {"papermill + nbconvert, empty notebook": [], "cjtools report": []}
        for _ in range(chosen.rounds):
            for name, commands in zip(costs, (stock, ours), strict=True):
                costs[name].append(cost_of(*commands))
    medians = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in costs.items()}
    base = medians["papermill + nbconvert, empty notebook"]
    print(f"{'':40}{'wall s':>8}{'CPU s':>8}{'wall ×':>8}{'CPU ×':>8}   (median of {chosen.rounds})")
    for name, (wall, cpu) in medians.items():
        print(f"{name:40}{wall:8.2f}{cpu:8.2f}{wall / base[0]:8.2f}{cpu / base[1]:8.2f}")


if __name__ == "__main__":
    main()
