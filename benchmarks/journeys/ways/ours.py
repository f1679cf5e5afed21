"""Ours: events ordered in buckets by cjtools.journeys.store, all of cjtools.journeys.questions asked in one pass."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

import cjtools
from cjtools.client import load_client
from cjtools.journeys import questions as q
from cjtools.journeys.store import Columns, Store, order_events_of
from ways import FUNNEL, OTHERS
from ways.stages import STAGES

Answer = dict[str, list[list[object]]]
Frames = Mapping[str, pl.DataFrame]
Results = Mapping[str, Frames]
# The given sessions are left aside: the operations ask for a pause of thirty minutes.
COLUMNS = Columns(profile="user_id", timestamp="ts", event="event", page="page", channel="channel", value="revenue")


@dataclass(eq=False)
class Asked:
    """A store, or what it takes to make one, and how long each question took in all threads together."""

    store: Store
    threads: int
    folder: Path
    steps: str = ""  # the level whose changes are all that is asked of, or nothing
    spent: dict[str, list[float]] = field(default_factory=dict)


def versions() -> dict[str, str]:
    """Return what runs."""
    return {"cjtools": cjtools.__version__, "polars": pl.__version__}


def order(what: str) -> str:
    """Return the operations in the order in which they are asked."""
    return what


def prepare(folder: Path, what: str, threads: int) -> Asked:
    """Return the events in their total order: the buckets are sorted when they are asked."""
    files = sorted(folder.glob("events-*.parquet"))
    return Asked(order_events_of(files, COLUMNS, client=load_client(folder)), threads, folder)


def together(state: Asked, what: str) -> tuple[dict[str, Answer], dict[str, dict[str, float]]]:
    """Return the answers to all that is asked, from one pass, and what each took in all threads together."""
    asked = [question for op in what for question in QUESTIONS[op]()]
    buckets = state.store.buckets(level=state.steps, collapsed=bool(state.steps))
    results = q.ask(buckets, [watched(question, state) for question in asked], threads=state.threads)
    answers = {op: ANSWERS[op](results) for op in what}
    names = {op: [question.name for question in QUESTIONS[op]()] for op in what}
    ops = {
        op: {key: sum(state.spent[name][place] for name in names[op]) for place, key in enumerate(("wall", "cpu"))}
        for op in what
    }
    return answers, ops


def watched(question: q.Question, state: Asked) -> q.Question:
    """Return the question with the time that its two functions take added up."""
    spent = state.spent.setdefault(question.name, [0.0, 0.0])

    def counted(function: Callable[..., Frames]) -> Callable[..., Frames]:
        def run(argument: object) -> Frames:
            begun = time.perf_counter(), time.thread_time()
            found = function(argument)
            spent[0] += time.perf_counter() - begun[0]
            spent[1] += time.thread_time() - begun[1]
            return found

        return run

    return replace(question, partial=counted(question.partial), finish=counted(question.finish))


def near(name: str, of: str, other: str, days: int, *, after: bool = False) -> q.Way:
    """Return a way between two events."""
    return q.Way(name, of={"event": [of]}, other={"event": [other]}, within=dt.timedelta(days=days), after=after)


WAYS = (
    near("click_collect", "purchase_pickup", "store_pickup", 7, after=True),
    near("ropo", "store_purchase", "view_item", 30),
    near("try_buy", "purchase", "store_try", 30),
)
QUESTIONS: Mapping[str, Callable[[], list[q.Question]]] = {
    "A": lambda: [q.visits()],
    "B": lambda: [q.stages()],
    "C": lambda: [q.paths()],
    "D": lambda: [q.moves(), q.page_moves()],
    "E": lambda: [q.funnel(FUNNEL)],
    "F": lambda: [q.exits()],
    "G": lambda: [q.steps()],
    "H": lambda: [q.times()],
    "I": lambda: [q.credit({"event": ["purchase"]})],
    "J": lambda: [q.routes()],
    "K": lambda: [q.days()],
    "L": lambda: [q.ways(WAYS)],
}


def rows(frame: pl.DataFrame, *columns: str | pl.Expr) -> list[list[object]]:
    """Return some columns as rows."""
    return [list(row) for row in frame.select(*columns).rows()]


def of_all(frame: pl.DataFrame) -> list[list[object]]:
    """Return the steps of a funnel with their profiles."""
    return rows(frame.filter(pl.col("share_of") == "all"), "step", "n")


def known(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the rows that have a name."""
    return frame.filter(pl.col(column).is_not_null())


CENTS = (pl.col("worth") * 100).round().cast(pl.Int64)
PAIRS = ("source", "target", "n")
ANSWERS: Mapping[str, Callable[[Results], Answer]] = {
    "A": lambda found: {"sessions": rows(found["visits"]["visits"], "channel", "n", "events")},
    "B": lambda found: {"stages": rows(known(found["stages"]["stages"], "stage"), "stage", "n")},
    "C": lambda found: {
        "lengths": rows(found["paths"]["lengths"], "length", "n"),
        "firsts": rows(found["paths"]["reach"], "stage", "n", pl.col("time") // 1000),
    },
    "D": lambda found: {
        "stages": rows(
            found["moves"]["moves"].filter(pl.col("source").is_in(STAGES), pl.col("target").is_in(STAGES)), *PAIRS
        ),
        "pages": rows(found["page_moves"]["page_moves"].filter(pl.col("source") != OTHERS), *PAIRS),
    },
    "E": lambda found: {name: of_all(found["funnel"][name]) for name in ("closed", "open")},
    "F": lambda found: {"exits": rows(found["exits"]["pages"], "step", "views", "exits")},
    "G": lambda found: {"steps": rows(found["steps"]["steps"].filter(pl.col("place") > 0), "place", "step", "n")},
    "H": lambda found: {"times": rows(found["times"]["times"], *PAIRS, "q25", "median", "q75", "q90")},
    "I": lambda found: {
        "credit": rows(
            known(found["credit"]["credit"], "channel").filter(pl.col("conversions") != 0),
            "model",
            "channel",
            "conversions",
        )
    },
    "J": lambda found: {
        "paths": rows(
            found["routes"]["routes"].filter(pl.col("route").list.first() != OTHERS),
            pl.col("route").list.join(">"),
            "n",
        )
    },
    "K": lambda found: {
        "days": rows(found["days"]["days"], pl.col("day").cast(pl.Int32).cast(pl.Int64), "events", "profiles", CENTS)
    },
    "L": lambda found: {
        "ropo": rows(found["ways"]["ways_by"].filter(pl.col("way") == "ropo"), "channel", "n"),
        "patterns": rows(found["ways"]["ways"], "way", "n", "of"),
    },
}
