"""Orders and till receipts, one row each or one row a product, and the purchases that they prove."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, cut
from cjtools.settings import SourceSection
from cjtools.sources.kinds.built import Built, fates_of, merge_rows, used, with_fate
from cjtools.sources.kinds.events import ENVIRONMENTS, declared_environment, profile_identities
from cjtools.sources.kinds.order_sums import tells_sums, totals_differ
from cjtools.sources.parsing.fields import Field
from cjtools.sources.parsing.ids import APART, occurrence, short_ids
from cjtools.sources.parsing.items import read_items
from cjtools.sources.parsing.profiles import named_profiles, namespace
from cjtools.sources.parsing.shop_words import NOT_PAID, is_pickup, order_status, payment_method
from cjtools.sources.reader import empty, said_in, shape
from cjtools.tables import Event, Order, OrderLine

LINE_FIELDS = ("product_id", "product_name", "category", "quantity", "line_total", "unit_price", "line_discount")
ORDER_FIELDS = (
    "entry", "profile", "ordered_at", "ordered_at_precision", "ordered_at_day", "environment", "pickup",
    "shipping_method", "store_id", "total", "subtotal", "shipping", "tax", "fees", "discount", "refunded",
    "cancelled_at", "cancelled_at_precision", "cancelled_at_day", "currency", "status", "payment_method", "coupon",
    "source", "medium", "campaign", "items",
)  # fmt: skip

# What a row of a payment terminal is; what is neither sale nor refund (a payout, a fee) is no customer's act.
ENTRIES = {"sale": "sale", "refund": "refund", "other": "other"}


def fields(section: SourceSection) -> list[Field]:
    """Return what a table of orders can tell."""
    money = ("total", "subtotal", "shipping", "tax", "fees", "discount", "refunded")
    texts = ("shipping_method", "currency", "payment_method", "status", "coupon", "source", "medium", "campaign")
    return [
        Field("order_id", "id", required=True),
        Field("ordered_at", "time", required=True),
        Field("cancelled_at", "time"),
        Field("entry", "choice", choices=ENTRIES),
        Field("profile", "person"),
        Field("environment", "choice", choices=ENVIRONMENTS),
        Field("pickup", "flag"),
        Field("store_id", "id"),
        *(Field(name, "money") for name in money),
        *(Field(name, "text") for name in texts),
        Field("product_id", "id"),
        Field("product_name", "text"),
        Field("category", "text"),
        Field("quantity", "number"),
        *(Field(name, "money") for name in ("line_total", "unit_price", "line_discount")),
        Field("items", "text"),
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
    order's own, or the sum of its products. Otherwise the same row again is merged, another row is a fault. With a
    constant order_id each row is an order of its own.
    """
    rows = rows.with_row_index("row").with_columns(
        environment=pl.coalesce("environment", pl.lit(declared_environment(section, client), pl.String)),
        line_total=pl.coalesce("line_total", price_of_line()),
    )
    if "order_id" in section.constants:
        rows = rows.with_columns(order_id=own_ids(rows, section))
    if has_lines(section):
        rows = rows.sort("row").with_columns(
            pl.col("ordered_at", "ordered_at_precision", "ordered_at_day", "environment")
            .forward_fill()
            .over("order_id")
        )
    rows = rows.with_columns(order_id=refund_ids())
    rows = merge_repeats(reject_others(with_fate(rows, "order_id", "ordered_at", "environment")), section)
    faults = list(order_faults(used(rows), section))
    orders = to_orders(used(rows), section=section, client=client)
    lines = pl.concat([
        shape(OrderLine, to_lines(used(rows)) if has_lines(section) else pl.DataFrame(), source_id=section.id),
        shape(OrderLine, item_lines(orders), source_id=section.id),
    ])  # fmt: skip
    tables = {
        "orders": shape(Order, orders, source_id=section.id),
        "order_lines": lines,
        "events": to_events(orders, section=section, order=order),
        "identities": profile_identities(orders["profile_id"], section=section, client=client),
    }
    return Built(tables, fates_of(rows), faults, notes_of(orders, section))


def price_of_line() -> pl.Expr:
    """Return what a product of an order cost: its price times its number, less its own discount."""
    return (gross_of_line() - pl.col("line_discount").cast(pl.Float64).fill_null(0.0)).round(4).cast(pl.Decimal(18, 4))


def gross_of_line() -> pl.Expr:
    """Return the price of a product times its number."""
    return pl.col("unit_price").cast(pl.Float64) * pl.col("quantity")


