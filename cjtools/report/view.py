"""A view: one section of the page as plain data, which a notebook cell returns and the exporter lays out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cjtools.report.page import render_style, render_view

MIME = "application/vnd.cjtools.view+json"

# These views stand above all and name the page. In JupyterLab they bring the style sheet of all; the page has its own.
FIRSTS = ("header", "inventory", "coding", "followed", "travellers")

# The sections of a journey map, in the order of the page. The last one says that nothing is missing.
SECTIONS = (
    "header",
    "matrix",
    "stages",
    "crosscheck",
    "claims",
    "remarks",
    "journeys",
    "patterns",
    "expectations",
    "opportunities",
    "personas",
    "objectives",
    "comparison",
    "surveys",
    "questions",
    "evidence",
    "sources",
    "definitions",
    "changes",
    "provenance",
)


@dataclass(frozen=True)
class View:
    """One section of the page: its kind names the template, its data is JSON with every text ready to be shown.

    The exporter reads kind and data and renders them again; the HTML beside them is for JupyterLab only.

    >>> View("header", {"language": "en", "title": "Acme"}).title
    'Acme'
    """

    kind: str
    data: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The heading of the section."""
        return str(self.data.get("title", self.kind))

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        """Return the data, its HTML for JupyterLab, and a short text."""
        style = render_style() if self.kind in FIRSTS else ""
        bundle = {
            MIME: {"kind": self.kind, "data": dict(self.data)},
            "text/html": style + render_view(self.kind, self.data),
            "text/plain": f"{self.kind}: {self.title}",
        }
        return {mime: value for mime, value in bundle.items() if not exclude or mime not in exclude}
