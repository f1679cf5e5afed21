"""One function a section of a page: from the map, its inventory of sources or its study of texts, to a view."""

from cjtools.report.view import SECTIONS
from cjtools.report.views.appendix import changes, definitions, evidence, provenance, sources
from cjtools.report.views.checks import crosscheck, patterns
from cjtools.report.views.claims import claims
from cjtools.report.views.comparison import comparison
from cjtools.report.views.expected import expectations
from cjtools.report.views.goals import objectives, opportunities
from cjtools.report.views.header import header
from cjtools.report.views.inventory import inventory, left_out, match_rates, source_coverage, source_periods
from cjtools.report.views.journeys import (
    all_patterns,
    attribution,
    durations,
    followed,
    journeys,
    lifecycle,
    shop_routes,
    stage_funnel,
    stage_moves,
    stage_paths,
    stage_totals,
    visit_measures,
)
from cjtools.report.views.matrix import matrix
from cjtools.report.views.people import personas, surveys
from cjtools.report.views.persona_blocks import segments, travellers
from cjtools.report.views.remarks import remarks
from cjtools.report.views.stages import stages
from cjtools.report.views.study import codebook, coder_agreement, coding, machine_codes, text_languages
from cjtools.report.views.unknown import questions

__all__ = [
    "SECTIONS",
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
    "evidence",
    "expectations",
    "followed",
    "header",
    "inventory",
    "journeys",
    "left_out",
    "lifecycle",
    "machine_codes",
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
    "visit_measures",
]
