"""Tills, loyalty cards, payment terminals, and the words of shops in five languages."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from fixtures.make_client import events_of, faults_of, make_client
from fixtures.shop import CARD, CDNOW, ORDERS, sample, shared

import cjtools as cj
from cjtools.sources.opening.sheets import Layout, open_sheets
from cjtools.sources.parsing.shop_words import is_pickup, order_status, payment_method


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
