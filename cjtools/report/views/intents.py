"""What is meant and what is not known, stage by stage: moments of truth, actions, open questions, the blueprint."""

from __future__ import annotations

from collections.abc import Callable

from cjtools.map_tables import ALL
from cjtools.report.views.index import OPEN, Cell, Index, nothing
from cjtools.report.views.shown import Row, score, word


def moments(index: Index, stage: str) -> Cell:
    """Return the moments of truth of a stage with their scores, and whether it is the peak or the end of all.

    The peak is the stage whose score is farthest from 0 (the first of equals), the end the last with a score. The end
    also gives the mean of the two: the rule of peak and end (Kahneman et al. 1993).
    """
    words = index.words
    entries = [
        line(words["moment_truth"], row["label"], scored(index, "touchpoint", row["touchpoint"]))
        for row in index.at("touchpoints", stage)
        if row["moment_of_truth"]
    ]
    known = [
        (row["stage"], value) for row in index.stages if (value := value_of(index, "stage", row["stage"])) is not None
    ]
    if known:
        peak, end = max(known, key=lambda item: abs(item[1])), known[-1]
        entries += [line(words["moment_peak"], score(words, peak[1])["text"])] if peak[0] == stage else []
        if end[0] == stage:
            both = words("moment_peak_end", value=score(words, (peak[1] + end[1]) / 2)["text"])
            entries.append(line(words["moment_end"], score(words, end[1])["text"], both))
    return {"kind": "figures", "entries": entries, "more": []} if entries else nothing()


def value_of(index: Index, scope: str, name: str) -> float | None:
    """Return the score of everybody at a stage or touchpoint, where it may be shown."""
    row = index.experience.get((scope, name, ALL))
    return row["value"] if row is not None and row["shown"] else None


def scored(index: Index, scope: str, name: str) -> str:
    """Return a score as a text with its number of participants; nothing where there is none."""
    value = value_of(index, scope, name)
    if value is None:
        return index.words["no_value"]
    people = index.words.count("participants", index.experience[scope, name, ALL]["n"])
    return f"{score(index.words, value)['text']} · {people}"


def line(label: str, value: str, detail: str = "") -> dict[str, str]:
    """Return one line of a cell: what it is, its value, what is said of it."""
    return {"label": label, "value": value, "detail": detail, "definition": ""}


def actions(index: Index, stage: str) -> Cell:
    """Return what is done at a stage, by due date."""
    words = index.words
    entries = [
        line(
            row["content"],
            words.date(row["due"]),
            " · ".join(filter(None, [row["segment"], word(words, "work", row["status"])])),
        )
        for row in index.at("actions", stage)
    ]
    return {"kind": "figures", "entries": entries[:OPEN], "more": entries[OPEN:]} if entries else nothing()


def research(index: Index, stage: str) -> Cell:
    """Return what is to be found out at a stage, the most pressing first."""
    entries = [
        line(row["ask"], word(index.words, "priority", str(row["priority"])))
        for row in index.at("research_backlog", stage)
    ]
    return {"kind": "figures", "entries": entries[:OPEN], "more": entries[OPEN:]} if entries else nothing()


def blueprint(name: str) -> Callable[[Index, str], Cell]:
    """Return what fills the cells of a line of the service blueprint: what the client does at each touchpoint."""

    def fill(index: Index, stage: str) -> Cell:
        found: list[Row] = [row for row in index.at("touchpoints", stage) if row[name] and row["main"]]
        entries = [line(row["label"], "", row[name]) for row in sorted(found, key=lambda row: row["position"])]
        return {"kind": "figures", "entries": entries, "more": []} if entries else nothing()

    return fill
