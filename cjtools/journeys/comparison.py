"""Two groups or periods side by side: A minus B with n and interval, the ratio of risks, behaviours that go along."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import erfc, gammaln

from cjtools.errors import Fault, ParameterError, raise_if_any
from cjtools.intervals import DIGITS, Z, newcombe, wilson
from cjtools.journeys.walks import Walk, named, opens, step_code

SMALL = 30  # people below which a share moves by more than three points with one of them
EXPECTED_LEAST = 5  # of a cell of the table: below it the chi-squared distribution does not hold (Cochran 1954)
Floats = npt.NDArray[np.float64]


def compare(
    a: pl.DataFrame, b: pl.DataFrame, *, by: Sequence[str], n: str = "n", of: str = "of", within: Sequence[str] = ()
) -> pl.DataFrame:
    """Return the shares of two groups by the same keys: A, B, their difference and ratio, each with its interval.

    `n` of `of` are whole numbers. A key that only one group has counts 0 in the other, of as many as the rest of that
    group's rows with the same `within` columns (null where there are none: then nothing is said). Columns: the keys,
    a_n, a_of, a_share, a_low, a_high, the same of b, `difference`, `low`, `high` (Newcombe), `ratio`, `ratio_low`,
    `ratio_high`, and `small` where either group has fewer than 30. Sorted by the keys.

    >>> a = pl.DataFrame({"step": ["cart"], "n": [56], "of": [70]})
    >>> b = pl.DataFrame({"step": ["cart"], "n": [48], "of": [80]})
    >>> compare(a, b, by=["step"]).select("difference", "low", "high", "ratio").row(0)
    (0.2, 0.052431472, 0.333872654, 1.333333333)
    """
    keys = pl.concat([a.select(by), b.select(by)]).unique().sort(by, nulls_last=True)
    sides = [side(rows, keys, name=name, n=n, of=of, within=within) for name, rows in (("a", a), ("b", b))]
    both = pl.concat([keys, *sides], how="horizontal")
    counts = [pl.col(name) for name in ("a_n", "a_of", "b_n", "b_of")]
    small = (pl.min_horizontal("a_of", "b_of") < SMALL).fill_null(value=True)
    return both.with_columns(newcombe(*counts)).with_columns(risk_ratio()).with_columns(small=small)


def side(rows: pl.DataFrame, keys: pl.DataFrame, *, name: str, n: str, of: str, within: Sequence[str]) -> pl.DataFrame:
    """Return n, of, share and interval of one group for all keys."""
    counts = rows.select(*keys.columns, count=pl.col(n).cast(pl.Int64), whole=pl.col(of).cast(pl.Int64))
    full = keys.join(counts, on=keys.columns, how="left", nulls_equal=True, maintain_order="left", validate="1:1")
    same = pl.col("whole").max().over(within) if within else pl.col("whole").max()
    filled = full.with_columns(pl.col("count").fill_null(0), pl.col("whole").fill_null(same))
    share, low, high = wilson(pl.col("count"), pl.col("whole"))
    return filled.select(
        pl.col("count").alias(f"{name}_n"),
        pl.col("whole").alias(f"{name}_of"),
        share.alias(f"{name}_share"),
        low.alias(f"{name}_low"),
        high.alias(f"{name}_high"),
    )


def risk_ratio() -> list[pl.Expr]:
    """Return `ratio`, `ratio_low` and `ratio_high` of two shares; null where B has none, no interval where A has none.

    Source: Katz et al. (1978), the interval on the scale of logarithms.
    """
    ratio = (pl.col("a_n") / pl.col("a_of")) / (pl.col("b_n") / pl.col("b_of"))
    spread = (1 / pl.col("a_n") - 1 / pl.col("a_of") + 1 / pl.col("b_n") - 1 / pl.col("b_of")).sqrt()
    known = (pl.col("b_n") > 0) & (pl.col("a_of") > 0)
    both = known & (pl.col("a_n") > 0)
    return [
        pl.when(known).then(ratio.round(DIGITS)).alias("ratio"),
        pl.when(both).then((ratio * (-Z * spread).exp()).round(DIGITS)).alias("ratio_low"),
        pl.when(both).then((ratio * (Z * spread).exp()).round(DIGITS)).alias("ratio_high"),
    ]


@dataclass(frozen=True)
class Window:
    """What two groups must share to be compared: days from `start` to `end` (both in), what was measured, and how."""

    name: str
    start: dt.date
    end: dt.date
    instruments: frozenset[str]  # events or sources that were collected
    definitions: frozenset[str] = frozenset()  # session rule, funnel window: as printed


def refuse_unlike(a: Window, b: Window) -> None:
    """Raise an error that lists every reason why two windows cannot be compared; return when there is none.

    >>> july = Window("july", dt.date(2026, 7, 1), dt.date(2026, 7, 31), frozenset({"web"}))
    >>> june = Window("june", dt.date(2026, 6, 1), dt.date(2026, 6, 30), frozenset({"web"}))
    >>> refuse_unlike(july, june)
    Traceback (most recent call last):
    cjtools.errors.ParameterError: the comparison of july with june cannot be used: 1 fault
      length: 31 days and 30 days; expected the same; cut the longer one
    """
    faults = []
    days = [(each.end - each.start).days + 1 for each in (a, b)]
    if days[0] != days[1]:
        faults.append(Fault("length", f"{days[0]} days and {days[1]} days", "expected the same", "cut the longer one"))
    for where, one, other, step in (
        ("instrumentation", a.instruments, b.instruments, "leave out what only one of them measured"),
        ("definitions", a.definitions, b.definitions, "compute both by the same"),
    ):
        faults += [Fault(where, f"{each!r} only in {a.name}", "expected in both", step) for each in sorted(one - other)]
        faults += [Fault(where, f"{each!r} only in {b.name}", "expected in both", step) for each in sorted(other - one)]
    raise_if_any(ParameterError, f"the comparison of {a.name} with {b.name}", faults)


def count_behaviours(walk: Walk, *, outcome: str, landmark: int | None = None) -> pl.DataFrame:
    """Return the partial: for each step, the paths that had it before their first `outcome`, by whether that came.

    `converted` counts those that came to the outcome, `lost` the others; the row without step counts all paths. What
    happens after the first outcome cannot have led there and is not counted. Partials merge by adding ("step").

    Without a `landmark`, those that came to the outcome are watched up to it only, the others to their end: a step that
    is common in long paths then looks as if it kept people away. With one, only the steps of the first `landmark`
    microseconds of a path count (the far edge is in), and paths that came to the outcome in them are left out
    (landmark analysis: Anderson et al. 1983).

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 3], "page": ["faq", "buy", "faq"]})
    >>> count_behaviours(walk_of(frame, path="who", at="at", step="page"), outcome="buy").rows()
    [('faq', 1, 1), (None, 1, 1)]
    """
    hit = walk.step == step_code(walk, outcome)
    group = np.cumsum(opens(walk), dtype=np.int64) - 1
    start = np.flatnonzero(opens(walk))
    came = np.bincount(group, weights=hit, minlength=len(start)) > 0
    run = np.cumsum(hit, dtype=np.int64)
    before = run == (run[start] - hit[start])[group]
    kept = np.ones(len(start), dtype=np.bool_)
    if landmark is not None:
        early = walk.at - walk.at[start][group] <= landmark
        kept = np.bincount(group, weights=early & hit, minlength=len(start)) == 0
        before &= early & kept[group]
    # One number a path and step: distinct numbers are found several times faster than distinct rows.
    size = max(len(walk.names), 1)
    pairs = pl.Series(group[before] * size + walk.step[before]).unique().to_numpy()
    rows = pl.DataFrame({"step": pairs % size, "came": came[pairs // size]})
    counts = rows.group_by("step").agg(converted=pl.col("came").sum(), lost=(~pl.col("came")).sum())
    steps = counts.select(
        named(walk, counts["step"].to_numpy()).alias("step"), pl.col("converted", "lost").cast(pl.Int64)
    )
    total = {"step": None, "converted": int((came & kept).sum()), "lost": int((~came & kept).sum())}
    return pl.concat([steps, pl.DataFrame([total], schema=steps.schema)]).sort("step", nulls_last=True)


def correlate(behaviours: pl.DataFrame) -> pl.DataFrame:
    """Return which behaviours go along with the outcome: those who had one against the rest of the paths.

    Columns: `step`; the columns of `compare` (a with the step, b without); `base`, the rate of all paths; `lift`, the
    rate with the step ÷ base; `p` two-sided (chi-squared, or Fisher's exact test where a cell expects fewer than 5:
    `test`), and `q`, p corrected for as many tests as there are steps (Benjamini and Hochberg 1995). `forced`: every
    path that came to the outcome had the step. It is correlation: nothing here says that the step is the cause.

    >>> counts = {"step": ["faq", None], "converted": [30, 40], "lost": [70, 160]}
    >>> correlate(pl.DataFrame(counts)).select("step", "a_share", "base", "lift", "test", "p").row(0)
    ('faq', 0.3, 0.2, 1.5, 'chi-squared', 0.000406952017)
    """
    whole = behaviours.filter(pl.col("step").is_null())
    converted, lost = int(whole["converted"].sum()), int(whole["lost"].sum())
    people = pl.col("converted") + pl.col("lost")
    steps = behaviours.filter(pl.col("step").is_not_null())
    having = steps.select("step", n="converted", of=people)
    rest = steps.select("step", n=converted - pl.col("converted"), of=converted + lost - people)
    sides = compare(having, rest, by=["step"])
    p, exact = two_sided_p(*(sides[name].to_numpy() for name in ("a_n", "a_of", "b_n", "b_of")))
    base = converted / (converted + lost) if converted else None
    return sides.with_columns(
        base=pl.lit(base, pl.Float64).round(DIGITS),
        lift=(pl.col("a_n") / pl.col("a_of") / pl.lit(base, pl.Float64)).round(DIGITS),
        forced=pl.col("a_n") == pl.lit(converted),
        test=pl.Series(np.where(exact, "Fisher", "chi-squared"), dtype=pl.String),
        p=pl.Series(p, dtype=pl.Float64).round_sig_figs(DIGITS),
        q=pl.Series(corrected(p), dtype=pl.Float64).round_sig_figs(DIGITS),
    ).sort("q", "p", "step")


Counts = npt.NDArray[np.int64]


def two_sided_p(a_n: Counts, a_of: Counts, b_n: Counts, b_of: Counts) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the p of each two-by-two table, and whether it is exact."""
    whole, hits = a_of + b_of, a_n + b_n
    with np.errstate(divide="ignore", invalid="ignore"):
        least = np.minimum(a_of, b_of) * np.minimum(hits, whole - hits) / whole
        pooled = hits / whole
        z = (a_n / a_of - b_n / b_of) / np.sqrt(pooled * (1 - pooled) * (1 / a_of + 1 / b_of))
    p: Floats = np.asarray(erfc(np.abs(z) / np.sqrt(2)), dtype=np.float64)
    exact = ~(least >= EXPECTED_LEAST)
    tables = np.stack([a_n, a_of, b_n, b_of], axis=1)[exact]
    p[exact] = [fisher(*(int(count) for count in row)) for row in tables]
    return p, exact


