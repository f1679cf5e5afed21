"""papermill runs a notebook for a client; what comes out is checked, made into the page, and published whole."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cjtools.client import Client, load_client
from cjtools.errors import CjtoolsError, Fault, ParameterError, ReportError, cut, nearest, raise_if_any
from cjtools.report.execute import execute, parameter_names, read_notebook
from cjtools.report.export import section_names, to_page
from cjtools.report.figure import runtime
from cjtools.report.leaks import mask_paths, refuse_leaks
from cjtools.report.page import render_error
from cjtools.report.publish import locked, publish, publish_error, sweep
from cjtools.report.view import MIME, SECTIONS
from cjtools.settings import AUDIENCES, LANGUAGES, Wave

# The last section of every notebook that makes a report: a page without it is not whole.
LAST = SECTIONS[-1]


@dataclass(frozen=True)
class Order:
    """One report that was asked for, checked: for whom, from which notebook, to which files."""

    client: Client
    wave: Wave
    language: str
    audience: str
    notebook: Path
    sections: tuple[str, ...]
    target: Path

    @property
    def suffix(self) -> str:
        """What the file names carry when language or audience are not the client's own: .ca, .executive, .ca.client."""
        client = self.client
        parts = (
            self.language if self.language != client.client.language else "",
            self.audience if self.audience != client.report.audience else "",
        )
        return "".join(f".{part}" for part in parts if part)

    @property
    def what(self) -> str:
        """How messages call it."""
        return f"the report of {self.client.client.id}, {self.wave.name}"

    @property
    def parameters(self) -> dict[str, str]:
        """What the notebook is given. The path is as short as can be: it stands in the executed notebook."""
        return {
            "client": relative(self.client.folder),
            "wave": self.wave.name,
            "language": self.language,
            "audience": self.audience,
        }

    @property
    def published_parameters(self) -> dict[str, str]:
        """The same as they stand in the published notebook, wherever it was made."""
        folder = self.client.folder.resolve()
        place = f"data/{folder.name}" if folder.parent.name == "data" else folder.name
        return {**self.parameters, "client": place}


def make_report(
    client_folder: str | Path,
    *,
    wave: str = "",
    language: str = "",
    audience: str = "",
    out: str | Path | None = None,
    notebook: str | Path | None = None,
) -> Path:
    """Run the notebook for a client and publish the report; return its page.

    Without `wave`, `language` and `audience` the client's own are taken. `notebook` is the name of one that ships
    with the kit, or a Path to one of your own (which runs as code of yours). `out` is the folder of all reports, else
    `reports` beside the `data` folder that holds the client, else `reports` here. The files are
    `<out>/<client>/<wave>/journey_map.html`, `journey_map.ipynb`, `tables/` and `manifest.json`; in another language or
    for another audience than the client's own they are `journey_map.ca.html`, `tables.ca/`, and so on.

    Raises ClientError, ParameterError or ReportError; then nothing is published and an earlier report stays.
    """
    order = take_order(client_folder, wave=wave, language=language, audience=audience, out=out, notebook=notebook)
    try:
        with locked(order.target):
            sweep(order.target)
            files = make_files(order)
            publish(order.target, files)
    except OSError as error:
        where = order.target.as_posix()
        raise ReportError(
            order.what, [Fault(where, str(error.strerror or error), "a folder that can be written")]
        ) from error
    return order.target / f"{order.notebook.stem}{order.suffix}.html"


def take_order(
    client_folder: str | Path,
    *,
    wave: str,
    language: str,
    audience: str,
    out: str | Path | None,
    notebook: str | Path | None,
) -> Order:
    """Check everything that was asked for, before anything runs or is written; all faults at once."""
    client = load_client(client_folder)
    language, audience = language or client.client.language, audience or client.report.audience
    faults = [*known("language", language, LANGUAGES), *known("audience", audience, AUDIENCES)]
    try:
        chosen = client.wave_named(wave)
    except CjtoolsError as error:
        faults += error.faults
        chosen = client.wave
    path, more = choose_notebook(notebook or client.report.notebook)
    raise_if_any(ParameterError, "the report", [*faults, *more])
    sections = check_notebook(path)
    target = reports_folder(client.folder, out) / client.client.id / chosen.name
    return Order(client, chosen, language, audience, path, sections, target)


def known(key: str, value: str, values: Sequence[str]) -> list[Fault]:
    """Return the fault of a value that is none of those there are."""
    return [] if value in values else [Fault(key, f"{cut(value)} is not known", nearest(value, values))]


def notebook_folders() -> Iterator[Path]:
    """Yield where notebooks ship: inside the installed package, or beside it in a working copy."""
    package = Path(__file__).parent.parent
    yield package / "notebooks"
    yield package.parent / "notebooks"


def shipped_notebooks() -> dict[str, Path]:
    """Return the notebooks that ship with the kit, by name."""
    return {
        path.stem: path for folder in notebook_folders() if folder.is_dir() for path in sorted(folder.glob("*.ipynb"))
    }


def find_notebook(name: str) -> Path:
    """Return the notebook that ships with the kit under a name.

    Raises ParameterError with the nearest name.
    """
    path, faults = choose_notebook(name)
    raise_if_any(ParameterError, "the report", faults)
    return path


