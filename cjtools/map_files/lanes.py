"""The map as a folder of CSV files, one a lane, in the order in which the page prints them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from cjtools.journey_map import JourneyMap
from cjtools.map_files.declared import PARTS
from cjtools.spreadsheet import as_csv

# Tables in print order; statements are split by lane in their place. What is declared and not named here comes after.
ORDER = (
    *("stages", "personas", "objectives", "touchpoints", "statements", "experience", "quotes", "behaviour", "drop_off"),
    *("patterns", "totals", "surveys", "sentiment", "verdicts", "opportunities", "coverage", "questions"),
)
STATED = "statements"
# How spreadsheets know UTF-8.
MARK = "\ufeff"


def lane_files(journey: JourneyMap) -> dict[str, str]:
    """Return the text of each file by its name: 01-stages.csv, … A lane without rows is a file with its head only.

    Lists are joined, and no cell begins as a formula (spreadsheet.as_csv). The items of evidence stay behind: they
    hold what every person said, quoted or not.
    """
    lanes = list(lanes_of(journey))
    return {f"{place:02d}-{name}.csv": MARK + as_csv(frame) for place, (name, frame) in enumerate(lanes, start=1)}


def lanes_of(journey: JourneyMap) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield each lane and its rows."""
    known = [name for name in PARTS[JourneyMap] if name not in ("evidence", "sources")]
    for name in (*ORDER, *(name for name in known if name not in ORDER), "sources"):
        frame: pl.DataFrame = getattr(journey, name)
        if name == STATED:
            for lane in frame["lane"].unique(maintain_order=True).sort():
                yield str(lane), frame.filter(lane=lane)
        else:
            yield name, frame
    if journey.claims is not None:
        yield "claims", journey.claims.claims
