"""Interviews as captions of a recording: WebVTT, SRT and SBV of Teams, Zoom, Meet, YouTube and others."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cjtools.client import Client
from cjtools.errors import SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.files import decode, fault_of, open_file
from cjtools.sources.parsing.cues import VOICE, Cue, form_of, read_cues, voices_of, words_of
from cjtools.sources.parsing.front_matter import FrontMatter
from cjtools.sources.parsing.passages import Passage
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parsing.role_words import role_word
from cjtools.sources.parsing.speakers import is_proper, label_of
from cjtools.sources.reader import Reader, read_each
from cjtools.sources.readers.heads import named_elsewhere, read_head, section_faults
from cjtools.sources.readers.talks import Talk, Turn, talk_tables
from cjtools.tables import Tables

PAUSE = 4000  # milliseconds of silence after which a speaker's words are a passage of their own
LONG, LONGEST = 600, 1500  # characters after which a passage ends with a sentence, or at all
SUFFIXES = (".vtt", ".srt", ".sbv")
FILE_DAY = re.compile(r"(?<!\d)(20\d{2})([-_.]?)(\d{2})\2(\d{2})(?!\d)")


@dataclass(frozen=True)
class Piece:
    """What one speaker says in one cue; `speaker` is None when the cue does not say who."""

    cue: Cue
    speaker: str | None
    text: str


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is that these are captions: by their first lines, or by the file's name alone."""
    form = form_of(head.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n"))
    return 0.98 if form else 0.85 if file.suffix.lower() in SUFFIXES else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the quotes of some captions: the cues that one speaker says one after the other are one passage.

    [sources.speakers] says who is who, as for transcripts. Captions that name nobody are all of the participant of
    `participant`, or of the file's name (P01.vtt). A row is a cue; those that go on are merged into the first.
    """
    raise_if_any(SourceError, section.path, [*key_faults(section, []), *section_faults(section)])
    alone = len(files) == 1
    talks = read_each(files, section.path, lambda file: read_captions(file, section, client, alone=alone))
    return talk_tables(talks, section=section, client=client, form="captions")


def read_captions(file: Path, section: SourceSection, client: Client, *, alone: bool) -> Talk:
    """Return the turns of one file. Raises SourceError for a file that holds no captions, or names nobody."""
    opened = open_file(file, client)
    raw, encoding = decode(opened, section.encoding)
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    form = form_of(text)
    if not form:
        expected = "WEBVTT, or numbers and times such as 00:00:01,000 --> 00:00:02,000"
        raise fault_of(opened.name, "no captions", expected)
    cues = read_cues(text, form)
    language = re.search(r"^Language:[ \t]*([A-Za-z-]{2,12})[ \t]*$", text[:400], re.MULTILINE)
    said = section if section.language or not language else section.model_copy(update={"language": language[1]})
    head, faults = read_head(FrontMatter({}, 0), opened.name, section=said, client=client)
    raise_if_any(SourceError, opened.name, faults)
    pieces, fates, unlabelled = told_pieces(cues, section)
    if not any(piece.speaker for piece in pieces) and pieces:
        participant = named_elsewhere(file, section, alone=alone)
        if not participant:
            step = (
                'add participant = "P01" to this source when it is all one person, else names in the file (Ana: text)'
            )
            raise fault_of(opened.name, "nobody is named in these captions", "", step)
        pieces = [replace(piece, speaker=participant) for piece in pieces]
        head = replace(head, participant=participant)
    day = head.day or day_of_name(file.name)
    turns, more = to_turns(pieces)
    return Talk(
        opened.name,
        opened.sha256,
        encoding,
        replace(head, day=day),
        tuple(turns),
        one_fate_each([*fates, *more], begun={turn.passage.line for turn in turns}),
        rows_in=len(cues),
        flags={"unlabelled": unlabelled, "no_cues": not cues, "day_of_file_name": day != head.day},
    )


def one_fate_each(fates: Sequence[tuple[int, str, str]], *, begun: Collection[int]) -> tuple[tuple[int, str, str], ...]:
    """Return one fate a cue, by its line: one of which any part begins a passage is used, any part merged is merged."""
    first: dict[int, tuple[int, str, str]] = {}
    for fate in sorted(fates, key=lambda fate: (fate[0], fate[1] != "merged", fate[2])):
        first.setdefault(fate[0], fate)
    return tuple(fate for line, fate in sorted(first.items()) if line not in begun)


def day_of_name(name: str) -> dt.date | None:
    """Return the day that a file's name holds, when it holds one.

    >>> day_of_name("GMT20260504-100203_Recording.transcript.vtt")
    datetime.date(2026, 5, 4)
    """
    days = set()
    for year, _, month, day in FILE_DAY.findall(name):
        try:
            days.add(dt.date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return days.pop() if len(days) == 1 else None


def told_pieces(cues: Sequence[Cue], section: SourceSection) -> tuple[list[Piece], list[tuple[int, str, str]], int]:
    """Return what is said with who says it, the cues of which nothing is said, and how many go on without a name.

    A cue without a label goes on with the speaker before it where speakers stand as `Name: text`. Where they stand as
    marks of voices, it does so within the same block only.
    """
    marked = any(VOICE.search(line) for cue in cues for line in cue.lines)
    spoken = [cue for cue in cues if not cue.why]
    pieces = [piece for cue in spoken for piece in (voices(cue) if marked else labelled(cue, section))]
    if not marked:
        pieces = sure_speakers(pieces, section)
    nobody = not any(piece.speaker for piece in pieces)
    fates = [(cue.line, "merged" if cue.why == "rolling" else "rejected", cue.why) for cue in cues if cue.why]
    told: list[Piece] = []
    unlabelled = 0
    for piece in pieces:
        before = told[-1] if told else None
        speaker = piece.speaker
        if speaker is None and before is not None:
            same = before.cue is piece.cue or (before.cue.block == piece.cue.block != "")
            speaker = before.speaker if same or not marked else None
            unlabelled += speaker is not None and not same
        if speaker is None and not nobody:
            fates.append((piece.cue.line, "rejected", "no_speaker"))
        else:
            told.append(replace(piece, speaker=speaker))
    return told, fates, unlabelled


def voices(cue: Cue) -> Iterator[Piece]:
    """Yield what each voice mark of a cue says."""
    for name, text in voices_of(cue.lines):
        yield Piece(cue, name, text)


def labelled(cue: Cue, section: SourceSection) -> Iterator[Piece]:
    """Yield the lines of a cue, with the speaker with whom a line may begin."""
    for line in map(words_of, cue.lines):
        found = label_of(line, longest_first(section.speakers))
        yield Piece(cue, found[0] if found else None, line)


def longest_first(names: Iterable[str]) -> tuple[str, ...]:
    """Return names so that none is taken for a shorter one with which it begins."""
    return tuple(sorted(names, key=len, reverse=True))


def sure_speakers(pieces: Sequence[Piece], section: SourceSection) -> list[Piece]:
    """Return pieces of which only those have a speaker that surely have one; the label goes from their words.

    Sure are listed names and words for a role; other names where half of the cues have one, or when they come again
    among listed ones.
    """
    counts = Counter(piece.speaker for piece in pieces if piece.speaker)
    cues = len({piece.cue.line for piece in pieces})
    most = 2 * len({piece.cue.line for piece in pieces if piece.speaker}) >= cues
    listed = any(name in section.speakers for name in counts)

    def is_sure(name: str) -> bool:
        told = name in section.speakers or role_word(name) is not None
        return told or (is_proper(name) and most) or (counts[name] > 1 and (most or listed))

    result: list[Piece] = []
    for piece in pieces:
        if piece.speaker and is_sure(piece.speaker):
            found = label_of(piece.text, longest_first(section.speakers))
            result.append(replace(piece, text=piece.text[found[1] :].strip() if found else piece.text))
        else:
            result.append(replace(piece, speaker=None))
    return [piece for piece in result if piece.text]


def to_turns(pieces: Sequence[Piece]) -> tuple[list[Turn], list[tuple[int, str, str]]]:
    """Return the passages of a talk, and the cues that were merged into one that began before."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        if groups and goes_on(groups[-1], piece):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    turns = [
        Turn(str(group[0].speaker), passage_of(group), before is not None and before[-1].speaker == group[0].speaker)
        for before, group in zip([None, *groups], groups, strict=False)
    ]
    first = {group[0].cue.line for group in groups}
    merged = dict.fromkeys(piece.cue.line for piece in pieces if piece.cue.line not in first)
    return turns, [(line, "merged", "same_turn") for line in merged]


def goes_on(group: Sequence[Piece], piece: Piece) -> bool:
    """Say whether a piece belongs to the passage before it: the same speaker, no long pause, not too long already."""
    last = group[-1]
    length = sum(len(each.text) for each in group)
    full = length > LONGEST or (length > LONG and re.search(r"[.!?…]['\"»”)]*$", last.text) is not None)
    return piece.speaker == last.speaker and not full and piece.cue.start - last.cue.end < PAUSE


def passage_of(group: Sequence[Piece]) -> Passage:
    """Return the words of some pieces as one passage, at the line of its first cue."""
    first, last = group[0].cue, group[-1].cue
    text = " ".join(piece.text for piece in group)
    return Passage(text, first.text_start, max(first.text_start, last.text_end), first.line, True, None, None)


READER = Reader("captions", "interview", detect, read)
