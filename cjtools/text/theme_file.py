"""The themes of a wave, and the file in which they wait for the next one: themes.json in the client's folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from cjtools.client import Client
from cjtools.errors import ClientError, Fault, cut, raise_if_any
from cjtools.whole_file import write_whole

FILE = "themes.json"


class Themed(dy.Schema):
    """The theme of a text and how like its centre it is (cosine); null for a text that belongs to none."""

    quote_id = dy.String(primary_key=True)
    theme = dy.String(nullable=True)
    likeness = dy.Float64(nullable=True)


@dataclass(frozen=True, eq=False)
class Theme:
    """One theme: its lasting id, its words by language (or its edited label), how many people and texts, its centre."""

    id: str
    label: Mapping[str, str]
    people: int
    quotes: int
    centre: np.ndarray


@dataclass(frozen=True)
class Themes:
    """The themes, most people first, and what was found of them.

    `stability` is the mean adjusted Rand index of groupings of resampled texts: 1 when the same groups come back each
    time, 0 when they come by chance.
    """

    rows: pl.DataFrame
    themes: tuple[Theme, ...]
    stability: float | None
    encoder: str


def save_themes(client: Client, themes: Themes) -> Path:
    """Write the themes to themes.json in the client's folder, for the next wave; labels may be edited there."""
    told = [
        {"id": theme.id, "label": dict(theme.label), "people": theme.people, "centre": theme.centre.tolist()}
        for theme in themes.themes
    ]
    text = json.dumps({"encoder": themes.encoder, "themes": told}, ensure_ascii=False, indent=1, sort_keys=True)
    path = client.folder / FILE
    write_whole(path, [text, "\n"])
    return path


def load_themes(client: Client, *, encoder: str) -> tuple[Theme, ...]:
    """Return the themes of an earlier wave, when they were found with the same encoder; none without the file.

    Raises ClientError for a file that is no list of themes.
    """
    found_with, themes = read_themes(client)
    return themes if found_with == encoder else ()


def read_themes(client: Client) -> tuple[str, tuple[Theme, ...]]:
    """Return the themes of the client's themes.json and the encoder they were found with; none without the file."""
    path = client.folder / FILE
    if not path.is_file():
        return "", ()
    try:
        told = json.loads(path.read_text("utf-8-sig"))
        themes = tuple(theme_of(row) for row in told["themes"])
        encoder = str(told["encoder"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        found = f"no list of themes: {type(error).__name__} {cut(error)}"
        raise ClientError(path.as_posix(), [Fault(FILE, found, "what save_themes wrote", "remove it")]) from None
    raise_if_any(ClientError, path.as_posix(), list(faults_of(themes)))
    return encoder, themes


def theme_of(row: Mapping[str, Any]) -> Theme:
    """Return one theme of the file."""
    label = {str(language): str(words) for language, words in row["label"].items()}
    return Theme(str(row["id"]), label, int(row["people"]), 0, unit(row["centre"]))


def faults_of(themes: Sequence[Theme]) -> Iterator[Fault]:
    """Yield what is wrong with themes that can be read."""
    ids = [theme.id for theme in themes]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield Fault(FILE, f"{cut(name)} is there twice", "an id of its own")
    for theme in themes:
        if theme.centre.ndim != 1 or not np.isfinite(theme.centre).all():
            yield Fault(FILE, f"the centre of {cut(theme.id)} is no list of numbers", "what save_themes wrote")


def unit(values: Sequence[float]) -> np.ndarray:
    """Return a vector of length 1."""
    vector = np.asarray(values, dtype=np.float64)
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
