"""The claims of the map: what is stated, by how many, how sure that is, and all that speaks for or against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cjtools.claims import Claims, claims_of
from cjtools.claims.measure import GROUP_OF, SPOKEN
from cjtools.claims.references import Piece
from cjtools.claims.tables import RELATIONS
from cjtools.client import Client
from cjtools.journey_map import JourneyMap
from cjtools.map_tables import ALL
from cjtools.report.view import View
from cjtools.report.views.shown import Row, by_key, excerpt, heading, metric_value, of_people, rows, word
from cjtools.words import Words

KIND = "claims"
TIER_MARKS = {"validated": ("good", "●"), "reasoned": ("quiet", "◐"), "assumption": ("open", "○")}
STATE_MARKS = {"agree": "✓", "partial": "◐", "dissent": "≠", "silent": "·", "not_asked": "–"}
LENGTH = 240


@dataclass(frozen=True)
class Shown:
    """What this reader may see of the evidence: texts and figures by id, and from which day on it is not old."""

    words: Words
    team: bool
    minimum: int
    quotes: dict[str, Row]
    figures: dict[str, Row]
    fresh_from: dt.date | None = None

    def say(self, key: str, **values: object) -> str:
        """Return a sentence of this section."""
        return self.words.of(KIND, key).format(**values)

    def number(self, count: int | None) -> str:
        """Return a count; null is one of too few people for this reader."""
        return f"< {self.words.number(self.minimum)}" if count is None else self.words.number(count)

    def items(self, links: Sequence[Row]) -> str:
        """Return how many items there are, which outsiders do not see of a few people's."""
        few = not self.team and 0 < sum(GROUP_OF[link["family"]] in SPOKEN for link in links) < self.minimum
        return self.number(None if few else len(links))


def claims(journey: JourneyMap, client: Client | None = None) -> View:
    """Return the claims of a map by stage, each with its people, tier, families, freshness and evidence.

    With a client its files are read again, as after claims were decided on. Raises SourceError and ReportError then, as
    claims_of does: a number, quote or n that does not hold makes no report.
    """
    found = claims_of(journey, client) if client is not None else journey.claims
    if found is None:
        return View(KIND, nothing_claimed(journey.words))
    shown = shown_to(journey, found)
    links = by_key(rows(found.claim_links), "claim_id")
    families = by_key(rows(found.claim_families), "claim_id")
    groups = [
        {
            "label": heading(found.labels.stages[stage]),
            "entries": [
                entry(found, row, families[row["claim_id"]], links.get(row["claim_id"], []), shown) for row in group
            ],
        }
        for stage, group in by_key(rows(found.claims), "stage").items()
    ]
    gone = [row for row in rows(found.claim_links) if row["found"] == "gone"]
    data = {
        "language": found.words.language,
        "title": shown.say("title"),
        "lead": shown.say("lead"),
        "groups": groups,
        "left_out": left_out(found, shown),
        "gone": {"title": shown.say("gone_title", n=shown.words.number(len(gone))), "items": lost(gone, shown)},
        "how": how(found, shown),
    }
    return View(KIND, data)


def nothing_claimed(words: Words) -> dict[str, Any]:
    """Return the section of a map that nobody claimed anything of."""
    nothing = {"title": "", "items": []}
    titles = {name: words.of(KIND, name) for name in ("title", "lead")}
    how = {"title": words.of(KIND, "how_title"), "texts": []}
    return {"language": words.language, **titles, "groups": [], "left_out": [], "gone": nothing, "how": how}


def shown_to(journey: JourneyMap, found: Claims) -> Shown:
    """Return what the reader of a map may see of its evidence: the map's own quotes; figures of no single person."""
    team, minimum = found.audience == "team", found.minimum_group
    figures: dict[str, Row] = {
        row["evidence_id"]: row
        for row in rows(journey.evidence)
        if row["value"] is not None and (team or (row["person"] is None and (row["n"] or minimum) >= minimum))
    }
    quotes: dict[str, Row] = {row["evidence_id"]: row for row in rows(journey.quotes)}
    fresh_from = found.as_of - dt.timedelta(found.review_days)
    return Shown(found.words, team, minimum, quotes, figures, fresh_from)


def entry(found: Claims, row: Row, families: Sequence[Row], links: Sequence[Row], shown: Shown) -> dict[str, Any]:
    """Return one claim."""
    words, labels = shown.words, found.labels
    kind = words.of("types", row["type"])
    here = [link for link in links if link["found"] == "here"]
    return {
        "id": row["claim_id"],
        "pieces": [piece(each) for each in found.statements[row["claim_id"]]],
        "language": row["language"],
        "where": labels.touchpoints.get(row["touchpoint"]) or words["whole_stage"],
        "type": kind,
        "persona": "" if row["persona"] == ALL else labels.personas.get(row["persona"], row["persona"]),
        "status": "" if row["status"] == "accepted" else shown.say(f"status_{row['status']}"),
        "draft": row["status"] == "draft",
        "people": people(row, shown),
        "tier": tier(row, shown),
        "families": [family(each, shown) for each in families],
        "fresh": fresh(found, row, shown),
        "stale": shown.say("stale") if row["stale"] else "",
        "machine": shown.say("machine", n=words.number(row["machine"]), all=words.number(len(here)))
        if row["machine"]
        else "",
        "count": shown.say("evidence", n=shown.items(here)),
        "relations": [relation(name, here, shown) for name in RELATIONS if any(r["relation"] == name for r in here)],
        "elsewhere": [
            shown.say("item_elsewhere", id=link["evidence_id"], day=words.date(link["dated"]))
            for link in links
            if link["found"] == "elsewhere"
        ],
    }


