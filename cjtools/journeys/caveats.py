"""What a good analyst would warn of, found by rule: each warning with its figures; the words come later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cjtools.intervals import wilson
from cjtools.journeys.contrast import FEW
from cjtools.journeys.walks import Walk, ends, starts

# A figure: `n` of `of` for a subject (a step, a source, a measure), of which `share` is what the rule looks at.
FIGURE = {"caveat": pl.String, "subject": pl.String, "n": pl.Int64, "of": pl.Int64}


@dataclass(frozen=True)
class Rule:
    """When a figure becomes a warning: `share` of at least `limit`, or `n` below it where `few`; of `least` or more."""

    caveat: str
    limit: float
    level: str  # "refuse": the number may not be compared; "warn": it may mislead; "note": it must be said
    few: bool = False
    least: int = 0  # of `of`: fewer say nothing either way


RULES = (
    Rule("small_n", FEW, "warn", few=True),  # n: those that a share is of
    Rule("survivorship", 0.5, "warn"),  # those that did not come so far and are in no time or mean, of all
    Rule("censored", 0.1, "warn"),  # paths that could still go on when the period ended, of all
    Rule("began_before", 0.1, "warn"),  # paths whose beginning may lie before the period, of all
    Rule("consent_denied", 0.05, "warn"),  # acts of people who refused to be measured, of all
    Rule("consent_unknown", 0.05, "note"),
    Rule("no_profile", 0.05, "warn"),  # acts that belong to no path, of all
    Rule("bots", 0.05, "warn"),
    Rule("internal", 0.05, "note"),
    Rule("heavy_path", 0.01, "warn", least=1000),  # acts of the busiest path, of all: a program, a shared device
    Rule("sampled", 0.0, "warn"),  # files with the flag, of those that were read
    Rule("thresholded", 0.0, "warn"),
    Rule("other_row", 0.0, "note"),
    Rule("truncated", 0.0, "warn"),
    Rule("forced_flow", 0.99, "warn", least=5),  # paths to B that had A before, of all paths to B
    Rule("denominators", 0.0, "refuse"),  # missing in the smallest denominator of one measure, of the greatest
    Rule("overlap", 0.0, "note"),  # paths that are in several levels of a segment, of all
    Rule("many_tests", 0.0, "note"),  # tests that are below 0.05 only before the correction, of all
)
CAVEATS = tuple(rule.caveat for rule in RULES)
FLAGS = ("sampled", "thresholded", "other_row", "truncated")


def find_caveats(*figures: pl.DataFrame, rules: Sequence[Rule] = RULES) -> pl.DataFrame:
    """Return the figures that a rule warns of: caveat, level, subject, n, of, share, low, high, limit.

    Sorted by the rules' order, the greatest share first. A share of nothing warns of nothing.

    >>> find_caveats(small_figures(pl.DataFrame({"step": ["cart"], "of": [4]}), subject="step")).select(
    ...     "caveat", "level", "subject", "n"
    ... ).rows()
    [('small_n', 'warn', 'cart', 4)]
    """
    share, low, high = wilson(pl.col("n"), pl.col("of"))
    rows = pl.concat([pl.DataFrame(schema=FIGURE), *figures])
    judged = rows.join(rule_table(rules), on="caveat", how="inner").with_columns(share.alias("share"), low, high)
    few = pl.col("few") & (pl.col("n") < pl.col("limit"))
    much = ~pl.col("few") & (pl.col("n") > 0) & (pl.col("share") >= pl.col("limit")) & (pl.col("of") >= pl.col("least"))
    no_share = [pl.when(~pl.col("few")).then(name).alias(name) for name in ("share", "low", "high")]
    return (
        judged.filter(few | much)
        .with_columns(no_share)
        .sort("rank", "share", "subject", descending=[False, True, False], nulls_last=True)
        .select("caveat", "level", "subject", "n", "of", "share", "low", "high", "limit")
    )


def rule_table(rules: Sequence[Rule]) -> pl.DataFrame:
    """Return the rules as a table, in their order."""
    rows = [(rule.caveat, rule.limit, rule.level, rule.few, rule.least) for rule in rules]
    shape = {"caveat": pl.String, "limit": pl.Float64, "level": pl.String, "few": pl.Boolean, "least": pl.Int64}
    return pl.DataFrame(rows, schema=shape, orient="row").with_row_index("rank")


def figure(caveat: str, subject: str | None, n: int, of: int) -> pl.DataFrame:
    """Return one figure.

    >>> figure("bots", None, 1, 2).rows()
    [('bots', None, 1, 2)]
    """
    return pl.DataFrame([(caveat, subject, n, of)], schema=FIGURE, orient="row")


def small_figures(shares: pl.DataFrame, *, subject: str, of: Sequence[str] = ("of",)) -> pl.DataFrame:
    """Return what each share of a table is of: the smallest of several (a_of and b_of of a comparison).

    >>> small_figures(pl.DataFrame({"step": ["cart"], "of": [4]}), subject="step").rows()
    [('small_n', 'cart', 4, 4)]
    """
    return shares.select(
        pl.lit("small_n").alias("caveat"),
        pl.col(subject).cast(pl.String).alias("subject"),
        pl.min_horizontal(of).cast(pl.Int64).alias("n"),
        pl.max_horizontal(of).cast(pl.Int64).alias("of"),
    )


def period_figures(walk: Walk, *, start: int, end: int, window: int) -> pl.DataFrame:
    """Return how many paths the edges of the period cut: microseconds from `start` to `end` (not included).

    Censored: the last event is so near to the end that the path could go on within the window after it. Began before:
    the first event is so near to the start that an earlier one may lie before it.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [50, 60, 98], "page": ["x", "y", "x"]})
    >>> walk = walk_of(frame, path="who", at="at", step="page")
    >>> period_figures(walk, start=0, end=100, window=10).rows()
    [('censored', None, 1, 2), ('began_before', None, 0, 2)]
    """
    first, last = walk.at[starts(walk)], walk.at[ends(walk) - 1]
    late, early = int((last + window >= end).sum()), int((first - window < start).sum())
    return pl.concat([figure("censored", None, late, len(last)), figure("began_before", None, early, len(first))])


def survivor_figures(reached: pl.DataFrame, *, subject: str, n: str = "n", of: str = "of") -> pl.DataFrame:
    """Return, for times and means of those that came to something (`n` of `of`), how many are in none of them.

    >>> survivor_figures(pl.DataFrame({"step": ["buy"], "n": [1], "of": [5]}), subject="step").rows()
    [('survivorship', 'buy', 4, 5)]
    """
    return reached.select(
        pl.lit("survivorship").alias("caveat"),
        pl.col(subject).cast(pl.String).alias("subject"),
        (pl.col(of) - pl.col(n)).cast(pl.Int64).alias("n"),
        pl.col(of).cast(pl.Int64).alias("of"),
    )


def event_figures(events: pl.DataFrame) -> pl.DataFrame:
    """Return, for each source of declared events, the acts without consent or profile, of bots and of the house.

    >>> row = {"source_id": "web", "consent": "denied", "profile_id": None, "is_bot": False, "is_internal": False}
    >>> event_figures(pl.DataFrame([row])).filter(pl.col("n") > 0).rows()
    [('consent_denied', 'web', 1, 1), ('no_profile', 'web', 1, 1)]
    """
    signs = {
        "consent_denied": pl.col("consent") == "denied",
        "consent_unknown": pl.col("consent") == "unknown",
        "no_profile": pl.col("profile_id").is_null(),
        "bots": pl.col("is_bot"),
        "internal": pl.col("is_internal"),
    }
    counts = events.group_by(subject="source_id").agg(
        pl.len().cast(pl.Int64).alias("of"), *(sign.sum().cast(pl.Int64).alias(name) for name, sign in signs.items())
    )
    return in_order(counts.unpivot(list(signs), index=["subject", "of"], variable_name="caveat", value_name="n"))


def in_order(figures: pl.DataFrame) -> pl.DataFrame:
    """Return figures by caveat and subject."""
    return figures.select(pl.col(name).cast(kind) for name, kind in FIGURE.items()).sort(
        "caveat", "subject", nulls_last=True
    )


def source_figures(sources: pl.DataFrame) -> pl.DataFrame:
    """Return, for each source of the declared table, the files with each flag that makes its numbers estimates.

    >>> source_figures(pl.DataFrame({"source_id": ["ga4"], "flags": [["sampled"]]})).filter(pl.col("n") > 0).rows()
    [('sampled', 'ga4', 1, 1)]
    """
    counts = sources.group_by(subject="source_id").agg(
        pl.len().cast(pl.Int64).alias("of"),
        *(pl.col("flags").list.contains(flag).sum().cast(pl.Int64).alias(flag) for flag in FLAGS),
    )
    return in_order(counts.unpivot(list(FLAGS), index=["subject", "of"], variable_name="caveat", value_name="n"))


def heavy_figures(walk: Walk) -> pl.DataFrame:
    """Return the events of the busiest path, of all; its id is not told.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 3], "page": ["x", "y", "x"]})
    >>> heavy_figures(walk_of(frame, path="who", at="at", step="page")).rows()
    [('heavy_path', None, 2, 3)]
    """
    return figure("heavy_path", None, int(np.max(ends(walk) - starts(walk), initial=0)), len(walk))


def forced_figures(behaviours: pl.DataFrame, *, outcome: str) -> pl.DataFrame:
    """Return, for each step, the paths that had it before their first outcome, of all that came to the outcome.

    `behaviours` are merged partials of comparison.count_behaviours. Where every path to B runs through A, that A goes
    along with B says nothing.

    >>> counts = pl.DataFrame({"step": ["cart", None], "converted": [4, 4], "lost": [1, 6]})
    >>> forced_figures(counts, outcome="buy").rows()
    [('forced_flow', 'cart > buy', 4, 4)]
    """
    came = int(behaviours.filter(pl.col("step").is_null())["converted"].sum())
    return behaviours.filter(pl.col("step").is_not_null()).select(
        pl.lit("forced_flow").alias("caveat"),
        (pl.col("step") + " > " + pl.lit(outcome)).alias("subject"),
        pl.col("converted").alias("n"),
        pl.lit(came, pl.Int64).alias("of"),
    )


def denominator_figures(measures: pl.DataFrame) -> pl.DataFrame:
    """Return the measures that stand over more than one denominator: what the smallest one lacks, of the greatest.

    `measures` has `measure` and `of`, a row for each place where the measure is shown.

    >>> denominator_figures(pl.DataFrame({"measure": ["exit", "exit"], "of": [90, 100]})).rows()
    [('denominators', 'exit', 10, 100)]
    """
    spans = measures.group_by(subject="measure").agg(n=pl.col("of").max() - pl.col("of").min(), of=pl.col("of").max())
    return in_order(spans.filter(pl.col("n") > 0).with_columns(caveat=pl.lit("denominators")))


def overlap_figures(segments: pl.DataFrame) -> pl.DataFrame:
    """Return the paths that are in several levels of a segment table (segments.py), of all.

    >>> overlap_figures(pl.DataFrame({"path": [0, 0, 1], "segment": ["new", "returning", "new"]})).rows()
    [('overlap', None, 1, 2)]
    """
    levels = segments.group_by("path").agg(levels=pl.col("segment").n_unique())
    return figure("overlap", None, int((levels["levels"] > 1).sum()), levels.height)


def luck_figures(correlations: pl.DataFrame, *, limit: float = 0.05) -> pl.DataFrame:
    """Return the tests of comparison.correlate that pass only uncorrected, of all.

    >>> luck_figures(pl.DataFrame({"p": [0.04, 0.001], "q": [0.06, 0.002]})).rows()
    [('many_tests', None, 1, 2)]
    """
    lucky = correlations.filter((pl.col("p") < limit) & (pl.col("q") >= limit)).height
    return figure("many_tests", None, lucky, correlations.height)
