"""pm4py 2.7 (AGPL: never a dependency) on what it has: directly-follows graph, variants, performance graph."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pandas as pd

with contextlib.redirect_stdout(io.StringIO()):
    import pm4py

Answer = dict[str, list[list[object]]]


def versions() -> dict[str, str]:
    """Return what runs."""
    return {"pm4py": pm4py.__version__}


def order(what: str) -> str:
    """Return the operations that there are."""
    return "".join(op for op in what if op in OPS)


def prepare(folder: Path, what: str, threads: int) -> pd.DataFrame:
    """Return the log without exact duplicates: users are the cases, events the activities; it sorts itself."""
    frame = pd.read_parquet(sorted(folder.glob("events-*.parquet")), columns=["event_id", "user_id", "ts", "event"])
    frame = frame.drop_duplicates("event_id")
    frame = frame.drop(columns="event_id").reset_index(drop=True)
    return pm4py.format_dataframe(frame, case_id="user_id", activity_key="event", timestamp_key="ts")


def ask(log: pd.DataFrame, op: str) -> Answer:
    """Return the answer to one operation."""
    return OPS[op](log)


def transitions(log: pd.DataFrame) -> Answer:
    """D, of events."""
    graph, _, _ = pm4py.discover_dfg(log)
    return {"events": sorted([source, target, int(n)] for (source, target), n in graph.items())}


def times(log: pd.DataFrame) -> Answer:
    """H, of events: the median."""
    graph, _, _ = pm4py.discover_performance_dfg(log, perf_aggregation_key="median")
    return {
        "median": sorted(
            [source, target, float(x["median"] if isinstance(x, dict) else x)] for (source, target), x in graph.items()
        )
    }


def top_paths(log: pd.DataFrame) -> Answer:
    """J, of events and whole users: the variants."""
    found = pm4py.get_variants(log)
    ranked = sorted((-int(n), list(path)) for path, n in found.items())[:20]
    return {"paths": [[">".join(path), -n] for n, path in ranked]}


OPS = {"D": transitions, "H": times, "J": top_paths}
