"""Putting a report into its folder: whole, or not at all, and one run at a time."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from cjtools.errors import Fault, ReportError

if os.name == "nt":
    import msvcrt
else:
    import fcntl

PART, READY = ".part-", ".ready-"
RENAME_EXCHANGE = 2


def error_name(label: str) -> str:
    """Return the name of the page that says why a report was not made; the label is that of its manifest.

    >>> error_name(".ca")
    'error_report.ca.html'
    """
    return f"error_report{label}.html"


def errors_of(names: Iterable[str]) -> set[str]:
    """Return the error pages that files take away: those of the manifests among them, else the plain one."""
    labels = {label_of(name) for name in names if name.startswith("manifest") and name.endswith(".json")}
    return {error_name(label) for label in labels or {""}}


def label_of(manifest: str) -> str:
    """Return what tells the reports of one wave apart, from the name of a manifest."""
    return manifest.removeprefix("manifest").removesuffix(".json")


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
    for left in sorted(target.parent.glob(f".{target.name}{PART}*")):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def publish(target: Path, files: Mapping[str, bytes]) -> None:
    """Put the files of one report into its folder, from relative names to contents.

    They are written into a private folder beside it, with what else is in the folder, and reach the disk; then the two
    folders change places in one step. Where the system cannot do that, the files are moved in one by one: a run that
    dies between two of them is finished by the next.
    """
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}{PART}", dir=target.parent))
    try:
        for name, content in files.items():
            write_through(draft / name, content)
        sync_folder(draft)
        if not swap(draft, target, new=files):
            ready = draft.with_name(draft.name.replace(PART, READY))
            draft.rename(ready)
            sync_folder(target.parent)
            draft = ready
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise ReportError(target.as_posix(), [Fault("writing", str(error.strerror or error))]) from error
    if PART in draft.name:
        shutil.rmtree(draft, ignore_errors=True)
    else:
        move_in(draft, target)


def swap(draft: Path, target: Path, *, new: Mapping[str, bytes]) -> bool:
    """Let a finished draft and the folder change places in one step; false where that cannot be done.

    Afterwards the draft is what the folder was.
    """
    if target.exists():
        keep_others(draft, target, new=new)
        draft.chmod(stat.S_IMODE(target.stat().st_mode))
        if not exchange(draft, target):
            return False
    else:
        draft.chmod(0o755)
        draft.rename(target)
    sync_folder(target.parent)
    return True


def keep_others(draft: Path, target: Path, *, new: Mapping[str, bytes]) -> None:
    """Take over what is in the folder and stays: reports in other languages, files that people put there."""
    gone = {*errors_of(new), *new}
    for name in new:
        if name.startswith("manifest"):
            gone |= old_tables(target, target / name)
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target).as_posix()
        if path.is_dir() and not path.is_symlink():
            (draft / name).mkdir(exist_ok=True)
        elif name not in gone:
            link_or_copy(path, draft / name)
    for folder in sorted((path for path in draft.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def link_or_copy(path: Path, place: Path) -> None:
    """Give a file a second name, or copy it where the disk cannot do that."""
    try:
        place.hardlink_to(path)
    except OSError:
        shutil.copy2(path, place, follow_symlinks=False)


def old_tables(target: Path, manifest: Path) -> set[str]:
    """Return the tables that belong to the report of a manifest: the next one brings its own."""
    folder = target / f"tables{label_of(manifest.name)}"
    return {path.relative_to(target).as_posix() for path in tables_at(folder)}


def tables_at(folder: Path) -> list[Path]:
    """Return the files of the tables of one report: those in its folder, and the workbook beside it."""
    found = [path for ending in ("csv", "parquet") for path in folder.glob(f"*.{ending}")]
    return [*found, *(book for book in [folder.with_name(f"{folder.name}.xlsx")] if book.is_file())]


def exchange(one: Path, two: Path) -> bool:
    """Let two paths change places in one step; false where the system or the disk cannot."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    here = -100  # AT_FDCWD
    return rename is not None and rename(here, os.fsencode(one), here, os.fsencode(two), RENAME_EXCHANGE) == 0


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
    for name in errors_of(path.name for path in files if path.parent == ready):
        (target / name).unlink(missing_ok=True)
    sync_folder(target)
    shutil.rmtree(ready, ignore_errors=True)


def drop_old_tables(target: Path, manifest: Path) -> None:
    """Remove the tables of an earlier run that a manifest does not name any more."""
    outputs = json.loads(manifest.read_text("utf-8"))["outputs"]
    folder = target / manifest.stem.replace("manifest", "tables", 1)
    for path in tables_at(folder):
        if path.relative_to(target).as_posix() not in outputs:
            path.unlink()


def publish_error(target: Path, page: str, *, name: str = error_name("")) -> None:
    """Leave the page that says what went wrong; the report of an earlier run stays as it is."""
    with suppress(OSError):
        target.mkdir(parents=True, exist_ok=True)
        write_whole(target / name, page.encode(), prefix=f".{target.name}{PART}", beside=target.parent)


def write_whole(path: Path, content: bytes, *, prefix: str = PART, beside: Path | None = None) -> None:
    """Write one file whole or not at all: under another name first, then put in the place of the old one."""
    handle, name = tempfile.mkstemp(prefix=prefix, dir=beside or path.parent)
    os.close(handle)
    draft = Path(name)
    try:
        write_through(draft, content)
        draft.chmod(0o644)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
