"""What became of stages, touchpoints, verdicts, claims, opportunities and objectives from one map to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from cjtools.claims.references import Piece
from cjtools.comparing.differences import share_difference
from cjtools.comparing.pairs import Both, Row, by
from cjtools.comparing.tables import WaveChange
from cjtools.tables import shape_of

if TYPE_CHECKING:
    from cjtools.claims import Claims
    from cjtools.journey_map import JourneyMap

JOINED = "; "
# The figure that an objective's metric is, beside the surveys.
FIGURE_OF = {
    "experience": "experience.stage.{}",
    "net_sentiment": "sentiment.stage.{}",
    "stage_conversion": "conversion.stage.{}",
}


def compare_rest(both: Both, figures: pl.DataFrame) -> pl.DataFrame:
    """Return what became of everything that is no figure; `figures` as WaveFigure. Rows as WaveChange."""
    parts = (stages(both), touchpoints(both), verdicts(both), claims(both), opportunities(both))
    rows = [row for part in parts for row in part] + list(objectives(both, figures))
    placed = [{**row, "position": place} for place, row in enumerate(rows)]
    return WaveChange.validate(pl.DataFrame(placed, schema=shape_of(WaveChange)), cast=True)


def states(
    kind: str, before: Mapping[str, Row], now: Mapping[str, Row], *, state: str, label: str = "label"
) -> Iterator[dict[str, Any]]:
    """Yield one row a thing of either wave, by what its column `state` says in each; those of now first."""
    for name in dict.fromkeys([*now, *before]):
        old, new = before.get(name), now.get(name)
        told = new or old
        assert told is not None
        was, is_now = (None if row is None else str(row[state]) for row in (old, new))
        yield {
            "kind": kind,
            "name": name,
            "label": told[label],
            "stage": told["stage"],
            "before": was,
            "now": is_now,
            "change": became(was, is_now),
        }


def became(before: str | None, now: str | None) -> str:
    """Return what became of a state that may be missing in either wave.

    >>> became(None, "a"), became("a", None), became("a", "a"), became("a", "b")
    ('new', 'removed', 'kept', 'changed')
    """
    if before is None:
        return "new"
    return "removed" if now is None else "kept" if before == now else "changed"


def stages(both: Both) -> Iterator[dict[str, Any]]:
    """Yield the stages by their bands."""
    before, now = (by(journey.stages, "stage") for journey in (both.before, both.now))
    return states("stage", before, now, state="band")


def touchpoints(both: Both) -> Iterator[dict[str, Any]]:
    """Yield the touchpoints by the stages that they belong to."""
    before, now = (by(placed_at(journey), "touchpoint") for journey in (both.before, both.now))
    return states("touchpoint", before, now, state="stages")


def placed_at(journey: JourneyMap) -> pl.DataFrame:
    """Return each touchpoint once, with its stages in one text."""
    return (
        journey.touchpoints.sort("position", "main", "stage", descending=[False, True, False])
        .group_by("touchpoint", maintain_order=True)
        .agg(pl.col("label", "stage").first(), stages=pl.col("stage").str.join(JOINED))
    )


def verdicts(both: Both) -> Iterator[dict[str, Any]]:
    """Yield the verdicts of touchpoints; apart where the rules that gave them are not the same."""
    before, now = (by(journey.verdicts.sort("position"), "touchpoint") for journey in (both.before, both.now))
    same = rules_of(both.before) == rules_of(both.now)
    for row in states("verdict", before, now, state="verdict"):
        apart = not same and row["change"] in ("kept", "changed")
        yield {**row, "change": "apart", "reason": "definition"} if apart else row


def rules_of(journey: JourneyMap) -> object:
    """Return the hash of the rules that a client wrote for the cross-check, or nothing where the kit's own count."""
    inputs = journey.provenance.get("inputs")
    files = {str(row["file"]): row["sha256"] for row in inputs} if isinstance(inputs, list) else {}
    return files.get("crosscheck.toml")


def claims(both: Both) -> Iterator[dict[str, Any]]:
    """Yield the claims by how sure they are and how many of those asked say them; of equal wording only."""
    if both.before.claims is None or both.now.claims is None:
        return
    before, now = (by(each.claims, "claim_id") for each in (both.before.claims, both.now.claims))
    for name in dict.fromkeys([*now, *before]):
        yield claim(both, name, before.get(name), now.get(name))


