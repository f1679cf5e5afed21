"""The charts of the map as PNG and SVG files, each named by its chart; the same map gives the same bytes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

import polars as pl
import vl_convert

from cjtools.charts import CHARTS
from cjtools.errors import Fault, ParameterError, nearest
from cjtools.journey_map import JourneyMap

SVG = "http://www.w3.org/2000/svg"
WIDTH = 960
# Two dots of the picture for each of the page: sharp on a slide and in print.
SCALE = 2


def charts_of(journey: JourneyMap) -> tuple[str, ...]:
    """Return the charts that a map has the table of, in the order of the index."""
    return tuple(name for name, picture in CHARTS.items() if frame_for(journey, picture.frame) is not None)


def frame_for(journey: JourneyMap, name: str) -> pl.DataFrame | None:
    """Return a table of the map or of its journeys, or nothing when it holds none of this name."""
    for part in (journey, journey.journeys):
        found = getattr(part, name, None)
        if isinstance(found, pl.DataFrame):
            return found
    return None


def spec_of(journey: JourneyMap, chart: str) -> dict[str, Any]:
    """Return the specification of a chart of the map, as wide as a page.

    Raises ParameterError for a chart that the map has not.
    """
    names = charts_of(journey)
    if chart not in names:
        raise ParameterError(
            "the picture", [Fault("chart", f"{chart!r} is no chart of the map", nearest(chart, names))]
        )
    picture = CHARTS[chart]
    spec: dict[str, Any] = picture.draw(frame_for(journey, picture.frame), words=journey.words).to_dict()
    many = any(key in spec for key in ("facet", "repeat", "concat", "hconcat", "vconcat"))
    if not many and not isinstance(spec.get("width"), int | float):
        spec |= {"width": WIDTH, "autosize": {"type": "fit-x", "contains": "padding"}}
    return {**spec, "config": {**spec.get("config", {}), "background": "white"}}


def chart_svg(journey: JourneyMap, chart: str) -> str:
    """Return a chart as SVG, with its language and, for who cannot see it, its description."""
    spec = spec_of(journey, chart)
    ET.register_namespace("", SVG)
    root = ET.fromstring(vl_convert.vegalite_to_svg(spec))
    name_ids(root, chart)
    root.set("role", "img")
    root.set("{http://www.w3.org/XML/1998/namespace}lang", journey.words.language)
    root.set("aria-label", described(spec))
    return ET.tostring(root, encoding="unicode") + "\n"


def chart_png(journey: JourneyMap, chart: str) -> bytes:
    """Return a chart as PNG."""
    return bytes(vl_convert.vegalite_to_png(spec_of(journey, chart), scale=SCALE))


def name_ids(root: ET.Element, chart: str) -> None:
    """Name clips and gradients by their place: the drawing counts on from picture to picture of one process."""
    names = {element.get("id", ""): f"{chart}-{place}" for place, element in enumerate(root.iterfind(".//*[@id]"))}
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            if key == "id":
                element.set(key, names[value])
            elif "url(#" in value:
                element.set(key, re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{names[found[1]]})", value))


def described(spec: Mapping[str, Any]) -> str:
    """Return what a chart says of itself in words."""
    return str(spec.get("description", ""))
