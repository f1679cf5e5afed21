"""The blocks of the section on journeys by name, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable

from cjtools.journey_map import JourneyMap
from cjtools.report.views.journey_table import Block
from cjtools.report.views.pattern_blocks import all_patterns, shop_routes
from cjtools.report.views.stage_blocks import durations, stage_funnel, stage_moves, stage_paths, stage_totals
from cjtools.report.views.visit_blocks import attribution, lifecycle, visit_measures

BLOCKS: dict[str, Callable[[JourneyMap], Block]] = {
    "stage_funnel": stage_funnel,
    "durations": durations,
    "stage_paths": stage_paths,
    "stage_moves": stage_moves,
    "visit_measures": visit_measures,
    "lifecycle": lifecycle,
    "attribution": attribution,
    "all_patterns": all_patterns,
    "shop_routes": shop_routes,
    "stage_totals": stage_totals,
}
