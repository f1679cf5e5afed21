"""How visits begin, end and go at each touchpoint: entries, bounces, exits, and clicks that look like being lost."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from cjtools.journeys.clicks import ANOMALIES, count_odd_clicks, odd_click_rates
from cjtools.journeys.leaving import count_leaving, leaving_rates
from cjtools.journeys.touch_walks import GOAL
from cjtools.journeys.walks import MISSING, Walk

MEASURES = ("entry", "bounce", "exit_session", "exit_view", *ANOMALIES)


def visit_measures(walk: Walk, *, terminal: Collection[str]) -> pl.DataFrame:
    """Return the measures of leaving_rates and odd_click_rates by touchpoint, held against the site's own.

    `walk` as touch_walks.visit_walk with goals: those only tell which long visits arrived. Pages bound to no touchpoint
    take part in where visits begin and end and have no row. The site's own share is of the touchpoints that are not
    terminal. Columns: touchpoint, measure, n, of, value, low, high, base, base_low, base_high, terminal, above.
    """
    outside = [*terminal, MISSING, GOAL]
    views = np.asarray(walk.step != (walk.names.index(GOAL) if GOAL in walk.names else -1))
    left = leaving_rates(count_leaving(walk, views=views), terminal=outside)
    odd = odd_click_rates(count_odd_clicks(walk, goals=[GOAL]), terminal=outside).rename({"anomaly": "measure"})
    rows = pl.concat([left, odd.select(left.columns)]).rename({"step": "touchpoint"})
    kept = rows.filter(~pl.col("touchpoint").is_in([MISSING, GOAL]))
    return kept.with_columns(terminal=pl.col("touchpoint").is_in(list(terminal)))
