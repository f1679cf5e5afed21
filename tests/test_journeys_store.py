"""Events brought into their total order: against the same order written plainly, however they are dealt and read."""

from __future__ import annotations

import datetime as dt
import gc
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from conftest import EXAMPLE
from hypothesis import given, settings
from hypothesis import strategies as st
from storing import COLUMNS, SCHEMA, plainly, rows, table, told

from cjtools.client import load_client
from cjtools.errors import ParameterError
from cjtools.journeys import order_events
from cjtools.journeys.ordered import NONE
from cjtools.journeys.store import CLIENT_EVENTS, Columns, order_events_of, parts, spilling
from cjtools.journeys.store.columns import pick
from cjtools.sources import read_sources


@settings(deadline=None, max_examples=60)
@given(rows, st.integers(0, 3), st.sampled_from([None, 1, 3, 64]), st.sampled_from([1, 1 << 30]))
def test_the_order_is_that_of_a_plain_sort_whatever_deals_the_profiles(events, seed, buckets, memory):
    frame = table(*events)
    store = order_events_of(frame, COLUMNS, buckets=buckets, memory=memory, seed=seed, ids=True)
    assert told(store) == plainly(frame)
    assert store.account.rows_in == len(events) == store.account.used + sum(store.account.left_out.values())
    assert store.account.used == len(plainly(frame))


@settings(deadline=None, max_examples=30)
@given(st.data(), rows, st.booleans())
def test_with_columns_of_the_order_the_order_of_the_rows_does_not_matter(data, events, merged):
    frame = table(*events).with_columns(source=pl.int_range(pl.len()) % 2, row=pl.int_range(pl.len()) // 3)
    columns = Columns("who", "at", "what", "where", "by", "worth", order=("source", "row"), merged=merged)
    shuffled = frame[data.draw(st.permutations(range(len(frame))))] if len(frame) else frame
    assert told(order_events_of(shuffled, columns, ids=True)) == told(order_events_of(frame, columns, ids=True))


def test_ties_go_by_the_columns_of_the_order_the_first_column_first():
    frame = table(*[("a", 0, name, None, None, None) for name in "abcd"]).with_columns(
        source=pl.Series([1, 0, 0, None]), row=pl.Series([0, 9, 2, 5])
    )
    store = order_events_of(frame, Columns("who", "at", "what", order=("source", "row")), ids=True)
    assert [event[2] for event in told(store)] == ["d", "c", "b", "a"]


def test_ties_without_a_column_go_by_their_place_in_the_table_and_not_by_their_name():
    frame = table(*[("a", 0, name, None, None, None) for name in "dbca"])
    assert [event[2] for event in told(order_events_of(frame, COLUMNS, ids=True))] == list("dbca")


def test_a_table_read_in_pieces_and_parted_in_pieces_is_the_same(tmp_path, monkeypatch):
    generator = np.random.default_rng(5)
    frame = pl.DataFrame(
        {
            "who": [f"u{number}" for number in generator.integers(0, 60, 3000)],
            "at": generator.integers(0, 5_000, 3000) * 1_000_000,
            "what": [f"event {number}" for number in generator.integers(0, 40, 3000)],
            "where": [f"/{number}" for number in generator.integers(0, 90, 3000)],
            "by": None,
            "worth": None,
        },
        schema=SCHEMA,
    )
    paths = [tmp_path / f"{place}.parquet" for place in range(6)]
    for place, path in enumerate(paths):
        frame[place * 500 : place * 500 + 500].write_parquet(path, row_group_size=70)
    expected = plainly(frame)
    monkeypatch.setattr(parts, "FEW", 100)
    monkeypatch.setattr(parts, "MANY", 300)
    for memory, buckets in ((1, 7), (1 << 30, 1), (1 << 30, 300)):
        store = order_events_of(paths, COLUMNS, memory=memory, buckets=buckets, ids=True)
        assert len(store) == buckets
        assert told(store) == expected


def test_what_has_no_room_waits_in_a_private_folder_that_goes_with_the_store(tmp_path, monkeypatch):
    monkeypatch.setattr(spilling.tempfile, "tempdir", str(tmp_path))
    frame = table(*[(f"u{place % 9}", place, "view", None, None, 1.0) for place in range(50)])
    store = order_events_of(frame, COLUMNS, memory=1, buckets=2, ids=True)
    [folder] = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    assert told(store) == plainly(frame)
    del store
    gc.collect()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "times",
    [
        pl.Series([dt.datetime(1900, 1, 1), dt.datetime(2026, 7, 1, 9, 30), dt.datetime(2199, 1, 1)]).dt.cast_time_unit(
            unit
        )
        for unit in ("ms", "us", "ns")
    ]
    + [
        pl.Series([dt.date(1, 1, 1), dt.date(2026, 7, 1), dt.date(9999, 12, 31)]),
        pl.Series([-(2**62), 0, 2**62]),
        pl.Series([dt.datetime(2026, 7, 1, hour, tzinfo=dt.UTC) for hour in (1, 2, 3)]).dt.convert_time_zone(
            "Asia/Tokyo"
        ),
    ],
)
def test_times_of_every_unit_and_over_centuries_keep_their_order(times):
    frame = pl.DataFrame({"who": "a", "at": times.reverse(), "what": ["c", "b", "a"]})
    [bucket] = order_events_of(frame, Columns("who", "at", "what")).buckets()
    whole = times if times.dtype.is_integer() else times.cast(pl.Datetime("us")).dt.epoch("us")
    assert bucket.at.tolist() == whole.to_list()
    assert bucket.act.tolist() == [0, 1, 2]


