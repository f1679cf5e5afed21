"""claims.csv and links.csv: read as people and spreadsheets leave them, every fault at once, written back whole."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from claiming import CLAIMS, LINKS
from fixtures.make_client import make_client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import cjtools as cj
from cjtools.claims import load_claims, load_links, save_claims, save_links
from cjtools.claims.files import day_of, guarded, unguarded
from cjtools.claims.tables import Claim
from cjtools.client import OWN_FILES, files_at
from cjtools.errors import ReportError, SourceError
from cjtools.tables import shape_of

ROW = "c1,decision,,website,,pain,Massa car,,,,,\n"


def test_without_the_files_there_are_no_claims_and_no_links(tmp_path):
    client = make_client(tmp_path)
    claims = load_claims(client)
    assert claims.is_empty()
    assert load_links(client, claims).is_empty()


def test_what_is_not_written_is_understood(tmp_path):
    (row,) = load_claims(make_client(tmp_path, claims__csv=CLAIMS + ROW)).to_dicts()
    assert (row["persona"], row["lane"], row["status"], row["tier"]) == ("all", "pains", "accepted", None)
    assert (row["statement"], row["line"]) == ("Massa car", 2)


def test_a_spreadsheet_that_speaks_spanish_is_read(tmp_path):
    text = "\ufeffid;stage;type;statement;review;touchpoint\nc1;decision;pain;'=massa car;24/11/2026;website\n"
    (row,) = load_claims(make_client(tmp_path, claims__csv=text)).to_dicts()
    assert row["statement"] == "=massa car"
    assert row["review"] == dt.date(2026, 11, 24)


def test_the_statement_may_stand_in_the_column_of_the_clients_language(tmp_path):
    text = "id,stage,type,statement_ca,statement_en\nc1,decision,pain,Massa car,Too dear\n"
    (row,) = load_claims(make_client(tmp_path, claims__csv=text)).to_dicts()
    assert (row["statement"], row["statement_ca"], row["statement_en"]) == (None, "Massa car", "Too dear")


def test_every_fault_of_claims_is_told_at_once_with_the_nearest(tmp_path):
    rows = [
        "c1,decison,onlin,web-site,pain,pains,,Too dear,sure,acepted,soon,",
        "c1,decision,,,,pain,Massa car,,,,03/04/2026,",
        ",decision,,,,pain,Massa car,,,,,",
        "c 4,decision,,,,pain,Massa car,,,,,",
    ]
    client = make_client(tmp_path, claims__csv=CLAIMS + "\n".join(rows) + "\n")
    with pytest.raises(SourceError) as error:
        load_claims(client)
    assert str(error.value) == (
        "claims.csv cannot be read: 13 faults\n"
        "  claims.csv line 2, column 'stage': 'decison'; did you mean 'decision'?\n"
        "  claims.csv line 2, column 'persona': 'onlin'; did you mean 'online'?\n"
        "  claims.csv line 2, column 'touchpoint': 'web-site'; did you mean 'website'?\n"
        "  claims.csv line 2, column 'type': 'pains'; did you mean 'pain'?\n"
        "  claims.csv line 2, column 'lane': 'pain'; did you mean 'pains'?\n"
        "  claims.csv line 2, column 'status': 'acepted'; did you mean 'accepted'?\n"
        "  claims.csv line 2, column 'tier': 'sure'; known: assumption, reasoned, validated\n"
        "  claims.csv line 2, column 'statement': nothing; a statement in ca\n"
        "  claims.csv line 2, column 'review': 'soon'; a date such as 2026-11-24\n"
        "  claims.csv line 3, column 'review': '03/04/2026'; may be two days; write it as 2026-11-24\n"
        "  claims.csv line 3, column 'id': 'c1' stands in line 2 too; an id of its own\n"
        "  claims.csv line 4, column 'id': nothing; a-z, 0-9, - and _; "
        "`cjtools claims draft` gives the rows without one an id\n"
        "  claims.csv line 5, column 'id': 'c 4'; a-z, 0-9, - and _; "
        "`cjtools claims draft` gives the rows without one an id"
    )


def test_missing_and_misspelt_columns_are_told(tmp_path):
    client = make_client(tmp_path, claims__csv="id,stage,statment,statement_fr\nc1,decision,x,y\n")
    with pytest.raises(SourceError) as error:
        load_claims(client)
    told = str(error.value)
    assert "claims.csv line 1: no column 'type'" in told
    assert "no column 'statement'" in told
    assert "column 'statement_fr': 'statement_fr' is no column; did you mean 'statement" in told


def test_every_fault_of_links_is_told_at_once_with_the_nearest(tmp_path):
    rows = "checkout-pan,q1,suports,,yesterday,,\n,,,,,,31/13/2026\n"
    client = make_client(tmp_path, claims__csv=CLAIMS + ROW.replace("c1", "checkout-pain"), links__csv=LINKS + rows)
    with pytest.raises(SourceError) as error:
        load_links(client, load_claims(client))
    assert str(error.value).splitlines()[1:] == [
        "  links.csv line 2, column 'claim': 'checkout-pan'; did you mean 'checkout-pain'?",
        "  links.csv line 2, column 'relation': 'suports'; did you mean 'supports'?",
        "  links.csv line 2, column 'when': 'yesterday'; a date such as 2026-11-24",
        "  links.csv line 3, column 'claim': nothing; an id of claims.csv",
        "  links.csv line 3, column 'evidence': nothing; an evidence_id of the table of evidence",
        "  links.csv line 3, column 'relation': nothing; known: supports, refutes, qualifies, undone",
        "  links.csv line 3, column 'dated': '31/13/2026'; a day that there is, such as 2026-11-24",
    ]


def test_columns_of_people_the_delimiter_and_the_order_stay(tmp_path):
    text = "note;id;stage;type;statement\nmirar-ho;c1;decision;pain;Massa car\n;c2;decision;gain;Ràpid\n"
    client = make_client(tmp_path, claims__csv=text)
    claims = load_claims(client)
    save_claims(client, claims.with_columns(tier=pl.lit("reasoned")).reverse())
    lines = (tmp_path / "claims.csv").read_text("utf-8").splitlines()
    assert lines[0].startswith("note;id;stage;type;statement;")
    assert lines[1].startswith(";c2;decision;gain;Ràpid;")
    assert lines[2].startswith("mirar-ho;c1;decision;pain;Massa car;")
    assert load_claims(client)["tier"].to_list() == ["reasoned"] * 2


def test_a_new_file_is_one_that_spreadsheets_open_and_holds_no_formula(tmp_path):
    client = make_client(tmp_path, claims__csv=CLAIMS + ROW)
    claims = load_claims(client).with_columns(statement=pl.lit('=HYPERLINK("x")'))
    (tmp_path / "claims.csv").unlink()
    save_claims(client, claims)
    data = (tmp_path / "claims.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfid,")
    assert b"'=HYPERLINK" in data
    assert load_claims(client)["statement"].to_list() == ['=HYPERLINK("x")']


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    client = make_client(tmp_path, claims__csv=CLAIMS + ROW)
    claims = load_claims(client)

    def refuse(self: Path, target: Path) -> None:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ReportError, match="Permission denied"):
        save_claims(client, claims)
    assert (tmp_path / "claims.csv").read_text("utf-8") == CLAIMS + ROW
    assert sorted(path.name for path in tmp_path.iterdir()) == ["claims.csv", "client.toml"]


LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20)
TEXT = LINE.map(lambda text: " ".join(text.split())).filter(bool)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=TEXT, other=st.none() | TEXT, note=st.none() | TEXT, start=st.sampled_from(["", "=", "'=", "''-", "@", "'"])
)
def test_whatever_is_written_comes_back_and_again_to_the_byte(tmp_path, text, other, note, start):
    client = make_client(tmp_path)
    for name in ("claims.csv", "links.csv"):
        (tmp_path / name).unlink(missing_ok=True)
    row = {"id": "c1", "stage": "decision", "persona": "all", "lane": "pains", "type": "pain", "status": "draft",
           "statement": start + text, "statement_en": other, "review": dt.date(2026, 1, 2), "key": "k"}  # fmt: skip
    claims = Claim.validate(pl.DataFrame([row], schema=shape_of(Claim)), cast=True)
    save_claims(client, claims)
    back = load_claims(client)
    assert_frame_equal(back.drop("line"), claims.drop("line"))
    first = (tmp_path / "claims.csv").read_bytes()
    save_claims(client, back)
    assert (tmp_path / "claims.csv").read_bytes() == first
    (tmp_path / "links.csv").write_text(LINKS + "c1,q1,supports,ana,,,\n", "utf-8")
    links = load_links(client, back).with_columns(note=pl.lit(note, dtype=pl.String))
    save_links(client, links)
    assert load_links(client, back)["note"].to_list() == [note]


@given(TEXT)
def test_a_guard_never_changes_a_text(text):
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-1-2", dt.date(2026, 1, 2)),
        ("5/5/2026", dt.date(2026, 5, 5)),
        ("13.02.2026", dt.date(2026, 2, 13)),
        ("02-13-2026", dt.date(2026, 2, 13)),
    ],
)
def test_dates_as_spreadsheets_rewrite_them(text, day):
    assert day_of(text) == day


def test_no_pattern_of_a_source_takes_the_kits_own_files(tmp_path):
    assert {"claims.csv", "links.csv"} <= set(OWN_FILES)
    for name in ("claims.csv", "links.csv", "posts.csv"):
        (tmp_path / name).write_text("a\n", "utf-8")
    assert [path.name for path in files_at("*.csv", tmp_path)] == ["posts.csv"]


def test_the_claims_of_the_example_are_read():
    client = cj.load_client("data/example")
    claims = load_claims(client)
    links = load_links(client, claims)
    assert set(claims["status"].cast(pl.String)) == {"draft", "accepted", "edited", "dropped"}
    assert set(links["relation"].cast(pl.String)) == {"supports", "refutes", "qualifies"}
