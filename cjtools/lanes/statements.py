"""What people said of a cell, counted by people; the quotes that show it; the opportunities that follow."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import polars as pl

from cjtools.evidence import quote_of
from cjtools.intervals import bootstrap_mean
from cjtools.lanes.labels import Labels, labelled, placed
from cjtools.map_tables import ALL, MapOpportunity, MapQuote, MapStatement
from cjtools.text.translations import translations_for

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
    `asked` counts the participants (of the persona) with any passage at the stage; `valence` is the mean within a
    participant first, then across. `quote_id` names the quote that shows it best among those that may be shown. Ids
    depend on what is stated, not on the order of files.
    """
    typed = interviews.filter(pl.col("stage").is_not_null())
    frames = [typed.with_columns(persona=pl.lit(ALL)), typed.filter(pl.col("persona").is_not_null())]
    by_persona = pl.concat(frames)
    asked = by_persona.group_by("stage", "persona").agg(asked=pl.col("person").n_unique().cast(pl.Int64))
    lane = pl.col("type").replace_strict(LANE_OF_TYPE, default=None, return_dtype=pl.String)
    keys = ["stage", "persona", "lane", "type", "touchpoint"]
    stated = by_persona.with_columns(lane=lane).filter(pl.col("lane").is_not_null())
    felt = stated.group_by(*keys, "person").agg(pl.col("valence").mean()).sort(*keys, "person")
    counted = (
        stated.group_by(keys)
        .agg(
            people=pl.col("person").n_unique().cast(pl.Int64),
            evidence=pl.col("evidence_id").unique().sort(),
        )
        .join(felt.group_by(keys).agg(pl.col("valence").mean().round(DIGITS)), on=keys, nulls_equal=True)
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


def with_translations(
    spoken: pl.DataFrame, translations: pl.DataFrame | None, *, language: str, own: str
) -> pl.DataFrame:
    """Return texts with their translation, its language and who made it; of a text in the reader's language none."""
    rows = [] if translations is None else translations_for(translations, language=language, own=own).values()
    names = {"translation": "translation", "language": "translation_language", "by": "translated_by"}
    shape = dict.fromkeys(("quote_id", *names), pl.String)
    chosen = pl.DataFrame([[row[name] for name in shape] for row in rows], schema=shape, orient="row").rename(names)
    joined = spoken.with_columns(quote_id=quote_of()).join(chosen, on="quote_id", how="left", maintain_order="left")
    spoken_in = pl.col("language").fill_null("")
    foreign = (spoken_in != language) & (spoken_in != pl.col("translation_language"))
    return joined.with_columns(pl.when(foreign).then(name).alias(name) for name in names.values())


def pain_interval(
    row: Mapping[str, Any], interviews: pl.DataFrame, *, minimum: int
) -> tuple[float | None, float | None]:
    """Return the 95 % interval of reach × severity, by bootstrap over those who spoke of the stage.

    The score is a mean over them: of those in pain how bad it is, of the others nothing. Nothing is said below the
    minimum group.
    """
    spoke = interviews.filter(pl.col("stage") == row["stage"])
    people = spoke["person"].unique().sort().to_list()
    if len(people) < minimum:
        return None, None
    felt = spoke.filter(pl.col("evidence_id").is_in(row["evidence"])).group_by("person").agg(pl.col("valence").mean())
    bad = {person: row["severity"] if valence is None else -valence / 2 for person, valence in felt.iter_rows()}
    _, low, high = bootstrap_mean([bad.get(person, 0.0) for person in people])
    return min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)


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


def select_quotes(
    evidence: pl.DataFrame,
    *,
    labels: Labels,
    audience: str,
    allowed: str,
    translations: pl.DataFrame | None = None,
    own: str = "en",
) -> pl.DataFrame:
    """Return the texts that this audience may read, in the order of the map.

    `allowed` is [privacy] quotes: none, consented or all. The team reads whatever was not refused; clients and
    executives read interviews with consent only, never a public post word for word (a search would find its author).
    `translations` (load_translations) stand beside the texts that are not in the reader's language: in that, else in
    the client's `own`, else in any.
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
        with_translations(spoken, translations, language=labels.language, own=own)
        .with_columns(
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
    statements: pl.DataFrame,
    *,
    interviews: pl.DataFrame,
    verdicts: pl.DataFrame,
    labels: Labels,
    minimum: int,
    top: int = 12,
) -> pl.DataFrame:
    """Return what could be better, best first: reach × severity, with its interval (see pain_interval).

    Reach = participants in pain ÷ participants who spoke of the stage; severity = −mean valence ÷ 2, from 0 to 1.
    Evidence-based, not a survey's importance and satisfaction: the page says so. `interviews` are what the statements
    are made from.
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
    ends = [pain_interval(row, interviews, minimum=minimum) for row in scored.iter_rows(named=True)]
    interval = pl.DataFrame(ends, schema={"low": pl.Float64, "high": pl.Float64}, orient="row")
    ranked = pl.concat([scored, interval], how="horizontal").with_columns(
        rank=pl.int_range(1, pl.len() + 1).cast(pl.Int64), basis=pl.lit("evidence")
    )
    empty = MapOpportunity.create_empty()
    filled = pl.concat(
        [empty, ranked.select(name for name in ranked.columns if name in empty.columns)], how="diagonal_relaxed"
    )
    return MapOpportunity.validate(filled.select(MapOpportunity.column_names()), cast=True)
