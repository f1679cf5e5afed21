"""Whole paths: repeats collapsed, loops, the most common routes, and the links from step to step."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from cjtools.intervals import DIGITS, wilson
from cjtools.journeys.shares import shares
from cjtools.journeys.tallies import add_by, fresh, tally
from cjtools.journeys.walks import (
    ENDED,
    OTHERS,
    Bools,
    Walk,
    Whole,
    bordered,
    closes,
    keep,
    lengths,
    named,
    opens,
    places,
    starts,
)

TOP = 10
LINKS = 50  # links that a picture of links shows
STEPS = 5
Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]


def repeats(walk: Walk, *, only: Collection[str] | None = None) -> Bools:
    """Return whether an event repeats the step of the event before it in its path (of the steps in `only`)."""
    same = ~opens(walk)
    same[1:] &= walk.step[1:] == walk.step[:-1]
    if only is not None:
        same &= np.isin(walk.step, [code for code, name in enumerate(walk.names) if name in only])
    return same


def collapse(walk: Walk, *, only: Collection[str] | None = None) -> Walk:
    """Return the walk with one event, the first, for each run of the same step.

    >>> walk = Walk(np.zeros(3, np.uint32), np.arange(3), np.array([0, 0, 1], np.uint32), ("a", "b"))
    >>> collapse(walk).at.tolist()
    [0, 2]
    """
    return keep(walk, ~repeats(walk, only=only))


def count_loops(walk: Walk) -> pl.DataFrame:
    """Return the partial of how often paths come back to a step; merge it by step.

    Columns: step, paths (with the step), again (paths with it twice or more), visits, in_a_row (visits that directly
    follow a visit), back (visits that return after another step).
    """
    size = len(walk.names)
    packed = np.sort(walk.path.astype(np.int64) * size + walk.step)  # a path and a step; 2^63 of them
    begins = np.flatnonzero(np.concatenate([[True], packed[1:] != packed[:-1]])[: len(packed)])
    visits, step = np.diff(begins, append=len(packed)), packed[begins] % max(size, 1)
    counted = [step, step[visits > 1], walk.step, walk.step[repeats(walk)]]
    paths, again, seen, in_a_row = (np.bincount(codes, minlength=size).astype(np.int64) for codes in counted)
    columns = {"paths": paths, "again": again, "visits": seen, "in_a_row": in_a_row, "back": seen - paths - in_a_row}
    counts = pl.DataFrame({"step": pl.Series(walk.names, dtype=pl.String), **columns})
    return counts.filter(pl.col("visits") > 0).sort("step")


def finish_loops(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the share of a step's paths that have it again, with Wilson's interval; the most frequent first."""
    rows = counts.with_columns(wilson(pl.col("again"), pl.col("paths")))
    return rows.sort("again", "step", descending=[True, False])


def count_routes(walk: Walk, *, steps: int | None = None) -> pl.DataFrame:
    """Return the partial of the distinct routes (of the first `steps` steps): route, n, time; merge it by route.

    `time` sums the microseconds from the first step of a route to its last.
    """
    counts, rows, place = route_counts(walk, steps=steps)
    routes = counts.with_columns(route=listed(named(walk, walk.step[rows]), place))
    return routes.select("route", "n", "time").sort("route")


def route_counts(walk: Walk, *, steps: int | None = None) -> tuple[pl.DataFrame, Whole, Whole]:
    """Return n and time of each distinct route, the rows of the walk that hold its steps, and whose each of them is."""
    first, size = starts(walk), lengths(walk)
    size = size if steps is None else np.minimum(size, steps)
    group, sample = route_groups(walk, first, size)
    time = walk.at[first + size - 1] - walk.at[first]
    counts = pl.DataFrame({"n": tally(group, len(sample)), "time": add_by(group, time, len(sample))})
    return counts, *rows_of(first[sample], size[sample])


def rows_of(first: Whole, size: Whole) -> tuple[Whole, Whole]:
    """Return the rows of so many from each first one on, and the place of the first one each belongs to.

    >>> [found.tolist() for found in rows_of(np.array([5, 0]), np.array([2, 1]))]
    [[5, 6, 0], [0, 0, 1]]
    """
    begin = np.cumsum(size) - size
    place = np.repeat(np.arange(len(size)), size)
    return np.arange(len(place)) + np.repeat(first - begin, size), place


def listed(steps: pl.Series, place: Whole) -> pl.Series:
    """Return the steps of each place as a list; places begin at 0 and have one step at least."""
    return pl.DataFrame({"place": place, "steps": steps}).group_by("place", maintain_order=True).agg("steps")["steps"]


