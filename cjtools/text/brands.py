"""Which texts name the client or its competitors, and which ask or suggest something."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from cjtools.settings import LANGUAGES
from cjtools.text.lexicon import load_lexicon, plain

OWN = "own"


def find_brands(
    quotes: pl.DataFrame, *, brand: Sequence[str], competitors: Mapping[str, Sequence[str]]
) -> pl.DataFrame:
    """Return one row a text and brand it names: quote_id, brand (own, or the id of a competitor), times.

    Names are found as whole words without case and accents; a name that ends in * matches every word that begins with
    it. Hashtags and handles count: "#botigapuig" names "Botiga Puig". Where one name holds another, the longer counts.

    >>> quotes = pl.DataFrame({"quote_id": ["a"], "text": ["Millor que a Cal Pep: #botigapuig sempre"]})
    >>> find_brands(quotes, brand=["Botiga Puig"], competitors={"pep": ["Cal Pep"]}).rows()
    [('a', 'own', 1), ('a', 'pep', 1)]
    """
    named = {name: owner for owner, names in {OWN: brand, **competitors}.items() for name in names if name.strip("* ")}
    schema = {"quote_id": pl.String, "brand": pl.String, "times": pl.Int64}
    if not named or quotes.is_empty():
        return pl.DataFrame(schema=schema)
    ordered = sorted(named, key=lambda name: (-len(name), name))
    pattern = re.compile("|".join(f"(?P<n{number}>{form_of(name)})" for number, name in enumerate(ordered)))
    rows = []
    for quote, text in quotes.select("quote_id", "text").iter_rows():
        counts: dict[str, int] = {}
        for found in pattern.finditer(plain(text)):
            owner = named[ordered[int(str(found.lastgroup)[1:])]]
            counts[owner] = counts.get(owner, 0) + 1
        rows += [(quote, owner, times) for owner, times in sorted(counts.items())]
    return pl.DataFrame(rows, schema=schema, orient="row")


def form_of(name: str) -> str:
    """Return the pattern of a name: its words, apart or together, as a word, a hashtag or a handle."""
    words = (re.escape(word) for word in plain(name.rstrip("*")).split())
    return r"(?<!\w)[#@]?" + r"[\s_.-]*".join(words) + (r"\w*" if name.endswith("*") else r"(?!\w)")


def find_questions(quotes: pl.DataFrame) -> pl.DataFrame:
    """Return which texts ask and which suggest something (quote_id, text, language): quote_id, question, suggestion.

    By rule, as a hint: a question mark at an end of a sentence, or an opening word with one; a phrase by which people
    of that language suggest. Texts in other languages than the kit's five have nulls but for the question mark.

    >>> quotes = pl.DataFrame({"quote_id": ["a", "b"], "language": ["en", "en"],
    ...     "text": ["Do you open on Sundays?", "You should open on Sundays."]})
    >>> find_questions(quotes).select("question", "suggestion").rows()
    [(True, False), (False, True)]
    """
    rows = []
    for quote, text, language in quotes.select("quote_id", "text", "language").iter_rows():
        asks = re.search(r"\w[\"'»”)\s]*\?", text) is not None
        suggests = load_lexicon(language).suggestions.search(plain(text)) is not None if language in LANGUAGES else None
        rows.append((quote, asks, suggests))
    return pl.DataFrame(
        rows, schema={"quote_id": pl.String, "question": pl.Boolean, "suggestion": pl.Boolean}, orient="row"
    )
