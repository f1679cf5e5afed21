"""The labels of a client's stages, personas and touchpoints in one language."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cjtools.client import Client, in_language
from cjtools.map_tables import ALL
from cjtools.words import Words


@dataclass(frozen=True)
class Labels:
    """What each stage, persona and touchpoint is called on this map, and the place of each."""

    stages: dict[str, str]
    personas: dict[str, str]
    touchpoints: dict[str, str]
    language: str = "en"

    def of(self, scope: str) -> dict[str, str]:
        """Return the labels of a scope: stage or touchpoint."""
        return self.stages if scope == "stage" else self.touchpoints


def label_client(client: Client, *, words: Words) -> Labels:
    """Return all labels of a client in the language of `words`; a label that is missing falls back to the id."""

    def text(label: object, name: str) -> str:
        return in_language(label, words.language, client.client.language) or name  # type: ignore[arg-type]

    stages = {}
    for row in client.journey:
        own = text(row.label, "")
        known = words.stage(row.id) if words.has("stages", row.id) else row.id
        stages[row.id] = own or known[:1].upper() + known[1:]
    return Labels(
        stages=stages,
        personas={ALL: words["everybody"], **{row.id: text(row.name, row.id) for row in client.personas}},
        touchpoints={row.id: text(row.label, row.id) for row in client.touchpoints},
        language=words.language,
    )


def labelled(column: str, labels: dict[str, str]) -> pl.Expr:
    """Return the labels of a column of ids; an unknown id stays null."""
    return pl.col(column).replace_strict(labels, default=None, return_dtype=pl.String)


def placed(column: str, labels: dict[str, str]) -> pl.Expr:
    """Return the place of a column of ids in the order of the client's file."""
    return pl.col(column).replace_strict(
        {name: place for place, name in enumerate(labels)}, default=None, return_dtype=pl.Int64
    )
