"""A fair share for each channel: exact Shapley values over the sets of channels that journeys touched."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.errors import Fault, ParameterError, nearest, raise_if_any
from cjtools.intervals import DIGITS
from cjtools.journeys.tallies import add_columns
from cjtools.journeys.touch_paths import TouchPaths, first_touches, untouched
from cjtools.journeys.walks import Whole

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
    counts = {"conversions": paths.conversions, "lost": paths.lost, "value": paths.value}
    sums = add_columns(masks.astype(np.uint64), counts, 1 << len(used))
    names = pl.Series(paths.names, dtype=pl.String).gather(used)
    place, bit = np.nonzero(sums["code"].to_numpy()[:, None] >> np.arange(len(used)) & 1)
    members = pl.DataFrame({"place": place, "coalition": names.gather(bit)}).sort("place", "coalition")
    lists = members.group_by("place", maintain_order=True).agg("coalition")
    coalitions = sums.with_row_index("place").cast({"place": pl.Int64}).join(lists, on="place", how="left")
    empty = pl.lit([], dtype=pl.List(pl.String))
    return coalitions.select(pl.col("coalition").fill_null(empty), *counts).sort("coalition")


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
    touched = coalitions.filter(pl.col("coalition").list.len() > 0)
    members = touched["coalition"].explode()
    channels = members.unique().sort().to_list()
    check_channels(len(channels), CHANNELS_MOST)
    sets = sets_of(members, touched["coalition"].list.len().to_numpy(), channels)
    won, lost, value = (
        worths(sets, touched[name].to_numpy(), players=len(channels)) for name in ("conversions", "lost", "value")
    )
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


def sets_of(members: pl.Series, sizes: npt.NDArray[np.integer], channels: Sequence[str]) -> Whole:
    """Return each coalition as a number with a bit for each of its channels; its members come one after the other."""
    if not len(sizes):
        return np.zeros(0, dtype=np.int64)
    place = members.cast(pl.Enum(channels)).to_physical().to_numpy().astype(np.int64)
    begins = np.cumsum(sizes, dtype=np.int64) - sizes
    return np.bitwise_or.reduceat(np.int64(1) << place, begins)


def worths(sets: Whole, counts: Whole, *, players: int) -> Floats:
    """Return, for each set of channels (a bit a channel), the sum over the coalitions that lie within it."""
    totals = np.zeros(1 << players)
    np.add.at(totals, sets, counts)
    for place in range(players):
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
        # By size first: what is added is whole where conversions are, and so are its sums.
        added = np.bincount(before.ravel(), weights=(halves[:, 1] - halves[:, 0]).ravel(), minlength=players)
        values.append(math.fsum(weights * added))
    return values
