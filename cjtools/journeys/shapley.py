"""A fair share for each channel: exact Shapley values over the sets of channels that journeys touched."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.errors import Fault, ParameterError, nearest, raise_if_any
from cjtools.intervals import DIGITS
from cjtools.journeys.touch_paths import TouchPaths, first_touches, untouched

WORTHS = ("conversions", "rate")
CHANNELS_MOST = 16  # 2^16 coalitions; a longer list is for the long tail, which belongs in one channel
CODES_MOST = 62  # bits of a whole number
Floats = npt.NDArray[np.float64]


def count_coalitions(paths: TouchPaths) -> pl.DataFrame:
    """Return the partial: `conversions`, `lost` and `value` of the journeys that touched just this `coalition`.

    A coalition is the sorted list of the channels of a journey; that of one without a touch is empty. Partials merge by
    adding (walks.merge with "coalition").

    >>> from cjtools.journeys.touch_paths import touch_paths_of_table
    >>> rows = {"path": [["b", "a"], ["a", "b", "a"]], "conversions": [1, 1], "lost": [0, 2], "value": [3, 4]}
    >>> count_coalitions(touch_paths_of_table(pl.DataFrame(rows))).rows()
    [(['a', 'b'], 2, 2, 7)]
    """
    used = np.flatnonzero(np.bincount(paths.step, minlength=len(paths.names)))
    check_channels(len(used), CODES_MOST)
    place = np.zeros(len(paths.names), dtype=np.int64)
    place[used] = np.arange(len(used))
    masks = np.zeros(len(paths.ended), dtype=np.int64)
    if len(paths.step):
        masks[~untouched(paths)] = np.bitwise_or.reduceat(np.int64(1) << place[paths.step], first_touches(paths))
    sums = (
        pl.DataFrame({"mask": masks, "conversions": paths.conversions, "lost": paths.lost, "value": paths.value})
        .group_by("mask")
        .agg(pl.all().sum())
    )
    names = sorted((paths.names[code], bit) for bit, code in enumerate(used))
    sets = [[name for name, bit in names if mask >> bit & 1] for mask in sums["mask"]]
    coalition = pl.Series("coalition", sets, dtype=pl.List(pl.String))
    return sums.drop("mask").insert_column(0, coalition).sort("coalition")


def check_channels(count: int, most: int) -> None:
    """Raise an error when there are too many channels."""
    fault = Fault("channels", f"{count} of them", f"expected {most} at most", "put the smallest into one channel")
    raise_if_any(ParameterError, "the Shapley values", [fault] if count > most else [])


def give_fair_shares(coalitions: pl.DataFrame, *, worth: str = "conversions") -> pl.DataFrame:
    """Return the Shapley value of each channel, as `conversions` and the `share` of all `of` conversions.

    What a coalition is worth: by "conversions", the conversions of journeys that touched nothing else (then each
    conversion is shared equally by its distinct channels: Zhao et al. 2018); by "rate", the share of those journeys
    that converted, times all journeys, so that a channel whose journeys convert less often than the others' can lose
    (its share is then below zero). Both add up to the conversions of journeys with a touch; those without one stand in
    a row without channel. Exact: all coalitions of up to 16 channels. `value` is shared in the first way only.

    >>> counts = {"coalition": [["a"], ["a", "b"]], "conversions": [1, 2], "lost": [0, 1], "value": [0, 10]}
    >>> give_fair_shares(pl.DataFrame(counts)).select("channel", "conversions", "value").rows()
    [('a', 2.0, 5.0), ('b', 1.0, 5.0)]
    """
    faults = [] if worth in WORTHS else [Fault("worth", f"no worth {worth!r}", step=nearest(worth, WORTHS))]
    raise_if_any(ParameterError, "the Shapley values", faults)
    channels = sorted(set(coalitions["coalition"].explode().drop_nulls()))
    check_channels(len(channels), CHANNELS_MOST)
    touched = coalitions.filter(pl.col("coalition").list.len() > 0)
    won, lost, value = (worths(touched, name, channels) for name in ("conversions", "lost", "value"))
    game = won if worth == "conversions" else rates(won, lost)
    alone = coalitions.filter(pl.col("coalition").list.len() == 0)
    unjoined = int(alone["value"].sum())
    return with_shares(
        pl.DataFrame(
            {
                "channel": [*channels, None],
                "conversions": [*shapley_values(game), int(alone["conversions"].sum())],
                "value": [*(shapley_values(value) if worth == "conversions" else [None] * len(channels)), unjoined],
            },
            schema={"channel": pl.String, "conversions": pl.Float64, "value": pl.Float64},
            strict=False,
        ),
        of=int(coalitions["conversions"].sum()),
        n=int(coalitions["conversions"].sum()) + int(coalitions["lost"].sum()),
    )


def with_shares(given: pl.DataFrame, *, of: int, n: int) -> pl.DataFrame:
    """Return credits with their share of the conversions; the row without channel only where it has any."""
    return given.filter(pl.col("channel").is_not_null() | (pl.col("conversions") > 0)).select(
        "channel",
        pl.col("conversions", "value").round(DIGITS),
        of=pl.lit(of, pl.Int64),
        share=(pl.col("conversions") / of).round(DIGITS) if of else pl.lit(None, pl.Float64),
        n=pl.lit(n, pl.Int64),
    )


def worths(coalitions: pl.DataFrame, column: str, channels: Sequence[str]) -> Floats:
    """Return, for each set of channels (a bit a channel), the sum over the coalitions that lie within it."""
    bit = {name: 1 << place for place, name in enumerate(channels)}
    totals = np.zeros(1 << len(channels))
    for names, count in coalitions.select("coalition", column).iter_rows():
        totals[sum(bit[name] for name in names)] += count
    for place in range(len(channels)):
        halves = totals.reshape(-1, 2, 1 << place)  # [:, 1] are the sets with this channel
        halves[:, 1] += halves[:, 0]
    return totals


def rates(won: Floats, lost: Floats) -> Floats:
    """Return the rate of conversion of each set, times all journeys; 0 where it has none."""
    journeys = won + lost
    scaled: Floats = np.divide(won, journeys, out=np.zeros_like(won), where=journeys > 0) * journeys[-1]
    return scaled


def shapley_values(worth: Floats) -> list[float]:
    """Return the exact Shapley value of each player of a game, given the worth of each set (a bit a player).

    Source: Shapley (1953): the mean of what a player adds, over all orders in which the players can come.

    >>> shapley_values(np.array([0.0, 1.0, 2.0, 4.0]))  # nobody, the first, the second, both
    [1.5, 2.5]
    """
    players = len(worth).bit_length() - 1
    weights = np.array(
        [1 / (players * math.comb(players - 1, size)) for size in range(players)] or [0.0], dtype=np.float64
    )
    sizes = np.bitwise_count(np.arange(len(worth), dtype=np.uint64)).astype(np.int64)
    values = []
    for place in range(players):
        halves = worth.reshape(-1, 2, 1 << place)
        before = sizes.reshape(-1, 2, 1 << place)[:, 0]
        values.append(math.fsum((weights[before] * (halves[:, 1] - halves[:, 0])).ravel()))
    return values
