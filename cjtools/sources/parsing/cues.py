"""Captions (WebVTT, SRT, SBV) as cues with their places in the file; what a player would not show is told of."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import webvtt

CLOCK = r"(?:\d+:)?\d{1,3}:\d{1,3}[.,]\d{1,9}"
ARROW = re.compile(rf"^\s*({CLOCK})\s*-->\s*({CLOCK})")
SBV = re.compile(r"^\s*(\d+:\d{1,2}:\d{1,2}\.\d{1,3}),(\d+:\d{1,2}:\d{1,2}\.\d{1,3})\s*$")
TAGS = re.compile(r"</?(?:c|i|b|u|v|lang|ruby|rt|font)(?:[.\s][^>]*)?>|<\d[\d:.,]*>|\{\\[^{}]*\}", re.IGNORECASE)
VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
MOST_BROKEN = 50  # cues at the head of a file that may be broken before it is given up
ROLLING = 50  # milliseconds between two cues of which the second scrolls the first upwards


@dataclass(frozen=True)
class Cue:
    """One cue: the line of its times, when it is shown (milliseconds), its text by speaker, its place in the file.

    `why` says in one word why it has no text of its own: broken, without text, or the lines before it again.
    """

    line: int
    start: int = 0
    end: int = 0
    block: str = ""
    lines: tuple[str, ...] = ()
    text_start: int = 0
    text_end: int = 0
    why: str = ""


def form_of(text: str) -> str:
    r"""Return what captions a text holds by its first lines: vtt, srt, sbv, or nothing.

    >>> form_of("WEBVTT\n\n"), form_of("1\n00:00:01,000 --> 00:00:02,000\n"), form_of("0:00:01.000,0:00:02.000\n")
    ('vtt', 'srt', 'sbv')
    """
    lines = [line for line in text[:4096].lstrip("\ufeff \n\r\t").split("\n") if line.strip()]
    if lines and re.match(r"WEBVTT(?:\s|$)", lines[0]):
        return "vtt"
    if any(ARROW.match(line) for line in lines[: 2 if lines and lines[0].strip().isdigit() else 1]):
        return "srt"
    return "sbv" if lines and SBV.match(lines[0]) else ""


def read_cues(text: str, form: str) -> list[Cue]:
    r"""Return every cue of a text in its order, also those that are broken, as rows of the file.

    >>> [(cue.line, cue.start, cue.lines) for cue in read_cues("WEBVTT\n\n00:01.500 --> 00:02.000\nHola\n", "vtt")]
    [(3, 1500, ('Hola',))]
    """
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    known = list(captions_of(lines, form))
    times = SBV if form == "sbv" else ARROW
    cues: list[Cue] = []
    for number, line in enumerate(lines):
        if times.match(line) or (form != "sbv" and "-->" in line):
            caption = known[0] if known else None
            if caption is None or not is_that(caption, line, lines[number + 1 : number + 2], times):
                cues.append(Cue(number + 1, why="bad_cue"))
                continue
            known.pop(0)
            above = lines[number - 1].strip() if number else ""
            last = min(number + len(caption.lines), len(lines) - 1)
            end = starts[last] + len(lines[last])
            cues.append(
                Cue(
                    number + 1,
                    caption.start_time.in_milliseconds(),
                    caption.end_time.in_milliseconds(),
                    above.rpartition("-")[0] if "/" in above else "",
                    tuple(caption.lines),
                    starts[number + 1],
                    end,
                )
            )
    return without_repeats(cues)


def captions_of(lines: Sequence[str], form: str) -> Iterator[webvtt.Caption]:
    """Yield the captions as webvtt-py reads them; SRT without numbers, and commas in WebVTT, are read as WebVTT."""
    first = next((line for line in lines if line.strip()), "")
    if form == "srt" and not first.strip().isdigit():
        form, lines = "vtt", ["WEBVTT", "", *lines]
    if form == "vtt":
        lines = [ARROW.sub(lambda match: match.group().replace(",", "."), line) for line in lines]
    for begin in itertools.islice(block_starts(lines), MOST_BROKEN):
        try:
            read = webvtt.from_buffer((f"{line}\n" for line in lines[begin:]), format=form)
        except (webvtt.errors.MalformedFileError, StopIteration):
            continue  # the first cue is broken, and webvtt-py reads nothing after it; or there is none at all
        yield from read.captions
        return


def block_starts(lines: Sequence[str]) -> Iterator[int]:
    """Yield the lines at which something stands after nothing."""
    for number, line in enumerate(lines):
        if line.strip() and not (number and lines[number - 1].strip()):
            yield number


def is_that(caption: webvtt.Caption, line: str, below: Sequence[str], times: re.Pattern[str]) -> bool:
    """Say whether a caption stands at a line of the file: the same first words, the same times."""
    first = caption.lines[0] if caption.lines else ""
    match = times.match(line)
    if match is None or (first.strip() != "".join(below).strip() and "-->" not in "".join(below)):
        return False
    seconds = (caption.start_time.in_seconds() % 60, caption.end_time.in_seconds() % 60)
    return seconds == (second_of(match[1]), second_of(match[2]))


def second_of(clock: str) -> int:
    """Return the seconds of a clock's last minute, by which two cues with the same words are told apart."""
    return int(re.split(r"[.,]", clock)[0].rsplit(":", 1)[-1]) % 60


