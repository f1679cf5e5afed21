"""papermill runs a notebook for a client; what comes out is checked, made into the page, and published whole."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cjtools.client import FILE
from cjtools.errors import CjtoolsError, Fault, ParameterError, ReportError, nearest, raise_if_any
from cjtools.report.execute import execute, parameter_names, read_notebook
from cjtools.report.export import section_names, to_page
from cjtools.report.figure import runtime
from cjtools.report.inputs import Snapshot, fingerprint, hash_of, kit_hash, refuse_changed, take_snapshot
from cjtools.report.leaks import mask_paths, refuse_leaks
from cjtools.report.order import MAP, Order, find_notebook, shipped_notebooks, take_order
from cjtools.report.page import render_error
from cjtools.report.publish import locked, publish, publish_error, sweep
from cjtools.report.published import published_notebook
from cjtools.report.seed import Seed
from cjtools.report.view import MIME, SECTIONS
from cjtools.report.warm import warm_page
from cjtools.report.watch import Limits

__all__ = ["find_notebook", "make_report", "run_order"]

# The last section of every notebook that makes a report: a page without it is not whole.
LAST = SECTIONS[-1]
ROWS = ("rows_used", "rows_rejected", "rows_merged")


def make_report(
    client_folder: str | Path,
    *,
    wave: str = "",
    language: str = "",
    audience: str = "",
    out: str | Path | None = None,
    notebook: str | Path | None = None,
    tables: str = "",
    memory_mb: int | None = None,
    minutes: float | None = None,
) -> Path:
    """Run the notebook for a client and publish the report; return its page.

    Without `wave`, `language` and `audience` the client's own are taken. `notebook` is the name of one that ships
    with the kit, or a Path to one of your own (which runs as code of yours). `out` is the folder of all reports, else
    `reports` beside the `data` folder that holds the client, else `reports` here. A kernel that uses more than
    `memory_mb` or `minutes` (else what [batch] of client.toml says) is ended. The files are
    `<out>/<client>/<wave>/journey_map.html`, `journey_map.ipynb`, `tables/` and `manifest.json`; in another language or
    for another audience than the client's own they are `journey_map.ca.html`, `tables.ca/`, and so on. `tables`
    names other forms of the tables, "xlsx", "parquet" or both: `tables.xlsx`, and Parquet beside the CSV files.

    Raises ClientError, ParameterError or ReportError; then nothing is published and an earlier report stays.
    """
    order = take_order(
        client_folder, wave=wave, language=language, audience=audience, out=out, notebook=notebook, tables=tables
    )
    return run_order(order, memory_mb=memory_mb, minutes=minutes)


def run_order(
    order: Order, *, memory_mb: int | None = None, minutes: float | None = None, seed: Seed | None = None
) -> Path:
    """Make the report of an order and return its page; `seed` is a kernel that was forked ahead."""
    sections = check_notebook(order.notebook, also=("tables",) if order.tables else ())
    batch = order.client.batch
    limits = Limits(memory_mb or batch.memory_mb, minutes or batch.minutes)
    try:
        with locked(order.target):
            sweep(order.target)
            publish(order.target, make_files(order, sections, limits=limits, seed=seed))
    except OSError as error:
        where = order.target.as_posix()
        raise ReportError(
            order.what, [Fault(where, str(error.strerror or error), "a folder that can be written")]
        ) from error
    return order.page


def check_notebook(path: Path, *, also: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the sections that a notebook promises (metadata.cjtools.sections); refuse one that lacks a parameter."""
    notebook = read_notebook(path)
    there = parameter_names(notebook)
    faults = [
        Fault(name, f"not a parameter of {path.name}", nearest(name, there), "add it to the cell tagged parameters")
        for name in ("client", "wave", "language", "audience", *also)
        if name not in there
    ]
    raise_if_any(ParameterError, path.name, faults)
    ours = SECTIONS if path == shipped_notebooks().get(MAP) else (LAST,)
    return tuple(notebook.metadata.get("cjtools", {}).get("sections", ours))


def make_files(order: Order, sections: Sequence[str], *, limits: Limits, seed: Seed | None = None) -> dict[str, bytes]:
    """Run the notebook and return the files of the report; what fails leaves an error page and raises."""
    try:
        before = snapshot_of(order)
        with ThreadPoolExecutor(1) as ahead:
            ahead.submit(warm_page)
            notebook = execute(order.notebook, order.parameters, what=order.what, limits=limits, seed=seed)
        check_whole(notebook, order, sections)
        return report_files(notebook, order, before)
    except Exception as error:
        faults = error.faults if isinstance(error, CjtoolsError) else [f"{type(error).__name__}: {error}"]
        leave_error(order, [str(fault) for fault in faults])
        raise


