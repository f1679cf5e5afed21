"""How much each channel matters, by what would be lost without it: Markov chains of order 1 to k, solved exactly."""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.errors import Fault, ParameterError, raise_if_any
from cjtools.intervals import DIGITS, wilson
from cjtools.journeys.tallies import add_columns
from cjtools.journeys.touch_paths import CONVERSION, NULL, START, TouchPaths, first_touches, touch_counts
from cjtools.journeys.walks import Whole

ORDER_MOST = 6
ENDINGS = ("converted", "lost", "value")  # what is counted where a journey ends
DENSE_MOST = 600  # states; with more, the system is solved by its few coefficients, which takes scipy
Floats = npt.NDArray[np.float64]


def count_moves(paths: TouchPaths, *, order: int = 1) -> pl.DataFrame:
    """Return the partial of a chain of an order: how often `next` came after the touches back_k … back_1.

    A touch before the beginning is null, and so is `next` at the end of a journey, where `converted`, `lost` and
    `value` are counted; `n` counts the moves. Journeys without a touch are in no chain. Partials merge by adding, with
    the columns of move_keys(order).

    >>> from cjtools.journeys.touch_paths import touch_paths_of_table
    >>> rows = {"path": [["Email"]], "conversions": [2], "lost": [1], "value": [30]}
    >>> count_moves(touch_paths_of_table(pl.DataFrame(rows))).rows()
    [('Email', None, 3, 2, 1, 30), (None, 'Email', 3, 0, 0, 0)]
    """
    check_order(order, len(paths.names))
    first, counts = first_touches(paths), touch_counts(paths)
    into = np.arange(len(paths.journey), dtype=np.int64)
    place = into - np.repeat(first, counts)
    last = first + counts - 1
    inner = packed(paths, into - 1, place, paths.step.astype(np.int64) + 1, order)
    outer = packed(paths, last, counts, np.zeros(len(last), dtype=np.int64), order)
    weight = paths.conversions + paths.lost
    ends = paths.journey[last]
    zeros = np.zeros(len(inner), dtype=np.int64)
    size = (len(paths.names) + 1) ** (order + 1)
    within = add_columns(inner, {"n": weight[paths.journey], **dict.fromkeys(ENDINGS, zeros)}, size)
    endings = {"converted": paths.conversions, "lost": paths.lost, "value": paths.value}
    final = add_columns(outer, {"n": weight[ends], **{name: endings[name][ends] for name in ENDINGS}}, size)
    sums = pl.concat([within, final])  # what follows is a touch in one, nothing in the other: no code is in both
    return unpacked(sums, paths.names, order).sort(move_keys(order), nulls_last=True)


def move_keys(order: int) -> list[str]:
    """Return the columns by which moves are counted.

    >>> move_keys(2)
    ['back_2', 'back_1', 'next']
    """
    return [*(f"back_{place}" for place in range(order, 0, -1)), "next"]


def check_order(order: int, names: int) -> None:
    """Raise an error for an order that cannot be counted."""
    fits = 1 <= order <= ORDER_MOST and (names + 1) ** (order + 1) < 2**63
    fault = Fault("order", f"{order} with {names} channels", f"expected 1 to {ORDER_MOST}, fewer with many channels")
    raise_if_any(ParameterError, "the Markov chain", [] if fits else [fault])


def packed(paths: TouchPaths, row: Whole, known: Whole, following: Whole, order: int) -> Whole:
    """Return one number a move: what follows, and the touches back from `row`, of which `known` are in the journey."""
    base = len(paths.names) + 1
    code, size = following, base
    for back in range(order):
        at = np.maximum(row - back, 0)
        code = code + size * np.where(known > back, paths.step[at].astype(np.int64) + 1, 0)
        size *= base
    return code


