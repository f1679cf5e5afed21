"""What the head of an interview says of it and of its participant; where it is silent, client.toml says it."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cjtools.client import Client
from cjtools.errors import Fault, cut, nearest
from cjtools.privacy import bare
from cjtools.settings import SourceSection
from cjtools.sources.parsing.codes import code_key, names_of
from cjtools.sources.parsing.front_matter import KEYS, FrontMatter
from cjtools.sources.reader import said_in

CONSENTS = ("none", "internal", "report", "public")
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
class Head:
    """What is known of an interview before its words: `refused` says in one word why it must not be used, if so."""

    participant: str
    day: dt.date | None
    language: str
    consent: str
    persona: str | None
    coder: str
    names: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    refused: str
    flags: dict[str, int]


def read_head(front: FrontMatter, name: str, *, section: SourceSection, client: Client) -> tuple[Head, list[Fault]]:
    """Return what front matter and client.toml say of an interview, and every fault of it.

    An interview without any consent, or whose `retain_until` lies before the end of the wave, is refused.
    """
    entries = {key: entry.text for key, entry in front.entries.items()}
    participant, wrong = participant_of(front, name)
    day, no_day = day_of(front, name, "date", section)
    until, no_until = day_of(front, name, "retain_until", section)
    persona, no_persona = persona_of(front, name, client)
    consent = entries.get("consent") or section.consent
    language = entries.get("language") or section.language
    past = until is not None and until < client.wave.to
    head = Head(
        participant=participant,
        day=day or section.date,
        language=language or client.client.language,
        consent=consent or "none",
        persona=persona,
        coder=entries.get("coder") or "researcher",
        names=tuple(entries.get("name", "").split(",")),
        attributes=attributes_of(front),
        refused="retention_past" if past else "" if consent else "no_consent",
        flags={"language_assumed": language is None, "contact_left_out": sum(key in CONTACT for key in entries)},
    )
    return head, [*wrong, *no_day, *no_until, *no_persona, *head_faults(front, name)]


def participant_of(front: FrontMatter, name: str) -> tuple[str, list[Fault]]:
    """Return the participant's pseudonym as the head says it."""
    entry = front.entries.get("participant")
    if entry is None or PSEUDONYM.match(entry.text):
        return entry.text if entry else "", []
    found = f"participant {cut(entry.text)} is no pseudonym"
    return "", [Fault(f"{name} line {entry.line}", found, "such as P01", "a real name goes under name:")]


def named_elsewhere(file: Path, section: SourceSection, *, alone: bool) -> str:
    """Return the participant's pseudonym from client.toml, for a single file, or from the file's name."""
    if section.participant and alone:
        return section.participant
    return file.stem if re.match(r"^P\d+$", file.stem) else ""


def day_of(front: FrontMatter, name: str, key: str, section: SourceSection) -> tuple[dt.date | None, list[Fault]]:
    """Return a day of the head, if it is there."""
    entry = front.entries.get(key)
    if entry is None or not entry.text:
        return None, []
    try:
        if section.date_format:
            return dt.datetime.strptime(entry.text, section.date_format).date(), []
        if DAY.match(entry.text):
            return dt.date.fromisoformat(entry.text), []
    except ValueError:
        pass
    expected = f"of the form {section.date_format}" if section.date_format else "a day such as 2026-07-08"
    return None, [Fault(f"{name} line {entry.line}", f"{key} {cut(entry.text)} is not a date", expected)]


def persona_of(front: FrontMatter, name: str, client: Client) -> tuple[str | None, list[Fault]]:
    """Return the persona that the researcher gave, by its id or its name in any language."""
    entry = front.entries.get("persona")
    if entry is None or not entry.text:
        return None, []
    known = {label: persona.id for persona in client.personas for label in names_of(persona.id, persona.name)}
    if code_key(entry.text) in known:
        return known[code_key(entry.text)], []
    hint = nearest(entry.text, [persona.id for persona in client.personas]) or "client.toml declares no persona"
    return None, [Fault(f"{name} line {entry.line}", f"{cut(entry.text)} is not a persona", hint)]


def head_faults(front: FrontMatter, name: str) -> Iterator[Fault]:
    """Yield what is wrong with consent and language, keys that are a slip of a known one, a name in the file's name."""
    for key, entry in front.entries.items():
        where = f"{name} line {entry.line}"
        if key == "consent" and entry.text and entry.text not in CONSENTS:
            yield consent_fault(where, entry.text)
        if key == "language" and entry.text and not LANGUAGE.match(entry.text):
            yield Fault(where, f"language {cut(entry.text)} is not a language code", "such as ca, es or en-GB")
        close = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.85)
        if key not in KEYS and close:
            yield Fault(where, f"{cut(key)} is not known here", f"did you mean {close[0]!r}?")
        words = {bare(word) for word in re.findall(r"[^\W\d_]{3,}", entry.text)} if key == "name" else set()
        if words & {bare(word) for word in re.findall(r"[^\W\d_]{3,}", name.rsplit("/", 1)[-1].rsplit(".", 1)[0])}:
            yield Fault(where, "the file's name holds the participant's name", "", "rename the file, such as P01.md")


def attributes_of(front: FrontMatter) -> tuple[tuple[str, str], ...]:
    """Return the keys that describe the participant; ways to reach the person are left out."""
    return tuple(
        (key, entry.text) for key, entry in sorted(front.entries.items()) if key not in KEYS and key not in CONTACT
    )


def section_faults(section: SourceSection) -> Iterator[Fault]:
    """Yield a consent of client.toml that is none."""
    if section.consent not in ("", *CONSENTS):
        yield consent_fault(said_in(section, "consent"), section.consent)


def consent_fault(where: str, value: str) -> Fault:
    """Return the fault of a consent that is none of the four."""
    return Fault(where, f"consent {value!r} is not known", nearest(value, CONSENTS))
