"""Pictures that the page may carry: drawn anew from a list of what is allowed, so that nothing runs, loads or links."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from markupsafe import Markup

from cjtools.errors import Fault, ReportError, cut

SVG = "http://www.w3.org/2000/svg"

# What a picture may be made of; anything that runs, loads or links is left out.
ELEMENTS = {
    "circle", "clipPath", "defs", "desc", "ellipse", "g", "line", "linearGradient", "mask", "path", "pattern",
    "polygon", "polyline", "radialGradient", "rect", "stop", "svg", "text", "title", "tspan",
}  # fmt: skip
ATTRIBUTES = {
    "class", "clip-path", "clip-rule", "clipPathUnits", "color", "cx", "cy", "d", "dominant-baseline", "dx", "dy",
    "fill", "fill-opacity", "fill-rule", "font-family", "font-size", "font-style", "font-weight",
    "gradientTransform", "gradientUnits", "height", "id", "offset", "opacity", "overflow", "pointer-events",
    "points", "preserveAspectRatio", "r", "rx", "ry", "stop-color", "stop-opacity", "stroke", "stroke-dasharray",
    "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-opacity", "stroke-width",
    "text-anchor", "transform", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2",
}  # fmt: skip


def picture(svg: str, prefix: str) -> Markup:
    """Return an SVG as it may stand on the page: cleaned, and hidden from who cannot see it unless it says what it is.

    Markup comes from nowhere else for a picture: what a notebook holds is text until it has passed here.

    >>> picture('<svg xmlns="http://www.w3.org/2000/svg" onload="x"><a href="x"/></svg>', "p")
    Markup('<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" />')
    """
    return Markup(clean_svg(svg, prefix=prefix))


def clean_svg(svg: str, *, prefix: str, label: str = "") -> str:
    """Return an SVG with the allowed elements and attributes only, and with ids that no other chart has.

    Its description is `label`, else its own; a picture without one is not read aloud: its words stand beside it.
    Raises ReportError when the root is another element than svg.

    >>> clean_svg('<svg xmlns="http://www.w3.org/2000/svg"><a href="x"/><g id="a"/></svg>', prefix="p", label="d")
    '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="d"><g id="p-a" /></svg>'
    """
    root = ET.fromstring(svg)
    if root.tag != f"{{{SVG}}}svg":
        raise ReportError("the page", [Fault("a picture", f"its root is {cut(root.tag)}", f"an svg element of {SVG}")])
    told = label or root.get("aria-label", "")
    clean(root, prefix)
    for name, value in ({"role": "img", "aria-label": told} if told else {"aria-hidden": "true"}).items():
        root.set(name, value)
    ET.register_namespace("", SVG)
    return ET.tostring(root, encoding="unicode")


def clean(element: ET.Element, prefix: str) -> None:
    """Take out what is not allowed below an element, and prefix ids and the references to them."""
    for name, value in list(element.attrib.items()):
        if name not in ATTRIBUTES or "javascript:" in value.lower():
            del element.attrib[name]
        elif name == "id":
            element.set(name, f"{prefix}-{value}")
        elif "url(" in value:
            element.set(name, re.sub(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)", rf"url(#{prefix}-\1)", value))
            if not re.fullmatch(rf"url\(#{prefix}-[^)]+\)", element.get(name, "")):
                del element.attrib[name]
    for child in list(element):
        if child.tag.removeprefix(f"{{{SVG}}}") in ELEMENTS:
            clean(child, prefix)
        else:
            element.remove(child)
