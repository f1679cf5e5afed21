"""Questions asked through an executor of concurrent.futures: processes or threads of a machine, or a cluster's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, ParameterError
from cjtools.journeys.clusters.work import MEMORY, Answers, Packed, Work, ask_frames, finish, needed, to_bytes
from cjtools.journeys.questions.question import Question
from cjtools.journeys.store import CLIENT_EVENTS, Columns

Part: TypeAlias = pl.DataFrame | pl.LazyFrame | str | Path
Chunk: TypeAlias = bytes | Path

PIECE = "cjtools piece"
ROWS = 1_000_000  # rows of a part that are split at once


@dataclass(frozen=True)
class Dealt:
    """The rows of one part by piece: for each piece its rows in their order, as chunks of Arrow IPC.

    Which piece a profile is in follows from its hash, which is the same in one version of polars only.
    """

    chunks: list[list[Chunk]]
    polars: str


def ask_with(
    executor: Executor,
    parts: Sequence[Part],
    questions: Sequence[Question],
    *,
    columns: Columns = CLIENT_EVENTS,
    client: Client | None = None,
    pieces: int | None = None,
    folder: Path | None = None,
    memory: int = MEMORY,
) -> Answers:
    """Return the answers to questions about the events of some parts, as `ask` gives them on a laptop.

    A part is a frame, or a Parquet file that the workers can read. Where each profile is in one part only, each part is
    asked as it is. With `pieces` the parts are first split by profile into so many, each row to its piece, as daily
    files need; what is split waits in `folder` where one is given that all workers share, and else travels through this
    process. The order of the parts and of their rows counts where `columns.order` breaks no ties. `memory` (bytes) is
    what one task may hold.
    """
    work = Work(tuple(questions), columns, client, memory)
    if pieces is None:
        return finish(executor.map(partial(ask_part, work=work), parts), work)
    split = partial(split_part, columns=columns, pieces=pieces, folder=folder)
    dealt = list(executor.map(split, parts, range(len(parts))))
    refuse_mixed([each.polars for each in dealt])
    shares = [[chunk for each in dealt for chunk in each.chunks[piece]] for piece in range(pieces)]
    return finish(executor.map(partial(ask_chunks, work=work), shares), work)


def ask_part(part: Part, work: Work) -> Packed:
    """Return the packed partials of a part that holds whole profiles."""
    return ask_frames(batches_of(part, work.columns), work)


def batches_of(part: Part, columns: Columns) -> Iterator[pl.DataFrame]:
    """Yield the rows of a part in their order, the needed columns only."""
    frame = part.lazy() if isinstance(part, pl.DataFrame | pl.LazyFrame) else pl.scan_parquet(part)
    lacking = [name for name in needed(columns) if name not in frame.collect_schema()]
    if lacking:
        raise ParameterError("this part", [Fault("columns", f"there is no column {name!r}") for name in lacking])
    yield from frame.select(needed(columns)).collect_batches(chunk_size=ROWS, maintain_order=True)


def split_part(part: Part, number: int, *, columns: Columns, pieces: int, folder: Path | None = None) -> Dealt:
    """Return the rows of a part by piece; the rows of nobody, which are only counted, go to the first."""
    chunks: list[list[Chunk]] = [[] for _ in range(pieces)]
    for place, batch in enumerate(batches_of(part, columns)):
        piece = pl.col(columns.profile).cast(pl.String).hash() % pieces
        numbered = batch.with_columns(pl.when(pl.col(columns.profile).is_null()).then(0).otherwise(piece).alias(PIECE))
        shares = numbered.partition_by(PIECE, as_dict=True, include_key=False, maintain_order=True)
        for (share,), rows in sorted(shares.items()):
            name = f"{number:05}-{place:05}-{share:05}.arrow"
            chunks[share].append(to_bytes(rows) if folder is None else written(rows, folder / name))
    return Dealt(chunks, pl.__version__)


def written(rows: pl.DataFrame, path: Path) -> Path:
    """Write rows to a file and return where they are."""
    rows.write_ipc(path, compression="zstd")
    return path


def ask_chunks(chunks: Sequence[Chunk], work: Work) -> Packed:
    """Return the packed partials of a piece."""
    return ask_frames((pl.read_ipc(chunk) for chunk in chunks), work)


def refuse_mixed(versions: Sequence[str]) -> None:
    """Refuse workers of several versions of polars: they would send the events of one profile to several pieces."""
    found = sorted(set(versions))
    if len(found) > 1:
        raise ParameterError("these workers", [Fault("polars", " and ".join(found), "one version on all of them")])
