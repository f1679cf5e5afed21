"""What may leave the house: pseudonyms, names that must not be seen, groups too small to show."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

import polars as pl

MASK = "▮▮▮"

# A cell counts as withheld, not as empty: the page says so.
WITHHELD = "withheld"


def pseudonym(value: str, *, salt: str) -> str:
    """Return a short keyed hash of an id, the same for the same client only.

    The salt is the client's id: it keeps two clients apart; it is no secret, so the hash stays inside the house.

    >>> pseudonym("@someone", salt="acme") == pseudonym("@someone", salt="other")
    False
    """
    return hashlib.blake2b(value.encode(), key=salt.encode()[:64], digest_size=8).hexdigest()


def mask_names(text: str, names: Iterable[str]) -> str:
    """Return a text without the given names, in any case and with or without accents.

    Whole names are masked, and each of their words of three letters or more.

    >>> mask_names("Com deia la MERCE Puig, cap problema", ["Mercè Puig"])
    'Com deia la ▮▮▮ ▮▮▮, cap problema'
    """
    words = {bare(word) for name in names for word in re.findall(r"\w{3,}", name)}
    return (
        re.sub(r"\w+", lambda match: MASK if bare(match.group()) in words else match.group(), text) if words else text
    )


def bare(word: str) -> str:
    """Return a word without case and accents."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def enough(people: pl.Expr, *, minimum: int) -> pl.Expr:
    """Return whether a group is large enough to be shown as a number."""
    return people >= minimum
