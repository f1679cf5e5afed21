"""The way of every survey tool: open its files, know the columns, know the questions, read them as answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, nearest, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet, column_key
from cjtools.sources.opening.sheets import Layout, open_sheets
from cjtools.sources.reader import read_each, said_in
from cjtools.sources.readers.survey_columns import Column, Survey, bare_name, without_index, without_personal
from cjtools.sources.readers.survey_questions import Answers, ask
from cjtools.sources.readers.survey_times import iso_times
from cjtools.sources.readers.survey_words import roles_of, word_key
from cjtools.sources.readers.table import KINDS, check_section, read_sheets
from cjtools.tables import Tables

EXCLUDED = "why the row is no respondent's"  # the name of a column that no file has
WITH_OFFSET = r"(?:Z|[+-]\d{2}:\d{2})$"
CHINESE = {"ZH-S": "zh-Hans", "ZH-T": "zh-Hant"}  # of Qualtrics, which no standard knows


@dataclass(frozen=True)
class Tool:
    """One survey tool: its name in client.toml, the columns by which its header is found, what its columns are.

    `describe` raises SourceError for a file that is not of the tool.
    """

    name: str
    wanted: Collection[str]
    describe: Callable[[Sheet], Survey]


@dataclass(frozen=True)
class Prepared:
    """One file as a sheet that the kind of answers reads, its section, and what was seen on the way."""

    sheet: Sheet
    section: SourceSection
    notes: Mapping[str, int]


def read_survey(files: Sequence[Path], *, section: SourceSection, client: Client, order: int, tool: Tool) -> Tables:
    """Return the declared tables of some files of one survey."""
    raise_if_any(SourceError, section.path, list(section_faults(section, tool)))
    layout = Layout({column_key(name) for name in tool.wanted})

    def open_one(file: Path) -> list[Survey]:
        sheets = open_sheets(file, section=section, client=client, layout=layout)
        return [with_declared(without_personal(without_index(tool.describe(sheet))), section) for sheet in sheets]

    surveys = [survey for group in read_each(files, section.path, open_one) for survey in group]
    raise_if_any(SourceError, section.path, list(personal_faults(surveys, section)))
    asking = ask(surveys, section)
    raise_if_any(SourceError, section.path, asking.faults)
    parts = list(zip(surveys, asking.files, strict=True))
    files_read = read_each(parts, section.path, lambda part: prepare(*part, section=section, tool=tool))
    whole = together([each.section for each in files_read], section)
    raise_if_any(SourceError, section.path, list(check_section(whole, KINDS["answers"])))
    return read_sheets(
        [(each.sheet, each.section) for each in files_read],
        section=whole,
        client=client,
        order=order,
        form=tool.name,
        family="survey",
        notes={each.sheet.name: {**each.notes, **asking.notes} for each in files_read},
    )


def section_faults(section: SourceSection, tool: Tool) -> Iterator[Fault]:
    """Yield what client.toml says of a survey that cannot be."""
    if section.kind not in (None, "answers"):
        yield Fault(said_in(section, "kind"), f"{tool.name} are answers, not {section.kind}", "", "take it away")
    if len(section.keys) > 1:
        yield Fault(said_in(section, "keys"), "several keys", "one id of the respondent", "keep the one to join by")


def with_declared(survey: Survey, section: SourceSection) -> Survey:
    """Return a survey where hidden fields that client.toml names as questions are questions."""
    wanted = {column_key(each.column) for each in section.questions}
    columns = tuple(
        replace(column, role="question", group=-place, wording=bare_name(column.name))
        if column.role in ("hidden", "key") and column_key(bare_name(column.name)) in wanted
        else column
        for place, column in enumerate(survey.columns, start=1)
    )
    return replace(survey, columns=columns)


def personal_faults(surveys: Iterable[Survey], section: SourceSection) -> Iterator[Fault]:
    """Yield the questions of client.toml that are columns of personal data."""
    names = {column_key(bare_name(each.name)) for survey in surveys for each in survey.having("personal")}
    for question in section.questions:
        if column_key(question.column) in names:
            found = f"{cut(question.column)} says who somebody is"
            step = f'as an id it may stand in [sources.keys]: "{question.column}" = "email"'
            yield Fault(said_in(section, f"questions {question.id!r}"), found, "no personal column is kept", step)


def prepare(survey: Survey, answers: Sequence[Answers], *, section: SourceSection, tool: Tool) -> Prepared:
    """Return one file as the kind of answers reads it: who, when, in which language, and a column a question."""
    rows: dict[str, pl.Series] = {}
    mapping: dict[str, str] = {}
    notes: dict[str, int] = {}
    for field, texts in known_fields(survey, section, tool, notes).items():
        mapping[field] = texts.name
        rows[texts.name] = texts
    questions = []
    for each in answers:
        name = free_name(each, rows)
        rows[name] = each.cells.alias(name)
        questions.append(each.asked.model_copy(update={"column": name}))
    frame = pl.DataFrame(list(rows.values())) if rows else pl.DataFrame()
    own = section.model_copy(
        update={
            "kind": "answers",
            "mapping": {**mapping, **{name: column for name, column in section.mapping.items() if name not in mapping}},
            "questions": tuple(questions),
            "timezone": section.timezone or (survey.timezone if zoned(survey) or section.date_format else None),
        }
    )
    sheet = replace(survey.sheet, rows=frame, header=tuple(frame.columns))
    return Prepared(sheet, own, {**survey.notes, **column_notes(survey, mapping), **notes})


def known_fields(survey: Survey, section: SourceSection, tool: Tool, notes: dict[str, int]) -> dict[str, pl.Series]:
    """Return the columns that tell who answered, when, in which language, and why a row is no respondent's."""
    rows = survey.sheet.rows
    fields: dict[str, pl.Series] = {}
    for field, column in section.mapping.items():
        if column in rows.columns:
            fields[field] = rows[column]
    for field, role in (("response_id", "response_id"), ("language", "language")):
        columns = [column for column in survey.columns if column.role == role]
        if columns and field not in fields:
            fields[field] = rows[columns[0].name].alias(bare_name(columns[0].name))
    if "language" in fields:
        fields["language"] = fields["language"].replace(CHINESE)
    if "profile" not in fields and section.keys:
        fields["profile"] = key_column(survey, section, tool)
    moments = survey.having("answered_at", "last_action", "started_at")
    if "answered_at" not in fields and moments:
        fields["answered_at"] = first_filled([rows[column.name] for column in moments]).alias(
            bare_name(moments[0].name)
        )
    if "answered_at" in fields and section.date_format is None:
        fields["answered_at"] = written_times(fields["answered_at"], survey, section, notes)
    if any(survey.excluded):
        fields["excluded"] = pl.Series(EXCLUDED, survey.excluded, dtype=pl.String)
    return {field: texts for field, texts in fields.items() if field not in section.constants}


