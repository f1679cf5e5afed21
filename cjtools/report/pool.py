"""Reports side by side on one machine, a process each: forked from one that has all imported, or started anew."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

from cjtools.report.job import Job, Outcome, ended, run_job
from cjtools.report.warm import plant_kernel
from cjtools.report.watch import end_all

# The kernel has its own limit; a process that hangs for this long after it is ended.
GRACE = 120
LOOK = 1.0  # seconds between two looks for processes that hang
WARM = ["cjtools.report.warmed"]


@dataclass(frozen=True)
class Worker:
    """A process that makes one report."""

    place: int
    job: Job
    process: BaseProcess
    result: Connection
    until: float


def side_by_side(jobs: Sequence[tuple[int, Job]], *, at_once: int, minutes: float) -> Iterator[tuple[int, Outcome]]:
    """Yield the place and the outcome of each job as it ends; `minutes` is the longest that one may take.

    Each has a process of its own, and that has a kernel of its own: nothing of one client is in the memory of another,
    and one that is killed takes no other with it.
    """
    context, waiting, running = processes(), list(reversed(jobs)), list[Worker]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(start(context, *waiting.pop(), until=time.monotonic() + 60 * minutes + GRACE))
            wait([item for worker in running for item in (worker.process.sentinel, worker.result)], timeout=LOOK)
            for worker in [worker for worker in running if is_over(worker)]:
                running.remove(worker)
                yield worker.place, outcome_of(worker)
    finally:
        for worker in running:
            end_all(worker.process.pid or 0)


def processes() -> BaseContext:
    """Return how processes are started here: by a server that forks itself after importing, where forks are safe."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(WARM)
    return context


def start(context: BaseContext, place: int, job: Job, *, until: float) -> Worker:
    """Start the process of one report."""
    result, sends = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(job, sends), name=job.folder.name)  # type: ignore[attr-defined]
    process.start()
    sends.close()
    return Worker(place, job, process, result, until)


def work(job: Job, result: Connection) -> None:
    """Make one report in a process of its own. Who stops the batch ends this process, no signal of the terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    result.send(run_job(job, seed=plant_kernel()))


def is_over(worker: Worker) -> bool:
    """Say whether a worker has sent its outcome or ended; one that hangs is ended."""
    if time.monotonic() > worker.until:
        end_all(worker.process.pid or 0)
    return worker.result.poll() or not worker.process.is_alive()


def outcome_of(worker: Worker) -> Outcome:
    """Return what a worker sent, or how it ended."""
    try:
        outcome: Outcome = worker.result.recv()
    except (EOFError, OSError):
        worker.process.join()
        return ended(worker.job.folder, how_it_ended(worker.process.exitcode, late=time.monotonic() > worker.until))
    finally:
        worker.result.close()
    worker.process.join(LOOK)
    return outcome


def how_it_ended(code: int | None, *, late: bool) -> str:
    """Return in words how a process ended."""
    if late:
        return "was ended, because it took too long"
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in [*signal.Signals] else str(-code)
        return f"was killed ({name}); {os.strerror(12) if name == 'SIGKILL' else 'a library crashed'} may be why"
    return f"ended with exit code {code}"
