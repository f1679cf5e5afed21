"""What a report is made from, by hash: the client's files, the notebook, the kit; and whether any of it has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cjtools.client import Client, files_at, is_litter
from cjtools.errors import Fault, ReportError, raise_if_any
from cjtools.report.order import Order
from cjtools.settings.versions import versions

BLOCK = 2**20
Mark = tuple[int, int, int, int]


@dataclass(frozen=True)
class Snapshot:
    """A client's files at one moment: their hashes, and the marks by which a change shows without reading them."""

    hashes: Mapping[str, str]
    marks: Mapping[str, Mark]


def take_snapshot(order: Order) -> Snapshot:
    """Return the hashes of all that the report of an order may be made from.

    Marks are taken first: a file that changes while it is hashed shows as changed.
    """
    files = files_of(order.client, reports=order.target.parent.parent)
    marks = {name: mark(path) for name, path in files.items()}
    return Snapshot({name: hash_of(path) for name, path in files.items()}, marks)


def files_of(client: Client, *, reports: Path | None = None) -> dict[str, Path]:
    """Return the files that may be evidence or settings of a client, by the names that its tables show, in order.

    All in its folder but what is hidden, left over by programs, or a report; and those outside that sources name.
    """
    folder = client.folder.resolve()
    kept = [path for path in folder.rglob("*") if path.is_file() and not is_hidden(path.relative_to(folder))]
    apart = reports.resolve() if reports else None
    found = {path.relative_to(folder).as_posix(): path for path in kept if not (apart and path.is_relative_to(apart))}
    named = [file for section in client.sources for file in files_at(section.path, client.folder)]
    outside = {file.name: file for file in named if not file.resolve().is_relative_to(folder)}
    return dict(sorted({**outside, **found}.items()))


def is_hidden(path: Path) -> bool:
    """Say whether a path within a client's folder is nobody's evidence: hidden, a lock, what Python compiled."""
    return is_litter(path.name) or any(part.startswith((".", "__pycache__")) for part in path.parts)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, of whatever size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def mark(path: Path) -> Mark:
    """Return what changes with a file: its size, its times, and which file it is."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def refuse_changed(read: Mapping[str, str], before: Snapshot, order: Order) -> None:
    """Raise ReportError when a file is not any more what was read: half of the page might be of the old one.

    `read` has the hashes of what the notebook read; what lies inside an archive has none of its own in the snapshot.
    """
    found = {name for name, sha in read.items() if before.hashes.get(name, sha) != sha}
    found |= set(changed_since(before, files_of(order.client, reports=order.target.parent.parent)))
    faults = [Fault(name, "changed while the report was made", "", "make the report again") for name in sorted(found)]
    raise_if_any(ReportError, order.what, faults)


def changed_since(before: Snapshot, files: Mapping[str, Path]) -> Iterator[str]:
    """Yield the files that came, went, or hold something else than before; only those with another mark are read."""
    yield from before.hashes.keys() - files.keys()
    for name, path in files.items():
        try:
            same = mark(path) == before.marks.get(name) or hash_of(path) == before.hashes.get(name)
        except OSError:
            same = False
        if not same:
            yield name


def fingerprint(order: Order, hashes: Mapping[str, str]) -> str:
    """Return one hash of everything that decides the bytes of a report: when it is equal, the report is too."""
    made_of = {
        "parameters": order.published_parameters,
        "notebook": hash_of(order.notebook),
        "kit": kit_hash(),
        "versions": versions(order.client.text.annotator),
        "files": dict(hashes),
    }
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


@cache
def kit_hash() -> str:
    """Return one hash of the kit's own files, whatever their line ends: the version alone misses what was changed."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*"), key=lambda path: path.relative_to(package).as_posix()):
        name = path.relative_to(package)
        if path.is_file() and name.parts[0] != "notebooks" and not is_hidden(name):
            digest.update(f"{name.as_posix()}\0".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def read_manifest(path: Path) -> dict[str, Any]:
    """Return a manifest, or nothing when there is none or it is not whole."""
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def is_current(order: Order) -> bool:
    """Say whether the report of an order is there, whole, and would come out the same.

    The run after one that failed makes the report again, and takes the error page away.
    """
    manifest = read_manifest(order.manifest)
    if not manifest or order.error_page.exists():
        return False
    outputs = manifest.get("outputs", {})
    try:
        if order.page.name not in outputs or any(wrong_outputs(order.target, outputs)):
            return False
        return bool(manifest.get("fingerprint") == fingerprint(order, take_snapshot(order).hashes))
    except OSError:
        return False  # a file that cannot be read: the run will say which


def wrong_outputs(target: Path, outputs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the files of a report that are not what its manifest says, and what is wrong with them."""
    for name, sha in sorted(outputs.items()):
        path = target / name
        if not path.is_file():
            yield name, "is not there"
        elif hash_of(path) != sha:
            yield name, "was changed after it was made"
