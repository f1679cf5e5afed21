"""XML of strangers: parsed without DTDs and entities, its elements by their local names."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from cjtools.errors import cut
from cjtools.sources.opening.files import fault_of


def parse_xml(name: str, data: bytes) -> Element:
    """Return the root of an XML text. Raises SourceError for broken XML, and for any DTD or entity.

    >>> local(parse_xml("a.qde", b'<Project xmlns="urn:x"/>'))
    'Project'
    """
    try:
        root: Element = defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise fault_of(name, "holds a DTD or an entity", "plain XML", "save or export it again") from None
    except (ParseError, ValueError, LookupError) as error:
        raise fault_of(name, f"broken XML ({cut(error)})", "", "save or export it again") from None
    return root


def local(element: Element) -> str:
    """Return the name of an element without its namespace; a comment has none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Element, name: str) -> str | None:
    """Return an attribute by its local name, whatever namespace it stands in."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)
