"""GA4's export, channels and profiles."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest
from conftest import SHARED
from fixtures.make_client import events_of, faults_of, make_client
from fixtures.web import START, WEB, event, ndjson, read

import cjtools as cj
from cjtools.privacy import pseudonym
from cjtools.sources.parsing.channels import channel_group, is_payment_page


def test_a_row_becomes_an_event(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        event(
            name="purchase",
            param_page_location="https://shop.example/checkout/thanks?x=1#y",
            param_currency="RON",
            privacy_info={"analytics_storage": "Yes"},
            device={"category": "mobile", "browser": "x"},
            ecommerce={"transaction_id": "W1", "purchase_revenue": "31.5"},
        ),
    )
    row = events_of(tables).row(0, named=True)
    expected = {
        "timestamp": "2026-07-01 10:00:00+00:00",
        "local_date": "2026-07-01",
        "activity": "purchase",
        "page": "/checkout/thanks",
        "order_id": "W1",
        "value": "31.5000",
        "currency": "RON",
        "device": "mobile",
    }
    assert {key: str(row[key]) for key in expected} == expected
    assert (row["profile_id"], row["session_id"], row["consent"], row["environment"]) == (
        "web:u1",
        "u1.77",
        "granted",
        "online",
    )


def test_parquet_and_ndjson_are_the_same_events(tmp_path: Path) -> None:
    events = [
        event(0, param_page_location="/a", param_source="google", param_medium="organic"),
        event(1, user_id="7"),
        event(2, user=None),
    ]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    text = read(tmp_path / "a", *events)
    typed = [each | {"event_timestamp": int(each["event_timestamp"])} for each in events]
    stream = io.BytesIO()
    pl.DataFrame(typed).write_parquet(stream)
    parquet = cj.read_sources(make_client(tmp_path / "b", WEB, web__parquet=stream.getvalue()))
    aside = ["source_file"]
    assert text.events.collect().drop(aside).equals(parquet.events.collect().drop(aside))
    assert text.identities.equals(parquet.identities)


def test_the_list_that_bigquery_wraps_into_a_record_is_read(tmp_path: Path) -> None:
    value = {"string_value": "/a?b", "int_value": None}
    wrapped = {"list": [{"element": {"key": "page_location", "value": value}}]}
    stream = io.BytesIO()
    pl.DataFrame([{"event_timestamp": START, "event_name": "page_view", "event_params": wrapped}]).write_parquet(stream)
    assert cj.read_sources(make_client(tmp_path, WEB, web__parquet=stream.getvalue())).events.collect()[
        "page"
    ].to_list() == ["/a"]


@pytest.mark.parametrize("column", ["event_params", "device", "ecommerce"])
def test_a_flattened_export_is_a_fault_and_not_half_read(tmp_path: Path, column: str) -> None:
    stream = io.BytesIO()
    pl.DataFrame([{"event_timestamp": START, "event_name": "page_view", column: "{}"}]).write_parquet(stream)
    faults = faults_of(make_client(tmp_path, WEB, web__parquet=stream.getvalue()))
    assert faults == [
        (
            f"web.parquet, column {column!r}: String, not a record; nested records as BigQuery exports them; "
            "export the table itself"
        )
    ]


def test_what_a_file_has_not_is_null(tmp_path: Path) -> None:
    stream = io.BytesIO()
    pl.DataFrame({"event_timestamp": [START], "event_name": ["page_view"]}).write_parquet(stream)
    tables = cj.read_sources(make_client(tmp_path, WEB, web__parquet=stream.getvalue()))
    row = events_of(tables).row(0, named=True)
    assert [row[key] for key in ("profile_id", "session_id", "page", "source", "channel", "order_id", "value")] == [
        None
    ] * 7
    assert str(row["local_date"]) == "2026-07-01"


def test_denied_consent_leaves_neither_profile_nor_session(tmp_path: Path) -> None:
    tables = read(tmp_path, event(privacy_info={"analytics_storage": "No"}, user_id="7"), event(1))
    assert events_of(tables).sort("timestamp").select("profile_id", "session_id", "consent", "reason").rows() == [
        (None, None, "denied", "consent denied"),
        ("web:u1", "u1.77", "unknown", None),
    ]
    assert tables.sources["flags"].to_list() == [["consent_denied:1", "consent_unknown:1"]]


def test_internal_traffic_is_marked_and_stays(tmp_path: Path) -> None:
    tables = read(tmp_path, event(param_traffic_type="internal"))
    assert events_of(tables).select("is_internal", "reason").row(0) == (True, "internal traffic")


def test_exact_copies_are_merged_also_over_files(tmp_path: Path) -> None:
    first, second = event(0, param_page_location="/a"), event(0, param_page_location="/b")
    tables = cj.read_sources(
        make_client(tmp_path, WEB, web1__ndjson=ndjson(first, second, first), web2__ndjson=ndjson(second, event(5)))
    )
    assert events_of(tables).height == 3
    assert tables.sources.select("rows_in", "rows_used", "rows_merged").rows() == [(3, 2, 1), (2, 1, 1)]


def test_without_a_pseudo_id_nothing_is_taken_for_a_copy(tmp_path: Path) -> None:
    assert read(tmp_path, event(user=None), event(user=None)).events.collect().height == 2


def test_events_of_the_same_time_keep_the_order_of_their_batch(tmp_path: Path) -> None:
    batches = [("5", "1", "2"), ("5", "1", "1"), ("4", "9", "9")]
    names = ("batch_page_id", "batch_ordering_id", "batch_event_index")
    tables = read(
        tmp_path, *(event(0, f"e{place}", **dict(zip(names, each, strict=True))) for place, each in enumerate(batches))
    )
    assert events_of(tables)["event_name"].to_list() == ["e2", "e1", "e0"]


def test_a_pseudo_id_that_met_one_user_is_that_user_in_all_its_events(tmp_path: Path) -> None:
    tables = read(
        tmp_path, event(0), event(1, user_id="7"), event(2), event(3, user="u2"), event(4, user="u3", user_id="7")
    )
    assert events_of(tables).sort("timestamp")["profile_id"].to_list() == ["customer:7"] * 3 + [
        "web:u2",
        "customer:7",
    ]
    assert tables.identities.select("profile_id", "id_type", "rule").rows() == [
        ("customer:7", "user_id", "own"),
        ("customer:7", "user_pseudo_id", "met one user_id"),
        ("customer:7", "user_pseudo_id", "met one user_id"),
        ("web:u2", "user_pseudo_id", "own"),
    ]


def test_a_pseudo_id_that_met_two_users_keeps_its_other_events(tmp_path: Path) -> None:
    tables = read(tmp_path, event(0), event(1, user_id="7"), event(2, user_id="8"))
    assert events_of(tables).sort("timestamp")["profile_id"].to_list() == ["web:u1", "customer:7", "customer:8"]
    assert ("web:u1", "met several user_ids") in tables.identities.select("profile_id", "rule").rows()


def test_ids_stand_in_identities_as_keyed_hashes_only(tmp_path: Path) -> None:
    identities = read(tmp_path, event(user="u1")).identities
    assert identities["id_value"].to_list() == [pseudonym("u1", salt="acme")]


def test_two_sources_meet_only_under_the_same_key(tmp_path: Path) -> None:
    visits = (
        '[[sources]]\nid = "till"\npath = "till.csv"\nformat = "table"\nkind = "events"\nkeys = { card = "%s" }\n'
        '[sources.mapping]\ntimestamp = "at"\nprofile = "card"\n[sources.constants]\nactivity = "store_visit"\n'
    )
    for key, profiles in (("customer", 1), ("card", 2)):
        folder = tmp_path / key
        folder.mkdir()
        files = {"web__ndjson": ndjson(event(user_id="7")), "till__csv": "at,card\n2026-07-01,7\n"}
        assert (
            cj.read_sources(make_client(folder, WEB + visits % key, **files)).events.collect()["profile_id"].n_unique()
            == profiles
        )


LAST_CLICK = {"manual_campaign": {"source": "news", "medium": "email", "campaign_name": "may"}}


def test_the_last_click_of_the_session_is_its_source(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        event(
            0,
            param_source="google",
            param_medium="organic",
            session_traffic_source_last_click=LAST_CLICK,
            traffic_source={"source": "first", "medium": "cpc"},
        ),
    )
    assert events_of(tables).select("source", "medium", "campaign", "channel").row(0) == (
        "news",
        "email",
        "may",
        "Email",
    )


def test_else_the_first_source_that_the_session_collected(tmp_path: Path) -> None:
    collected = {"manual_source": "facebook", "manual_medium": "social", "manual_campaign_name": None}
    tables = read(
        tmp_path,
        event(0),
        event(2, param_source="bing", param_medium="organic"),
        event(1, collected_traffic_source=collected),
    )
    assert events_of(tables)["channel"].to_list() == ["Organic Social"] * 3
    assert events_of(tables)["campaign"].to_list() == [None] * 3


def test_a_source_of_a_first_visit_long_ago_is_not_used(tmp_path: Path) -> None:
    tables = read(tmp_path, event(0, traffic_source={"source": "google", "medium": "cpc"}))
    assert events_of(tables).select("source", "channel").row(0) == (None, None)


def test_a_payment_page_never_brings_anybody(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        event(0, param_source="paypal.com", param_medium="referral"),
        event(1, param_source="google", param_medium="organic"),
    )
    assert events_of(tables)["channel"].to_list() == ["Organic Search"] * 2


def test_a_click_id_of_an_ad_is_an_ad(tmp_path: Path) -> None:
    tables = read(tmp_path, event(0, param_source="google", param_medium="organic", param_gclid="abc"))
    assert events_of(tables)["channel"].to_list() == ["Paid Search"]


@pytest.mark.parametrize(
    "source",
    [
        "paypal.com",
        "www.paypal.com",
        "checkout.stripe.com",
        "sis.redsys.es",
        "klarna",
        "pay.google.com",
        "getbizum.bizum.es",
        "sumup-pay.com",
    ],
)
def test_payment_pages_are_known(source: str) -> None:
    assert is_payment_page(source)


@pytest.mark.parametrize("source", ["google", "display", "company.example", "payless.example.org", None])
def test_other_pages_are_no_payment_pages(source: str | None) -> None:
    assert not is_payment_page(source)


def channel_rows() -> list[dict[str, str]]:
    path = SHARED / "oracles" / "channel_grouping.json"
    # 'alibaba' without a medium is expected as Paid Shopping there; by GA4's own rule nobody paid for it.
    return (
        [row for row in json.loads(path.read_text("utf-8"))["rows"] if row["source"] != "alibaba"]
        if path.is_file()
        else []
    )


@pytest.mark.skipif(not channel_rows(), reason="../shared/oracles is not here")
def test_channels_are_those_of_ga4() -> None:
    found = {
        tuple(row.values()): channel_group(row["source"], row["medium"], row["campaign"]) for row in channel_rows()
    }
    assert [(row, channel) for row, channel in found.items() if channel != row[3]] == []
    assert len(found) == 29


@pytest.mark.parametrize(
    ("source", "medium", "channel"),
    [
        ("instagram", "paid_social", "Paid Social"),
        ("l.facebook.com", "referral", "Organic Social"),
        ("es.search.yahoo.com", "referral", "Organic Search"),
        ("mail.google.com", "referral", "Referral"),
        ("google", "cpm", "Paid Search"),
        ("site", "banner", "Display"),
        ("site", "cpm", "Display"),
        (None, "email", "Email"),
        (None, None, None),
    ],
)
def test_more_channels(source: str | None, medium: str | None, channel: str | None) -> None:
    assert channel_group(source, medium) == channel


def test_lines_that_are_no_json_are_told_by_their_number(tmp_path: Path) -> None:
    client = make_client(tmp_path, WEB, web__ndjson=ndjson(event()) + '{"event_name": \n[1]\n')
    assert faults_of(client) == [
        "web.ndjson line 2: not valid JSON ('Expecting value: line 1 column 16 (char 15)'); one object a line",
        "web.ndjson line 3: not a JSON object; one object a line",
    ]


def test_a_time_that_cannot_be_and_a_missing_name_are_faults(tmp_path: Path) -> None:
    client = make_client(
        tmp_path,
        WEB,
        web__ndjson=ndjson(event(), event() | {"event_timestamp": "1782900000"}, event() | {"event_name": None}),
    )
    assert faults_of(client) == [
        "web.ndjson line 2, column 'event_timestamp': '1782900000' is not a time; microseconds since 1970, in UTC",
        "web.ndjson line 3, column 'event_name': empty; the name of an event",
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "web.parquet: the file is empty (0 bytes); Parquet, or one JSON object a line"),
        (b"PAR1 and no more", "web.parquet: broken Parquet ("),
        (b'{"a": 1}\n', "web.parquet: there is no event_name in any line; the columns of GA4's BigQuery export"),
    ],
)
def test_what_is_no_export_is_a_fault(tmp_path: Path, content: bytes, fault: str) -> None:
    assert faults_of(make_client(tmp_path, WEB, web__parquet=content))[0].startswith(fault)


def test_a_key_of_another_name_joins_nothing_and_is_a_fault(tmp_path: Path) -> None:
    client = make_client(tmp_path, WEB.replace("user_id =", "userid ="), web__ndjson=ndjson(event()))
    assert faults_of(client) == [
        "client.toml, source 'web', keys.userid: 'userid' is no id of this source; did you mean 'user_id'?"
    ]


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")
def test_real_rows_of_the_export_are_read(tmp_path: Path) -> None:
    folder = SHARED / "samples" / "web_analytics" / "ga4_bigquery_events"
    files = {f"web_{path.stem}__ndjson": path.read_bytes() for path in sorted(folder.glob("*.ndjson"))}
    tables = cj.read_sources(make_client(tmp_path, WEB, **files))
    assert tables.sources["rows_in"].sum() == 9
    purchase = events_of(tables).filter(activity="purchase").row(0, named=True)
    assert (purchase["order_id"], str(purchase["value"]), purchase["currency"]) == ("257059", "31.0000", "EUR")
    assert (purchase["page"], purchase["channel"]) == ("/de/confirmation/xxxxx", None)
    assert "Paid Search" in events_of(tables)["channel"].to_list()
