"""GA4's export, channels, profiles, Search Console and the door of zips."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import SHARED
from fixtures.make_client import events_of, faults_of, make_client

import cjtools as cj
from cjtools.errors import SourceError
from cjtools.privacy import pseudonym
from cjtools.sources.opening import containers
from cjtools.sources.opening.containers import open_zip
from cjtools.sources.opening.files import Opened
from cjtools.sources.parsing.channels import channel_group, is_payment_page

WEB = '[[sources]]\nid = "web"\npath = "web*.*"\nformat = "ga4_bigquery"\nkeys = { user_id = "customer" }\n'
START = 1_782_900_000_000_000  # 2026-07-01 10:00 UTC


def event(second: int = 0, name: str = "page_view", user: str | None = "u1", **given: Any) -> dict[str, Any]:
    """One row as BigQuery's JSON writes it; parameters as param_<name>."""
    session = {"ga_session_id": 77} if user else {}
    parameters = session | {
        key.removeprefix("param_"): value for key, value in given.items() if key.startswith("param_")
    }
    return {
        "event_date": "20260701",
        "event_timestamp": str(START + second * 1_000_000),
        "event_name": name,
        "user_pseudo_id": user,
        "event_params": [{"key": key, "value": parameter(value)} for key, value in parameters.items()],
        **{key: value for key, value in given.items() if not key.startswith("param_")},
    }


def parameter(value: Any) -> dict[str, Any]:
    kind = "string_value" if isinstance(value, str) else "int_value" if isinstance(value, int) else "double_value"
    return {"string_value": None, "int_value": None, "double_value": None} | {
        kind: value if kind != "int_value" else str(value)
    }


def ndjson(*events: Mapping[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in events)


def read(tmp_path: Path, *events: Mapping[str, Any]) -> cj.Tables:
    return cj.read_sources(make_client(tmp_path, WEB, web__ndjson=ndjson(*events)))


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


SEARCH = '[[sources]]\nid = "gsc"\npath = "gsc*"\nformat = "search_console"\ntouchpoint = "website"\n'
HEADERS = {
    "Queries.csv": "Top queries,Clicks,Impressions,CTR,Position",
    "Consultas.csv": "Consultas principales,Clics,Impresiones,CTR,Posición",
    "Query.csv": "Query principali,Clic,Impressioni,CTR,Posizione",
    "Consultes.csv": "Consultes principals,Clics,Impressions,CTR,Posició",
    "Interogări.csv": "Interogări,Clicuri,Afișări,CTR,Poziție",
}


def packed(**members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "."), text)
    return stream.getvalue()


@pytest.mark.parametrize("name", HEADERS)
def test_the_export_is_read_in_five_languages(tmp_path: Path, name: str) -> None:
    days = "Date,Clicks,Impressions,CTR,Position\n2026-05-01,1,10,10%,2.5\n2026-05-02,0,0,0%,0\n"
    archive = packed(
        **{name: HEADERS[name] + "\nlli a mida,4,96,4.17%,5.3\n", "Dates__csv": days, "Filters__csv": "Filter,Value\n"}
    )
    tables = cj.read_sources(make_client(tmp_path, SEARCH, gsc__zip=archive))
    query = tables.observations.filter(pl.col("source_file") == f"gsc.zip/{name}")
    assert query.select("metric", "unit", "value", "n", pl.col("period_to").cast(pl.String), "dimensions").rows() == [
        ("clicks", "count", 4.0, 96.0, "2026-05-02", [{"name": "query", "value": "lli a mida"}]),
        ("impressions", "count", 96.0, None, "2026-05-02", [{"name": "query", "value": "lli a mida"}]),
        ("position", "rank", 5.3, 96.0, "2026-05-02", [{"name": "query", "value": "lli a mida"}]),
    ]
    assert tables.sources.select("source_file", "rows_in", "flags").sort("source_file").rows() == sorted(
        [("gsc.zip/Dates.csv", 2, []), (f"gsc.zip/{name}", 1, ["rare_queries_left_out"])]
    )


