"""Customer databases and help desks: HubSpot, Zendesk, contact centres."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT
from fixtures.make_client import events_of, faults_of, make_client

import cjtools as cj
from cjtools.privacy import pseudonym
from cjtools.sources.kinds.tickets import channel_of
from cjtools.sources.preset import load_presets, pattern_moments

SAMPLES = ROOT / "tests" / "samples"


def sample(tmp_path: Path, form: str, rest: str = "") -> cj.Client:
    shutil.copytree(SAMPLES / form, tmp_path, dirs_exist_ok=True)
    toml = (SAMPLES / form / "source.toml").read_text("utf-8").partition("[expect]")[0]
    return make_client(tmp_path, f'[[sources]]\nid = "s"\nformat = "{form}"\n{toml}{rest}')


def test_a_contact_has_an_act_for_each_step_that_hubspot_dates(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "hubspot_contacts"))
    events = events_of(tables).sort("source_row", "timestamp", "tiebreak")
    assert events.select("activity", "source", "time_precision").rows() == [
        ("contact_created", "Organic Search", "minute"),
        ("generate_lead", "Organic Search", "minute"),
        ("lifecycle_lead", "Organic Search", "minute"),
        ("became_customer", "Organic Search", "minute"),
        ("contact_created", "Direct Traffic", "minute"),
        ("lifecycle_lead", "Direct Traffic", "minute"),
    ]
    hashed = pseudonym("nuria.puig@example.com", salt="acme")
    assert events["profile_id"].to_list() == [f"customer:{hashed}"] * 4 + [None] * 2
    # 02:30 of the night when the clocks go forward does not exist in Madrid
    assert tables.sources.select("family", "flags").row(0) == ("crm", ["clock_gap:1"])


def test_the_stages_of_a_deal_are_its_history(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "hubspot_deals"))
    events = events_of(tables).sort("source_row", "timestamp")
    assert events.select("source_row", "activity", "profile_id").rows() == [
        (2, "deal_created", "crm:9001"),
        (2, "deal_appointment_scheduled", "crm:9001"),
        (2, "deal_closed_won", "crm:9001"),
        (3, "deal_created", "crm:9002"),
        (3, "deal_closed_won_renewals", "crm:9002"),
        (4, "deal_created", None),
        (4, "deal_appointment_scheduled", None),
    ]
    assert events["event_name"][1] == 'Date entered "Appointment Scheduled (Sales Pipeline)"'
    assert tables.sources["flags"].to_list() == [["several_contacts:1"]]
    assert tables.identities.select("profile_id", "id_type", "rule").rows() == [
        ("crm:9001", "Associated Contact IDs", "key crm"),
        ("crm:9002", "Associated Contact IDs", "key crm"),
    ]


def test_contacts_and_deals_meet_by_the_record_id_where_client_toml_says_so(tmp_path: Path) -> None:
    for form in ("hubspot_contacts", "hubspot_deals"):
        shutil.copytree(SAMPLES / form, tmp_path, dirs_exist_ok=True)
    toml = """
[[sources]]
id = "contacts"
path = "all-contacts.csv"
format = "hubspot_contacts"
keys = { "Record ID" = "crm" }
[sources.mapping]
profile = "Record ID"

