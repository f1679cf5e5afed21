"""Coded events parted by the first bits of the profile's hash, in memory or in a private folder when they are many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from cjtools.journeys.store.coding import Block, Column, with_value
from cjtools.journeys.store.spilling import Folder, Parted, Spilled, private_folder, spill
from cjtools.journeys.walks import Whole

FEW = 1 << 17  # events that are sorted as one part, if there are no more
MANY = 1 << 20  # events that are parted at once
BITS = 8  # of the hash: more parts than buckets are asked for, so that the memory for one is small
MOST_BITS = 16  # the largest type that a radix sort is used for


@dataclass(frozen=True, eq=False)
class Parts:
    """All events in so many parts; whole profiles in each, and in the order of their hashes."""

    blocks: Sequence[Parted | Spilled]
    bits: int
    rows: Whole  # the number of events of each part

    def share(self, first: int, after: int) -> Iterator[Block]:
        """Yield the parts from the first on that hold events, each in the order of its source."""
        blocks = [parted.share(first, after) for parted in self.blocks]
        for number in range(after - first):
            if self.rows[first + number]:
                yield join([parted.share(number, number + 1).block for parted in blocks])


def part_all(blocks: Iterable[Block], *, memory: int, buckets: int | None) -> Parts:
    """Return all events in parts: one part where they are few, and in a private folder where memory does not allow.

    `memory` in bytes: a quarter of it is for the events, the rest is for reading, sorting and asking.
    """
    held: list[Block] = []
    source = iter(blocks)
    for block in source:
        held.append(block)
        if sum(map(len, held)) > FEW:
            break
    else:
        if buckets is None or buckets == 1:
            few = join(held)
            rows, worth = np.array([0, len(few)]), np.array([0, len(few.worth)])
            return Parts([Parted(few, rows, worth)], 0, np.diff(rows))
    bits = min(max(BITS, ((buckets or 1) - 1).bit_length()), MOST_BITS)
    parted: list[Parted | Spilled] = []
    folder: Folder | None = None
    size = 0
    for each in split_ahead(gather([*held], source), bits):
        parted.append(each)
        size += each.block.nbytes
        if folder is None and size > memory // 4:
            folder = private_folder()
        if folder is not None:
            parted = [spill(each, folder, place) for place, each in enumerate(parted)]
    counts: Whole = np.stack([np.diff(each.row) for each in parted]).sum(axis=0)
    return Parts(parted, bits, counts)


def split_ahead(blocks: Iterable[Block], bits: int) -> Iterator[Parted]:
    """Yield blocks part by part, each made in a thread of its own while the next one is read."""
    with ThreadPoolExecutor(1) as pool:
        before: Future[Parted] | None = None
        for block in blocks:
            coming = pool.submit(split, block, bits)
            if before is not None:
                yield before.result()
            before = coming
        if before is not None:
            yield before.result()


def gather(held: list[Block], source: Iterator[Block]) -> Iterator[Block]:
    """Yield blocks joined to larger ones."""
    count = sum(map(len, held))
    for block in source:
        if count and count + len(block) > MANY:
            yield join(held)
            held, count = [], 0
        held.append(block)
        count += len(block)
    yield join(held)


def join(blocks: Sequence[Block]) -> Block:
    """Return blocks as one."""
    if len(blocks) == 1:
        return blocks[0]
    if not blocks:
        never = np.zeros(0, np.int64)
        return Block({"profile": never.view(np.uint64), "at": never, "act": np.zeros(0, np.uint32)}, never)
    rows = {name: np.concatenate([block.rows[name] for block in blocks]) for name in blocks[0].rows}
    return Block(rows, np.concatenate([block.worth for block in blocks]))


def split(block: Block, bits: int) -> Parted:
    """Return a block part by part, by the first bits of the profile's hash; within a part the order stays.

    The sort by so small a type is a radix sort, which takes a few nanoseconds an event.
    """
    number = (block.rows["profile"] >> np.uint64(64 - bits)).astype(np.uint8 if bits <= 8 else np.uint16)
    order = np.argsort(number, kind="stable")
    valued = number[with_value(block.rows["act"])]
    rows = {name: column.take(order) for name, column in block.rows.items()}
    worth = block.worth.take(np.argsort(valued, kind="stable"))
    return Parted(Block(rows, worth), borders(number, 1 << bits), borders(valued, 1 << bits))


def borders(numbers: Column, count: int) -> Whole:
    """Return where each number begins once they are sorted, and the end.

    >>> borders(np.array([0, 2, 2], np.uint8), 3).tolist()
    [0, 1, 1, 3]
    """
    return np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=count))]).astype(np.int64)
