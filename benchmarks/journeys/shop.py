"""Whether retentioneering's bundled shop gives the same figures here, in retentioneering and in pm4py, and twice over.

    python benchmarks/journeys/shop.py --env retentioneering=PYTHON pm4py=PYTHON [--shop ecom.csv.gz]

Runs both peers, each twice, on the shop of 31,106 events that retentioneering ships (or on `--shop`), and ours twice,
by the measures on walks (ours) and by the store and its questions (engine):
transitions of users and of sessions, step matrix, funnels, number of sessions. Prints each comparison with the number
of cells; exits with 1 when one differs. Ties of the shop are settled by its rows, in all three.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

HERE = Path(__file__).resolve()
STEPS = 6
FUNNELS = ("cart>shipping_details>purchase", "home>product_view>add_to_cart>purchase")
MINUTES = (10, 30, 60)
PATHS = ("user_id", "session_id")
Cells = dict[str, float]
Figures = dict[str, Cells]


def square(table: object) -> Cells:
    """Return the cells of a peer's square that are not zero."""
    rows = table.iterrows()  # type: ignore[attr-defined]
    return {f"{source}>{target}": int(n) for source, row in rows for target, n in row.items() if n}


def by_retentioneering(shop: str) -> Figures:
    """Return the figures of retentioneering; `shop` is a file, or nothing for the bundled one."""
    os.environ["RETENTIONEERING_NO_TRACK"] = "1"
    import pandas as pd
    import retentioneering

    path = shop or bundled(Path(retentioneering.__file__))
    frame = pd.read_csv(path, parse_dates=["timestamp"])
    schema = {"path_cols": list(PATHS), "event_col": "event", "timestamp_col": "timestamp"}
    stream = retentioneering.Eventstream(frame, schema=schema)
    found: Figures = {}
    for by in PATHS:
        found[f"transitions {by}"] = square(stream.transition_graph_data(edge_weight="count", path_col=by))
        for steps in FUNNELS:
            told = stream.funnel_data(steps=steps.split(">"), path_col=by)["steps"]
            found[f"funnel {by} {steps}"] = {f"{place}": int(step["unique_paths"]) for place, step in enumerate(told)}
    matrix = stream.step_matrix_data(max_steps=STEPS, path_col="session_id")
    cells = ((step, place, float(cell)) for step, row in matrix.iterrows() for place, cell in enumerate(row))
    found["step matrix session_id"] = {f"{step}@{place}": cell for step, place, cell in cells if cell}
    users = retentioneering.Eventstream(frame.drop(columns="session_id"), schema={**schema, "path_cols": ["user_id"]})
    for minutes in MINUTES:
        cut = users.split_sessions(timeout=f"{minutes}m").to_dataframe()
        found[f"sessions {minutes} min"] = {"sessions": int(cut["session_id"].nunique())}
    return found


def bundled(package: Path) -> str:
    """Return the shop that retentioneering ships."""
    return str(package.parent / "datasets" / "ecom.csv.gz")


def by_pm4py(shop: str) -> Figures:
    """Return the figures of pm4py: the directly-follows graph with its starts and ends."""
    import pandas as pd

    with contextlib.redirect_stdout(io.StringIO()):
        import pm4py
    frame = pd.read_csv(shop, parse_dates=["timestamp"])
    found: Figures = {}
    for by in PATHS:
        log = pm4py.format_dataframe(frame.copy(), case_id=by, activity_key="event", timestamp_key="timestamp")
        graph, starts, ends = pm4py.discover_dfg(log)
        cells = {f"{source}>{target}": int(n) for (source, target), n in graph.items()}
        cells |= {f"path_start>{event}": int(n) for event, n in starts.items()}
        found[f"transitions {by}"] = cells | {f"{event}>path_end": int(n) for event, n in ends.items()}
    return found


def by_ours(shop: str) -> Figures:
    """Return our figures."""
    import polars as pl

    from cjtools.journeys import funnels, split, step_matrix, transitions, walks
    from cjtools.journeys.chains import Funnel

    frame = pl.read_csv(shop, try_parse_dates=True)
    found: Figures = {}
    for by in PATHS:
        walk = walks.walk_of(frame, path=by, at="timestamp", step="event")
        pairs = transitions.count_transitions(walk).select("source", "target", "n").rows()
        found[f"transitions {by}"] = {f"{source}>{target}": n for source, target, n in pairs}
        for steps in FUNNELS:
            people = funnels.count_funnel(walk, Funnel(tuple(steps.split(">"))))["paths"]
            found[f"funnel {by} {steps}"] = {f"{place}": n for place, n in enumerate(people)}
        if by == "session_id":
            shares = step_matrix.finish_steps(step_matrix.count_steps(walk, steps=STEPS))
            cells = shares.select("step", "place", "value").rows()
            found["step matrix session_id"] = {f"{step}@{place}": share for step, place, share in cells}
    walk = walks.walk_of(frame, path="user_id", at="timestamp", step="event")
    for minutes in MINUTES:
        begins = split.after_pause(walk, timeout=minutes * walks.MINUTE)
        found[f"sessions {minutes} min"] = {"sessions": len(split.cut(walk, begins))}
    return found


