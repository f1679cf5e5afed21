"""Orders and till receipts, one row each or one row a product, and the purchases that they prove."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, cut
from cjtools.settings import SourceSection
from cjtools.sources.built import Built, fates_of, merge_rows, used, with_fate
from cjtools.sources.events import ENVIRONMENTS, declared_environment, profile_identities
from cjtools.sources.fields import Field
from cjtools.sources.profiles import named_profiles, namespace
from cjtools.sources.reader import said_in, shape
from cjtools.tables import Event, Order, OrderLine
from cjtools.words import fold

LINE_FIELDS = ("product_id", "category", "quantity", "line_total")
ORDER_FIELDS = (
    "profile", "ordered_at", "ordered_at_precision", "ordered_at_day", "environment", "pickup", "store_id", "total",
    "currency", "status", "payment_method", "coupon",
)  # fmt: skip

# What a shop writes of a payment, folded, in the five languages; the first that fits, from the most telling on.
PAYMENTS = (
    ("gift_card", r"gift|regal|cadou"),
    ("cod", r"cash-on-delivery|\bcod\b|contra-?re|contrassegno|ramburs|al-recibir"),
    ("bnpl", r"klarna|sequra|scalapay|afterpay|bnpl|aplazame|oney|tbi|later|a-rate\b|in-rate|termini|terminis|plazos"),
    ("bizum", r"bizum"),
    ("paypal", r"pay-?pal"),
    ("wallet", r"apple-?pay|google-?pay|\bwallet|satispay|revolut"),
    ("transfer", r"transf|bonific|\bsepa\b|wire|virament"),
    ("card", r"card|tarje|targe|carta|visa|master|amex|debit|credit|tpv|redsys|stripe"),
    ("cash", r"cash|efectiu|efectivo|contant|numerar|metal"),
)


def fields(section: SourceSection) -> list[Field]:
    """Return what a table of orders can tell."""
    return [
        Field("order_id", "id", required=True),
        Field("ordered_at", "time", required=True),
        Field("profile", "id"),
        Field("environment", "choice", choices=ENVIRONMENTS),
        Field("pickup", "flag"),
        Field("store_id", "id"),
        Field("total", "money"),
        Field("currency", "text"),
        Field("payment_method", "text"),
        Field("status", "text"),
        Field("coupon", "text"),
        Field("product_id", "id"),
        Field("category", "text"),
        Field("quantity", "number"),
        Field("line_total", "money"),
    ]


def check(section: SourceSection) -> Iterator[Fault]:
    """Yield what a table of orders lacks in client.toml."""
    given = section.mapping.keys() | section.constants.keys()
    if "environment" not in given and section.touchpoint is None:
        step = '[sources.constants] environment = "offline", or map a column and translate it in [sources.values]'
        yield Fault(
            said_in(section, "mapping"), "environment is missing: were these bought online or offline?", "", step
        )


def has_lines(section: SourceSection) -> bool:
    """Say whether a row is a product of an order, not an order."""
    return bool((section.mapping.keys() | section.constants.keys()) & set(LINE_FIELDS))


def build(rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> Built:
    """Return orders, their products and the purchases that they prove.

    Rows with the same order_id are the products of one order when a product's column is mapped: the total is then the
    order's own, or the sum of its products. Otherwise the same row again is merged, another row is a fault.
    """
    rows = rows.with_row_index("row").with_columns(
        environment=pl.coalesce("environment", pl.lit(declared_environment(section, client), pl.String))
    )
    if has_lines(section):
        rows = rows.sort("row").with_columns(
            pl.col("ordered_at", "ordered_at_precision", "ordered_at_day", "environment")
            .forward_fill()
            .over("order_id")
        )
    rows = with_fate(rows, "order_id", "ordered_at", "environment")
    if not has_lines(section):
        same = (pl.col("fate") == "used").cast(pl.Int32).cum_sum().over("order_id", "record") > 1
        rows = merge_rows(rows, same, "same_order")
    faults = list(order_faults(used(rows), section))
    orders = to_orders(used(rows), section=section, client=client)
    tables = {
        "orders": shape(Order, orders, source_id=section.id),
        "order_lines": shape(OrderLine, used(rows) if has_lines(section) else pl.DataFrame(), source_id=section.id),
        "events": to_purchases(orders, section=section, order=order),
        "identities": profile_identities(orders["profile_id"], section=section, client=client),
    }
    return Built(tables, fates_of(rows), faults)


def order_faults(rows: pl.DataFrame, section: SourceSection) -> Iterator[Fault]:
    """Yield the rows that contradict an earlier row of the same order."""
    telling = ("profile", "store_id") if has_lines(section) else ("row",)
    first = [pl.col(name).drop_nulls().first().over("order_id").alias(f"first_{name}") for name in telling]
    wrong = pl.any_horizontal((pl.col(name) != pl.col(f"first_{name}")).fill_null(False) for name in telling)
    at = (
        pl.col("source_row").first().over("order_id").alias("line"),
        pl.col("source_file").first().over("order_id").alias("file"),
    )
    for row in rows.with_columns(*first, *at).filter(wrong).iter_rows(named=True):
        found = f"order {cut(row['order_id'])} is also in {row['file']} line {row['line']}, with other values"
        step = "" if has_lines(section) else "map product_id, quantity or line_total when a row is a product"
        yield Fault(f"{row['source_file']} line {row['source_row']}", found, "one customer and shop an order", step)


def to_orders(rows: pl.DataFrame, *, section: SourceSection, client: Client) -> pl.DataFrame:
    """Return one row an order: of its rows the first value there is of each field."""
    firsts = [pl.col(name).drop_nulls().first() for name in ORDER_FIELDS]
    orders = rows.group_by("order_id", maintain_order=True).agg(
        pl.col("source_file").first(),
        pl.col("source_row").first(),
        *firsts,
        lines=pl.when(pl.col("line_total").count() > 0).then(pl.col("line_total").sum()),
    )
    space = namespace(section, section.mapping.get("profile", "profile"))
    raws = orders["payment_method"].drop_nulls().unique().to_list()
    return orders.with_columns(
        profile_id=named_profiles(pl.col("profile"), space),
        time_precision="ordered_at_precision",
        local_date="ordered_at_day",
        pickup=pl.col("pickup").fill_null(False),
        total=pl.coalesce("total", "lines"),
        currency=pl.coalesce("currency", pl.lit(section.currency or client.client.currency)),
        status=pl.col("status").str.to_lowercase().fill_null("unknown"),
        payment_raw="payment_method",
        payment_method=pl.col("payment_method").replace_strict(
            raws, [payment_method(raw) for raw in raws], default=None, return_dtype=pl.String
        ),
    )


def payment_method(raw: str) -> str:
    """Return what kind of payment a shop's words mean; unknown words are 'other'.

    >>> payment_method("Targeta VISA ****"), payment_method("contrassegno"), payment_method("points")
    ('card', 'cod', 'other')
    """
    text = fold(raw)
    return next((name for name, pattern in PAYMENTS if re.search(pattern, text)), "other")


def to_purchases(orders: pl.DataFrame, *, section: SourceSection, order: int) -> pl.DataFrame:
    """Return each order as an event: purchase online, pos_purchase offline."""
    activity = pl.when(pl.col("environment") == "online").then(pl.lit("purchase")).otherwise(pl.lit("pos_purchase"))
    events = orders.with_columns(
        event_id=pl.concat_str(pl.lit(f"{section.id}:order:"), pl.col("order_id")),
        timestamp="ordered_at",
        event_name=activity,
        activity=activity,
        channel="environment",
        value="total",
    )
    constants = {"source_id": section.id, "source_order": order, "tiebreak": 0, "is_bot": False, "is_internal": False}
    return shape(Event, events, consent="unknown", **constants)
