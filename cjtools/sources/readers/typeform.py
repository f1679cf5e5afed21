"""Typeform: responses as CSV or workbook, one header row; several choices in a column each, or in one cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.opening.sheets import possible_headers
from cjtools.sources.reader import Reader
from cjtools.sources.readers.survey_columns import Column, Survey, asks_for_other, bare_name, filled, is_word, role_of
from cjtools.sources.readers.survey_words import plain_wording, word_key
from cjtools.sources.readers.surveys import Tool, read_survey, tool_fault

NAME = "typeform"
HIDDEN = re.compile(r"^[a-z][a-z0-9_]*$")  # hidden fields and variables have such names, questions have not
UPLOAD = re.compile(r"^https?://\S+$")
OPTIONS = re.compile("o(?:[oe]*o)?(?:e*w)?")  # the letters of kind_of, one a column
JOINED = " / "


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: an export has the times of beginning and end in UTC."""
    return max((0.95 for header in possible_headers(file, head) if is_export(header)), default=0.0)


def is_export(header: Sequence[str]) -> bool:
    """Say whether a header is of Typeform."""
    keys = {word_key(name) for name in header}
    return "submitdateutc" in keys and ("networkid" in keys or "startdateutc" in keys or "#" in keys)


def describe(sheet: Sheet) -> Survey:
    """Return what the columns of an export are."""
    if not is_export(sheet.header):
        raise tool_fault(sheet, "Typeform", "Submit Date (UTC)")
    columns = [column_of(name, place, sheet.rows[name]) for place, name in enumerate(sheet.header, start=1)]
    columns = group_options(columns, sheet.rows)
    loose = len({column.group for column in columns if column.tick and column.role == "question"})
    finished = [column for column in columns if column.role == "finished"]
    unfinished = sum(is_word(cell, "unfinished") for column in finished for cell in sheet.rows[column.name])
    notes = {"options_without_question": loose, "incomplete": unfinished}
    return Survey(sheet, tuple(columns), notes=notes, timezone="UTC", joined=JOINED)


def column_of(name: str, place: int, cells: pl.Series) -> Column:
    """Return what one column is."""
    bare, role = bare_name(name), role_of(NAME, name)
    if role == "question" and not is_option(bare, cells):
        if HIDDEN.match(bare):
            role = "hidden"
        elif (values := filled(cells.str.strip_chars())) and all(map(UPLOAD.match, values)):
            role = "technical"  # files that respondents sent
    return Column(name, role, place, wording=plain_wording(bare), open=asks_for_other(bare))


def is_option(name: str, cells: pl.Series) -> bool:
    """Say whether a column is one option of a question: nothing but its own name stands in it."""
    values = filled(cells.str.strip_chars())
    return len(values) == 1 and word_key(values[0]) == word_key(name) and bool(name)


def group_options(columns: Sequence[Column], rows: pl.DataFrame) -> list[Column]:
    """Return columns where options side by side are one question, with what was written beside them.

    A column that nobody ticked belongs to it when it stands between two others. The export does not name the question
    of such options: two questions that follow each other are taken for one.
    """
    grouped = list(columns)
    kinds = "".join(kind_of(column, rows[column.name]) for column in columns)
    for run in OPTIONS.finditer(kinds):
        for place in range(*run.span()):
            column, option = columns[place], kinds[place] != "w"
            grouped[place] = replace(
                column, role="question", group=columns[run.start()].group, wording="",
                part=plain_wording(bare_name(column.name)), open=not option, tick=option,
            )  # fmt: skip
    return grouped


def kind_of(column: Column, cells: pl.Series) -> str:
    """Return a letter for what a column is: an option, an empty one, words beside options, another question."""
    bare = bare_name(column.name)
    if is_option(bare, cells):
        return "o"
    if column.role == "question" and is_word(bare, "other_alone"):
        return "w"
    return "e" if column.role == "question" and not filled(cells.str.strip_chars()) else "q"


TOOL = Tool(NAME, ["#", "Start Date (UTC)", "Submit Date (UTC)", "Network ID", "Response Type"], describe)
READER = Reader(NAME, "survey", detect, partial(read_survey, tool=TOOL))
