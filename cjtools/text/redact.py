"""Masks what tells who somebody is: identifiers with a form, names that are registered; and asks about other names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from cjtools.privacy import BETWEEN, CAPITAL, INTRODUCED, MASK, bare
from cjtools.text.identifiers import Span, find_identifiers
from cjtools.text.spans import free, plain, stand
from cjtools.text.streets import ENGLISH_KINDS, KINDS

# A text without any of these holds no identifier, and most texts do not: six digits; an @, spelled or not; a link; a
# plate in capitals; or one digit and a word that speaks of a street, a birth or a plate. Accents are gone before.
WORDS = (
    r"nasc|naix|neix|nac[ei]|\bnat[oa]|nast|birth|born|\bdob|d\.o\.b|ddn|fdn|nac\.|faig|cumpl|compl|compi|implin|anivers|ziua"
    r"|matric|targ|plate|reg|numarul|placut|cotxe|moto|furgo|coche|carro|auto|macchin|masin|\bcar\b|\bvan\b|vehic|veicol"
)
TELLING = (
    rf"(?:\d\D*){{6}}|@|[\w-]/[\w@]|(?i:https?:|www\.|\b(?:at|arroba|chiocciola|a ?rond)\b|\bs/n\b|\bsnc\b)|::"
    r"|\b[A-Z]{1,2}[ -]?\d{2,4}[ -]?[A-Z]{1,3}\b|\b\d{4}[ -]?[A-Z]{3}\b"
    rf"|(?i:\d.*\b{ENGLISH_KINDS}\b|\b{KINDS}.*\d|(?:{WORDS}).*\d|\d.*(?:{WORDS}))"
)
JOINED = re.compile(r"[^\W\d_]+(?:['.·_-]{1,2}[^\W\d_]+)*")
PART = re.compile(r"[^\W\d_]+")
SHORTEST_NAME = 3
# Joints of two parts of a name, and how far apart its words stand.
JOINT = re.compile(r"[\s'._-]{1,3}")


@dataclass(frozen=True)
class Redacted:
    """A text without what was masked, and where each mask lay in the text before, in order."""

    text: str
    masked: tuple[Span, ...] = ()

    def place(self, before: int) -> int:
        """Return where a place of the text before lies now; within what was masked, the mask's first character.

        >>> redacted = redact_text("Truqui al 612 345 678, gràcies")
        >>> redacted.text, redacted.text[redacted.place(21) :]
        ('Truqui al ▮▮▮, gràcies', ', gràcies')
        """
        moved = before
        for span in self.masked:
            if before >= span.end:
                moved += len(MASK) - (span.end - span.start)
            elif before > span.start:
                return moved - (before - span.start)
        return moved


def redact_text(text: str, *, names: Iterable[str] = ()) -> Redacted:
    """Return a text with identifiers and registered names masked, and places kept in step.

    `names` are those of registered participants and staff: they are found in any case, without accents, with 's, with
    or without hyphen and apostrophe, each whole word of three letters or more; shorter ones beside another word of the
    same name. A name that is also a word of the language (Rosa, Grace, Mar) is masked wherever the word stands: whoever
    registers it accepts that "la rosa del catàleg" loses its flower, because a name that is shown cannot be taken back.
    Other names are not promised: see suggest_names.

    >>> redact_text("La MERCE, de Vic: ana@mail.example", names=["Mercè Puig"]).text
    'La ▮▮▮, de Vic: ▮▮▮'
    """
    taken = bytearray(len(text))
    inside = sorted(span for span in (*find_identifiers(text), *named(text, names)) if free(taken, span))
    pieces, last = [], 0
    for span in inside:
        pieces += [text[last : span.start], MASK]
        last = span.end
    return Redacted("".join([*pieces, text[last:]]), tuple(inside))


def named(text: str, names: Iterable[str]) -> list[Span]:
    """Return where the words of registered names stand in a text."""
    words, short = name_words(tuple(names))
    if not words:
        return []
    read = plain(text)
    sure = [span for found in JOINED.finditer(read) for span in named_within(found, words)]
    return stand(text, read, sorted([*sure, *beside(read, sure, short)]) if short else sure)


def named_within(found: re.Match[str], words: frozenset[str]) -> Iterator[Span]:
    """Yield the names in words that are joined by hyphens and the like: the longest first, what is left after."""
    parts = list(PART.finditer(found.string, found.start(), found.end()))
    first = 0
    while first < len(parts):
        # No name has more parts: a line of hyphens costs no more than its length.
        for last in range(min(len(parts), first + 6) - 1, first - 1, -1):
            if bare("".join(part.group() for part in parts[first : last + 1])) in words:
                yield Span(parts[first].start(), parts[last].end(), "name")
                first = last
                break
        first += 1


def beside(read: str, sure: list[Span], short: frozenset[str]) -> Iterator[Span]:
    """Yield the words of one and two letters that belong to a name and stand beside a word that is masked."""
    ends, starts = {span.end for span in sure}, {span.start for span in sure}
    for found in PART.finditer(read):
        if len(found.group()) < SHORTEST_NAME and bare(found.group()) in short:
            after, lead = JOINT.match(read, found.end()), read[max(0, found.start() - 3) : found.start()]
            close = (found.start() - n for n in range(1, len(lead) + 1) if JOINT.fullmatch(lead[-n:]))
            if (after and after.end() in starts) or any(place in ends for place in close):
                yield Span(found.start(), found.end(), "name")


@lru_cache(maxsize=64)
def name_words(names: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words of names that are looked for, without case, accents and joints; and those that are too short."""
    read = [plain(name) for name in names]
    whole = [re.sub(r"[\W\d_]", "", word) for name in read for word in (name, *name.split())]
    parts = [part for name in read for part in PART.findall(name)]
    small = {"de", "di", "da", "do", "d", "i", "y", "e", "la", "le", "el", "al", "lo", "en", "na", "of"}
    return (
        frozenset(bare(word) for word in (*whole, *parts) if len(word) >= SHORTEST_NAME) - BETWEEN,
        frozenset(bare(part) for part in parts if len(part) < SHORTEST_NAME) - small,
    )


