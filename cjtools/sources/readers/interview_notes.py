"""Interview notes as people write them: one Markdown, text or Word file an interview, codes in square brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.parsing.codes import CodeBook, code_book
from cjtools.sources.parsing.front_matter import read_front_matter
from cjtools.sources.parsing.passages import Passage, read_passages
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parsing.role_words import role_word
from cjtools.sources.parsing.speakers import label_of
from cjtools.sources.reader import FileLine, Reader, counted, period_of, place, read_each, source_lines, tables_of
from cjtools.sources.readers.documents import Document, open_document, peek_text
from cjtools.sources.readers.heads import Head, named_elsewhere, read_head, section_faults
from cjtools.sources.readers.interviews import (
    Interview,
    Said,
    participant_row,
    private_flags,
    refused_rows,
    slip_faults,
    to_participants,
    to_quotes,
    without_introductions,
)
from cjtools.tables import Tables


@dataclass(frozen=True)
class Note:
    """One file: its interview, its participant as a row, its line in the table of sources, the rows not to be used."""

    interview: Interview
    participant: dict[str, object]
    line: FileLine
    left_out: pl.DataFrame

    @property
    def used(self) -> bool:
        """Whether the interview may be used."""
        return self.left_out.is_empty()


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is that this is a note: a head with a participant, or a pseudonym as the file's name."""
    text = peek_text(file, head)
    if text is None:
        return 0.0
    front, _ = read_front_matter(text, "")
    if "participant" in front.entries or re.match(r"---\s*\n(?:[^\n]*\n)*?participant\s*:", text):
        return 0.95
    return 0.85 if re.match(r"^P\d+$", file.stem) or not text else 0.5


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the quotes, codings and participants of some notes.

    Front matter (all keys but `participant` may be missing): participant, date, language, consent, retain_until,
    persona, coder, and name, which is masked in the text and kept nowhere. Every other key is an attribute of the
    participant. A note without any consent, or kept longer than it may be, is not used: its rows are rejected.
    """
    raise_if_any(SourceError, section.path, [*key_faults(section, []), *section_faults(section)])
    book = code_book(client)
    alone = len(files) == 1
    notes = read_each(files, section.path, lambda file: read_note(file, section, client, book, alone=alone))
    raise_if_any(SourceError, section.path, list(contradictions(notes)))
    people = {str(note.participant["participant_id"]): note.participant for note in reversed(notes) if note.used}
    quotes, codings = to_quotes([note.interview for note in notes if note.used], section=section, client=client)
    sources = source_lines(
        [note.line for note in notes],
        section=section,
        client=client,
        kind="interviews",
        form="interview_notes",
        family="interview",
    )
    return tables_of(
        sources=sources,
        left_out=pl.concat([note.left_out for note in notes]),
        quotes=quotes,
        codings=codings,
        participants=to_participants(list(people.values()), section),
    )


def read_note(file: Path, section: SourceSection, client: Client, book: CodeBook, *, alone: bool) -> Note:
    """Return what one note tells. Raises SourceError with every fault of its head and of its codes."""
    document = open_document(file, section=section, client=client, what="notes of an interview")
    front, faults = read_front_matter(document.text, document.name)
    head, wrong = read_head(front, document.name, section=section, client=client)
    participant = head.participant or named_elsewhere(file, section, alone=alone)
    if not participant and not faults and "participant" not in front.entries:
        step = "begin the file with the lines ---, participant: P01, ---"
        faults.append(Fault(place(document.name, 1), "participant is missing", "", step))
    passages, slips = read_passages(document.text, book, skip=front.lines)
    raise_if_any(SourceError, document.name, [*faults, *wrong, *slip_faults(slips, document.name, document.row)])
    interview = to_interview(document, head, participant, passages, section)
    interview, names = without_introductions(interview)
    rows = [said.passage.line for said in interview.said]
    flags = {
        **head.flags,
        **document.flags,
        "no_passages": not rows,
        **({head.refused: len(rows) or True} if head.refused else private_flags(interview, names)),
    }
    line = FileLine(
        document.name,
        document.opened.sha256,
        rows_in=len(rows),
        rejected=len(rows) if head.refused else 0,
        encoding=document.encoding,
        period=period_of([head.day]),
        flags=tuple(counted(flags)),
    )
    refused = rows if head.refused else []
    return Note(
        interview,
        participant_row(participant, head),
        line,
        refused_rows(document.name, refused, head.refused, section),
    )


def to_interview(
    document: Document, head: Head, participant: str, passages: Sequence[Passage], section: SourceSection
) -> Interview:
    """Return a note as an interview. What a label surely gives to the interviewer is not the participant's."""
    said = []
    for passage in passages:
        label = label_of(passage.text, tuple(section.speakers))
        role = (section.speakers.get(label[0]) or role_word(label[0])) if label else None
        asked = role == "interviewer"
        moved = replace(passage, line=document.row(passage.line))
        said.append(Said(moved, "interviewer" if asked else "participant", None if asked else participant))
    return Interview(document.name, head.language, head.day, head.consent, head.coder, head.names, tuple(said))


def contradictions(notes: Sequence[Note]) -> Iterator[Fault]:
    """Yield the notes that say something else of a participant than an earlier one."""
    first: dict[object, Note] = {}
    for note in notes:
        other = first.setdefault(note.participant["participant_id"], note)
        for key in ("persona", "consent"):
            if note.participant[key] != other.participant[key]:
                here, there = (each.participant[key] or "missing" for each in (note, other))
                who = note.participant["participant_id"]
                found = f"participant {who} has {key} {here}, but {there} in {other.line.name}"
                yield Fault(note.line.name, found, "one person, one pseudonym")


READER = Reader("interview_notes", "interview", detect, read)
