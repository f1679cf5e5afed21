"""retentioneering 5.2 on what it has: sessions, transitions, step matrix, funnel without a window, median times.

Events are what the journeys are made of (25 names), users the paths. RETENTIONEERING_NO_TRACK turns its telemetry off.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ["RETENTIONEERING_NO_TRACK"] = "1"
import pandas as pd
import retentioneering

Answer = dict[str, list[list[object]]]
STEPS = ["view_item", "add_to_cart", "begin_checkout", "purchase"]


def versions() -> dict[str, str]:
    """Return what runs."""
    from importlib.metadata import version

    return {"retentioneering": version("retentioneering")}


def order(what: str) -> str:
    """Return the operations that there are."""
    return "".join(op for op in what if op in OPS)


def prepare(folder: Path, what: str, threads: int) -> retentioneering.Eventstream:
    """Return the event stream without exact duplicates; it sorts itself."""
    frame = pd.read_parquet(sorted(folder.glob("events-*.parquet")), columns=["event_id", "user_id", "ts", "event"])
    frame = frame.drop_duplicates("event_id")
    frame = frame.rename(columns={"ts": "timestamp"}).drop(columns="event_id").reset_index(drop=True)
    frame["timestamp"] = frame["timestamp"].dt.tz_localize(None)
    return retentioneering.Eventstream(
        frame, schema={"path_cols": ["user_id"], "event_col": "event", "timestamp_col": "timestamp"}
    )


def ask(stream: retentioneering.Eventstream, op: str) -> Answer:
    """Return the answer to one operation."""
    return OPS[op](stream)


def sessions(stream: retentioneering.Eventstream) -> Answer:
    """A, without channels: how many there are."""
    cut = stream.split_sessions(timeout="30m")
    frame = cut.to_dataframe()
    return {"sessions": [[int(frame["session_id"].nunique())]]}


def transitions(stream: retentioneering.Eventstream) -> Answer:
    """D, of events."""
    return {"events": cells(stream.transition_graph_data(edge_weight="count"))}


def cells(table: object) -> list[list[object]]:
    """Return the cells of a square that are not zero, borders of paths left out."""
    frame = table["data"] if isinstance(table, dict) else table
    rows = []
    for source, row in frame.iterrows():
        for target, n in row.items():
            n = n.total_seconds() if hasattr(n, "total_seconds") else n
            if n == n and n and not str(source).startswith("path_") and not str(target).startswith("path_"):
                rows.append([str(source), str(target), n if isinstance(n, float) else int(n)])
    return sorted(rows)


def funnel(stream: retentioneering.Eventstream) -> Answer:
    """E, of events, without a window."""
    found = stream.funnel_data(steps=STEPS)
    return {"closed": [[step["step"], int(step["unique_paths"])] for step in found["steps"]]}


def steps(stream: retentioneering.Eventstream) -> Answer:
    """G, shares of all events: shown as they come."""
    table = stream.step_matrix_data(max_steps=20)
    frame = table["data"] if isinstance(table, dict) else table
    return {
        "steps": [
            [str(step), *(round(float(cell), 9) for cell in row)]
            for step, row in zip(frame.index, frame.to_numpy(), strict=True)
        ]
    }


def times(stream: retentioneering.Eventstream) -> Answer:
    """H, of events: the median of whole seconds."""
    return {"median": cells(stream.transition_graph_data(edge_weight="time_median"))}


OPS = {"A": sessions, "D": transitions, "E": funnel, "G": steps, "H": times}
