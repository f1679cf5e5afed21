"""How figures, people and texts are written on the page, the same way in every view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from cjtools.charts.figures import figure, mark_of
from cjtools.journey_map import JourneyMap
from cjtools.map_tables import FLAT, STRONG
from cjtools.report.view import View
from cjtools.words import Words

Row = Mapping[str, Any]

EXCERPT = 120

VERDICT_TONES = {
    "friction_confirmed": ("bad", "▼"),
    "friction_likely": ("warn", "▽"),
    "confusion": ("bad", "▼"),
    "blind_spot": ("warn", "◆"),
    "dissonant": ("warn", "≠"),
    "heard_only": ("open", "◇"),
    "undetermined": ("open", "?"),
    "no_behaviour": ("open", "○"),
    "no_signal": ("quiet", "·"),
    "natural_end": ("good", "✓"),
    "expected_exit": ("quiet", "✓"),
    "interest": ("good", "▲"),
    "strength": ("good", "▲"),
}

# Metrics that are a share of one; everything else is a plain number.
SHARES = {
    "exit_rate",
    "many_views",
    "stage_conversion",
    "conversion",
    "drop_off",
    "csat",
    "repeat_rate",
    "open_rate",
    "click_rate",
    "bounce_rate",
    "ropo",
    "click_collect",
    "try_buy",
    "repeat_buyers",
    "repeat_other_route",
    "share",
}
NETS = {"nps", "net_sentiment", "net"}


def make_view(kind: str, words: Words, **data: Any) -> View:
    """Return a view with its heading and the sentence below it in the language of the map."""
    lead = words[f"lead_{kind}"] if words.has("words", f"lead_{kind}") else ""
    return View(kind, {"language": words.language, "title": words[f"section_{kind}"], "lead": lead, **data})


def rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return a table as rows."""
    return list(frame.iter_rows(named=True))


def stage_rows(journey: JourneyMap) -> list[dict[str, Any]]:
    """Return the stages, their labels as headings."""
    return [{**row, "label": heading(row["label"])} for row in rows(journey.stages)]


def heading(label: str) -> str:
    """Return a label as it stands on its own: with a capital, the rest as it is."""
    return label[:1].upper() + label[1:]


def word(words: Words, prefix: str, key: str | None) -> str:
    """Return the word of a state or kind, or the key itself as it can be read when the language has none."""
    name = f"{prefix}_{key}"
    return words[name] if words.has("words", name) else str(key or "").replace("_", " ")


def score(words: Words, value: float | None) -> dict[str, Any]:
    """Return an experience value as it is shown: signed, with a mark and a tone that do not need colour."""
    text = figure(words, value, unit="score")
    if value is None:
        return {"text": text, "mark": "", "tone": "none", "word": words["page_no_value"], "at": None}
    tone = "mid" if abs(value) < FLAT else ("good" if value > 0 else "bad") + ("2" if abs(value) > STRONG else "1")
    name = "mixed" if tone == "mid" else tone[:-1]
    return {"text": text, "mark": mark_of(value), "tone": tone, "word": words[f"experience_{name}"], "at": place(value)}


def place(value: float | None, low: float = -2, high: float = 2) -> float | None:
    """Return where a value lies on its scale, in per cent from the low end."""
    return None if value is None else round(100 * (min(max(value, low), high) - low) / (high - low), 2)


def score_range(words: Words, low: float | None, high: float | None) -> str:
    """Return the interval of a score."""
    return "" if low is None or high is None else words("range", low=words.signed(low), high=words.signed(high))


def share_range(words: Words, low: float | None, high: float | None, *, digits: int = 0) -> str:
    """Return the interval of a share: 37–45%."""
    if low is None or high is None:
        return ""
    first, last = words.percent(low, digits=digits), words.percent(high, digits=digits)
    return first if first == last else f"{first.rstrip('%').rstrip()}–{last}"


def net(words: Words, value: float | None) -> str:
    """Return a net share (−1 to 1) as signed points of a hundred."""
    return figure(words, value, unit="net")


def net_range(words: Words, low: float | None, high: float | None) -> str:
    """Return the interval of a net share."""
    return "" if low is None or high is None else words("range", low=net(words, low), high=net(words, high))


def metric_value(words: Words, metric: str, value: float | None) -> str:
    """Return the value of a named metric in its own unit, as the pictures write it."""
    if metric in NETS and value is not None and abs(value) <= 1:
        return figure(words, value, unit="net")
    share = metric in SHARES or metric.endswith(("_rate", "_share"))
    return figure(words, value, unit="share" if share else "number")


def of_people(words: Words, people: int, asked: int) -> str:
    """Return "10 of 15 participants": never a percentage."""
    return words("of_people", people=words.number(people), all=words.count("participants", asked))


def too_few(words: Words, n: int, minimum: int) -> str:
    """Return why a value is not shown."""
    return words("page_too_few", n=words.number(n), minimum=words.number(minimum))


def excerpt(text: str, length: int = EXCERPT) -> str:
    """Return the beginning of a text, cut between words.

    >>> excerpt("one two three", 9)
    'one two…'
    """
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[:length].rsplit(" ", 1)[0].rstrip(",;:. ") + "…"


def translated(words: Words, row: Row, length: int = 0) -> dict[str, str] | None:
    """Return the translation of a quote with its language and what it is; nothing where there is none."""
    if not row["translation"]:
        return None
    made = words.of("checks", "machine") if row["translated_by"] == "machine" else words.of("checks", "translation")
    text = excerpt(row["translation"], length) if length else row["translation"]
    return {"text": text, "language": row["translation_language"], "label": made[:1].upper() + made[1:]}


def verdict(words: Words, key: str | None) -> dict[str, str] | None:
    """Return a verdict as a chip: mark, tone and word."""
    if not key:
        return None
    tone, mark = VERDICT_TONES.get(key, ("open", "?"))
    return {"key": key, "label": word(words, "verdict", key), "tone": tone, "mark": mark}


def by_key(items: Iterable[Row], key: str) -> dict[str, list[Row]]:
    """Return rows grouped by one of their values, in the order in which they come."""
    groups: dict[str, list[Row]] = {}
    for item in items:
        groups.setdefault(item[key], []).append(item)
    return groups


def languages(words: Words, codes: Iterable[str | None]) -> str:
    """Return language codes as they are usually written beside a count: ca/es."""
    return "/".join(sorted({code for code in codes if code}))
