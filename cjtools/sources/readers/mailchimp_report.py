"""Mailchimp's report of one campaign: names and numbers on top, then its links, then what each recipient did."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet, column_key, read_records
from cjtools.sources.opening.files import decode, fault_of, open_file
from cjtools.sources.parsing.pages import page_path
from cjtools.sources.parsing.times import parse_times, time_advice
from cjtools.sources.reader import (
    FileLine,
    Reader,
    counted,
    left_out_rows,
    place,
    read_each,
    shape,
    source_lines,
    tables_of,
)
from cjtools.sources.readers.table import KINDS, check_section, read_sheets
from cjtools.tables import LeftOut, Observation, Tables

SENT = ("delivery date/time", "delivery date", "send date")
DATES = ("%a, %b %d, %Y %I:%M %p", "%a, %b %d, %Y %H:%M", "%b %d, %Y %I:%M %p", "%b %d, %Y %H:%M")
METRICS = {
    "total recipients": ("sent", "messages"),
    "successful deliveries": ("delivered", "messages"),
    "bounces": ("bounced", "messages"),
    "recipients who opened": ("opened", "people"),
    "recipients who clicked": ("clicked", "people"),
    "total unsubs": ("unsubscribed", "people"),
    "total abuse complaints": ("complaints", "people"),
    "total opens": ("opens", "count"),
    "total clicks": ("clicks_total", "count"),
}
LINKS = {"total clicks": ("link_clicks", "count"), "unique clicks": ("link_clickers", "people")}
EMAILS = (
    "email address", "email", "e-mail", "adreça electrònica", "correu electrònic", "correo electrónico",
    "dirección de correo electrónico", "indirizzo email", "indirizzo e-mail", "adresă de email",
)  # fmt: skip
ACTS = {
    "email_open": ("opens", "opened"),
    "email_click": ("clicks", "clicked"),
    "email_bounce": ("bounced", "bounces"),
    "email_unsubscribe": ("unsubscribed",),
}
NUMBER = re.compile(r"^(\d{1,3}(?:[.,]\d{3})+|\d+)(?:\s*\(.*\))?$")
Kind = Literal["block", "name", "number", "header", "link", "person", "other"]


@dataclass(frozen=True)
class Part:
    """One line of a report: what it is, its cells, the block and the header under which it stands."""

    kind: Kind
    line: int
    cells: tuple[str, ...]
    block: str
    header: tuple[str, ...]

    @property
    def number(self) -> int:
        """The number beside a name."""
        return whole(self.cells[1])


@dataclass(frozen=True)
class Report:
    """The lines of one report."""

    name: str
    sha256: str
    encoding: str
    parts: tuple[Part, ...]

    def all_of(self, *kinds: Kind) -> list[Part]:
        """Return the lines of some kinds, in their order."""
        return [each for each in self.parts if each.kind in kinds]

    def named(self, *keys: str) -> Part | None:
        """Return the line that says what one of some names is, if there is one."""
        return next((each for key in keys for each in self.all_of("name") if key_of(each.cells[0]) == key), None)

    @property
    def title(self) -> str:
        """What the campaign is called."""
        told = self.named("title")
        return told.cells[1] if told else self.name


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: a report begins with the campaign's title and the day it was delivered."""
    keys = {key_of(line.partition(",")[0].strip('"')) for line in head.decode("utf-8", "replace").splitlines()[:20]}
    return 0.97 if "title" in keys and keys & set(SENT) else 0.0


