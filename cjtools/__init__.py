"""cjtools: customer journey maps whose every cell opens to its evidence.

The public names, in the order of their use:

>>> import cjtools as cj
>>> client = cj.load_client("data/example")
>>> journey = cj.map_journey(client, language="ca")
>>> picture = cj.charts.experience_curve(journey.experience, words=journey.words)
>>> section = cj.report.matrix(journey)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cjtools import charts, claims, event_log, inventory, journeys, personas, remarks, report, widgets
    from cjtools.client import Client, load_client
    from cjtools.comparing import Comparison, compare_waves
    from cjtools.crosscheck import load_rules
    from cjtools.errors import CjtoolsError, ClientError, ParameterError, ReportError, SourceError
    from cjtools.event_log import to_event_log, to_ocel, to_xes, write_event_log
    from cjtools.evidence import Findings, gather_evidence
    from cjtools.inventory import Inventory, take_inventory
    from cjtools.journey_map import JourneyMap, map_journey
    from cjtools.sources import check_sources, read_sources, skipped_files, unlisted_files
    from cjtools.spreadsheet import as_csv
    from cjtools.study import Study
    from cjtools.study.take import study_texts
    from cjtools.tables import Tables
    from cjtools.text.agreement import cohen_kappa, krippendorff_alpha, saturation
    from cjtools.text.brands import find_brands, find_questions
    from cjtools.text.codebook import load_codebook
    from cjtools.text.codings import add_codings, load_codings
    from cjtools.text.decided import check_decisions
    from cjtools.text.duplicates import near_duplicates
    from cjtools.text.language import detect_languages
    from cjtools.text.sentiment import score_sentiment
    from cjtools.text.suggest import suggest_codes
    from cjtools.text.theme_file import save_themes
    from cjtools.text.themes import find_themes
    from cjtools.words import Words, load_words

__version__ = "0.1.0"

# Where each name lives. They load when first used: the command line must not pay for polars to say what is wrong.
NAMES = {
    "load_client": "cjtools.client",
    "read_sources": "cjtools.sources",
    "check_sources": "cjtools.sources",
    "skipped_files": "cjtools.sources",
    "unlisted_files": "cjtools.sources",
    "take_inventory": "cjtools.inventory",
    "load_rules": "cjtools.crosscheck",
    "gather_evidence": "cjtools.evidence",
    "map_journey": "cjtools.journey_map",
    "compare_waves": "cjtools.comparing",
    "to_event_log": "cjtools.event_log",
    "to_ocel": "cjtools.event_log",
    "to_xes": "cjtools.event_log",
    "write_event_log": "cjtools.event_log",
    "as_csv": "cjtools.spreadsheet",
    "study_texts": "cjtools.study.take",
    "load_codings": "cjtools.text.codings",
    "add_codings": "cjtools.text.codings",
    "check_decisions": "cjtools.text.decided",
    "load_codebook": "cjtools.text.codebook",
    "detect_languages": "cjtools.text.language",
    "score_sentiment": "cjtools.text.sentiment",
    "near_duplicates": "cjtools.text.duplicates",
    "suggest_codes": "cjtools.text.suggest",
    "find_brands": "cjtools.text.brands",
    "find_questions": "cjtools.text.brands",
    "find_themes": "cjtools.text.themes",
    "save_themes": "cjtools.text.theme_file",
    "krippendorff_alpha": "cjtools.text.agreement",
    "cohen_kappa": "cjtools.text.agreement",
    "saturation": "cjtools.text.agreement",
    "load_words": "cjtools.words",
    "Client": "cjtools.client",
    "Comparison": "cjtools.comparing",
    "Tables": "cjtools.tables",
    "Findings": "cjtools.evidence",
    "Inventory": "cjtools.inventory",
    "JourneyMap": "cjtools.journey_map",
    "Study": "cjtools.study",
    "Words": "cjtools.words",
    "CjtoolsError": "cjtools.errors",
    "ClientError": "cjtools.errors",
    "SourceError": "cjtools.errors",
    "ParameterError": "cjtools.errors",
    "ReportError": "cjtools.errors",
}
MODULES = ("charts", "claims", "event_log", "inventory", "journeys", "personas", "remarks", "report", "widgets")

__all__ = [
    "CjtoolsError",
    "Client",
    "ClientError",
    "Comparison",
    "Findings",
    "Inventory",
    "JourneyMap",
    "ParameterError",
    "ReportError",
    "SourceError",
    "Study",
    "Tables",
    "Words",
    "add_codings",
    "as_csv",
    "charts",
    "check_decisions",
    "check_sources",
    "claims",
    "cohen_kappa",
    "compare_waves",
    "detect_languages",
    "event_log",
    "find_brands",
    "find_questions",
    "find_themes",
    "gather_evidence",
    "inventory",
    "journeys",
    "krippendorff_alpha",
    "load_client",
    "load_codebook",
    "load_codings",
    "load_rules",
    "load_words",
    "map_journey",
    "near_duplicates",
    "personas",
    "read_sources",
    "remarks",
    "report",
    "saturation",
    "save_themes",
    "score_sentiment",
    "skipped_files",
    "study_texts",
    "suggest_codes",
    "take_inventory",
    "to_event_log",
    "to_ocel",
    "to_xes",
    "unlisted_files",
    "widgets",
    "write_event_log",
]


def __getattr__(name: str) -> Any:
    """Return a public name, loading the module that holds it."""
    if name in MODULES:
        return importlib.import_module(f"cjtools.{name}")
    if name in NAMES:
        return getattr(importlib.import_module(NAMES[name]), name)
    raise AttributeError(f"module 'cjtools' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names, so that they are offered while typing."""
    return sorted([*__all__, "__version__"])
