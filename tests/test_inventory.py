"""What was read, shown: flags in words, periods and gaps, coverage, match rates, what was left out."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from conftest import EXAMPLE, SHARED
from fixtures.make_client import make_client
from hypothesis import given, settings
from hypothesis import strategies as st
from test_sources_samples import FORMATS, client_of

import cjtools as cj
from cjtools.inventory import (
    group_left_out,
    list_left_out,
    match_rates,
    say_flag,
    source_coverage,
    source_periods,
    source_spans,
)
from cjtools.inventory.coverage import family_coverage
from cjtools.inventory.describe import split_flag
from cjtools.inventory.matches import MATCHES
from cjtools.inventory.periods import spans_of
from cjtools.settings import LANGUAGES, Wave
from cjtools.spreadsheet import as_csv
from cjtools.words import load_words

EVENTS = """
[[sources]]
id = "clicks"
path = "clicks.csv"
format = "table"
kind = "events"
date_format = "%Y-%m-%d %H:%M"
keys = { who = "customer" }
[sources.mapping]
timestamp = "at"
activity = "act"
profile = "who"
page = "page"
channel = "channel"
environment = "where"
consent = "consent"
"""
ORDERS = """
[[sources]]
id = "shop"
path = "shop.csv"
format = "table"
kind = "orders"
date_format = "%Y-%m-%d"
keys = { customer = "customer" }
[sources.mapping]
order_id = "no"
ordered_at = "on"
profile = "customer"
environment = "where"
total = "total"
"""
CLICKS = (
    "at,act,who,page,channel,where,consent\n"
    "2026-07-01 09:00,page_view,1,/p/lamp,website,online,granted\n"
    "2026-07-01 09:05,page_view,,/help,website,online,denied\n"
    "2026-07-02 10:00,email_sent,1,,email,online,granted\n"
    "2026-07-02 10:00,email_sent,2,,email,online,granted\n"
    "2026-07-02 10:00,email_sent,9,,email,online,granted\n"
    "2026-07-02 10:00,email_sent,9,,email,online,granted\n"
    "2026-07-04 12:00,page_view,2,/p/rug,website,online,granted\n"
)
SHOP = (
    "no,on,customer,where,total\n"
    "A1,2026-07-02,1,online,10\nA2,2026-07-03,,offline,20\nA3,2026-07-05,3,offline,30\nA4,2026-07-06,,offline,1\n"
)


@pytest.fixture
def shop(tmp_path) -> tuple[cj.Client, cj.Tables]:
    """A shop with clicks, mailings and orders, all written out above."""
    client = make_client(tmp_path, EVENTS + ORDERS, clicks__csv=CLICKS, shop__csv=SHOP)
    return client, cj.read_sources(client)


@pytest.fixture(scope="module")
def made(example) -> cj.Inventory:
    """The inventory of the example client."""
    return cj.take_inventory(example)


def rates(client: cj.Client, tables: cj.Tables) -> dict[tuple[str, str], tuple[int, int]]:
    """The match rates by join and scope."""
    frame = match_rates(tables, client=client)
    return {(row["match"], row["scope"]): (row["numerator"], row["denominator"]) for row in frame.to_dicts()}


# Flags in words.


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("sampled", "sampled"),
        ("consent_denied:1252", "1,252 × without consent"),
        ("no_colour:3", "3 × without colour"),
        ("moon_phase", "moon phase"),
        ("moon_phase:x y", "moon phase: x y"),
        ("same_row:²", "same row as before: ²"),
    ],
)
def test_a_flag_is_said_in_words_and_an_unknown_one_as_it_is(flag, said):
    assert say_flag(flag, words=load_words("en")) == said


@pytest.mark.parametrize("form", FORMATS)
def test_what_a_sample_raises_has_its_words_and_its_place_in_the_account(form, tmp_path):
    client = client_of(tmp_path, form, said=form)
    tables = cj.read_sources(client)
    inventory = cj.take_inventory(client, tables=tables)
    raised = {split_flag(flag)[0] for flags in tables.sources["flags"] for flag in flags}
    assert {name for name in raised | set(tables.left_out["why"]) if not load_words("en").has("flags", name)} == set()
    assert inventory.families["rows"].sum() == tables.sources["rows_used"].sum()
    assert inventory.left_out["rows"].sum() == tables.left_out.height
    assert inventory.periods["source_id"].to_list() == ["s"]
    assert inventory.periods.select(pl.sum_horizontal("rows", "undated").sum() + pl.lit(inventory.spans.height)).item()


def test_the_words_of_a_flag_are_in_the_language_of_the_map(example):
    lines = cj.take_inventory(example, language="ca").lines
    assert "1.252 × sense consentiment" in lines.filter(source_id="web")["flags"][0].to_list()


# Periods and gaps.


def day(number: int) -> dt.date:
    """A day of July."""
    return dt.date(2026, 7, number)


def test_a_hole_in_a_daily_source_is_a_gap_and_in_a_sparse_one_it_is_not():
    daily = spans_of({day(1): 5, day(2): 1, day(5): 2, day(6): 2}, [])
    assert [(state, first.day, last.day, rows) for state, first, last, rows in daily] == [
        ("rows", 1, 2, 6), ("gap", 3, 4, 0), ("rows", 5, 6, 4),
    ]  # fmt: skip
    assert [run[0] for run in spans_of({day(1): 5, day(9): 1, day(20): 2}, [])] == ["rows", "rows", "rows"]


def test_periods_of_totals_join_and_what_none_of_them_covers_is_a_gap():
    runs = spans_of({}, [(day(1), day(7)), (day(5), day(9)), (day(10), day(12)), (day(20), day(25))])
    assert [(state, first.day, last.day) for state, first, last, _ in runs] == [
        ("totals", 1, 12), ("gap", 13, 19), ("totals", 20, 25),
    ]  # fmt: skip


def test_totals_only_show_where_there_are_no_rows_of_a_day():
    runs = spans_of({day(10): 1, day(11): 1}, [(day(1), day(31))])
    assert [(state, first.day, last.day) for state, first, last, _ in runs] == [
        ("totals", 1, 9), ("rows", 10, 11), ("totals", 12, 31),
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, 31), min_size=1), st.lists(st.tuples(st.integers(1, 31), st.integers(1, 31)), max_size=4))
def test_runs_never_overlap_and_no_day_with_rows_is_lost(numbers, pairs):
    days = {day(number): number for number in numbers}
    runs = spans_of(days, sorted((day(min(pair)), day(max(pair))) for pair in pairs))
    covered = [first + dt.timedelta(step) for _, first, last, _ in runs for step in range((last - first).days + 1)]
    assert len(covered) == len(set(covered))
    assert covered == sorted(covered)
    assert sum(rows for *_, rows in runs) == sum(numbers)
    with_rows = {
        first + dt.timedelta(step)
        for state, first, last, _ in runs
        if state == "rows"
        for step in range((last - first).days + 1)
    }
    assert with_rows == set(days)


def test_the_period_of_a_source_counts_days_rows_and_the_wave(shop):
    _, tables = shop
    wave = Wave.model_validate({"from": day(1), "to": day(3)})
    rows = source_periods(tables, wave=wave).select("source_id", "rhythm", "first", "last", "days", "days_with", "rows",
                                                    "in_wave", "gaps", "longest_days").rows()  # fmt: skip
    assert rows == [
        ("clicks", "daily", day(1), day(4), 4, 3, 6, 5, 1, 1),
        ("shop", "daily", day(2), day(6), 5, 4, 4, 2, 1, 1),
    ]


def test_the_purchases_that_orders_prove_do_not_count_as_their_rows_again(shop):
    _, tables = shop
    assert tables.events.filter(pl.col("source_id") == "shop").collect().height == 4
    assert source_periods(tables).filter(source_id="shop")["rows"].item() == 4


def test_a_source_without_dates_says_so(tmp_path):
    note = "---\nparticipant: P01\nlanguage: en\nconsent: report\n---\n> I looked around.\n"
    section = '[[sources]]\nid = "talks"\npath = "P01.md"\nformat = "interview_notes"\n'
    tables = cj.read_sources(make_client(tmp_path, section, P01__md=note))
    assert source_periods(tables).select("rhythm", "rows", "undated", "first", "days").row(0) == (
        "undated",
        1,
        1,
        None,
        0,
    )
    assert source_spans(tables).is_empty()


def test_the_days_of_the_example_are_those_of_its_files(made):
    with (EXAMPLE / "orders.csv").open(encoding="utf-8") as file:
        days = [row["ordered_at"][:10] for row in csv.DictReader(file)]
    row = made.periods.filter(source_id="orders").row(0, named=True)
    assert (row["rows"], row["days_with"]) == (len(days), len(set(days)))
    assert (str(row["first"]), str(row["last"])) == (min(days), max(days))


# Coverage.


def test_what_is_missing_has_a_row_that_says_so(shop):
    client, tables = shop
    rows = (
        source_coverage(tables, client=client).select("basis", "side", "environment", "items", "people", "state").rows()
    )
    assert rows == [
        ("reported", "satisfaction", "online", 0, 0, "missing"),
        ("reported", "satisfaction", "offline", 0, 0, "missing"),
        ("reported", "satisfaction", "untied", 0, 0, "missing"),
        ("reported", "behaviour", "online", 0, 0, "missing"),
        ("reported", "behaviour", "offline", 0, 0, "missing"),
        ("reported", "behaviour", "untied", 0, 0, "missing"),
        ("observed", "behaviour", "online", 7, 3, "evidence"),
        ("observed", "behaviour", "offline", 3, 1, "evidence"),
        ("observed", "behaviour", "untied", 0, 0, "missing"),
        ("totals", "behaviour", "online", 0, None, "missing"),
        ("totals", "behaviour", "offline", 0, None, "missing"),
        ("totals", "behaviour", "untied", 0, None, "missing"),
    ]


NOTE = """---
participant: P01
date: 2026-07-01
language: en
consent: report
---
- Nice page. [@website +1]
- I compared three shops. [@website comparing]
- The newsletter came [@newsletter -1] and the website was slow. [@website pain -1]
- Nothing else.
"""


def test_what_is_said_is_told_apart_by_score_and_act_and_place(tmp_path):
    section = '[[sources]]\nid = "talks"\npath = "P01.md"\nformat = "interview_notes"\n'
    client = make_client(tmp_path, section, P01__md=NOTE)
    found = source_coverage(cj.read_sources(client), client=client).filter(state="evidence")
    assert found.select("side", "environment", "items", "people").rows() == [
        ("satisfaction", "online", 3, 1),
        ("behaviour", "online", 1, 1),
        ("other", "untied", 1, 1),
    ]


def test_every_family_that_a_map_expects_has_a_line():
    families = family_coverage(cj.Tables().sources)
    assert families["family"].to_list() == [
        "interview",
        "social",
        "survey",
        "support",
        "web",
        "orders",
        "email",
        "search",
    ]
    assert families["rows"].sum() == 0


def test_the_coverage_of_the_example_counts_what_its_files_hold(made):
    with (EXAMPLE / "orders.csv").open(encoding="utf-8") as file:
        stores = sum(row["channel"] == "store" for row in csv.DictReader(file))
    row = made.coverage.filter(basis="observed", environment="offline").row(0, named=True)
    assert (row["items"], row["families"]) == (stores, ["orders"])
    assert made.coverage.filter(state="missing", environment="offline").select("basis", "side").rows() == [
        ("totals", "behaviour")
    ]


# Match rates.


def test_every_join_is_counted_with_its_numerator_and_denominator(shop):
    found = rates(*shop)
    assert found == {
        ("orders_with_profile", "all"): (2, 4),
        ("orders_with_profile", "online"): (1, 1),
        ("orders_with_profile", "offline"): (1, 3),
        ("orders_seen", "all"): (1, 2),
        ("orders_seen", "online"): (1, 1),
        ("orders_seen", "offline"): (0, 1),
        ("profiles_joined", "all"): (1, 4),
        ("recipients_known", "all"): (1, 3),
        ("recipients_bought", "all"): (1, 3),
        ("events_with_profile", "all"): (7, 10),
        ("events_with_session", "all"): (0, 7),
        ("events_followed", "all"): (7, 10),
        ("events_denied", "all"): (1, 10),
        ("events_bot", "all"): (0, 10),
        ("events_internal", "all"): (0, 10),
        ("views_at_touchpoint", "all"): (0, 3),
    }


def test_the_joins_of_the_example_are_those_of_its_files(made):
    with (EXAMPLE / "orders.csv").open(encoding="utf-8") as file:
        orders = list(csv.DictReader(file))
    found = {(row["match"], row["scope"]): row for row in made.matches.to_dicts()}
    known = [row for row in orders if row["customer_no"]]
    assert found["orders_with_profile", "all"]["numerator"] == len(known)
    assert found["orders_with_profile", "offline"]["denominator"] == sum(row["channel"] == "store" for row in orders)
    assert found["orders_measured", "all"]["denominator"] == sum(row["channel"] == "web" for row in orders)


def test_a_device_that_met_two_customers_is_told_apart_from_one_that_met_one(shop):
    client, tables = shop
    rows = [
        ("c:1", "user_pseudo_id", "h1", "web", "met one user_id"),
        ("web:2", "user_pseudo_id", "h2", "web", "own"),
        ("web:3", "user_pseudo_id", "h3", "web", "met several user_ids"),
        ("c:1", "user_id", "h9", "web", "own"),
    ]
    identities = pl.DataFrame(rows, schema=tables.identities.schema, orient="row")
    found = rates(client, replace(tables, identities=identities))
    assert found["pseudo_ids_linked", "web"] == (1, 3)
    assert found["pseudo_ids_shared", "web"] == (1, 3)


def test_a_join_of_nothing_has_no_line():
    client = cj.load_client(EXAMPLE)
    assert match_rates(cj.Tables(), client=client).is_empty()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_join_says_what_it_means(language):
    words = load_words(language)
    assert [
        name
        for name in MATCHES
        if not (words.has("words", f"match_{name}") and words.has("words", f"match_note_{name}"))
    ] == []


def test_large_events_are_never_collected_as_a_whole(example, monkeypatch):
    tables = cj.read_sources(example)
    many = tables.events.select(pl.len()).collect().item()
    collect, heights = pl.LazyFrame.collect, []

    def watched(self: pl.LazyFrame, *args: Any, **kwargs: Any) -> Any:
        result = collect(self, *args, **kwargs)
        heights.append((result.height, result.width))
        return result

    monkeypatch.setattr(pl.LazyFrame, "collect", watched)
    cj.take_inventory(example, tables=tables)
    assert heights
    assert max(height for height, width in heights if width > 2) < many / 5
    assert max(height for height, _ in heights) < many / 5


# What was left out.


def test_rows_left_out_are_grouped_and_listed_without_their_values(tmp_path):
    files = {"=1+1__csv": CLICKS + '2026-07-05 12:00,,"=HYPERLINK(1)",/secret,website,online,granted\n'}
    client = make_client(tmp_path, EVENTS.replace("clicks.csv", "*.csv"), **files)
    tables = cj.read_sources(client)
    groups = group_left_out(tables)
    assert groups.select("source_file", "fate", "why", "rows", "of_rows", "source_row").rows() == [
        ("=1+1.csv", "rejected", "no_activity", 1, 8, 9),
        ("=1+1.csv", "merged", "same_event", 1, 8, 7),
    ]
    assert [each.to_list() for each in groups["examples"]] == [[9], [7]]
    text = as_csv(list_left_out(tables, words=load_words("en")))
    assert list(csv.reader(io.StringIO(text))) == [
        ["source", "file", "row", "fate", "reason", "meaning"],
        ["clicks", "'=1+1.csv", "7", "merged", "same_event", "same event as before"],
        ["clicks", "'=1+1.csv", "9", "rejected", "no_activity", "no act"],
    ]
    assert "HYPERLINK" not in text
    assert "secret" not in text


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_that_could_be_a_formula_gets_an_apostrophe(begin):
    text = as_csv(pl.DataFrame({f"{begin}h": [f"{begin}cmd|' /c calc'!A1", "plain"]}))
    cells = [row[0] for row in csv.reader(io.StringIO(text, newline=""))]
    begin = begin.replace("\r", "\n")
    assert cells == [f"'{begin}h", f"'{begin}cmd|' /c calc'!A1", "plain"]


def test_no_text_begins_a_row_of_its_own():
    text = as_csv(pl.DataFrame({"a": ["x\r=cmd", "y\r\n=cmd", "z\n=cmd", 'q"\r=cmd']}))
    assert len(list(csv.reader(io.StringIO(text, newline="")))) == 5
    assert "\r" not in text


def test_real_files_are_described_to_the_end():
    if not (SHARED / "samples").is_dir():
        pytest.skip("the real samples (../shared/samples) are not here")
    inventory = cj.take_inventory(cj.load_client("tests/clients/real"))
    till = inventory.periods.filter(source_id="till").row(0, named=True)
    assert (till["rows"], till["days_with"], till["days"], str(till["longest_from"])) == (
        78_062,
        365,
        366,
        "2017-12-25",
    )
    found = {
        (row["match"], row["scope"]): (row["numerator"], row["denominator"]) for row in inventory.matches.to_dicts()
    }
    assert found["recipients_bought", "all"] == (60, 60)
    assert found["texts_at_touchpoint", "interview"] == (0, 201)