def own_ids(rows: pl.DataFrame, section: SourceSection) -> pl.Series:
    """Return an id for each row of a table whose orders have none: by customer, time and sum."""
    told = ("profile", pl.col("ordered_at").dt.timestamp("us"), "store_id", "total", "line_total", "product_id")
    key = pl.concat_str(
        pl.lit(section.id), *(pl.col(each).cast(pl.String) if isinstance(each, str) else each for each in told),
        separator=APART, ignore_nulls=True,
    )  # fmt: skip
    return short_ids(rows.select(occurrence(key)).to_series(), prefix="o")


def refund_ids() -> pl.Expr:
    """Return the ids of orders; a refund that carries the id of its sale has one of its own."""
    refund = (pl.col("entry") == "refund").fill_null(False)
    nth = refund.cast(pl.Int64).cum_sum().over("order_id")
    shared = refund & (refund.cast(pl.Int64).sum().over("order_id") < pl.len().over("order_id"))
    return pl.when(shared).then(pl.format("{} refund {}", "order_id", nth)).otherwise("order_id")


def reject_others(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows where those that are neither sale nor refund are rejected."""
    other = (pl.col("entry") == "other").fill_null(False) & (pl.col("fate") == "used")
    return rows.with_columns(
        fate=pl.when(other).then(pl.lit("rejected")).otherwise("fate"),
        why=pl.when(other).then(pl.lit("no_sale")).otherwise("why"),
    )


def merge_repeats(rows: pl.DataFrame, section: SourceSection) -> pl.DataFrame:
    """Return rows where an order told again is merged; of products only those that another file told already."""
    still = pl.col("fate") == "used"
    if not has_lines(section):
        return merge_rows(rows, still.cast(pl.Int32).cum_sum().over("order_id", "record") > 1, "same_order")
    rows = rows.with_columns(told=pl.struct(*ORDER_FIELDS, *LINE_FIELDS).hash())
    rows = rows.with_columns(nth=still.cast(pl.Int32).cum_sum().over("order_id", "source_file", "told"))
    again = still.cast(pl.Int32).cum_sum().over("order_id", "told", "nth") > 1
    return merge_rows(rows, again, "same_line")


def order_faults(rows: pl.DataFrame, section: SourceSection) -> Iterator[Fault]:
    """Yield the rows that contradict an earlier row of the same order."""
    telling = ("profile", "store_id") if has_lines(section) else ("row",)
    first = [pl.col(name).drop_nulls().first().over("order_id").alias(f"first_{name}") for name in telling]
    wrong = pl.any_horizontal((pl.col(name) != pl.col(f"first_{name}")).fill_null(False) for name in telling)
    at = (
        pl.col("source_row").first().over("order_id").alias("line"),
        pl.col("source_file").first().over("order_id").alias("file"),
    )
    if has_lines(section):
        first += [
            pl.col(name).drop_nulls().first().over("order_id").alias(f"first_{name}") for name in ("total", "status")
        ]
        changed = ((pl.col(name) != pl.col(f"first_{name}")).fill_null(False) for name in ("total", "status"))
        wrong |= (pl.col("source_file") != pl.col("file")) & pl.any_horizontal(changed)
    for row in rows.with_columns(*first, *at).filter(wrong).iter_rows(named=True):
        found = f"order {cut(row['order_id'])} is also in {row['file']} line {row['line']}, with other values"
        step = "" if has_lines(section) else "map product_id, quantity or line_total when a row is a product"
        if has_lines(section) and row["source_file"] != row["file"]:
            step = "take the older export away"
        yield Fault(f"{row['source_file']} line {row['source_row']}", found, "one customer and shop an order", step)


def to_orders(rows: pl.DataFrame, *, section: SourceSection, client: Client) -> pl.DataFrame:
    """Return one row an order: of its rows the first value there is of each field."""
    firsts = [pl.col(name).drop_nulls().first() for name in ORDER_FIELDS]
    orders = rows.group_by("order_id", maintain_order=True).agg(
        pl.col("source_file").first(),
        pl.col("source_row").first(),
        *firsts,
        lines=pl.when(pl.col("line_total").count() > 0).then(pl.col("line_total").sum()),
        gross=pl.when(gross_of_line().null_count() == 0).then(gross_of_line().sum()),
        line_discounts=pl.col("line_discount").sum(),
        products=pl.len(),
    )
    space = namespace(section, section.mapping.get("profile", "profile"))
    total = pl.coalesce("total", "lines")
    status = each_text("status", order_status, pl.String)
    alive = ~status.is_in(["refunded", "partially_refunded", "voided", "failed"]).fill_null(False)
    return orders.with_columns(
        profile_id=named_profiles(pl.col("profile"), space),
        time_precision="ordered_at_precision",
        local_date="ordered_at_day",
        pickup=pl.coalesce("pickup", each_text("shipping_method", is_pickup, pl.Boolean)).fill_null(False),
        total=pl.when(pl.col("entry") == "refund").then(-total.abs()).otherwise(total),
        currency=pl.coalesce(
            pl.col("currency").str.to_uppercase(), pl.lit(section.currency or client.client.currency)
        ),
        status=pl.when(pl.col("cancelled_at").is_not_null() & alive)
        .then(pl.lit("cancelled"))
        .when((pl.col("entry") == "refund") | (total < 0))
        .then(pl.lit("refund"))
        .otherwise(status.fill_null("unknown")),
        payment_raw="payment_method",
        payment_method=each_text("payment_method", payment_method, pl.String),
    )  # fmt: skip


def each_text(column: str, meaning: Callable[[str], object], dtype: type[pl.DataType]) -> pl.Expr:
    """Return what a function makes of each distinct text of a column."""

    def meant(texts: pl.Series) -> pl.Series:
        known = texts.drop_nulls().unique().to_list()
        return texts.replace_strict(known, list(map(meaning, known)), default=None, return_dtype=dtype)

    return pl.col(column).map_batches(meant, return_dtype=dtype)


def to_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that are products, each by its id or else by its name."""
    told = rows.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in LINE_FIELDS))
    return told.with_columns(product_id=pl.coalesce("product_id", "product_name"))


