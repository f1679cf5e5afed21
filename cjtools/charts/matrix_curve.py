"""The experience curve over the columns of the map's table, as SVG: what the table says, drawn across it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl

from cjtools.charts.axes import short
from cjtools.charts.experience_curve import describe, marked
from cjtools.charts.figures import mark_of, say
from cjtools.charts.theme import CATEGORIES, DASHES, FAINT, INK, NEUTRAL
from cjtools.map_tables import ALL
from cjtools.words import Words

HEIGHT, TOP, BOTTOM = 190, 26, 150  # pixels: of the picture, of +2, of −2
# Outlines of the marks of theme.SHAPES, around their middle.
OUTLINES = {
    "circle": "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z",
    "square": "M-4.5 -4.5H4.5V4.5H-4.5Z",
    "triangle-up": "M0 -5.5L5.5 4.5H-5.5Z",
    "diamond": "M0 -6L6 0L0 6L-6 0Z",
    "cross": "M-1.7 -5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5V-1.7H-1.7Z",
    "triangle-down": "M0 5.5L5.5 -4.5H-5.5Z",
    "triangle-right": "M5.5 0L-4.5 5.5V-5.5Z",
}
SHAPES = tuple(OUTLINES)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Curve:
    """The picture over the columns, and the key beside it: a small picture of each persona's line, and its name."""

    svg: str
    key: tuple[tuple[str, str], ...]


def matrix_curve(experience: pl.DataFrame, *, words: Words, moments: pl.DataFrame | None = None) -> Curve:
    """Return the experience of each stage as an SVG as wide as its place, one equal column a stage, in order.

    `experience` as map_tables.MapExperience, `moments` as charts.frames.Moment. It stands in one cell over all stages
    of a table whose columns are equally wide: the middle of column i of n is at (i + ½) ÷ n of its width. A line is
    open where a stage has no value, never smoothed. Each part has the class of its persona (everybody, p0, p1 …), by
    which a page may colour it at night; colours, dashes and shapes are those of the other charts. No frame, no stages:
    an SVG without parts. Texts are escaped; nothing in it runs or loads.
    """
    stages = experience.filter(pl.col("scope") == "stage").sort("position", maintain_order=True)
    places = stages.select("name", "position").unique("name", keep="first", maintain_order=True)["name"].to_list()
    svg = element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        width="100%",
        height=HEIGHT,
        overflow="visible",
        **{"class": "matrix-curve", "aria-label": describe(stages, moments, words=words), "font-size": 12},
    )
    if places:
        scale_lines(svg)
    personas = numbered(stages)
    known = {(row["persona"], row["name"]): row for row in stages.filter("shown").to_dicts()}
    for number, persona, _ in reversed(personas):
        add_persona(svg, [known.get((persona, place)) for place in places], number=number, persona=persona)
    everybody = {row["name"]: row for row in stages.filter(pl.col("persona") == ALL).to_dicts()}
    add_texts(svg, [everybody.get(place) for place in places], words=words)
    told = dict(marked(stages, moments, words=words).select("stage", "told").rows())
    add_names(svg, [label_of(stages, place) for place in places], told)
    return Curve(written(svg), tuple((written(swatch(number, persona)), name) for number, persona, name in personas))


def numbered(stages: pl.DataFrame) -> list[tuple[int, str, str]]:
    """Return number, id and name of everybody (0) and of each persona (from 1), as the other charts number them."""
    pairs = stages.select("persona", "persona_label").unique("persona", keep="first", maintain_order=True).rows()
    ordered = [*(pair for pair in pairs if pair[0] == ALL), *(pair for pair in pairs if pair[0] != ALL)]
    first = 0 if ordered and ordered[0][0] == ALL else 1
    return [(number, persona, name) for number, (persona, name) in enumerate(ordered, start=first)]


def scale_lines(svg: ET.Element) -> None:
    """Add the lines of +2, 0 and −2 with their figures."""
    for value, text in ((2, "+2"), (0, "0"), (-2, "−2")):
        y = height_of(value)
        dash = {"stroke-dasharray": "3 4"} if value == 0 else {"stroke-opacity": "0.4"}
        add(svg, "line", x1="0", x2="100%", y1=y, y2=y, stroke=NEUTRAL, **{"class": "grid"}, **dash)
        add(svg, "text", text, x=4, y=y - 3, fill=FAINT, **{"class": "soft", "font-size": 10})


