"""Events, orders, totals and answers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from fixtures.kinds import read, source
from fixtures.make_client import events_of, faults_of, make_client

from cjtools.privacy import pseudonym
from cjtools.sources.kinds.orders import payment_method

EVENTS = source(
    "events",
    """touchpoint = "newsletter"
keys = { who = "customer" }
[sources.mapping]
timestamp = "at"
event_name = "what"
profile = "who"
page = "url"
order_id = "order"
""",
)


def test_an_event_is_an_act_of_a_profile_at_a_page(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        EVENTS,
        "at,what,who,url,order\n2026-05-01T10:00:00Z,email_click,7,https://x.es/p/1?utm=2,\n2026-05-01T10:00:00Z,open,,,\n",
    )
    assert events_of(tables).select("activity", "event_name", "profile_id", "page", "environment", "consent").sort(
        "activity"
    ).rows() == [
        ("email_click", "email_click", "customer:7", "/p/1", "online", "unknown"),
        ("open", "open", None, None, "online", "unknown"),
    ]
    assert tables.identities.select("profile_id", "id_type", "rule", "id_value").rows() == [
        ("customer:7", "who", "key customer", pseudonym("7", salt="acme"))
    ]
    assert tables.sources["family"].to_list() == ["email"]


def test_the_same_row_of_events_again_is_merged(tmp_path: Path) -> None:
    row = "2026-05-01T10:00:00Z,open,7,,\n"
    tables = read(tmp_path, EVENTS, "at,what,who,url,order\n" + row + row + row.replace("7", "8") + ",open,9,,\n")
    assert tables.sources.select("rows_in", "rows_used", "rows_merged", "rows_rejected").row(0) == (4, 2, 1, 1)


ORDERS = source(
    "orders",
    """keys = { customer = "customer" }
[sources.mapping]
order_id = "no"
ordered_at = "at"
profile = "customer"
environment = "channel"
pickup = "delivery"
total = "total"
payment_method = "paid"
[sources.values]
environment = { web = "online", store = "offline" }
pickup = { collect = "true", home = "false", "" = "false" }
""",
)
ORDER_HEAD = "no,at,customer,channel,delivery,total,paid\n"


def test_an_order_is_an_order_and_a_purchase(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        ORDERS,
        ORDER_HEAD + "W1,2026-05-01 10:00,7,web,collect,10.10,Targeta Visa\nS1,2026-05-02 10:00,,store,,5,efectivo\n",
    )
    assert tables.orders.select(
        "order_id", "profile_id", "environment", "pickup", "total", "payment_method", "payment_raw"
    ).rows() == [
        ("W1", "customer:7", "online", True, Decimal("10.1000"), "card", "Targeta Visa"),
        ("S1", None, "offline", False, Decimal("5.0000"), "cash", "efectivo"),
    ]
    assert events_of(tables).sort("timestamp").select("activity", "channel", "order_id", "profile_id").rows() == [
        ("purchase", "online", "W1", "customer:7"),
        ("pos_purchase", "offline", "S1", None),
    ]


def test_an_order_told_twice_is_merged_and_told_otherwise_a_fault(tmp_path: Path) -> None:
    row = "W1,2026-05-01 10:00,7,web,home,10,card\n"
    assert read(tmp_path, ORDERS, ORDER_HEAD + row + row).sources["rows_merged"].to_list() == [1]
    client = make_client(tmp_path, ORDERS, s__csv=ORDER_HEAD + row + row.replace(",10,", ",11,"))
    assert faults_of(client) == [
        (
            "s.csv line 3: order 'W1' is also in s.csv line 2, with other values; one customer and shop an order; "
            "map product_id, quantity or line_total when a row is a product"
        )
    ]


LINES = source(
    "orders",
    """[sources.mapping]
