"""What public voices said: counts, net sentiment, reach."""

from __future__ import annotations

import polars as pl

from cjtools.intervals import net_share
from cjtools.lanes.labels import Labels, labelled, placed
from cjtools.map_tables import ALL, MapSentiment
from cjtools.tables import shape_of


def count_sentiment(public: pl.DataFrame, *, labels: Labels, minimum: int) -> pl.DataFrame:
    """Return positive, neutral and negative voices by stage, by touchpoint and in all, with net sentiment.

    One voice is one de-duplicated text; a repost adds reach and no voice. Net = (positive − negative) ÷ scored voices;
    null below `minimum` scored voices. `public` holds mentions and reviews.
    """
    scopes = [
        public.filter(pl.col(scope).is_not_null())
        .with_columns(name=pl.col(scope))
        .pipe(tally, scope=scope)
        .with_columns(label=labelled("name", labels.of(scope)), position=placed("name", labels.of(scope)))
        for scope in ("stage", "touchpoint")
    ]
    everything = tally(public.with_columns(name=pl.lit(ALL)), scope="all").with_columns(
        label=pl.lit(labels.personas[ALL]), position=pl.lit(0, dtype=pl.Int64)
    )
    counts = pl.concat([*scopes, everything]).filter(pl.col("position").is_not_null()).sort("scope", "position", "name")
    rows = []
    for row in counts.drop("position").to_dicts():
        scored = row["positive"] + row["neutral"] + row["negative"]
        net = (
            net_share(positive=row["positive"], negative=row["negative"], total=scored)
            if scored >= minimum
            else (None, None, None)
        )
        rows.append({**row, **dict(zip(("net", "low", "high"), net, strict=True))})
    return MapSentiment.validate(pl.DataFrame(rows, schema=shape_of(MapSentiment)), cast=True)


def tally(public: pl.DataFrame, *, scope: str) -> pl.DataFrame:
    """Return the counts of one scope by the column `name`; a text counts once however many touchpoints it names."""
    quote = pl.col("source_id") + "\0" + pl.col("source_file") + "\0" + pl.col("source_row").cast(pl.String)
    once = (
        public.with_columns(quote=quote)
        .sort("evidence_id")
        .unique(["name", "quote"], keep="first", maintain_order=True)
    )
    voice, valence = pl.col("voice"), pl.col("valence")
    return (
        once.group_by("name")
        .agg(
            positive=(voice & (valence > 0)).sum().cast(pl.Int64),
            neutral=(voice & (valence == 0)).sum().cast(pl.Int64),
            negative=(voice & (valence < 0)).sum().cast(pl.Int64),
            unscored=(voice & valence.is_null()).sum().cast(pl.Int64),
            n=voice.sum().cast(pl.Int64),
            reach=pl.col("n").sum().cast(pl.Int64),
        )
        .with_columns(scope=pl.lit(scope))
        .select("scope", "name", "positive", "neutral", "negative", "unscored", "n", "reach")
    )
