"""Mailings: Mailchimp, Brevo, Klaviyo, and any other tool by a mapping."""

from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT
from fixtures.make_client import events_of, faults_of, make_client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.errors import SourceError
from cjtools.privacy import pseudonym
from cjtools.sources.readers.mailchimp_report import parse_report

SAMPLES = ROOT / "tests" / "samples"
NURIA = f"customer:{pseudonym('nuria.puig@example.com', salt='acme')}"


def sample(tmp_path: Path, form: str, rest: str = "") -> cj.Client:
    shutil.copytree(SAMPLES / form, tmp_path, dirs_exist_ok=True)
    toml = (SAMPLES / form / "source.toml").read_text("utf-8").partition("[expect]")[0]
    return make_client(tmp_path, f'[[sources]]\nid = "s"\nformat = "{form}"\n{toml}{rest}')


def source(form: str, name: str = "s.csv") -> str:
    return f'[[sources]]\nid = "s"\npath = "{name}"\nformat = "{form}"\n'


def acts(tables: cj.Tables) -> list[tuple[str, ...]]:
    rows = events_of(tables).sort("timestamp", "tiebreak", "event_id")
    return rows.select(pl.col("timestamp").dt.strftime("%m-%d %H:%M"), "activity").rows()


def test_an_audience_tells_who_signed_up_left_and_could_not_be_reached(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "mailchimp_audience"))
    assert acts(tables) == [
        ("02-02 12:00", "newsletter_signup"),
        ("11-03 09:12", "newsletter_signup"),
        ("11-03 09:15", "newsletter_confirm"),
        ("12-01 10:00", "newsletter_signup"),
        ("01-20 17:40", "newsletter_signup"),
        ("05-09 07:01", "email_bounce"),
        ("05-10 06:30", "email_unsubscribe"),
    ]
    events = events_of(tables)
    assert set(events["channel"]) == {"email"}
    assert events.filter(pl.col("profile_id") == NURIA).height == 2
    assert tables.sources["source_file"].to_list() == [
        f"audience_export_a1b2.zip/{name}_email_audience_export_a1b2.csv"
        for name in ("cleaned", "subscribed", "unsubscribed")
    ]
    assert tables.sources["timezone"].unique().to_list() == ["UTC"]


def test_an_address_is_hashed_and_nothing_else_of_a_contact_is_kept(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "mailchimp_audience"))
    text = str(events_of(tables).to_dicts()) + str(tables.identities.to_dicts()) + str(tables.sources.to_dicts())
    for private in ("example.com", "Núria", "192.0.2.7", "VIP", "fira"):
        assert private not in text


def test_tags_in_doubled_quotes_and_other_files_of_the_zip_do_no_harm(tmp_path: Path) -> None:
    head = "Correu electrònic,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,LEID,TAGS\n"
    row = 'a@x.example,2,,2026-01-20 17:40:00,1,"""VIP, or"",""Blog"""\n'
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.writestr("subscribed_members_export_1.csv", head + row)
        archive.writestr("LICENSE.txt", 'nothing, "here')
    tables = cj.read_sources(make_client(tmp_path, source("mailchimp_audience", "s.zip")))
    assert acts(tables) == [("01-20 17:40", "newsletter_signup")]


def test_the_list_of_campaigns_is_totals_and_its_opens_are_flagged(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "mailchimp_campaigns"))
    may = tables.observations.filter(pl.col("period_from") == dt.date(2026, 5, 9)).sort("metric")
    assert may.select("metric", "unit", "value", "n").rows() == [
        ("bounced", "messages", 14.0, 1204.0),
        ("clicked", "people", 48.0, 1190.0),
        ("complaints", "people", 1.0, 1190.0),
        ("delivered", "messages", 1190.0, 1204.0),
        ("opened", "people", 351.0, 1190.0),
        ("sent", "messages", 1204.0, None),
        ("unsubscribed", "people", 6.0, 1190.0),
    ]
    assert may["dimensions"][0].to_list() == [{"name": "campaign", "value": "Maig: colors"}]
    assert tables.sources.select("family", "flags").row(0) == ("email", ["opens_inflated"])
    assert events_of(tables).is_empty()


