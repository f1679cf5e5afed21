"""Answers of Google Analytics' Data API (runReport, batchRunReports) as they come: JSON, one report or many a file."""

from __future__ import annotations

import json
import re
import zoneinfo
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.kinds.measured import read_reports
from cjtools.sources.kinds.report import Report, period_said
from cjtools.sources.opening.delimited import Sheet, unique_names
from cjtools.sources.opening.files import Opened, decode, fault_of, open_file
from cjtools.sources.opening.sheets import Layout, members_of
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parsing.roles import Roles, roles_of
from cjtools.sources.parsing.totals_line import total_differs
from cjtools.sources.parsing.vocabulary import load_vocabulary
from cjtools.sources.reader import Reader, read_each
from cjtools.sources.readers.ga4_columns import indexed, sources_split
from cjtools.tables import Tables

HEAD = re.compile(rb'"(dimensionHeaders|metricHeaders|dimension_headers|metric_headers)"')
SEVERAL = ("reports", "responses")
UNITS = {
    "TYPE_INTEGER": "count", "TYPE_CURRENCY": "money", "TYPE_SECONDS": "seconds",
}  # fmt: skip
CAMEL = re.compile(r"_([a-z])")


@dataclass(frozen=True)
class Answer:
    """One report of a file: its JSON with names as the API writes them, and the number of its first row in the file."""

    opened: Opened
    report: Mapping[str, Any]
    first: int

    @property
    def headers(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of its dimensions and of its metrics."""
        dimensions, metrics = (self.report.get(f"{kind}Headers") or [] for kind in ("dimension", "metric"))
        return tuple(str(each["name"]) for each in dimensions), tuple(str(each["name"]) for each in metrics)

    @property
    def rows(self) -> list[Any]:
        """Its rows; a report of nothing has none."""
        return list(self.report.get("rows") or [])


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: by the headers that every report of the API has."""
    return 0.97 if HEAD.search(head) and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")) else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the observations of every report in some files.

    Days come from a dimension of dates, else from client.toml. Money is in the currency that the report tells. A query
    whose pages are all there, in one file or in several, is whole; else its file is flagged truncated.
    """
    raise_if_any(SourceError, section.path, list(key_faults(section, [])))
    layout = Layout(members="*.json*")
    members = [
        member
        for group in read_each(files, section.path, lambda file: members_of(open_file(file, client), layout))
        for member in group
    ]
    answers = [
        answer for group in read_each(members, section.path, lambda m: answers_of(m, section)) for answer in group
    ]
    there: Counter[tuple[Any, ...]] = Counter()
    for answer in answers:
        there[query_of(answer)] += len(answer.rows)
    reports = read_each(answers, section.path, lambda answer: report_of(answer, section, there=there[query_of(answer)]))
    zones = {meta(each.report, "timeZone") for each in answers} - {None}
    known = section.timezone is None and len(zones) == 1 and zones <= zoneinfo.available_timezones()
    own = section.model_copy(update={"timezone": zones.pop()}) if known else section
    return read_reports(reports, section=own, client=client, form="ga4_data_api", vocabulary=load_vocabulary("ga4"))


def answers_of(opened: Opened, section: SourceSection) -> list[Answer]:
    """Return the reports of a file: one, a list, a batch, or one a line."""
    text, _ = decode(opened, section.encoding)
    found = list(reports_in(loaded(opened, text)))
    answers, first = [], 1
    for report in found:
        answer = Answer(opened, report, first)
        answers.append(answer)
        first += len(answer.rows)
    raise_if_any(SourceError, opened.name, [fault for answer in answers for fault in shape_faults(answer)])
    if not answers:
        raise fault_of(opened.name, "no report of the Data API", '"metricHeaders" and "rows" as runReport gives them')
    return answers


def loaded(opened: Opened, text: str) -> Any:
    """Return the JSON of a file, or of its lines. Raises SourceError where it is none."""
    text = text.lstrip("\ufeff")
    try:
        return json.loads(text)
    except RecursionError:
        raise fault_of(opened.name, "lists within lists, too deep to be read", "a report of the Data API") from None
    except ValueError as error:
        try:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            where = f"{opened.name} line {getattr(error, 'lineno', 1)}"
            found = f"not valid JSON ({cut(getattr(error, 'msg', str(error)))})"
            raise fault_of(where, found, "a report of the Data API", what=opened.name) from None


def reports_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the reports of a JSON value: itself, of a list each, of a batch each; names as the API writes them."""
    if isinstance(value, list):
        for each in value:
            yield from reports_in(each)
    elif isinstance(value, dict):
        within = next((value[name] for name in SEVERAL if isinstance(value.get(name), list)), None)
        if within is not None:
            yield from reports_in(within)
        elif any(
            name in value for name in ("metricHeaders", "metric_headers", "dimensionHeaders", "dimension_headers")
        ):
            yield camel(value)


def camel(value: Any) -> Any:
    """Return JSON whose names have no underscores: client libraries write them otherwise than the API.

    >>> camel({"row_count": 1, "rows": [{"metric_values": []}]})
    {'rowCount': 1, 'rows': [{'metricValues': []}]}
    """
    if isinstance(value, dict):
        return {CAMEL.sub(lambda match: match[1].upper(), str(name)): camel(inner) for name, inner in value.items()}
    return [camel(each) for each in value] if isinstance(value, list) else value


def shape_faults(answer: Answer) -> Iterator[Fault]:
    """Yield what is not as the API answers: pivots, headers without names, rows with more or fewer values."""
    name, report = answer.opened.name, answer.report
    if "pivotHeaders" in report:
        yield Fault(name, "a pivot report", "a report of runReport", "ask for it without pivots")
        return
    headers = [each for kind in ("dimension", "metric") for each in report.get(f"{kind}Headers") or []]
    rows = report.get("rows") or []
    if not isinstance(rows, list) or not all(isinstance(each, dict) and "name" in each for each in headers):
        yield Fault(name, "headers or rows that are no list of the API's", "the answer of runReport as it came")
        return
    widths = {"dimensionValues": len(answer.headers[0]), "metricValues": len(answer.headers[1])}
    for number, row in enumerate(rows, start=answer.first):
        for key, width in widths.items():
            values = row.get(key) or [] if isinstance(row, dict) else None
            if not isinstance(values, list) or len(values) != width or not all(isinstance(v, dict) for v in values):
                found = f"{len(values) if isinstance(values, list) else 'no'} {key}"
                yield Fault(f"{name} record {number}", found, f"{width} as in the headers")
    if "dateRange" in answer.headers[0] and "date" not in answer.headers[0]:
        step = "ask for one range a report, or for the dimension date"
        yield Fault(name, "several date ranges in one report, whose days it does not tell", "", step)


def report_of(answer: Answer, section: SourceSection, *, there: int) -> Report:
    """Return one answer as a report of totals, with what it says of its own quality."""
    vocabulary = load_vocabulary("ga4")
    sheet = sheet_of_rows(answer)
    types = [UNITS.get(str(each.get("type")), "number") for each in answer.report.get("metricHeaders") or []]
    given: dict[str, str | None] = {
        name: None if place < 0 else types[place]
        for place, name in enumerate(sheet.header, start=-len(answer.headers[0]))
    }
    roles = indexed(sheet, roles_of(sheet, vocabulary, section, given=given))
    sheet, roles = sources_split(sheet, roles)
    notes = quality_of(answer, sheet, roles, section, there=there)
    return Report(sheet, roles, period_said(section), notes=notes, currency=meta(answer.report, "currencyCode"))


def sheet_of_rows(answer: Answer) -> Sheet:
    """Return the rows of an answer as texts; `lines` counts the rows of its file from 1."""
    header = unique_names([name for names in answer.headers for name in names])
    cells = [
        [str(each.get("value", "")) for key in ("dimensionValues", "metricValues") for each in row.get(key) or []]
        for row in answer.rows
    ]
    columns = list(zip(*cells, strict=True)) or [()] * len(header)
    rows = pl.DataFrame([pl.Series(name, texts, dtype=pl.String) for name, texts in zip(header, columns, strict=True)])
    lines = pl.int_range(answer.first, answer.first + len(cells), eager=True)
    return Sheet(answer.opened.name, answer.opened.sha256, "utf-8", "", 1, header, rows, lines)


def quality_of(
    answer: Answer, sheet: Sheet, roles: Roles, section: SourceSection, *, there: int
) -> dict[str, int | bool]:
    """Return the flags of an answer: sampled, thresholded, other_row, truncated, restricted, totals that differ."""
    report = answer.report
    restricted = meta(report, "schemaRestrictionResponse") or {}
    asked = int(report.get("rowCount") or 0)
    return {
        "other_row": bool(meta(report, "dataLossFromOtherRow")),
        "sampled": bool(meta(report, "samplingMetadatas")),
        "thresholded": bool(meta(report, "subjectToThresholding")),
        "restricted": bool(restricted.get("activeMetricRestrictions")),
        "truncated": asked > there,
        "total_differs": asked <= len(answer.rows) and differs(answer, sheet, roles, section),
    }


def differs(answer: Answer, sheet: Sheet, roles: Roles, section: SourceSection) -> bool:
    """Say whether the totals of an answer are not the sums of its rows."""
    totals = answer.report.get("totals") or []
    values = [str(each.get("value", "")) for each in (totals[0].get("metricValues") or [])] if len(totals) == 1 else []
    names = sheet.header[len(answer.headers[0]) :]
    if len(values) != len(names) or sheet.rows.is_empty():
        return False
    last = dict.fromkeys(sheet.rows.columns, "") | dict(zip(names, values, strict=True))
    rows = pl.concat([sheet.rows, pl.DataFrame([last], schema=sheet.rows.schema)])
    last_one = pl.int_range(rows.height, eager=True) == rows.height - 1
    return total_differs(replace(sheet, rows=rows, delimiter=","), roles, last_one, section)


def meta(report: Mapping[str, Any], name: str) -> Any:
    """Return what the metadata of a report say."""
    metadata = report.get("metadata")
    return metadata.get(name) if isinstance(metadata, dict) else None


def query_of(answer: Answer) -> tuple[Any, ...]:
    """Return what the pages of one query have in common."""
    return (*answer.headers, answer.report.get("rowCount"))


READER = Reader("ga4_data_api", "web", detect, read)
