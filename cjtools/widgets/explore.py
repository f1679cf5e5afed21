"""A first view of a client: filters over the evidence, and the map that is left of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import altair as alt
import ipywidgets as widgets
import polars as pl
from IPython.display import display

from cjtools import charts, report
from cjtools.client import Client
from cjtools.evidence import Findings, gather_evidence
from cjtools.journey_map import JourneyMap, map_journey
from cjtools.lanes.labels import Labels, label_client
from cjtools.map_tables import ALL
from cjtools.sources import read_sources
from cjtools.words import Words, load_words

FAMILIES = ("interview", "mention", "review", "survey", "web", "email", "search")


@dataclass(frozen=True)
class Explorer:
    """The filters, the views that follow them, and the box that shows both. `shown` is the map as it stands now."""

    box: widgets.VBox
    filters: Mapping[str, widgets.Widget]
    shown: Callable[[], JourneyMap]

    def _ipython_display_(self) -> None:
        display(self.box)  # type: ignore[no-untyped-call]


def explore(client: Client, *, wave: str = "", language: str = "") -> Explorer:
    """Return an explorer of a client: persona, stage, source, language and period filter the evidence and the map.

    The charts and the list of evidence follow every filter; a click on a persona in the curve's legend sets the
    persona filter. Reads the client's files once.
    """
    words = load_words(language or client.client.language)
    period = client.wave_named(wave)
    found = gather_evidence(read_sources(client), client=client, wave=period)
    labels = label_client(client, words=words)
    filters = make_filters(found, labels=labels, words=words, first=period.from_, last=period.to)
    views = {name: widgets.Output() for name in ("touchpoints", "sentiment", "matrix", "evidence")}
    line = widgets.Label()
    curve = widgets.VBox()
    state: dict[str, JourneyMap] = {}

    def refresh(_change: object = None) -> None:
        chosen = choose(found, **{name: widget.value for name, widget in filters.items()})
        state["journey"] = map_journey(client, wave=wave, language=words.language, audience="team", findings=chosen)
        line.value = summarise(state["journey"])
        show(state["journey"], views=views)
        curve.children = [linked_curve(state["journey"], persona=filters["persona"], labels=labels)]

    for widget in filters.values():
        widget.observe(refresh, names="value")
    refresh()
    tabs = widgets.Tab(
        children=[
            widgets.VBox([curve, views["touchpoints"], views["sentiment"]]),
            views["matrix"],
            views["evidence"],
        ],
        titles=[words["explore_charts"], words["explore_map"], words["evidence"]],
    )
    top = widgets.HBox(list(filters.values()), layout=widgets.Layout(flex_flow="row wrap"))
    return Explorer(widgets.VBox([top, line, tabs]), filters, lambda: state["journey"])


def make_filters(
    found: Findings, *, labels: Labels, words: Words, first: dt.date, last: dt.date
) -> dict[str, widgets.Widget]:
    """Return the filter widgets by name, each offering only what there is."""
    families = set(found.evidence["family"].cast(pl.String).unique())
    spoken = found.evidence["language"].drop_nulls().unique().sort().to_list()
    days = [first + dt.timedelta(days=day) for day in range((last - first).days + 1)]
    everything = (words["explore_all"], ALL)
    return {
        "persona": widgets.Dropdown(
            options=[everything, *((label, name) for name, label in labels.personas.items() if name != ALL)],
            value=ALL,
            description=words["persona"],
        ),
        "stage": widgets.Dropdown(
            options=[everything, *((label, name) for name, label in labels.stages.items())],
            value=ALL,
            description=words["stage"],
        ),
        "family": widgets.Dropdown(
            options=[everything, *((words[f"family_{name}"], name) for name in FAMILIES if name in families)],
            value=ALL,
            description=words["family"],
        ),
        "language": widgets.Dropdown(
            options=[everything, *((code, code) for code in spoken)], value=ALL, description=words["explore_language"]
        ),
        "days": widgets.SelectionRangeSlider(
            options=[(words.date(day), day) for day in days],
            index=(0, len(days) - 1),
            description=words["explore_period"],
            continuous_update=False,
            layout=widgets.Layout(width="480px"),
        ),
    }


def choose(
    found: Findings, *, persona: str, stage: str, family: str, language: str, days: tuple[dt.date, dt.date]
) -> Findings:
    """Return the findings that pass the filters; "all" lets everything pass.

    A persona or a language keeps what people said; behaviour has neither, so it stays only while both are "all".
    The period cuts what was said and done; evidence without a date stays.
    """
    keep = pl.lit(value=True)
    for column, value in (("persona", persona), ("stage", stage), ("family", family), ("language", language)):
        if value != ALL:
            keep = keep & (pl.col(column).cast(pl.String) == value)
    day = pl.col("said_on")
    evidence = found.evidence.filter(keep & (day.is_null() | day.is_between(*days)))
    touches = found.touches.filter(pl.col("local_date").is_between(*days))
    if stage != ALL:
        touches = touches.filter(pl.col("stage") == stage)
    tables = replace(found.tables, orders=found.tables.orders.filter(pl.col("local_date").is_between(*days)))
    if persona != ALL or language != ALL or family not in (ALL, "web"):
        touches, tables = touches.clear(), replace(tables, orders=tables.orders.clear())
    return Findings(tables, touches, evidence)


def show(journey: JourneyMap, *, views: Mapping[str, widgets.Output]) -> None:
    """Draw the views of a map into their places."""
    pictures = {
        "touchpoints": charts.touchpoint_scores(journey.experience, words=journey.words),
        "sentiment": charts.sentiment_bars(journey.sentiment, words=journey.words),
        "matrix": report.matrix(journey),
        "evidence": report.evidence(journey),
    }
    for name, picture in pictures.items():
        views[name].outputs = ()
        views[name].append_display_data(picture)


def summarise(journey: JourneyMap) -> str:
    """Return what is left, as one line."""
    said = journey.evidence.filter(pl.col("basis") == "reported").height
    return f"{journey.header.evidence_line} — {journey.words['evidence']}: {journey.words.number(said)}"


def linked_curve(journey: JourneyMap, *, persona: widgets.Dropdown, labels: Labels) -> widgets.Widget:
    """Return the experience curve as a live chart; the persona picked in it becomes the filter."""
    alt.JupyterChart.enable_offline(offline=True)
    chart = alt.JupyterChart(charts.experience_curve(journey.experience, words=journey.words))
    names = {label: name for name, label in labels.personas.items()}

    def follow(change: Any) -> None:
        picked = [row.get("persona") for row in change.new.value or []]
        if picked and names.get(picked[0], persona.value) != persona.value:
            persona.value = names[picked[0]]

    chart.selections.observe(follow, ["pick"])
    return chart
