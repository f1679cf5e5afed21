"""Blocks of events that lie part by part: in memory, or in a file of a private folder."""

from __future__ import annotations

import ctypes
import shutil
import sys
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cjtools.journeys.store.coding import Block, Column
from cjtools.journeys.walks import Whole

WORTH = "worth"


@dataclass(frozen=True, eq=False)
class Parted:
    """A block whose events lie part by part, within a part in the order of their source."""

    block: Block
    row: Whole  # where each part begins, and the end of the last
    worth: Whole  # the same for the values

    def share(self, first: int, after: int) -> Parted:
        """Return some parts that follow each other; they are numbered from 0."""
        rows, worth = self.row[first : after + 1], self.worth[first : after + 1]
        columns = {name: column[rows[0] : rows[-1]] for name, column in self.block.rows.items()}
        return Parted(Block(columns, self.block.worth[worth[0] : worth[-1]]), rows - rows[0], worth - worth[0])


@dataclass(frozen=True, eq=False)
class Folder:
    """A private folder, which goes when nobody holds it any more."""

    path: Path


@dataclass(frozen=True, eq=False)
class Spilled:
    """The same in a file, one column after the other; parts that follow each other are one piece of each."""

    folder: Folder
    name: str
    columns: Mapping[str, tuple[np.dtype[Any], int]]  # the type of each, and where in the file it begins
    row: Whole
    worth: Whole

    def share(self, first: int, after: int) -> Parted:
        """Return some parts that follow each other, read from the file; they are numbered from 0."""
        rows, worth = self.row[first : after + 1], self.worth[first : after + 1]
        found: dict[str, Column] = {}
        with (self.folder.path / self.name).open("rb", buffering=0) as file:
            for name, (kind, begin) in self.columns.items():
                place = worth if name == WORTH else rows
                file.seek(begin + int(place[0]) * kind.itemsize)
                found[name] = np.fromfile(file, kind, int(place[-1] - place[0]))
        return Parted(Block(found, found.pop(WORTH)), rows - rows[0], worth - worth[0])


def private_folder() -> Folder:
    """Return a new private folder."""
    folder = Folder(Path(tempfile.mkdtemp(prefix="cjtools-")))
    weakref.finalize(folder, shutil.rmtree, folder.path, ignore_errors=True)
    return folder


def spill(parted: Parted | Spilled, folder: Folder, place: int) -> Spilled:
    """Return a block as it is written to a file of the folder, if it is not there yet."""
    if isinstance(parted, Spilled):
        return parted
    columns = {**parted.block.rows, WORTH: parted.block.worth}
    places: dict[str, tuple[np.dtype[Any], int]] = {}
    with (folder.path / str(place)).open("wb", buffering=0) as file:
        for name, column in columns.items():
            places[name] = column.dtype, file.tell()
            column.tofile(file)
    return Spilled(folder, str(place), places, parted.row, parted.worth)


def give_back() -> None:
    """Give memory that is free again back to the system: the C library of Linux keeps what threads have freed."""
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "malloc_trim"):
        library.malloc_trim(0)
