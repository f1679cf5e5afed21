"""How many groups come back when others are asked, and whether that is more than chance would give."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from cjtools.intervals import DIGITS
from cjtools.personas.segments.features import COUNTED
from cjtools.personas.tables import SegmentCount

GROUPS = (2, 3, 4, 5, 6)  # numbers of groups that are tried
RESAMPLES = 6  # pairs of halves
SHUFFLES = 12  # data without structure that the figure is held against
STARTS = 3  # of each grouping
CLEAR = 0.1  # by so much it must be above the largest of the shuffled data …
STABLE = 0.7  # … and two halves must agree at least so well
MOST = 1000  # profiles that stability is measured on; all are grouped

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


def standardised(features: pl.DataFrame) -> Floats:
    """Return the features as numbers of like weight: a row a profile, mean 0; counts by their logarithm.

    Features of one kind (all channels, all stages) weigh together as much as one that stands alone twice, so that what
    comes in many columns does not decide all.
    """
    names = [name for name in features.columns if name != "profile_id"]
    logs = [pl.col(name).log1p() if name in COUNTED else pl.col(name) for name in names]
    values = features.select(logs).to_numpy().astype(np.float64)
    spread = values.std(axis=0)
    kinds = [name.partition(".")[0] for name in names]
    weight = np.sqrt([min(1.0, 2 / kinds.count(kind)) for kind in kinds])
    return np.asarray((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0) * weight, dtype=np.float64)


def measure_stability(values: Floats, *, seed: int, groups: Sequence[int] = GROUPS) -> pl.DataFrame:
    """Return how well each number of groups comes back, beside data without structure; rows as SegmentCount.

    Two disjoint halves, drawn by the seed, are grouped (k-means), both groupings are carried on to everyone, and held
    against each other: adjusted Rand (Hubert and Arabie 1985), mean over the pairs. Without structure: each column
    shuffled by itself, which keeps what each feature looks like and breaks what goes together. `clear` is a figure of
    at least 0.7 that is 0.1 above the largest of the shuffled data; the clear number with the largest lead is chosen.
    """
    sample = sampled(values, seed=seed)
    rng = np.random.default_rng([seed, 1])
    shuffled = [rng.permuted(sample, axis=0) for _ in range(SHUFFLES)]
    with threadpool_limits(1):
        own = {k: stability(sample, k, seed=seed) for k in groups}
        nulls = {k: [stability(each, k, seed=seed + place) for place, each in enumerate(shuffled, 1)] for k in groups}
    rows = [(k, own[k], float(np.mean(nulls[k])), max(nulls[k])) for k in groups]
    return SegmentCount.validate(chosen(rows), cast=True)


def chosen(rows: Sequence[tuple[int, float, float, float]]) -> pl.DataFrame:
    """Return rows of groups, stability, mean and most of the null with `clear` and `chosen`.

    >>> chosen([(2, 0.9, 0.6, 0.85), (3, 0.95, 0.5, 0.6)])["chosen"].to_list()
    [False, True]
    """
    schema = {"groups": pl.Int64, "stability": pl.Float64, "null_mean": pl.Float64, "null_most": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col(pl.Float64).round(DIGITS))
    # 0.9 − 0.8 is less than 0.1 in floating point: rounded, so that the bound itself is clear.
    lead = (pl.col("stability") - pl.col("null_most")).round(DIGITS)
    marked = frame.with_columns(clear=(pl.col("stability") >= STABLE) & (lead >= CLEAR), lead=lead)
    best = marked.filter("clear").sort("lead", "groups", descending=[True, False]).head(1)["groups"].implode()
    return marked.with_columns(chosen=pl.col("groups").is_in(best)).drop("lead")


def sampled(values: Floats, *, seed: int) -> Floats:
    """Return all profiles, or so many as stability is measured on."""
    if len(values) <= MOST:
        return values
    rows = np.random.default_rng([seed, 2]).choice(len(values), MOST, replace=False)
    return values[np.sort(rows)]


def stability(values: Floats, groups: int, *, seed: int) -> float:
    """Return how well two halves agree on so many groups, mean over the pairs; 1 is fully, 0 as by chance."""
    half = len(values) // 2
    if half < groups:
        return 0.0
    found = []
    for pair in range(RESAMPLES):
        order = np.random.default_rng([seed, groups, pair]).permutation(len(values))
        sides = [centres_of(values[part], groups, seed=seed) for part in (order[:half], order[half : 2 * half])]
        labels = [nearest_centre(values, centres) for centres in sides]
        found.append(float(adjusted_rand_score(*labels)))
    return round(float(np.mean(found)), DIGITS)


def centres_of(values: Floats, groups: int, *, seed: int) -> Floats:
    """Return the centres of so many groups by k-means; in one thread the same for the same rows and seed."""
    with warnings.catch_warnings():
        # Fewer distinct profiles than groups: there are then fewer groups.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = KMeans(n_clusters=groups, n_init=STARTS, random_state=seed).fit(values)
    return np.asarray(fitted.cluster_centers_, dtype=np.float64)


def nearest_centre(values: Floats, centres: Floats) -> Labels:
    """Return the number of the nearest centre of each row; of equally near ones the first."""
    squares = np.stack([((values - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
    return np.asarray(squares.argmin(axis=1), dtype=np.int64)