def item_lines(orders: pl.DataFrame) -> pl.DataFrame:
    """Return the products that the cells of some orders name, in the order of the cells."""
    lines = [
        (row["order_id"], row["source_file"], row["source_row"], item.product, item.quantity, item.total)
        for row in orders.filter(pl.col("items").is_not_null()).iter_rows(named=True)
        for item in read_items(row["items"]) or []
    ]
    if not lines:
        return empty(OrderLine).drop("source_id")
    names = ["order_id", "source_file", "source_row", "product_id", "quantity", "line_total"]
    return pl.DataFrame(lines, schema_overrides={"column_5": pl.Decimal(18, 4)}, schema=names, orient="row")


def to_events(orders: pl.DataFrame, *, section: SourceSection, order: int) -> pl.DataFrame:
    """Return each order as an event: purchase online, pos_purchase offline, refund when money went back.

    One that was never paid is order_failed. A cancelled order is an event more, on the day it was cancelled, and so is
    what was given back then; money given back on an unknown day is in the table of orders alone.
    """
    bought = pl.when(pl.col("environment") == "online").then(pl.lit("purchase")).otherwise(pl.lit("pos_purchase"))
    activity = (
        pl.when(pl.col("status").is_in(NOT_PAID))
        .then(pl.lit("order_failed"))
        .when(pl.col("status") == "refund")
        .then(pl.lit("refund"))
        .otherwise(bought)
    )
    paid = orders.with_columns(activity=activity, timestamp="ordered_at", value=pl.col("total").abs(), mark=pl.lit(""))
    cancelled = orders.filter(pl.col("cancelled_at").is_not_null()).with_columns(
        timestamp="cancelled_at", time_precision="cancelled_at_precision", local_date="cancelled_at_day"
    )
    none = pl.lit(None, pl.Decimal(18, 4))
    back = cancelled.filter(pl.col("refunded") != 0)
    parts = [
        paid,
        cancelled.with_columns(activity=pl.lit("order_cancelled"), value=none, mark=pl.lit(":cancelled")),
        back.with_columns(activity=pl.lit("refund"), value=pl.col("refunded").abs(), mark=pl.lit(":refund")),
    ]
    events = pl.concat(parts, how="diagonal_relaxed").with_columns(
        event_id=pl.concat_str(pl.lit(f"{section.id}:order:"), "order_id", "mark"),
        event_name="activity",
        channel="environment",
    )
    constants = {"source_id": section.id, "source_order": order, "tiebreak": 0, "is_bot": False, "is_internal": False}
    return shape(Event, events, consent="unknown", **constants)


def notes_of(orders: pl.DataFrame, section: SourceSection) -> dict[str, dict[str, int]]:
    """Return by file how many orders do not add up, were cancelled, given back, never paid, or name products oddly."""
    unread = [cell for cell in orders["items"].drop_nulls().unique() if read_items(cell) is None]
    counts = {
        "totals_differ": totals_differ() if tells_sums(section) else pl.lit(False),
        "cancelled": pl.col("status") == "cancelled",
        "refunded": (pl.col("refunded") != 0).fill_null(False) | pl.col("status").is_in(["refunded", "refund"]),
        "not_paid": pl.col("status").is_in(NOT_PAID),
        "items_unread": pl.col("items").is_in(unread).fill_null(False),
    }
    sums = orders.group_by("source_file").agg(expr.sum().alias(name) for name, expr in counts.items())
    return {file: dict(zip(counts, numbers, strict=True)) for file, *numbers in sums.iter_rows()}