def choose_notebook(notebook: str | Path) -> tuple[Path, list[Fault]]:
    """Return the path of a notebook: a Path is taken as it is, a name is one that ships with the kit."""
    if isinstance(notebook, Path):
        missing = [] if notebook.is_file() else [Fault("notebook", f"no such file: {cut(notebook.name)}")]
        return notebook, missing
    shipped = shipped_notebooks()
    if notebook in shipped:
        return shipped[notebook], []
    return Path(), [Fault("notebook", f"{cut(notebook)} does not ship with the kit", nearest(notebook, shipped))]


def check_notebook(path: Path) -> tuple[str, ...]:
    """Return the sections that a notebook promises (metadata.cjtools.sections); refuse one that lacks a parameter."""
    notebook = read_notebook(path)
    there = parameter_names(notebook)
    faults = [
        Fault(name, f"not a parameter of {path.name}", nearest(name, there), "add it to the cell tagged parameters")
        for name in ("client", "wave", "language", "audience")
        if name not in there
    ]
    raise_if_any(ParameterError, path.name, faults)
    ours = SECTIONS if path == shipped_notebooks().get("journey_map") else (LAST,)
    return tuple(notebook.metadata.get("cjtools", {}).get("sections", ours))


def reports_folder(folder: Path, out: str | Path | None) -> Path:
    """Return the folder of all reports."""
    if out is not None:
        return Path(out)
    parent = folder.resolve().parent
    return parent.parent / "reports" if parent.name == "data" else Path("reports")


def relative(folder: Path) -> str:
    """Return a folder relative to here with forward slashes, or absolute when it lies on another drive."""
    try:
        return Path(os.path.relpath(folder)).as_posix()
    except ValueError:
        return folder.resolve().as_posix()


def make_files(order: Order) -> dict[str, bytes]:
    """Run the notebook and return the files of the report; what fails leaves an error page and raises."""
    try:
        notebook = execute(order.notebook, order.parameters, what=order.what)
        check_whole(notebook, order)
        return report_files(notebook, order)
    except ReportError as error:
        lines = mask_paths("\n".join(str(fault) for fault in error.faults), folder=order.client.folder).splitlines()
        page = render_error(language=order.language, title=order.what, where=order.notebook.name, lines=lines)
        publish_error(order.target, page)
        raise


def check_whole(notebook: Any, order: Order) -> None:
    """Raise ReportError unless every section that the notebook promises is there, and the last one is the last."""
    names = section_names(notebook)
    faults = [
        Fault(order.notebook.name, f"the section {name!r} did not come out", "", "every section must be there")
        for name in order.sections
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


def report_files(notebook: Any, order: Order) -> dict[str, bytes]:
    """Return page, notebook, tables and manifest, by file name."""
    stem, suffix = order.notebook.stem, order.suffix
    label = "" if stem == "journey_map" else f".{stem}"
    made_of = take_data(notebook)
    refuse_changed(made_of["manifest"].get("inputs", {}), order)
    page = to_page(notebook, language=order.language, audience=order.audience)
    texts = {f"{stem}{suffix}.html": page, f"{stem}{suffix}.ipynb": published_notebook(notebook, order)}
    # The mark at the beginning is how spreadsheets know UTF-8.
    tables = {f"tables{label}{suffix}/{name}.csv": f"\ufeff{table}" for name, table in made_of["tables"].items()}
    texts |= tables
    packed = runtime().packed
    refuse_leaks(
        order.what, {name: text.replace(packed, "") for name, text in texts.items()}, folder=order.client.folder
    )
    files = {name: text.encode() for name, text in sorted(texts.items())}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = {**made_of["manifest"], "outputs": hashes, "notebook": order.notebook.stem}
    return {**files, f"manifest{label}{suffix}.json": json_bytes(manifest)}


def refuse_changed(inputs: Mapping[str, str], order: Order) -> None:
    """Raise ReportError when a file is not any more what was read: half of the page might be of the old one."""
    faults = []
    for name, sha in sorted(inputs.items()):
        path = order.client.folder / name
        # What lies inside an archive has no file of its own.
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != sha:
            faults.append(Fault(name, "changed while the report was made", "", "make the report again"))
    raise_if_any(ReportError, order.what, faults)


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
                return {"tables": data.pop("tables", {}), "manifest": data.pop("manifest", {})}
    return {"tables": {}, "manifest": {}}


def published_notebook(notebook: Any, order: Order) -> str:
    """Return the executed notebook without what differs from run to run: times, ids, paths, widget state, warnings."""
    cells = [published_cell(cell, number, order) for number, cell in enumerate(notebook.cells, start=1)]
    kept = {key: value for key, value in notebook.metadata.items() if key in ("cjtools", "kernelspec", "language_info")}
    kept["language_info"] = {"name": "python"}
    clean = {"cells": cells, "metadata": kept, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(clean, ensure_ascii=False, sort_keys=True) + "\n"


def published_cell(cell: Any, number: int, order: Order) -> dict[str, Any]:
    """Return one cell as it is published."""
    tags = list(cell.metadata.get("tags", []))
    injected = "injected-parameters" in tags
    source = cell.source
    if injected:
        source = "# Parameters\n" + "".join(
            f"{key} = {json.dumps(value)}\n" for key, value in order.published_parameters.items()
        )
    identifier = "injected-parameters" if injected else cell.get("id") or f"cell-{number}"
    published = {
        "cell_type": cell.cell_type,
        "id": identifier,
        "metadata": {"tags": tags} if tags else {},
        "source": source,
    }
    if cell.cell_type == "code":
        outputs = [dict(output) for output in cell.outputs if output.get("name") != "stderr"]
        published |= {"execution_count": cell.execution_count, "outputs": outputs}
    return published
