"""Times as survey tools write them, as ISO 8601: the order of day and month is proven by the file, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import polars as pl

from cjtools.errors import Fault, cut
from cjtools.sources.readers.survey_words import load_survey_words

WRITTEN = re.compile(
    r"^(?P<a>\d{1,4})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{4}|\d{1,2})"
    r"(?:,?[ T]+(?P<hour>\d{1,2})(?P<colon>[:.])(?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?P<fraction>[.,]\d{1,9})?"
    r"\s*(?P<half>[ap]\s?\.?\s?m\.?)?)?"
    r"\s*(?P<zone>[A-Z]{1,5}(?:[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Written:
    """Times as ISO 8601 where they could be read, else as they stood; what is wrong with all of them.

    `by_header` says that only the language of the header told the day from the month.
    """

    texts: pl.Series
    fault: Fault | None = None
    by_header: bool = False


def iso_times(texts: pl.Series, *, others: pl.Series, day_first: bool | None, where: str, source_id: str) -> Written:
    """Return the times of one file as ISO 8601; `others` are more times of the same file, written in the same way.

    Year first is read as it stands. Else a number above 12 proves which is the day, in any row; where none does, the
    language of the form's header decides (`day_first`), and without that it is a fault.

    >>> times = pl.Series(["7/25/2026 9:05:00 PM", "7/1/2026 10:00"])
    >>> iso_times(times, others=times, day_first=None, where="a.csv", source_id="s").texts.to_list()
    ['2026-07-25T21:05:00', '2026-07-01T10:00']
    """
    every = {*texts, *others}
    matches = {text: match for text in every if (match := WRITTEN.match(text)) and is_dated(match)}
    unclear = {text: match for text, match in matches.items() if len(match["a"]) <= 2}
    days = [text for text, match in unclear.items() if int(match["a"]) > 12]
    months = [text for text, match in unclear.items() if int(match["b"]) > 12]
    if days and months:
        found = f"{cut(min(days))} has the day first, {cut(min(months))} the month"
        return Written(texts, Fault(where, found, "dates of one form", "mend one of them"))
    proven = True if days else False if months else None
    if unclear and proven is None and day_first is None:
        return Written(texts, unclear_fault(unclear, where, source_id))
    first = day_first if proven is None else proven
    known = {text: iso for text, match in matches.items() if (iso := to_iso(match, day_first=bool(first)))}
    translated = texts.replace_strict(list(known), list(known.values()), default=texts, return_dtype=pl.String)
    return Written(translated, by_header=bool(unclear) and proven is None)


def is_dated(match: re.Match[str]) -> bool:
    """Say whether one end of a date is its year; of two digits only where no hyphens could mean the year first."""
    first, last = len(match["a"]), len(match["c"])
    return (first == 4 and last < 3) or (first < 3 and (last == 4 or (last == 2 and match["mark"] != "-")))


def unclear_fault(unclear: Iterable[str], where: str, source_id: str) -> Fault:
    """Return the fault of dates that may be read in two ways."""
    text = min(unclear)
    match = WRITTEN.match(text)
    assert match is not None
    mark, year = match["mark"], "%Y" if len(match["c"]) == 4 else "%y"
    hour = "%I" if match["half"] else "%H"
    parts = [hour, "%M", *(["%S"] if match["second"] else [])] if match["hour"] else []
    clock = "".join([" " * bool(parts), (match["colon"] or "").join(parts), " %p" if match["half"] else ""])
    forms = [f'"{mark.join(parts)}{clock}"' for parts in (("%d", "%m", year), ("%m", "%d", year))]
    step = f"add date_format = {forms[0]} or {forms[1]} to source {source_id!r}"
    return Fault(where, f"{cut(text)}, as all dates here, may have the day or the month first", "", step)


def to_iso(match: re.Match[str], *, day_first: bool) -> str | None:
    """Return a written time as ISO 8601; nothing when its parts are no time."""
    if len(match["a"]) == 4:
        year, month, day = match["a"], match["b"], match["c"]
    else:
        day, month = (match["a"], match["b"]) if day_first else (match["b"], match["a"])
        year = match["c"] if len(match["c"]) == 4 else f"20{match['c']}"
    zone = offset_of(match["zone"]) if match["zone"] else ""
    if zone is None:
        return None
    date = f"{year}-{month:0>2}-{day:0>2}"
    if not match["hour"]:
        return None if zone else date
    hour = clock_hour(int(match["hour"]), match["half"])
    if hour is None:
        return None
    second = f":{match['second']}{(match['fraction'] or '').replace(',', '.')}" if match["second"] else ""
    return f"{date}T{hour:02}:{match['minute']}{second}{zone}"


def clock_hour(hour: int, half: str | None) -> int | None:
    """Return the hour of a day of a clock of twelve or twenty-four hours.

    >>> clock_hour(12, "AM"), clock_hour(9, "p. m."), clock_hour(21, None), clock_hour(13, "PM")
    (0, 21, 21, None)
    """
    if not half:
        return hour if hour < 24 else None
    return hour % 12 + 12 * half.lower().startswith("p") if 1 <= hour <= 12 else None


def offset_of(zone: str) -> str | None:
    """Return an offset from UTC such as +02:00; nothing for letters that may be several zones.

    >>> offset_of("GMT+2"), offset_of("EEST"), offset_of("+0530"), offset_of("IST")
    ('+02:00', '+03:00', '+05:30', None)
    """
    name, digits = re.fullmatch(r"([A-Za-z]*)(.*)", zone).groups()  # type: ignore[union-attr]
    if digits:
        hours, minutes = re.fullmatch(r"([+-]\d{1,2}):?(\d{2})?", digits).groups()  # type: ignore[union-attr]
        return f"{hours[0]}{hours[1:]:0>2}:{minutes or '00'}" if name.upper() in ("", "GMT", "UTC") else None
    return zone_letters().get(name.upper())


@cache
def zone_letters() -> dict[str, str]:
    """Return the zones that are known by letters."""
    return {name: offset for offset, names in load_survey_words()["zones"].items() for name in names}
