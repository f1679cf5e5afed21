"""The short codes that researchers write in brackets: [consideration @website pain -2], in any of five languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from cjtools.client import Client
from cjtools.errors import cut, nearest
from cjtools.words import code_names, fold

BRACKET = re.compile(r"(?<![\\!])\[([^\[\]]{1,300})\](?!\()")
WORD = re.compile(r"[^\s,;]+")
NUMBER = re.compile(r"^[+\-−–]?\d+$")
LONGEST_NAME = 6  # words of a label


@dataclass(frozen=True)
class CodeBook:
    """Every folded name of the client's stages, touchpoints and the kit's types, and the id it means."""

    stages: Mapping[str, str]
    types: Mapping[str, str]
    touchpoints: Mapping[str, str]


@dataclass(frozen=True)
class Code:
    """What one bracket says."""

    stage: str | None = None
    touchpoint: str | None = None
    types: tuple[str, ...] = ()
    valence: int | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of code it holds."""
        given = {
            "stage": self.stage,
            "touchpoint": self.touchpoint,
            "type": self.types or None,
            "valence": self.valence,
        }
        return frozenset(kind for kind, value in given.items() if value is not None)

    def joined(self, other: Code) -> Code:
        """Return this code and another that says other kinds of things, as one."""
        return Code(
            self.stage or other.stage,
            self.touchpoint or other.touchpoint,
            self.types or other.types,
            other.valence if self.valence is None else self.valence,
        )


@dataclass(frozen=True)
class Misread:
    """A word of a bracket that is no code: where it begins in it, what it is, what was expected."""

    at: int
    found: str
    expected: str


@dataclass(frozen=True)
class Term:
    """One name or number of a bracket: what kind of code it is, or a misread. `telling` terms make a bracket a code."""

    at: int
    kind: Literal["stage", "touchpoint", "type", "valence", "misread"]
    value: str | int
    expected: str = ""
    words: int = 1
    telling: bool = True


@lru_cache(maxsize=4096)
def code_key(text: str) -> str:
    """Return a text as codes are compared: folded, with straight apostrophes."""
    return fold(text.replace("’", "'"))


def code_book(client: Client) -> CodeBook:
    """Return the names that codes of a client may use.

    Stages: those of the client's model, by id, by the kit's labels in five languages, by the client's own labels.
    Touchpoints: by id, by label in every language, by their `codes`. Types: by the kit's labels and aliases.
    """
    ids = {stage.id for stage in client.journey}
    stages = {name: stage for name, stage in code_names("stages").items() if stage in ids}
    stages |= {name: stage.id for stage in client.journey for name in names_of(stage.id, stage.label)}
    touchpoints = {
        name: point.id
        for point in client.touchpoints
        for name in (*names_of(point.id, point.label), *map(code_key, point.codes))
    }
    touchpoints |= {code_key(point.id): point.id for point in client.touchpoints}
    return CodeBook(stages, code_names("types"), touchpoints)


def names_of(identifier: str, label: str | Mapping[str, str]) -> Iterable[str]:
    """Return the folded names of a thing: its id and its labels in every language."""
    labels = [label] if isinstance(label, str) else list(label.values())
    return [code_key(name) for name in (identifier, *labels) if name]


def stage_named(title: str, book: CodeBook) -> str | None:
    """Return the stage that a heading names, whatever its number and its colon.

    >>> stage_named("2. Consideració:", CodeBook({"consideracio": "consideration"}, {}, {}))
    'consideration'
    """
    bare = re.sub(r"^[\s\d.):–—-]+|[\s:.–—-]+$", "", title)
    return book.stages.get(code_key(bare))


def read_code(inside: str, book: CodeBook) -> tuple[Code | None, list[Misread]]:
    """Return what the inside of a bracket says, and its words that say nothing; None when it is ordinary text.

    It is a code when one of its words is a stage, a type or a signed number from -2 to +2, or begins with @.

    >>> book = CodeBook({"consideration": "consideration"}, {"pain": "pain"}, {"product-page": "product"})
    >>> read_code("consideration @product page pain −2", book)
    (Code(stage='consideration', touchpoint='product', types=('pain',), valence=-2), [])
    >>> read_code("inaudible", book)
    (None, [])
    """
    words = [(match.start(), match.group().rstrip(".:") or match.group()) for match in WORD.finditer(inside)]
    terms = list(read_terms(words, book))
    if not any(term.telling for term in terms):
        return None, []
    by_kind = {
        kind: [term for term in terms if term.kind == kind] for kind in ("stage", "touchpoint", "type", "valence")
    }
    twice = [
        Misread(found[1].at, f"a second {kind}", f"one {kind} in a bracket; write two brackets")
        for kind, found in by_kind.items()
        if len(found) > 1 and kind != "type"
    ]
    said = dict(words)
    misreads = [
        Misread(term.at, str(term.value), term.expected or expected_of(said[term.at], book))
        for term in terms
        if term.kind == "misread"
    ]
    stage, touchpoint = (next((str(term.value) for term in by_kind[kind]), None) for kind in ("stage", "touchpoint"))
    valence = next((int(term.value) for term in by_kind["valence"]), None)
    types = tuple(dict.fromkeys(str(term.value) for term in by_kind["type"]))
    return Code(stage, touchpoint, types, valence), sorted([*misreads, *twice], key=lambda misread: misread.at)


