"""Axes and labels that fit: long names broken into lines, no two alike, and what changes where the page is narrow."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import polars as pl

from cjtools.charts.theme import INK

NARROW = 400  # a picture whose inside has fewer pixels is drawn as on a phone
# The left and the right end of a picture's inside.
LEFT, RIGHT = alt.value(0), alt.value("width")
LONGEST = 46  # letters of a label at an axis; the table beside the picture has the whole
WHOLE = 100_000
STAGE_LINE = 15  # pixels from one line of a stage's name to the next


def on_phone(phone: float | str, otherwise: float | str) -> alt.ExprRef:
    """Return one of two values of a property, by the width that the picture has at last.

    >>> on_phone(9, 11).to_dict()
    {'expr': 'width < 400 ? 9 : 11'}
    """
    return alt.ExprRef(f"width < {NARROW} ? {literal(phone)} : {literal(otherwise)}")


def literal(value: float | str) -> str:
    """Return a value as a Vega expression; a text that is a place such as `width / 6` stays an expression."""
    return value if isinstance(value, str) and value.startswith("width") else json.dumps(value)


def wrap(labels: str = "datum.label", *, width: int = 14, narrow: int = 18) -> str:
    """Return the Vega expression that breaks a label at blanks into lines of at most `width` letters.

    `narrow` letters on a phone, if that is fewer. A longer word keeps a line of its own.
    """
    size = str(width) if narrow >= width else f"(width < {NARROW} ? {narrow} : {width})"
    return f"split(trim(replace({labels}, regexp('(.{{1,' + {size} + '}})( |$)', 'g'), '$1\\n')), '\\n')"


def lines(field: str, *, width: int, narrow: int) -> Any:
    """Return the text of a mark, broken into lines."""
    return alt.value(alt.ExprRef(wrap(f"datum.{field}", width=width, narrow=narrow)))


def above(field: str, bottom: float, *, width: int, narrow: int, line: float = 14, part: float = 1) -> alt.ExprRef:
    """Return the shift of a text of several lines so that its last one stands `bottom` pixels from its place.

    With half a `part` the text as a whole is centred there. Vega lets lines grow downward only.
    """
    count = f"length({wrap(f'datum.{field}', width=width, narrow=narrow)})"
    return alt.ExprRef(f"{bottom} - {line * part} * ({count} - 1)")


def stage_axis(names: Sequence[str], *, orient: Literal["top", "bottom"] = "bottom") -> alt.Axis:
    """Return the axis of the stages: their names in lines, slanted on a phone.

    Vega lets lines grow downward only: over a grid there is room for as many as the longest name needs.
    """
    most = max([1, *(line_count(name) for name in names)])
    return alt.Axis(
        orient=orient,
        labelAngle=on_phone(-50, 0),
        labelAlign=on_phone("right" if orient == "bottom" else "left", "center"),
        labelBaseline=on_phone("middle", "top" if orient == "bottom" else "bottom"),
        labelExpr=f"width < {NARROW} ? datum.label : {wrap()}",
        labelFontSize=on_phone(11, 13),
        labelLineHeight=on_phone(12, STAGE_LINE),
        labelColor=INK,
        labelLimit=on_phone(90, 140),
        labelPadding=on_phone(6, 4 + (STAGE_LINE * (most - 1) if orient == "top" else 0)),
        domain=False,
        ticks=False,
        grid=False,
    )


def line_count(name: str, *, width: int = 14) -> int:
    """Return into how many lines `wrap` breaks a name.

    >>> line_count("Finalització de compra"), line_count("Decisió")
    (2, 1)
    """
    return re.sub(rf"(.{{1,{width}}})( |$)", r"\1\n", name).strip().count("\n") + 1


def name_axis(*, width: int = 30, narrow: int = 18) -> alt.Axis:
    """Return the axis of named rows: their names in lines."""
    return alt.Axis(
        labelFontSize=on_phone(10.5, 12),
        labelLineHeight=on_phone(11, 13),
        labelColor=INK,
        labelExpr=wrap(width=width, narrow=narrow),
        labelLimit=on_phone(125, 200),
        domain=False,
        ticks=False,
        grid=False,
    )


def cells_of(names: Sequence[str]) -> alt.Scale:
    """Return the scale of the rows or columns of a grid: all of them, also those without a cell, with gaps between."""
    return alt.Scale(domain=list(names), paddingInner=0.05, paddingOuter=0)


def names_of(frame: pl.DataFrame, *, key: str, label: str = "label") -> dict[str, str]:
    """Return the name of each key in the order of the frame: cut where it is very long, and none like another.

    >>> names_of(pl.DataFrame({"id": ["a", "b"], "label": ["Shop", "Shop"]}), key="id")
    {'a': 'Shop', 'b': 'Shop (2)'}
    """
    pairs = frame.select(key, label).unique(key, keep="first", maintain_order=True).rows()
    return dict(zip([each for each, _ in pairs], told_apart([short(name) for _, name in pairs]), strict=True))


def told_apart(names: Sequence[str]) -> list[str]:
    """Return names with a number behind each that another name before has already."""
    told: list[str] = []
    for name in names:
        copies = (f"{name} ({number})" for number in range(2, len(names) + 2))
        told.append(name if name not in told else next(copy for copy in copies if copy not in told))
    return told


def short(label: str, *, longest: int = LONGEST) -> str:
    """Return a label on one line, cut with an ellipsis where it is longer than a picture can hold."""
    flat = " ".join(label.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"
