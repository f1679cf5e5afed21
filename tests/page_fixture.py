"""Pages for tests: a notebook run without a kernel, maps of other shapes, and a real browser with the network off."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
from conftest import ROOT

import cjtools as cj
from cjtools.journey_map import JourneyMap
from cjtools.report.export import CHART_MIMES
from cjtools.report.view import View

NOTEBOOK = ROOT / "notebooks" / "journey_map.ipynb"
FLAGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
DRAWN = "[...document.querySelectorAll('figure.chart')].every((figure) => figure.dataset.drawn === 'true')"
# What eight stages are made of: each new one tells again what one of the six tells.
LIKE = {"delivery": "purchase", "use": "loyalty"}


def executed(journey: JourneyMap) -> dict[str, Any]:
    """Return the notebook of the report as it is when its cells have run, but for the starting of a kernel."""
    names = {"cj": cj, "journey": journey, "words": journey.words, "tables": ""}
    cells = []
    for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"]:
        tags = set(cell["metadata"].get("tags", []))
        if cell["cell_type"] == "code" and not tags & {"parameters", "hide"}:
            data = bundle(eval("".join(cell["source"]), names))
            output = {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}
            cell = {**cell, "outputs": [output]}
        cells.append(cell)
    return {"cells": cells, "metadata": {}}


def bundle(shown: Any) -> dict[str, Any]:
    """Return what a cell shows as the notebook keeps it."""
    if isinstance(shown, View):
        kept: dict[str, Any] = json.loads(json.dumps(shown._repr_mimebundle_()))
        return kept
    return {CHART_MIMES[0]: json.loads(json.dumps(shown.to_dict())), "text/plain": "a chart"}


def of_shape(journey: JourneyMap, *, stages: int, personas: int) -> JourneyMap:
    """Return the same map with four, six or eight stages and with any number of personas."""
    kept = journey.stages["stage"].to_list()[: min(stages, 6)]
    new = dict(list(LIKE.items())[: max(stages - 6, 0)])
    frames = {
        field.name: with_stages(getattr(journey, field.name), kept, {} if field.name in ONCE else new)
        for field in dataclasses.fields(journey)
        if isinstance(getattr(journey, field.name), pl.DataFrame)
    }
    shaped = dataclasses.replace(journey, **frames)
    known = journey.personas["persona"].to_list()
    chosen = {known[place] if place < len(known) else f"persona{place}": known[place % len(known)]
              for place in range(personas)}  # fmt: skip
    people = dataclasses.replace(
        journey.people, **{name: with_personas(getattr(journey.people, name), chosen) for name in PEOPLE}
    )
    return dataclasses.replace(
        shaped,
        people=people,
        personas=with_personas(shaped.personas, chosen),
        experience=with_personas(shaped.experience, chosen, beside=("all",)),
        statements=with_personas(shaped.statements, {}, beside=("all",)),
    )


ONCE = ("verdicts", "opportunities")
PEOPLE = ("shares", "channels", "buys", "touchpoints")


def with_stages(frame: pl.DataFrame, kept: list[str], new: dict[str, str]) -> pl.DataFrame:
    """Return the rows of some stages, and rows like them for new ones; rows of no stage stay."""
    if "stage" in frame.columns:
        return with_column(frame, "stage", kept, new)
    if {"scope", "name"} <= set(frame.columns):
        staged = pl.col("scope") == "stage"
        return pl.concat([with_column(frame.filter(staged), "name", kept, new), frame.filter(~staged)])
    return frame


def with_column(frame: pl.DataFrame, column: str, kept: list[str], new: dict[str, str]) -> pl.DataFrame:
    """Return a table with other stages in one of its columns; what is told again has ids of its own."""
    own = [name for name in ("evidence_id", "statement_id", "quote_id") if name in frame.columns]
    parts = [frame.filter(pl.col(column).is_in(kept) | pl.col(column).is_null())]
    for place, (name, like) in enumerate(new.items(), start=6):
        again = frame.filter(pl.col(column) == like).with_columns(pl.lit(name).cast(frame.schema[column]).alias(column))
        again = again.with_columns(pl.concat_str(pl.col(each), pl.lit(f"-{name}")).alias(each) for each in own)
        if "position" in frame.columns:
            again = again.with_columns(position=pl.lit(place, frame.schema["position"]))
        if "label" in frame.columns and column in ("name", "stage") and "touchpoint" not in frame.columns:
            again = again.with_columns(label=pl.lit(name.capitalize()))
        parts.append(again)
    return pl.concat(parts)


def with_personas(frame: pl.DataFrame, chosen: dict[str, str], beside: tuple[str, ...] = ()) -> pl.DataFrame:
    """Return the rows of some personas, each like one that there was."""
    parts = [frame.filter(pl.col("persona").is_in(list(beside)))]
    for name, like in chosen.items():
        again = frame.filter(pl.col("persona") == like).with_columns(persona=pl.lit(name))
        labels = [each for each in ("name", "persona_label") if each in frame.columns and frame.height and name != like]
        if labels and "scope" not in frame.columns:
            again = again.with_columns(pl.lit(f"A person called {name}").alias(each) for each in labels)
        elif labels:
            again = again.with_columns(persona_label=pl.lit(f"A person called {name}"))
        parts.append(again)
    return pl.concat(parts)


@dataclasses.dataclass
class Opened:
    """A page in the browser, with what it asked for and what it said."""

    page: Any
    requests: list[str]
    said: list[str]


@contextlib.contextmanager
def opening(browser: Any, folder: Path) -> Iterator[Callable[..., Opened]]:
    """Open pages from a file, with the network off, each in a fresh profile."""
    contexts = []

    def opened(html: str, *, fragment: str = "", **options: Any) -> Opened:
        file = folder / "page.html"
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        context.set_offline(True)
        contexts.append(context)
        page = context.new_page()
        result = Opened(page, [], [])
        page.on("request", lambda request: result.requests.append(request.url))
        page.on("console", lambda message: result.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: result.said.append(str(error)))
        page.on("dialog", lambda dialog: result.said.append("dialog"))
        page.goto(file.as_uri() + fragment)
        return result

    yield opened
    for context in contexts:
        context.close()


def settle(opened: Opened) -> None:
    """Wait until every chart is drawn."""
    for _ in range(150):
        if opened.page.evaluate(DRAWN):
            return
        opened.page.wait_for_timeout(100)
    raise AssertionError(f"a chart was not drawn: {opened.said}")
