"""Count what the second survey says: importance and satisfaction, expectation and experience; without the kit."""

from __future__ import annotations

from statistics import fmean
from typing import Any

Row = dict[str, str]
Table = dict[str, Any]

# The questions of a touchpoint: what matters, how well it is done.
ASKED = {
    "checkout": (
        "How important is it to you to know the whole price early?",
        "How satisfied are you with how the price is told at the checkout?",
    ),
    "returns": ("How important is an easy return to you?", "How satisfied are you with returning?"),
}
EXPECTED, WAS = "What did you expect of the checkout?", "How was the checkout?"
HIGH = 4  # of 5


def counts(rows: list[Row]) -> Table:
    """Return the score of each touchpoint with what it is made of, and the checkout against what was expected of it."""
    return {
        "answers": len(rows),
        **{name: score(rows, *questions) for name, questions in ASKED.items()},
        "expectation": gap(rows),
    }


def score(rows: list[Row], matters: str, satisfies: str) -> Table:
    """Return importance + max(importance − satisfaction, 0), each 10 × the share of the answers from 4 on."""
    parts: Table = {}
    for name, question in (("importance", matters), ("satisfaction", satisfies)):
        given = [int(row[question]) for row in rows if row[question]]
        high = sum(value >= HIGH for value in given)
        parts |= {f"{name}_high": high, f"{name}_n": len(given), name: round(10 * high / len(given), 6)}
    gained = parts["importance"] + max(parts["importance"] - parts["satisfaction"], 0)
    return {**parts, "score": round(gained, 6)}


def gap(rows: list[Row]) -> Table:
    """Return how the checkout was minus what was expected of it, of those who said both, on −2 to +2."""
    pairs = [(int(row[EXPECTED]) - 3, int(row[WAS]) - 3) for row in rows if row[EXPECTED] and row[WAS]]
    return {
        "n": len(pairs),
        "expected": round(fmean(before for before, _ in pairs), 6),
        "experienced": round(fmean(after for _, after in pairs), 6),
        "gap": round(fmean(after - before for before, after in pairs), 6),
        "unmet": sum(after < before for before, after in pairs),
    }
