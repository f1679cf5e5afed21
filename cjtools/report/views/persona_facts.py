"""A persona as measured: its share, channels, where it buys, its traits and touchpoints, as they stand on its card."""

from __future__ import annotations

from typing import Any

import polars as pl

from cjtools.journey_map import JourneyMap
from cjtools.report.views.shown import Row, rows, share_range, word
from cjtools.words import Words

KIND = "personas"
STATE_MARKS = {"both": "■", "declared": "□", "used": "◆"}
TIER_MARKS = {"validated": "●", "reasoned": "◐", "assumption": "○"}


def say(words: Words, key: str, **values: object) -> str:
    """Return a word or sentence of the section [personas] of a language."""
    return words.of(KIND, key).format(**values)


def measured(journey: JourneyMap, persona: str) -> dict[str, Any]:
    """Return what was measured of a persona; empty where the map has nothing of it."""
    people, words = journey.people, journey.words
    own = {name: rows(of_persona(getattr(people, name), persona)) for name in
           ("shares", "channels", "buys", "traits", "touchpoints")}  # fmt: skip
    on_map, off = (
        [row["touchpoint"] for row in own["touchpoints"] if row["on_map"] == inside] for inside in (True, False)
    )
    labels = {row["touchpoint"]: row["label"] for row in rows(journey.touchpoints)}
    return {
        "share": [share(words, row) for row in own["shares"]],
        "used": [channel(words, row) for row in own["channels"]],
        "buying": buying(words, own["buys"]),
        "traits": [trait(words, row, journey) for row in own["traits"]],
        "on_map": [labels.get(name, name) for name in on_map],
        "off_map": [labels.get(name, name) for name in off],
        "terms": {
            key: say(words, f"term_{key}") for key in ("share", "channels", "buying", "traits", "on_map", "off_map")
        },
    }


def of_persona(frame: pl.DataFrame, persona: str) -> pl.DataFrame:
    """Return the rows of a persona."""
    return frame.filter(pl.col("persona") == persona)


def share(words: Words, row: Row) -> dict[str, str]:
    """Return the share of profiles, or why there is none."""
    if row["reason"]:
        missing = ", ".join(row["missing"])
        return {"text": say(words, "not_measurable"), "detail": say(words, f"reason_{row['reason']}", keys=missing)}
    return {
        "text": f"{words.percent(row['value'], digits=1)} [{share_range(words, row['low'], row['high'], digits=1)}]",
        "detail": say(words, "share_of", n=words.number(row["n"]), of=words.count("profiles", row["of"]),
                      all=words.number(row["profiles"])),
    }  # fmt: skip


def channel(words: Words, row: Row) -> dict[str, str]:
    """Return one channel: declared or used, and by how many."""
    return {
        "mark": STATE_MARKS[row["state"]],
        "label": row["label"],
        "state": say(words, f"state_{row['state']}"),
        "detail": say(
            words,
            "told_seen",
            told=words("of_number", part=words.number(row["told"]), all=words.number(row["told_of"])),
            seen=seen(words, row),
        ),
    }


def seen(words: Words, row: Row) -> str:
    """Return how many of the profiles were seen, with their share; of too few the counts only."""
    if not row["of"]:
        return "–"
    count = words("of_number", part=words.number(row["n"]), all=words.number(row["of"]))
    if row["value"] is None:
        return count
    return f"{count} ({words.percent(row['value'])}, {share_range(words, row['low'], row['high'])})"


def buying(words: Words, found: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return where a persona buys, as seen, and whether that says anything: what the rule asks for proves nothing."""
    return [
        {
            "label": words[f"buys_{row['buys']}"],
            "detail": seen(words, row),
            "note": " · ".join(
                part
                for part in (
                    say(words, "declared") if row["declared"] else "",
                    say(words, "by_rule") if row["by_rule"] and row["declared"] else "",
                )
                if part
            ),
        }
        for row in found
        if row["n"] or row["declared"]
    ]


def trait(words: Words, row: Row, journey: JourneyMap) -> dict[str, Any]:
    """Return one trait: the claim, how far it may be trusted, and how many items speak for and against it."""
    return {
        "id": row["claim_id"],
        "text": row["statement"],
        "language": row["language"],
        "mark": TIER_MARKS.get(row["tier"], "○"),
        "tier": word(words, "tier", row["tier"]) if words.has("words", f"tier_{row['tier']}") else
                words.of("claims", f"tier_{row['tier']}"),
        "type": words.of("types", row["type"]),
        "detail": say(words, "for_against", people=people(words, row, journey), n=words.number(row["supports"]),
                      against=words.number(row["refutes"])),
    }  # fmt: skip


def people(words: Words, row: Row, journey: JourneyMap) -> str:
    """Return how many participants say it, of those asked; of too few for this reader only that."""
    few = f"< {words.number(journey.header.minimum_group)}"
    part = few if row["people"] is None else words.number(row["people"])
    return words("of_number", part=part, all=words.number(row["asked"]))
