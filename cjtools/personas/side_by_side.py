"""Personas beside each other: stages, patterns and experience of each, and how far it differs from the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from cjtools.client import Client
from cjtools.intervals import DIGITS, RESAMPLES, SEED, bootstrap_mean, newcombe, wilson
from cjtools.journeys.drop_off import count_drop_off
from cjtools.journeys.patterns import PATTERNS, find_patterns
from cjtools.settings import Stage
from cjtools.tables import Tables

COUNTS = {"measure": pl.String, "name": pl.String, "place": pl.Int64, "n": pl.Int64, "of": pl.Int64}


def count_figures(tables: Tables, touches: pl.DataFrame, profiles: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return the counts of some profiles (profile_id): measure, name, place, n, of.

    Everything is counted as for everybody, of these profiles' touches and orders only.
    """
    theirs = touches.join(profiles, on="profile_id", how="semi", maintain_order="left")
    orders = tables.orders.join(profiles, on="profile_id", how="semi", maintain_order="left")
    return pl.concat([*count_stages(theirs, journey=client.journey), count_patterns(orders, theirs)])


def count_stages(touches: pl.DataFrame, *, journey: Sequence[Stage]) -> Iterator[pl.DataFrame]:
    """Yield the counts of who came to each stage, of everybody, and who went on from it."""
    stages = count_drop_off(touches, journey=journey).filter("instrumented")
    everybody = touches["profile_id"].n_unique()
    yield stages.select(
        measure=pl.lit("reach"), name="stage", place="position", n="profiles", of=pl.lit(everybody)
    ).cast(pl.Schema(COUNTS))
    went = stages.filter(pl.col("went_on").is_not_null())
    yield went.select(measure=pl.lit("went_on"), name="stage", place="position", n="went_on", of="profiles").cast(
        pl.Schema(COUNTS)
    )


def count_patterns(orders: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of the patterns of purchases that anything could show."""
    places = {name: place for place, name in enumerate(PATTERNS)}
    found = find_patterns(orders, touches).filter(pl.col("denominator") > 0)
    return (
        found.with_columns(place=pl.col("pattern").replace_strict(places, return_dtype=pl.Int64))
        .select(measure=pl.lit("pattern"), name="pattern", place="place", n="numerator", of="denominator")
        .cast(pl.Schema(COUNTS))
    )


def place_beside(counts: Mapping[str, pl.DataFrame], rest: Mapping[str, pl.DataFrame], *, minimum: int) -> pl.DataFrame:
    """Return the shares of each persona beside those of all others, with the difference; rows as PersonaFigure.

    `counts` and `rest` hold the rows of count_figures by persona, in the order of the map. A figure that only one side
    has counts nothing of nobody on the other.
    """
    keys = ["measure", "name"]
    parts = []
    for place, persona in enumerate(counts):
        own, others = counts[persona], rest[persona]
        named = pl.concat([own.select(*keys, "place"), others.select(*keys, "place")]).unique(
            keys, keep="first", maintain_order=True
        )
        both = (
            named.join(own.drop("place"), on=keys, how="left", maintain_order="left")
            .join(others.select(*keys, rest_n="n", rest_of="of"), on=keys, how="left", maintain_order="left")
            .with_columns(pl.col("n", "of", "rest_n", "rest_of").fill_null(0))
        )  # fmt: skip
        parts.append(both.with_columns(persona=pl.lit(persona), position=pl.lit(place, pl.Int64)))
    whole = pl.concat(parts) if parts else pl.DataFrame(schema=COUNTS | FIGURE)
    return with_shares(whole, minimum=minimum)


FIGURE = {"rest_n": pl.Int64, "rest_of": pl.Int64, "persona": pl.String, "position": pl.Int64}


def with_shares(rows: pl.DataFrame, *, minimum: int) -> pl.DataFrame:
    """Return rows of counts with both shares and their difference; nothing of a side below the minimum group."""
    n, of, rest_n, rest_of = (pl.col(name) for name in ("n", "of", "rest_n", "rest_of"))
    gap = newcombe(n, of, rest_n, rest_of)
    names = ("difference", "difference_low", "difference_high")
    few, alone = of < minimum, rest_of < minimum
    return rows.with_columns(
        *(
            pl.when(~few).then(each).alias(name)
            for each, name in zip(wilson(n, of), ("value", "low", "high"), strict=True)
        ),
        pl.when(~alone).then(wilson(rest_n, rest_of)[0]).alias("rest"),
        *(pl.when(~few & ~alone).then(each).alias(name) for each, name in zip(gap, names, strict=True)),
    )


def compare_experience(
    said: pl.DataFrame, *, personas: Sequence[str], stages: Sequence[str], minimum: int
) -> pl.DataFrame:
    """Return the experience scores of each stage and persona beside those of all other personas; as PersonaFigure.

    `said` has persona, person, stage and valence. Mean within a participant first, then across participants.
    """
    known = said.filter(
        pl.col("valence").is_not_null() & pl.col("stage").is_not_null() & pl.col("persona").is_not_null()
    )
    within = known.group_by("stage", "persona", "person").agg(mean=pl.col("valence").mean())
    means = within.sort("stage", "persona", "person")
    rows = []
    for position, persona in enumerate(personas):
        for place, stage in enumerate(stages):
            here = means.filter(pl.col("stage") == stage)
            own = here.filter(pl.col("persona") == persona)["mean"].to_list()
            others = here.filter(pl.col("persona") != persona)["mean"].to_list()
            score = bootstrap_mean(own) if len(own) >= minimum else (None,) * 3
            rest = bootstrap_mean(others)[0] if len(others) >= minimum else None
            gap = difference_of_means(own, others) if min(len(own), len(others)) >= minimum else (None,) * 3
            rows.append(("experience", stage, persona, position, place, len(own), len(own), *score, len(others),
                         len(others), rest, *gap))  # fmt: skip
    floats = ("value", "low", "high", "rest", "difference", "difference_low", "difference_high")
    columns = [
        "measure",
        "name",
        "persona",
        "position",
        "place",
        "n",
        "of",
        *floats[:3],
        "rest_n",
        "rest_of",
        *floats[3:],
    ]
    kinds = {name: pl.Float64 if name in floats else pl.Int64 for name in columns}
    return pl.DataFrame(rows, schema=kinds | dict.fromkeys(columns[:3], pl.String), orient="row")


def difference_of_means(a: Sequence[float], b: Sequence[float]) -> tuple[float, float, float]:
    """Return the difference of two means, A minus B, with its 95 % percentile interval by bootstrap over both groups.

    The resamples depend on the two sizes only. Source: Efron and Tibshirani (1993), the two-sample problem.

    >>> difference_of_means([1.0, 1.0], [0.0, 0.0, 0.0])
    (1.0, 1.0, 1.0)
    """
    means = []
    for side, values in enumerate((a, b)):
        people = np.sort(np.asarray(values, dtype=np.float64))
        draws = np.random.default_rng([SEED, len(a), len(b), side]).integers(0, len(people), (RESAMPLES, len(people)))
        means.append((float(people.mean()), people[draws].mean(axis=1)))
    gaps = means[0][1] - means[1][1]
    low, high = np.quantile(gaps, [0.025, 0.975])
    return round(means[0][0] - means[1][0], DIGITS), round(float(low), DIGITS), round(float(high), DIGITS)
