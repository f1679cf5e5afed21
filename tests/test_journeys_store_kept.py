"""Ordered events that were kept: the same events, read when they are needed, written whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from conftest import EXAMPLE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storing import COLUMNS, SCHEMA, rows, table, told

from cjtools.client import load_client
from cjtools.errors import ParameterError, ReportError
from cjtools.journeys.ordered import changes
from cjtools.journeys.store import Columns, keeping, kept, of_client, open_store, order_events_of, store_of
from cjtools.journeys.store.steps import steps_of
from cjtools.journeys.walks import Walk
from cjtools.sources import read_sources

FIELDS = ("profile", "at", "act", "worth_row", "worth", "given", "begins", "opens", "session")


@pytest.fixture(scope="module")
def client():
    return load_client(EXAMPLE)


@pytest.fixture(scope="module")
def store(client):
    return order_events_of(read_sources(client).events, client=client, buckets=3, ids=True)


def same(one, other) -> bool:
    """Say whether two buckets hold the same, type for type."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        and getattr(getattr(one, name), "dtype", None) == getattr(getattr(other, name), "dtype", None)
        for name in FIELDS
    )


def test_what_was_kept_is_what_was_ordered(store, tmp_path):
    store.keep(tmp_path / "kept")
    again = open_store(tmp_path / "kept")
    assert len(again) == len(store) == 3
    assert again.account == store.account
    assert again.acts.names == store.acts.names
    for one, other in zip(again.buckets(), store.buckets(), strict=True):
        assert same(one, other)
        assert one.ids.equals(other.ids, null_equal=True)
    assert told(again) == told(store)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.sampled_from([1, 1000, 7_000_001, 105_000_000]), st.integers(1, 3))
def test_any_events_come_back_as_they_were(tmp_path_factory, events, step, buckets):
    frame = table(*events).with_columns(pl.col("at") * step, session=pl.col("where"))
    columns = Columns("who", "at", "what", "where", "by", "worth", session="session")
    whole = order_events_of(frame, columns, ids=True, buckets=buckets)
    folder = tmp_path_factory.mktemp("any") / "kept"
    whole.keep(folder)
    assert all(same(one, other) for one, other in zip(open_store(folder).buckets(), whole.buckets(), strict=True))


def test_a_column_is_read_when_it_is_first_used_and_no_other(store, tmp_path, monkeypatch):
    store.keep(tmp_path / "kept")
    read = []
    columns = kept.Later.columns
    monkeypatch.setattr(
        kept.Later, "columns", lambda later, names, *table: read.extend(names) or columns(later, names, *table)
    )
    bucket = open_store(tmp_path / "kept").bucket(0)
    assert len(bucket) > 0
    assert read == []
    for _ in range(2):
        bucket.coded("event")
        assert read == ["act 0"]
    assert bucket.begins.any()
    assert read == ["act 0", "begins"]


def test_a_store_can_be_kept_again_where_it_was_kept(store, tmp_path):
    store.keep(tmp_path / "kept")
    open_store(tmp_path / "kept").keep(tmp_path / "kept")
    assert told(open_store(tmp_path / "kept")) == told(store)
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


