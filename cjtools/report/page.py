"""The page: the only place that writes HTML."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import jinja2
from markupsafe import Markup

from cjtools.errors import Fault, ReportError, nearest
from cjtools.report.svg import picture
from cjtools.words import Words, load_words

TEMPLATES = Path(__file__).parent / "template"

# What may run on the page is named by hash; nothing may be loaded; forms and base URLs are shut.
POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)

# The section that brings the form for reviewers, and its script.
REVIEWED = "remarks"


@dataclass(frozen=True)
class Section:
    """One section of the page, already HTML, and what the table of contents says of it."""

    identifier: str
    title: str
    body: Markup
    in_contents: bool = True


@dataclass(frozen=True)
class Runtime:
    """The chart runtime: its source (for the hash that lets it run), and the packed form that the page carries."""

    source: str
    packed: str


@cache
def environment() -> jinja2.Environment:
    """Return the templates: every text is escaped, a missing value is a fault."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["anchor"] = anchor
    templates.filters["picture"] = picture
    return templates


def anchor(identifier: object, prefix: str = "e") -> str:
    """Return an id as it may stand in an anchor, the same for the same id and never the same for two.

    >>> anchor("P01.md:12"), anchor("P01-md-12")
    ('e-P01_2e_md_3a_12', 'e-P01-md-12')
    """
    safe = re.sub(r"[^A-Za-z0-9-]", lambda match: f"_{ord(match.group()):x}_", str(identifier))
    return f"{prefix}-{safe}"


@cache
def kinds() -> tuple[str, ...]:
    """Return the kinds of view that have a template."""
    return tuple(sorted(path.name.removesuffix(".html.j2") for path in (TEMPLATES / "views").glob("[a-z]*.html.j2")))


def render_view(kind: str, data: Mapping[str, Any]) -> str:
    """Return one section as HTML.

    Raises ReportError for a kind without a template, and for data that lacks what the template lays out.
    """
    if kind not in kinds():
        raise ReportError("the page", [Fault("view", f"{kind!r} is not a kind of view", nearest(kind, kinds()))])
    try:
        words = load_words(str(data["language"]))
        return environment().get_template(f"views/{kind}.html.j2").render(**data, kind=kind, words=words)
    except (KeyError, jinja2.UndefinedError) as error:
        raise ReportError("the page", [Fault(f"view {kind!r}", f"its data lacks {error}")]) from error
    except ParseError as error:
        raise ReportError("the page", [Fault(f"view {kind!r}", f"a picture that is none: {error}")]) from error


def render_part(name: str, *, words: Words, **values: Any) -> Markup:
    """Return one of the small parts of the page: a figure, a text, a piece of code."""
    return Markup(environment().get_template(f"parts/{name}.html.j2").render(words=words, **values))


def render_style() -> str:
    """Return the style sheet for JupyterLab, where no page is around the views."""
    return f"<style>{read('view.css')}</style>"


def render_page(
    sections: Sequence[Section],
    *,
    language: str,
    title: str,
    header: Markup,
    runtime: Runtime | None,
    audience: str = "team",
) -> str:
    """Return the whole page, from sections that are already HTML; the style sheet knows for whom it is."""
    script = read("page.js")
    review = read("review.js") if any(section.identifier == REVIEWED for section in sections) else ""
    scripts = [script, *([review] if review else []), *([runtime.source] if runtime else [])]
    page = environment().get_template("page.html.j2")
    html = page.render(
        words=load_words(language),
        title=title,
        audience=audience,
        header=header,
        sections=sections,
        policy=POLICY.format(scripts=" ".join(f"'{content_hash(text)}'" for text in scripts)),
        style=Markup(read("view.css") + read("page.css") + (read("review.css") if review else "")),
        script=Markup(script),
        review=Markup(review),
        runtime=runtime.packed if runtime else "",
    )
    return without_dead_links(html)


def without_dead_links(html: str) -> str:
    """Return a page whose links lead somewhere: what points at a section left out stays text.

    >>> without_dead_links('<p id="a"><a href="#a">x</a><a href="#b">y</a>')
    '<p id="a"><a href="#a">x</a><a>y</a>'
    """
    there = set(re.findall(r'\bid="([^"]+)"', html))
    return re.sub(r' href="#([^"]+)"', lambda link: link.group() if link.group(1) in there else "", html)


def render_error(*, language: str, title: str, where: str, lines: Sequence[str]) -> str:
    """Return the page that says that a report was not made; it cannot be mistaken for one."""
    policy = POLICY.format(scripts="'none'")
    template = environment().get_template("error.html.j2")
    return template.render(words=load_words(language), title=title, where=where, lines=lines, policy=policy)


def content_hash(text: str) -> str:
    """Return the hash by which a Content-Security-Policy knows a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def read(name: str) -> str:
    """Return one of the page's own files, without comments and indents, with plain line ends."""
    text = (TEMPLATES / name).read_text("utf-8").replace("\r\n", "\n")
    return re.sub(r"\n\s*", "\n", re.sub(r"/\*.*?\*/\n?", "", text, flags=re.DOTALL)).strip() + "\n"