def add_persona(svg: ET.Element, rows: Sequence[Row | None], *, number: int, persona: str) -> None:
    """Add the line of a persona: its parts between neighbouring stages that both have a value, then its points."""
    group = add(svg, "g", color=CATEGORIES[number % len(CATEGORIES)], **{"class": class_of(number, persona)})
    count = len(rows)
    for place, (row, after) in enumerate(pairwise(rows)):
        if row and after:
            add(
                group,
                "line",
                x1=middle(place, count),
                x2=middle(place + 1, count),
                y1=height_of(row["value"]),
                y2=height_of(after["value"]),
                stroke="currentColor",
                **{"stroke-width": 2, "stroke-dasharray": " ".join(map(str, DASHES[number % len(DASHES)]))},
            )
    for place, row in enumerate(rows):
        if row is None:
            continue
        x = middle(place, count)
        if persona == ALL and row["low"] is not None and row["high"] is not None:
            add(
                group,
                "line",
                x1=x,
                x2=x,
                y1=height_of(row["low"]),
                y2=height_of(row["high"]),
                stroke="currentColor",
                **{"stroke-width": 10, "stroke-opacity": "0.18"},
            )
        mark = add(group, "svg", x=x, y=height_of(row["value"]), overflow="visible", width=1, height=1)
        add(mark, "path", d=OUTLINES[SHAPES[number % len(SHAPES)]], fill="currentColor")


def add_texts(svg: ET.Element, rows: Sequence[Row | None], *, words: Words) -> None:
    """Add, for everybody, the value with its mark beside each point and n below; or what is missing."""
    for place, row in enumerate(rows):
        x, center = middle(place, len(rows)), {"text-anchor": "middle"}
        if row and row["shown"]:
            text = f"{mark_of(row['value'])} {words.signed(row['value'])}"
            add(
                svg,
                "text",
                text,
                x=x,
                y=height_of(row["value"]) + 4,
                dx=12,
                fill=INK,
                **{"class": "ink", "font-weight": 600},
            )
        else:
            why = words["too_few"] if row and row["n"] else words["no_evidence"]
            add(svg, "text", why, x=x, y=height_of(0) - 6, fill=FAINT, **center, **{"class": "soft"})
        if row and row["n"]:
            count = say(words, "n_is", n=words.number(row["n"]))
            add(svg, "text", count, x=x, y=HEIGHT - 22, fill=FAINT, **center, **{"class": "soft", "font-size": 11})


def add_names(svg: ET.Element, labels: Sequence[str], told: Mapping[str, str]) -> None:
    """Add the names of the peak and the end, and the moments of truth, under their columns."""
    for place, label in enumerate(labels):
        if label in told:
            text = short(told[label], longest=36)
            style = {"class": "ink", "text-anchor": "middle", "font-weight": 600, "font-size": 11}
            add(svg, "text", text, x=middle(place, len(labels)), y=HEIGHT - 6, fill=INK, **style)


def label_of(stages: pl.DataFrame, place: str) -> str:
    """Return the label of a stage."""
    return str(stages.filter(pl.col("name") == place)["label"][0])


def swatch(number: int, persona: str) -> ET.Element:
    """Return a small picture of a persona's line and mark."""
    svg = element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        width=34,
        height=14,
        color=CATEGORIES[number % len(CATEGORIES)],
        **{"class": class_of(number, persona), "aria-hidden": "true"},
    )
    dash = " ".join(map(str, DASHES[number % len(DASHES)]))
    add(svg, "line", x1=0, x2=34, y1=7, y2=7, stroke="currentColor", **{"stroke-width": 2, "stroke-dasharray": dash})
    add(svg, "path", d=OUTLINES[SHAPES[number % len(SHAPES)]], fill="currentColor", transform="translate(17 7)")
    return svg


def class_of(number: int, persona: str) -> str:
    """Return the class of a persona's parts: everybody, then p0, p1, … as on the rest of the page."""
    return "everybody" if persona == ALL else f"p{number - 1}"


def middle(place: int, count: int) -> str:
    """Return the middle of a column, as a share of the width.

    >>> middle(0, 4)
    '12.5%'
    """
    return f"{round(100 * (place + 0.5) / count, 4):g}%"


def height_of(value: float) -> float:
    """Return where a score lies, in pixels from the top."""
    return round(BOTTOM - (value + 2) / 4 * (BOTTOM - TOP), 1)


def element(name: str, **attributes: object) -> ET.Element:
    """Return an element with attributes as texts."""
    return ET.Element(name, {key: str(value) for key, value in attributes.items()})


def add(parent: ET.Element, name: str, text: str | None = None, /, **attributes: object) -> ET.Element:
    """Add an element with its text below another and return it."""
    child = element(name, **attributes)
    child.text = text
    parent.append(child)
    return child


def written(svg: ET.Element) -> str:
    """Return an element as text; what people wrote is escaped by the writer."""
    return ET.tostring(svg, encoding="unicode")
