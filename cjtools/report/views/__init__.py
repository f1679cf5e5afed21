"""One function a section of a page: from the map, its inventory of sources or its study of texts, to a view."""

from cjtools.report.view import SECTIONS
from cjtools.report.views.appendix import definitions, evidence, provenance, sources
from cjtools.report.views.checks import crosscheck, patterns
from cjtools.report.views.goals import objectives, opportunities
from cjtools.report.views.header import header
from cjtools.report.views.inventory import inventory, left_out, match_rates, source_coverage, source_periods
from cjtools.report.views.matrix import matrix
from cjtools.report.views.people import personas, surveys
from cjtools.report.views.study import codebook, coder_agreement, coding, machine_codes, text_languages
from cjtools.report.views.unknown import questions

__all__ = [
    "SECTIONS",
    "codebook",
    "coder_agreement",
    "coding",
    "crosscheck",
    "definitions",
    "evidence",
    "header",
    "inventory",
    "left_out",
    "machine_codes",
    "match_rates",
    "matrix",
    "objectives",
    "opportunities",
    "patterns",
    "personas",
    "provenance",
    "questions",
    "source_coverage",
    "source_periods",
    "sources",
    "surveys",
    "text_languages",
]
