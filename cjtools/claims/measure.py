"""What the evidence says of each claim: how many people, which families of sources, how sure, how fresh."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cjtools.claims.draft import in_force
from cjtools.claims.tables import TIERS, MapClaimLink
from cjtools.errors import Fault, SourceError, nearest, raise_if_any
from cjtools.lanes.coverage import FAMILIES
from cjtools.map_tables import ALL
from cjtools.settings import Wave
from cjtools.sources.reader import place
from cjtools.tables import shape_of

# The families as the page groups them: within one, sources are not independent of each other.
GROUPS: dict[str, list[str]] = {**FAMILIES, "support": ["support"]}
GROUP_OF = {family: group for group, families in GROUPS.items() for family in families}

# What the cross-check found at a touchpoint, and the types of claim that point the same way.
SAME_WAY = {
    ("behaviour", "high_exit"): {"pain", "lost"},
    ("behaviour", "many_clicks"): {"comparing", "lost"},
    ("social", "negative"): {"pain", "lost"},
    ("social", "positive"): {"gain", "goal"},
}
INDEPENDENT = 2

# In these families people speak, and are counted; in the others there are only figures.
SPOKEN = ("interview", "social", "survey", "support")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Family:
    """What one family says of a claim, by how many people (or items, where there are none) for, against, beside."""

    name: str
    state: str
    basis: str
    for_it: int = 0
    against: int = 0
    qualifying: int = 0


@dataclass(frozen=True)
class Tier:
    """How sure a claim is, why, and the families that the reason names."""

    name: str
    reason: str
    families: tuple[str, ...] = ()


def days_of(evidence: pl.DataFrame, sources: pl.DataFrame, wave: Wave) -> dict[str, dt.date]:
    """Return the day of each item of evidence: when it was said, else the last day of its source within the wave."""
    last = dict(sources.group_by("source_id").agg(pl.col("period_to").max()).sort("source_id").iter_rows())
    end = pl.col("source_id").replace_strict(last, default=None, return_dtype=pl.Date).fill_null(wave.to)
    day = pl.coalesce("said_on", pl.min_horizontal(end, pl.lit(wave.to)))
    return dict(evidence.select("evidence_id", day).iter_rows())


def match_links(
    links: pl.DataFrame, evidence: pl.DataFrame, *, days: Mapping[str, dt.date], wave: Wave
) -> pl.DataFrame:
    """Return the links in force with what became of their evidence. Rows as MapClaimLink.

    An item that is not there is of another wave when its written day is, else gone. Raises SourceError for an item that
    is not there and was never seen to be: no day is written beside it.
    """
    families = dict(evidence.select("evidence_id", pl.col("family").cast(pl.String)).iter_rows())
    known, faults, rows = sorted(families), [], []
    for link in in_force(links).to_dicts():
        item, day = link["evidence"], days.get(link["evidence"], link["dated"])
        found = "here" if item in families else "elsewhere" if outside(day, wave) else "gone"
        close = nearest_item(item, known) if found == "gone" else None
        if found == "gone" and day is None:
            faults.append(unknown(link, close))
        rows.append(
            {
                **{name: link[name] for name in ("relation", "who", "when", "note")},
                "claim_id": link["claim"],
                "evidence_id": item,
                "found": found,
                "family": families.get(item),
                "dated": day,
                "nearest": close,
            }
        )
    raise_if_any(SourceError, "links.csv", faults)
    frame = pl.DataFrame(rows, schema=shape_of(MapClaimLink))
    return MapClaimLink.validate(frame.sort("claim_id", "relation", "evidence_id"), cast=True)


def outside(day: dt.date | None, wave: Wave) -> bool:
    """Say whether a day is known and lies outside a wave."""
    return day is not None and not wave.from_ <= day <= wave.to


def nearest_item(name: str, names: Sequence[str]) -> str | None:
    """Return the item of evidence that looks most like a name: of the same quote, else nearly the same letters.

    >>> nearest_item("q1.web", ["q1.shop", "q2.web"]), nearest_item("nothing", ["q1.shop"])
    ('q1.shop', None)
    """
    same = next((each for each in names if each.partition(".")[0] == name.partition(".")[0]), None)
    close = nearest(name, names) if same is None else ""
    return same or (close.split("'")[1] if close.startswith("did") else None)


def unknown(link: Row, close: str | None) -> Fault:
    """Return the fault of an item that was never there."""
    where = place("links.csv", link["line"] or 0, "evidence")
    hint = f"did you mean {close!r}?" if close else "an evidence_id of the table of evidence"
    step = "of another wave: write its day under 'dated'"
    return Fault(where, f"no evidence of this wave is called {link['evidence']!r}", hint, step)


def asked_at(evidence: pl.DataFrame) -> dict[tuple[str, str], set[str]]:
    """Return the participants who spoke of each stage at all, by stage and persona (and everybody)."""
    interviews = evidence.filter((pl.col("family") == "interview") & pl.col("stage").is_not_null())
    asked: dict[tuple[str, str], set[str]] = {}
    for stage, persona, person in interviews.select("stage", "persona", "person").iter_rows():
        for name in {ALL, persona or ALL}:
            asked.setdefault((stage, name), set()).add(person)
    return asked


def people_of(items: Iterable[Row], relation: str, *, persona: str) -> set[str]:
    """Return the participants whose words stand in a relation to a claim; of a persona's claim only that persona's."""
    return {
        row["person"]
        for row in items
        if row["relation"] == relation and row["family"] == "interview" and persona in (ALL, row["persona"])
    }


def triangulate(
    claim: Row, items: Sequence[Row], *, states: Mapping[tuple[str, str], str], verdict: Row | None
) -> list[Family]:
    """Return what each family says of a claim; `items` are its links with their evidence.

    Linked: dissent where more people speak against it than for it, partial where some do or it is qualified, else
    agree. Not linked: partial where the cross-check of its touchpoint points the same way, else silent or not asked as
    the coverage of its stage (`states` by stage and family) says.
    """
    families = []
    for name in GROUPS:
        own = [row for row in items if GROUP_OF[row["family"]] == name]
        counts = [
            len({row["person"] or row["evidence_id"] for row in own if row["relation"] == relation})
            for relation in ("supports", "refutes", "qualifies")
        ]
        if own:
            families.append(Family(name, linked_state(*counts), "links", *counts))
        elif verdict is not None and claim["type"] in SAME_WAY.get((name, verdict.get(name) or ""), ()):
            families.append(Family(name, "partial", "crosscheck"))
        else:
            asked = states.get((claim["stage"], name)) in ("evidence", "silent")
            blind = name == "behaviour" and verdict is not None and verdict["behaviour"] == "not_instrumented"
            families.append(Family(name, "silent" if asked and not blind else "not_asked", "coverage"))
    return families


def linked_state(supports: int, refutes: int, qualifies: int) -> str:
    """Return what a family says by its links.

    >>> linked_state(4, 0, 0), linked_state(4, 1, 0), linked_state(0, 0, 2), linked_state(1, 2, 0)
    ('agree', 'partial', 'partial', 'dissent')
    """
    if refutes > supports:
        return "dissent"
    return "partial" if refutes or qualifies or not supports else "agree"


def tier_of(families: Sequence[Family], written: str | None) -> Tier:
    """Return how sure a claim is.

    Validated: two independent families agree by their evidence and none dissents. Reasoned: some evidence supports it.
    Assumption: none does. A researcher may hold a claim for less sure than the evidence, never for surer.

    >>> tier_of([Family("interview", "agree", "links", 4), Family("social", "agree", "links", 9)], None).name
    'validated'
    """
    agree = tuple(family.name for family in families if family.state == "agree")
    against = tuple(family.name for family in families if family.state == "dissent")
    backed = tuple(family.name for family in families if family.for_it)
    if len(agree) >= INDEPENDENT and not against:
        tier = Tier("validated", "agree", agree)
    elif not backed:
        tier = Tier("assumption", "none")
    elif against:
        tier = Tier("reasoned", "contradicted", against)
    else:
        tier = Tier("reasoned", "one_family" if agree else "disputed", agree or backed)
    if written is not None and TIERS.index(written) < TIERS.index(tier.name):
        return Tier(written, "held_lower", tier.families)
    return tier


def is_stale(days: int | None, *, as_of: dt.date, review: dt.date | None, review_days: int) -> bool:
    """Say whether a claim has to be looked at again: its evidence is old, or the day of its review is past."""
    return (days is not None and days > review_days) or (review is not None and as_of > review)
