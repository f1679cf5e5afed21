"""Google Business Profile: the reviews of a place, from its API or from Takeout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cjtools.sources.readers.posts import Format, Row, Values, lists_of, reader_of

STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
TRANSLATED, ORIGINAL = "(Translated by Google)", "(Original)"
NOBODY = ("A Google user", "Un usuario de Google", "Un usuari de Google", "Un utente di Google", "Un utilizator Google")


def find(values: Values, notes: Counter[str]) -> Iterator[tuple[int, Row]]:
    """Yield the reviews of a file; what the owner answered is no voice and is left where it is."""
    for line, value in values:
        for answer in value if isinstance(value, list) else [value]:
            for each in lists_of(answer, "reviews", "locationReviews"):
                yield line, row_of(each.get("review") or each, notes)


def row_of(review: dict[str, Any], notes: Counter[str]) -> Row:
    """Return a review as a row."""
    reviewer = review.get("reviewer") or {}
    comment = review.get("comment") or ""
    words = original(comment) if TRANSLATED in comment else comment
    notes["translation_left_out"] += words != comment
    name, stars = reviewer.get("displayName"), review.get("starRating")
    return {
        "mention_id": review.get("reviewId") or review.get("name"),
        "said_at": review.get("createTime"),
        "updated_at": review.get("updateTime"),
        "author": None if reviewer.get("isAnonymous") or name in NOBODY else name,
        "text": words,
        "rating": None if stars == "STAR_RATING_UNSPECIFIED" else STARS.get(str(stars), stars),
        "platform": "google",
    }


def original(comment: str) -> str:
    r"""Return what a person wrote, without Google's translation of it, whichever of the two comes first.

    >>> original("(Translated by Google) Good\n\n(Original)\nMolt bo")
    'Molt bo'
    >>> original("Molt bo\n\n(Translated by Google)\nGood")
    'Molt bo'
    """
    before, _, after = comment.partition(TRANSLATED)
    words = before.strip() or after.partition(ORIGINAL)[2].strip()
    return words or comment


FORMAT = Format(
    "google_business",
    find,
    [
        frozenset({"starRating", "createTime", "reviewer.displayName"}),
        frozenset({"review.starRating", "review.createTime"}),
    ],
    kind="reviews",
    members=("reviews*.json",),
    rating_scale=(1, 5),
)
READER = reader_of(FORMAT)
