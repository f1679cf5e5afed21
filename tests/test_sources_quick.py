"""The fast ways through a file mean what the careful ones mean: times by their digits, CSV by a glance, lean parts."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import tempfile
from pathlib import Path

import polars as pl
import pytest
from fixtures.make_client import frame_of, make_client
from hypothesis import example, given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.sources.opening import files
from cjtools.sources.opening.pieces import Form, row_pieces
from cjtools.sources.opening.plain import glanced_rows, look_at_quotes
from cjtools.sources.parsing.iso_digits import read_digits
from cjtools.sources.parsing.times import parse_times

MOMENTS = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 12, 31, 23, 59, 59, 999_999))
WAYS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S.%f")
CELLS = st.text(st.sampled_from("ab,\" é;\t\r\n'"), max_size=6)


@settings(deadline=None)
@given(st.lists(MOMENTS, min_size=1, max_size=8), st.sampled_from(WAYS))
def test_digits_are_the_moment_that_python_writes(moments: list[dt.datetime], way: str) -> None:
    texts = [f"{moment.year:04}{moment.strftime(way)[len(str(moment.year)) :]}" for moment in moments]
    read = read_digits(pl.Series(texts), texts[0])
    assert read is not None
    assert read.to_list() == [dt.datetime.fromisoformat(text.removesuffix("Z")) for text in texts]


@settings(deadline=None)
@given(
    st.integers(1890, 2110), st.integers(0, 13), st.integers(0, 32), st.integers(0, 25), st.integers(0, 61),
    st.integers(0, 61),
)  # fmt: skip
@example(2026, 2, 29, 0, 0, 0)
@example(2024, 2, 29, 0, 0, 0)
@example(1900, 2, 29, 0, 0, 0)
@example(2100, 2, 29, 0, 0, 0)
@example(2000, 2, 29, 23, 59, 59)
@example(2026, 4, 31, 0, 0, 0)
@example(2026, 1, 1, 24, 0, 0)
@example(2026, 1, 1, 0, 60, 0)
@example(2026, 1, 1, 0, 0, 60)
def test_what_can_be_no_time_is_none(year: int, month: int, day: int, hour: int, minute: int, second: int) -> None:
    text = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    try:
        moment = dt.datetime(year, month, day, hour, minute, second) if 1900 <= year <= 2100 else None
    except ValueError:
        moment = None
    for texts in ([text], ["2026-07-01T10:00:00", text]):
        read = read_digits(pl.Series(texts), texts[0])
        assert (None if read is None else read[-1]) == moment
        parsed = parse_times(pl.Series(texts), form=None, zone="UTC").moment[-1]
        assert second == 60 or (parsed and parsed.replace(tzinfo=None)) == moment  # a leap second, read carefully


@pytest.mark.parametrize(
    "texts",
    [
        ["2026-07-01T10:00:00Z", "2026-07-01 10:00:00Z"],
        ["2026-07-01T10:00:00Z", "2026-07-01T10:00:00"],
        ["2026-07-01T10:00:00Z", None],
        ["2026-07-01T10:00:00Z", "2026-07-0٣T10:00:0Z"],
        ["2026-07-01T10:00:00Z", "2026-07-01T10:00:0/Z"],
        ["2026-07-01T10:00:00Z", "2026-07-01T10:00:0:Z"],
    ],
)
def test_texts_that_are_not_written_alike_take_the_careful_way(texts: list[str | None]) -> None:
    assert read_digits(pl.Series(texts), str(texts[0])) is None


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12), st.sampled_from(",;\t"), st.booleans())
def test_a_glance_reads_what_pythons_csv_reads_or_nothing(
    rows: list[tuple[str, str]], mark: str, all_quoted: bool
) -> None:
    stream = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    csv.writer(stream, delimiter=mark, lineterminator="\n", quoting=quoting).writerows(rows)
    check_glance(stream.getvalue(), mark)


@settings(deadline=None)
@given(st.text(st.sampled_from('ab," \n'), min_size=1, max_size=24).map(lambda text: text + "\n"))
def test_a_glance_at_any_text_reads_what_pythons_csv_reads_or_nothing(text: str) -> None:
    check_glance(text, ",")


def check_glance(text: str, mark: str) -> None:
    """See that rows which a glance gives, with many plain ones before them, are those of Python's csv."""
    data = (f"x{mark}y\n" * 200 + text).encode()
    quotes = look_at_quotes(data, mark, quoted=True)
    read = quotes and glanced_rows(data, ["n", "t"], mark, quotes, first_line=1)
    if not read:
        return
    records = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=mark, strict=True))
    assert [list(map(str, row)) for row in read.rows.with_columns(pl.all().fill_null("")).rows()] == [
        record for record in records if any(map(str.strip, record))
    ]
    cells = [cell for record in records for cell in record]
    assert not read.trimmed or all(cell == cell.strip(" ") for cell in cells)
    assert not read.nulls or not (read.rows == "").select(pl.any_horizontal(pl.all().any())).item()
    assert all(letter not in text for letter in read.absent)


