"""Which ways people take through the stages: the common ones as bands from step to step, the others counted."""

from __future__ import annotations

import json
from collections.abc import Mapping

import altair as alt
import polars as pl

from cjtools.charts.axes import LONGEST, NARROW, WHOLE, short, told_apart
from cjtools.charts.bands import STEPS, Flow, flow_of, order_of
from cjtools.charts.figures import say
from cjtools.charts.frames import OTHERS
from cjtools.charts.theme import CATEGORIES, FAINT, INK, UNKNOWN, finish, repeated
from cjtools.words import Words

HEIGHT = 380
WIDE = 0.09  # of a block, in steps
ROOM = 15  # pixels that a name needs; a lower block is named by its colour, its tooltip and the table
CURVE = [place / 12 for place in range(13)]  # points at which the edge of a band is drawn


def stage_flow(routes: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return the ways through the stages as bands as thick as the share of paths that take them.

    `routes` as charts.frames.StageRoute. A block is a stage at a step of the way; a path that has no band from there
    ends. All ways that are not listed are one pale block. Draws an empty frame.
    """
    flow, names = flow_of(routes), stage_names(routes, words=words)
    own = [name for stage, name in names.items() if stage != OTHERS]
    scale = alt.Scale(domain=list(names.values()), range=[*repeated(CATEGORIES[1:], len(own)), UNKNOWN][: len(names)])
    colour = alt.Color(
        "stage:N",
        title=None,
        scale=scale,
        legend=alt.Legend(symbolOpacity=1, columns=alt.ExprRef("max(1, floor(width / 150))"), labelLimit=115),
    )
    # The last names need room at the right of their blocks.
    x = alt.X("x:Q", title=None, axis=step_axis(words), scale=alt.Scale(domain=[1, flow.steps + 0.85], nice=False))
    y = alt.Y("top:Q", title=None, axis=None, scale=alt.Scale(domain=[max(flow.height, 1), 0], nice=False))
    tooltip = [alt.Tooltip("said:N", title=say(words, "flow_stage")), alt.Tooltip("n:N", title=say(words, "paths"))]
    bands = (
        alt.Chart(band_rows(flow, names, words=words))
        .mark_area(opacity=0.38)
        .encode(x=x, y=y, y2="bottom:Q", detail="band:O", color=colour, tooltip=tooltip)
    )
    nodes = alt.Chart(block_rows(flow, names, words=words)).encode(x=x, y=y, tooltip=tooltip)
    blocks = nodes.mark_rect(cornerRadius=2).encode(x2="end:Q", y2="bottom:Q", color=colour)
    room = alt.ExprRef(f"width * {round(0.86 / (flow.steps + 0.85), 3)}")
    text = (
        nodes.transform_filter("datum.named")
        .mark_text(align="left", dx=5, fontSize=12, color=INK, limit=room)
        .encode(
            x="end:Q",
            y="middle:Q",
            text=alt.value(alt.ExprRef(f"width < {NARROW} ? datum.part : datum.part + ' ' + datum.stage")),
        )
    )
    return finish(
        bands,
        blocks,
        text,
        width=760,
        height=HEIGHT if flow.blocks else 0,
        name="stage_flow",
        title=say(words, "flow_title"),
        description=describe(routes, flow, words=words),
        table=stage_flow_table(routes, words=words),
        words=words,
    )


def stage_flow_table(routes: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the bands show as texts: step, stage, what comes next, paths, their share of all."""
    flow, names = flow_of(routes), stage_names(routes, words=words, longest=WHOLE)
    rows = []
    for block in flow.blocks:
        nexts = [
            (names[band.target], band.n)
            for band in flow.bands
            if (band.place, band.source) == (block.place, block.stage)
        ]
        over = (
            "flow_unlisted"
            if block.stage == OTHERS
            else "flow_further"
            if flow.cut and block.place == STEPS
            else "flow_end"
        )
        ended = flow.ended(block)
        rows += [
            (words.number(block.place), names[block.stage], name, words.number(n), words.percent(n / flow.of, digits=1))
            for name, n in (*nexts, *([(say(words, over), ended)] if ended else []))
        ]
    columns = [say(words, key) for key in ("flow_step", "flow_stage", "flow_next", "paths", "share_of_paths")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def stage_names(routes: pl.DataFrame, *, words: Words, longest: int = LONGEST) -> dict[str, str]:
    """Return the name of each stage, cut where it is longer, in the order of the ways, the unlisted ways last."""
    labels = dict(
        pair for route, names in routes.select("route", "labels").rows() for pair in zip(route, names, strict=True)
    )
    stages = order_of(routes)
    plain = [
        say(words, "flow_others") if stage == OTHERS else short(labels[stage], longest=longest) for stage in stages
    ]
    return dict(zip(stages, told_apart(plain), strict=True))


def band_rows(flow: Flow, names: Mapping[str, str], *, words: Words) -> pl.DataFrame:
    """Return the edges of the bands: thirteen points each of a curve that leaves and arrives level."""
    rows = []
    for number, band in enumerate(flow.bands):
        said = say(words, "flow_move", source=names[band.source], target=names[band.target])
        for way in CURVE:
            level = way * way * (3 - 2 * way)
            top = band.leaves + (band.arrives - band.leaves) * level
            x = band.place + WIDE + (1 - WIDE) * way
            edge = (round(x, 4), round(top, 4), round(top + band.thick, 4))
            rows.append((number, names[band.source], said, paths_of(band.n, flow, words=words), *edge))
    schema = {"band": pl.Int64, "stage": pl.String, "said": pl.String, "n": pl.String}
    return pl.DataFrame(rows, schema=schema | dict.fromkeys(("x", "top", "bottom"), pl.Float64), orient="row")


def block_rows(flow: Flow, names: Mapping[str, str], *, words: Words) -> pl.DataFrame:
    """Return the blocks: where each lies, what it is, and whether its name fits."""
    scale = HEIGHT / max(flow.height, 1)
    rows = [
        {
            "stage": names[block.stage],
            "said": names[block.stage],
            "n": paths_of(block.n, flow, words=words),
            "x": float(block.place),
            "end": block.place + WIDE,
            "top": round(block.top, 4),
            "middle": round((block.top + block.bottom) / 2, 4),
            "bottom": round(block.bottom, 4),
            "named": (block.bottom - block.top) * scale >= ROOM,
            "part": words.percent(block.n / flow.of),
        }
        for block in flow.blocks
    ]
    texts, places = ("stage", "said", "n", "part"), ("x", "end", "top", "middle", "bottom")
    schema = {**dict.fromkeys(texts, pl.String), **dict.fromkeys(places, pl.Float64), "named": pl.Boolean}
    return pl.DataFrame(rows, schema=schema)


def paths_of(n: int, flow: Flow, *, words: Words) -> str:
    """Return a number of paths with its share of all."""
    return f"{words.number(n)} ({words.percent(n / flow.of, digits=1)})"


def step_axis(words: Words) -> alt.Axis:
    """Return the axis that numbers the steps."""
    names = [say(words, "flow_step_number", n=words.number(step)) for step in range(1, STEPS + 1)]
    return alt.Axis(
        orient="top",
        values=list(range(1, STEPS + 1)),
        domain=False,
        ticks=False,
        grid=False,
        labelAlign="left",
        labelFlush=False,
        labelColor=FAINT,
        labelExpr=f"width < {NARROW} ? datum.value : {json.dumps(names, ensure_ascii=False)}[datum.value - 1]",
    )


def describe(routes: pl.DataFrame, flow: Flow, *, words: Words) -> str:
    """Return the picture in a sentence: the most common way, and how many of all paths the drawn ways are."""
    listed = routes.filter(pl.col("route").list.first() != OTHERS)
    if listed.is_empty():
        return say(words, "flow_none")
    first = listed.row(0, named=True)
    shown = int(listed["n"].sum())
    share = {"share": words.percent(shown / flow.of), "n": words.number(shown), "of": words.number(flow.of)}
    others = flow.of - shown
    told = say(
        words, "flow_summary", way=" → ".join(first["labels"]), part=words.percent(first["n"] / flow.of), **share
    )
    left = say(words, "flow_left", n=words.number(others), share=words.percent(others / flow.of))
    further = say(words, "flow_cut", n=words.number(STEPS))
    return " ".join([told, *([left] if others else []), *([further] if flow.cut else [])])
