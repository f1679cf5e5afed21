"""What people do, say and post at each touchpoint, and what that means together: one cell each, by mark and word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from cjtools.charts.axes import NARROW, cells_of, lines, name_axis, names_of, on_phone
from cjtools.charts.figures import figure, of_all, say
from cjtools.charts.theme import BAD, GOOD, INK, finish
from cjtools.words import Words

COLUMNS = ("behaviour", "interviews", "social", "verdict")
# Tone of each state with its mark; the same marks as on the map.
STATES: dict[str, dict[str, tuple[str, str]]] = {
    "behaviour": {
        "terminal": ("quiet", "✓"),
        "high_exit": ("warn", "◆"),
        "many_clicks": ("warn", "◆"),
        "normal": ("quiet", "■"),
        "observed": ("quiet", "·"),
        "not_instrumented": ("open", "○"),
    },
    "interviews": {
        "pain": ("bad", "▼"),
        "goal": ("good", "▲"),
        "gain": ("good", "▲"),
        "both": ("warn", "≠"),
        "comparing": ("good", "▲"),
        "lost": ("bad", "▼"),
        "torn": ("warn", "≠"),
        "neutral": ("quiet", "■"),
        "silent": ("quiet", "·"),
        "not_asked": ("open", "○"),
    },
    "social": {
        "negative": ("bad", "▼"),
        "positive": ("good", "▲"),
        "mixed": ("warn", "≠"),
        "silent": ("quiet", "·"),
        "no_source": ("open", "○"),
    },
    "verdict": {
        "friction_confirmed": ("bad", "▼"),
        "friction_likely": ("warn", "▽"),
        "confusion": ("bad", "▼"),
        "blind_spot": ("warn", "◆"),
        "dissonant": ("warn", "≠"),
        "heard_only": ("open", "◇"),
        "undetermined": ("open", "?"),
        "no_behaviour": ("open", "○"),
        "no_signal": ("quiet", "·"),
        "natural_end": ("good", "✓"),
        "expected_exit": ("quiet", "✓"),
        "interest": ("good", "▲"),
        "strength": ("good", "▲"),
    },
}
# Colour of a tone, and how full it is: dark text stays readable on each.
TONES = {
    "bad": (BAD, 0.5),
    "warn": (BAD, 0.22),
    "good": (GOOD, 0.32),
    "quiet": ("#e9ecf1", 1.0),
    "open": ("#ffffff", 1.0),
}
Row = Mapping[str, Any]


def crosscheck_table(verdicts: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a grid of touchpoints: behaviour, interviews, social, and the verdict, each by mark, word and count.

    `verdicts` as map_tables.MapVerdict. Draws an empty frame.
    """
    heads = [words[f"column_{column}"] for column in COLUMNS]
    names = names_of(verdicts.sort("position", "touchpoint"), key="touchpoint")
    base = alt.Chart(cells(verdicts, names, words=words)).encode(
        x=alt.X(
            "column:N",
            scale=cells_of(heads),
            title=None,
            axis=alt.Axis(
                orient="top",
                labelAngle=0,
                labelFontSize=on_phone(9, 12),
                labelColor=INK,
                labelLimit=160,
                domain=False,
                ticks=False,
                grid=False,
            ),
        ),
        y=alt.Y(
            "touchpoint:N",
            title=None,
            scale=cells_of(list(names.values())),
            axis=name_axis(width=26, narrow=14),
        ),
        tooltip=[
            alt.Tooltip("touchpoint:N", title=words["touchpoint"]),
            alt.Tooltip("column:N", title=words["family"]),
            alt.Tooltip("text:N", title=words["column_state"]),
            alt.Tooltip("detail:N", title=words["evidence"]),
        ],
    )
    fill = alt.Scale(domain=list(TONES), range=[colour for colour, _ in TONES.values()])
    rect = base.mark_rect(stroke="#9aa3af", strokeWidth=0.8, strokeOpacity=0.7, cornerRadius=3).encode(
        fill=alt.Fill("tone:N", scale=fill, legend=None), fillOpacity=alt.FillOpacity("full:Q", scale=None, legend=None)
    )
    word = base.mark_text(
        fontSize=on_phone(8.5, 12), fontWeight=600, baseline="top", dy=-25, lineHeight=on_phone(10, 14), color=INK
    ).encode(text=lines("text", width=22, narrow=10))
    detail = base.mark_text(
        fontSize=on_phone(8.5, 11),
        baseline="bottom",
        lineHeight=10,
        color=INK,
        # On a phone the two parts of a count stand over each other.
        dy=alt.ExprRef(f"26 - (width < {NARROW} && indexof(datum.detail, ' · ') >= 0 ? 10 : 0)"),
    ).encode(text=alt.value(alt.ExprRef(f"width < {NARROW} ? split(datum.detail, ' · ') : datum.detail")))
    return finish(
        rect,
        word,
        detail,
        width=760,
        height=alt.Step(60),
        name="crosscheck_table",
        title=say(words, "check_title"),
        description=describe(verdicts, words=words),
        table=crosscheck_table_table(verdicts, words=words),
        words=words,
    )


