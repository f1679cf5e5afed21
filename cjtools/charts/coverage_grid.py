"""Which stages have evidence of which kind, and which have none."""

from __future__ import annotations

import altair as alt
import polars as pl

from cjtools.charts.axes import above, lines, on_phone, stage_axis
from cjtools.charts.theme import GOOD, INK, finish
from cjtools.words import Words

FILL = {"evidence": GOOD, "silent": "#f0c9a6", "not_asked": "#e9ecf1", "no_source": "#ffffff"}


def coverage_grid(coverage: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a grid of stages and families of evidence, each cell with its count or the reason why it is empty.

    `coverage` as map_tables.MapCoverage. Draws an empty frame.
    """
    data = coverage.select(
        "position", "n", stage="label",
        family=pl.col("family").replace_strict(family_names(words), return_dtype=pl.String),
        state=pl.col("state").cast(pl.String).replace_strict(state_names(words), return_dtype=pl.String),
        there=pl.col("state") == "evidence",
    ).with_columns(
        shown=pl.when("there").then(pl.col("n").map_elements(words.number, return_dtype=pl.String)).otherwise("state")
    )  # fmt: skip
    states = list(state_names(words).values())
    base = alt.Chart(data).encode(
        x=alt.X("stage:N", sort=alt.SortField("position"), title=None,
                axis=stage_axis(coverage["label"].unique(maintain_order=True).to_list(), orient="top")),
        y=alt.Y("family:N", sort=list(family_names(words).values()), title=None,
                axis=alt.Axis(labelFontSize=12, labelColor=INK, domain=False, ticks=False)),
    )  # fmt: skip
    cells = base.mark_rect(stroke="#ffffff", strokeWidth=3, cornerRadius=4).encode(
        color=alt.Color("state:N", title=None, scale=alt.Scale(domain=states, range=list(FILL.values()))),
        tooltip=[
            alt.Tooltip("stage:N", title=words["stage"]),
            alt.Tooltip("family:N", title=words["family"]),
            alt.Tooltip("shown:N", title=words["evidence"]),
        ],
    )
    text = base.mark_text(
        fontSize=on_phone(8.5, 11),
        lineHeight=on_phone(9, 12),
        dy=above("shown", 0, width=30, narrow=7, line=9, part=0.5),
    ).encode(
        text=lines("shown", width=30, narrow=7),
        color=alt.when("datum.there").then(alt.value("#ffffff")).otherwise(alt.value(INK)),
    )
    return finish(
        cells,
        text,
        width=760,
        height=alt.Step(38),
        name="coverage_grid",
        title=words["coverage_title"],
        description=words(
            "coverage_summary",
            full=words.number(coverage.filter(pl.col("state") == "evidence").height),
            all=words.number(coverage.height),
        ),
        table=coverage_grid_table(coverage, words=words),
        words=words,
    )


def coverage_grid_table(coverage: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the grid shows as texts: stage, family, count or reason."""
    families, states = family_names(words), state_names(words)
    rows = [
        (
            row["label"],
            families[row["family"]],
            words.number(row["n"]) if row["state"] == "evidence" else states[row["state"]],
        )
        for row in coverage.to_dicts()
    ]
    columns = [words[key] for key in ("stage", "family", "evidence")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def family_names(words: Words) -> dict[str, str]:
    """Return the names of the families, in the order of the grid."""
    return {name: words[f"group_{name}"] for name in ("interview", "social", "survey", "behaviour", "totals")}


def state_names(words: Words) -> dict[str, str]:
    """Return the names of the states of coverage."""
    return {name: words[f"state_{name}"] for name in FILL}
