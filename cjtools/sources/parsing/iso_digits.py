"""Times that are all written in one way, such as 2026-07-01T10:00:00Z: their digits as numbers, all rows at once."""

from __future__ import annotations

from functools import cache
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import polars as pl

Bytes = npt.NDArray[np.uint8]
Whole = npt.NDArray[np.int32]

TOGETHER = 2048  # texts whose letters are looked at at once: they stay in the processor's own memory
ZERO = ord("0")
FIRST_YEAR, LAST_YEAR = 1900, 2100
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MICROSECONDS = 1_000_000
DAY = 86_400  # seconds


def read_digits(texts: pl.Series, model: str) -> pl.Series | None:
    """Return local times as written; None where one of them is missing, none that can be, or not written as the model.

    A model is a time as text: what stands in it for a digit is any digit, everything else is the same in all texts.

    >>> read_digits(pl.Series(["2026-02-28 23:59"]), "2026-07-01 10:00").to_list()
    [datetime.datetime(2026, 2, 28, 23, 59)]
    >>> read_digits(pl.Series(["2026-02-29 23:59"]), "2026-07-01 10:00") is None
    True
    """
    letters = letters_of(texts, len(model))
    if letters is None or not are_written_as(letters, model):
        return None
    day = days_of(letters)
    clock = clock_of(letters, model)
    if day is None or clock is None:
        return None
    seconds, fraction = clock
    moment = day.astype(np.int64) * DAY + seconds
    moment *= MICROSECONDS
    if fraction is not None:
        moment += fraction
    return pl.Series(texts.name, moment).cast(pl.Datetime("us"))


def letters_of(texts: pl.Series, width: int) -> Bytes | None:
    """Return the bytes of texts, a row each; None where one is missing or of another length."""
    sizes = texts.str.len_bytes()
    if not len(texts) or texts.has_nulls() or sizes.min() != width or sizes.max() != width:
        return None
    return texts.cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, width)).to_numpy()


def are_written_as(letters: Bytes, model: str) -> bool:
    """Say whether digits stand where the model has digits, and elsewhere what stands in the model."""
    low = np.array([ZERO if letter.isdigit() else ord(letter) for letter in model], np.uint8)
    span = np.array([9 if letter.isdigit() else 0 for letter in model], np.uint8)
    lows, spans = np.tile(low, TOGETHER), np.tile(span, TOGETHER)
    flat = letters.reshape(-1)
    for at in range(0, len(flat), len(lows)):
        some = flat[at : at + len(lows)]
        if ((some - lows[: len(some)]) > spans[: len(some)]).any():  # what is less goes round to more
            return False
    return True


def number(letters: Bytes, first: int, digits: int, *, unit: int = 1) -> Whole:
    """Return the number that some digits from the first on tell, times a unit."""
    weights = [unit * 10 ** (digits - 1 - nth) for nth in range(digits)]
    total: Whole = letters[:, first].astype(np.int32)
    total *= weights[0]
    for nth, weight in enumerate(weights[1:], start=first + 1):
        total += letters[:, nth].astype(np.int32) * np.int32(weight)
    total -= ZERO * sum(weights)
    return total


def days_of(letters: Bytes) -> Whole | None:
    """Return the days since 1970 of texts that begin with a date; None where one is none, or in no year that can be.

    In most files many rows that stand together tell of one day: then that is read once.
    """
    same = all((texts == texts[0]).all() for texts in (words(letters, "<u8", 0), words(letters, "<u2", 8)))
    return days_of_dates(letters[:1] if same else letters)


def words(letters: Bytes, kind: str, first: int) -> npt.NDArray[np.unsignedinteger]:
    """Return some letters of each text as one number, to be compared at once."""
    return np.ndarray(len(letters), kind, buffer=letters.data, offset=first, strides=letters.strides[:1])


def days_of_dates(letters: Bytes) -> Whole | None:
    """Return the days since 1970 of dates; None where one cannot be."""
    begins, lengths = calendar()
    year, day = number(letters, 0, 4), number(letters, 8, 2)
    month = number(letters, 5, 2)
    month -= 1
    if year.min() < FIRST_YEAR or year.max() > LAST_YEAR or month.min() < 0 or month.max() > 11 or day.min() < 1:
        return None
    year -= FIRST_YEAR
    year *= 12
    month += year
    if (day > lengths[month]).any():
        return None
    day += begins[month]
    return day


def clock_of(letters: Bytes, model: str) -> tuple[Whole, Whole | None] | None:
    """Return the seconds of the day and, where texts have them, the microseconds; None where a clock cannot show it."""
    hour, minute = number(letters, 11, 2), number(letters, 14, 2)
    second = number(letters, 17, 2) if model[16:17] == ":" else None
    if hour.max() > 23 or minute.max() > 59 or (second is not None and second.max() > 59):
        return None
    hour *= 3600
    minute *= 60
    hour += minute
    if second is not None:
        hour += second
    digits = len(model[20:].rstrip("Z")) if model[19:20] == "." else 0
    return hour, number(letters, 20, digits, unit=10 ** (6 - digits)) if digits else None


@cache
def calendar() -> tuple[Whole, Whole]:
    """Return for each month since 1900 the day before its first, counted from 1970, and how many days it has."""
    lengths = [
        days + (month == 1 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
        for month, days in enumerate(LENGTHS)
    ]
    begins = np.array([0, *accumulate(lengths)][:-1], np.int32)
    begins -= begins[(1970 - FIRST_YEAR) * 12] + 1
    return begins, np.array(lengths, np.int32)
