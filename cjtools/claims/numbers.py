"""Numbers as people write them in the five languages, and whether one says the same as a measured value."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cjtools.settings import LANGUAGES
from cjtools.words import Words

BLANKS = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE} "
# The hyphen last: elsewhere in a class of letters it would mean a range.
MINUS = "−–-"
# English divides thousands by a comma and decimals by a point, the other four the other way round; blanks divide
# thousands in all.
MARKS = {language: (",", ".") if language == "en" else (".", ",") for language in LANGUAGES}
TINY = 1e-9


@dataclass(frozen=True)
class Written:
    """A number as it was written: its value, how many decimals it has, and whether it is per cent."""

    value: float
    digits: int
    percent: bool


def read_number(text: str, language: str) -> Written | None:
    """Return what a written number says in a language, or nothing when it is none there.

    >>> read_number("1.234,5", "ca"), read_number("46.9%", "en")
    (Written(value=1234.5, digits=1, percent=False), Written(value=46.9, digits=1, percent=True))
    >>> read_number("1,234.5", "ro") is None
    True
    """
    found = form(language).fullmatch(text.strip(BLANKS))
    if found is None:
        return None
    whole = re.sub(r"\D", "", found["whole"])
    decimals = found["decimals"] or ""
    value = float(f"{whole}.{decimals or 0}") * (-1 if found["sign"] and found["sign"] in MINUS else 1)
    return Written(value, len(decimals), bool(found["percent"]))


def form(language: str) -> re.Pattern[str]:
    """Return the form of a number in a language; thousands are divided by one kind of mark only."""
    thousands, point = MARKS[language]
    groups = rf"\d{{1,3}}(?P<mark>[{re.escape(thousands)}{BLANKS}])\d{{3}}(?:(?P=mark)\d{{3}})*"
    decimals = rf"(?:{re.escape(point)}(?P<decimals>\d+))?"
    blanks = f"[{BLANKS}]*"
    whole = rf"(?P<sign>[+{MINUS}]?){blanks}(?P<whole>{groups}|\d+){decimals}{blanks}(?P<percent>%?)"
    return re.compile(whole, re.ASCII)


def agrees(written: Written, value: float, *, hundred: bool) -> bool:
    """Say whether a written number is a value rounded to as many decimals; `hundred` where 1 is shown as 100.

    A share may be written as per cent or as a part of one; both ways to round a half are right.

    >>> agrees(Written(46.9, 1, True), 0.469124, hundred=True), agrees(Written(47.1, 1, True), 0.469124, hundred=True)
    (True, False)
    """
    half = 0.5 * 10.0**-written.digits + TINY
    meant = [100 * value] if hundred and written.percent else [100 * value, value] if hundred else [value]
    if hundred and not written.percent and written.value.is_integer():
        meant = meant[:1]  # 1 for a share of 0.6 would be no number at all
    return any(abs(each - written.value) <= half for each in meant)


def numbers_in(text: str) -> list[int]:
    """Return the whole numbers of a text, in order: 11 and 15 of "11 of 15", "11 de 15", "11/15".

    >>> numbers_in("11 din 15 participanți")
    [11, 15]
    """
    return [int(number) for number in re.findall(r"[0-9]+", text)]


def write_value(words: Words, value: float, *, kind: str, digits: int | None = None) -> str:
    r"""Return a value as the page writes it: a share as per cent, a net share or a score with its sign.

    `digits` where somebody wrote the number; else as many as the page has.

    >>> from cjtools.words import load_words
    >>> write_value(load_words("ca"), 0.469124, kind="share", digits=1)
    '46,9\xa0%'
    """
    if kind == "share":
        return words.percent(value, digits=(0 if abs(value) >= 0.1 else 1) if digits is None else digits)
    if kind == "net":
        return words.signed(100 * value, digits=digits or 0)
    if kind == "score":
        return words.signed(value, digits=1 if digits is None else digits)
    return words.number(value, digits=(0 if float(value).is_integer() else 1) if digits is None else digits)
