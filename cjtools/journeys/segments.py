"""Groups of paths to compare: by what is known of them, by what they did, by when they came; with the rest of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from cjtools.errors import Fault, ParameterError, nearest, raise_if_any
from cjtools.intervals import wilson
from cjtools.journeys.walks import Walk, ends, keep, lengths, starts, step_code

REST, MISSING = "<REST>", "<MISSING>"
# A segment table: `path` (the number of a path in the walk) and `segment`; one row a path and level.
SHAPE = {"path": pl.UInt32, "segment": pl.String}


def static_segments(walk: Walk, levels: Mapping[str, str | None]) -> pl.DataFrame:
    """Return the segments of paths by their ids: one level each, <MISSING> for those of which nothing is known.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": ["a", "b"], "at": [1, 2], "page": ["x", "x"]})
    >>> static_segments(walk_of(frame, path="who", at="at", step="page"), {"a": "new"}).rows()
    [(0, 'new'), (1, '<MISSING>')]
    """
    paths = pl.Series("path", walk.path[starts(walk)], dtype=pl.UInt32)
    ids = pl.Series("segment", walk.ids, dtype=pl.String).gather(paths)
    known = ids.replace_strict(dict(levels), default=None, return_dtype=pl.String)
    return checked(pl.DataFrame([paths, known.fill_null(MISSING)]))


def event_segments(walk: Walk, levels: pl.Series) -> pl.DataFrame:
    """Return the segments of paths by the level of each event: a path is in each level that any of its events has.

    A path can be in several, and one without any is <MISSING>. `levels` has one value a row of the walk.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1], "at": [1, 2], "page": ["x", "y"]})
    >>> walk = walk_of(frame, path="who", at="at", step="page")
    >>> event_segments(walk, pl.Series(["new", "returning"])).rows()
    [(0, 'new'), (0, 'returning')]
    """
    rows = pl.DataFrame({"path": walk.path, "segment": levels.cast(pl.String)}, schema=SHAPE).unique()
    some = rows.drop_nulls("segment")
    none = rows.join(some, on="path", how="anti").with_columns(segment=pl.lit(MISSING))
    return checked(pl.concat([some, none]))


def step_segments(walk: Walk, steps: Sequence[str]) -> pl.DataFrame:
    """Return, for each of some steps, the paths that have it; those that have none of them are <REST>.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 3], "page": ["x", "y", "z"]})
    >>> step_segments(walk_of(frame, path="who", at="at", step="page"), ["x", "y"]).rows()
    [(0, 'x'), (0, 'y'), (1, '<REST>')]
    """
    having = [(name, np.unique(walk.path[walk.step == step_code(walk, name)])) for name in steps]
    rows = [pl.DataFrame({"path": paths, "segment": [name] * len(paths)}, schema=SHAPE) for name, paths in having]
    return with_rest(walk, pl.concat([pl.DataFrame(schema=SHAPE), *rows]))


def length_segments(walk: Walk, bounds: Sequence[int]) -> pl.DataFrame:
    """Return the paths by their number of events, in bins of which the bounds are the first numbers.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 2, 3], "page": ["x", "y", "z"]})
    >>> length_segments(walk_of(frame, path="who", at="at", step="page"), [2]).rows()
    [(0, '2+'), (1, '1–1')]
    """
    edges = sorted({1, *bounds})
    names = [f"{low}–{high - 1}" for low, high in pairwise(edges)] + [f"{edges[-1]}+"]
    place = np.searchsorted(edges, lengths(walk), side="right") - 1
    frame = pl.DataFrame({"path": walk.path[starts(walk)], "segment": pl.Series(names).gather(pl.Series(place))})
    return checked(frame.cast(pl.Schema(SHAPE)))


def with_rest(walk: Walk, segments: pl.DataFrame) -> pl.DataFrame:
    """Return segments with a row <REST> for each path of the walk that is in none.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 2], "at": [1, 2], "page": ["x", "y"]})
    >>> with_rest(walk_of(frame, path="who", at="at", step="page"), pl.DataFrame(schema=SHAPE)).rows()
    [(0, '<REST>'), (1, '<REST>')]
    """
    everyone = pl.DataFrame({"path": walk.path[starts(walk)]}, schema={"path": pl.UInt32})
    rest = everyone.join(segments, on="path", how="anti").with_columns(segment=pl.lit(REST))
    return checked(pl.concat([segments, rest]))


def checked(segments: pl.DataFrame) -> pl.DataFrame:
    """Return segments in order."""
    return segments.sort("path", "segment")


def in_segment(walk: Walk, segments: pl.DataFrame, level: str) -> Walk:
    """Return the walk with the paths of one level.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 2], "at": [1, 2], "page": ["x", "y"]})
    >>> walk = walk_of(frame, path="who", at="at", step="page")
    >>> segments = step_segments(walk, ["x"])
    >>> in_segment(walk, segments, "x").path.tolist(), rest_of(walk, segments, "x").path.tolist()
    ([0], [1])
    """
    check_level(segments, level)
    return keep(walk, np.isin(walk.path, members(segments, level)))


def rest_of(walk: Walk, segments: pl.DataFrame, level: str) -> Walk:
    """Return the walk with the paths that are not in a level, whatever else they are in."""
    check_level(segments, level)
    return keep(walk, ~np.isin(walk.path, members(segments, level)))


def members(segments: pl.DataFrame, level: str) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Return the numbers of the paths in a level."""
    return segments.filter(pl.col("segment") == level)["path"].to_numpy()