def crosscheck_table_table(verdicts: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the grid shows as texts: touchpoint, and each column with its word and its count."""
    rows = [
        (
            row["label"],
            *(f"{word_of(row, column, words=words)} {bracket(row, column, words=words)}".strip() for column in COLUMNS),
        )
        for row in verdicts.sort("position", "touchpoint").to_dicts()
    ]
    columns = [words["column_touchpoint"], *(words[f"column_{column}"] for column in COLUMNS)]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def cells(verdicts: pl.DataFrame, names: Mapping[str, str], *, words: Words) -> pl.DataFrame:
    """Return what is drawn of each cell."""
    rows = [
        {
            "touchpoint": names[row["touchpoint"]],
            "column": words[f"column_{column}"],
            "tone": tone_of(row, column)[0],
            "full": TONES[tone_of(row, column)[0]][1],
            "text": word_of(row, column, words=words),
            "detail": detail_of(row, column, words=words),
        }
        for row in verdicts.sort("position", "touchpoint").to_dicts()
        for column in COLUMNS
    ]
    texts = ("touchpoint", "column", "tone", "text", "detail")
    return pl.DataFrame(rows, schema={**dict.fromkeys(texts, pl.String), "full": pl.Float64})


def tone_of(row: Row, column: str) -> tuple[str, str]:
    """Return tone and mark of a cell; a state of the rules that is not known here is an open one."""
    return STATES[column].get(row[column], ("open", "?"))


def word_of(row: Row, column: str, *, words: Words) -> str:
    """Return mark and word of a cell."""
    key = f"{column}_{row[column]}"
    return f"{tone_of(row, column)[1]} {words[key] if words.has('words', key) else row[column].replace('_', ' ')}"


def detail_of(row: Row, column: str, *, words: Words) -> str:
    """Return what a cell rests on: share of exits or odd clicks and sessions, people of those asked, net sentiment."""
    if column == "behaviour" and row["clicks"] is not None:
        sessions = say(words, "n_is", n=words.number(row["clicks_n"] or 0))
        return f"{figure(words, row['clicks_value'], unit='share')} · {sessions}"
    if column == "behaviour" and row["exit_rate"] is not None:
        sessions = say(words, "n_is", n=words.number(row["exit_n"] or 0))
        return f"{figure(words, row['exit_rate'], unit='share')} · {sessions}"
    if column == "interviews" and row["asked"]:
        return "–" if row["heard"] is None else of_all(words, row["heard"], row["asked"])
    if column == "social" and row["voices"]:
        net = f"{figure(words, row['net'], unit='net')} · " if row["net"] is not None else ""
        return net + say(words, "n_is", n=words.number(row["voices"]))
    return ""


def bracket(row: Row, column: str, *, words: Words) -> str:
    """Return the detail of a cell in brackets, or nothing."""
    detail = detail_of(row, column, words=words)
    return f"({detail})" if detail else ""


def describe(verdicts: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: how many touchpoints have each verdict."""
    if verdicts.is_empty():
        return words["crosscheck_empty"]
    counts = verdicts.group_by("verdict").agg(n=pl.len(), first=pl.col("position").min())
    told = [
        f"{word_of(row, 'verdict', words=words)[2:]}: {words.number(row['n'])}"
        for row in counts.sort("n", "first", "verdict", descending=[True, False, False]).to_dicts()
    ]
    return "; ".join(told) + "."
