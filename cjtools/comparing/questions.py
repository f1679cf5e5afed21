"""The figures of survey questions in two waves: of equal instrument, wording and scale only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cjtools.comparing.differences import Difference, mean_difference, net_difference, promoters, share_difference
from cjtools.comparing.pairs import NOTHING, Both, Row, Side, differ, pair
from cjtools.comparing.people import answers_to

if TYPE_CHECKING:
    from cjtools.journey_map import JourneyMap

SCORED = ("nps", "csat", "ces")


def surveys(both: Both) -> Iterator[dict[str, Any]]:
    """Yield the figures of survey questions; of equal instrument, wording and scale only."""
    for before, now in match_questions(both.before.surveys.to_dicts(), both.now.surveys.to_dicts()):
        rows = [before, now]
        told = now or before
        assert told is not None
        instrument = told["instrument"]
        sides = [scored(row, journey) for row, journey in zip(rows, (both.before, both.now), strict=True)]
        unit = {"nps": "net", "csat": "share"}.get(instrument, "scale")
        yield pair(
            both, "survey", "all", told["question_id"], sides, unit=unit, main=instrument in SCORED,
            reason=asked_apart(rows), scale=(told["scale_min"], told["scale_max"]), label=question_label(both, told),
            difference=partial(of_answers, both, rows),
        )  # fmt: skip


def scored(row: Row | None, journey: JourneyMap) -> Side:
    """Return the figure of a question; nothing where the map does not hold the answers that it was made from."""
    if row is None or len(answers_to(journey, row["question_id"])) != row["n"]:
        return NOTHING
    return Side(row["value"], row["low"], row["high"], row["n"])


def match_questions(before: Sequence[Row], now: Sequence[Row]) -> list[tuple[Row | None, Row | None]]:
    """Return the questions of two waves in pairs: by id, by id in another source, else by instrument.

    What is left on either side stands alone.
    """
    gone, left = {row["question_id"]: row for row in before}, {row["question_id"]: row for row in now}
    partners: dict[str, Row] = {}
    for same in (whole_id, own_id, instrument_of):
        for name, row in list(left.items()):
            fits = [other for other, earlier in gone.items() if same(earlier) == same(row)]
            if len(fits) == 1 and sum(same(other) == same(row) for other in left.values()) == 1:
                partners[name] = gone.pop(fits[0])
                del left[name]
    both = [(partners.get(row["question_id"]), row) for row in now]
    return [*both, *((row, None) for row in gone.values())]


def whole_id(row: Row) -> str:
    """Return the id of a question with its source."""
    return str(row["question_id"])


def own_id(row: Row) -> str:
    """Return the id of a question within its source: another wave may have come in another file."""
    return str(row["question_id"]).partition(".")[2]


def instrument_of(row: Row) -> str:
    """Return the instrument of a question, or its id where it has none: two NPS questions are meant to be compared."""
    return str(row["instrument"] if row["instrument"] in SCORED else row["question_id"])


def asked_apart(rows: Sequence[Row | None]) -> str | None:
    """Return why two questions may not be compared: another instrument, wording or scale."""
    there = [row for row in rows if row is not None]
    if differ(rows, "instrument"):
        return "definition"
    if len({" ".join(row["wording"].split()) for row in there}) > 1:
        return "wording"
    return "scale" if differ(rows, "scale_min") or differ(rows, "scale_max") else None


def question_label(both: Both, row: Row) -> str:
    """Return how a question is called: its instrument, or its wording."""
    instrument = row["instrument"]
    return both.words[f"instrument_{instrument}"] if instrument in SCORED else str(row["wording"])


def of_answers(both: Both, rows: Sequence[Row | None]) -> Difference:
    """Return the difference of a question's figures; the answers of two waves are samples of their own."""
    before, now = rows
    assert before is not None
    assert now is not None
    first, second = answers_to(both.before, before["question_id"]), answers_to(both.now, now["question_id"])
    if now["instrument"] == "nps":
        return net_difference(promoters(first), promoters(second))
    if now["instrument"] == "csat":
        best = now["scale_max"] - 1
        return share_difference(
            (sum(x >= best for x in first), len(first)), (sum(x >= best for x in second), len(second))
        )
    return mean_difference(apart(first, "before"), apart(second, "now"))


def apart(values: list[float], wave: str) -> dict[str, float]:
    """Return answers as those of different people."""
    return {f"{wave}.{place}": value for place, value in enumerate(values)}
