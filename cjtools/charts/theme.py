"""What all pictures share: colours, sizes, the language's own numbers, title, description and table twin."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from cjtools.words import Words

# Okabe and Ito's colours that can be told apart by everybody; the first is for everybody together.
CATEGORIES = ["#1b2a41", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 2], [10, 4], [1, 3]]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"]
# Diverging, not red and green: orange is bad, blue is good; sign and shape say it again.
BAD, NEUTRAL, GOOD, UNKNOWN = "#c4621a", "#9aa3af", "#1f6fb2", "#d8dde4"
INK, FAINT, GRID = "#1b2a41", "#5b6675", "#e3e7ec"
# Fonts with Arial's widths: a static picture is measured where the reader's machine is not.
FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
# Axis labels of a score: +1, 0, −1.
SIGNED = "datum.value == 0 ? '0' : datum.label"


def finish(
    *layers: alt.Chart,
    name: str,
    title: str,
    description: str,
    table: pl.DataFrame,
    width: int,
    height: int | alt.Step,
    words: Words,
) -> alt.LayerChart:
    """Return layers as one chart with its size, its title, its description for those who cannot see it, and its twin.

    The table twin goes into the page beside the chart, by `usermeta`; its cells are texts in the language already.
    """
    rows = [[str(value) for value in row] for row in table.iter_rows()]
    meta = {"cjtools": {"name": name, "table": {"columns": table.columns, "rows": rows}}}
    chart = alt.LayerChart(
        layer=list(layers), width=width, height=height, title=title, description=description, usermeta=meta
    )
    configured: alt.LayerChart = chart.configure(**config(words))
    return configured


def config(words: Words) -> dict[str, Any]:
    """Return the Vega-Lite configuration: quiet axes, readable text, numbers as the language writes them."""
    return {
        "font": FONT,
        "background": "transparent",
        "locale": {"number": number_locale(words)},
        "view": alt.ViewConfig(stroke=None),
        "title": alt.TitleConfig(anchor="start", fontSize=15, fontWeight=600, color=INK, offset=14),
        "axis": alt.AxisConfig(
            labelColor=FAINT, titleColor=FAINT, titleFontWeight="normal", labelFontSize=12, titleFontSize=12,
            gridColor=GRID, domainColor=GRID, tickColor=GRID, labelLimit=220,
        ),
        "legend": alt.LegendConfig(
            labelColor=INK, titleColor=FAINT, labelFontSize=12, titleFontSize=12, orient="top", symbolStrokeWidth=2,
            labelLimit=220,
        ),
    }  # fmt: skip


def number_locale(words: Words) -> dict[str, Any]:
    """Return d3's number format of a language: 1,234.5 in English, 1.234,5 elsewhere."""
    decimal, thousands = (".", ",") if words.language == "en" else (",", ".")
    percent = "%" if words.language == "en" else "\N{NO-BREAK SPACE}%"
    return {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""], "percent": percent}


def persona_scale(frame: pl.DataFrame) -> tuple[list[str], alt.Scale, alt.Scale, alt.Scale]:
    """Return the personas' labels in order with their colour, dash and shape: a persona looks the same everywhere."""
    names = frame["persona_label"].unique(maintain_order=True).to_list()
    count = len(names)
    return (
        names,
        alt.Scale(domain=names, range=repeated(CATEGORIES, count)),
        alt.Scale(domain=names, range=repeated(DASHES, count)),
        alt.Scale(domain=names, range=repeated(SHAPES, count)),
    )


def repeated(values: list[Any], count: int) -> list[Any]:
    """Return the first `count` values, beginning again when they are used up."""
    return [values[place % len(values)] for place in range(count)]