def check_level(segments: pl.DataFrame, level: str) -> None:
    """Raise an error for a level that no path is in."""
    levels = segments["segment"].unique().sort().to_list()
    fault = Fault("segment", f"nobody is in {level!r}", step=nearest(level, levels))
    raise_if_any(ParameterError, "the comparison", [] if level in levels else [fault])


def segment_sizes(segments: pl.DataFrame) -> pl.DataFrame:
    """Return each level with its paths `n`, the share of all `of` paths, and `also`: how many are in another level too.

    Where `also` is not 0 the sizes add up to more than the paths, and so do the shares to more than 1.

    >>> rows = pl.DataFrame({"path": [0, 0, 1], "segment": ["new", "returning", "new"]})
    >>> segment_sizes(rows).select("segment", "n", "of", "share", "also").rows()
    [('new', 2, 2, 1.0, 1), ('returning', 1, 2, 0.5, 1)]
    """
    several = segments.with_columns(several=pl.col("segment").n_unique().over("path") > 1)
    counts = several.group_by("segment").agg(n=pl.col("path").n_unique(), also=pl.col("several").sum())
    sized = counts.select(
        "segment",
        pl.col("n").cast(pl.Int64),
        pl.lit(segments["path"].n_unique(), pl.Int64).alias("of"),
        pl.col("also").cast(pl.Int64),
    )
    share, low, high = wilson(pl.col("n"), pl.col("of"))
    return sized.with_columns(share.alias("share"), low, high).sort("segment")


def equal_exposure(walk: Walk, *, length: int, until: int) -> Walk:
    """Return the walk cut so that every path was watched equally long: `length` microseconds from its first event.

    Paths that began too late to be watched that long before `until` (microseconds, not included) are left out: they
    would look as if they had stopped. The far edge of the window is in.

    >>> from cjtools.journeys.walks import walk_of
    >>> frame = pl.DataFrame({"who": [1, 1, 2], "at": [1, 9, 8], "page": ["x", "y", "x"]})
    >>> equal_exposure(walk_of(frame, path="who", at="at", step="page"), length=4, until=10).at.tolist()
    [1]
    """
    first = np.repeat(walk.at[starts(walk)], ends(walk) - starts(walk))
    return keep(walk, (walk.at - first <= length) & (first + length < until))
