"""Places in a text as different tools count them, checked against the words they are said to hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH = 0.9  # the share of spans that must begin at a word
CLEARLY = 0.2  # by how much ends must fall better on words to believe that the last character belongs to a span


@dataclass(frozen=True)
class Way:
    """A way to count: wide characters as two (UTF-16), a line end as two, the last character as part of the span."""

    wide: bool
    returns: bool
    inclusive: bool = False


@dataclass(frozen=True)
class Checked:
    """The way that fits the spans of a project, and how many of them begin at a word."""

    way: Way
    begin: int
    spans: int

    @property
    def share(self) -> float:
        """The share of spans that begin at a word; 1 when there is none."""
        return self.begin / self.spans if self.spans else 1.0


# The standard counts code points of the text as it is stored; NVivo for Windows UTF-16 units; ATLAS.ti a line end once.
WAYS = (Way(False, True), Way(True, True), Way(False, False), Way(True, False))


def rule(text: str, way: Way) -> Sequence[int]:
    r"""Return the place in code points of every number that a way of counting gives, the end of the text included.

    >>> list(rule("😀\r\nno", Way(wide=True, returns=False)))
    [0, 0, 1, 3, 4, 5]
    """
    wide = way.wide and re.search(r"[^\u0000-\uffff]", text) is not None
    short = not way.returns and "\r\n" in text
    if not wide and not short:
        return range(len(text) + 1)
    places: list[int] = []
    for place, char in enumerate(text):
        if not (short and char == "\n" and text[place - 1 : place] == "\r"):
            places += [place, place] if wide and char > "\uffff" else [place]
    return [*places, len(text)]


def find_way(texts: Sequence[tuple[str, Sequence[tuple[int, int]]]], *, windows: bool) -> Checked:
    """Return the way of counting by which most spans of some texts begin at a word.

    Where several do equally well it is that of the standard, or of NVivo for Windows when the project says so.
    """
    texts = [(text, [each for each in found if each[0] < each[1]]) for text, found in texts]
    ways = sorted(WAYS, key=lambda way: way.wide != windows)
    spans = sum(len(found) for _, found in texts)
    scored = [(way, *score(texts, way)) for way in ways]
    best, begin, end = max(scored, key=lambda each: (each[1], each[2]))
    inclusive = Way(best.wide, best.returns, inclusive=True)
    better = score(texts, inclusive)[1]
    if spans and better - end >= CLEARLY * spans and better >= ENOUGH * spans:
        best = inclusive
    return Checked(best, begin, spans)


def score(texts: Sequence[tuple[str, Sequence[tuple[int, int]]]], way: Way) -> tuple[int, int]:
    """Return how many spans begin at a word, and how many end at the end of one."""
    begin = end = 0
    for text, spans in texts:
        places = rule(text, way)
        for first, last in spans:
            found = span_of(places, first, last, way)
            if found is not None:
                begin += begins_word(text, found[0])
                end += not inside_word(text, found[1])
    return begin, end


def span_of(places: Sequence[int], first: int, last: int, way: Way) -> tuple[int, int] | None:
    """Return a span in code points, the end exclusive; None when it lies outside the text."""
    last += way.inclusive
    if not 0 <= first <= last < len(places):
        return None
    return places[first], places[last]


def begins_word(text: str, place: int) -> bool:
    """Say whether a word, or a mark before one, begins at a place.

    >>> [begins_word("so, this", place) for place in (0, 1, 4, 3)]
    [True, False, True, False]
    """
    return place < len(text) and not text[place].isspace() and not (place and text[place - 1].isalnum())


def inside_word(text: str, place: int) -> bool:
    """Say whether a place lies within a word."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
