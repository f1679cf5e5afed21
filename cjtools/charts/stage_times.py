"""How long it takes from one stage to another: median and quartiles, with those who are still on the way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from cjtools.charts.axes import LEFT, RIGHT, lines, on_phone, short
from cjtools.charts.figures import of_all, say
from cjtools.charts.theme import GOOD, INK, UNKNOWN, finish
from cjtools.words import Words

MINUTE, HOUR, DAY, WEEK, MONTH, YEAR = 60, 3600, 86_400, 604_800, 2_592_000, 31_536_000
TICKS = (0, MINUTE, HOUR, DAY, WEEK, MONTH, YEAR)
Row = Mapping[str, Any]


def stage_times(times: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a bar from the first to the third quartile of each time, a mark at the median with its interval.

    `times` as charts.frames.StageTime. Those who had not come when the period ended count (Kaplan and Meier): a
    quartile that they keep from being known leaves the bar open, with an arrow. Draws an empty frame.
    """
    data = time_rows(times, words=words)
    scale = alt.Scale(type="symlog", constant=MINUTE, domain=[0, longest(times)], nice=False)
    base = alt.Chart(data).encode(y=alt.Y("row:O", title=None, axis=None))
    full = alt.ExprRef("width")
    name = base.mark_text(align="left", dy=-28, fontSize=13, fontWeight=600, color=INK, limit=full)
    tooltip = [alt.Tooltip("name:N", title=words["stage"]), alt.Tooltip("told:N", title=say(words, "time_median"))]
    bar = base.mark_bar(color=GOOD, opacity=0.35, height=16, yOffset=-3).encode(
        x=alt.X("q25:Q", title=None, scale=scale, axis=time_axis(words)), x2="end:Q", tooltip=tooltip
    )
    arrow = (
        base.transform_filter("datum.open")
        .mark_point(filled=True, shape="triangle-right", size=110, color=GOOD, opacity=1, yOffset=-3)
        .encode(x=alt.X("end:Q", scale=scale), tooltip=tooltip)
    )
    between = base.mark_rule(color=INK, strokeWidth=1.5, yOffset=-3).encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    median = base.mark_tick(color=INK, thickness=4, height=22, yOffset=-3).encode(
        x=alt.X("median:Q", scale=scale), tooltip=tooltip
    )
    said = base.mark_text(
        align="left", baseline="top", dy=11, fontSize=on_phone(10, 12), lineHeight=13, color=INK, limit=full
    ).encode(x=LEFT, text=lines("text", width=120, narrow=54))
    track = base.mark_rule(color=UNKNOWN, strokeWidth=1, yOffset=-3).encode(x=LEFT, x2=RIGHT)
    return finish(
        track,
        bar,
        arrow,
        between,
        median,
        said,
        name.encode(x=LEFT, text="name:N"),
        width=720,
        height=alt.Step(86),
        name="stage_times",
        title=say(words, "times_title"),
        description=describe(times, words=words),
        table=stage_times_table(times, words=words),
        words=words,
    )


def stage_times_table(times: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the bars show as texts: from, to, quartiles, interval of the median, came, still on the way."""
    rows = [
        (
            row["start_label"],
            row["end_label"],
            *(reached(row[column], words=words) for column in ("q25", "median", "q75")),
            between_of(row, words=words),
            of_all(words, row["came"], row["n"]),
            words.number(row["censored"]),
        )
        for row in times.sort("position").to_dicts()
    ]
    keys = (
        "time_from",
        "time_to",
        "time_q25",
        "time_median",
        "time_q75",
        "time_interval",
        "time_came",
        "time_censored",
    )
    return pl.DataFrame(rows, schema=dict.fromkeys([say(words, key) for key in keys], pl.String), orient="row")


def time_rows(times: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what is drawn of each time, in seconds; an open bar ends where the axis does."""
    end = longest(times)
    rows = [
        {
            "row": place,
            "name": short(f"{row['start_label']} → {row['end_label']}", longest=90),
            "q25": row["q25"],
            "median": row["median"],
            "end": row["q75"] if row["q75"] is not None or row["q25"] is None else end,
            "open": row["q75"] is None and row["q25"] is not None,
            "low": row["low"] if row["high"] is not None else None,
            "high": row["high"] if row["low"] is not None else None,
            "text": text_of(row, words=words),
            "told": f"{reached(row['median'], words=words)} {between_of(row, words=words)}".strip(),
        }
        for place, row in enumerate(times.sort("position").to_dicts())
    ]
    numbers, texts = ("q25", "median", "end", "low", "high"), ("name", "text", "told")
    schema = {"row": pl.Int64, "open": pl.Boolean, **dict.fromkeys(texts, pl.String)}
    return pl.DataFrame(rows, schema={**schema, **dict.fromkeys(numbers, pl.Float64)})


def longest(times: pl.DataFrame) -> float:
    """Return where the axis ends: at the first tick beyond every time, with room after it."""
    most = max(
        [
            MINUTE,
            *(value for column in ("q25", "median", "q75", "high") for value in times[column].drop_nulls().to_list()),
        ]
    )
    return float(next((tick for tick in TICKS if tick >= most), most)) * 1.6


def text_of(row: Row, *, words: Words) -> str:
    """Return what stands under a bar: the median, the quartiles, who came and who is still on the way."""
    count = say(words, "time_count", came=of_all(words, row["came"], row["n"]), censored=words.number(row["censored"]))
    if row["median"] is None:
        return f"{say(words, 'time_few')} · {count}"
    quartiles = words("range", low=reached(row["q25"], words=words), high=reached(row["q75"], words=words))
    median = say(words, "time_text", median=reached(row["median"], words=words), quartiles=quartiles)
    return f"{median} · {count}"


def reached(seconds: float | None, *, words: Words) -> str:
    """Return a time, or that so many never came within the period."""
    return say(words, "time_open") if seconds is None else duration(seconds, words=words)


def duration(seconds: float, *, words: Words) -> str:
    """Return a time in the unit that people would use: seconds, minutes, hours or days."""
    for unit, size in (("days", DAY), ("hours", HOUR), ("minutes", MINUTE)):
        if seconds >= size:
            number = round(seconds / size, 0 if seconds >= 10 * size else 1)
            if unit == "days" and number.is_integer():
                return words.count("days", int(number))
            return say(words, f"time_{unit}", n=words.number(number, digits=0 if number.is_integer() else 1))
    return say(words, "time_seconds", n=words.number(seconds))


def between_of(row: Row, *, words: Words) -> str:
    """Return the interval of the median; one that is not reached is open."""
    if row["low"] is None:
        return ""
    return f"[{words('range', low=duration(row['low'], words=words), high=reached(row['high'], words=words))}]"


def time_axis(words: Words) -> alt.Axis:
    """Return an axis with ticks at times that people know."""
    names = [duration(tick, words=words) if tick else say(words, "time_zero") for tick in TICKS]
    label = f"{json.dumps(names, ensure_ascii=False)}[indexof({json.dumps(TICKS)}, datum.value)]"
    return alt.Axis(values=list(TICKS), labelExpr=label, labelOverlap=True, labelFlush=False)


def describe(times: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: the longest median, and how many are still on the way."""
    known = times.filter(pl.col("median").is_not_null()).sort("median", "position", descending=[True, False])
    if known.is_empty():
        return say(words, "times_none")
    row = known.row(0, named=True)
    return say(
        words,
        "times_summary",
        start=row["start_label"],
        end=row["end_label"],
        median=duration(row["median"], words=words),
        censored=words.number(row["censored"]),
        n=words.number(row["n"]),
    )
