"""Qualtrics: CSV or workbook with three header rows (names, wordings, import ids), two in the older form, or one."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from zoneinfo import available_timezones

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.opening.sheets import possible_headers
from cjtools.sources.reader import Reader
from cjtools.sources.readers.survey_columns import (
    Column,
    Role,
    Survey,
    asks_for_other,
    bare_name,
    is_word,
    role_of,
    rows_below,
)
from cjtools.sources.readers.survey_words import plain_wording
from cjtools.sources.readers.surveys import Tool, read_survey, tool_fault

NAME = "qualtrics"
IMPORT_ID = re.compile(r'^\s*\{\s*"ImportId"\s*:')
CODE = re.compile(r"^(?P<code>.+?)_(?P<part>\d+(?:_TEXT|_\d+)?|TEXT|\d+#\d+)$")
OWN = re.compile(
    r"_(?:First Click|Last Click|Page Submit|Click Count|NPS_GROUP|Browser|Version|Operating System|Resolution)$"
)
OWN_ID = re.compile(r"ResponseI[dD]|_recordId")
NUMBERED = re.compile(r"^V\d{1,2}$")
TOPICS = re.compile(r" - (?:Parent Topics|Topics|Topic Hierarchy Level \d+|Sentiment.*|Topic Sentiment.*)$")
CHOSEN = re.compile(r"(?:^| - )Selected Choice(?: - |$)")
PREVIEW, TEST, SPAM = 1, 2, 8  # the bits of a numeric status; 4 is imported, 16 taken offline
NOT_SEEN = ("-99", "-66")  # what an export may write for a question that was seen and not answered


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: by the row of import ids, or by the names of the columns that every export has."""
    return max((0.97 for header in possible_headers(file, head) if is_export(header)), default=0.0)


def is_export(header: Sequence[str]) -> bool:
    """Say whether a row is one of the header rows of an export."""
    if sum(bool(IMPORT_ID.match(name)) for name in header) > 1:
        return True
    roles = {role_of(NAME, name) for name in header}
    return "response_id" in roles and len(roles & {"finished", "progress", "status", "started_at", "distribution"}) > 1


def describe(sheet: Sheet) -> Survey:
    """Return what the columns of an export are, and which rows are no respondent's."""
    roles = roles_in(sheet)
    dated = [name for name, role in roles.items() if role in ("response_id", "answered_at", "started_at")]
    wordings, imports, count = header_rows(sheet, dated)
    if not dated or not (imports or is_own_header(own_names(sheet))):
        raise tool_fault(sheet, "Qualtrics", "ResponseId")
    below = rows_below(sheet, count)
    columns = tuple(question_columns(sheet.header, roles, wordings, imports))
    survey = Survey(below, columns, timezone=zone_in(imports), joined="," if imports else "")
    return replace(survey, excluded=tuple(excluded(survey)), notes={"incomplete": incomplete(survey)})


def is_own_header(names: Sequence[str]) -> bool:
    """Say whether the names of columns are this tool's: its id, or a time beside what only a survey tool says.

    >>> is_own_header(["ResponseId", "Q1"]), is_own_header(["Record ID", "Start Date"])
    (True, False)
    """
    if is_export(names) or any(OWN_ID.fullmatch(name.strip()) for name in names):
        return True
    roles = {role_of(NAME, name) for name in names}
    return bool(roles & {"answered_at", "started_at"}) and bool(roles & {"finished", "progress", "distribution"})


def own_names(sheet: Sheet) -> list[str]:
    """Return the names of the columns; the older form numbers the tool's own and names them one row below."""
    first = sheet.rows.row(0, named=True) if sheet.rows.height else {}
    return [first.get(name, "") if NUMBERED.match(bare_name(name)) else name for name in sheet.header]


def roles_in(sheet: Sheet) -> dict[str, Role]:
    """Return what each column is for."""
    return {name: role_of(NAME, own) for name, own in zip(sheet.header, own_names(sheet), strict=True)}


def header_rows(sheet: Sheet, dated: Sequence[str]) -> tuple[dict[str, str], dict[str, dict[str, str]], int]:
    """Return the wordings and the import ids by column, and how many rows below the names belong to the header.

    The row of import ids is known by its form; a row of wordings has no digit where a date or an id of a response
    should be.
    """
    rows = [sheet.rows.row(place, named=True) for place in range(min(2, sheet.rows.height))]
    ids = next((place for place, row in enumerate(rows) if any(map(IMPORT_ID.match, row.values()))), None)
    imports = {} if ids is None else {name: import_id(cell) for name, cell in rows[ids].items()}
    if ids is not None:
        return (rows[0] if ids == 1 else {}), imports, ids + 1
    worded = bool(rows) and not any(char.isdigit() for name in dated for char in rows[0][name])
    worded = worded and any(rows[0][name].strip() for name in dated)
    return (rows[0] if worded else {}), {}, int(worded)


