"""What one report may use of a machine: a kernel that takes more memory or time is ended, and said why."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

from cjtools.errors import Fault

MEGABYTE = 2**20
EVERY = 0.2  # seconds between two looks


@dataclass(frozen=True)
class Limits:
    """What the kernel of one report may use: memory (its processes together) and time, all cells together."""

    memory_mb: int
    minutes: float


class Watch:
    """Looks after one kernel from a thread of its own, and ends it when it goes beyond a limit."""

    def __init__(self, limits: Limits) -> None:
        """Take the limits; `fault` says which one was broken, if any."""
        self.limits = limits
        self.fault: Fault | None = None
        self.highest_mb = 0
        self.done = threading.Event()

    def start(self, pid: int) -> None:
        """Begin to look after a process and those that it starts."""
        threading.Thread(target=self.look_after, args=(pid,), daemon=True).start()

    def stop(self) -> None:
        """Stop looking."""
        self.done.set()

    def look_after(self, pid: int) -> None:
        """Look until told to stop, until the process has ended, or until it must be ended."""
        until = time.monotonic() + 60 * self.limits.minutes
        while not self.done.wait(EVERY):
            used = memory_mb(pid)
            if used is None:
                return
            self.highest_mb = max(self.highest_mb, used)
            self.fault = self.broken(used, late=time.monotonic() > until)
            if self.fault:
                end_all(pid)
                return

    def broken(self, used: int, *, late: bool) -> Fault | None:
        """Return the limit that is broken, if one is."""
        limits, step = self.limits, "raise it in [batch] of client.toml, or see what is so large"
        if used > limits.memory_mb:
            return Fault("memory", f"{used} MB were used", f"{limits.memory_mb} MB are the limit", step)
        if late:
            return Fault("time", "it was not done in time", f"{limits.minutes:g} minutes are the limit", step)
        return None


def memory_mb(pid: int) -> int | None:
    """Return what a process and its children use in megabytes, or None when it has ended."""
    sizes = list(sizes_of(pid))
    return sum(sizes) // MEGABYTE if sizes else None


def sizes_of(pid: int) -> Iterator[int]:
    """Yield the memory in bytes of a process and of each process below it; those that have ended have none."""
    for process in family(pid):
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                yield process.memory_info().rss
        except psutil.Error:
            continue


def family(pid: int) -> list[psutil.Process]:
    """Return a process and those below it, as far as they are still there."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def end_all(pid: int) -> None:
    """End a process and those below it, the children first: who is ended last cannot start another."""
    for process in reversed(family(pid)):
        try:
            process.kill()
        except psutil.Error:
            continue
