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
