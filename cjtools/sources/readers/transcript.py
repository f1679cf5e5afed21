"""Interviews as transcripts: labels of speakers and their words, as people type them or meeting tools write them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cjtools.client import Client
from cjtools.errors import SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.files import fault_of
from cjtools.sources.parsing.codes import CodeBook, code_book
from cjtools.sources.parsing.front_matter import read_front_matter
from cjtools.sources.parsing.passages import Passage, read_passages
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parsing.role_words import role_word
from cjtools.sources.parsing.speakers import Mark, blank_marks, find_marks
from cjtools.sources.reader import Reader, place, read_each
from cjtools.sources.readers.documents import Document, open_document, peek_text
from cjtools.sources.readers.heads import read_head, section_faults
from cjtools.sources.readers.interviews import slip_faults
from cjtools.sources.readers.talks import Talk, Turn, talk_tables
from cjtools.tables import Tables


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is that this is a transcript: two speakers or more, each more than once, in most paragraphs."""
    text = peek_text(file, head)
    if not text:
        return 0.0
    front, _ = read_front_matter(text, "")
    marks = [mark for mark in find_marks(text, skip=front.lines) if mark.kind == "speaker"]
    names = [name for name, count in Counter(mark.speaker for mark in marks).items() if count > 1]
    if len(names) < 2:
        return 0.0
    if all(text.startswith(("**", "__"), mark.start) for mark in marks):
        return 0.9 if not front.lines else 0.97
    blocks = [each for each in text.split("\n\n") if each.strip()]
    most = len(marks) >= len(blocks) / 3 and (len(marks) > 3 or any(map(role_word, names)))
    return (0.97 if front.lines else 0.9) if most else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the quotes of some transcripts: of participants, and of interviewers with that role.

    [sources.speakers] says who is who, where a label such as Interviewer does not. Participants are called <source>-1,
    <source>-2 … in order of appearance, or what `participant` or the file's head says when all are one person; the
    speakers' names are masked in every text. Codes in brackets are read too. A file may have the head of a note.
    """
    raise_if_any(SourceError, section.path, [*key_faults(section, []), *section_faults(section)])
    book = code_book(client)
    talks = read_each(files, section.path, lambda file: read_transcript(file, section, client, book))
    return talk_tables(talks, section=section, client=client, form="transcript")


def read_transcript(file: Path, section: SourceSection, client: Client, book: CodeBook) -> Talk:
    """Return the turns of one file. Raises SourceError when nobody speaks, for its head, and for slips in codes."""
    document = open_document(file, section=section, client=client, what="a transcript")
    front, faults = read_front_matter(document.text, document.name)
    head, wrong = read_head(front, document.name, section=section, client=client)
    listed = {*section.speakers, *([head.participant] if head.participant else [])}
    marks = find_marks(document.text, skip=front.lines, listed=listed)
    text = blank_marks(document.text, marks, skip=front.lines)
    passages, slips = read_passages(text, book, skip=front.lines, breaks={mark.line for mark in marks})
    raise_if_any(SourceError, document.name, [*faults, *wrong, *slip_faults(slips, document.name, document.row)])
    turns, left_out = assign(marks, passages, document)
    if not turns:
        where, expected = place(document.name, 1), "**Name:** text"
        raise fault_of(where, "no paragraph begins with a speaker", expected, what=document.name)
    return Talk(
        document.name,
        document.opened.sha256,
        document.encoding,
        head,
        tuple(turns),
        tuple((row, "rejected", why) for row, why in left_out),
        rows_in=len(turns) + len(left_out),
        flags=document.flags,
    )


def assign(
    marks: Sequence[Mark], passages: Sequence[Passage], document: Document
) -> tuple[list[Turn], list[tuple[int, str]]]:
    """Return the passages with their speakers, and those that nobody says, with the reason.

    A pause or a notice interrupts a turn; after a heading nobody speaks until the next label.
    """
    turns: list[Turn] = []
    left_out: list[tuple[int, str]] = []
    speaker, follows = "", False
    for kind, each in in_order(marks, passages):
        if isinstance(each, Passage):
            moved = replace(each, line=document.row(each.line), verbatim=True)
            if speaker:
                turns.append(Turn(speaker, moved, follows=follows))
            else:
                left_out.append((moved.line, "no_speaker"))
            follows = True
        elif kind in ("breaks", "notices", "empty"):
            left_out.append((document.row(each.line), kind))
        if isinstance(each, Mark) and kind in ("speaker", "empty", "heading"):
            speaker, follows = ("" if kind == "heading" else each.speaker), False
    return turns, left_out


def in_order(marks: Sequence[Mark], passages: Sequence[Passage]) -> Iterator[tuple[str, Mark | Passage]]:
    """Yield marks and passages as they stand in the text; a speaker who says nothing is 'empty'."""
    both: list[Mark | Passage] = sorted([*marks, *passages], key=lambda each: (each.start, isinstance(each, Passage)))
    for each, after in itertools.zip_longest(both, both[1:]):
        if isinstance(each, Passage):
            yield "said", each
        else:
            silent = each.kind == "speaker" and not isinstance(after, Passage)
            yield ("empty" if silent else each.kind), each


READER = Reader("transcript", "interview", detect, read)
