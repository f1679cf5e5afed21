"""Which channels get the credit of purchases, by rule, by a Markov chain and by fair shares."""

from __future__ import annotations

import numpy as np
import polars as pl

from cjtools.intervals import wilson
from cjtools.journey_tables import Credit, shaped
from cjtools.journeys.arrivals import find_arrivals
from cjtools.journeys.attribution import MODELS, count_credits, give_credit
from cjtools.journeys.channels import LOOKBACK_DAYS
from cjtools.journeys.markov import count_moves, removal_effects
from cjtools.journeys.shapley import CHANNELS_MOST, count_coalitions, give_fair_shares
from cjtools.journeys.touch_paths import TouchPaths, touch_paths
from cjtools.journeys.touch_walks import GOAL
from cjtools.journeys.walks import DAY, OTHERS, microseconds, walk_of
from cjtools.journeys.wave_frame import Frame

CENTS = 100


def give_credits(touches: pl.DataFrame, frame: Frame, *, minimum: int) -> pl.DataFrame:
    """Return what each model gives to each channel; see Credit. Every goal counts, online and in a shop.

    A touch is a visit whose channel is known, at most 90 days before; a goal ends a journey and the next visit begins
    another. Channels beyond the 15 with most visits are one, "<OTHERS>". Worth is in the client's currency, and null
    where a purchase has another one. The conversions of each model add up to the same.
    """
    paths, worth = journeys_to_goals(touches, frame)
    if paths is None or not int(paths.conversions.sum()):
        return Credit.create_empty()
    ruled = give_credit(count_credits(paths)).select("model", "channel", "conversions", "of", worth="value")
    chain = removal_effects(count_moves(paths)).select("channel", "conversions", worth="value", effect="removal_effect")
    # The chain knows journeys with a visit only: the other purchases stand beside it, of the same whole.
    alone = ruled.filter((pl.col("model") == "last") & pl.col("channel").is_null())
    markov = pl.concat([chain, alone.select("channel", "conversions", "worth")], how="diagonal").with_columns(
        pl.lit("markov").alias("model"), of=pl.lit(int(paths.conversions.sum()), pl.Int64)
    )
    fair = give_fair_shares(count_coalitions(paths)).select(
        "channel", "conversions", "of", pl.lit("shapley").alias("model"), worth="value"
    )
    order = {name: place for place, name in enumerate((*MODELS, "markov", "shapley"))}
    rows = (
        pl.concat([ruled, markov, fair], how="diagonal")
        .with_columns(
            place=pl.col("model").replace_strict(order, return_dtype=pl.Int64),
            worth=pl.col("worth") / CENTS if worth else pl.lit(None, pl.Float64),
        )
        .with_columns(wilson(pl.col("conversions"), pl.col("of")))
    )
    return shaped(Credit, rows.sort("place", "channel", nulls_last=True), minimum=minimum)


def journeys_to_goals(touches: pl.DataFrame, frame: Frame) -> tuple[TouchPaths | None, bool]:
    """Return the journeys of visits by channel to goals, and whether what they are worth can be told."""
    visits = find_arrivals(touches).filter(pl.col("channel").is_not_null())
    goals = touches.filter(pl.col("activity").is_in(list(frame.goals))).with_columns(
        number=pl.coalesce("order_id", "event_id")
    )
    goals = goals.unique(["profile_id", "number"], keep="first", maintain_order=True)
    if goals.is_empty():
        return None, False
    currencies = set(goals["currency"].drop_nulls().unique())
    worth = currencies <= {frame.client.client.currency} and goals["value"].count() > 0
    cents = (pl.col("value").cast(pl.Float64).fill_null(0) * CENTS).round().cast(pl.Int64)
    steps = pl.concat(
        [
            few_channels(visits).select("profile_id", "at", step="channel", order=0, cents=pl.lit(0, pl.Int64)),
            goals.select("profile_id", at="timestamp", step=pl.lit(GOAL), order=1, cents=cents),
        ]
    ).sort("profile_id", "at", "order", "step", "cents")
    ordered = steps.with_row_index("row")
    walk = walk_of(ordered.with_columns(microseconds(ordered, "at").alias("at")), path="profile_id", at="at",
                   step="step", order=["row"])  # fmt: skip
    value = ordered["cents"].to_numpy()
    return touch_paths(walk, conversion=GOAL, lookback=LOOKBACK_DAYS * DAY, value=np.asarray(value)), worth


def few_channels(visits: pl.DataFrame) -> pl.DataFrame:
    """Return visits with the channels beyond the most that fair shares can be computed of as one."""
    sizes = visits.group_by("channel").len().sort("len", "channel", descending=[True, False])
    rest = sizes["channel"].slice(CHANNELS_MOST - 1) if sizes.height > CHANNELS_MOST else sizes["channel"].clear()
    named = pl.when(pl.col("channel").is_in(rest.implode())).then(pl.lit(OTHERS)).otherwise("channel")
    return visits.with_columns(channel=named)
