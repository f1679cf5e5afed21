"""The declared tables of personas as measured, and of segments that behaviour suggests.

Shares carry `n` of `of` and Wilson's 95 % interval; below the minimum group the value and its interval are null and the
counts stay.
"""

from __future__ import annotations

import dataframely as dy

REASONS = ("no_rule", "not_observed", "unknown_value", "too_few", "no_profiles")


class PersonaShare(dy.Schema):
    """The profiles that are of a persona, of those of which everything that its rule asks for is known.

    `profiles` are all that were seen. `reason` says why there is no share: the persona has no rule; something of it is
    never observed of profiles (`missing` names it); a value that cannot be; too few profiles; no profiles at all.
    """

    persona = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    name = dy.String()
    participants = dy.Int64(min=0)
    all_participants = dy.Int64(min=0)
    rule = dy.List(dy.String())
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    profiles = dy.Int64(min=0)
    value = dy.Float64(nullable=True, min=0, max=1)
    low = dy.Float64(nullable=True, min=0, max=1)
    high = dy.Float64(nullable=True, min=0, max=1)
    reason = dy.Enum(list(REASONS), nullable=True)
    missing = dy.List(dy.String())


class PersonaChannel(dy.Schema):
    """One channel of a persona: declared or not, told of by so many participants, seen of so many profiles.

    state: both (declared, and told of or seen), declared (only), used (told of or seen, not declared). Seen counts from
    the minimum group on: one profile by chance is no habit.
    """

    persona = dy.String(primary_key=True)
    channel = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    label = dy.String()
    declared = dy.Bool()
    state = dy.Enum(["both", "declared", "used"])
    told = dy.Int64(min=0)
    told_of = dy.Int64(min=0)
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True, min=0, max=1)
    low = dy.Float64(nullable=True, min=0, max=1)
    high = dy.Float64(nullable=True, min=0, max=1)


class PersonaBuys(dy.Schema):
    """Where the profiles of a persona buy: online, offline or both, of those that bought at all.

    `declared`: client.toml says so. `by_rule`: the persona's rule asks for it, so that the figure proves nothing.
    """

    persona = dy.String(primary_key=True)
    buys = dy.Enum(["online", "offline", "both"], primary_key=True)
    position = dy.Int64(min=0)
    declared = dy.Bool()
    by_rule = dy.Bool()
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True, min=0, max=1)
    low = dy.Float64(nullable=True, min=0, max=1)
    high = dy.Float64(nullable=True, min=0, max=1)


class PersonaTrait(dy.Schema):
    """One trait of a persona: a claim on it, with what supports and what refutes it."""

    persona = dy.String()
    claim_id = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    stage = dy.String()
    type = dy.String()
    statement = dy.String()
    language = dy.String()
    people = dy.Int64(nullable=True, min=0)
    asked = dy.Int64(min=0)
    supports = dy.Int64(min=0)
    refutes = dy.Int64(min=0)
    tier = dy.String()


class PersonaTouchpoint(dy.Schema):
    """Whether a touchpoint is on the map of a persona, and why.

    `declared`: client.toml names it for the persona, or its channel, or (where neither is said) where it buys;
    `told` participants spoke of it, `seen` profiles were there. `on_map`: declared, told of, or seen of enough.
    """

    persona = dy.String(primary_key=True)
    touchpoint = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    declared = dy.Bool()
    told = dy.Int64(min=0)
    seen = dy.Int64(min=0)
    on_map = dy.Bool()


class PersonaFigure(dy.Schema):
    """One figure of a persona beside the same of all other personas together, and the difference with its interval.

    measure reach: profiles at a stage, of the persona's; went_on: of those at a stage, who came to a later one;
    pattern: as journeys.find_patterns; experience: mean of participants (`n` of them; `of` is the same). Differences of
    shares by Newcombe, of means by bootstrap. Where either side is smaller than the minimum group nothing is said.
    """

    measure = dy.Enum(["reach", "went_on", "pattern", "experience"], primary_key=True)
    name = dy.String(primary_key=True)
    persona = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    place = dy.Int64(min=0)
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    rest_n = dy.Int64(min=0)
    rest_of = dy.Int64(min=0)
    rest = dy.Float64(nullable=True)
    difference = dy.Float64(nullable=True)
    difference_low = dy.Float64(nullable=True)
    difference_high = dy.Float64(nullable=True)


class PersonaFact(dy.Schema):
    """One fact of a persona a row: `n` of `of`, in the order of `rank`.

    kind who: the persona itself, `label` says who it is, `n` participants of all. kind share: profiles that meet its
    rule, of all profiles, `value` with interval. kind channel: participants who use it, `declared` whether client.toml
    says so. kind trait: participants who raise it, of those asked; `tier` is validated, reasoned or assumption.
    """

    persona = dy.String(primary_key=True)
    kind = dy.Enum(["who", "share", "channel", "trait"], primary_key=True)
    rank = dy.Int64(primary_key=True, min=0)
    position = dy.Int64(min=0)
    name = dy.String()
    label = dy.String()
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True, min=0, max=1)
    low = dy.Float64(nullable=True, min=0, max=1)
    high = dy.Float64(nullable=True, min=0, max=1)
    declared = dy.Bool(nullable=True)
    tier = dy.String(nullable=True)


class SegmentCount(dy.Schema):
    """How well so many groups come back: mean adjusted Rand over halves, beside the same where there is nothing.

    `null_mean` and `null_most`: mean and largest of the same figure on data whose columns were shuffled one by one.
    """

    groups = dy.Int64(primary_key=True, min=2)
    stability = dy.Float64()
    null_mean = dy.Float64()
    null_most = dy.Float64()
    clear = dy.Bool()
    chosen = dy.Bool()


class Segment(dy.Schema):
    """One suggested segment: its profiles, of all."""

    segment = dy.String(primary_key=True)
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True, min=0, max=1)
    low = dy.Float64(nullable=True, min=0, max=1)
    high = dy.Float64(nullable=True, min=0, max=1)


class SegmentFact(dy.Schema):
    """What sets a segment apart: so many of its profiles have a feature, beside the share of all others.

    `feature` is a kind and what it is of: stage.purchase, channel.Email, device.mobile, ropo … `more` is false where
    the segment stands out by having it less.
    """

    segment = dy.String(primary_key=True)
    rank = dy.Int64(primary_key=True, min=1)
    feature = dy.String()
    more = dy.Bool()
    n = dy.Int64(min=0)
    of = dy.Int64(min=0)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    rest_n = dy.Int64(min=0)
    rest_of = dy.Int64(min=0)
    rest = dy.Float64(nullable=True)
    difference = dy.Float64(nullable=True)
    difference_low = dy.Float64(nullable=True)
    difference_high = dy.Float64(nullable=True)


PERSONA_TABLES: dict[str, type[dy.Schema]] = {
    "shares": PersonaShare,
    "channels": PersonaChannel,
    "buys": PersonaBuys,
    "traits": PersonaTrait,
    "touchpoints": PersonaTouchpoint,
    "figures": PersonaFigure,
}
SEGMENT_TABLES: dict[str, type[dy.Schema]] = {"counts": SegmentCount, "segments": Segment, "facts": SegmentFact}