[[sources]]
id = "deals"
path = "deals.csv"
format = "hubspot_deals"
keys = { profile = "crm" }
"""
    events = events_of(cj.read_sources(make_client(tmp_path, toml)))
    both = events.filter(pl.col("profile_id") == "crm:9001")
    assert set(both["source_id"]) == {"contacts", "deals"}


@pytest.mark.parametrize(
    ("header", "act"),
    [
        ('Date entered "Closed Won (Sales Pipeline)"', "deal_closed_won"),
        ("Date entered Closed Won", "deal_closed_won"),
        ('date entered  "Closed Won"', "deal_closed_won"),
        ('Fecha de entrada en "Cierre ganado (Ventas)"', "deal_cierre_ganado"),
        ("Data di ingresso in «Trattativa chiusa»", "deal_trattativa_chiusa"),
        ('Date exited "Closed Won (Sales Pipeline)"', None),
        ("Close Date", None),
        ('Cumulative time in "Closed Won (Sales Pipeline)" (HH:mm:ss)', None),
    ],
)
def test_a_stage_is_known_by_what_its_column_is_called(header: str, act: str | None) -> None:
    found = pattern_moments(load_presets()["hubspot_deals"], [header], taken={})
    assert found == ({} if act is None else {act: header})


def test_a_kind_that_a_preset_knows_better_is_refused(tmp_path: Path) -> None:
    toml = '[[sources]]\nid = "s"\npath = "s.csv"\nformat = "hubspot_deals"\nkind = "orders"\n'
    assert faults_of(make_client(tmp_path, toml, s__csv="a,b\n1,2\n")) == [
        "client.toml, source 's', kind: hubspot_deals are events, not orders; take it away"
    ]


def test_tickets_are_words_an_act_and_a_score(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "zendesk"))
    said = tables.quotes.filter(pl.col("source_file") == "tickets/tickets.json").sort("source_row")
    assert said.select("text", "platform", "speaker_role", "consent_to_quote", "kind").rows() == [
        (
            "La tassa ha arribat trencada\nBon dia,\nla tassa blava ha arribat trencada.",
            "email", "customer", False, "ticket",
        ),
        ("Unde e comanda? Aștept de o săptămână.", "web", "customer", False, "ticket"),
    ]  # fmt: skip
    acts = events_of(tables).filter(pl.col("source_file") == "tickets/tickets.json").sort("source_row")
    assert acts.select("activity", "channel", "environment", "profile_id").rows() == [
        ("support_contact", "email", "online", "customer:3001"),
        ("support_contact", "phone", "offline", "customer:3002"),
        ("support_contact", "web", "online", "customer:3003"),
    ]
    scores = tables.answers.filter(pl.col("source_file") == "tickets/tickets.json").sort("source_row")
    assert scores.select("instrument", "value_num", "scale_min", "scale_max", "local_date").rows() == [
        ("csat", 5.0, 1.0, 5.0, dt.date(2026, 5, 3)),
        ("csat", 1.0, 1.0, 5.0, dt.date(2026, 5, 6)),
    ]


def test_what_the_house_wrote_is_no_quote_and_the_latest_state_of_a_ticket_counts(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "zendesk"))
    assert not tables.quotes["text"].str.contains("Vol canviar").any()
    assert dict(tables.sources.select("source_file", "flags").iter_rows()) == {
        "tickets/incremental.jsonl": ["older_state:1"],
        "tickets/tickets.csv": ["without_text:1"],
        "tickets/tickets.json": ["by_staff:1"],
    }
    assert tables.left_out.select("source_file", "source_row", "fate", "why").rows() == [
        ("tickets/incremental.jsonl", 1, "merged", "older_state")
    ]


def test_a_requester_s_address_is_hashed(tmp_path: Path) -> None:
    tables = cj.read_sources(sample(tmp_path, "zendesk"))
    ana = events_of(tables).filter(pl.col("source_file") == "tickets/tickets.csv").sort("source_row")
    assert ana["profile_id"][0] == f"customer:{pseudonym('ana@example.it', salt='acme')}"
    for name in ("quotes", "answers", "identities"):
        assert "@example" not in str(getattr(tables, name).drop("text", strict=False).to_dicts())


TICKETS = """
[[sources]]
id = "s"
path = "s.csv"
format = "table"
kind = "tickets"
%s
[sources.mapping]
created_at = "ContactDate"
ticket_id = "ComplaintDossierID"
profile = "CustomerID"
topic = "ComplaintTheme"
%s
[sources.constants]
channel = "phone"
activity = "complaint"
"""


def test_the_log_of_a_contact_centre_by_a_mapping(tmp_path: Path) -> None:
    text = (
        "CustomerID;AgeCategory;ComplaintDossierID;ContactDate;ComplaintTheme\n"
        "2003;30-39;989;2015-07-14;Pagament després de plaç\n"
        "2003;30-39;989;2015-07-15;Pagament després de plaç\n"
        "2003;30-39;989;2015-07-15;Pagament després de plaç\n"
        "2004;50-65;990;;Altres\n"
    )
    client = make_client(tmp_path, TICKETS % ('encoding = "latin-1"', ""), s__csv=text.encode("latin-1"))
    tables = cj.read_sources(client)
    assert (
        events_of(tables)
        .sort("timestamp")
        .select("activity", "event_name", "channel", "environment", "profile_id", "time_precision")
        .rows()
        == [("complaint", "Pagament després de plaç", "phone", "offline", "s:2003", "day")] * 2
    )
    assert tables.sources.select("rows_in", "rows_used", "rows_rejected", "rows_merged", "family", "flags").row(0) == (
        4, 2, 1, 1, "support", ["no_created_at:1", "same_row:1", "without_text:2"],
    )  # fmt: skip
    assert (tables.quotes.height, tables.answers.height) == (0, 0)


def test_two_contacts_about_one_ticket_are_two_quotes_of_one_document(tmp_path: Path) -> None:
    text = (
        "ContactDate,ComplaintDossierID,CustomerID,ComplaintTheme,what\n2026-05-01,1,7,x,Hola\n2026-05-02,1,7,x,Hola?\n"
    )
    tables = cj.read_sources(make_client(tmp_path, TICKETS % ("", 'description = "what"'), s__csv=text))
    assert (tables.quotes["quote_id"].n_unique(), tables.quotes["doc_id"].n_unique()) == (2, 1)


HEAD = "ContactDate,ComplaintDossierID,CustomerID,ComplaintTheme,score\n"


def test_a_score_needs_its_scale_and_stays_on_it(tmp_path: Path) -> None:
    rows = HEAD + "2026-05-01,1,7,x,4\n2026-05-01,2,8,x,Bona\n2026-05-01,3,9,x,Not Offered\n"
    client = make_client(tmp_path, TICKETS % ("", 'score = "score"'), s__csv=rows)
    assert faults_of(client) == [
        "client.toml, source 's': a score in numbers without its scale; add rating_scale = [1, 5]"
    ]
    scored = TICKETS % ("rating_scale = [1, 4]", 'score = "score"')
    tables = cj.read_sources(make_client(tmp_path, scored, s__csv=rows))
    assert tables.answers.select("response_id", "value_num").rows() == [("1", 4.0), ("2", 4.0)]
    client = make_client(tmp_path, scored, s__csv=HEAD + "2026-05-01,1,7,x,5\n2026-05-01,2,8,x,meh\n")
    assert faults_of(client) == [
        (
            f"s.csv line {line}, column 'score': '{text}' is not a score; good, bad, or a number from 1 to 4; "
            "[sources.values] score can translate it"
        )
        for line, text in ((2, "5"), (3, "meh"))
    ]
    backwards = TICKETS % ("rating_scale = [5, 1]", 'score = "score"')
    assert faults_of(make_client(tmp_path, backwards, s__csv=rows))[0] == (
        "client.toml, source 's', rating_scale: runs backwards; the worst score first, such as [1, 5]"
    )


def test_the_touchpoint_of_a_source_codes_its_tickets(tmp_path: Path) -> None:
    text = "ContactDate,ComplaintDossierID,CustomerID,ComplaintTheme,what\n2026-05-01,1,7,x,Hola\n"
    toml = TICKETS % ('touchpoint = "website"', 'description = "what"')
    tables = cj.read_sources(make_client(tmp_path, toml, s__csv=text))
    assert tables.codings.select("kind", "code").rows() == [("touchpoint", "website")]


def test_one_ticket_alone_in_json_is_a_ticket(tmp_path: Path) -> None:
    ticket = {"id": 1, "created_at": "2026-05-01T10:00:00Z", "requester_id": 7, "via": {"channel": "chat"},
              "subject": "Hola", "description": "Hola", "satisfaction_rating": None}  # fmt: skip
    toml = '[[sources]]\nid = "s"\npath = "s.json"\nformat = "detect"\n'
    tables = cj.read_sources(make_client(tmp_path, toml, s__json=json.dumps(ticket)))
    assert tables.quotes.select("text", "platform").rows() == [("Hola", "chat")]


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("Mail", "email"),
        ("correu electrònic", "email"),
        ("Phone call (inbound)", "phone"),
        ("Trucada", "phone"),
        ("Llamada", "phone"),
        ("Apel telefonic", "phone"),
        ("Web Widget", "chat"),
        ("WhatsApp", "whatsapp"),
        ("Facebook Messenger", "social"),
        ("Web form", "web"),
        ("api", "web"),
        ("Botiga", "store"),
        ("Tienda física", "store"),
        ("Fax", "fax"),
    ],
)
def test_channels_of_help_desks_are_normalised(word: str, channel: str) -> None:
    assert channel_of(pl.Series([word])).to_list() == [channel]