def test_decimal_commas_and_semicolons_are_read(tmp_path: Path) -> None:
    rows = "Páginas principales;Clics;Impresiones;CTR;Posición\nhttps://x.es/;5;100;5,0 %;8,3\n"
    tables = cj.read_sources(
        make_client(tmp_path, SEARCH + "period = { from = 2026-05-01, to = 2026-05-31 }\n", gsc_paginas__csv=rows)
    )
    assert tables.observations["value"].to_list() == [5.0, 100.0, 8.3]


def test_an_export_without_days_needs_a_period(tmp_path: Path) -> None:
    client = make_client(tmp_path, SEARCH, gsc__zip=packed(Queries__csv=HEADERS["Queries.csv"] + "\na,1,2,50%,1\n"))
    assert faults_of(client) == [
        (
            "client.toml, source 'gsc': the export does not tell its days; "
            "add period = { from = 2026-07-01, to = 2026-09-30 }"
        )
    ]


def test_cells_that_cannot_be_are_told(tmp_path: Path) -> None:
    rows = HEADERS["Queries.csv"] + "\na,9,2,50%,1\nb,1,2,0.5,1\nc,x,2,50%,0.5\n"
    client = make_client(tmp_path, SEARCH, gsc__zip=packed(Queries__csv=rows))
    assert faults_of(client) == [
        "gsc.zip/Queries.csv line 4, column 'Clicks': 'x' is not a whole number",
        "gsc.zip/Queries.csv line 2, column 'Impressions': '2' is not a whole number, at least the clicks",
        "gsc.zip/Queries.csv line 4, column 'Impressions': '2' is not a whole number, at least the clicks",
        "gsc.zip/Queries.csv line 3, column 'CTR': '0.5' is not a share such as 4.17%",
        "gsc.zip/Queries.csv line 4, column 'Position': '0.5' is not a position, 1 or more",
    ]


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("a,b,c,d,e,f,g,h,i", "two periods are compared in this export; one period; export it without comparison"),
        ("a,b", "2 columns; 5: name, clicks, impressions, CTR, position"),
        (
            "Foo,Clicks,Impressions,CTR,Position",
            (
                "column 'Foo' is not known; queries, pages, countries, devices or dates; "
                "rename the file to Queries.csv, Pages.csv, Countries.csv, Devices.csv or Dates.csv"
            ),
        ),
    ],
)
def test_what_is_no_table_of_the_export_is_a_fault(tmp_path: Path, header: str, fault: str) -> None:
    client = make_client(tmp_path, SEARCH, gsc__zip=packed(foo__csv=header + "\n"))
    assert faults_of(client) == [f"gsc.zip/foo.csv line 1: {fault}"]


def opened(data: bytes) -> Opened:
    return Opened("a.zip", data, "")


def test_litter_and_folders_in_a_zip_are_left_out() -> None:
    assert list(
        open_zip(opened(packed(**{"a__csv": "x", "__MACOSX/._a": "x", "dir/.DS_Store": "x", "d/~$a__csv": "x"})))
    ) == ["a.csv"]


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "a/../../b.csv", "C:/a.csv", "..\\a.csv"])
def test_names_that_lead_out_of_a_zip_are_refused(name: str) -> None:
    with pytest.raises(SourceError, match="leads out of the zip"):
        open_zip(opened(packed(**{name: "x"})))


def test_a_zip_that_unpacks_too_far_is_refused() -> None:
    with pytest.raises(SourceError, match=r"'a\.csv' unpacks to more than"):
        open_zip(opened(packed(a__csv="0" * 3_000_000)))


def test_a_zip_with_too_many_or_too_large_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="1001 files; at most 1000 files in a zip"):
        open_zip(opened(packed(**{f"{number}.csv": "" for number in range(1001)})))
    monkeypatch.setattr(containers, "LARGEST", 5)
    with pytest.raises(SourceError, match=r"'b.csv' unpacks to more than 2 bytes; at most 200 MB"):
        open_zip(opened(packed(a__csv="123", b__csv="123")))


def test_a_broken_zip_is_a_fault() -> None:
    with pytest.raises(SourceError, match="broken or locked zip"):
        open_zip(opened(packed(a__csv="123")[:-30]))
