"""Patterns of steps within paths, and how often one step comes after another."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from cjtools.errors import Fault, ParameterError
from cjtools.intervals import DIGITS, wilson
from cjtools.journeys.walks import ENDED, START, Bools, Walk, Whole, bordered, opens

# A part of a pattern: "a name", [a, b] or [^a, b], a dot, or a plain name; then * + ? {2} {1,3} {1,}.
PART = re.compile(
    r'^(?:"(?P<quoted>[^"]+)"|\[(?P<not>\^?)(?P<class>[^\]]+)\]|(?P<dot>\.)|(?P<name>[^\[\]"*+?{}]+?))'
    r"\s*(?P<times>[*+?]|\{\d+(?:,\d*)?\})?$"
)
TIMES = {"*": (0, None), "+": (1, None), "?": (0, 1)}
EXAMPLE = 'steps as in "cart->[^purchase]*->path_end"'


@dataclass(frozen=True)
class Steps:
    """Some steps: those named, or with `other` all but those; never the border of a path unless it is named."""

    names: frozenset[str]
    other: bool = False

    def rows(self, whole: Walk) -> Bools:
        """Return whether each row of a bordered walk has one of the steps."""
        fits = np.array([(name in self.names) != self.other for name in whole.names], dtype=np.bool_)
        if self.other:
            fits[-2:] = False
        return fits[whole.step]


@dataclass(frozen=True)
class Gap:
    """What may stand between two steps of a pattern: so many events, all of some steps."""

    steps: Steps
    least: int = 0
    most: int | None = 0


@dataclass(frozen=True)
class Pattern:
    """Steps that follow each other, and the gap between each and the next."""

    text: str
    steps: tuple[Steps, ...]
    gaps: tuple[Gap, ...]


DIRECTLY = Gap(Steps(frozenset(), other=True))


def read_pattern(text: str) -> Pattern:
    """Return the pattern that a text says.

    `a->b` is b directly after a; `a->.*->b` anything between; `a->[^b]*->c` anything but b; `[a,b]` one of two steps;
    `.` any one; `{2}`, `{1,3}`, `+`, `?` as often; `path_start` and `path_end` the borders (also `^` and `$`);
    a name with signs stands in double quotes.

    >>> read_pattern("a->[^b]*->path_end").gaps
    (Gap(steps=Steps(names=frozenset({'b'}), other=True), least=0, most=None),)
    """
    parts = [part.strip() for part in re.split(r'->(?=(?:[^"]*"[^"]*")*[^"]*$)', text)]
    read = [read_part(text, part) for part in parts]
    if read and isinstance(read[0], Steps) and isinstance(read[-1], Steps):
        return chain(text, read)
    raise ParameterError(f"the pattern {text!r}", [Fault("its ends", "something repeated", "a step or a border")])


def read_part(text: str, part: str) -> Steps | Gap:
    """Return the step or the gap that one part of a pattern says."""
    found = PART.match({"^": START, "$": ENDED}.get(part, part))
    if not found:
        raise ParameterError(f"the pattern {text!r}", [Fault("part", f"{part!r} is not understood", EXAMPLE)])
    steps = Steps(frozenset(), other=True)
    if not found["dot"]:
        single = found["quoted"] or found["name"]
        names = [single] if single else found["class"].split(",")
        steps = Steps(frozenset(name.strip() for name in names), other=bool(found["not"]))
    return Gap(steps, *read_times(found["times"])) if found["times"] else steps


def read_times(times: str) -> tuple[int, int | None]:
    """Return the least and the most that a sign of repetition says.

    >>> read_times("{1,3}"), read_times("*"), read_times("{2}")
    ((1, 3), (0, None), (2, 2))
    """
    if times in TIMES:
        return TIMES[times]
    least, comma, most = times[1:-1].partition(",")
    return int(least), (int(most) if most else None if comma else int(least))


def chain(text: str, read: list[Steps | Gap]) -> Pattern:
    """Return the parts as a pattern; two steps without a gap follow each other directly."""
    steps: list[Steps] = []
    gaps: list[Gap] = []
    for part in read:
        if isinstance(part, Steps):
            if len(gaps) < len(steps):
                gaps.append(DIRECTLY)
            steps.append(part)
        elif len(gaps) == len(steps):
            raise ParameterError(f"the pattern {text!r}", [Fault("a gap", "follows a gap", "a step between them")])
        else:
            gaps.append(part)
    return Pattern(text, tuple(steps), tuple(gaps))


@dataclass(frozen=True, eq=False)
class Matches:
    """Where a pattern was found: rows of the bordered walk, a row a match, a column a step of the pattern."""

    whole: Walk
    rows: np.ndarray[tuple[int, int], np.dtype[np.int64]]

    def firsts(self) -> Matches:
        """Return the first match of each path."""
        path = self.whole.path[self.rows[:, 0]]
        first = np.concatenate([[True], path[1:] != path[:-1]])[: len(path)]
        return Matches(self.whole, self.rows[first])


def find_matches(
    walk: Walk, pattern: Pattern | str, *, within_events: int | None = None, within: int | None = None
) -> Matches:
    """Return the matches of a pattern: from each event at which it can begin, the one that is over first.

    At most so many events, and so many microseconds (the far edge included), from the first step to the last.
    Source: a later step never allows an earlier end, so that the nearest fitting event is always the best one.
    """
    wanted = read_pattern(pattern) if isinstance(pattern, str) else pattern
    whole = bordered(walk)
    fits = wanted.steps[-1].rows(whole)
    follow: list[Whole] = []
    for steps, gap in zip(reversed(wanted.steps[:-1]), reversed(wanted.gaps), strict=True):
        next_row, reached = nearest(whole, gap, fits)
        follow.insert(0, next_row)
        fits = steps.rows(whole) & reached
    rows = [np.flatnonzero(fits).astype(np.int64)]
    for next_row in follow:
        rows.append(next_row[rows[-1]])
    return limit(Matches(whole, np.stack(rows, axis=1)), within_events=within_events, within=within)


def nearest(whole: Walk, gap: Gap, fits: Bools) -> tuple[Whole, Bools]:
    """Return for each row the nearest later row that fits, and whether it is in the path and the gap allows it."""
    count = len(whole)
    row = np.arange(count, dtype=np.int64)
    begin = np.minimum(row + 1 + gap.least, count)
    found = next_true(fits)[begin]
    inside = found < count
    inside[inside] = whole.path[found[inside]] == whole.path[row[inside]]
    if gap.most is not None:
        inside &= found <= row + 1 + gap.most
    if gap.steps != DIRECTLY.steps:
        inside &= next_true(~gap.steps.rows(whole))[np.minimum(row + 1, count)] >= found
    return found, inside


def next_true(marks: Bools) -> Whole:
    """Return for each place, and one after the last, the nearest place from there on that is true (else the size).

    >>> next_true(np.array([False, True, False])).tolist()
    [1, 1, 3, 3]
    """
    size = len(marks)
    places = np.append(np.where(marks, np.arange(size, dtype=np.int64), size), size)
    return np.asarray(np.minimum.accumulate(places[::-1])[::-1])


def limit(matches: Matches, *, within_events: int | None, within: int | None) -> Matches:
    """Return the matches that are over within so many events and microseconds."""
    first, last = matches.rows[:, 0], matches.rows[:, -1]
    ok = np.ones(len(first), dtype=np.bool_)
    if within_events is not None:
        ok &= last - first <= within_events
    if within is not None:
        ok &= matches.whole.at[last] - matches.whole.at[first] <= within
    return Matches(matches.whole, matches.rows[ok])


def count_pattern(
    walk: Walk, pattern: Pattern | str, *, within_events: int | None = None, within: int | None = None
) -> pl.DataFrame:
    """Return the partial of a pattern: pattern, paths (all), n (paths with it), matches, time (of first matches).

    Merge it by pattern.
    """
    wanted = read_pattern(pattern) if isinstance(pattern, str) else pattern
    matches = find_matches(walk, wanted, within_events=within_events, within=within)
    first = matches.firsts()
    time = first.whole.at[first.rows[:, -1]] - first.whole.at[first.rows[:, 0]]
    return pl.DataFrame(
        {
            "pattern": [wanted.text],
            "paths": [int(opens(walk).sum())],
            "n": [len(first.rows)],
            "matches": [len(matches.rows)],
            "time": [int(time.sum())],
        }
    )


def finish_pattern(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the share of paths with each pattern, Wilson's interval, and the mean seconds of the first match."""
    seconds = (pl.col("time") / pl.col("n") / 1_000_000).fill_nan(None).round(DIGITS)
    shares = counts.with_columns(wilson(pl.col("n"), pl.col("paths")))
    return shares.with_columns(seconds=seconds).drop("time").sort("pattern")


