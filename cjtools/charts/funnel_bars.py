"""How many reach each step of a funnel: of everybody, and of those who reached the step before."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from cjtools.charts.axes import LEFT, on_phone, short
from cjtools.charts.figures import interval, of_all, say, with_interval
from cjtools.charts.theme import GOOD, INK, NEUTRAL, finish
from cjtools.words import Words

# Both denominators, told apart by colour, by the shape at the end of the bar, and by their place.
KINDS = {"all": (GOOD, "circle"), "prior": (NEUTRAL, "diamond")}
RIGHT = 0.5  # beyond this, the figure stands in the row of the name


def funnel_bars(steps: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return two bars a step: the share of all, and the share of the step before, each with its 95 % interval.

    `steps` as charts.frames.FunnelStep. A share of nobody has no bar and says so. Draws an empty frame.
    """
    names = list(kind_names(words).values())
    base = alt.Chart(funnel_rows(steps, words=words)).encode(y=alt.Y("row:O", title=None, axis=None))
    share = alt.Scale(domain=[0, 1], nice=False)
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    colours = alt.Scale(domain=names, range=[colour for colour, _ in KINDS.values()])
    shapes = alt.Scale(domain=names, range=[shape for _, shape in KINDS.values()])
    colour = alt.Color("kind:N", title=None, scale=colours)
    x = alt.X("value:Q", title=say(words, "share_of_each"), scale=share, axis=axis, stack=None)
    bars = base.transform_filter("isValid(datum.value)")
    name = base.mark_text(align="left", dy=3, fontSize=13, fontWeight=600, color=INK, limit=alt.ExprRef("width"))
    tooltip = [
        alt.Tooltip("kind:N", title=say(words, "share_of")),
        alt.Tooltip("told:N", title=words["column_value"]),
    ]
    bar = bars.mark_bar(height=13, opacity=0.45).encode(x=x, color=colour, tooltip=tooltip)
    between = bars.mark_rule(color=INK, strokeWidth=1.5).encode(
        x=alt.X("low:Q", title=say(words, "share_of_each")), x2="high:Q"
    )
    point = bars.mark_point(filled=True, size=75, opacity=1).encode(
        x=x, color=colour, shape=alt.Shape("kind:N", title=None, scale=shapes), tooltip=tooltip
    )
    text: dict[str, Any] = {"fontSize": on_phone(10, 12), "color": INK}
    return finish(
        bar,
        between,
        point,
        name.encode(x=LEFT, text="step:N"),
        base.transform_filter(f"isValid(datum.high) && datum.high <= {RIGHT}")
        .mark_text(align="left", dx=8, **text)
        .encode(x="high:Q", text="text:N"),
        base.transform_filter(f"datum.high > {RIGHT}")
        .mark_text(align="right", dx=-8, **text)
        .encode(x="low:Q", text="text:N"),
        base.transform_filter("!isValid(datum.value) && datum.text != ''")
        .mark_text(align="left", **text)
        .encode(x=LEFT, text="text:N"),
        width=720,
        height=alt.Step(24),
        name="funnel_bars",
        title=say(words, "funnel_title"),
        description=describe(steps, words=words),
        table=funnel_bars_table(steps, words=words),
        words=words,
    )


def funnel_bars_table(steps: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the bars show as texts: step, denominator, how many of how many, share, interval."""
    kinds = kind_names(words)
    rows = [
        (
            row["label"],
            kinds[row["share_of"]],
            of_all(words, row["n"], row["of"]),
            words["no_value"] if row["value"] is None else words.percent(row["value"], digits=1),
            interval(words, row["low"], row["high"], unit="share"),
        )
        for row in ordered(steps)
    ]
    columns = [
        say(words, "funnel_step"),
        say(words, "share_of"),
        *(words[key] for key in ("count", "column_value", "interval")),
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def ordered(steps: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows step by step, the share of all first."""
    return steps.with_columns(pl.col("share_of").cast(pl.String)).sort("place", "share_of").to_dicts()


def funnel_rows(steps: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return the lines of the picture: the name of a step, then its two bars."""
    kinds, rows, last = kind_names(words), list[dict[str, Any]](), None
    for row in ordered(steps):
        if row["place"] != last:
            number = words.number(row["place"])
            rows.append({"step": f"{number}  {short(row['label'], longest=90)}"})
            last = row["place"]
        value, low, high = (row[column] for column in ("value", "low", "high"))
        count = of_all(words, row["n"], row["of"])
        share = with_interval(words, value, low, high, unit="share")
        rows.append(
            {
                "kind": kinds[row["share_of"]],
                "value": value,
                "low": low,
                "high": high,
                "text": f"{words['no_value']} ({count})" if value is None else f"{words.percent(value)} ({count})",
                "told": f"{share}, {count}",
            }
        )
    texts, numbers = ("step", "kind", "text", "told"), ("value", "low", "high")
    schema = {**dict.fromkeys(texts, pl.String), **dict.fromkeys(numbers, pl.Float64)}
    lines = pl.DataFrame(rows, schema=schema).with_columns(pl.col(pl.String).fill_null(""))
    return lines.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))


def kind_names(words: Words) -> dict[str, str]:
    """Return the names of the two denominators."""
    return {kind: say(words, f"share_of_{kind}") for kind in KINDS}


def describe(steps: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in two sentences: how many reach the last step, and where most are lost."""
    whole = steps.filter((pl.col("share_of") == "all") & pl.col("value").is_not_null()).sort("place")
    if whole.is_empty():
        return say(words, "funnel_none")
    end = whole.row(-1, named=True)
    told = say(
        words,
        "funnel_summary",
        step=end["label"],
        share=words.percent(end["value"]),
        count=of_all(words, end["n"], end["of"]),
    )
    prior = steps.filter((pl.col("share_of") == "prior") & (pl.col("place") > 1) & pl.col("value").is_not_null())
    if prior.is_empty():
        return told
    worst = prior.sort("value", "place").row(0, named=True)
    return f"{told} {say(words, 'funnel_lost', step=worst['label'], share=words.percent(worst['value']))}"
