"""One table of totals as a tool reports it: what its columns are, the days and the dimensions of each row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

import polars as pl

from cjtools.errors import Fault, cut
from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.parsing.periods import Days, Span, day_span, first_week, nth_span, span_of
from cjtools.sources.parsing.roles import Roles
from cjtools.sources.parsing.times import parse_times, time_advice
from cjtools.sources.parsing.vocabulary import Vocabulary
from cjtools.sources.reader import said_in

SAID = "\0said"
PAIR = pl.Struct({"name": pl.String, "value": pl.String})


@dataclass(frozen=True)
class Report:
    """One table of totals: its rows, what its columns are, its period, dimensions that hold for all of its rows.

    `left_out` says in a word why a row is none of the data (null where it is). `notes` are flags, counted or true.
    `currency` is that of its money, where the file tells; else the source's or the client's.
    """

    sheet: Sheet
    roles: Roles
    period: Days | None = None
    constants: Mapping[str, str] = field(default_factory=dict)
    left_out: pl.Series | None = None
    notes: Mapping[str, int | bool] = field(default_factory=dict)
    currency: str | None = None


def period_said(section: SourceSection) -> Days | None:
    """Return the period that client.toml gives a source."""
    return (section.period.from_, section.period.to) if section.period else None


def spans_of(report: Report, vocabulary: Vocabulary, section: SourceSection) -> tuple[pl.DataFrame, list[Fault]]:
    """Return the first and last day of each row and what it says of its time, and what is wrong there.

    A row whose date is not known, put together or withheld is one of the whole period.
    """
    sheet, period, rows = report.sheet, report.period, len(report.sheet.lines)
    needs = Fault(
        said_in(section),
        f"{sheet.name} does not tell its days",
        "",
        "add period = { from = 2026-07-01, to = 2026-09-30 }",
    )
    if report.roles.time is None:
        known = {"": Span(period, ()) if period else None}
        spans = pl.repeat("", rows, dtype=pl.String, eager=True).to_frame("text").join(span_frame(known), on="text")
        return spans, [needs] if period is None and rows else []
    kind, column = report.roles.time
    texts = sheet.rows[column].str.strip_chars()
    unique = texts.unique(maintain_order=True).to_list()
    known = {text: span_in(text, kind, period, unique, vocabulary) for text in unique}
    if section.date_format is not None and not kind.startswith("nth"):
        dates = parse_times(pl.Series(unique, dtype=pl.String), form=section.date_format, zone="UTC").day
        known |= {text: day_span(day) for text, day in zip(unique, dates, strict=True) if day is not None}
    spans = texts.to_frame("text").join(span_frame(known), on="text", how="left", maintain_order="left")
    if kind.startswith("nth") and period is None:
        return spans, [needs] if rows else []
    wrong = spans["period_from"].is_null()
    if report.left_out is not None:
        wrong = wrong & report.left_out.is_null()
    expected, step = time_advice(texts.filter(wrong), section.date_format)
    if kind.startswith("nth") and period is not None:
        what = kind.removeprefix("nth_")
        expected, step = f"a count of {what}s from the first day, {period[0]}, to {period[1]}", ""
    return spans, [
        Fault(sheet.where(line, column), f"{cut(text)} is not a date", expected, step)
        for text, line in zip(texts.filter(wrong), sheet.lines.filter(wrong), strict=True)
    ]


def span_frame(known: Mapping[str, Span | None]) -> pl.DataFrame:
    """Return what some texts say of time: a row each, without days where a text says none."""
    return pl.DataFrame(
        [
            {
                "text": text,
                "period_from": span.days[0] if span else None,
                "period_to": span.days[1] if span else None,
                "says": [{"name": name, "value": value} for name, value in (span.says if span else ())],
            }
            for text, span in known.items()
        ],
        schema={"text": pl.String, "period_from": pl.Date, "period_to": pl.Date, "says": pl.List(PAIR)},
    )


def span_in(text: str, kind: str, period: Days | None, texts: Sequence[str], vocabulary: Vocabulary) -> Span | None:
    """Return the days of one cell."""
    if text == "" or any(vocabulary.says(word, text) for word in ("not_set", "other", "withheld")):
        return Span(period, (("day", text),)) if period else None
    if not kind.startswith("nth"):
        return span_of(text)
    if period is None or not re.fullmatch(r"\d{1,6}", text):
        return None
    weeks = first_week(max(int(each) for each in texts if each.isdigit()), period) if kind == "nth_week" else None
    return nth_span(kind, int(text), period, weeks_from=weeks)


def dimensions_of(report: Report, said: pl.Series) -> pl.Series:
    """Return the dimensions of each row as a list of names and values, in the order of the names."""
    pairs = [
        *((name, pl.col(column).str.strip_chars()) for name, column in report.roles.dimensions.items()),
        *((name, pl.lit(value)) for name, value in report.constants.items() if name not in report.roles.dimensions),
    ]
    pairs.sort(key=lambda pair: pair[0])
    lists = [pl.concat_list(pl.struct(name=pl.lit(name), value=value) for name, value in pairs)] if pairs else []
    rows = report.sheet.rows.with_columns(said.alias(SAID))
    element = pl.element().sort_by(pl.element().struct.field("name"), maintain_order=True)
    both = pl.concat_list([*lists, pl.col(SAID)])
    ordered = both if said.list.len().sum() == 0 else both.list.eval(element)
    return rows.select(ordered.cast(pl.List(PAIR))).to_series() if rows.height else said


def word_notes(report: Report, vocabulary: Vocabulary) -> Iterator[tuple[str, int | bool]]:
    """Yield what the values of the dimensions tell of a report's quality: rows put together, not known, withheld."""
    columns = [*report.roles.dimensions.values(), *([report.roles.time[1]] if report.roles.time else [])]
    values = [report.sheet.rows[name].str.strip_chars() for name in columns]
    for word, flag in (("other", "other_row"), ("withheld", "thresholded")):
        yield flag, any(vocabulary.among(word, texts).any() for texts in values)
    if values:
        yield "not_set_rows", int(reduce(or_, [vocabulary.among("not_set", texts) for texts in values]).sum())
