"""The index of readers: detection, many sources as one, what is checked and what is not read."""

from __future__ import annotations

import gzip
import io
from dataclasses import fields, replace
from pathlib import Path

import polars as pl
import pytest
from conftest import EXAMPLE, ROOT
from fixtures.make_client import events_of, faults_of, frame_of, make_client
from fixtures.web import HEADERS, WEB, event, ndjson, packed

import cjtools as cj
from cjtools.sources import READERS, check_sources, combine, skipped_files, unlisted_files
from cjtools.tables import SCHEMAS, Tables

TALK = b"**Ann:** a\n\n**Bo:** b\n\n**Ann:** c\n\n**Bo:** d\n"
SPEAKERS = '[sources.speakers]\nAnn = "interviewer"\nBo = "participant"\n'
VISITS = '[sources.mapping]\ntimestamp = "at"\nprofile = "who"\n[sources.constants]\nactivity = "visit"\n'
QUERIES = HEADERS["Queries.csv"] + "\na,1,2,50%,1\n"
DAYS = HEADERS["Queries.csv"].replace("Top queries", "Date") + "\n2026-05-01,1,2,50%,1\n"
SAMPLES = {
    "interview_notes": ("s.md", b"---\nparticipant: P01\n---\nHola.\n", ""),
    "transcript": ("s.md", TALK, SPEAKERS),
    "table": ("s.csv", b"at,who\n2026-05-01,7\n", VISITS),
    "ga4_bigquery": ("s.ndjson", ndjson(event()).encode(), ""),
    "search_console": ("s.zip", packed(Queries__csv=QUERIES, Dates__csv=DAYS), ""),
}
EVENTS = 'kind = "events"\n'
CONSENT = 'consent = "none"\n'  # without any, an interview is not used


def section(form: str, name: str, rest: str = "") -> str:
    kind = EVENTS if form == "table" else CONSENT if name.endswith(".md") else ""
    return f'[[sources]]\nid = "s"\npath = "{name}"\nformat = "{form}"\n{kind}{rest}'


def client_of(tmp_path: Path, form: str, content: bytes, *, said: str | None = None) -> cj.Client:
    name, _, rest = SAMPLES[form]
    (tmp_path / name).write_bytes(content)
    return make_client(tmp_path, section(said or form, name, rest))


@pytest.mark.parametrize("form", SAMPLES)
def test_a_sample_is_read_and_no_row_is_lost(tmp_path: Path, form: str) -> None:
    tables = cj.read_sources(client_of(tmp_path, form, SAMPLES[form][1]))
    assert tables.sources["rows_used"].sum() > 0
    assert tables.sources["format"].unique().to_list() == [form]
    for name, schema in SCHEMAS.items():
        schema.validate(frame_of(tables, name))


@pytest.mark.parametrize("form", SAMPLES)
@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\xff\xfe", b"\x00" * 50, b"PK\x03\x04 broken", b"PAR1", b"\x1f\x8b\x08broken", b"a,b\n", b"<html>"],
)
def test_what_is_empty_or_broken_gives_no_rows_or_a_fault_and_never_a_crash(
    tmp_path: Path, form: str, content: bytes
) -> None:
    client = client_of(tmp_path, form, content)
    tables, faults = check_sources(client)
    assert faults or all(
        frame_of(tables, name).is_empty() for name in SCHEMAS if name not in ("sources", "participants", "quotes")
    )
    assert all(fault.where and fault.found for fault in faults)


def test_a_client_without_sources_has_empty_tables(tmp_path: Path) -> None:
    tables = cj.read_sources(make_client(tmp_path))
    assert all(frame_of(tables, each.name).is_empty() for each in fields(Tables))


@pytest.mark.parametrize("form", [form for form in SAMPLES if form != "table"])
def test_the_content_tells_the_format(tmp_path: Path, form: str) -> None:
    client = client_of(tmp_path, form, SAMPLES[form][1], said="detect")
    assert cj.read_sources(client).sources["format"].unique().to_list() == [form]


