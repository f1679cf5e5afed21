"""A format that client.toml names by mistake: the file of something else is refused, and told what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.make_client import faults_of, make_client

import cjtools as cj
from cjtools.sources.opening.sheets import header_rows

SAMPLES = Path(__file__).parent / "samples"
JULY = "period = { from = 2026-07-01, to = 2026-07-31 }\n"
OTHERS = {
    "things": "sku,name,price,stock\nA1,Manta,30.5,4\nA2,Coixí,12,9\n",
    "mentions": "id,date,text,author\n1,2026-07-01,Molt bé,ann\n2,2026-07-02,Fatal,pol\n",
    "sales": "Date,Store,Amount\n2026-07-01,Vic,30\n2026-07-02,Vic,31\n",
    "plans": "Record ID,Start Date,End Date,Project\n1,2026-07-01,2026-07-02,obra\n",
    "orders": (SAMPLES / "woocommerce_orders" / "advanced.csv").read_text("utf-8"),
    "transactions": (SAMPLES / "sumup" / "transactions.csv").read_text("utf-8"),
    "campaigns": (SAMPLES / "klaviyo_campaigns" / "campaigns.csv").read_text("utf-8"),
    "reviews": (SAMPLES / "trustpilot" / "reviews.csv").read_text("utf-8"),
    "answers": (SAMPLES / "limesurvey" / "results-survey123456.csv").read_text("utf-8"),
}
EXPECTED = {
    "qualtrics": "not an export of Qualtrics: there is no column 'ResponseId'",
    "ga4_report": "columns such as Date, Active users, Sessions, Event count",
    "plausible_export": "columns such as date, visitors, visits",
    "matomo_report": "columns such as label, nb_visits, bounce_rate",
}


def source(form: str, more: str = "") -> str:
    return f'[[sources]]\nid = "s"\npath = "a.csv"\nformat = "{form}"\n' + (JULY if form != "qualtrics" else "") + more


@pytest.mark.parametrize("form", EXPECTED)
@pytest.mark.parametrize("other", OTHERS)
def test_the_file_of_something_else_is_refused_with_what_was_expected(tmp_path: Path, form: str, other: str) -> None:
    (fault,) = faults_of(make_client(tmp_path, source(form), a__csv=OTHERS[other]))
    assert fault.startswith("a.csv line 1: not a")
    assert EXPECTED[form] in fault
    assert 'or read it with format = "table"' in fault


def test_the_fault_says_how_many_columns_are_known(tmp_path: Path) -> None:
    assert faults_of(make_client(tmp_path, source("ga4_report"), a__csv=OTHERS["sales"])) == [
        (
            "a.csv line 1: not a report of Google Analytics 4: 1 of its 3 columns are known; "
            "columns such as Date, Active users, Sessions, Event count; "
            'or read it with format = "table", kind = "observations" and [sources.mapping]'
        )
    ]


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("ga4_report", "Date,My dimension,Sessions\n2026-07-01,x,3\n"),
        ("ga4_report", "# Startdatum: 20260701\n# Enddatum: 20260731\nStadt,Aktive Nutzer\nVic,3\n"),
        ("plausible_export", "name,visitors,bounce_rate,visit_duration,x,y,z,w\n/,1,2,3,4,5,6,7\n"),
        ("matomo_report", "label,nb_visits,goal_1_revenue,goal_2_revenue,goal_3_revenue\nx,1,2,3,4\n"),
        ("matomo_report", "Etichetta,Visite,Azioni,Colonna mia\nx,1,2,3\n"),
        ("qualtrics", "ResponseId,Q1\nR_1,5\n"),
        ("qualtrics", "StartDate,EndDate,Finished,Q1\n2026-07-01 10:00:00,2026-07-01 10:05:00,1,5\n"),
    ],
)
def test_a_file_of_the_tool_is_read_whatever_else_it_holds(tmp_path: Path, form: str, content: str) -> None:
    tables = cj.read_sources(make_client(tmp_path, source(form), a__csv=content))
    assert tables.sources["rows_used"].to_list() == [1]


def test_what_client_toml_says_of_columns_makes_them_known(tmp_path: Path) -> None:
    more = '[sources.metrics]\namount = { column = "Amount", unit = "money" }\n'
    tables = cj.read_sources(make_client(tmp_path, source("ga4_report", more), a__csv=OTHERS["sales"]))
    assert set(tables.observations["metric"]) == {"amount"}


ALIKE = {
    "ga4_report": SAMPLES / "plausible_export" / "imported_custom_events_20260701_20260702.csv",
    "matomo_report": SAMPLES / "plausible_export" / "imported_visitors_20260701_20260702.csv",
}


@pytest.mark.parametrize("form", ALIKE)
def test_a_file_of_a_tool_that_calls_things_alike_is_refused_with_its_own_format(tmp_path: Path, form: str) -> None:
    assert faults_of(make_client(tmp_path, source(form), a__csv=ALIKE[form].read_text("utf-8"))) == [
        (
            f"a.csv: its columns are those of plausible_export, not of {form}; "
            'write format = "plausible_export" in this source'
        )
    ]


@pytest.mark.parametrize("head", ["[{}]", "{}\n", "{ "])
def test_json_without_names_is_no_header_of_any_tool(tmp_path: Path, head: str) -> None:
    content = head + "# Day,Users\n2026-07-01,3\n"
    cj.check_sources(make_client(tmp_path, source("ga4_report"), a__csv=content))
    assert all(header_rows(tmp_path / "a.csv", content.encode()))
