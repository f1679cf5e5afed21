"""The executed notebook as it is published: without what differs from run to run, or names the machine."""

from __future__ import annotations

import json
from typing import Any

from cjtools.report.order import Order


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
        published |= {"execution_count": cell.execution_count, "outputs": outputs}
    return published
