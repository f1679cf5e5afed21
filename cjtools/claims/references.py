"""References in the narrative: every number, quote and n is one, and is checked against its cell or source.

In a statement of claims.csv a consultant writes

- `{n}`, or `{n: 11 of 15}`: how many participants of those asked say it ("11 of 15 participants");
- `{value exit_rate.checkout}`, or `{value exit_rate.checkout: 46.9%}`: a number of the map, printed with its n;
- `{quote q002cd65b23.checkout}`, or `{quote q002cd65b23.checkout: the cost comes "last" […] and late}`: words of a
  source, whole or in part; […] stands for words left out;
- `{plain: 24 hours}`: a number, or words in quotation marks, that measure and quote nothing.

What stands after the colon is what the reader will see, in the number format of the statement's language, and must say
what the cell or the source says; without it the kit fills in what they say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cjtools.claims.cells import Cell
from cjtools.claims.numbers import agrees, numbers_in, read_number, write_value
from cjtools.errors import Fault, cut, nearest
from cjtools.words import Words

KINDS = ("n", "value", "quote", "plain")
REFERENCE = re.compile(r"\{([^{}]*)\}")
INSIDE = re.compile(r"\s*(?P<kind>\w+)\b(?P<address>[^:]*)(?::(?P<written>.*))?", re.DOTALL)
# A number of its own: not the 2 of B2B.
BARE_NUMBER = re.compile(r"(?<!\w)[+−-]?\d[\d.,]*(?:[ \N{NO-BREAK SPACE}]?%)?")
BARE_QUOTE = re.compile(r"«[^»]*»|“[^”]*”|„[^”]*”|\"[^\"]*\"")
MARKS = {"«": "»", "“": "”", "„": "”", '"': '"', "'": "'", "‘": "’"}
LEFT_OUT = re.compile(r"\[(?:…|\.\.\.)\]")
# Fewer words in quotation marks are a name or a way of speaking.
QUOTED_WORDS = 3


@dataclass(frozen=True)
class Said:
    """A text of the evidence, as it is stored."""

    text: str
    language: str | None
    verbatim: bool


@dataclass(frozen=True)
class Piece:
    """A piece of a resolved statement: plain text, or what a reference gave; `target` is what it refers to.

    `kind` is text, n, value, quote or hidden (a quote that this reader may not see).
    """

    kind: str
    text: str
    target: str = ""
    language: str | None = None
    verbatim: bool = False


@dataclass(frozen=True)
class Ground:
    """What statements of one language are resolved on: numbers, texts, who may be quoted, and the words.

    Fewer people than `minimum` are not counted to this reader.
    """

    cells: Mapping[str, Cell]
    said: Mapping[str, Said]
    shown: frozenset[str]
    words: Words
    withheld: str
    hidden: str
    nobody: str
    minimum: int = 0


def resolve(text: str, *, where: str, people: tuple[int, int], ground: Ground) -> tuple[tuple[Piece, ...], list[Fault]]:
    """Return the pieces of a statement, and every fault of its references; `people` are those who say it, of all asked.

    `where` is its place in the file, as faults name it.
    """
    pieces: list[Piece] = []
    faults: list[Fault] = []
    last = 0
    for found in REFERENCE.finditer(text):
        faults += loose(text[last : found.start()], where)
        pieces.append(Piece("text", text[last : found.start()]))
        given = one(found.group(1), found.group(), people, ground)
        if isinstance(given, Piece):
            pieces.append(given)
        else:
            faults.append(Fault(where, given.found, given.expected, given.step))
        last = found.end()
    faults += loose(text[last:], where)
    pieces.append(Piece("text", text[last:]))
    return tuple(piece for piece in pieces if piece.text), faults


def one(inside: str, whole: str, people: tuple[int, int], ground: Ground) -> Piece | Fault:
    """Return what one reference gives, or what is wrong with it."""
    found = INSIDE.fullmatch(inside)
    kind = found["kind"] if found else ""
    if found is None or kind not in KINDS:
        return Fault("", f"{cut(whole)} is no reference", nearest(kind, KINDS))
    written = None if found["written"] is None else " ".join(found["written"].split())
    reader: Callable[[str, str | None, str, tuple[int, int], Ground], Piece | Fault] = READERS[kind]
    return reader(found["address"].strip(), written or None, whole, people, ground)


def count(address: str, written: str | None, whole: str, people: tuple[int, int], ground: Ground) -> Piece | Fault:
    """Return "11 of 15 participants"; a written 11, or 11 of 15, must be those."""
    n, asked = people
    if address:
        return Fault("", f"{cut(whole)} names {cut(address)}", "{n} is of this claim: nothing stands before the colon")
    if not asked and written is None:
        return Piece("n", ground.nobody)
    if not asked:
        return Fault("", f"{cut(whole)} says {cut(written)}", "nobody was asked at this stage in this wave")
    if written is not None and numbers_in(written) not in ([n], [n, asked]):
        return Fault("", f"{cut(whole)} says {cut(written)}", f"the evidence says {n} of {asked}")
    words = ground.words
    every = words.count("participants", asked)
    if 0 < n < ground.minimum:
        few = words.of("claims", "people_few")
        return Piece("n", few.format(minimum=words.number(ground.minimum), all=every))
    return Piece("n", words("of_people", people=words.number(n), all=every))


def value(address: str, written: str | None, whole: str, people: tuple[int, int], ground: Ground) -> Piece | Fault:
    """Return a number of the map with its n; a written one must be its value, rounded as it is written."""
    cell, words = ground.cells.get(address), ground.words
    if cell is None:
        return Fault("", f"{cut(whole)}: no number is called {cut(address)}", nearest(address, ground.cells))
    if not cell.n:
        return Fault("", f"{cut(whole)} has no n", "", "there is no measurement of it in this wave: take it out")
    if cell.value is None:
        return Piece("value", ground.withheld, address)
    digits, hundred = None, cell.kind in ("share", "net")
    if written is not None:
        read = read_number(written, words.language)
        if read is None:
            like = f"a number as {words.language} writes it, such as {words.number(1234.5, digits=1)}"
            return Fault("", f"{cut(whole)} says {cut(written)}", like)
        if (read.percent and cell.kind != "share") or not agrees(read, cell.value, hundred=hundred):
            said = write_value(words, cell.value, kind=cell.kind, digits=read.digits)
            return Fault("", f"{cut(whole)} says {cut(written)}", f"{address} is {said}")
        digits = read.digits if read.percent or not hundred or abs(read.value) > 1 else max(read.digits - 2, 0)
    text = write_value(words, cell.value, kind=cell.kind, digits=digits)
    tail = "" if cell.kind == "count" else f" (n = {words.number(cell.n)})"
    return Piece("value", text + tail, address)


def quote(address: str, written: str | None, whole: str, people: tuple[int, int], ground: Ground) -> Piece | Fault:
    """Return words of a source; written ones must stand there letter by letter, but for blanks."""
    source = ground.said.get(address)
    if source is None:
        return Fault("", f"{cut(whole)}: no text is called {cut(address)}", nearest_id(address, ground.said))
    there = " ".join(source.text.split())
    text = without_marks(written) if written is not None else there
    if not stands_in(text, there):
        return Fault("", f"{cut(whole)} says {cut(text)}", f"its source says {cut(there)}")
    if address not in ground.shown:
        return Piece("hidden", ground.hidden, address)
    return Piece("quote", text, address, source.language, source.verbatim)


def plain(address: str, written: str | None, whole: str, people: tuple[int, int], ground: Ground) -> Piece | Fault:
    """Return what is written, as it is."""
    if address or written is None:
        return Fault("", f"{cut(whole)} says nothing", "such as {plain: 24 hours}")
    return Piece("text", written)


READERS: dict[str, Callable[[str, str | None, str, tuple[int, int], Ground], Piece | Fault]] = {
    "n": count,
    "value": value,
    "quote": quote,
    "plain": plain,
}


def without_marks(text: str) -> str:
    """Return a text without the quotation marks around it.

    >>> without_marks("«massa tard»")
    'massa tard'
    """
    return text[1:-1].strip() if len(text) > 1 and MARKS.get(text[0]) == text[-1] else text


def stands_in(text: str, source: str) -> bool:
    """Say whether a text stands in a source; […] stands for words left out between its parts.

    >>> stands_in("the cost […] last", "they show the cost when it is last"), stands_in("last […] cost", "cost, last")
    (True, False)
    """
    place = 0
    parts = [part.strip() for part in LEFT_OUT.split(text)]
    for part in filter(None, parts):
        place = source.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return any(parts)


def nearest_id(name: str, names: Mapping[str, object]) -> str:
    """Return a hint that names the closest id, or how ids look where none is close (there are too many to list)."""
    close = nearest(name, names)
    return close if close.startswith("did") else "an id of the table of evidence, such as q002cd65b23.checkout"


def loose(text: str, where: str) -> Iterator[Fault]:
    """Yield the numbers, quotes and braces that stand in a text without a reference."""
    for found in re.finditer(r"[{}]", text):
        yield Fault(where, f"a {found.group()} of its own", "a reference such as {n} or {plain: …}")
    for found in BARE_NUMBER.finditer(text):
        number = cut(found.group().rstrip(".,"))
        yield Fault(where, f"{number} is a number without a cell", "such as {value exit_rate.checkout: 46.9%}", PLAIN)
    for found in BARE_QUOTE.finditer(text):
        if len(found.group().split()) >= QUOTED_WORDS:
            told = f"{cut(found.group())} is a quote without a source"
            yield Fault(where, told, "such as {quote q002cd65b23.checkout: …}", PLAIN)


PLAIN = "{plain: …} where it measures or quotes nothing"


def text_of(pieces: tuple[Piece, ...]) -> str:
    """Return a resolved statement as a text."""
    return "".join(f"“{piece.text}”" if piece.kind == "quote" and piece.verbatim else piece.text for piece in pieces)
