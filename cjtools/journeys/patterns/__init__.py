"""The ways between online and offline, of coming back and of giving up: each a share with window and coverage."""

from cjtools.journeys.patterns.find import PatternWindows, find_patterns, follow_patterns
from cjtools.journeys.patterns.purchases import NO_PURCHASE
from cjtools.journeys.patterns.reported import find_reported
from cjtools.journeys.patterns.rows import PATTERNS
from cjtools.journeys.patterns.shop_routes import find_shop_routes

__all__ = [
    "NO_PURCHASE",
    "PATTERNS",
    "PatternWindows",
    "find_patterns",
    "find_reported",
    "find_shop_routes",
    "follow_patterns",
]
