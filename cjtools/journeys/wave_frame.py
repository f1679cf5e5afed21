"""By what the journeys of a wave are cut: its edges, its stages, what counts as arriving, the windows."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass

import polars as pl

from cjtools.client import Client
from cjtools.journeys.patterns import PatternWindows
from cjtools.journeys.patterns.purchases import BOUGHT
from cjtools.settings import Wave


@dataclass(frozen=True)
class Frame:
    """What the measures of a wave are cut and labelled by."""

    client: Client
    wave: Wave
    stages: tuple[str, ...]  # of the journey, in order, at which anything was seen
    goals: tuple[str, ...]  # activities that mean: arrived
    goal_stage: str | None
    windows: PatternWindows

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The client's time zone."""
        return zoneinfo.ZoneInfo(self.client.client.timezone)

    @property
    def start(self) -> dt.datetime:
        """The first moment of the wave."""
        return dt.datetime.combine(self.wave.from_, dt.time(), self.zone).astimezone(dt.UTC)

    @property
    def last(self) -> dt.datetime:
        """The last microsecond of the wave."""
        return self.until - dt.timedelta(microseconds=1)

    @property
    def until(self) -> dt.datetime:
        """The first moment after the wave."""
        return dt.datetime.combine(self.wave.to + dt.timedelta(days=1), dt.time(), self.zone).astimezone(dt.UTC)


def goals_of(client: Client) -> tuple[str, ...]:
    """Return the activities that mean: arrived. A purchase is one online and in a shop."""
    return BOUGHT if client.map.goal in BOUGHT else (client.map.goal,)


def frame_of(touches: pl.DataFrame, *, client: Client, wave: Wave) -> Frame:
    """Return by what the measures of a client's wave are cut."""
    seen = set(touches["stage"].drop_nulls().unique())
    goals = goals_of(client)
    named = next((row.id for row in client.journey if set(goals) & set(row.entry)), None)
    placed = touches.filter(pl.col("activity").is_in(goals))["stage"].drop_nulls()
    given = client.patterns
    return Frame(
        client=client,
        wave=wave,
        stages=tuple(row.id for row in client.journey if row.id in seen),
        goals=goals,
        goal_stage=named or (placed.mode().sort()[0] if placed.len() else None),
        windows=PatternWindows(
            given.window_days, given.abandoned_days, given.message_days, tuple(sorted(set(given.other_windows)))
        ),
    )
