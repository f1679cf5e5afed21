"""How shop and web combine: each pattern as a share with its interval, and how many purchases could be joined."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from cjtools.charts.axes import LEFT, RIGHT, above, lines, on_phone
from cjtools.charts.figures import figure, interval, of_all, say
from cjtools.charts.theme import FAINT, GOOD, INK, NEUTRAL, UNKNOWN, finish
from cjtools.words import Words

# The way of a pattern: what is done where. A pattern that is not here has no way below its name.
WAYS = {
    "ropo": (("research", "online"), ("buy", "offline")),
    "click_collect": (("order", "online"), ("collect", "offline")),
    "try_buy": (("try", "offline"), ("buy", "online")),
}
MIDDLE = 0.55  # beyond this, the figure stands left of its interval


def pattern_strip(patterns: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a row a pattern: its way, its share with the 95 % interval, and the share that could be joined at all.

    `patterns` as charts.frames.PatternPart. What is observed is a filled circle, what people told of a hollow square;
    a pattern without a value says so. Draws an empty frame.
    """
    data, bases = strip_rows(patterns, words=words), basis_names(words)
    base = alt.Chart(data).encode(y=alt.Y("row:O", title=None, axis=None))
    share = alt.Scale(domain=[0, 1], nice=False)
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    x = alt.X("value:Q", title=say(words, "share_of_each"), scale=share, axis=axis)
    tooltip = [
        alt.Tooltip("name:N", title=say(words, "pattern")),
        alt.Tooltip("text:N", title=words["column_value"]),
        alt.Tooltip("basis:N", title=say(words, "basis")),
        alt.Tooltip("joined:N", title=words["term_coverage"]),
    ]
    name = base.mark_text(
        align="left",
        fontSize=13,
        fontWeight=600,
        color=INK,
        lineHeight=15,
        limit=alt.ExprRef("width"),
        dy=above("name", -23, width=100, narrow=44, line=15),
        baseline="bottom",
    )
    way = base.mark_text(align="left", fontSize=11, color=FAINT, yOffset=-14, limit=alt.ExprRef("width"))
    track = base.mark_bar(color=UNKNOWN, height=5, yOffset=24, opacity=0.8)
    covered = base.mark_bar(color=NEUTRAL, height=5, yOffset=24)
    said = base.mark_text(align="left", fontSize=11, color=FAINT, yOffset=35, limit=alt.ExprRef("width"))
    between = base.mark_rule(color=GOOD, strokeWidth=3, yOffset=6).encode(
        x=alt.X("low:Q", title=say(words, "share_of_each")), x2="high:Q"
    )
    shape = alt.Shape("basis:N", title=None, scale=alt.Scale(domain=bases, range=["circle", "square"]))
    fill = alt.Fill("basis:N", title=None, scale=alt.Scale(domain=bases, range=[GOOD, "#ffffff"]))
    point = base.mark_point(size=110, stroke=GOOD, strokeWidth=2, opacity=1, yOffset=6).encode(
        x=x, shape=shape, fill=fill, tooltip=tooltip
    )
    return finish(
        name.encode(x=LEFT, text=lines("name", width=100, narrow=44)),
        way.encode(x=LEFT, text="way:N"),
        track.encode(x=LEFT, x2=RIGHT).transform_filter("isValid(datum.coverage)"),
        covered.encode(x=alt.X("coverage:Q", stack=None)).transform_filter("isValid(datum.coverage)"),
        said.encode(x=LEFT, text="joined:N"),
        between,
        point,
        *beside(base),
        width=720,
        height=alt.Step(104),
        name="pattern_strip",
        title=say(words, "strip_title"),
        description=describe(patterns, words=words),
        table=pattern_strip_table(patterns, words=words),
        words=words,
    )


