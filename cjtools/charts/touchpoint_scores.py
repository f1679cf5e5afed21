"""The experience of each touchpoint, with interval and n."""

from __future__ import annotations

import altair as alt
import polars as pl

from cjtools.charts.axes import wrap
from cjtools.charts.theme import BAD, GOOD, INK, NEUTRAL, SIGNED, finish
from cjtools.map_tables import ALL
from cjtools.words import Words


def touchpoint_scores(experience: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a point and its 95 % interval for each touchpoint with enough people (map_tables.MapExperience).

    Above the middle blue and a triangle up, below it orange and a triangle down. Draws an empty frame.
    """
    signs = [words["better"], words["middling"], words["worse"]]
    sign = (
        pl.when(pl.col("low") > 0)
        .then(pl.lit(signs[0]))
        .when(pl.col("high") < 0)
        .then(pl.lit(signs[2]))
        .otherwise(pl.lit(signs[1]))
    )
    data = everybody(experience).filter("shown").select(
        "value", "low", "high", "n", touchpoint="label", place=pl.int_range(pl.len()), sign=sign
    )  # fmt: skip
    base = alt.Chart(data).encode(
        y=alt.Y(
            "touchpoint:N", sort=data["touchpoint"].to_list(), title=None,
            axis=alt.Axis(labelFontSize=12, labelColor=INK, domain=False, ticks=False, labelExpr=wrap(width=30)),
        ),
        color=alt.Color("sign:N", title=None, scale=alt.Scale(domain=signs, range=[GOOD, NEUTRAL, BAD])),
    )  # fmt: skip
    axis = alt.X("low:Q", title=words["experience_axis"], scale=alt.Scale(domain=[-2, 2]),
                 axis=alt.Axis(values=[-2, -1, 0, 1, 2], format="+d", labelExpr=SIGNED))  # fmt: skip
    interval = base.mark_rule(strokeWidth=3, opacity=1).encode(x=axis, x2="high:Q")
    point = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=alt.X("value:Q", title=words["experience_axis"]),
        shape=alt.Shape(
            "sign:N", title=None, scale=alt.Scale(domain=signs, range=["triangle-up", "square", "triangle-down"])
        ),
        tooltip=[
            alt.Tooltip("touchpoint:N", title=words["touchpoint"]),
            alt.Tooltip("value:Q", title=words["experience"], format="+.1f"),
            alt.Tooltip("low:Q", title=words["interval_low"], format="+.1f"),
            alt.Tooltip("high:Q", title=words["interval_high"], format="+.1f"),
            alt.Tooltip("n:Q", title=words["heard"], format="d"),
        ],
    )
    return finish(
        interval,
        point,
        width=640,
        height=alt.Step(32),
        name="touchpoint_scores",
        title=words["touchpoint_title"],
        description=describe(data, words=words),
        table=touchpoint_scores_table(experience, words=words),
        words=words,
    )


def everybody(experience: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of touchpoints for everybody together that anybody spoke of."""
    return experience.filter((pl.col("scope") == "touchpoint") & (pl.col("persona") == ALL) & (pl.col("n") > 0))


def touchpoint_scores_table(experience: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the picture shows as texts: touchpoint, score, interval, participants."""
    rows = [
        (
            row["label"],
            words.signed(row["value"]) if row["shown"] else words["too_few"],
            f"{words.signed(row['low'])} … {words.signed(row['high'])}" if row["shown"] else "",
            words.number(row["n"]),
        )
        for row in everybody(experience).to_dicts()
    ]
    columns = [words[key] for key in ("touchpoint", "experience", "interval", "heard")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def describe(data: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: the best and the worst touchpoint."""
    if data.is_empty():
        return words["experience_none"]
    ranked = data.sort("value", "place")
    low, high = ranked.row(0, named=True), ranked.row(-1, named=True)
    return words(
        "experience_summary",
        worst=low["touchpoint"], worst_value=words.signed(low["value"]),
        best=high["touchpoint"], best_value=words.signed(high["value"]),
    )  # fmt: skip