def test_a_packed_file_is_detected_by_what_is_in_it(tmp_path: Path) -> None:
    client = make_client(tmp_path, section("detect", "s.gz"), s__gz=gzip.compress(ndjson(event()).encode()))
    assert cj.read_sources(client).sources["format"].to_list() == ["ga4_bigquery"]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("s.csv", "a,b\n1,2\n", 'perhaps table, but not surely; add format = "table" to this source if it is'),
        (
            "s.md",
            "Just a text.\n",
            'perhaps interview_notes, but not surely; add format = "interview_notes" to this source if it is',
        ),
        (
            "s.bin",
            "\x00\x01",
            "no reader knows this content; the README lists the formats",
        ),
    ],
)
def test_what_is_not_sure_stops_with_the_line_to_add(tmp_path: Path, name: str, content: str, fault: str) -> None:
    (tmp_path / name).write_text(content)
    assert faults_of(make_client(tmp_path, section("detect", name))) == [f"{name}, source 's': {fault}"]


def test_an_unknown_format_is_told_with_the_nearest(tmp_path: Path) -> None:
    client = make_client(tmp_path, section("ga4-bigquery", "s.csv"), s__csv="a")
    assert faults_of(client) == [
        "client.toml, source 's', format: 'ga4-bigquery' is not a format; did you mean 'ga4_bigquery'?"
    ]


def test_files_of_two_formats_are_no_source(tmp_path: Path) -> None:
    client = make_client(
        tmp_path, section("detect", "s*"), s1__ndjson=ndjson(event()), s2__md="---\nparticipant: P1\n---\na\n"
    )
    assert faults_of(client) == [
        "client.toml, source 's': files of several formats: ga4_bigquery, interview_notes; one format a source"
    ]


def test_a_broken_file_hides_no_other_fault_and_no_good_file(tmp_path: Path) -> None:
    toml = section("interview_notes", "*.md") + WEB
    client = make_client(
        tmp_path, toml, a__md="---\nparticipant: P1\n---\nBé.\n", b__md="[dolor @x]", web__ndjson="nothing\n"
    )
    tables, faults = check_sources(client)
    assert tables.quotes["text"].to_list() == ["Bé."]
    assert [fault.where for fault in faults] == [
        "b.md line 1",
        "b.md line 1, column 1",
        "b.md line 1, column 8",
        "web.ndjson line 1",
    ]
    with pytest.raises(cj.SourceError, match=r"client.toml cannot be read: 4 faults"):
        cj.read_sources(client)


def test_nothing_in_the_tables_tells_where_the_client_lies(tmp_path: Path) -> None:
    inside = tmp_path / "clients" / "acme"
    inside.mkdir(parents=True)
    (tmp_path / "web.ndjson").write_text(ndjson(event()))
    toml = WEB.replace("web*.*", "../../web.ndjson") + section("interview_notes", "deep/notes/*.md")
    tables = cj.read_sources(make_client(inside, toml, deep___notes___P01__md="a\n"))
    assert tables.sources["source_file"].to_list() == ["web.ndjson", "deep/notes/P01.md"]


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.write_text("secret of another client")
    folder = tmp_path / "acme"
    folder.mkdir()
    try:
        (folder / "P01.md").symlink_to(other)
    except OSError:
        pytest.skip("no links here")
    assert faults_of(make_client(folder, section("interview_notes", "*.md"))) == [
        "P01.md: a link that leads out of the client's folder; put the file itself there"
    ]


def test_a_linked_folder_is_refused_inside_the_client_and_fine_where_client_toml_leaves_it(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "P01.md").write_text("a\n")
    folder = tmp_path / "acme"
    folder.mkdir()
    try:
        (folder / "notes").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
        (tmp_path / "mount").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    assert len(faults_of(make_client(folder, section("interview_notes", "notes/*.md")))) == 1
    assert faults_of(make_client(folder, section("interview_notes", "../mount/*.md"))) == []


def test_the_same_export_twice_is_a_fault(tmp_path: Path) -> None:
    client = make_client(tmp_path, WEB, web1__ndjson=ndjson(event()), web2__ndjson=ndjson(event()))
    assert faults_of(client) == ["web2.ndjson: the same bytes as web1.ndjson; each export once; take the copy away"]


