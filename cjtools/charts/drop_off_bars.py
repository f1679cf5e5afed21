"""How many profiles are seen at each stage, and how many of them go on."""

from __future__ import annotations

import altair as alt
import polars as pl

from cjtools.charts.axes import wrap
from cjtools.charts.theme import GOOD, INK, UNKNOWN, finish
from cjtools.words import Words


def drop_off_bars(drop_off: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a bar a stage: profiles seen there, the dark part of them seen at a later stage afterwards.

    A stage that nothing records has no bar and says so. `drop_off` as map_tables.MapDropOff. Draws an empty frame.
    """
    data = drop_off.select(
        "position", "profiles", "instrumented", stage="label", went_on=pl.col("went_on").fill_null(0),
        rate=pl.col("conversion").map_elements(words.percent, return_dtype=pl.String),
    )  # fmt: skip
    base = alt.Chart(data).encode(
        y=alt.Y(
            "stage:N", sort=data["stage"].to_list(), title=None,
            axis=alt.Axis(labelFontSize=13, labelColor=INK, domain=False, ticks=False, labelExpr=wrap(width=18)),
        )
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("stage:N", title=words["stage"]),
        alt.Tooltip("profiles:Q", title=words["profiles"], format=",d"),
        alt.Tooltip("went_on:Q", title=words["went_on"], format=",d"),
        alt.Tooltip("rate:N", title=words["conversion"]),
    ]
    axis = alt.X("profiles:Q", title=words["profiles"], axis=alt.Axis(format=",d", tickCount=5))
    seen = base.mark_bar(color=UNKNOWN, cornerRadius=2, height=22).encode(x=axis, tooltip=tooltip)
    on = base.mark_bar(color=GOOD, cornerRadius=2, height=22).encode(
        x=alt.X("went_on:Q", title=words["profiles"]), tooltip=tooltip
    )
    rate = (
        base.transform_filter("isValid(datum.rate)")
        .mark_text(align="left", dx=6, fontSize=12, color=INK)
        .encode(x="profiles:Q", text="rate:N")
    )
    none = (
        base.transform_filter("!datum.instrumented")
        .mark_text(
            align="left", dx=6, fontSize=12, color="#5b6675", fontStyle="italic", text=words["no_behaviour_data"]
        )
        .encode(x=alt.datum(0))
    )
    return finish(
        seen,
        on,
        rate,
        none,
        width=700,
        height=alt.Step(40),
        name="drop_off_bars",
        title=words["drop_off_title"],
        description=describe(drop_off, words=words),
        table=drop_off_bars_table(drop_off, words=words),
        words=words,
    )


def drop_off_bars_table(drop_off: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the bars show as texts: stage, profiles, who went on, conversion, interval, share of all."""
    rows = [
        (
            row["label"],
            words.number(row["profiles"]) if row["instrumented"] else words["no_behaviour_data"],
            "" if row["went_on"] is None else words.number(row["went_on"]),
            "" if row["conversion"] is None else words.percent(row["conversion"], digits=1),
            ""
            if row["low"] is None
            else f"{words.percent(row['low'], digits=1)} – {words.percent(row['high'], digits=1)}",
            "" if row["of_all"] is None else words.percent(row["of_all"], digits=1),
        )
        for row in drop_off.to_dicts()
    ]
    columns = [words[key] for key in ("stage", "profiles", "went_on", "conversion", "interval", "of_all")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def describe(drop_off: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: where most profiles are lost."""
    known = drop_off.filter(pl.col("conversion").is_not_null()).sort("conversion", "position")
    if known.is_empty():
        return words["drop_off_none"]
    row = known.row(0, named=True)
    return words("drop_off_summary", stage=row["label"], share=words.percent(row["conversion"]))
