"""The experience of each stage: everybody and each persona, with interval, n, and gaps where nothing is known."""

from __future__ import annotations

import altair as alt
import polars as pl

from cjtools.charts.axes import on_phone, stage_axis
from cjtools.charts.figures import say
from cjtools.charts.frames import Moment
from cjtools.charts.theme import INK, SIGNED, finish, persona_scale
from cjtools.map_tables import ALL
from cjtools.words import Words


def experience_curve(experience: pl.DataFrame, *, words: Words, moments: pl.DataFrame | None = None) -> alt.LayerChart:
    """Return the experience curve over the stages (map_tables.MapExperience).

    Straight lines between neighbouring stages, open where a stage has no value; a pale bar for the 95 % interval of
    everybody, n under each point. The peak and the end of everybody's experience are named, and a star stands over a
    stage with a moment of truth (`moments` as charts.frames.Moment). A click in the legend brings one persona forward.
    Draws an empty frame.
    """
    stages = experience.filter(pl.col("scope") == "stage")
    names, colours, dashes, shapes = persona_scale(stages)
    pick = alt.selection_point(fields=["persona"], bind="legend", name="pick")
    data = stages.select(
        "persona", "value", "low", "high", "n", stage="label", who="persona_label",
        people=pl.col("n").map_elements(lambda n: words.count("participants", n), return_dtype=pl.String),
        everybody=pl.col("persona") == ALL,
    )  # fmt: skip
    base = alt.Chart(data.drop("persona").rename({"who": "persona"})).encode(
        x=alt.X("stage:N", scale=alt.Scale(domain=labels_of(stages)), title=None, axis=stage_axis(labels_of(stages)))
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
        # On a phone there is no room for the word in every column.
        .encode(text=alt.value(alt.ExprRef("width < 400 ? 'n ' + datum.n : datum.people")), y=alt.value(298))
    )
    # What is marked stands over the plot, where no point can lie.
    mark = (
        alt.Chart(marked(stages, moments, words=words))
        .mark_text(fontSize=on_phone(11, 13), fontWeight=600, color=INK, baseline="bottom")
        .encode(
            x=alt.X("stage:N"),
            y=alt.value(-4),
            text="mark:N",
            tooltip=[alt.Tooltip("told:N", title=say(words, "marked"))],
        )
    )
    return finish(
        zero,
        band,
        line,
        point.add_params(pick),
        count,
        mark,
        name="experience_curve",
        width=760,
        height=300,
        title=words["experience_title"],
        description=describe(stages, moments, words=words),
        table=experience_curve_table(experience, words=words, moments=moments),
        words=words,
    )


def experience_curve_table(
    experience: pl.DataFrame, *, words: Words, moments: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return what the curve shows as texts: stage, persona, score, interval, participants, what is marked."""
    stages = experience.filter(pl.col("scope") == "stage")
    told = dict(marked(stages, moments, words=words).select("stage", "told").rows())
    rows = [
        (
            row["label"],
            row["persona_label"],
            words.signed(row["value"]) if row["shown"] else words["too_few"] if row["n"] else words["no_evidence"],
            f"{words.signed(row['low'])} … {words.signed(row['high'])}" if row["shown"] else "",
            words.number(row["n"]),
            told.get(row["label"], "") if row["persona"] == ALL else "",
        )
        for row in stages.to_dicts()
    ]
    columns = [*(words[key] for key in ("stage", "persona", "experience", "interval", "heard")), say(words, "marked")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def marked(stages: pl.DataFrame, moments: pl.DataFrame | None, *, words: Words) -> pl.DataFrame:
    """Return what is marked of everybody, in the order of the stages: stage (its label), mark, told (in full)."""
    named = dict(points_named(stages, words=words).select("stage", "text").rows())
    decided = dict(stars(stages, moments).rows())
    rows = []
    for label in labels_of(stages):
        name = [named[label]] if label in named else []
        star = [f"★ {decided[label]}"] if label in decided else []
        if name or star:
            mark = " ".join([*name, *("★" for _ in star)])
            rows.append({"stage": label, "mark": mark, "told": ", ".join([*name, *star])})
    return pl.DataFrame(rows, schema=dict.fromkeys(("stage", "mark", "told"), pl.String))


def labels_of(stages: pl.DataFrame) -> list[str]:
    """Return the labels of the stages in their order."""
    return stages.sort("position", maintain_order=True)["label"].unique(maintain_order=True).to_list()


def points_named(stages: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return the points of everybody that have a name: the peak, farthest from zero, and the end, the last known one.

    Columns: stage (its label), value, text. Of two peaks the earlier one has the name.
    """
    known = stages.filter((pl.col("persona") == ALL) & pl.col("shown")).sort("position")
    peak = known.sort(-pl.col("value").abs(), pl.col("position")).head(1).with_columns(text=pl.lit(say(words, "peak")))
    end = known.tail(1).with_columns(text=pl.lit(say(words, "end")))
    both = pl.concat([peak, end]).group_by("position", "label", "value", maintain_order=True)
    return both.agg(pl.col("text").str.join(", ")).sort("position").select("value", "text", stage="label")


def stars(stages: pl.DataFrame, moments: pl.DataFrame | None) -> pl.DataFrame:
    """Return the stages with a moment of truth: stage (its label) and the touchpoints that decide there."""
    labels = stages.select("position", stage="name", shown_as="label").unique(
        "stage", keep="first", maintain_order=True
    )
    given = Moment.create_empty() if moments is None else moments
    found = labels.join(given.select("stage", "touchpoint", "label"), on="stage").sort("position", "touchpoint")
    told = found.group_by("position", "shown_as", maintain_order=True).agg(moment=pl.col("label").str.join(", "))
    return told.sort("position").select("moment", stage="shown_as").select("stage", "moment")


def describe(stages: pl.DataFrame, moments: pl.DataFrame | None, *, words: Words) -> str:
    """Return the picture in a sentence: where it is best and worst for everybody; then its moments of truth."""
    known = stages.filter((pl.col("persona") == ALL) & pl.col("shown")).sort("value", "position")
    told = [f"★ {moment} ({stage})" for stage, moment in stars(stages, moments).rows()]
    moments_told = [f"{say(words, 'moments')}: {'; '.join(told)}."] if told else []
    if known.is_empty():
        return " ".join([words["experience_none"], *moments_told])
    low, high = known.row(0, named=True), known.row(-1, named=True)
    best_and_worst = words(
        "experience_summary",
        worst=low["label"],
        worst_value=words.signed(low["value"]),
        best=high["label"],
        best_value=words.signed(high["value"]),
    )
    return " ".join([best_and_worst, *moments_told])
