"""The figures of two maps in pairs, each with both intervals and that of the difference where there may be one.

Two figures are compared where what was asked, its scale and its definition are equal; stages of different models on
their bands only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from cjtools.comparing.differences import Difference, Net, mean_difference, net_difference
from cjtools.comparing.pairs import NOTHING, Both, Side, by, differ, of_counts, pair, whole
from cjtools.comparing.people import felt_at, net_of, voices_at
from cjtools.comparing.questions import surveys
from cjtools.comparing.tables import WaveFigure
from cjtools.intervals import bootstrap_mean, net_share
from cjtools.map_tables import ALL
from cjtools.tables import shape_of
from cjtools.words import Words

if TYPE_CHECKING:
    from cjtools.journey_map import JourneyMap

# Patterns without a window: whoever is watched for longer does it more often.
UNBOUND = ("repeat_buyers", "return_same_route", "return_other_route")


def compare_figures(both: Both) -> pl.DataFrame:
    """Return the figures that either map has, in pairs, in the order of the map. Rows as WaveFigure."""
    parts = (experience, sentiment, surveys, conversions, exits, patterns)
    rows = [row for part in parts for row in part(both) if row["before"] is not None or row["now"] is not None]
    placed = [{**row, "position": place} for place, row in enumerate(rows)]
    return WaveFigure.validate(pl.DataFrame(placed, schema=shape_of(WaveFigure)), cast=True)


def experience(both: Both) -> Iterator[dict[str, Any]]:
    """Yield the experience scores of everybody: stages (or bands) and touchpoints."""
    for scope in ("stage" if both.one_model else "band", "touchpoint"):
        felt = [felt_at(journey, scope) for journey in (both.before, both.now)]
        for name in names_at(both, scope):
            means = [each.get(name, {}) for each in felt]
            sides = (scored(means[0], both.before), scored(means[1], both.now))
            yield pair(
                both, "experience", scope, name, sides, unit="score", main=scope != "touchpoint",
                difference=partial(mean_difference, *means),
            )  # fmt: skip


def scored(means: Mapping[str, float], journey: JourneyMap) -> Side:
    """Return the experience score of some people, as score_experience makes it."""
    if len(means) < journey.header.minimum_group:
        return Side(n=len(means))
    return Side(*bootstrap_mean([means[who] for who in sorted(means)]), n=len(means))


def names_at(both: Both, scope: str) -> list[str]:
    """Return the stages, touchpoints or bands of both maps: those of now in their order, then those that went."""
    if scope == "band":
        return ["before", "during", "after"]
    found = [
        (journey.stages if scope == "stage" else journey.touchpoints).sort("position", maintain_order=True)[scope]
        for journey in (both.now, both.before)
    ]
    return list(dict.fromkeys([*found[0], *found[1]]))


def sentiment(both: Both) -> Iterator[dict[str, Any]]:
    """Yield the net sentiments of public voices: in all, of stages (or bands), of touchpoints."""
    reason = None if method_of(both.before) == method_of(both.now) else "definition"
    for scope in ("all", "stage" if both.one_model else "band", "touchpoint"):
        counts = [
            {row["name"]: net_of(row) for row in journey.sentiment.filter(scope="all").iter_rows(named=True)}
            if scope == "all"
            else voices_at(journey, scope)
            for journey in (both.before, both.now)
        ]
        for name in [ALL] if scope == "all" else names_at(both, scope):
            found = [each.get(name) for each in counts]
            sides = [heard(net, journey) for net, journey in zip(found, (both.before, both.now), strict=True)]
            yield pair(
                both, "sentiment", scope, name, sides, unit="net", main=scope == "all", reason=reason,
                difference=partial(of_nets, found),
            )  # fmt: skip


def heard(net: Net | None, journey: JourneyMap) -> Side:
    """Return a net sentiment, as count_sentiment makes it."""
    if net is None or not net.total:
        return NOTHING
    if net.total < journey.header.minimum_group:
        return Side(n=net.total)
    return Side(*net_share(positive=net.positive, negative=net.negative, total=net.total), n=net.total)


def of_nets(nets: Sequence[Net | None]) -> Difference:
    """Return the difference of two net sentiments that are both there."""
    return net_difference(*(net for net in nets if net is not None))


def method_of(journey: JourneyMap) -> list[str | None]:
    """Return how the kit estimated sentiment, where it did."""
    return journey.machine.filter(pl.col("kind") == "sentiment")["method"].to_list()


def conversions(both: Both) -> Iterator[dict[str, Any]]:
    """Yield the shares of profiles that went on from each stage; of one model of stages only."""
    reason = "stages" if not both.one_model else "length" if both.lengths_apart else None
    found = [by(journey.drop_off, "stage") for journey in (both.before, both.now)]
    for name in names_at(both, "stage"):
        rows = [each.get(name) for each in found]
        sides = [
            NOTHING if row is None else Side(row["conversion"], row["low"], row["high"], row["profiles"])
            for row in rows
        ]
        yield pair(
            both, "conversion", "stage", name, sides, unit="share", main=True, reason=reason,
            difference=partial(of_counts, rows, "went_on", "profiles"),
        )  # fmt: skip


def exits(both: Both) -> Iterator[dict[str, Any]]:
    """Yield the exit rates of touchpoints, and the site's own."""
    frames = [journey.behaviour.filter(pl.col("metric") == "exit_rate") for journey in (both.before, both.now)]
    found = [by(frame, "scope", "name") for frame in frames]
    for scope, name in dict.fromkeys([*found[1], *found[0]]):
        rows = [each.get((scope, name)) for each in found]
        sides = [
            NOTHING if row is None else Side(row["value"], row["low"], row["high"], whole(row["denominator"]))
            for row in rows
        ]
        reason = "definition" if differ(rows, "definition") or differ(rows, "unit") else None
        yield pair(
            both, "exit_rate", scope, name, sides, unit="share", reason=reason,
            difference=partial(of_counts, rows, "numerator", "denominator"),
        )  # fmt: skip


def patterns(both: Both) -> Iterator[dict[str, Any]]:
    """Yield the patterns of the journey; of the same window and basis only."""
    found = [by(journey.patterns, "pattern") for journey in (both.before, both.now)]
    for name in dict.fromkeys([*found[1], *found[0]]):
        rows = [each.get(name) for each in found]
        sides = [
            NOTHING if row is None else Side(row["value"], row["low"], row["high"], row["denominator"]) for row in rows
        ]
        reason = "definition" if differ(rows, "window_days") or differ(rows, "basis") else None
        if reason is None and both.lengths_apart and name in UNBOUND:
            reason = "length"
        yield pair(
            both, "pattern", "all", name, sides, unit="share", reason=reason,
            label=pattern_label(both.words, name),
            difference=partial(of_counts, rows, "numerator", "denominator"),
        )  # fmt: skip


def pattern_label(words: Words, name: str) -> str:
    """Return the name of a pattern."""
    return words[f"pattern_{name}"] if words.has("words", f"pattern_{name}") else name