def key_of(cell: str) -> str:
    """Return the name before a colon as names are compared."""
    return column_key(cell).removesuffix(":").strip()


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the numbers of some campaigns as observations, and their recipients' acts as events.

    A report tells of opens and clicks how many, not when: these events carry the time of the delivery, with an unknown
    precision, and the flag times_of_delivery counts them.
    """
    reports = read_each(files, section.path, lambda file: parse_report(file, section=section, client=client))
    days = read_each(reports, section.path, lambda each: delivered(each, section))
    sent = {each.name: day for each, day in zip(reports, days, strict=True)}
    acts = read_people(reports, sent, section=section, client=client, order=order)
    observations = [observation_rows(each, sent[each.name]) for each in reports]
    left = pl.concat([acts.left_out, *(unused_numbers(each, section) for each in reports)])
    return tables_of(
        sources=source_lines(
            [file_line(each, sent[each.name], acts) for each in reports],
            section=section,
            client=client,
            kind="events" if any(each.all_of("person") for each in reports) else "observations",
            form=READER.name,
            family=READER.family,
        ),
        left_out=left,
        events=acts.events,
        identities=acts.identities,
        observations=pl.concat([
            shape(Observation, frame, source_id=section.id, touchpoint=section.touchpoint) for frame in observations
        ]),
    )  # fmt: skip


def parse_report(file: Path, *, section: SourceSection, client: Client) -> Report:
    """Return the lines of a report. Raises SourceError for rows of another length than the header above them."""
    opened = open_file(file, client)
    text, encoding = decode(opened, section.encoding)
    parts = tuple(parts_of(*read_records(opened.name, text, section.delimiter or ",")))
    raise_if_any(SourceError, opened.name, [
        Fault(place(opened.name, part.line), f"{len(part.cells)} cells", f"{len(part.header)} as in the header")
        for part in parts
        if part.kind in ("link", "person") and len(part.cells) != len(part.header)
    ])  # fmt: skip
    return Report(opened.name, opened.sha256, encoding, parts)


def parts_of(records: Sequence[Sequence[str]], lines: Sequence[int]) -> Iterator[Part]:
    """Yield what each line of a report is: a title alone begins a block and ends a table."""
    block, header = "", tuple[str, ...]()
    for record, line in zip(records, lines, strict=True):
        cells = trimmed(record, len(header))
        kind = kind_of(cells, header)
        block = cells[0] if kind == "block" else block
        header = cells if kind == "header" else header if kind in ("link", "person") else ()
        yield Part(kind, line, cells, block, header)


def trimmed(record: Sequence[str], width: int) -> tuple[str, ...]:
    """Return the cells of a line without the empty ones at its end that its header has not."""
    cells = [cell.strip() for cell in record]
    while len(cells) > max(width, 1) and not cells[-1]:
        cells.pop()
    return tuple(cells)


def kind_of(cells: Sequence[str], header: Sequence[str]) -> Kind:
    """Return what a line is, by its cells and the header above it."""
    keys = list(map(column_key, cells))
    if not any(cells[1:]) and not (header and len(cells) == len(header)):
        return "block"
    if cells[0].endswith(":") and len(cells) == 2:
        return "number" if NUMBER.match(cells[1]) else "name"
    if keys[0] == "url" or set(keys) & set(EMAILS):
        return "header"
    if not header:
        return "other"
    return "link" if column_key(header[0]) == "url" else "person"


def whole(text: str) -> int:
    """Return a number such as 1,204 or 14 (1.16%).

    >>> whole("1,204"), whole("14 (1.16%)")
    (1204, 14)
    """
    match = NUMBER.match(text)
    return int(re.sub(r"[.,]", "", match[1])) if match else 0


def delivered(report: Report, section: SourceSection) -> dt.datetime:
    """Return when a campaign was delivered, in the source's own time. Raises SourceError when nothing says so."""
    told = report.named(*SENT)
    if told is None:
        raise fault_of(report.name, "no line says when it was delivered", "Delivery Date/Time:, and the date")
    text = pl.Series([told.cells[1]])
    for form in (section.date_format,) if section.date_format else (None, *DATES):
        moment: dt.datetime | None = parse_times(text, form=form, zone="UTC").moment[0]
        if moment is not None:
            return moment.replace(tzinfo=None)
    raise SourceError(report.name, [
        Fault(place(report.name, told.line), f"{cut(text[0])} is not a date", *time_advice(text, section.date_format))
    ])  # fmt: skip


def observation_rows(report: Report, sent: dt.datetime) -> pl.DataFrame:
    """Return the numbers of a campaign and of its links; a link's mailing has a name apart: none is summed twice."""
    day, rows = sent.date(), []
    for part in report.all_of("number"):
        if key_of(part.cells[0]) in METRICS:
            metric, unit = METRICS[key_of(part.cells[0])]
            names = {"campaign": report.title} | ({"part": part.block} if re.search(r"\d", part.block) else {})
            beside = {
                key_of(each.cells[0]): each.number for each in report.all_of("number") if each.block == part.block
            }
            n = beside.get("successful deliveries", beside.get("total recipients")) if unit == "people" else None
            rows.append(row_of(report, part.line, day, metric, unit, part.number, names, n))
    for part in report.all_of("link"):
        names = {"link": link_path(part.cells[0]), "mailing": report.title}
        for name, cell in zip(part.header[1:], part.cells[1:], strict=True):
            if column_key(name) in LINKS and NUMBER.match(cell):
                rows.append(row_of(report, part.line, day, *LINKS[column_key(name)], whole(cell), names, None))
    return pl.DataFrame(rows, infer_schema_length=None)


def row_of(
    report: Report, line: int, day: object, metric: str, unit: str, value: int, parts: dict[str, str], n: int | None
) -> dict[str, object]:
    """Return one observation."""
    dimensions = [{"name": name, "value": parts[name]} for name in sorted(parts)]
    return {
        "source_file": report.name, "source_row": line, "metric": metric, "unit": unit, "value": float(value),
        "n": None if n is None else float(n), "period_from": day, "period_to": day, "dimensions": dimensions,
    }  # fmt: skip


