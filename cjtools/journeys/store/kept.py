"""The form in which ordered events are kept: Arrow files that hold each column in 16-bit planes, compressed.

Times are steps from event to event in their largest common unit, profiles steps of their number. In planes the rare
high digits take no room, so that an event takes about six bytes; a column is read when a question first touches it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.journeys.ordered import Acts, Ordered, Small, smallest
from cjtools.journeys.walks import Bools, Codes, Whole

PLANE = 16
COMPRESSION: Literal["lz4", "zstd"] = "zstd"


class Later(Ordered):
    """Ordered events whose columns are read from files when they are first used."""

    folder: Path
    part: str
    about: Mapping[str, Any]

    def __new__(cls, *columns: Any, **named: Any) -> Any:
        """Return events to be read later, or plain ones of columns that are there (as dataclasses.replace does)."""
        return Ordered(*columns, **named) if columns or named else object.__new__(cls)

    def __getattr__(self, name: str) -> Any:
        """Return a column that was not read so far."""
        read = READ.get(name)
        if read is None:
            raise AttributeError(name)
        value = self.__dict__[name] = read(self)
        return value

    def __len__(self) -> int:
        """Return the number of events."""
        return int(self.about["events"])

    @cached_property
    def steps(self) -> Small:
        """Return by how much the number of the profile grows at each event, from −1."""
        return smallest(self.whole("profile"), self.about["top"]["profile"])

    @cached_property
    def opens(self) -> Bools:
        """Return whether each event is the first of its profile."""
        return np.not_equal(self.steps, 0)

    def whole(self, name: str) -> Small:
        """Return the whole numbers of a column."""
        return join_planes(self.columns(plane_names(name, self.about["top"][name])))

    def columns(self, names: list[str], table: str = "events") -> list[npt.NDArray[Any]]:
        """Return columns of a file as they are."""
        found = pl.read_ipc(self.folder / f"{self.part}-{table}.arrow", columns=names)
        return [found[name].to_numpy() for name in names]


def read_at(later: Later) -> Whole:
    """Return the times: the steps added up, in a circle as wide as the planes."""
    about = later.about
    steps = np.cumsum(later.whole("at"), dtype=np.uint64)
    steps &= np.uint64((1 << width(about["top"]["at"])) - 1)
    steps *= np.uint64(about["unit"])
    steps += np.uint64(about["first"] % (1 << 64))
    return steps.view(np.int64)


def read_given(later: Later) -> Codes | None:
    """Return the numbers of the given sessions, where there are any."""
    return later.whole("given").astype(np.uint32, copy=False) if "given" in later.about["top"] else None


def read_ids(later: Later) -> pl.Series | None:
    """Return the ids of the profiles, where they were kept."""
    path = later.folder / f"{later.part}-ids.arrow"
    return pl.read_ipc(path)["id"] if path.exists() else None


READ: Mapping[str, Callable[[Later], Any]] = {
    "profile": lambda later: np.cumsum(later.steps, dtype=np.uint32) - np.uint32(1),
    "at": read_at,
    "act": lambda later: smallest(later.whole("act"), len(later.acts)),
    "worth_row": lambda later: later.columns(["row"], "values")[0].astype(np.int64),
    "worth": lambda later: later.columns(["worth"], "values")[0],
    "given": read_given,
    "ids": read_ids,
    "begun": lambda later: later.columns(["begins"])[0],
}


def open_part(folder: Path, part: str, about: Mapping[str, Any], acts: Acts) -> Ordered:
    """Return a part as it was kept; nothing is read yet."""
    later: Later = Later.__new__(Later)
    later.__dict__.update(folder=folder, part=part, about=about, acts=acts)
    return later


def write_part(ordered: Ordered, folder: Path, part: str, *, ids: bool = True) -> dict[str, Any]:
    """Write the events of a bucket, and return what is needed to read them again."""
    first = int(ordered.at.min()) if len(ordered) else 0
    since = (ordered.at - first).view(np.uint64)  # right even where the difference has no room in 63 bits
    unit = max(int(np.gcd.reduce(since)), 1)
    since //= np.uint64(unit)
    columns = {
        "profile": np.diff(ordered.profile.astype(np.int64), prepend=-1).astype(np.uint64),
        "at": np.diff(since, prepend=np.uint64(0)),
        "act": ordered.act,
        **({} if ordered.given is None else {"given": ordered.given}),
    }
    top = {name: int(values.max(initial=0)) for name, values in columns.items() if name != "at"}
    top["at"] = int(since.max(initial=0))
    planes = {
        each: plane
        for name, values in columns.items()
        for each, plane in zip(plane_names(name, top[name]), cut_planes(values, top[name]), strict=True)
    }
    events = pl.DataFrame({**planes, "begins": ordered.begins})
    values = pl.DataFrame({"row": ordered.worth_row.astype(np.uint32), "worth": ordered.worth})
    events.write_ipc(folder / f"{part}-events.arrow", compression=COMPRESSION)
    values.write_ipc(folder / f"{part}-values.arrow", compression=COMPRESSION)
    if ids and ordered.ids is not None:
        ordered.ids.rename("id").to_frame().write_ipc(folder / f"{part}-ids.arrow", compression=COMPRESSION)
    return {"events": len(ordered), "first": first, "unit": unit, "top": top}


def width(top: int) -> int:
    """Return how many bits are kept of a column whose largest number is `top`: whole bytes.

    >>> width(255), width(256), width(70_000)
    (8, 16, 24)
    """
    return max(-(-top.bit_length() // 8), 1) * 8


def plane_names(name: str, top: int) -> list[str]:
    """Return the names of the planes of a column whose largest number is `top`.

    >>> plane_names("at", 70_000)
    ['at 0', 'at 16']
    """
    return [f"{name} {bit}" for bit in range(0, width(top), PLANE)]


def cut_planes(values: npt.NDArray[Any], top: int) -> list[Small]:
    """Return whole numbers in planes of 16 bits, the last perhaps of 8, the lowest first.

    What is beyond the bits that `top` needs is cut off.
    """
    wide, bits = values.astype(np.uint64), width(top)
    return [
        (wide >> np.uint64(bit)).astype(np.uint8 if bits - bit == 8 else np.uint16) for bit in range(0, bits, PLANE)
    ]


def join_planes(planes: list[Small]) -> Small:
    """Return whole numbers from their planes, in the smallest type that has room for these.

    >>> join_planes(cut_planes(np.array([70_000, 3]), 70_000)).tolist()
    [70000, 3]
    """
    if len(planes) == 1:
        return planes[0]
    whole = np.zeros(len(planes[0]), "<u4" if len(planes) == 2 else "<u8")
    places = whole.view("<u2").reshape(len(whole), -1)
    for place, plane in enumerate(planes):
        places[:, place] = plane
    return whole