def unpacked(sums: pl.DataFrame, names: tuple[str, ...], order: int) -> pl.DataFrame:
    """Return the sums with the names of the touches in place of the number."""
    words = pl.Series([None, *names], dtype=pl.String)
    codes = sums["code"].to_numpy()
    base = len(names) + 1
    columns = [
        words.gather(pl.Series(codes // base**place % base)).alias(name)
        for place, name in reversed(list(enumerate(reversed(move_keys(order)))))
    ]
    return pl.DataFrame(columns).hstack(sums.drop("code"))


@dataclass(frozen=True, eq=False)
class Moves:
    """The probabilities from state to state of a chain: those that are not zero."""

    source: Whole
    target: Whole
    weight: Floats
    size: int

    def toarray(self) -> Floats:
        """Return the whole matrix."""
        matrix = np.zeros((self.size, self.size))
        matrix[self.source, self.target] = self.weight
        return matrix


@dataclass(frozen=True, eq=False)
class Chain:
    """An absorbing chain: the states are the last touches, `last` the latest of them (None at the start)."""

    moves: Moves
    wins: Floats  # probability of a conversion as the next step of a state
    last: npt.NDArray[np.object_]
    start: int
    converted: int
    lost: int
    value: int


def chain_of(moves: pl.DataFrame) -> Chain:
    """Return the chain of merged partials of count_moves."""
    backs = [name for name in moves.columns if name.startswith("back_")]
    states = moves.select(backs).unique().sort(backs, nulls_last=True).with_row_index("state")
    ahead = [*backs[1:], "next"]
    steps = (
        moves.join(states, on=backs, how="left", nulls_equal=True)
        .join(states.rename({"state": "to"}), left_on=ahead, right_on=backs, how="left", nulls_equal=True)
        .with_columns(p=pl.col("n") / pl.col("n").sum().over("state"))
        .sort("state", "to", nulls_last=True)
    )
    inner = steps.filter(pl.col("next").is_not_null())
    ends = steps.filter(pl.col("next").is_null())
    size = states.height
    wins = np.zeros(size)
    wins[ends["state"].to_numpy()] = (ends["p"] * ends["converted"] / ends["n"]).to_numpy()
    return Chain(
        moves=Moves(
            inner["state"].cast(pl.Int64).to_numpy(), inner["to"].cast(pl.Int64).to_numpy(), inner["p"].to_numpy(), size
        ),
        wins=wins,
        last=np.array(states["back_1"].to_list(), dtype=np.object_),
        start=int(states.filter(pl.all_horizontal(pl.col(backs).is_null()))["state"].item()),
        **{name: int(moves[name].sum()) for name in ("converted", "lost", "value")},
    )


def conversion_probability(chain: Chain, *, without: str | None = None) -> float:
    """Return the probability that a journey converts, when each that comes to the channel `without` is lost there.

    The exact solution of h = M h + w over the states that are left: nothing is simulated.
    """
    left = np.array([without is None or name != without for name in chain.last], dtype=np.bool_)
    place, moves = np.cumsum(left) - 1, chain.moves
    kept = left[moves.source] & left[moves.target]
    solution = solve(place[moves.source[kept]], place[moves.target[kept]], moves.weight[kept], chain.wins[left])
    return float(solution[place[chain.start]])


def solve(source: Whole, target: Whole, weight: Floats, wins: Floats) -> Floats:
    """Return h of h = M h + wins, where M has `weight` at (source, target)."""
    if len(wins) > DENSE_MOST:
        solution: Floats = importlib.import_module("cjtools.journeys.sparse_solve").solve(source, target, weight, wins)
        return solution
    system = np.eye(len(wins))
    system[source, target] -= weight
    return np.asarray(np.linalg.solve(system, wins), dtype=np.float64)


def base_rate(chain: Chain) -> float:
    """Return the conversion probability of the whole chain, which is the observed rate; anything else is an error.

    A chain that is fitted on whole journeys passes each state as often as they did, so both are the same number.
    """
    base, observed = conversion_probability(chain), chain.converted / (chain.converted + chain.lost)
    if not math.isclose(base, observed, rel_tol=1e-9, abs_tol=1e-12):
        raise ArithmeticError(
            f"the chain converts {base} of the journeys, {observed} did: the moves are not of whole journeys"
        )
    return base


def removal_effects(moves: pl.DataFrame) -> pl.DataFrame:
    """Return, for each channel, its `removal_effect` and the `conversions` and `value` that it gets by it, sorted.

    The effect is the share of conversions that would be lost with every journey that comes to the channel. Conversions
    and value are given in proportion to it; their sums are those observed in journeys with a touch. `base` is the
    rate of conversion of the `n` journeys. `share` has the interval (Wilson) of a share of `of` conversions. No rows
    where no journey has a touch. Source: Anderl et al. (2016), order 1 to k; solved as an absorbing chain.

    >>> from cjtools.journeys.touch_paths import touch_paths_of_table
    >>> rows = {"path": [["Email", "Ads"], ["Ads"]], "conversions": [1, 1], "lost": [0, 2], "value": [0, 0]}
    >>> effects = removal_effects(count_moves(touch_paths_of_table(pl.DataFrame(rows))))
    >>> effects.select("channel", "removal_effect", "conversions", "base").rows()
    [('Ads', 1.0, 1.6, 0.5), ('Email', 0.25, 0.4, 0.5)]
    """
    if moves.is_empty():
        return pl.DataFrame(schema=EFFECTS)
    chain = chain_of(moves)
    base = base_rate(chain)
    channels = sorted({name for name in chain.last if name is not None})
    effects = [1 - conversion_probability(chain, without=name) / base if base else 0.0 for name in channels]
    frame = pl.DataFrame({"channel": channels, "removal_effect": effects}).with_columns(
        part=pl.col("removal_effect") / math.fsum(effects) if base else pl.lit(0.0),
        of=pl.lit(chain.converted, pl.Int64),
        n=pl.lit(chain.converted + chain.lost, pl.Int64),
        base=pl.lit(round(base, DIGITS)),
    )
    share, low, high = wilson(pl.col("part") * pl.col("of"), pl.col("of"))
    return frame.select(
        "channel",
        pl.col("removal_effect").round(DIGITS),
        conversions=(pl.col("part") * chain.converted).round(DIGITS),
        value=(pl.col("part") * chain.value).round(DIGITS),
        of="of",
        share=share,
        low=low,
        high=high,
        n="n",
        base="base",
    )


EFFECTS = {
    "channel": pl.String,
    **dict.fromkeys(("removal_effect", "conversions", "value"), pl.Float64),
    "of": pl.Int64,
    **dict.fromkeys(("share", "low", "high"), pl.Float64),
    "n": pl.Int64,
    "base": pl.Float64,
}


def transition_shares(moves: pl.DataFrame) -> pl.DataFrame:
    """Return the matrix of merged moves, long: from where (back_k … back_1), `to`, `n`, `of`, `share`, `low`, `high`.

    The ends are (start), (conversion) and (null).

    >>> from cjtools.journeys.touch_paths import touch_paths_of_table
    >>> rows = {"path": [["Email"]], "conversions": [2], "lost": [1], "value": [30]}
    >>> shares = transition_shares(count_moves(touch_paths_of_table(pl.DataFrame(rows))))
    >>> shares.select("back_1", "to", "n", "of").rows()
    [('(start)', 'Email', 3, 3), ('Email', '(conversion)', 2, 3), ('Email', '(null)', 1, 3)]
    """
    backs = [name for name in moves.columns if name.startswith("back_")]
    inner = moves.filter(pl.col("next").is_not_null()).select(*backs, "n", to="next")
    ends = moves.filter(pl.col("next").is_null())
    won = ends.select(*backs, n="converted", to=pl.lit(CONVERSION))
    lost = ends.select(*backs, n="lost", to=pl.lit(NULL))
    rows = pl.concat([inner, won, lost]).filter(pl.col("n") > 0).with_columns(pl.col(backs).fill_null(START))
    share, low, high = wilson(pl.col("n"), pl.col("of"))
    return (
        rows.with_columns(of=pl.col("n").sum().over(backs))
        .select(*backs, "to", "n", "of", share.alias("share"), low, high)
        .sort(*backs, "to")
    )