@pytest.mark.parametrize("day", ["May 09, 2026 09:00 am", "2026-05-09 09:00", "05/09/2026 09:00", "05/09/26 09:00"])
def test_a_preset_knows_the_forms_of_its_dates_and_iso_always_comes_first(tmp_path: Path, day: str) -> None:
    head = "Title,Send Date,Send Weekday,Total Recipients,Unique Opens\n"
    tables = cj.read_sources(make_client(tmp_path, source("mailchimp_campaigns"), s__csv=f'{head}a,"{day}",x,10,2\n'))
    assert tables.observations["period_from"].unique().to_list() == [dt.date(2026, 5, 9)]


def test_a_date_of_no_known_form_is_a_fault_of_the_first_form(tmp_path: Path) -> None:
    head = "Title,Send Date,Send Weekday,Total Recipients,Unique Opens\n"
    client = make_client(tmp_path, source("mailchimp_campaigns"), s__csv=head + 'a,"9 maig 2026",x,10,2\n')
    assert faults_of(client) == [
        "s.csv line 2, column 'Send Date': '9 maig 2026' is not a date; a date of the form %b %d, %Y %I:%M %p"
    ]


def test_brevos_recipients_have_an_act_for_each_time_in_their_order(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "brevo_recipients"))
    mine = events_of(tables).filter(pl.col("profile_id") == NURIA).sort("timestamp", "tiebreak")
    assert mine.select("activity", "campaign", "page", "channel").rows() == [
        ("email_sent", "maig-2026", None, "email"),
        ("email_delivered", "maig-2026", None, "email"),
        ("email_open", "maig-2026", None, "email"),
        ("email_click", "maig-2026", None, "email"),
    ]
    assert tables.sources["flags"].to_list() == [["click_times_assumed:2", "opens_inflated:2"]]
    counts = dict(events_of(tables)["activity"].value_counts().iter_rows())
    assert counts == {
        "email_sent": 4, "email_delivered": 3, "email_open": 2, "email_click": 2, "email_bounce": 1,
        "email_unsubscribe": 1,
    }  # fmt: skip


def test_a_click_with_a_time_of_its_own_keeps_it_and_gives_the_campaign_of_its_link(tmp_path: Path) -> None:
    head = "Campaign Name;Email_ID;Send_Date;Click_Date;Link\n"
    rows = (
        "Maig;a@x.example;09-05-2026 09:00:06;09-05-2026 10:00:00;https://x.example/p?utm_campaign=maig%2026\n"
        "Maig;b@x.example;09-05-2026 09:00:06;;\n"
        "Juny;b@x.example;09-06-2026 09:00:06;09-06-2026 11:00:00;https://x.example/p\n"
    )
    tables = cj.read_sources(make_client(tmp_path, source("brevo_recipients"), s__csv=head + rows))
    clicks = events_of(tables).filter(pl.col("activity") == "email_click").sort("timestamp")
    assert clicks["campaign"].to_list() == ["maig 26", "Juny"]
    assert sorted(set(events_of(tables)["campaign"])) == ["Juny", "maig 26"]
    assert tables.sources["flags"].to_list() == [[]]


def test_brevos_contacts_are_made_not_signed_up(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "brevo_contacts"))
    assert set(events_of(tables)["activity"]) == {"contact_created"}
    assert events_of(tables)["timestamp"].min() == dt.datetime(2025, 4, 12, 7, 30, tzinfo=dt.UTC)


def test_brevos_totals(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "brevo_campaigns"))
    opened = tables.observations.filter(pl.col("metric") == "opened")
    assert opened.select("value", "n").rows() == [(351.0, 1190.0), (360.0, 1198.0)]
    assert tables.sources["flags"].to_list() == [["opens_inflated"]]


def test_klaviyos_consent_counts_only_where_it_was_given(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "klaviyo_profiles"))
    assert acts(tables) == [
        ("11-03 09:12", "contact_created"),
        ("11-03 09:12", "newsletter_signup"),
        ("01-20 17:40", "contact_created"),
        ("05-09 07:46", "email_open"),
        ("05-09 07:47", "email_click"),
    ]