def without_repeats(cues: Sequence[Cue]) -> list[Cue]:
    """Return cues without empty ones and, in captions that roll upwards, without the lines that were there before.

    They roll when a third of the cues begin, at once, with the lines that the cue before ended with, and some add one.
    """
    shown = [replace(cue, lines=tuple(filter(None, map(str.rstrip, cue.lines)))) for cue in cues]
    plain = [tuple(filter(None, (words_of(line) for line in cue.lines))) for cue in shown]
    kept = [place for place, cue in enumerate(shown) if not cue.why and plain[place]]
    again = {
        place: repeated(plain[before], plain[place])
        for before, place in itertools.pairwise(kept)
        if abs(shown[place].start - shown[before].end) <= ROLLING
    }
    hits = sum(count > 0 for count in again.values())
    scrolled = any(0 < count < len(plain[place]) for place, count in again.items())
    rolls = scrolled and hits * 3 >= len(kept) and not any(VOICE.search(line) for cue in shown for line in cue.lines)
    return [
        cue if cue.why
        else replace(cue, lines=(), why="no_text") if not plain[place]
        else rolled(cue, plain[place], again.get(place, 0)) if rolls
        else cue
        for place, cue in enumerate(shown)
    ]  # fmt: skip


def rolled(cue: Cue, lines: tuple[str, ...], count: int) -> Cue:
    """Return a cue without its first lines, which were there before."""
    rest = lines[count:]
    return replace(cue, lines=rest, why="" if rest else "rolling")


def repeated(before: Sequence[str], now: Sequence[str]) -> int:
    """Return with how many of the last lines before some lines begin.

    >>> repeated(["so", "this"], ["this", "is new"])
    1
    """
    return max(
        (count for count in range(1, min(len(before), len(now)) + 1) if tuple(before[-count:]) == tuple(now[:count])),
        default=0,
    )


def words_of(text: str) -> str:
    r"""Return the words of a line of captions without its marks.

    >>> words_of(r"<i>Hola</i><00:01.000> &amp; adéu {\an8}")
    'Hola & adéu'
    """
    return " ".join(html.unescape(TAGS.sub("", text)).split())


def voices_of(lines: Sequence[str]) -> list[tuple[str | None, str]]:
    """Return the texts of a cue with the names that its voice marks give them.

    >>> voices_of(["<v Ana Puig>Hola</v>", "<v Bo>Hey"])
    [('Ana Puig', 'Hola'), ('Bo', 'Hey')]
    """
    before, *rest = VOICE.split("\n".join(lines))
    found = [(None, words_of(before)), *zip(map(words_of, rest[::2]), map(words_of, rest[1::2]), strict=True)]
    return [(name, text) for name, text in found if text]