order_id = "no"
ordered_at = "at"
profile = "who"
store_id = "shop"
product_id = "product"
quantity = "n"
line_total = "sum"
[sources.constants]
environment = "offline"
""",
)


def test_rows_of_products_are_one_order_with_their_sum(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        LINES,
        "no,at,who,shop,product,n,sum\n1,2026-05-01 10:00,7,A,x,1,1.10\n1,,,,x,1,1.10\n2,2026-05-01,8,B,y,2,3\n",
    )
    assert tables.orders.select("order_id", "total", "profile_id", "source_row").sort("order_id").rows() == [
        ("1", Decimal("2.2000"), "s:7", 2),
        ("2", Decimal("3.0000"), "s:8", 4),
    ]
    assert tables.order_lines.select("order_id", "product_id", "quantity", "line_total").rows() == [
        ("1", "x", 1.0, Decimal("1.1000")),
        ("1", "x", 1.0, Decimal("1.1000")),
        ("2", "y", 2.0, Decimal("3.0000")),
    ]
    assert events_of(tables).height == 2


def test_products_of_two_customers_are_no_order(tmp_path: Path) -> None:
    client = make_client(
        tmp_path, LINES, s__csv="no,at,who,shop,product,n,sum\n1,2026-05-01,7,A,x,1,1\n1,2026-05-01,8,A,y,1,1\n"
    )
    assert faults_of(client) == [
        "s.csv line 3: order '1' is also in s.csv line 2, with other values; one customer and shop an order"
    ]


def test_orders_must_say_whether_they_are_online(tmp_path: Path) -> None:
    client = make_client(
        tmp_path,
        LINES.replace('[sources.constants]\nenvironment = "offline"\n', ""),
        s__csv="no,at,who,shop,product,n,sum\n",
    )
    assert faults_of(client) == [
        (
            "client.toml, source 's', mapping: environment is missing: were these bought online or offline?; "
            '[sources.constants] environment = "offline", or map a column and translate it in [sources.values]'
        )
    ]


@pytest.mark.parametrize(
    ("raw", "method"),
    [
        ("Efectiu", "cash"),
        ("Numerar", "cash"),
        ("Contanti", "cash"),
        ("Carta di credito", "card"),
        ("Mastercard **** 4242", "card"),
        ("Targeta regal", "gift_card"),
        ("Ramburs", "cod"),
        ("Bonifico bancario", "transfer"),
        ("Transferència", "transfer"),
        ("Klarna Pay Later", "bnpl"),
        ("Apple Pay", "wallet"),
        ("PayPal Express", "paypal"),
        ("Bizum", "bizum"),
        ("puntos", "other"),
    ],
)
def test_payments_are_known_in_five_languages(raw: str, method: str) -> None:
    assert payment_method(raw) == method


TOTALS = source(
    "observations",
    """touchpoint = "newsletter"
[sources.mapping]
observed_at = "day"
[sources.dimensions]
campaign = "title"
[sources.metrics]
sent = { column = "sent", unit = "messages" }
clicked = { column = "clicks", unit = "people", n = "sent" }
""",
)


def test_a_metric_is_one_observation_a_row_with_its_denominator(tmp_path: Path) -> None:
    tables = read(
        tmp_path, TOTALS, "day,title,sent,clicks\n2026-05-01,May,100,7\n2026-05-02,,100,7\n2026-05-03,June,50,\n"
    )
    assert tables.observations.select("metric", "unit", "value", "n", "dimensions", "touchpoint").rows() == [
        ("clicked", "people", 7.0, 100.0, [{"name": "campaign", "value": "May"}], "newsletter"),
        ("sent", "messages", 100.0, None, [{"name": "campaign", "value": "May"}], "newsletter"),
        ("sent", "messages", 50.0, None, [{"name": "campaign", "value": "June"}], "newsletter"),
    ]
    assert tables.sources.select("family", "rows_rejected", "flags").row(0) == ("email", 1, ["line_of_totals:1"])


def test_a_negative_count_is_a_fault(tmp_path: Path) -> None:
    client = make_client(tmp_path, TOTALS, s__csv="day,title,sent,clicks\n2026-05-01,May,-1,7\n")
    assert faults_of(client) == [
        (
            "s.csv line 2, column 'sent': '-1' is not a whole number; a whole number, 0 or more with decimal '.'; "
            'decimal = "," or "." says which mark is which'
        ),
        "s.csv line 2, column 'sent': '-1' is not a number; a number, 0 or more",
    ]


def test_a_cell_that_two_metrics_read_is_one_fault(tmp_path: Path) -> None:
    client = make_client(
        tmp_path, TOTALS.replace("messages", "count"), s__csv="day,title,sent,clicks\n2026-05-01,M,-1,7\n"
    )
    assert faults_of(client) == ["s.csv line 2, column 'sent': '-1' is not a number; a number, 0 or more"]


def test_totals_need_metrics_and_days(tmp_path: Path) -> None:
    client = make_client(tmp_path, source("observations", ""), s__csv="a,b\n")
    assert faults_of(client) == [
        (
            "client.toml, source 's': observations without metrics; "
            'add [sources.metrics] with visits = { column = "Sessions", unit = "sessions" }'
        ),
        (
            "client.toml, source 's': observations without their days; "
            "map observed_at, or add period = { from = 2026-07-01, to = 2026-09-30 }"
        ),
    ]


def test_the_period_of_client_toml_is_that_of_rows_without_days(tmp_path: Path) -> None:
    toml = source(
        "observations", 'period = { from = 2026-05-01, to = 2026-05-31 }\n[sources.metrics]\nv = { column = "v" }\n'
    )
    observations = read(tmp_path, toml, "v,w\n3,4\n").observations
    assert observations.select(pl.col("period_from", "period_to").cast(pl.String), "value", "dimensions").rows() == [
        ("2026-05-01", "2026-05-31", 3.0, [])
    ]


SURVEY = source(
    "answers",
    """[sources.mapping]
