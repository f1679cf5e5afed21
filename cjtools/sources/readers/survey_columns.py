"""What the columns of a survey are: who answered, when, personal data that is not kept, and the questions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import polars as pl

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.readers.survey_words import holds_part, roles_of, word_key, words_of

Role = Literal[
    "response_id", "answered_at", "last_action", "started_at", "language", "key", "status", "finished", "progress",
    "distribution", "last_page", "personal", "hidden", "technical", "question",
]  # fmt: skip

NAMELESS = re.compile(r"^(?:Unnamed: \d+(?:_level_\d+)?|)$")
MAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
ADDRESS = re.compile(r"^(?:\d{1,3}\.){3}\d{1,3}$|^[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){4,7}$")
PHONE = re.compile(r"^'?\+?\(?\d[\d\s().-]{7,}\d$")
ABROAD = re.compile(r"^'?(?:\+|00)\d[\d\s().-]{7,}\d$")
DASHES = ("-", "–", "—")


@dataclass(frozen=True)
class Column:
    """One column of a survey. `name` is that of the sheet.

    Columns of one question share `group`, the place of its first column. `code` and `part_code` are the tool's own
    names of the question and of its option or row, `wording` and `part` what they say. `open` asks for words, `tick` is
    a box to tick, where the tool says so.
    """

    name: str
    role: Role
    group: int = 0
    code: str = ""
    wording: str = ""
    part_code: str = ""
    part: str = ""
    open: bool = False
    tick: bool = False

    @property
    def heading(self) -> str:
        """The wording with its option or row, as people would read it."""
        wording, part = self.wording or self.code, self.part or self.part_code
        return f"{wording} [{part}]" if wording and part else wording or part


@dataclass(frozen=True)
class Survey:
    """One file of a survey: the rows of respondents, and what each column is.

    `excluded` says of each row why it is no respondent's, `day_first` what the form's language says of dates,
    `timezone` that of times without an offset as far as the file or the tool tells, `joined` what stands between
    several choices in one cell.
    """

    sheet: Sheet
    columns: tuple[Column, ...]
    excluded: tuple[str, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)
    day_first: bool | None = None
    timezone: str | None = None
    joined: str = ""

    @property
    def questions(self) -> list[Column]:
        """The columns that hold answers."""
        return [column for column in self.columns if column.role == "question"]

    def having(self, *roles: Role) -> list[Column]:
        """Return the columns of some roles, in the order of the roles."""
        return [column for role in roles for column in self.columns if column.role == role]

    def cells(self, column: Column) -> pl.Series:
        """Return the answers of a column; a blank cell, or a dash alone, is none."""
        return self.sheet.rows[column.name].str.strip_chars().replace(list(DASHES), [""] * len(DASHES))


def bare_name(name: str) -> str:
    r"""Return a column's name as it stands in the file; empty when it has none there.

    >>> bare_name("Gender\0 7"), bare_name("Unnamed: 4")
    ('Gender', '')
    """
    bare = name.partition("\0")[0].strip()
    return "" if NAMELESS.match(bare) else bare


def role_of(tool: str, name: str) -> Role:
    """Return what a column of a tool is for by its name; a question when the tool does not know it."""
    return roles_of(tool).get(word_key(bare_name(name)), "question") if bare_name(name) else "question"  # type: ignore[return-value]


def rows_below(sheet: Sheet, count: int) -> Sheet:
    """Return a sheet without its first rows, which belong to the header."""
    return replace(sheet, rows=sheet.rows.slice(count), lines=sheet.lines.slice(count)) if count else sheet


def filled(cells: Iterable[str]) -> list[str]:
    """Return the distinct cells that hold something, in their order."""
    return [cell for cell in dict.fromkeys(cells) if cell]


def is_word(cell: str, name: str) -> bool:
    """Say whether a cell is one of the known words of a list."""
    return word_key(cell) in words_of("cells", name)


def asks_for_other(text: str) -> bool:
    """Say whether a heading asks for words beside the choices."""
    return holds_part(text, "cells", "other") or is_word(text, "other_alone")


def splits(text: str, mark: str = " - ") -> list[tuple[str, str]]:
    """Return a text before and after each of its marks, the last one first.

    >>> splits("Which? - Tick all - Carrots")
    [('Which? - Tick all', 'Carrots'), ('Which?', 'Tick all - Carrots')]
    """
    parts = text.split(mark)
    both = [(mark.join(parts[:cut]).strip(), mark.join(parts[cut:]).strip()) for cut in range(len(parts) - 1, 0, -1)]
    return [(before, after) for before, after in both if before and after]


def group_by_prefix(columns: Sequence[Column], *, mark: str = " - ") -> list[Column]:
    """Return columns where neighbours with the same words before a mark are one question with parts.

    A column with those words alone, right before them, is the question's own.
    """
    sizes = Counter(column.group for column in columns)
    grouped: list[Column] = []
    for place, column in enumerate(columns):
        last = grouped[-1] if grouped else None
        following = columns[place + 1].wording if place + 1 < len(columns) else ""
        shared = next(
            (
                (before, after)
                for before, after in splits(column.wording, mark)
                if following.startswith(before + mark) or (last is not None and last.wording == before)
            ),
            None,
        )
        if shared is None or sizes[column.group] > 1 or column.role != "question":
            grouped.append(column)
            continue
        before, after = shared
        group = last.group if last is not None and last.wording == before else column.group
        grouped.append(replace(column, wording=before, part=after, group=group, open=asks_for_other(after)))
    return grouped


def without_personal(survey: Survey) -> Survey:
    """Return a survey whose personal columns are known as such.

    They are known by their headings, by blocks of contact fields, and by what stands in them.
    """
    blocks = contact_blocks(survey.questions)
    personal = {column.name for column in survey.questions if is_personal(survey, column, blocks)}
    columns = [replace(each, role="personal") if each.name in personal else each for each in survey.columns]
    return replace(survey, columns=tuple(columns))


def is_personal(survey: Survey, column: Column, blocks: frozenset[int]) -> bool:
    """Say whether a question asks who somebody is."""
    known = words_of("personal", "heading")
    if column.group in blocks and word_key(column.part) in words_of("personal", "contact"):
        return True
    if not column.part and not column.part_code and word_key(re.sub(r"\([^)]*\)", "", column.wording)) in known:
        return True
    return holds_people([cell for cell in survey.cells(column) if cell], column.heading)


def contact_blocks(questions: Iterable[Column]) -> frozenset[int]:
    """Return the questions with two or more parts that are fields of an address."""
    counts: dict[int, set[str]] = {}
    for column in questions:
        if word_key(column.part) in words_of("personal", "contact"):
            counts.setdefault(column.group, set()).add(word_key(column.part))
    return frozenset(group for group, parts in counts.items() if len(parts) > 1)


def holds_people(cells: Sequence[str], heading: str) -> bool:
    """Say whether half of some cells are e-mail or IP addresses, or telephone numbers.

    Digits alone are telephone numbers only with the sign of another country, or under a heading that asks for them.

    >>> holds_people(["a@b.example", "no"], "Contact"), holds_people(["612345678"], "Order number")
    (True, False)
    """
    asked = holds_part(heading, "personal", "phone")
    shapes = (MAIL, ADDRESS, PHONE if asked else ABROAD)
    numbers = Counter(cells)
    return bool(cells) and any(
        2 * sum(number for cell, number in numbers.items() if shape.match(cell)) >= len(cells) for shape in shapes
    )


def without_index(survey: Survey) -> Survey:
    """Return a survey where a first column without a name that only counts the rows is no question."""
    columns = list(survey.columns)
    if columns and columns[0].role == "question" and not bare_name(columns[0].name) and not columns[0].wording:
        cells = survey.sheet.rows[columns[0].name].to_list()
        if all(cell.isdigit() for cell in cells) and [int(cell) for cell in cells] == [
            int(cells[0]) + step for step in range(len(cells))
        ]:
            columns[0] = replace(columns[0], role="technical")
    return replace(survey, columns=tuple(columns))
