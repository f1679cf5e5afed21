"""Whether an order adds up: its products, less discounts, with shipping and taxes, are its total."""

from __future__ import annotations

from functools import reduce
from itertools import product
from operator import and_

import polars as pl

from cjtools.settings import SourceSection

ADDED = ("shipping", "fees", "tax", "discount", "subtotal")
TOLERANCE = 0.01  # for the order, and half as much for each product: both are rounded


def tells_sums(section: SourceSection) -> bool:
    """Say whether a source tells enough of an order's total to hold it against its parts."""
    return "total" in section.mapping and any(name in section.mapping for name in ADDED)


def totals_differ() -> pl.Expr:
    """Return whether the total of an order is none of the sums that its parts may mean.

    A shop may write prices with or without taxes and discounts: any of these readings is enough. An order of which
    neither the products nor the subtotal are known is not held against anything.
    """
    money = {name: pl.col(name).cast(pl.Float64).fill_null(0.0) for name in ("shipping", "fees", "tax", "discount")}
    line_discount = pl.col("line_discounts").cast(pl.Float64).fill_null(0.0)
    net = pl.coalesce(pl.col("lines"), pl.col("subtotal")).cast(pl.Float64)
    priced = pl.col("gross").is_not_null()
    base = pl.when(priced).then(pl.col("gross")).otherwise(net)
    less = [
        pl.when(priced).then(money["discount"]).otherwise(pl.lit(0.0)),
        pl.when(priced).then(line_discount).otherwise(money["discount"]),
        money["discount"] + line_discount,
    ]
    taxes = [pl.lit(0.0), money["tax"]]
    slack = TOLERANCE + pl.col("products") * TOLERANCE / 2 + 1e-9
    total = pl.col("total").cast(pl.Float64)
    misses = [
        (base - discount + money["shipping"] + money["fees"] + tax - total).abs() > slack
        for discount, tax in product(less, taxes)
    ]
    return reduce(and_, misses).fill_null(False)
