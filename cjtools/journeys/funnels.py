"""Who goes through the steps of a funnel, how long it takes, where people stop and what they do instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl

from cjtools.errors import Fault, ParameterError, cut, nearest, raise_if_any
from cjtools.intervals import DIGITS, wilson
from cjtools.journeys.chains import Chains, Funnel, chains_of
from cjtools.journeys.contrast import contrasted
from cjtools.journeys.funnel_levels import Steps, distinct_at, entered, is_plain, reached_in_turn, steps_of
from cjtools.journeys.occurrences import matches, path_ends, path_places
from cjtools.journeys.shares import shares
from cjtools.journeys.spread import quantiles
from cjtools.journeys.walks import MISSING, REST, SECOND, Bools, Walk, Whole, starts

QUARTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75}
COUNTS = ["group", "place", "step"]
TIMES = ["place", "step", "since"]
DROPS = ["place", "step", "instead"]


def count_funnel(walk: Walk, funnel: Funnel, *, groups: Sequence[str | None] | None = None) -> pl.DataFrame:
    """Return the paths at each step, a row a group and step. Adds up over walks (`merge` by COUNTS).

    `groups` has a label for each path number; without it there is one group, null. Columns: group, place (from 1),
    step, paths, came (of those, from the step before; at the first step, all), everybody (paths of the group).

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 3], "page": ["a", "b", "a"]})
    >>> count_funnel(walk_of(frame, path="who", at="at", step="page"), Funnel(("a", "b"))).rows()
    [(None, 1, 'a', 2, 2, 2), (None, 2, 'b', 1, 1, 2)]
    """
    labels, of_path = labels_of(groups)
    heads = walk.path[starts(walk)]
    everybody = np.bincount(heads * 0 if of_path is None else of_path[heads], minlength=len(labels))
    if is_plain(funnel):
        here, came = plain_passages(steps_of(walk, funnel), funnel, of_path=of_path, count=len(labels))
    else:
        kinds = np.zeros(len(heads), dtype=np.int64) if of_path is None else of_path[heads]
        here, came = passages(walk, funnel, kinds=kinds, count=len(labels))
    return funnel_table(funnel, here, came, labels=labels, everybody=everybody)


NUMBERS = ["paths", "came", "everybody"]


def funnel_table(
    funnel: Funnel, here: Whole, came: Whole, *, labels: Sequence[str | None], everybody: Whole
) -> pl.DataFrame:
    """Return the counts of a funnel, a line a group and a column a step, as the rows of its partial."""
    count, size = len(labels), len(funnel.steps)
    return pl.DataFrame(
        {
            "group": [name for name in labels for _ in range(size)],
            "place": list(range(1, size + 1)) * count,
            "step": step_names(funnel) * count,
            "paths": here.ravel(),
            "came": came.ravel(),
            "everybody": np.repeat(everybody, size),
        },
        schema={name: pl.String if name in ("group", "step") else pl.Int64 for name in (*COUNTS, *NUMBERS)},
    )


def labels_of(groups: Sequence[str | None] | None) -> tuple[list[str | None], Whole | None]:
    """Return the labels of the groups, sorted, and the place of its label for each path number; null without groups."""
    if groups is None:
        return [None], None
    named = pl.Series(groups, dtype=pl.String).fill_null(MISSING)
    labels = named.unique().sort()
    return labels.to_list(), named.cast(pl.Enum(labels)).to_physical().to_numpy().astype(np.int64)


def plain_passages(steps: Steps, funnel: Funnel, *, of_path: Whole | None, count: int) -> tuple[Whole, Whole]:
    """Return what `passages` does, from the events that are steps."""
    here, came = entered(steps, funnel) if funnel.open else (reached_in_turn(steps, funnel),) * 2
    both = []
    for events in (here, came):
        paths = [distinct_at(steps.path[rows]) for rows in events]
        kinds = [np.bincount(some * 0 if of_path is None else of_path[some], minlength=count) for some in paths]
        both.append(np.stack(kinds, axis=1).astype(np.int64))
    return both[0], both[1]


def passages(walk: Walk, funnel: Funnel, *, kinds: Whole, count: int) -> tuple[Whole, Whole]:
    """Return, a line a group and a column a step, the paths at the step, and those that came from the one before."""
    if not funnel.open:
        reached = reaching(chains_of(walk, funnel).levels, kinds=kinds, count=count, steps=len(funnel.steps))
        return reached, reached
    here = np.stack([np.bincount(kinds[seen_at(walk, name)], minlength=count) for name in funnel.steps], axis=1)
    onward = [
        np.bincount(kinds[chains_of(walk, replace(funnel, open=False, steps=pair)).levels == 2], minlength=count)
        for pair in pairwise(funnel.steps)
    ]
    return here, np.stack([here[:, 0], *onward], axis=1)


def reaching(levels: Whole, *, kinds: Whole, count: int, steps: int) -> Whole:
    """Return, a line a group and a column a step, how many paths got at least so far."""
    exactly = np.bincount(kinds * (steps + 1) + levels, minlength=count * (steps + 1)).reshape(count, steps + 1)
    upwards: Whole = exactly[:, ::-1].cumsum(axis=1)[:, ::-1]
    return upwards[:, 1:]


def seen_at(walk: Walk, name: str) -> Bools:
    """Return whether each path with events has the step at all."""
    seen = np.zeros(len(starts(walk)), dtype=np.bool_)
    seen[path_places(walk)[matches(walk, name)]] = True
    return seen


def step_names(funnel: Funnel) -> list[str]:
    """Return the steps as they are listed; without order, a step is how many of them were done."""
    if funnel.order != "unordered":
        return list(funnel.steps)
    return [f"{place} of {len(funnel.steps)}" for place in range(1, len(funnel.steps) + 1)]


def funnel_rates(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the funnel with both denominators, two rows a step: `share_of` all paths, and of the step before.

    Columns: group, place, step, share_of (all, prior), n, of, value, low, high (Wilson), dropped (those of the step
    before who did not come; null at the first step). The step before the first is everybody; the share is null
    where there is nobody.

    >>> counts = pl.DataFrame({"group": [None, None], "place": [1, 2], "step": ["a", "b"], "paths": [4, 1],
    ...     "came": [4, 1], "everybody": [8, 8]}, schema_overrides={"group": pl.String})
    >>> funnel_rates(counts).select("step", "share_of", "n", "of", "value").rows()
    [('a', 'all', 4, 8, 0.5), ('a', 'prior', 4, 8, 0.5), ('b', 'all', 1, 8, 0.125), ('b', 'prior', 1, 4, 0.25)]
    """
    ordered = counts.sort("group", "place", nulls_last=True)
    # A group always has all steps, from the first: the row above is the step before.
    before = pl.when(pl.col("place") == 1).then("everybody").otherwise(pl.col("paths").shift())
    both = pl.concat(
        [
            ordered.with_columns(share_of=pl.lit("all"), n=pl.col("paths"), of=pl.col("everybody")),
            ordered.with_columns(share_of=pl.lit("prior"), n=pl.col("came"), of=before),
        ]
    ).sort("group", "place", "share_of", nulls_last=True)
    left = pl.when((pl.col("share_of") == "prior") & (pl.col("place") > 1)).then(pl.col("of") - pl.col("n"))
    return both.select(*COUNTS, "share_of", "n", "of", *shares(both["n"], both["of"]), dropped=left)


