"""The evidence behind the map, where it came from, and how it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cjtools.inventory import Inventory, say_flag
from cjtools.journey_map import JourneyMap
from cjtools.report.table_files import as_files, tables_of
from cjtools.report.view import View
from cjtools.report.views.limits import limits
from cjtools.report.views.machine import machine
from cjtools.report.views.remarks import signed_rows
from cjtools.report.views.shown import Row, by_key, make_view, rows, score, stage_rows, translated, word
from cjtools.spreadsheet import as_csv
from cjtools.study import Study
from cjtools.words import Words

# Every measure of the kit with its definition: the words def_<name> and term_<name>.
DEFINITIONS = (
    "people",
    "experience",
    "interval",
    "withheld",
    "net_sentiment",
    "nps",
    "csat",
    "ces",
    "stage_conversion",
    "drop_off",
    "exit_rate",
    "many_views",
    "ropo",
    "click_collect",
    "try_buy",
    "repeat_buyers",
    "repeat_other_route",
    "webrooming",
    "return_same_route",
    "abandoned_checkout",
    "newsletter_first_purchase",
    "campaign_purchase",
    "funnel",
    "stage_time",
    "stage_path",
    "stage_move",
    "visit_entry",
    "odd_clicks",
    "lifecycle",
    "attribution",
    "stage_total",
    "crosscheck",
    "opportunity",
    "objective",
    "coverage",
    "totals",
    "redaction",
)
SHOWN_HASH = 12


def evidence(journey: JourneyMap) -> View:
    """Return every text that may be shown, by stage and touchpoint, each with an anchor of its own."""
    words = journey.words
    labels = {row["stage"]: row["label"] for row in stage_rows(journey)}
    said = rows(journey.quotes)
    groups = [(stage, labels[stage], [row for row in said if row["stage"] == stage]) for stage in labels]
    groups.append(("elsewhere", words["stage_none"], [row for row in said if row["stage"] not in labels]))
    return make_view(
        "evidence",
        words,
        count=words.count("texts", len(said)),
        groups=[
            {
                "id": key,
                "label": label,
                "count": words.count("texts", len(found)),
                "touchpoints": touchpoints(journey, found),
            }
            for key, label, found in groups
            if found
        ],
    )


def touchpoints(journey: JourneyMap, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the texts of a stage by touchpoint, interviews first."""
    words = journey.words
    names = {row["persona"]: row["name"] for row in rows(journey.personas)}
    order = sorted(
        found,
        key=lambda row: (
            row["touchpoint"] or "~",
            row["family"] != "interview",
            row["source_file"],
            row["source_row"] or 0,
            row["evidence_id"],
        ),
    )
    groups = by_key([{**row, "touchpoint": row["touchpoint"] or ""} for row in order], "touchpoint")
    return [
        {
            "label": group[0]["touchpoint_label"] or words["whole_stage"],
            "count": words.number(len(group)),
            "quotes": [quote(words, row, names) for row in group],
        }
        for group in groups.values()
    ]


