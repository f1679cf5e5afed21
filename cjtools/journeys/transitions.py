"""Steps that follow each other: how often, on how many paths, with which probability, after how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl

from cjtools.intervals import DIGITS, wilson
from cjtools.journeys.contrast import contrasted
from cjtools.journeys.spread import QUANTILES, quantiles
from cjtools.journeys.spread import borders as borders_of
from cjtools.journeys.walks import REST, START, Walk, Whole, bordered, closes, ends, named, starts

KEYS = ["source", "target"]


def pairs_of(walk: Walk, *, borders: bool = True) -> pl.DataFrame:
    """Return each pair of neighbouring events: path, pair (source × steps + target), time between in microseconds.

    With `borders` from the start of a path to its first event, and from its last event to the end.
    """
    inside, count = ~closes(walk)[:-1], np.int64(len(walk.names) + 2)
    step = walk.step.astype(np.int64)
    path, pair = walk.path[:-1][inside], (step[:-1] * count + step[1:])[inside]
    time = np.diff(walk.at)[inside]
    if borders:
        first, last = starts(walk), ends(walk) - 1
        path = np.concatenate([path, walk.path[first], walk.path[last]])
        pair = np.concatenate([pair, (count - 2) * count + step[first], step[last] * count + count - 1])
        time = np.concatenate([time, np.zeros(2 * len(first), dtype=np.int64)])
    return pl.DataFrame({"path": path, "pair": pair, "time": time})


def count_transitions(walk: Walk, *, borders: bool = True) -> pl.DataFrame:
    """Return the partial of transitions: source, target, n, paths (distinct), time (sum of microseconds).

    Paths begin at `path_start` and stop at `path_end`. Merge it by source and target.

    >>> walk = Walk(np.zeros(3, np.uint32), np.arange(3), np.array([0, 1, 1], np.uint32), ("a", "b"))
    >>> count_transitions(walk, borders=False).rows()
    [('a', 'b', 1, 1, 1), ('b', 'b', 1, 1, 1)]
    """
    pairs = pairs_of(walk, borders=borders)
    sums = pairs.group_by("pair").agg(n=pl.len().cast(pl.Int64), time=pl.col("time").sum())
    counts = sums.join(distinct_paths(pairs, pairs_in_all=(len(walk.names) + 2) ** 2), on="pair")
    return name_pairs(walk, counts.select("pair", "n", "paths", "time")).sort(KEYS)


def distinct_paths(pairs: pl.DataFrame, *, pairs_in_all: int) -> pl.DataFrame:
    """Return the number of distinct paths of each pair: pair, paths.

    A sort of one packed number is several times faster than grouping by two columns; it holds 2^63 cells.
    """
    if not len(pairs) or int(pairs["path"].to_numpy().max()) >= 2**62 // pairs_in_all:
        return pairs.unique(["path", "pair"]).group_by("pair").agg(paths=pl.len().cast(pl.Int64))
    packed = np.sort(pairs["path"].to_numpy().astype(np.int64) * pairs_in_all + pairs["pair"].to_numpy())
    first = np.concatenate([[True], packed[1:] != packed[:-1]])
    each = pl.DataFrame({"pair": packed[first] % pairs_in_all})
    return each.group_by("pair").agg(paths=pl.len().cast(pl.Int64))


def name_pairs(walk: Walk, counts: pl.DataFrame) -> pl.DataFrame:
    """Return counts by pair with the names of source and target instead, in front."""
    source, target = np.divmod(counts["pair"].to_numpy(), len(walk.names) + 2)
    names = [named(walk, source).alias("source"), named(walk, target).alias("target")]
    return counts.select(*names, pl.exclude("pair"))


def all_paths(counts: pl.DataFrame) -> int:
    """Return the number of paths of counted transitions: each has one start."""
    return int(counts.filter(pl.col("source") == START)["n"].sum())


def finish_transitions(counts: pl.DataFrame) -> pl.DataFrame:
    """Return each transition with its shares, sorted by source and target.

    Columns: source, target, n, paths; of_out (transitions from the source), value, low, high (the probability out:
    n ÷ of_out, Wilson); of_in (transitions to the target), share_in; of (all), share; of_paths, per_path, path_share
    (paths with the transition ÷ all paths); seconds (mean). Probabilities out of a source add up to 1, into a target
    too. Visits of one path are not independent: the interval of a probability is the least that may be said.
    """
    total = counts.with_columns(
        of_out=pl.col("n").sum().over("source"),
        of_in=pl.col("n").sum().over("target"),
        of=pl.col("n").sum(),
        of_paths=pl.lit(all_paths(counts), dtype=pl.Int64),
    )
    return total.select(
        "source",
        "target",
        "n",
        "paths",
        "of_out",
        *wilson(pl.col("n"), pl.col("of_out")),
        "of_in",
        (pl.col("n") / pl.col("of_in")).round(DIGITS).alias("share_in"),
        "of",
        (pl.col("n") / pl.col("of")).round(DIGITS).alias("share"),
        "of_paths",
        (pl.col("n") / pl.col("of_paths")).round(DIGITS).alias("per_path"),
        (pl.col("paths") / pl.col("of_paths")).round(DIGITS).alias("path_share"),
        (pl.col("time") / pl.col("n") / 1_000_000).round(DIGITS).alias("seconds"),
    ).sort(KEYS)


def count_gaps(walk: Walk) -> pl.DataFrame:
    """Return the partial of the times between neighbouring events: source, target, time (microseconds), n.

    Merge it by source, target and time: its quantiles are exact.
    """
    pairs = pairs_of(walk, borders=False).select("pair", "time").sort("pair", "time")
    begins = borders_of(pairs, ["pair", "time"])
    counts = pairs[begins].with_columns(n=np.diff(begins, append=len(pairs)))
    return name_pairs(walk, counts)  # codes are in the order of names


def finish_gaps(counts: pl.DataFrame, *, levels: Mapping[str, float] = QUANTILES) -> pl.DataFrame:
    """Return n, mean and exact quantiles of the seconds of each transition, sorted by source and target."""
    found = quantiles(counts, value="time", by=KEYS, levels=levels)
    return found.with_columns((pl.col("mean", *levels) / 1_000_000).round(DIGITS))


def matrix(counts: pl.DataFrame, *, steps: Sequence[str], value: str = "n") -> pl.DataFrame:
    """Return counts as a square: a row a source, a column a target, zero where nothing happened.

    >>> counts = pl.DataFrame({"source": ["a"], "target": ["b"], "n": [2]})
    >>> matrix(counts, steps=["a", "b"]).rows()
    [('a', 0, 2), ('b', 0, 0)]
    """
    cells = {(source, target): count for source, target, count in counts.select(*KEYS, value).iter_rows()}
    columns = {target: [cells.get((source, target), 0) for source in steps] for target in steps}
    return pl.DataFrame({"source": list(steps), **columns}, schema_overrides=dict.fromkeys(steps, counts.schema[value]))


def rest_of(whole: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    """Return the partial of all other paths: the whole less a group of it.

    >>> whole = pl.DataFrame({"source": ["a", "b"], "target": ["b", "a"], "n": [2, 1]})
    >>> rest_of(whole, whole.head(1)).rows()
    [('b', 'a', 1)]
    """
    less = part.with_columns(-pl.exclude(KEYS))
    counts = pl.concat([whole, less]).group_by(KEYS).agg(pl.all().sum())
    return counts.filter(pl.col("n") != 0).sort(KEYS)


Measure = Literal["paths", "out", "in", "share"]


def compare_transitions(
    a: pl.DataFrame, b: pl.DataFrame, *, by: Measure = "paths", names: tuple[str, str] = ("A", REST)
) -> pl.DataFrame:
    """Return A − B for each transition of either group, with both n and the interval of the difference.

    By the share of paths that make the transition (independent, so the interval holds), or by the probability out,
    in or of all. Columns: a, b (names of the groups), source, target, count_difference, per_path_difference, n_a,
    of_a, n_b, of_b, value_a, value_b, difference, low, high, few. `b` is `<REST>` for rest_of(all, a).
    """
    both = a.join(b, on=KEYS, how="full", coalesce=True, suffix="_b").with_columns(pl.exclude(KEYS).fill_null(0))
    sizes = all_paths(a), all_paths(b)
    per_path = pl.col("n") / sizes[0] - pl.col("n_b") / sizes[1]
    frame = both.select(
        pl.lit(names[0]).alias("a"),
        pl.lit(names[1]).alias("b"),
        *KEYS,
        count_difference=pl.col("n") - pl.col("n_b"),
        per_path_difference=per_path.round(DIGITS) if all(sizes) else pl.lit(None, dtype=pl.Float64),
        n_a=pl.col("paths" if by == "paths" else "n"),
        of_a=base("", by, sizes[0]),
        n_b=pl.col("paths_b" if by == "paths" else "n_b"),
        of_b=base("_b", by, sizes[1]),
    )
    return contrasted(frame.sort(KEYS))


def base(suffix: str, by: Measure, paths: int) -> pl.Expr:
    """Return what the share of a transition is a share of."""
    total = pl.col(f"n{suffix}").sum()
    bases = {
        "paths": pl.lit(paths, dtype=pl.Int64),
        "out": total.over("source"),
        "in": total.over("target"),
        "share": total,
    }
    return bases[by]


@dataclass(frozen=True)
class Route:
    """How often some steps follow each other directly."""

    paths: int
    occurrences: int
    median_seconds: float | None
    probability: float  # the product of the probabilities out


def follow_route(walk: Walk, route: Sequence[str]) -> Route:
    """Return on how many paths, how often and how fast the steps of a route follow each other directly.

    `path_start` and `path_end` may be steps. The probability is the product of the transitions' own.
    """
    whole = bordered(walk)
    rows = route_rows(whole, route)
    times = whole.at[rows + len(route) - 1] - whole.at[rows]
    shares = finish_transitions(count_transitions(walk))
    out = {(source, target): value for source, target, value in shares.select(*KEYS, "value").iter_rows()}
    chances = [out.get(pair, 0.0) for pair in pairwise(route)]
    return Route(
        paths=len(np.unique(whole.path[rows])),
        occurrences=len(rows),
        median_seconds=float(np.median(times)) / 1_000_000 if len(times) else None,
        probability=float(np.prod(chances)),
    )


def route_rows(whole: Walk, route: Sequence[str]) -> Whole:
    """Return the rows of a bordered walk at which a route begins."""
    codes = {name: code for code, name in enumerate(whole.names)}
    rows = np.arange(max(len(whole) - len(route) + 1, 0), dtype=np.int64)
    for place, name in enumerate(route):
        rows = rows[whole.step[rows + place] == codes.get(name, -1)]
    return np.asarray(rows[whole.path[rows] == whole.path[rows + len(route) - 1]])
