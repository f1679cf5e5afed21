"""What the words of a text say of a feeling, counted: the lexicon's part in sentiment, and its reasons."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cjtools.text.lexicon import FACE, Lexicon, Token, idiom_at, load_emoji, load_lexicon, plain, tokens_of, unescaped

# The features, in the order of their columns.
FEATURES = (
    "sum", "positive", "negative", "strongest_positive", "strongest_negative", "last_clause", "first_clause",
    "negations", "turned", "phrases", "emoji_positive", "emoji_negative", "exclamation", "question", "dots",
    "capitals", "drawn_out", "question_words", "suggestion", "length", "polar_share", "but", "digits", "mixed",
)  # fmt: skip
SIZE = len(FEATURES)

REACH = 4  # words that a negation reaches forward
TURNED = -0.6  # what is left of a polar word behind a negation: "not good" is less bad than "bad"
LONGEST = 5000  # letters of a text that are read for it
DRAWN_OUT = re.compile(r"(\w)\1{2,}")
CAPITALS = re.compile(r"\b[^\W\d_]{3,}\b")


@dataclass(frozen=True)
class Polar:
    """One word, idiom or emoji of a text that says something of the feeling, and how much, as it stands there."""

    at: int
    text: str
    value: float
    turned: bool = False
    kind: str = "word"


def polar_words(text: str, *, language: str) -> tuple[Polar, ...]:
    """Return what in a text says something of the feeling, in its order, with negation and strength applied.

    A negation turns polar words of the next four words to −0.6 of their value, an intensifier multiplies the next
    one; idioms count as a whole. Method: valence shifters (Polanyi and Zaenen 2006), window by own choice.

    >>> [(polar.text, polar.value) for polar in polar_words("Not good at all 😡", language="en")][-1]
    ('😡', -3.0)
    """
    return reading(text, language).polars


def signs_of(text: str, after: int) -> list[Polar]:
    """Return the emoji and typed faces of a text, as if they stood behind it."""
    emoji, faces, values = load_emoji()
    found = [] if text.isascii() else list(emoji.finditer(text))
    found += faces.finditer(text) if FACE.search(text) else []
    return [Polar(after + sign.start(), sign.group(), values[sign.group()], kind="emoji") for sign in found]


def spoken_words(folded: str, tokens: Sequence[Token], lexicon: Lexicon) -> list[Polar]:
    """Return the polar words and idioms of a folded text, as negations and intensifiers leave them."""
    found: list[Polar] = []
    negated, strength, covered = 0, 1.0, 0
    for place, token in enumerate(tokens):
        word = token.text
        if token.at >= covered:
            idiom = idiom_at(tokens, place, lexicon)
            if idiom:
                covered = tokens[place + len(idiom.tokens) - 1].end
                value = round(idiom.value * (TURNED if negated else 1.0), 3)
                found.append(Polar(token.at, folded[token.at : covered], value, negated > 0, "phrase"))
        if not word[0].isalnum() or word in lexicon.turns:
            negated, strength = 0, 1.0
        elif token.at < covered:
            continue
        elif word in lexicon.negations:
            negated = REACH + 1
        elif word in lexicon.intensifiers:
            strength *= lexicon.intensifiers[word]
        elif value := lexicon.value(word):
            shown = value * strength * (TURNED if negated else 1.0)
            found.append(Polar(token.at, word, round(max(-4.0, min(4.0, shown)), 3), negated > 0))
            strength = 1.0
        negated = max(negated - 1, 0)
    return found


@dataclass(frozen=True)
class Reading:
    """What the words of a text say: its polar words in their order, signs last, and its row of features."""

    polars: tuple[Polar, ...]
    row: tuple[float, ...]


def read_words(texts: Sequence[str], languages: Sequence[str]) -> list[Reading]:
    """Return what the words of texts say; each language is one of the kit's five."""
    return [reading(text, language) for text, language in zip(texts, languages, strict=True)]


def features(readings: Sequence[Reading]) -> np.ndarray:
    """Return the features of texts, one row each and one column for each of FEATURES, float32."""
    return np.array([each.row for each in readings], dtype=np.float32).reshape(len(readings), SIZE)


def reading(text: str, language: str) -> Reading:
    """Return what the words of one text say."""
    text = unescaped(text[:LONGEST])
    lexicon = load_lexicon(language)
    folded = plain(text)
    tokens = tokens_of(folded)
    spoken, signs = spoken_words(folded, tokens, lexicon), signs_of(text, len(folded))
    return Reading((*spoken, *signs), tuple(feature_row(text, folded, tokens, spoken, signs, lexicon)))


def feature_row(
    text: str, folded: str, tokens: Sequence[Token], spoken: Sequence[Polar], shown: Sequence[Polar], lexicon: Lexicon
) -> list[float]:
    """Return the features of one text, from its words and its signs."""
    signs = [polar.value for polar in shown]
    values = [polar.value for polar in spoken]
    count = max(len(tokens), 1)
    borders = [token.at for token in tokens if not token.text[0].isalnum() or token.text in lexicon.turns]
    clauses = clause_sums(borders, spoken)
    ups, downs = [v for v in values if v > 0], [-v for v in values if v < 0]
    up, down = math.sqrt(sum(ups)), math.sqrt(sum(downs))
    letters = CAPITALS.findall(text)
    return [
        sum(values) / math.sqrt(count),
        up,
        down,
        max(ups, default=0.0),
        max(downs, default=0.0),
        clauses[-1],
        clauses[0],
        min(sum(token.text in lexicon.negations for token in tokens), 4) / 2,
        min(sum(polar.turned for polar in spoken), 3),
        max(-3.0, min(3.0, sum(polar.value for polar in spoken if polar.kind == "phrase"))),
        math.sqrt(sum(v for v in signs if v > 0)),
        math.sqrt(sum(-v for v in signs if v < 0)),
        min(text.count("!"), 3) / 3,
        float(text.rstrip().endswith("?")) + 0.5 * float("?" in text or "¿" in text),
        float("..." in text or "…" in text),
        sum(word.isupper() for word in letters) / max(len(letters), 1),
        float(DRAWN_OUT.search(folded) is not None),
        float(lexicon.questions.search(folded) is not None),
        float(lexicon.suggestions.search(folded) is not None),
        math.log1p(len(tokens)) / 3,
        len(values) / count * 3,
        float(any(token.text in lexicon.turns for token in tokens)),
        min(sum(token.text.isdigit() for token in tokens), 3) / 3,
        min(up, down),
    ]


def clause_sums(borders: Sequence[int], polars: Sequence[Polar]) -> list[float]:
    """Return the sum of polar values of each clause that has any; what follows a "but" is a clause of its own."""
    sums: dict[int, float] = {}
    for polar in polars:
        number = bisect_right(borders, polar.at)
        sums[number] = sums.get(number, 0.0) + polar.value
    return [max(-4.0, min(4.0, sums[number])) for number in sorted(sums)] or [0.0]
