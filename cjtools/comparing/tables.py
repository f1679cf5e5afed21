"""The declared tables of a comparison: figures with the interval of their difference, and what became of the rest."""

from __future__ import annotations

import dataframely as dy

CHANGES = ("kept", "changed", "new", "removed", "apart")
KINDS = ("stage", "touchpoint", "verdict", "claim", "opportunity", "objective")
UNITS = ("share", "score", "net", "nps", "scale")
# Why two figures or rows are not compared. A text of a person's own may stand there too.
REASONS = (
    "wording", "scale", "definition", "missing_before", "missing_now", "too_few", "length", "stages", "unlinked"
)  # fmt: skip


class WavePair(dy.Schema):
    """One figure in the wave before and in this one, with the interval of the difference.

    `unit` is share, score (−2 to +2), net (−1 to 1), nps (−100 to 100) or scale: points from `scale_min` to
    `scale_max`. Where they are not `comparable`, `reason` is one of REASONS or a text, and there is no difference.
    """

    metric = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    label = dy.String()
    unit = dy.Enum(list(UNITS))
    before = dy.Float64(nullable=True)
    before_low = dy.Float64(nullable=True)
    before_high = dy.Float64(nullable=True)
    before_n = dy.Int64(nullable=True)
    now = dy.Float64(nullable=True)
    now_low = dy.Float64(nullable=True)
    now_high = dy.Float64(nullable=True)
    now_n = dy.Int64(nullable=True)
    difference = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    comparable = dy.Bool()
    reason = dy.String(nullable=True)
    scale_min = dy.Float64(nullable=True)
    scale_max = dy.Float64(nullable=True)


class WaveFigure(WavePair):
    """A pair with what it measures (`kind`), of what (`scope`, `name`), and whether it is drawn (`main`)."""

    kind = dy.Enum(["experience", "sentiment", "survey", "conversion", "exit_rate", "pattern"])
    scope = dy.Enum(["stage", "band", "touchpoint", "all"])
    name = dy.String()
    main = dy.Bool()


class WaveChange(dy.Schema):
    """What became of one claim, verdict, objective, opportunity, stage or touchpoint.

    `before` and `now` are its state in each wave: the band of a stage; the stages of a touchpoint; a verdict; the tier
    of a claim; the rank of an opportunity; nothing for an objective, whose metric is in the four value columns (`unit`
    as in WavePair). Of a claim they are the share of those asked who say it: `before_n` of `before_of` people, null
    for readers who may not see them. The difference has its 95 % interval; apart rows have a `reason`.
    """

    kind = dy.Enum(list(KINDS), primary_key=True)
    name = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    label = dy.String()
    stage = dy.String(nullable=True)
    change = dy.Enum(list(CHANGES))
    before = dy.String(nullable=True)
    now = dy.String(nullable=True)
    unit = dy.Enum(list(UNITS), nullable=True)
    before_value = dy.Float64(nullable=True)
    before_n = dy.Int64(nullable=True)
    before_of = dy.Int64(nullable=True)
    now_value = dy.Float64(nullable=True)
    now_n = dy.Int64(nullable=True)
    now_of = dy.Int64(nullable=True)
    difference = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    reason = dy.String(nullable=True)


class WaveStale(dy.Schema):
    """One claim of this wave that has to be looked at again: `days` since its last evidence, or the day of review."""

    claim_id = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    statement = dy.String()
    language = dy.String()
    last_on = dy.Date(nullable=True)
    days = dy.Int64(nullable=True)
    review = dy.Date(nullable=True)
    old_items = dy.Int64(min=0)


COMPARISON_TABLES: dict[str, type[dy.Schema]] = {
    "wave_figures": WaveFigure,
    "wave_changes": WaveChange,
    "wave_stale": WaveStale,
}
