"""Which touchpoints a text speaks of, by the terms that the client declared."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from cjtools.settings import Touchpoint
from cjtools.tables import Coding
from cjtools.words import CEDILLA, fold


def match_terms(quotes: pl.DataFrame, *, touchpoints: Sequence[Touchpoint]) -> pl.DataFrame:
    """Return one coding a text and touchpoint whose terms stand in it, as whole words, without case and accents.

    A term that ends in * matches every word that begins with it. The method is "rule": the consultant's own words
    decide, no model does.

    >>> from cjtools.settings import Touchpoint
    >>> shop = Touchpoint(id="store", label="Shop", environment="offline", stages=("purchase",), terms=("botig*",))
    >>> quotes = pl.DataFrame({"quote_id": ["q1", "q2"], "text": ["Dues BOTIGUES al barri", "res de nou"]})
    >>> match_terms(quotes, touchpoints=[shop]).select("quote_id", "code").rows()
    [('q1', 'store')]
    """
    bound = [touchpoint for touchpoint in touchpoints if touchpoint.terms]
    if quotes.is_empty() or not bound:
        return Coding.create_empty()
    plain = quotes.select("quote_id", text=folded(pl.col("text")))
    found = plain.select("quote_id", *(pl.col("text").str.contains(pattern_of(row)).alias(row.id) for row in bound))
    return (
        found.unpivot(index="quote_id", variable_name="code", value_name="found")
        .filter("found")
        .select(
            "quote_id",
            "code",
            kind=pl.lit("touchpoint"),
            value=None,
            coder=pl.lit("terms"),
            method=pl.lit("rule"),
            confidence=None,
            accepted=True,
        )
        .pipe(Coding.cast)
        .sort("quote_id", "code")
    )


def folded(text: pl.Expr) -> pl.Expr:
    """Return texts without case and accents."""
    modern = text.str.replace_many([chr(old) for old in CEDILLA], [chr(new) for new in CEDILLA.values()])
    lower = modern.str.to_lowercase().str.replace_all("·", "", literal=True)
    return lower.str.normalize("NFKD").str.replace_all(r"\p{M}", "")


def pattern_of(touchpoint: Touchpoint) -> str:
    """Return the pattern that finds any term of a touchpoint in a folded text."""
    terms = [
        re.escape(" ".join(fold(term.rstrip("*")).split("-"))).replace(r"\ ", r"[\s-]+") for term in touchpoint.terms
    ]
    ends = [r"\w*" if term.endswith("*") else "" for term in touchpoint.terms]
    return r"\b(?:" + "|".join(term + end for term, end in zip(terms, ends, strict=True)) + r")\b"
