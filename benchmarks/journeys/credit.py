"""Attribution from three small tables of whole numbers, in plain Python: what polars and DuckDB are finished with.

Written apart from `cjtools.journeys`, so that equal answers say something.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

START, WON, LOST = "(start)", "(conversion)", "(null)"
ENDS = 0.4


def by_rules(touches: Iterable[tuple[str, int, int, int]]) -> list[list[object]]:
    """Return the credit of each channel by four rules, where it has any: model, channel, conversions.

    `touches` of converting journeys: channel, place from 0, length of the journey, how many.
    """
    credit: dict[tuple[str, str], float] = {}

    def give(model: str, channel: str, share: float) -> None:
        credit[model, channel] = credit.get((model, channel), 0.0) + share

    for channel, place, length, n in sorted(touches):
        give("first", channel, n * (place == 0))
        give("last", channel, n * (place == length - 1))
        give("linear", channel, n / length)
        at_end = place in (0, length - 1)
        give(
            "position", channel, n / length if length <= 2 else n * (ENDS if at_end else (1 - 2 * ENDS) / (length - 2))
        )
    return [[model, channel, value] for (model, channel), value in sorted(credit.items()) if value]


def markov(moves: Iterable[tuple[str, str, int]]) -> list[list[object]]:
    """Return the conversions that each channel gets by its removal effect, from the moves of a chain of order 1."""
    counts: dict[str, dict[str, int]] = {}
    for source, target, n in sorted(moves):
        counts.setdefault(source, {})[target] = n
    channels = sorted(set(counts) - {START})
    base = chance_of_winning(counts, channels)
    effects = {
        gone: 1 - chance_of_winning(counts, [name for name in channels if name != gone]) / base for gone in channels
    }
    won, whole = sum(row.get(WON, 0) for row in counts.values()), math.fsum(effects.values())
    return [["markov", channel, effect / whole * won] for channel, effect in effects.items() if effect]


def chance_of_winning(counts: dict[str, dict[str, int]], channels: list[str]) -> float:
    """Return the probability to convert from the start through these channels alone, by elimination with pivots."""
    states = [START, *channels]
    rows = []
    for state in states:
        total = sum(counts[state].values())
        row = [(state == other) - counts[state].get(other, 0) / total for other in states]
        rows.append([*row, counts[state].get(WON, 0) / total])
    for at in range(len(states)):
        best = max(range(at, len(states)), key=lambda line: abs(rows[line][at]))
        rows[at], rows[best] = rows[best], rows[at]
        for line in range(len(states)):
            if line != at:
                factor = rows[line][at] / rows[at][at]
                rows[line] = [left - factor * right for left, right in zip(rows[line], rows[at], strict=True)]
    return rows[0][-1] / rows[0][0]


def shapley(coalitions: Iterable[tuple[frozenset[str], int]]) -> list[list[object]]:
    """Return the Shapley value of each channel where a coalition is worth the conversions of journeys within it.

    Each conversion is then shared equally by its distinct channels (Zhao et al. 2018).
    """
    credit: dict[str, float] = {}
    for names, n in sorted(coalitions, key=lambda row: sorted(row[0])):
        for name in names:
            credit[name] = credit.get(name, 0.0) + n / len(names)
    return [["shapley", channel, value] for channel, value in sorted(credit.items())]
