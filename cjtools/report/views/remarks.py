"""What reviewers remarked and who signed off; and the form in which they do so on the page itself."""

from __future__ import annotations

from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.remarks import SignOff
from cjtools.report.view import View
from cjtools.report.views.shown import Row, rows
from cjtools.words import Words

KIND = "remarks"
SECTION = "reviewing"
OPEN = ("open",)
CLOSED = ("resolved", "agreed")
TONES = {"accept": ("good", "✓"), "query": ("warn", "?"), "reject": ("bad", "✗")}
LABELS = (
    "form_title", "form_how", "form_forgets", "form_legend", "form_no_mark", "form_comment", "form_name", "form_sign",
    "form_count", "form_download", "form_nameless", "form_nothing", "form_done", "form_clear", "form_cleared",
    "mark_accept", "mark_query", "mark_reject",
)  # fmt: skip


def remarks(journey: JourneyMap) -> View:
    """Return open and resolved remarks, who signed the map off, and the form for more.

    What reviewers wrote is for the team; others read how many remarks there are, and who signed off.
    """
    words, found = journey.words, journey.remarks
    team = journey.header.audience == "team"
    told = rows(found.rows)
    counts = {
        name: sum(row["state"] in states for row in told) for name, states in (("open", OPEN), ("resolved", CLOSED))
    }
    groups = [
        {"title": say(words, name), "entries": [entry(journey, row) for row in told if row["state"] in states]}
        for name, states in (("open", OPEN), ("resolved", CLOSED))
    ]
    data = {
        "language": words.language,
        "title": words["section_remarks"],
        "lead": say(words, "lead"),
        "signed": [signed_text(words, each) for each in found.signed],
        "signed_none": "" if found.signed else say(words, "signed_none"),
        "counts": say(words, "counts", **{name: words.number(n) for name, n in counts.items()}) if told else "",
        "nothing": "" if told else say(words, "none"),
        "hidden": say(words, "hidden") if told and not team else "",
        "groups": [group for group in groups if group["entries"]] if team else [],
        "map": found.content,
        "wave": journey.header.wave,
        # The page counts on from there: "#" is where its number goes.
        "form": {key: say(words, key, n="#") for key in LABELS},
    }
    return View(KIND, data)


def say(words: Words, key: str, **values: object) -> str:
    """Return a sentence of this section."""
    return words.of(SECTION, key).format(**values)


def day_of(words: Words, row: Row, column: str) -> str:
    """Return a day, or that there is none."""
    return words.date(row[column]) if row[column] else say(words, "no_day")


def entry(journey: JourneyMap, row: Row) -> dict[str, Any]:
    """Return one remark: on what, how it is marked, what was written, by whom, and what was answered."""
    words = journey.words
    tone, mark = TONES[row["mark"]]
    answer = ""
    if row["resolved_by"]:
        answer = say(words, "answer", who=row["resolved_by"], day=day_of(words, row, "resolved_on"))
    return {
        "id": row["remark_id"],
        **claim_of(journey, row["claim"]),
        "tone": tone,
        "mark": mark,
        "label": say(words, f"mark_{row['mark']}"),
        "comment": row["comment"] or "",
        "by": f"{row['who']}, {day_of(words, row, 'when')}",
        "earlier": say(words, "earlier") if row["same_map"] is False else "",
        "answer": answer,
        "note": row["resolved_note"] or "",
    }


def claim_of(journey: JourneyMap, name: str | None) -> dict[str, str]:
    """Return what a remark is on: a claim with its language, the whole map, or a claim that is not there any more."""
    words = journey.words
    if name is None:
        return {"claim": "", "about": say(words, "whole"), "language": ""}
    found = [] if journey.claims is None else journey.claims.claims.filter(claim_id=name).to_dicts()
    if not found:
        return {"claim": "", "about": say(words, "gone"), "language": ""}
    language = found[0]["language"]
    return {
        "claim": name,
        "about": found[0]["statement"],
        "language": "" if language == words.language else language,
    }


def signed_text(words: Words, signed: SignOff) -> str:
    """Return who signed the map off, when, and whether it says the same still."""
    day = words.date(signed.when) if signed.when else say(words, "no_day")
    return say(words, "signed_same" if signed.same else "signed_changed", who=signed.who, day=day)


def signed_facts(journey: JourneyMap) -> list[dict[str, str]]:
    """Return the sign-offs as a fact of the first screen; nothing where there is none."""
    words, signed = journey.words, journey.remarks.signed
    if not signed:
        return []
    text = "; ".join(signed_text(words, each) for each in signed)
    return [{"key": "signed", "term": say(words, "signed_term"), "text": text}]


def signed_rows(journey: JourneyMap) -> list[dict[str, Any]]:
    """Return the sign-offs as the manifest has them: by whom, when, of which content, unchanged or not."""
    return [
        {"by": each.who, "on": each.when.isoformat() if each.when else None, "content": each.content,
         "unchanged": each.same}
        for each in journey.remarks.signed
    ]  # fmt: skip