def claim(both: Both, name: str, old: Row | None, new: Row | None) -> dict[str, Any]:
    """Return one claim."""
    told = new or old
    assert told is not None
    row = {
        "kind": "claim",
        "name": name,
        "label": told["statement"],
        "stage": told["stage"],
        "before": old and old["tier"],
        "now": new and new["tier"],
        "unit": "share",
        **said("before", old),
        **said("now", new),
    }
    reason = claim_apart(both, name, old, new)
    if reason:
        return {**row, "change": "apart", "reason": reason}
    backed = [bool(each) and bool(each["people"] or each["supports"]) for each in (old, new) if each is not None]
    if old is None or new is None or (backed[0] != backed[1]):
        came = old is None or (new is not None and backed[-1])
        return {**row, "change": "new" if came else "removed"}
    if not old["asked"] or not new["asked"]:
        return {**row, "change": became(old["tier"], new["tier"])}
    gap = share_difference((old["people"], old["asked"]), (new["people"], new["asked"]))
    change = "changed" if gap.clear else became(old["tier"], new["tier"])
    return {**row, "change": change, "difference": gap.value, "low": gap.low, "high": gap.high}


def said(wave: str, row: Row | None) -> dict[str, Any]:
    """Return how many of those asked say a claim in one wave."""
    if row is None or row["people"] is None or not row["asked"]:
        return {}
    share = round(row["people"] / row["asked"], 9)
    return {f"{wave}_value": share, f"{wave}_n": row["people"], f"{wave}_of": row["asked"]}


def claim_apart(both: Both, name: str, old: Row | None, new: Row | None) -> str | None:
    """Return why a claim may not be held against itself: other words, too few people, no links."""
    if both.before.claims is None or both.now.claims is None:
        return None
    if old is None or new is None:
        # Outsiders do not see a claim of a few people: that is no claim that came or went.
        outside = both.now.header.audience != "team"
        return "too_few" if outside else None
    if wording(both.before.claims, name) != wording(both.now.claims, name):
        return "wording"
    if old["people"] is None or new["people"] is None:
        return "too_few"
    return "unlinked" if name in both.before.claims.unlinked and new["supports"] else None


def wording(found: Claims, name: str) -> tuple[str, ...]:
    """Return the words of a statement without its numbers, which are each wave's own."""
    pieces: tuple[Piece, ...] = found.statements.get(name, ())
    return tuple(piece.text if piece.kind == "text" else piece.target for piece in pieces)


def opportunities(both: Both) -> Iterator[dict[str, Any]]:
    """Yield the opportunities by their rank; apart where one is scored by a survey and the other by the evidence."""
    before, now = (ranked(journey) for journey in (both.before, both.now))
    for row in states("opportunity", before, now, state="at"):
        old, new = before.get(row["name"]), now.get(row["name"])
        reason = "definition" if old is not None and new is not None and old["basis"] != new["basis"] else None
        if (old is None or new is None) and both.now.header.audience != "team":
            # Outsiders do not see an opportunity of a few people: that is none that came or went.
            reason = "too_few" if (old or new or {"people": 0})["people"] else None
        yield {**row, "change": "apart", "reason": reason} if reason else row


def ranked(journey: JourneyMap) -> dict[str, Row]:
    """Return the opportunities by their id, else by stage and touchpoint; the first of each place."""
    found: dict[str, Row] = {}
    for row in journey.opportunities.sort("rank").to_dicts():
        name = row["opportunity"] or f"{row['stage']}.{row['touchpoint'] or ''}"
        found.setdefault(name, {**row, "label": row["title"] or row["label"], "at": str(row["rank"])})
    return found


def objectives(both: Both, figures: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the objectives by what became of their metric; apart where it is not to be compared."""
    pairs = by(figures, "metric")
    before, now = ({goal(row): row for row in journey.objectives.to_dicts()} for journey in (both.before, both.now))
    for row in states("objective", before, now, state="metric", label="statement"):
        stage, metric = row["name"].split(".", 1)
        question = f"survey.all.{asked_for(both, metric)}"
        figure = pairs.get(FIGURE_OF.get(metric, question).format(stage))
        kept = {key: row[key] for key in ("kind", "name", "label", "stage")}
        yield kept | ({"change": row["change"]} if row["change"] in ("new", "removed") else moved(figure))


def goal(row: Row) -> str:
    """Return what an objective is known by: its stage and its metric."""
    return f"{row['stage']}.{row['metric']}"


def asked_for(both: Both, metric: str) -> str:
    """Return the question that an objective's metric is: of that instrument, else of that id."""
    found = (row for journey in (both.now, both.before) for row in journey.surveys.to_dicts())
    fits = (row for row in found if row["instrument"] == metric or row["question_id"].endswith(f".{metric}"))
    return next((str(row["question_id"]) for row in fits), "")


def moved(figure: Row | None) -> dict[str, Any]:
    """Return what became of the metric of an objective that both waves have."""
    if figure is None:
        return {"change": "apart", "reason": "missing_now"}
    values = {"unit": figure["unit"], "before_value": figure["before"], "before_n": figure["before_n"],
              "now_value": figure["now"], "now_n": figure["now_n"]}  # fmt: skip
    if not figure["comparable"]:
        return {**values, "change": "apart", "reason": figure["reason"]}
    clear = not figure["low"] <= 0 <= figure["high"]
    gap = {name: figure[name] for name in ("difference", "low", "high")}
    return {**values, **gap, "change": "changed" if clear else "kept"}
