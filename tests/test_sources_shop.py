"""Orders: Shopify, WooCommerce, tills, loyalty cards and payment terminals."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT, SHARED
from fixtures.make_client import events_of, faults_of, make_client
from hypothesis import given
from hypothesis import strategies as st

import cjtools as cj
from cjtools.privacy import pseudonym
from cjtools.sources.opening.delimited import Sheet, parse_sheet
from cjtools.sources.opening.files import Opened
from cjtools.sources.opening.sheets import Layout, open_sheets
from cjtools.sources.parsing.items import Item, read_items
from cjtools.sources.parsing.shop_words import is_pickup, order_status, payment_method
from cjtools.sources.readers.prepare_shop import shopify, woocommerce_analytics

SAMPLES = ROOT / "tests" / "samples"
CARD = SHARED / "samples" / "retail_pos_loyalty" / "complete_journey_60_households"
CDNOW = SHARED / "samples" / "orders" / "cdnow_sample" / "CDNOW_sample.txt"


def shared(path: Path) -> Path:
    """Return a real file; without it the test says why it is skipped."""
    if not path.exists():
        pytest.skip("the real samples are not on this machine")
    return path


def sample(tmp_path: Path, form: str, rest: str = "", **files: str) -> cj.Client:
    shutil.copytree(SAMPLES / form, tmp_path, dirs_exist_ok=True)
    toml = (SAMPLES / form / "source.toml").read_text("utf-8").partition("[expect]")[0]
    return make_client(tmp_path, f'[[sources]]\nid = "s"\nformat = "{form}"\n{toml}{rest}', **files)


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


ORDERS = """
[[sources]]
id = "s"
path = "s.csv"
format = "table"
kind = "orders"
[sources.mapping]
order_id = "no"
ordered_at = "at"
total = "sum"
%s
[sources.constants]
environment = "offline"
"""


def test_money_given_back_is_a_refund_not_a_purchase(tmp_path: Path) -> None:
    rows = "no,at,sum\n1,2026-05-01,5\n2,2026-05-02,-5\n"
    tables = cj.read_sources(make_client(tmp_path, ORDERS % "", s__csv=rows))
    assert tables.orders.select("total", "status").rows() == [
        (Decimal("5.0000"), "unknown"),
        (Decimal("-5.0000"), "refund"),
    ]
    assert events_of(tables).sort("timestamp").select("activity", "value").rows() == [
        ("pos_purchase", Decimal("5.0000")),
        ("refund", Decimal("5.0000")),
    ]


def test_a_product_brought_back_lowers_the_receipt(tmp_path: Path) -> None:
    toml = (ORDERS % 'product_id = "p"\nquantity = "n"').replace('total = "sum"', 'line_total = "sum"')
    tables = cj.read_sources(
        make_client(tmp_path, toml, s__csv="no,at,sum,p,n\n1,2026-05-01,5,a,1\n1,2026-05-01,-2,b,-1\n")
    )
    assert tables.orders["total"].to_list() == [Decimal("3.0000")]
    assert tables.order_lines["quantity"].to_list() == [1.0, -1.0]


def test_a_till_without_numbers_of_receipts_has_an_order_a_row_if_client_toml_says_so(tmp_path: Path) -> None:
    rows = "who,at,sum\n7,2026-05-01,5\n7,2026-05-01,5\n8,2026-05-01,5\n"
    toml = (ORDERS % 'profile = "who"').replace('order_id = "no"\n', "")
    assert faults_of(make_client(tmp_path, toml, s__csv=rows)) == [
        "client.toml, source 's', mapping: order_id is missing; add order_id = \"the column's name\""
    ]
    said = toml.replace("[sources.constants]", '[sources.constants]\norder_id = "each row"')
    orders = cj.read_sources(make_client(tmp_path, said, s__csv=rows)).orders
    assert (orders.height, orders["order_id"].n_unique()) == (3, 3)
    fewer = cj.read_sources(make_client(tmp_path, said, s__csv="who,at,sum\n8,2026-05-01,5\n")).orders
    assert fewer["order_id"].is_in(orders["order_id"].to_list()).all()


BLANKS = """
[[sources]]
id = "s"
path = "s.txt"
format = "table"
kind = "orders"
date_format = "%Y%m%d"
delimiter = " "
columns = ["who", "day", "n", "sum"]
[sources.mapping]
ordered_at = "day"
profile = "who"
quantity = "n"
total = "sum"
[sources.constants]
order_id = "each row"
environment = "online"
"""


def test_a_file_without_header_whose_cells_stand_between_blanks(tmp_path: Path) -> None:
    tables = cj.read_sources(
        make_client(tmp_path, BLANKS, s__txt=" 0004 19970101  2   29.33\r\n\r\n 0021 19970102  1    6.79\r\n")
    )
    assert tables.orders.select("profile_id", "total", "local_date", "source_row").rows() == [
        ("s:0004", Decimal("29.3300"), dt.date(1997, 1, 1), 1),
        ("s:0021", Decimal("6.7900"), dt.date(1997, 1, 2), 3),
    ]
    client = make_client(tmp_path, BLANKS, s__txt="0004 19970101 2 29.33\n0021 19970102 1\n")
    assert faults_of(client) == [
        "s.txt line 2: 3 cells; 4 as in columns of client.toml; a delimiter or a quote may be missing"
    ]


def test_declared_columns_name_a_csv_without_header(tmp_path: Path) -> None:
    toml = BLANKS.replace('delimiter = " "', 'delimiter = ","')
    tables = cj.read_sources(make_client(tmp_path, toml, s__txt="4,19970101,2,29.33\n"))
    assert tables.orders["total"].to_list() == [Decimal("29.3300")]


def test_the_real_cdnow_orders(tmp_path: Path) -> None:
    toml = BLANKS.replace('"who", "day"', '"who", "sample", "day"')
    tables = cj.read_sources(make_client(tmp_path, toml, s__txt=shared(CDNOW).read_bytes()))
    orders = tables.orders
    assert (orders.height, orders["profile_id"].n_unique(), orders["total"].sum()) == (
        6919,
        2357,
        Decimal("244091.9400"),
    )
    assert tables.order_lines["quantity"].sum() == 16479
    assert tables.sources.select("rows_in", "rows_used", "flags").row(0) == (6919, 6919, [])


CARD_TOML = """
[[sources]]
id = "till"
path = "transactions.csv.gz"
format = "table"
kind = "orders"
timezone = "America/New_York"
lookup = { path = "products.csv", on = "product_id", partial = true }
[sources.mapping]
order_id = "basket_id"
ordered_at = "transaction_timestamp"
profile = "household_id"
store_id = "store_id"
product_id = "product_id"
category = "product_category"
quantity = "quantity"
line_total = "sales_value"
[sources.constants]
environment = "offline"
"""


def test_the_real_loyalty_card_with_its_products(tmp_path: Path) -> None:
    for name in ("transactions.csv.gz", "products.csv"):
        shutil.copy(shared(CARD / name), tmp_path / name)
    tables = cj.read_sources(make_client(tmp_path, CARD_TOML))
    assert (tables.orders.height, tables.orders["profile_id"].n_unique()) == (6785, 60)
    assert (tables.order_lines.height, tables.orders["total"].sum()) == (78_062, Decimal("236192.8200"))
    assert tables.order_lines["category"].n_unique() > 200
    assert tables.sources["flags"].to_list() == [["clock_gap:23", "lookup_missing:592"]]


def test_every_real_file_of_orders_and_tills_opens(tmp_path: Path) -> None:
    folder = shared(CARD)
    client = make_client(tmp_path, ORDERS % "", s__csv="no,at,sum\n")
    section = client.sources[0]
    for file in sorted(folder.glob("*.csv*")):
        sheet = open_sheets(file, section=section, client=client, layout=Layout())[0]
        assert sheet.rows.height == len(sheet.lines) > 0


def test_a_terminal_tells_sales_and_refunds_and_what_is_neither_is_left_out(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "sumup"))
    assert tables.orders.sort("ordered_at").select("order_id", "total", "status", "payment_method").rows() == [
        ("TA4", Decimal("28.0000"), "successful", "card"),
        ("TA5", Decimal("18.0000"), "successful", "cash"),
        ("TA4 refund 1", Decimal("-14.0000"), "refund", "card"),
        ("TA6", Decimal("32.0000"), "failed", "card"),
    ]
    assert events_of(tables).sort("timestamp")["activity"].to_list() == [
        "pos_purchase", "pos_purchase", "refund", "order_failed",
    ]  # fmt: skip
    assert tables.left_out.select("source_row", "fate", "why").rows() == [(5, "rejected", "no_sale")]


def test_stripes_times_are_utc_and_its_fees_and_payouts_are_no_sales(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "stripe_balance"))
    assert tables.orders.sort("ordered_at").select("order_id", "total", "currency", "ordered_at").row(0) == (
        "txn_1A", Decimal("46.3500"), "EUR", dt.datetime(2026, 5, 1, 8, tzinfo=dt.UTC),
    )  # fmt: skip
    assert events_of(tables).sort("timestamp")["activity"].to_list() == ["purchase", "purchase", "refund"]
    assert tables.left_out["why"].to_list() == ["no_sale", "no_sale"]


@pytest.mark.parametrize(
    ("raw", "method"),
    [
        ("Gift Card + Shopify Payments", "card"),
        ("Shopify Payments + Gift Card", "card"),
        ("Gift Card", "gift_card"),
        ("Cash on Delivery (COD)", "cod"),
        ("Pago contra reembolso", "cod"),
        ("Contrassegno alla consegna", "cod"),
        ("Bank Deposit", "transfer"),
        ("Transferencia bancaria directa", "transfer"),
        ("Shop Pay Installments", "bnpl"),
        ("Shop Pay", "wallet"),
        ("Targeta (Redsys)", "card"),
        ("SumUp", "card"),
        ("manual", "other"),
    ],
)
def test_payments_of_shops_are_normalised(raw: str, method: str) -> None:
    assert payment_method(raw) == method


@pytest.mark.parametrize(
    ("text", "pickup"),
    [
        ("Pickup", True),
        ("Local pickup", True),
        ("Recollida a botiga", True),
        ("Recogida en tienda", True),
        ("Ritiro in negozio", True),
        ("Ridicare din magazin", True),
        ("Click & Collect", True),
        ("Punt de recollida", False),
        ("Punto di ritiro InPost", False),
        ("Easybox (ridicare din locker)", False),
        ("Enviament estàndard", False),
        ("Curier rapid", False),
    ],
)
def test_collecting_in_a_shop_is_known_in_five_languages(text: str, pickup: bool) -> None:
    assert is_pickup(text) is pickup


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Cancel·lat", "cancelled"),
        ("Cancelado", "cancelled"),
        ("Annullato", "cancelled"),
        ("Anulată", "cancelled"),
        ("Pendiente de pago", "pending"),
        ("În așteptarea plății", "pending"),
        ("Eșuat", "failed"),
        ("Rimborsato", "refunded"),
        ("wc-on-hold", "on-hold"),
        ("Preparació", "preparació"),
    ],
)
def test_states_of_orders_that_matter_are_known_in_five_languages(text: str, status: str) -> None:
    assert order_status(text) == status
