"""How far each objective is: from its baseline to its target, with the interval of what was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from cjtools.charts.axes import LEFT, above, lines, short
from cjtools.charts.figures import figure, say, share_of, with_interval
from cjtools.charts.theme import FAINT, GOOD, INK, UNKNOWN, finish
from cjtools.words import Words

# How far the axis goes, in ways from baseline to target; what lies beyond stands at its end, with an arrow.
FIRST, LAST = -0.5, 1.5
AT_BASELINE, AT_TARGET = (alt.value(alt.ExprRef(f"{(place - FIRST) / (LAST - FIRST)} * width")) for place in (0, 1))
UNITS = {
    "stage_conversion": "share",
    "csat": "share",
    "experience": "score",
    "net_sentiment": "net",
    "nps": "net",
}
Row = Mapping[str, Any]


def objective_bullets(objectives: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a line an objective, from its baseline to its target, with where it is now and the 95 % interval.

    `objectives` as map_tables.MapObjective. The axis is the way done, (now − baseline) ÷ (target − baseline), so that
    objectives in different units stand below each other; the figures in their own units stand under each line. What
    is not measured says so. Draws an empty frame.
    """
    data = bullet_rows(objectives, words=words)
    scale = alt.Scale(domain=[FIRST, LAST], nice=False)
    base = alt.Chart(data).encode(y=alt.Y("row:O", title=None, axis=None))
    full = alt.ExprRef("width")
    statement = base.mark_text(
        align="left",
        baseline="bottom",
        dy=above("statement", -14, width=100, narrow=46, line=15),
        fontSize=13,
        fontWeight=600,
        lineHeight=15,
        color=INK,
        limit=full,
    ).encode(x=LEFT, text=lines("statement", width=100, narrow=46))
    track = base.mark_bar(color=UNKNOWN, height=14).encode(x=AT_BASELINE, x2=AT_TARGET)
    ends = [base.mark_tick(color=INK, thickness=2, height=24).encode(x=place) for place in (AT_BASELINE, AT_TARGET)]
    between = base.mark_rule(color=INK, strokeWidth=2).encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    shape = alt.Shape(
        "mark:N",
        legend=None,
        scale=alt.Scale(domain=["in", "left", "right"], range=["diamond", "triangle-left", "triangle-right"]),
    )
    point = (
        base.transform_filter("isValid(datum.way)")
        .mark_point(filled=True, size=190, color=GOOD, opacity=1, stroke="#ffffff", strokeWidth=1)
        .encode(
            x=alt.X("way:Q", title=None, scale=scale, axis=way_axis(words)),
            shape=shape,
            tooltip=[
                alt.Tooltip("statement:N", title=words["lane_objectives"]),
                alt.Tooltip("done:N", title=words["objective_attainment"]),
                alt.Tooltip("figures:N", title=words["column_value"]),
            ],
        )
    )
    text: dict[str, Any] = {"align": "left", "baseline": "top", "limit": full}
    done = base.mark_text(dy=17, fontSize=12, fontWeight=600, color=INK, **text).encode(x=LEFT, text="done:N")
    told = base.mark_text(dy=33, fontSize=11, lineHeight=13, color=FAINT, **text).encode(
        x=LEFT, text=lines("figures", width=130, narrow=54)
    )
    return finish(
        track,
        *ends,
        between,
        point,
        statement,
        done,
        told,
        width=720,
        height=alt.Step(122),
        name="objective_bullets",
        title=say(words, "bullets_title"),
        description=describe(objectives, words=words),
        table=objective_bullets_table(objectives, words=words),
        words=words,
    )


