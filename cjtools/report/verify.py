"""Whether a report is still what its manifest says: its own files, what it was made from, what it was made with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from cjtools.client import FILE, OWN_FILES, Client, files_at, load_client
from cjtools.errors import CjtoolsError, Fault, ParameterError
from cjtools.report.inputs import files_of, hash_of, kit_hash, read_manifest, wrong_outputs
from cjtools.report.order import shipped_notebooks
from cjtools.settings.versions import version_of


@dataclass(frozen=True)
class Verified:
    """One manifest, how much was compared, and what differs."""

    manifest: Path
    outputs: int
    inputs: int
    packages: int
    faults: tuple[Fault, ...]


def verify_report(report: str | Path, *, client: str | Path | None = None) -> list[Verified]:
    """Recompute the hashes of a report, of its inputs and of the kit, and return what differs, a line a manifest.

    `report` is a page, a manifest, or a folder with several. The inputs are looked for in `client`, else in
    `data/<client>` beside the folder of the reports. Raises ParameterError when there is no manifest.

    >>> verify_report("data/example")
    Traceback (most recent call last):
    cjtools.errors.ParameterError: the report cannot be used: 1 fault
      data/example: no manifest names it; a page, a manifest or a folder: none is there
    """
    return [
        verify_one(path, read_manifest(path), client=Path(client) if client else None)
        for path in manifests_of(Path(report))
    ]


def manifests_of(report: Path) -> list[Path]:
    """Return the manifests that a path stands for."""
    folder = report if report.is_dir() else report.parent
    there = [path for path in sorted(folder.glob("manifest*.json")) if "outputs" in read_manifest(path)]
    found = [path for path in there if report in (folder, path) or report.name in read_manifest(path)["outputs"]]
    if not found:
        found_there = ", ".join(path.name for path in there) or "none is there"
        fault = Fault(report.as_posix(), "no manifest names it", f"a page, a manifest or a folder: {found_there}")
        raise ParameterError("the report", [fault])
    return found


def verify_one(path: Path, manifest: Mapping[str, Any], *, client: Path | None) -> Verified:
    """Return what differs from one manifest."""
    inputs, packages = manifest.get("inputs", {}), manifest.get("packages", {})
    outputs = wrong_outputs(path.parent, manifest["outputs"])
    faults = [
        *(Fault(name, found) for name, found in outputs),
        *input_faults(inputs, client or client_folder(path, manifest)),
        *package_faults(packages),
        *kit_faults(manifest),
    ]
    return Verified(path, len(manifest["outputs"]), len(inputs), len(packages), tuple(faults))


def client_folder(path: Path, manifest: Mapping[str, Any]) -> Path:
    """Return where a client's folder lies when nobody has moved anything: data/<client> beside reports/."""
    beside = path.resolve().parents[3] / "data" if len(path.resolve().parents) > 3 else Path("data")
    name = str(manifest.get("parameters", {}).get("client", ""))
    return next((place / name for place in (beside, Path("data")) if (place / name / FILE).is_file()), beside / name)


def input_faults(inputs: Mapping[str, str], folder: Path) -> Iterator[Fault]:
    """Yield the inputs that are not what they were; a part of an archive is as its archive is."""
    if not (folder / FILE).is_file():
        step = "name it by --client"
        yield Fault("inputs", f"they were not compared: there is no client at {folder.name!r}", "", step)
        return
    client = client_there(folder)
    files = files_there(folder, client)
    for name, sha in sorted(inputs.items()):
        archives = [parent.as_posix() for parent in Path(name).parents if parent.as_posix() in inputs]
        if name in files:
            if hash_of(files[name]) != sha:
                yield Fault(name, "was changed after the report was made")
        elif not archives:
            yield Fault(name, "is not there any more")
    for name in sorted(read_now(files, folder, client) - inputs.keys()):
        # A notebook that tells no inputs at all has told nothing of what it would read now.
        if FILE in inputs:
            yield Fault(name, "was added after the report was made")


def client_there(folder: Path) -> Client | None:
    """Return the client of a folder, nothing when its client.toml is broken by now."""
    try:
        return load_client(folder)
    except CjtoolsError:
        return None


def files_there(folder: Path, client: Client | None) -> dict[str, Path]:
    """Return a client's files by name; of a client.toml that is broken by now, those of the folder alone."""
    if client:
        return files_of(client)
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def read_now(files: Mapping[str, Path], folder: Path, client: Client | None) -> set[str]:
    """Return the names of the files that a report would read now: the kit's own, and those that sources name."""
    sources = client.sources if client else ()
    named = {path.resolve() for section in sources for path in files_at(section.path, folder)}
    return {name for name, path in files.items() if name in OWN_FILES or path.resolve() in named}


def package_faults(packages: Mapping[str, str]) -> Iterator[Fault]:
    """Yield the packages that have another version here."""
    for name, version in sorted(packages.items()):
        try:
            here = version_of(name)
        except metadata.PackageNotFoundError:
            here = "not installed"
        if here != version:
            yield Fault(name, f"is {here} here", f"the report was made with {version}")


def kit_faults(manifest: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield that the kit, or the notebook that ships with it, is not the one that made the report."""
    made_by = manifest.get("made_by", {})
    if made_by.get("kit") != kit_hash():
        yield Fault("cjtools", "its files are not those that made the report", "", "the version alone may be equal")
    notebook = shipped_notebooks().get(str(manifest.get("notebook", "")))
    if notebook and hash_of(notebook) != made_by.get("notebook"):
        yield Fault(f"{manifest['notebook']}.ipynb", "is not the notebook that made the report")
