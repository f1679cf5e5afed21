"""Ordered events in buckets, to ask questions of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from pathlib import Path

from cjtools.client import Client
from cjtools.journeys.levels import with_levels
from cjtools.journeys.ordered import Acts, Ordered, check_level
from cjtools.journeys.store.columns import DUPLICATE
from cjtools.journeys.store.keeping import (
    CONTENTS,
    FORM,
    draft_of,
    part_name,
    plain,
    read_acts,
    read_contents,
    same_level,
    write_acts,
    write_bucket,
)  # fmt: skip
from cjtools.journeys.store.kept import open_part
from cjtools.journeys.store.steps import acts_at, steps_of


@dataclass(frozen=True)
class Account:
    """What became of the rows: rows_in = used + those left out, by reason.

    >>> print(Account(10, 8, {"no profile": 1, "duplicate": 1}))
    10 rows in = 8 used + 1 no profile + 1 duplicate
    """

    rows_in: int
    used: int
    left_out: Mapping[str, int]

    def __str__(self) -> str:
        reasons = [f"{count:,} {reason}" for reason, count in self.left_out.items() if count]
        return f"{self.rows_in:,} rows in = " + " + ".join([f"{self.used:,} used", *reasons])


@dataclass(frozen=True, eq=False)
class Store:
    """Events in their total order, in so many buckets of whole profiles.

    `load` returns a bucket by its number, with how many duplicates were dropped in it; several threads may call it at
    once. `steps` returns what was kept of a bucket at a level (steps.steps_of), None where nothing was.
    """

    acts: Acts
    count: int
    rows_in: int
    left_out: Mapping[str, int]
    load: Callable[[int], tuple[Ordered, int]]
    steps: Callable[[int, str], Ordered | None] = lambda number, level: None
    dropped: dict[int, int] = field(default_factory=dict)  # the duplicates of each bucket that was loaded

    def __len__(self) -> int:
        """Return the number of buckets."""
        return self.count

    def bucket(self, number: int, *, level: str = "", collapsed: bool = False) -> Ordered:
        """Return a bucket by its number.

        With a level and `collapsed` only the events that differ at that level from the one before, or begin a session
        there: all that paths, transitions and times between collapsed steps need (see steps.steps_of).
        """
        if level:
            check_level(self.acts, level)
        if collapsed and (kept := self.steps(number, level)) is not None:
            return kept
        ordered, self.dropped[number] = self.load(number)
        return steps_of(ordered, level) if collapsed else ordered

    def buckets(self, *, level: str = "", collapsed: bool = False) -> Buckets:
        """Return the buckets, to be loaded one after the other; `bucket` says what the parameters do."""
        return Buckets(self, level, collapsed)

    @cached_property
    def account(self) -> Account:
        """Return what became of the rows; buckets that nobody has loaded yet are loaded for it."""
        for number in range(self.count):
            if number not in self.dropped:
                self.bucket(number)
        left_out = {**self.left_out, DUPLICATE: sum(self.dropped.values())}
        return Account(self.rows_in, self.rows_in - sum(left_out.values()), left_out)

    def keep(self, folder: Path) -> None:
        """Write the events to a folder, whole or not at all; open_store opens it at once, as often as you like.

        What paths of stages need (steps.steps_of) is written beside them. What was kept in the folder
        before goes. Raises ReportError where it cannot be written, or holds something else.
        """
        with draft_of(folder) as draft:
            about = [write_bucket(self.bucket(number), draft, number) for number in range(self.count)]
            write_acts(self.acts, draft)
            account = asdict(self.account)
            contents = {"form": FORM, "account": account, "dropped": self.dropped, "buckets": about}
            (draft / CONTENTS).write_text(json.dumps(contents), encoding="utf-8")


@dataclass(frozen=True, eq=False)
class Buckets:
    """All buckets of a store, each loaded when it is asked for, and each time anew."""

    store: Store
    level: str
    collapsed: bool

    def __len__(self) -> int:
        """Return the number of buckets."""
        return len(self.store)

    def __iter__(self) -> Iterator[Ordered]:
        """Yield the buckets one after the other."""
        return (load() for load in self.loads())

    def loads(self) -> Iterator[Callable[[], Ordered]]:
        """Yield a function for each bucket that loads it; several threads may call them at once."""
        for number in range(len(self)):
            yield partial(self.store.bucket, number, level=self.level, collapsed=self.collapsed)


def open_store(folder: Path, *, client: Client | None = None) -> Store:
    """Return the events that were kept in a folder; nothing of them is read until a question needs it.

    With a client its levels count, and not those that were kept. Raises ParameterError where no events are kept.
    """
    contents = read_contents(folder)
    kept = read_acts(folder)
    acts = with_levels(plain(kept), client) if client is not None else kept
    same = {level for level in acts.names if level in kept.names and same_level(acts, kept, level)}
    left_out = {**contents["account"]["left_out"]}
    dropped = {int(number): count for number, count in contents["dropped"].items()}
    left_out.pop(DUPLICATE)
    buckets = contents["buckets"]

    def load(number: int) -> tuple[Ordered, int]:
        return open_part(folder, part_name(number), buckets[number][""], acts), dropped[number]

    def steps(number: int, level: str) -> Ordered | None:
        about = buckets[number].get(level) if level in same else None
        return None if about is None else open_part(folder, part_name(number, level), about, acts_at(acts, level))

    return Store(acts, len(buckets), contents["account"]["rows_in"], left_out, load, steps, dropped)
