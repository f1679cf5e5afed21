"""From a journey map to the page: views, figures, the page itself, and the run that publishes it."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cjtools.report.batch import make_reports
    from cjtools.report.order import find_notebook
    from cjtools.report.renderer import enable
    from cjtools.report.run import make_report
    from cjtools.report.verify import verify_report
    from cjtools.report.view import View
    from cjtools.report.views import (
        all_patterns,
        attribution,
        changes,
        claims,
        codebook,
        coder_agreement,
        coding,
        comparison,
        crosscheck,
        definitions,
        durations,
        evidence,
        expectations,
        followed,
        header,
        inventory,
        journeys,
        left_out,
        lifecycle,
        machine_codes,
        match_rates,
        matrix,
        objectives,
        opportunities,
        patterns,
        personas,
        provenance,
        questions,
        remarks,
        segments,
        shop_routes,
        source_coverage,
        source_periods,
        sources,
        stage_funnel,
        stage_moves,
        stage_paths,
        stage_totals,
        stages,
        surveys,
        text_languages,
        travellers,
        visit_measures,
    )

# JupyterLab brings packages that jsonschema then imports for formats that nobody here uses: 1.6 s of CPU in every
# process, kernel and parent. Unless they are loaded already, they are as if they were not there.
if "jsonschema" not in sys.modules:
    for unused in ("rfc3987_syntax", "isoduration"):
        sys.modules.setdefault(unused, None)  # type: ignore[arg-type]

# Where each name lives; they load when first used: who makes a report needs no frames, who draws a view no papermill.
NAMES = {
    "enable": "renderer",
    "find_notebook": "order",
    "make_report": "run",
    "make_reports": "batch",
    "verify_report": "verify",
    "View": "view",
    **dict.fromkeys(
        ("all_patterns", "attribution", "changes", "claims", "codebook", "coder_agreement", "coding", "comparison",
         "crosscheck", "definitions",
         "durations", "evidence", "expectations", "followed", "header", "inventory", "journeys", "left_out",
         "lifecycle", "machine_codes", "match_rates", "matrix", "objectives", "opportunities", "patterns", "personas",
         "provenance", "questions", "remarks", "segments", "shop_routes", "source_coverage", "source_periods",
         "sources", "stage_funnel", "stage_moves", "stage_paths", "stage_totals", "stages", "surveys", "text_languages",
         "travellers", "visit_measures"),
        "views",
    ),
}  # fmt: skip

__all__ = [
    "View",
    "all_patterns",
    "attribution",
    "changes",
    "claims",
    "codebook",
    "coder_agreement",
    "coding",
    "comparison",
    "crosscheck",
    "definitions",
    "durations",
    "enable",
    "evidence",
    "expectations",
    "find_notebook",
    "followed",
    "header",
    "inventory",
    "journeys",
    "left_out",
    "lifecycle",
    "machine_codes",
    "make_report",
    "make_reports",
    "match_rates",
    "matrix",
    "objectives",
    "opportunities",
    "patterns",
    "personas",
    "provenance",
    "questions",
    "remarks",
    "segments",
    "shop_routes",
    "source_coverage",
    "source_periods",
    "sources",
    "stage_funnel",
    "stage_moves",
    "stage_paths",
    "stage_totals",
    "stages",
    "surveys",
    "text_languages",
    "travellers",
    "verify_report",
    "visit_measures",
]


def __getattr__(name: str) -> Any:
    """Return a public name, loading the module that holds it."""
    if name in NAMES:
        return getattr(importlib.import_module(f"cjtools.report.{NAMES[name]}"), name)
    raise AttributeError(f"module 'cjtools.report' has no attribute {name!r}")
