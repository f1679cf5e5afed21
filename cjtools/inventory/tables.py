"""The declared tables of the inventory."""

from __future__ import annotations

import dataframely as dy

from cjtools.tables import Lineage


class SourceLine(dy.Schema):
    """One line a file: what it is, what became of its rows, and its quality flags in words."""

    source_id = dy.String()
    source_file = dy.String()
    family = dy.String()
    format = dy.String()
    timezone = dy.String(nullable=True)
    encoding = dy.String(nullable=True)
    period_from = dy.Date(nullable=True)
    period_to = dy.Date(nullable=True)
    rows_in = dy.Int64(min=0)
    rows_used = dy.Int64(min=0)
    rows_rejected = dy.Int64(min=0)
    rows_merged = dy.Int64(min=0)
    flags = dy.List(dy.String())


class SourcePeriod(dy.Schema):
    """The period of one source. `days` counts the days from the first to the last, `days_with` those with rows.

    rhythm: daily (rows on at least half of its days), sparse (now and then), totals (sums of whole periods only),
    undated. `gaps` are runs of days without rows inside a daily source, or days between two periods of totals; in a
    sparse source a day without rows is no gap. `rows` counts the rows of files, of events each one; `in_wave` those on
    days of the wave, null where no row has a day.
    """

    source_id = dy.String(primary_key=True)
    position = dy.Int64()
    family = dy.String()
    rhythm = dy.Enum(["daily", "sparse", "totals", "undated"])
    first = dy.Date(nullable=True)
    last = dy.Date(nullable=True)
    days = dy.Int64(min=0)
    days_with = dy.Int64(min=0)
    rows = dy.Int64(min=0)
    undated = dy.Int64(min=0)
    in_wave = dy.Int64(nullable=True, min=0)
    gaps = dy.Int64(min=0)
    longest_from = dy.Date(nullable=True)
    longest_to = dy.Date(nullable=True)
    longest_days = dy.Int64(min=0)


class SourceSpan(dy.Schema):
    """One run of days of one source, both inclusive: with rows, without any (a gap), or covered by totals only."""

    source_id = dy.String()
    position = dy.Int64()
    state = dy.Enum(["rows", "gap", "totals"])
    first = dy.Date()
    last = dy.Date()
    days = dy.Int64(min=1)
    rows = dy.Int64(min=0)


class Coverage(dy.Schema):
    """How much there is of one kind of evidence in one environment; what is not there has a row with nothing in it.

    basis: reported (what people said), observed (what they did), totals. side: satisfaction (ratings, scores, valence),
    behaviour (acts, told or seen), other (texts with neither). environment "untied": no touchpoint says online or
    offline. `people` are participants, authors, respondents or profiles; totals have none. An item that belongs to
    both environments counts in both.
    """

    basis = dy.Enum(["reported", "observed", "totals"])
    side = dy.Enum(["satisfaction", "behaviour", "other"])
    environment = dy.Enum(["online", "offline", "untied"])
    items = dy.Int64(min=0)
    people = dy.Int64(nullable=True, min=0)
    families = dy.List(dy.String())
    state = dy.Enum(["evidence", "missing"])


class FamilyCoverage(dy.Schema):
    """How much there is of one family of sources; one without a file has a row too."""

    family = dy.String(primary_key=True)
    basis = dy.Enum(["reported", "observed", "totals"])
    position = dy.Int64()
    files = dy.Int64(min=0)
    rows = dy.Int64(min=0)
    first = dy.Date(nullable=True)
    last = dy.Date(nullable=True)
    state = dy.Enum(["evidence", "missing"])


class MatchRate(dy.Schema):
    """One join: of `denominator` things `numerator` found what they are joined to. `scope` says of which of them."""

    match = dy.String()
    scope = dy.String()
    position = dy.Int64()
    numerator = dy.Int64(min=0)
    denominator = dy.Int64(min=1)
    share = dy.Float64(min=0, max=1)


class LeftOutGroup(Lineage):
    """The rows of one file that are not used for one reason; `source_row` is the first of them."""

    fate = dy.Enum(["rejected", "merged"])
    why = dy.String()
    rows = dy.Int64(min=1)
    of_rows = dy.Int64(min=1)
    examples = dy.List(dy.Int64())


INVENTORY_TABLES: dict[str, type[dy.Schema]] = {
    "lines": SourceLine,
    "periods": SourcePeriod,
    "spans": SourceSpan,
    "coverage": Coverage,
    "families": FamilyCoverage,
    "matches": MatchRate,
    "left_out": LeftOutGroup,
}
