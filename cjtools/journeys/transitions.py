"""Steps that follow each other: how often, on how many paths, with which probability, after how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl

from cjtools.intervals import DIGITS
from cjtools.journeys.contrast import contrasted
from cjtools.journeys.shares import shares
from cjtools.journeys.spread import QUANTILES, quantiles
from cjtools.journeys.tallies import Small, add_by, count_repeats, counted, fresh, places_among, tally
from cjtools.journeys.walks import REST, START, Codes, Walk, Whole, bordered, ends, named, starts

KEYS = ["source", "target"]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Neighbouring rows of a walk, one less than events; those of two paths are the pair `size`, which is none."""

    path: Codes
    pair: Small  # source × (steps + 2) + target
    time: Whole  # microseconds between
    size: int


def pairs_of(walk: Walk) -> Pairs:
    """Return each pair of neighbouring events."""
    width = len(walk.names) + 2
    pair = packed_pairs(walk, width=width)
    return Pairs(walk.path[:-1], pair, np.diff(walk.at), width * width)


def packed_pairs(walk: Walk, *, width: int) -> Small:
    """Return source × width + target of neighbouring rows, width² for those of two paths."""
    pair: Small = walk.step[:-1].astype(np.min_scalar_type(width * width))
    np.multiply(pair, pair.dtype.type(width), out=pair)
    np.add(pair, walk.step[1:], out=pair)
    pair[np.flatnonzero(walk.path[1:] != walk.path[:-1])] = width * width
    return pair


def count_transitions(walk: Walk, *, borders: bool = True) -> pl.DataFrame:
    """Return the partial of transitions: source, target, n, paths (distinct), time (sum of microseconds).

    Paths begin at `path_start` and stop at `path_end`. Merge it by source and target.

    >>> walk = Walk(np.zeros(3, np.uint32), np.arange(3), np.array([0, 1, 1], np.uint32), ("a", "b"))
    >>> count_transitions(walk, borders=False).rows()
    [('a', 'b', 1, 1, 1), ('b', 'b', 1, 1, 1)]
    """
    pairs = pairs_of(walk)
    distinct, place = places_among(pairs.pair, pairs.size + 1)
    size = len(distinct)
    n = tally(place, size)
    paths = n - count_repeats(pairs.path, place, size)
    counts = pl.DataFrame({"pair": distinct, "n": n, "paths": paths, "time": add_by(place, pairs.time, size)})
    counts = counts.filter(pl.col("n") > 0, pl.col("pair") < pairs.size)
    rows = [counts, *border_counts(walk)] if borders else [counts]
    return name_pairs(walk, pl.concat(rows).filter(pl.col("n") > 0)).sort(KEYS)


def border_counts(walk: Walk) -> list[pl.DataFrame]:
    """Return the counts of the pairs from the start of paths and to their end: each path makes one of both."""
    size, code = len(walk.names), np.arange(len(walk.names), dtype=np.int64)
    both = [(size * (size + 2) + code, starts(walk)), (code * (size + 2) + size + 1, ends(walk) - 1)]
    counts = [(pair, tally(walk.step[rows], size)) for pair, rows in both]
    return [pl.DataFrame({"pair": pair, "n": n, "paths": n, "time": np.zeros_like(n)}) for pair, n in counts]


def count_pairs(walk: Walk) -> pl.DataFrame:
    """Return how often a step follows another directly: source, target (as codes), n; sorted, and no more than that.

    For many steps (pages): several times faster than count_transitions, which counts paths and times too.

    >>> walk = Walk(np.zeros(3, np.uint32), np.arange(3), np.array([0, 1, 1], np.uint32), ("a", "b"))
    >>> count_pairs(walk).rows()
    [(0, 1, 1), (1, 1, 1)]
    """
    width = len(walk.names)
    codes, n = counted(packed_pairs(walk, width=width), width * width + 1)
    inside = int(np.searchsorted(codes, width * width))
    source, target = np.divmod(codes[:inside].astype(np.uint64), np.uint64(max(width, 1)))
    return pl.DataFrame({"source": source.astype(np.uint32), "target": target.astype(np.uint32), "n": n[:inside]})


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
        *shares(total["n"], total["of_out"]),
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
    return name_pairs(walk, gap_counts(walk))  # codes are in the order of names


def gap_counts(walk: Walk) -> pl.DataFrame:
    """Return how often each time lies between each pair of neighbouring events: pair, time, n; sorted."""
    pairs = pairs_of(walk)
    inside = np.flatnonzero(pairs.pair < pairs.size)
    pair, time = pairs.pair[inside].astype(np.uint64), pairs.time[inside]
    bits = int(time.max(initial=0)).bit_length()
    if pairs.size.bit_length() + bits <= 64:  # one number for both sorts many times faster than two columns
        both = (pair << np.uint64(bits)) | time.astype(np.uint64)
        both.sort()
        first = np.flatnonzero(fresh(both))
        pair, time = both[first] >> np.uint64(bits), (both[first] & np.uint64((1 << bits) - 1)).astype(np.int64)
        n = np.diff(first, append=len(both))
        return pl.DataFrame({"pair": pair.astype(np.int64), "time": time, "n": n})
    frame = pl.DataFrame({"pair": pair.astype(np.int64), "time": time})
    return frame.group_by("pair", "time").agg(n=pl.len().cast(pl.Int64)).sort("pair", "time")


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
