"""Walks for tests: from lists of names, from the expected results of other systems, and random ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from conftest import SHARED
from hypothesis import strategies as st

from cjtools.journeys.walks import Walk, walk_of

ORACLES = SHARED / "oracles"


def oracle(name: str) -> Any:
    """Return the content of a file of expected results."""
    path = ORACLES / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no expected results on this machine: {path.name} is not there")
    return json.loads(path.read_text(encoding="utf-8"))


def shop(*, path: str = "user_id") -> pl.DataFrame:
    """Return the events of the bundled shop of retentioneering, with their row in the file."""
    file = ORACLES / "ecom.csv.gz"
    if not file.exists():
        pytest.skip("no expected results on this machine: ecom.csv.gz is not there")
    return pl.read_csv(file, try_parse_dates=True).with_row_index("row").with_columns(pl.col(path).alias("path"))


def shop_walk(*, path: str = "user_id") -> Walk:
    """Return the shop as a walk, ties in the order of the file."""
    return walk_of(shop(path=path), path="path", at="timestamp", step="event", order=["row"])


def walk(paths: Mapping[str, Sequence[str | None]], *, seconds: int = 60) -> Walk:
    """Return paths of names as a walk, the same pause between events."""
    rows = [(who, place * seconds * 10**6, name) for who, path in paths.items() for place, name in enumerate(path)]
    frame = pl.DataFrame(rows, schema={"path": pl.String, "at": pl.Int64, "step": pl.String}, orient="row")
    return walk_of(frame, path="path", at="at", step="step")


def timed(paths: Mapping[str, Sequence[Sequence[str]]]) -> Walk:
    """Return paths of (time, name) as a walk."""
    rows = [(who, at, name) for who, path in paths.items() for at, name in path]
    frame = pl.DataFrame(rows, schema={"path": pl.String, "at": pl.String, "step": pl.String}, orient="row")
    return walk_of(frame.with_columns(pl.col("at").str.to_datetime()), path="path", at="at", step="step")


def tied(rows: Sequence[Sequence[str]], *, path: int) -> Walk:
    """Return rows of (user, event, session, country) as a walk in which all times tie: the row decides."""
    frame = pl.DataFrame([(row[path], 0, row[1]) for row in rows], schema=["path", "at", "step"], orient="row")
    return walk_of(frame, path="path", at="at", step="step")


def ties() -> pl.DataFrame:
    """Return the 2000 users with 60 events in 20 seconds each, on which ties showed peers to be unstable."""
    random = np.random.default_rng(0)
    at = np.sort(random.integers(0, 20, (2000, 60)), axis=1)
    step = random.choice(list("abcdefgh"), 120000)
    user = np.repeat(np.arange(2000), 60)
    return pl.DataFrame({"path": user, "at": at.ravel() * 10**6, "step": step, "row": np.arange(120000)})


@st.composite
def events(draw: st.DrawFn) -> pl.DataFrame:
    """Return random events with many ties, and their row as the last order."""
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from("uvwxyz"), st.integers(0, 9), st.sampled_from("abcd")), min_size=1, max_size=40
        )
    )
    frame = pl.DataFrame(rows, schema={"path": pl.String, "at": pl.Int64, "step": pl.String}, orient="row")
    return frame.with_row_index("row")


def follow(frame: pl.DataFrame) -> Walk:
    """Return random events as a walk."""
    return walk_of(frame, path="path", at="at", step="step", order=["row"])


def named_paths(frame: pl.DataFrame) -> dict[str, list[tuple[int, str]]]:
    """Return the events of each path in order, in plain Python."""
    paths: dict[str, list[tuple[int, str]]] = {}
    for who, at, _, name in sorted(frame.select("path", "at", "row", "step").iter_rows()):
        paths.setdefault(who, []).append((at, name))
    return paths