response_id = "id"
answered_at = "at"
language = "lang"
[[sources.questions]]
id = "nps"
column = "Recommend?"
instrument = "nps"
scale = [0, 10]
stage = "advocacy"
[[sources.questions]]
id = "why"
column = "Why?"
touchpoint = "website"
""",
)


def test_answers_are_long_and_open_ones_are_quotes_that_nobody_agreed_to_show(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        SURVEY,
        "id,at,lang,Recommend?,Why?\nr1,2026-05-01,ca,9,Tot bé\nr2,2026-05-01,es,,\nr3,2026-05-02,ro,0,\n",
    )
    assert tables.answers.select(
        "response_id", "question_id", "value_num", "value_text", "scale_max", "stage"
    ).rows() == [
        ("r1", "nps", 9.0, None, 10.0, "advocacy"),
        ("r1", "why", None, "Tot bé", None, None),
        ("r3", "nps", 0.0, None, 10.0, "advocacy"),
    ]
    assert tables.quotes.select("kind", "text", "language", "consent_to_quote", "speaker_role").rows() == [
        ("answer", "Tot bé", "ca", False, "respondent")
    ]
    assert tables.codings.select("kind", "code", "method").rows() == [("touchpoint", "website", "rule")]
    assert tables.sources.select("rows_in", "rows_rejected", "flags").row(0) == (3, 1, ["no_answered:1"])


def test_a_number_off_the_scale_is_a_fault(tmp_path: Path) -> None:
    client = make_client(
        tmp_path, SURVEY, s__csv="id,at,lang,Recommend?,Why?\nr1,2026-05-01,ca,11,\nr2,2026-05-01,ca,10 - likely,\n"
    )
    assert faults_of(client) == [
        "s.csv line 2, column 'Recommend?': '11' is not a number; a number from 0 to 10",
        "s.csv line 3, column 'Recommend?': '10 - likely' is not a number; a number from 0 to 10",
    ]


def test_values_translate_answers_by_the_question(tmp_path: Path) -> None:
    toml = SURVEY + '[sources.values]\nnps = { "10 - likely" = "10" }\n'
    assert read(tmp_path, toml, "id,at,lang,Recommend?,Why?\nr1,,ca,10 - likely,\n").answers["value_num"].to_list() == [
        10.0
    ]


def test_one_response_is_one_row(tmp_path: Path) -> None:
    row = "r1,2026-05-01,ca,9,\n"
    assert read(tmp_path, SURVEY, "id,at,lang,Recommend?,Why?\n" + row + row).sources["rows_merged"].to_list() == [1]
    client = make_client(tmp_path, SURVEY, s__csv="id,at,lang,Recommend?,Why?\n" + row + row.replace("9", "8"))
    assert faults_of(client) == [
        "s.csv line 3: response 'r1' is also at line 2, with other answers; one row a response"
    ]


def test_a_survey_without_questions_and_a_taken_id_are_faults(tmp_path: Path) -> None:
    assert faults_of(make_client(tmp_path, source("answers", ""), s__csv="a,b\n")) == [
        "client.toml, source 's': a survey without questions; add [[sources.questions]] with id, column and instrument"
    ]
    toml = source("answers", '[[sources.questions]]\nid = "language"\ncolumn = "a"\n')
    assert faults_of(make_client(tmp_path, toml, s__csv="a,b\n")) == [
        "client.toml, source 's', questions: the id 'language' is taken; an id of its own for each question"
    ]
