"""One report of a batch: what is asked of a worker, and what came of it; both travel between machines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cjtools.errors import CjtoolsError, Fault, ReportError
from cjtools.report.order import Order, take_order
from cjtools.report.seed import Seed

Status = Literal["made", "unchanged", "failed"]


@dataclass(frozen=True)
class Job:
    """One report to be made. The folders are absolute: a worker may run anywhere."""

    folder: Path
    wave: str = ""
    language: str = ""
    audience: str = ""
    notebook: str = ""
    out: Path | None = None
    memory_mb: int | None = None
    minutes: float | None = None
    tables: str = ""

    def order(self) -> Order:
        """Return the report that is meant; raises ClientError or ParameterError."""
        return take_order(
            self.folder,
            wave=self.wave,
            language=self.language,
            audience=self.audience,
            out=self.out,
            notebook=self.notebook or None,
            tables=self.tables,
        )


@dataclass(frozen=True)
class Outcome:
    """What came of one report: its page, or every fault that kept it from being made."""

    folder: Path
    status: Status
    page: Path | None = None
    what: str = ""
    faults: tuple[Fault, ...] = ()
    message: str = ""

    @property
    def name(self) -> str:
        """How the client is called: its folder."""
        return self.folder.name


def failed(folder: Path, error: CjtoolsError) -> Outcome:
    """Return the outcome of a report that was refused or did not come out."""
    return Outcome(folder, "failed", what=error.what, faults=error.faults, message=str(error))


def ended(folder: Path, found: str) -> Outcome:
    """Return the outcome of a report whose process ended without a word."""
    fault = Fault("the process", found, "", "run it again, alone, to see more")
    return failed(folder, ReportError(f"the report of {folder.name}", [fault]))


def run_job(job: Job, *, seed: Seed | None = None) -> Outcome:
    """Make one report and return what came of it; `seed` is a kernel that was forked ahead, of nobody's client.

    An error that is nobody's fault but the kit's ends this report, not the batch.
    """
    # What runs notebooks takes long to import: the command line need not, to say that nothing has changed.
    from cjtools.report.run import run_order

    try:
        page = run_order(job.order(), memory_mb=job.memory_mb, minutes=job.minutes, seed=seed)
    except CjtoolsError as error:
        return failed(job.folder, error)
    except Exception as error:
        return ended(job.folder, f"{type(error).__name__}: {error}")
    return Outcome(job.folder, "made", page)
