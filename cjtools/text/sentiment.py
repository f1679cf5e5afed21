"""How a text feels: −1 to +1 with probabilities, and the words that drove it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import dataframely as dy
import numpy as np
import polars as pl

from cjtools.settings import LANGUAGES
from cjtools.text.encoders import Encoder, load_encoder
from cjtools.text.heads import Head, load_head
from cjtools.text.lexicon import unescaped
from cjtools.text.polarity import FEATURES, Polar, Reading, features, read_words
from cjtools.words import unaccented

CLASSES = ("negative", "neutral", "positive")
SURE = 0.5  # the likeliest class below this probability is no answer
# Mixed: feelings both ways in the words, and neither side of the model far ahead.
BOTH_WAYS = 1.5
NO_SIDE = 0.35
SHOWN_WORDS = 5
LEXICON_METHOD = "lexicon"
WORD = re.compile(r"\w+(?:[-·]\w+)*")


class Sentiment(dy.Schema):
    """The machine's estimate of one text; null where its language is not one of the kit's, or unknown.

    `sentiment` is the probability of positive minus that of negative. `label` is the likeliest class, "uncertain" when
    none reaches 0.5, "mixed" when the words go both ways and neither side leads. `words` are those of the text that
    say something of the feeling, strongest first, with + or −. `method` names the encoder and the head, or the lexicon.
    """

    quote_id = dy.String(primary_key=True)
    sentiment = dy.Float64(nullable=True, min=-1, max=1)
    negative = dy.Float64(nullable=True, min=0, max=1)
    neutral = dy.Float64(nullable=True, min=0, max=1)
    positive = dy.Float64(nullable=True, min=0, max=1)
    label = dy.String(nullable=True)
    words = dy.List(dy.String())
    method = dy.String(nullable=True)


def score_sentiment(
    quotes: pl.DataFrame, *, encoder: Encoder | None = None, lexicon_only: bool = False
) -> pl.DataFrame:
    """Return the sentiment of each quote (quote_id, text, language), as declared in Sentiment, in their order.

    The default encoder is the small one that ships with the package; another one brings its own head. With
    `lexicon_only` the word lists decide alone, by their sum: an honest floor where no model is wanted.

    >>> quotes = pl.DataFrame({"quote_id": ["a", "b"], "text": ["Una atenció excel·lent!", "Un desastre, no hi torno"],
    ...     "language": ["ca", "ca"]})
    >>> score_sentiment(quotes, lexicon_only=True)["label"].to_list()
    ['positive', 'negative']
    """
    known = quotes.filter(pl.col("language").is_in(LANGUAGES)).select("quote_id", "text", "language")
    texts, languages = known["text"].to_list(), known["language"].to_list()
    readings = read_words(texts, languages)
    if lexicon_only:
        chances, method = lexicon_chances(features(readings)), LEXICON_METHOD
    else:
        encoder = encoder or load_encoder()
        head = head_of(encoder)
        chances = head.probabilities(columns_of(texts, languages, readings, encoder=encoder))
        method = f"{encoder.name} {head.fingerprint[:8]}"
    rows = [row_of(text, chance, reading) for text, chance, reading in zip(texts, chances, readings, strict=True)]
    schema = {name: column.dtype for name, column in Sentiment.columns().items() if name not in ("quote_id", "method")}
    scored = known.select("quote_id").hstack(pl.DataFrame(rows, schema=schema, orient="row"))
    scored = scored.with_columns(method=pl.lit(method))
    every = quotes.select("quote_id").join(scored, on="quote_id", how="left", maintain_order="left")
    return Sentiment.validate(every.with_columns(pl.col("words").fill_null([])), cast=True)


def head_of(encoder: Encoder) -> Head:
    """Return the head that was trained on the vectors of an encoder."""
    return load_head(f"sentiment-{encoder.name}")


def columns_of(
    texts: Sequence[str], languages: Sequence[str], readings: Sequence[Reading], *, encoder: Encoder
) -> np.ndarray:
    """Return what a head takes: the vector of a text, what its words say, and its language."""
    spoken = np.array([[language == each for each in LANGUAGES] for language in languages], dtype=np.float32)
    return np.hstack(
        [encoder.encode(list(map(unescaped, texts))), features(readings), spoken.reshape(-1, len(LANGUAGES))]
    )


def lexicon_chances(counted: np.ndarray) -> np.ndarray:
    """Return probabilities by the word lists alone: the sum of what the words, idioms and emoji say, squashed."""
    column = {name: counted[:, place].astype(np.float64) for place, name in enumerate(FEATURES)}
    signs = column["emoji_positive"] ** 2 - column["emoji_negative"] ** 2
    lean = 1.2 * (column["sum"] + 0.5 * signs + 0.3 * column["last_clause"])
    raised = np.exp(np.stack([-lean, np.full_like(lean, 0.4), lean], axis=1))
    return np.asarray(np.round(raised / raised.sum(axis=1, keepdims=True), 6))


def row_of(text: str, chance: np.ndarray, reading: Reading) -> tuple[object, ...]:
    """Return the row of one text."""
    negative, neutral, positive = (float(value) for value in chance)
    told = label_of(negative, neutral, positive, both=reading.row[FEATURES.index("mixed")])
    return round(positive - negative, 6), negative, neutral, positive, told, driving_words(text, reading.polars)


def label_of(negative: float, neutral: float, positive: float, *, both: float) -> str:
    """Return the label of three probabilities; `both` is how much the words go both ways.

    >>> label_of(0.1, 0.2, 0.7, both=0), label_of(0.45, 0.1, 0.45, both=2), label_of(0.4, 0.35, 0.25, both=0)
    ('positive', 'mixed', 'uncertain')
    """
    if both >= BOTH_WAYS and neutral < max(negative, positive) and abs(positive - negative) < NO_SIDE:
        return "mixed"
    best = max(negative, neutral, positive)
    if best < SURE:
        return "uncertain"
    return CLASSES[(negative, neutral, positive).index(best)]


def driving_words(text: str, polars: Sequence[Polar]) -> list[str]:
    """Return the words of a text that say most of its feeling, strongest first, as they are written, with their sign.

    >>> from cjtools.text.polarity import polar_words
    >>> text = "La botiga és preciosa, però la cua és HORRIBLE"
    >>> driving_words(text, polar_words(text, language="ca"))
    ['+preciosa', '−HORRIBLE', '−cua']
    """
    ranked = sorted((polar for polar in polars if polar.value), key=lambda polar: (-abs(polar.value), polar.at))
    written = {unaccented(word): word for word in reversed(WORD.findall(text))} if ranked else {}
    shown = [f"{'+' if polar.value > 0 else '−'}{written.get(polar.text, polar.text)}" for polar in ranked]
    return list(dict.fromkeys(shown))[:SHOWN_WORDS]