def import_id(cell: str) -> dict[str, str]:
    """Return what a cell of import ids says; nothing when it is broken.

    >>> import_id('{"ImportId":"QID2","choiceId":"1"}')["choiceId"], import_id("{")
    ('1', {})
    """
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def zone_in(imports: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return the zone of the times of an export, where the row of import ids tells it."""
    zones = {each["timeZone"] for each in imports.values() if "timeZone" in each}
    zone = zones.pop() if len(zones) == 1 else ""
    return "UTC" if zone == "Z" else zone if zone in available_timezones() else None


def question_columns(
    header: Sequence[str], roles: dict[str, Role], wordings: dict[str, str], imports: dict[str, dict[str, str]]
) -> Iterator[Column]:
    """Yield the columns: questions have a wording of their own and an import id QID…, embedded data have not."""
    counts = Counter(match["code"] for name in header if (match := CODE.match(bare_name(name))))
    shared = shared_beginnings(header, wordings)
    places: dict[str, int] = {}
    for place, name in enumerate(header, start=1):
        bare, role = bare_name(name), roles[name]
        wording = plain_wording(wordings.get(name, ""))
        identifier = imports.get(name, {}).get("ImportId", "")
        if role == "question":
            role = kind_of(bare, wording, identifier, known=bool(imports))
        if role != "question":
            yield Column(name, role)
            continue
        match = CODE.match(bare)
        grouped = match is not None and (counts[match["code"]] > 1 or match["code"] in header)
        code, part_code = (match["code"], match["part"]) if match and grouped else (bare, "")
        tick = bool(imports.get(name, {}).get("choiceId")) or (grouped and bool(CHOSEN.search(wording)))
        tick = tick and not part_code.endswith("TEXT")
        said, part = split_wording(wording, grouped=bool(part_code), shared=shared.get(code, ""))
        opened = identifier.endswith("_TEXT") or bare.endswith("_TEXT") or asks_for_other(part)
        group = places.setdefault(code, place)
        yield Column(name, "question", group, code, said or bare, part_code, part, open=opened and not tick, tick=tick)


def kind_of(name: str, wording: str, identifier: str, *, known: bool) -> Role:
    """Return what a column is that has no name of the system's: a question, what a tool made, a hidden field.

    A hidden field (embedded data) has the same name everywhere; without the row of import ids and without wordings
    nothing tells, and it is a question.
    """
    if not name or OWN.search(name) or TOPICS.search(name) or re.fullmatch(r"SC\d+|Q_\w+", name):
        return "technical"
    if known and not identifier.startswith("QID"):
        return "hidden"
    if not known and wording == name and not re.match(r"^[A-Za-z]{0,4}\d", name):
        return "hidden"
    return "question"


def shared_beginnings(header: Sequence[str], wordings: dict[str, str]) -> dict[str, str]:
    """Return what the wordings of a question's columns have in common up to a hyphen, as the older form joins them."""
    groups: dict[str, list[str]] = {}
    for name in header:
        if match := CODE.match(bare_name(name)):
            groups.setdefault(match["code"], []).append(plain_wording(wordings.get(name, "")))
    common = {code: beginning(texts).rpartition("-") for code, texts in groups.items() if len(texts) > 1}
    return {code: before + hyphen for code, (before, hyphen, _) in common.items() if before.strip()}


def beginning(texts: Sequence[str]) -> str:
    """Return the letters with which all texts begin.

    >>> beginning(["Rate-Price", "Rate-Post"])
    'Rate-P'
    """
    same = takewhile(lambda pair: pair[0] == pair[1], zip(min(texts), max(texts), strict=False))
    return "".join(letter for letter, _ in same)


def split_wording(wording: str, *, grouped: bool, shared: str = "") -> tuple[str, str]:
    """Return the wording of a question, and that of its option or row.

    >>> split_wording("Which? - Selected Choice - Bus", grouped=True), split_wording("Which? - Bus", grouped=False)
    (('Which?', 'Bus'), ('Which? - Bus', ''))
    """
    before, found, after = wording.partition(" - Selected Choice")
    if found:
        return before, after.removeprefix(" - ").strip() if grouped else ""
    if not grouped:
        return wording, ""
    before, found, after = wording.rpartition(" - ")
    if after == "Text" and found:
        return (before.rpartition(" - ")[0] or before), f"{before.rpartition(' - ')[2]} - Text"
    if not found and shared:
        return shared.rstrip("-").strip(), wording.removeprefix(shared).strip()
    return (before, after) if found else (wording, "")


def excluded(survey: Survey) -> Iterator[str]:
    """Yield of each row why it is no respondent's: a preview, a test, what the tool holds for spam; else nothing."""
    statuses = [survey.sheet.rows[column.name] for column in survey.having("status", "distribution")]
    for cells in zip(*statuses, strict=True) if statuses else ():
        yield next((why for cell in cells if (why := reason(cell.strip()))), "")


def reason(status: str) -> str:
    """Return why a row with a status is no respondent's; nothing when it is one.

    >>> reason("0"), reason("17"), reason("Survey Test"), reason("anonymous"), reason("Umfragevorschau")
    ('', 'preview', 'test', '', 'preview')
    """
    if re.fullmatch(r"\d{1,3}", status):
        bits = ((PREVIEW, "preview"), (TEST, "test"), (SPAM, "spam"))
        return next((why for bit, why in bits if int(status) & bit), "")
    return next((why for why in ("preview", "test", "spam") if is_word(status, why)), "")


def incomplete(survey: Survey) -> int:
    """Return how many rows are of respondents who did not finish; they are kept."""
    finished, progress = survey.having("finished"), survey.having("progress")
    if finished:
        return sum(is_word(cell, "unfinished") for cell in survey.sheet.rows[finished[0].name])
    if progress:
        return sum(cell.isdigit() and int(cell) < 100 for cell in survey.sheet.rows[progress[0].name].str.strip_chars())
    return 0


TOOL = Tool(NAME, (), describe)  # the names stand in the first row always
READER = Reader(NAME, "survey", detect, partial(read_survey, tool=TOOL))
