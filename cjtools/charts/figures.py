"""How figures are written in pictures: with sign and mark, with their interval, with the people behind them."""

from __future__ import annotations

from cjtools.map_tables import FLAT
from cjtools.words import Words

# What can be told of a metric's unit: its whole scale.
SCALES: dict[str, tuple[float, float]] = {"share": (0, 1), "score": (-2, 2), "net": (-1, 1), "nps": (-100, 100)}


def say(words: Words, key: str, **values: object) -> str:
    """Return a word or sentence of the pictures, its places filled."""
    return words.of("pictures", key).format(**values)


def mark_of(value: float) -> str:
    """Return ▲ for a good score, ▼ for a bad one, ■ for one that is neither.

    >>> mark_of(1.2), mark_of(-0.1), mark_of(-2)
    ('▲', '■', '▼')
    """
    return "■" if abs(value) < FLAT else "▲" if value > 0 else "▼"


def figure(words: Words, value: float | None, *, unit: str) -> str:
    """Return a value in its unit (share, score, net, nps, number), or a dash where there is none."""
    if value is None:
        return "–"
    if unit == "share":
        return share_of(words, value, digits=0 if abs(value) >= 0.1 or value == 0 else 1)
    if unit == "score":
        return words.signed(value)
    if unit in ("net", "nps"):
        return words.signed(100 * value if unit == "net" else value, digits=0)
    return words.number(value, digits=0 if float(value).is_integer() else 1)


def share_of(words: Words, share: float, *, digits: int = 0) -> str:
    """Return a share as per cent, a true minus sign before one below nothing."""
    text = words.percent(abs(share), digits=digits)
    return f"−{text}" if round(share, digits + 2) < 0 else text


def interval(words: Words, low: float | None, high: float | None, *, unit: str) -> str:
    """Return an interval in its unit, empty where there is none."""
    if low is None or high is None:
        return ""
    return words("range", low=figure(words, low, unit=unit), high=figure(words, high, unit=unit))


def with_interval(words: Words, value: float | None, low: float | None, high: float | None, *, unit: str) -> str:
    """Return a value with its interval in brackets."""
    between = interval(words, low, high, unit=unit)
    return figure(words, value, unit=unit) + (f" [{between}]" if between else "")


def of_all(words: Words, part: float, whole: float) -> str:
    """Return "4 of 9"."""
    return words("of_number", part=words.number(part), all=words.number(whole))
