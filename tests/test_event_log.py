"""The event log: OCEL 2.0, XES and CSV by the rules of their standards, under pseudonyms, without who declined."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import SHARED
from defusedxml import ElementTree
from fixtures.make_client import events_of, make_client
from hypothesis import given, settings
from hypothesis import strategies as st
from test_sources_samples import FORMATS, client_of

import cjtools as cj
from cjtools.event_log import CASES, draw_log, flat, log_pieces, ocel, without_case, write_event_log, xes
from cjtools.event_log.rows import clean_page
from cjtools.event_log.xes import attribute
from cjtools.privacy import MASK

KEY = "a secret of the house"
XES = "{http://www.xes-standard.org/}"
TYPES = {"string": str, "float": float, "boolean": bool, "integer": int}

SOURCES = """
[[sources]]
id = "clicks"
path = "clicks.csv"
format = "table"
kind = "events"
timezone = "UTC"
date_format = "%Y-%m-%d %H:%M"
keys = { who = "customer" }
[sources.mapping]
timestamp = "at"
activity = "act"
profile = "who"
session_id = "visit"
page = "page"
campaign = "campaign"
environment = "where"
consent = "consent"
order_id = "order"

[[sources]]
id = "shop"
path = "shop.csv"
format = "table"
kind = "orders"
timezone = "UTC"
date_format = "%Y-%m-%d %H:%M"
keys = { customer = "customer" }
[sources.mapping]
order_id = "no"
ordered_at = "on"
profile = "customer"
environment = "where"
store_id = "shop"
product_id = "product"
category = "category"
line_total = "line"
"""
CLICKS = """at,act,who,visit,page,campaign,where,consent,order
2026-07-01 09:00,page_view,CUST-1,V-77,/p/lamp?ref=ann@mail.example,spring,online,granted,
2026-07-01 09:05,view_item,CUST-1,V-77,/account/ann@mail.example,(organic),online,granted,
2026-07-01 09:07,page_view,CUST-2,,/p/rug0,,online,granted,
2026-07-01 09:10,purchase,CUST-1,V-77,/order/ORD-1/thanks,,online,granted,ORD-1
2026-07-01 09:10,page_view,CUST-9,V-78,/secret,,online,denied,
2026-07-03 10:00,page_view,CUST-2,,/p/rug,ann@mail.example,online,granted,
2026-07-03 10:20,page_view,CUST-2,,/p/rug2,,online,granted,
2026-07-03 11:00,page_view,CUST-2,,/p/rug3,,online,granted,
"""
SHOP = """no,on,customer,where,shop,product,category,line
ORD-1,2026-07-01 09:10,CUST-1,online,,P-1,lamps,10
ORD-1,2026-07-01 09:10,CUST-1,online,,P-2,rugs,5
ORD-2,2026-07-04 12:00,,offline,Reus,P-1,lamps,10
"""


@pytest.fixture
def shop(tmp_path) -> tuple[cj.Client, cj.Tables]:
    """A shop with clicks and orders, all written out above."""
    client = make_client(tmp_path, SOURCES, clicks__csv=CLICKS, shop__csv=SHOP)
    return client, cj.read_sources(client)


@pytest.fixture(scope="module")
def tables(example) -> cj.Tables:
    """The tables of the example client."""
    return cj.read_sources(example)


def text_of(tables: cj.Tables, client: cj.Client, form: str, case: str = "profile", **options: Any) -> str:
    """The whole text of a log."""
    return "".join(log_pieces(draw_log(tables, client=client, key=KEY, **options), form=form, case=case))


def check_ocel(log: dict[str, Any]) -> None:
    """Hold a log against the rules of OCEL 2.0: what is used is declared, what is related exists, types are kept."""
    assert list(log) == ["objectTypes", "eventTypes", "objects", "events"]
    declared = {}
    for kinds in ("objectTypes", "eventTypes"):
        names = [each["name"] for each in log[kinds]]
        assert len(set(names)) == len(names)
        declared[kinds] = {each["name"]: {a["name"]: a["type"] for a in each["attributes"]} for each in log[kinds]}
        assert {kind for types in declared[kinds].values() for kind in types.values()} <= TYPES.keys()
    ids = [each["id"] for each in log["objects"]]
    known = set(ids)
    assert len(known) == len(ids)
    assert len({each["id"] for each in log["events"]}) == len(log["events"])
    for each in log["objects"]:
        assert each.keys() == {"id", "type", "attributes", "relationships"}
        check_attributes(each, declared["objectTypes"], timed=True)
    for each in log["events"]:
        assert each.keys() == {"id", "type", "time", "attributes", "relationships"}
        check_attributes(each, declared["eventTypes"], timed=False)
        assert dt.datetime.fromisoformat(each["time"]).tzinfo is not None
        assert each["relationships"]
    for each in (*log["objects"], *log["events"]):
        links = [(link["objectId"], link["qualifier"]) for link in each["relationships"]]
        assert {name for name, _ in links} <= known
        assert all(qualifier for _, qualifier in links)
        assert len(set(links)) == len(links)
    times = [each["time"] for each in log["events"]]
    assert times == sorted(times, key=dt.datetime.fromisoformat)


def check_attributes(thing: dict[str, Any], declared: dict[str, dict[str, str]], *, timed: bool) -> None:
    """Hold the attributes of one event or object against its type."""
    types = declared[thing["type"]]
    names = [each["name"] for each in thing["attributes"]]
    assert len(set(names)) == len(names)
    for each in thing["attributes"]:
        assert each.keys() == ({"name", "value", "time"} if timed else {"name", "value"})
        assert type(each["value"]) is TYPES[types[each["name"]]]
        assert not timed or dt.datetime.fromisoformat(each["time"]).tzinfo is not None


# OCEL.


def test_a_log_of_objects_keeps_the_rules_of_the_standard(shop):
    client, tables = shop
    log = cj.to_ocel(tables, client=client, key=KEY)
    check_ocel(log)
    assert Counter(each["type"] for each in log["objects"]) == {
        "profile": 2, "session": 4, "order": 2, "product": 2, "store": 1, "campaign": 2,
    }  # fmt: skip
    assert Counter(each["type"] for each in log["events"]) == {
        "page_view": 5, "view_item": 1, "purchase": 1, "pos_purchase": 1,
    }  # fmt: skip


def test_an_order_says_who_placed_it_where_and_what_is_on_it(shop):
    client, tables = shop
    log = cj.to_ocel(tables, client=client, key=KEY)
    things = {each["id"]: each for each in log["objects"]}
    orders = [each for each in things.values() if each["type"] == "order"]
    links = sorted(
        [(link["qualifier"], things[link["objectId"]]["type"]) for link in each["relationships"]] for each in orders
    )
    assert links == [
        [("placed by", "profile"), ("contains", "product"), ("contains", "product")],
        [("sold at", "store"), ("contains", "product")],
    ]
    values = sorted({a["name"]: a["value"] for a in each["attributes"]}["total"] for each in orders)
    assert values == [10.0, 15.0]
    sold = next(each for each in log["events"] if each["type"] == "pos_purchase")
    assert [link["qualifier"] for link in sold["relationships"]] == ["of", "at"]
    assert things["store:Reus"]["attributes"][0]["value"] == "Reus"


def test_sessions_are_those_of_the_source_else_those_of_a_pause(shop):
    client, tables = shop
    log = cj.to_ocel(tables, client=client, key=KEY)
    rules = sorted(each["attributes"][0]["value"] for each in log["objects"] if each["type"] == "session")
    assert rules == ["given", "inactivity", "inactivity", "inactivity"]


def test_the_example_keeps_the_rules_and_loses_no_event(tables, example):
    log = cj.to_ocel(tables, client=example, key=KEY)
    check_ocel(log)
    followed = events_of(tables).filter((pl.col("consent") != "denied") & ~pl.col("is_internal"))
    assert len(log["events"]) == followed.height == 30_557
    kinds = Counter(each["type"] for each in log["objects"])
    assert kinds["order"] == tables.orders.height
    assert kinds["profile"] == followed["profile_id"].n_unique() - 1


@pytest.mark.parametrize("form", FORMATS)
def test_the_log_of_every_format_keeps_the_rules(form, tmp_path):
    client = client_of(tmp_path, form, said=form)
    read = cj.read_sources(client)
    first, last = dt.date(1990, 1, 1), dt.date(2100, 1, 1)
    wide = client.model_copy(update={"wave": client.wave.model_copy(update={"from_": first, "to": last})})
    log = cj.to_ocel(read, client=wide, key=KEY)
    check_ocel(log)
    kept = events_of(read).filter((pl.col("consent") != "denied") & ~pl.col("is_bot") & ~pl.col("is_internal"))
    drawn = draw_log(read, client=wide, key=KEY)
    assert len(log["events"]) + without_case(drawn, form="ocel", case="profile") == drawn.count == kept.height
    assert (
        len(ElementTree.fromstring(text_of(read, wide, "xes")).findall(f"{XES}trace"))
        == kept["profile_id"].drop_nulls().n_unique()
    )


# XES and CSV.


@pytest.mark.parametrize("case", CASES)
def test_a_trace_holds_the_events_of_one_case_in_the_order_of_time(shop, case):
    client, tables = shop
    root = ElementTree.fromstring(text_of(tables, client, "xes", case))
    assert (root.tag, root.get("xes.version")) == (f"{XES}log", "1849.2016")
    kinds = [child.tag.removeprefix(XES) for child in root]
    order = ["extension", "global", "classifier", "string", "trace"]
    assert kinds == sorted(kinds, key=order.index)
    traces = root.findall(f"{XES}trace")
    names = [trace.find(f"{XES}string[@key='concept:name']").get("value") for trace in traces]
    assert len(set(names)) == len(names)
    assert all(name.startswith(f"{case}:") for name in names)
    for trace in traces:
        events = trace.findall(f"{XES}event")
        times = [
            dt.datetime.fromisoformat(event.find(f"{XES}date[@key='time:timestamp']").get("value")) for event in events
        ]
        assert times == sorted(times)
        assert all(event.find(f"{XES}string[@key='concept:name']") is not None for event in events)
    assert {"profile": (2, 7), "session": (4, 7), "order": (2, 2)}[case] == (
        len(traces), len(root.findall(f"{XES}trace/{XES}event")),
    )  # fmt: skip


def test_the_table_has_a_case_an_activity_and_a_time(shop):
    client, tables = shop
    rows = list(csv.DictReader(io.StringIO(text_of(tables, client, "csv"))))
    assert list(rows[0])[:4] == ["case_id", "activity", "timestamp", "event_id"]
    assert sorted((row["activity"], row["timestamp"]) for row in rows)[:2] == [
        ("page_view", "2026-07-01T09:00:00+00:00"),
        ("page_view", "2026-07-01T09:07:00+00:00"),
    ]
    assert len({row["case_id"] for row in rows}) == 2
    frame = cj.to_event_log(tables, client=client, key=KEY).collect()
    assert frame["case_id"].to_list() == [row["case_id"] for row in rows]


def test_the_three_formats_tell_of_the_same_events(tables, example):
    objects = {each["id"] for each in json.loads(text_of(tables, example, "ocel"))["events"]}
    traces = ElementTree.fromstring(text_of(tables, example, "xes"))
    flat_ids = {row["event_id"] for row in csv.DictReader(io.StringIO(text_of(tables, example, "csv")))}
    assert {each.get("value") for each in traces.iterfind(f".//{XES}event/{XES}string[@key='event']")} == flat_ids
    assert flat_ids < objects
    log = draw_log(tables, client=example, key=KEY)
    assert len(objects) - len(flat_ids) == without_case(log, form="csv", case="profile") == 116


@settings(max_examples=80, deadline=None)
@given(st.text())
def test_no_text_breaks_the_xml(text):
    parsed = ElementTree.fromstring(f"<a>{attribute('page', text)}</a>")[0]
    assert parsed.get("value") == "".join(letter for letter in text if can_be_xml(ord(letter)))


def can_be_xml(code: int) -> bool:
    """Whether XML 1.0 knows the character."""
    return code in (9, 10, 13) or 32 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def test_no_cell_of_the_table_is_a_formula(tmp_path):
    clicks = CLICKS.replace("spring", "=HYPERLINK(1)").replace("view_item", "@SUM(1)")
    client = make_client(tmp_path, SOURCES, clicks__csv=clicks, shop__csv=SHOP)
    for row in csv.reader(io.StringIO(text_of(cj.read_sources(client), client, "csv"))):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


# What stays in the house.


@pytest.mark.parametrize("form", ["ocel", "xes", "csv"])
@pytest.mark.parametrize("case", CASES)
def test_no_id_no_address_and_nobody_who_declined_leaves_the_house(shop, form, case):
    client, tables = shop
    text = text_of(tables, client, form, case)
    for raw in ("CUST-", "V-7", "ORD-", "ann@", "mail.example", "clicks:", "/secret", "?ref"):
        assert raw not in text
    assert form == "ocel" or case == "order" or f"/account/{MASK}" in text


def test_no_id_of_the_example_leaves_the_house(tables, example):
    events = events_of(tables)
    raw = {value for name in ("profile_id", "session_id", "order_id") for value in events[name].drop_nulls()}
    raw |= {value.partition(":")[2] for value in events["profile_id"].drop_nulls()}
    words = set(re.findall(r"[\w.:-]+", text_of(tables, example, "ocel")))
    assert raw & words == set()


def test_what_people_said_is_no_part_of_the_log(tables, example):
    text = text_of(tables, example, "ocel")
    said = [quote for quote in tables.quotes["text"] if len(quote) > 20]
    assert said
    assert not [quote for quote in said if quote in text]


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("/p/lamp", "/p/lamp"),
        ("/a/ann%40mail.example/b", f"/a/{MASK}/b"),
        ("/reset/3f2504e04f8911d39a0c0305e82c3301", f"/reset/{MASK}"),
        ("/u/3F2504E0-4F89-11D3-9A0C-0305E82C3301/x", f"/u/{MASK}/x"),
        ("/t/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIi", f"/t/{MASK}"),
        ("/p/water-proof-coat-for-men-2024-edition", "/p/water-proof-coat-for-men-2024-edition"),
        ("/order/1001/thanks?x=1#top", f"/order/{MASK}/thanks"),
        ("/order/1002", "/order/1002"),
    ],
)
def test_a_path_loses_what_names_somebody_and_keeps_the_rest(page, shown):
    assert clean_page(page, {"1001"}) == shown


def test_the_same_key_gives_the_same_log_and_another_key_other_ids(shop):
    client, tables = shop
    one, same = text_of(tables, client, "ocel"), text_of(tables, client, "ocel")
    other = "".join(log_pieces(draw_log(tables, client=client, key="another"), form="ocel"))
    ids = re.compile(r"(?:profile|session|order|event):[0-9a-f]{16}")
    assert one == same
    assert set(ids.findall(one)) & set(ids.findall(other)) == set()
    assert len(one) == len(other)


def test_marked_events_stay_unless_they_are_asked_for(shop):
    client, tables = shop
    marked = tables.events.with_columns(
        is_bot=pl.col("activity") == "view_item", is_internal=pl.col("page").str.contains("rug").fill_null(False)
    )
    given_tables = replace(tables, events=marked)
    assert draw_log(given_tables, client=client, key=KEY).left == {"outside": 0, "denied": 1, "bot": 1, "internal": 4}
    both = draw_log(given_tables, client=client, key=KEY, also=["bot", "internal"])
    assert (both.count, both.left) == (8, {"outside": 0, "denied": 1, "bot": 0, "internal": 0})


def test_only_the_days_of_the_wave_go_out(tmp_path):
    client = make_client(tmp_path, SOURCES + '\n[[waves]]\nid = "july-1"\nfrom = 2026-07-01\nto = 2026-07-01\n',
                         clicks__csv=CLICKS, shop__csv=SHOP)  # fmt: skip
    log = draw_log(cj.read_sources(client), client=client, key=KEY, wave="july-1")
    assert (log.count, log.left["outside"]) == (4, 4)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"key": " "}, "key: empty; a text that only you know; ids are hashed with it"),
        ({"key": KEY, "also": ["robots"]}, "also: 'robots' is no mark of events; did you mean 'bot'?"),
        ({"key": KEY, "also": ["denied"]}, "also: 'denied' is no mark of events; known: bot, internal"),
    ],
)
def test_what_cannot_be_is_refused(shop, options, said):
    client, tables = shop
    with pytest.raises(cj.ParameterError) as caught:
        draw_log(tables, client=client, **options)
    assert said in str(caught.value)


def test_a_format_and_a_case_that_do_not_exist_are_named(shop):
    client, tables = shop
    log = draw_log(tables, client=client, key=KEY)
    with pytest.raises(cj.ParameterError, match="format: 'xez' is no format; did you mean 'xes'"):
        log_pieces(log, form="xez")
    with pytest.raises(cj.ParameterError, match="case: 'profiles' is no case; did you mean 'profile'"):
        log_pieces(log, form="xes", case="profiles")


# Large logs, and files.


@pytest.mark.parametrize("form", ["ocel", "xes", "csv"])
def test_a_log_written_in_small_pieces_is_the_same(shop, monkeypatch, form):
    client, tables = shop
    whole = text_of(tables, client, form)
    for module in (ocel, xes, flat):
        monkeypatch.setattr(module, "BATCH", 2)
    assert text_of(tables, client, form) == whole


def test_the_events_are_never_in_memory_as_a_whole(tables, example, monkeypatch):
    many, collect, heights = 30_000, pl.LazyFrame.collect, []

    def watched(self: pl.LazyFrame, *args: Any, **kwargs: Any) -> Any:
        result = collect(self, *args, **kwargs)
        heights.append(result.height)
        return result

    monkeypatch.setattr(pl.LazyFrame, "collect", watched)
    pieces = log_pieces(draw_log(tables, client=example, key=KEY), form="ocel")
    assert max(len(piece) for piece in pieces) < 20_000
    assert 0 < max(heights) < many / 2


def test_nothing_makes_a_log_of_nothing(example):
    log = cj.to_ocel(cj.Tables(), client=example, key=KEY)
    check_ocel(log)
    assert (log["objects"], log["events"], log["eventTypes"]) == ([], [], [])
    assert ElementTree.fromstring(cj.to_xes(cj.Tables(), client=example, key=KEY)).findall(f"{XES}trace") == []
    assert text_of(cj.Tables(), example, "csv").startswith("case_id,activity,timestamp,event_id,")


def test_a_file_is_written_whole_or_stays_as_it_was(shop, tmp_path, monkeypatch):
    client, tables = shop
    target = tmp_path / "log.ocel.json"
    log = write_event_log(tables, target, client=client, key=KEY)
    first = target.read_text("utf-8")
    assert (log.count, len(json.loads(first)["events"])) == (8, 8)

    def broken(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(ocel, "ocel_events", broken)
    with pytest.raises(KeyboardInterrupt):
        write_event_log(tables, target, client=client, key="another")
    assert target.read_text("utf-8") == first
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


@pytest.mark.parametrize("name", ["shop.csv", "client.toml", "./clicks.csv"])
def test_nothing_is_written_over_what_was_read(shop, name):
    client, tables = shop
    before = (client.folder / name).read_bytes()
    with pytest.raises(cj.ReportError, match="this file was read; choose another name"):
        write_event_log(tables, client.folder / name, client=client, key=KEY, form="csv")
    assert (client.folder / name).read_bytes() == before


def test_a_folder_that_is_not_there_is_named(shop, tmp_path):
    client, tables = shop
    with pytest.raises(cj.ReportError, match="No such file or directory"):
        write_event_log(tables, tmp_path / "nowhere" / "log.xes", client=client, key=KEY, form="xes")


def test_real_files_become_a_log():
    if not (SHARED / "samples").is_dir():
        pytest.skip("the real samples (../shared/samples) are not here")
    client = cj.load_client(Path("tests") / "clients" / "real")
    log = cj.to_ocel(cj.read_sources(client), client=client, key=KEY)
    check_ocel(log)
    assert Counter(each["type"] for each in log["events"]) == {
        "pos_purchase": 6785,
        "mailing": 365,
        "coupon_redeem": 341,
    }
    kinds = Counter(each["type"] for each in log["objects"])
    assert (kinds["profile"], kinds["order"]) == (60, 6785)
