"""The page of a web address: its path, without host, query and fragment."""

from __future__ import annotations

import polars as pl


def page_path(address: pl.Expr) -> pl.Expr:
    """Return the path of an address; an address without one is /.

    >>> frame = pl.DataFrame({"a": ["https://shop.example/p/1?utm=x#top", "https://shop.example", "/cart?x", None]})
    >>> frame.select(page_path(pl.col("a")))["a"].to_list()
    ['/p/1', '/', '/cart', None]
    """
    path = address.str.replace(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*", "").str.replace(r"[?#].*$", "")
    return path.replace("", "/")
