"""Reports of one client or many, a process each."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path

from cjtools.client import FILE, load_client
from cjtools.commands.progress import progress_over
from cjtools.errors import CjtoolsError, ClientError, Fault
from cjtools.report.run import make_report


def clients_in(folder: Path) -> list[Path]:
    """Return the folders below `folder` that hold a client.toml, in order."""
    return sorted(path.parent for path in folder.glob(f"*/{FILE}"))


def make_reports(
    folders: Sequence[Path],
    *,
    wave: str,
    language: str,
    audience: str,
    out: Path | None,
    jobs: int,
    notebook: str = "",
) -> tuple[list[Path], list[str]]:
    """Return the pages that were made, and a message for each report that was not, both in the order asked.

    One broken client never stops another. With `jobs` over 1 each report is made in a process of its own. Of clients
    that have one id none is made: the report of one would be written over that of the other.
    """
    outcomes: dict[int, Path | str] = dict(same_ids(folders))
    tasks = [
        (place, (folder, wave, language, audience, notebook, out))
        for place, folder in enumerate(folders)
        if place not in outcomes
    ]
    with progress_over(len(tasks), what="reports") as bar:
        for place, outcome in run_all(tasks, jobs=min(jobs, len(tasks))):
            outcomes[place] = outcome
            bar.advance(bar.task_ids[0])
    ordered = [outcomes[place] for place in sorted(outcomes)]
    return [item for item in ordered if isinstance(item, Path)], [item for item in ordered if isinstance(item, str)]


def same_ids(folders: Sequence[Path]) -> Iterator[tuple[int, str]]:
    """Yield the place of each client whose id another folder has too, and what is to be said of it."""
    ids: dict[int, str] = {}
    for place, folder in enumerate(folders):
        try:
            ids[place] = load_client(folder).client.id
        except CjtoolsError:
            continue  # its report will say what is wrong
    for place, name in ids.items():
        mine = folders[place].resolve()
        others = [folders[other] for other, same in ids.items() if same == name and folders[other].resolve() != mine]
        if others:
            found = f"{name!r} is the id of {others[0].as_posix()} too"
            fault = Fault("client.id", found, "an id of its own", "both would write the same report")
            yield place, str(ClientError((folders[place] / FILE).as_posix(), [fault]))


Task = tuple[Path, str, str, str, str, Path | None]


def run_all(tasks: Sequence[tuple[int, Task]], *, jobs: int) -> Iterator[tuple[int, Path | str]]:
    """Yield the place and outcome of each task as it ends."""
    if jobs <= 1:
        yield from ((place, run_one(task)) for place, task in tasks)
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting: dict[Future[Path | str], int] = {pool.submit(run_one, task): place for place, task in tasks}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def run_one(task: Task) -> Path | str:
    """Return the page of one report, or what kept it from being made."""
    folder, wave, language, audience, notebook, out = task
    try:
        return make_report(folder, wave=wave, language=language, audience=audience, notebook=notebook or None, out=out)
    except CjtoolsError as error:
        return str(error)
