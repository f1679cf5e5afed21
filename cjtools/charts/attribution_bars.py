"""What each model of attribution gives to each channel, side by side: no model is the truth."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from cjtools.charts.axes import LEFT, on_phone, short
from cjtools.charts.figures import interval, say, share_of
from cjtools.charts.theme import CATEGORIES, INK, SHAPES, finish, repeated
from cjtools.words import Words


def attribution_bars(given: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return, channel by channel, a bar a model: the share of all conversions that it gives to the channel.

    `given` as charts.frames.ChannelCredit, the models in the order of the frame. The bar ends in the shape of its
    model, and its name stands at it. A thin line is the 95 % interval, where there is one. Draws an empty frame.
    """
    names = model_names(given, words=words)
    data, most = credit_rows(given, words=words), room(given)
    scale = alt.Scale(domain=[min(0.0, *low_end(given)), most], nice=False)
    base = alt.Chart(data).encode(y=alt.Y("row:O", title=None, axis=None))
    colours = alt.Scale(domain=names, range=repeated(CATEGORIES, len(names)))
    shapes = alt.Scale(domain=names, range=repeated(SHAPES, len(names)))
    colour = alt.Color("model:N", title=None, scale=colours, legend=None)
    bars = base.transform_filter("isValid(datum.share)")
    axis = alt.Axis(format=".0%", tickCount=5)
    x = alt.X("share:Q", title=say(words, "credit_axis"), scale=scale, axis=axis, stack=None)
    tooltip = [
        alt.Tooltip("model:N", title=say(words, "model")),
        alt.Tooltip("told:N", title=say(words, "credit_axis")),
    ]
    name = base.mark_text(align="left", dy=4, fontSize=13, fontWeight=600, color=INK, limit=alt.ExprRef("width"))
    bar = bars.mark_bar(height=9, opacity=0.55).encode(x=x, color=colour, tooltip=tooltip)
    between = bars.mark_rule(color=INK, strokeWidth=1).encode(
        x=alt.X("low:Q", title=say(words, "credit_axis")), x2="high:Q"
    )
    point = bars.mark_point(filled=True, size=60, opacity=1).encode(
        x=x, color=colour, shape=alt.Shape("model:N", scale=shapes, legend=None), tooltip=tooltip
    )
    text = base.mark_text(align="left", dx=8, fontSize=on_phone(9.5, 11), color=INK).encode(x="edge:Q", text="text:N")
    return finish(
        bar,
        between,
        point,
        text,
        name.encode(x=LEFT, text="channel:N"),
        width=720,
        height=alt.Step(19),
        name="attribution_bars",
        title=say(words, "credit_title"),
        description=describe(given, words=words),
        table=attribution_bars_table(given, words=words),
        words=words,
    )


def attribution_bars_table(given: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the bars show as texts: channel, model, conversions, share of all, interval."""
    rows = [
        (
            channel_name(row["channel"], words=words),
            model_name(row["model"], words=words),
            words.number(row["conversions"], digits=1),
            words["no_value"] if row["share"] is None else share_of(words, row["share"], digits=1),
            interval(words, row["low"], row["high"], unit="share"),
        )
        for row in ordered(given)
    ]
    columns = [*(say(words, key) for key in ("channel", "model", "conversions", "credit_axis")), words["interval"]]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def ordered(given: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows channel by channel, the one with the most first, and no channel last; models as they came."""
    models = list(dict.fromkeys(given["model"].to_list()))
    largest: dict[str | None, float] = {}
    for row in given.to_dicts():
        largest[row["channel"]] = max(largest.get(row["channel"], 0), row["share"] or 0)
    return sorted(
        given.to_dicts(),
        key=lambda row: (
            row["channel"] is None,
            -largest[row["channel"]],
            row["channel"] or "",
            models.index(row["model"]),
        ),
    )


def credit_rows(given: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return the lines of the picture: the name of a channel, then a bar a model."""
    rows: list[dict[str, Any]] = []
    last: object = rows
    for row in ordered(given):
        if row["channel"] != last:
            last = row["channel"]
            rows.append({"channel": short(channel_name(row["channel"], words=words), longest=90)})
        model = model_name(row["model"], words=words)
        share = words["no_value"] if row["share"] is None else share_of(words, row["share"])
        between = interval(words, row["low"], row["high"], unit="share")
        ends = [each for each in (row["share"], row["high"], 0.0) if each is not None]
        rows.append(
            {
                "model": model,
                "share": row["share"],
                "low": row["low"],
                "high": row["high"],
                "edge": max(ends),
                "text": f"{share} {model}",
                "told": f"{share} [{between}]" if between else share,
            }
        )
    texts, numbers = ("channel", "model", "text", "told"), ("share", "low", "high", "edge")
    schema = {**dict.fromkeys(texts, pl.String), **dict.fromkeys(numbers, pl.Float64)}
    lines = pl.DataFrame(rows, schema=schema).with_columns(pl.col(pl.String).fill_null(""))
    return lines.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))


def room(given: pl.DataFrame) -> float:
    """Return where the axis ends: the longest bar or interval, with room for the name of a model."""
    ends: list[float] = [value for column in ("share", "high") for value in given[column].drop_nulls().to_list()]
    return 1.55 * max([0.01, *ends])


def low_end(given: pl.DataFrame) -> list[float]:
    """Return the shares below nothing that a model may give (Shapley can), and nothing."""
    return [0.0, *(value for column in ("share", "low") for value in given[column].drop_nulls().to_list())]


def model_names(given: pl.DataFrame, *, words: Words) -> list[str]:
    """Return the names of the models in the order of the frame."""
    return list(dict.fromkeys(model_name(model, words=words) for model in given["model"].to_list()))


def model_name(model: str, *, words: Words) -> str:
    """Return the name of a model, or the model itself as it can be read when the language has none."""
    key = f"model_{model}"
    return say(words, key) if words.has("pictures", key) else model.replace("_", " ")


def channel_name(channel: str | None, *, words: Words) -> str:
    """Return the name of a channel; none is a conversion that no touch came before."""
    return say(words, "no_touch") if channel is None else channel


def describe(given: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: which channel gets most, and how far the models are apart on it."""
    rows = [row for row in ordered(given) if row["share"] is not None]
    if not rows:
        return say(words, "credit_none")
    shares = [row["share"] for row in rows if row["channel"] == rows[0]["channel"]]
    return say(
        words,
        "credit_summary",
        channel=channel_name(rows[0]["channel"], words=words),
        low=share_of(words, min(shares)),
        high=share_of(words, max(shares)),
    )