def count_conversion(
    walk: Walk, *, start: str, end: str, within_events: int | None = None, within: int | None = None
) -> pl.DataFrame:
    """Return the partial of one step after another: start, end, paths, with_start, converted, with_end.

    Converted: the end comes strictly after the *first* start of a path, within so many events or microseconds of it
    (the far edge included). `path_end` as end gives the exit rate. Merge it by start and end.
    """
    whole = bordered(walk)
    is_start, is_end = (Steps(frozenset([name])).rows(whole) for name in (start, end))
    begin = firsts(whole, is_start)
    after = next_true(is_end)[begin + 1]
    found = after < len(whole)
    found[found] = whole.path[after[found]] == whole.path[begin[found]]
    matches = Matches(whole, np.stack([begin[found], after[found]], axis=1))
    return pl.DataFrame(
        {
            "start": [start],
            "end": [end],
            "paths": [int(opens(walk).sum())],
            "with_start": [len(begin)],
            "converted": [len(limit(matches, within_events=within_events, within=within).rows)],
            "with_end": [len(firsts(whole, is_end))],
        }
    )


def firsts(whole: Walk, marks: Bools) -> Whole:
    """Return the first marked row of each path that has one."""
    rows = np.flatnonzero(marks).astype(np.int64)
    path = whole.path[rows]
    return np.asarray(rows[np.concatenate([[True], path[1:] != path[:-1]])[: len(rows)]])


def finish_conversion(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the conversion rate (value, low, high), the base rate, and the lift, their ratio.

    The rate is converted ÷ paths with the start; the base rate is the paths with the end ÷ all paths.
    """
    rate = pl.col("converted") / pl.col("with_start")
    base = pl.col("with_end") / pl.col("paths")
    some = (pl.col("with_end") > 0) & (pl.col("with_start") > 0)
    return counts.with_columns(
        *wilson(pl.col("converted"), pl.col("with_start")),
        base_rate=pl.when(pl.col("paths") > 0).then(base.round(DIGITS)),
        lift=pl.when(some).then((rate / base).round(DIGITS)),
    ).sort("start", "end")
