"""Which language a text is written in."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache

import polars as pl
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from cjtools.settings import LANGUAGES, OTHER

# The kit's five, and the neighbours with which they are confused: a Galician text must not become a Spanish one.
CANDIDATES = (*LANGUAGES, "fr", "pt", "de", "gl")

# What says nothing about the language of a text: links, handles, markup of retweets.
NOISE = re.compile(r"https?:?\S*|www\.\S+|[@#]\w+|\bRT\b|&\w+;")
WORD = re.compile(r"[^\W\d_]+(?:['’·-][^\W\d_]+)*")

FEWEST_WORDS = 3  # a text of fewer words takes the language of its document
SURE = 0.9  # below this probability the document has a say
# How much likelier a language is in a document that is mostly written in it.
HOME = math.log(20)


@cache
def identifier() -> LanguageIdentifier:
    """Return the identifier, held to the candidates."""
    known = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known.set_languages(list(CANDIDATES))
    return known


def detect_language(text: str) -> tuple[str, float]:
    """Return the likeliest language of a text and its probability; an empty code for fewer than three words.

    Method: byte n-grams and naive Bayes (Lui and Baldwin 2012, "langid.py"), as py3langid has it, over nine languages.

    >>> detect_language("No em va agradar gens la botiga")[0], detect_language("Gràcies!")
    ('ca', ('', 0.0))
    """
    ranked = ranks(text)
    return ranked[0] if ranked else ("", 0.0)


def ranks(text: str) -> list[tuple[str, float]]:
    """Return every candidate with its probability, likeliest first; none for a text of too few words."""
    plain = NOISE.sub(" ", text)
    if len(WORD.findall(plain)) < FEWEST_WORDS:
        return []
    return [(str(code), float(chance)) for code, chance in identifier().rank(plain)]


def detect_languages(quotes: pl.DataFrame, *, given: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Return quote_id, language, probability and basis of each quote (columns quote_id, doc_id, text, language).

    The language that a source gave stands ("source"), and before it what a person said ("person", by `given`: language
    by quote_id). Else the text decides ("text"); where it is short or torn, its document has a say ("document"): a
    text of fewer than three words has its document's language, or none. Outside the kit's five it is "other".

    >>> quotes = pl.DataFrame({"quote_id": ["a", "b"], "doc_id": ["d", "d"], "language": [None, None],
    ...     "text": ["Mi è piaciuto molto il negozio in centro", "Certo."]}, schema_overrides={"language": pl.String})
    >>> detect_languages(quotes).select("quote_id", "language", "basis").rows()
    [('a', 'it', 'text'), ('b', 'it', 'document')]
    """
    told = given or {}
    ranked = {text: ranks(text) for text in quotes["text"].unique()}
    homes = languages_of_documents(quotes, ranked)
    rows = [
        (quote, *decide(ranked[text], source=source, person=told.get(quote), home=homes.get(document)))
        for quote, document, text, source in quotes.select("quote_id", "doc_id", "text", "language").iter_rows()
    ]
    schema = {"quote_id": pl.String, "language": pl.String, "probability": pl.Float64, "basis": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def languages_of_documents(quotes: pl.DataFrame, ranked: Mapping[str, list[tuple[str, float]]]) -> dict[str, str]:
    """Return the language in which most of a document is written, by letters, where one clearly leads."""
    weights: dict[str, dict[str, float]] = {}
    for document, text in quotes.select("doc_id", "text").iter_rows():
        for code, chance in ranked[text][:1]:
            if chance >= SURE:
                own = weights.setdefault(document, {})
                own[code] = own.get(code, 0.0) + len(text)
    return {
        document: best
        for document, own in weights.items()
        for best in [max(sorted(own), key=own.__getitem__)]
        if own[best] > sum(own.values()) / 2
    }


def decide(
    ranked: list[tuple[str, float]], *, source: str | None, person: str | None, home: str | None
) -> tuple[str | None, float | None, str]:
    """Return the language of one text, its probability and on what it rests."""
    if person:
        return of_the_kit(person), 1.0, "person"
    if source:
        return of_the_kit(source), None, "source"
    if not ranked:
        return (of_the_kit(home), None, "document") if home else (None, None, "none")
    code, chance = ranked[0]
    if chance < SURE and home and home != code:
        weighed = {name: math.log(max(value, 1e-12)) + HOME * (name == home) for name, value in ranked}
        if max(sorted(weighed), key=weighed.__getitem__) == home:
            return of_the_kit(home), round(dict(ranked)[home], 6), "document"
    return of_the_kit(code), round(chance, 6), "text"


def of_the_kit(code: str) -> str:
    """Return a language of the kit by its BCP 47 code, whatever the region; any other is "other".

    >>> of_the_kit("ca-ES"), of_the_kit("pt")
    ('ca', 'other')
    """
    primary = code.replace("_", "-").split("-")[0].lower()
    return primary if primary in LANGUAGES else OTHER
