"""Interview notes as people write them: one Markdown or text file an interview, codes in square brackets."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, nearest, raise_if_any
from cjtools.privacy import bare
from cjtools.settings import SourceSection
from cjtools.sources.codes import CodeBook, code_book, code_key, names_of
from cjtools.sources.files import Opened, fault_of, open_file
from cjtools.sources.front_matter import FrontMatter, read_front_matter
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
from cjtools.sources.passages import read_passages
from cjtools.sources.profiles import key_faults
from cjtools.sources.reader import FileLine, Reader, counted, period_of, read_each, source_lines, tables_of
from cjtools.tables import Tables

KEYS = ("participant", "date", "language", "consent", "persona", "name", "coder")
CONTACT = {
    "email",
    "e-mail",
    "mail",
    "phone",
    "telephone",
    "mobile",
    "address",
    "telefon",
    "telefono",
    "correo",
    "correu",
    "dni",
    "iban",
}
PSEUDONYM = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$")
LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Note:
    """One file: its interview, its participant as a row, and its line in the table of sources."""

    interview: Interview
    participant: dict[str, object]
    line: FileLine


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is that this is a note: a head with a participant, or a pseudonym as the file's name."""
    if file.suffix.lower() not in (".md", ".markdown", ".txt") or b"\0" in head:
        return 0.0
    text = head.decode("utf-8", errors="replace").lstrip("\ufeff")
    if re.match(r"---\s*\n(?:[^\n]*\n)*?participant\s*:", text):
        return 0.95
    return 0.85 if re.match(r"^P\d+$", file.stem) else 0.5


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the quotes, codings and participants of some notes.

    Front matter (all keys but `participant` may be missing): participant, date, language, consent, persona, coder, and
    name, which is masked in the text and kept nowhere. Every other key is an attribute of the participant.
    """
    raise_if_any(SourceError, section.path, list(key_faults(section, [])))
    book = code_book(client)
    alone = len(files) == 1
    notes = read_each(files, section.path, lambda file: read_note(file, section, client, book, alone=alone))
    people = [note.participant for note in notes]
    raise_if_any(SourceError, section.path, list(contradictions(notes)))
    unique = {str(row["participant_id"]): row for row in reversed(people)}
    quotes, codings = to_quotes([note.interview for note in notes], section=section, client=client)
    sources = source_lines(
        [note.line for note in notes],
        section=section,
        client=client,
        kind="interviews",
        form="interview_notes",
        family="interview",
    )
    participants = to_participants(list(unique.values()), section)
    return tables_of(sources=sources, quotes=quotes, codings=codings, participants=participants)


def read_note(file: Path, section: SourceSection, client: Client, book: CodeBook, *, alone: bool) -> Note:
    """Return what one note tells. Raises SourceError with every fault of its head and of its codes."""
    opened = open_file(file, client)
    text, encoding = decode_note(opened, section)
    if not text.strip():
        raise fault_of(opened.name, f"the file is empty ({len(opened.data)} bytes)", "notes of an interview")
    head, faults = read_front_matter(text, opened.name)
    passages, slips = read_passages(text, book, skip=head.lines)
    participant, wrong = participant_of(head, opened, file, section, alone=alone)
    day, no_day = day_of(head, opened.name, section)
    persona, no_persona = persona_of(head, opened.name, client)
    faults += [*wrong, *no_day, *no_persona, *head_faults(head, opened.name), *slip_faults(slips, opened.name)]
    raise_if_any(SourceError, opened.name, faults)
    said_language = head.entries["language"].text if "language" in head.entries else section.language
    names = head.entries["name"].text.split(",") if "name" in head.entries else []
    consent = head.entries["consent"].text if "consent" in head.entries else "none"
    interview = Interview(
        opened.name,
        said_language or client.client.language,
        day,
        consent,
        head.entries["coder"].text if "coder" in head.entries else "researcher",
        tuple(names),
        tuple(Said(passage, "participant", participant) for passage in passages),
    )
    return Note(
        interview,
        {
            "participant_id": participant,
            "persona": persona,
            "language": interview.language,
            "interviewed_on": day,
            "consent": consent,
            "attributes": attributes_of(head),
        },
        FileLine(opened.name, opened.sha256, rows_in=len(passages), encoding=encoding, period=period_of([day]),
                 flags=tuple(counted(flags_of(head, said_language, len(passages))))),
    )  # fmt: skip


def participant_of(
    head: FrontMatter, opened: Opened, file: Path, section: SourceSection, *, alone: bool
) -> tuple[str, list[Fault]]:
    """Return the participant's pseudonym: from the head, from client.toml for a single file, or the file's name."""
    entry = head.entries.get("participant")
    if entry is not None:
        if PSEUDONYM.match(entry.text):
            return entry.text, []
        where = f"{opened.name} line {entry.line}"
        return "", [
            Fault(
                where, f"participant {cut(entry.text)} is no pseudonym", "such as P01", "a real name goes under name:"
            )
        ]
    if section.participant and alone:
        return section.participant, []
    if re.match(r"^P\d+$", file.stem):
        return file.stem, []
    step = "begin the file with the lines ---, participant: P01, ---"
    return "", [Fault(f"{opened.name} line 1", "participant is missing", "", step)]


def day_of(head: FrontMatter, name: str, section: SourceSection) -> tuple[dt.date | None, list[Fault]]:
    """Return the day of the interview, if it is known."""
    entry = head.entries.get("date")
    if entry is None or not entry.text:
        return section.date, []
    try:
        if section.date_format:
            return dt.datetime.strptime(entry.text, section.date_format).date(), []
        if DAY.match(entry.text):
            return dt.date.fromisoformat(entry.text), []
    except ValueError:
        pass
    expected = f"of the form {section.date_format}" if section.date_format else "a day such as 2026-07-08"
    return None, [Fault(f"{name} line {entry.line}", f"date {cut(entry.text)} is not a date", expected)]


def persona_of(head: FrontMatter, name: str, client: Client) -> tuple[str | None, list[Fault]]:
    """Return the persona that the researcher gave, by its id or its name in any language."""
    entry = head.entries.get("persona")
    if entry is None or not entry.text:
        return None, []
    known = {label: persona.id for persona in client.personas for label in names_of(persona.id, persona.name)}
    if code_key(entry.text) in known:
        return known[code_key(entry.text)], []
    hint = nearest(entry.text, [persona.id for persona in client.personas]) or "client.toml declares no persona"
    return None, [Fault(f"{name} line {entry.line}", f"{cut(entry.text)} is not a persona", hint)]


def head_faults(head: FrontMatter, name: str) -> Iterator[Fault]:
    """Yield what is wrong with consent and language, keys that are a slip of a known one, a name in the file's name."""
    for key, entry in head.entries.items():
        where = f"{name} line {entry.line}"
        if key == "consent" and entry.text not in CONSENTS:
            yield consent_fault(where, entry.text)
        if key == "language" and not LANGUAGE.match(entry.text):
            yield Fault(where, f"language {cut(entry.text)} is not a language code", "such as ca, es or en-GB")
        close = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.85)
        if key not in KEYS and close:
            yield Fault(where, f"{cut(key)} is not known here", f"did you mean {close[0]!r}?")
        words = {bare(word) for word in re.findall(r"[^\W\d_]{3,}", entry.text)} if key == "name" else set()
        if words & {bare(word) for word in re.findall(r"[^\W\d_]{3,}", name.rsplit("/", 1)[-1].rsplit(".", 1)[0])}:
            yield Fault(where, "the file's name holds the participant's name", "", "rename the file, such as P01.md")


def attributes_of(head: FrontMatter) -> list[dict[str, str]]:
    """Return the keys that describe the participant; ways to reach the person are left out."""
    return [
        {"name": key, "value": entry.text}
        for key, entry in sorted(head.entries.items())
        if key not in KEYS and key not in CONTACT
    ]


def flags_of(head: FrontMatter, language: str | None, passages: int) -> dict[str, int | bool]:
    """Return what a reader of the list of sources should know of a note."""
    return {
        "language_assumed": language is None,
        "contact_left_out": sum(key in CONTACT for key in head.entries),
        "no_passages": passages == 0,
    }


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