def snapshot_of(order: Order) -> Snapshot:
    """Return the hashes of the client's files; raises ReportError that names one that cannot be read."""
    try:
        return take_snapshot(order)
    except OSError as error:
        path, folder = Path(error.filename or FILE), order.client.folder.resolve()
        where = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
        raise ReportError(
            order.what, [Fault(where, str(error.strerror or error), "a file that can be read")]
        ) from error


def leave_error(order: Order, faults: Sequence[str]) -> None:
    """Leave the page that says what went wrong, without this machine's folders."""
    lines = mask_paths("\n".join(faults), folder=order.client.folder).splitlines()
    page = render_error(language=order.language, title=order.what, where=order.notebook.name, lines=lines)
    publish_error(order.target, page, name=order.error_page.name)


def check_whole(notebook: Any, order: Order, sections: Sequence[str]) -> None:
    """Raise ReportError unless every section that the notebook promises is there, and the last one is the last."""
    names = section_names(notebook)
    faults = [
        Fault(order.notebook.name, f"the section {name!r} did not come out", "", "every section must be there")
        for name in sections
        if name not in names
    ]
    if not faults and (not names or names[-1] != LAST):
        faults = [Fault(order.notebook.name, f"the last section is not {LAST!r}", "", "the notebook stopped early")]
    faults += [
        Fault(order.notebook.name, f"the section {name!r} came out {names.count(name)} times", "each section once")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    raise_if_any(ReportError, order.what, faults)


def report_files(notebook: Any, order: Order, before: Snapshot) -> dict[str, bytes]:
    """Return page, notebook, tables and manifest, by file name."""
    stem, suffix = order.notebook.stem, order.suffix
    made_of = take_data(notebook)
    told = dict(made_of["manifest"])
    refuse_uncounted(told.get("rows") or {}, order)
    refuse_changed(told.get("inputs", {}), before, order)
    page = to_page(notebook, language=order.language, audience=order.audience)
    texts = {f"{stem}{suffix}.html": page, f"{stem}{suffix}.ipynb": published_notebook(notebook, order)}
    # The mark at the beginning is how spreadsheets know UTF-8.
    texts |= {f"tables{order.label}/{name}.csv": f"\ufeff{table}" for name, table in made_of["tables"].items()}
    packed = runtime().packed
    refuse_leaks(
        order.what, {name: text.replace(packed, "") for name, text in texts.items()}, folder=order.client.folder
    )
    files = {name: text.encode() for name, text in sorted(texts.items())}
    files |= {f"tables{order.label}{end}": b64decode(table) for end, table in made_of["table_files"].items()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return {**files, order.manifest.name: json_bytes(made_from(order, told, before) | {"outputs": hashes})}


def refuse_uncounted(rows: Mapping[str, int], order: Order) -> None:
    """Raise ReportError when rows were lost on the way: each one read is used, rejected or merged."""
    if rows and rows["rows_in"] != (told := sum(rows[name] for name in ROWS)):
        found = f"{rows['rows_in']} rows were read, {told} were used, rejected or merged"
        raise ReportError(order.what, [Fault("rows", found, "the two must be equal", "this is a fault of the kit")])


def made_from(order: Order, told: Mapping[str, Any], before: Snapshot) -> dict[str, Any]:
    """Return the manifest but for the outputs: what the notebook told, and what would make the report another one.

    Of an archive whose parts were read, the whole is an input too: it is what lies in the folder.
    """
    client, wave, inputs = order.client, order.wave, dict(told.get("inputs", {}))
    parents = {parent.as_posix() for name in inputs for parent in Path(name).parents}
    inputs |= {name: before.hashes[name] for name in parents & before.hashes.keys()}
    about = {
        "name": client.client.name,
        "status": client.client.status,
        "from": wave.from_.isoformat(),
        "to": wave.to.isoformat(),
        "previous": wave.previous,
    }
    return {
        **told,
        "inputs": inputs,
        "about": about,
        "notebook": order.notebook.stem,
        "made_by": {"kit": kit_hash(), "notebook": hash_of(order.notebook)},
        "fingerprint": fingerprint(order, before.hashes),
    }


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Return JSON that is the same for the same value."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def take_data(notebook: Any) -> dict[str, Any]:
    """Take what the provenance view carries for the files, and is not laid out, out of the notebook."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            view = output.get("data", {}).get(MIME, {})
            if view.get("kind") == LAST:
                data = view["data"]
                return {name: data.pop(name, {}) for name in ("tables", "table_files", "manifest")}
    return {"tables": {}, "table_files": {}, "manifest": {}}
