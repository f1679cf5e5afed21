"""What people decided about a client's texts, as the files beside client.toml have it, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from cjtools.client import Client
from cjtools.errors import CjtoolsError, Fault
from cjtools.text import codebook, codings, theme_file, translations

Held = TypeVar("Held")


@dataclass(frozen=True)
class Decided:
    """How many decisions are in force and how many of them are on quotes that are not there, how many codes and themes.

    Null where the file is not there, or cannot be read.
    """

    decisions: int | None
    orphans: int | None
    codes: int | None
    themes: int | None


def check_decisions(client: Client, quotes: pl.DataFrame) -> tuple[Decided, list[Fault]]:
    """Return what codings.csv, codebook.toml and themes.json hold, and every fault of these and of translations.csv.

    >>> import cjtools as cj
    >>> check_decisions(cj.load_client("data/example"), cj.Tables().quotes)
    (Decided(decisions=None, orphans=None, codes=None, themes=None), [])
    """
    decided, faults = tried(codings.FILE, codings.load_codings, client)
    book, more = tried(codebook.FILE, lambda own: codebook.read_codebook(own.folder / codebook.FILE), client)
    themes, others = tried(theme_file.FILE, theme_file.read_themes, client)
    _, translated = tried(translations.FILE, translations.load_translations, client)
    return Decided(
        decisions=None if decided is None else codings.in_force(decided).height,
        orphans=None if decided is None else codings.orphans(decided, quotes).height,
        codes=None if book is None else len(book.codes),
        themes=None if themes is None else len(themes[1]),
    ), [*faults, *more, *others, *translated]


def tried(name: str, read: Callable[[Client], Held], client: Client) -> tuple[Held | None, list[Fault]]:
    """Return what a file of the client's folder holds, or its faults, each with the name of the file."""
    if not (client.folder / name).is_file():
        return None, []
    try:
        return read(client), []
    except CjtoolsError as error:
        return None, [named(fault, name) for fault in error.faults]


def named(fault: Fault, name: str) -> Fault:
    """Return a fault that says in which file it stands.

    >>> named(Fault("codes[1].kind", "missing"), "codebook.toml").where
    'codebook.toml, codes[1].kind'
    """
    where = fault.where if fault.where.startswith(name) else f"{name}, {fault.where}"
    return Fault(where, fault.found, fault.expected, fault.step)
