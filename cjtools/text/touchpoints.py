"""Which touchpoint a text speaks of, and on what that rests."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import polars as pl

from cjtools.client import Client
from cjtools.settings import LANGUAGES, Touchpoint
from cjtools.tables import Coding
from cjtools.text.terms import folded, match_terms
from cjtools.words import unaccented

BASIS_OF_METHOD = {"person": "person", "rule": "source", "model": "model"}
# "ana@mail.example" names no channel.
ADDRESSES = r"\S*@\S+|https?:\S*|www\.\S+"
FOUND = {"quote_id": pl.String, "touchpoint": pl.String, "basis": pl.String}


def touchpoint_of(quotes: pl.DataFrame, codings: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return quote_id, touchpoint and basis of the texts that can be tied to one; the first basis that holds decides.

    - person: somebody coded it; source: its source, or a column of it, says so (platforms do not: where a text was
      posted is not what it speaks of).
    - term: it holds one of the client's own terms. Not for interviews: those are coded by people.

    A text that only implies where it happened has none: from implicit text alone machines are right in 15 to 25 of 100
    cases, so nothing is guessed. For what a text names by a common noun see suggest_touchpoints.
    """
    codes = codings.filter(pl.col("accepted") & (pl.col("kind") == "touchpoint")).sort("quote_id", "code", "method")
    basis = pl.col("method").cast(pl.String).replace_strict(BASIS_OF_METHOD, return_dtype=pl.String)
    found = codes.select("quote_id", touchpoint="code", basis=basis)
    for tier in (by_sources, by_terms):
        left = quotes.join(found, on="quote_id", how="anti", maintain_order="left")
        found = pl.concat([found, tier(left, client=client)])
    # A person's code comes before what a source says of the same touchpoint.
    once = found.unique(["quote_id", "touchpoint"], keep="first", maintain_order=True)
    return once.sort("quote_id", "touchpoint")


def suggest_touchpoints(quotes: pl.DataFrame, codings: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return codings, none accepted, of texts that nothing ties to a touchpoint and that name one by a common noun.

    "Website", "newsletter", "courier": counted only where the client has exactly one touchpoint of that channel, kind
    or id. Suggestions, not evidence: in the example client "two mails to customer service" would be voices on the
    newsletter.
    """
    tied = touchpoint_of(quotes, codings, client=client)
    left = quotes.join(tied, on="quote_id", how="anti", maintain_order="left")
    return by_mentions(left, client=client).select(
        "quote_id",
        code="touchpoint",
        kind=pl.lit("touchpoint"),
        value=None,
        coder=pl.lit("mention"),
        method=pl.lit("rule"),
        confidence=None,
        accepted=False,
    ).select(Coding.column_names()).pipe(Coding.cast).sort("quote_id", "code")  # fmt: skip


def by_sources(quotes: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return the touchpoint that client.toml gives to the whole source of a text."""
    given = {row.id: row.touchpoint for row in client.sources if row.touchpoint}
    own = pl.col("source_id").replace_strict(given, default=None, return_dtype=pl.String)
    return quotes.select("quote_id", touchpoint=own, basis=pl.lit("source")).drop_nulls("touchpoint")


def by_terms(quotes: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return the touchpoints whose terms, of client.toml, stand in a text."""
    bound = match_terms(spoken(quotes), touchpoints=client.touchpoints)
    return bound.select("quote_id", touchpoint="code", basis=pl.lit("term"))


def by_mentions(quotes: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return the touchpoints that a text names by a common noun of its language."""
    places = only_touchpoints(client.touchpoints)
    rows = [pl.DataFrame(schema=FOUND)]
    for (language,), texts in spoken(quotes).group_by("language", maintain_order=True):
        if language not in LANGUAGES or not places:
            continue
        group_of = nouns(str(language))
        named = folded(pl.col("text").str.replace_all(ADDRESSES, " ")).str.extract_all(pattern_of(sorted(group_of)))
        each = texts.select("quote_id", noun=named).explode("noun").drop_nulls("noun")
        group = pl.col("noun").str.replace_all(r"[\s-]+", " ").replace_strict(group_of, return_dtype=pl.String)
        touchpoint = group.replace_strict(places, default=None, return_dtype=pl.String)
        rows.append(each.select("quote_id", touchpoint=touchpoint, basis=pl.lit("mention")).drop_nulls("touchpoint"))
    return pl.concat(rows).unique(maintain_order=True)


def spoken(quotes: pl.DataFrame) -> pl.DataFrame:
    """Return the texts that nobody reads one by one."""
    return quotes.filter(pl.col("kind") != "interview")


def only_touchpoints(touchpoints: Sequence[Touchpoint]) -> dict[str, str]:
    """Return the client's touchpoint of each group of nouns of which the client has exactly one.

    >>> shop = Touchpoint(id="store", label="Shop", channel="store", environment="offline", stages=("purchase",))
    >>> only_touchpoints([shop]), only_touchpoints([shop, shop.model_copy(update={"id": "collection"})])
    ({'store': 'store'}, {})
    """
    fitting = {
        name: [
            row.id
            for row in touchpoints
            if row.channel in group["channels"] or row.kind in group["kinds"] or row.id in group["ids"]
        ]
        for name, group in groups().items()
    }
    return {name: found[0] for name, found in fitting.items() if len(found) == 1}


@cache
def groups() -> dict[str, dict[str, Any]]:
    """Return the groups of nouns: by which channels, kinds and ids they are known, and the nouns of each language."""
    path = resources.files("cjtools.text.lexicon").joinpath("touchpoints.toml")
    return tomllib.loads(path.read_text("utf-8"))


@cache
def nouns(language: str) -> dict[str, str]:
    """Return the group of each noun of a language, by the noun folded, blanks for hyphens."""
    return {
        " ".join(unaccented(noun).replace("-", " ").split()): name
        for name, group in groups().items()
        for noun in group[language]
    }


def pattern_of(names: Sequence[str]) -> str:
    """Return the pattern that finds nouns in a folded text, of two that begin alike the longer.

    >>> re.findall(pattern_of(["shop", "online shop"]), "an online-shop, a shop, a workshop")
    ['online-shop', 'shop']
    """
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return r"\b(?:" + "|".join(re.escape(name).replace(r"\ ", r"[\s-]+") for name in ordered) + r")\b"
