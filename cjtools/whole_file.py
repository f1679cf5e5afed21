"""A file that a command writes: whole, or not at all, and never over what was read."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from cjtools.errors import Fault, ReportError


def write_whole(path: Path, pieces: Iterable[str], *, inputs: Collection[Path] = ()) -> None:
    """Write a text piece by piece under another name, then move it into place; a failed run leaves what was there.

    Raises ReportError when the file cannot be written, or is one of the inputs.
    """
    if path.resolve() in {file.resolve() for file in inputs}:
        fault = Fault(
            path.as_posix(), "this file was read", "", "choose another name: nothing is written over a source"
        )
        raise ReportError(path.name, [fault])
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="") as out:
            out.writelines(pieces)
        draft.replace(path)
    except OSError as error:
        expected = "a folder that can be written"
        raise ReportError(path.name, [Fault(path.as_posix(), str(error.strerror or error), expected)]) from error
    finally:
        with suppress(OSError):
            draft.unlink()
