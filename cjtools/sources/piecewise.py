"""Files of any size, read piece by piece: tasks side by side, what is told of each file, rows gathered by person."""

from __future__ import annotations

import datetime as dt
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from cjtools.errors import Fault, SourceError
from cjtools.sources.reader import MOST_FAULTS, FileLine, counted, period_of

HELD = 160 * 2**20  # bytes of rows that are kept in memory
GROUP = 32 * 2**20  # bytes of files whose rows are given back at once
BUCKETS = 256
MOST_WORKERS = 4

Days = tuple[dt.date | None, dt.date | None]
Thing = TypeVar("Thing")


def in_order(tasks: Iterable[Callable[[], Thing]], *, workers: int | None = None) -> Iterator[Thing]:
    """Yield the results of tasks that are done side by side, in their order, a few ahead of the one that is asked for.

    >>> list(in_order(partial(pow, number, 2) for number in range(5)))
    [0, 1, 4, 9, 16]
    """
    waiting: deque[Future[Thing]] = deque()
    # Asked here and not at import: it starts polars' threads, and a process that has them must not be forked.
    workers = workers or min(MOST_WORKERS, max(2, pl.thread_pool_size()))
    with ThreadPoolExecutor(workers) as pool:
        try:
            for task in tasks:
                waiting.append(pool.submit(task))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


@dataclass(frozen=True)
class Told:
    """What is told of one file, or of a piece of it: its rows, counted flags, the first and the last day."""

    name: str
    encoding: str
    rows: int
    flags: Mapping[str, int | bool] = field(default_factory=dict)
    days: Days = (None, None)
    delimiter: str | None = None

    def plus(self, other: Told) -> Told:
        """Return what is told of two pieces together."""
        return replace(
            self,
            rows=self.rows + other.rows,
            flags=added(self.flags, other.flags),
            days=period_of([*self.days, *other.days]),
        )

    def line(
        self, sha256: str, *, rejected: int = 0, merged: int = 0, flags: Mapping[str, int | bool] | None = None
    ) -> FileLine:
        """Return it as a line of the table of sources."""
        return FileLine(
            self.name,
            sha256,
            rows_in=self.rows,
            rejected=rejected,
            merged=merged,
            flags=tuple(counted(added(self.flags, flags or {}))),
            encoding=self.encoding,
            delimiter=self.delimiter,
            period=self.days,
        )


def added(one: Mapping[str, int | bool], other: Mapping[str, int | bool]) -> dict[str, int | bool]:
    """Return the sums of two counts; what is true of one is true of both.

    >>> added({"a": 1, "b": True}, {"a": 2, "b": True})
    {'a': 3, 'b': True}
    """
    sums = {**one}
    for name, count in other.items():
        before = sums.get(name, 0)
        sums[name] = (
            count if not before else before if isinstance(before, bool) and isinstance(count, bool) else before + count
        )
    return sums


@dataclass(frozen=True)
class PieceRead:
    """What a piece is: its rows with their `bucket`, and what is told of it, or what is wrong; `extra` is the reader's.

    Rows have the column `row` where the reader numbers them itself. After an `end` no more of the file need be read.
    """

    rows: pl.DataFrame | None = None
    told: Told | None = None
    faults: tuple[Fault, ...] = ()
    end: bool = False
    extra: Any = None


@dataclass(frozen=True)
class LargeFile:
    """The pieces of one file, to be read in their order; `sha256` tells its hash once all were asked for.

    To read one takes the number of the file among those that have rows.
    """

    name: str
    pieces: Iterator[Callable[[int], PieceRead]]
    sha256: Callable[[], str]


@dataclass(frozen=True)
class Gathered:
    """The rows of all files of a source, what is told of each file, its hash, and what is wrong."""

    buckets: Buckets
    faults: Faults
    told: dict[str, Told]
    hashes: dict[str, str]


def gather(
    files: Iterable[Callable[[], list[LargeFile]]], *, buckets: Buckets, also: Callable[[PieceRead], None]
) -> Gathered:
    """Return the rows of files, numbered over all of them (`row`); `also` is called with each piece, in their order."""
    gathered, rows = Gathered(buckets, Faults(), {}, {}), 0
    for open_file in files:
        try:
            for large in open_file():
                file = sum(each.rows > 0 for each in gathered.told.values())
                for piece in in_order(partial(read, file) for read in large.pieces):
                    also(piece)
                    rows += keep(piece, gathered, name=large.name, row=rows)
                    if piece.end:
                        break
                gathered.hashes[large.name] = large.sha256()
        except SourceError as error:
            gathered.faults.add(error.what, error.faults)
    return gathered


