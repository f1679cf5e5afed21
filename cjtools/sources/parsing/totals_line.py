"""The line of totals of a table: never data, but a check of the rows it stands over."""

from __future__ import annotations

from functools import reduce
from operator import and_

import polars as pl

from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.parsing.amounts import plain_number, real
from cjtools.sources.parsing.roles import Roles, decimal_of
from cjtools.sources.parsing.vocabulary import Vocabulary

NOT_ADDED = ("share", "percent", "number", "seconds", "rank")  # of these only what is said to add up does
CLOSE = 1e-6  # of a sum: what rounding may differ


def lines_of_totals(
    sheet: Sheet, roles: Roles, labelled: pl.Series, vocabulary: Vocabulary, *, section: SourceSection, sure: bool
) -> pl.Series:
    """Return which rows are lines of totals.

    Such a line has a label behind its last cell, or no dimension, or a word for totals as its only one. Without a label
    it is one where tables always have it (`sure`), or where its numbers are the sums of the other rows: else a row
    without a name is one.
    """
    columns = [*roles.dimensions.values(), *([roles.time[1]] if roles.time else [])]
    if not columns or sheet.rows.is_empty():
        return labelled
    names = sheet.rows.select(pl.col(column).str.strip_chars() for column in columns)
    empty = [(names[name] == "") | vocabulary.among("totals", names[name]) for name in names.columns]
    blank = reduce(and_, empty)
    maybe = blank & ~labelled
    if not sure:
        maybe = maybe & sums_of_others(sheet, roles, blank | labelled, section)
    return labelled | maybe


def numbers_of(sheet: Sheet, roles: Roles, section: SourceSection, *, adding: bool) -> pl.DataFrame:
    """Return the numbers of the metrics that can be summed, or of those that do add up; other cells are null."""
    decimal = decimal_of(sheet, roles.metrics, section).get("decimal", section.decimal)
    return sheet.rows.select(
        real(plain_number(pl.col(metric.header).str.strip_chars(), decimal=decimal, grouped=True)).alias(metric.name)
        for metric in roles.metrics
        if (metric.sums if adding else metric.unit not in NOT_ADDED or metric.sums)
    )


def sums_of_others(sheet: Sheet, roles: Roles, apart: pl.Series, section: SourceSection) -> pl.Series:
    """Return which rows hold the sum of the rows that are not set apart, in one metric at least."""
    numbers = numbers_of(sheet, roles, section, adding=False)
    if not numbers.width:
        return pl.repeat(False, len(apart), eager=True)
    sums = numbers.filter(~apart).sum()
    same = [(pl.col(name) - pl.lit(sums[name].item())).abs() <= CLOSE * pl.col(name).abs() for name in numbers.columns]
    more = [pl.col(name) > 0 for name in numbers.columns]
    return numbers.select(
        pl.any_horizontal(equal & positive for equal, positive in zip(same, more, strict=True)).fill_null(False)
    ).to_series()


def total_differs(sheet: Sheet, roles: Roles, totals: pl.Series, section: SourceSection) -> bool:
    """Say whether a line of totals is not the sum of the rows, in a metric that adds up: rows were withheld or cut."""
    numbers = numbers_of(sheet, roles, section, adding=True)
    if not totals.any() or not numbers.width:
        return False
    sums, said = numbers.filter(~totals).sum(), numbers.filter(totals)
    return any(
        value is not None and abs(value - sums[name].item()) > CLOSE * max(abs(value), 1)
        for name in numbers.columns
        for value in said[name]
    )
