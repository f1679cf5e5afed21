"""What large files were read as, kept in the client's folder: written whole or not at all, used until anything changes.

A source's events lie in `.cache/<source>/<key>/` as Parquet, with the other tables beside them. The key is a hash of
everything that they depend on: the files' bytes, the source's section, the kit itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from cjtools.client import Client
from cjtools.errors import Fault, SourceError
from cjtools.settings import SourceSection
from cjtools.sources.opening.files import sha256_of, shown_name
from cjtools.sources.parts import Given, scan_parts
from cjtools.sources.reader import said_in
from cjtools.tables import Tables

FOLDER = ".cache"
BESIDE = ("sources", "left_out", "identities")  # the tables that stand beside the events
NEW = ".new-"


def stored(
    files: Sequence[Path],
    *,
    section: SourceSection,
    client: Client,
    order: int,
    form: str,
    write: Callable[[Path, Given], Tables],
) -> Tables:
    """Return the tables of large files: those that are stored, or what `write` makes and stores.

    `write` gets an empty folder, writes the parts of the events there (parts.part_path) and returns the other tables.
    """
    given = given_of(files, section=section, client=client, order=order)
    place = client.folder / FOLDER / section.id
    depends = dependencies(section=section, client=client, order=order, form=form)
    if any(finished(place)):
        hashes = {shown_name(file, client): sha256_of(file) for file in files}
        if (tables := load(place / key_of(depends, hashes), given)) is not None:
            return tables
    try:
        folder = new_folder(place)
        try:
            tables = write(folder, given)
            known = dict(tables.sources.select("source_file", "sha256").iter_rows())
            names = {shown_name(file, client): file for file in files}
            hashes = {name: known.get(name) or sha256_of(file) for name, file in names.items()}
            for name in BESIDE:
                getattr(tables, name).write_parquet(folder / f"{name}.parquet")
            target = place / key_of(depends, hashes)
            put(folder, target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        found = f"the folder {FOLDER} cannot be written ({error.strerror or error})"
        step = "large files are stored there as they are read: make room, or make it writable"
        raise SourceError(section.path, [Fault(said_in(section), found, "", step)]) from None
    loaded = load(target, given)
    assert loaded is not None
    return loaded


def given_of(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Given:
    """Return what all events of a source have in common."""
    names = {shown_name(file, client) for file in files}
    return Given(section.id, order, section.currency or client.client.currency, apart=len(names) == len(files))


def load(folder: Path, given: Given) -> Tables | None:
    """Return the tables that are stored in a folder; None when there are none, or broken ones."""
    try:
        beside = {name: pl.read_parquet(folder / f"{name}.parquet") for name in BESIDE}
        named = tuple(beside["sources"].filter(pl.col("rows_in") > 0)["source_file"])
        events = scan_parts(sorted(folder.glob("events-*.parquet")), replace(given, files=named))
        events.head(0).collect()
    except (OSError, PolarsError):
        return None
    return replace(Tables(), events=events, **beside)


def put(folder: Path, target: Path) -> None:
    """Move a finished folder to its place, and take away what was stored before: it belongs to other files."""
    try:
        folder.rename(target)
    except OSError:
        if not target.is_dir():  # another process has been faster
            raise
    for old in finished(target.parent):
        if old.name != target.name:
            shutil.rmtree(old, ignore_errors=True)


def finished(place: Path) -> Iterator[Path]:
    """Yield the folders that were written to their end."""
    if place.is_dir():
        yield from (folder for folder in place.iterdir() if not folder.name.startswith("."))


def new_folder(place: Path) -> Path:
    """Return an empty folder to write to, and take away those that processes left when they were killed."""
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob(f"{NEW}*"):
        if not is_running(left.name):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=place, prefix=f"{NEW}{os.getpid()}-"))


def is_running(name: str) -> bool:
    """Say whether the process that writes to a folder of this name may still run."""
    match = re.match(re.escape(NEW) + r"(\d+)-", name)
    if match is None or os.name != "posix":
        return True
    try:
        os.kill(int(match[1]), 0)  # asks only
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def key_of(depends: str, hashes: Mapping[str, str]) -> str:
    """Return the name of the folder for these files."""
    return hashlib.sha256(json.dumps([depends, sorted(hashes.items())]).encode()).hexdigest()[:24]


def dependencies(*, section: SourceSection, client: Client, order: int, form: str) -> str:
    """Return everything besides the files that decides what is read of a source."""
    lookup = client.folder / section.lookup.path if section.lookup else None
    return json.dumps([
        kit_version(),
        form,
        order,
        section.model_dump(mode="json"),
        sorted(section.model_fields_set),
        client.client.model_dump(mode="json"),
        [point.model_dump(mode="json") for point in client.touchpoints],
        sha256_of(lookup) if lookup and lookup.is_file() else "",
    ])  # fmt: skip


@cache
def kit_version() -> str:
    """Return a hash of the code and the data that reading goes by: another kit may read files otherwise."""
    digest = hashlib.sha256(pl.__version__.encode())
    for name, text in sorted(code_of(resources.files("cjtools"))):
        digest.update(f"{name}\0".encode() + text)
    return digest.hexdigest()


def code_of(package: Traversable) -> Iterator[tuple[str, bytes]]:
    """Yield the names and texts of the files that decide how sources are read."""
    for entry in package.iterdir():
        if entry.is_file() and entry.name in ("tables.py", "words.py", "privacy.py"):
            yield entry.name, entry.read_bytes()
    for folder in ("settings", "sources"):
        yield from files_in(package / folder, folder)


def files_in(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the code and data files of a folder and those below it."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from files_in(entry, f"{name}/{entry.name}")
        elif entry.name.endswith((".py", ".toml", ".txt")):
            yield f"{name}/{entry.name}", entry.read_bytes()
