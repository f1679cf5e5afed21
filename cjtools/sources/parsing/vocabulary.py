"""What tools call the columns of their totals in other years and languages: dictionaries as data, one TOML a tool."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib import resources

import polars as pl
from pydantic import BaseModel, ConfigDict

from cjtools.words import fold

IN_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")


class MetricNames(BaseModel):
    """One metric: its names, its unit, whether it adds up over rows, and the metric that it is counted on.

    `hundredths` says that a share is written as its percentage, without the sign.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    names: tuple[str, ...]
    unit: str = "number"
    sums: bool = False
    hundredths: bool = False
    n: str = ""


class Vocabulary(BaseModel):
    """The columns of one tool by our names for them; `times` tell when, `members` what a file of an export is about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    words: dict[str, tuple[str, ...]] = {}
    times: dict[str, tuple[str, ...]] = {}
    dimensions: dict[str, tuple[str, ...]] = {}
    members: dict[str, str] = {}
    metrics: dict[str, MetricNames] = {}

    @cached_property
    def known_times(self) -> Mapping[str, str]:
        """Our names of the columns that tell when, by their keys."""
        return by_key(self.times)

    @cached_property
    def known_dimensions(self) -> Mapping[str, str]:
        """Our names of the dimensions, by their keys."""
        return by_key(self.dimensions)

    @cached_property
    def known_metrics(self) -> Mapping[str, str]:
        """Our names of the metrics, by their keys."""
        return by_key({name: metric.names for name, metric in self.metrics.items()})

    @cached_property
    def known_words(self) -> Mapping[str, frozenset[str]]:
        """The words of each kind, by their keys."""
        return {kind: frozenset(map(header_key, words)) for kind, words in self.words.items()}

    def among(self, kind: str, texts: pl.Series) -> pl.Series:
        """Return which texts are one of the words of a kind, whatever their case."""
        return texts.str.to_lowercase().is_in([word.lower() for word in self.words.get(kind, ())])

    def says(self, kind: str, text: str) -> bool:
        """Say whether a text is one of the words of a kind, such as the label of a line of totals."""
        return header_key(text) in self.known_words.get(kind, frozenset())


def by_key(names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return our names by the keys of all that tools call them; the first one wins."""
    found: dict[str, str] = {}
    for ours, theirs in names.items():
        for name in theirs:
            found.setdefault(header_key(name), ours)
    return found


def header_key(name: str) -> str:
    """Return a column's name as names are compared: without case and accents, blanks and underscores as one hyphen.

    >>> header_key(" Duración  media_de la sesión "), header_key("Nom de l’esdeveniment")
    ('duracion-media-de-la-sesion', "nom-de-l'esdeveniment")
    """
    return fold(name.strip("\ufeff").replace("’", "'"))


def found_in(known: Mapping[str, str], name: str) -> str | None:
    """Return our name for a column, or None; what stands in brackets at its end counts only when it is known.

    >>> found_in({"channel": "channel"}, "Channel (Default Channel Group)"), found_in({}, "Channel")
    ('channel', None)
    """
    return known.get(header_key(name)) or known.get(header_key(IN_BRACKETS.sub("", name)))


def own_name(name: str) -> str:
    """Return the name under which an unknown column is kept.

    >>> own_name("Semana 0"), own_name("% total"), own_name("customEvent:card id")
    ('semana_0', 'share_total', 'customevent:card_id')
    """
    return re.sub(r"[^\w:.=]+", "_", header_key(name.replace("%", " share "))).strip("_") or "column"


@cache
def load_vocabulary(name: str) -> Vocabulary:
    """Return the vocabulary of a tool.

    >>> found_in(load_vocabulary("ga4").known_metrics, "Usuarios activos")
    'users'
    """
    file = resources.files("cjtools.sources") / "vocabularies" / f"{name}.toml"
    return Vocabulary.model_validate(tomllib.loads(file.read_text("utf-8")))
