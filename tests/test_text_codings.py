"""codings.csv: decisions are added, read back, checked with every fault, and stand above machine and sources."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from fixtures.make_client import make_client

from cjtools.errors import SourceError
from cjtools.tables import Coding, shape_of
from cjtools.text.codings import FILE, add_codings, languages_given, load_codings, settle

AT = dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.UTC)
HEADER = "quote_id,kind,code,value,coder,method,confidence,accepted,coded_at\n"


def codings(*rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=shape_of(Coding), orient="row")


def test_without_the_file_there_are_no_decisions(tmp_path):
    assert load_codings(make_client(tmp_path)).is_empty()


def test_what_is_added_is_read_back_and_what_was_there_stays(tmp_path):
    client = make_client(tmp_path)
    add_codings(
        client, pl.DataFrame({"quote_id": ["q1"], "kind": ["stage"], "code": ["purchase"]}), coder="ana", coded_at=AT
    )
    before = (tmp_path / FILE).read_text()
    valence = pl.DataFrame({"quote_id": ["q1"], "kind": ["valence"], "code": ["valence"], "value": [-2]})
    add_codings(client, valence, coder="ana", coded_at=AT)
    assert (tmp_path / FILE).read_text().startswith(before)
    rows = load_codings(client)
    assert rows.select("kind", "code", "value", "coder", "method", "accepted").rows() == [
        ("stage", "purchase", None, "ana", "person", True),
        ("valence", "valence", -2, "ana", "person", True),
    ]
    assert rows["coded_at"].to_list() == ["2026-11-24T09:30:00+00:00"] * 2


def test_a_file_typed_in_a_spreadsheet_is_read(tmp_path):
    text = "﻿quote_id;kind;code;coder;value\nq1;valence;;ana;−1\nq2;valence;2;ana;\nq3;theme;despeses d'enviament;ana;\n"
    client = make_client(tmp_path, codings__csv=text)
    assert load_codings(client).select("quote_id", "code", "value").rows() == [
        ("q1", "valence", -1),
        ("q2", "valence", 2),
        ("q3", "despeses d'enviament", None),
    ]


STAGE = pl.DataFrame({"quote_id": ["q9"], "kind": ["stage"], "code": ["purchase"]})


@pytest.mark.parametrize("line", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_people_wrote_beside_the_codes_stays_to_the_letter(tmp_path, line, last, mark):
    rows = [
        "note," + HEADER.strip(),
        '"dubtós, mirar-ho",q1,stage,purchase,,ana,,,sí,',
        ",q2,valence,,'-1,ana,person,,,",
    ]
    text = mark + line.join(rows) + last.replace("\n", line)
    client = make_client(tmp_path, codings__csv=text)
    add_codings(client, STAGE, coder="eva", coded_at=AT)
    now = (tmp_path / FILE).read_bytes().decode("utf-8")
    assert now.startswith(text)
    assert now.count("\n") == now.count(line) == 4
    assert load_codings(client).select("quote_id", "value", "coder").rows() == [
        ("q1", None, "ana"), ("q2", -1, "ana"), ("q9", None, "eva"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["quote_id,kind,code,coder,note\nq1,stage,purchase,ana,dubtós\n",
                                  "quote_id;kind;code;coder;note\nq1;stage;purchase;ana;dubtós\n"])  # fmt: skip
def test_columns_that_the_file_has_not_are_added_and_those_of_people_stay(tmp_path, text):
    client = make_client(tmp_path, codings__csv=text)
    add_codings(client, STAGE, coder="eva", coded_at=AT)
    lines = (tmp_path / FILE).read_text("utf-8").splitlines()
    assert lines[0] == HEADER.strip() + ",note"
    assert lines[1] == "q1,stage,purchase,,ana,person,,true,,dubtós"
    assert load_codings(client)["coder"].to_list() == ["ana", "eva"]


def test_every_fault_of_the_file_is_told_at_once(tmp_path):
    text = (
        HEADER
        + "q1,stage,purchse,,ana,,,,\nq2,stge,x,,ana,person,1.5,maybe,yesterday\n,touchpoint,website,,,robot,,,\n"
    )
    client = make_client(tmp_path, codings__csv=text)
    with pytest.raises(SourceError) as error:
        load_codings(client)
    told = str(error.value)
    assert "codings.csv" in told
    assert "line 2, column 'code'" in told
    assert "purchase" in told
    for place in (
        "line 3, column 'kind'",
        "line 3, column 'confidence'",
        "line 3, column 'accepted'",
        "line 3, column 'coded_at'",
    ):
        assert place in told
    for place in ("line 4, column 'quote_id'", "line 4, column 'coder'", "line 4, column 'method'"):
        assert place in told


def test_a_wrong_decision_is_refused_and_the_file_stays_as_it_was(tmp_path):
    client = make_client(tmp_path, codings__csv=HEADER)
    with pytest.raises(SourceError, match="did you mean 'website'"):
        add_codings(
            client,
            pl.DataFrame({"quote_id": ["q"], "kind": ["touchpoint"], "code": ["websit"]}),
            coder="a",
            coded_at=AT,
        )
    assert (tmp_path / FILE).read_text() == HEADER


def decided(tmp_path, lines: str) -> pl.DataFrame:
    return load_codings(make_client(tmp_path, codings__csv=HEADER + lines))


def test_a_later_decision_takes_the_place_of_an_earlier_one(tmp_path):
    rows = decided(tmp_path, "q,stage,purchase,,ana,,,,\nq,stage,loyalty,,ana,,,,\n")
    assert settle(codings(), rows)["code"].to_list() == ["loyalty"]


def test_a_person_stands_above_the_source_and_the_machine(tmp_path):
    said = codings(
        ("q", "stage", "decision", None, "researcher", "person", None, True),
        ("q", "stage", "advocacy", None, "cjtools", "model", 0.9, True),
        ("r", "stage", "decision", None, "researcher", "person", None, True),
    )
    settled = settle(said, decided(tmp_path, "q,stage,purchase,,ana,,,,\n"))
    assert settled.select("quote_id", "code").rows() == [("q", "purchase"), ("r", "decision")]


def test_a_refused_code_is_gone_and_others_of_its_kind_stay(tmp_path):
    said = codings(
        ("q", "touchpoint", "website", None, "terms", "rule", None, True),
        ("q", "touchpoint", "product", None, "terms", "rule", None, True),
    )
    settled = settle(said, decided(tmp_path, "q,touchpoint,website,,ana,,,no,\n"))
    assert settled["code"].to_list() == ["product"]


def test_a_quote_may_have_many_themes(tmp_path):
    rows = decided(tmp_path, "q,theme,queue,,ana,,,,\nq,theme,price,,ana,,,,\n")
    assert settle(codings(), rows)["code"].to_list() == ["price", "queue"]


def test_a_language_is_no_code_of_the_map(tmp_path):
    rows = decided(tmp_path, "q,language,ca,,ana,,,,\n")
    assert settle(codings(), rows).is_empty()
    assert languages_given(rows) == {"q": "ca"}


def test_the_order_of_what_was_there_changes_nothing(tmp_path):
    said = codings(*(("q", "theme", name, None, "c", "model", 0.5, False) for name in "abc"))
    rows = decided(tmp_path, "q,theme,b,,ana,,,no,\n")
    assert settle(said, rows).equals(settle(said.reverse(), rows))
