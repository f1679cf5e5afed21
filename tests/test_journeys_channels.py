"""Channels of visits: GA4's groups, payment pages that brought nobody, the last visit that is not direct."""

from __future__ import annotations

import datetime as dt
import json

import polars as pl
import pytest
from conftest import SHARED

from cjtools.journeys.channels import credit_visits, group_channels, touches_of, unwanted_sources, with_credited_channel

ORACLE = SHARED / "oracles" / "channel_grouping.json"
needs_oracle = pytest.mark.skipif(not ORACLE.is_file(), reason="../shared/oracles is not here")


def visits_of(*rows: tuple[str | None, str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(("source", "medium", "campaign"), pl.String), orient="row")


@needs_oracle
def test_the_thirty_rows_of_dbt_ga4_are_grouped_as_there_but_for_the_one_that_breaks_the_rule():
    rows = pl.DataFrame(json.loads(ORACLE.read_text("utf-8"))["rows"]).rename({"channel": "expected"})
    grouped = group_channels(rows)
    differing = grouped.filter(pl.col("channel").ne_missing(pl.col("expected")))
    assert grouped.height == 30
    # A shopping source with no paid medium: nobody paid, by GA4's own rule and by the row of Google Shopping.
    assert differing.select("source", "expected", "channel").rows() == [
        ("alibaba", "Paid Shopping", "Organic Shopping")
    ]
    assert not grouped["unwanted"].any()


@needs_oracle
def test_the_last_visit_that_is_not_direct_is_that_of_dbt_ga4():
    oracle = json.loads(ORACLE.read_text("utf-8"))["last_non_direct"]
    visits = pl.DataFrame(oracle["sessions"], schema=["visit", "day", "source"], orient="row").with_columns(
        pl.col("day").str.to_date(),
        who=pl.lit(1),
        channel=pl.when(pl.col("source") == "(direct)").then(pl.lit("Direct")).otherwise("source"),
    )
    credited = dict(credit_visits(visits, path="who", at="day", visit="visit").select("visit", "credited").iter_rows())
    assert {visit: credited[visit] for visit in oracle["session_used"]} == oracle["session_used"]
    assert (credited["A"], credited["C"]) == ("A", "C")


def test_groups_by_hand():
    grouped = group_channels(
        visits_of(
            ("google", "organic", None), ("(direct)", "(none)", None), ("news", "email", "may"), (None, None, None)
        )
    )
    assert grouped["channel"].to_list() == ["Organic Search", "Direct", "Email", None]


def test_nothing_known_is_no_channel_whether_null_or_empty():
    assert group_channels(visits_of(("", "", ""), (None, "", None)))["channel"].to_list() == [None, None]


def test_payment_pages_and_own_hosts_brought_nobody():
    visits = visits_of(
        ("paypal.com", "referral", None), ("shop.example", "referral", None), ("blog.example", "referral", None)
    )
    grouped = group_channels(visits, own=["shop.example"])
    assert grouped["unwanted"].to_list() == [True, True, False]
    assert touches_of(grouped)["source"].to_list() == ["blog.example"]
    assert unwanted_sources(pl.Series(["checkout.stripe.com", "google", None])) == ["checkout.stripe.com"]


def test_no_visits_have_no_channels():
    assert touches_of(group_channels(visits_of())).is_empty()


def timeline(*rows: tuple[int, int, str, str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["who", "day", "visit", "channel"], orient="row")
    return frame.with_columns(day=dt.date(2026, 1, 1) + pl.duration(days=pl.col("day")))


@pytest.mark.parametrize(("gap", "expected"), [(90, "A"), (91, "B")])
def test_the_far_edge_of_ninety_days_is_in(gap, expected):
    visits = timeline((1, 0, "A", "Email"), (1, gap, "B", "Direct"))
    assert credit_visits(visits, path="who", at="day", visit="visit")["credited"].to_list() == ["A", expected]


def test_a_return_from_a_payment_page_is_credited_to_the_visit_before():
    visits = timeline((1, 0, "A", "Email"), (1, 0, "B", None), (2, 1, "C", "Direct"), (1, 2, "D", "Direct"))
    credited = credit_visits(visits.sample(fraction=1, shuffle=True, seed=3), path="who", at="day", visit="visit")
    channels = with_credited_channel(credited, visit="visit")
    assert channels.select("visit", "credited", "credited_channel").rows() == [
        ("A", "A", "Email"), ("B", "A", "Email"), ("D", "A", "Email"), ("C", "C", "Direct"),
    ]  # fmt: skip