def first_filled(columns: Sequence[pl.Series]) -> pl.Series:
    """Return the first of some columns that holds something, row by row."""
    filled = [column.str.strip_chars().replace("", None).alias(str(place)) for place, column in enumerate(columns)]
    return pl.DataFrame(filled).select(pl.coalesce(pl.all()).fill_null("")).to_series()


def written_times(texts: pl.Series, survey: Survey, section: SourceSection, notes: dict[str, int]) -> pl.Series:
    """Return the times of a file as ISO 8601. Raises SourceError when the day and the month cannot be told."""
    where = survey.sheet.where(survey.sheet.header_line, texts.name)
    bare = texts.str.strip_chars()
    moments = survey.having("answered_at", "last_action", "started_at")
    others = pl.concat(
        [bare, *(survey.sheet.rows[column.name].str.strip_chars().alias(bare.name) for column in moments)]
    )
    times = iso_times(bare, others=others, day_first=survey.day_first, where=where, source_id=section.id)
    if times.fault is not None:
        raise SourceError(survey.sheet.name, [times.fault])
    naive = times.texts.str.contains(":") & ~times.texts.str.contains(WITH_OFFSET)
    notes |= {
        "day_first_by_header": times.by_header,
        "timezone_assumed": bool(naive.any()) and section.timezone is None and survey.timezone is None,
        "timezone_differs": zoned(survey) and section.timezone not in (None, survey.timezone),
    }
    in_utc = times.texts.zip_with(~naive, times.texts + "Z") if survey.timezone == "UTC" else times.texts
    return in_utc.alias(texts.name)


def zoned(survey: Survey) -> bool:
    """Say whether a file tells the zone of its times, and it is not UTC, in which no shop keeps its days."""
    return survey.timezone not in (None, "UTC")


def key_column(survey: Survey, section: SourceSection, tool: Tool) -> pl.Series:
    """Return the column that names the respondent in other sources too, under the name that client.toml gives it."""
    (wanted,) = section.keys
    by_name = [column for column in survey.columns if column_key(bare_name(column.name)) == column_key(wanted)]
    is_key = roles_of(tool.name).get(word_key(wanted)) == "key"
    columns = [*by_name, *(survey.having("key") if is_key else [])]
    if not columns:
        names = [bare_name(column.name) for column in survey.columns if column.role != "question"]
        found = f"there is no column {cut(wanted)} in {survey.sheet.name}"
        raise SourceError(survey.sheet.name, [Fault(said_in(section, "keys"), found, nearest(wanted, names))])
    return survey.sheet.rows[columns[0].name].alias(wanted)


def free_name(answers: Answers, taken: Collection[str]) -> str:
    """Return a name for a column of answers that no other has: as it stands in the file, if it can."""
    asked = answers.asked
    names = [asked.wording, f"{asked.wording} ({asked.id})"]
    bare = bare_name(answers.column.name)
    first = [bare] if bare and asked.form != "tick" else []
    return next(name for name in (*first, *names) if name not in taken)


def column_notes(survey: Survey, mapping: Mapping[str, str]) -> dict[str, int]:
    """Return how many columns were left out, and of which kind."""
    used = {column_key(name) for name in mapping.values()}

    def count(columns: Iterable[Column]) -> int:
        return sum(column_key(bare_name(column.name)) not in used for column in columns)

    return {
        "personal_columns_dropped": count(survey.having("personal")),
        "hidden_fields_left_out": count(survey.having("hidden", "key")),
    }


def together(sections: Sequence[SourceSection], section: SourceSection) -> SourceSection:
    """Return the sections of all files as one: every question of any of them, the first of each id."""
    questions = {each.id: each for own in reversed(sections) for each in reversed(own.questions)}
    mapping = {name: column for own in reversed(sections) for name, column in own.mapping.items()}
    zones = {own.timezone for own in sections}
    known = {"kind": "answers", "mapping": mapping, "questions": tuple(reversed(questions.values()))}
    return section.model_copy(update={**known, "timezone": zones.pop() if len(zones) == 1 else section.timezone})


def tool_fault(sheet: Sheet, name: str, lacking: str) -> SourceError:
    """Return the error of a file that is not an export of a tool."""
    step = 'or read it with format = "table", kind = "answers" and [sources.mapping]'
    hint = nearest(lacking, [bare_name(each) for each in sheet.header if bare_name(each)][:40])
    found = f"not an export of {name}: there is no column {lacking!r}"
    return SourceError(sheet.name, [Fault(sheet.where(sheet.header_line), found, hint, step)])
