"""Questions asked on a cluster of dask.distributed: the events move between its workers, never through the driver."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cjtools.client import Client
from cjtools.journeys.clusters.executors import Chunk, Dealt, Part, ask_chunks, ask_part, refuse_mixed, split_part
from cjtools.journeys.clusters.work import MEMORY, Answers, Packed, Work, finish
from cjtools.journeys.questions.question import Question
from cjtools.journeys.store import CLIENT_EVENTS, Columns

if TYPE_CHECKING:  # an extra: whoever has a cluster to ask has it
    from distributed import Client as Cluster


def ask_dask(
    cluster: Cluster,
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

    The parameters are those of executors.ask_with; `cluster` is a client of dask.distributed. What is split by profile
    stays on the workers.
    """
    work = Work(tuple(questions), columns, client, memory)
    if pieces is None:
        asked = cluster.map(ask_part, parts, work=work, pure=False)
        return finish(cluster.gather(asked), work)
    numbers = range(len(parts))
    dealt = cluster.map(split_part, parts, numbers, columns=columns, pieces=pieces, folder=folder, pure=False)
    refuse_mixed(cluster.gather(cluster.map(version_of, dealt, pure=False)))
    shares = [cluster.map(share_of, dealt, piece=piece, pure=False) for piece in range(pieces)]
    return finish(cluster.gather(cluster.map(ask_shares, shares, work=work, pure=False)), work)


def version_of(dealt: Dealt) -> str:
    """Return the version of polars that dealt the rows of a part."""
    return dealt.polars


def share_of(dealt: Dealt, piece: int) -> list[Chunk]:
    """Return the rows of a part that belong to a piece: only they move to the worker that asks."""
    return dealt.chunks[piece]


def ask_shares(shares: Sequence[Sequence[Chunk]], work: Work) -> Packed:
    """Return the packed partials of a piece, given its rows of each part."""
    return ask_chunks([chunk for share in shares for chunk in share], work)
