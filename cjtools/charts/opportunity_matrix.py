"""Which opportunities matter most: how many people they reach, and how bad it is for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import polars as pl

from cjtools.charts.axes import above, lines, on_phone, short
from cjtools.charts.figures import interval, of_all, say
from cjtools.charts.theme import BAD, INK, NEUTRAL, finish
from cjtools.words import Words

LINE = 36  # pixels between two labels, room for two lines
LEAST = 300
LABELS = 0.6  # width of the labels, in widths of the plot


@dataclass(frozen=True)
class Plane:
    """What the two axes are, how far they go, and what is marked on them."""

    basis: str
    x: str
    y: str
    wide: float
    high: float


SURVEY = Plane("survey", "satisfaction", "importance", 10, 10)
EVIDENCE = Plane("evidence", "reach", "severity", 1, 2)


def opportunity_matrix(opportunities: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return the opportunities in the plane of reach and severity, or of satisfaction and importance.

    `opportunities` as map_tables.MapOpportunity. The survey's axes are used only where it asked for both in every row;
    else reach × severity, and the axes say so. Every label stands beside the plot, apart from the others, with a
    line to its point. Draws an empty frame.
    """
    plane = plane_of(opportunities)
    height = max(LEAST, LINE * opportunities.height)
    data = points(opportunities, plane, height=height, words=words)
    x = alt.X(
        "x:Q",
        title=say(words, f"axis_{plane.x}"),
        scale=alt.Scale(domain=[0, plane.wide * (1 + LABELS)], nice=False),
        axis=alt.Axis(values=ticks(plane.wide), format=".0%" if plane is EVIDENCE else "d", titleAnchor="start"),
    )
    y = alt.Y(
        "y:Q",
        title=say(words, f"axis_{plane.y}"),
        scale=alt.Scale(domain=[0, plane.high], nice=False),
        axis=alt.Axis(values=ticks(plane.high), format="~g", grid=False),
    )
    base = alt.Chart(data)
    leader = base.mark_rule(color=NEUTRAL, strokeWidth=1).encode(x=x, y=y, x2="edge:Q", y2="at:Q")
    point = base.mark_point(filled=True, size=110, color=BAD, opacity=1, stroke="#ffffff", strokeWidth=1.2).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("name:N", title=say(words, "opportunity")),
            alt.Tooltip("said_x:N", title=say(words, f"axis_{plane.x}")),
            alt.Tooltip("said_y:N", title=say(words, f"axis_{plane.y}")),
            alt.Tooltip("score:N", title=words["column_score"]),
        ],
    )
    label = base.mark_text(
        align="left",
        baseline="middle",
        dx=5,
        fontSize=on_phone(10.5, 12),
        color=INK,
        lineHeight=12,
        limit=alt.ExprRef(f"width * {round((LABELS - 0.06) / (1 + LABELS), 3)} - 6"),
        dy=above("name", 0, width=34, narrow=18, line=12, part=0.5),
    ).encode(x="edge:Q", y="at:Q", text=lines("name", width=34, narrow=18))
    return finish(
        leader,
        point,
        label,
        width=720,
        height=height if data.height else 0,
        name="opportunity_matrix",
        title=say(words, "matrix_title"),
        description=describe(opportunities, plane, words=words),
        table=opportunity_matrix_table(opportunities, words=words),
        words=words,
    )


def opportunity_matrix_table(opportunities: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the plane shows as texts: rank, opportunity, both axes, participants, score with its interval."""
    plane = plane_of(opportunities)
    rows = [
        (
            words.number(row["rank"]),
            name_of(row),
            said(row[plane.x], plane.x, words=words),
            said(row[plane.y], plane.y, words=words),
            of_all(words, row["people"], row["asked"]),
            words.number(row["score"], digits=1),
            interval(words, row["low"], row["high"], unit="number"),
            words["family_survey"] if row["basis"] == "survey" else words["evidence"],
        )
        for row in opportunities.sort("rank").to_dicts()
    ]
    axes = [say(words, f"axis_{axis}") for axis in (plane.x, plane.y)]
    heads = [words["column_rank"], say(words, "opportunity"), *axes, words["heard"]]
    columns = [*heads, words["column_score"], words["interval"], say(words, "basis")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def name_of(row: Mapping[str, Any]) -> str:
    """Return what an opportunity is called: its title where the client gave one, else where it is."""
    return str(row["title"] or row["label"])


def plane_of(opportunities: pl.DataFrame) -> Plane:
    """Return the survey's plane where every row has both of its figures, else that of the evidence."""
    asked = opportunities.select("importance", "satisfaction").drop_nulls().height
    return SURVEY if 0 < asked == opportunities.height else EVIDENCE


def points(opportunities: pl.DataFrame, plane: Plane, *, height: int, words: Words) -> pl.DataFrame:
    """Return where each point and its label lie, and what they say."""
    ordered = opportunities.sort(pl.col(plane.y), pl.col(plane.x), "rank", descending=[True, True, False])
    scale = height / plane.high
    places = spread([(plane.high - y) * scale for y in ordered[plane.y].to_list()], apart=LINE, room=height)
    rows = [
        {
            "x": row[plane.x],
            "y": row[plane.y],
            "edge": round(plane.wide * 1.06, 4),
            "at": round(plane.high - place / scale, 4),
            "name": f"{words.number(row['rank'])}  {short(name_of(row))}",
            "said_x": said(row[plane.x], plane.x, words=words),
            "said_y": said(row[plane.y], plane.y, words=words),
            "score": words.number(row["score"], digits=1),
        }
        for row, place in zip(ordered.to_dicts(), places, strict=True)
    ]
    texts, numbers = ("name", "said_x", "said_y", "score"), ("x", "y", "edge", "at")
    return pl.DataFrame(rows, schema={**dict.fromkeys(numbers, pl.Float64), **dict.fromkeys(texts, pl.String)})


def spread(places: Sequence[float], *, apart: float, room: float) -> list[float]:
    """Return ascending places moved as little as needed so that each is `apart` from the next, within 0 to `room`.

    Pushes down from the top, then up from the bottom; there must be room for all.

    >>> spread([10, 12, 100], apart=20, room=110)
    [10, 30, 100]
    """
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + apart) if moved else max(place, apart / 2))
    limit = room - apart / 2
    for number in range(len(moved) - 1, -1, -1):
        moved[number] = min(moved[number], limit)
        limit = moved[number] - apart
    return moved


def ticks(end: float) -> list[float]:
    """Return five ticks from nothing to the end of an axis."""
    return [round(end * part / 4, 2) for part in range(5)] if end < 10 else [0, 2, 4, 6, 8, 10]


def said(value: float, axis: str, *, words: Words) -> str:
    """Return a figure of an axis: a reach as a share, everything else as a number."""
    return words.percent(value) if axis == "reach" else words.number(value, digits=1)


def describe(opportunities: pl.DataFrame, plane: Plane, *, words: Words) -> str:
    """Return the picture in two sentences: the first opportunity, and what the axes are."""
    if opportunities.is_empty():
        return words["no_opportunity"]
    first = opportunities.sort("rank").row(0, named=True)
    head = say(words, "matrix_summary", label=name_of(first), people=of_all(words, first["people"], first["asked"]))
    return f"{head} {say(words, f'matrix_{plane.basis}')}"
