"""Files that an export writes: each whole, and never over what was read."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from cjtools.errors import Fault, ReportError, raise_if_any


def write_files(files: Mapping[Path, bytes], *, inputs: Collection[Path]) -> None:
    """Write every file under another name, then move all into place; folders are made where they are not there.

    Raises ReportError for every file that is one of the inputs, before anything is written, and where a file cannot be
    written.
    """
    read = {path.resolve() for path in inputs}
    taken = [path for path in files if path.resolve() in read]
    raise_if_any(
        ReportError,
        "the export",
        [Fault(path.as_posix(), "this file was read", "", "choose another") for path in taken],
    )
    drafts = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in files}
    place = next(iter(files), Path())
    try:
        for path, content in files.items():
            place = path
            path.parent.mkdir(parents=True, exist_ok=True)
            drafts[path].write_bytes(content)
        for path, draft in drafts.items():
            place = path
            draft.replace(path)
    except OSError as error:
        fault = Fault(place.as_posix(), str(error.strerror or error), "a folder that can be written")
        raise ReportError("the export", [fault]) from error
    finally:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink()