def route_groups(walk: Walk, first: Whole, size: Whole) -> tuple[Whole, Whole]:
    """Return the group of each path, the same for the same steps, and the place of one path of each group.

    `first` and `size`: the rows of each path that count. Where all steps of a path fit in one number, a digit a step,
    that number tells paths apart; the others go by a hash of their steps and are then compared step by step.
    """
    bits = max(len(walk.names).bit_length(), 1)
    short = np.flatnonzero(size <= 64 // bits)
    keys = np.zeros(len(short), dtype=np.uint64)
    going, row, left = np.arange(len(short)), first[short], size[short]
    for place in range(int(left.max(initial=0))):
        if place:
            longer = np.flatnonzero(left > place)
            going, row, left = going[longer], row[longer], left[longer]
        digit = walk.step[row + place].astype(np.uint64) + np.uint64(1)
        keys[going] |= digit << np.uint64(place * bits)
    order = np.argsort(keys)
    changes = fresh(keys[order])
    group, sample = np.empty(len(first), dtype=np.int64), short[order[np.flatnonzero(changes)]]
    group[short[order]] = np.cumsum(changes) - 1
    if len(short) == len(first):
        return group, sample
    others = np.flatnonzero(size > 64 // bits)
    rows, number = rows_of(first[others], size[others])
    of_others, of_sample = alike(Walk(number.astype(np.uint32), walk.at[rows], walk.step[rows], walk.names))
    group[others] = of_others + len(sample)
    return group, np.concatenate([sample, others[of_sample]])


def alike(walk: Walk) -> tuple[Whole, Whole]:
    """Return the group of each path, the same for the same steps, and the place of one path of each group.

    Paths are told apart by the sum of one random number for each (place, step) (Zobrist 1970), then compared with
    the group's sample event by event: a collision, were there ever one, begins anew with other numbers.
    """
    first, size = starts(walk), lengths(walk)
    for salt in range(8):
        mixed = mix(walk.step.astype(np.uint64) + (places(walk).astype(np.uint64) << np.uint64(32)), salt)
        key = np.add.reduceat(mixed, first) if len(walk) else mixed
        _, sample, group = np.unique(key, return_index=True, return_inverse=True)
        like = np.repeat(first[sample][group] - first, size) + np.arange(len(walk))
        same = np.array_equal(size, size[sample][group]) and np.array_equal(walk.step, walk.step[like])
        if same:
            return group.astype(np.int64), sample.astype(np.int64)
    raise ArithmeticError("eight different hashes collided")  # pragma: no cover (odds of 1 in 10^100)


def mix(values: Hashes, salt: int) -> Hashes:
    """Return well-spread 64-bit numbers for whole numbers (the finaliser of splitmix64, Steele 2014)."""
    mixed = values * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt * 2 + 1) * np.uint64(0xD1B54A32D192ED03 >> 1)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def top_routes(counts: pl.DataFrame, *, top: int = TOP) -> pl.DataFrame:
    """Return the most common routes with their share of all paths, and one row for all the others.

    Columns: route (a list; `<OTHERS>` alone in the last row), routes (1, or how many others there are), n, of, value,
    low, high (Wilson), seconds (mean). The shares of the rows add up to 1; equal counts go by the route.
    """
    # Only what is as frequent as the last one shown has to be sorted.
    often = counts.filter(pl.col("n") >= pl.col("n").top_k(top).min()).cast({"route": pl.List(pl.String)})
    ordered = often.sort(-pl.col("n"), pl.col("route")).with_columns(routes=pl.lit(1, dtype=pl.Int64))
    shown = ordered.head(top).select("route", "n", "time", "routes")
    others = counts.select(
        pl.lit([OTHERS], dtype=pl.List(pl.String)).alias("route"),
        *(pl.col(name).sum() - shown[name].sum() for name in ("n", "time")),
        routes=pl.len().cast(pl.Int64) - shown.height,
    )
    rows = pl.concat([shown, others.filter(pl.col("routes") > 0)])
    rows = rows.with_columns(of=pl.col("n").sum())
    return rows.select("route", "routes", "n", "of", *shares(rows["n"], rows["of"]), seconds=mean_seconds())


def mean_seconds() -> pl.Expr:
    """Return the mean seconds of `n` cases of `time` microseconds together."""
    return (pl.col("time") / pl.col("n") / 1_000_000).round(DIGITS)


def count_links(walk: Walk, *, steps: int = STEPS, exits: bool = False) -> pl.DataFrame:
    """Return the partial of the links from a step at its place to the next: place, source, target, n, time.

    Places count from 1; a link leaves from the places up to `steps` − 1, so that `steps` steps show. With `exits` a
    path that ends before has a link to the end. Merge it by place, source and target.
    """
    whole = bordered(walk) if exits else walk
    place = places(whole) + (0 if exits else 1)
    rows = np.flatnonzero(~closes(whole) & (place < steps) & (place > 0))
    frame = pl.DataFrame(
        {
            "place": place[rows],
            "source": whole.step[rows],
            "target": whole.step[rows + 1],
            "time": whole.at[rows + 1] - whole.at[rows],
        }
    )
    keys = ["place", "source", "target"]
    counts = frame.group_by(keys).agg(n=pl.len().cast(pl.Int64), time=pl.col("time").sum())
    return (
        counts.with_columns(
            named(walk, counts["source"].to_numpy()).alias("source"),
            named(walk, counts["target"].to_numpy()).alias("target"),
        )
        .select(*keys, "n", "time")
        .sort(keys)
    )


def finish_links(counts: pl.DataFrame, *, paths: int, links: int = LINKS) -> pl.DataFrame:
    """Return the most common links as rows of a Sankey picture, and one row a place for the others.

    Columns: place, source, target, links (how many a row stands for), n, of (all paths), value, low, high, seconds
    (mean; null to the end of a path). A path has at most one link at a place, so shares of a place never exceed 1.
    """
    ordered = counts.sort(-pl.col("n"), "place", "source", "target").with_columns(links=pl.lit(1, dtype=pl.Int64))
    rest = ordered.slice(links).group_by("place").agg(pl.col("n", "time", "links").sum())
    others = rest.with_columns(source=pl.lit(OTHERS), target=pl.lit(OTHERS)).select(ordered.columns)
    rows = pl.concat([ordered.head(links), others.sort("place")]).with_columns(of=pl.lit(paths, dtype=pl.Int64))
    seconds = pl.when(pl.col("target") != ENDED).then(mean_seconds())
    return rows.select(
        "place", "source", "target", "links", "n", "of", *wilson(pl.col("n"), pl.col("of")), seconds=seconds
    )
