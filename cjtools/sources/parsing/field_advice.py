"""What a field of a table holds, and what to do where a cell does not, in words."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING

from cjtools.settings import SourceSection

if TYPE_CHECKING:
    from cjtools.sources.parsing.fields import Field, Kind

EXPECTED: Mapping[str, str] = {
    "id": "an id; a spreadsheet has cut this one's digits",
    "person": "an id; a spreadsheet has cut this one's digits",
    "money": "an amount",
    "number": "a number",
    "whole": "a whole number, 0 or more",
    "flag": "true or false",
    "language": "a language, such as ca or Catalan",
    "sentiment": "positive, neutral, negative, or -1 to 1",
    "seconds": "seconds, or a duration such as 0:01:10",
}


def advice(each: Field, section: SourceSection) -> tuple[str, str]:
    """Return what was expected of a field, and the next step."""
    if each.kind == "choice":
        known = ", ".join(dict.fromkeys(each.choices.values()))
        return f"known: {known}", f"[sources.values] {each.name} of source {section.id!r} can translate it"
    if each.kind == "flag":
        return EXPECTED["flag"], f"[sources.values] {each.name} of source {section.id!r} can translate it"
    if each.scale is not None:
        low, high = each.scale
        return f"a number from {low:g} to {high:g}" if isfinite(high) else f"a number, {low:g} or more", ""
    if each.kind in ("money", "number", "whole"):
        step = "" if "decimal" in section.model_fields_set else 'decimal = "," or "." says which mark is which'
        return f"{EXPECTED[each.kind]} with decimal {section.decimal!r}", step
    if each.kind in ("sentiment", "language"):
        return EXPECTED[each.kind], f"[sources.values] {each.name} of source {section.id!r} can translate it"
    return EXPECTED.get(each.kind, ""), ""


def said_in_constants(each: Field) -> str:
    """Return where a constant stands."""
    return f"client.toml, constants.{each.name}"


def article(kind: Kind) -> str:
    """Return what a field holds, as a fault names it."""
    return {
        "time": "a date",
        "id": "an id",
        "person": "an id",
        "money": "an amount",
        "whole": "a whole number",
        "flag": "true or false",
        "seconds": "a duration",
    }.get(kind, {"choice": "known here", "language": "a language"}.get(kind, f"a {kind}"))
