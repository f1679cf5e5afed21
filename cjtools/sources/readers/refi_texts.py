"""The texts of a REFI-QDA project: found in the zip, their places checked, their selections as spans with a speaker."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cjtools.errors import SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.containers import open_zip
from cjtools.sources.opening.files import Opened, fault_of
from cjtools.sources.parsing.offsets import Checked, begins_word, find_way, rule, span_of
from cjtools.sources.parsing.refi import Project, read_project, text_of
from cjtools.sources.parsing.role_words import role_word
from cjtools.sources.parsing.speakers import Mark, blank_marks, find_marks
from cjtools.sources.parsing.xml import local, parse_xml
from cjtools.sources.readers.talks import unknown_speakers

FEWEST = 10  # selections that it takes to say that the places of a project are counted in no known way
HALF = 0.5


@dataclass(frozen=True)
class Text:
    """A text of a project: the guid of its source, its words as stored, the same without labels, where turns begin."""

    number: int
    source: str
    raw: str
    bare: str
    turns: tuple[Mark, ...]


@dataclass(frozen=True)
class Span:
    """A selection as it stands in its text, in code points. `why` says in one word why it holds no words."""

    number: int
    text: Text
    start: int
    end: int
    codes: tuple[tuple[str, str], ...]
    aligned: bool = True
    why: str = ""

    @property
    def words(self) -> str:
        """What was selected, without the labels of speakers, on one line."""
        return " ".join(self.text.bare[self.start : self.end].split())


def open_project(opened: Opened) -> tuple[dict[str, bytes], Project]:
    """Return the files of a project and what its XML tells. Raises SourceError when it is none."""
    members = open_zip(opened) if opened.data.startswith(b"PK\x03\x04") else {opened.name: opened.data}
    inner = [name for name in members if name.lower().endswith((".qde", ".qdc"))]
    if len(inner) != 1:
        found = f"{len(inner)} project files (.qde) in it" if inner else "no project file (.qde) in it"
        raise fault_of(opened.name, found, "one REFI-QDA project", "export it again as REFI-QDA project (.qdpx)")
    root = parse_xml(opened.name, members[inner[0]])
    if local(root) not in ("Project", "CodeBook"):
        raise fault_of(opened.name, f"XML of another kind ({local(root)})", "a REFI-QDA project or codebook")
    return members, read_project(root)


def read_spans(
    project: Project, members: Mapping[str, bytes], name: str, section: SourceSection
) -> tuple[list[Span], Checked]:
    """Return every selection of a project as a span, and how well its places fit the words.

    Raises SourceError when fewer than half of them begin at a word: then they are counted in no way that is known, and
    no quote would be what was selected.
    """
    texts: list[Text | None] = []
    for number, coded in enumerate(project.texts, start=1):
        raw = text_of(coded, members, name) if coded.selections else None
        texts.append(None if raw is None else to_text(number, coded.source, raw, section))
    given = [
        (text.raw, [each.places for each in coded.selections if each.places is not None])
        for text, coded in zip(texts, project.texts, strict=True)
        if text is not None
    ]
    checked = find_way(given, windows="windows" in project.origin.lower())
    if checked.spans >= FEWEST and checked.share < HALF:
        found = f"only {checked.begin} of {checked.spans} selections begin at a word"
        step = "export the project again, or its quotations as a table"
        raise fault_of(name, found, "places counted in characters or UTF-16 units of the text", step)
    return list(to_spans(project, texts, checked)), checked


def to_text(number: int, source: str, raw: str, section: SourceSection) -> Text:
    """Return a text with its turns. Marks are found in lines, whatever the line ends are."""
    plain = raw.replace("\r", " ")
    marks = find_marks(plain, listed=section.speakers)
    turns = tuple(mark for mark in marks if mark.kind in ("speaker", "heading"))
    return Text(number, source, raw, blank_marks(plain, marks), turns)


def to_spans(project: Project, texts: Sequence[Text | None], checked: Checked) -> Iterator[Span]:
    """Yield each selection as a span of its text, or with the reason why it is none."""
    nowhere = Text(0, "", "", "", ())
    for coded, text in zip(project.texts, texts, strict=True):
        places = rule(text.raw, checked.way) if text else range(1)
        for each in coded.selections:
            place = span_of(places, *each.places, checked.way) if text is not None and each.places else None
            start, end = place or (0, 0)
            span = Span(each.number, text or replace(nowhere, source=coded.source), start, end, each.codes)
            if each.places is None or text is None or place is None:
                why = "not_text" if each.places is None else "text_missing" if text is None else "outside_text"
                yield replace(span, why=why)
            else:
                yield replace(span, aligned=begins_word(text.raw, start), why="" if span.words else "no_text")


def roles_of(spans: Sequence[Span], section: SourceSection) -> dict[int, str]:
    """Return whose words each span holds. Raises SourceError for speakers of whom nothing says who they are.

    A span that runs over several turns is a participant's when any of them is.
    """
    roles: dict[int, str] = {}
    unknown: dict[str, None] = {}
    for span in spans:
        speakers = list(speakers_in(span))
        found = [section.speakers.get(name) or role_word(name) for name in speakers]
        if section.speakers:
            unknown |= dict.fromkeys(name for name, role in zip(speakers, found, strict=True) if name and role is None)
        kinds = {role or "participant" for role in found}
        roles[span.number] = next(role for role in ("participant", "interviewer", "other") if role in kinds)
    raise_if_any(SourceError, section.path, list(unknown_speakers(unknown, section)))
    return roles


def speakers_in(span: Span) -> Iterator[str]:
    """Yield who speaks in a span: at its first word, then whoever begins within it; nobody as an empty text."""
    words = span.text.bare[span.start : span.end]
    first = span.start + len(words) - len(words.lstrip())
    begin, end = (
        bisect.bisect_right(span.text.turns, place, key=lambda mark: mark.start)
        for place in (first, span.start + len(words.rstrip()) - 1)
    )
    yield span.text.turns[begin - 1].speaker if begin else ""
    for mark in span.text.turns[begin:end]:
        if mark.speaker:
            yield mark.speaker
