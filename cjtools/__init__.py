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
    from cjtools import charts, event_log, inventory, report, widgets
    from cjtools.client import Client, load_client
    from cjtools.crosscheck import load_rules
    from cjtools.errors import CjtoolsError, ClientError, ParameterError, ReportError, SourceError
    from cjtools.event_log import to_event_log, to_ocel, to_xes, write_event_log
    from cjtools.evidence import Findings, gather_evidence
    from cjtools.inventory import Inventory, take_inventory
    from cjtools.journey_map import JourneyMap, map_journey
    from cjtools.sources import check_sources, read_sources, unlisted_files
    from cjtools.spreadsheet import as_csv
    from cjtools.tables import Tables
    from cjtools.words import Words, load_words

__version__ = "0.1.0"

# Where each name lives. They load when first used: the command line must not pay for polars to say what is wrong.
NAMES = {
    "load_client": "cjtools.client",
    "read_sources": "cjtools.sources",
    "check_sources": "cjtools.sources",
    "unlisted_files": "cjtools.sources",
    "take_inventory": "cjtools.inventory",
    "load_rules": "cjtools.crosscheck",
    "gather_evidence": "cjtools.evidence",
    "map_journey": "cjtools.journey_map",
    "to_event_log": "cjtools.event_log",
    "to_ocel": "cjtools.event_log",
    "to_xes": "cjtools.event_log",
    "write_event_log": "cjtools.event_log",
    "as_csv": "cjtools.spreadsheet",
    "load_words": "cjtools.words",
    "Client": "cjtools.client",
    "Tables": "cjtools.tables",
    "Findings": "cjtools.evidence",
    "Inventory": "cjtools.inventory",
    "JourneyMap": "cjtools.journey_map",
    "Words": "cjtools.words",
    "CjtoolsError": "cjtools.errors",
    "ClientError": "cjtools.errors",
    "SourceError": "cjtools.errors",
    "ParameterError": "cjtools.errors",
    "ReportError": "cjtools.errors",
}
MODULES = ("charts", "event_log", "inventory", "report", "widgets")

__all__ = [
    "CjtoolsError",
    "Client",
    "ClientError",
    "Findings",
    "Inventory",
    "JourneyMap",
    "ParameterError",
    "ReportError",
    "SourceError",
    "Tables",
    "Words",
    "as_csv",
    "charts",
    "check_sources",
    "event_log",
    "gather_evidence",
    "inventory",
    "load_client",
    "load_rules",
    "load_words",
    "map_journey",
    "read_sources",
    "report",
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
