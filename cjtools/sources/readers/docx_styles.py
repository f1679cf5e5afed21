"""What the styles of a Word document say: headings, quotations, bullets, hidden text; in the names Word gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from cjtools.sources.parsing.xml import attribute, local, parse_xml
from cjtools.words import fold

# Word keeps English names for its own styles; those of other programs, and ids, are in the writer's language.
HEADING = re.compile(
    r"^(?:heading|tit?ulo|ttulo|titol|ttol|titolo|titlu|encabezado|encapcalament|intestazione|antet)-?(\d)?$"
)
TITLE = re.compile(r"^(?:title|titulo-del-documento)$")
QUOTE = re.compile(r"^(?:intense-?)?quote$|^cita\b|^citazione|^citat$")
DEEPEST = 20


@dataclass(frozen=True)
class Style:
    """Markdown's sign for a paragraph, and whether it is hidden."""

    sign: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class Styles:
    """The styles of a document by their ids."""

    by_id: Mapping[str, Style]

    def of_paragraph(self, properties: Element | None) -> Style:
        """Return the style of a paragraph: the outline level it has itself, its named style, a bullet."""
        if properties is None:
            return Style()
        named = child_value(properties, "pStyle") or ""
        style = self.by_id.get(named) or Style(sign_of(named, None))
        level = child_value(properties, "outlineLvl")
        sign = heading(level) or style.sign
        if not sign and any(local(each) == "numPr" and child_value(each, "numId") != "0" for each in properties):
            sign = "- "
        return Style(sign, style.hidden)

    def hides(self, run: Element) -> bool:
        """Say whether a run is hidden text."""
        for properties in run:
            if local(properties) == "rPr":
                named = self.by_id.get(child_value(properties, "rStyle") or "", Style())
                if any(local(each) == "vanish" for each in properties):
                    return is_on(properties, "vanish")
                return named.hidden
        return False


def read_styles(name: str, data: bytes | None) -> Styles:
    """Return the styles of a document; without a part for them there are none."""
    if data is None:
        return Styles({})
    given = {attribute(each, "styleId") or "": each for each in parse_xml(name, data) if local(each) == "style"}
    return Styles({key: resolved(key, given, 0) for key in given})


def resolved(key: str, given: Mapping[str, Element], depth: int) -> Style:
    """Return a style with what it takes from the one it is based on."""
    element = given.get(key)
    if element is None or depth > DEEPEST:
        return Style()
    based = resolved(child_value(element, "basedOn") or "", given, depth + 1)
    level = next((child_value(each, "outlineLvl") for each in element if local(each) == "pPr"), None)
    sign = sign_of(child_value(element, "name") or "", level) or sign_of(key, None) or based.sign
    runs = [each for each in element if local(each) == "rPr"]
    said = [is_on(each, "vanish") for each in runs if any(local(part) == "vanish" for part in each)]
    return Style(sign, said[0] if said else based.hidden)


def sign_of(name: str, level: str | None) -> str:
    """Return Markdown's sign for a style of some name.

    >>> sign_of("heading 2", None), sign_of("Ttulo1", None), sign_of("Quote", None), sign_of("Normal", None)
    ('## ', '# ', '> ', '')
    """
    folded = fold(name)
    if match := HEADING.match(folded):
        return "#" * min(int(match[1] or 1) or 1, 6) + " "
    if TITLE.match(folded):
        return "# "
    if QUOTE.match(folded):
        return "> "
    return heading(level)


def heading(level: str | None) -> str:
    """Return the sign of an outline level, which Word counts from 0; 9 is plain text."""
    return "#" * min(int(level) + 1, 6) + " " if level is not None and level.isdigit() and int(level) < 9 else ""


def child_value(element: Element, kind: str) -> str | None:
    """Return the value of the first child of some kind."""
    return next((attribute(each, "val") for each in element if local(each) == kind), None)


def is_on(element: Element, kind: str) -> bool:
    """Say whether a switch is on among the children of an element: there, and not said to be off."""
    return any(local(each) == kind and (attribute(each, "val") or "1") not in ("0", "false", "off") for each in element)
