"""What shops' exports need before their columns are read: where an order was made, its products in many columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import polars as pl

from cjtools.sources.opening.delimited import Sheet, column_key

# A number that a shop guards against spreadsheets with an apostrophe.
GUARDED = r"^'([+\d][\d ().+/-]*)$"
LINE_ITEM = re.compile(r"line[ _]items?[ _]?\d+", re.IGNORECASE)


def columns_named(sheet: Sheet, *names: str) -> list[str]:
    """Return the columns of a sheet that have one of some names, in any case, in the order of the names."""
    there = {column_key(name): name for name in reversed(sheet.header)}
    return [there[column_key(name)] for name in names if column_key(name) in there]


def with_cells(sheet: Sheet, *columns: pl.Expr) -> Sheet:
    """Return a sheet with some columns more, or others in their place; no cell is null."""
    rows = sheet.rows.with_columns(*columns).with_columns(pl.all().fill_null(""))
    return replace(sheet, rows=rows, header=tuple(rows.columns))


def cell(sheet: Sheet, *names: str) -> pl.Expr:
    """Return the first of some columns that a sheet has, trimmed; empty cells everywhere when it has none."""
    found = columns_named(sheet, *names)
    return pl.col(found[0]).str.strip_chars() if found else pl.lit("")


def shopify(sheet: Sheet) -> Sheet:
    """Return Shopify's orders with where each was made, and the id of each order on all of its rows.

    Sold at a till is what Source says (pos), or a location when it says nothing else than a draft: staff wrote that.
    """
    sheet = with_cells(sheet, pl.all().str.replace(GUARDED, "${1}"))
    source, place = cell(sheet, "Source").str.to_lowercase(), cell(sheet, "Location")
    first = cell(sheet, "Financial Status") != ""
    written = source.is_in(["", "shopify_draft_order", "draft", "draft_order"])
    offline = (source == "pos") | (written & (place != ""))
    where = pl.when(first).then(pl.when(offline).then(pl.lit("offline")).otherwise(pl.lit("online")))
    ids = columns_named(sheet, "Id")
    order = columns_named(sheet, "Name")[0]
    filled = [pl.col(name).replace("", None).forward_fill().over(order) for name in ids]
    return with_cells(sheet, where.alias("environment"), *filled)


def woocommerce_analytics(sheet: Sheet) -> Sheet:
    """Return WooCommerce's own orders report with source and medium for its Attribution (Organic: Google, Direct)."""
    text = cell(sheet, "Attribution", "Origin", "Atribución", "Atribució", "Attribuzione", "Atribuire", "Origen")
    kind = text.str.extract(r"^([^:]+):\s*\S", 1).str.to_lowercase()
    name = text.str.extract(r"^[^:]+:\s*(.+)$", 1).str.to_lowercase()
    direct = text.str.to_lowercase().is_in(["direct", "directo", "directe", "diretto"])
    medium = pl.when(direct).then(pl.lit("(none)")).when(kind.is_in(["organic", "referral"])).then(kind)
    source = pl.when(direct).then(pl.lit("(direct)")).otherwise(pl.coalesce(name, text.str.to_lowercase()))
    return with_cells(sheet, source.alias("attribution source"), medium.alias("attribution medium"))


def woocommerce_orders(sheet: Sheet) -> Sheet:
    """Return a plug-in's orders with the products of line_item_1, line_item_2 … in one cell, and coupons as codes."""
    many = [name for name in sheet.header if LINE_ITEM.fullmatch(name.strip())]
    if many:
        joined = pl.concat_str([pl.col(name).str.strip_chars() for name in many], separator="\n").str.strip_chars("\n ")
        sheet = with_cells(sheet, joined.str.replace_all(r"\n{2,}", "\n").alias("all line items"))
    coupons = columns_named(sheet, "coupon_items", "coupons")
    code = [pl.coalesce(pl.col(name).str.extract(r"(?:^|\|)\s*code:\s*([^|;]+)", 1), pl.col(name)) for name in coupons]
    return with_cells(sheet, *code)


def stripe_balance(sheet: Sheet) -> Sheet:
    """Return Stripe's balance with what each row is: sale, refund, or a payout, a fee and the like."""
    return with_cells(sheet, entry_of(cell(sheet, "Type", "reporting_category")).alias("entry"))


def sumup(sheet: Sheet) -> Sheet:
    """Return SumUp's transactions with what each row is."""
    kind = cell(sheet, "Transaction type", "Type", "Tipo de transacción", "Tipo di transazione", "Tipus de transacció")
    return with_cells(sheet, entry_of(kind).alias("entry"))


def entry_of(kind: pl.Expr) -> pl.Expr:
    """Return what a word of a payment provider means."""
    word = kind.str.to_lowercase()
    refund = word.str.contains(r"refund|chargeback|dispute|reembols|reembors|rimbors|rambursa|devoluci")
    sale = word.str.contains(r"^(?:charge|payment|sale|venta|venda|vendita|vânzare|vanzare)s?$")
    failed = word.str.contains("fail|revers")
    return pl.when(refund & ~failed).then(pl.lit("refund")).when(sale).then(pl.lit("sale")).otherwise(pl.lit("other"))


PREPARE: Mapping[str, Callable[[Sheet], Sheet]] = {
    "shopify": shopify,
    "woocommerce_analytics": woocommerce_analytics,
    "woocommerce_orders": woocommerce_orders,
    "stripe_balance": stripe_balance,
    "sumup": sumup,
}
