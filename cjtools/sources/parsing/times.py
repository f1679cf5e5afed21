"""Dates and times as files write them, as UTC: by one declared format or by ISO 8601, never by a guess."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl
from polars.exceptions import ComputeError

from cjtools.sources.parsing.iso_digits import read_digits

ISO = (
    r"^(?<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?<minute>\d{2}:\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?"
    r"\s?(?<offset>Z|UTC|[+-]\d{2}:?\d{2})?)?$"
)
YEARS = (1900, 2100)
# One way to write ISO 8601: what polars parses fast, when all of a column's texts have it.
USUAL = re.compile(r"\d{4}-\d{2}-\d{2}(?:([T ])\d{2}:\d{2}(:\d{2}(\.\d{3}|\.\d{6})?)?(Z)?)?")
HOUR = 3_600_000_000  # microseconds
MANY = 10_000  # moments
DAY = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
NOT_ISO = re.compile(r"^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(.*)$")


@dataclass(frozen=True)
class Times:
    """Parsed times: `moment` in UTC, `precision` a word or null, `day` in the zone, and how often the clocks mattered.

    `gap` counts local times that a change of the clocks skipped (taken one hour later), `fold` those that it repeated
    (the first of the two is taken).
    """

    moment: pl.Series
    precision: pl.Series
    day: pl.Series
    gap: int
    fold: int


def parse_times(texts: pl.Series, *, form: str | None, zone: str) -> Times:
    """Return the times of some texts; what is no time is null.

    Without a format the texts are ISO 8601: a day, or a day and a time, with or without an offset. A time without an
    offset is local to `zone`.

    >>> times = parse_times(pl.Series(["2026-07-01 10:00", "2026-07-01T10:00:00+02:00"]), form=None, zone="UTC")
    >>> [f"{moment:%H:%M}" for moment in times.moment], times.precision.to_list()
    (['10:00', '08:00'], ['minute', 'exact'])
    """
    if form is None:
        return parse_iso(texts, zone)
    if form == "%s":
        return located(texts.str.to_datetime("%s", strict=False), "exact", "UTC", show=zone)
    if "%z" in form:
        moment = texts.str.to_datetime(form, strict=False, time_zone="UTC").dt.replace_time_zone(None)
        return located(moment, precision_of(form), "UTC", show=zone)
    if not re.search(r"%[-_0]?[deFDxcvj]", form):
        return located((texts + " 01").str.to_datetime(form + " %d", strict=False), "month", zone)
    return located(texts.str.to_datetime(form, strict=False), precision_of(form), zone)


def precision_of(form: str) -> str:
    """Return how fine the times of a format are."""
    if re.search(r"%[-_0]?[STXfsc+r]|%\.f|%3f|%6f", form):
        return "exact"
    return "minute" if re.search(r"%[-_0]?[HIMRkl]", form) else "day"


def parse_iso(texts: pl.Series, zone: str) -> Times:
    """Return the times of texts in ISO 8601."""
    first = texts.drop_nulls().head(1)
    usual = USUAL.fullmatch(first.item()) if len(first) else None
    if usual is not None and usual[1] and (naive := read_digits(texts, usual[0])) is not None:
        precision = "exact" if usual[2] else "minute"
        return located(naive, precision, "UTC" if usual[4] else zone, show=zone if usual[4] else None)
    if usual is not None and texts.str.contains(pattern_of(*usual.groups())).all():
        return parse_usual(texts, *usual.groups(), zone=zone)
    parts = texts.str.extract_groups(ISO).struct.unnest()
    written = parts.select(
        naive=pl.concat_str(
            "day",
            pl.lit("T"),
            pl.col("minute").fill_null("00:00"),
            pl.lit(":"),
            pl.col("second").fill_null("00"),
            pl.lit("."),
            pl.col("fraction").fill_null("0"),
        ).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us"),
        offset="offset",
        precision=pl.when(pl.col("second").is_not_null())
        .then(pl.lit("exact"))
        .when(pl.col("minute").is_not_null())
        .then(pl.lit("minute"))
        .otherwise(pl.lit("day")),
    )
    if written["offset"].null_count() == len(texts):
        return located(written["naive"], written["precision"], zone)
    shifted = written.with_columns(shift=offset_minutes(pl.col("offset")))
    with_offset = located(
        shifted.select(pl.col("naive") - pl.duration(minutes="shift")).to_series(),
        written["precision"],
        "UTC",
        show=zone,
    )
    local = located(written["naive"].zip_with(written["offset"].is_null(), empty_like(written["naive"])), "day", zone)
    known = written["offset"].is_not_null()
    return Times(
        with_offset.moment.zip_with(known, local.moment),
        known_only(written["precision"], with_offset.moment.zip_with(known, local.moment)),
        with_offset.day.zip_with(known, local.day),
        local.gap,
        local.fold,
    )


def pattern_of(mark: str | None, second: str | None, fraction: str | None, offset: str | None) -> str:
    """Return the pattern of one way to write ISO 8601, so narrow that all that fits it can be a time.

    >>> bool(re.search(pattern_of(" ", None, None, None), "2026-07-01 23:59"))
    True
    """
    seconds = ":[0-5][0-9]" if second else ""
    digits = rf"\.[0-9]{{{len(fraction) - 1}}}" if fraction else ""
    clock = f"{mark}(?:[01][0-9]|2[0-3]):[0-5][0-9]{seconds}{digits}" if mark else ""
    return f"^{DAY}{clock}{offset or ''}$"


def parse_usual(
    texts: pl.Series, mark: str | None, second: str | None, fraction: str | None, offset: str | None, *, zone: str
) -> Times:
    """Return the times of texts that are all written in one way."""
    if mark is None:
        return located(texts.str.to_date("%Y-%m-%d", strict=False), "day", zone)
    digits = f".%{len(fraction) - 1}f" if fraction else ""
    form = f"%Y-%m-%d{mark}%H:%M{':%S' if second else ''}{digits}{offset or ''}"
    naive = texts.str.to_datetime(form, strict=False, time_unit="us")
    precision = "exact" if second else "minute"
    return located(naive, precision, "UTC", show=zone) if offset else located(naive, precision, zone)


def offset_minutes(offset: pl.Expr) -> pl.Expr:
    """Return an offset such as +02:00 in minutes; Z and UTC are 0."""
    digits = offset.str.replace(":", "")
    minutes = digits.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(3, 2).cast(
        pl.Int64, strict=False
    )
    return (
        pl.when(offset.is_in(["Z", "UTC"])).then(0).when(offset.str.starts_with("-")).then(-minutes).otherwise(minutes)
    )


def empty_like(series: pl.Series) -> pl.Series:
    """Return as many nulls of the same kind."""
    return pl.repeat(None, len(series), dtype=series.dtype, eager=True).alias(series.name)


def located(naive: pl.Series, precision: str | pl.Series, zone: str, *, show: str | None = None) -> Times:
    """Return local times as UTC; years that cannot be meant (24, 56133) are null."""
    naive = naive.cast(pl.Datetime("us"))
    moments = naive.to_physical()
    ends = pl.Series([moments.min(), moments.max()], dtype=pl.Int64).cast(naive.dtype)  # as years: none may be a date
    if not ends.dt.year().is_between(*YEARS).all():
        naive = naive.zip_with(naive.dt.year().is_between(*YEARS), empty_like(naive))
    moment, gap, fold = to_utc(naive, zone)
    precision = precision if isinstance(precision, pl.Series) else pl.repeat(precision, len(naive), eager=True)
    day = days_in(moment, show) if show else naive.dt.date()
    return Times(moment, known_only(precision, moment), day, gap, fold)


def days_in(moment: pl.Series, zone: str) -> pl.Series:
    """Return the days in a zone on which moments fall.

    Where there are many, its clocks are looked at once for each hour, if they change within none of the hours.
    """
    plain = moment.dt.convert_time_zone(zone).dt.date
    if moment.has_nulls() or len(moment) < MANY:
        return plain()
    moments = moment.dt.epoch("us")
    first, last = int(moments.min()) // HOUR, int(moments.max()) // HOUR  # type: ignore[arg-type]
    if last - first > len(moments):
        return plain()
    begins = np.arange(first, last + 1) * HOUR
    shift = shifts(begins, zone)
    if not np.array_equal(shift, shifts(begins + HOUR - 1, zone)):
        return plain()
    if (shift == shift[0]).all():
        return days_at(moments + int(shift[0]))
    hours = moments.to_numpy() // HOUR
    return pl.Series((moments.to_numpy() + shift[hours - first]) // (24 * HOUR), dtype=pl.Int32).cast(pl.Date)


def days_at(moments: pl.Series) -> pl.Series:
    """Return the days of local moments, in microseconds; where all are of one day, it is made one once."""
    first, last = (int(each) // (24 * HOUR) for each in (moments.min(), moments.max()))  # type: ignore[arg-type]
    if first == last:
        return pl.Series([first], dtype=pl.Int32).cast(pl.Date).new_from_index(0, len(moments))
    return moments.cast(pl.Datetime("us")).dt.date()


def shifts(moments: npt.NDArray[np.int64], zone: str) -> npt.NDArray[np.int64]:
    """Return how far the clocks of a zone are ahead at moments; all in microseconds."""
    local = pl.Series(moments).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return local.dt.epoch("us").to_numpy() - moments


def known_only(precision: pl.Series, moment: pl.Series) -> pl.Series:
    """Return the precision of the times that are known."""
    return precision.zip_with(moment.is_not_null(), empty_like(precision)) if moment.has_nulls() else precision


def to_utc(naive: pl.Series, zone: str) -> tuple[pl.Series, int, int]:
    """Return local times as UTC, how many fell into a gap of the clocks, and how many were there twice.

    The rule: a skipped time is one hour later, a repeated one is the first of the two.
    """
    if zone == "UTC":
        return naive.dt.replace_time_zone("UTC"), 0, 0
    with suppress(ComputeError):  # raised where a time is skipped or repeated
        return naive.dt.replace_time_zone(zone).dt.convert_time_zone("UTC"), 0, 0
    first = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    last = naive.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    skipped = first.is_null() & naive.is_not_null()
    gap = int(skipped.sum())
    if gap:
        later = naive.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        first = first.zip_with(~skipped, later)
    return first.dt.convert_time_zone("UTC"), gap, int((first != last).sum())


def midnight(day: dt.date, zone: str) -> dt.datetime:
    """Return the beginning of a day in a zone, in UTC."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def time_advice(texts: pl.Series, form: str | None) -> tuple[str, str]:
    """Return what was expected of a column of times, and what to write into client.toml.

    >>> time_advice(pl.Series(["03/04/2024", "25/04/2024"]), None)
    ('a date such as 2026-07-01', 'add date_format = "%d/%m/%Y" to this source')
    """
    if form is not None:
        return f"a date of the form {form}", ""
    shapes = [match.groups() for text in texts.drop_nulls().head(1000) if (match := NOT_ISO.match(text))]
    if not shapes:
        return "a date such as 2026-07-01", "or add date_format to this source"
    _, mark, _, year, rest = shapes[0]
    if len(year) == 2:
        return "a date such as 2026-07-01", f'add date_format = "%d{mark}%m{mark}%y" or what it is to this source'
    day_first = any(int(first) > 12 for first, *_ in shapes)
    month_first = any(int(second) > 12 for _, _, second, *_ in shapes)
    tail = f"{mark}%Y{time_tail(rest)}"
    forms = [f'"%d{mark}%m{tail}"'] * (not month_first) + [f'"%m{mark}%d{tail}"'] * (not day_first)
    if len(forms) == 1:
        return "a date such as 2026-07-01", f"add date_format = {forms[0]} to this source"
    return "day or month first?", "add date_format = " + " or ".join(forms or ["…"]) + " to this source"


def time_tail(rest: str) -> str:
    """Return the form of what follows a date, as far as it is a plain time of day."""
    match = re.match(r"^([T ]+)\d{1,2}:\d{2}(:\d{2})?$", rest)
    return "" if not match else match[1] + ("%H:%M:%S" if match[2] else "%H:%M")