@settings(deadline=None)
@given(st.text(st.sampled_from('ab,"\n'), max_size=60), st.integers(1, 20))
def test_pieces_are_the_text_up_to_a_row_that_cannot_be_read(text: str, size: int) -> None:
    data = text.encode()
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    pieces = list(row_pieces(blocks, Form(2, ",")))
    joined = b"".join(piece.data for piece in pieces)
    assert data.startswith(joined)
    assert joined == data or not list_of(joined)
    line = 1
    for piece in pieces:
        assert piece.line == line
        line += piece.data.count(b"\n")


def list_of(data: bytes) -> list[list[str]]:
    """Return the rows of some bytes; none when one of them cannot be read."""
    try:
        return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    except csv.Error:
        return []


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(1, 40), st.integers(1, 40))
def test_blocks_are_the_file_whatever_their_size(data: bytes, block: int, tail: int) -> None:
    data = data.replace(b"\x1f\x8b", b"")
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(files, "BLOCK", block)
        patch.setattr(files, "TAIL", tail)
        file = Path(folder) / "a.csv"
        file.write_bytes(data)
        blocks = files.Blocks(file, "a.csv")
        assert b"".join(blocks) == data
        assert blocks.sha256 == hashlib.sha256(data).hexdigest()


SOURCE = """
[[sources]]
id = "acts"
path = "*.csv"
format = "table"
kind = "events"
currency = "EUR"
[sources.mapping]
timestamp = "at"
profile = "who"
event_name = "what"
activity = "act"
value = "paid"
currency = "money"
source = "from"
consent = "consent"
page = "page"
"""
HEADER = "at,who,what,act,paid,money,from,consent,page\n"
PARTS = {
    "usual": "2026-05-01T10:00:00Z,P1,buy,,3,,,,\n2026-05-01T10:00:01Z,P2,see,,,,,,/a\n",
    "empty": "",
    "told": "2026-05-02 10:00,P1,b,purchase,3,USD,news,denied,/b?utm_source=x\n2026-05-03,,see,,,,,,\n",
    "mixed": "2026-05-01T10:00:00Z,P1,buy,,3,,,granted,\n2026-05-01T10:00:00Z,P1,buy,,3,USD,,,\n",
}


@pytest.mark.parametrize("names", [["usual"], ["told"], ["mixed", "usual"], list(PARTS)])
def test_what_parts_leave_out_is_there_again(names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {f"{name}__csv": HEADER + PARTS[name] + PARTS[name][: PARTS[name].find("\n") + 1] for name in names}
    client = make_client(tmp_path, SOURCE, **texts)
    small = cj.read_sources(client)
    monkeypatch.setattr(files, "STREAMED_FROM", 1)
    large = cj.read_sources(client)
    assert list((tmp_path / ".cache").rglob("events-*.parquet"))
    for name in ("events", "sources", "left_out", "identities"):
        assert frame_of(large, name).equals(frame_of(small, name)), name
