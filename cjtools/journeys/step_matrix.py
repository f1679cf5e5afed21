"""The share of paths on each step at each place: from the start, from the end, or around an anchor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from cjtools.journeys.contrast import contrasted
from cjtools.journeys.pattern import Pattern, find_matches
from cjtools.journeys.shares import shares
from cjtools.journeys.tallies import tally
from cjtools.journeys.walks import (
    ENDED,
    OTHERS,
    REST,
    START,
    Walk,
    Whole,
    bordered,
    lengths,
    named,
    opens,
    places,
    starts,
)

KEYS = ["block", "place", "step"]
STEPS = 20


def count_steps(walk: Walk, *, steps: int = STEPS) -> pl.DataFrame:
    """Return the partial from the start: place 0 is the start, place 1 the first step; what is over stays ended.

    Columns: block (0), place, step, n; every place has every path once. Merge it by block, place and step.

    >>> walk = Walk(np.array([0, 0, 1], np.uint32), np.zeros(3, np.int64), np.array([0, 1, 0], np.uint32), ("a", "b"))
    >>> count_steps(walk, steps=2).rows()[1:]
    [(0, 1, 'a', 2), (0, 2, 'b', 1), (0, 2, 'path_end', 1)]
    """
    first, size, width = starts(walk), lengths(walk), len(walk.names) + 2
    table, paths = np.zeros((steps + 1, width), dtype=np.int64), len(first)
    table[0, width - 2] = paths
    for place in range(steps):
        going = size > place  # who has ended by now needs no look any more
        if not going.all():
            first, size = first[going], size[going]
        table[place + 1, : width - 2] = tally(walk.step[first + place], width - 2)
        table[place + 1, width - 1] = paths - len(first)
    return listed(walk, table, first=0, block=0)


def count_steps_back(walk: Walk, *, steps: int = STEPS) -> pl.DataFrame:
    """Return the partial from the end: place 0 is the end, place −1 the last step; before the first is the start."""
    place = places(walk) - np.repeat(lengths(walk), lengths(walk))
    return tabulate(walk, place, int(opens(walk).sum()), places_of=(-steps, 0), ended_from=0)


def count_blocks(walk: Walk, pattern: Pattern | str, *, before: int, after: int) -> pl.DataFrame:
    """Return the partial around each step of a pattern: a block a step of it, place 0 is where it was found.

    Only paths with the pattern count, each by its first match. A pattern of one step is an anchor: its first time in
    the path.
    """
    first = find_matches(walk, pattern).firsts()
    blocks = [
        window(first.whole, first.rows[:, block], before=before, after=after, block=block)
        for block in range(first.rows.shape[1])
    ]
    return pl.concat(blocks)


def count_around(walk: Walk, anchor: str, *, before: int, after: int, last: bool = False) -> pl.DataFrame:
    """Return the partial around the first (or last) time of a step, among the paths that have it."""
    whole = bordered(walk)
    codes = [code for code, name in enumerate(whole.names) if name == anchor]
    rows = np.flatnonzero(np.isin(whole.step, codes))
    path = whole.path[rows]
    differs = path[1:] != path[:-1]
    only = np.concatenate([differs, [True]] if last else [[True], differs]).astype(np.bool_)[: len(rows)]
    return window(whole, rows[only], before=before, after=after, block=0)


def window(whole: Walk, centre: Whole, *, before: int, after: int, block: int) -> pl.DataFrame:
    """Return the counts of the steps around one row of each path; beyond its borders a path stays on them."""
    inner = replace(whole, names=whole.names[:-2])  # the borders come again as the codes after the last name
    return tabulate(inner, distance(whole, centre), len(centre), places_of=(-before, after), ended_from=1, block=block)


def tabulate(
    walk: Walk, place: Whole, paths: int, *, places_of: tuple[int, int], ended_from: int, block: int = 0
) -> pl.DataFrame:
    """Return the counts of steps at the places of a window; who has no event there is before the start or ended.

    Of so many paths, those without an event stand at the start before place `ended_from`, at the end from it on.
    """
    first, last = places_of
    size, width = len(walk.names) + 2, last - first + 1
    near = (place >= first) & (place <= last)
    cells = (place[near] - first) * size + walk.step[near]
    table = np.bincount(cells, minlength=width * size).reshape(width, size).astype(np.int64)
    beyond = paths - table.sum(axis=1)
    table[: ended_from - first, size - 2] += beyond[: ended_from - first]
    table[ended_from - first :, size - 1] += beyond[ended_from - first :]
    return listed(walk, table, first=first, block=block)


def listed(walk: Walk, table: Whole, *, first: int, block: int) -> pl.DataFrame:
    """Return a table of counts, a line a place from `first` on and a column a step, as rows."""
    row, step = np.nonzero(table)
    where = {"block": np.full(len(row), block, dtype=np.int64), "place": row.astype(np.int64) + first}
    return pl.DataFrame({**where, "step": named(walk, step), "n": table[row, step]}).sort(KEYS)


def distance(whole: Walk, centre: Whole) -> Whole:
    """Return how many rows each row is after the centre of its path; out of any window where there is none."""
    size = lengths(whole)
    nowhere = 2 * len(whole) + 1
    centres = np.full(len(size), -nowhere, dtype=np.int64)
    centres[(np.cumsum(opens(whole)) - 1)[centre]] = centre
    return np.arange(len(whole), dtype=np.int64) - np.repeat(centres, size)


def fold_steps(counts: pl.DataFrame, *, top: int) -> pl.DataFrame:
    """Return the counts with all but the most frequent steps as `<OTHERS>`; borders of paths stay."""
    events = counts.filter(~pl.col("step").is_in([START, ENDED])).group_by("step").agg(pl.col("n").sum())
    shown = [*events.sort(-pl.col("n"), "step")["step"].head(top), START, ENDED]
    step = pl.when(pl.col("step").is_in(shown)).then(pl.col("step")).otherwise(pl.lit(OTHERS))
    return counts.with_columns(step=step).group_by(KEYS).agg(pl.col("n").sum()).sort(KEYS)


def finish_steps(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the share of paths on each step at each place: block, place, step, n, of, value, low, high (Wilson).

    The shares of a place add up to 1. Steps without a path at a place have no row.
    """
    rows = counts.with_columns(of=pl.col("n").sum().over("block", "place"))
    return rows.with_columns(shares(rows["n"], rows["of"])).sort(KEYS)


