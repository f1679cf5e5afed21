"""The declared tables of claims: the rows of claims.csv and links.csv, and what is measured of each claim."""

from __future__ import annotations

import dataframely as dy

STATUSES = ("draft", "accepted", "edited", "dropped")
RELATIONS = ("supports", "refutes", "qualifies")
# From what nothing stands behind to what two kinds of source agree on.
TIERS = ("assumption", "reasoned", "validated")
STATES = ("agree", "partial", "dissent", "silent", "not_asked")

# What stands under "relation" in a row that takes back the row before it: links are added, never deleted.
UNDONE = "undone"


class Claim(dy.Schema):
    """One row of claims.csv: a statement on the map, as a person or the kit wrote it.

    `statement` is in the client's language, `statement_<language>` in another; null where there is none. `tier` is what
    the researcher holds it for, null when that is left to the evidence. `review` is the day on which it has to be
    looked at again. `key` is what the id of a draft was made from: the evidence that has it belongs to the claim.
    `line` is the line of the file, null for what is not written yet.
    """

    id = dy.String(primary_key=True, min_length=1)
    stage = dy.String()
    persona = dy.String()
    touchpoint = dy.String(nullable=True)
    lane = dy.String()
    type = dy.String()
    statement = dy.String(nullable=True)
    statement_ca = dy.String(nullable=True)
    statement_en = dy.String(nullable=True)
    statement_es = dy.String(nullable=True)
    statement_it = dy.String(nullable=True)
    statement_ro = dy.String(nullable=True)
    tier = dy.Enum(list(TIERS), nullable=True)
    status = dy.Enum(list(STATUSES))
    review = dy.Date(nullable=True)
    key = dy.String(nullable=True)
    line = dy.Int64(nullable=True)


class Link(dy.Schema):
    """One row of links.csv: an item of evidence supports, refutes or qualifies a claim; or no longer does ("undone").

    `dated` is the day of the evidence, written when the item was seen to be there: by it one knows an item that
    vanished from a name that was never right, and evidence of another wave from evidence that is gone.
    """

    claim = dy.String()
    evidence = dy.String()
    relation = dy.Enum([*RELATIONS, UNDONE])
    who = dy.String(nullable=True)
    when = dy.Date(nullable=True)
    note = dy.String(nullable=True)
    dated = dy.Date(nullable=True)
    line = dy.Int64(nullable=True)


class MapClaim(dy.Schema):
    """What is known of a claim in one wave.

    `people` of `asked`: distinct participants (of the persona) whose words support it, of those who spoke of the stage
    at all; `against` those whose words refute it. `items` count links whose evidence is there, `machine` those of them
    whose codes are the machine's, `gone` links whose evidence vanished, `elsewhere` links to evidence of another wave.
    `tier` with its `reason` and the families it names; `written` is the researcher's own tier. `days` lie between the
    last evidence and the day that freshness is counted to. For readers outside the team a count of fewer people than
    the minimum group is null.
    """

    claim_id = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    stage = dy.String()
    persona = dy.String()
    touchpoint = dy.String(nullable=True)
    lane = dy.String()
    type = dy.String()
    status = dy.Enum(list(STATUSES))
    statement = dy.String()
    language = dy.String()
    people = dy.Int64(nullable=True, min=0)
    asked = dy.Int64(min=0)
    against = dy.Int64(nullable=True, min=0)
    supports = dy.Int64(min=0)
    refutes = dy.Int64(min=0)
    qualifies = dy.Int64(min=0)
    machine = dy.Int64(min=0)
    gone = dy.Int64(min=0)
    elsewhere = dy.Int64(min=0)
    tier = dy.Enum(list(TIERS))
    reason = dy.Enum(["agree", "contradicted", "one_family", "disputed", "none", "held_lower"])
    families = dy.List(dy.String())
    written = dy.Enum(list(TIERS), nullable=True)
    last_on = dy.Date(nullable=True)
    days = dy.Int64(nullable=True)
    stale = dy.Bool()
    review = dy.Date(nullable=True)


class MapClaimFamily(dy.Schema):
    """What one family of sources says of a claim: it agrees, in part, dissents, is silent (asked), or was not asked.

    `for_it`, `against` and `qualifying` count people, or items where there are none; null as in MapClaim. `basis`: the
    links of the claim; "crosscheck" where nothing is linked and the family points the same way at the touchpoint; else
    whether the stage was asked at all.
    """

    claim_id = dy.String(primary_key=True)
    family = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    state = dy.Enum(list(STATES))
    basis = dy.Enum(["links", "crosscheck", "coverage"])
    for_it = dy.Int64(nullable=True, min=0)
    against = dy.Int64(nullable=True, min=0)
    qualifying = dy.Int64(nullable=True, min=0)


class MapClaimLink(dy.Schema):
    """One link in force, and whether its evidence is there in this wave, in another one, or gone.

    `nearest` names the evidence that looks most like what is gone.
    """

    claim_id = dy.String(primary_key=True)
    evidence_id = dy.String(primary_key=True)
    relation = dy.Enum(list(RELATIONS))
    found = dy.Enum(["here", "elsewhere", "gone"])
    family = dy.String(nullable=True)
    who = dy.String(nullable=True)
    when = dy.Date(nullable=True)
    note = dy.String(nullable=True)
    dated = dy.Date(nullable=True)
    nearest = dy.String(nullable=True)


CLAIM_TABLES: dict[str, type[dy.Schema]] = {
    "claims": MapClaim,
    "claim_families": MapClaimFamily,
    "claim_links": MapClaimLink,
}
