"""Where something stands in a text, and the text as patterns read it: one kind of blank, dash, digit; no accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain


@dataclass(frozen=True, order=True)
class Span:
    """A part of a text, Unicode code points, end exclusive, and what it is."""

    start: int
    end: int
    label: str


Finder = Callable[[str], Iterator[Span]]

# Latin, Greek and Cyrillic letters, blanks and signs; forms for emoji and full width; digits of mathematics.
READ = chain(range(0x80, 0x3000), range(0xFE00, 0xFFF0), range(0x1D7CE, 0x1D800))
SINGLE = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "’": "'", "‘": "'", "ʼ": "'", "−": "-"}
MARKS = {"Mn", "Me"}


def read_as(char: str) -> str:
    """Return the one character that a character is read as, or none for marks and what cannot be seen."""
    category = unicodedata.category(char)
    if category in MARKS or category == "Cf":
        return ""
    if category == "Zs":
        return " "
    if category == "Pd":
        return "-"
    if category == "Nd":
        return str(unicodedata.digit(char))
    full_width = 0xFF01 <= ord(char) <= 0xFF5E
    parts = unicodedata.normalize("NFKD" if full_width else "NFD", char)
    return SINGLE.get(char, parts[0] if all(unicodedata.category(mark) == "Mn" for mark in parts[1:]) else char)


READING = {code: read_as(chr(code)) for code in READ if read_as(chr(code)) != chr(code)}


def plain(text: str) -> str:
    """Return a text without accents, with one kind of blank, dash, apostrophe and digit.

    >>> plain("Născut la\N{NO-BREAK SPACE}Vic – l’1 d’abril")
    "Nascut la Vic - l'1 d'abril"
    """
    return text if text.isascii() else text.translate(READING)


def stand(text: str, read: str, spans: list[Span]) -> list[Span]:
    """Return spans of a plain text as spans of the text itself, with the marks that follow their last letter."""
    if len(text) == len(read) or not spans:
        return spans
    places = [place for place, char in enumerate(text) if READING.get(ord(char), char) != ""]
    moved = []
    for span in spans:
        end = places[span.end - 1] + 1
        while end < len(text) and unicodedata.category(text[end]) in MARKS:
            end += 1
        moved.append(Span(places[span.start], end, span.label))
    return moved


def free(taken: bytearray, span: Span) -> bool:
    """Say whether a span has nothing in common with those before it, and take its place."""
    if taken.find(1, span.start, span.end) >= 0:
        return False
    taken[span.start : span.end] = b"\1" * (span.end - span.start)
    return True


def before(text: str, place: int, *, width: int = 70) -> str:
    """Return what stands before a place."""
    return text[max(0, place - width) : place]


def after(text: str, place: int, *, width: int = 50) -> str:
    """Return what stands after a place."""
    return text[place : place + width]


# What makes a number an order, an invoice, an article; then small words and signs up to the number itself.
REFERENCE = re.compile(
    r"(?<![^\W_])(?:comand\w{0,3}|comenz\w{1,3}|pedid\w{1,2}|orden|orders?|ordin\w{1,3}|factur\w{0,3}|fattur\w|invoice|r[ei]fer\w{2,8}|ref|rif"
    r"|ticket|tiquet|albar\w{1,3}|codi|codig\w{1,3}|codic\w{1,2}|codul|codes?|cod|awb|tracking|seguim\w{2,6}|isbn|ean|sku"
    r"|articl\w{1,2}|articol\w{1,3}|articul\w{1,2}|product\w{0,4}|prodott\w|produs\w{0,3}|model\w{0,3}|serie|pin|otp"
    r"|expedient\w?|incidenci\w|case|cupo|cupon|voucher|coupon|id)(?![^\W_])"
    r"(?:[\s:.#=º°'-]{1,3}(?:de|di|del|della|dell|me[ua]|meva|mi[ao]?|my|la|el|il|amb|con|cu|with|client\w{0,3}|seguim\w{2,6}|tracc\w{2,8}"
    r"|tracking|post\w{1,4}|envi\w{1,6}|spedi\w{2,6}|nr|no|n|num\w{0,5}|es|is|e|este|era|was))"
    r"{0,4}[\s:.#=º°-]{0,4}$",
    re.IGNORECASE,
)
# What makes a number a price or a count.
COUNTED = re.compile(
    r"\s?(?:[€$£%]|[.,]\d|(?:eur\w{0,3}|lei|ron|usd|gbp|leu|pesset\w{1,2}|peset\w{1,2}|dolar\w{0,3}|dollars?|pounds?|quid"
    r"|pes[oi]s?|visit\w{0,4}|vizit\w{0,4}|sesi\w{1,5}|session\w?|sessi\w{1,5}|impres\w{2,7}|impress\w{2,6}|usu\w{2,5}"
    r"|utent\w|utiliz\w{3,7}|users?|clics?|clicks?|views?|unit\w{0,4}|punt\w{0,2}|points?|km|kg|cm|mm|mb|gb|m2|min"
    r"|minut\w{0,2}|hor[ae]s?|hours?|or[ae]|dies|dias?|days?|giorn[oi]|zile|setman\w{1,2}|seman\w{1,2}|settiman\w|weeks?"
    r"|saptaman\w|mes|mesos|meses|mes[ei]|luni|months?|anys?|anos?|ann[oi]|ani|years?|cops?|vegad\w{1,2}|vece?s?|volt[ae]"
    r"|ori|times?|person\w{0,3}|people|client\w{0,3}|customers?|plant[ae]s|pisos|piani|etaje|floors|tend\w{1,3}|botig\w{1,3}|shops?|stores?|metr\w{1,3})\b)",
    re.IGNORECASE,
)


def is_reference(text: str, place: int) -> bool:
    """Say whether what starts at a place is called an order, an invoice, a code just before.

    >>> is_reference("Nr. comandă: 0712345678", 13), is_reference("Comanda, tel. 0712345678", 14)
    (True, False)
    """
    return bool(REFERENCE.search(before(text, place)))
