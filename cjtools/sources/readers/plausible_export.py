"""The two exports of Plausible: the ten tables of its settings (totals of each day), the tables of its dashboard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from cjtools.client import Client
from cjtools.errors import SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.kinds.measured import read_reports
from cjtools.sources.kinds.report import Report, period_said
from cjtools.sources.opening.delimited import Sheet, column_key, parse_sheet
from cjtools.sources.opening.files import Opened, decode, open_file
from cjtools.sources.opening.sheets import Layout, members_of, possible_headers
from cjtools.sources.parsing.periods import ISO_DAY, Days, date_of, days_between
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parsing.roles import Roles, foreign_fault, roles_of
from cjtools.sources.parsing.vocabulary import load_vocabulary
from cjtools.sources.reader import Reader, read_each
from cjtools.tables import Tables

# The columns by which each table is known, besides `visitors`: of the settings with a date, of the dashboard without.
DAILY = (
    {"visit_duration", "bounces"}, {"hostname", "page"}, {"link_url", "path", "events"}, {"exits"}, {"entrances"},
    {"visits", "bounce_rate", "visit_duration"},
)  # fmt: skip
ONCE = ({"bounce_rate", "visit_duration"}, {"time_on_page"}, {"unique_entrances"}, {"unique_exits"})
TABLE = re.compile(r"^(?:imported_)?(?P<table>[a-z_]+?)(?:_(?P<first>\d{8})_(?P<last>\d{8}))?$")
OWN = "date, visitors, visits"
MEANS = {"visit_duration": "average_session_duration", "time_on_page": "average_time_on_page"}


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: by the columns of one of the tables, in the file or in a zip of them."""
    return 0.92 if any(is_own_header(row) for row in possible_headers(file, head)) else 0.0


def is_own_header(row: Sequence[str]) -> bool:
    """Say whether a row is the header of a table of either export."""
    columns = set(map(column_key, row))
    daily = "date" in columns and "visitors" in columns and any(each <= columns for each in DAILY)
    once = "name" in columns and bool({"visitors", "unique_entrances", "unique_exits"} & columns)
    return (daily and not {"session_id", "event_id"} & columns) or (once and any(each <= columns for each in ONCE))


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the observations of every table: of the settings a day a row and totals, of the dashboard means.

    Visitors are those of a day and a dimension: they do not add up. `city` of the settings' tables is a GeoNames id.
    """
    raise_if_any(SourceError, section.path, list(key_faults(section, [])))
    layout = Layout(members="*.csv")
    members = [
        member
        for group in read_each(files, section.path, lambda file: members_of(open_file(file, client), layout))
        for member in group
    ]
    reports = read_each(members, section.path, lambda member: report_of(member, section))
    return read_reports(
        reports, section=section, client=client, form="plausible_export", vocabulary=load_vocabulary("plausible")
    )


def report_of(opened: Opened, section: SourceSection) -> Report:
    """Return one table of an export."""
    text, encoding = decode(opened, section.encoding)
    sheet = parse_sheet(opened, text, encoding, delimiter=section.delimiter, quoted=section.quote != "")
    vocabulary = load_vocabulary("plausible")
    roles = roles_of(sheet, vocabulary, section)
    if not is_own_header(sheet.header) and (fault := foreign_fault(sheet, vocabulary, section, OWN)):
        raise SourceError(sheet.name, [fault])
    match = TABLE.match(PurePosixPath(opened.name).stem.lower())
    table = match["table"] if match else ""
    if roles.time is None:
        roles = named(roles, vocabulary.members.get(table, ""))
    if "bounces" not in {metric.name for metric in roles.metrics} and is_mean(sheet):
        roles = with_means(roles)
    return Report(sheet, roles, period_of_name(opened.name) or period_said(section))


def is_mean(sheet: Sheet) -> bool:
    """Say whether a table is one of the dashboard's, whose durations are means."""
    return bool({"bounce_rate", "time_on_page", "name"} & set(sheet.header)) and "link_url" not in sheet.header


def named(roles: Roles, dimension: str) -> Roles:
    """Return the roles of a dashboard's table, in which the column `name` is what the file's name says."""
    if not dimension or "event_name" not in roles.dimensions:
        return roles
    others = {name: column for name, column in roles.dimensions.items() if name != "event_name"}
    return replace(roles, dimensions={dimension: roles.dimensions["event_name"], **others})


def with_means(roles: Roles) -> Roles:
    """Return the roles of a table whose durations are means, not totals."""
    return replace(
        roles, metrics=tuple(replace(each, name=MEANS.get(each.name, each.name), sums=False) for each in roles.metrics)
    )


def period_of_name(name: str) -> Days | None:
    """Return the period that a file's name or its zip's name tells.

    >>> period_of_name("imported_pages_20260701_20260930.csv")[1].isoformat()
    '2026-09-30'
    >>> period_of_name("Plausible export shop.example 2026-07-01 to 2026-07-31.zip/pages.csv")[0].isoformat()
    '2026-07-01'
    """
    match = TABLE.match(PurePosixPath(name).stem.lower())
    if match and match["first"]:
        ends = [date_of(text[:4], text[4:6], text[6:]) for text in (match["first"], match["last"])]
        return days_between(ends[0], ends[1])
    days = [date_of(*found) for found in ISO_DAY.findall(name)]
    return days_between(days[0], days[1]) if len(days) == 2 else None


READER = Reader("plausible_export", "web", detect, read)