def beside(base: alt.Chart) -> list[alt.Chart]:
    """Return the figures, right of their interval or left of it, whichever has more room; at the start without one."""
    mark: dict[str, Any] = {"fontSize": on_phone(11, 12), "color": INK, "yOffset": 6}
    text: dict[str, Any] = {"text": "text:N"}
    return [
        base.transform_filter(f"isValid(datum.high) && datum.high <= {MIDDLE}")
        .mark_text(align="left", dx=10, **mark)
        .encode(x="high:Q", **text),
        base.transform_filter(f"datum.high > {MIDDLE}")
        .mark_text(align="right", dx=-10, **mark)
        .encode(x="low:Q", **text),
        base.transform_filter("!isValid(datum.high)").mark_text(align="left", **mark).encode(x=LEFT, **text),
    ]


def pattern_strip_table(patterns: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the strip shows as texts: pattern, share, interval, of how many, joined, window, basis."""
    names = pattern_names(patterns, words=words)
    rows = [
        (
            name,
            figure(words, row["value"], unit="share"),
            interval(words, row["low"], row["high"], unit="share"),
            of_all(words, row["numerator"], row["denominator"]),
            "" if row["coverage"] is None else words.percent(row["coverage"]),
            "" if row["window_days"] is None else words.count("days", row["window_days"]),
            words[f"basis_{row['basis']}"],
        )
        for name, row in zip(names, patterns.to_dicts(), strict=True)
    ]
    heads = [say(words, "pattern"), words["column_value"], words["interval"], words["count"], words["term_coverage"]]
    columns = [*heads, say(words, "window"), say(words, "basis")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def strip_rows(patterns: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what is drawn of each pattern."""
    rows = [
        {
            "row": place,
            "name": name,
            "way": way_of(row["pattern"], words=words) if not row["part"] else "",
            "value": row["value"],
            "low": row["low"],
            "high": row["high"],
            "coverage": row["coverage"],
            "basis": words[f"basis_{row['basis']}"],
            "joined": ""
            if row["coverage"] is None
            else words("pattern_coverage", share=words.percent(row["coverage"])),
            "text": text_of(row, words=words),
        }
        for place, (name, row) in enumerate(zip(pattern_names(patterns, words=words), patterns.to_dicts(), strict=True))
    ]
    texts, numbers = ("name", "way", "basis", "joined", "text"), ("value", "low", "high", "coverage")
    schema = {"row": pl.Int64, **dict.fromkeys(texts, pl.String), **dict.fromkeys(numbers, pl.Float64)}
    return pl.DataFrame(rows, schema=schema)


def text_of(row: dict[str, object], *, words: Words) -> str:
    """Return the figure of a pattern: its share and what it is a share of, or that there is none."""
    count = of_all(words, int(str(row["numerator"])), int(str(row["denominator"])))
    value = row["value"]
    if not isinstance(value, float):
        return f"{words['no_value']} ({count})"
    return f"{figure(words, value, unit='share')} ({count})"


def pattern_names(patterns: pl.DataFrame, *, words: Words) -> list[str]:
    """Return the name of each row: that of the pattern, with its part behind it."""
    names = []
    for pattern, part in patterns.select("pattern", "part").rows():
        name = known(words, pattern)
        names.append(f"{name}: {known(words, part)}" if part else name)
    return names


def known(words: Words, key: str) -> str:
    """Return the word of a pattern or part, or the key itself as it can be read when the language has none."""
    name = f"pattern_{key}"
    if words.has("pictures", name):
        return say(words, name)
    return words[name] if words.has("words", name) else key.replace("_", " ")


def way_of(pattern: str, *, words: Words) -> str:
    """Return the steps of a pattern with where each is made: research (online) → buy (offline)."""
    steps = [f"{words[f'step_{step}']} ({words[f'environment_{where}']})" for step, where in WAYS.get(pattern, ())]
    return " → ".join(steps)


def basis_names(words: Words) -> list[str]:
    """Return the names of what a pattern rests on: what was observed, what was reported."""
    return [words["basis_observed"], words["basis_reported"]]


def describe(patterns: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: each pattern with its share."""
    known_rows = [
        f"{name} {figure(words, row['value'], unit='share')}"
        for name, row in zip(pattern_names(patterns, words=words), patterns.to_dicts(), strict=True)
        if row["value"] is not None and not row["part"]
    ]
    return "; ".join(known_rows) + "." if known_rows else words["patterns_empty"]