def link_path(url: str) -> str:
    """Return the page of a link: its path, as events name it."""
    return str(pl.select(page_path(pl.lit(url))).item())


def unused(report: Report) -> list[int]:
    """Return the lines of numbers that no metric takes."""
    return [each.line for each in report.all_of("number") if key_of(each.cells[0]) not in METRICS]


def unused_numbers(report: Report, section: SourceSection) -> pl.DataFrame:
    """Return the lines of numbers that no metric takes, as left out."""
    fates = pl.DataFrame({"source_row": unused(report)}, schema={"source_row": pl.Int64})
    said = {"source_file": report.name, "fate": "rejected", "why": "other_number"}
    return left_out_rows(fates.with_columns(**{name: pl.lit(text) for name, text in said.items()}), section)


def read_people(
    reports: Sequence[Report], sent: dict[str, dt.datetime], *, section: SourceSection, client: Client, order: int
) -> Tables:
    """Return what the recipients of some campaigns did, as events."""
    told = [each for each in reports if each.all_of("person")]
    if not told:
        return tables_of(left_out=LeftOut.create_empty())
    pairs = [people_sheet(each, sent[each.name], section) for each in told]
    whole = pairs[0][1].model_copy(update={"moments": {name: name for name in ("email_sent", *ACTS)}})
    raise_if_any(SourceError, section.path, list(check_section(whole, KINDS["events"])))
    tables = read_sheets(pairs, section=whole, client=client, order=order, form=READER.name)
    vague = pl.when(pl.col("activity") == "email_sent").then("time_precision").otherwise(pl.lit("unknown"))
    kind = tables.events.collect_schema()["time_precision"]
    return tables_of(
        sources=tables.sources,
        left_out=tables.left_out,
        identities=tables.identities,
        events=tables.events.with_columns(time_precision=vague.cast(kind)),
    )


def people_sheet(report: Report, sent: dt.datetime, section: SourceSection) -> tuple[Sheet, SourceSection]:
    """Return the recipients of a campaign as a sheet, a column for each act, and the section that reads it."""
    people, time = report.all_of("person"), f"{sent:%Y-%m-%d %H:%M}"
    keys = list(map(column_key, people[0].header))
    at = next(place for place, key in enumerate(keys) if key in EMAILS)
    email = people[0].header[at]
    columns = {email: [each.cells[at] for each in people], "email_sent": [time] * len(people)}
    for act, names in ACTS.items():
        places = [place for place, key in enumerate(keys) if key in names]
        columns[act] = [time if any(did(each.cells[place]) for place in places) else "" for each in people]
    rows = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    lines = pl.Series([each.line for each in people], dtype=pl.Int64)
    sheet = Sheet(report.name, report.sha256, report.encoding, ",", lines[0], tuple(rows.columns), rows, lines)
    known = {"profile", *EMAILS}
    return sheet, section.model_copy(update={
        "kind": "events",
        "date_format": None,
        "mapping": {"profile": email},
        "moments": {name: name for name in columns if name != email},
        "constants": {"channel": "email", "environment": "online", "campaign": report.title},
        "keys": {email if column_key(name) in known else name: space for name, space in section.keys.items()},
    })  # fmt: skip


def did(cell: str) -> bool:
    """Say whether a cell counts an act, or says yes."""
    return cell.strip().lower() not in ("", "0", "no", "false", "n")


def file_line(report: Report, sent: dt.datetime, acts: Tables) -> FileLine:
    """Return what became of the lines of a report."""
    line = acts.sources.filter(pl.col("source_file") == report.name)
    told = acts.events.filter(pl.col("source_file") == report.name, pl.col("activity") != "email_sent")
    flags = [] if line.is_empty() else line["flags"][0].to_list()
    opens = any(key_of(each.cells[0]) == "recipients who opened" for each in report.all_of("number"))
    notes = {
        "preamble_rows": len(report.all_of("block", "name", "header", "other")),
        "times_of_delivery": told.select(pl.len()).collect().item(),
        "other_number": len(unused(report)),
        "opens_inflated": opens and not any(flag.startswith("opens_inflated") for flag in flags),
    }
    return FileLine(
        report.name,
        report.sha256,
        rows_in=len(report.all_of("number", "link", "person")),
        rejected=len(unused(report)) + (0 if line.is_empty() else line["rows_rejected"][0]),
        merged=0 if line.is_empty() else line["rows_merged"][0],
        flags=tuple(sorted([*flags, *counted(notes)])),
        encoding=report.encoding,
        delimiter=",",
        period=(sent.date(), sent.date()),
    )


READER = Reader("mailchimp_report", "email", detect, read)
