"""Orders of Shopify and WooCommerce."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from fixtures.make_client import events_of, faults_of, make_client
from fixtures.shop import ORDERS, sample
from hypothesis import given
from hypothesis import strategies as st

import cjtools as cj
from cjtools.privacy import pseudonym
from cjtools.sources.opening.delimited import Sheet, parse_sheet
from cjtools.sources.opening.files import Opened
from cjtools.sources.parsing.items import Item, read_items
from cjtools.sources.readers.prepare_shop import shopify, woocommerce_analytics


def test_shopify_gives_one_order_with_its_total_for_several_rows(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "shopify"))
    rows = tables.orders.select("order_id", "environment", "pickup", "store_id", "total", "status", "payment_method")
    assert rows.sort("order_id").rows() == [
        ("#1001", "online", False, None, Decimal("46.3500"), "paid", "card"),
        ("#1002", "online", True, None, Decimal("32.0000"), "paid", "bizum"),
        ("#1003", "offline", False, "Botiga Gràcia", Decimal("61.5000"), "paid", "cash"),
        ("#1004", "online", False, None, Decimal("54.9500"), "refunded", "paypal"),
        ("#1005", "online", False, None, Decimal("189.9000"), "partially_refunded", "card"),
        ("#1006", "online", False, None, Decimal("196.0200"), "pending", "transfer"),
        ("#1007", "online", False, None, Decimal("20.9500"), "voided", "bnpl"),
    ]
    assert tables.sources["flags"].to_list() == [["not_paid:1", "refunded:2", "totals_differ:1"]]
    first = tables.orders.row(by_predicate=pl.col("order_id") == "#1001", named=True)
    assert first["ordered_at"] == dt.datetime(2026, 5, 1, 8, tzinfo=dt.UTC)
    assert first["profile_id"] == f"customer:{pseudonym('nuria.puig@example.com', salt='acme')}"
    assert (first["coupon"], first["payment_raw"], first["currency"]) == ("BENVINGUDA10", "Shopify Payments", "EUR")
    refunds = tables.orders.filter(pl.col("refunded") > 0).sort("order_id")
    assert refunds.select("order_id", "refunded").rows() == [
        ("#1004", Decimal("54.9500")),
        ("#1005", Decimal("20.0000")),
    ]


def test_a_cancelled_order_was_bought_and_given_back_and_an_unpaid_one_was_not(tmp_path: Path) -> None:
    events = events_of(cj.read_sources(sample(tmp_path, "shopify"))).sort("timestamp", "event_id")
    acts = events.group_by("order_id", maintain_order=True).agg("activity").sort("order_id")
    assert acts.filter(pl.col("order_id").is_in(["#1003", "#1004", "#1005", "#1007"])).rows() == [
        ("#1003", ["pos_purchase"]),
        ("#1004", ["purchase", "order_cancelled", "refund"]),
        ("#1005", ["purchase"]),
        ("#1007", ["order_failed", "order_cancelled"]),
    ]
    assert events.filter(pl.col("activity") == "refund")["value"].to_list() == [Decimal("54.9500")]


def test_a_product_is_its_sku_or_else_its_name_and_costs_what_is_left_of_its_price(tmp_path: Path) -> None:
    lines = cj.read_sources(sample(tmp_path, "shopify")).order_lines.filter(pl.col("order_id") == "#1003")
    assert lines.select("product_id", "quantity", "line_total").rows() == [
        ("TAS-1", 3.0, Decimal("40.0000")),
        ('Plat "sol"', 1.0, Decimal("21.5000")),
    ]


HEAD = (
    "Name,Email,Financial Status,Created at,Total,Subtotal,Shipping,Taxes,Discount Amount,Lineitem quantity,"
    "Lineitem name,Lineitem price,Cancelled at,Location,Source,Id\n"
)
SHOPIFY = '[[sources]]\nid = "s"\npath = "*.csv"\nformat = "shopify"\n'


def test_numbers_that_shopify_guards_against_spreadsheets_lose_their_apostrophe() -> None:
    text = (
        HEAD
        + "#1,a@x.example,paid,2026-05-01,1,1,0,0,0,1,'s-Hertogenbosch,1,,,web,'5500000000001\n#1,,,,,,,,,1,b,1,,,,\n"
    )
    sheet = shopify(parse_sheet(Opened("a.csv", b"", ""), text, "utf-8"))
    assert sheet.rows["Id"].to_list() == ["5500000000001", "5500000000001"]
    assert sheet.rows["Lineitem name"].to_list() == ["'s-Hertogenbosch", "b"]


@pytest.mark.parametrize(
    ("source", "place", "where"),
    [
        ("web", "", "online"),
        ("web", "Magatzem", "online"),
        ("pos", "Botiga", "offline"),
        ("POS", "", "offline"),
        ("shopify_draft_order", "", "online"),
        ("shopify_draft_order", "Botiga", "offline"),
        ("580111", "", "online"),
        ("", "Botiga", "offline"),
    ],
)
def test_source_and_location_tell_where_shopify_sold(tmp_path: Path, source: str, place: str, where: str) -> None:
    row = f"#1,,paid,2026-05-01 10:00:00 +0200,1,1,0,0,0,1,a,1,,{place},{source},1\n"
    tables = cj.read_sources(make_client(tmp_path, SHOPIFY, o__csv=HEAD + row))
    assert tables.orders["environment"].to_list() == [where]


@pytest.mark.parametrize(
    ("total", "differs"),
    [
        ("24.00", False),  # 2 × 10, 5 of shipping, 1 of discount, taxes in the prices
        ("28.00", False),  # taxes on top
        ("24.01", False),  # rounded
        ("24.50", True),
        ("20.00", True),
    ],
)
def test_orders_that_do_not_add_up_are_counted(tmp_path: Path, total: str, differs: bool) -> None:
    row = f"#1,,paid,2026-05-01,{total},19,5,4,1,2,a,10,,,web,1\n"
    tables = cj.read_sources(make_client(tmp_path, SHOPIFY, o__csv=HEAD + row))
    assert tables.sources["flags"].to_list() == [["totals_differ:1"] if differs else []]


def test_an_export_that_overlaps_another_is_merged_and_one_that_says_otherwise_a_fault(tmp_path: Path) -> None:
    may = "#1,a@x.example,paid,2026-05-01,30,30,0,0,0,1,a,10,,,web,1\n#1,,,,,,,,,2,b,10,,,,\n"
    june = "#2,b@x.example,paid,2026-06-01,10,10,0,0,0,1,a,10,,,web,2\n"
    tables = cj.read_sources(make_client(tmp_path, SHOPIFY, may__csv=HEAD + may, june__csv=HEAD + may + june))
    assert tables.sources.select("source_file", "rows_used", "rows_merged", "flags").rows() == [
        ("june.csv", 3, 0, []),
        ("may.csv", 0, 2, ["same_line:2"]),
    ]
    assert (tables.orders.height, tables.order_lines.height) == (2, 3)
    refunded = may.replace(",paid,", ",refunded,")
    client = make_client(tmp_path, SHOPIFY, may__csv=HEAD + may, june__csv=HEAD + refunded + june)
    assert faults_of(client) == [
        (
            "may.csv line 2: order '#1' is also in june.csv line 2, with other values; one customer and shop an order; "
            "take the older export away"
        )
    ]


def test_equal_products_of_one_order_in_one_file_are_two(tmp_path: Path) -> None:
    row = "#1,a@x.example,paid,2026-05-01,20,20,0,0,0,1,a,10,,,web,1\n#1,,,,,,,,,1,a,10,,,,\n#1,,,,,,,,,1,a,10,,,,\n"
    tables = cj.read_sources(make_client(tmp_path, SHOPIFY, o__csv=HEAD + row))
    assert (tables.order_lines.height, tables.sources["flags"].to_list()) == (3, [["totals_differ:1"]])


def test_the_faults_of_shopifys_orders_are_told_all_at_once(tmp_path: Path) -> None:
    rows = "#1,a@x.example,paid,May 1,x,1,0,0,0,1,a,1,,,web,1\n#2,,paid,2026-05-01,1,1,0,0,0,two,a,1,,,web,2\n"
    assert faults_of(make_client(tmp_path, SHOPIFY, o__csv=HEAD + rows)) == [
        (
            "o.csv line 2, column 'Created at': 'May 1' is not a date; a date such as 2026-07-01; "
            "or add date_format to this source"
        ),
        (
            "o.csv line 2, column 'Total': 'x' is not an amount; an amount with decimal '.'; "
            'decimal = "," or "." says which mark is which'
        ),
        (
            "o.csv line 3, column 'Lineitem quantity': 'two' is not a number; a number with decimal '.'; "
            'decimal = "," or "." says which mark is which'
        ),
    ]
    client = make_client(tmp_path, SHOPIFY, o__csv="Name,Total\n#1,1\n")
    assert faults_of(client) == [
        (
            "o.csv: not shopify: there is no column 'Financial Status', 'Lineitem quantity', 'Lineitem name'; "
            'known: Name, Total; or read it with format = "table" and [sources.mapping]'
        )
    ]


def test_woocommerces_own_report_names_products_and_where_the_customer_came_from(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "woocommerce_analytics"))
    assert tables.orders.sort("order_id").select("order_id", "total", "status", "profile_id").rows() == [
        ("3001", Decimal("41.4000"), "completed", None),
        ("3002", Decimal("32.0000"), "processing", None),
        ("3003", Decimal("-32.0000"), "refund", None),
        ("3004", Decimal("18.0000"), "on-hold", None),
    ]
    assert tables.order_lines.sort("order_id", maintain_order=True).select("product_id", "quantity").rows() == [
        ("Tassa blava", 2.0), ("Bol", 1.0), ("Gerra, gran", 1.0), ("Bol", 1.0),
    ]  # fmt: skip
    assert events_of(tables).sort("order_id").select("activity", "source", "medium", "value").rows() == [
        ("purchase", "google", "organic", Decimal("41.4000")),
        ("purchase", "(direct)", "(none)", Decimal("32.0000")),
        ("refund", "unknown", None, Decimal("32.0000")),
        ("purchase", "newsletter", None, Decimal("18.0000")),
    ]
    # a time without a zone is the shop's
    assert tables.orders["ordered_at"].min() == dt.datetime(2026, 5, 1, 8, tzinfo=dt.UTC)


def test_attribution_without_a_colon_is_a_source() -> None:
    frame = pl.DataFrame({"Attribution": ["Referral: Blog.example", "Web admin", ""]})
    sheet = Sheet("a.csv", "", "utf-8", ",", 1, ("Attribution",), frame, pl.Series([2, 3, 4]))
    assert woocommerce_analytics(sheet).rows.select("attribution source", "attribution medium").rows() == [
        ("blog.example", "referral"),
        ("web admin", ""),
        ("", ""),
    ]


def test_plug_ins_write_products_as_columns_or_as_rows(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "woocommerce_orders"))
    assert tables.orders.sort("order_id").select("order_id", "status", "pickup", "payment_method", "coupon").rows() == [
        ("1071", "completed", False, "card", "benvinguda10"),
        ("1072", "cancelled", True, "transfer", None),
        ("2001", "completed", False, "cod", None),
        ("2002", "failed", True, "paypal", None),
    ]
    assert tables.order_lines.sort("order_id", maintain_order=True).select(
        "order_id", "product_id", "quantity", "line_total"
    ).rows() == [
        ("1071", "TAS-1", 2.0, Decimal("25.2000")),
        ("1071", "12", 1.0, Decimal("16.2000")),
        ("1072", "GER-1", 1.0, Decimal("32.0000")),
        ("2001", "TAS-1", 3.0, Decimal("42.0000")),
        ("2001", "BOL-1", 1.0, Decimal("18.0000")),
        ("2002", "GER-1", 1.0, Decimal("32.0000")),
    ]
    assert tables.sources["flags"].to_list() == [["not_paid:1"], ["cancelled:1"]]


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("name:Tea|qty:2|total:9.80", [Item("Tea", 2.0, Decimal("9.80"))]),
        ("id:7|name:Tea|product_id:3|sku:|quantity:1|total:5.00;id:8|name:Cup|sku:C|quantity:2|total:6", [
            Item("3", 1.0, Decimal("5.00")), Item("C", 2.0, Decimal(6)),
        ]),
        ("2× Tea, 1× Cup", [Item("Tea", 2.0), Item("Cup", 1.0)]),
        ("2 x Tea, green; 1 x Cup", [Item("Tea, green", 2.0), Item("Cup", 1.0)]),
        ("Tea x 2, Cup x 1", [Item("Tea", 2.0), Item("Cup", 1.0)]),
        ("Tea × 2\nCup (x1)", [Item("Tea", 2.0), Item("Cup", 1.0)]),
        ('[{"name": "Tea", "quantity": 2, "total": "9.80"}]', [Item("Tea", 2.0, Decimal("9.80"))]),
        ("Tea and a cup", None),
        ("[1, 2]", None),
        ('{"a"', None),
    ],
)  # fmt: skip
def test_the_products_of_a_cell_are_read_as_shops_write_them(cell: str, items: list[Item] | None) -> None:
    assert read_items(cell) == items


@given(st.text(max_size=60))
def test_no_cell_of_products_breaks_the_reader(cell: str) -> None:
    assert read_items(cell) is None or all(item.product for item in read_items(cell) or [])


def test_cells_of_products_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    toml = ORDERS % 'items = "what"'
    tables = cj.read_sources(make_client(tmp_path, toml, s__csv="no,at,sum,what\n1,2026-05-01,5,Tea and a cup\n"))
    assert (tables.sources["flags"].to_list(), tables.order_lines.height) == ([["items_unread:1"]], 0)