def test_nothing_is_written_over_something_else(store, tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(ReportError, match="there is something else; a new folder; nothing is written over it"):
        store.keep(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["letters.txt"]


def test_a_write_that_fails_leaves_what_was_kept_before(store, tmp_path):
    store.keep(tmp_path / "kept")
    before = sorted((each.name, each.stat().st_size) for each in (tmp_path / "kept").iterdir())

    def fail(number: int):
        if number == 1:
            raise OSError(28, "No space left on device")
        return store.load(number)

    with pytest.raises(ReportError, match="No space left on device"):
        dataclasses.replace(store, load=fail).keep(tmp_path / "kept")
    assert sorted((each.name, each.stat().st_size) for each in (tmp_path / "kept").iterdir()) == before
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


class Killed(BaseException):
    """The process is gone: nothing that it does after this has any effect."""


def killed_at(step: int, monkeypatch) -> None:
    """Let the process die at a step: before a folder is renamed or a file written, or when a folder is half removed."""
    done = []

    def dying(function, before=lambda *given: None):
        def run(*given, **named):
            done.append(function)
            if len(done) >= step:
                if len(done) == step:
                    before(*given)
                raise Killed
            return function(*given, **named)

        return run

    def half(folder, *rest):
        for file in sorted(Path(folder).rglob("*.arrow"))[::2]:
            file.unlink()

    monkeypatch.setattr(keeping.shutil, "rmtree", dying(keeping.shutil.rmtree, half))
    monkeypatch.setattr(keeping, "write_part", dying(keeping.write_part))
    for name in ("rename", "write_text", "write_bytes"):
        monkeypatch.setattr(Path, name, dying(getattr(Path, name)))


def test_a_process_that_is_killed_leaves_a_whole_store_or_none(tmp_path, monkeypatch):
    one, other = (
        order_events_of(
            table(*((f"{row % 9}", row * step, "x", None, None, None) for row in range(40))),
            COLUMNS,
            buckets=2,
            ids=True,
        )
        for step in (1, 3)
    )
    ends = []
    for step in itertools.count(1):
        one.keep(tmp_path / "kept")
        killed_at(step, monkeypatch)
        with contextlib.suppress(Killed):
            other.keep(tmp_path / "kept")
            ends.append("kept")
        monkeypatch.undo()
        if (tmp_path / "kept").exists():
            found = told(open_store(tmp_path / "kept"))
            ends += [name for name, store in (("before", one), ("now", other)) if found == told(store)] or ["half"]
        else:
            ends.append("none")
        if "kept" in ends:
            break
    assert set(ends) == {"before", "none", "now", "kept"}
    assert ends[-2:] == ["kept", "now"]


KEEPING = """
import sys
from pathlib import Path
import polars as pl
from cjtools.journeys.store import Columns, order_events_of
rows = range(60_000)
frame = pl.DataFrame({"who": [row % 999 for row in rows], "at": rows, "what": ["x", "y"] * (len(rows) // 2)})
store = order_events_of(frame, Columns("who", "at", "what"), buckets=4)
while True:
    store.keep(Path(sys.argv[1]))
    print(store.account.used, flush=True)
"""


def test_a_process_that_the_system_kills_leaves_a_whole_store_or_none(tmp_path):
    folder = tmp_path / "kept"
    process = subprocess.Popen([sys.executable, "-c", KEEPING, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline() == "60000\n"
    process.kill()
    process.wait()
    process.stdout.close()
    if folder.exists():
        assert sum(map(len, open_store(folder).buckets())) == 60_000
        assert sum(int(bucket.at.sum()) for bucket in open_store(folder).buckets()) == sum(range(60_000))


@pytest.mark.parametrize(("text", "found"), [(None, "no events are kept there"), ('{"form": 0}', "by another version")])
def test_what_is_no_store_is_refused(tmp_path, text, found):
    if text:
        (tmp_path / "contents.json").write_text(text)
    with pytest.raises(ParameterError, match=found):
        open_store(tmp_path)


def test_the_same_events_are_kept_as_the_same_bytes(store, client, tmp_path):
    other = order_events_of(read_sources(client).events, client=client, buckets=3, ids=True)
    store.keep(tmp_path / "one")
    other.keep(tmp_path / "two")
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_the_levels_of_another_client_count_and_not_those_that_were_kept(store, client, tmp_path):
    store.keep(tmp_path / "kept")
    fewer = client.model_copy(update={"touchpoints": client.touchpoints[:2]})
    again = open_store(tmp_path / "kept", client=fewer)
    assert set(again.acts.names["touchpoint"]) < set(store.acts.names["touchpoint"])
    for number in range(3):
        expected = steps_of(again.bucket(number), "stage")
        assert same(again.bucket(number, level="stage", collapsed=True), expected)
    same_client = open_store(tmp_path / "kept", client=client)
    assert isinstance(same_client.bucket(0, level="stage", collapsed=True), kept.Later)


@pytest.mark.parametrize("level", ["stage", "page", "touchpoint"])
def test_collapsed_events_are_those_of_all_events(store, level, tmp_path):
    store.keep(tmp_path / "kept")
    for again in (store, open_store(tmp_path / "kept")):
        for whole, part in zip(store.buckets(), again.buckets(level=level, collapsed=True), strict=True):
            assert same(part, steps_of(whole, level))


def collapsed(walk: Walk, paths: np.ndarray) -> list[tuple[int, int, int]]:
    """Return path, time and step of the first event of each run."""
    first = changes(walk.step) | changes(paths)
    return list(zip(paths[first].tolist(), walk.at[first].tolist(), walk.step[first].tolist(), strict=True))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), st.integers(0, 12), st.sampled_from("xyz"), st.sampled_from(["/p", "/q", None])
        ),
        max_size=40,
    )
)
def test_collapsed_paths_of_profiles_and_sessions_are_the_same_in_the_steps(events):
    frame = pl.DataFrame(
        [(who, step * 11 * 60_000_000, what, where, None, None) for who, step, what, where in events],
        schema=SCHEMA,
        orient="row",
    )
    [whole] = order_events_of(frame, COLUMNS).buckets()
    part = steps_of(whole, "page")
    all_walk, walk = whole.walk("page"), part.walk("page")
    assert len(part) <= len(all_walk)
    assert collapsed(walk, walk.path) == collapsed(all_walk, all_walk.path)
    sessions = np.cumsum(changes(whole.session[whole.coded("page") < len(whole.acts.names["page"])]))
    assert collapsed(walk, np.cumsum(part.begins)) == collapsed(all_walk, sessions)


def test_a_client_s_events_are_ordered_once(client, tmp_path, monkeypatch):
    ours = client.model_copy(update={"folder": tmp_path})
    tables = read_sources(client)
    first = store_of(tables, client=ours)
    [folder] = (tmp_path / ".cache" / "_events").iterdir()
    monkeypatch.setattr(of_client, "order_events_of", None)
    assert told_without_ids(store_of(tables, client=ours)) == told_without_ids(first)
    monkeypatch.undo()
    changed = dataclasses.replace(tables, sources=tables.sources.with_columns(sha256=pl.lit("another")))
    store_of(changed, client=ours)
    [other] = (tmp_path / ".cache" / "_events").iterdir()
    assert other != folder


def told_without_ids(store) -> list:
    return [[bucket.profile.tolist(), bucket.at.tolist(), bucket.act.tolist()] for bucket in store.buckets()]


def test_where_nothing_can_be_written_the_events_are_ordered_each_time(client, tmp_path):
    (tmp_path / ".cache").write_text("a file where the folder should be")
    store = store_of(read_sources(client), client=client.model_copy(update={"folder": tmp_path}))
    assert store.account.used > 0


def test_contents_hold_no_names_of_people(store, tmp_path):
    store.keep(tmp_path / "kept")
    contents = json.loads((tmp_path / "kept" / "contents.json").read_text())
    assert set(contents) == {"form", "account", "dropped", "buckets"}
