"""Two maps held against each other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from cjtools.comparing.changes import compare_rest
from cjtools.comparing.figures import compare_figures
from cjtools.comparing.pairs import Both
from cjtools.comparing.tables import WaveChange, WaveFigure, WavePair, WaveStale
from cjtools.tables import shape_of
from cjtools.words import Words

if TYPE_CHECKING:
    from cjtools.journey_map import JourneyMap


@dataclass(frozen=True)
class Period:
    """The wave of one of the two maps: its name and its days, both inclusive."""

    wave: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Comparison:
    """What two maps have in common and what not, as tables (comparing/tables.py declares them).

    `before` is nothing where there is no wave before; the first two tables are empty then. `cautions` are the words
    (of the section "comparing") for what the reader has to keep in mind.
    """

    words: Words
    before: Period | None
    now: Period
    wave_figures: pl.DataFrame
    wave_changes: pl.DataFrame
    wave_stale: pl.DataFrame
    cautions: tuple[str, ...] = ()

    @property
    def drawn(self) -> pl.DataFrame:
        """The main figures, as charts.wave_comparison takes them."""
        return self.wave_figures.filter("main").select(WavePair.column_names())


def compare_waves(before: JourneyMap | None, now: JourneyMap) -> Comparison:
    """Return what stayed, changed, came and went from one map to the other, and what may not be compared, with reasons.

    Figures have the 95 % interval of their difference: means by seeded bootstrap over people, shares by Newcombe, net
    shares by their variances. Compared is only what has equal wording, scale and definition; of different models of
    stages the bands. `before` is `now.before` for the wave that [wave] previous names; any other map will do, of the
    same client or not. Words and labels are those of `now`.

    In a notebook: `cj.charts.wave_comparison(cj.compare_waves(journey.before, journey).drawn, words=words)`.
    """
    stale = stale_claims(now)
    if before is None:
        return Comparison(now.words, None, period_of(now), WaveFigure.create_empty(), WaveChange.create_empty(), stale)
    both = Both(before, now)
    figures = compare_figures(both)
    return Comparison(
        words=now.words,
        before=period_of(before),
        now=period_of(now),
        wave_figures=figures,
        wave_changes=compare_rest(both, figures),
        wave_stale=stale,
        cautions=tuple(cautions_of(both)),
    )


def period_of(journey: JourneyMap) -> Period:
    """Return the wave of a map."""
    head = journey.header
    return Period(head.wave, head.period_from, head.period_to)


def cautions_of(both: Both) -> list[str]:
    """Return what the reader has to keep in mind: other stages, other lengths, another client, other settings."""
    heads = (both.before.header, both.now.header)
    found = {
        "caution_stages": not both.one_model,
        "caution_length": both.lengths_apart,
        "caution_client": heads[0].client_id != heads[1].client_id,
        "caution_settings": file_of(both.before, "client.toml") != file_of(both.now, "client.toml"),
    }
    return [name for name, holds in found.items() if holds]


def file_of(journey: JourneyMap, name: str) -> object:
    """Return the hash of a file that a map was made from, or nothing."""
    inputs = journey.provenance.get("inputs")
    return next((row["sha256"] for row in inputs if row["file"] == name), None) if isinstance(inputs, list) else None


def stale_claims(journey: JourneyMap) -> pl.DataFrame:
    """Return the claims of a map that have to be looked at again, in its order. Rows as WaveStale."""
    if journey.claims is None:
        return WaveStale.create_empty()
    found = journey.claims
    age = (pl.lit(found.as_of) - pl.col("dated")).dt.total_days()
    old = found.claim_links.filter((pl.col("found") == "here") & (age > found.review_days))
    counts = old.group_by("claim_id").agg(old_items=pl.len().cast(pl.Int64))
    rows = (
        found.claims.join(counts, on="claim_id", how="left", maintain_order="left")
        .with_columns(pl.col("old_items").fill_null(0))
        .filter(pl.col("stale") | (pl.col("old_items") > 0))
    )
    return WaveStale.validate(rows.select(*shape_of(WaveStale)).sort("position"), cast=True)
