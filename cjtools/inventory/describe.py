"""The files that were read, and their quality flags in words that a person understands."""

from __future__ import annotations

import polars as pl

from cjtools.inventory.tables import SourceLine
from cjtools.words import Words


def describe_sources(sources: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return a line a file with its flags in words; `sources` as tables.Source, rows as inventory.tables.SourceLine.

    >>> import cjtools as cj
    >>> describe_sources(cj.Tables().sources, words=cj.load_words("en")).height
    0
    """
    said = sources["flags"].to_list()
    return SourceLine.validate(
        sources.with_columns(
            family=pl.col("family").map_elements(lambda name: say_family(name, words=words), return_dtype=pl.String),
            flags=pl.Series(
                [[say_flag(flag, words=words) for flag in flags] for flags in said], dtype=pl.List(pl.String)
            ),
        ).select(SourceLine.column_names()),
        cast=True,
    )


def say_flag(flag: str, *, words: Words) -> str:
    """Return a flag (`name`, `name:count`, `name:what`) in words, its count first; an unknown one as it is.

    >>> from cjtools.words import load_words
    >>> say_flag("clock_gap:23", words=load_words("en")), say_flag("moon_phase:full", words=load_words("en"))
    ('23 × time that does not exist (clocks went forward)', 'moon phase: full')
    """
    name, detail = split_flag(flag)
    said = say_reason(name, words=words)
    if detail.isascii() and detail.isdigit():
        return f"{words.number(int(detail))} × {said}"
    return f"{said}: {detail}" if detail else said


def split_flag(flag: str) -> tuple[str, str]:
    """Return the name of a flag, and its count or what it is about, if it says so.

    >>> split_flag("internal:73"), split_flag("sampled")
    (('internal', '73'), ('sampled', ''))
    """
    name, _, detail = flag.partition(":")
    return name, detail


def say_reason(name: str, *, words: Words) -> str:
    """Return what a flag or the reason of a row that is left out means; an unknown one as it can be read.

    >>> from cjtools.words import load_words
    >>> say_reason("no_said_at", words=load_words("en")), say_reason("no_colour", words=load_words("en"))
    ('no date', 'without colour')
    """
    if words.has("flags", name):
        return words.of("flags", name)
    plain = name.replace("_", " ")
    return words("flag_without", what=plain.removeprefix("no ")) if name.startswith("no_") else plain


def say_family(name: str, *, words: Words) -> str:
    """Return the word for a family of sources, or its name as it can be read."""
    return words[f"family_{name}"] if words.has("words", f"family_{name}") else name.replace("_", " ")
