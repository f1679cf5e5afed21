"""Who speaks: the labels at which the turns of a transcript begin, as people and meeting tools write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from cjtools.sources.parsing.role_words import parts_of, role_word
from cjtools.words import fold

Form = Literal["listed", "bold", "timed", "arrow", "plain"]

TIME = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?(?!\d|:\d)"
TO = r"\s*(?:-->|->|→|–|-)\s*"
STAMP = rf"\\?[\[(]\s*{TIME}(?:{TO}{TIME})?\s*\\?[\])]"
LEAD = r"[ \t>]*(?:[-*+•–—][ \t]+)?"
WHEN = rf"(?:(?:{STAMP}|{TIME}(?:{TO}{TIME})?)[ \t]*(?:[-–—][ \t]*)?)?"
AFTER = rf"(?:[ \t]*{STAMP}|[ \t]+{TIME})?"
BOLD = r"(?:\*\*|__)"
REST = rf"[ \t]*(?:{STAMP}[ \t]*)?"

BOLD_LABEL = re.compile(
    rf"^{LEAD}{BOLD}[ \t]*{WHEN}(?P<speaker>[^*_\n]{{1,80}}?){AFTER}[ \t]*"
    rf"(?::[ \t]*{BOLD}[ \t]*:?|{BOLD}{AFTER}[ \t]*:){REST}"
)
TIMED_LABEL = re.compile(
    rf"^{LEAD}{BOLD}?\[?(?P<speaker>[^\W_][^\n\[\]]{{0,58}}?)\]?{BOLD}?[ \t]+"
    rf"[\[(]?{TIME}(?:{TO}{TIME})?[\])]?{BOLD}?[ \t]*(?P<colon>:?)[ \t]*$"
)
PLAIN_LABEL = re.compile(
    rf"^{LEAD}{WHEN}(?:[\[(<](?P<boxed>[^\W_][^\n:*<>\[\]()]{{0,60}})[\])>]|(?P<speaker>[^\W_][^\n:*<>\[\]]{{0,60}}?))"
    rf'{AFTER}[ \t]*:(?=\s|$|[¿¡«“"—–-]){REST}'
)
ARROW = re.compile(r"^\s*\d+:\d+(?::\d+)?[.,]\d+\s*-->\s*\d+:\d+(?::\d+)?[.,]\d+\s*$")
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]")
TIME_ONLY = re.compile(rf"^[ \t*_#]*[\[(]?{TIME}(?:{TO}{TIME})?[\])]?[ \t*_]*$")
ANY_STAMP = re.compile(rf"\\?\[\s*{TIME}(?:{TO}{TIME})?\s*\\?\][ \t]*")
NOTICE = re.compile(
    r"^[\s*_#]*(?:(?:meeting|transcription|recording) (?:ended|stopped) (?:after|at)\b.*"
    r"|this editable transcript was computer generated.*|transcribed by https?://\S+"
    r"|[^:]{1,60} (?:started|stopped) transcription|[^:]{1,60} (?:joined|left) the meeting"
    r"|[^:]{1,60} (?:inició|detuvo|ha iniciado|ha detenido) la transcripción"
    r"|[^:]{1,60} ha (?:iniciat|aturat) la transcripció|[^:]{1,60} ha (?:avviato|interrotto) la trascrizione"
    r"|[^:]{1,60} a (?:pornit|oprit) transcrierea)[\s*_.]*$",
    re.IGNORECASE,
)

WIDEST = 200  # characters at the head of a line among which a label may stand
PAUSES = ("break", "pause", "pausa", "pauza", "pauză")
SMALL = {
    *("de", "del", "dels", "della", "di", "da", "la", "el", "els", "les", "los", "din"),
    *("van", "von", "der", "i", "y", "e", "and", "of", "și"),
}


@dataclass(frozen=True)
class Mark:
    """Where a turn begins, or is interrupted: its line from 1, and the part of the text that nobody says.

    `kind`: a speaker; a pause or a tool's notice, which are rows of their own; a heading, after which nobody speaks.
    """

    line: int
    start: int
    end: int
    speaker: str
    kind: Literal["speaker", "breaks", "notices", "heading"] = "speaker"


@dataclass(frozen=True)
class Candidate:
    """A line that looks like the head of a turn: in which form, and whether a blank line stands before it."""

    mark: Mark
    form: Form
    first: bool


def find_marks(text: str, *, skip: int = 0, listed: Collection[str] = ()) -> list[Mark]:
    r"""Return where the turns of a text begin; `listed` are the speakers that client.toml names.

    Sure are the listed, words such as Interviewer or Entrevistada, names in bold, names with a time. `Name: text` is
    one where names come again, or a name stands once between turns; where turns stand apart, only after a blank line.

    >>> [(mark.line, mark.speaker) for mark in find_marks("Interviewer: How?\nAna: So.\nInterviewer: And?\nAna: Yes.")]
    [(1, 'Interviewer'), (2, 'Ana'), (3, 'Interviewer'), (4, 'Ana')]
    """
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    fixed, candidates = look_over(lines, starts, skip, tuple(sorted(listed, key=len, reverse=True)))
    return sorted([*fixed, *sure_ones(candidates)], key=lambda mark: mark.start)


def look_over(
    lines: Sequence[str], starts: Sequence[int], skip: int, listed: tuple[str, ...]
) -> tuple[list[Mark], list[Candidate]]:
    """Return pauses, notices and headings, and every line that looks like the head of a turn."""
    fixed: list[Mark] = []
    candidates: list[Candidate] = []
    named = named_after_times(lines, skip)
    for number in range(skip, len(lines)):
        line, begin = lines[number], starts[number]
        first = number == skip or not lines[number - 1].strip()
        whole = Mark(number + 1, begin, begin + len(line), "")
        if number in named:
            below = named[number]
            mark = Mark(below + 1, starts[below], starts[below] + len(lines[below]), lines[below].strip())
            candidates.append(Candidate(mark, "arrow", first=True))
        elif len(line) <= WIDEST and NOTICE.match(line):
            fixed.append(replace(whole, kind="notices"))
        elif HEADING.match(line) and not is_time(line):
            fixed.append(replace(whole, end=begin, kind="heading"))
        elif found := label_of(line, listed):
            name, end, form = found
            mark = Mark(number + 1, begin, begin + end, name)
            if fold(name.strip()) in PAUSES:
                fixed.append(replace(mark, kind="breaks"))
            else:
                candidates.append(Candidate(mark, form, first))
    return fixed, candidates


def named_after_times(lines: Sequence[str], skip: int) -> dict[int, int]:
    """Return for each line of two times (0:0:0.0 --> 0:0:1.250) the line below it that holds the speaker's name."""
    found: dict[int, int] = {}
    filled = [number for number in range(skip, len(lines)) if lines[number].strip()]
    for number, below, text in zip(filled, filled[1:], filled[2:], strict=False):
        named = ":" not in lines[below] and is_name(lines[below].strip())
        if named and ARROW.match(lines[number]) and not ARROW.match(lines[text]):
            found[number] = below
    return found


