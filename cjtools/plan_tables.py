"""The declared tables of what was meant and where: actions, plans, expectations, what to ask, touchpoints by stage."""

from __future__ import annotations

import dataframely as dy


class MapAction(dy.Schema):
    """One action a row: what is done about an opportunity, for whom, at which stage, until when, measured by what."""

    position = dy.Int64(primary_key=True, min=0)
    opportunity = dy.String(nullable=True)
    stage = dy.String()
    label = dy.String()
    segment = dy.String(nullable=True)
    content = dy.String()
    due = dy.Date()
    metric = dy.String()
    owner = dy.String()
    status = dy.String()


class MapPlanned(dy.Schema):
    """One step of the journey as it was planned, or one that nobody planned, against what was observed.

    state: matched (people were seen there, in the planned order), reordered (most of those who were also at the planned
    step before it, `before`, came here first), missing (nobody was seen there), not_measured (no page, event or channel
    is bound to it: nobody can be seen there), added (seen, not planned). `people` of `of` profiles that were seen at
    any touchpoint; `in_order` of `both` came in the planned order. Counts below the minimum group are null.
    """

    position = dy.Int64(primary_key=True, min=0)
    stage = dy.String()
    stage_label = dy.String()
    touchpoint = dy.String()
    label = dy.String()
    state = dy.Enum(["matched", "reordered", "missing", "not_measured", "added"])
    people = dy.Int64(nullable=True, min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True, min=0, max=1)
    low = dy.Float64(nullable=True, min=0, max=1)
    high = dy.Float64(nullable=True, min=0, max=1)
    before = dy.String(nullable=True)
    in_order = dy.Int64(nullable=True, min=0)
    both = dy.Int64(nullable=True, min=0)


class MapExpectation(dy.Schema):
    """Expectation against experience at one touchpoint, by what asked for it.

    basis interview: participants who told of an expectation there; `gap` is how it was met, the mean valence of what
    they said of it (below 0: not met), `met` and `unmet` of `n` people. basis survey: `expected` and `experienced` on
    −2 to +2 by the scale of the question; `gap` = experienced − expected of those who answered both, mean over people.
    Interval 95 % by bootstrap over people. Below the minimum group only `n` is there.
    """

    touchpoint = dy.String(primary_key=True)
    basis = dy.Enum(["interview", "survey"], primary_key=True)
    stage = dy.String()
    label = dy.String()
    expected = dy.Float64(nullable=True, min=-2, max=2)
    experienced = dy.Float64(nullable=True, min=-2, max=2)
    gap = dy.Float64(nullable=True, min=-4, max=4)
    low = dy.Float64(nullable=True, min=-4, max=4)
    high = dy.Float64(nullable=True, min=-4, max=4)
    met = dy.Int64(nullable=True, min=0)
    unmet = dy.Int64(nullable=True, min=0)
    n = dy.Int64(min=0)
    evidence = dy.List(dy.String())


class MapBacklog(dy.Schema):
    """One open question a row: what kind of gap, where, why it is open, what to ask, how soon (1 is first)."""

    position = dy.Int64(primary_key=True, min=0)
    priority = dy.Int64(min=1, max=3)
    kind = dy.String()
    stage = dy.String(nullable=True)
    stage_label = dy.String(nullable=True)
    touchpoint = dy.String(nullable=True)
    label = dy.String()
    n = dy.Int64(nullable=True)
    why = dy.String()
    ask = dy.String()


class MapUnexpected(dy.Schema):
    """One thing that people speak of and that nobody planned: a code bound to no touchpoint, type or factor."""

    code = dy.String(primary_key=True)
    label = dy.String()
    kind = dy.String()
    people = dy.Int64(min=0)
    texts = dy.Int64(min=0)
    stages = dy.List(dy.String())
    evidence = dy.List(dy.String())


class MapTouchpointStage(dy.Schema):
    """One touchpoint at one stage a row: valence (−2 to +2) of `n` participants; `shown` is false below the minimum.

    `bound` says that client.toml places the touchpoint at this stage, so that nothing said there is a gap.
    """

    touchpoint = dy.String(primary_key=True)
    stage = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    stage_position = dy.Int64(min=0)
    label = dy.String()
    stage_label = dy.String()
    bound = dy.Bool()
    value = dy.Float64(nullable=True, min=-2, max=2)
    low = dy.Float64(nullable=True, min=-2, max=2)
    high = dy.Float64(nullable=True, min=-2, max=2)
    n = dy.Int64(min=0)
    shown = dy.Bool()


PLAN_TABLES: dict[str, type[dy.Schema]] = {
    "actions": MapAction,
    "planned": MapPlanned,
    "expectations": MapExpectation,
    "research_backlog": MapBacklog,
    "unexpected": MapUnexpected,
    "touchpoint_stages": MapTouchpointStage,
}
