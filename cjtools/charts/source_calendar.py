"""What period each source covers, and where days are missing."""

from __future__ import annotations

import datetime as dt
import json

import altair as alt
import polars as pl

from cjtools.charts.theme import BAD, GOOD, GRID, INK, NEUTRAL, finish
from cjtools.settings import Wave
from cjtools.words import Words

DAY = dt.timedelta(days=1)
# State, colour and thickness: a gap is told from rows without colour too.
STATES = {"rows": (GOOD, 16), "gap": (BAD, 5), "totals": (NEUTRAL, 9)}


def source_calendar(spans: pl.DataFrame, *, words: Words, wave: Wave | None = None) -> alt.LayerChart:
    """Return a line a source over the calendar: days with rows, gaps, periods of totals; the wave as a band behind.

    `spans` as inventory.tables.SourceSpan. Draws an empty frame.
    """
    names = state_names(words)
    data = spans.select(
        source="source_id",
        state=pl.col("state").cast(pl.String).replace_strict(names, return_dtype=pl.String),
        begin=pl.col("first").cast(pl.String),
        end=(pl.col("last") + DAY).cast(pl.String),
        period=pl.struct("first", "last").map_elements(
            lambda span: words.period(span["first"], span["last"]), return_dtype=pl.String
        ),
        days="days",
        rows="rows",
    )
    order = list(dict.fromkeys(spans["source_id"].to_list()))
    shown = list(names.values())
    drawn = alt.Scale(domain=shown, range=[colour for colour, _ in STATES.values()])
    thick = alt.Scale(type="ordinal", domain=shown, range=[size for _, size in STATES.values()])
    bars = (
        alt.Chart(data)
        .mark_bar(strokeWidth=1, cornerRadius=1)
        .encode(
            x=alt.X("begin:T", title=None, scale=alt.Scale(type="utc"), axis=time_axis(words)),
            x2="end:T",
            y=alt.Y(
                "source:N", sort=order, title=None, scale=alt.Scale(domain=order),
                axis=alt.Axis(labelFontSize=12, labelColor=INK, domain=False, ticks=False),
            ),
            color=alt.Color("state:N", title=None, scale=drawn),
            stroke=alt.Stroke("state:N", title=None, scale=drawn),
            size=alt.Size("state:N", title=None, scale=thick),
            tooltip=[
                alt.Tooltip("source:N", title=words["src_source"]),
                alt.Tooltip("state:N", title=words["column_state"]),
                alt.Tooltip("period:N", title=words["src_period"]),
                alt.Tooltip("rows:Q", title=words["src_items"], format=",d"),
            ],
        )
    )  # fmt: skip
    return finish(
        *band(wave, words=words),
        bars,
        width=760,
        height=alt.Step(30),
        name="source_calendar",
        title=words["calendar_title"],
        description=describe(spans, words=words),
        table=source_calendar_table(spans, words=words),
        words=words,
    )


def source_calendar_table(spans: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the calendar shows as texts, a line a source: period, days with rows, gaps, the longest."""
    rows = []
    for own in spans.partition_by("source_id", maintain_order=True):
        gaps = own.filter(pl.col("state") == "gap").sort("days", "first", descending=[True, False])
        days = int(own.filter(pl.col("state") == "rows")["days"].sum())
        rows.append(
            (
                own["source_id"][0],
                period_of(own, words=words),
                words.number(days) if days else words["span_totals"],
                words.number(gaps.height),
                f"{period_of(gaps[:1], words=words)} ({words.count('days', gaps['days'][0])})" if gaps.height else "",
            )
        )
    columns = [words["src_source"], words["src_period"], words["src_days"], words["src_gaps"], words["src_longest"]]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def period_of(spans: pl.DataFrame, *, words: Words) -> str:
    """Return the first and the last day of some spans."""
    first, last = spans["first"].min(), spans["last"].max()
    return words.period(first, last) if isinstance(first, dt.date) and isinstance(last, dt.date) else ""


def describe(spans: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in two sentences: how many sources over which period, and the longest gap."""
    if spans.is_empty():
        return words["calendar_none"]
    sources = words.count("sources", spans["source_id"].n_unique())
    head = words("calendar_summary", sources=sources, period=period_of(spans, words=words))
    gaps = spans.filter(pl.col("state") == "gap").sort("days", "position", "first", descending=[True, False, False])
    if gaps.is_empty():
        return f"{head} {words['calendar_no_gap']}"
    days, period = words.count("days", gaps["days"][0]), period_of(gaps[:1], words=words)
    return f"{head} {words('calendar_gap', source=gaps['source_id'][0], days=days, period=period)}"


def band(wave: Wave | None, *, words: Words) -> list[alt.Chart]:
    """Return the wave as a band behind the bars, or nothing."""
    if wave is None:
        return []
    days = pl.DataFrame({"begin": [str(wave.from_)], "end": [str(wave.to + DAY)], "name": [words["calendar_wave"]]})
    base = alt.Chart(days).encode(x=alt.X("begin:T", scale=alt.Scale(type="utc")), x2="end:T")
    name = alt.Chart(days).mark_text(align="left", dx=3, y=0, dy=-5, fontSize=11, color=INK)
    return [
        base.mark_rect(color=GRID, opacity=0.55, tooltip=None),
        name.encode(x=alt.X("begin:T", scale=alt.Scale(type="utc")), text="name:N"),
    ]


def time_axis(words: Words) -> alt.Axis:
    """Return an axis that names months as the language does, and the year where it begins."""
    month = f"{json.dumps(words.months(), ensure_ascii=False)}[utcmonth(datum.value)]"
    day = f"utcdate(datum.value) == 1 ? {month} : utcdate(datum.value) + ' ' + {month}"
    year = "datum.index == 0 || (utcmonth(datum.value) == 0 && utcdate(datum.value) == 1)"
    label = f"{year} ? [{day}, utcyear(datum.value)] : {day}"
    return alt.Axis(orient="bottom", tickCount=8, labelExpr=label, labelFlush=False, grid=True)


def state_names(words: Words) -> dict[str, str]:
    """Return the names of the states of a span, in the order of the legend."""
    return {name: words[f"span_{name}"] for name in STATES}