def objective_bullets_table(objectives: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the lines show as texts: objective, baseline, now with interval, target, due, way done."""
    rows = [
        (
            f"{row['label']}: {row['statement']}",
            own(row, "baseline", words=words),
            now_of(row, words=words),
            own(row, "target", words=words),
            words.date(row["due"]),
            done_of(row, words=words),
        )
        for row in objectives.sort("position").to_dicts()
    ]
    keys = (
        "lane_objectives",
        "objective_baseline",
        "objective_now",
        "objective_target",
        "objective_due",
        "objective_attainment",
    )
    return pl.DataFrame(rows, schema=dict.fromkeys([words[key] for key in keys], pl.String), orient="row")


def bullet_rows(objectives: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what is drawn of each objective: where on the way it is, and its texts."""
    rows = []
    for place, row in enumerate(objectives.sort("position").to_dicts()):
        way, ends = (
            way_of(row, row["current"]),
            sorted(each for each in (way_of(row, row["low"]), way_of(row, row["high"])) if each is not None),
        )
        low, high = (ends[0], ends[-1]) if len(ends) == 2 else (None, None)
        rows.append(
            {
                "row": place,
                "statement": short(f"{row['label']}: {row['statement']}", longest=120),
                "way": inside(way),
                "low": inside(low),
                "high": inside(high),
                "mark": "in" if way is None or FIRST <= way <= LAST else "left" if way < FIRST else "right",
                "done": f"{words['objective_attainment']}: {done_of(row, words=words)}",
                "figures": figures_of(row, words=words),
            }
        )
    texts, numbers = ("statement", "mark", "done", "figures"), ("way", "low", "high")
    return pl.DataFrame(
        rows, schema={"row": pl.Int64, **dict.fromkeys(texts, pl.String), **dict.fromkeys(numbers, pl.Float64)}
    )


def way_of(row: Row, value: float | None) -> float | None:
    """Return a value as a part of the way from baseline to target; nothing where there is none, or no way."""
    way = row["target"] - row["baseline"]
    return None if value is None or way == 0 else round((value - row["baseline"]) / way, 6)


def inside(way: float | None) -> float | None:
    """Return a place on the axis: the end of it for what lies beyond."""
    return None if way is None else min(max(way, FIRST), LAST)


def own(row: Row, column: str, *, words: Words) -> str:
    """Return a figure of an objective in its own unit."""
    return figure(words, row[column], unit=unit_of(row))


def unit_of(row: Row) -> str:
    """Return the unit of an objective: a net share only where its figures are within −1 to 1."""
    unit = UNITS.get(row["metric"], "number")
    figures = [row[column] for column in ("baseline", "target", "current") if row[column] is not None]
    return "nps" if unit == "net" and max(map(abs, figures)) > 1 else unit


def now_of(row: Row, *, words: Words) -> str:
    """Return what an objective is now, with its interval and n, or that it is not measured."""
    if row["current"] is None:
        return say(words, "not_measured")
    now = with_interval(words, row["current"], row["low"], row["high"], unit=unit_of(row))
    return now if row["n"] is None else f"{now}, {say(words, 'n_is', n=words.number(row['n']))}"


def done_of(row: Row, *, words: Words) -> str:
    """Return the part of the way that is done, as MapObjective has it."""
    return say(words, "not_measured") if row["attainment"] is None else share_of(words, row["attainment"])


def figures_of(row: Row, *, words: Words) -> str:
    """Return the figures under a line."""
    named = [
        f"{words['objective_baseline']} {own(row, 'baseline', words=words)}",
        f"{words['objective_now']} {now_of(row, words=words)}",
        f"{words['objective_target']} {own(row, 'target', words=words)}",
        f"{words['objective_due']} {words.date(row['due'])}",
    ]
    return " · ".join(named)


def way_axis(words: Words) -> alt.Axis:
    """Return the axis of the way, which names its two ends."""
    ends = json.dumps([words["objective_baseline"], words["objective_target"]], ensure_ascii=False)
    return alt.Axis(
        values=[0, 1],
        title=None,
        orient="top",
        domain=False,
        ticks=False,
        grid=False,
        labelColor=FAINT,
        labelExpr=f"{ends}[datum.value]",
    )


def describe(objectives: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: how much of the way each objective has done."""
    if objectives.is_empty():
        return words["objectives_empty"]
    told = [f"{row['label']}: {done_of(row, words=words)}" for row in objectives.sort("position").to_dicts()]
    return f"{words['objective_attainment']} – {'; '.join(told)}."
