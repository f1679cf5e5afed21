"""Word lists by language: what words, idioms and emoji say of a feeling, and what turns or strengthens it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import NamedTuple

from cjtools.settings import LANGUAGES
from cjtools.words import unaccented

# A word with its apostrophe is two: "m'encanta", "dell'ordine", "don't" keep what follows or what comes before.
TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)*|n't|[.,;:!?…]+")
APOSTROPHE = re.compile(r"[’ʼ`´]")
# What any typed face holds: most texts have none of it, and need not be searched for faces.
FACE = re.compile(r"[:;<^\\|]|-_|[xX]D")
# Halves of a pair are left as they are: alone they are no letters.
ESCAPED = re.compile(r"\\u((?!d[89a-f])[0-9a-f]{4})", re.IGNORECASE)
SHORTENED = re.compile(r"n't\b")
SHORTEST_STEM = 3


class Token(NamedTuple):
    """A word or a mark of a folded text, and where it begins and ends."""

    text: str
    at: int
    end: int


@dataclass(frozen=True)
class Phrase:
    """An idiom: its words as tokens of a folded text, whether the last one is but a beginning, what it says."""

    tokens: tuple[str, ...]
    open: bool
    value: float

    def begins(self, tokens: Sequence[Token], place: int) -> bool:
        """Say whether it stands in a text from a token on; what is apart by more than a blank is none."""
        last = len(self.tokens) - 1
        if place + last >= len(tokens):
            return False
        for step, wanted in enumerate(self.tokens):
            token = tokens[place + step]
            if token.text != wanted and not (self.open and step == last and token.text.startswith(wanted)):
                return False
            if step and token.at - tokens[place + step - 1].end > 1:
                return False
        return True


@dataclass(frozen=True)
class Lexicon:
    """The word list of one language, folded: no case, no accents."""

    language: str
    words: Mapping[str, float]
    stems: Mapping[str, float]
    negations: frozenset[str]
    intensifiers: Mapping[str, float]
    turns: frozenset[str]
    questions: re.Pattern[str]
    suggestions: re.Pattern[str]
    phrases: Mapping[str | tuple[str, str], Sequence[Phrase]]
    known: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def value(self, word: str) -> float:
        """Return what a folded word says by itself, −3 to +3; 0 when nothing is known of it."""
        found = self.known.get(word)
        if found is None:
            found = self.look_up(word)
            if len(self.known) < 200_000:
                self.known[word] = found
        return found

    def look_up(self, word: str) -> float:
        """Return the value of a word, of its longest stem, or of the word without letters drawn out."""
        for form in dict.fromkeys((word, re.sub(r"(.)\1{2,}", r"\1\1", word), re.sub(r"(.)\1{2,}", r"\1", word))):
            if form in self.words:
                return self.words[form]
            for end in range(len(form), SHORTEST_STEM - 1, -1):
                if form[:end] in self.stems:
                    return self.stems[form[:end]]
        return 0.0


@cache
def load_lexicon(language: str) -> Lexicon:
    """Return the word list of a language of the kit.

    >>> load_lexicon("ca").value("excellent") > 0
    True
    """
    if language not in LANGUAGES:
        raise ValueError(f"no word list for {language!r}; there are {', '.join(LANGUAGES)}")
    table = tomllib.loads(resources.files(__name__).joinpath(f"{language}.toml").read_text("utf-8"))
    words = {plain(word): float(value) for word, value in table["words"].items() if not word.endswith("*")}
    stems = {plain(word[:-1]): float(value) for word, value in table["words"].items() if word.endswith("*")}
    return Lexicon(
        language=language,
        words=words,
        stems=stems,
        negations=frozenset(map(plain, table["negations"]["words"])),
        intensifiers={plain(word): float(value) for word, value in table["intensifiers"].items()},
        turns=frozenset(map(plain, table["but"]["words"])),
        questions=one_of(table["questions"]["words"]),
        suggestions=one_of(table["suggestions"]["phrases"]),
        phrases=phrases_of(table["phrases"]),
    )


def phrases_of(table: Mapping[str, float]) -> dict[str | tuple[str, str], tuple[Phrase, ...]]:
    """Return the idioms, longest first, by their first two words; by the first where the second is but a beginning."""
    held: dict[str | tuple[str, str], list[Phrase]] = {}
    for written, value in table.items():
        tokens = tuple(token.text for token in tokens_of(plain(written.rstrip("* "))))
        half = written.endswith("*")
        if tokens:
            key: str | tuple[str, str] = tokens[0] if len(tokens) < 2 + half else (tokens[0], tokens[1])
            held.setdefault(key, []).append(Phrase(tokens, half, float(value)))
    return {
        key: tuple(sorted(each, key=lambda phrase: (-len(phrase.tokens), phrase.tokens))) for key, each in held.items()
    }


def idiom_at(tokens: Sequence[Token], place: int, lexicon: Lexicon) -> Phrase | None:
    """Return the longest idiom that stands in a text from a token on."""
    word = tokens[place].text
    pair = (word, tokens[place + 1].text) if place + 1 < len(tokens) else word
    keys = (pair, word) if pair != word else (word,)
    for key in keys:
        for phrase in lexicon.phrases.get(key, ()):
            if phrase.begins(tokens, place):
                return phrase
    return None


def tokens_of(folded: str) -> list[Token]:
    """Return the words and marks of a folded text.

    >>> [token.text for token in tokens_of("m'encanta, de debo!!")]
    ['m', 'encanta', ',', 'de', 'debo', '!!']
    """
    return [Token(found.group(), found.start(), found.end()) for found in TOKEN.finditer(folded)]


@cache
def load_emoji() -> tuple[re.Pattern[str], re.Pattern[str], Mapping[str, float]]:
    """Return the pattern of emoji, that of typed faces, and what each says."""
    table = tomllib.loads(resources.files(__name__).joinpath("emoji.toml").read_text("utf-8"))["emoji"]
    ordered = sorted(table, key=lambda sign: (-len(sign), sign))
    emoji = "".join(sign for sign in ordered if not sign.isascii())
    # A face that ends or begins with a letter must not be part of a word or of a link ("https:/").
    faces = "|".join(rf"(?<![\w/]){re.escape(sign)}(?![\w/])" for sign in ordered if sign.isascii())
    return re.compile(f"[{emoji}]"), re.compile(faces), {sign: float(value) for sign, value in table.items()}


def unescaped(text: str) -> str:
    r"""Return a text in which some tool left letters as \\u2019 with the letters themselves.

    >>> unescaped("can\\u2019t")
    'can’t'
    """
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "\\u" in text else text


def plain(text: str) -> str:
    """Return a text as the word lists are compared: folded, one kind of apostrophe, "n't" a word of its own.

    >>> plain("Ce n’est PAS là"), plain("doesn't")
    ("ce n'est pas la", "does n't")
    """
    return unaccented(SHORTENED.sub(" n't", APOSTROPHE.sub("'", text)))


def one_of(phrases: Sequence[str] | Mapping[str, float]) -> re.Pattern[str]:
    """Return the pattern that finds any of some phrases as whole words in a folded text; * at an end matches on."""
    folded = sorted({plain(phrase) for phrase in phrases}, key=lambda phrase: (-len(phrase), phrase))
    parts = [
        re.escape(phrase.rstrip("*")).replace(r"\ ", r"\s+") + (r"\w*" if "*" in phrase[-1:] else "")
        for phrase in folded
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)") if parts else re.compile(r"(?!)")
