"""The benchmark's events are what they say they are, and every way of answering that runs here gives one answer."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks" / "journeys"
ROWS = 20_000


def command(script, *arguments):
    surroundings = {**os.environ, "POLARS_MAX_THREADS": "2", "PYTHONPATH": str(FOLDER.parents[1])}
    line = [sys.executable, str(FOLDER / script), *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, env=surroundings, check=False)


def make(out, *more, rows=ROWS, seed=1):
    done = command("generator.py", "--rows", rows, "--out", out, "--seed", seed, *more)
    assert done.returncode == 0, done.stderr
    return out


def digest(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def untied(tmp_path_factory):
    return make(tmp_path_factory.mktemp("untied"))


@pytest.fixture(scope="module")
def tied(tmp_path_factory):
    return make(tmp_path_factory.mktemp("tied"), "--ties")


def events(folder):
    return pl.read_parquet(sorted(folder.glob("events-*.parquet")))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(untied, tmp_path):
    again, other = make(tmp_path / "again"), make(tmp_path / "other", seed=2)
    assert digest(again) == digest(untied)
    assert digest(other)["events-000.parquet"] != digest(untied)["events-000.parquet"]


@pytest.mark.parametrize("name", ["untied", "tied"])
def test_there_are_as_many_rows_as_asked_and_one_in_two_hundred_is_an_exact_duplicate(name, request):
    frame = events(request.getfixturevalue(name))
    assert frame.height == ROWS
    assert frame.height - frame.unique().height == ROWS // 200
    assert frame["event_id"].n_unique() == frame.unique().height
    # What is an exact duplicate does not depend on the id or the device, which not every way reads.
    assert frame.unique(["user_id", "ts", "event", "page", "channel", "revenue"]).height == frame.unique().height


def test_only_events_made_with_ties_tie(untied, tied):
    free, full = (events(folder).unique() for folder in (untied, tied))
    assert free.unique(["user_id", "ts"]).height == free.height
    assert 0.1 < 1 - full.unique(["user_id", "ts"]).height / full.height < 0.15


def test_rows_come_by_their_arrival_and_some_of_them_late(untied):
    frame = events(untied).unique("event_id", maintain_order=True)
    assert frame["event_id"].is_sorted()
    late = frame["ts"].cum_max() - frame["ts"] > pl.Series([3_600_000]).cast(pl.Duration("ms"))
    assert 0.005 < late.mean() < 0.015


def test_users_pages_and_pauses_are_as_the_page_says(untied):
    frame = events(untied)
    assert frame["user_id"].str.contains(r"^u\d{13}$").all()
    assert frame["event"].n_unique() == 25
    assert frame["channel"].n_unique() == 13
    pages = frame["page"].drop_nulls().value_counts(sort=True)["count"]
    assert pages[0] > 20 * pages.median()
    ordered = frame.unique("event_id").sort("user_id", "ts")
    gaps = ordered.select((pl.col("ts").diff().over("user_id")).dt.total_milliseconds()).to_series()
    assert gaps.eq(1_800_000).sum() > 0


def test_ours_answers_like_polars_written_twice_with_ties_and_without(tmp_path):
    ways = ["--ways", "ours", "careful", "naive", "--threads", "2"]
    done = command("run.py", "--rows", ROWS, "--equal", *ways, "--folder", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("in 12 of 12 operations") == 4


def test_a_run_adds_a_line_a_child_and_is_not_run_again(tmp_path):
    options = ["--rows", "1000", "--rounds", "1", "--ways", "floor", "--each", "--folder", tmp_path]
    first, second = command("run.py", *options), command("run.py", *options)
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text("utf-8").splitlines()]
    assert [(line["way"], line["what"]) for line in lines] == [("floor", "S"), ("floor", "T")]
    assert "| floor: scan of 6 columns |" in second.stdout
    assert "round" not in second.stderr


def test_a_child_that_takes_too_long_is_ended_and_its_cell_says_so(tmp_path):
    options = ["--rows", "1000", "--rounds", "1", "--ways", "floor", "--each", "--limit", "0", "--folder", tmp_path]
    done = command("run.py", *options)
    assert done.returncode == 0, done.stderr
    assert "| floor: scan of 6 columns | over 0 s |" in done.stdout
