"""Two waves of a client (or two maps) side by side: what stayed, changed, came, went, and what may not be compared."""

from cjtools.comparing.compare import Comparison, compare_waves
from cjtools.comparing.tables import COMPARISON_TABLES

__all__ = ["COMPARISON_TABLES", "Comparison", "compare_waves"]
