"""Interviews as transcripts: **Speaker:** text, with the paragraphs below it until the next speaker."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.codes import CodeBook, code_book
from cjtools.sources.files import fault_of, open_file
from cjtools.sources.interviews import (
    CONSENTS,
    Interview,
    Said,
    consent_fault,
    decode_note,
    slip_faults,
    to_participants,
    to_quotes,
)
from cjtools.sources.passages import Passage, read_passages
from cjtools.sources.profiles import key_faults
from cjtools.sources.reader import FileLine, Reader, counted, period_of, read_each, said_in, source_lines, tables_of
from cjtools.tables import Tables

LABEL = re.compile(r"^\s*(?:\*\*|__)(?P<speaker>[^*_\n]{1,80}?)\s*:\s*(?:\*\*|__)\s*:?\s*", re.MULTILINE)
STAMP = re.compile(r"\\?\[(?:\d{1,2}:)?\d{1,2}:\d{2}(?:\.\d+)?\\?\]\s*")
PAUSES = ("break", "pause", "pausa", "pauza", "pauză")


@dataclass(frozen=True)
class Turn:
    """A passage of a transcript: who speaks, whether it goes on from the passage before it."""

    speaker: str
    passage: Passage
    follows: bool


@dataclass(frozen=True)
class Transcript:
    """One file: its turns and its line in the table of sources."""

    turns: tuple[Turn, ...]
    line: FileLine


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is that this is a transcript: paragraphs that begin with a speaker in bold."""
    if file.suffix.lower() not in (".md", ".markdown", ".txt") or b"\0" in head:
        return 0.0
    speakers = Counter(match["speaker"] for match in LABEL.finditer(head.decode("utf-8", errors="replace")))
    return 0.9 if len([name for name, count in speakers.items() if count > 1]) > 1 else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the quotes of some transcripts: of participants, and of interviewers with that role.

    [sources.speakers] says who is who. Participants are called <source>-1, <source>-2 … in order of appearance, or what
    `participant` says when there is one; the speakers' names are masked in every text. Codes in brackets are read too.
    """
    faults = [*key_faults(section, [])]
    if section.consent not in ("", *CONSENTS):
        faults.append(consent_fault(said_in(section, "consent"), section.consent))
    raise_if_any(SourceError, section.path, faults)
    book = code_book(client)
    transcripts = read_each(files, section.path, lambda file: read_transcript(file, section, client, book))
    spoke = list(dict.fromkeys(turn.speaker for each in transcripts for turn in each.turns))
    raise_if_any(SourceError, section.path, list(unknown_speakers(spoke, section)))
    people = [name for name in spoke if section.speakers.get(name) == "participant"]
    names = {name: f"{section.id}-{number}" for number, name in enumerate(people, start=1)}
    if section.participant and len(people) == 1:
        names = {people[0]: section.participant}
    interviews = [to_interview(each, names, section=section, client=client) for each in transcripts]
    quotes, codings = to_quotes(interviews, section=section, client=client)
    participants: list[dict[str, object]] = [
        {
            "participant_id": name,
            "persona": None,
            "language": section.language or client.client.language,
            "interviewed_on": section.date,
            "consent": section.consent or "none",
            "attributes": [],
        }
        for name in names.values()
    ]
    sources = source_lines(
        [each.line for each in transcripts],
        section=section,
        client=client,
        kind="interviews",
        form="transcript",
        family="interview",
    )
    return tables_of(
        sources=sources, quotes=quotes, codings=codings, participants=to_participants(participants, section)
    )


def read_transcript(file: Path, section: SourceSection, client: Client, book: CodeBook) -> Transcript:
    """Return the turns of one file. Raises SourceError when nobody speaks, and for slips in codes."""
    opened = open_file(file, client)
    text, encoding = decode_note(opened, section)
    if not text.strip():
        raise fault_of(opened.name, f"the file is empty ({len(opened.data)} bytes)", "a transcript")
    passages, slips = read_passages(text, book)
    raise_if_any(SourceError, opened.name, list(slip_faults(slips, opened.name)))
    turns: list[Turn] = []
    left_out: Counter[str] = Counter()
    speaker = ""
    for passage in passages:
        source = text[passage.start : passage.end]
        label = LABEL.match(source)
        pause = label is not None and label["speaker"].strip().casefold() in PAUSES
        speaker = label["speaker"].strip() if label and not pause else speaker
        said = bare_passage(passage, label)
        if pause or not speaker or not said.text:
            left_out["breaks" if pause else "empty" if speaker else "no_speaker"] += 1
        else:
            turns.append(Turn(speaker, said, follows=label is None))
    if not turns:
        raise fault_of(
            f"{opened.name} line 1", "no paragraph begins with a speaker", "**Name:** text", what=opened.name
        )
    line = FileLine(
        opened.name,
        opened.sha256,
        rows_in=len(passages),
        rejected=left_out.total(),
        flags=tuple(counted({**left_out, "language_assumed": section.language is None})),
        encoding=encoding,
        period=period_of([section.date]),
    )
    return Transcript(tuple(turns), line)


def bare_passage(passage: Passage, label: re.Match[str] | None) -> Passage:
    """Return a passage without its speaker and its time stamps."""
    words = re.sub(r"^[^:]*:\s*", "", passage.text, count=1) if label else passage.text
    return replace(
        passage,
        text=" ".join(STAMP.sub("", words).split()),
        start=passage.start + (label.end() if label else 0),
        verbatim=True,
    )


def unknown_speakers(spoke: Sequence[str], section: SourceSection) -> Iterator[Fault]:
    """Yield the speakers of whom client.toml does not say who they are, with the lines to add."""
    unknown = [name for name in spoke if name not in section.speakers]
    if unknown:
        lines = ", ".join(f'"{name}" = "participant" or "interviewer"' for name in unknown)
        found = f"speakers that are not listed: {', '.join(map(repr, unknown))}"
        yield Fault(said_in(section, "speakers"), found, "", f"add below [sources.speakers]: {lines}")


def to_interview(each: Transcript, names: Mapping[str, str], *, section: SourceSection, client: Client) -> Interview:
    """Return one transcript as an interview."""
    said = tuple(
        Said(turn.passage, section.speakers[turn.speaker], names.get(turn.speaker), turn.follows) for turn in each.turns
    )
    return Interview(
        each.line.name,
        section.language or client.client.language,
        section.date,
        section.consent or "none",
        "researcher",
        tuple(section.speakers),
        said,
    )


READER = Reader("transcript", "interview", detect, read)
