"""H. How long it takes from each stage to the next, exactly or from counts of narrow classes of times."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import polars as pl

from cjtools.intervals import DIGITS
from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.merging import name_codes, plain
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.questions.shared import runs_of_profiles
from cjtools.journeys.spread import quantiles
from cjtools.journeys.tallies import add_by, counted, places_among, tally
from cjtools.journeys.transitions import gap_counts, pairs_of
from cjtools.journeys.walks import SECOND, Walk, Whole

KEYS = ["source", "target"]
LEVELS = {"q25": 0.25, "median": 0.5, "q75": 0.75, "q90": 0.9}
# A class of times is an octave cut in 256: a time is off the middle of its class by 1/512 of itself at most. Times
# below 512 microseconds are each a class of their own.
CUTS = 8
ERROR = 0.5 / (1 << CUTS)
SHIFT = np.int64(52 - CUTS)  # bits of the fraction of a float that tell no classes apart
ONE = np.float64(1).view(np.int64) >> SHIFT


def times(*, level: str = "stage", exact: bool = True, levels: Mapping[str, float] = LEVELS) -> Question:
    """Return the question of the times of profiles between one stage and the next, repeats collapsed.

    Result "times": source, target, n, mean, one column a quantile (seconds), error. Exact quantiles ship each distinct
    time of each pair (`error` 0); without `exact` times are counted in classes, which stay few however many events
    there are: then each quantile is off by at most `error` of itself (1/512). Both are the same for any buckets; the
    mean is always exact.
    """
    finishing = partial(finish, exact=exact, levels=levels)
    if exact:
        return Question("times", partial(count_exact, level=level), {"gaps": [*KEYS, "time"]}, finishing, apart=KEYS)
    keys = {"gaps": [*KEYS, "class"], "sums": KEYS}
    return Question("times", partial(count_classes, level=level), keys, finishing)


def count_exact(ordered: Ordered, *, level: str) -> Frames:
    """Return how often each pair took exactly how long."""
    walk = runs_of_profiles(ordered, level)
    counts = gap_counts(walk)
    return {"gaps": named_pairs(walk, counts["pair"].to_numpy(), counts.select("time", "n"))}


def count_classes(ordered: Ordered, *, level: str) -> Frames:
    """Return how often each pair took a time of each class, and the sum of the times of each pair."""
    walk = runs_of_profiles(ordered, level)
    pairs = pairs_of(walk)
    inside = np.flatnonzero(pairs.pair < pairs.size)
    pair, time = pairs.pair[inside], pairs.time[inside]
    kinds = class_of(time)
    width = int(kinds.max(initial=0)) + 1
    codes, n = counted(pair.astype(np.uint64) * np.uint64(width) + kinds.astype(np.uint64), pairs.size * width)
    distinct, place = places_among(pair, pairs.size)
    known = np.flatnonzero(tally(place, len(distinct)))
    sums = {"n": tally(place, len(distinct))[known], "time": add_by(place, time, len(distinct))[known]}
    return {
        "gaps": named_pairs(walk, codes // width, pl.DataFrame({"class": codes % width, "n": n})),
        "sums": named_pairs(walk, distinct[known], pl.DataFrame(sums)),
    }


def named_pairs(walk: Walk, pair: Whole, columns: pl.DataFrame) -> pl.DataFrame:
    """Return columns by pair with the names of source and target in front."""
    ends = np.divmod(pair, len(walk.names) + 2)
    return pl.DataFrame(
        [name_codes(code, walk.names).alias(name) for name, code in zip(KEYS, ends, strict=True)]
    ).hstack(columns)


def class_of(time: Whole) -> Whole:
    """Return the class of whole times from 0, by the first bits of each as a float: a longer time is in none before.

    >>> class_of(np.array([0, 1, 2, 511, 512, 513])).tolist()
    [0, 1, 257, 2304, 2305, 2305]
    """
    kinds: Whole = np.maximum((time.astype(np.float64).view(np.int64) >> SHIFT) - ONE + 1, 0)
    return kinds


def middle_of(kinds: Whole) -> np.ndarray:
    """Return the middle of the whole times of each class.

    >>> middle_of(np.array([0, 1, 257, 2304, 2305])).tolist()
    [0.0, 1.0, 2.0, 511.0, 512.5]
    """
    lowest, above = (np.ceil(((kinds - 1 + more + ONE) << SHIFT).view(np.float64)) for more in (0, 1))
    return np.where(kinds == 0, 0.0, (lowest + above - 1) / 2)


def finish(sums: Frames, *, exact: bool, levels: Mapping[str, float]) -> Frames:
    """Return mean and quantiles in seconds."""
    counts = sums["gaps"]
    if not exact:
        counts = counts.select(*KEYS, pl.Series("time", middle_of(counts["class"].to_numpy())), "n")
    found = plain(quantiles(counts, value="time", by=KEYS, levels=levels))
    if not exact:
        means = plain(sums["sums"]).select(*KEYS, mean=pl.col("time") / pl.col("n"))
        found = found.drop("mean").join(means, on=KEYS, how="left", maintain_order="left")
    seconds = [(pl.col(name) / SECOND).round(DIGITS) for name in ("mean", *levels)]
    return {"times": found.select(*KEYS, "n", *seconds, error=pl.lit(0.0 if exact else ERROR)).sort(KEYS)}
