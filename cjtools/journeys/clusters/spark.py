"""Questions asked of a Spark DataFrame: shuffled by profile, asked by mapInArrow, added up on the driver.

The rows never meet as a whole anywhere: a task gets all events of some profiles, as Arrow batches, and gives back a few
small tables. Set `spark.executorEnv.POLARS_MAX_THREADS` to the cores of a task (1 unless spark.task.cpus says
otherwise), as every task would take all cores of its machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, ParameterError, nearest, raise_if_any
from cjtools.journeys.clusters.work import MEMORY, Answers, Packed, Work, ask_frames, finish, in_any_order, needed
from cjtools.journeys.questions.question import Question
from cjtools.journeys.store import CLIENT_EVENTS, Columns

if TYPE_CHECKING:  # an extra: whoever has a DataFrame to ask has it
    import pyarrow as pa
    from pyspark.sql import DataFrame

ROWS = "part long, question string, name string, data binary"


def ask_spark(
    frame: DataFrame,
    questions: Sequence[Question],
    *,
    columns: Columns = CLIENT_EVENTS,
    client: Client | None = None,
    partitions: int | None = None,
    memory: int = MEMORY,
) -> Answers:
    """Return the answers to questions about the events of a Spark DataFrame, as `ask` gives them on a laptop.

    `columns` says which columns count; only these are read and shuffled. Name the columns that order events of the same
    time in `columns.order`: rows have no position here, and without such columns their content orders them. With a
    `client` acts have the levels "stage" and "touchpoint". `partitions` is the number of parts, Spark's own by default;
    `memory` (bytes) is what one task may hold, and a larger part waits on the disk of its worker. Raises ParameterError
    for columns that are not there.
    """
    names = needed(columns)
    raise_if_any(ParameterError, "this table of events", list(missing(names, frame.columns)))
    parts = by_profile(frame.select(*map(quoted, names)), columns, partitions)
    work = Work(tuple(questions), in_any_order(columns), client, memory)
    return finish(collected(parts.mapInArrow(partial(ask_batches, work=work), ROWS)), work)


def missing(names: Iterable[str], there: Sequence[str]) -> Iterator[Fault]:
    """Yield the columns that a DataFrame lacks."""
    for name in names:
        if name not in there:
            yield Fault("columns", f"there is no column {name!r}", nearest(name, there))


def quoted(name: str) -> str:
    """Return the name of a column as Spark takes it literally, dots and all.

    >>> quoted("a.b")
    '`a.b`'
    """
    return "`" + name.replace("`", "``") + "`"


def by_profile(frame: DataFrame, columns: Columns, partitions: int | None) -> DataFrame:
    """Return a DataFrame in parts of whole profiles.

    Rows of nobody are only counted: they go where their time sends them, as in one part they might be too many.
    """
    from pyspark.sql import functions

    profile, time = functions.col(quoted(columns.profile)), functions.col(quoted(columns.timestamp))
    key = functions.when(profile.isNotNull(), functions.xxhash64(profile)).otherwise(functions.xxhash64(time))
    return frame.repartition(key) if partitions is None else frame.repartition(partitions, key)


def ask_batches(batches: Iterable[pa.RecordBatch], *, work: Work) -> Iterator[pa.RecordBatch]:
    """Yield the packed partials of one part, given as Arrow batches."""
    import pyarrow as pa
    from pyspark import TaskContext

    context = TaskContext.get()
    part = context.partitionId() if context else 0
    rows = [(part, *row) for row in ask_frames(map(frame_of, batches), work)]
    kinds = {"part": pa.int64(), "question": pa.string(), "name": pa.string(), "data": pa.binary()}
    arrays = [pa.array([row[place] for row in rows], kind) for place, kind in enumerate(kinds.values())]
    yield pa.RecordBatch.from_arrays(arrays, names=list(kinds))


def frame_of(batch: pa.RecordBatch) -> pl.DataFrame:
    """Return an Arrow batch as a frame."""
    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    return frame


def collected(packed: DataFrame) -> list[Packed]:
    """Return the packed partials of each part, by its number."""
    parts: dict[int, Packed] = {}
    for part, question, name, data in zip(*packed.toArrow().to_pydict().values(), strict=True):
        parts.setdefault(part, []).append((question, name, data))
    return [parts[number] for number in sorted(parts)]
