"""The sections on what was read: sources, periods, coverage, joins, and what was left out."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import polars as pl

from cjtools.evidence import FAMILY_OF_KIND
from cjtools.inventory import Inventory, say_reason
from cjtools.inventory.describe import say_family
from cjtools.report.view import View
from cjtools.report.views.shown import Row, by_key, heading, make_view, rows
from cjtools.spreadsheet import as_csv
from cjtools.words import Words

# A longer list of rows is beside the page, not in it.
LARGEST_DOWNLOAD = 200_000
LEFT_OUT_FILE = "rows_left_out.csv"
SHOWN_MISSING = 2


def inventory(made: Inventory) -> View:
    """Return the first screen: who it is of, how much was read, and what to look at first."""
    words, wave = made.words, made.wave
    facts = [
        ("wave", f"{wave.name} · {words.period(wave.from_, wave.to)}"),
        ("audience", heading(words[f"audience_{made.audience}"])),
    ]
    line = words(
        "inventory_line",
        files=words.count("files", made.sources.height),
        sources=words.count("sources", made.periods.height),
        rows=words.count("rows", int(made.sources["rows_in"].sum())),
    )
    return make_view(
        "inventory",
        words,
        client=made.client_name,
        page_title=f"{made.client_name} – {words['section_inventory']} – {wave.name}",
        audience=made.audience,
        facts=[{"term": words[f"header_{key}"], "text": text} for key, text in facts],
        line=line,
        tiles=[used_tile(made), left_out_tile(made), gap_tile(made), missing_tile(made), *join_tile(made)],
    )


def used_tile(made: Inventory) -> dict[str, str]:
    """Return how many rows are used."""
    words, (used, read) = made.words, (int(made.sources[key].sum()) for key in ("rows_used", "rows_in"))
    return {"label": words["tile_rows_used"], "value": words.number(used), "detail": of(words, used, read)}


def left_out_tile(made: Inventory) -> dict[str, str]:
    """Return how many rows are not used, and for how many reasons."""
    words = made.words
    counts = {fate: int(made.left_out.filter(pl.col("fate") == fate)["rows"].sum()) for fate in ("rejected", "merged")}
    detail = " · ".join(f"{words.number(count)} {words[f'fate_{fate}']}" for fate, count in counts.items())
    return {"label": words["tile_left_out"], "value": words.number(sum(counts.values())), "detail": detail}


def gap_tile(made: Inventory) -> dict[str, str]:
    """Return the longest run of days without rows in a source that has some on most days."""
    words = made.words
    gaps = made.periods.filter(pl.col("longest_days") > 0).sort("longest_days", "position", descending=[True, False])
    if gaps.is_empty():
        return {"label": words["tile_longest"], "value": "–", "detail": words["calendar_no_gap"]}
    row = gaps.row(0, named=True)
    detail = f"{row['source_id']}, {words.period(row['longest_from'], row['longest_to'])}"
    return {"label": words["tile_longest"], "value": words.count("days", row["longest_days"]), "detail": detail}


def missing_tile(made: Inventory) -> dict[str, str]:
    """Return how many kinds of evidence there are none of, online or offline."""
    words = made.words
    asked = made.coverage.filter((pl.col("environment") != "untied") & (pl.col("side") != "other"))
    missing = asked.filter(pl.col("state") == "missing")
    names = [
        f"{words[kind_of(row)]} ({words['environment_' + row['environment']]})"
        for row in rows(missing.head(SHOWN_MISSING))
    ]
    value = of_number(words, missing.height, asked.height)
    return {"label": words["tile_missing"], "value": value, "detail": "; ".join(names)}


def join_tile(made: Inventory) -> list[dict[str, str]]:
    """Return the share of orders that belong to somebody, when there are orders."""
    words = made.words
    found = made.matches.filter((pl.col("match") == "orders_with_profile") & (pl.col("scope") == "all"))
    if found.is_empty():
        return []
    row = found.row(0, named=True)
    detail = of_number(words, row["numerator"], row["denominator"])
    return [{"label": words["match_orders_with_profile"], "value": share(words, row["share"]), "detail": detail}]


def share(words: Words, value: float) -> str:
    """Return a share; with a decimal where whole per cents would say none or all."""
    return words.percent(value, digits=1 if 0 < value < 0.1 or 0.99 < value < 1 else 0)


def of_number(words: Words, part: int, whole: int) -> str:
    """Return "963 of 1,127"."""
    return words("of_number", part=words.number(part), all=words.number(whole))


def of(words: Words, part: int, whole: int) -> str:
    """Return "99.8% of 1,127", or nothing when there is nothing."""
    return words("of_number", part=share(words, part / whole), all=words.number(whole)) if whole else "–"


def source_periods(made: Inventory) -> View:
    """Return the period of each source: first and last day, days with rows, gaps."""
    return make_view("source_periods", made.words, entries=[period(made.words, row) for row in rows(made.periods)])


def period(words: Words, row: Row) -> dict[str, Any]:
    """Return one source."""
    gap = words.period(row["longest_from"], row["longest_to"]) if row["longest_days"] else ""
    return {
        "source": row["source_id"],
        "family": say_family(row["family"], words=words),
        "rhythm": words[f"rhythm_{row['rhythm']}"],
        "period": words.period(row["first"], row["last"]) if row["first"] else "–",
        "days": of_number(words, row["days_with"], row["days"]) if row["days_with"] else "–",
        "rows": words.number(row["rows"]),
        "in_wave": "–" if row["in_wave"] is None else words.number(row["in_wave"]),
        "undated": words.number(row["undated"]),
        "gaps": words.number(row["gaps"]),
        "longest": f"{words.count('days', row['longest_days'])}, {gap}" if gap else "",
        "tone": "warn" if row["gaps"] else "",
    }


def source_coverage(made: Inventory) -> View:
    """Return what there is of each kind of evidence, online and offline, and of each family; what is missing too."""
    words = made.words
    kinds = by_key([{**row, "kind": kind_of(row)} for row in rows(made.coverage)], "kind")
    return make_view(
        "source_coverage",
        words,
        environments=[heading(words[f"environment_{name}"]) for name in ("online", "offline", "untied")],
        kinds=[
            {"label": words[kind], "hint": words[f"{kind}_hint"], "cells": [cell(words, row) for row in found]}
            for kind, found in kinds.items()
        ],
        families=[family(words, row) for row in rows(made.families)] if made.sources.height else [],
    )


def kind_of(row: Row) -> str:
    """Return the word of a kind of evidence: its basis and its side."""
    return f"cov_{row['basis']}_{row['side']}"


def cell(words: Words, row: Row) -> dict[str, Any]:
    """Return how much there is of one kind of evidence in one environment."""
    people = row["people"] or 0
    of_whom = words.count("people" if row["basis"] == "reported" else "profiles", people) if people else ""
    missing = row["state"] == "missing"
    return {
        "state": "untied" if missing and row["environment"] == "untied" else row["state"],
        "value": words.number(row["items"]),
        "people": of_whom,
        "families": ", ".join(say_family(name, words=words) for name in row["families"]),
    }


def family(words: Words, row: Row) -> dict[str, Any]:
    """Return how much there is of one family of sources."""
    name = f"group_{row['family']}"
    return {
        "label": words[name] if words.has("words", name) else heading(say_family(row["family"], words=words)),
        "basis": words[f"basis_{row['basis']}"],
        "state": row["state"],
        "files": words.count("files", row["files"]),
        "rows": words.number(row["rows"]),
        "period": words.period(row["first"], row["last"]) if row["first"] else "–",
    }


def match_rates(made: Inventory) -> View:
    """Return every join as a card: its share, what it is a share of, what it means, and its parts."""
    words = made.words
    groups = by_key(rows(made.matches), "match")
    return make_view("match_rates", words, entries=[match(words, key, found) for key, found in groups.items()])


def match(words: Words, key: str, found: list[Row]) -> dict[str, Any]:
    """Return one join; of one without a sum its parts are all there is."""
    whole = [row for row in found if row["scope"] == "all"]
    parts = [row for row in found if row["scope"] != "all"]
    if not whole and len(parts) == 1:
        whole, parts = parts, []
    return {
        "key": key,
        "label": words[f"match_{key}"],
        "note": words[f"match_note_{key}"],
        "whole": [rate(words, row) for row in whole],
        "parts": [rate(words, row) for row in parts],
    }


def rate(words: Words, row: Row) -> dict[str, Any]:
    """Return one share with what it is a share of."""
    return {
        "scope": say_scope(words, row["scope"]),
        "share": share(words, row["share"]),
        "at": round(100 * row["share"], 2),
        "of": of_number(words, row["numerator"], row["denominator"]),
    }


def say_scope(words: Words, scope: str) -> str:
    """Return of which of them a share is: an environment, a family of texts, or a source by its id."""
    if scope in ("online", "offline"):
        return words[f"environment_{scope}"]
    return say_family(FAMILY_OF_KIND[scope], words=words) if scope in FAMILY_OF_KIND else scope


def left_out(made: Inventory) -> View:
    """Return the rows that are not used by file and reason, and the whole list to download."""
    words, count = made.words, made.rows_left_out.height
    csv = as_csv(made.rows_left_out) if count else ""
    fits = 0 < len(csv) <= LARGEST_DOWNLOAD
    return make_view(
        "left_out",
        words,
        entries=[group(words, row) for row in rows(made.left_out)],
        count=words.count("rows", count),
        file=LEFT_OUT_FILE,
        # The mark at the beginning is how spreadsheets know UTF-8.
        download="data:text/csv;charset=utf-8," + quote(f"\ufeff{csv}") if fits else "",
    )


def group(words: Words, row: Row) -> dict[str, Any]:
    """Return the rows of one file that are not used for one reason."""
    more = "…" if row["rows"] > len(row["examples"]) else ""
    return {
        "file": row["source_file"],
        "source": row["source_id"],
        "fate": words[f"fate_{row['fate']}"],
        "reason": say_reason(row["why"], words=words),
        "rows": words.number(row["rows"]),
        "share": words("left_out_share", share=share(words, row["rows"] / row["of_rows"])),
        "examples": ", ".join(str(number) for number in row["examples"]) + more,
    }
