"""REFI-QDA projects and codebooks (.qdpx, .qdc): codes, coders, texts with coded spans, cases, as tools write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from cjtools.sources.opening.files import Opened, decode
from cjtools.sources.parsing.xml import local

HOLDERS = ("TextSource", "Representation", "Transcript", "TextDescription", "Note")
TEXT_SPANS = ("PlainTextSelection", "TranscriptSelection")


@dataclass(frozen=True)
class Selection:
    """One coded span, numbered through the whole project from 1; without places it is no span of a text."""

    number: int
    places: tuple[int, int] | None
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CodedText:
    """A text of a project with its spans; `source` is the guid of what it belongs to."""

    source: str
    paths: tuple[str, ...]
    content: str | None
    selections: tuple[Selection, ...]


@dataclass(frozen=True)
class Case:
    """A unit of a study, mostly a person: what is known of it, and the texts and codes that stand for it."""

    attributes: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Project:
    """A project by its guids, in lower case; `counts` are of what is there and is not read."""

    origin: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[CodedText, ...] = ()
    cases: Mapping[str, Case] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


def read_project(root: Element) -> Project:
    """Return what the XML of a project or of a codebook tells."""
    named = {kind: dict(names_below(root, kind)) for kind in ("Code", "User", "Variable")}
    counts = Counter(codes=len(named["Code"]))
    numbers = iter(range(1, 1 + sum(1 for _ in root.iter())))
    texts = [
        text
        for sources in children(root, "Sources")
        for source in sources
        if local(source).endswith("Source")
        for text in coded_texts(source, guid(source), numbers, counts)
    ]
    notes = [note for part in children(root, "Notes") for note in part]
    counts.update({"notes": len(notes)} if notes else {})
    cases = {
        guid(case): read_case(case, named["Variable"])
        for part in children(root, "Cases")
        for case in part
        if guid(case)
    }
    return Project(root.get("origin", ""), named["Code"], named["User"], tuple(texts), cases, counts)


def names_below(root: Element, kind: str) -> Iterator[tuple[str, str]]:
    """Yield guid and name of every element of a kind, however deep."""
    for element in root.iter():
        if local(element) == kind and guid(element):
            yield guid(element), (element.get("name") or "").strip() or guid(element)


def guid(element: Element, key: str = "guid") -> str:
    """Return an id as ids are compared: tools write them in any case, some in braces."""
    return (element.get(key) or "").strip("{} ").lower()


def children(element: Element, kind: str) -> list[Element]:
    """Return the children of a kind."""
    return [child for child in element if local(child) == kind]


def coded_texts(element: Element, source: str, numbers: Iterator[int], counts: Counter[str]) -> Iterator[CodedText]:
    """Yield the texts that an element holds or is, with their selections in order."""
    points = {guid(point): point.get("position") for point in children(element, "SyncPoint")}
    selections = []
    for child in element:
        kind = local(child)
        if kind == "Coding":
            counts["whole_source_codes"] += 1
        elif kind.endswith("Selection"):
            selections.append(read_selection(child, next(numbers), points))
        elif kind in HOLDERS:
            yield from coded_texts(child, source, numbers, counts)
    if selections or local(element) in HOLDERS:
        content = next((child.text or "" for child in children(element, "PlainTextContent")), None)
        paths = tuple(path for key in ("plainTextPath", "path") if (path := element.get(key)))
        yield CodedText(source, paths, content, tuple(selections))


def read_selection(element: Element, number: int, points: Mapping[str, str | None]) -> Selection:
    """Return a selection with the codes on it and who put them there."""
    first, last = element.get("startPosition"), element.get("endPosition")
    if local(element) == "TranscriptSelection":
        first, last = (points.get(guid(element, key)) for key in ("fromSyncPoint", "toSyncPoint"))
    codes = tuple(
        (guid(ref, "targetGUID"), guid(coding, "creatingUser"))
        for coding in children(element, "Coding")
        for ref in children(coding, "CodeRef")
    )
    places = whole(first, last) if local(element) in TEXT_SPANS else None
    return Selection(number, places, codes)


def whole(first: str | None, last: str | None) -> tuple[int, int] | None:
    """Return two places as numbers, when they are."""
    both = [text.strip() for text in (first, last) if text is not None and re.fullmatch(r"\s*[0-9]{1,10}\s*", text)]
    return (int(both[0]), int(both[1])) if len(both) == 2 else None


def read_case(element: Element, variables: Mapping[str, str]) -> Case:
    """Return what a case says of somebody; its name is left out, since it may be a person's."""
    values = [
        (variables.get(guid(ref, "targetGUID"), ""), (value.text or "").strip())
        for holder in children(element, "VariableValue")
        for ref in children(holder, "VariableRef")
        for value in holder
        if local(value).endswith("Value")
    ]
    refs = {
        kind: tuple(guid(ref, "targetGUID") for ref in children(element, kind)) for kind in ("SourceRef", "CodeRef")
    }
    return Case(tuple((name, value) for name, value in values if name and value), refs["SourceRef"], refs["CodeRef"])


def text_of(coded: CodedText, members: Mapping[str, bytes], name: str) -> str | None:
    """Return a text as it is stored, its line ends kept; None when it is not in the project."""
    if coded.content is not None:
        return coded.content
    by_name = {member.rsplit("/", 1)[-1].lower(): member for member in members}
    for path in coded.paths:
        last = unquote(path).replace("\\", "/").rsplit("/", 1)[-1].lower()
        if last in by_name and not last.endswith((".docx", ".pdf", ".rtf")):
            member = by_name[last]
            return decode(Opened(f"{name}/{member}", members[member], ""), None)[0]
    return None
