"""Where the blocks and bands of a flow lie: paths counted from step to step and stacked, one order everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from cjtools.charts.frames import OTHERS

STEPS = 6  # of a way are drawn; a longer one says so
GAP = 0.035  # between two blocks, in shares of all paths
Route = tuple[tuple[str, ...], int]


@dataclass(frozen=True)
class Block:
    """The paths at one stage at one step, from `top` to `bottom` in shares of all paths."""

    place: int
    stage: str
    n: int
    top: float
    bottom: float


@dataclass(frozen=True)
class Band:
    """The paths that go from a block to one of the next step, `thick` in shares of all paths."""

    place: int
    source: str
    target: str
    n: int
    leaves: float
    arrives: float
    thick: float


@dataclass(frozen=True)
class Flow:
    """Blocks and bands in order, of how many paths, over how many steps, and whether longer ways were cut."""

    blocks: tuple[Block, ...] = ()
    bands: tuple[Band, ...] = ()
    of: int = 0
    steps: int = 0
    height: float = 0
    cut: bool = False

    def ended(self, block: Block) -> int:
        """Return how many paths of a block have no band to the next step."""
        return block.n - sum(band.n for band in self.bands if (band.place, band.source) == (block.place, block.stage))


def flow_of(routes: pl.DataFrame, *, steps: int = STEPS) -> Flow:
    """Return the flow of some ways (charts.frames.StageRoute); those that are not listed are one block at the end.

    >>> routes = pl.DataFrame({"route": [["a", "b"], ["a"]], "n": [3, 1], "of": [4, 4]})
    >>> flow = flow_of(routes)
    >>> [(block.place, block.stage, block.n) for block in flow.blocks], [band.n for band in flow.bands]
    ([(1, 'a', 4), (2, 'b', 3)], [3])
    """
    if routes.is_empty():
        return Flow()
    of, stages = int(routes["of"][0]), order_of(routes)
    ways: list[Route] = [(tuple(route[:steps]), n) for route, n in routes.select("route", "n").rows()]
    blocks = list(stack(ways, stages, of=of))
    return Flow(
        blocks=tuple(blocks),
        bands=tuple(link(ways, blocks, stages, of=of)),
        of=of,
        steps=max(block.place for block in blocks),
        height=max(block.bottom for block in blocks),
        cut=bool((routes["route"].list.len() > steps).any()),
    )


def order_of(routes: pl.DataFrame) -> list[str]:
    """Return the stages in the order in which the ways come to them, the unlisted ways last."""
    met = dict.fromkeys(stage for route in routes["route"].to_list() for stage in route)
    return sorted(met, key=lambda stage: stage == OTHERS)


def stack(ways: Sequence[Route], stages: Sequence[str], *, of: int) -> Iterator[Block]:
    """Yield the blocks, step by step, from the top."""
    counts: Counter[tuple[int, str]] = Counter()
    for route, n in ways:
        counts.update(dict.fromkeys(enumerate(route, start=1), n))
    for step in range(1, max(place for place, _ in counts) + 1):
        top = 0.0
        for stage in stages:
            n = counts[step, stage]
            if n:
                yield Block(step, stage, n, round(top, 6), round(top + n / of, 6))
                top += n / of + GAP


def link(ways: Sequence[Route], blocks: Sequence[Block], stages: Sequence[str], *, of: int) -> Iterator[Band]:
    """Yield the bands: from the top of a block by where they go, into the top of the next by where they come from."""
    counts: Counter[tuple[int, str, str]] = Counter()
    for route, n in ways:
        for place, pair in enumerate(pairwise(route), start=1):
            counts[(place, *pair)] += n
    rank = {stage: place for place, stage in enumerate(stages)}
    leaves = {(block.place, block.stage): block.top for block in blocks}
    arrives = dict(leaves)
    # Sorted by where they go within where they come from, both sides are filled from the top in one pass.
    for place, source, target in sorted(counts, key=lambda key: (key[0], rank[key[1]], rank[key[2]])):
        n = counts[place, source, target]
        start, end = leaves[place, source], arrives[place + 1, target]
        yield Band(place, source, target, n, round(start, 6), round(end, 6), round(n / of, 6))
        leaves[place, source] = start + n / of
        arrives[place + 1, target] = end + n / of
