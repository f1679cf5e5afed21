"""What one worker does with one part of the events, and how its small answers travel."""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import polars as pl

from cjtools.client import Client
from cjtools.journeys.questions import Question, finish_all, merge_partials, partials_of
from cjtools.journeys.questions.asking import check_questions
from cjtools.journeys.store import CLIENT_EVENTS, Account, Columns, order_events_of

Partials: TypeAlias = dict[str, dict[str, pl.DataFrame]]
# Of one part: a question, one of its tables, the table as Arrow IPC; the account of the rows stands beside them.
Packed: TypeAlias = list[tuple[str, str, bytes]]

ACCOUNT = ("", "account")
ROWS_IN, USED = "rows in", "used"
MEMORY = 1 << 30
TOGETHER = 16  # partials that are held before they are added up


@dataclass(frozen=True)
class Work:
    """What every worker is told: what to ask, which columns count, the client's stages, the memory it may use (bytes).

    `memory` is that of one part at a time; a part that is larger waits on the worker's disk.
    """

    questions: Sequence[Question]
    columns: Columns = CLIENT_EVENTS
    client: Client | None = None
    memory: int = MEMORY

    def __post_init__(self) -> None:
        check_questions(self.questions)


@dataclass(frozen=True)
class Answers:
    """What was asked, as `ask` gives it on a laptop, and what became of the rows."""

    tables: Partials
    account: Account


def in_any_order(columns: Columns) -> Columns:
    """Return columns for rows that come in no order, as a shuffle gives them.

    Where no column breaks ties, their content does: the time itself as the tie-breaker never tells two of them apart.

    >>> in_any_order(Columns("who", "at", "what")).order
    ('at',)
    """
    return columns if columns.order else replace(columns, order=(columns.timestamp,))


def needed(columns: Columns) -> list[str]:
    """Return the names of the columns that are read, each once: nothing else has to leave its storage.

    >>> needed(Columns("who", "at", "what", order=("n",), left_out={"bot": pl.col("is_bot")}))
    ['who', 'at', 'what', 'n', 'is_bot']
    """
    own = (
        columns.profile,
        columns.timestamp,
        columns.event,
        columns.page,
        columns.channel,
        columns.value,
        columns.session,
        columns.event_id,
        *columns.order,
    )
    reasons = (name for condition in columns.left_out.values() for name in condition.meta.root_names())
    return list(dict.fromkeys(name for name in (*own, *reasons) if name is not None))


def ask_frames(frames: Iterable[pl.DataFrame], work: Work) -> Packed:
    """Return the packed partials of one part: all events of some profiles, and nobody else's."""
    with tempfile.TemporaryDirectory(prefix="cjtools-") as folder:
        held = hold(frames, Path(folder), memory=work.memory // 2)
        if held is None:
            return []
        store = order_events_of(held, work.columns, client=work.client, memory=work.memory // 2)
        sums = add_up((partials_of(bucket, work.questions) for bucket in store.buckets()), work.questions)
        return [*pack(sums), pack_account(store.account)]


def hold(frames: Iterable[pl.DataFrame], folder: Path, *, memory: int) -> pl.LazyFrame | None:
    """Return frames as one lazy frame, None where there is none; beyond `memory` (bytes) they wait in a folder."""
    held: list[pl.DataFrame] = []
    files: list[Path] = []
    size = 0.0
    for frame in frames:
        held.append(frame)
        size += frame.estimated_size()
        if size > memory:
            files.append(folder / f"{len(files):05}.parquet")
            pl.concat(held).write_parquet(files[-1], compression="lz4")
            held, size = [], 0.0
    there = [pl.scan_parquet(files)] if files else []
    there += [pl.concat(held).lazy()] if held else []
    return pl.concat(there) if there else None


def pack(partials: Partials) -> Iterator[tuple[str, str, bytes]]:
    """Yield each table with its question and its name, as Arrow IPC."""
    for question, tables in partials.items():
        for name, table in tables.items():
            yield question, name, to_bytes(table)


def pack_account(account: Account) -> tuple[str, str, bytes]:
    """Return what became of the rows, packed beside the answers."""
    rows = {ROWS_IN: account.rows_in, USED: account.used, **account.left_out}
    return *ACCOUNT, to_bytes(pl.DataFrame({"what": list(rows), "n": list(rows.values())}))


def to_bytes(table: pl.DataFrame) -> bytes:
    """Return a table as Arrow IPC, in the one compression that every Arrow reads."""
    stream = io.BytesIO()
    table.write_ipc(stream, compression="zstd")
    return stream.getvalue()


def add_up(partials: Iterable[Partials], questions: Sequence[Question]) -> Partials:
    """Return partials as one, of which never more than a few are held."""
    held: list[Partials] = []
    for each in partials:
        held.append(each)
        if len(held) == TOGETHER:
            held = [merge_partials(held, questions)]
    return merge_partials(held, questions)


def finish(parts: Iterable[Packed], work: Work) -> Answers:
    """Return the answers of all parts together, and the account of all rows; without any row there are none."""
    account: Counter[str] = Counter()
    sums = add_up(unpack(parts, account), work.questions)
    rows_in, used = account.pop(ROWS_IN, 0), account.pop(USED, 0)
    return Answers(finish_all(sums, work.questions), Account(rows_in, used, dict(account)))


def unpack(parts: Iterable[Packed], account: Counter[str]) -> Iterator[Partials]:
    """Yield the partials of each part that had rows, adding what became of them to the account."""
    for part in parts:
        found: Partials = {}
        for question, name, data in part:
            found.setdefault(question, {})[name] = pl.read_ipc(data)
        for rows in found.pop(ACCOUNT[0], {}).values():
            account.update(dict(rows.iter_rows()))
        if found:
            yield found
