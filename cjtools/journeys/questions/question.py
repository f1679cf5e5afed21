"""What can be asked of ordered events: a count of each bucket that adds up, and what is made of the sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import polars as pl

from cjtools.journeys.ordered import Ordered

Frames: TypeAlias = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Question:
    """One question: its partials are small tables of whole numbers by names, which add up over any buckets.

    - partial: the tables of one bucket
    - keys: the columns by which the rows of each table are told apart; all others are added
    - finish: the results, from the sums; the order of the rows of a sum says nothing
    - apart: the first keys of its one table, where its results may be made part by part and put one after the other:
      each part has all rows of some values of these keys, and the parts follow the order of the keys
    """

    name: str
    partial: Callable[[Ordered], Frames]
    keys: Mapping[str, Sequence[str]]
    finish: Callable[[Frames], Frames]
    apart: Sequence[str] = ()