def test_klaviyos_campaigns_of_several_channels(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "klaviyo_campaigns"))
    sent = tables.observations.filter(pl.col("metric") == "sent").sort("source_row")
    assert sent["value"].to_list() == [1204.0, 300.0]
    assert [each["value"] for each in sent["dimensions"][1]] == ["Recordatori", "SMS", ""]
    # an SMS is not opened: an empty cell is no measurement
    assert tables.observations.filter(pl.col("metric") == "opened").height == 1


def test_a_report_of_one_campaign_is_numbers_links_and_what_recipients_did(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "mailchimp_report"))
    numbers = dict(tables.observations.filter(pl.col("source_row") < 20).select("metric", "value").iter_rows())
    assert numbers == {
        "sent": 1204.0, "delivered": 1190.0, "bounced": 14.0, "opened": 351.0, "opens": 612.0, "clicked": 48.0,
        "clicks_total": 71.0, "unsubscribed": 6.0, "complaints": 1.0,
    }  # fmt: skip
    links = tables.observations.filter(pl.col("metric") == "link_clickers")
    assert links["value"].to_list() == [41.0, 9.0]
    assert links["dimensions"][0].to_list() == [
        {"name": "link", "value": "/colors"},
        {"name": "mailing", "value": "Maig: colors"},
    ]
    events = events_of(tables).sort("profile_id", "timestamp", "tiebreak")
    assert events.filter(pl.col("profile_id") == NURIA).select("activity", "time_precision", "campaign").rows() == [
        ("email_sent", "minute", "Maig: colors"),
        ("email_open", "unknown", "Maig: colors"),
        ("email_click", "unknown", "Maig: colors"),
    ]
    assert tables.sources.select("rows_in", "rows_used", "rows_rejected", "flags").row(0) == (
        17, 14, 3, ["opens_inflated:2", "other_number:3", "preamble_rows:11", "times_of_delivery:3"],
    )  # fmt: skip
    assert tables.left_out.select("source_row", "why").rows() == [
        (10, "other_number"),
        (11, "other_number"),
        (20, "other_number"),
    ]


REPORT = (
    'Email Campaign Report\n"Title:","Maig"\n"Delivery Date/Time:","%s"\n\n"Overall Stats"\n"Total Recipients:","10"\n'
)


def test_a_report_alone_has_no_events(tmp_path: Path) -> None:
    text = REPORT % "Sat, May 9, 2026 12:25" + '"Recipients Who Opened:","3 (30%)"\n'
    tables = cj.read_sources(make_client(tmp_path, source("mailchimp_report"), s__csv=text))
    assert tables.observations.select("metric", "value", "n").sort("metric").rows() == [
        ("opened", 3.0, 10.0),
        ("sent", 10.0, None),
    ]
    assert (events_of(tables).height, tables.sources["kind"].item()) == (0, "observations")
    assert tables.sources["flags"].to_list() == [["opens_inflated", "preamble_rows:4"]]


def test_two_combinations_of_a_test_are_two_parts_of_one_campaign(tmp_path: Path) -> None:
    text = (
        REPORT % "2026-05-09"
        + '"Combination 1 Stats"\n"Total Clicks:","7"\n"Combination 2 Stats"\n"Total Clicks:","9"\n'
    )
    tables = cj.read_sources(make_client(tmp_path, source("mailchimp_report"), s__csv=text))
    parts = tables.observations.filter(pl.col("metric") == "clicks_total")["dimensions"].to_list()
    assert [part[1] for part in parts] == [
        {"name": "part", "value": "Combination 1 Stats"},
        {"name": "part", "value": "Combination 2 Stats"},
    ]


def test_what_is_wrong_with_a_report_is_told_by_its_line(tmp_path: Path) -> None:
    client = make_client(tmp_path, source("mailchimp_report"), s__csv=REPORT % "9 de maig")
    assert faults_of(client) == [
        "s.csv line 3: '9 de maig' is not a date; a date such as 2026-07-01; or add date_format to this source"
    ]
    client = make_client(tmp_path, source("mailchimp_report"), s__csv="Email Campaign Report\n")
    assert faults_of(client) == ["s.csv: no line says when it was delivered; Delivery Date/Time:, and the date"]
    text = REPORT % "2026-05-09" + '"Email Address","Opens","Clicks"\na@x.example,1\nb@x.example,1,2,3\n'
    client = make_client(tmp_path, source("mailchimp_report"), s__csv=text)
    assert faults_of(client) == [
        "s.csv line 8: 2 cells; 3 as in the header",
        "s.csv line 9: 4 cells; 3 as in the header",
    ]


