"""Running a notebook by papermill, and saying plainly whether it ran to its end."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

from cjtools.errors import CjtoolsError, Fault, ParameterError, ReportError, raise_if_any
from cjtools.report.kernel import LocalKernelManager
from cjtools.report.seed import Seed
from cjtools.report.watch import Limits, Watch

# Long enough for the largest client on a slow machine; a cell that hangs must not hang a batch.
CELL_TIMEOUT = 3600
START_TIMEOUT = 120
KERNEL = "python3"
# How nbclient says that a kernel did not start: it died at once, or it never answered.
NOT_STARTED = ("Kernel died before replying", "Kernel didn't respond")
# What Python writes where an error was not the cell's own: in a thread, or while something was shown.
HIDDEN_ERROR = "Traceback (most recent call last)"


def read_notebook(path: Path) -> Any:
    """Return a notebook without its outputs, for Python whatever kernel it was last used with.

    Raises ParameterError when the file is no notebook.
    """
    try:
        notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise ParameterError(
            path.name, [Fault("notebook", f"cannot be read as a notebook: {lines[0][:200]}")]
        ) from None
    notebook.metadata["kernelspec"] = {"name": KERNEL, "display_name": "Python 3", "language": "python"}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    return notebook


def parameter_names(notebook: Any) -> list[str]:
    """Return the names in the cell of a notebook that is tagged parameters."""
    return list(papermill.inspect_notebook(copy.deepcopy(notebook)))


def execute(path: Path, parameters: Mapping[str, str], *, what: str, limits: Limits, seed: Seed | None = None) -> Any:
    """Return the executed notebook.

    A kernel that does not start is tried once more, without the seed. Raises ReportError with the cell, the name of
    the error and its message when a cell fails, when the kernel dies or goes beyond a limit, when a cell takes too
    long, or when a cell was never run.
    """
    notebook = read_notebook(path)
    silenced = silence_lab(notebook)
    try:
        done = run_watched(notebook, parameters, what=what, limits=limits, seed=seed)
    except PapermillExecutionError as error:
        raise ReportError(what, [cell_fault(path.name, error)]) from None
    except CjtoolsError:
        raise
    except Exception as error:
        lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        raise ReportError(what, [Fault(path.name, f"{type(error).__name__}: {lines[0]}")]) from error
    refuse_unfinished(done, path.name, what=what)
    for cell in done.cells:
        cell.source = silenced.get(cell.get("id"), cell.source)
    return done


def run_watched(notebook: Any, parameters: Mapping[str, str], *, what: str, limits: Limits, seed: Seed | None) -> Any:
    """Return what papermill gives; a kernel that did not start gets a second chance, any other error is raised.

    Raises ReportError when the kernel was ended because it used too much: whatever papermill says follows from that.
    """
    for attempt in (1, 2):
        watch = Watch(limits)
        try:
            return run_papermill(copy.deepcopy(notebook), parameters, watch=watch, seed=seed if attempt == 1 else None)
        except Exception as error:
            if watch.fault:
                raise ReportError(what, [watch.fault]) from error
            if attempt == 2 or not str(error).startswith(NOT_STARTED):
                raise
        finally:
            watch.stop()
    raise AssertionError


def silence_lab(notebook: Any) -> dict[str, str]:
    """Empty the code cells that are for JupyterLab only, and return what stood in them by id.

    A report has no use for a widget, and must not need what a widget takes.
    """
    silenced: dict[str, str] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and "lab-only" in cell.metadata.get("tags", []):
            silenced |= {cell["id"]: cell.source} if "id" in cell else {}
            cell.source = ""
    return silenced


def run_papermill(notebook: Any, parameters: Mapping[str, str], *, watch: Watch, seed: Seed | None) -> Any:
    """Run a notebook in a kernel of its own, in the caller's folder, without any file being written.

    papermill gets the notebook itself and the four parameters of every report: no path and no name from outside.
    """
    manager = type("Manager", (LocalKernelManager,), {"seed": seed, "started": staticmethod(watch.start)})
    # What goes wrong is said by the error itself, in our words; the log would say it again on the terminal.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    return papermill.execute_notebook(
        notebook,
        None,
        parameters=dict(parameters),
        kernel_name=KERNEL,
        progress_bar=False,
        request_save_on_cell_execute=False,
        autosave_cell_every=0,
        start_timeout=START_TIMEOUT,
        execution_timeout=CELL_TIMEOUT,
        kernel_manager_class=manager,
    )


def cell_fault(name: str, error: PapermillExecutionError) -> Fault:
    """Return which cell failed and why, in the words of the error itself."""
    message = str(error.evalue).strip()
    # papermill has put one cell before it, with the parameters: people count those of their own notebook.
    where = cell_name(name, error.cell_index, str(error.source))
    return Fault(where, f"{error.ename}: {message}" if message else str(error.ename))


def cell_name(name: str, number: int, source: str) -> str:
    """Return how messages call a cell: its notebook, its number and how it begins."""
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return f"{name}, cell {number} ({line[:60]})"


def refuse_unfinished(notebook: Any, name: str, *, what: str) -> None:
    """Raise ReportError unless every code cell ran and none failed: papermill itself marks them all completed.

    What failed in a thread or while it was shown ends no cell: its traceback is on stderr, and is a fault as well.
    """
    faults = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        where = cell_name(name, number, cell.source)
        failed = [output for output in cell.outputs if output.output_type == "error"]
        faults += [Fault(where, f"{output.ename}: {output.evalue}".rstrip(": ")) for output in failed]
        if not failed:
            faults += [Fault(where, hidden) for hidden in hidden_errors(cell.outputs)]
        if not failed and cell.execution_count is None:
            faults.append(Fault(where, "was not run", "", "an earlier cell ended the run"))
    raise_if_any(ReportError, what, faults)


def hidden_errors(outputs: Sequence[Any]) -> list[str]:
    """Return the last line of each traceback that was written beside the outputs of a cell."""
    written = [str(output.text) for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    tracebacks = "".join(written).split(HIDDEN_ERROR)[1:]
    return [text.strip().splitlines()[-1] for text in tracebacks]
