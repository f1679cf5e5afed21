"""Which themes come up at which stage, and with how many people."""

from __future__ import annotations

import altair as alt
import polars as pl

from cjtools.charts.axes import name_axis, names_of, on_phone, stage_axis
from cjtools.charts.figures import say
from cjtools.charts.theme import GOOD, INK, finish
from cjtools.words import Words

BIGGEST = 1250  # square pixels of the circle of the most people: it fits its row


def theme_stage(themes: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a circle for each theme and stage, its area the number of distinct people, and the number in it.

    `themes` as study.tables.ThemeStage. Where nobody speaks of a theme there is nothing. Draws an empty frame.
    """
    names = names_of(themes.sort("position", "theme"), key="theme")
    stages = names_of(themes.sort("stage_position", "stage"), key="stage", label="stage_label")
    data = (
        themes.filter(pl.col("people") > 0)
        .sort("position", "stage_position", "theme", "stage")
        .select(
            "people",
            "texts",
            theme=pl.col("theme").replace_strict(names, return_dtype=pl.String),
            stage=pl.col("stage").replace_strict(stages, return_dtype=pl.String),
        )
    )
    base = alt.Chart(data).encode(
        x=alt.X(
            "stage:N",
            sort=list(stages.values()),
            title=None,
            axis=stage_axis(list(stages.values()), orient="top"),
            scale=alt.Scale(domain=list(stages.values())),
        ),
        y=alt.Y(
            "theme:N",
            sort=list(names.values()),
            title=None,
            axis=name_axis(),
            scale=alt.Scale(domain=list(names.values())),
        ),
        tooltip=[
            alt.Tooltip("theme:N", title=words["themes_theme"]),
            alt.Tooltip("stage:N", title=words["stage"]),
            alt.Tooltip("people:Q", title=words["themes_people"], format=",d"),
            alt.Tooltip("texts:Q", title=words["themes_texts"], format=",d"),
        ],
    )
    area = alt.Scale(domain=[0, most(themes)], range=[0, BIGGEST])
    circle = base.mark_circle(color=GOOD, opacity=0.34).encode(size=alt.Size("people:Q", scale=area, legend=None))
    text = base.mark_text(fontSize=on_phone(10, 12), color=INK).encode(text=alt.Text("people:Q", format=",d"))
    return finish(
        circle,
        text,
        width=760,
        height=alt.Step(42),
        name="theme_stage",
        title=say(words, "theme_stage_title"),
        description=describe(themes, words=words),
        table=theme_stage_table(themes, words=words),
        words=words,
    )


def most(themes: pl.DataFrame) -> int:
    """Return the most people of a circle, 1 where there is none."""
    return int(max([1, *themes["people"].to_list()]))


def theme_stage_table(themes: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the circles show as texts: theme, stage, people, texts."""
    rows = [
        (row["label"], row["stage_label"], words.number(row["people"]), words.number(row["texts"]))
        for row in themes.filter(pl.col("people") > 0).sort("position", "stage_position", "theme", "stage").to_dicts()
    ]
    columns = [words[key] for key in ("themes_theme", "stage", "themes_people", "themes_texts")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def describe(themes: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: which theme comes up most at which stage."""
    known = themes.filter(pl.col("people") > 0).sort(
        "people", "position", "stage_position", descending=[True, False, False]
    )
    if known.is_empty():
        return words["themes_none"]
    row = known.row(0, named=True)
    return say(
        words,
        "theme_stage_summary",
        theme=row["label"],
        stage=row["stage_label"],
        people=words.count("people", row["people"]),
    )
