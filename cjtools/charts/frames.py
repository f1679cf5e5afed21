"""The tables that pictures are drawn from where the map has none of its own: what each must hold.

A `label` is a name in the reader's language. Shares are of one. An interval is 95 %, null where there is none.
"""

from __future__ import annotations

import dataframely as dy

from cjtools.comparing.tables import WavePair
from cjtools.map_tables import MapObjective, MapOpportunity, MapVerdict
from cjtools.personas.tables import PersonaFact
from cjtools.plan_tables import MapTouchpointStage
from cjtools.study.tables import ThemeStage

# The row that stands for all ways that are not listed, as the measures of journeys name it.
OTHERS = "<OTHERS>"


class StageRoute(dy.Schema):
    """One way through the stages a row, the most common first: `n` of `of` paths take it.

    `route` has stage ids, `labels` their names in the same order; the row `<OTHERS>` alone stands for all ways that
    are not listed, and `routes` says how many they are (journeys.top_routes).
    """

    route = dy.List(dy.String())
    labels = dy.List(dy.String())
    routes = dy.Int64(min=1)
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)


class PatternPart(dy.Schema):
    """One pattern, or a part of it, as a share: numerator ÷ denominator, and how many could be joined at all."""

    pattern = dy.String(primary_key=True)
    part = dy.String(primary_key=True)
    value = dy.Float64(nullable=True, min=0, max=1)
    low = dy.Float64(nullable=True, min=0, max=1)
    high = dy.Float64(nullable=True, min=0, max=1)
    numerator = dy.Int64(min=0)
    denominator = dy.Int64(min=0)
    joined = dy.Int64(nullable=True, min=0)
    coverage = dy.Float64(nullable=True, min=0, max=1)
    window_days = dy.Int64(nullable=True)
    basis = dy.Enum(["observed", "reported"])


class FunnelStep(dy.Schema):
    """One step of a funnel and one denominator a row, as journeys.funnel_rates: share of all, of the step before."""

    place = dy.Int64(primary_key=True, min=1)
    share_of = dy.Enum(["all", "prior"], primary_key=True)
    label = dy.String()
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True, min=0, max=1)
    low = dy.Float64(nullable=True, min=0, max=1)
    high = dy.Float64(nullable=True, min=0, max=1)


class StageTime(dy.Schema):
    """The time from one stage to another, as journeys.times_with_censoring, in seconds.

    A quartile is null where so many never came within the period; low and high are the interval of the median.
    """

    position = dy.Int64(primary_key=True, min=0)
    start_label = dy.String()
    end_label = dy.String()
    n = dy.Int64(min=0)
    came = dy.Int64(min=0)
    censored = dy.Int64(min=0)
    q25 = dy.Float64(nullable=True, min=0)
    median = dy.Float64(nullable=True, min=0)
    q75 = dy.Float64(nullable=True, min=0)
    low = dy.Float64(nullable=True, min=0)
    high = dy.Float64(nullable=True, min=0)


class StageMove(dy.Schema):
    """Moves from one stage straight to another: `n` of the `of_out` moves that leave the stage.

    A source without label is the start of a path, a target without label its end; their positions are null.
    """

    source = dy.String(primary_key=True)
    target = dy.String(primary_key=True)
    source_label = dy.String(nullable=True)
    target_label = dy.String(nullable=True)
    source_position = dy.Int64(nullable=True, min=0)
    target_position = dy.Int64(nullable=True, min=0)
    n = dy.Int64(min=0)
    of_out = dy.Int64(min=0)
    value = dy.Float64(nullable=True, min=0, max=1)
    low = dy.Float64(nullable=True, min=0, max=1)
    high = dy.Float64(nullable=True, min=0, max=1)


class ChannelCredit(dy.Schema):
    """What one model of attribution gives to one channel: its share of all `of` conversions.

    A null channel holds the conversions that no touch came before.
    """

    model = dy.String()
    channel = dy.String(nullable=True)
    conversions = dy.Float64()
    of = dy.Int64(min=0)
    share = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)


class Moment(dy.Schema):
    """A moment of truth: a touchpoint that decides, and the stage that it belongs to."""

    stage = dy.String(primary_key=True)
    touchpoint = dy.String(primary_key=True)
    label = dy.String()


CHART_TABLES: dict[str, type[dy.Schema]] = {
    "paths": StageRoute,
    "touchpoint_stages": MapTouchpointStage,
    "pattern_parts": PatternPart,
    "opportunities": MapOpportunity,
    "persona_facts": PersonaFact,
    "verdicts": MapVerdict,
    "objectives": MapObjective,
    "theme_stages": ThemeStage,
    "wave_pairs": WavePair,
    "funnel_steps": FunnelStep,
    "stage_times": StageTime,
    "stage_moves": StageMove,
    "channel_credits": ChannelCredit,
    "moments": Moment,
}
