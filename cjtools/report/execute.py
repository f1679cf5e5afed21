"""Running a notebook by papermill, and saying plainly whether it ran to its end."""

from __future__ import annotations

import copy
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager
from papermill.exceptions import PapermillExecutionError

from cjtools.errors import CjtoolsError, Fault, ParameterError, ReportError, raise_if_any

# Long enough for the largest client on a slow machine; a cell that hangs must not hang a batch.
CELL_TIMEOUT = 3600
START_TIMEOUT = 120
KERNEL = "python3"


class LocalKernelManager(AsyncKernelManager):
    """Starts this very Python as the kernel, whatever kernels the machine has registered, over a local socket."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command of the kernel; --log-level keeps its warnings off the terminal."""
        file = self.connection_file
        return [sys.executable, "-m", "ipykernel_launcher", "-f", file, "--log-level=50", *(extra_arguments or [])]


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


def execute(path: Path, parameters: Mapping[str, str], *, what: str) -> Any:
    """Return the executed notebook.

    A kernel that does not start is tried once more. Raises ReportError with the cell, the name of the error and its
    message when a cell fails, when the kernel dies, when a cell takes too long, or when a cell was never run.
    """
    notebook = read_notebook(path)
    silenced = silence_lab(notebook)
    for attempt in (1, 2):
        try:
            done = run_papermill(copy.deepcopy(notebook), parameters)
            break
        except PapermillExecutionError as error:
            raise ReportError(what, [cell_fault(path.name, error)]) from None
        except CjtoolsError:
            raise
        except Exception as error:
            if attempt == 2 or "before replying" not in str(error):
                lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
                raise ReportError(what, [Fault(path.name, f"{type(error).__name__}: {lines[0]}")]) from error
    refuse_unfinished(done, path.name, what=what)
    for cell in done.cells:
        cell.source = silenced.get(cell.get("id"), cell.source)
    return done


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


def run_papermill(notebook: Any, parameters: Mapping[str, str]) -> Any:
    """Run a notebook in a kernel of its own, in the caller's folder, without any file being written."""
    logging.getLogger("papermill").setLevel(logging.ERROR)
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
        kernel_manager_class=LocalKernelManager,
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
    """Raise ReportError unless every code cell ran and none failed: papermill itself marks them all completed."""
    faults = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        where = cell_name(name, number, cell.source)
        failed = [output for output in cell.outputs if output.output_type == "error"]
        faults += [Fault(where, f"{output.ename}: {output.evalue}".rstrip(": ")) for output in failed]
        if not failed and cell.execution_count is None:
            faults.append(Fault(where, "was not run", "", "an earlier cell ended the run"))
    raise_if_any(ReportError, what, faults)
