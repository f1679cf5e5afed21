"""The journey as it was planned and expected against the one that was seen and lived."""

from __future__ import annotations

from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.lanes.planned import fitness
from cjtools.report.view import View
from cjtools.report.views.shown import Row, make_view, rows, score, score_range, share_range, stage_rows, too_few
from cjtools.words import Words

TONES = {
    "matched": ("good", "✓"),
    "reordered": ("warn", "⇄"),
    "missing": ("bad", "▼"),
    "not_measured": ("open", "○"),
    "added": ("warn", "+"),
}


def expectations(journey: JourneyMap) -> View:
    """Return the planned steps against what was seen of them, and expectation against experience by touchpoint."""
    words, planned = journey.words, rows(journey.planned)
    stages = {row["stage"]: row["label"] for row in stage_rows(journey)}
    names = {row["touchpoint"]: row["label"] for row in planned}
    fits, of = fitness(journey.planned)
    return make_view(
        "expectations",
        words,
        steps=[step(words, row, stages, names) for row in planned],
        fitness=words("planned_fitness", n=words.number(fits), of=words.number(of)) if of else "",
        entries=[expectation(words, row, stages, journey.header.minimum_group) for row in rows(journey.expectations)],
    )


def step(words: Words, row: Row, stages: dict[str, str], names: dict[str, str]) -> dict[str, Any]:
    """Return one step of the plan, or one that nobody planned."""
    tone, mark = TONES[row["state"]]
    seen = ""
    if row["value"] is not None:
        count = words("of_number", part=words.number(row["people"]), all=words.number(row["of"]))
        seen = " · ".join([share_range(words, row["low"], row["high"]), count])
    order = ""
    if row["both"] is not None:
        before = names.get(row["before"], row["before"])
        order = words("planned_order", n=words.number(row["in_order"]), of=words.number(row["both"]), before=before)
    return {
        "label": row["label"],
        "stage": stages.get(row["stage"], row["stage"]),
        "state": {"key": row["state"], "label": words[f"planned_{row['state']}"], "tone": tone, "mark": mark},
        "share": "–" if row["value"] is None else words.percent(row["value"]),
        "seen": seen,
        "order": order or "–",
    }


def expectation(words: Words, row: Row, stages: dict[str, str], minimum: int) -> dict[str, Any]:
    """Return expectation and experience at one touchpoint, or that too few told of them."""
    known = row["gap"] is not None
    gap = score(words, row["gap"])
    return {
        "label": row["label"],
        "stage": stages.get(row["stage"], row["stage"]),
        "basis": words[f"asked_{row['basis']}"],
        "expected": words.signed(row["expected"]) if row["expected"] is not None else "–",
        "experienced": words.signed(row["experienced"]) if row["experienced"] is not None else "–",
        "gap": f"{gap['mark']} {gap['text']}" if known else "–",
        "range": score_range(words, row["low"], row["high"]) if known else too_few(words, row["n"], minimum),
        "people": words("expectation_unmet", n=words.number(row["unmet"]), of=words.number(row["n"])) if known else "",
    }