def test_one_file_in_two_sources_and_one_person_in_two_are_faults(tmp_path: Path) -> None:
    toml = section("interview_notes", "P01.md") + section("interview_notes", "*.md").replace('"s"', '"t"')
    assert faults_of(make_client(tmp_path, toml, P01__md="a\n")) == [
        "P01.md: read by two sources, or two files of this name; each file once; rename or move one of them",
        "sources s and t: participant 'P01' is in both; give one of them another pseudonym",
    ]


ORDERS = (
    '[[sources]]\nid = "shop"\npath = "shop.csv"\nformat = "table"\nkind = "orders"\n'
    '[sources.mapping]\norder_id = "no"\nordered_at = "at"\nenvironment = "env"\ntotal = "total"\n'
)


def test_a_purchase_that_the_web_tells_too_counts_once(tmp_path: Path) -> None:
    rows = ("W1,2026-07-01,online,5", "W2,2026-07-01,online,5", "W3,2026-07-01,online,5", "S1,2026-07-01,offline,5")
    orders = "\n".join(["no,at,env,total", *rows])
    bought = [
        event(1, "purchase", ecommerce={"transaction_id": "W1", "purchase_revenue": "5"}),
        event(2, "purchase", ecommerce={"transaction_id": "W2"}, privacy_info={"analytics_storage": "No"}),
        event(3, "purchase", ecommerce={"transaction_id": "S1"}),
        event(4, "purchase", ecommerce={"transaction_id": "(not set)"}),
        event(5, "purchase", ecommerce={"transaction_id": "W3"}, param_traffic_type="internal"),
    ]
    tables = cj.read_sources(make_client(tmp_path, WEB + ORDERS, shop__csv=orders, web__ndjson=ndjson(*bought)))
    kept = events_of(tables).sort("source_id", "order_id").select("source_id", "activity", "order_id").rows()
    assert kept[:3] == [("shop", "pos_purchase", "S1"), ("shop", "purchase", "W2"), ("shop", "purchase", "W3")]
    assert len(kept) == 8
    assert tables.orders.height == 4
    assert tables.sources.filter(source_id="shop")["flags"].to_list() == [["purchase_events_merged:1"]]


def test_tables_do_not_depend_on_the_order_of_rows_in_a_group(tmp_path: Path) -> None:
    first, again = (cj.read_sources(cj.load_client(EXAMPLE)) for _ in range(2))
    for name in SCHEMAS:
        assert frame_of(first, name).equals(frame_of(again, name)), name


def test_a_reader_that_breaks_a_declaration_is_caught_at_the_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(tmp_path, "ga4_bigquery", SAMPLES["ga4_bigquery"][1])
    good = cj.read_sources(client)
    twice = replace(good, events=pl.concat([good.events, good.events]))
    broken = replace(READERS["ga4_bigquery"], read=lambda files, **_: twice)
    monkeypatch.setitem(READERS, "ga4_bigquery", broken)
    assert [fault.split(":")[0] for fault in faults_of(client)] == ["table events"]


def test_combining_nothing_and_one_gives_the_same(tmp_path: Path) -> None:
    tables = cj.read_sources(client_of(tmp_path, "ga4_bigquery", SAMPLES["ga4_bigquery"][1]))
    assert combine([tables, combine([])]).events.collect().equals(events_of(tables))


def test_files_that_no_source_names_are_listed(tmp_path: Path) -> None:
    aside = {"README__md": "x", "make__py": "x", "other__toml": "", "__DS_Store": ""}
    files = aside | {"P01__md": "a", "old___mentions__csv": "x"}
    client = make_client(tmp_path, section("interview_notes", "P*.md"), **files)
    assert unlisted_files(client) == ["old/mentions.csv"]


def test_what_programs_left_behind_is_listed_apart_also_below_a_hidden_folder(tmp_path: Path) -> None:
    folder = tmp_path / ".hidden" / "acme"
    folder.mkdir(parents=True)
    left = {"~$P01__md": "", "notes___Thumbs__db": "", "notes___DS_Store": "", "__cache___x": ""}
    others = {"P01__md": "a", "notes___P02__md": "b"}
    client = make_client(folder, section("interview_notes", "P*.md"), **left, **others)
    (folder / "notes" / "DS_Store").rename(folder / "notes" / ".DS_Store")
    assert skipped_files(client) == ["notes/.DS_Store", "notes/Thumbs.db", "~$P01.md"]
    assert unlisted_files(client) == ["notes/P02.md"]


