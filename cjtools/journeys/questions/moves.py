"""D. Which stage follows which, and which page follows which most often."""

from __future__ import annotations

from functools import partial

import polars as pl

from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.merging import name_codes, plain
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.questions.shared import order_of_profiles, runs_of_profiles, walk_of_profiles
from cjtools.journeys.shares import shares
from cjtools.journeys.transitions import count_pairs, count_transitions, finish_transitions
from cjtools.journeys.walks import OTHERS

KEYS = ["source", "target"]
TOP = 50


def moves(*, level: str = "stage", repeats: bool = True) -> Question:
    """Return the question of the transitions of profiles between stages (or at another level) and how likely each is.

    Without `repeats`, an event of the same stage as the one before is none. Result "moves": as finish_transitions.
    """
    return Question("moves", partial(count, level=level, repeats=repeats), {"moves": KEYS}, finish)


def count(ordered: Ordered, *, level: str, repeats: bool) -> Frames:
    """Return the partial of transitions."""
    return {"moves": count_transitions((walk_of_profiles if repeats else runs_of_profiles)(ordered, level))}


def finish(sums: Frames) -> Frames:
    """Return the shares."""
    return {"moves": finish_transitions(sums["moves"])}


def page_moves(*, level: str = "page", top: int = TOP) -> Question:
    """Return the question of the most frequent steps from page to page (or at another level) of profiles.

    Result "page_moves": source, target (`<OTHERS>` in the last row), pairs (how many a row stands for), n, of, value,
    low, high (Wilson). Equal counts go by source and target.
    """
    finishing = partial(finish_pages, top=top)
    return Question("page_moves", partial(count_pages, level=level), {"page_moves": KEYS}, finishing)


def count_pages(ordered: Ordered, *, level: str) -> Frames:
    """Return the counts of pairs."""
    walk = order_of_profiles(ordered, level)
    counts = count_pairs(walk)
    named = [name_codes(counts[name].to_numpy(), walk.names).alias(name) for name in KEYS]
    return {"page_moves": counts.with_columns(named)}


def finish_pages(sums: Frames, *, top: int) -> Frames:
    """Return the most frequent pairs, and one row for the others."""
    counts = sums["page_moves"]
    often = plain(counts.filter(pl.col("n") >= pl.col("n").top_k(top).min()))
    shown = often.sort(-pl.col("n"), *KEYS).head(top).with_columns(pairs=pl.lit(1, pl.Int64))
    rest = {"pairs": counts.height - shown.height, "n": int(counts["n"].sum()) - int(shown["n"].sum())}
    others = pl.DataFrame({"source": [OTHERS], "target": [OTHERS], **{name: [n] for name, n in rest.items()}})
    rows = pl.concat([shown.select(others.columns), others.filter(pl.col("pairs") > 0)])
    rows = rows.with_columns(of=pl.col("n").sum())
    return {"page_moves": rows.with_columns(shares(rows["n"], rows["of"]))}
