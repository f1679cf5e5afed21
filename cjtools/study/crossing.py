"""Themes against stages: at which stage how many people speak of a theme."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cjtools.client import Client
from cjtools.evidence import quote_evidence, quote_of
from cjtools.study.tables import ThemeStage
from cjtools.tables import Tables, shape_of


def cross_themes(
    found: pl.DataFrame, themes: pl.DataFrame, tables: Tables, *, client: Client, stages: Mapping[str, str], least: int
) -> pl.DataFrame:
    """Return the distinct people who speak of each theme at each stage; see ThemeStage.

    `found` has the theme of each quote (quote_id, theme), `themes` as ThemePeople, `tables` as they are understood,
    `stages` their labels. The stage of a text is the one that it has on the map (evidence.quote_evidence). Cells of
    fewer than `least` people count nobody.
    """
    said = quote_evidence(tables, client=client).with_columns(quote_id=quote_of())
    placed = found.drop_nulls("theme").join(said.drop_nulls("stage"), on="quote_id")
    counts: Mapping[tuple[str, str], tuple[int, int]] = {
        (theme, stage): (people, texts)
        for theme, stage, people, texts in placed.group_by("theme", "stage")
        .agg(people=pl.col("person").n_unique(), texts=pl.col("quote_id").n_unique())
        .iter_rows()
    }
    rows = []
    for position, (theme, name) in enumerate(themes.select("theme", "label").iter_rows()):
        for place, (stage, label) in enumerate(stages.items()):
            people, texts = counts.get((theme, stage), (0, 0))
            shown = (people, texts) if people >= least else (0, 0)
            rows.append((theme, stage, position, place, name, label, *shown))
    return ThemeStage.validate(pl.DataFrame(rows, schema=shape_of(ThemeStage), orient="row"), cast=True)
