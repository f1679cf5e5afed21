"""The map as files for other tools: one format a module, and this index.

json (and back, without loss), lanes (CSV, one a lane), cjml, mermaid, svg and png (one a chart). What needs more than
the map stands beside: the page as pdf (pdf.py), slides (slides.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cjtools.errors import Fault, ParameterError, nearest
from cjtools.journey_map import JourneyMap
from cjtools.map_files.as_json import read_map, shareable, to_json
from cjtools.map_files.cjml import to_cjml
from cjtools.map_files.lanes import lane_files
from cjtools.map_files.mermaid import to_mermaid
from cjtools.map_files.pictures import chart_png, chart_svg, charts_of
from cjtools.map_files.slides import to_slides

__all__ = [
    "FORMATS",
    "Format",
    "chart_png",
    "chart_svg",
    "charts_of",
    "known_format",
    "lane_files",
    "map_files",
    "read_map",
    "shareable",
    "to_cjml",
    "to_json",
    "to_mermaid",
    "to_slides",
]


@dataclass(frozen=True)
class Format:
    """One format: how its file ends, or its folder is called, and what it writes.

    `write` gives the text or the bytes of one file, or of many by name: then they go into a folder.
    """

    ending: str
    write: Callable[[JourneyMap], str | bytes | dict[str, str] | dict[str, bytes]]
    many: bool = False


FORMATS: dict[str, Format] = {
    "json": Format("map.json", to_json),
    "lanes": Format("lanes", lane_files, many=True),
    "cjml": Format("cjml.xml", to_cjml),
    "mermaid": Format("mmd", to_mermaid),
    "svg": Format(
        "charts", lambda journey: {f"{name}.svg": chart_svg(journey, name) for name in charts_of(journey)}, True
    ),
    "png": Format(
        "charts", lambda journey: {f"{name}.png": chart_png(journey, name) for name in charts_of(journey)}, True
    ),
    "pptx": Format("pptx", to_slides),
}


def known_format(form: str) -> str:
    """Return the format, or say which there are.

    >>> known_format("cjml")
    'cjml'
    """
    if form not in FORMATS:
        raise ParameterError("the map", [Fault("format", f"{form!r} is no format", nearest(form, FORMATS))])
    return form


def map_files(journey: JourneyMap, *, form: str) -> dict[str, bytes]:
    """Return the files of a map in a format, by name; a format of one file has the name "".

    For readers outside the team nothing is in them that the report for the same readers does not hold.
    """
    made = FORMATS[known_format(form)].write(shareable(journey))
    files = made if isinstance(made, dict) else {"": made}
    return {name: each.encode() if isinstance(each, str) else each for name, each in files.items()}
