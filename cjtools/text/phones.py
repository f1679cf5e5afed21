"""Phone numbers of the kit's countries and others, in the many ways people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException

from cjtools.text.spans import COUNTED, Span, after, before, is_reference

RUN = re.compile(r"(?<![\w€$£])(?<!\d[.,/:-])(?<![€$£] )\(?\+?\(?\d(?:[ .()/-]{0,3}\d){5,24}(?!\w)")
GROUP = re.compile(r"\d+")
NOT_PHONE = re.compile(
    # A day; two times of a day.
    r"(?<!\d)(?:[0-3]?\d([./ -])[01]?\d\1(?:19|20)\d{2}|(?:19|20)\d{2}([./-])[01]?\d\2[0-3]?\d"
    r"|\d{1,2}\.[0-5]\d ?[-/] ?\d{1,2}\.[0-5]\d)(?!\d)"
)
CUE = re.compile(
    r"(?<![^\W_])(?:tel\w{0,8}|tfno?|tlf\w{0,2}|mobil\w{0,3}|movil\w{0,3}|cel\w{0,6}|fix|fax|fijo|fisso"
    r"|whats?app|wasap|wapp|phone|mobile|landline|call|ring|text me|reach me|dial|truc\w{1,6}|truqu\w{1,6}"
    r"|llam\w{1,6}|marc\w{1,4}|chiam\w{1,8}"
    r"|sun\w{1,6}|numarul|numero|number|contact\w{0,6})(?![^\W_])(?:\W{1,4}[^\W\d]{1,12}){0,4}[^\w\n]{0,4}$",
    re.IGNORECASE,
)
# Groups of digits that look like a national number; which, by its first digits.
NATIONAL = (
    re.compile(r"[6-9]\d{2}([ .-]?)\d{3}\1\d{3}"),
    re.compile(r"[6-9]\d{2}([ .-]{0,3})\d{2}\1\d{2}\1\d{2}"),
    re.compile(r"[6-9]\d([ .-])\d{3}\1\d{2}\1\d{2}"),
    re.compile(r"[6-9]\d([ .-])\d{2}\1\d{2}\1\d{3}|[6-9]\d[ .-]\d{7}|[6-9]\d{2}[ .-]\d{6}"),
    re.compile(r"[6-9]\d{2}([ .-])\d{2}\1\d{4}|[6-9]\d{2}([ .-])\d{4}\2\d{2}|[6-9]\d{2}([ .-])\d{3}\3\d{1}\3\d{2}"),
    re.compile(r"3[1-9]\d(?:[ ./-]{0,3}\d{2,7}){1,4}"),
    re.compile(r"\(?0[1-9]\d{0,3}\)?(?:[ ./-]{0,3}\d{2,9}){1,4}"),
    re.compile(r"(?:1[ .-])?\(?[2-9]\d{2}\)?[ .-]{1,2}[2-9]\d{2}[ .-]\d{4}"),
    re.compile(r"(?:9 )?\(?\d{2}\)?[ .-]{1,2}\d{4}[ .-]\d{4}"),
)
LENGTHS = {5: (9, 10), 6: (9, 10, 11), 7: (10, 11), 8: (10, 11)}
# Countries whose numbers of two and four and four digits are asked for by rule; the others' first digits suffice.
TWO_FOUR_FOUR = ("MX", "AR", "CL", "ES")
POSSIBLE = 6, 15
# Groups of digits in one number, and how many of them may be a single one: +1, (0), 9.
LONGEST, SINGLES = 8, 2


@lru_cache(maxsize=4096)
def is_number(value: str, region: str | None = None, *, valid: bool = True) -> bool:
    """Say whether a number is one of a country, or may be one by its length."""
    try:
        number = phonenumbers.parse(value, region)
    except NumberParseException:
        return False
    return phonenumbers.is_valid_number(number) if valid else phonenumbers.is_possible_number(number)


def abroad(value: str) -> str:
    """Return a number that begins with + or 00 as + and digits, else nothing."""
    digits = re.sub(r"\D", "", value.replace("(0)", ""))
    if "+" not in value:
        digits = digits[2:] if digits.startswith("00") else ""
    # Mexico once put a 1 before mobile numbers.
    digits = re.sub(r"^521(?=\d{10}$)", "52", digits)
    return f"+{digits}" if POSSIBLE[0] < len(digits) <= POSSIBLE[1] else ""


def is_international(value: str) -> bool:
    """Say whether a number begins with a country and is one of its numbers."""
    return bool(number := abroad(value)) and is_number(number)


def may_be_international(value: str) -> bool:
    """Say whether a number begins with a country and is as long as its numbers are."""
    return bool(number := abroad(value)) and is_number(number, valid=False)


def is_national(value: str) -> bool:
    """Say whether a number is written as one of the kit's countries, or of those whose people write most there."""
    digits = re.sub(r"\D", "", value)
    for n, form in enumerate(NATIONAL):
        if len(digits) in LENGTHS.get(n, (9,)) and form.fullmatch(value):
            return n < len(NATIONAL) - 1 or any(is_number(digits, region) for region in TWO_FOUR_FOUR)
    return False


def find_phones(text: str) -> Iterator[Span]:
    """Yield phone numbers: those written as one, and any long number that is called one.

    A number that is called an order, an invoice or a code is none, nor is a date, a price or a count.
    """
    for found in RUN.finditer(text):
        if not is_reference(text, found.start()):
            yield from phones_of(text, found.start(), found.end())


def phones_of(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the phone numbers in a run of digits and signs; two may follow each other."""
    groups = [(each.start(), each.end()) for each in GROUP.finditer(text, start, end)]
    called = bool(CUE.search(before(text, start)))
    first = 0
    while first < len(groups):
        left = start if first == 0 else opening(text, groups[first][0], groups[first - 1][1])
        numbers = candidates(text, left, groups, first)
        number = likeliest(text, numbers, called=called and first == 0)
        if number is not None:
            yield Span(*number, "phone")
            first = next(n for n, group in enumerate(groups) if group[1] == number[1])
        first += 1


def opening(text: str, place: int, previous: int) -> int:
    """Return where a number begins whose first digit stands at a place: at its + or bracket."""
    while place > previous and text[place - 1] in "+(":
        place -= 1
    return place


def candidates(text: str, left: int, groups: list[tuple[int, int]], first: int) -> list[tuple[int, int]]:
    """Return where numbers may stand that begin with one group of digits, the longest first."""
    if first and text[groups[first][0] - 1] not in " /(+":
        return []
    found, singles, digits = [], 0, 0
    for at, end in groups[first : first + LONGEST]:
        start, singles, digits = left, singles + (end - at == 1), digits + end - at
        if singles > SINGLES:
            break
        if digits < POSSIBLE[0]:
            continue
        while text[start] == "(" and text.count("(", start, end) > text.count(")", start, end):
            start += 1
        ends = end == groups[-1][1] or text[end] in " /)"
        abroad = text[start : start + 2].startswith(("+", "(+", "00"))
        if ends and not COUNTED.match(after(text, end)) and (abroad or not NOT_PHONE.search(text, start, end)):
            found.append((start, end))
    return found[::-1]


def likeliest(text: str, numbers: list[tuple[int, int]], *, called: bool) -> tuple[int, int] | None:
    """Return the number among several that begin alike: the best proven, the longest of those."""
    for fits in (is_international, is_national, may_be_international):
        for start, end in numbers:
            if fits(text[start:end]):
                return start, end
    least, most = POSSIBLE
    sized = (each for each in numbers if least <= sum(map(str.isdigit, text[slice(*each)])) <= most)
    return next(sized, None) if called else None
