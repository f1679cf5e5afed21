"""Reports of many clients: those that are missing or out of date, side by side here or on any executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from cjtools.client import FILE
from cjtools.errors import CjtoolsError, ClientError, Fault
from cjtools.report.inputs import is_current
from cjtools.report.job import Job, Outcome, ended, failed, run_job
from cjtools.report.order import Order, relative
from cjtools.report.pool import side_by_side
from cjtools.report.seed import Seed

Tell = Callable[[Outcome], object]


@dataclass(frozen=True)
class Sorted:
    """What is to be done: the jobs by their place, the longest time of one, and what is known without running."""

    jobs: list[tuple[int, Job]]
    known: list[tuple[int, Outcome]]
    minutes: float


def clients_in(folder: str | Path) -> list[Path]:
    """Return the folders below `folder` that hold a client.toml, in order."""
    return sorted(path.parent for path in Path(folder).glob(f"*/{FILE}"))


def make_reports(
    folders: Sequence[str | Path],
    *,
    wave: str = "",
    language: str = "",
    audience: str = "",
    notebook: str = "",
    out: str | Path | None = None,
    jobs: int = 1,
    force: bool = False,
    memory_mb: int | None = None,
    minutes: float | None = None,
    tables: str = "",
    executor: Executor | None = None,
    seed: Seed | None = None,
    tell: Tell = lambda outcome: None,
) -> list[Outcome]:
    """Make the reports of many clients and return what came of each, in the order asked.

    Only what is missing, failed or out of date is made, unless `force`. Each report is made in a process of its own,
    `jobs` at a time; or on an `executor` with the interface of concurrent.futures, whose workers must see the same
    folders. With a `seed` (warm.plant_kernel) a single report is made by the caller itself, and the seed becomes its
    kernel: for callers that hold nothing of any client, such as the command line. `tell` is called with each outcome as
    it is known. One broken client never stops another; of clients that have one id none is made, because the report of
    one would be written over that of the other. A folder that is named twice is done once, where it stands first.

    >>> [(outcome.name, outcome.status) for outcome in make_reports(["data/nowhere"])]
    [('nowhere', 'failed')]
    """
    folders = once(folders)
    target = Path(out).resolve() if out else None
    asked = Job(Path(), wave, language, audience, notebook, target, memory_mb, minutes, tables)
    work = sort_out([replace(asked, folder=Path(folder)) for folder in folders], force=force)
    running = on_executor(work.jobs, executor) if executor else in_processes(work, at_once=jobs, seed=seed)
    outcomes: dict[int, Outcome] = {}
    for place, outcome in chain(work.known, running):
        outcomes[place] = replace(outcome, folder=Path(folders[place]))
        tell(outcomes[place])
    return [outcomes[place] for place in sorted(outcomes)]


def once(folders: Sequence[str | Path]) -> list[Path]:
    """Return the folders as they were named, each that is the same on the disk only once.

    >>> [folder.as_posix() for folder in once(["data/acme", "data/other", "data/./acme"])]
    ['data/acme', 'data/other']
    """
    first: dict[Path, Path] = {}
    for folder in map(Path, folders):
        first.setdefault(folder.resolve(), folder)
    return list(first.values())


def sort_out(asked: Sequence[Job], *, force: bool) -> Sorted:
    """Return what is to be run and what is known already: what cannot be run, and what is there and up to date."""
    orders: dict[int, Order] = {}
    known: list[tuple[int, Outcome]] = []
    for place, job in enumerate(asked):
        try:
            orders[place] = job.order()
        except CjtoolsError as error:
            known.append((place, failed(job.folder, error)))
        except OSError as error:
            known.append((place, ended(job.folder, f"{type(error).__name__}: {error.strerror}")))
    twice = dict(same_ids(orders))
    known += [(place, failed(asked[place].folder, error)) for place, error in twice.items()]
    todo = {place: order for place, order in orders.items() if place not in twice}
    current = [] if force else [place for place, order in todo.items() if is_current(order)]
    known += [(place, Outcome(asked[place].folder, "unchanged", todo[place].page)) for place in current]
    jobs = [(place, located(asked[place], order)) for place, order in todo.items() if place not in set(current)]
    longest = max((asked[place].minutes or todo[place].client.batch.minutes for place, _ in jobs), default=0)
    return Sorted(jobs, sorted(known, key=lambda pair: pair[0]), longest)


def located(job: Job, order: Order) -> Job:
    """Return a job as a worker anywhere can do it: with the folders in full."""
    return replace(job, folder=order.client.folder.resolve(), out=order.target.parent.parent.resolve())


def same_ids(orders: dict[int, Order]) -> Iterator[tuple[int, ClientError]]:
    """Yield the place of each client whose id another folder has too, and what is to be said of it."""
    for place, order in orders.items():
        mine, name = order.client.folder, order.client.client.id
        others = [
            other.client.folder
            for other in orders.values()
            if other.client.client.id == name and other.client.folder.resolve() != mine.resolve()
        ]
        if others:
            found = f"{name!r} is the id of {relative(others[0])} too"
            fault = Fault("client.id", found, "an id of its own", "both would write the same report")
            yield place, ClientError((mine / FILE).as_posix(), [fault])


def in_processes(work: Sorted, *, at_once: int, seed: Seed | None) -> Iterator[tuple[int, Outcome]]:
    """Yield the outcomes of jobs on this machine."""
    if seed and len(work.jobs) == 1:
        [(place, job)] = work.jobs
        yield place, run_job(job, seed=seed)
        return
    yield from side_by_side(work.jobs, at_once=at_once, minutes=work.minutes)


def on_executor(jobs: Sequence[tuple[int, Job]], executor: Executor) -> Iterator[tuple[int, Outcome]]:
    """Yield the outcomes of jobs on an executor; a worker that is lost loses its own report."""
    places: dict[Future[Outcome], int] = {executor.submit(run_job, job): place for place, job in jobs}
    folders = {place: job.folder for place, job in jobs}
    for future in as_completed(places):
        place = places[future]
        try:
            yield place, future.result()
        except Exception as error:
            yield place, ended(folders[place], f"was lost by the executor ({type(error).__name__}: {error})")
