"""Which themes many people speak of."""

from __future__ import annotations

import altair as alt
import polars as pl

from cjtools.charts.theme import GOOD, INK, finish
from cjtools.words import Words


def theme_people(themes: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a bar a theme: how many distinct people speak of it.

    `themes` as study.tables.ThemePeople. Draws an empty frame.
    """
    data = themes.select("position", "theme", "label", "people", "texts", spoken=pl.col("languages").list.join("/"))
    base = alt.Chart(data).encode(
        # Two themes may have one label: each keeps a bar of its own.
        y=alt.Y(
            "theme:N", sort=data["theme"].to_list(), title=None,
            axis=alt.Axis(labels=False, domain=False, ticks=False),
        )
    )  # fmt: skip
    bars = base.mark_bar(color=GOOD, cornerRadius=2, height=9, yOffset=9).encode(
        x=alt.X("people:Q", title=words["themes_people"], axis=alt.Axis(format=",d", tickCount=5, tickMinStep=1)),
        tooltip=[
            alt.Tooltip("label:N", title=words["themes_theme"]),
            alt.Tooltip("people:Q", title=words["themes_people"], format=",d"),
            alt.Tooltip("texts:Q", title=words["themes_texts"], format=",d"),
            alt.Tooltip("spoken:N", title=words["explore_language"]),
        ],
    )
    label = base.mark_text(align="left", baseline="bottom", dy=2, fontSize=12, color=INK, limit=560).encode(
        x=alt.datum(0), text="label:N"
    )
    value = base.mark_text(align="left", dx=6, dy=9, fontSize=12, color=INK).encode(
        x="people:Q", text=alt.Text("people:Q", format=",d")
    )
    return finish(
        bars,
        label,
        value,
        width=700,
        height=alt.Step(42),
        name="theme_people",
        title=words["themes_title"],
        description=describe(themes, words=words),
        table=theme_people_table(themes, words=words),
        words=words,
    )


def theme_people_table(themes: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the bars show as texts: theme, people, texts, languages."""
    rows = [
        (row["label"], words.number(row["people"]), words.number(row["texts"]), "/".join(row["languages"]))
        for row in themes.to_dicts()
    ]
    columns = [words[key] for key in ("themes_theme", "themes_people", "themes_texts", "explore_language")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def describe(themes: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: what most people speak of."""
    if themes.is_empty():
        return words["themes_none"]
    first = themes.sort("position").row(0, named=True)
    return words("themes_summary", theme=first["label"], people=words.count("people", first["people"]))
