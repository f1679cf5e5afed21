"""What changed since the wave before: figures, stages, verdicts, claims, objectives, and what has to be reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cjtools.charts.figures import figure
from cjtools.charts.wave_comparison import change_names, change_of, reason_of, said_of, side
from cjtools.comparing import Comparison, compare_waves
from cjtools.comparing.changes import JOINED
from cjtools.comparing.tables import CHANGES, KINDS
from cjtools.journey_map import JourneyMap
from cjtools.report.view import View
from cjtools.report.views.shown import Row, heading, of_people, rows, stage_rows, word
from cjtools.words import Words

KIND = "comparison"
SECTION = "comparing"
MARKS = {"kept": "=", "changed": "±", "new": "+", "removed": "×", "apart": "≠"}
HOW = ("how_apart", "how_difference", "how_claims")


def comparison(journey: JourneyMap) -> View:
    """Return what stayed, changed, came and went since the wave before; without one, that there is none."""
    words, found = journey.words, compare_waves(journey.before, journey)
    groups = [group for group in (figures(found), *(changes(journey, found, kind) for kind in KINDS)) if group]
    data = {
        "language": words.language,
        "title": words["section_comparison"],
        "lead": lead(found),
        "cautions": [words.of(SECTION, key) for key in found.cautions],
        "groups": groups,
        "stale": stale(found),
        "how": {"title": words.of(SECTION, "how_title"), "texts": [words.of(SECTION, key) for key in HOW]},
        "compared": found.before is not None,
    }
    return View(KIND, data)


def say(words: Words, key: str, **values: object) -> str:
    """Return a sentence of this section."""
    return words.of(SECTION, key).format(**values)


def lead(found: Comparison) -> str:
    """Return which waves are compared."""
    words = found.words
    if found.before is None:
        return say(words, "lead_none")
    return say(
        words, "lead",
        before=found.before.wave, before_period=words.period(found.before.first, found.before.last),
        now=found.now.wave, now_period=words.period(found.now.first, found.now.last),
    )  # fmt: skip


def figures(found: Comparison) -> dict[str, Any]:
    """Return the figures as a group; nothing where there are none."""
    words, names = found.words, change_names(found.words)
    pairs = rows(found.wave_figures)
    if not pairs:
        return {}
    counts = [change_of(row) for row in pairs]
    entries = [
        {
            "id": "",
            "label": row["label"],
            "language": "",
            "where": "",
            "before": side(row, "before", words=words),
            "now": side(row, "now", words=words),
            "mark": "",
            "change": said_of(row, words=words),
            "detail": "",
            "state": change_of(row),
        }
        for row in pairs
    ]
    summary = [f"{name}: {words.number(counts.count(change))}" for change, name in names.items() if change in counts]
    return {"key": "figures", "title": say(words, "figures"), "summary": " · ".join(summary), "entries": entries}


def changes(journey: JourneyMap, found: Comparison, kind: str) -> dict[str, Any]:
    """Return what became of the things of one kind as a group, what changed first; nothing where there are none."""
    words = found.words
    own = [row for row in rows(found.wave_changes) if row["kind"] == kind]
    if not own:
        return {}
    order = ("changed", "new", "removed", "apart", "kept")
    counts = {change: sum(row["change"] == change for row in own) for change in CHANGES}
    summary = [say(words, f"count_{change}", n=words.number(count)) for change, count in counts.items() if count]
    placed = sorted(own, key=lambda row: (order.index(row["change"]), row["position"]))
    return {
        "key": kind,
        "title": say(words, f"kind_{kind}"),
        "summary": " · ".join(summary),
        "entries": [entry(journey, row, words) for row in placed],
    }


def entry(journey: JourneyMap, row: Row, words: Words) -> dict[str, Any]:
    """Return one thing: what it was, what it is, what became of it."""
    labels = {stage["stage"]: stage["label"] for stage in stage_rows(journey)}
    languages = claim_languages(journey) if row["kind"] == "claim" else {}
    return {
        "id": row["name"] if row["kind"] == "claim" else "",
        "label": heading(row["label"]),
        "language": languages.get(row["name"], ""),
        "where": labels.get(row["stage"], "") if row["kind"] not in ("stage", "touchpoint") else "",
        "before": state(journey, row, "before", words),
        "now": state(journey, row, "now", words),
        "mark": MARKS[row["change"]],
        "change": say(words, f"change_{row['change']}"),
        "detail": detail(row, words),
        "state": row["change"],
    }


def claim_languages(journey: JourneyMap) -> dict[str, str]:
    """Return the languages of claims that are not in the language of the page."""
    if journey.claims is None:
        return {}
    pairs = journey.claims.claims.select("claim_id", "language").iter_rows()
    return {name: language for name, language in pairs if language != journey.words.language}


def state(journey: JourneyMap, row: Row, wave: str, words: Words) -> str:
    """Return what something was in one wave, in words."""
    told = row[wave]
    named = "" if told is None else named_state(journey, row["kind"], told, words)
    if row[f"{wave}_value"] is None:
        return named or "–"
    if row[f"{wave}_of"] is not None:
        return " · ".join(filter(None, [of_people(words, row[f"{wave}_n"], row[f"{wave}_of"]), named]))
    return figure(words, row[f"{wave}_value"], unit=row["unit"])


def named_state(journey: JourneyMap, kind: str, told: str, words: Words) -> str:
    """Return the word of a state: a band, stages, a verdict, a tier or a rank."""
    if kind == "touchpoint":
        stages = {stage["stage"]: stage["label"] for each in maps(journey) for stage in stage_rows(each)}
        return ", ".join(stages.get(name, name) for name in told.split(JOINED))
    sayings: Mapping[str, Any] = {
        "stage": lambda: words.of("bands", told),
        "verdict": lambda: word(words, "verdict", told),
        "claim": lambda: words.of("claims", f"tier_{told}"),
        "opportunity": lambda: say(words, "rank", n=words.number(int(told))),
    }
    return str(sayings[kind]()) if kind in sayings else ""


def maps(journey: JourneyMap) -> list[JourneyMap]:
    """Return the map before, if there is one, and this one."""
    return [journey] if journey.before is None else [journey.before, journey]


def detail(row: Row, words: Words) -> str:
    """Return the difference with its interval, or why there is none."""
    if row["reason"]:
        return reason_of(row, words=words)
    if row["difference"] is None:
        return ""
    return said_of({**row, "comparable": True}, words=words)


def stale(found: Comparison) -> dict[str, Any]:
    """Return the claims that have to be looked at again, and why."""
    words = found.words
    told = rows(found.wave_stale)
    entries = [
        {
            "id": row["claim_id"],
            "text": row["statement"],
            "language": "" if row["language"] == words.language else row["language"],
            "why": " · ".join(why_stale(row, words)),
        }
        for row in told
    ]
    title = say(words, "stale_title", n=words.number(len(told))) if told else say(words, "stale_none")
    return {"title": title, "entries": entries}


def why_stale(row: Row, words: Words) -> list[str]:
    """Return why a claim has to be looked at again."""
    parts = []
    if row["days"] is not None:
        parts.append(say(words, "stale_days", days=words.count("days", row["days"])))
    if row["old_items"]:
        parts.append(say(words, "stale_items", n=words.number(row["old_items"])))
    if row["review"] is not None:
        parts.append(say(words, "stale_review", day=words.date(row["review"])))
    return parts