def test_more_acts_pages_and_events_than_sixteen_bits_tell_apart():
    count = 70_000
    frame = pl.DataFrame({"place": pl.int_range(count, eager=True)}).select(
        who=pl.format("u{}", pl.col("place") % 7),
        at="place",
        what=pl.format("event {}", "place"),
        where=pl.format("/{}", count - pl.col("place")),
    )
    [bucket] = order_events_of(frame, Columns("who", "at", "what", "where"), buckets=1, ids=True).buckets()
    assert len(bucket.acts) == len(bucket.acts.names["page"]) == count
    assert bucket.act.dtype == np.uint32
    walk = bucket.walk("page")
    pages = pl.DataFrame(
        {"who": bucket.ids.gather(walk.path), "at": walk.at, "page": pl.Series(walk.names).gather(walk.step)}
    )
    expected = frame.select("who", "at", page="where")
    assert pages.sort("at").equals(expected)


def test_rows_that_cannot_be_followed_are_counted_with_their_first_reason():
    frame = table(
        ("a", 1, "x", None, None, None), (None, 2, "x", None, None, None), (None, None, "y", None, None, None)
    )
    frame = pl.concat([frame, table(("b", None, "z", None, None, None), ("a", 1, "x", None, None, None))])
    store = order_events_of(frame, COLUMNS)
    assert str(store.account) == "5 rows in = 1 used + 2 no profile + 1 no time + 1 duplicate"
    assert store.acts.names["event"] == ("x",)


def test_a_repeat_is_a_duplicate_only_if_everything_is_the_same():
    same = ("a", 5, "buy", "/p", "mail", 2.0)
    others = [
        ("b", *same[1:]),
        ("a", 6, *same[2:]),
        (*same[:5], 3.0),
        (*same[:5], None),
        (*same[:3], None, "mail", 2.0),
    ]
    store = order_events_of(table(same, *others, same, same), COLUMNS)
    assert store.account.left_out["duplicate"] == 2


def test_events_with_ids_are_duplicates_by_their_id_and_never_without():
    same = ("a", 5, "buy", "/p", "mail", 2.0)
    later = ("a", 9, "view", None, None, None)
    frame = table(same, same, later, same, same, ("b", *same[1:])).with_columns(
        id=pl.Series(["1", "2", "1", None, None, "1"])
    )
    columns = Columns("who", "at", "what", "where", "by", "worth", event_id="id")
    store = order_events_of(frame, columns, ids=True)
    assert [event[:3] for event in told(store)] == [("a", 5, "buy")] * 3 + [("b", 5, "buy")]
    assert store.account.left_out["duplicate"] == 2


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.integers(0, 6) | st.none()), max_size=60))
def test_of_one_id_of_one_profile_the_first_event_stays(events):
    frame = pl.DataFrame(events, schema={"who": pl.String, "at": pl.Int64, "id": pl.Int64}, orient="row")
    frame = frame.with_columns(what=pl.format("event {}", pl.int_range(pl.len())))
    columns = Columns("who", "at", "what", event_id="id", merged=True)
    expected = []
    for who, at, number, name in sorted(frame.rows(), key=lambda row: row[:2]):
        if number is None or (who, number) not in [each[:2] for each in expected]:
            expected.append((who, number, at, name))
    store = order_events_of(frame, columns, ids=True)
    assert [event[:3] for event in told(store)] == [(who, at, name) for who, _, at, name in expected]


