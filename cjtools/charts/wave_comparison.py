"""What changed since the wave before: both waves with their intervals, and what may not be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from cjtools.charts.axes import LEFT, RIGHT, lines, on_phone, short
from cjtools.charts.figures import SCALES, figure, say, with_interval
from cjtools.charts.theme import BAD, FAINT, GOOD, INK, NEUTRAL, UNKNOWN, finish
from cjtools.comparing.tables import REASONS
from cjtools.words import Words

# What became of a figure, its mark and its colour.
CHANGES = {"up": ("▲", GOOD), "down": ("▼", BAD), "same": ("■", NEUTRAL), "apart": ("≠", UNKNOWN)}
LINE = -8  # pixels from the middle of a row to its line; the two intervals lie over and under it
Row = Mapping[str, Any]


def wave_comparison(waves: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a line a figure over its whole scale, with the wave before (hollow) and this one (filled).

    `waves` as comparing.tables.WavePair. Each has its 95 % interval, the wave before over the line, this one under it.
    The two are joined only where they may be compared; up or down is said only where the interval of the difference
    leaves out zero. Draws an empty frame.
    """
    names = change_names(words)
    scale = alt.Scale(domain=[0, 1], nice=False)
    base = alt.Chart(wave_rows(waves, words=words)).encode(y=alt.Y("row:O", title=None, axis=None))
    full = alt.ExprRef("width")
    text = base.mark_text(align="left", color=INK, limit=full)
    line = base.mark_rule(yOffset=LINE)
    point = base.mark_point(opacity=1, yOffset=LINE, strokeWidth=2)
    tooltip = [
        alt.Tooltip("name:N", title=words["column_value"]),
        alt.Tooltip("said_before:N", title=say(words, "wave_before")),
        alt.Tooltip("said_now:N", title=say(words, "wave_now")),
        alt.Tooltip("said:N", title=say(words, "difference")),
    ]
    colours = alt.Scale(domain=list(names.values()), range=[colour for _, colour in CHANGES.values()])
    colour = alt.Color(
        "change:N",
        title=None,
        scale=colours,
        legend=alt.Legend(symbolType="stroke", symbolStrokeWidth=5, symbolSize=200),
    )
    return finish(
        line.mark_rule(color=UNKNOWN, strokeWidth=1, yOffset=LINE).encode(x=LEFT, x2=RIGHT),
        line.mark_rule(color=FAINT, strokeWidth=1.5, yOffset=LINE - 9).encode(
            x=alt.X("before_low:Q", scale=scale, axis=None), x2="before_high:Q"
        ),
        line.mark_rule(color=INK, strokeWidth=2.5, yOffset=LINE + 9).encode(
            x=alt.X("now_low:Q", scale=scale), x2="now_high:Q"
        ),
        line.transform_filter("datum.joined")
        .mark_rule(strokeWidth=5, yOffset=LINE)
        .encode(x="before:Q", x2="now:Q", color=colour),
        point.encode(x="before:Q", tooltip=tooltip).mark_point(
            shape="circle", size=95, fill="#ffffff", stroke=FAINT, strokeWidth=2, opacity=1, yOffset=LINE
        ),
        point.encode(x="now:Q", tooltip=tooltip).mark_point(
            shape="diamond", size=130, fill=INK, stroke=INK, strokeWidth=2, opacity=1, yOffset=LINE
        ),
        text.mark_text(align="left", dy=-36, fontSize=13, fontWeight=600, color=INK, limit=full).encode(
            x=LEFT, text="name:N"
        ),
        text.mark_text(align="left", dy=14, fontSize=10, color=FAINT).encode(x=LEFT, text="least:N"),
        text.mark_text(align="right", dy=14, fontSize=10, color=FAINT).encode(x=RIGHT, text="greatest:N"),
        text.mark_text(
            align="left", baseline="top", dy=25, fontSize=on_phone(11, 12), lineHeight=14, color=INK, limit=full
        ).encode(x=LEFT, text=lines("said", width=110, narrow=50)),
        width=720,
        height=alt.Step(108),
        name="wave_comparison",
        title=say(words, "waves_title"),
        description=describe(waves, words=words),
        table=wave_comparison_table(waves, words=words),
        words=words,
    )


