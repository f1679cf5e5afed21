"""How the figures of journeys are written: durations, shares with their interval, channels, cautions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cjtools.journeys.walks import OTHERS
from cjtools.report.views.shown import Row, place, share_range, word
from cjtools.words import Words

NONE = "–"
MINUTE, HOUR, DAY = 60, 3600, 86_400
# Below two of a unit the smaller one says more.
UNITS = (("days", DAY), ("hours", HOUR), ("minutes", MINUTE))


def say(words: Words, key: str, **values: object) -> str:
    """Return a word or sentence of the section [journeys] of a language."""
    return words.of("journeys", key).format(**values)


def duration(words: Words, seconds: float | None) -> str:
    """Return a duration in the unit that says most.

    >>> from cjtools.words import load_words
    >>> [duration(load_words("en"), seconds) for seconds in (24.1, 130.4, 161312.6, None)]
    ['24 s', '2.2 min', '45 h', '–']
    >>> duration(load_words("ro"), 30 * 86400)
    '30 de zile'
    """
    if seconds is None:
        return NONE
    for name, size in UNITS:
        if seconds >= 2 * size:
            number = seconds / size
            if name == "days" and number >= 10:
                return words.count("days", round(number))  # whole ones: their plural may need a "de"
            return say(words, name, n=words.number(number, digits=0 if number >= 10 else 1))
    return say(words, "seconds", n=words.number(seconds, digits=0))


def share_cell(words: Words, row: Row, *, low: bool = True) -> dict[str, Any]:
    """Return a share with its interval, and where both lie on a gauge."""
    if row["value"] is None:
        return {"text": NONE, "note": "", "at": None, "low": None, "high": None}
    digits = 0 if row["value"] >= 0.1 or row["value"] == 0 else 1
    return {
        "text": words.percent(row["value"], digits=digits),
        "note": share_range(words, row["low"], row["high"], digits=digits),
        "at": place(row["value"], 0, 1),
        "low": place(row["low"], 0, 1) if low else None,
        "high": place(row["high"], 0, 1) if low else None,
    }


def text_cell(text: str, note: str = "") -> dict[str, Any]:
    """Return a cell of words or a number."""
    return {"text": text, "note": note, "at": None, "low": None, "high": None}


def fraction(words: Words, row: Row, n: str = "n", of: str = "of") -> str:
    """Return "12 of 40"."""
    return words("of_number", part=words.number(row[n]), all=words.number(row[of]))


def channel(words: Words, name: str | None) -> str:
    """Return the name of a channel: GA4's groups keep theirs."""
    named = {None: say(words, "no_touch"), OTHERS: say(words, "other_channels"), "offline": say(words, "offline")}
    return named.get(name, str(name))


def cautions(words: Words, rows: Iterable[Row]) -> list[dict[str, str]]:
    """Return cautions as sentences, each with its level in words."""
    return [
        {
            "level": row["level"],
            "mark": say(words, f"level_{row['level']}"),
            "text": say(
                words,
                f"caveat_{row['caveat']}",
                subject=subject(words, row),
                n=words.number(row["n"]),
                of=words.number(row["of"]),
                share="" if row["share"] is None else words.percent(row["share"]),
            ),
        }
        for row in rows
    ]


def subject(words: Words, row: Row) -> str:
    """Return what a caution is about: a label, a pattern, the id of a source."""
    if row["label"]:
        return str(row["label"])
    return word(words, "pattern", row["subject"]) if row["subject"] else ""


def percent(words: Words, value: float) -> str:
    """Return a share, with a decimal where it is small."""
    return words.percent(value, digits=0 if value >= 0.1 or value == 0 else 1)


def time_range(words: Words, row: Row) -> str:
    """Return the interval of a median; open above where it is not reached."""
    if row["median"] is None or row["low"] is None:
        return ""
    high = "…" if row["high"] is None else duration(words, row["high"])
    low = duration(words, row["low"])
    return low if low == high else f"{low} – {high}"


def total_text(words: Words, row: Row) -> str:
    """Return the value of a total as its kind allows."""
    if row["kind"] == "people":
        return say(words, "between", low=words.number(row["low"]), high=words.number(row["high"]))
    if row["kind"] == "apart":
        return say(words, "apart")
    if row["unit"] in ("share", "percent"):
        return percent(words, row["value"] if row["unit"] == "share" else row["value"] / 100)
    if row["unit"] == "seconds":
        return duration(words, row["value"])
    return words.number(row["value"], digits=0 if float(row["value"]).is_integer() else 1)