def test_a_given_session_counts_within_its_profile():
    frame = table(*[(who, at, "view", None, None, None) for who, at in [*"aaaa", *"bb"] and
                    [("a", 1), ("a", 2), ("a", 3), ("a", 4), ("b", 1), ("b", 2)]]).with_columns(
        session=pl.Series(["s", "t", None, "s", "s", "t"])
    )  # fmt: skip
    store = order_events_of(frame, Columns("who", "at", "what", session="session"), ids=True)
    given = [event[-1] for event in told(store)]
    assert given[0] == given[3] != given[1]
    assert given[2] == NONE
    assert len({given[0], given[1], given[4], given[5]}) == 4


def test_values_are_whole_hundredths_and_what_is_no_number_is_none():
    worth = [0.07, 1.005, -3.2, float("nan"), float("inf"), None]
    frame = table(*[("a", place, "buy", None, None, value) for place, value in enumerate(worth)])
    assert [event[5] for event in told(order_events_of(frame, COLUMNS, ids=True))] == [7, 100, -320, None, None, None]
    exact = frame.with_columns(worth=pl.Series(["1.25", None, "0.10", None, "-7", "0"]).cast(pl.Decimal(18, 4)))
    assert [event[5] for event in told(order_events_of(exact, COLUMNS, ids=True))] == [125, None, 10, None, -700, 0]
    whole = frame.with_columns(worth=pl.Series([3, None, 4, None, None, 0]))
    assert [event[5] for event in told(order_events_of(whole, COLUMNS, ids=True))] == [300, None, 400, None, None, 0]


def test_ids_may_be_numbers_or_categories():
    frame = pl.DataFrame({"who": [7, 7, 8], "at": [2, 1, 1], "what": ["b", "a", "c"]})
    for who in (pl.Int64, pl.Categorical):
        cast = frame.with_columns(pl.col("who").cast(pl.String).cast(who), pl.col("what").cast(pl.Categorical))
        store = order_events_of(cast, Columns("who", "at", "what"), ids=True)
        assert [event[:3] for event in told(store)] == [("7", 1, "a"), ("7", 2, "b"), ("8", 1, "c")]


def test_faults_of_the_columns_are_told_all_at_once():
    frame = pl.DataFrame({"who": ["a"], "at": ["soon"], "what": ["x"], "worth": ["2"], "row": ["1"]})
    columns = Columns("whom", "at", "what", value="worth", order=("row",))
    with pytest.raises(ParameterError) as error:
        order_events_of(frame, columns)
    assert str(error.value) == (
        "this table of events cannot be used: 4 faults\n"
        "  profile: there is no column 'whom'; did you mean 'who'?\n"
        "  timestamp: 'at' is String; a date, a datetime or whole microseconds\n"
        "  value: 'worth' is String; a number\n"
        "  order 1: 'row' is String; whole numbers or times, which sort the same everywhere"
    )


def test_an_event_called_like_the_border_of_a_path_is_refused():
    frame = table(("a", 1, "path_end", "path_start", None, None))
    with pytest.raises(ParameterError, match=r"2 faults\n  event: one is called 'path_end'"):
        order_events_of(frame, COLUMNS)


def test_no_events_are_one_empty_bucket():
    [bucket] = order_events_of(table(), COLUMNS, ids=True).buckets()
    assert len(bucket) == len(bucket.walk("event")) == 0


def test_only_the_columns_that_are_needed_are_read(tmp_path):
    frame = table(("a", 1, "x", None, None, None)).with_columns(secret=pl.lit("s"))
    frame.write_parquet(tmp_path / "events.parquet")
    plan = pick(pl.scan_parquet(tmp_path / "events.parquet"), COLUMNS).explain()
    assert "PROJECT 6/7 COLUMNS" in plan


def test_the_events_of_a_client_are_those_that_order_events_follows():
    client_events = read_sources(load_client(EXAMPLE)).events
    expected = order_events(client_events)
    store = order_events_of(client_events, CLIENT_EVENTS, ids=True)
    assert store.account.used == len(expected)
    found = told(store)
    key = ["profile_id", "activity", "page", "channel"]
    assert [(event[0], *event[2:5]) for event in found] == expected.select(key).rows()
    assert [event[1] for event in found] == expected["timestamp"].dt.epoch("us").to_list()
    assert sum(event[5] or 0 for event in found) == int(expected["value"].sum() * 100)


def test_paths_may_be_files_in_their_order(tmp_path: Path):
    for place, name in enumerate("ba"):
        table(("u", 1, name, None, None, None)).write_parquet(tmp_path / f"{place}.parquet")
    store = order_events_of([tmp_path / "0.parquet", str(tmp_path / "1.parquet")], COLUMNS, ids=True)
    assert [event[2] for event in told(store)] == ["b", "a"]
    assert told(order_events_of(tmp_path / "1.parquet", COLUMNS, ids=True))[0][2] == "a"