LINE = st.sampled_from(
    ['"Title:","a"', "Overall Stats", '"Total Clicks:","1,2"', '"Total Clicks:","7"', "URL,Total Clicks", "https://x,3",
     "Email Address,Opens", "a@x.example,1", "", ",,", '"open', "a,b,c", ":,", '"Delivery Date/Time:","2026-05-09"']
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.one_of(LINE, st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)), max_size=8))
def test_no_text_breaks_the_reader_of_reports(tmp_path: Path, lines: list[str]) -> None:
    client = make_client(tmp_path, source("mailchimp_report"), s__csv="\n".join(lines))
    try:
        report = parse_report(tmp_path / "s.csv", section=client.sources[0], client=client)
        cj.read_sources(client)
    except SourceError:
        return
    assert len(report.parts) >= 1


SENT = """
[[sources]]
id = "s"
path = "s.csv"
format = "table"
kind = "events"
date_format = "%s"
keys = { CORREU = "customer" }
[sources.mapping]
profile = "CORREU"
campaign = "CAMPANYA"
[sources.moments]
email_sent = "ENVIAT"
email_click = "CLIC"
[sources.constants]
channel = "%s"
"""


@pytest.mark.parametrize(
    ("form", "time"),
    [("%Y%m%dT%H%M%S", "20260509T091244"), ("%d/%m/%Y %H:%M:%S", "09/05/2026 09:12:44")],
)
def test_any_other_tool_by_its_mapping(tmp_path: Path, form: str, time: str) -> None:
    rows = f"CORREU;CAMPANYA;ENVIAT;CLIC\nNuria.Puig@example.com;Maig;{time};\n"
    tables = cj.read_sources(make_client(tmp_path, SENT % (form, "sms"), s__csv=rows))
    event = events_of(tables).row(0, named=True)
    assert (event["profile_id"], event["activity"], event["channel"]) == (NURIA, "email_sent", "sms")
    assert event["timestamp"] == dt.datetime(2026, 5, 9, 7, 12, 44, tzinfo=dt.UTC)
    assert tables.sources.select("family", "delimiter").row(0) == ("sms", ";")


def test_a_click_of_any_tool_has_the_campaign_of_its_link(tmp_path: Path) -> None:
    toml = '[[sources]]\nid = "s"\npath = "s.csv"\nformat = "table"\nkind = "events"\n[sources.mapping]\n'
    toml += 'timestamp = "at"\nprofile = "who"\npage = "link"\n[sources.constants]\nactivity = "email_click"\n'
    rows = "at,who,link\n2026-05-09T10:00:00Z,a@x.example,https://x.example/p?utm_source=mailup&utm_campaign=maig\n"
    event = events_of(cj.read_sources(make_client(tmp_path, toml, s__csv=rows))).row(0, named=True)
    assert (event["source"], event["campaign"], event["page"]) == ("mailup", "maig", "/p")


def test_opens_of_any_tool_are_flagged(tmp_path: Path) -> None:
    toml = SENT % ("%Y-%m-%d", "email")
    toml = toml.replace('email_click = "CLIC"', 'email_open = "CLIC"')
    rows = "CORREU;CAMPANYA;ENVIAT;CLIC\na;Maig;2026-05-09;2026-05-09\nb;Maig;2026-05-09;\n"
    tables = cj.read_sources(make_client(tmp_path, toml, s__csv=rows))
    assert tables.sources["flags"].to_list() == [["opens_inflated:1"]]


def test_tables_of_a_zip_that_are_none_of_the_export_are_counted(tmp_path: Path) -> None:
    head = "Email,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,LEID\n"
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.writestr("subscribed_members_export_1.csv", head + "a@x.example,2,,2026-01-20 17:40:00,1\n")
        archive.writestr("other_export.csv", "a,b\n1,2\n")
    tables = cj.read_sources(make_client(tmp_path, source("mailchimp_audience", "s.zip")))
    assert tables.sources["flags"].to_list() == [["other_tables:1"]]
