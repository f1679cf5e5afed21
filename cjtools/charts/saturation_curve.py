"""How much new each interview still brings."""

from __future__ import annotations

import altair as alt
import polars as pl

from cjtools.charts.theme import BAD, GOOD, INK, UNKNOWN, finish
from cjtools.words import Words


def saturation_curve(saturation: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return the codes there are after each interview as a line, and the new ones of each as bars.

    A rule marks the interview after which the study is saturated. `saturation` as study.tables.SaturationPoint. Draws
    an empty frame.
    """
    data = saturation.select(
        "position", "new", "codes", "saturated",
        shown=pl.col("share").map_elements(words.percent, return_dtype=pl.String).fill_null("–"),
    )  # fmt: skip
    base = alt.Chart(data).encode(
        x=alt.X(
            "position:O", title=words["saturation_interview"],
            axis=alt.Axis(labelAngle=0, labelOverlap=True, grid=False),
        ),
        tooltip=[
            alt.Tooltip("position:O", title=words["saturation_interview"]),
            alt.Tooltip("new:Q", title=words["saturation_new"], format=",d"),
            alt.Tooltip("codes:Q", title=words["saturation_codes"], format=",d"),
            alt.Tooltip("shown:N", title=words["saturation_share"]),
        ],
    )  # fmt: skip
    axis = alt.Axis(format=",d", tickMinStep=1, tickCount=5)
    new = base.mark_bar(color=UNKNOWN, cornerRadius=2).encode(
        y=alt.Y("new:Q", title=words["saturation_codes"], axis=axis)
    )
    line = base.mark_line(color=GOOD, strokeWidth=2.5, point=alt.OverlayMarkDef(color=GOOD, size=45)).encode(
        y=alt.Y("codes:Q", title=words["saturation_codes"], axis=axis)
    )
    marked = base.transform_filter("datum.saturated")
    rule = marked.mark_rule(color=BAD, strokeDash=[4, 3], strokeWidth=1.5)
    text = marked.mark_text(
        align="right", dx=-8, baseline="top", color=INK, fontSize=12, text=words["saturation_reached"]
    ).encode(y=alt.value(6))
    return finish(
        new,
        line,
        rule,
        text,
        width=700,
        height=280,
        name="saturation_curve",
        title=words["saturation_title"],
        description=describe(saturation, words=words),
        table=saturation_curve_table(saturation, words=words),
        words=words,
    )


def saturation_curve_table(saturation: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the curve shows as texts: interview, new codes, codes so far, share of new ones."""
    rows = [
        (
            words.number(row["position"]),
            words.number(row["new"]),
            words.number(row["codes"]),
            "" if row["share"] is None else words.percent(row["share"]),
        )
        for row in saturation.to_dicts()
    ]
    columns = [words[f"saturation_{name}"] for name in ("interview", "new", "codes", "share")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def describe(saturation: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: after which interview little new came, or that it still comes."""
    if saturation.is_empty():
        return words["saturation_none"]
    codes = words.count("codes", int(saturation["codes"][-1]))
    count = words.count("interviews", saturation.height)
    reached = saturation.filter("saturated")
    if reached.is_empty():
        return words("saturation_open", codes=codes, interviews=count)
    return words("saturation_summary", codes=codes, interviews=count, at=words.number(reached["position"][0]))