def compare_steps(a: pl.DataFrame, b: pl.DataFrame, *, names: tuple[str, str] = ("A", REST)) -> pl.DataFrame:
    """Return A − B at each place and step of either group, with both n and the interval of the difference.

    Columns: a, b (names), block, place, step, n_a, of_a, n_b, of_b, value_a, value_b, difference, low, high, few.
    """
    both = a.join(b, on=KEYS, how="full", coalesce=True, suffix="_b").with_columns(pl.col("n", "n_b").fill_null(0))
    frame = both.select(
        pl.lit(names[0]).alias("a"),
        pl.lit(names[1]).alias("b"),
        *KEYS,
        n_a=pl.col("n"),
        of_a=pl.col("n").sum().over("block", "place"),
        n_b=pl.col("n_b"),
        of_b=pl.col("n_b").sum().over("block", "place"),
    )
    return contrasted(frame.sort(KEYS))


def rest_of_steps(whole: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    """Return the partial of all other paths: the whole less a group of it."""
    counts = pl.concat([whole, part.with_columns(-pl.col("n"))]).group_by(KEYS).agg(pl.col("n").sum())
    return counts.filter(pl.col("n") != 0).sort(KEYS)


def matrix(shares: pl.DataFrame, *, steps: Sequence[str], block: int = 0, value: str = "value") -> pl.DataFrame:
    """Return one block as a table: a row a step, a column a place, zero where no path is."""
    of_block = shares.filter(pl.col("block") == block)
    cells = {(place, step): cell for place, step, cell in of_block.select("place", "step", value).iter_rows()}
    all_places = of_block["place"].unique().sort().to_list()
    columns = {str(place): [cells.get((place, step), 0) for step in steps] for place in all_places}
    return pl.DataFrame({"step": list(steps), **columns}, schema_overrides=dict.fromkeys(columns, shares.schema[value]))
