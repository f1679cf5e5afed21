"""The CSV files that Google Analytics 4 downloads: reports of one or many tables, and explorations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from cjtools.client import Client
from cjtools.errors import SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.kinds.measured import read_reports
from cjtools.sources.kinds.report import Report, period_said
from cjtools.sources.opening.files import Opened, decode, fault_of, open_file
from cjtools.sources.opening.sheets import Layout, cut_to_character, members_of, possible_headers
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parsing.roles import foreign_fault, roles_of
from cjtools.sources.parsing.totals_line import lines_of_totals, total_differs
from cjtools.sources.parsing.vocabulary import Vocabulary, found_in, load_vocabulary
from cjtools.sources.reader import Reader, read_each
from cjtools.sources.readers.ga4_columns import cohorts, indexed, sources_split
from cjtools.sources.readers.sections import RULE, Section, open_sections, period_in, section_sheet
from cjtools.tables import Tables

# What only this tool calls a metric: a table of them without its comments is still known.
OWN_METRICS = {
    "engaged_sessions", "engagement_rate", "average_engagement_time", "average_engagement_time_per_session",
    "session_key_event_rate", "user_key_event_rate",
}  # fmt: skip


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: by the comments before the first table, else by the names of its columns."""
    lines = [line.strip('\ufeff" ,;\t\r') for line in text_of(head).splitlines()]
    comments = [line.strip("# ") for line in lines[:40] if line.startswith("#")]
    rows = [line for line in lines[:60] if line and not line.startswith("#")]
    first = next((line for line in lines if line), "")
    if first.startswith("#") and any(re.search("[,;\t]", row) for row in rows):
        ruled = len([text for text in comments if RULE.fullmatch(text)]) > 1
        if period_in(comments)[0] or ruled:
            return 0.95
    vocabulary = load_vocabulary("ga4")
    return 0.85 if any(is_own_header(row, vocabulary) for row in possible_headers(file, head)) else 0.0


def text_of(head: bytes) -> str:
    """Return the head of a file as text, in whichever encoding it says; what is none is empty."""
    try:
        return decode(Opened("", cut_to_character(head), ""), None)[0]
    except SourceError:
        return ""


def is_own_header(row: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Say whether a row is a header of this tool: every name known, one of them this tool's own."""
    metrics = [found_in(vocabulary.known_metrics, name) for name in row]
    times = [found_in(vocabulary.known_times, name) or "" for name in row]
    others = [found_in(vocabulary.known_dimensions, name) for name in row]
    known = all(any(each) for each in zip(metrics, times, others, strict=True))
    own = OWN_METRICS.intersection(filter(None, metrics)) or any(time.startswith("nth") for time in times)
    return known and any(metrics) and bool(own)


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the observations of every table in some files.

    Days are the property's own. The period is the one that the comments tell, else client.toml's.
    """
    raise_if_any(SourceError, section.path, list(key_faults(section, [])))
    layout = Layout(members="*.[ct]sv")
    members = [
        member
        for group in read_each(files, section.path, lambda file: members_of(open_file(file, client), layout))
        for member in group
    ]
    groups = read_each(members, section.path, lambda member: reports_of(member, section))
    reports = [report for group in groups for report in group]
    return read_reports(reports, section=section, client=client, form="ga4_report", vocabulary=load_vocabulary("ga4"))


def reports_of(opened: Opened, section: SourceSection) -> list[Report]:
    """Return the tables of one file."""
    text, encoding = decode(opened, section.encoding)
    tables, delimiter = open_sections(opened, text, section.delimiter, quoted=section.quote != "")
    if not tables:
        raise fault_of(opened.name, "no table in this file", "the name of each column and rows below them")
    return read_each(
        zip(tables, segments_of(tables), strict=True),
        opened.name,
        lambda pair: report_of(opened, *pair, section=section, encoding=encoding, delimiter=delimiter),
    )


def segments_of(tables: Sequence[Section]) -> Iterator[str]:
    """Yield whom each table is about: everybody (an empty text), or the segment that its comment names.

    A comment may be the question of a card as well: it is a segment where tables differ in nothing else, or where the
    file has one table.
    """
    vocabulary = load_vocabulary("ga4")
    titles = {(tuple(each.records[0]), each.period, each.title) for each in tables}
    likes = Counter((header, period) for header, period, _ in titles)
    for each in tables:
        alone = len(tables) == 1 or likes[tuple(each.records[0]), each.period] > 1
        alone = alone and not each.title.endswith("?")
        yield each.title if alone and not vocabulary.says("everybody", each.title) else ""


def report_of(
    opened: Opened, table: Section, segment: str, *, section: SourceSection, encoding: str, delimiter: str
) -> Report:
    """Return one table of a file as a report of totals."""
    vocabulary = load_vocabulary("ga4")
    sheet, labelled = section_sheet(opened, table, encoding=encoding, delimiter=delimiter)
    told = table.period is not None or bool(table.head)  # by the comments before it, in whichever language
    if not told and (fault := foreign_fault(sheet, vocabulary, section, "Date, Active users, Sessions, Event count")):
        raise SourceError(sheet.name, [fault])
    period = table.period or period_said(section)
    roles = indexed(sheet, roles_of(sheet, vocabulary, section))
    sheet, roles = cohorts(*sources_split(sheet, roles), table.period, vocabulary)
    totals = lines_of_totals(sheet, roles, labelled, vocabulary, section=section, sure=table.one_line)
    left_out = totals.replace_strict({True: "line_of_totals"}, default=None, return_dtype=pl.String)
    notes = {"total_differs": total_differs(sheet, roles, totals, section)}
    return Report(sheet, roles, period, {"segment": segment} if segment else {}, left_out, notes)


READER = Reader("ga4_report", "web", detect, read)
