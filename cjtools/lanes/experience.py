"""How the experience was: scores of stages and touchpoints, people counted once."""

from __future__ import annotations

import polars as pl

from cjtools.intervals import bootstrap_mean
from cjtools.lanes.labels import Labels, labelled, placed
from cjtools.map_tables import ALL, MapExperience


def score_experience(interviews: pl.DataFrame, *, labels: Labels, minimum: int) -> pl.DataFrame:
    """Return the experience score of each stage and touchpoint, for everybody and for each persona.

    The mean of the coded valences (−2 to +2) within a participant first, then across participants, with a seeded
    bootstrap over participants (95 %). Below `minimum` participants no value is given: `n` says how many there were.
    Every stage, touchpoint and persona has its row, so that a gap stays a gap and the page can say "too few".
    """
    scored = interviews.filter(pl.col("valence").is_not_null())
    everybody = scored.with_columns(persona=pl.lit(ALL))
    named = scored.filter(pl.col("persona").is_not_null())
    both = pl.concat([everybody, named])
    frames = [scores_by(both, scope=scope, labels=labels, minimum=minimum) for scope in ("stage", "touchpoint")]
    return MapExperience.validate(pl.concat(frames), cast=True)


def scores_by(scored: pl.DataFrame, *, scope: str, labels: Labels, minimum: int) -> pl.DataFrame:
    """Return the scores of one scope for everybody and each persona, in the order of client.toml."""
    within = (
        scored.filter(pl.col(scope).is_not_null())
        .group_by(scope, "persona", "person")
        .agg(mean=pl.col("valence").mean())
        .sort(scope, "persona", "person")
    )
    groups = within.group_by(scope, "persona", maintain_order=True).agg(pl.col("mean"), n=pl.len())
    rows = []
    for name, persona, means, n in groups.iter_rows():
        value, low, high = bootstrap_mean(means) if n >= minimum else (None, None, None)
        rows.append((scope, name, persona, value, low, high, n, n >= minimum))
    schema = {"scope": pl.String, "name": pl.String, "persona": pl.String, "value": pl.Float64, "low": pl.Float64,
              "high": pl.Float64, "n": pl.Int64, "shown": pl.Boolean}  # fmt: skip
    known = labels.of(scope)
    grid = [(scope, persona, name) for persona in labels.personas for name in known]
    every = pl.DataFrame(grid, schema={"scope": pl.String, "persona": pl.String, "name": pl.String}, orient="row")
    return (
        every.join(pl.DataFrame(rows, schema=schema, orient="row"), on=["scope", "persona", "name"], how="left",
                   maintain_order="left")
        .with_columns(
            pl.col("n").fill_null(0),
            pl.col("shown").fill_null(value=False),
            position=placed("name", known),
            label=labelled("name", known),
            persona_label=labelled("persona", labels.personas),
        )
        .select(MapExperience.column_names())
    )  # fmt: skip
