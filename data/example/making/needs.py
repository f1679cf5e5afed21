"""What matters to people and how well it is done: the answers of the second survey, the checkout the sore point."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from making.wave import DAYS, FIRST_DAY, LANGUAGES

COLUMNS = (
    "Response ID",
    "Submit Date",
    "Language",
    "How important is it to you to know the whole price early?",
    "How satisfied are you with how the price is told at the checkout?",
    "What did you expect of the checkout?",
    "How was the checkout?",
    "How important is an easy return to you?",
    "How satisfied are you with returning?",
)
PEOPLE = 40
# How likely each answer from 1 to 5 is, by question: the whole price matters to nearly all and satisfies few.
LIKELY = (
    (0, 1, 2, 8, 12),
    (7, 9, 5, 3, 1),
    (1, 2, 6, 9, 5),
    (8, 9, 5, 3, 1),
    (1, 2, 6, 8, 6),
    (5, 7, 7, 4, 2),
)
SKIPPED = 0.04


def rows(rng: Random) -> list[tuple[str, ...]]:
    """Return the rows of needs.csv, in the order of their days."""
    drawn = []
    for number in range(PEOPLE):
        at = FIRST_DAY + timedelta(days=rng.randrange(DAYS), minutes=rng.randrange(8 * 60, 22 * 60))
        drawn.append((at, LANGUAGES[number % len(LANGUAGES)], *answers(rng)))
    drawn.sort()
    return [(f"N{number:03}", f"{at:%Y-%m-%d %H:%M}", *said) for number, (at, *said) in enumerate(drawn, 1)]


def answers(rng: Random) -> tuple[str, ...]:
    """Return one person's answers; now and then one is skipped."""
    return tuple("" if rng.random() < SKIPPED else str(rng.choices(range(1, 6), weights)[0]) for weights in LIKELY)
