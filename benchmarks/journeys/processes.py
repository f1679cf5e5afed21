"""Processor time and memory of a process and all that it has started, in whatever language they are written."""

from __future__ import annotations

import os
from pathlib import Path


def tree() -> list[int]:
    """Return the processes that this one has started, and itself."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [os.getpid()]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found


def spent() -> float:
    """Return the processor seconds of the tree so far, those of processes that have ended included."""
    ticks = 0
    for process in tree():
        try:
            fields = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def highest() -> float:
    """Return the sum of the highest resident memory of each process of the tree, in MB: no less than the true peak."""
    total = 0.0
    for process in tree():
        try:
            lines = Path(f"/proc/{process}/status").read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    return total
