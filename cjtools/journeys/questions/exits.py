"""F. On which pages sessions begin and end."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import polars as pl

from cjtools.journeys.leaving import leaving_by_code, leaving_rates
from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.merging import name_codes
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.questions.shared import order_of_visits


def exits(*, level: str = "page", terminal: Collection[str] = ()) -> Question:
    """Return the question of where sessions end, in both definitions, begin and bounce.

    Results: "pages": step, sessions, views, entries, exits, alone, sorted. "exits": as leaving_rates, the rates against
    those of all pages that are not `terminal`.
    """
    return Question("exits", partial(count, level=level), {"pages": ["step"]}, partial(finish, terminal=terminal))


def count(ordered: Ordered, *, level: str) -> Frames:
    """Return the partial of leaving."""
    walk = order_of_visits(ordered, level)
    counts = leaving_by_code(walk)
    return {"pages": counts.with_columns(name_codes(counts["step"].to_numpy(), walk.names).alias("step"))}


def finish(sums: Frames, *, terminal: Collection[str]) -> Frames:
    """Return the counts and the rates; names stay codes as long as they are sorted and joined."""
    pages = sums["pages"].sort("step")
    known = set(terminal) & set(pages["step"].cast(pl.String)) if terminal else set()
    return {"pages": pages, "exits": leaving_rates(pages, terminal=sorted(known))}
