"""Which channel gets the credit of a conversion by rule: first, last, last non-direct, linear, position, time decay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from cjtools.errors import Fault, ParameterError, nearest, raise_if_any
from cjtools.intervals import DIGITS, wilson
from cjtools.journeys.tallies import add_by, add_columns
from cjtools.journeys.touch_paths import TouchPaths, first_touches, touch_counts, untouched
from cjtools.journeys.walks import DAY, Bools, Whole

MODELS = ("first", "last", "last_non_direct", "linear", "position", "time_decay")
DIRECT = "Direct"
HALF_LIFE = 7 * DAY
ENDS = 0.4  # of the credit, to the first and to the last touch each; the touches between share the rest
KEYS = ("channel", "place", "length", "non_direct")
# Time decay in whole parts of a conversion and of a unit of value, so that partials add up exactly in any order.
PARTS, VALUE_PARTS = 1_000_000_000, 1_000
WEIGHT = 1 << 30  # of the last touch; one that is older by more than 30 half-lives gets nothing


def count_credits(paths: TouchPaths, *, direct: str = DIRECT, half_life: int | None = HALF_LIFE) -> pl.DataFrame:
    """Return the partial of all rules: whole numbers by channel, place (only, first, middle, last), length, non_direct.

    `non_direct` marks the last touch that is not `direct`; the last one of all where there is no other. A row without
    channel (place "none") holds the conversions that no touch came before; the place "lost" counts the touches of
    journeys that did not convert at all. Without `half_life` nothing is counted for time decay. Partials merge by
    adding (walks.merge with KEYS).

    >>> from cjtools.journeys.touch_paths import touch_paths_of_table
    >>> rows = {"path": [["Email", "Direct"]], "conversions": [2], "lost": [1], "value": [30]}
    >>> count_credits(touch_paths_of_table(pl.DataFrame(rows))).select(*KEYS, "conversions", "lost").rows()
    [('Direct', 'last', 2, False, 2, 1), ('Email', 'first', 2, True, 2, 1)]
    """
    won = paths.conversions[paths.journey] > 0
    rows = [
        placed_touches(kept_touches(paths, won), direct=direct, half_life=half_life),
        lost_touches(kept_touches(paths, ~won)),
        without_touch(paths),
    ]
    return pl.concat(rows).sort(KEYS, nulls_last=True)


def kept_touches(paths: TouchPaths, rows: Bools) -> TouchPaths:
    """Return the paths with these touches only; all of them of a journey, or none."""
    return replace(paths, journey=paths.journey[rows], at=paths.at[rows], step=paths.step[rows])


def placed_touches(paths: TouchPaths, *, direct: str, half_life: int | None) -> pl.DataFrame:
    """Return the sums of the touches of converting journeys by KEYS."""
    counts = touch_counts(paths)
    width = int(counts.max(initial=0)) + 1
    code = (places_of(paths) * 2 + last_non_direct(paths, direct)) * width + np.repeat(counts, counts)
    code += paths.step.astype(np.int64) * (2 * len(PLACES) * width)
    columns = {
        "conversions": paths.conversions[paths.journey],
        "lost": paths.lost[paths.journey],
        "value": paths.value[paths.journey],
        **decays(paths, half_life),
    }
    sums = add_columns(code.astype(np.uint64), columns, len(paths.names) * 2 * len(PLACES) * width)
    rest, length = np.divmod(sums["code"].to_numpy(), width)
    kind, non_direct = np.divmod(rest, 2)
    channel, place = np.divmod(kind, len(PLACES))
    return sums.select(
        pl.Series("channel", paths.names, dtype=pl.String).gather(channel),
        pl.Series("place", PLACES, dtype=pl.String).gather(place),
        pl.Series("length", length),
        pl.Series("non_direct", non_direct == 1),
        *columns,
    )


def decays(paths: TouchPaths, half_life: int | None) -> dict[str, Whole]:
    """Return the parts of conversions and value that each touch gets by time decay; nothing without a half-life."""
    if half_life is None:
        return dict.fromkeys(("decay", "decay_value"), np.zeros(len(paths.journey), dtype=np.int64))
    weights = decay_weights(paths, half_life)
    return {
        "decay": apportion(paths, weights, paths.conversions * PARTS),
        "decay_value": apportion(paths, weights, paths.value * VALUE_PARTS),
    }


def lost_touches(paths: TouchPaths) -> pl.DataFrame:
    """Return the touches of journeys that did not convert, by channel: channels without credit have their row too."""
    counts = add_by(paths.step, paths.lost[paths.journey], len(paths.names))
    rows = pl.DataFrame({"channel": paths.names, "lost": counts}, schema={"channel": pl.String, "lost": pl.Int64})
    zeros = {name: pl.lit(0, pl.Int64) for name in SUMS if name != "lost"}
    return (
        rows.filter(pl.col("lost") > 0)
        .with_columns(**zeros, place=pl.lit("lost"), length=pl.lit(0, pl.Int64), non_direct=pl.lit(False))
        .select(*KEYS, *SUMS)
    )


SUMS = dict.fromkeys(("conversions", "lost", "value", "decay", "decay_value"), pl.Int64)
PLACES = ("middle", "first", "last", "only")  # by 1 for the first touch and 2 for the last one


def without_touch(paths: TouchPaths) -> pl.DataFrame:
    """Return the row of the journeys that no touch came before."""
    alone = untouched(paths)
    counts = {name: int(getattr(paths, name)[alone].sum()) for name in ("conversions", "lost", "value")}
    row = {"channel": None, "place": "none", "length": 0, "non_direct": True, **counts}
    row |= {"decay": counts["conversions"] * PARTS, "decay_value": counts["value"] * VALUE_PARTS}
    shape = {"channel": pl.String, "place": pl.String, "length": pl.Int64, "non_direct": pl.Boolean, **SUMS}
    return pl.DataFrame([row], schema=shape).filter(pl.any_horizontal(pl.col("conversions", "lost") > 0))


def places_of(paths: TouchPaths) -> Whole:
    """Return 1 for the first touch of a journey, 2 for the last one, 3 for an only one, 0 for another."""
    first = first_touches(paths)
    places: Whole = np.zeros(len(paths.journey), dtype=np.int64)
    places[first] += 1
    places[first + touch_counts(paths) - 1] += 2
    return places


def last_non_direct(paths: TouchPaths, direct: str) -> Bools:
    """Return whether each touch is the last of its journey that is not direct, or of one that is all direct."""
    chosen = np.zeros(len(paths.journey), dtype=np.bool_)
    first = first_touches(paths)
    if len(first):
        code = paths.names.index(direct) if direct in paths.names else -1
        row = np.where(paths.step != code, np.arange(len(paths.step)), -1)
        last = np.maximum.reduceat(row, first)
        chosen[np.where(last >= 0, last, first + touch_counts(paths) - 1)] = True
    return chosen


def decay_weights(paths: TouchPaths, half_life: int) -> Whole:
    """Return the weight of each touch, halved for each half-life that it is older than the last of its journey."""
    counts = touch_counts(paths)
    newest = np.repeat(paths.at[first_touches(paths) + counts - 1], counts)
    halvings = (newest - paths.at) / half_life
    weights: Whole = np.rint(WEIGHT * np.exp2(-halvings)).astype(np.int64)
    return weights


def apportion(paths: TouchPaths, weights: Whole, totals: Whole) -> Whole:
    """Return the total of each journey in whole shares by weight, which add up to it exactly.

    Running sums are rounded, and their differences are the shares: no share is off by more than one.
    """
    first, counts = first_touches(paths), touch_counts(paths)
    run = np.cumsum(weights)
    before = np.repeat(run[first] - weights[first], counts)
    whole = np.repeat(run[first + counts - 1], counts) - before
    marks = np.rint(totals[paths.journey] * ((run - before) / whole)).astype(np.int64)
    shares: Whole = np.diff(marks, prepend=0)
    shares[first] = marks[first]
    return shares


def give_credit(partials: pl.DataFrame, *, models: Sequence[str] = MODELS, ends: float = ENDS) -> pl.DataFrame:
    """Return, for each rule and channel, `conversions`, `value`, `share` of all `of` conversions, `low` and `high`.

    `partials` are merged ones of count_credits. The conversions of a rule add up to those that there were; those that
    no touch came before stand in a row without channel. The interval (Wilson) is that of a share of `of` conversions.

    >>> from cjtools.journeys.touch_paths import touch_paths_of_table
    >>> rows = {"path": [["Email", "Direct"]], "conversions": [2], "lost": [1], "value": [30]}
    >>> partials = count_credits(touch_paths_of_table(pl.DataFrame(rows)))
    >>> give_credit(partials, models=["linear"]).select("channel", "conversions", "value").rows()
    [('Direct', 1.0, 15.0), ('Email', 1.0, 15.0)]
    """
    rows, whole = credits_of(partials, models=models, ends=ends)
    share, low, high = wilson(pl.col("conversions"), pl.col("of"))
    rounded = pl.col("conversions", "value").round(DIGITS)
    return rows.with_columns(of=pl.lit(whole, pl.Int64)).select(
        "model", "channel", rounded, "of", share.alias("share"), low, high
    )


def credits_of(partials: pl.DataFrame, *, models: Sequence[str], ends: float = ENDS) -> tuple[pl.DataFrame, int]:
    """Return conversions and value of each rule and channel, sorted, and the number of all conversions."""
    check_models(models, ends)
    given = [
        part.alias(f"{kind} {rank}")
        for rank, name in enumerate(models)
        for kind, part in zip(SHARED, rule_of(name, ends), strict=True)
    ]
    # Sums in the order of the sorted partial: float sums would otherwise differ with the threads.
    ordered = partials.sort(KEYS, nulls_last=True).select("channel", *given)
    sums = ordered.group_by("channel", maintain_order=True).agg(pl.all().sum()).sort("channel", nulls_last=True)
    rows = [
        sums.select(pl.lit(name).alias("model"), "channel", *(pl.col(f"{kind} {rank}").alias(kind) for kind in SHARED))
        for rank, name in enumerate(models)
    ]
    return pl.concat(rows), int(partials.filter(pl.col("non_direct"))["conversions"].sum())


SHARED = ("conversions", "value")


def check_models(models: Sequence[str], ends: float) -> None:
    """Raise an error for each rule that does not exist, and for a share of the ends that cannot be."""
    faults = [Fault("models", f"no rule {name!r}", step=nearest(name, MODELS)) for name in models if name not in MODELS]
    if not 0 <= ends <= 0.5:
        faults.append(Fault("ends", f"{ends} of the credit to each end", expected="expected 0 to 0.5"))
    raise_if_any(ParameterError, "attribution", faults)


def rule_of(model: str, ends: float) -> tuple[pl.Expr, pl.Expr]:
    """Return the conversions and the value that a rule gives to a row of the partial."""
    if model == "time_decay":
        return pl.col("decay") / PARTS, pl.col("decay_value") / VALUE_PARTS
    place, length = pl.col("place"), pl.col("length")
    share = {
        "first": place.is_in(["first", "only", "none"]).cast(pl.Float64),
        "last": place.is_in(["last", "only", "none"]).cast(pl.Float64),
        "last_non_direct": pl.col("non_direct").cast(pl.Float64),
        "linear": 1 / pl.max_horizontal(length, pl.lit(1)),
        "position": pl.when(length <= 2)
        .then(1 / pl.max_horizontal(length, pl.lit(1)))
        .when(place == "middle")
        .then((1 - 2 * ends) / (length - 2))
        .otherwise(ends),
    }[model]
    return pl.col("conversions") * share, pl.col("value") * share
