"""The words that survey tools write around the answers, in seven languages, from survey_words.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

from cjtools.sources.parsing.markup import plain_text
from cjtools.words import fold


@cache
def load_survey_words() -> Mapping[str, Mapping[str, list[str]]]:
    """Return the lists of words by section and name."""
    return tomllib.loads((resources.files("cjtools.sources.readers") / "survey_words.toml").read_text("utf-8"))


@lru_cache(maxsize=10_000)
def word_key(text: str) -> str:
    """Return a text as these words are compared: letters and digits alone, without case and accents.

    >>> word_key("Respondent ID"), word_key("Adreça electrònica:"), word_key("#")
    ('respondentid', 'adrecaelectronica', '#')
    """
    return "".join(char for char in fold(text) if char.isalnum()) or text.strip()


@cache
def words_of(section: str, name: str) -> frozenset[str]:
    """Return one list of words, as they are compared."""
    return frozenset(map(word_key, load_survey_words()[section][name]))


@cache
def roles_of(tool: str) -> Mapping[str, str]:
    """Return what the columns of a tool are for, by their names as they are compared.

    >>> roles_of("qualtrics")["externaldatareference"]
    'key'
    """
    return {word_key(name): role for role, names in load_survey_words()[tool].items() for name in names}


@cache
def parts_of(section: str, name: str) -> tuple[str, ...]:
    """Return one list of parts of words, folded, to be looked for inside a text."""
    return tuple(fold(part).replace("-", " ") for part in load_survey_words()[section][name])


def holds_part(text: str, section: str, name: str) -> bool:
    """Say whether a text holds one of these parts of words, at the beginning of a word.

    >>> holds_part("Otro (especifique)", "cells", "other"), holds_part("An uneasy question", "instruments", "ces")
    (True, False)
    """
    spaced = " " + re.sub(r"[\W_]+", " ", fold(text))
    return any(f" {part}" in spaced for part in parts_of(section, name))


def plain_wording(text: str) -> str:
    """Return the wording of a question on one line, without markup.

    >>> plain_wording("<b>Which</b> films?<br>Tick&nbsp;all")
    'Which films? Tick all'
    """
    return " ".join(plain_text(text).split())
