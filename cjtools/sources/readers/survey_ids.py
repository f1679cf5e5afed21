"""Ids of the questions of a survey: the tool's own code, else a name made of the wording, always the same."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b

from cjtools.sources.kinds.answers import OF_RESPONSE
from cjtools.sources.readers.survey_columns import Column, Survey
from cjtools.words import fold

LONGEST_ID = 48


@dataclass(frozen=True)
class Item:
    """One column of answers in one file, under the id that it has in every file of the source."""

    id: str
    group: str
    column: Column


def slug(text: str) -> str:
    """Return a short name of a wording, always the same; a long one ends in a hash of the whole.

    >>> slug("Què canviaries?"), slug("あ")
    ('que-canviaries', 'q-0498')
    """
    name = re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")
    if name and len(name) <= LONGEST_ID:
        return name
    mark = blake2b(text.encode(), digest_size=2).hexdigest()
    return f"{name[:LONGEST_ID].rpartition('-')[0] or name[:LONGEST_ID] or 'q'}-{mark}"


def group_name(column: Column) -> str:
    """Return the name of a question: its code, its wording, or what can be said of one that has neither."""
    if not column.code and not column.wording:
        return "options" if column.part else f"column-{column.group}"
    name = column.code or slug(column.wording)
    return f"q-{name}" if name in {each.name for each in OF_RESPONSE} else name


def numbered(name: str, seen: Counter[str]) -> str:
    """Return a name, with its number from the second time on."""
    seen[name] += 1
    return name if seen[name] == 1 else numbered(f"{name}-{seen[name]}", seen)


def items_of(survey: Survey) -> list[Item]:
    """Return the columns of answers with their ids: `<question>`, or `<question>.<option or row>`.

    A column without a name of its own has its place in the question; what is asked twice is counted.
    """
    groups: dict[int, str] = {}
    places: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    items: list[Item] = []
    for column in survey.questions:
        if column.group not in groups:
            groups[column.group] = numbered(group_name(column), seen)
        group = groups[column.group]
        places[group] += 1
        part = column.part_code or (slug(column.part) if column.part else "")
        part = part or (str(places[group]) if places[group] > 1 else "")
        items.append(Item(numbered(f"{group}.{part}", seen) if part else group, group, column))
    return items
