"""Coded interviews of NVivo, ATLAS.ti, MAXQDA, QualCoder and others, exchanged as REFI-QDA (.qdpx, .qdc)."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cjtools.client import Client
from cjtools.errors import SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.files import Opened, open_file
from cjtools.sources.parsing.codes import CodeBook, code_book, kinds_of
from cjtools.sources.parsing.front_matter import FrontMatter
from cjtools.sources.parsing.offsets import ENOUGH, Checked
from cjtools.sources.parsing.passages import Passage
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parsing.refi import Project
from cjtools.sources.parsing.role_words import real_names
from cjtools.sources.reader import FileLine, Reader, counted, period_of, read_each, source_lines, tables_of
from cjtools.sources.readers.heads import CONTACT, Head, read_head, section_faults
from cjtools.sources.readers.interviews import (
    Interview,
    Said,
    coder_name,
    left_out_of,
    participant_row,
    private_flags,
    to_participants,
    to_quotes,
    without_introductions,
)
from cjtools.sources.readers.refi_texts import Span, open_project, read_spans, roles_of
from cjtools.tables import Tables

NAMESPACE = b"urn:QDA-XML:"
NAMES = {"name", "nom", "nombre", "nome", "nume", "surname", "cognom", "cognoms", "apellidos", "cognome", "prenume"}


@dataclass(frozen=True)
class Coded:
    """One file: its interview with persons by their guids, what is known of them, its line, the rows not used."""

    interview: Interview
    people: Mapping[str, Head]
    line: FileLine
    left_out: tuple[tuple[str, int, str, str], ...]


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is that this is a project or a codebook, by the names in the zip or the namespace of the XML."""
    if not head.startswith(b"PK\x03\x04"):
        return 0.98 if NAMESPACE in head[:4096].replace(b"\0", b"") else 0.0
    try:
        with zipfile.ZipFile(file) as archive:
            named = any(name.lower().endswith(".qde") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, ValueError):
        named = False
    return 0.98 if named else 0.85 if file.suffix.lower() == ".qdpx" else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the quotes, codings and participants of some projects; a codebook alone has no quotes.

    A row is a selection; its codes are themes, or what a bracket with the code's name would say. Participants are
    called <source>-1, <source>-2 …: one a case of the project, else one a text. [sources.speakers] says whose words a
    selection holds where the text has labels; without it only what Interviewer and the like say is no participant's.
    """
    raise_if_any(SourceError, section.path, [*key_faults(section, []), *section_faults(section)])
    book = code_book(client)
    parts = read_each(files, section.path, lambda file: read_file(file, section, client, book))
    people = {(part.line.name, person): head for part in parts for person, head in part.people.items()}
    names = {key: f"{section.id}-{number}" for number, key in enumerate(people, start=1)}
    if section.participant and len(people) == 1:
        names = dict.fromkeys(people, section.participant)
    quotes, codings = to_quotes([named(part, names) for part in parts], section=section, client=client)
    return tables_of(
        sources=source_lines(
            [part.line for part in parts],
            section=section,
            client=client,
            kind="interviews",
            form="refi_qda",
            family="interview",
        ),
        left_out=left_out_of([row for part in parts for row in part.left_out], section),
        quotes=quotes,
        codings=codings,
        participants=to_participants([participant_row(names[key], head) for key, head in people.items()], section),
    )


def named(part: Coded, names: Mapping[tuple[str, str], str]) -> Interview:
    """Return an interview with pseudonyms in the place of guids."""
    said = tuple(
        replace(each, participant=each.participant and names[part.line.name, each.participant])
        for each in part.interview.said
    )
    return replace(part.interview, said=said)


def read_file(file: Path, section: SourceSection, client: Client, book: CodeBook) -> Coded:
    """Return what one project tells."""
    opened = open_file(file, client)
    members, project = open_project(opened)
    head, faults = read_head(FrontMatter({}, 0), opened.name, section=section, client=client)
    raise_if_any(SourceError, opened.name, faults)
    spans, checked = read_spans(project, members, opened.name, section)
    merged, fates = once([span for span in spans if not span.why])
    roles = roles_of(merged, section)
    fates += [(span.number, "rejected", span.why) for span in spans if span.why]
    fates += [(span.number, "rejected", "other_speaker") for span in merged if roles[span.number] == "other"]
    told = [span for span in merged if roles[span.number] != "other"]
    said, unknown = to_said(told, roles, project, opened.name, client, book)
    interview = Interview(opened.name, head.language, head.day, head.consent, head.coder, names_in(spans), said)
    interview, names = without_introductions(interview)
    flags = {**flags_of(project, spans, checked), **private_flags(interview, names), "unknown_code": unknown}
    if head.refused:
        fates += [(span.number, "rejected", head.refused) for span in told]
        interview, flags = replace(interview, said=()), flags_of(project, spans, checked)
    spoke = dict.fromkeys(each.participant for each in interview.said if each.participant)
    people = {person: person_head(person, project, head) for person in spoke}
    return Coded(
        interview,
        people,
        line_of(opened, len(spans), fates, {**flags, **head.flags}, head),
        tuple((opened.name, *fate) for fate in fates),
    )


def once(spans: Sequence[Span]) -> tuple[list[Span], list[tuple[int, str, str]]]:
    """Return spans once, with the codes of all selections of the same words; the others are merged into the first."""
    first: dict[tuple[int, int, int], Span] = {}
    fates = []
    for span in spans:
        key = (span.text.number, span.start, span.end)
        if key in first:
            first[key] = replace(first[key], codes=(*first[key].codes, *span.codes))
            fates.append((span.number, "merged", "same_span"))
        else:
            first[key] = span
    return list(first.values()), fates


def to_said(
    spans: Sequence[Span],
    roles: Mapping[int, str],
    project: Project,
    name: str,
    client: Client,
    book: CodeBook,
) -> tuple[tuple[Said, ...], int]:
    """Return spans as what somebody said, and how many of their codes are not in the codebook."""
    cases = {code for guid, case in project.cases.items() for code in (guid, *case.codes)}
    said, unknown = [], 0
    for span in spans:
        codes = [(code, user) for code, user in span.codes if code not in cases]
        unknown += sum(code not in project.codes for code, _ in codes)
        kinds = [
            (*kind, coder_name(project.users.get(user, user), client))
            for code, user in codes
            if code in project.codes
            for kind in kinds_of(project.codes[code], book)
        ]
        asked = roles[span.number] == "interviewer"
        said.append(
            Said(
                Passage(span.words, span.start, span.end, span.number, True, None, None),
                roles[span.number],
                None if asked else person_of(span, project),
                codes=tuple(dict.fromkeys(kinds)),
                document=f"{name}, text {span.text.number}",
            )
        )
    return tuple(said), unknown


def person_of(span: Span, project: Project) -> str:
    """Return the guid of whose words a span holds: the case it is coded with, its text's only case, its text."""
    codes = {code for code, _ in span.codes}
    coded = [guid for guid, case in project.cases.items() if codes & {guid, *case.codes}]
    whole = [guid for guid, case in project.cases.items() if span.text.source in case.sources]
    return next((found[0] for found in (coded, whole) if len(found) == 1), span.text.source)


