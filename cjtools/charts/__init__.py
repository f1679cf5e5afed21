"""The pictures of the map, of its sources and of its texts: one a file, an index here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
import polars as pl

from cjtools.charts.coverage_grid import coverage_grid, coverage_grid_table
from cjtools.charts.drop_off_bars import drop_off_bars, drop_off_bars_table
from cjtools.charts.exit_rates import exit_rates, exit_rates_table
from cjtools.charts.experience_curve import experience_curve, experience_curve_table
from cjtools.charts.saturation_curve import saturation_curve, saturation_curve_table
from cjtools.charts.sentiment_bars import sentiment_bars, sentiment_bars_table
from cjtools.charts.source_calendar import source_calendar, source_calendar_table
from cjtools.charts.theme_people import theme_people, theme_people_table
from cjtools.charts.touchpoint_scores import touchpoint_scores, touchpoint_scores_table

Draw = Callable[..., alt.LayerChart]
Tabulate = Callable[..., pl.DataFrame]


@dataclass(frozen=True)
class Picture:
    """A chart, its data-only twin, and the table of the map, the inventory or the study that both are drawn from."""

    draw: Draw
    tabulate: Tabulate
    frame: str


CHARTS: dict[str, Picture] = {
    "experience_curve": Picture(experience_curve, experience_curve_table, "experience"),
    "drop_off_bars": Picture(drop_off_bars, drop_off_bars_table, "drop_off"),
    "exit_rates": Picture(exit_rates, exit_rates_table, "behaviour"),
    "sentiment_bars": Picture(sentiment_bars, sentiment_bars_table, "sentiment"),
    "touchpoint_scores": Picture(touchpoint_scores, touchpoint_scores_table, "experience"),
    "coverage_grid": Picture(coverage_grid, coverage_grid_table, "coverage"),
    "source_calendar": Picture(source_calendar, source_calendar_table, "spans"),
    "saturation_curve": Picture(saturation_curve, saturation_curve_table, "saturation"),
    "theme_people": Picture(theme_people, theme_people_table, "themes"),
}

__all__ = [
    "CHARTS",
    "Picture",
    "coverage_grid",
    "drop_off_bars",
    "exit_rates",
    "experience_curve",
    "saturation_curve",
    "sentiment_bars",
    "source_calendar",
    "theme_people",
    "touchpoint_scores",
]
