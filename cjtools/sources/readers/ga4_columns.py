"""What Google Analytics 4 writes into one column and means by two, or counts from the first day of a report."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import polars as pl

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.parsing.periods import Days
from cjtools.sources.parsing.roles import MetricColumn, Roles
from cjtools.sources.parsing.vocabulary import Vocabulary, header_key

PAIRS = {"source_medium": ("source", "medium"), "first_user_source_medium": ("first_user_source", "first_user_medium")}
BETWEEN = " / "


def sources_split(sheet: Sheet, roles: Roles) -> tuple[Sheet, Roles]:
    """Return a table whose columns of source and medium in one are two."""
    for both, names in PAIRS.items():
        column = roles.dimensions.get(both)
        if column is None or any(name in roles.dimensions for name in names):
            continue
        parts = pl.col(column).str.splitn(BETWEEN, 2).struct
        headers = [f"{column}\0{name}" for name in names]
        rows = sheet.rows.with_columns(
            parts.field(f"field_{place}").fill_null("").str.strip_chars().alias(header)
            for place, header in enumerate(headers)
        )
        others = {name: header for name, header in roles.dimensions.items() if name != both}
        roles = replace(roles, dimensions={**others, **dict(zip(names, headers, strict=True))})
        sheet = replace(sheet, rows=rows)
    return sheet, roles


def indexed(sheet: Sheet, roles: Roles) -> Roles:
    """Return the roles of a table whose column Day is an index of four digits (2021), else the day of a month."""
    if roles.time is None or roles.time[0] != "day_or_index":
        return roles
    column = roles.time[1]
    if sheet.rows[column].str.contains(r"^\d{4}$").all():
        return replace(roles, time=("nth_day", column))
    return replace(roles, time=None, dimensions={**roles.dimensions, "day_of_month": column})


def cohorts(sheet: Sheet, roles: Roles, period: Days | None, vocabulary: Vocabulary) -> tuple[Sheet, Roles]:
    """Return a table of cohorts with the days of each week for its words; -1, a week that is to come, is no number.

    Without the period that the table itself tells, a week has its words alone.
    """
    words = "|".join(map(re.escape, sorted(vocabulary.known_words["cohort_week"])))
    weeks = {
        header: match[1]
        for header in sheet.header[1:]
        if (match := re.fullmatch(rf"(?:{words})-(\d+)", header_key(header)))
    }
    if not weeks or len(weeks) < len(sheet.header) - 1:
        return sheet, roles
    numbers = [pl.col(each).replace("-1", "") for each in weeks]
    metrics = tuple(MetricColumn(f"cohort_week_{number}", header, "users") for header, number in weeks.items())
    if period is None:
        return replace(sheet, rows=sheet.rows.with_columns(numbers)), Roles(metrics, {"cohort": sheet.header[0]})
    starts = [period[0] + dt.timedelta(weeks=week) for week in range(sheet.rows.height)]
    days = pl.Series([f"{start} {start + dt.timedelta(days=6)}" for start in starts], dtype=pl.String)
    rows = sheet.rows.with_columns(days.alias(sheet.header[0]), *numbers)
    return replace(sheet, rows=rows), Roles(metrics, {}, ("date", sheet.header[0]))
