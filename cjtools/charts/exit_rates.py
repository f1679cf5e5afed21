"""Exit rate of each touchpoint against the site's own."""

from __future__ import annotations

import altair as alt
import polars as pl

from cjtools.charts.axes import wrap
from cjtools.charts.theme import BAD, FAINT, INK, NEUTRAL, finish
from cjtools.map_tables import ALL
from cjtools.words import Words


def exit_rates(behaviour: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a point and its 95 % interval for each touchpoint, with the site's own exit rate as a line.

    `behaviour` as map_tables.MapBehaviour. A touchpoint whose interval lies wholly above the site's is filled and
    orange: high, not necessarily bad (see the cross-check). Draws an empty frame.
    """
    rates = behaviour.filter((pl.col("metric") == "exit_rate") & pl.col("value").is_not_null())
    site = rates.filter(pl.col("scope") == ALL).select("value", "high")
    bound = site["high"][0] if site.height else None
    above = pl.col("low") > pl.lit(bound, dtype=pl.Float64)
    data = rates.filter(pl.col("scope") == "touchpoint").select(
        "value",
        "low",
        "high",
        sessions="denominator",
        touchpoint="label",
        state=pl.when(above).then(pl.lit(words["above_site"])).otherwise(pl.lit(words["as_site"])),
    )
    base = alt.Chart(data).encode(
        y=alt.Y(
            "touchpoint:N", sort=data["touchpoint"].to_list(), title=None,
            axis=alt.Axis(labelFontSize=12, labelColor=INK, domain=False, ticks=False, labelExpr=wrap(width=30)),
        )
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("touchpoint:N", title=words["touchpoint"]),
        alt.Tooltip("value:Q", title=words["exit_rate"], format=".1%"),
        alt.Tooltip("low:Q", title=words["interval_low"], format=".1%"),
        alt.Tooltip("high:Q", title=words["interval_high"], format=".1%"),
        alt.Tooltip("sessions:Q", title=words["sessions"], format=",d"),
    ]
    colour = alt.Color(
        "state:N", title=None, scale=alt.Scale(domain=[words["above_site"], words["as_site"]], range=[BAD, NEUTRAL])
    )
    axis = alt.X(
        "low:Q", title=words["exit_rate"], scale=alt.Scale(domainMin=0), axis=alt.Axis(format=".0%", tickCount=6)
    )
    interval = base.mark_rule(strokeWidth=3).encode(x=axis, x2="high:Q", color=colour)
    point = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=alt.X("value:Q", title=words["exit_rate"]), color=colour, tooltip=tooltip,
        shape=alt.Shape("state:N", title=None,
                        scale=alt.Scale(domain=[words["above_site"], words["as_site"]], range=["diamond", "circle"])),
    )  # fmt: skip
    line = alt.Chart(site).mark_rule(strokeDash=[5, 4], color=FAINT, strokeWidth=1.5).encode(x="value:Q")
    note = (
        alt.Chart(site)
        .mark_text(align="left", dx=5, dy=-6, y=0, fontSize=11, color=FAINT, text=words["site_line"])
        .encode(x="value:Q")
    )
    return finish(
        line,
        interval,
        point,
        note,
        width=640,
        height=alt.Step(34),
        name="exit_rates",
        title=words["exit_title"],
        description=describe(data, words=words),
        table=exit_rates_table(behaviour, words=words),
        words=words,
    )


def exit_rates_table(behaviour: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the picture shows as texts: touchpoint, exit rate, interval, sessions; the site itself last."""
    rates = behaviour.filter(pl.col("metric") == "exit_rate").sort(pl.col("scope") == ALL, maintain_order=True)
    rows = [
        (
            words["site_line"] if row["scope"] == ALL else row["label"],
            words["too_few"] if row["value"] is None else words.percent(row["value"], digits=1),
            ""
            if row["low"] is None
            else f"{words.percent(row['low'], digits=1)} – {words.percent(row['high'], digits=1)}",
            words.number(row["denominator"]),
        )
        for row in rates.to_dicts()
    ]
    columns = [words[key] for key in ("touchpoint", "exit_rate", "interval", "sessions")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def describe(data: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: which touchpoints lie above the site."""
    high = data.filter(pl.col("state") == words["above_site"])["touchpoint"].to_list()
    return words("exit_summary", touchpoints=", ".join(high)) if high else words["exit_none"]