def person_head(person: str, project: Project, head: Head) -> Head:
    """Return what is known of a person: the values of the case, ways to reach them and names left out."""
    case = project.cases.get(person)
    known = {name: value for name, value in (case.attributes if case else ()) if name.lower() not in CONTACT | NAMES}
    return replace(head, attributes=tuple(sorted(known.items())))


def names_in(spans: Sequence[Span]) -> tuple[str, ...]:
    """Return the names of those who speak in the texts, which no quote may hold."""
    texts = {span.text.number: span.text for span in spans}
    speakers = dict.fromkeys(mark.speaker for text in texts.values() for mark in text.turns)
    return tuple(name for speaker in speakers for name in real_names(speaker))


def flags_of(project: Project, spans: Sequence[Span], checked: Checked) -> dict[str, int | bool]:
    """Return what is worth knowing of a project: what was not read, how its places fit the words."""
    texts = {span.text.number: span.text.raw for span in spans}
    wide = any(char > "\uffff" for text in texts.values() for char in text)
    return {
        **project.counts,
        "no_selections": not spans,
        "misaligned": sum(not span.aligned for span in spans if not span.why),
        "offsets_doubtful": checked.share < ENOUGH,
        "offsets_utf16": checked.way.wide and wide,
        "offsets_inclusive": checked.way.inclusive,
    }


def line_of(
    opened: Opened, rows: int, fates: Sequence[tuple[int, str, str]], flags: Mapping[str, int], head: Head
) -> FileLine:
    """Return what became of the selections of one project."""
    counts = Counter(fate for _, fate, _ in fates)
    return FileLine(
        opened.name,
        opened.sha256,
        rows_in=rows,
        rejected=counts["rejected"],
        merged=counts["merged"],
        flags=tuple(counted({**flags, **Counter(why for _, _, why in fates)})),
        period=period_of([head.day]),
    )


READER = Reader("refi_qda", "interview", detect, read)
