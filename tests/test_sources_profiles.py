"""Profiles: what a source knows of customers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from fixtures.make_client import faults_of, make_client

import cjtools as cj

CARDS = """
[[sources]]
id = "cards"
path = "cards.csv"
format = "table"
kind = "profiles"
keys = { card = "loyalty" }
[sources.mapping]
profile = "card"
since = "since"
[sources.dimensions]
age = "age"
income = "income"
"""


def test_a_row_is_a_profile_with_its_attributes_and_an_empty_cell_is_none(tmp_path: Path) -> None:
    text = "card,since,age,income\n7,2026-01-02,45-54,\n7,2026-01-02,45-54,\n,2026-01-02,45-54,\n8,,25-34,high\n"
    tables = cj.read_sources(make_client(tmp_path, CARDS, cards__csv=text))
    assert tables.profiles.select("profile_id", "since", "attributes").rows() == [
        ("loyalty:7", dt.date(2026, 1, 2), [{"name": "age", "value": "45-54"}]),
        ("loyalty:8", None, [{"name": "age", "value": "25-34"}, {"name": "income", "value": "high"}]),
    ]
    assert tables.left_out.select("source_row", "fate", "why").rows() == [
        (3, "merged", "same_row"),
        (4, "rejected", "no_profile"),
    ]
    assert tables.identities["rule"].unique().to_list() == ["key loyalty"]


def test_two_rows_of_one_profile_that_differ_are_a_fault(tmp_path: Path) -> None:
    text = "card,since,age,income\n7,,45-54,\n7,,25-34,\n"
    assert faults_of(make_client(tmp_path, CARDS, cards__csv=text)) == [
        "cards.csv line 3: profile '7' is also in row 2, with other values; one row a profile"
    ]


def test_profiles_without_attributes_are_told_what_to_add(tmp_path: Path) -> None:
    toml = CARDS.partition("[sources.dimensions]")[0]
    step = 'add [sources.dimensions] with age = "the column\'s name"'
    told = faults_of(make_client(tmp_path, toml, cards__csv="card,since\n7,\n"))
    assert told == [f"client.toml, source 'cards': profiles without attributes; {step}"]
