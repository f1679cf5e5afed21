"""What people did: sessions, the stages they pass, where they stop, the ways they come and come back.

The functions on walks (events of whole paths in their total order, see walks.Walk) load when first used: most of a
report needs none of them, and some bring scipy with them. Each counts partials that add up; `finish_…`, `…_rates` and
the like make shares, intervals and quantiles of them.
"""

from __future__ import annotations

import importlib
from typing import Any

from cjtools.journeys.drop_off import count_drop_off
from cjtools.journeys.exits import baseline_of, count_exits, count_views
from cjtools.journeys.patterns import find_patterns
from cjtools.journeys.sessions import order_events, split_sessions
from cjtools.journeys.touches import place_touches

# Where each name on walks lives.
NAMES = {
    "after_change": "split",
    "after_pause": "split",
    "against_base": "leaving",
    "base_rate": "markov",
    "buckets": "walks",
    "chain_of": "markov",
    "ClickRules": "clicks",
    "collapse": "paths",
    "compare": "comparison",
    "compare_funnels": "funnels",
    "compare_steps": "step_matrix",
    "compare_transitions": "transitions",
    "correlate": "comparison",
    "count_around": "step_matrix",
    "count_behaviours": "comparison",
    "count_blocks": "step_matrix",
    "count_coalitions": "shapley",
    "count_conversion": "pattern",
    "count_credits": "attribution",
    "count_engagement": "leaving",
    "count_funnel": "funnels",
    "count_gaps": "transitions",
    "count_leaving": "leaving",
    "count_lifecycle": "lifecycle",
    "count_links": "paths",
    "count_loops": "paths",
    "count_moves": "markov",
    "count_odd_clicks": "clicks",
    "count_pattern": "pattern",
    "count_retained": "censoring",
    "count_retention": "lifecycle",
    "count_routes": "paths",
    "count_sequences": "sequence",
    "count_sessions": "split",
    "count_states": "lifecycle",
    "count_steps": "step_matrix",
    "count_steps_back": "step_matrix",
    "count_times": "funnels",
    "count_times_between": "censoring",
    "count_transitions": "transitions",
    "count_waits": "censoring",
    "count_window_levels": "window_funnel",
    "credit_visits": "channels",
    "cut": "split",
    "cut_given": "split",
    "cut_marked": "split",
    "drop_off_shares": "funnels",
    "engagement_rates": "leaving",
    "event_segments": "segments",
    "find_caveats": "caveats",
    "find_matches": "pattern",
    "finish_conversion": "pattern",
    "finish_gaps": "transitions",
    "finish_links": "paths",
    "finish_loops": "paths",
    "finish_pattern": "pattern",
    "finish_retention": "lifecycle",
    "finish_sessions": "split",
    "finish_steps": "step_matrix",
    "finish_transitions": "transitions",
    "follow_route": "transitions",
    "Funnel": "chains",
    "funnel_rates": "funnels",
    "give_credit": "attribution",
    "give_fair_shares": "shapley",
    "group_channels": "channels",
    "leaving_rates": "leaving",
    "length_segments": "segments",
    "mark_bounds": "split",
    "mark_separators": "split",
    "merge": "walks",
    "odd_click_rates": "clicks",
    "parse_pattern": "sequence",
    "read_pattern": "pattern",
    "recency_frequency_value": "lifecycle",
    "refuse_unlike": "comparison",
    "removal_effects": "markov",
    "retention_rate": "censoring",
    "segment_sizes": "segments",
    "sequence_count": "sequence",
    "sequence_match": "sequence",
    "shapley_values": "shapley",
    "static_segments": "segments",
    "step_segments": "segments",
    "time_to_convert": "funnels",
    "times_with_censoring": "censoring",
    "top_routes": "paths",
    "touch_paths": "touch_paths",
    "touch_paths_of_table": "touch_paths",
    "touches_of": "channels",
    "TouchPaths": "touch_paths",
    "transition_shares": "markov",
    "unwanted_sources": "channels",
    "Walk": "walks",
    "walk_of": "walks",
    "Window": "comparison",
    "window_levels": "window_funnel",
}

__all__ = [
    "baseline_of",
    "count_drop_off",
    "count_exits",
    "count_views",
    "find_patterns",
    "order_events",
    "place_touches",
    "split_sessions",
    *NAMES,
]


def __getattr__(name: str) -> Any:
    """Return a function on walks, loading the module that holds it."""
    if name in NAMES:
        return getattr(importlib.import_module(f"cjtools.journeys.{NAMES[name]}"), name)
    raise AttributeError(f"module 'cjtools.journeys' has no attribute {name!r}")
