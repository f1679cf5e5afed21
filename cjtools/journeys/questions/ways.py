"""L. The ways between online and offline: of some events, how many have another one near, before or after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.merging import name_codes, plain
from cjtools.journeys.questions.question import Frames, Question
from cjtools.journeys.questions.shared import names_of, rows_where
from cjtools.journeys.shares import shares
from cjtools.journeys.tallies import tally
from cjtools.journeys.walks import Bools, Whole

KEYS = ["way", "near"]


@dataclass(frozen=True)
class Way:
    """Of the events `of`, those with an event `other` of the same profile near: ROPO, Click & Collect, Try & Buy.

    Both are level -> names. The nearest other one counts, before in the one order of events (or after it), and no
    further than the window, edge included.
    """

    name: str
    of: Mapping[str, Collection[str]]
    other: Mapping[str, Collection[str]]
    within: dt.timedelta
    after: bool = False

    def describe(self) -> str:
        """Return the definition in words, as it is printed next to the numbers.

        >>> view, buy = {"event": ["view_item"]}, {"event": ["store_purchase"]}
        >>> Way("ropo", of=buy, other=view, within=dt.timedelta(days=30)).describe()
        'event store_purchase with event view_item within 30 days, 0:00:00 before'
        """
        of, other = (", ".join(f"{at} {' or '.join(names)}" for at, names in x.items()) for x in (self.of, self.other))
        return f"{of} with {other} within {self.within} {'after' if self.after else 'before'}"


def ways(of: Sequence[Way], *, level: str = "channel") -> Question:
    """Return the question of how many events came by each way, and by which channel the other event came.

    Results: "ways": way, n, of, value, low, high (Wilson), sorted. "ways_by": way, the name of the nearest other event
    at the level (null: none), n, of (events of the way that have one near), value, low, high.
    """
    keys = {"ways": KEYS, "ways_by": ["way", level]}
    return Question("ways", partial(count, of=tuple(of), level=level), keys, partial(finish, level=level))


def count(ordered: Ordered, *, of: Sequence[Way], level: str) -> Frames:
    """Return the events of each way with and without another one near, and the names of those."""
    names = names_of(ordered, level)
    near, by = [], np.zeros((len(of), len(names) + 1), dtype=np.int64)
    meant = rows_where(ordered, [where for way in of for where in (way.of, way.other)])
    for place, way in enumerate(of):
        rows, others = meant[2 * place : 2 * place + 2]
        there, other = nearest_rows(ordered, rows, others, way)
        by[place] = tally(ordered.acts.small[level][ordered.act[other[there]]], len(names) + 1)
        near.append(int(there.sum()))
        near.append(len(rows) - near[-1])
    whose, code = np.nonzero(by)
    labels = pl.Series([way.name for way in of], dtype=pl.String)
    both = pl.Series([True, False] * len(of), dtype=pl.Boolean)
    return {
        "ways": pl.DataFrame({"way": labels.gather(np.repeat(np.arange(len(of)), 2)), "near": both, "n": near}, SUMS),
        "ways_by": pl.DataFrame({"way": labels.gather(whose), level: name_codes(code, names), "n": by[whose, code]}),
    }


SUMS = {"way": pl.String, "near": pl.Boolean, "n": pl.Int64}


def nearest_rows(ordered: Ordered, rows: Whole, others: Whole, way: Way) -> tuple[Bools, Whole]:
    """Return whether each row has one of the others near, and which (where it has)."""
    if not len(others) or not len(rows):
        return np.zeros(len(rows), dtype=np.bool_), rows
    place = np.searchsorted(others, rows, side="right" if way.after else "left") - (0 if way.after else 1)
    known = (place >= 0) & (place < len(others))
    other = others[np.clip(place, 0, len(others) - 1)]
    window = way.within // dt.timedelta(microseconds=1)
    apart = np.abs(ordered.at[rows] - ordered.at[other])
    return known & (ordered.profile[rows] == ordered.profile[other]) & (apart <= window), other


def finish(sums: Frames, *, level: str) -> Frames:
    """Return the shares."""
    counts = sums["ways"].sort("way")
    whole = counts.group_by("way", maintain_order=True).agg(
        n=pl.col("n").filter(pl.col("near")).sum(), of=pl.col("n").sum()
    )
    by = plain(sums["ways_by"]).sort("way", level, nulls_last=True).with_columns(of=pl.col("n").sum().over("way"))
    return {name: rows.with_columns(shares(rows["n"], rows["of"])) for name, rows in (("ways", whole), ("ways_by", by))}
