"""I. Which channels of sessions get the credit of conversions: by rule, by a Markov chain, by fair shares."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

import numpy as np
import polars as pl

from cjtools.errors import Fault, ParameterError, nearest, raise_if_any
from cjtools.intervals import DIGITS
from cjtools.journeys.attribution import DIRECT, HALF_LIFE, MODELS, count_credits, credits_of
from cjtools.journeys.attribution import KEYS as CREDIT_KEYS
from cjtools.journeys.markov import count_moves, move_keys, removal_effects
from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.questions.shared import came_by, chosen, names_of, visits_of, worth_at
from cjtools.journeys.shapley import count_coalitions, give_fair_shares
from cjtools.journeys.shares import shares
from cjtools.journeys.tallies import fresh
from cjtools.journeys.touch_paths import TouchPaths, check_names, condense
from cjtools.journeys.walks import Whole

DECAY, MARKOV, SHAPLEY = "time_decay", "markov", "shapley"
ALL_MODELS = (*MODELS, MARKOV, SHAPLEY)
USUAL = ("first", "last", "linear", "position", MARKOV, SHAPLEY)
CENTS = 100


def credit(
    conversion: Mapping[str, Collection[str]],
    *,
    level: str = "channel",
    models: Sequence[str] = USUAL,
    lookback: int | None = None,
    direct: str = DIRECT,
    order: int = 1,
) -> Question:
    """Return the question of the credit of channels, of the sessions that came before a conversion.

    A touch is a session, by what its first event has at the level; one without is no touch. A session in which
    something of `conversion` (level -> names) happens converts, once, for all that it is worth, and ends the journey
    of its profile: the next session begins another. A touch more than `lookback` microseconds before the end of its
    journey is left out.

    Result "credit": model, channel, conversions, worth (in the currency), of (all conversions), value, low, high,
    effect (removal, for markov). The conversions of each model add up to `of`; those that no touch came before stand
    in a row without channel. Shapley values are exact, and refused for more than 16 channels.
    """
    unknown = [name for name in models if name not in ALL_MODELS]
    faults = [Fault("models", f"no model {name!r}", step=nearest(name, ALL_MODELS)) for name in unknown]
    raise_if_any(ParameterError, "attribution", faults)
    keys = {"credits": CREDIT_KEYS, "moves": move_keys(order), "coalitions": ["coalition"]}
    tables = {
        "credits": any(name in MODELS for name in models),
        "moves": MARKOV in models,
        "coalitions": SHAPLEY in models,
    }
    wanted = {name: by for name, by in keys.items() if tables[name]}
    counting = partial(
        count,
        conversion={level: tuple(names) for level, names in conversion.items()},
        level=level,
        lookback=lookback,
        direct=direct,
        order=order,
        tables=tuple(wanted),
        decay=DECAY in models,
    )
    return Question("credit", counting, wanted, partial(finish, models=tuple(models)))


def count(
    ordered: Ordered,
    *,
    conversion: Mapping[str, Collection[str]],
    level: str,
    lookback: int | None,
    direct: str,
    order: int,
    tables: Collection[str],
    decay: bool,
) -> Frames:
    """Return the partials that the models need.

    Journeys of the same touches are added up first: they are few. Only time decay asks for their times.
    """
    paths = journeys_of(ordered, conversion=conversion, level=level, lookback=lookback)
    short = condense(paths)
    counts = {
        "credits": lambda: count_credits(
            paths if decay else short, direct=direct, half_life=HALF_LIFE if decay else None
        ),
        "moves": lambda: count_moves(short, order=order),
        "coalitions": lambda: count_coalitions(short),
    }
    return {name: counts[name]() for name in tables}


def journeys_of(
    ordered: Ordered, *, conversion: Mapping[str, Collection[str]], level: str, lookback: int | None
) -> TouchPaths:
    """Return the sessions of profiles as touches, in journeys that end with a session that converts."""
    visits, names = visits_of(ordered), names_of(ordered, level)
    check_names(names)
    at = visits.at[visits.first]
    won, when, value = conversions_of(ordered, conversion)
    opens = fresh(visits.profile)
    begins = opens.copy()
    begins[1:] |= won[:-1]
    journey = np.cumsum(begins, dtype=np.int64) - 1
    last = np.flatnonzero(np.append(begins[1:], True)[: len(begins)])
    ended = np.where(won[last], when[last], at[last])
    came = came_by(ordered, level)
    kept = came < len(names)
    if lookback is not None:
        kept &= ended[journey] - at <= lookback
    return TouchPaths(
        journey=journey[kept],
        at=at[kept],
        step=came[kept],
        names=names,
        ended=ended,
        conversions=won[last].astype(np.int64),
        lost=(~won[last]).astype(np.int64),
        value=value[last],
    )


def conversions_of(ordered: Ordered, conversion: Mapping[str, Collection[str]]) -> tuple[np.ndarray, Whole, Whole]:
    """Return of each session whether it converts, when first, and what its conversions are worth together."""
    visits = visits_of(ordered)
    rows = np.flatnonzero(chosen(ordered.acts, conversion)[visits.act])
    session, count = visits.number[rows], len(visits.first)
    won = np.zeros(count, dtype=np.bool_)
    won[session] = True
    when, value = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    first = np.flatnonzero(fresh(session))
    if len(first):
        when[session[first]] = visits.at[rows[first]]
        worth = worth_at(ordered, rows if visits.row is None else visits.row[rows])
        value[session[first]] = np.add.reduceat(worth, first)
    return won, when, value


def finish(sums: Frames, *, models: Sequence[str]) -> Frames:
    """Return the credit of each model, in the order of the models, sorted by channel."""
    parts, rules = [], [name for name in models if name in MODELS]
    if rules:
        parts.append(credits_of(sums["credits"], models=rules)[0])
    if MARKOV in models:
        parts.append(with_model(removal_effects(sums["moves"]).rename({"removal_effect": "effect"}), MARKOV))
    if SHAPLEY in models:
        parts.append(with_model(give_fair_shares(sums["coalitions"]), SHAPLEY))
    place = {name: rank for rank, name in enumerate(models)}
    rows = pl.concat([pl.DataFrame(schema=SHAPE), *parts], how="diagonal_relaxed")
    # The chain knows journeys with a touch only; each model is shown as a share of all conversions.
    whole = all_conversions(sums)
    ranked = rows.with_columns(
        rank=pl.col("model").replace_strict(place, return_dtype=pl.Int64), of=pl.lit(whole, pl.Int64)
    ).sort("rank", "channel", nulls_last=True)
    return {
        "credit": ranked.select(
            "model",
            "channel",
            pl.col("conversions").round(DIGITS),
            (pl.col("value") / CENTS).round(DIGITS).alias("worth"),
            "of",
            *shares(ranked["conversions"], ranked["of"]),
            "effect",
        )
    }


SHAPE = {
    "model": pl.String,
    "channel": pl.String,
    **dict.fromkeys(("conversions", "value", "effect"), pl.Float64),
}


def with_model(rows: pl.DataFrame, model: str) -> pl.DataFrame:
    """Return the columns that all models have, and what is this model's own."""
    kept = [name for name in SHAPE if name in rows.columns]
    return rows.drop("of", strict=False).select(
        pl.lit(model).alias("model"), *(name for name in kept if name != "model")
    )


def all_conversions(sums: Frames) -> int:
    """Return the number of conversions: each is once in a coalition, once the last touch that is not direct."""
    if "coalitions" in sums:
        return int(sums["coalitions"]["conversions"].sum())
    if "credits" in sums:
        return int(sums["credits"].filter(pl.col("non_direct"))["conversions"].sum())
    return int(sums["moves"]["converted"].sum())
