"""What people did on their way, as tables: everything that needs whole journeys, and what totals say instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from cjtools.client import Client
from cjtools.journey_tables import JOURNEY_TABLES, PatternRow, shaped
from cjtools.journeys.patterns import PATTERNS, PatternWindows, find_reported, find_shop_routes, follow_patterns
from cjtools.journeys.touch_walks import day_walk, goal_walk, stage_walk, visit_walk
from cjtools.journeys.walks import ENDED, START
from cjtools.journeys.wave_frame import Frame, frame_of
from cjtools.lanes.cautions import find_cautions
from cjtools.lanes.credited import give_credits
from cjtools.lanes.labels import Labels
from cjtools.lanes.passed import label_routes, list_instead, list_moves, list_paths, pass_funnel, time_stages
from cjtools.lanes.returned import count_returns, stand_at_end
from cjtools.lanes.stage_totals import total_stages
from cjtools.lanes.visited import measure_visits
from cjtools.settings import Wave
from cjtools.tables import Tables


@dataclass(frozen=True)
class Journeys:
    """What people did on their way, a table each (declared in journey_tables.py), and what they rest on.

    `profiles`, `sessions` and `acts` that could be followed: none where all sources are aggregate, and then every table
    but `stage_totals` and what people reported is empty. `totals_only` says so.
    """

    profiles: int
    sessions: int
    acts: int
    purchases: int
    joined: int
    totals_only: bool
    windows: PatternWindows
    funnel: pl.DataFrame
    instead: pl.DataFrame
    times: pl.DataFrame
    paths: pl.DataFrame
    moves: pl.DataFrame
    visits: pl.DataFrame
    lifecycle: pl.DataFrame
    standing: pl.DataFrame
    credits: pl.DataFrame
    all_patterns: pl.DataFrame
    shop_routes: pl.DataFrame
    cautions: pl.DataFrame
    stage_totals: pl.DataFrame

    @property
    def funnel_steps(self) -> pl.DataFrame:
        """The funnel that may be entered anywhere, as charts.funnel_bars takes it."""
        return self.funnel.filter(pl.col("form") == "open")

    @property
    def stage_times(self) -> pl.DataFrame:
        """The times between stages, as charts.stage_times takes them."""
        return self.times.filter(pl.col("kind") == "between").rename({"place": "position"})

    @property
    def stage_moves(self) -> pl.DataFrame:
        """The moves between stages, as charts.transition_matrix takes them."""
        return self.moves.select(
            pl.col("source").fill_null(START),
            pl.col("target").fill_null(ENDED),
            "source_label",
            "target_label",
            pl.when(pl.col("source").is_not_null()).then("source_place").alias("source_position"),
            pl.when(pl.col("target").is_not_null()).then("target_place").alias("target_position"),
            "n",
            pl.col("of").alias("of_out"),
            "value",
            "low",
            "high",
        )

    @property
    def pattern_parts(self) -> pl.DataFrame:
        """Whole patterns, and what people tell of them, as charts.pattern_strip takes them."""
        whole = self.all_patterns.filter(pl.col("by").is_null() | (pl.col("basis") == "reported"))
        return whole.select(
            "pattern",
            pl.when(pl.col("basis") == "reported").then("by").otherwise(pl.lit("")).alias("part"),
            *("value", "low", "high", "numerator", "denominator", "joined", "coverage", "window_days", "basis"),
        )

    @property
    def channel_credits(self) -> pl.DataFrame:
        """What models give to channels, as charts.attribution_bars takes it."""
        return self.credits.select("model", "channel", "conversions", "of", "low", "high", share="value")


def no_journeys() -> Journeys:
    """Return the journeys of nobody.

    >>> no_journeys().profiles
    0
    """
    tables = {name: table.create_empty() for name, table in JOURNEY_TABLES.items()}
    return Journeys(
        profiles=0, sessions=0, acts=0, purchases=0, joined=0, totals_only=False, windows=PatternWindows(), **tables
    )


def follow_journeys(tables: Tables, touches: pl.DataFrame, *, client: Client, wave: Wave, labels: Labels) -> Journeys:
    """Return the journeys of a wave. `tables` and `touches` as evidence.Findings holds them."""
    minimum = client.privacy.minimum_group
    frame = frame_of(touches, client=client, wave=wave)
    walks = {
        "stages": stage_walk(touches),
        "visits": visit_walk(touches, goals=frame.goals),
        "goals": goal_walk(touches, goals=frame.goals),
        "days": day_walk(touches),
    }
    how: dict[str, Any] = {"labels": labels, "minimum": minimum}
    found = {
        "funnel": pass_funnel(walks["stages"], frame, **how),
        "instead": list_instead(walks["stages"], frame, **how),
        "times": time_stages(walks["stages"], walks["goals"], frame, **how),
        "paths": list_paths(walks["stages"], names=labels.stages, minimum=minimum),
        "moves": list_moves(walks["stages"], frame, **how),
        "visits": measure_visits(walks["visits"], touchpoints=client.touchpoints, **how),
        "lifecycle": count_returns(walks["days"], frame),
        "standing": stand_at_end(walks["days"], frame, minimum=minimum),
        "credits": give_credits(touches, frame, minimum=minimum),
        "all_patterns": list_patterns(tables, touches, frame, minimum=minimum),
        "shop_routes": label_routes(find_shop_routes(touches), names=labels.touchpoints, minimum=minimum),
        "stage_totals": total_stages(tables.observations, client=client, labels=labels),
    }
    found["cautions"] = find_cautions(tables, walks, found, frame=frame, labels=labels)
    bought = found["all_patterns"].filter(pl.col("pattern") == "webrooming", pl.col("by").is_null())
    return Journeys(
        profiles=touches["profile_id"].n_unique(),
        sessions=touches["session"].n_unique(),
        acts=touches.filter(pl.col("activity") != "arrival").height,
        purchases=int(bought["all"].sum()),
        joined=int(bought["joined"].sum()),
        totals_only=touches.is_empty() and not tables.observations.is_empty(),
        windows=frame.windows,
        **found,
    )


def list_patterns(tables: Tables, touches: pl.DataFrame, frame: Frame, *, minimum: int) -> pl.DataFrame:
    """Return every pattern, observed and reported, whole and by part; see PatternRow."""
    given = frame.client.patterns
    seen = follow_patterns(tables.orders, touches, until=frame.until, windows=frame.windows)
    told = find_reported(tables.quotes, tables.codings, tables.answers, codes=dict(given.codes), asked=given.answers)
    unit = pl.col("pattern").replace_strict(PATTERNS, return_dtype=pl.String)
    rows = pl.concat(
        [
            seen.with_columns(unit=unit, basis=pl.lit("observed")).select(PatternRow.column_names()),
            told.with_columns(unit=pl.lit("people"), basis=pl.lit("reported")).select(PatternRow.column_names()),
        ]
    )
    kept = shaped(PatternRow, rows.with_columns(of="denominator"), minimum=minimum)
    return kept.with_columns(pl.when(pl.col("basis") == "observed").then(pl.col("value", "low", "high")))
