"""Numbers as files write them: one decimal mark, declared; marks of thousands only where they cannot be mistaken."""

from __future__ import annotations

import polars as pl

from cjtools.tables import MONEY_SCALE

MONEY = pl.Decimal(18, MONEY_SCALE)


def plain_number(texts: pl.Expr, *, decimal: str, grouped: bool) -> pl.Expr:
    """Return numbers as Python writes them; what is no number is null.

    Marks of thousands are taken away when the number has its decimal mark or two groups, or when `grouped` says that
    client.toml declared the decimal mark: alone, 1,234 may be one thousand or one and a bit.

    >>> frame = pl.DataFrame({"n": ["1.234,5", "−3", "1.234", "x"]})
    >>> frame.select(plain_number(pl.col("n"), decimal=",", grouped=False))["n"].to_list()
    ['1234.5', '-3', None, None]
    """
    point, group = (r"\.", ",") if decimal == "." else (",", r"\.")
    text = texts.str.replace("^−", "-").str.replace_all(r"(\d)[\x{a0}\x{202f} ](\d{3})", "${1}${2}")
    many = rf"^[+-]?\d{{1,3}}(?:{group}\d{{3}})" + ("+" if grouped else "{2,}") + rf"(?:{point}\d+)?$"
    both = rf"^[+-]?\d{{1,3}}(?:{group}\d{{3}})+{point}\d+$"
    text = (
        pl.when(text.str.contains(many) | text.str.contains(both)).then(text.str.replace_all(group, "")).otherwise(text)
    )
    if decimal == ",":
        text = pl.when(~text.str.contains(".", literal=True)).then(text.str.replace(",", ".", literal=True))
    return pl.when(text.str.contains(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$")).then(
        text.str.strip_chars_start("+")
    )


def already_plain(texts: pl.Series, *, decimal: str) -> pl.Expr | None:
    """Return texts that are all written as digits with at most the decimal mark as plain numbers; of others None.

    >>> frame = pl.DataFrame({"n": ["1234,5", "-3"]})
    >>> frame.select(already_plain(frame["n"], decimal=","))["n"].to_list()
    ['1234.5', '-3']
    """
    if (
        not texts.str.contains(r"^-?[0-9]+(?:[.,][0-9]+)?$").all()
        or texts.str.contains("," if decimal == "." else ".", literal=True).any()
    ):
        return None
    return pl.col(texts.name) if decimal == "." else pl.col(texts.name).str.replace(",", ".", literal=True)


def money(numbers: pl.Expr) -> pl.Expr:
    """Return plain numbers as money; more than 14 digits before the point are null."""
    return numbers.cast(MONEY, strict=False)


def whole(numbers: pl.Expr) -> pl.Expr:
    """Return plain numbers as whole ones; others are null."""
    return pl.when(numbers.str.contains(r"^-?\d+(?:\.0*)?$")).then(
        numbers.str.replace(r"\.0*$", "").cast(pl.Int64, strict=False)
    )


def real(numbers: pl.Expr) -> pl.Expr:
    """Return plain numbers as real ones; what is too large is null."""
    value = numbers.cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def clock_seconds(texts: pl.Expr) -> pl.Expr:
    """Return durations that are written as a clock shows them in seconds; two parts may be hours or minutes: null.

    >>> frame = pl.DataFrame({"t": ["0:01:10", "12:00:00.5", "1 min 10s", "45s", "1:10", "70"]})
    >>> frame.select(seconds=clock_seconds(pl.col("t")))["seconds"].to_list()
    [70.0, 43200.5, 70.0, 45.0, None, None]
    """
    clock = texts.str.extract_groups(r"^(\d+):([0-5]?\d):([0-5]?\d(?:\.\d+)?)$")
    words = texts.str.extract_groups(r"^(?:(\d+) ?h(?:ours?)?)? ?(?:(\d+) ?m(?:in)?)? ?(?:(\d+(?:\.\d+)?) ?s(?:ec)?)?$")
    return pl.coalesce(in_seconds(clock), pl.when(texts.str.contains(r"\d")).then(in_seconds(words, missing=0.0)))


def in_seconds(parts: pl.Expr, *, missing: float | None = None) -> pl.Expr:
    """Return hours, minutes and seconds, the three groups of a pattern, as seconds; null where nothing was found."""
    names = ("1", "2", "3")
    numbers = [parts.struct.field(name).cast(pl.Float64, strict=False) for name in names]
    found = pl.any_horizontal(number.is_not_null() for number in numbers)
    hours, minutes, seconds = (number if missing is None else number.fill_null(missing) for number in numbers)
    return pl.when(found).then(hours * 3600 + minutes * 60 + seconds)
