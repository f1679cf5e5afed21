"""The folder in which ordered events are kept: written whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from cjtools.errors import Fault, ParameterError, ReportError
from cjtools.journeys.ordered import LEVELS, Acts, Ordered
from cjtools.journeys.store.kept import COMPRESSION, write_part
from cjtools.journeys.store.steps import steps_of
from cjtools.sources.store import new_folder

FORM = 1  # of the files; another kit may keep events otherwise
CONTENTS = "contents.json"  # written last
STEPS = ("stage",)  # the levels whose steps are kept


@contextmanager
def draft_of(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `folder` when all went well.

    Whenever the process is killed, `folder` is whole: what was kept before, what is kept now, or not there at all.
    """
    taken = folder.exists() and not (folder / CONTENTS).is_file()
    if taken and any(folder.iterdir()):
        fault = Fault(folder.as_posix(), "there is something else", "a new folder", "nothing is written over it")
        raise ReportError("the store of events", [fault])
    try:
        draft = new_folder(folder.parent)
        try:
            yield draft
            put_in_place(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        fault = Fault(folder.as_posix(), str(error.strerror or error), "a folder that can be written")
        raise ReportError("the store of events", [fault]) from error


def put_in_place(draft: Path, folder: Path) -> None:
    """Give a folder its name; what bore it goes out of the way as a whole before a file of it is taken away."""
    if not folder.exists():
        draft.rename(folder)
        return
    aside = new_folder(folder.parent)
    try:
        before = folder.rename(aside / folder.name)
        try:
            draft.rename(folder)
        except OSError:
            before.rename(folder)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def part_name(number: int, level: str = "") -> str:
    """Return what the files of a bucket begin with.

    >>> part_name(3), part_name(3, "stage")
    ('00003', '00003-stage')
    """
    return f"{number:05}-{level}" if level else f"{number:05}"


def write_bucket(ordered: Ordered, folder: Path, number: int) -> dict[str, Any]:
    """Write a bucket, and its steps from stage to stage; return what is needed to read each."""
    about = {"": write_part(ordered, folder, part_name(number))}
    for level in STEPS:
        if level in ordered.acts.names:
            about[level] = write_part(steps_of(ordered, level), folder, part_name(number, level))
    return about


def write_acts(acts: Acts, folder: Path) -> None:
    """Write the names of each level, and what each act is there."""
    pl.DataFrame(dict(acts.codes)).write_ipc(folder / "acts.arrow", compression=COMPRESSION)
    for level, names in acts.names.items():
        frame = pl.DataFrame({"name": list(names)}, schema={"name": pl.String})
        frame.write_ipc(folder / f"names-{level}.arrow", compression=COMPRESSION)


def read_acts(folder: Path) -> Acts:
    """Return the acts that were kept."""
    codes = pl.read_ipc(folder / "acts.arrow")
    names = {level: tuple(pl.read_ipc(folder / f"names-{level}.arrow")["name"]) for level in codes.columns}
    return Acts(names, {level: codes[level].to_numpy() for level in codes.columns})


def read_contents(folder: Path) -> dict[str, Any]:
    """Return what a folder holds; raises ParameterError where that is not a store of this kit."""
    try:
        contents: dict[str, Any] = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        contents = {}
    if contents.get("form") != FORM:
        found = "it was kept by another version" if contents else "no events are kept there"
        raise ParameterError("the store of events", [Fault(folder.as_posix(), found, "", "keep them again")])
    return contents


def plain(acts: Acts) -> Acts:
    """Return the acts without the levels of a client."""
    return Acts({level: acts.names[level] for level in LEVELS}, {level: acts.codes[level] for level in LEVELS})


def same_level(one: Acts, other: Acts, level: str) -> bool:
    """Say whether two clients see the acts alike at a level."""
    return one.names[level] == other.names[level] and np.array_equal(one.codes[level], other.codes[level])
