"""Web tools besides GA4: Snowplow, Matomo, PostHog, Umami, Plausible; what they share, and what is peculiar to each."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import ROOT, SHARED
from fixtures.make_client import events_of, faults_of, make_client
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.privacy import pseudonym
from cjtools.sources.parsing.traffic import host_of, parameters, referrals
from cjtools.sources.readers.matomo_visits import acts_of
from cjtools.sources.readers.snowplow import columns_by_place, without_header

SAMPLES = ROOT / "tests" / "samples"
SHOP = "https://shop.example"


def source(form: str, path: str, more: str = "") -> str:
    return f'[[sources]]\nid = "web"\npath = "{path}"\nformat = "{form}"\n{more}'


def table(*rows: dict[str, str]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def sample(tmp_path: Path, form: str, pattern: str, more: str = "") -> cj.Tables:
    for file in (SAMPLES / form).glob(pattern):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return cj.read_sources(make_client(tmp_path, source(form, pattern, more)))


def told(tables: cj.Tables, *columns: str) -> list[tuple[Any, ...]]:
    ordered = events_of(tables).sort("source_file", "source_row", "tiebreak", "event_id")
    return ordered.with_columns(pl.col("value").cast(pl.Float64)).select(columns).rows()


# What all share, shown on Umami's table, which has the fewest columns.


def view(at: str = "08:00:00", page: str = "/", **given: str) -> dict[str, str]:
    return {
        "website_id": "w",
        "session_id": "u1",
        "visit_id": "v1",
        "hostname": "shop.example",
        "created_at": f"2026-07-01 {at}",
        "url_path": page,
        "url_query": "",
        "event_type": "1",
        "event_name": "",
        "referrer_domain": "",
    } | given


def umami(tmp_path: Path, *rows: dict[str, str], more: str = "") -> cj.Tables:
    return cj.read_sources(make_client(tmp_path, source("umami", "a.csv", more), a__csv=table(*rows)))


def test_a_session_came_from_where_its_first_act_with_a_source_came(tmp_path: Path) -> None:
    tables = umami(
        tmp_path,
        view("08:02:00", referrer_domain="blog.example"),
        view("08:01:00", "/checkout", referrer_domain="www.paypal.com"),
        view("08:00:00", url_query="utm_source=Nova%20news&utm_medium=email", referrer_domain="mail.example"),
        view("08:03:00", referrer_domain="shop.example"),
        view("09:00:00", visit_id="v2", referrer_domain="www.google.es"),
        view("09:30:00", visit_id="v3"),
        view("09:40:00", visit_id="v4", referrer_domain="shop.example"),
        view("09:50:00", visit_id="v5", referrer_domain="blog.shop.example"),
    )
    assert told(tables, "source", "medium", "channel") == [
        *[("Nova news", "email", "Email")] * 4,
        ("google", "organic", "Organic Search"),
        ("(direct)", "(none)", "Direct"),
        (None, None, None),
        (None, None, None),
    ]


def test_a_file_without_referrers_says_nothing_of_direct_visits(tmp_path: Path) -> None:
    assert told(umami(tmp_path, view()), "channel") == [(None,)]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/?gclid=x", ("google", "cpc", None)),
        ("/?msclkid=x", ("bing", "cpc", None)),
        ("/?utm_source=nova&gclid=x", ("nova", None, None)),
        ("/?mtm_campaign=a%2Bb&mtm_source=n", ("n", None, "a+b")),
        ("/#utm_source=x", ("x", None, None)),
        ("/?utm_source=&utm_medium=%20", (None, None, None)),
        ("/?xutm_source=a", (None, None, None)),
        (None, (None, None, None)),
    ],
)
def test_an_address_names_its_campaign(address: str | None, expected: tuple[str | None, ...]) -> None:
    assert parameters(pl.Series([address], dtype=pl.String)).row(0) == expected


def test_a_page_shown_by_a_translator_does_not_make_the_translator_the_shops_own() -> None:
    hosts = pl.Series(["shop.example"] * 150 + ["translate.google.com"])
    sent = pl.Series(["https://www.google.com/"] * 150 + ["https://translate.google.com/x"])
    assert referrals(sent, hosts)["source"].to_list() == ["google"] * 150 + [None]


def test_acts_of_ones_own_machine_and_without_consent_stay_marked(tmp_path: Path) -> None:
    consent = '[sources.mapping]\nconsent = "said"\ninternal = "staff"\n'
    tables = umami(
        tmp_path,
        view(said="granted", staff="0"),
        view(said="denied", staff="0"),
        view(said="", staff="1"),
        view(said="", staff="", hostname="localhost"),
        view(said="", staff="", hostname="staging.local"),
        more=consent,
    )
    assert told(tables, "consent", "profile_id", "is_internal", "reason") == [
        ("granted", "web:u1", False, None),
        ("denied", None, False, "consent denied"),
        ("unknown", "web:u1", True, "internal traffic"),
        ("unknown", "web:u1", True, "internal traffic: localhost"),
        ("unknown", "web:u1", True, "internal traffic: staging.local"),
    ]
    assert tables.sources["flags"][0].to_list() == ["consent_denied:1", "internal:3"]


def test_the_same_event_again_is_merged_and_so_is_the_same_row_where_there_are_no_ids(tmp_path: Path) -> None:
    with_ids = umami(tmp_path, view(event_id="e1"), view("08:05:00", event_id="e1"), view(event_id="e2"))
    assert with_ids.left_out.select("source_row", "fate", "why").rows() == [(3, "merged", "same_event")]
    without = umami(tmp_path, view(), view(), view("08:05:00"))
    assert without.left_out.select("source_row", "fate", "why").rows() == [(3, "merged", "same_event")]


def test_a_row_without_a_time_is_left_out_and_a_broken_time_is_a_fault(tmp_path: Path) -> None:
    tables = umami(tmp_path, view(), view() | {"created_at": ""})
    assert tables.left_out.select("source_row", "fate", "why").rows() == [(3, "rejected", "no_timestamp")]
    broken = make_client(tmp_path, source("umami", "a.csv"), a__csv=table(view() | {"created_at": "soon"}))
    assert faults_of(broken) == [
        (
            "a.csv line 2, column 'created_at': 'soon' is not a date; a date such as 2026-07-01; "
            "or add date_format to this source"
        )
    ]


def test_days_are_those_of_the_source_and_times_utc(tmp_path: Path) -> None:
    tables = umami(tmp_path, view("23:30:00"), more='timezone = "Europe/Madrid"\n')
    assert [str(value) for value in told(tables, "timestamp", "local_date")[0]] == [
        "2026-07-01 23:30:00+00:00",
        "2026-07-02",
    ]


def test_what_client_toml_maps_comes_first_and_must_be_there(tmp_path: Path) -> None:
    tables = umami(tmp_path, view(tag="vip"), more='[sources.mapping]\nuser_id = "tag"\n')
    assert told(tables, "profile_id") == [("web:vip",)]
    wrong = source("umami", "a.csv", '[sources.mapping]\nuser_id = "tags"\nuserr = "tag"\n')
    assert faults_of(make_client(tmp_path, wrong, a__csv=table(view(tag="vip")))) == [
        "client.toml, source 'web', mapping.userr: not something that events have; did you mean 'user_id'?",
        (
            "a.csv line 1: there is no column 'tags'; did you mean 'tag'?; see [sources.mapping] of source 'web' in "
            "client.toml"
        ),
    ]


def test_another_table_is_told_apart_and_so_is_a_key_that_joins_nothing(tmp_path: Path) -> None:
    other = make_client(tmp_path, source("snowplow", "a.csv"), a__csv="id,time\n1,2026-07-01\n")
    assert faults_of(other) == [
        "a.csv line 1: not snowplow: there is no column 'event_id', 'derived_tstamp', 'domain_userid'; "
        "known: id, time" + '; or read it with format = "table" and [sources.mapping]'
    ]
    keyed = source("umami", "a.csv", 'keys = { visitor = "customer" }\n')
    assert faults_of(make_client(tmp_path, keyed, a__csv=table(view()))) == [
        "client.toml, source 'web', keys.visitor: 'visitor' is no id of this source; known: user_id"
    ]


# Umami and Plausible


def test_umami_names_views_links_and_events_of_ones_own(tmp_path: Path) -> None:
    tables = umami(
        tmp_path,
        view(device="laptop"),
        view(event_type="2", event_name="Add to cart", device="mobile"),
        view(event_type="3", device="\\N"),
        view(event_type="5", page="\\N"),
    )
    assert told(tables, "event_name", "activity", "device", "page") == [
        ("pageview", "page_view", "desktop", "/"),
        ("Add to cart", "add_to_cart", "mobile", "/"),
        ("link_click", "click", None, "/"),
        ("event", "event", None, "/"),
    ]
    assert told(tables, "session_id")[0] == ("web:v1",)


def test_a_user_that_umami_was_told_of_owns_his_sessions(tmp_path: Path) -> None:
    tables = umami(tmp_path, view(distinct_id="\\N"), view(distinct_id="C-7"), more='keys = { user_id = "customer" }\n')
    assert told(tables, "profile_id") == [("customer:C-7",)] * 2
    assert tables.identities["rule"].to_list() == ["own", "met one user_id"]


def test_plausible_events_have_sources_and_amounts(tmp_path: Path) -> None:
    tables = sample(tmp_path, "plausible_events", "events_v2.csv")
    assert told(tables, "activity", "source", "medium", "channel", "device", "value") == [
        ("page_view", "news.example", "referral", "Referral", "mobile", None),
        ("page_view", "news.example", "referral", "Referral", "mobile", None),
        ("click", "news.example", "referral", "Referral", "mobile", None),
        ("purchase", "news.example", "referral", "Referral", "mobile", 31.5),
        ("page_view", "Google", None, "Organic Search", "desktop", None),
        ("page_view", "(direct)", "(none)", "Direct", "mobile", None),
    ]
    assert events_of(tables)["profile_id"].n_unique() == 3


# PostHog


def test_posthog_knows_a_user_by_another_id_than_his_browser(tmp_path: Path) -> None:
    tables = sample(tmp_path, "posthog", "events_*", 'keys = { user_id = "customer" }\n')
    ann = f"customer:{pseudonym('ann@terra.example', salt='acme')}"
    assert told(tables, "event_name", "activity", "profile_id", "channel", "device", "is_bot") == [
        ("$pageview", "page_view", ann, "Email", "desktop", False),
        ("$identify", "$identify", ann, "Email", "desktop", False),
        ("Order Completed", "purchase", ann, "Email", "desktop", False),
        ("$pageview", "page_view", "web:bot-1", None, "desktop", True),
        ("$pageleave", "$pageleave", "web:p-9", "Organic Search", "mobile", False),
    ]
    assert told(tables, "order_id", "value", "currency")[2] == ("W1001", 31.5, "EUR")
    assert not any("203.0.113" in str(value) for row in events_of(tables).rows() for value in row)


@pytest.mark.parametrize("form", ["posthog", "detect"])
def test_posthogs_batch_export_is_the_same_as_parquet(tmp_path: Path, form: str) -> None:
    plain = sample(tmp_path, "posthog", "events_1.csv", 'keys = { user_id = "customer" }\n')
    rows = pl.read_csv(SAMPLES / "posthog" / "events_1.csv", infer_schema=False)
    moment = pl.col("timestamp").str.head(26).str.replace(" ", "T").str.strip_chars("Z").str.to_datetime(time_unit="us")
    rows = rows.with_columns(moment.dt.replace_time_zone("UTC"), team_id=pl.lit(1, pl.Int64))
    folder = tmp_path / "parquet"
    folder.mkdir()
    rows.write_parquet(folder / "events.parquet", compression="zstd")
    client = make_client(folder, source(form, "events.parquet", 'keys = { user_id = "customer" }\n'))
    tables = cj.read_sources(client)
    assert tables.sources.select("format", "encoding", "rows_in", "rows_merged").row(0) == ("posthog", "parquet", 5, 1)
    columns = [name for name in events_of(tables).columns if name not in ("source_file", "source_row")]
    assert told(tables, *columns) == told(plain, *columns)


def test_properties_that_are_no_json_are_faults(tmp_path: Path) -> None:
    row = {"uuid": "1", "event": "x", "distinct_id": "d", "timestamp": "2026-07-01T08:00:00Z"}
    text = table(row | {"properties": "{"}, row | {"properties": "[]"}, row | {"properties": ""})
    assert faults_of(make_client(tmp_path, source("posthog", "a.csv"), a__csv=text)) == [
        "a.csv line 2, column 'properties': no JSON object; the properties of an event",
        "a.csv line 3, column 'properties': no JSON object; the properties of an event",
    ]


# Snowplow


def test_snowplow_names_its_events_and_orders(tmp_path: Path) -> None:
    tables = sample(tmp_path, "snowplow", "events_*", 'keys = { user_id = "customer" }\n')
    assert told(tables, "event_name", "activity", "profile_id", "order_id", "value", "currency") == [
        ("page_view", "page_view", "customer:C-77", None, None, None),
        ("page_ping", "user_engagement", "customer:C-77", None, None, None),
        ("botiga/add to cart", "add_to_cart", "customer:C-77", None, None, None),
        ("web_vitals", "web_vitals", "customer:C-77", None, None, None),
        ("transaction", "purchase", "customer:C-77", "W1001", 31.5, "EUR"),
        ("page_view", "page_view", "web:d2", None, None, None),
        ("page_view", "page_view", None, None, None, None),
        ("page_view", "page_view", "web:d3", None, None, None),
        ("consent_preferences", "consent_preferences", "web:d3", None, None, None),
        ("snowplow_ecommerce_action/transaction", "purchase", "web:d3", "W1002", 89.9, "RON"),
    ]
    reasons = [reason for (reason,) in told(tables, "reason") if reason]
    assert reasons == ["bot: IAB/ABC spiders and robots, as Snowplow found them", "internal traffic: localhost"]
    assert [str(moment) for (moment,) in told(tables, "timestamp")][0::5] == [
        "2026-07-01 08:00:00.450000+00:00",
        "2026-07-01 08:02:00+00:00",
    ]


def test_an_event_of_ones_own_is_named_by_the_column_that_holds_it_and_headers_may_be_capitals(tmp_path: Path) -> None:
    row = {
        "EVENT_ID": "e1",
        "COLLECTOR_TSTAMP": "2026-07-01 08:00:00 UTC",
        "DOMAIN_USERID": "d1",
        "EVENT": "unstruct",
        "UNSTRUCT_EVENT_COM_SNOWPLOWANALYTICS_SNOWPLOW_WEB_VITALS_1_0_0": '[{"lcp": 1}]',
        "UNSTRUCT_EVENT_COM_ACME_OPENED_MENU_1": "",
    }
    other = row | {key: "" for key in row if "WEB_VITALS" in key} | {"EVENT_ID": "e2"}
    text = table(row, other | {"UNSTRUCT_EVENT_COM_ACME_OPENED_MENU_1": '{"a": 1}'})
    tables = cj.read_sources(make_client(tmp_path, source("detect", "a.csv"), a__csv=text))
    assert told(tables, "event_name") == [("web_vitals",), ("opened_menu",)]


def test_enriched_events_are_known_by_their_131_places(tmp_path: Path) -> None:
    names = columns_by_place()
    assert (len(names), len(set(names)), names[6], names[-1]) == (131, 131, "event_id", "true_tstamp")
    text = (SAMPLES / "snowplow" / "events_enriched.tsv").read_text("utf-8")
    assert without_header(text.encode()) > 0.9
    assert without_header(b"a\tb\n") == without_header(b"\t" * 130) == 0
    short = text + text.splitlines()[0].rsplit("\t", 3)[0] + "\n"
    assert faults_of(make_client(tmp_path, source("snowplow", "a.tsv"), a__tsv=short)) == [
        "a.tsv line 4: 128 cells; 131 as in the header; a delimiter or a quote may be missing"
    ]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real samples are not on this machine")
def test_the_real_events_of_snowplow_have_the_counts_that_were_checked_by_hand(tmp_path: Path) -> None:
    file = SHARED / "samples" / "web_analytics" / "snowplow_events" / "snowplow_web_events.csv"
    client = make_client(tmp_path, '[[sources]]\nid = "web"\npath = "a.csv"\n', a__csv=file.read_bytes())
    tables = cj.read_sources(client)
    assert tables.sources.select("format", "rows_in", "rows_used", "rows_merged").rows() == [("snowplow", 160, 157, 3)]
    events = events_of(tables)
    assert events["session_id"].n_unique() == 47  # one of them null: the event that has none
    pseudo = tables.identities.filter(pl.col("id_type") == "user_pseudo_id")
    assert pseudo["id_value"].n_unique() == 41  # of 42: one device had a user in all its events, ten of them


# Matomo


def visit(*acts: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {
        "idSite": "1",
        "idVisit": "7",
        "visitorId": "a1b2c3d4e5f60718",
        "userId": None,
        "serverTimestamp": 1782900000,
        "referrerType": "direct",
        "actionDetails": list(acts),
    } | given


def act(kind: str = "action", at: Any = 1782900000, **given: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": at, "url": f"{SHOP}/p"} | given


def matomo(tmp_path: Path, content: Any) -> cj.Tables:
    return cj.read_sources(make_client(tmp_path, source("matomo_visits", "a.json"), a__json=json.dumps(content)))


def test_matomo_names_acts_sources_and_orders(tmp_path: Path) -> None:
    tables = sample(tmp_path, "matomo_visits", "visits_july.json", 'keys = { user_id = "customer" }\n')
    assert told(tables, "event_name", "activity", "page", "value") == [
        ("action", "page_view", "/p/manta", None),
        ("Botiga/Add to cart", "add_to_cart", "/p/manta", None),
        ("search", "search", None, None),
        ("Butlletí", "generate_lead", "/butlleti", 0),
        ("ecommerceOrder", "purchase", None, 31.5),
        ("outlink", "click", None, None),
        ("action", "page_view", "/", None),
        ("download", "file_download", "/cataleg.pdf", None),
        ("ecommerceAbandonedCart", "add_to_cart", None, 89.9),
    ]
    assert told(tables, "source", "medium", "campaign", "channel", "device")[5:7] == [
        ("google", "organic", None, "Organic Search", "mobile"),
        ("nova", "email", "juliol", "Email", "desktop"),
    ]
    assert told(tables, "order_id", "currency", "profile_id")[4] == ("W1001", "EUR", "web:a1b2c3d4e5f60718")
    assert told(tables, "profile_id")[-1] == ("customer:C-77",)
    assert tables.left_out.select("source_row", "why").rows() == [(3, "no_action")]


def test_the_wide_table_of_matomo_gives_the_same_as_its_json(tmp_path: Path) -> None:
    tables = sample(tmp_path, "matomo_visits", "visits_export.csv")
    assert told(tables, "source_row", "activity", "page", "channel", "device") == [
        (2, "page_view", "/botigues", "Referral", "tablet"),
        (2, "page_view", "/p/manta", "Referral", "tablet"),
        (3, "page_view", "/", "Direct", "desktop"),
    ]
    assert tables.sources.select("encoding", "delimiter").rows() == [("utf-16-le", ",")]


def test_visits_of_several_days_and_of_exports_that_overlap_count_once(tmp_path: Path) -> None:
    days = {"2026-07-01": [visit(act())], "2026-07-02": [visit(act(), idVisit=8), visit(act(), act(), idVisit="7")]}
    tables = matomo(tmp_path, days)
    assert tables.sources.select("rows_in", "rows_used", "rows_merged").rows() == [(4, 3, 1)]


def test_an_act_without_a_time_has_that_of_the_one_before(tmp_path: Path) -> None:
    tables = matomo(tmp_path, [visit(act(at=1782900060), act(at=None), act(at=""))])
    assert [str(at) for (at,) in told(tables, "timestamp")] == ["2026-07-01 10:01:00+00:00"] * 3


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (
            {"result": "error", "message": "You must be logged in"},
            "a.json: Matomo answered with an error: 'You must be logged in'; export it again",
        ),
        (
            [{"label": "x"}],
            "a.json: no visit has an idVisit; Matomo's log of visits (Live.getLastVisitsDetails)",
        ),
        (
            [visit(act(at="soon"))],
            (
                "a.json record 1, column 'timestamp': 'soon' is not a date; a date such as 2026-07-01; "
                "or add date_format to this source"
            ),
        ),
    ],
)
def test_what_is_no_log_of_visits_is_a_fault(tmp_path: Path, content: Any, fault: str) -> None:
    client = make_client(tmp_path, source("matomo_visits", "a.json"), a__json=json.dumps(content))
    assert faults_of(client) == [fault]


def test_totals_of_matomo_are_told_apart_from_its_visits(tmp_path: Path) -> None:
    client = make_client(tmp_path, source("matomo_visits", "a.csv"), a__csv="label,nb_visits\nx,1\n")
    assert faults_of(client) == [
        (
            "a.csv: there is no column 'type (actionDetails 0)'; Matomo's log of visits; "
            "export Live.getLastVisitsDetails as JSON"
        )
    ]


def test_no_visits_are_no_fault(tmp_path: Path) -> None:
    assert matomo(tmp_path, []).sources["rows_in"].to_list() == [0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["idVisit", "actionDetails", "referrerType", "campaignName", "userId"]), JSON))
def test_no_visit_breaks_the_reading_of_its_acts(thing: dict[str, Any]) -> None:
    acts = list(acts_of(thing))
    assert acts
    assert all(isinstance(text, str) for each in acts for text in each.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40) | st.none(), min_size=1, max_size=5))
def test_no_address_breaks_the_reading_of_where_a_visit_came_from(texts: list[str | None]) -> None:
    addresses = pl.Series(texts, dtype=pl.String)
    hosts = addresses.alias("a").to_frame().select(host_of(pl.col("a"))).to_series()
    assert parameters(addresses).height == referrals(addresses, hosts).height == len(texts)
