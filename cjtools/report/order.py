"""One report that was asked for, checked before anything runs: for whom, from which notebook, to which files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cjtools.client import Client, load_client
from cjtools.errors import CjtoolsError, Fault, ParameterError, cut, nearest, raise_if_any
from cjtools.report.publish import error_name
from cjtools.settings import AUDIENCES, LANGUAGES, Wave

MAP = "journey_map"
# What the tables may be written as beside CSV; table_files writes them, and loads much more.
TABLE_FORMS = ("parquet", "xlsx")


@dataclass(frozen=True)
class Order:
    """One report that was asked for, checked: for whom, from which notebook, to which files."""

    client: Client
    wave: Wave
    language: str
    audience: str
    notebook: Path
    target: Path
    tables: str = ""

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
    def label(self) -> str:
        """What tables and manifest carry when the notebook is not the journey map's, and then the suffix."""
        return ("" if self.notebook.stem == MAP else f".{self.notebook.stem}") + self.suffix

    @property
    def page(self) -> Path:
        """Where the page is published."""
        return self.target / f"{self.notebook.stem}{self.suffix}.html"

    @property
    def manifest(self) -> Path:
        """Where the manifest is published."""
        return self.target / f"manifest{self.label}.json"

    @property
    def error_page(self) -> Path:
        """Where the page is left that says why the report was not made; each report of a wave has its own."""
        return self.target / error_name(self.label)

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
            **({"tables": self.tables} if self.tables else {}),
        }

    @property
    def published_parameters(self) -> dict[str, str]:
        """The same as they stand in the published notebook, wherever it was made."""
        folder = self.client.folder.resolve()
        place = f"data/{folder.name}" if folder.parent.name == "data" else folder.name
        return {**self.parameters, "client": place}


def take_order(
    client_folder: str | Path,
    *,
    wave: str,
    language: str,
    audience: str,
    out: str | Path | None,
    notebook: str | Path | None,
    tables: str = "",
) -> Order:
    """Check everything that was asked for, before anything runs or is written; all faults at once."""
    client = load_client(client_folder)
    language, audience = language or client.client.language, audience or client.report.audience
    faults = [*known("language", language, LANGUAGES), *known("audience", audience, AUDIENCES)]
    forms = sorted({form.strip().lower() for form in tables.split(",")} - {""})
    faults += [fault for form in forms for fault in known("tables", form, TABLE_FORMS)]
    try:
        chosen = client.wave_named(wave)
    except CjtoolsError as error:
        faults += error.faults
        chosen = client.wave
    path, more = choose_notebook(notebook or client.report.notebook)
    raise_if_any(ParameterError, "the report", [*faults, *more])
    target = reports_folder(client.folder, out) / client.client.id / chosen.name
    return Order(client, chosen, language, audience, path, target, ",".join(forms))


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
