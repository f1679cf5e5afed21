"""What the machine did with the texts behind the map, and how good it was: below the table of sources."""

from __future__ import annotations

from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.report.views.shown import Row, rows, word
from cjtools.settings import LANGUAGES
from cjtools.words import Words, load_words


def machine(journey: object) -> dict[str, Any] | None:
    """Return the table of what the machine did for a map, with the sentences below it; none when it did nothing."""
    if not isinstance(journey, JourneyMap) or journey.machine.is_empty():
        return None
    words, done = journey.words, rows(journey.machine)
    return {"entries": [entry(words, row) for row in done], "notes": notes(words, done, rows(journey.accuracy))}


def entry(words: Words, row: Row) -> dict[str, str]:
    """Return one thing that the machine did."""
    part, whole = words.number(row["texts"]), words.number(row["of"])
    shares = words(
        "machine_share", part=part, all=whole, share=words.percent(row["texts"] / row["of"] if row["of"] else 0)
    )
    judged = row["kind"] != "evidence"
    return {
        "what": word(words, "machine", row["kind"]),
        "how": word(words, "machine_by", family_of(row["method"])) if judged else "–",
        "method": row["method"] or "",
        "texts": shares,
        "learned": words.number(row["codes"]) if row["codes"] is not None else "–",
        "agreement": words.percent(row["agreement"]) if row["agreement"] is not None else "–",
        "counts": words["machine_yes" if row["counts"] else "machine_no"] if judged else "–",
    }


def family_of(method: str) -> str:
    """Return the first word of a method, as the words name it.

    >>> family_of("5-gram Jaccard 0.5"), family_of("small 0badcafe")
    ('5_gram', 'small')
    """
    return method.split()[0].replace("-", "_")


def notes(words: Words, done: list[dict[str, Any]], measured: list[dict[str, Any]]) -> list[str]:
    """Return how sentiment was estimated, and how good that is by language, where it was measured."""
    felt = next((row for row in done if row["kind"] == "sentiment"), None)
    if felt is None:
        return []
    said = [words("machine_sentiment_note", texts=words.count("texts", felt["texts"]))]
    scores = [f"{name_of(row['language'])} {words.number(row['macro_f1'], digits=2)}" for row in measured]
    return [*said, words("machine_measured", scores=", ".join(scores))] if scores else said


def name_of(language: str) -> str:
    """Return what a language of the kit calls itself."""
    return load_words(language).of("about", "name") if language in LANGUAGES else language