def kinds_of(name: str, book: CodeBook) -> list[tuple[str, str, int | None]]:
    """Return what the name of a code says: kind, code, value; a theme when a bracket with that name would say nothing.

    >>> book = CodeBook({"purchase": "purchase"}, {"pain": "pain"}, {"website": "web"})
    >>> kinds_of("Pain", book), kinds_of("website", book), kinds_of("late trains", book)
    ([('type', 'pain', None)], [('touchpoint', 'web', None)], [('theme', 'late trains', None)])
    """
    code, misreads = read_code(name, book)
    if code is None and code_key(name) in book.touchpoints:
        return [("touchpoint", book.touchpoints[code_key(name)], None)]
    return [("theme", name, None)] if code is None or misreads else list(said_by(code))


def said_by(code: Code) -> Iterator[tuple[str, str, int | None]]:
    """Yield kind, code and value of what a bracket says."""
    if code.stage:
        yield "stage", code.stage, None
    if code.touchpoint:
        yield "touchpoint", code.touchpoint, None
    for name in code.types:
        yield "type", name, None
    if code.valence is not None:
        yield "valence", "valence", code.valence


def read_terms(words: Sequence[tuple[int, str]], book: CodeBook) -> Iterator[Term]:
    """Yield the terms of a bracket, each as long a name as there is."""
    place = 0
    while place < len(words):
        term = read_term(words[place:], book, alone=len(words) == 1)
        yield term
        place += term.words


def read_term(words: Sequence[tuple[int, str]], book: CodeBook, *, alone: bool) -> Term:
    """Return the term with which some words begin."""
    at, word = words[0]
    texts = [text for _, text in words]
    if word.startswith("@"):
        return read_touchpoint(at, texts, book)
    if NUMBER.match(word):
        return read_valence(at, word, alone=alone)
    stage, kind = longest_name(texts, book.stages), longest_name(texts, book.types)
    if stage and stage >= kind:
        return Term(at, "stage", book.stages[code_key(" ".join(texts[:stage]))], words=stage)
    if kind:
        return Term(at, "type", book.types[code_key(" ".join(texts[:kind]))], words=kind)
    return Term(at, "misread", f"{cut(word)} is no code", telling=False)


def expected_of(word: str, book: CodeBook) -> str:
    """Return what may have been meant by a word that is no code; looked for only in brackets that are codes."""
    hint = nearest(code_key(word), [*book.stages, *book.types, *(f"@{name}" for name in book.touchpoints)])
    return only_close(hint, "a stage, an @touchpoint, a type or a number from -2 to +2")


def read_touchpoint(at: int, texts: Sequence[str], book: CodeBook) -> Term:
    """Return the touchpoint with which some texts begin: the longest name after the @, which may stand alone."""
    spaced = 1 if texts[0] == "@" and len(texts) > 1 else 0
    names = texts[1:] if spaced else [texts[0][1:], *texts[1:]]
    if length := longest_name(names, book.touchpoints):
        return Term(at, "touchpoint", book.touchpoints[code_key(" ".join(names[:length]))], words=length + spaced)
    known = ", ".join(sorted(set(book.touchpoints.values())))
    otherwise = f"known: {known}" if known else "client.toml declares no touchpoint"
    expected = only_close(nearest(code_key(names[0]), book.touchpoints), otherwise)
    return Term(at, "misread", f"{cut('@' + names[0])} is no touchpoint", expected, words=1 + spaced)


def longest_name(words: Sequence[str], names: Mapping[str, str]) -> int:
    """Return how many of the first words are together a name; the longest name wins."""
    for length in range(min(len(words), LONGEST_NAME), 0, -1):
        if code_key(" ".join(words[:length])) in names:
            return length
    return 0


def read_valence(at: int, word: str, *, alone: bool) -> Term:
    """Return a valence. Only a signed number makes a bracket a code: [1] is a footnote."""
    value = int(word.replace("−", "-").replace("–", "-"))
    signed = not word[0].isdigit()
    if -2 <= value <= 2:
        return Term(at, "valence", value, telling=signed)
    slip = alone and signed and abs(value) < 10
    return Term(at, "misread", f"valence {cut(word)} is out of range", "from -2 to +2", telling=slip)


def only_close(hint: str, otherwise: str) -> str:
    """Return a hint when it names one near thing, else what is wanted at all."""
    return hint if hint.startswith("did") else otherwise
