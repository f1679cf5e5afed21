"""Segments that behaviour suggests, or that there are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from cjtools.client import Client
from cjtools.intervals import newcombe, wilson
from cjtools.personas.segments.features import profile_features, telling
from cjtools.personas.segments.stability import (
    Labels,
    centres_of,
    measure_stability,
    nearest_centre,
    standardised,
)
from cjtools.personas.tables import SEGMENT_TABLES, Segment, SegmentFact
from cjtools.tables import Tables

FEWEST_PROFILES = 60  # below this halves are too small to be grouped
TOP = 5  # facts of a segment that are told


@dataclass(frozen=True)
class Segments:
    """What grouping by behaviour found: `found` is false where no number of groups was clearly above chance.

    `counts` has every number that was tried, `segments` and `facts` the groups (empty where none were found),
    `members` profile_id and segment: for work inside the house, never for a page. `profiles` were grouped by
    `features`.
    """

    found: bool
    profiles: int
    features: tuple[str, ...]
    seed: int
    counts: pl.DataFrame
    segments: pl.DataFrame
    facts: pl.DataFrame
    members: pl.DataFrame


def suggest_segments(tables: Tables, touches: pl.DataFrame, *, client: Client, seed: int = 1) -> Segments:
    """Return segments of the profiles of a wave by what they did, or that no structure was found.

    `tables` and `touches` as evidence.Findings holds them. The same data and seed give the same segments, whatever
    order the rows came in. See personas.segments.stability for how the number of groups is chosen. Groups that come
    back are a way to cut, not a proof that there are kinds of people: name them only with interviews beside them.
    """
    return group_features(
        profile_features(tables, touches, client=client), minimum=client.privacy.minimum_group, seed=seed
    )


def group_features(features: pl.DataFrame, *, minimum: int, seed: int) -> Segments:
    """Return segments of rows of features (profile_id and numbers), or that no structure was found."""
    ready = telling(features.sort("profile_id"))
    names = tuple(name for name in ready.columns if name != "profile_id")
    empty = {name: table.create_empty() for name, table in SEGMENT_TABLES.items()}
    nobody = pl.DataFrame(schema={"profile_id": pl.String, "segment": pl.String})
    if ready.height < FEWEST_PROFILES or not names:
        return Segments(found=False, profiles=ready.height, features=names, seed=seed, members=nobody, **empty)
    values = standardised(ready)
    counts = measure_stability(values, seed=seed)
    best = counts.filter("chosen")["groups"].to_list()
    if not best:
        return Segments(found=False, profiles=ready.height, features=names, seed=seed, members=nobody,
                        **{**empty, "counts": counts})  # fmt: skip
    with threadpool_limits(1):
        group = named(nearest_centre(values, centres_of(values, best[0], seed=seed)))
    members = ready.select("profile_id", segment=group)
    return Segments(
        found=True,
        profiles=ready.height,
        features=names,
        seed=seed,
        counts=counts,
        segments=sized(members, minimum=minimum),
        facts=tell_apart(ready, members, minimum=minimum),
        members=members,
    )


def named(group: Labels) -> pl.Series:
    """Return groups as S1, S2 …: the largest first, of equal ones that of the first profile.

    >>> named(np.array([4, 2, 2])).to_list()
    ['S2', 'S1', 'S1']
    """
    numbers, first, sizes = np.unique(group, return_index=True, return_counts=True)
    order = sorted(range(len(numbers)), key=lambda place: (-sizes[place], first[place]))
    names = {int(numbers[place]): f"S{rank}" for rank, place in enumerate(order, 1)}
    return pl.Series("segment", [names[int(number)] for number in group], dtype=pl.String)


def sized(members: pl.DataFrame, *, minimum: int) -> pl.DataFrame:
    """Return the segments with their share of all; one smaller than the minimum group has none."""
    counts = members.group_by("segment").len("n").with_columns(of=pl.lit(members.height), n=pl.col("n").cast(pl.Int64))
    shares = counts.with_columns(wilson(pl.col("n"), pl.col("of")))
    few = pl.col("n") < minimum
    kept = shares.with_columns(pl.when(~few).then(name).alias(name) for name in ("value", "low", "high"))
    return Segment.validate(kept.sort("segment").select(Segment.column_names()), cast=True)


def tell_apart(features: pl.DataFrame, members: pl.DataFrame, *, minimum: int) -> pl.DataFrame:
    """Return what sets each segment apart from all others, the largest difference first; rows as SegmentFact.

    A profile has a feature when it was ever so, or (of numbers) when it has more of it than half of all. Only what
    differs beyond its interval is told.
    """
    having = has_feature(features).join(members, on="profile_id")
    counts = having.group_by("segment", "feature").agg(n=pl.col("has").sum().cast(pl.Int64), of=pl.len().cast(pl.Int64))
    rest = (pl.col(name).sum().over("feature") - pl.col(name) for name in ("n", "of"))
    both = counts.with_columns(each.alias(f"rest_{name}") for name, each in zip(("n", "of"), rest, strict=True))
    gap = newcombe(*(pl.col(name) for name in ("n", "of", "rest_n", "rest_of")))
    names = ("difference", "difference_low", "difference_high")
    shares = both.with_columns(
        *wilson(pl.col("n"), pl.col("of")),
        wilson(pl.col("rest_n"), pl.col("rest_of"))[0].alias("rest"),
        *(each.alias(name) for each, name in zip(gap, names, strict=True)),
    )
    sure = (pl.col("difference_low") > 0) | (pl.col("difference_high") < 0)
    told = shares.filter(sure & (pl.col("of") >= minimum) & (pl.col("rest_of") >= minimum))
    ranked = told.sort("segment", pl.col("difference").abs(), "feature", descending=[False, True, False])
    rank = pl.int_range(1, pl.len() + 1).over("segment")
    rows = ranked.with_columns(rank=rank, more=pl.col("difference") > 0).filter(pl.col("rank") <= TOP)
    return SegmentFact.validate(rows.select(SegmentFact.column_names()), cast=True)


def has_feature(features: pl.DataFrame) -> pl.DataFrame:
    """Return profile_id, feature and whether the profile has it: more than none, or more than half of all have."""
    names = [name for name in features.columns if name != "profile_id"]
    having = [(pl.col(name) > pl.col(name).median()).alias(name) for name in names]
    return features.select("profile_id", *having).unpivot(index="profile_id", variable_name="feature", value_name="has")