def keep(piece: PieceRead, gathered: Gathered, *, name: str, row: int) -> int:
    """Keep what was read of a piece, and return how many rows it has."""
    gathered.faults.add(name, piece.faults)
    if piece.told is None or piece.rows is None:
        return 0
    before = gathered.told.get(name)
    gathered.told[name] = before.plus(piece.told) if before else piece.told
    rows = piece.rows if "row" in piece.rows.columns else piece.rows.with_row_index("row", offset=row)
    gathered.buckets.add(rows.with_columns(pl.col("row").cast(pl.UInt64)))
    return rows.height


class Buckets:
    """Gathers rows whose column `bucket` says which belong together, in as many groups as the size of the files asks.

    In a group the rows stand in the order in which they came.
    """

    def __init__(self, folder: Path, *, size: int, share: int = 1) -> None:
        """Begin without rows; those that are more than a share of HELD are written to a folder."""
        self.folder, self.share = folder, share
        self.count = min(max(-(-size // GROUP), 2), BUCKETS)
        self.held: list[list[pl.DataFrame]] = [[] for _ in range(self.count)]
        self.files: list[list[Path]] = [[] for _ in range(self.count)]
        self.size = 0
        self.none = pl.DataFrame()

    def add(self, rows: pl.DataFrame) -> None:
        """Keep some rows, which come behind those that are kept already."""
        group = (pl.col("bucket").cast(pl.UInt32) * self.count // BUCKETS).alias("group")
        parts = rows.with_columns(group).partition_by("group", as_dict=True, include_key=False, maintain_order=True)
        for (number,), part in parts.items():
            self.held[int(number)].append(part)
        self.size, self.none = self.size + int(rows.estimated_size()), rows.clear()
        if self.size * self.share > HELD:
            self.spill()

    def spill(self) -> None:
        """Write what is in memory to disk."""
        for number, (held, files) in enumerate(zip(self.held, self.files, strict=True)):
            if held:
                path = self.folder / f"rows-{number:03}-{len(files):05}.arrow"
                pl.concat(held, how="diagonal").write_ipc(path, compression="lz4")
                files.append(path)
        self.held, self.size = [[] for _ in range(self.count)], 0

    def groups(self) -> Iterator[Callable[[], pl.DataFrame]]:
        """Yield what gives the rows of each group back; without any rows, one group without rows."""
        filled = [number for number in range(self.count) if self.held[number] or self.files[number]]
        yield from (partial(self.group, number) for number in filled or [0])

    def group(self, number: int) -> pl.DataFrame:
        """Return the rows of a group, which are then kept no longer."""
        parts = [pl.read_ipc(path.read_bytes()) for path in self.files[number]]
        rows = pl.concat([self.none, *parts, *self.held[number]], how="diagonal", rechunk=True)
        for path in self.files[number]:
            path.unlink()
        self.held[number], self.files[number] = [], []
        return rows


def bucket_of(key: pl.Expr) -> pl.Expr:
    """Return in which bucket rows with this number as their key belong."""
    return (key % BUCKETS).cast(pl.UInt16).alias("bucket")


class Faults:
    """The faults of each file: the first ones, and how many there are."""

    def __init__(self) -> None:
        """Begin without any."""
        self.first: dict[str, list[Fault]] = {}
        self.count: Counter[str] = Counter()

    def add(self, name: str, faults: Iterable[Fault]) -> None:
        """Keep the faults of a file, or of a piece of it."""
        for fault in faults:
            first = self.first.setdefault(name, [])
            if fault not in first:
                self.count[name] += 1
                first += [fault] if len(first) < MOST_FAULTS else []

    def instead(self, name: str, faults: Iterable[Fault]) -> None:
        """Keep faults of a file in the place of all others of it, if there are any."""
        if faults := list(faults):
            self.first.pop(name, None)
            self.count.pop(name, None)
            self.add(name, faults)

    def raise_if_any(self, what: str) -> None:
        """Raise one SourceError with the first faults of every file, and how many more there are."""
        faults = []
        for name, first in self.first.items():
            more = self.count[name] - len(first)
            faults += [*first, *([Fault(name, f"and {more} more")] if more else [])]
        if faults:
            raise SourceError(what, faults)