def test_the_example_is_read_without_a_fault() -> None:
    client = cj.load_client(EXAMPLE)
    tables, faults = check_sources(client)
    assert faults == []
    used = tables.sources.group_by("source_id", maintain_order=True).agg(pl.col("rows_used").sum())
    assert set(used["source_id"]) == {section.id for section in client.sources}
    assert (used["rows_used"] > 0).all()
    assert unlisted_files(client) == ["web/events_20260915.ndjson"]


REAL = ROOT / "tests" / "clients" / "real"
needs_samples = pytest.mark.skipif(
    not (ROOT.parent / "shared" / "samples").is_dir(),  # client.toml names them from its own folder
    reason="../shared/samples is not here: real files are not in the repository",
)


@pytest.fixture(scope="module")
def real() -> cj.Tables:
    return cj.read_sources(cj.load_client(REAL))


@needs_samples
def test_the_real_till_has_the_checked_numbers(real: cj.Tables) -> None:
    till = real.orders.filter(source_id="till")
    assert till.height == 6785
    assert str(till["total"].sum()) == "236192.8200"
    assert till["profile_id"].n_unique() == 60
    assert real.order_lines.height == 78_062
    assert str(real.order_lines["line_total"].sum()) == "236192.8200"
    assert str(till["ordered_at"].dt.convert_time_zone("America/New_York").max()) == "2018-01-01 00:51:43-05:00"


@needs_samples
def test_real_mailings_and_redemptions_meet_the_till_by_their_key(real: cj.Tables) -> None:
    counts = dict(real.events.collect()["activity"].value_counts().iter_rows())
    assert counts == {"mailing": 365, "coupon_redeem": 341, "pos_purchase": 6785}
    profiles = real.events.collect().group_by("activity").agg(pl.col("profile_id").unique())["profile_id"].to_list()
    assert len(set().union(*profiles)) == 60


@needs_samples
def test_real_posts_and_stars_are_counted_as_checked(real: cj.Tables) -> None:
    lines = {row["source_id"]: row for row in real.sources.iter_rows(named=True)}
    assert (lines["posts"]["rows_in"], lines["stars"]["rows_in"]) == (6000, 60_000)
    assert lines["stars"]["rows_merged"] == 130
    posts = real.quotes.filter(source_id="posts")
    assert posts["author_hash"].n_unique() == 5541
    assert lines["till"]["flags"] == ["clock_gap:23"]


@needs_samples
@pytest.mark.parametrize(
    ("name", "interviewer", "participant", "unlabelled"),
    [("founder-gatsby", 53, 52, 47), ("founder-collective", 74, 74, 36)],
)
def test_real_interviews_have_the_checked_turns(
    real: cj.Tables, name: str, interviewer: int, participant: int, unlabelled: int
) -> None:
    said = real.quotes.filter(source_id=name)
    turns = dict(said.filter(pl.col("parent_id").is_null())["speaker_role"].value_counts().iter_rows())
    assert turns == {"interviewer": interviewer, "participant": participant}
    assert said["parent_id"].count() == unlabelled
    assert not said["text"].str.contains("Stacoviak|Kyle|Mancini").any()


def test_no_sample_of_others_is_in_the_repository() -> None:
    assert {path.name for path in REAL.iterdir() if path.name != ".cache"} == {"client.toml"}


def test_a_frame_of_no_rows_can_be_parquet(tmp_path: Path) -> None:
    stream = io.BytesIO()
    pl.DataFrame(schema={"event_timestamp": pl.Int64, "event_name": pl.String}).write_parquet(stream)
    tables = cj.read_sources(make_client(tmp_path, WEB, web__parquet=stream.getvalue()))
    assert tables.sources.select("rows_in", "rows_used").row(0) == (0, 0)
