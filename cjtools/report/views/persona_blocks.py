"""Personas side by side, the segments that behaviour suggests, and the first screen of the notebook on personas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from cjtools.journey_map import JourneyMap
from cjtools.report.view import View
from cjtools.report.views.journey_table import Block, entry
from cjtools.report.views.journey_words import NONE, share_cell, text_cell
from cjtools.report.views.persona_facts import say
from cjtools.report.views.shown import Row, by_key, heading, rows, score_range, share_range, word
from cjtools.words import Words

if TYPE_CHECKING:
    from cjtools.personas.segments.suggest import Segments

# Rules that ask what was bought: everything else of such a persona is of buyers only.
OF_BUYERS = {"buys", "collects"}


def beside(journey: JourneyMap) -> Block:
    """Return the figures of the personas side by side, each with its difference from all others."""
    words = journey.words
    shown, small = drawn(journey)
    by_figure: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows(journey.people.figures):
        by_figure.setdefault((row["measure"], row["name"]), {})[row["persona"]] = row
    entries = [
        entry(label(journey, *key), [cell(words, found.get(name)) for name in shown])
        for key, found in by_figure.items()
        if any(row["value"] is not None for name, row in found.items() if name in shown)
    ]
    names = {row["persona"]: row["name"] for row in rows(journey.personas)}
    return block(
        words, "beside", [say(words, "figure"), *(names[name] for name in shown)], entries if shown else [],
        [*small, *bought_only(journey, shown)],
    )  # fmt: skip


def block(words: Words, key: str, columns: list[str], entries: list[dict[str, Any]], notes: list[str]) -> Block:
    """Return a table with its title and what its figures mean."""
    return {
        "key": key,
        "title": say(words, f"{key}_title"),
        "definition": "",
        "what": say(words, f"{key}_what"),
        "columns": columns,
        "entries": entries,
        "notes": notes,
        "cautions": [],
    }


def drawn(journey: JourneyMap) -> tuple[list[str], list[str]]:
    """Return the personas with any figure of at least the minimum group, and a note on those with none."""
    words, minimum = journey.words, journey.header.minimum_group
    known = set(journey.people.figures.filter(pl.col("value").is_not_null())["persona"].unique().sort())
    names = [(row["persona"], row["name"]) for row in rows(journey.personas)]
    few = ", ".join(name for persona, name in names if persona not in known)
    note = [say(words, "not_drawn", personas=few, minimum=words.number(minimum))] if few else []
    return [persona for persona, _ in names if persona in known], note


def bought_only(journey: JourneyMap, shown: list[str]) -> list[str]:
    """Return the note that the rule of some personas makes them buyers, or nothing."""
    names = [
        row["name"]
        for row in rows(journey.people.shares)
        if row["persona"] in shown and OF_BUYERS & set(row["rule"]) and row["value"] is not None
    ]
    return [say(journey.words, "buyers_only", personas=", ".join(names))] if names else []


def label(journey: JourneyMap, measure: str, name: str) -> str:
    """Return what a figure is called."""
    words = journey.words
    if measure == "pattern":
        return word(words, "pattern", name)
    stages = {row["stage"]: heading(row["label"]) for row in rows(journey.stages)}
    return say(words, f"measure_{measure}", stage=stages.get(name, name))


def cell(words: Words, row: Row | None) -> dict[str, Any]:
    """Return one figure of a persona: value, interval, n, and the difference from all others."""
    if row is None or row["value"] is None:
        return text_cell(NONE, "" if row is None or not row["of"] else n_of(words, row))
    score = row["measure"] == "experience"
    shown = text_cell(words.signed(row["value"])) if score else share_cell(words, row)
    between = score_range(words, row["low"], row["high"]) if score else share_range(words, row["low"], row["high"])
    return shown | {"note": " · ".join(part for part in (between, n_of(words, row), gap(words, row)) if part)}


def n_of(words: Words, row: Row) -> str:
    """Return of how many a figure is."""
    if row["measure"] == "experience":
        return f"n = {words.number(row['n'])}"
    return words("of_number", part=words.number(row["n"]), all=words.number(row["of"]))


def gap(words: Words, row: Row) -> str:
    """Return the difference from all others with its interval; of shares in points."""
    if row["difference"] is None:
        return ""
    size, digits = (1, 1) if row["measure"] == "experience" else (100, 0)
    value, low, high = (
        words.signed(size * row[name], digits=digits) for name in ("difference", "difference_low", "difference_high")
    )
    return say(words, "difference", value=value, low=low, high=high)


def segments(journey: JourneyMap, found: Segments) -> View:
    """Return the segments that behaviour suggests, with how well each number of groups comes back."""
    words = journey.words
    facts = by_key(rows(found.facts), "segment")
    groups = [
        {
            "name": say(words, "segment", name=row["segment"]),
            "share": seen_share(words, row),
            "facts": [fact(journey, each) for each in facts.get(row["segment"], [])],
        }
        for row in rows(found.segments)
    ]
    data = {
        "language": words.language,
        "title": say(words, "segments_title"),
        "lead": say(words, "segments_lead"),
        "basis": say(words, "segments_basis", profiles=words.count("profiles", found.profiles),
                     features=words.number(len(found.features)), seed=found.seed),
        "verdict": say(words, outcome(found)),
        "groups": groups,
        "block": stability(words, found),
    }  # fmt: skip
    return View("segments", data)


def outcome(found: Segments) -> str:
    """Return the word of what came of the search."""
    if found.found:
        return "found"
    return "too_few_profiles" if found.counts.is_empty() else "none_found"


def seen_share(words: Words, row: Row) -> str:
    """Return n of all, with share and interval where there are enough."""
    count = words("of_number", part=words.number(row["n"]), all=words.number(row["of"]))
    if row["value"] is None:
        return count
    return f"{words.percent(row['value'])} [{share_range(words, row['low'], row['high'])}] · {count}"


def fact(journey: JourneyMap, row: Row) -> dict[str, str]:
    """Return one thing that sets a segment apart."""
    words = journey.words
    points = [words.signed(100 * row[name], digits=0) for name in
              ("difference", "difference_low", "difference_high")]  # fmt: skip
    return {
        "mark": "▲" if row["more"] else "▼",
        "label": feature(journey, row["feature"]),
        "detail": f"{seen_share(words, row)} · {say(words, 'others', share=words.percent(row['rest']))} · "
        + say(words, "difference", value=points[0], low=points[1], high=points[2]),
    }


def feature(journey: JourneyMap, name: str) -> str:
    """Return a feature in the words of the kit."""
    kind, _, what = name.partition(".")
    stages = {row["stage"]: heading(row["label"]) for row in rows(journey.stages)}
    known = stages.get(what, what) if kind == "stage" else what
    return say(journey.words, f"feature_{kind}", what=known)


def stability(words: Words, found: Segments) -> Block:
    """Return how well each number of groups comes back, beside data without structure."""
    entries = [
        entry(
            words.number(row["groups"]),
            [text_cell(words.number(row[name], digits=2)) for name in ("stability", "null_mean", "null_most")],
            note=say(words, "chosen") if row["chosen"] else "",
            strong=row["chosen"],
        )
        for row in rows(found.counts)
    ]
    columns = [say(words, f"count_{name}") for name in ("groups", "stability", "null_mean", "null_most")]
    return block(words, "stability", columns, entries, [])


def travellers(journey: JourneyMap) -> View:
    """Return the first screen of the notebook on personas."""
    words, head, people = journey.words, journey.header, journey.people
    facts = [
        ("wave", f"{head.wave} · {words.period(head.period_from, head.period_to)}"),
        ("audience", heading(words[f"audience_{head.audience}"])),
    ]
    tiles = [(journey.personas.height, "personas", ""), (head_count(journey), "participants", "")]
    share = words.percent(people.assigned / people.profiles) if people.profiles else ""
    tiles += [(people.profiles, "profiles", ""), (people.assigned, "assigned", share)]
    data = {
        "language": words.language,
        "title": say(words, "title"),
        "client": head.client_name,
        "page_title": f"{head.client_name} – {say(words, 'title')} – {head.wave}",
        "audience": head.audience,
        "facts": [{"term": words[f"header_{key}"], "text": text} for key, text in facts],
        "tiles": [{"label": say(words, f"tile_{key}"), "value": words.number(value), "detail": detail}
                  for value, key, detail in tiles],
    }  # fmt: skip
    return View("travellers", data)


def head_count(journey: JourneyMap) -> int:
    """Return the participants of any persona."""
    return int(journey.personas["participants"].sum())
