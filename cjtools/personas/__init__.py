"""Who travels: which persona a participant and a profile belong to, and what the evidence says of each persona.

`assign_personas` and `measure_personas` are what a map needs; `suggest_segments` looks for groups in behaviour and is
only ever run when somebody asks for it: it brings scikit-learn with it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from cjtools.personas.assign import as_tuple, assign_personas, attributes_of, first_match, measure_personas, meets
from cjtools.personas.on_map import touchpoints_of
from cjtools.personas.profiles import assign_profiles, observe_profiles

if TYPE_CHECKING:
    from cjtools.personas.segments.suggest import Segments, suggest_segments

__all__ = [
    "Segments",
    "as_tuple",
    "assign_personas",
    "assign_profiles",
    "attributes_of",
    "first_match",
    "measure_personas",
    "meets",
    "observe_profiles",
    "suggest_segments",
    "touchpoints_of",
]


def __getattr__(name: str) -> Any:
    """Return what looks for segments, loading it and scikit-learn only then."""
    if name in ("Segments", "suggest_segments"):
        return getattr(importlib.import_module("cjtools.personas.segments.suggest"), name)
    raise AttributeError(f"module 'cjtools.personas' has no attribute {name!r}")
