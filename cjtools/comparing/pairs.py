"""A figure of two maps as a pair: both values with their intervals, and their difference where there may be one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from cjtools.comparing.differences import Difference, share_difference
from cjtools.words import Words

if TYPE_CHECKING:
    from cjtools.journey_map import JourneyMap

Row = Mapping[str, Any]
# Waves whose lengths differ by more than this share of the longer one do not give people the same time to go on.
LENGTHS_APART = 0.1


@dataclass(frozen=True)
class Both:
    """Two maps to be compared, and what keeps some of their figures apart."""

    before: JourneyMap
    now: JourneyMap

    @property
    def words(self) -> Words:
        """The words of the reader."""
        return self.now.words

    @property
    def one_model(self) -> bool:
        """Say whether both maps have the same stages in the same order and bands."""
        models = [journey.stages.sort("position").select("stage", "band").rows() for journey in (self.before, self.now)]
        return models[0] == models[1]

    @property
    def lengths_apart(self) -> bool:
        """Say whether one wave is so much longer than the other that people had more time in it."""
        days = sorted((each.header.period_to - each.header.period_from).days + 1 for each in (self.before, self.now))
        return days[1] - days[0] > LENGTHS_APART * days[1]

    def name_of(self, scope: str, name: str) -> str:
        """Return how a stage, touchpoint or band is called on the map of now, else on the one before."""
        if scope == "all":
            return self.words["everybody"]
        if scope == "band":
            return self.words.of("bands", name)
        for journey in (self.now, self.before):
            frame = journey.stages if scope == "stage" else journey.touchpoints
            labels = frame.filter(pl.col(scope) == name)["label"]
            if len(labels):
                return str(labels[0])
        return name


@dataclass(frozen=True)
class Side:
    """One figure in one wave: its value (null when withheld or not measured), its interval, and its n."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None


NOTHING = Side()


def pair(
    both: Both,
    kind: str,
    scope: str,
    name: str,
    sides: Sequence[Side],
    *,
    unit: str,
    reason: str | None = None,
    difference: Callable[[], Difference],
    main: bool = False,
    label: str = "",
    scale: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Return one pair; `reason` keeps it apart, else the first thing that is missing does."""
    before, now = sides
    apart = reason or missing(before, "before") or missing(now, "now")
    gap = None if apart else difference()
    return {
        "metric": f"{kind}.{scope}.{name}",
        "label": label or both.words.of("comparing", f"figure_{kind}").format(where=both.name_of(scope, name)),
        "unit": unit,
        **{f"before{end}": value for end, value in ends(before)},
        **{f"now{end}": value for end, value in ends(now)},
        "difference": gap and gap.value,
        "low": gap and gap.low,
        "high": gap and gap.high,
        "comparable": apart is None,
        "reason": apart,
        "scale_min": scale and scale[0],
        "scale_max": scale and scale[1],
        "kind": kind,
        "scope": scope,
        "name": name,
        "main": main,
    }


def ends(side: Side) -> list[tuple[str, float | None]]:
    """Return a side by the ends of its columns."""
    return [("", side.value), ("_low", side.low), ("_high", side.high), ("_n", side.n)]


def missing(side: Side, wave: str) -> str | None:
    """Return why a wave has no value: not measured, or of too few."""
    return None if side.value is not None else "too_few" if side.n else f"missing_{wave}"


def by(frame: pl.DataFrame, *keys: str) -> dict[Any, Row]:
    """Return rows by their key."""
    return {row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys): row for row in frame.to_dicts()}


def of_counts(rows: Sequence[Row | None], part: str, whole: str) -> Difference:
    """Return the difference of two shares by the counts of their rows."""
    before, now = ((int(row[part]), int(row[whole])) for row in rows if row is not None)
    return share_difference(before, now)


def whole(value: float | None) -> int | None:
    """Return a count as a whole number."""
    return None if value is None else int(value)


def differ(rows: Sequence[Row | None], column: str) -> bool:
    """Say whether both rows are there and say different things in a column."""
    return len({row[column] for row in rows if row is not None}) > 1
