"""The declared tables of what people did on their way: stages passed, times, paths, clicks, returns, credit, patterns.

Times are seconds. Shares carry `n` of `of` and Wilson's 95 % interval; below the minimum group the value and its
interval are null and the counts stay.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl


class StageFunnel(dy.Schema):
    """The people at each stage, of all and of the stage before: `open`, who came in anywhere; `closed`, in this order.

    `dropped` are those of the stage before who did not come.
    """

    form = dy.Enum(["open", "closed"], primary_key=True)
    share_of = dy.Enum(["all", "prior"], primary_key=True)
    place = dy.Int64(primary_key=True, min=1)
    stage = dy.String()
    label = dy.String()
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    dropped = dy.Int64(nullable=True, min=0)


class StageInstead(dy.Schema):
    """What those who were at a stage and not at the next one did right after it: another stage, or nothing (null)."""

    place = dy.Int64(min=1)
    stage = dy.String()
    label = dy.String()
    rank = dy.Int64(min=1)
    instead = dy.String(nullable=True)
    instead_label = dy.String(nullable=True)
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)


class StageTime(dy.Schema):
    """How long people take: by when a quarter, half and three quarters have come (Kaplan–Meier), and who has not yet.

    kind: between (from a stage to the next), first (from the first act to the goal), again (from the first purchase to
    the second), wait (from the last act of a stay at a stage to whatever comes next; `n` counts stays). low, high:
    95 % interval of the median.
    """

    kind = dy.Enum(["between", "first", "again", "wait"])
    place = dy.Int64(min=0)
    start = dy.String(nullable=True)
    end = dy.String(nullable=True)
    start_label = dy.String(nullable=True)
    end_label = dy.String(nullable=True)
    n = dy.Int64(min=0)
    came = dy.Int64(min=0)
    censored = dy.Int64(min=0)
    q25 = dy.Float64(nullable=True)
    median = dy.Float64(nullable=True)
    q75 = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)


class Route(dy.Schema):
    """One way that people took, repeats collapsed, with its share of all; the last row holds all other ways."""

    rank = dy.Int64(primary_key=True, min=1)
    route = dy.List(dy.String())
    labels = dy.List(dy.String())
    routes = dy.Int64(min=1)
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    seconds = dy.Float64(nullable=True)


class StageMove(dy.Schema):
    """Going from a stage straight to another: times, people, and the probability out of the source.

    Null as source is the beginning, null as target the end. `people` made the move at all; `n` of `of` moves.
    """

    source = dy.String(nullable=True)
    target = dy.String(nullable=True)
    source_label = dy.String(nullable=True)
    target_label = dy.String(nullable=True)
    source_place = dy.Int64()
    target_place = dy.Int64()
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    people = dy.Int64(min=0)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    seconds = dy.Float64(nullable=True)


class VisitMeasure(dy.Schema):
    """How visits begin, end and go at a touchpoint, held against the site's own share of the same measure.

    entry, bounce, exit_session, exit_view; back_and_forth, repeats, wandering. `above`: the interval lies above the
    site's; never at a terminal touchpoint.
    """

    touchpoint = dy.String(primary_key=True)
    measure = dy.String(primary_key=True)
    label = dy.String()
    place = dy.Int64(min=0)
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    base = dy.Float64(nullable=True)
    base_low = dy.Float64(nullable=True)
    base_high = dy.Float64(nullable=True)
    terminal = dy.Bool()
    above = dy.Bool()


class Lifecycle(dy.Schema):
    """People by state in each week or month of the wave: new, returning, resurrecting, dormant (not seen any more)."""

    period = dy.Date(primary_key=True)
    every = dy.Enum(["week", "month"])
    new = dy.Int64(min=0)
    returning = dy.Int64(min=0)
    resurrecting = dy.Int64(min=0)
    dormant = dy.Int64(min=0)


class Standing(dy.Schema):
    """Where everybody stands on the last day: active that day, or last seen so long ago."""

    state = dy.String(primary_key=True)
    place = dy.Int64(min=0)
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)


class Credit(dy.Schema):
    """The conversions and their worth that a way of giving credit gives to a channel; null: no visit came before.

    `effect` is the removal effect of a Markov chain: the share of conversions that would be lost with the channel.
    """

    model = dy.String()
    place = dy.Int64(min=0)
    channel = dy.String(nullable=True)
    conversions = dy.Float64()
    worth = dy.Float64(nullable=True)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    effect = dy.Float64(nullable=True)


class PatternRow(dy.Schema):
    """One pattern, whole (`by` null) or one part of it: a channel, a campaign, a route or a window.

    `joined` of `all` could be looked at at all (coverage). `basis`: observed by join, or reported by people (`by` is
    then the source: interview or survey).
    """

    pattern = dy.String()
    by = dy.String(nullable=True)
    part = dy.String(nullable=True)
    basis = dy.Enum(["observed", "reported"])
    unit = dy.String()
    numerator = dy.Int64(min=0)
    denominator = dy.Int64(min=0)
    joined = dy.Int64(min=0)
    all = dy.Int64(min=0)
    coverage = dy.Float64(nullable=True)
    window_days = dy.Int64(nullable=True, min=1)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)


class Caution(dy.Schema):
    """A warning that a rule found, with its figures, and the table that it belongs to (`about`; "all": every one)."""

    about = dy.String()
    caveat = dy.String()
    level = dy.Enum(["refuse", "warn", "note"])
    subject = dy.String(nullable=True)
    label = dy.String(nullable=True)
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    share = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    limit = dy.Float64()


class StageTotal(dy.Schema):
    """The total or rate of an aggregate source at a stage: never a person, never a path.

    kind: sum (parts add up; `share` of the metric's total over all stages), rate (mean weighted by n), people (the same
    person may be in several rows: there are `low` to `high`), apart (nothing says how to put its rows together).
    """

    stage = dy.String()
    place = dy.Int64(min=0)
    label = dy.String()
    source_id = dy.String()
    metric = dy.String()
    unit = dy.String()
    kind = dy.Enum(["sum", "rate", "people", "apart"])
    rows = dy.Int64(min=1)
    value = dy.Float64(nullable=True)
    share = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)


JOURNEY_TABLES: dict[str, type[dy.Schema]] = {
    "funnel": StageFunnel,
    "instead": StageInstead,
    "times": StageTime,
    "paths": Route,
    "moves": StageMove,
    "visits": VisitMeasure,
    "lifecycle": Lifecycle,
    "standing": Standing,
    "credits": Credit,
    "all_patterns": PatternRow,
    "shop_routes": Route,
    "cautions": Caution,
    "stage_totals": StageTotal,
}


def shaped(table: type[dy.Schema], rows: pl.DataFrame, *, minimum: int) -> pl.DataFrame:
    """Return rows with a table's columns; a share `of` fewer than the minimum group has no value and no interval.

    >>> rows = pl.DataFrame({"state": ["new"], "place": [0], "n": [1], "of": [2], "value": [0.5], "low": [0.1],
    ...     "high": [0.9]})
    >>> shaped(Standing, rows, minimum=3).select("n", "of", "value").row(0)
    (1, 2, None)
    """
    return table.validate(withheld(rows, minimum=minimum).select(table.column_names()), cast=True)


def withheld(rows: pl.DataFrame, *, minimum: int) -> pl.DataFrame:
    """Return rows of which a share `of` fewer than the minimum group has no value and no interval.

    >>> withheld(pl.DataFrame({"of": [2], "value": [0.5], "low": [0.1], "high": [0.9]}), minimum=3).row(0)
    (2, None, None, None)
    """
    enough = pl.col("of") >= minimum
    return rows.with_columns(pl.when(enough).then(name).alias(name) for name in ("value", "low", "high"))
