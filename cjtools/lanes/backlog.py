"""What to ask next: every open question with why it is open, what to ask, and how soon; and what nobody expected."""

from __future__ import annotations

import polars as pl

from cjtools.client import Client, in_language
from cjtools.evidence import quote_of
from cjtools.lanes.labels import Labels
from cjtools.plan_tables import MapBacklog, MapUnexpected
from cjtools.tables import shape_of
from cjtools.text.codebook import load_codebook
from cjtools.words import Words, fold

# How soon: 1 where people are seen to leave or signals contradict each other, 2 where a stage is not known, 3 the rest.
SOON = {
    "verdict_undetermined": 1,
    "verdict_friction_likely": 1,
    "verdict_dissonant": 1,
    "stage_silent": 2,
    "stage_not_asked": 2,
    "stage_no_source": 2,
    "few_people": 2,
    "unexpected": 2,
}
LATER = 3


def list_backlog(questions: pl.DataFrame, unexpected: pl.DataFrame, *, labels: Labels, words: Words) -> pl.DataFrame:
    """Return the open questions in words, the most pressing first, in the order of the journey within.

    `questions` as list_questions gives them, `unexpected` as find_unexpected.
    """
    rows = questions.select("kind", "stage", "touchpoint", "label", "n").to_dicts()
    rows += [
        {"kind": "unexpected", "stage": next(iter(row["stages"]), None), "touchpoint": None, "label": row["label"],
         "n": row["people"]}
        for row in unexpected.to_dicts()
    ]  # fmt: skip
    place = {stage: number for number, stage in enumerate(labels.stages)}
    ordered = sorted(
        enumerate(rows),
        key=lambda item: (SOON.get(item[1]["kind"], LATER), place.get(item[1]["stage"], len(place)), item[0]),
    )
    told = [
        {
            **row,
            "position": number,
            "priority": SOON.get(row["kind"], LATER),
            "stage_label": labels.stages.get(row["stage"]),
            "why": in_words(words, "why", row["kind"], row["label"]),
            "ask": in_words(words, "ask", row["kind"], row["label"]),
        }
        for number, (_, row) in enumerate(ordered)
    ]
    return MapBacklog.validate(pl.DataFrame(told, schema=shape_of(MapBacklog), strict=False), cast=True)


def in_words(words: Words, prefix: str, kind: str, label: str) -> str:
    """Return why a question is open, or what to ask."""
    return words(f"{prefix}_{kind}", label=label)


def find_unexpected(
    codings: pl.DataFrame, evidence: pl.DataFrame, *, client: Client, minimum: int, language: str
) -> pl.DataFrame:
    """Return the themes that people speak of and that stand in nobody's plan, most people first; see MapUnexpected.

    A theme is planned when a touchpoint bears its name as id, label, code or term, or a stage or persona does.
    People are distinct participants and authors of the wave; themes of fewer than `minimum` are left out. A theme is
    called as the codebook has it in `language`, else by its code.
    """
    labels = theme_labels(client, language)
    planned = {fold(name) for name in names_in_plan(client)}
    known = pl.col("code").map_elements(lambda code: fold(code) in planned, return_dtype=pl.Boolean)
    themes = codings.filter(pl.col("accepted") & (pl.col("kind") == "theme"))
    free = themes.filter(~known).select("quote_id", "code").unique().sort("quote_id", "code")
    said = evidence.filter(pl.col("basis") == "reported").with_columns(quote_id=quote_of())
    found = (
        free.join(said, on="quote_id")
        .group_by("code")
        .agg(
            people=pl.col("person").n_unique().cast(pl.Int64),
            texts=pl.col("quote_id").n_unique().cast(pl.Int64),
            stages=pl.col("stage").drop_nulls().unique().sort(),
            evidence=pl.col("evidence_id").unique().sort(),
        )
        .filter(pl.col("people") >= minimum)
        .with_columns(
            kind=pl.lit("theme"),
            label=pl.col("code").map_elements(lambda code: labels.get(fold(code), code), return_dtype=pl.String),
        )
        .sort("people", "code", descending=[True, False])
    )
    return MapUnexpected.validate(found.select(MapUnexpected.column_names()), cast=True)


def theme_labels(client: Client, language: str) -> dict[str, str]:
    """Return what the codebook calls each theme in a language, by its folded code; what has no name is not there."""
    own, themes = client.client.language, load_codebook(client).of("theme")
    labels = {fold(code.id): in_language(code.label, language, own) for code in themes}
    return {code: label for code, label in labels.items() if label}


def names_in_plan(client: Client) -> list[str]:
    """Return every name by which client.toml knows a touchpoint, a stage or a persona."""
    names = []
    for touchpoint in client.touchpoints:
        label = touchpoint.label
        names += [touchpoint.id, *touchpoint.codes, *touchpoint.terms]
        names += [label] if isinstance(label, str) else list(label.values())
    return [*names, *(row.id for row in client.journey), *(row.id for row in client.personas)]
