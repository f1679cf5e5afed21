"""A chart of the executed notebook as a figure: a static picture, a table twin, and the specification that is drawn."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import platformdirs
import vl_convert
from markupsafe import Markup

from cjtools.errors import Fault, ReportError
from cjtools.report.page import Runtime
from cjtools.report.svg import clean_svg

STATIC_WIDTH = 960

# Charts of several views keep their own size; a single view takes the width of the page.
MANY = ("facet", "repeat", "concat", "hconcat", "vconcat")
# Keys through which a specification could load or link something.
LOADING = {"url", "href"}


@dataclass(frozen=True)
class Chart:
    """What the page shows of a chart beside its picture."""

    name: str
    title: str
    subtitle: str
    description: str
    columns: list[str]
    rows: list[list[str]]
    many: bool
    spec: dict[str, Any]


def read_chart(spec: Mapping[str, Any], *, where: str) -> Chart:
    """Return a chart from its specification.

    Raises ReportError when it has no title, no description or no name, or when it would load something:
    a picture that a reader cannot see and nobody has described is no part of a report.
    """
    notes = (spec.get("usermeta") or {}).get("cjtools") or {}
    title, subtitle = title_of(spec.get("title"))
    name = str(notes.get("name", ""))
    faults = [
        Fault(where, f"a chart without a {what}", step)
        for what, found, step in (
            ("description", spec.get("description"), "set it on the outermost chart"),
            ("title", title, "the page and its contents show it"),
            ("name", re.fullmatch(r"[a-z][a-z0-9_]*", name), "usermeta.cjtools.name, such as experience_curve"),
        )
        if not found
    ]
    faults += [
        Fault(where, f"a chart that loads something: {path}", "put the data into the chart") for path in loads(spec)
    ]
    if faults:
        raise ReportError("the page", faults)
    table = notes.get("table") or {"columns": [], "rows": []}
    kept = {key: value for key, value in spec.items() if key not in ("usermeta", "title", "$schema", "description")}
    many = any(key in spec for key in MANY) or has_facet(spec)
    rows = [[str(value) for value in row] for row in table["rows"]]
    description = str(spec["description"])
    columns = list(map(str, table["columns"]))
    return Chart(name, title, subtitle, description, columns, rows, many, only_drawn(kept))


def only_drawn(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a specification whose data hold only columns that it names: what is not drawn does not leave the house.

    >>> only_drawn({"datasets": {"d": [{"n": 1, "name": "P01"}]}, "encoding": {"x": {"field": "n"}}})["datasets"]
    {'d': [{'n': 1}]}
    """
    rest = json.dumps({key: value for key, value in spec.items() if key != "datasets"}, ensure_ascii=False)
    words = set(re.findall(r"\w+", rest))
    kept = {
        name: [{key: value for key, value in row.items() if set(re.findall(r"\w+", key)) <= words} for row in rows]
        for name, rows in spec.get("datasets", {}).items()
    }
    return {**spec, "datasets": kept} if kept else spec


def has_facet(spec: Mapping[str, Any]) -> bool:
    """Say whether a single view is split by row, column or facet."""
    return bool({"row", "column", "facet"} & set(spec.get("encoding") or {}))


def title_of(title: object) -> tuple[str, str]:
    """Return title and subtitle, whichever form they were given in."""
    parts: Mapping[str, Any] = title if isinstance(title, Mapping) else {"text": title or ""}
    text, subtitle = (parts.get(key) or "" for key in ("text", "subtitle"))
    return (" ".join(text) if isinstance(text, list) else str(text)), (
        " ".join(subtitle) if isinstance(subtitle, list) else str(subtitle)
    )


def loads(spec: object, path: str = "") -> Iterator[str]:
    """Yield the places of a specification that would load or link something; its data rows are only text."""
    if isinstance(spec, Mapping):
        for key, value in spec.items():
            if key in ("datasets", "values", "usermeta"):
                continue
            if key in LOADING or (key in ("mark", "type") and value == "image"):
                yield f"{path}{key}"
            yield from loads(value, f"{path}{key}.")
    elif isinstance(spec, list):
        for number, value in enumerate(spec):
            yield from loads(value, f"{path}{number}.")


def static_picture(chart: Chart) -> Markup:
    """Return the chart as SVG that stands on its own: cleaned, its ids its own, described for who cannot see it."""
    spec = dict(chart.spec)
    if not chart.many and not isinstance(spec.get("width"), int | float):
        spec |= {"width": STATIC_WIDTH, "autosize": {"type": "fit-x", "contains": "padding"}}
    spec["config"] = {**spec.get("config", {}), "background": None}
    return Markup(clean_svg(vl_convert.vegalite_to_svg(spec), prefix=chart.name, label=chart.description))


def spec_json(chart: Chart) -> Markup:
    """Return a specification as it may stand in a script element: sorted, and with no letter that could end it."""
    text = json.dumps(chart.spec, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(escaped.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


@cache
def runtime() -> Runtime:
    """Return Vega, Vega-Lite and its embedding as one script for the whole page, packed to less than half.

    The page unpacks it itself; the policy knows the hash of the source, so that exactly this script may run.
    Bundling costs more than a second, so the packed form is kept in the user's cache, by version.
    """
    kept = platformdirs.user_cache_path("cjtools") / f"vega-{metadata.version('vl-convert-python')}.gz"
    packed = read_packed(kept)
    if not packed:
        packed = gzip.compress(vl_convert.javascript_bundle(None).encode(), compresslevel=9, mtime=0)  # type: ignore[arg-type]
        keep(kept, packed)
    return Runtime(gzip.decompress(packed).decode(), base64.b64encode(packed).decode())


def read_packed(path: Path) -> bytes:
    """Return a packed script from the cache, or nothing when it is not there or not whole."""
    try:
        packed = path.read_bytes()
        gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        return b""
    return packed


def keep(path: Path, packed: bytes) -> None:
    """Keep a packed script for the next run; where nothing can be kept, the next run packs again."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_bytes(packed)
        draft.replace(path)