def quote(words: Words, row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    """Return one text with who said it, when and where it is written."""
    place = row["source_file"] if row["source_row"] is None else f"{row['source_file']}:{row['source_row']}"
    kind = words.of("types", row["type"]) if row["type"] and words.has("types", row["type"]) else row["type"]
    by = [
        word(words, "family", row["family"]),
        row["platform"],
        row["who"],
        names.get(row["persona"]),
        kind,
        words.date(row["said_on"]) if row["said_on"] else "",
    ]
    value = score(words, row["valence"])
    return {
        "id": row["evidence_id"],
        "text": row["text"],
        "language": row["language"],
        "translation": translated(words, row),
        "verbatim": row["verbatim"],
        "mark": value["mark"],
        "tone": value["tone"],
        "word": value["word"] if row["valence"] is not None else "",
        "by": " · ".join(part for part in by if part),
        "place": place,
    }


def sources(journey: JourneyMap | Inventory) -> View:
    """Return every file that was read, what became of its rows, and what the machine did with their texts."""
    words = journey.words
    counts = ("rows_in", "rows_used", "rows_rejected", "rows_merged")
    found = rows(journey.sources)
    sums = [words.number(sum(row[key] for row in found)) for key in counts]
    entries = [source(words, row, counts) for row in found]
    return make_view("sources", words, entries=entries, sums=sums, limits=limits(journey), machine=machine(journey))


def source(words: Words, row: Row, counts: tuple[str, ...]) -> dict[str, Any]:
    """Return one file."""
    first, last = row["period_from"], row["period_to"]
    return {
        "file": row["source_file"],
        "family": word(words, "family", row["family"]),
        "format": row["format"].replace("_", " "),
        "period": words.period(first, last) if first and last else "–",
        "counts": [words.number(row[key]) for key in counts],
        "flags": [say_flag(flag, words=words) for flag in row["flags"]],
        "sha256": row["sha256"][:SHOWN_HASH],
    }


def definitions(journey: JourneyMap) -> View:
    """Return what each measure means."""
    words = journey.words
    minimum = words.number(journey.header.minimum_group)
    entries = [
        {"key": key, "term": words[f"term_{key}"], "text": words[f"def_{key}"].replace("{minimum}", minimum)}
        for key in DEFINITIONS
    ]
    return make_view("definitions", words, entries=entries)


def changes(journey: JourneyMap) -> View:
    """Return what was changed on the map since it was first shown, the latest first."""
    words = journey.words
    noted = sorted(journey.header.changes, key=lambda change: change[0], reverse=True)
    entries = [{"day": words.date(day), "text": text, "by": by} for day, text, by in noted]
    return make_view("changes", words, entries=entries)


def provenance(journey: JourneyMap | Inventory | Study, *, tables: str = "") -> View:
    """Return what the page was made from, without clock and paths. The last section: without it a page is not whole.

    `tables`, `table_files` and `manifest` are not laid out: the run writes them to files and takes them out of the
    published notebook. `tables` names other forms that the tables are wanted in: "xlsx", "parquet", or both.
    """
    words, made_of = journey.words, journey.provenance
    parameters, packages = (as_texts(made_of.get(key)) for key in ("parameters", "versions"))
    inputs = {str(row["file"]): str(row["sha256"]) for row in as_list(made_of.get("inputs"))}
    frames = tables_of(journey)
    return make_view(
        "provenance",
        words,
        parameters=[{"term": word(words, "parameter", key), "text": value} for key, value in parameters.items()],
        packages=[{"term": name, "text": version} for name, version in sorted(packages.items())],
        files=[{"file": shown_name(journey, file, sha), "sha256": sha[:SHOWN_HASH]} for file, sha in inputs.items()],
        manifest={"parameters": parameters, "packages": packages, "inputs": inputs, "rows": made_of.get("rows", {})}
        | frozen(journey),
        tables={name: as_csv(frame) for name, frame in frames.items()},
        table_files=as_files(frames, tables),
    )


def shown_name(journey: JourneyMap | Inventory | Study, file: str, sha256: str) -> str:
    """Return how a file is called on the page: of a map as its table of sources calls what has the same hash."""
    if not isinstance(journey, JourneyMap):
        return file
    names = sorted(journey.sources.filter(sha256=sha256)["source_file"])
    return file if file in names or not names else str(names[0])


def frozen(journey: JourneyMap | Inventory | Study) -> dict[str, Any]:
    """Return the content hash of a map and who signed it off, for the manifest; nothing of what is no map."""
    if not isinstance(journey, JourneyMap) or not journey.remarks.content:
        return {}
    return {"content": journey.remarks.content, "signed": signed_rows(journey)}


def as_texts(values: object) -> dict[str, str]:
    """Return a table of the provenance as texts, in alphabetical order."""
    return {str(key): str(value) for key, value in sorted(values.items())} if isinstance(values, Mapping) else {}


def as_list(values: object) -> list[Mapping[str, object]]:
    """Return a list of the provenance."""
    return list(values) if isinstance(values, list | tuple) else []
