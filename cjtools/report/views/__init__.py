"""One function a section of the page: from the map to a view, in the order of the page."""

from cjtools.report.view import SECTIONS
from cjtools.report.views.appendix import definitions, evidence, provenance, sources
from cjtools.report.views.checks import crosscheck, patterns
from cjtools.report.views.goals import objectives, opportunities
from cjtools.report.views.header import header
from cjtools.report.views.matrix import matrix
from cjtools.report.views.people import personas, surveys
from cjtools.report.views.unknown import questions

__all__ = [
    "SECTIONS",
    "crosscheck",
    "definitions",
    "evidence",
    "header",
    "matrix",
    "objectives",
    "opportunities",
    "patterns",
    "personas",
    "provenance",
    "questions",
    "sources",
    "surveys",
]
