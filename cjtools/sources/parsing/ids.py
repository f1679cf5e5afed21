"""Ids that stay the same when other rows come or go: short hashes of what a thing is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from hashlib import blake2b

import idna
import polars as pl

from cjtools.privacy import pseudonym

APART = "\x1f"


def short_id(*parts: str, prefix: str, size: int = 8) -> str:
    """Return an id of its parts: the prefix and twice `size` hexadecimal digits.

    >>> short_id("P01.md", "Too dear", "0", prefix="q", size=5)
    'qc37ad60da0'
    """
    return prefix + blake2b(APART.join(parts).encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()


def short_ids(keys: Iterable[str], *, prefix: str) -> pl.Series:
    """Return one id a key."""
    return pl.Series([short_id(key, prefix=prefix) for key in keys], dtype=pl.String)


def occurrence(key: pl.Expr) -> pl.Expr:
    """Return a key with its number among equal keys, in the order of the rows."""
    return pl.concat_str(key, pl.int_range(pl.len()).over(key).cast(pl.String), separator=APART)


def pseudonyms(values: pl.Series, *, salt: str) -> pl.Series:
    """Return the keyed hashes of some ids; a missing one has none."""
    known = values.drop_nulls().unique()
    return values.replace_strict(
        known,
        pl.Series([pseudonym(value, salt=salt) for value in known], dtype=pl.String),
        default=None,
        return_dtype=pl.String,
    )


def private_addresses(values: pl.Series, *, salt: str) -> pl.Series:
    """Return ids with the keyed hash of each e-mail address in its place; other ids stay.

    Addresses are compared without blanks and case, the domain as IDNA; dots and +tags are kept: they may be another
    person's. No address goes further than this.

    >>> private_addresses(pl.Series(["7", " Ann@Shop.example"]), salt="acme").to_list()[0]
    '7'
    """
    addresses = values.filter(values.str.contains("@", literal=True)).unique().drop_nulls()
    if addresses.is_empty():
        return values
    hashed = pl.Series([pseudonym(plain_address(each), salt=salt) for each in addresses], dtype=pl.String)
    return values.replace_strict(addresses, hashed, default=values, return_dtype=pl.String)


def plain_address(address: str) -> str:
    """Return an e-mail address as addresses are compared.

    >>> plain_address(" Ann.B@Botiga-Ñ.example ")
    'ann.b@xn--botiga--b0a.example'
    """
    name, _, domain = address.strip().lower().rpartition("@")
    with contextlib.suppress(idna.IDNAError):
        domain = idna.encode(domain, uts46=True).decode()
    return f"{name}@{domain}"
