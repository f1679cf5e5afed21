"""What client.toml says of the questions of a survey: which columns it means, under which ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cjtools.errors import Fault, cut, nearest
from cjtools.settings import Question, SourceSection
from cjtools.sources.opening.delimited import column_key
from cjtools.sources.reader import said_in
from cjtools.sources.readers.survey_columns import bare_name
from cjtools.sources.readers.survey_ids import Item


@dataclass(frozen=True)
class Declared:
    """What client.toml says of one column, and the id that it has by it."""

    question: Question
    id: str


def declare(files: Sequence[Sequence[Item]], section: SourceSection) -> tuple[dict[str, Declared], list[Fault]]:
    """Return what client.toml says of columns, by the ids that these have without it, and what is wrong there."""
    items = [item for file in files for item in file]
    found: dict[str, Declared] = {}
    faults = []
    for question in section.questions:
        ids = list(dict.fromkeys(identifier for file in files for identifier in matches(question, file)))
        fault = match_fault(question, ids, items, found)
        if fault is None:
            found |= {each: Declared(question, own_id(question, each, ids, items)) for each in ids}
        else:
            faults.append(Fault(said_in(section, f"questions {question.id!r}"), *fault))
    return found, faults


def match_fault(
    question: Question, ids: Sequence[str], items: Sequence[Item], found: dict[str, Declared]
) -> tuple[str, str, str] | None:
    """Return what is wrong with the columns that a question names: none, those of several questions, or another's."""
    groups = sorted({item.group for item in items if item.id in ids})
    if not ids:
        known = dict.fromkeys(item.column.heading for item in items)
        return f"there is no question {cut(question.column)}", nearest(question.column, [*known][:60]), ""
    if len(groups) > 1:
        return f"{cut(question.column)} is asked {len(groups)} times", "", f"name one by its id: {', '.join(groups)}"
    taken = next((found[identifier].question.id for identifier in ids if identifier in found), None)
    return None if taken is None else (f"{cut(question.column)} is {taken!r} already", "each question once", "")


def own_id(question: Question, identifier: str, ids: Sequence[str], items: Sequence[Item]) -> str:
    """Return the id of a column by client.toml: the question's, with the part where it has several columns."""
    group = next(item.group for item in items if item.id == identifier)
    return question.id if len(ids) == 1 else f"{question.id}{identifier.removeprefix(group)}"


def matches(question: Question, items: Sequence[Item]) -> list[str]:
    """Return the ids of the columns that a question of client.toml names: all of a question, or the one of a part.

    The name may be the question's id, code or wording, the heading of its column, or that with its part in brackets.
    """
    exact = [item.id for item in items if item.group == question.column]
    if exact:
        return exact
    wanted = column_key(question.column)
    groups = [
        item.group
        for item in items
        if wanted and wanted in map(column_key, (item.group, item.column.code, item.column.wording))
    ]
    if groups:
        return [item.id for item in items if item.group in groups]
    return [item.id for item in items if wanted in map(column_key, names_of(item))]


def names_of(item: Item) -> Iterator[str]:
    """Yield every name by which client.toml may call one column."""
    column = item.column
    yield from (item.id, bare_name(column.name), column.heading, f"{column.wording} - {column.part}")
    if column.part_code:
        yield from (f"{column.code}_{column.part_code}", f"{column.code}[{column.part_code}]")
