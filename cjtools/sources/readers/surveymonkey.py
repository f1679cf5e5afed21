"""SurveyMonkey: "all responses" as CSV or workbook, with one header row or two."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.opening.sheets import possible_headers
from cjtools.sources.reader import Reader
from cjtools.sources.readers.survey_columns import (
    Column,
    Survey,
    asks_for_other,
    bare_name,
    filled,
    group_by_prefix,
    is_word,
    role_of,
    rows_below,
)
from cjtools.sources.readers.survey_words import load_survey_words, plain_wording
from cjtools.sources.readers.surveys import Tool, read_survey, tool_fault

NAME = "surveymonkey"
CODE = re.compile(r"^(q\d{4})(?:_(\w+))?$")  # as exported for statistics programs: q0004_0001


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: an export names its respondents, or has question codes as only this tool writes them."""
    return max((0.95 for header in possible_headers(file, head) if is_export(header)), default=0.0)


def is_export(header: Sequence[str]) -> bool:
    """Say whether a header is of SurveyMonkey."""
    return any(role_of(NAME, name) == "response_id" for name in header) or is_coded(header)


def is_coded(header: Sequence[str]) -> bool:
    """Say whether the columns of a header are codes of questions."""
    return sum(bool(CODE.match(bare_name(name))) for name in header) > 2


def describe(sheet: Sheet) -> Survey:
    """Return what the columns of an export are."""
    if not is_export(sheet.header):
        raise tool_fault(sheet, "SurveyMonkey", "Respondent ID")
    second = second_header(sheet)
    below = rows_below(sheet, 0 if second is None else 1)
    if is_coded(sheet.header):
        columns = list(coded_columns(sheet.header))
    else:
        columns = list(worded_columns(sheet.header, second))
        columns = columns if second is not None else group_by_prefix(columns)
    return Survey(below, tuple(name_parts(columns, below.rows)))


def second_header(sheet: Sheet) -> Mapping[str, str] | None:
    """Return the second header row by column, when there is one: no respondent stands in it."""
    if not sheet.rows.height:
        return None
    row = sheet.rows.row(0, named=True)
    ids = [name for name in sheet.header if role_of(NAME, name) == "response_id"]
    said = any(is_word(cell, "response") or is_word(cell, "open") for cell in row.values())
    return row if (ids and not any(row[name].strip() for name in ids)) or (said and not ids) else None


def worded_columns(header: Sequence[str], second: Mapping[str, str] | None) -> Iterator[Column]:
    """Yield the columns of a header: a question stands above the first of its columns, the others are blank there."""
    group, wording, heading, asked = 0, "", "", False
    for place, name in enumerate(header, start=1):
        bare, below = bare_name(name), "" if second is None else plain_wording(second[name])
        role = role_of(NAME, name)
        if role in ("hidden", "technical") and asked:
            role = "question"  # what the tool adds stands before the first question
        if role != "question":
            yield Column(name, role)
            continue
        plain = is_word(below, "response") or is_word(below, "open")
        if (bare and (bare != heading or plain)) or not wording:
            group, wording, heading = place, plain_wording(bare), bare
        asked = asked or bool(bare)
        opened = is_word(below, "open") or asks_for_other(below or (bare and wording))
        yield Column(name, role, group, wording=wording, part="" if plain else below, open=opened)


def coded_columns(header: Sequence[str]) -> Iterator[Column]:
    """Yield the columns of a header of codes, of which the wordings are not known."""
    groups: dict[str, int] = {}
    for place, name in enumerate(header, start=1):
        role, match = role_of(NAME, name), CODE.match(bare_name(name))
        code = match[1] if match else bare_name(name)
        group = groups.setdefault(code or name, place)
        yield Column(name, role, group, code=code, part_code=(match[2] or "") if match else "")


def name_parts(columns: Sequence[Column], rows: pl.DataFrame) -> Iterator[Column]:
    """Yield columns where boxes whose names the file has lost are named by what was ticked in them.

    Rows of a question whose names are lost have their places instead.
    """
    groups: dict[int, list[Column]] = {}
    for column in columns:
        if column.role == "question":
            groups.setdefault(column.group, []).append(column)
    for column in columns:
        members = groups.get(column.group, []) if column.role == "question" else []
        if len(members) < 2 or any(member.part for member in members):
            yield column
            continue
        part, words = named_by_cells({member.name: rows[member.name] for member in members}, column.name)
        place = "" if column.part_code else str(members.index(column) + 1)
        yield replace(column, part=part or place, open=column.open or words)


def named_by_cells(members: Mapping[str, pl.Series], name: str) -> tuple[str, bool]:
    """Return the part of one column of a question by its cells, and whether it holds words beside the options.

    Only where all columns are boxes of different options; the last one may hold what respondents wrote beside them.
    """
    options = {
        member: [cell for cell in filled(cells.str.strip_chars()) if not is_word(cell, "box")]
        for member, cells in members.items()
    }
    *boxes, last = options.values()
    named = [values[0] for values in (*boxes, last) if len(values) == 1]
    if any(len(values) > 1 for values in boxes) or len(set(named)) < len(named) or len(named) < 2:
        return "", False
    values = options[name]
    return (values[0], False) if len(values) == 1 else ("other" if len(values) > 1 else "", len(values) > 1)


TOOL = Tool(
    NAME,
    [*load_survey_words()[NAME]["response_id"], "Collector ID", "StartDate", "EndDate", "Start Date", "End Date"],
    describe,
)
READER = Reader(NAME, "survey", detect, partial(read_survey, tool=TOOL))
