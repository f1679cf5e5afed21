"""The pictures of the map, of its sources and of its texts: one a file, an index here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
import polars as pl

from cjtools.charts.attribution_bars import attribution_bars, attribution_bars_table
from cjtools.charts.coverage_grid import coverage_grid, coverage_grid_table
from cjtools.charts.crosscheck_table import crosscheck_table, crosscheck_table_table
from cjtools.charts.drop_off_bars import drop_off_bars, drop_off_bars_table
from cjtools.charts.exit_rates import exit_rates, exit_rates_table
from cjtools.charts.experience_curve import experience_curve, experience_curve_table
from cjtools.charts.frames import CHART_TABLES
from cjtools.charts.funnel_bars import funnel_bars, funnel_bars_table
from cjtools.charts.matrix_curve import matrix_curve
from cjtools.charts.objective_bullets import objective_bullets, objective_bullets_table
from cjtools.charts.opportunity_matrix import opportunity_matrix, opportunity_matrix_table
from cjtools.charts.pattern_strip import pattern_strip, pattern_strip_table
from cjtools.charts.persona_card import persona_card, persona_card_table
from cjtools.charts.saturation_curve import saturation_curve, saturation_curve_table
from cjtools.charts.sentiment_bars import sentiment_bars, sentiment_bars_table
from cjtools.charts.source_calendar import source_calendar, source_calendar_table
from cjtools.charts.stage_flow import stage_flow, stage_flow_table
from cjtools.charts.stage_times import stage_times, stage_times_table
from cjtools.charts.theme_people import theme_people, theme_people_table
from cjtools.charts.theme_stage import theme_stage, theme_stage_table
from cjtools.charts.touchpoint_scores import touchpoint_scores, touchpoint_scores_table
from cjtools.charts.touchpoint_stage_grid import touchpoint_stage_grid, touchpoint_stage_grid_table
from cjtools.charts.transition_matrix import transition_matrix, transition_matrix_table
from cjtools.charts.wave_comparison import wave_comparison, wave_comparison_table

Draw = Callable[..., alt.LayerChart]
Tabulate = Callable[..., pl.DataFrame]


@dataclass(frozen=True)
class Picture:
    """A chart, its data-only twin, and the table (of the map, the inventory, the study, or CHART_TABLES) of both."""

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
    "stage_flow": Picture(stage_flow, stage_flow_table, "paths"),
    "touchpoint_stage_grid": Picture(touchpoint_stage_grid, touchpoint_stage_grid_table, "touchpoint_stages"),
    "pattern_strip": Picture(pattern_strip, pattern_strip_table, "pattern_parts"),
    "opportunity_matrix": Picture(opportunity_matrix, opportunity_matrix_table, "opportunities"),
    "persona_card": Picture(persona_card, persona_card_table, "persona_facts"),
    "crosscheck_table": Picture(crosscheck_table, crosscheck_table_table, "verdicts"),
    "objective_bullets": Picture(objective_bullets, objective_bullets_table, "objectives"),
    "theme_stage": Picture(theme_stage, theme_stage_table, "theme_stages"),
    "wave_comparison": Picture(wave_comparison, wave_comparison_table, "wave_pairs"),
    "funnel_bars": Picture(funnel_bars, funnel_bars_table, "funnel_steps"),
    "stage_times": Picture(stage_times, stage_times_table, "stage_times"),
    "transition_matrix": Picture(transition_matrix, transition_matrix_table, "stage_moves"),
    "attribution_bars": Picture(attribution_bars, attribution_bars_table, "channel_credits"),
}

__all__ = [
    "CHARTS",
    "CHART_TABLES",
    "Picture",
    "attribution_bars",
    "coverage_grid",
    "crosscheck_table",
    "drop_off_bars",
    "exit_rates",
    "experience_curve",
    "funnel_bars",
    "matrix_curve",
    "objective_bullets",
    "opportunity_matrix",
    "pattern_strip",
    "persona_card",
    "saturation_curve",
    "sentiment_bars",
    "source_calendar",
    "stage_flow",
    "stage_times",
    "theme_people",
    "theme_stage",
    "touchpoint_scores",
    "touchpoint_stage_grid",
    "transition_matrix",
    "wave_comparison",
]
