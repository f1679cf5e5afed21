"""The questions of a survey, all its files together: what their answers are, and what client.toml says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from cjtools.errors import Fault
from cjtools.settings import SourceSection
from cjtools.sources.kinds.answers import Asked
from cjtools.sources.readers.survey_columns import Column, Survey, bare_name
from cjtools.sources.readers.survey_declared import Declared, declare
from cjtools.sources.readers.survey_forms import (
    Part,
    are_ticks,
    are_words,
    hold_several,
    may_hold_several,
    measure_like,
    number_in,
    pieces_of,
    ticked,
)
from cjtools.sources.readers.survey_ids import Item, items_of, numbered, slug

Form = Literal["scored", "open", "plain", "tick"]


@dataclass(frozen=True)
class Answers:
    """The answers of one column of one file: the question as asked, its column, and its cells."""

    asked: Asked
    column: Column
    cells: pl.Series


@dataclass(frozen=True)
class Asking:
    """The answers of each file, flags that concern the whole source, and what is wrong in client.toml."""

    files: list[list[Answers]]
    notes: Mapping[str, int] = field(default_factory=dict)
    faults: Sequence[Fault] = ()


@dataclass(frozen=True)
class Pooled:
    """One column of a question in all files that have it: the number of each file and its cells."""

    id: str
    column: Column
    files: Sequence[tuple[int, pl.Series]]
    declared: Declared | None
    joined: str

    @property
    def cells(self) -> list[str]:
        """The answers of all files."""
        return [cell for _, cells in self.files for cell in cells]

    def asked(self, form: Form, *, option: str = "", identifier: str = "") -> Asked:
        """Return the question as it was asked, with what client.toml says of it."""
        question = self.declared.question if self.declared else None
        heading = self.column.heading or bare_name(self.column.name) or self.id
        return Asked(
            id=identifier or self.name,
            column=self.id,
            wording=f"{heading} [{option}]" if option else heading,
            form=form,
            instrument=question.instrument if question and form == "scored" else "other",
            scale=question.scale if question and form == "scored" else None,
            stage=question.stage if question else None,
            touchpoint=question.touchpoint if question else None,
        )

    @property
    def name(self) -> str:
        """The id of the question: that of client.toml, else its own."""
        return self.declared.id if self.declared else self.id


def ask(surveys: Sequence[Survey], section: SourceSection) -> Asking:
    """Return the questions of some files of one survey, with what client.toml says of them, and their answers."""
    files = [items_of(survey) for survey in surveys]
    declared, faults = declare(files, section)
    answers: list[list[Answers]] = [[] for _ in surveys]
    notes: dict[str, int] = {}
    for group in pooled(files, surveys, declared):
        ticks = {} if any(each.declared and each.declared.question.scale for each in group) else ticks_of(group)
        for each in group:
            found = ticks.get(each.id) or several_of(each) or list(single(each, section, alone=len(group) == 1))
            for number, one in found:
                answers[number].append(one)
            if each.declared is None and found and found[0][1].asked.form == "plain":
                notes |= dict.fromkeys(suggestions(each), True)
    return Asking(answers, notes, faults)


def pooled(
    files: Sequence[Sequence[Item]], surveys: Sequence[Survey], declared: Mapping[str, Declared]
) -> Iterator[list[Pooled]]:
    """Yield the columns of each question, the files that have it together, in the order of the first one."""
    groups: dict[str, dict[str, list[tuple[int, Item]]]] = {}
    for number, items in enumerate(files):
        for item in items:
            groups.setdefault(item.group, {}).setdefault(item.id, []).append((number, item))
    for members in groups.values():
        yield [
            Pooled(
                identifier,
                places[0][1].column,
                [(number, surveys[number].cells(item.column)) for number, item in places],
                declared.get(identifier),
                surveys[places[0][0]].joined,
            )
            for identifier, places in members.items()
        ]


def ticks_of(group: Sequence[Pooled]) -> dict[str, list[tuple[int, Answers]]]:
    """Return the boxes to tick of a question by their ids, with 1, 0 or nothing in their cells, by file."""
    if len(group) == 1 and not (group[0].column.part or group[0].column.tick):
        return {}
    whole = [part_of(place, each, each.cells) for place, each in enumerate(group, start=1)]
    numbers = sorted({number for each in group for number, _ in each.files})
    by_file = {
        number: {
            each.id: part_of(place, each, cells.to_list())
            for place, each in enumerate(group, start=1)
            for own, cells in each.files
            if own == number
        }
        for number in numbers
    }
    same_rows = len({len(part.cells) for part in whole}) == 1
    if not (are_ticks(whole) if same_rows else all(are_ticks([*parts.values()]) for parts in by_file.values())):
        return {}
    found: dict[str, list[tuple[int, Answers]]] = {}
    columns = {each.id: each for each in group}
    for number, parts in by_file.items():
        boxes = [identifier for identifier, part in parts.items() if not part.open]
        for identifier, values in zip(boxes, ticked([*parts.values()]), strict=True):
            box = columns[identifier]
            answers = Answers(box.asked("tick"), box.column, pl.Series(values, dtype=pl.String))
            found.setdefault(identifier, []).append((number, answers))
    return found


def part_of(place: int, each: Pooled, cells: Sequence[str]) -> Part:
    """Return one column of a question, as its form is told."""
    return Part(place, each.column.part, cells, each.column.open, each.column.tick)


def several_of(each: Pooled) -> list[tuple[int, Answers]]:
    """Return the answers of a column with several choices in a cell, one question an option; none when it has not."""
    said = each.declared.question.several if each.declared else ""
    mark = said or each.joined
    if not mark or each.column.open or not (said or hold_several(each.cells, mark)):
        return []
    chosen = [(number, [pieces_of(cell, mark) for cell in cells]) for number, cells in each.files]
    options = dict.fromkeys(piece for _, rows in chosen for row in rows for piece in row)
    seen: Counter[str] = Counter()
    answers = []
    for option in options:
        asked = each.asked("tick", option=option, identifier=numbered(f"{each.name}.{slug(option)}", seen))
        for number, rows in chosen:
            values = ["" if not row else "1" if option in row else "0" for row in rows]
            answers.append((number, Answers(asked, each.column, pl.Series(values, dtype=pl.String))))
    return answers


def single(each: Pooled, section: SourceSection, *, alone: bool) -> Iterator[tuple[int, Answers]]:
    """Yield the answers of a column as they stand, with the number of the file.

    On a scale the label after a number is left away, unless [sources.values] says what each answer means.
    """
    asked = each.asked(form_of(each, alone=alone))
    for number, cells in each.files:
        bare = asked.form == "scored" and asked.id not in section.values
        texts = pl.Series([number_in(cell) for cell in cells], dtype=pl.String) if bare else cells
        yield number, Answers(asked, each.column, texts)


def form_of(each: Pooled, *, alone: bool) -> Form:
    """Return what the answers of a column are.

    Declared: numbers on the scale, or words where a question of one column has none. Undeclared: words where the tool
    says so or where the answers are many, different and long; any other answer stays as it is.
    """
    if each.declared and each.declared.question.scale is not None and not each.column.open:
        return "scored"
    if each.declared and alone:
        return "open"
    return "open" if each.column.open or are_words(each.cells) else "plain"


def suggestions(each: Pooled) -> Iterator[str]:
    """Yield what an undeclared question looks like and client.toml could say of it, as flags."""
    measure = measure_like(each.column.heading, each.cells)
    if measure:
        yield f"looks_like_{measure}:{each.id}"
    elif each.joined and may_hold_several(each.cells, each.joined):
        yield f"looks_like_several:{each.id}"
    elif are_words(each.cells, fewest=1):
        yield f"looks_like_open:{each.id}"
