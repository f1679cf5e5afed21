"""How each touchpoint is experienced at each stage, and how many people said so."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from cjtools.charts.axes import NARROW, cells_of, name_axis, names_of, on_phone, stage_axis
from cjtools.charts.figures import figure, interval, mark_of, say
from cjtools.charts.theme import BAD, GOOD, INK, NEUTRAL, finish
from cjtools.map_tables import FLAT
from cjtools.words import Words

# State of a cell, its sign and its colour: colour never says it alone.
STATES = {
    "good": ("▲", GOOD),
    "mixed": ("■", NEUTRAL),
    "bad": ("▼", BAD),
    "few": ("○", "#e9ecf1"),
    "none": ("–", "#ffffff"),
}
# How full the colour is, for a weak and a strong experience: dark text stays readable on both.
WEAK, STRONG = 0.24, 0.5


def touchpoint_stage_grid(grid: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a grid of touchpoints and stages: the mean valence with its sign, and the number of participants.

    `grid` as plan_tables.MapTouchpointStage. Too few people and nothing said are told apart; a place at which
    client.toml does not have the touchpoint, and nobody speaks of it, stays blank. Draws an empty frame.
    """
    data, states = cells(grid, words=words), state_names(words)
    base = alt.Chart(data).encode(
        x=alt.X(
            "stage:N",
            title=None,
            scale=cells_of(order(grid, "stage")),
            axis=stage_axis(order(grid, "stage"), orient="top"),
        ),
        y=alt.Y("touchpoint:N", title=None, scale=cells_of(order(grid, "touchpoint")), axis=name_axis()),
        tooltip=[
            alt.Tooltip("touchpoint:N", title=words["touchpoint"]),
            alt.Tooltip("stage:N", title=words["stage"]),
            alt.Tooltip("said:N", title=words["experience"]),
            alt.Tooltip("heard:N", title=words["heard"]),
        ],
    )
    rect = base.mark_rect(stroke="#9aa3af", strokeWidth=0.8, strokeOpacity=0.7, cornerRadius=3).encode(
        fill=alt.Fill(
            "state:N",
            title=None,
            scale=alt.Scale(domain=list(states.values()), range=[colour for _, colour in STATES.values()]),
            legend=alt.Legend(symbolSize=0, symbolOpacity=0, labelOffset=0),
        ),
        fillOpacity=alt.FillOpacity("full:Q", scale=None, legend=None),
    )
    value = base.mark_text(fontSize=on_phone(11, 13), dy=on_phone(-6, -7), lineHeight=12, color=INK).encode(
        # Where a column is narrow, the mark stands over its figure.
        text=alt.value(alt.ExprRef(f"width < {NARROW} ? split(datum.shown, ' ') : datum.shown"))
    )
    count = base.mark_text(fontSize=on_phone(9, 11), dy=on_phone(15, 9), color=INK).encode(text="people:N")
    return finish(
        rect,
        value,
        count,
        width=760,
        height=alt.Step(44),
        name="touchpoint_stage_grid",
        title=say(words, "grid_title"),
        description=describe(grid, words=words),
        table=touchpoint_stage_grid_table(grid, words=words),
        words=words,
    )


def touchpoint_stage_grid_table(grid: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the grid shows as texts: touchpoint, stage, experience with its sign, interval, participants."""
    rows = [
        (
            row["label"],
            row["stage_label"],
            shown_in(row, words=words) if row["shown"] else words["too_few"] if row["n"] else words["no_evidence"],
            interval(words, row["low"], row["high"], unit="score"),
            words.number(row["n"]),
        )
        for row in drawn(grid).to_dicts()
    ]
    columns = [words[key] for key in ("touchpoint", "stage", "experience", "interval", "heard")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def drawn(grid: pl.DataFrame) -> pl.DataFrame:
    """Return the cells that say anything: those where the touchpoint belongs, and those where anybody spoke of it."""
    return grid.filter(pl.col("bound") | (pl.col("n") > 0)).sort("position", "stage_position", "touchpoint", "stage")


def cells(grid: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what is drawn of each cell: its state, its texts, how full its colour is."""
    touchpoints, stages = (names_of(grid, key=key, label=label) for key, label in KEYS)
    states = state_names(words)
    rows = []
    for row in drawn(grid).to_dicts():
        state = state_of(row)
        between = interval(words, row["low"], row["high"], unit="score") if row["shown"] else ""
        rows.append(
            {
                "touchpoint": touchpoints[row["touchpoint"]],
                "stage": stages[row["stage"]],
                "state": states[state],
                "full": (STRONG if abs(row["value"]) > 1 else WEAK) if row["shown"] else 1.0,
                "shown": shown_in(row, words=words) if row["shown"] else STATES[state][0],
                "people": say(words, "n_is", n=words.number(row["n"])) if row["n"] else "",
                "said": f"{figure(words, row['value'], unit='score')} [{between}]" if between else states[state],
                "heard": words.number(row["n"]),
            }
        )
    texts = ("touchpoint", "stage", "state", "shown", "people", "said", "heard")
    return pl.DataFrame(rows, schema={**dict.fromkeys(texts, pl.String), "full": pl.Float64})


KEYS = (("touchpoint", "label"), ("stage", "stage_label"))
PLACES = {"touchpoint": "position", "stage": "stage_position"}


def state_of(row: dict[str, Any]) -> str:
    """Return the state of a cell: one of STATES."""
    if not row["shown"]:
        return "few" if row["n"] else "none"
    return "mixed" if abs(row["value"]) < FLAT else "good" if row["value"] > 0 else "bad"


def shown_in(row: dict[str, Any], *, words: Words) -> str:
    """Return the value of a cell with its sign and its mark."""
    return f"{mark_of(row['value'])} {figure(words, row['value'], unit='score')}"


def state_names(words: Words) -> dict[str, str]:
    """Return the names of the states as the legend has them, each with its mark."""
    named = {
        **{state: words[f"experience_{state}"] for state in ("good", "mixed", "bad")},
        "few": words["too_few"],
        "none": words["no_evidence"],
    }
    return {state: f"{STATES[state][0]} {name}" for state, name in named.items()}


def order(grid: pl.DataFrame, key: str) -> list[str]:
    """Return the names of touchpoints or stages in their order."""
    names = names_of(grid, key=key, label=dict(KEYS)[key])
    return [names[each] for each in grid.sort(PLACES[key], key)[key].unique(maintain_order=True).to_list()]


def describe(grid: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: where it is worst and best."""
    known = grid.filter("shown").sort("value", "position", "stage_position")
    if known.is_empty():
        return words["experience_none"]
    low, high = known.row(0, named=True), known.row(-1, named=True)
    return words(
        "experience_summary",
        worst=f"{low['label']}, {low['stage_label']}",
        worst_value=words.signed(low["value"]),
        best=f"{high['label']}, {high['stage_label']}",
        best_value=words.signed(high["value"]),
    )
