"""Ids of claims: made from where a claim stands and what it is about, never from its wording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cjtools.sources.parsing.ids import short_id
from cjtools.words import fold

# Ten hexadecimal digits; a claim whose id is taken by another has two more, and so on.
SIZE = 5
LARGEST = 32
PARTS = 6


def key_of(stage: str, persona: str, touchpoint: str | None, lane: str, kind: str, code: str = "") -> str:
    """Return what an id is made from; the code (a theme or factor) is compared without case and accents.

    >>> key_of("decision", "all", "checkout", "pains", "pain", "Despeses d'enviament")
    "decision|all|checkout|pains|pain|despeses-d'enviament"
    """
    return "|".join([stage, persona, touchpoint or "", lane, kind, fold(code)])


def code_in(key: str | None) -> str:
    """Return the code of a key, or nothing.

    >>> code_in("decision|all|checkout|pains|pain|fees"), code_in(None)
    ('fees', '')
    """
    parts = (key or "").split("|", PARTS - 1)
    return parts[-1] if len(parts) == PARTS else ""


def ids_of(keys: Iterable[str], taken: Mapping[str, str | None]) -> dict[str, str]:
    """Return the id of each key; `taken` are the ids that there are, with their keys.

    A key that has an id keeps it. A new key whose id another claim has gets a longer one: in the order of the keys, so
    that the order in which they come does not matter.

    >>> ids_of(["a|all||pains|pain|"], {"c0123456789": "a|all||pains|pain|"})
    {'a|all||pains|pain|': 'c0123456789'}
    """
    known = {key: identifier for identifier, key in sorted(taken.items(), reverse=True) if key}
    used, given = set(taken), {}
    for key in sorted(set(keys)):
        given[key] = known.get(key) or free_id(key, used)
        used.add(given[key])
    return given


def free_id(key: str, used: Iterable[str]) -> str:
    """Return the shortest id of a key that is not used."""
    return next(
        identifier for size in range(SIZE, LARGEST) if (identifier := short_id(key, prefix="c", size=size)) not in used
    )