def redact(text: pl.Expr) -> pl.Expr:
    """Return texts with identifiers masked: each distinct text once, and only those that could hold one.

    Names are not found this way: those of registered participants are masked where they are read.

    >>> pl.DataFrame({"t": ["escriu a ana@mail.example o al +34 600 000 000"]}).select(redact(pl.col("t"))).item()
    'escriu a ▮▮▮ o al ▮▮▮'
    """
    return text.map_batches(redact_series, return_dtype=pl.String, is_elementwise=True)


def redact_series(texts: pl.Series) -> pl.Series:
    """Return a column of texts with identifiers masked."""
    each = texts.unique().drop_nulls()
    read = each.str.normalize("NFKD").str.replace_all(r"[\p{M}\p{Cf}]", "")
    telling = each.filter(read.str.contains(f"(?s){TELLING}"))
    changed = {text: masked for text in telling for masked in [redact_text(text).text] if masked != text}
    return texts.replace(changed) if changed else texts


# Words before a name, in the kit's languages: how somebody is called, who is related to whom, who speaks.
BEFORE = (
    r"senyor[aes]?|sr[ae]?s?|don|doña|dona|en|na|señor(?:a|es|as)?|signor[ae]?|sig\.(?:ra)?|dott(?:or|oressa)?|dr"
    r"|doctora?|doamnei?|domnul(?:ui)?|dl|dna|mr|mrs|ms|miss|mister|sir|madam"
    r"|segons|según|secondo|potrivit(?: lui)?|according to|amb|con|cu|with|entrevista(?:da|do|t)?|intervist[aă]\w*"
    r"|interviu|interview|interviewee|signat|firmado|firmato|semnat|signed|diu|dice|comenta|spune|zice|says|said"
    r"|meva \w+|meu \w+|mi \w+|mio \w+|mia \w+|my \w+|soțul meu|soția mea|fiul meu|fiica mea|soc|sóc|soy|sono|sunt"
    r"|this is|i am|i'm|a|la|el|l'"
)
# The small words within a name; "i" and "y" stand only before its last word, elsewhere they join two people.
WITHIN = r"(?:(?:de|del|dels|de la|della|di|da|van|von)\s+)?"
# Longer words are no names, and would be read again from each of their capitals.
NAME = CAPITAL.removesuffix("+") + "{1,40}"
WHOLE = rf"{NAME}(?:\s+{WITHIN}{NAME}){{0,3}}?"
ENDED = rf"(?:\s+[iy]\s+{NAME}\b(?!\s+{NAME}))?\b(?!\s+{WITHIN}{NAME})"
CALLED = re.compile(rf"(?:(?i:\b(?:{BEFORE}))[\s.:,’']+(?:(?:a|la|el|en|na|lui|di|de|cu)\s+)?)(?P<name>{WHOLE}{ENDED})")
FULL = re.compile(rf"(?P<name>{NAME}(?:\s+{WITHIN}{NAME}){{1,3}}(?:\s+[iy]\s+{NAME}\b(?!\s+{NAME}))?)")
SIGN = re.compile(r"\d|\b[A-Z]{2,}\b")
SPEAKS = re.compile(
    rf"(?P<name>{NAME})\s+(?i:diu|va dir|dice|dijo|comenta|ha detto|zice|spune|a spus|says|said|told)\b"
)


def suggest_names(text: str) -> list[Span]:
    """Return what may be a person's name, for a person to decide; none is masked by this, and none is promised.

    Cues in the five languages: introductions, titles, relatives, who speaks, two and more capitalised words. A text
    wholly in capitals or small letters shows none.

    >>> [(span.start, span.end) for span in suggest_names("Parli amb la senyora Vilaseca, sisplau.")]
    [(21, 29)]
    """
    taken = bytearray(len(text))
    for span in find_identifiers(text):
        free(taken, span)
    return sorted(
        span for span in maybe_names(text) if not SIGN.search(text[span.start : span.end]) and free(taken, span)
    )


def maybe_names(text: str) -> Iterator[Span]:
    """Yield what a cue says may be a name, the surer cues first."""
    for pattern in (INTRODUCED, CALLED, SPEAKS, FULL):
        for match in pattern.finditer(text):
            group = next(name for name in ("name", "full") if name in match.groupdict() and match[name])
            yield Span(match.start(group), match.end(group), "name")
