"""Putting a report into its folder: whole, or not at all, and one run at a time."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from cjtools.errors import Fault, ReportError

if os.name == "nt":
    import msvcrt
else:
    import fcntl

ERROR_PAGE = "error_report.html"
PART, READY = ".part-", ".ready-"


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold the folder of one wave for one run; a second run is told so at once.

    Raises ReportError when another process holds it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    path = target.parent / f".{target.name}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not take(handle, path):
            holder = os.read(handle, 20).decode() or "unknown"
            found = f"another run is making this report (process {holder})"
            raise ReportError(target.as_posix(), [Fault("lock", found, "", "wait until it is done")])
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()
    finally:
        os.close(handle)


def take(handle: int, path: Path) -> bool:
    """Take the lock of an open file; false when somebody has it, or has just taken its name away."""
    try:
        if os.name == "nt":
            # Far behind the process number, which the loser still has to read.
            os.lseek(handle, 1000, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.lseek(handle, 0, os.SEEK_SET)
    return path.exists() and os.path.samestat(os.fstat(handle), path.stat())


def sweep(target: Path) -> None:
    """Finish what an earlier run had ready, and remove what it had only begun. Call with the lock held."""
    for folder in sorted(target.parent.glob(f".{target.name}{READY}*")):
        move_in(folder, target)
    for folder in sorted(target.parent.glob(f".{target.name}{PART}*")):
        shutil.rmtree(folder, ignore_errors=True)


def publish(target: Path, files: Mapping[str, bytes]) -> None:
    """Put the files of one report into its folder, from relative names to contents.

    They are written beside the folder and reach the disk first; renaming that draft is the moment from which the
    new report counts: a run that dies later is finished by the next one, one that dies earlier leaves the old report.
    """
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}{PART}", dir=target.parent))
    try:
        for name, content in files.items():
            write_through(draft / name, content)
        sync_folder(draft)
        ready = draft.with_name(draft.name.replace(PART, READY))
        draft.rename(ready)
        sync_folder(target.parent)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise ReportError(target.as_posix(), [Fault("writing", str(error.strerror or error))]) from error
    move_in(ready, target)


def write_through(path: Path, content: bytes) -> None:
    """Write a file and wait until the disk has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk knows the names in a folder, where the system can say so."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def move_in(ready: Path, target: Path) -> None:
    """Move the files of a finished draft into place one by one, the page last; each of them is whole at any moment."""
    target.mkdir(parents=True, exist_ok=True)
    target.chmod(0o755)
    files = sorted(
        (path for path in ready.rglob("*") if path.is_file()), key=lambda path: (path.suffix == ".html", path)
    )
    for path in files:
        place = target / path.relative_to(ready)
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)
    for manifest in target.glob("manifest*.json"):
        drop_old_tables(target, manifest)
    (target / ERROR_PAGE).unlink(missing_ok=True)
    sync_folder(target)
    shutil.rmtree(ready, ignore_errors=True)


def drop_old_tables(target: Path, manifest: Path) -> None:
    """Remove the tables of an earlier run that a manifest does not name any more."""
    outputs = json.loads(manifest.read_text("utf-8"))["outputs"]
    folder = target / manifest.stem.replace("manifest", "tables", 1)
    for path in folder.glob("*.csv"):
        if path.relative_to(target).as_posix() not in outputs:
            path.unlink()


def publish_error(target: Path, page: str) -> None:
    """Leave the page that says what went wrong; the report of an earlier run stays as it is."""
    with suppress(OSError):
        target.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=PART, dir=target)
        os.close(handle)
        write_through(Path(name), page.encode())
        Path(name).chmod(0o644)
        Path(name).replace(target / ERROR_PAGE)
