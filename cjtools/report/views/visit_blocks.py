"""The blocks on visits and people: how visits go, who comes back, which channels get the credit."""

from __future__ import annotations

from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.report.views.journey_table import Block, block, entry
from cjtools.report.views.journey_words import NONE, channel, fraction, percent, say, text_cell
from cjtools.report.views.shown import Row, by_key, rows, share_range
from cjtools.words import Words


def visit_measures(journey: JourneyMap) -> Block:
    """Return entries, bounces, exits in both forms and odd clicks of each touchpoint, and the site's own."""
    words = journey.words
    names = ("entry", "bounce", "exit_session", "exit_view", "back_and_forth", "repeats", "wandering")
    found = by_key(rows(journey.journeys.visits), "touchpoint")
    entries = []
    for group in found.values():
        measures = {row["measure"]: row for row in group}
        note = words["touchpoint_terminal"] if group[0]["terminal"] else ""
        cells = [visit_cell(words, measures[name]) if name in measures else text_cell(NONE) for name in names]
        entries.append(entry(group[0]["label"], cells, note=note))
    if entries:
        first = {row["measure"]: row for row in next(iter(found.values()))}
        shares = [base_cell(words, first.get(name)) for name in names]
        entries.append(entry(say(words, "site"), shares, strong=True))
    columns = [say(words, "touchpoint"), *(say(words, name) for name in names)]
    notes = [f"{say(words, 'above')}. {words['def_odd_clicks']}"]
    return block(
        journey,
        "visit_measures",
        columns=columns,
        entries=entries,
        definition="visit_entry",
        about="visits",
        notes=notes,
    )


def visit_cell(words: Words, row: Row) -> dict[str, Any]:
    """Return one measure of a touchpoint: the share, of how many, and whether it lies above the site's."""
    if row["value"] is None:
        return text_cell(NONE)
    above = "▲ " if row["above"] else ""
    interval = share_range(words, row["low"], row["high"], digits=0 if row["value"] >= 0.1 else 1)
    return text_cell(f"{above}{percent(words, row['value'])}", f"{interval} · {fraction(words, row)}")


def base_cell(words: Words, row: Row | None) -> dict[str, Any]:
    """Return the site's own share of a measure."""
    if row is None or row["base"] is None:
        return text_cell(NONE)
    digits = 0 if row["base"] >= 0.1 else 1
    return text_cell(percent(words, row["base"]), share_range(words, row["base_low"], row["base_high"], digits=digits))


def lifecycle(journey: JourneyMap) -> Block:
    """Return people by state in each period."""
    words, tables = journey.words, journey.journeys
    entries = [
        entry(
            words.month(row["period"]) if row["every"] == "month" else words.date(row["period"]),
            [text_cell(words.number(row[name])) for name in ("new", "returning", "resurrecting", "dormant")],
        )
        for row in rows(tables.lifecycle)
    ]
    names = ("period", "new", "returning", "resurrecting", "dormant_period")
    stands = [
        f"{say(words, 'state_' + row['state'])}: {words.number(row['n'])}"
        + (f" ({percent(words, row['value'])})" if row["value"] is not None else "")
        for row in rows(tables.standing)
    ]
    notes = [f"{say(words, 'on_last_day')}: " + "; ".join(stands)] if stands else []
    columns = [say(words, name) for name in names]
    return block(journey, "lifecycle", columns=columns, entries=entries, definition="lifecycle", notes=notes)


def attribution(journey: JourneyMap) -> Block:
    """Return the share of purchases that each rule gives to each channel."""
    words = journey.words
    found = rows(journey.journeys.credits)
    models = list(dict.fromkeys(row["model"] for row in found))
    by_channel = {(row["model"], row["channel"]): row for row in found}
    names = list(dict.fromkeys(row["channel"] for row in found if row["model"] == "last"))
    first = {row["channel"]: row["conversions"] for row in found if row["model"] == "last"}
    ranked = sorted(names, key=lambda name: (name is None, -first[name], name or ""))
    entries = []
    for name in ranked:
        cells = [credit_cell(words, by_channel.get((model, name))) for model in models]
        chain = by_channel.get(("markov", name))
        effect = NONE if chain is None or chain["effect"] is None else percent(words, chain["effect"])
        entries.append(entry(channel(words, name), [*cells, text_cell(effect)]))
    columns = [say(words, "channel"), *(say(words, f"model_{model}") for model in models), say(words, "removal")]
    bought = journey.header.goal in ("purchase", "pos_purchase")
    key = "credit_of" if bought else "credit_goal"
    notes = [say(words, key, all=words.number(found[0]["of"]))] if found else []
    return block(
        journey,
        "attribution",
        columns=columns,
        entries=entries,
        definition="attribution",
        about="credits",
        notes=notes,
    )


def credit_cell(words: Words, row: Row | None) -> dict[str, Any]:
    """Return what a rule gives to a channel."""
    if row is None or row["value"] is None:
        return text_cell(NONE)
    interval = share_range(words, row["low"], row["high"], digits=0 if row["value"] >= 0.1 else 1)
    return text_cell(percent(words, row["value"]), f"{interval} · {words.number(row['conversions'], digits=1)}")
