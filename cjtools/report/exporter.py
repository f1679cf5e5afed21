"""The page as an nbconvert exporter: `jupyter nbconvert --to cjtools out.ipynb` after papermill by hand."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter
from traitlets import Unicode

from cjtools.report.export import to_page
from cjtools.report.view import FIRSTS, MIME


class PageExporter(Exporter):
    """Writes the same page as `cjtools report`, language and audience from the notebook's own header."""

    file_extension = Unicode(".html").tag(config=True)
    export_from_notebook = "cjtools"

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> tuple[Any, dict[str, Any]]:
        """Return the page and nbconvert's resources."""
        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        head = header_data(notebook)
        page = to_page(notebook, language=head.get("language", "en"), audience=head.get("audience", "client"))
        return page, resources


def header_data(notebook: Any) -> dict[str, Any]:
    """Return the data of a notebook's header view, or nothing."""
    views = (
        output["data"][MIME]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
    )
    return next((dict(view["data"]) for view in views if view["kind"] in FIRSTS), {})