def label_of(line: str, listed: tuple[str, ...]) -> tuple[str, int, Form] | None:
    """Return the speaker with whom a line begins, where the words begin, and the form of the label."""
    if ":" not in line[:WIDEST]:
        return None
    whole, line = line, line[:WIDEST]
    if (pattern := listed_label(listed)) and (match := pattern.match(line)):
        return match["speaker"], match.end(), "listed"
    if match := BOLD_LABEL.match(line):
        return match["speaker"].strip(), match.end(), "bold"
    if whole == line and (match := TIMED_LABEL.match(line)) and is_name(match["speaker"].strip(" ,:-")):
        return match["speaker"].strip(" ,:-"), match.end(), "plain" if match["colon"] else "timed"
    if match := PLAIN_LABEL.match(line):
        name = (match["boxed"] or match["speaker"]).strip()
        return (name, match.end(), "plain") if is_name(name) else None
    return None


@lru_cache(maxsize=8)
def listed_label(listed: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return the form of a label with one of the listed names, whatever stands around it."""
    if not listed:
        return None
    names = "|".join(map(re.escape, listed))
    return re.compile(
        rf"^{LEAD}{BOLD}?{WHEN}[\[(<]?(?P<speaker>{names})[\])>]?"
        rf"(?:{BOLD}?{AFTER}[ \t]*:|{AFTER}[ \t]*:?{BOLD}?[ \t]*$)"
        rf"[ \t]*{BOLD}?[ \t]*{REST}"
    )


def is_time(line: str) -> bool:
    """Say whether a line holds a time, or two, and nothing else."""
    return len(line) <= WIDEST and (TIME_ONLY.match(line) or ARROW.match(line)) is not None


def is_name(text: str) -> bool:
    """Say whether a text may be somebody's name: short, no sentence, and not only numbers.

    >>> [is_name(text) for text in ("Dr. Ana Puig", "admin-1", "I left. Then he said", "12")]
    [True, True, False, False]
    """
    short = 0 < len(text) <= 60 and len(text.split()) <= 7
    sentence = re.search(r"[!?…;@]|//|\.\.|[^\W\d_]{4,}\.(?:\s|$)", text)
    return short and not sentence and re.search(r"[^\W\d_]", text) is not None


def is_proper(name: str) -> bool:
    """Say whether every word of a name is written as names are: a capital, a number, a small word between.

    >>> [is_proper(name) for name in ("Pere de la Torre", "Speaker 2", "por ejemplo")]
    [True, True, False]
    """
    title, *rest = parts_of(name) or [""]
    words = re.findall(r"[^\s,.()'’/-]+", title if rest and len(title.split()) > 1 else name)
    return (
        bool(words)
        and words[0] not in SMALL
        and all(not word[0].islower() or word in SMALL or any(char.isdigit() for char in word) for word in words)
    )


def sure_ones(candidates: Sequence[Candidate]) -> list[Mark]:
    """Return the heads of turns among the lines that look like some.

    Where labels have a form of their own (bold, with a time) a plain colon is but a colon.
    """
    timed = sum(each.form == "timed" for each in candidates) > 1
    certain = {each for each in candidates if is_certain(each, timed=timed)}
    others = [each for each in candidates if each.form == "plain" and each not in certain]
    named = {each.mark.speaker for each in certain}
    if sum(each.form in ("bold", "timed", "arrow") for each in certain) > 1:
        return [each.mark for each in candidates if each in certain or each.mark.speaker in named]
    apart = stands_apart(certain, others)
    placed = [each for each in others if each.first or not apart]
    named |= {name for name, count in again(placed).items() if count > 1}
    turns = [each for each in candidates if each in certain or each.mark.speaker in named]
    if len(turns) < 2:
        return [each.mark for each in turns]
    begin = min(each.mark.line for each in [each for each in turns if each.form == "listed"] or turns)
    once = {each for each in placed if is_proper(each.mark.speaker) and each.mark.line > begin} | set(turns)
    return [each.mark for each in candidates if each in once]


def stands_apart(certain: Iterable[Candidate], others: Sequence[Candidate]) -> bool:
    """Say whether turns have a blank line before them, by those whose names are sure or come again."""
    counts = again(others)
    turns = [*certain, *(each for each in others if counts[each.mark.speaker] > 1)]
    return sum(each.first for each in turns) >= 0.8 * len(turns)


def again(candidates: Iterable[Candidate]) -> Counter[str]:
    """Return how often each name stands at the head of a line."""
    return Counter(each.mark.speaker for each in candidates)


def is_certain(each: Candidate, *, timed: bool) -> bool:
    """Say whether a line is the head of a turn by its form or its word alone."""
    if each.form == "timed":
        return timed
    return each.form != "plain" or role_word(each.mark.speaker) is not None


def blank_marks(text: str, marks: Iterable[Mark], *, skip: int = 0) -> str:
    """Return a text with blanks where labels, notices, pauses and time stamps stand: every place stays where it is."""
    begin = len("\n".join(text.split("\n")[:skip])) if skip else 0
    spans = [(mark.start, mark.end) for mark in marks]
    spans += [match.span() for match in ANY_STAMP.finditer(text, begin)]
    place = begin
    for line in text[begin:].split("\n"):
        if is_time(line):
            spans.append((place, place + len(line)))
        place += len(line) + 1
    letters = list(text)
    for start, end in spans:
        letters[start:end] = ["\n" if letter == "\n" else " " for letter in letters[start:end]]
    return "".join(letters)
