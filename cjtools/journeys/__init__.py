"""What people did: sessions, the stages they pass, where they stop, the ways they come and come back."""

from cjtools.journeys.drop_off import count_drop_off
from cjtools.journeys.exits import baseline_of, count_exits, count_views
from cjtools.journeys.patterns import find_patterns
from cjtools.journeys.sessions import order_events, split_sessions
from cjtools.journeys.touches import place_touches

__all__ = [
    "baseline_of",
    "count_drop_off",
    "count_exits",
    "count_views",
    "find_patterns",
    "order_events",
    "place_touches",
    "split_sessions",
]
