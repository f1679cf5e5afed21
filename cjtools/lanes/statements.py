"""What people said of a cell, counted by people; the quotes that show it; the opportunities that follow."""

from __future__ import annotations

import hashlib

import polars as pl

from cjtools.lanes.labels import Labels, labelled, placed
from cjtools.map_tables import ALL, MapOpportunity, MapQuote, MapStatement

LANE_OF_TYPE = {
    "need": "needs",
    "desire": "needs",
    "expectation": "needs",
    "emotion": "emotions",
    "pain": "pains",
    "lost": "pains",
    "gain": "gains",
    "goal": "gains",
    "comparing": "questions",
    "question": "questions",
    "factor": "factors",
    "suggestion": "suggestions",
    "action": "steps",
}
# A rounded score keeps reports equal where float sums would not be.
DIGITS = 6


def draft_statements(interviews: pl.DataFrame, *, quotes: pl.DataFrame, labels: Labels) -> pl.DataFrame:
    """Return the statements of each stage, lane and persona, most people first.

    A statement says: so many of the participants who spoke of this stage said this type of thing at this touchpoint.
    `asked` counts the participants (of the persona) with any passage at the stage. `quote_id` names the quote that
    shows it best among those that may be shown. Ids depend on what is stated, not on the order of files.
    """
    typed = interviews.filter(pl.col("stage").is_not_null())
    frames = [typed.with_columns(persona=pl.lit(ALL)), typed.filter(pl.col("persona").is_not_null())]
    by_persona = pl.concat(frames)
    asked = by_persona.group_by("stage", "persona").agg(asked=pl.col("person").n_unique().cast(pl.Int64))
    lane = pl.col("type").replace_strict(LANE_OF_TYPE, default=None, return_dtype=pl.String)
    keys = ["stage", "persona", "lane", "type", "touchpoint"]
    counted = (
        by_persona.with_columns(lane=lane)
        .filter(pl.col("lane").is_not_null())
        .group_by(keys)
        .agg(
            people=pl.col("person").n_unique().cast(pl.Int64),
            valence=pl.col("valence").mean().round(DIGITS),
            evidence=pl.col("evidence_id").unique().sort(),
        )
        .join(asked, on=["stage", "persona"])
        .with_columns(
            position=placed("stage", labels.stages),
            order=placed("persona", labels.personas),
            label=labelled("touchpoint", labels.touchpoints),
        )
        .filter(pl.col("position").is_not_null() & pl.col("order").is_not_null())
        .with_columns(fewer=-pl.col("people"))
        .sort("position", "order", "lane", "fewer", "type", "touchpoint", nulls_last=True)
    )
    ranked = counted.with_columns(
        rank=pl.int_range(1, pl.len() + 1).over("stage", "persona", "lane").cast(pl.Int64),
        statement_id=pl.concat_str(keys, separator="|", ignore_nulls=True).map_elements(
            stable_id, return_dtype=pl.String
        ),
    )
    shown = best_quotes(ranked, quotes=quotes)
    return MapStatement.validate(
        ranked.join(shown, on="statement_id", how="left", maintain_order="left").select(MapStatement.column_names()),
        cast=True,
    )


def stable_id(key: str) -> str:
    """Return a short id that depends on nothing but its key.

    >>> stable_id("purchase|all|pains|pain|store") == stable_id("purchase|all|pains|pain|store")
    True
    """
    return "s" + hashlib.sha256(key.encode()).hexdigest()[:10]


def best_quotes(ranked: pl.DataFrame, *, quotes: pl.DataFrame) -> pl.DataFrame:
    """Return statement_id and quote_id: of what may be shown, word for word first, then strongest, then shortest."""
    candidates = (
        ranked.select("statement_id", evidence_id="evidence").explode("evidence_id").join(quotes, on="evidence_id")
    )
    return (
        candidates.with_columns(strength=pl.col("valence").abs().fill_null(0), length=pl.col("text").str.len_chars())
        .sort(
            "statement_id",
            "verbatim",
            "strength",
            "length",
            "evidence_id",
            descending=[False, True, True, False, False],
        )
        .unique("statement_id", keep="first", maintain_order=True)
        .select("statement_id", quote_id="evidence_id")
    )


def select_quotes(evidence: pl.DataFrame, *, labels: Labels, audience: str, allowed: str) -> pl.DataFrame:
    """Return the texts that this audience may read, in the order of the map.

    `allowed` is [privacy] quotes: none, consented or all. The team reads whatever was not refused; clients and
    executives read interviews with consent only, never a public post word for word (a search would find its author).
    """
    spoken = evidence.filter((pl.col("basis") == "reported") & pl.col("text").is_not_null() & (pl.col("text") != ""))
    consent = pl.col("consent").cast(pl.String)
    if allowed == "none":
        spoken = spoken.clear()
    elif audience != "team" or allowed == "consented":
        outside = consent.is_in(["report", "public"])
        inside = outside | ((consent == "internal") if audience == "team" else False)
        spoken = spoken.filter(inside)
    else:
        spoken = spoken.filter(consent != "none")
    return MapQuote.validate(
        spoken.with_columns(
            touchpoint_label=labelled("touchpoint", labels.touchpoints),
            position=placed("stage", labels.stages),
            who=pl.when(pl.col("family") == "interview").then("person")
            if audience == "team"
            else pl.lit(None, pl.String),
            source_file="source_file" if audience == "team" else pl.col("source_id"),
            source_row="source_row" if audience == "team" else pl.lit(None, pl.Int64),
        )
        .sort("position", "touchpoint", "family", "said_on", "evidence_id", nulls_last=True)
        .select(MapQuote.column_names()),
        cast=True,
    )


def rank_opportunities(
    statements: pl.DataFrame, *, verdicts: pl.DataFrame, labels: Labels, top: int = 12
) -> pl.DataFrame:
    """Return what could be better, best first: reach × severity.

    Reach = participants in pain ÷ participants who spoke of the stage; severity = −mean valence ÷ 2, from 0 to 1.
    Evidence-based, not a survey's importance and satisfaction: the page says so.
    """
    pains = statements.filter((pl.col("persona") == ALL) & (pl.col("type") == "pain") & (pl.col("asked") > 0))
    scored = (
        pains.with_columns(
            reach=(pl.col("people") / pl.col("asked")).round(DIGITS),
            severity=(-pl.col("valence").fill_null(-1) / 2).clip(0, 1).round(DIGITS),
        )
        .with_columns(score=(pl.col("reach") * pl.col("severity")).round(DIGITS))
        .join(verdicts.select("touchpoint", "verdict"), on="touchpoint", how="left")
        .with_columns(
            label=pl.coalesce(labelled("touchpoint", labels.touchpoints), labelled("stage", labels.stages)),
            position=placed("stage", labels.stages),
        )
        .sort("score", "people", "position", "statement_id", descending=[True, True, False, False])
        .head(top)
    )
    ranked = scored.with_columns(rank=pl.int_range(1, pl.len() + 1).cast(pl.Int64), basis=pl.lit("evidence"))
    empty = MapOpportunity.create_empty()
    filled = pl.concat(
        [empty, ranked.select(name for name in ranked.columns if name in empty.columns)], how="diagonal_relaxed"
    )
    return MapOpportunity.validate(filled.select(MapOpportunity.column_names()), cast=True)
