"""Reports of one client or many: what was asked, what is said while they are made, what is left behind."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from cjtools.commands.progress import progress_over
from cjtools.errors import Fault, ParameterError, cut
from cjtools.report.batch import make_reports
from cjtools.report.job import Outcome
from cjtools.report.order import reports_folder
from cjtools.report.overview import write_overview
from cjtools.report.warm import plant_kernel

RUNS = "runs.jsonl"
WIDEST = 100


def report_all(
    folders: Sequence[Path],
    *,
    wave: str,
    language: str,
    audience: str,
    notebook: str,
    out: Path | None,
    jobs: int,
    force: bool,
    memory_mb: int | None,
    minutes: int | None,
    executor: str,
    tables: str = "",
) -> list[Outcome]:
    """Make the reports and return what came of each; many leave an overview and a line each in the log of runs.

    Many are told one line each on stderr as they end; of a single one nothing is said but what went wrong.
    """
    many = len(folders) > 1
    # Before anything of the client is read, and before the progress bar has its thread.
    seed = None if many or executor else plant_kernel()
    with progress_over(len(folders), what="reports") as bar, executor_of(executor) as chosen:

        def tell(outcome: Outcome) -> None:
            bar.advance(bar.task_ids[0])
            if many:
                sys.stderr.write(line_of(outcome, done=int(bar.tasks[0].completed), all_=len(folders)) + "\n")

        outcomes = make_reports(
            folders,
            wave=wave,
            language=language,
            audience=audience,
            notebook=notebook,
            out=out,
            jobs=jobs,
            force=force,
            memory_mb=memory_mb,
            minutes=minutes,
            tables=tables,
            executor=chosen,
            seed=seed,
            tell=tell,
        )
    if seed:
        seed.drop()
    if many:
        leave(outcomes, reports_folder(folders[0], out), language=language)
    return outcomes


def line_of(outcome: Outcome, *, done: int, all_: int) -> str:
    """Return the one line that is said of a client."""
    said = shortest(outcome.page).as_posix() if outcome.page else why(outcome)
    return f"{done:>{len(str(all_))}}/{all_} {outcome.status:<9} {outcome.name}  {said}"


def why(outcome: Outcome) -> str:
    """Return the first thing that kept a report from being made, and how many more there are."""
    if not outcome.faults:
        return outcome.message.splitlines()[0]
    more = f" (and {len(outcome.faults) - 1} more)" if len(outcome.faults) > 1 else ""
    text = " ".join(str(outcome.faults[0]).split())
    return (text if len(text) <= WIDEST else text[: WIDEST - 1] + "…") + more


def failures(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield every fault of the reports that were not made; of many, a table first: which and why."""
    broken = [outcome for outcome in outcomes if outcome.status == "failed"]
    if broken and len(outcomes) > 1:
        widest = max(len(outcome.name) for outcome in broken)
        yield f"{len(broken)} of {len(outcomes)} reports were not made:"
        yield from (f"  {outcome.name:<{widest}}  {why(outcome)}" for outcome in broken)
    yield from (outcome.message for outcome in broken)


def leave(outcomes: Sequence[Outcome], reports: Path, *, language: str) -> None:
    """Leave the overview and the log in the folder of all reports, if there is one."""
    if reports.is_dir():
        write_overview(reports, outcomes, language=language or "en")
        write_log(reports / RUNS, outcomes, at=dt.datetime.now(dt.UTC))


def write_log(path: Path, outcomes: Sequence[Outcome], *, at: dt.datetime) -> None:
    """Add a line of JSON for each report: when the run ended, for whom, what came of it; no value of a file."""
    lines = [
        {
            "at": at.isoformat(timespec="seconds"),
            "client": outcome.name,
            "status": outcome.status,
            "faults": [fault.where for fault in outcome.faults],
        }
        for outcome in outcomes
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)


@contextmanager
def executor_of(name: str) -> Iterator[Executor | None]:
    """Yield the executor that a function makes, named as module:function, and let it go afterwards.

    Raises ParameterError when there is no such function, or when it gives something else. It runs as code of yours.
    """
    if not name:
        yield None
        return
    made = factory(name)()
    if not callable(getattr(made, "submit", None)):
        fault = Fault(name, f"gives {cut(type(made).__name__)}", "an executor: something with submit()")
        raise ParameterError("--executor", [fault])
    closing: AbstractContextManager[object] = made if hasattr(made, "__exit__") else nullcontext()
    with closing:
        yield made


def factory(name: str) -> Callable[[], Executor]:
    """Return the function that a name stands for; modules of this folder are found, as by python -m."""
    module, _, function = name.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        made: Callable[[], Executor] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        fault = Fault("--executor", f"{cut(name)}: {error}", "module:function, such as cluster:executor")
        raise ParameterError("the run", [fault]) from None
    return made


def shortest(path: Path) -> Path:
    """Return a path as seen from here when it lies below, else as it is."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path
