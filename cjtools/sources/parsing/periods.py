"""The days that a row of totals is about: a date, a week, a month, or an index counted from a report's first day."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Days = tuple[dt.date, dt.date]

ISO_DAY = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
YEARS = (1990, 2100)


@dataclass(frozen=True)
class Span:
    """The first and last day of one cell, and what it says as dimensions: day, week, month, year, hour."""

    days: Days
    says: tuple[tuple[str, str], ...]


def span_of(text: str) -> Span | None:
    """Return the days of a date as tools write it without words; None when it is none.

    >>> [span_of(text).says for text in ("20260723", "2026-07-23", "2026-07", "2026072305", "2026-07-06,2026-07-12")]
    [(('day', '2026-07-23'),), (('day', '2026-07-23'),), (('month', '2026-07'),),
     (('day', '2026-07-23'), ('hour', '05')), (('week', '2026-07-06'),)]
    >>> span_of("03/04/2026"), span_of("2026-02-30")
    (None, None)
    """
    written = [date_of(*match) for match in ISO_DAY.findall(text)]
    if written:
        if None in written or len(written) > 2:
            return None
        first, last = written[0], written[-1]
        assert first is not None
        assert last is not None
        return between(first, last) if first <= last else None
    digits = re.sub(r"^(\d{4})-(\d{2})$", r"\1\2", text)
    if not re.fullmatch(r"\d{4}|\d{6}|\d{8}|\d{10}", digits):
        return None
    year, month, day, hour = digits[:4], digits[4:6], digits[6:8], digits[8:]
    start = date_of(year, month or "01", day or "01")
    if start is None or (hour and int(hour) > 23):
        return None
    if hour:
        return Span((start, start), (("day", f"{start}"), ("hour", hour)))
    return day_span(start) if day else month_span(start) if month else year_span(start)


def date_of(year: str, month: str, day: str) -> dt.date | None:
    """Return a day, or None when there is none such."""
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if YEARS[0] <= found.year <= YEARS[1] else None


def between(first: dt.date, last: dt.date) -> Span:
    """Return the span from one day to another, named after what it is: a day, a week, a month or a period."""
    if first == last:
        return day_span(first)
    if month_span(first).days == (first, last):
        return month_span(first)
    if (last - first).days == 6:
        return Span((first, last), (("week", f"{first}"),))
    return Span((first, last), (("period", f"{first} {last}"),))


def days_between(first: dt.date | None, last: dt.date | None) -> Days | None:
    """Return a period when both of its ends are known, in their order."""
    return None if first is None or last is None else (min(first, last), max(first, last))


def day_span(day: dt.date) -> Span:
    """Return the span of a day."""
    return Span((day, day), (("day", f"{day}"),))


def month_span(day: dt.date) -> Span:
    """Return the span of the month of a day."""
    last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return Span((day.replace(day=1), last), (("month", f"{day:%Y-%m}"),))


def year_span(day: dt.date) -> Span:
    """Return the span of the year of a day."""
    return Span((dt.date(day.year, 1, 1), dt.date(day.year, 12, 31)), (("year", f"{day.year}"),))


def nth_span(kind: str, index: int, period: Days, *, weeks_from: dt.date | None = None) -> Span | None:
    """Return the days of an index counted from the first day of a period, cut to it; None when it lies behind its end.

    `weeks_from` is the first day of week 0 where that is not the first day of the period.

    >>> period = (dt.date(2026, 1, 15), dt.date(2026, 3, 2))
    >>> [nth_span(kind, 1, period).says[-1] for kind in ("nth_day", "nth_week", "nth_month", "nth_hour")]
    [('day', '2026-01-16'), ('week', '2026-01-22'), ('month', '2026-02'), ('hour', '01')]
    >>> nth_span("nth_month", 2, period).days, nth_span("nth_month", 3, period)
    ((datetime.date(2026, 3, 1), datetime.date(2026, 3, 2)), None)
    """
    try:
        span = COUNTED_FROM[kind](index, weeks_from or period[0] if kind == "nth_week" else period[0])
    except (OverflowError, ValueError):
        return None
    if span.days[0] > period[1]:
        return None
    return Span((max(span.days[0], period[0]), min(span.days[1], period[1])), span.says)


def nth_hour(index: int, start: dt.date) -> Span:
    """Return the day and hour that begin so many hours after a day."""
    day = start + dt.timedelta(days=index // 24)
    return Span((day, day), (("day", f"{day}"), ("hour", f"{index % 24:02}")))


def nth_week(index: int, start: dt.date) -> Span:
    """Return the week that begins so many weeks after a day."""
    first = start + dt.timedelta(weeks=index)
    return Span((first, first + dt.timedelta(days=6)), (("week", f"{first}"),))


def nth_month(index: int, start: dt.date) -> Span:
    """Return the calendar month so many months after that of a day."""
    months = start.year * 12 + start.month - 1 + index
    return month_span(dt.date(months // 12, months % 12 + 1, 1))


COUNTED_FROM: Mapping[str, Callable[[int, dt.date], Span]] = {
    "nth_hour": nth_hour,
    "nth_day": lambda index, start: day_span(start + dt.timedelta(days=index)),
    "nth_week": nth_week,
    "nth_month": nth_month,
    "nth_year": lambda index, start: year_span(dt.date(start.year + index, 1, 1)),
}


def first_week(last_index: int, period: Days) -> dt.date:
    """Return the first day of week 0: that of the period, or the Sunday before when there are too many weeks for that.

    Reports count weeks by the calendar; of a period that begins on a Sunday, or of whole weeks, both are the same.

    >>> period = (dt.date(2026, 1, 1), dt.date(2026, 1, 28))
    >>> first_week(4, period), first_week(3, period)
    (datetime.date(2025, 12, 28), datetime.date(2026, 1, 1))
    """
    start, end = period
    if start + dt.timedelta(weeks=last_index) <= end:
        return start
    return start - dt.timedelta(days=(start.weekday() + 1) % 7)
