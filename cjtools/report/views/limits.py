"""How far the map reaches: what its sources cannot say, counted, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from cjtools.inventory import say_flag
from cjtools.journey_map import JourneyMap
from cjtools.map_tables import ALL
from cjtools.report.views.shown import Row, rows, word
from cjtools.words import Words

# Flags of an export that make its figures smaller than what happened.
CUT = ("sampled", "thresholded", "other_row", "truncated", "filtered")


def limits(journey: object) -> list[str]:
    """Return what limits a map; nothing of what is no map."""
    if not isinstance(journey, JourneyMap):
        return []
    words = journey.words
    said = [
        *heard(journey),
        *uncovered(journey),
        *left_out(words, rows(journey.sources)),
        *cut_short(words, rows(journey.sources)),
        *withheld(journey),
        *retold(journey),
    ]
    return said or [words["no_evidence_at_all"]]


def heard(journey: JourneyMap) -> list[str]:
    """Return how many were interviewed: they show what there is, not how often."""
    spoke = journey.evidence.filter(family="interview")["person"].n_unique()
    return [journey.words("limit_heard", people=journey.words.count("participants", spoke))] if spoke else []


def uncovered(journey: JourneyMap) -> list[str]:
    """Return how many places of the map have no evidence, and which families have no source at all."""
    words = journey.words
    cells = rows(journey.coverage)
    open_cells = [row for row in cells if row["state"] != "evidence"]
    families = {row["family"] for row in cells} - {row["family"] for row in cells if row["state"] != "no_source"}
    if not open_cells:
        return []
    said = [words("limit_coverage", n=words.number(len(open_cells)), all=words.number(len(cells)))]
    named = ", ".join(word(words, "family", family) for family in sorted(families))
    return [*said, words("limit_families", families=named)] if named else said


def left_out(words: Words, found: Sequence[Row]) -> list[str]:
    """Return how many rows were rejected, of all that were read."""
    rejected, read = (sum(row[key] for row in found) for key in ("rows_rejected", "rows_in"))
    return [words("limit_rejected", n=words.number(rejected), all=words.number(read))] if rejected else []


def cut_short(words: Words, found: Sequence[Row]) -> list[str]:
    """Return which files tell less than what happened, and why."""
    cut = [
        (row["source_file"], [say_flag(flag, words=words) for flag in row["flags"] if flag.partition(":")[0] in CUT])
        for row in found
    ]
    return [words("limit_cut", file=file, flags=", ".join(flags)) for file, flags in cut if flags]


def withheld(journey: JourneyMap) -> list[str]:
    """Return how many scores are of too few people to be shown."""
    words = journey.words
    few = [row for row in rows(journey.experience) if row["n"] and not row["shown"] and row["persona"] == ALL]
    minimum = words.number(journey.header.minimum_group)
    return [words("limit_withheld", n=words.number(len(few)), minimum=minimum)] if few else []


def retold(journey: JourneyMap) -> list[str]:
    """Return how many of the texts are notes of what was said, not the words themselves."""
    words, notes = journey.words, journey.quotes.filter(~journey.quotes["verbatim"]).height
    return (
        [words("limit_notes", n=words.number(notes), all=words.count("texts", journey.quotes.height))] if notes else []
    )