def compare_funnels(counts: pl.DataFrame, *, a: str, b: str = REST) -> pl.DataFrame:
    """Return group A minus group B at each step, with both denominators, both n and Newcombe's interval.

    `b` may be "<REST>": all other groups together. Columns: place, step, share_of, n_a, of_a, n_b, of_b, value_a,
    value_b, difference, low, high, few.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 3], "page": ["a", "b", "a"]})
    >>> walk = walk_of(frame, path="who", at="at", step="page")
    >>> counts = count_funnel(walk, Funnel(("a", "b")), groups=["x", "y"])
    >>> compare_funnels(counts, a="x").filter(step="b", share_of="all").select("difference", "low", "few").rows()
    [(1.0, -0.122108721, True)]
    """
    known = counts["group"].drop_nulls().unique().sort().to_list()
    faults = [
        Fault("group", f"there is no {cut(name)}", nearest(name, known))
        for name in (a, b)
        if name not in (*known, REST)
    ]
    raise_if_any(ParameterError, "this comparison", faults)
    one, rest = counts.filter(pl.col("group") == a), counts.filter(pl.col("group") != a)
    other = rest if b == REST else rest.filter(pl.col("group") == b)
    rates = [funnel_rates(together(part)).drop("group") for part in (one, other)]
    keys = ["place", "step", "share_of"]
    sides = [
        rate.select(*keys, pl.col("n").alias(f"n_{name}"), pl.col("of").alias(f"of_{name}"))
        for rate, name in zip(rates, "ab", strict=True)
    ]
    both = sides[0].join(sides[1], on=keys, how="left", maintain_order="left")
    return contrasted(both.with_columns(pl.col("n_b", "of_b").fill_null(0)))


