"""How Altair hands a chart over: as its specification, which the page and JupyterLab both draw offline."""

from __future__ import annotations

from typing import Any

import altair as alt

from cjtools.report.parameters import cells_so_far, refuse_unknown

# JupyterLab 4 draws this type with its own runtime; Altair's default type is refused by nbformat.
CHART_MIME = "application/vnd.vegalite.v5+json"
NAME = "cjtools"


def chart_bundle(spec: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Return a chart as its specification and its description."""
    return {CHART_MIME: spec, "text/plain": str(spec.get("description") or "chart without a description")}


def enable() -> None:
    """Switch Altair to this renderer, and refuse parameters that the notebook was given and does not know.

    >>> enable()
    """
    refuse_unknown(cells_so_far())
    alt.renderers.register(NAME, chart_bundle)
    alt.renderers.enable(NAME)
    alt.data_transformers.disable_max_rows()