def piece(found: Piece) -> dict[str, Any]:
    """Return one piece of a statement."""
    return {
        "kind": found.kind,
        "text": found.text,
        "target": found.target if found.kind == "quote" else "",
        "language": found.language,
        "verbatim": found.verbatim,
    }


def people(row: Row, shown: Shown) -> str:
    """Return "11 of 15 participants", and how many speak against it."""
    words, said, against = shown.words, row["people"], row["against"]
    minimum = words.number(shown.minimum)
    if said is None:
        parts = [shown.say("people_few", minimum=minimum, all=words.count("participants", row["asked"]))]
    else:
        parts = [of_people(words, said, row["asked"]) if said else shown.say("no_people")]
    if against is None:
        parts.append(shown.say("against_few", minimum=minimum))
    elif against:
        parts.append(shown.say("against", people=words.count("participants", against)))
    return " · ".join(parts)


def tier(row: Row, shown: Shown) -> dict[str, str]:
    """Return how sure a claim is: mark, word and reason."""
    tone, mark = TIER_MARKS[row["tier"]]
    named = ", ".join(word(shown.words, "family", name) for name in row["families"])
    reason = shown.say(f"reason_{row['reason']}", families=named)
    return {"tone": tone, "mark": mark, "label": shown.say(f"tier_{row['tier']}"), "reason": reason}


def family(row: Row, shown: Shown) -> dict[str, str]:
    """Return what one family of sources says."""
    counts = {"for": row["for_it"], "against": row["against"], "beside": row["qualifying"]}
    linked = " · ".join(
        shown.say(f"count_{name}", n=shown.number(count)) for name, count in counts.items() if count != 0
    )
    return {
        "label": word(shown.words, "family", row["family"]),
        "state": row["state"],
        "mark": STATE_MARKS[row["state"]],
        "word": shown.say(f"state_{row['state']}"),
        "detail": linked
        if row["basis"] == "links"
        else (shown.say("basis_crosscheck") if row["basis"] == "crosscheck" else ""),
    }


def fresh(found: Claims, row: Row, shown: Shown) -> str:
    """Return how old the last evidence is."""
    if row["days"] is None:
        return shown.say("undated")
    words = shown.words
    days = words.count("days", row["days"])
    return shown.say("fresh", day=words.date(row["last_on"]), days=days, as_of=words.date(found.as_of))


def relation(name: str, links: Iterable[Row], shown: Shown) -> dict[str, Any]:
    """Return the evidence that supports, refutes or qualifies a claim, and how much of it is not shown."""
    own = [link for link in links if link["relation"] == name]
    items = [item for link in own if (item := evidence_item(link, shown)) is not None]
    seen = {item["id"] for item in items}
    hidden = [link for link in own if link["evidence_id"] not in seen]
    return {
        "kind": name,
        "title": shown.say(f"relation_{name}"),
        "count": shown.items(own),
        "items": items,
        "hidden": shown.say("item_hidden", n=shown.items(hidden)) if hidden else "",
    }


def evidence_item(link: Row, shown: Shown) -> dict[str, Any] | None:
    """Return one item of evidence, or nothing when this reader may not see it."""
    words, name = shown.words, link["evidence_id"]
    quote, figure = shown.quotes.get(name), shown.figures.get(name)
    if quote is None and figure is None:
        return None
    who = shown.say("linked_by", who=link["who"]) if link["who"] else ""
    day = words.date(link["dated"]) if link["dated"] else ""
    if link["dated"] and shown.fresh_from and link["dated"] < shown.fresh_from:
        day += f" ({shown.say('stale')})"
    if quote is not None:
        by = [word(words, "family", quote["family"]), quote["who"], day, who, link["note"]]
        text, language, verbatim = excerpt(quote["text"], LENGTH), quote["language"], quote["verbatim"]
    else:
        assert figure is not None
        by = [word(words, "family", figure["family"]), day, who, link["note"]]
        text, language, verbatim = figure_text(figure, words), None, False
    by_line = " · ".join(part for part in by if part)
    return {"id": name, "text": text, "language": language, "verbatim": verbatim, "by": by_line, "quoted": bool(quote)}


def figure_text(row: Row, words: Words) -> str:
    """Return a figure with its n."""
    n = f" (n = {words.number(row['n'])})" if row["n"] else ""
    return f"{word(words, 'metric', row['metric'])}: {metric_value(words, row['metric'], row['value'])}{n}"


def lost(gone: Iterable[Row], shown: Shown) -> list[dict[str, str]]:
    """Return the links whose evidence is no longer there, with what looks most like it."""
    return [
        {
            "claim": row["claim_id"],
            "text": shown.say("item_gone", id=row["evidence_id"])
            + (f"; {shown.say('item_nearest', id=row['nearest'])}" if row["nearest"] else ""),
        }
        for row in gone
    ]


def left_out(found: Claims, shown: Shown) -> list[str]:
    """Return how many claims this reader does not see, and why."""
    words = shown.words
    minimum = words.number(shown.minimum)
    return [
        shown.say(f"left_out_{name}", n=words.number(found.left_out[name]), minimum=minimum)
        for name in ("draft", "withheld", "dropped")
        if name in found.left_out
    ]


def how(found: Claims, shown: Shown) -> dict[str, Any]:
    """Return what the words of this section mean."""
    days = shown.words.count("days", found.review_days)
    texts = [shown.say(f"how_{name}", days=days) for name in ("people", "tier", "families", "fresh")]
    return {"title": shown.say("how_title"), "texts": texts}
