"""Where people go from each stage: forward, back, or out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from cjtools.charts.axes import NARROW, cells_of, name_axis, on_phone, short, stage_axis, told_apart
from cjtools.charts.figures import interval, of_all, say
from cjtools.charts.theme import BAD, GOOD, INK, NEUTRAL, finish
from cjtools.words import Words

# Where a move leads, with its mark and its colour.
WAYS = {"forward": ("→", GOOD), "back": ("←", BAD), "same": ("↻", NEUTRAL), "edge": ("·", NEUTRAL)}
FULL = 0.5  # how full the colour of a share of 100 % is: dark text stays readable
Row = Mapping[str, Any]


def transition_matrix(moves: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a grid: a row the stage that is left, a column the one that comes next, each cell its share and n.

    `moves` as charts.frames.StageMove. The shares of a row add up to 100 %; the arrow tells forward from back. A move
    that nobody made has no cell. Draws an empty frame.
    """
    sources, targets = axis_names(moves, "source", words=words), axis_names(moves, "target", words=words)
    names = way_names(words)
    base = alt.Chart(cells(moves, sources, targets, words=words)).encode(
        x=alt.X(
            "target:N",
            title=say(words, "move_to"),
            scale=cells_of(list(targets.values())),
            axis=stage_axis(list(targets.values()), orient="top"),
        ),
        y=alt.Y(
            "source:N",
            title=say(words, "move_from"),
            scale=cells_of(list(sources.values())),
            axis=name_axis(width=18, narrow=12),
        ),
        tooltip=[
            alt.Tooltip("source:N", title=say(words, "move_from")),
            alt.Tooltip("target:N", title=say(words, "move_to")),
            alt.Tooltip("told:N", title=words["column_value"]),
        ],
    )
    fill = alt.Scale(domain=list(names.values()), range=[colour for _, colour in WAYS.values()])
    rect = base.mark_rect(stroke="#9aa3af", strokeWidth=0.8, strokeOpacity=0.7, cornerRadius=3).encode(
        fill=alt.Fill("way:N", title=None, scale=fill, legend=alt.Legend(symbolOpacity=FULL, symbolStrokeWidth=0)),
        fillOpacity=alt.FillOpacity("full:Q", scale=None, legend=None),
    )
    share = base.mark_text(fontSize=on_phone(10, 13), dy=on_phone(-6, -7), lineHeight=12, color=INK).encode(
        text=alt.value(alt.ExprRef(f"width < {NARROW} ? split(datum.text, ' ', 2) : datum.text"))
    )
    count = base.mark_text(fontSize=on_phone(8.5, 11), dy=on_phone(15, 9), color=INK).encode(text="n:N")
    return finish(
        rect,
        share,
        count,
        width=760,
        height=alt.Step(46),
        name="transition_matrix",
        title=say(words, "moves_title"),
        description=describe(moves, words=words),
        table=transition_matrix_table(moves, words=words),
        words=words,
    )


def transition_matrix_table(moves: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the grid shows as texts: from, to, way, share, interval, how many of how many."""
    names = way_names(words)
    rows = [
        (
            row["source_label"] or say(words, "move_start"),
            row["target_label"] or say(words, "move_end"),
            names[way_of(row)],
            words["no_value"] if row["value"] is None else words.percent(row["value"], digits=1),
            interval(words, row["low"], row["high"], unit="share"),
            of_all(words, row["n"], row["of_out"]),
        )
        for row in ordered(moves)
    ]
    heads = [say(words, key) for key in ("move_from", "move_to", "move_way")]
    columns = [*heads, *(words[key] for key in ("column_value", "interval", "count"))]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def ordered(moves: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the moves that were made: from the start first, then stage by stage, to the end last."""
    made = moves.filter(pl.col("n") > 0)
    first = made.sort(
        pl.col("source_position").fill_null(-1), pl.col("target_position").fill_null(10**6), "source", "target"
    )
    return first.to_dicts()


def axis_names(moves: pl.DataFrame, side: str, *, words: Words) -> dict[str, str]:
    """Return the names of the stages of one side in their order, the start first and the end last."""
    nothing, edge = (-1, "move_start") if side == "source" else (10**6, "move_end")
    rows = (
        moves.filter(pl.col("n") > 0)
        .select(key=side, label=f"{side}_label", place=pl.col(f"{side}_position").fill_null(nothing))
        .unique("key", keep="first", maintain_order=True)
        .sort("place", "key")
        .rows()
    )
    labels = [short(label) if label else say(words, edge) for _, label, _ in rows]
    return dict(zip([key for key, _, _ in rows], told_apart(labels), strict=True))


def cells(moves: pl.DataFrame, sources: Mapping[str, str], targets: Mapping[str, str], *, words: Words) -> pl.DataFrame:
    """Return what is drawn of each cell."""
    names, rows = way_names(words), []
    for row in ordered(moves):
        between = interval(words, row["low"], row["high"], unit="share")
        share = "–" if row["value"] is None else words.percent(row["value"])
        rows.append(
            {
                "source": sources[row["source"]],
                "target": targets[row["target"]],
                "way": names[way_of(row)],
                "full": round(0.06 + (FULL - 0.06) * (row["value"] or 0), 4),
                "text": f"{WAYS[way_of(row)][0]} {share}",
                "n": say(words, "n_is", n=words.number(row["n"])),
                "told": f"{share} [{between}], {of_all(words, row['n'], row['of_out'])}" if between else share,
            }
        )
    texts = ("source", "target", "way", "text", "n", "told")
    return pl.DataFrame(rows, schema={**dict.fromkeys(texts, pl.String), "full": pl.Float64})


def way_of(row: Row) -> str:
    """Return where a move leads: one of WAYS; into and out of a path is neither forward nor back."""
    start, end = row["source_position"], row["target_position"]
    if start is None or end is None:
        return "edge"
    return "same" if start == end else "forward" if end > start else "back"


def way_names(words: Words) -> dict[str, str]:
    """Return the names of the ways, each with its mark."""
    return {way: f"{mark} {say(words, f'way_{way}')}" for way, (mark, _) in WAYS.items()}


def describe(moves: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: the share of moves between stages that go back, and the most common one."""
    inner = moves.filter(
        (pl.col("n") > 0) & pl.col("source_position").is_not_null() & pl.col("target_position").is_not_null()
    )
    if inner.is_empty():
        return say(words, "moves_none")
    back = int(inner.filter(pl.col("target_position") < pl.col("source_position"))["n"].sum())
    top = inner.sort("n", "source_position", "target_position", descending=[True, False, False]).row(0, named=True)
    whole = int(inner["n"].sum())
    return say(
        words,
        "moves_summary",
        source=top["source_label"],
        target=top["target_label"],
        n=words.number(top["n"]),
        back=of_all(words, back, whole),
        share=words.percent(back / whole),
    )