def fisher(a_n: int, a_of: int, b_n: int, b_of: int) -> float:
    """Return the p of Fisher's exact test, two-sided: all tables with these margins that are no more likely.

    >>> round(fisher(3, 4, 1, 4), 6)
    0.485714
    """
    hits = a_n + b_n
    other = np.arange(max(0, hits - b_of), min(hits, a_of) + 1)
    chance = np.exp(log_choose(a_of, other) + log_choose(b_of, hits - other) - log_choose(a_of + b_of, np.array(hits)))
    own = chance[a_n - other[0]]
    # The same probability can differ in its last digits, by the way that it was added up.
    return min(float(chance[chance <= own * (1 + 1e-7)].sum()), 1.0)


def log_choose(n: int, k: npt.NDArray[np.integer]) -> Floats:
    """Return the logarithm of n over k."""
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), dtype=np.float64)


def corrected(p: Floats) -> Floats:
    """Return the p of several tests, corrected for the rate of false discoveries (Benjamini and Hochberg 1995).

    >>> corrected(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(p, kind="stable")[::-1]
    ranks = np.arange(len(p), 0, -1)
    values = np.empty(len(p), dtype=np.float64)
    values[order] = np.minimum(np.minimum.accumulate(p[order] * len(p) / ranks), 1.0)
    return values
