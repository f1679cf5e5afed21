"""From an executed notebook to the page: views and charts are laid out, everything else is text or left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import mistune
from markupsafe import Markup

from cjtools.errors import Fault, ReportError
from cjtools.report.figure import Chart, read_chart, runtime, spec_json, static_picture
from cjtools.report.page import Section, render_page, render_part, render_view
from cjtools.report.view import FIRSTS
from cjtools.report.view import MIME as VIEW_MIME
from cjtools.words import Words, load_words

CHART_MIMES = tuple(f"application/vnd.vegalite.v{version}+json" for version in (5, 6))
HIDDEN_TAGS = {"parameters", "injected-parameters", "lab-only", "hide"}

# One page for who has five minutes: the first screen, what its figures mean, and where it comes from.
EXECUTIVE = {
    "header": {"header"},
    "inventory": {"inventory", "source_calendar", "source_coverage"},
    "followed": {"followed", "stage_flow"},
    "travellers": {"travellers", "persona_card"},
    "coding": {"coding", "machine_codes", "theme_people"},
}
CLOSING = {"definitions", "provenance"}

# Pictures that are left out where they are empty: the view before them says that there is nothing, and why.
SAID_BEFORE = ("wave_comparison",)


@dataclass(frozen=True)
class Found:
    """One thing that a cell of the notebook gave: a view, a chart, a text or prose, in its order."""

    cell: int
    view: Mapping[str, Any] | None = None
    chart: Chart | None = None
    text: str = ""
    prose: str = ""
    code: str = ""

    @property
    def name(self) -> str:
        """The kind of the view or the name of the chart."""
        return str(self.view["kind"]) if self.view else self.chart.name if self.chart else ""


@dataclass
class Draft:
    """The sections of a page as they are gathered."""

    sections: list[Section] = field(default_factory=list)
    header: Markup = field(default_factory=Markup)
    title: str = ""
    charts: int = 0


def to_page(notebook: Mapping[str, Any], *, language: str, title: str = "", audience: str = "team") -> str:
    """Return the page of an executed notebook: one HTML file that needs nothing else.

    The title is the header's own; `title` is for a notebook without one. Code and plain output are shown to the
    team only, and to the executive only the sections of one page.
    """
    words, draft = load_words(language), Draft(title=title)
    everything = list(gather(notebook["cells"]))
    for found in everything if audience != "executive" else one_page(everything):
        add(draft, found, words, team=audience == "team")
    return render_page(
        draft.sections,
        language=language,
        title=draft.title or words["section_header"],
        header=draft.header,
        runtime=runtime() if draft.charts else None,
        audience=audience,
    )


def one_page(everything: Sequence[Found]) -> Iterator[Found]:
    """Yield what an executive is given: the first screen, the little that belongs to it, and what its figures mean."""
    first = next((found for found in everything if found.name in FIRSTS), None)
    kept = (EXECUTIVE[first.name] if first else set()) | CLOSING
    for found in everything:
        if found.name == "definitions" and found.view and first and first.view:
            yield replace(found, view=only_needed(found.view, render_view(first.name, first.view["data"])))
        elif found.name in kept:
            yield found


def only_needed(definitions: Mapping[str, Any], page: str) -> dict[str, Any]:
    """Return the definitions that a page leads to."""
    data = definitions["data"]
    entries = [entry for entry in data["entries"] if f'href="#d-{entry["key"]}"' in page]
    return {**definitions, "data": {**data, "entries": entries}}


def section_names(notebook: Mapping[str, Any]) -> list[str]:
    """Return the kinds of view and the names of charts that a notebook gave, in order."""
    return [found.name for found in gather(notebook["cells"]) if found.name]


def gather(cells: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    """Yield what the cells gave: hidden cells nothing, code cells their outputs, markdown cells their text."""
    for number, cell in enumerate(cells, start=1):
        if HIDDEN_TAGS & set(cell.get("metadata", {}).get("tags", [])):
            continue
        if cell["cell_type"] == "markdown":
            yield Found(number, prose=joined(cell["source"]))
        elif cell["cell_type"] == "code":
            yield from outputs_of(cell, number)


def outputs_of(cell: Mapping[str, Any], number: int) -> Iterator[Found]:
    """Yield the outputs of a code cell, the first with the cell's code."""
    code = joined(cell["source"])
    for output in cell.get("outputs", []):
        found = output_of(output, number, code)
        if found is not None:
            yield found
            code = ""


def output_of(output: Mapping[str, Any], number: int, code: str) -> Found | None:
    """Return one output: only our own two types are more than text; what was written to stderr is left out."""
    kind = output["output_type"]
    if kind == "error":
        raise ReportError("the page", [Fault(f"cell {number}", f"{output['ename']}: {output['evalue']}")])
    if kind == "stream":
        return Found(number, text=joined(output["text"]), code=code) if output["name"] == "stdout" else None
    data = output.get("data", {})
    if VIEW_MIME in data:
        return Found(number, view=data[VIEW_MIME], code=code)
    chart = next((data[mime] for mime in CHART_MIMES if mime in data), None)
    if chart is not None:
        return Found(number, chart=read_chart(chart, where=f"cell {number}"), code=code)
    return Found(number, text=joined(data.get("text/plain", "")), code=code)


def joined(source: str | Iterable[str]) -> str:
    """Return a text that a notebook may hold as a list of lines."""
    return source if isinstance(source, str) else "".join(source)


def add(draft: Draft, found: Found, words: Words, *, team: bool) -> None:
    """Add what was found to the page; code and texts only for the team."""
    if found.view is not None:
        add_view(draft, found.view)
    elif found.chart is not None and (found.chart.rows or found.chart.name not in SAID_BEFORE):
        add_chart(draft, found.chart, words)
    elif found.prose:
        draft.sections.append(prose_section(found, words))
    elif found.text and team:
        draft.sections.append(part(words, "text", found, text=found.text))
    if found.code and team:
        draft.sections.append(part(words, "code", found, source=found.code))


def part(words: Words, name: str, found: Found, **values: Any) -> Section:
    """Return a small part of the page that the contents do not list."""
    return Section(f"{name}-{found.cell}", "", render_part(name, words=words, **values), in_contents=False)


def add_view(draft: Draft, view: Mapping[str, Any]) -> None:
    """Add a view; the header stands above all and names the page."""
    html = Markup(render_view(view["kind"], view["data"]))
    if view["kind"] in FIRSTS:
        draft.header, draft.title = html, view["data"]["page_title"]
    else:
        draft.sections.append(Section(view["kind"], view["data"]["title"], html))


def add_chart(draft: Draft, chart: Chart, words: Words) -> None:
    """Add a chart as a section of its own."""
    body = render_part("figure", words=words, chart=chart, svg=static_picture(chart), spec=spec_json(chart))
    draft.sections.append(Section(chart.name, chart.title, body))
    draft.charts += 1


def prose_section(found: Found, words: Words) -> Section:
    """Return a markdown cell: its first heading goes into the contents, raw HTML in it is shown as text."""
    parsed = mistune.create_markdown(renderer=None)(found.prose)
    tokens: list[Any] = parsed if isinstance(parsed, list) else []
    heading = next((token for token in tokens if token["type"] == "heading"), None)
    title = plain(heading["children"]) if heading else ""
    name = f"text-{found.cell}"
    return Section(
        name, title, render_part("prose", words=words, tokens=tokens, identifier=name), in_contents=bool(title)
    )


def plain(tokens: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of a piece of markdown."""
    return "".join(token.get("raw", "") or plain(token.get("children", [])) for token in tokens)
