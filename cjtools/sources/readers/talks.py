"""Talks of several speakers as tables: who is a participant, who asks, whose words are left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.parsing.passages import Passage
from cjtools.sources.parsing.role_words import is_code, real_names, role_word
from cjtools.sources.reader import FileLine, counted, period_of, said_in, source_lines, tables_of
from cjtools.sources.readers.heads import Head
from cjtools.sources.readers.interviews import (
    Interview,
    Said,
    left_out_of,
    participant_row,
    private_flags,
    to_participants,
    to_quotes,
    without_introductions,
)
from cjtools.tables import Tables


@dataclass(frozen=True)
class Turn:
    """A passage of a talk: who speaks, whether it goes on from the passage before it."""

    speaker: str
    passage: Passage
    follows: bool


@dataclass(frozen=True)
class Talk:
    """One file: its turns, and its rows that are left out, with fate and reason; `rows_in` counts all of them."""

    name: str
    sha256: str
    encoding: str
    head: Head
    turns: tuple[Turn, ...]
    left_out: tuple[tuple[int, str, str], ...]
    rows_in: int
    flags: Mapping[str, int]


def talk_tables(talks: Sequence[Talk], *, section: SourceSection, client: Client, form: str) -> Tables:
    """Return the declared tables of some talks. Raises SourceError for speakers of whom nothing says who they are."""
    roles = {(talk.name, turn.speaker): role_of(turn.speaker, talk, section) for talk in talks for turn in talk.turns}
    spoke = dict.fromkeys(speaker for (_, speaker), role in roles.items() if role is None)
    raise_if_any(SourceError, section.path, list(unknown_speakers(spoke, section)))
    people = participants_of(talks, roles, section)
    lines, interviews, left_out = [], [], []
    for talk in talks:
        interview, names = without_introductions(to_interview(talk, roles, people))
        fates = fates_of(talk, roles)
        left_out += [(talk.name, *fate) for fate in fates]
        lines.append(file_line(talk, fates, private_flags(interview, names)))
        interviews += [] if talk.head.refused else [interview]
    quotes, codings = to_quotes(interviews, section=section, client=client)
    rows = {
        person: participant_row(person, talk.head)
        for talk in reversed(talks)
        for (name, _), person in people.items()
        if name == talk.name and not talk.head.refused
    }
    order = dict.fromkeys(person for person in people.values() if person in rows)
    return tables_of(
        sources=source_lines(lines, section=section, client=client, kind="interviews", form=form, family="interview"),
        left_out=left_out_of(left_out, section),
        quotes=quotes,
        codings=codings,
        participants=to_participants([rows[person] for person in order], section),
    )


def role_of(speaker: str, talk: Talk, section: SourceSection) -> str | None:
    """Return who a speaker is: as client.toml says, as the file's head does, as the label itself does."""
    if speaker in section.speakers:
        return section.speakers[speaker]
    return "participant" if speaker and speaker == talk.head.participant else role_word(speaker)


def unknown_speakers(spoke: Iterable[str], section: SourceSection) -> Iterator[Fault]:
    """Yield the speakers of whom nothing says who they are, with the lines to add to client.toml."""
    unknown = list(spoke)
    if unknown:
        lines = ", ".join(f'"{name}" = "participant" or "interviewer"' for name in unknown)
        found = f"speakers that are not listed: {', '.join(map(repr, unknown))}"
        yield Fault(said_in(section, "speakers"), found, "", f"add below [sources.speakers]: {lines}")


def participants_of(
    talks: Sequence[Talk], roles: Mapping[tuple[str, str], str | None], section: SourceSection
) -> dict[tuple[str, str], str]:
    """Return the pseudonym of each participant by file and label.

    The head of the file decides, then `participant` of client.toml, then a label that is a pseudonym itself; others are
    numbered. A name is the same person in every file; a label such as Respondent or FF is so within its file only.
    """
    heads = {talk.name: talk.head.participant or section.participant for talk in talks}
    people: dict[tuple[str, str], str] = {}
    numbered: dict[tuple[str, str], str] = {}
    for (file, speaker), role in roles.items():
        if role != "participant":
            continue
        pseudonym = heads[file] or (speaker if re.match(r"^P\d+$", speaker) else "")
        if not pseudonym:
            person = (file if is_code(speaker) else "", speaker)
            pseudonym = numbered.setdefault(person, f"{section.id}-{len(numbered) + 1}")
        people[file, speaker] = pseudonym
    return people


def to_interview(
    talk: Talk, roles: Mapping[tuple[str, str], str | None], people: Mapping[tuple[str, str], str]
) -> Interview:
    """Return one talk as an interview of those whose words are used."""
    said = tuple(
        Said(turn.passage, str(role), people.get((talk.name, turn.speaker)), turn.follows)
        for turn in talk.turns
        if (role := roles[talk.name, turn.speaker]) != "other"
    )
    names = tuple(name for turn in talk.turns for name in real_names(turn.speaker))
    head = talk.head
    masked = (*head.names, *dict.fromkeys(names))
    return Interview(talk.name, head.language, head.day, head.consent, head.coder, masked, said)


def fates_of(talk: Talk, roles: Mapping[tuple[str, str], str | None]) -> list[tuple[int, str, str]]:
    """Return the rows of a talk that are not used: all of them when it must not be used at all."""
    others = [
        (turn.passage.line, "rejected", "other_speaker")
        for turn in talk.turns
        if roles[talk.name, turn.speaker] == "other"
    ]
    refused = [
        (turn.passage.line, "rejected", talk.head.refused)
        for turn in talk.turns
        if talk.head.refused and roles[talk.name, turn.speaker] != "other"
    ]
    return [*talk.left_out, *others, *refused]


def file_line(talk: Talk, fates: Sequence[tuple[int, str, str]], private: Mapping[str, int]) -> FileLine:
    """Return what became of the rows of one talk."""
    counts = Counter(fate for _, fate, _ in fates)
    flags = {
        **Counter(why for _, _, why in fates),
        **talk.head.flags,
        **talk.flags,
        **({} if talk.head.refused else private),
    }
    return FileLine(
        talk.name,
        talk.sha256,
        rows_in=talk.rows_in,
        rejected=counts["rejected"],
        merged=counts["merged"],
        flags=tuple(counted(flags)),
        encoding=talk.encoding,
        period=period_of([talk.head.day]),
    )