def by_engine(shop: str) -> Figures:
    """Return our figures by way of the store and the questions, in three buckets."""
    import polars as pl

    from cjtools.journeys import questions as q
    from cjtools.journeys.store import Columns, order_events_of

    frame = pl.read_csv(shop, try_parse_dates=True)
    found: Figures = {}
    for by in PATHS:
        # The shop has whole seconds and no ids: rows that are equal are events of their own, as the peers have them.
        store = order_events_of(frame, Columns(by, "timestamp", "event", merged=True), buckets=3)
        asked = [
            q.moves(level="event"),
            q.steps(steps=STEPS, top=len(store.acts.names["event"])),
            q.visits(level="event"),
        ]
        asked += [q.funnel(steps.split(">"), level="event", window=None, name=steps) for steps in FUNNELS]
        told = q.ask(store.buckets(), asked)
        pairs = told["moves"]["moves"].select("source", "target", "n").rows()
        found[f"transitions {by}"] = {f"{source}>{target}": n for source, target, n in pairs}
        for steps in FUNNELS:
            people = told[steps]["closed"].filter(share_of="all")["n"]
            found[f"funnel {by} {steps}"] = {f"{place}": n for place, n in enumerate(people)}
        if by == "session_id":
            cells = told["steps"]["steps"].select("step", "place", "value").rows()
            found["step matrix session_id"] = {f"{step}@{place}": share for step, place, share in cells}
        else:
            found["sessions 30 min"] = {"sessions": int(told["visits"]["visits"]["n"].sum())}
    return found


WAYS = {"ours": by_ours, "engine": by_engine, "retentioneering": by_retentioneering, "pm4py": by_pm4py}


def figures(way: str, python: str, shop: str) -> Figures:
    """Return the figures of one way, in a fresh process."""
    command = [python, str(HERE), "--way", way, "--shop", shop]
    surroundings = {**os.environ, "RETENTIONEERING_NO_TRACK": "1", "PYTHONHASHSEED": "random"}
    if way in ("ours", "engine"):
        surroundings["PYTHONPATH"] = str(HERE.parents[2])
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=surroundings)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def compare(name: str, one: Mapping[str, Cells], other: Mapping[str, Cells]) -> Iterable[tuple[bool, str]]:
    """Yield for each figure of both whether they agree: cell by cell, floats within 1e-9."""
    for figure in sorted(set(one) & set(other)):
        cells = sorted(set(one[figure]) | set(other[figure]))
        wrong = [cell for cell in cells if abs(one[figure].get(cell, 0) - other[figure].get(cell, 0)) > 1e-9]
        said = "" if not wrong else f"; {wrong[0]}: {one[figure].get(wrong[0], 0)} and {other[figure].get(wrong[0], 0)}"
        yield not wrong, f"{name}: {figure}: {len(cells) - len(wrong)} of {len(cells)} cells{said}"


def main() -> int:
    """Print the comparisons; return 1 when one differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", nargs="+", default=[], metavar="WAY=PYTHON")
    parser.add_argument("--shop", default="")
    parser.add_argument("--way", choices=WAYS)
    given = parser.parse_args()
    if given.way:
        print(json.dumps(WAYS[given.way](given.shop)))
        return 0
    pythons = {"ours": sys.executable, "engine": sys.executable} | dict(pair.split("=", 1) for pair in given.env)
    shop = given.shop or shop_of(pythons["retentioneering"])
    runs = {way: (figures(way, python, shop), figures(way, python, shop)) for way, python in pythons.items()}
    lines = [
        (first == second, f"{way}, run twice: {'the same' if first == second else 'NOT the same'}")
        for way, (first, second) in runs.items()
    ]
    for way, (first, _) in runs.items():
        if way != "ours":
            lines += compare(f"ours = {way}", runs["ours"][0], first)
    for fine, line in lines:
        print("same " if fine else "DIFFERS ", line)
    return 0 if all(fine for fine, _ in lines) else 1


def shop_of(python: str) -> str:
    """Return where a peer's environment keeps the shop, without importing the peer."""
    code = "import importlib.util as u; print(u.find_spec('retentioneering').origin)"
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True, cwd=tempfile.gettempdir())
    return bundled(Path(done.stdout.strip()))


if __name__ == "__main__":
    sys.exit(main())
