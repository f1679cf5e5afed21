"""LimeSurvey: responses as CSV or workbook, headed by codes, by wordings, or by both; answers as codes or in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.opening.sheets import possible_headers
from cjtools.sources.reader import Reader
from cjtools.sources.readers.survey_columns import (
    Column,
    Role,
    Survey,
    asks_for_other,
    bare_name,
    role_of,
)
from cjtools.sources.readers.survey_words import load_survey_words, plain_wording
from cjtools.sources.readers.surveys import Tool, read_survey, tool_fault

NAME = "limesurvey"
CODE = re.compile(r"^(?P<code>[A-Za-z]\w*)(?:\[(?P<part>[^\[\]]+)\])?(?:\[(?P<more>[^\[\]]+)\])?$")
BOTH = re.compile(r"^(?P<head>[A-Za-z]\w*(?:\[[^\[\]]+\]){0,2})\. (?P<text>.*)$", re.DOTALL)
WORDED = re.compile(r"^(?P<question>.*\S)\s*\[(?P<part>[^\[\]]+)\](?:\[(?P<more>[^\[\]]+)\])?$", re.DOTALL)
TIMED = re.compile(r"^(?:groupTime|interviewtime|\w+Time$)")
NO_DATE = "1980-01-01"  # what the tool writes where a survey is anonymous


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: an export has the last page and the language of each response, or when it was submitted."""
    return max((0.95 for header in possible_headers(file, head) if is_export(header)), default=0.0)


def is_export(header: Sequence[str]) -> bool:
    """Say whether a header is of LimeSurvey."""
    roles = {role_of(NAME, system_name(name)) for name in header}
    return "response_id" in roles and len(roles & {"last_page", "language", "answered_at"}) > 1


def system_name(name: str) -> str:
    """Return the code of a column that is headed by its code and its wording: 'lastpage. Last page' is lastpage."""
    match = BOTH.match(bare_name(name))
    return match["head"] if match and role_of(NAME, match["head"]) != "question" else name


def describe(sheet: Sheet) -> Survey:
    """Return what the columns of an export are."""
    if not is_export(sheet.header):
        raise tool_fault(sheet, "LimeSurvey", "submitdate")
    columns = tuple(question_columns(sheet.header))
    done = next((column.name for column in columns if column.role == "answered_at"), None)
    incomplete = 0 if done is None else int((sheet.rows[done].str.strip_chars() == "").sum())
    sheet, hidden = without_made_up_dates(without_not_shown(sheet, columns), columns)
    return Survey(sheet, columns, notes={"incomplete": incomplete, "anonymised_dates": hidden})


def question_columns(header: Sequence[str]) -> Iterator[Column]:
    """Yield the columns: a question is its code, with sub-questions in brackets, or its wording, in the same way."""
    coded = all(CODE.match(bare_name(name)) for name in header if role_of(NAME, system_name(name)) == "question")
    counts = Counter(match["question"] for name in header if (match := WORDED.match(bare_name(name))))
    places: dict[str, int] = {}
    for place, name in enumerate(header, start=1):
        bare, role = bare_name(name), role_of(NAME, system_name(name))
        if role == "question":
            role = kind_of(bare)
        if role != "question":
            yield Column(name, role)
            continue
        column = coded_column(name, bare) if coded or BOTH.match(bare) else worded_column(name, bare, counts)
        group = places.setdefault(column.code or column.wording or name, place)
        yield Column(
            name, "question", group, column.code, column.wording, column.part_code, column.part,
            open=column.part_code.endswith(("other", "comment")) or asks_for_other(column.part),
        )  # fmt: skip


def kind_of(name: str) -> Role:
    """Return what a column is that has no name of the system's."""
    if TIMED.match(name):
        return "technical"
    return "hidden" if re.fullmatch(r"attribute_\d+", name) else "question"


def coded_column(name: str, bare: str) -> Column:
    """Return a column headed by its code, alone or before its wording."""
    both = BOTH.match(bare)
    match = CODE.match(both["head"] if both else bare)
    assert match is not None
    part_code = "_".join(part for part in (match["part"], match["more"]) if part)
    text = plain_wording(both["text"]) if both else ""
    inside = WORDED.match(text) if part_code else None
    wording, part = (inside["question"], brackets(inside)) if inside else (text, "")
    return Column(name, "question", code=match["code"], wording=wording, part_code=part_code, part=part)


def worded_column(name: str, bare: str, counts: Counter[str]) -> Column:
    """Return a column headed by its wording; sub-questions share what stands before the brackets."""
    match = WORDED.match(bare)
    if match is None or counts[match["question"]] < 2:
        return Column(name, "question", wording=plain_wording(bare))
    return Column(name, "question", wording=plain_wording(match["question"]), part=plain_wording(brackets(match)))


def brackets(match: re.Match[str]) -> str:
    """Return what stands in the brackets of a heading, one pair or two."""
    return " / ".join(part for part in (match["part"], match["more"]) if part)


def without_not_shown(sheet: Sheet, columns: Sequence[Column]) -> Sheet:
    """Return a sheet without the words that full answers hold for a question that was not shown."""
    names = [column.name for column in columns if column.role == "question"]
    rows = sheet.rows.with_columns(pl.col(names).replace("N/A", "")) if names else sheet.rows
    return replace(sheet, rows=rows)


def without_made_up_dates(sheet: Sheet, columns: Sequence[Column]) -> tuple[Sheet, int]:
    """Return a sheet without the dates that stand for none, and how many rows had one."""
    dates = [column.name for column in columns if column.role in ("answered_at", "last_action", "started_at")]
    if not dates:
        return sheet, 0
    made_up = sheet.rows.select(pl.any_horizontal(pl.col(dates).str.starts_with(NO_DATE))).to_series()
    rows = sheet.rows.with_columns(
        pl.when(pl.col(name).str.starts_with(NO_DATE)).then(pl.lit("")).otherwise(name).alias(name) for name in dates
    )
    return replace(sheet, rows=rows), int(made_up.sum())


TOOL = Tool(NAME, [name for names in load_survey_words()[NAME].values() for name in names if len(name) > 5], describe)
READER = Reader(NAME, "survey", detect, partial(read_survey, tool=TOOL))
