"""The partials of questions added up as they come, so that no more is held than there is to tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from cjtools.journeys.questions import merging
from cjtools.journeys.questions.merging import add_up, plain
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.questions.runs import Runs, form_of

WAITING = 1 << 20  # rows of partials that may wait to be added up, beside as many as there are already


class Sum:
    """The sum of the partials of one table. It grows, so it is one of the few things here that change.

    Large tables of codes are held as numbers (see runs), all others as frames.
    """

    def __init__(self, by: Sequence[str], apart: int = 0) -> None:
        """Begin with nothing; `apart` says by how many of the first keys the sum may be had in parts."""
        self.by, self.apart = list(by), apart
        self.frames: list[pl.DataFrame] = []
        self.runs: Runs | None = None

    def add(self, rows: pl.DataFrame) -> None:
        """Add the rows of a partial, and put together what would grow longer than its sum."""
        self.frames.append(rows)
        if self.runs is None and len(rows) >= merging.LONG and (form := form_of(rows, self.by)) is not None:
            self.runs = Runs(form, self.apart)
        if self.runs is not None:
            self.frames = [frame for frame in self.frames if not self.runs.take(frame)]
        waiting = sum(map(len, self.frames[1:]))
        if waiting > WAITING and waiting > len(self.frames[0]):
            self.frames = [add_up(self.frames, by=self.by)]

    def parts(self) -> Iterator[pl.DataFrame]:
        """Yield the sum: in several parts where that is allowed and it was too large to be held."""
        if self.runs is None:
            yield add_up(self.frames, by=self.by)
        elif self.frames or not self.apart:
            yield add_up([*self.frames, self.runs.form.unpack(self.runs.whole())], by=self.by)
        else:
            yield from map(self.runs.form.unpack, self.runs.parts())


class Sums:
    """The sums of all tables of a question."""

    def __init__(self, question: Question) -> None:
        """Begin with nothing."""
        self.question = question
        self.tables = {name: Sum(by, len(question.apart)) for name, by in question.keys.items()}

    def add(self, partial: Frames) -> None:
        """Add the partial of a bucket."""
        for name, table in self.tables.items():
            table.add(partial[name])

    @property
    def spilled(self) -> bool:
        """Return whether some of it waits in a folder."""
        return any(table.runs is not None and table.runs.files for table in self.tables.values())

    def finish(self) -> dict[str, pl.DataFrame]:
        """Return the results, names as text; the sums are gone then."""
        finish, tables = self.question.finish, self.tables
        self.tables = {}
        if self.question.apart:
            [(name, table)] = tables.items()
            found = [finish({name: part}) for part in table.parts()]
            return {result: pl.concat([plain(each[result]) for each in found]) for result in found[0]}
        sums = {name: next(tables.pop(name).parts()) for name in list(tables)}
        return {result: plain(frame) for result, frame in finish(sums).items()}
