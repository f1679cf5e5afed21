"""The executed notebook as it is published: without what differs from run to run, or is not for its readers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cjtools.report.export import CHART_MIMES, HIDDEN_TAGS
from cjtools.report.figure import only_drawn
from cjtools.report.order import Order
from cjtools.report.view import MIME

# What a view brings for JupyterLab is its own data again, laid out; a chart's other forms would hold all its rows.
VIEW_FORMS = (MIME, "text/html", "text/plain")
# What is said of a chart, not drawn: a column is not drawn because its name is in a title.
SAID = ("usermeta", "title", "$schema", "description")


def published_notebook(notebook: Any, order: Order) -> str:
    """Return the executed notebook without what differs from run to run: times, ids, paths, widget state, warnings."""
    cells = [published_cell(cell, number, order) for number, cell in enumerate(notebook.cells, start=1)]
    kept = {key: value for key, value in notebook.metadata.items() if key in ("cjtools", "kernelspec", "language_info")}
    kept["language_info"] = {"name": "python"}
    clean = {"cells": cells, "metadata": kept, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(clean, ensure_ascii=False, sort_keys=True) + "\n"


def published_cell(cell: Any, number: int, order: Order) -> dict[str, Any]:
    """Return one cell as it is published."""
    tags = list(cell.metadata.get("tags", []))
    injected = "injected-parameters" in tags
    source = cell.source
    if injected:
        source = "# Parameters\n" + "".join(
            f"{key} = {json.dumps(value)}\n" for key, value in order.published_parameters.items()
        )
    identifier = "injected-parameters" if injected else cell.get("id") or f"cell-{number}"
    published = {
        "cell_type": cell.cell_type,
        "id": identifier,
        "metadata": {"tags": tags} if tags else {},
        "source": source,
    }
    if cell.cell_type == "code":
        outputs = [dict(output) for output in cell.outputs if output.get("name") != "stderr"]
        if order.audience != "team":
            outputs = [] if HIDDEN_TAGS & set(tags) else [shown for each in outputs for shown in shown_of(each)]
        published |= {"execution_count": cell.execution_count, "outputs": outputs}
    return published


def shown_of(output: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an output as others than the team are given it: what the page shows of it, or nothing."""
    data = output.get("data", {})
    if MIME in data:
        yield {**output, "data": {form: data[form] for form in VIEW_FORMS if form in data}}
    elif charts := {form: drawn(data[form]) for form in CHART_MIMES if form in data}:
        yield {**output, "data": charts}


def drawn(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the specification of a chart without the columns of its data that it does not draw."""
    kept = only_drawn({key: value for key, value in spec.items() if key not in SAID})
    return {**spec, **kept}