def wave_comparison_table(waves: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the lines show as texts: figure, both waves with interval and n, and what became of it."""
    rows = [
        (row["label"], side(row, "before", words=words), side(row, "now", words=words), said_of(row, words=words))
        for row in waves.sort("position", "metric").to_dicts()
    ]
    columns = [words["column_value"], *(say(words, key) for key in ("wave_before", "wave_now", "difference"))]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def wave_rows(waves: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what is drawn of each figure: its places on its scale, and its texts."""
    names = change_names(words)
    rows = [
        {
            "row": place,
            "name": short(row["label"], longest=90),
            "change": names[change_of(row)],
            "joined": row["comparable"] and row["before"] is not None and row["now"] is not None,
            "said": said_of(row, words=words),
            "said_before": side(row, "before", words=words),
            "said_now": side(row, "now", words=words),
            **dict(zip(("least", "greatest"), ends_of(row, words=words), strict=True)),
            **{column: on_scale(row, column) for column in PLACES},
        }
        for place, row in enumerate(waves.sort("position", "metric").to_dicts())
    ]
    texts = ("name", "change", "said", "said_before", "said_now", "least", "greatest")
    schema = {"row": pl.Int64, "joined": pl.Boolean, **dict.fromkeys(texts, pl.String)}
    return pl.DataFrame(rows, schema={**schema, **dict.fromkeys(PLACES, pl.Float64)})


PLACES = ("before", "before_low", "before_high", "now", "now_low", "now_high")


def on_scale(row: Row, column: str) -> float | None:
    """Return where a value lies on the whole scale of its unit, 0 to 1."""
    low, high = scale_of(row)
    return None if row[column] is None else round((row[column] - low) / (high - low), 6)


def ends_of(row: Row, *, words: Words) -> tuple[str, str]:
    """Return the two ends of the scale of a figure, as they are written."""
    low, high = scale_of(row)
    return figure(words, low, unit=row["unit"]), figure(words, high, unit=row["unit"])


def scale_of(row: Row) -> tuple[float, float]:
    """Return the two ends of the scale of a figure: those of its unit, else its own."""
    return SCALES[row["unit"]] if row["unit"] in SCALES else (row["scale_min"], row["scale_max"])


def change_of(row: Row) -> str:
    """Return what became of a figure: up, down, same (nothing that the interval would tell), or apart."""
    if not row["comparable"] or row["difference"] is None:
        return "apart"
    if row["low"] is None or row["high"] is None or row["low"] <= 0 <= row["high"]:
        return "same"
    return "up" if row["difference"] > 0 else "down"


def said_of(row: Row, *, words: Words) -> str:
    """Return what became of a figure in words, with the difference and its interval, or why there is none."""
    change = change_of(row)
    if change == "apart":
        return (
            f"{change_names(words)[change]}: {reason_of(row, words=words)}"
            if row["reason"]
            else change_names(words)[change]
        )
    unit = row["unit"] in ("share", "net")
    told = (
        say(words, "points", n=signed(row, "difference", words=words))
        if unit
        else signed(row, "difference", words=words)
    )
    if row["low"] is None or row["high"] is None:
        return f"{change_names(words)[change]}: {told}"
    between = words("range", low=signed(row, "low", words=words), high=signed(row, "high", words=words))
    return f"{change_names(words)[change]}: {told} [{between}]"


def reason_of(row: Row, *, words: Words) -> str:
    """Return why two figures may not be compared: the kit's word, or what was written."""
    return say(words, f"apart_{row['reason']}") if row["reason"] in REASONS else str(row["reason"])


def signed(row: Row, column: str, *, words: Words) -> str:
    """Return a difference in the unit of its figure, with its sign; of shares in points of a hundred."""
    return words.signed(row[column] * (100 if row["unit"] in ("share", "net") else 1))


def side(row: Row, wave: str, *, words: Words) -> str:
    """Return a figure in one wave with its interval and n."""
    if row[wave] is None:
        return words["no_value"]
    told = with_interval(words, row[wave], row[f"{wave}_low"], row[f"{wave}_high"], unit=row["unit"])
    count = row[f"{wave}_n"]
    return told if count is None else f"{told}, {say(words, 'n_is', n=words.number(count))}"


def change_names(words: Words) -> dict[str, str]:
    """Return the names of what may become of a figure, each with its mark."""
    return {change: f"{mark} {say(words, f'change_{change}')}" for change, (mark, _) in CHANGES.items()}


def describe(waves: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: how many figures went up, down, stayed, and may not be compared."""
    if waves.is_empty():
        return say(words, "waves_none")
    counts = dict.fromkeys(CHANGES, 0)
    for row in waves.to_dicts():
        counts[change_of(row)] += 1
    return say(words, "waves_summary", **{change: words.number(count) for change, count in counts.items()})
