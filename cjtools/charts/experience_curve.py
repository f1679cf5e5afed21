"""The experience of each stage: everybody and each persona, with interval, n, and gaps where nothing is known."""

from __future__ import annotations

import altair as alt
import polars as pl

from cjtools.charts.theme import INK, SIGNED, finish, persona_scale, wrap
from cjtools.map_tables import ALL
from cjtools.words import Words


def experience_curve(experience: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return the experience curve over the stages (map_tables.MapExperience).

    Straight lines between neighbouring stages, open where a stage has no value; a pale bar for the 95 % interval of
    everybody, n under each point. A click in the legend brings one persona forward. Draws an empty frame.
    """
    stages = experience.filter(pl.col("scope") == "stage")
    names, colours, dashes, shapes = persona_scale(stages)
    pick = alt.selection_point(fields=["persona"], bind="legend", name="pick")
    data = stages.select(
        "position", "persona", "value", "low", "high", "n", stage="label", who="persona_label",
        people=pl.col("n").map_elements(lambda n: words.count("participants", n), return_dtype=pl.String),
        everybody=pl.col("persona") == ALL,
    )  # fmt: skip
    base = alt.Chart(data.drop("persona").rename({"who": "persona"})).encode(
        x=alt.X(
            "stage:N",
            sort=alt.SortField("position"),
            title=None,
            axis=alt.Axis(
                labelAngle=0, labelExpr=wrap(), labelFontSize=13, labelColor=INK, domain=False, ticks=False, grid=False
            ),
        )
    )
    plain = alt.Legend(symbolDash=[1, 0], symbolStrokeWidth=1)
    colour = alt.Color("persona:N", scale=colours, sort=names, title=words["persona"], legend=plain)
    value = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[-2, 2]),
        title=words["experience_axis"],
        axis=alt.Axis(values=[-2, -1, 0, 1, 2], format="+d", labelExpr=SIGNED),
    )
    faint = alt.when(pick).then(alt.value(1.0)).otherwise(alt.value(0.12))
    tooltip = [
        alt.Tooltip("persona:N", title=words["persona"]),
        alt.Tooltip("stage:N", title=words["stage"]),
        alt.Tooltip("value:Q", title=words["experience"], format="+.1f"),
        alt.Tooltip("low:Q", title=words["interval_low"], format="+.1f"),
        alt.Tooltip("high:Q", title=words["interval_high"], format="+.1f"),
        alt.Tooltip("people:N", title=words["heard"]),
    ]
    zero = alt.Chart(pl.DataFrame({"value": [0]})).mark_rule(color="#9aa3af", strokeDash=[2, 3]).encode(y="value:Q")
    band = (
        base.transform_filter("datum.everybody && isValid(datum.low)")
        .mark_rule(strokeWidth=11, color=INK)
        .encode(y=alt.Y("low:Q", title=words["experience_axis"]), y2="high:Q", opacity=alt.value(0.16))
    )
    line = base.mark_line(strokeWidth=2.2, invalid="break-paths-show-path-domains").encode(
        y=value, color=colour, strokeDash=alt.StrokeDash("persona:N", scale=dashes, sort=names, title=words["persona"]),
        opacity=faint,
    )  # fmt: skip
    point = base.mark_point(filled=True, size=85, opacity=1).encode(
        y=value, color=colour, opacity=faint, tooltip=tooltip,
        shape=alt.Shape("persona:N", scale=shapes, sort=names, title=words["persona"]),
    )  # fmt: skip
    count = (
        base.transform_filter("datum.everybody")
        .mark_text(fontSize=11, color="#5b6675", baseline="bottom")
        .encode(text="people:N", y=alt.value(298))
    )
    return finish(
        zero,
        band,
        line,
        point.add_params(pick),
        count,
        name="experience_curve",
        width=760,
        height=300,
        title=words["experience_title"],
        description=describe(stages, words=words),
        table=experience_curve_table(experience, words=words),
        words=words,
    )


def experience_curve_table(experience: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the curve shows as texts: stage, persona, score, interval, participants."""
    rows = [
        (
            row["label"],
            row["persona_label"],
            words.signed(row["value"]) if row["shown"] else words["too_few"] if row["n"] else words["no_evidence"],
            f"{words.signed(row['low'])} … {words.signed(row['high'])}" if row["shown"] else "",
            words.number(row["n"]),
        )
        for row in experience.filter(pl.col("scope") == "stage").to_dicts()
    ]
    columns = [words[key] for key in ("stage", "persona", "experience", "interval", "heard")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def describe(stages: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: where it is best and worst for everybody."""
    known = stages.filter((pl.col("persona") == ALL) & pl.col("shown")).sort("value", "position")
    if known.is_empty():
        return words["experience_none"]
    low, high = known.row(0, named=True), known.row(-1, named=True)
    return words(
        "experience_summary",
        worst=low["label"],
        worst_value=words.signed(low["value"]),
        best=high["label"],
        best_value=words.signed(high["value"]),
    )
