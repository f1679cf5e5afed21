"""What public voices said of each touchpoint: negative to the left, positive to the right."""

from __future__ import annotations

from typing import Literal

import altair as alt
import polars as pl

from cjtools.charts.axes import wrap
from cjtools.charts.theme import BAD, GOOD, INK, finish
from cjtools.words import Words


def sentiment_bars(sentiment: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return diverging bars of distinct public voices by touchpoint (map_tables.MapSentiment). Draws an empty frame."""
    places = sentiment.filter((pl.col("scope") == "touchpoint") & (pl.col("n") > 0))
    data = (
        places.select(
            "label",
            "n",
            net=100 * pl.col("net"),
            place=pl.int_range(pl.len()),
            negative=-pl.col("negative"),
            positive="positive",
        )
        .unpivot(
            ["negative", "positive"], index=["label", "net", "n", "place"], variable_name="side", value_name="voices"
        )
        .with_columns(
            side=pl.col("side").replace_strict(
                {"negative": words["negative"], "positive": words["positive"]}, return_dtype=pl.String
            ),
            shown=pl.col("voices").abs(),
        )
        .rename({"label": "touchpoint"})
        .sort("place", "side")
    )
    order = places["label"].to_list()
    base = alt.Chart(data).encode(
        y=alt.Y(
            "touchpoint:N", sort=order, title=None,
            axis=alt.Axis(labelFontSize=12, labelColor=INK, domain=False, ticks=False, labelExpr=wrap(width=30)),
        )
    )  # fmt: skip
    bars = base.mark_bar(height=18, cornerRadius=2).encode(
        x=alt.X(
            "voices:Q",
            title=words["voices"],
            scale=alt.Scale(domain=room_for(data["voices"]), nice=False),
            axis=alt.Axis(labelExpr="format(abs(datum.value), 'd')", tickMinStep=1, tickCount=6),
        ),
        color=alt.Color(
            "side:N", title=None, scale=alt.Scale(domain=[words["negative"], words["positive"]], range=[BAD, GOOD])
        ),
        tooltip=[
            alt.Tooltip("touchpoint:N", title=words["touchpoint"]),
            alt.Tooltip("side:N", title=words["voices"]),
            alt.Tooltip("shown:Q", title=words["count"], format=",d"),
            alt.Tooltip("n:Q", title=words["all_voices"], format=",d"),
            alt.Tooltip("net:Q", title=words["net_sentiment"], format="+.0f"),
        ],
    )
    left = side_labels(data.filter(pl.col("voices") < 0), order=order, align="right", shift=-4)
    right = side_labels(data.filter(pl.col("voices") > 0), order=order, align="left", shift=4)
    return finish(
        bars,
        left,
        right,
        width=640,
        height=alt.Step(32),
        name="sentiment_bars",
        title=words["sentiment_title"],
        description=describe(places, words=words),
        table=sentiment_bars_table(sentiment, words=words),
        words=words,
    )


def room_for(voices: pl.Series) -> list[float]:
    """Return the ends of the axis: the longest bars with room for their counts."""
    low, high = min(voices.to_list(), default=0), max(voices.to_list(), default=0)
    room = 0.08 * max(high - low, 1)
    return [low - room, high + room]


def side_labels(data: pl.DataFrame, *, order: list[str], align: Literal["left", "right"], shift: int) -> alt.Chart:
    """Return the counts at the ends of the bars of one side."""
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_text(fontSize=11, color=INK, align=align, dx=shift)
        .encode(y=alt.Y("touchpoint:N", sort=order), x="voices:Q", text=alt.Text("shown:Q", format=",d"))
    )
    return chart


def sentiment_bars_table(sentiment: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the bars show as texts: touchpoint, voices by sentiment, net sentiment with interval."""
    rows = [
        (
            row["label"],
            *(words.number(row[key]) for key in ("negative", "neutral", "positive", "unscored")),
            words["too_few"] if row["net"] is None else words.signed(100 * row["net"], digits=0),
            ""
            if row["low"] is None
            else f"{words.signed(100 * row['low'], digits=0)} … {words.signed(100 * row['high'], digits=0)}",
        )
        for row in sentiment.filter((pl.col("scope") == "touchpoint") & (pl.col("n") > 0)).to_dicts()
    ]
    keys = ("touchpoint", "negative", "neutral", "positive", "unscored", "net_sentiment", "interval")
    return pl.DataFrame(rows, schema=dict.fromkeys([words[key] for key in keys], pl.String), orient="row")


def describe(places: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: where voices are most negative."""
    known = places.filter(pl.col("net").is_not_null()).sort("net", "name")
    if known.is_empty():
        return words["sentiment_none"]
    row = known.row(0, named=True)
    return words(
        "sentiment_summary",
        touchpoint=row["label"],
        net=words.signed(100 * row["net"], digits=0),
        n=words.number(row["n"]),
    )
