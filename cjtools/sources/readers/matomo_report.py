"""The reports that Matomo exports as CSV or TSV, from its pages or its API, with its own names or translated ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.kinds.measured import read_reports
from cjtools.sources.kinds.report import Report, period_said
from cjtools.sources.opening.delimited import Sheet, find_delimiter, parse_sheet, read_records
from cjtools.sources.opening.files import Opened, decode, open_file
from cjtools.sources.opening.sheets import Layout, members_of, possible_headers
from cjtools.sources.parsing.periods import ISO_DAY
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parsing.roles import Roles, foreign_fault, roles_of
from cjtools.sources.parsing.vocabulary import Vocabulary, found_in, load_vocabulary
from cjtools.sources.reader import Reader, read_each
from cjtools.tables import Tables

ASIDE = re.compile(r"^(metadata[_:].*|idsubdatatable|segment|logo|url|.*_logo)$", re.IGNORECASE)
OF_THE_API = re.compile(r"(goal_\d+_)?nb_[a-z_]+(?=\0|$)")
NOTHING = "No data available"
ENOUGH = 3  # translated names by which a header is known


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: by the names of the API's columns, or by several translated ones."""
    vocabulary = load_vocabulary("matomo")
    return max((sureness(row, vocabulary) for row in possible_headers(file, head)), default=0.0)


def sureness(row: Sequence[str], vocabulary: Vocabulary) -> float:
    """Say how sure it is that a row is a header of Matomo's."""
    names = {name.strip() for name in row}
    if names & {"nb_visits", "nb_hits"} and not any("actionDetails" in name for name in names):
        return 0.96
    metrics = {found_in(vocabulary.known_metrics, name) for name in row} - {None}
    first = found_in(vocabulary.known_dimensions, row[0]) or found_in(vocabulary.known_times, row[0])
    return 0.85 if first and {"sessions", "actions"} <= metrics and len(metrics) >= ENOUGH else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the observations of some reports. Days are the site's own; a report without days has client.toml's."""
    raise_if_any(SourceError, section.path, list(key_faults(section, [])))
    layout = Layout(members="*.[ct]sv")
    members = [
        member
        for group in read_each(files, section.path, lambda file: members_of(open_file(file, client), layout))
        for member in group
    ]
    reports = read_each(members, section.path, lambda member: report_of(member, section))
    return read_reports(
        reports, section=section, client=client, form="matomo_report", vocabulary=load_vocabulary("matomo")
    )


def report_of(opened: Opened, section: SourceSection) -> Report:
    """Return one file as a report of totals."""
    text, encoding = decode(opened, section.encoding)
    delimiter = section.delimiter or find_delimiter(text, ())
    raise_if_any(SourceError, opened.name, list(shifted_rows(opened.name, text, delimiter, quoted=section.quote != "")))
    sheet = parse_sheet(opened, text, encoding, delimiter=delimiter, quoted=section.quote != "")
    if sheet.header == (NOTHING,):
        return Report(sheet, Roles(), period_said(section), notes={"no_data": True})
    vocabulary = load_vocabulary("matomo")
    sheet = without(sheet, [name for name in sheet.header if ASIDE.match(name.partition("\0")[0])])
    own = any(OF_THE_API.match(name) for name in sheet.header)
    if not own and (fault := foreign_fault(sheet, vocabulary, section, "label, nb_visits, bounce_rate")):
        raise SourceError(sheet.name, [fault])
    return Report(sheet, roles_of(sheet, vocabulary, section), period_said(section))


def shifted_rows(name: str, text: str, delimiter: str, *, quoted: bool) -> Iterator[Fault]:
    """Yield the rows that Matomo shifted by one: the comma between a week's two days stands there without quotes."""
    records, lines = read_records(name, text, delimiter, quoted=quoted)
    width = len(records[0]) if records else 0
    for record, line in zip(records[1:], lines[1:], strict=True):
        if len(record) == width + 1 and all(ISO_DAY.fullmatch(cell.strip()) for cell in record[:2]):
            found = f"the week {record[0].strip()},{record[1].strip()} has no quotes: every cell after it is shifted"
            step = "export it as TSV, or by the day"
            yield Fault(f"{name} line {line}", found, f"{width} cells as in the header", step)


def without(sheet: Sheet, names: Sequence[str]) -> Sheet:
    """Return a sheet without some columns: addresses of pictures, the tool's own queries."""
    rows = sheet.rows.drop(names)
    return replace(sheet, header=tuple(rows.columns), rows=rows) if names else sheet


READER = Reader("matomo_report", "web", detect, read)
