"""Large files are read in pieces: row for row what is read at once, whatever the size of the pieces."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import EXAMPLE
from fixtures.make_client import frame_of, make_client

import cjtools as cj
from cjtools.errors import SourceError
from cjtools.sources.opening import files
from cjtools.tables import SCHEMAS

VISITS = """
[[sources]]
id = "visits"
path = "visits.csv"
format = "table"
kind = "events"
[sources.mapping]
timestamp = "at"
event_id = "id"
profile = "who"
event_name = "what"
"""
ROWS = [f'{number},2026-05-{number % 28 + 1:02} 10:00:00,P{number % 7},"a ""b"",\nc"\n' for number in range(500)]


@pytest.fixture(params=[2_000, 9_000, 200_000])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Read everything above a few bytes in pieces of this size."""
    monkeypatch.setattr(files, "STREAMED_FROM", 1_000)
    monkeypatch.setattr(files, "BLOCK", request.param)
    return int(request.param)


@pytest.fixture(scope="module")
def whole() -> cj.Tables:
    """The example, read at once."""
    return cj.read_sources(cj.load_client(EXAMPLE))


def parts(folder: Path) -> list[Path]:
    """Return what the kit keeps of large files."""
    return sorted((folder / ".cache").rglob("*.parquet"))


def test_the_example_is_the_same_in_pieces_and_again_from_what_is_kept(
    pieces: int, whole: cj.Tables, tmp_path: Path
) -> None:
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".cache", "making"))
    for _ in range(2):
        tables = cj.read_sources(cj.load_client(folder))
        for name in SCHEMAS:
            assert frame_of(tables, name).equals(frame_of(whole, name)), name
    assert parts(folder)


def test_a_table_of_events_in_pieces_keeps_its_lines_and_its_copies(
    pieces: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "id,at,who,what\n" + "".join(ROWS) + ROWS[3] + ROWS[499]
    client = make_client(tmp_path, VISITS, visits__csv=text)
    large = cj.read_sources(client)
    assert parts(tmp_path)
    assert large.left_out.select("source_row", "fate", "why").rows() == [
        (1002, "merged", "same_event"),
        (1004, "merged", "same_event"),
    ]
    monkeypatch.setattr(files, "STREAMED_FROM", 10**9)
    small = cj.read_sources(client)
    for name in SCHEMAS:
        assert frame_of(large, name).equals(frame_of(small, name)), name


def test_the_faults_of_all_pieces_are_told_with_their_lines(pieces: int, tmp_path: Path) -> None:
    rows = list(ROWS)
    rows[4] = "4,2026-05-40 10:00:00,P4,x\n"
    rows[480] = "480,tomorrow,P4,x\n"
    client = make_client(tmp_path, VISITS, visits__csv="id,at,who,what\n" + "".join(rows))
    with pytest.raises(SourceError) as caught:
        cj.read_sources(client)
    assert [fault.where for fault in caught.value.faults] == [
        "visits.csv line 10, column 'at'",
        "visits.csv line 961, column 'at'",
    ]
    assert not parts(tmp_path)


def test_what_is_kept_is_made_again_when_the_file_changes(pieces: int, tmp_path: Path) -> None:
    client = make_client(tmp_path, VISITS, visits__csv="id,at,who,what\n" + "".join(ROWS))
    assert frame_of(cj.read_sources(client), "events").height == 500
    (tmp_path / "visits.csv").write_text("id,at,who,what\n" + "".join(ROWS[:400]), encoding="utf-8")
    assert frame_of(cj.read_sources(client), "events").height == 400