def together(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of several groups as those of one, null."""
    summed = counts.group_by("place", "step").agg(pl.col(NUMBERS).sum()).sort("place")
    return summed.select(pl.lit(None, dtype=pl.String).alias("group"), "place", "step", *NUMBERS)


def count_times(walk: Walk, funnel: Funnel) -> pl.DataFrame:
    """Return how many paths took exactly how long to each step of a closed funnel. Adds up (`merge` by TIMES, time).

    Columns: place, step, since (first or prior step), time (microseconds), n.
    """
    chains = chains_of(walk, replace(funnel, open=False))
    at = np.append(chains.walk.at, 0)[chains.rows]
    parts = []
    for place, name in list(enumerate(step_names(funnel)))[1:]:
        there = chains.levels > place
        for since, column in (("first", 0), ("prior", place - 1)):
            times = pl.DataFrame({"time": at[there, place] - at[there, column]}, schema={"time": pl.Int64})
            labels = {"place": pl.lit(place + 1, pl.Int64), "step": pl.lit(name), "since": pl.lit(since)}
            parts.append(times.group_by("time").agg(n=pl.len().cast(pl.Int64)).select(**labels, time="time", n="n"))
    empty = pl.DataFrame(
        schema={"place": pl.Int64, "step": pl.String, "since": pl.String, "time": pl.Int64, "n": pl.Int64}
    )
    return pl.concat([empty, *parts]).sort(*TIMES, "time")


def time_to_convert(times: pl.DataFrame) -> pl.DataFrame:
    """Return mean, median and quartiles in seconds of the times to each step: place, step, since, n, mean, q25, ….

    Of those who came: who has not come yet is counted in `cjtools.journeys.censoring`.

    >>> times = pl.DataFrame({"place": [2, 2], "step": ["b", "b"], "since": ["prior"] * 2, "time": [1000000, 3000000],
    ...     "n": [1, 1]})
    >>> time_to_convert(times).row(0)
    (2, 'b', 'prior', 2, 2.0, 1.5, 2.0, 2.5)
    """
    found = quantiles(times, value="time", by=TIMES, levels=QUARTILES)
    return found.with_columns((pl.col("mean", *QUARTILES) / SECOND).round(DIGITS))


def count_drop_off(walk: Walk, funnel: Funnel) -> pl.DataFrame:
    """Return what those who stopped at a step of a closed funnel did next. Adds up over walks (`merge` by DROPS).

    Columns: place, step (the last one reached, of those before the end of the funnel), instead (the event straight
    after it; null where the path ends there), paths.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 3], "page": ["a", "help", "a"]})
    >>> count_drop_off(walk_of(frame, path="who", at="at", step="page"), Funnel(("a", "b"))).rows()
    [(1, 'a', 'help', 1), (1, 'a', None, 1)]
    """
    chains = chains_of(walk, replace(funnel, open=False))
    stopped = np.flatnonzero((chains.levels > 0) & (chains.levels < len(funnel.steps)))
    place = chains.levels[stopped]
    codes = pl.Series(next_codes(chains, chains.rows[stopped, place - 1]), dtype=pl.Int64)
    names = pl.Series([*chains.walk.names, None], dtype=pl.String)
    steps = pl.Series([None, *step_names(funnel)], dtype=pl.String)
    frame = pl.DataFrame({"place": pl.Series(place, dtype=pl.Int64), "code": codes})
    counted = frame.group_by("place", "code").agg(paths=pl.len().cast(pl.Int64))
    named = counted.with_columns(step=steps.gather(counted["place"]), instead=names.gather(counted["code"]))
    return named.select(*DROPS, "paths").sort(DROPS, nulls_last=True)


def next_codes(chains: Chains, rows: Whole) -> Whole:
    """Return the step code of the event after each of these rows; the number of names where the path ends there."""
    walk = chains.walk
    steps = np.append(walk.step.astype(np.int64), len(walk.names))
    return np.where(rows + 1 < path_ends(walk)[rows], steps[rows + 1], len(walk.names))


def drop_off_shares(drops: pl.DataFrame) -> pl.DataFrame:
    """Return what those who stopped did instead, as shares of those who stopped there, the most frequent first.

    Columns: place, step, instead, n, of, value, low, high.

    >>> drops = pl.DataFrame({"place": [1, 1], "step": ["a", "a"], "instead": ["help", None], "paths": [1, 3]})
    >>> drop_off_shares(drops).select("instead", "n", "of", "value").rows()
    [(None, 3, 4, 0.75), ('help', 1, 4, 0.25)]
    """
    whole = drops.with_columns(n=pl.col("paths"), of=pl.col("paths").sum().over("place"))
    ranked = whole.sort("place", "n", "instead", descending=[False, True, False], nulls_last=True)
    return ranked.select(*DROPS, "n", "of", *wilson(pl.col("n"), pl.col("of")))
