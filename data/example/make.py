"""Make the example data set again: `python data/example/make.py [OUT_FOLDER]`.

Everything is invented and seeded: the same call gives the same files. The interview notes are
written by hand and stay where they are; they are read here only to count what they hold.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
from making import (
    count_needs,
    count_notes,
    count_orders,
    count_voices,
    count_web,
    ga4,
    needs,
    people,
    reach,
    sales,
    voices,
    web,
)
from making.wave import SEED

HERE = Path(__file__).resolve().parent
NDJSON_DAY = "20260915"


def seeded(part: str) -> Random:
    """Return the dice of one part, so that a change in one part leaves the others alone."""
    return Random(f"{SEED} {part}")


def main(out: Path) -> None:
    """Write all files of the example, then count what is true of them."""
    phrases = tomllib.loads((HERE / "phrases.toml").read_text(encoding="utf-8"))
    for folder in ("web", "search", "email"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    walks = make_behaviour(out)
    make_voices(out, phrases)
    make_totals(out, phrases, walks)
    write_text(out / "truth.toml", toml(truth(out)))


def make_behaviour(out: Path) -> list[web.Walk]:
    """Write events and orders of the same people; return the walks that consent lets be seen."""
    dice = seeded("people")
    everybody = list(people.people(dice))
    visits = [visit for person in everybody for visit in people.visits(dice, person)]
    tills = [purchase for person in everybody for purchase in people.till_purchases(dice, person)]
    dice = seeded("walks")
    walks = [web.walk(dice, visit) for visit in visits]
    dice = seeded("sales")
    on_web = [sales.web_order(dice, walk, walk.bought_at) for walk in walks if walk.bought_at is not None]
    orders = sales.numbered(on_web + [sales.till_order(dice, purchase) for purchase in tills])
    write_text(out / "orders.csv", reach.csv_text(sales.COLUMNS, sales.order_rows(orders)))
    write_events(out / "web", ga4.export(seeded("ga4"), walks, orders))
    return [walk for walk in walks if walk.visit.person.consent]


def write_events(folder: Path, events: pl.DataFrame) -> None:
    """Write the export as Parquet, and one day of it as NDJSON."""
    events.write_parquet(folder / "events.parquet", compression="zstd", compression_level=19)
    day = events.filter(pl.col("event_date") == NDJSON_DAY)
    lines = [json.dumps(ga4.bigquery_json(row), ensure_ascii=False, separators=(",", ":")) for row in day.to_dicts()]
    write_text(folder / f"events_{NDJSON_DAY}.ndjson", "\n".join(lines) + "\n")


def make_voices(out: Path, phrases: dict[str, Any]) -> None:
    """Write mentions, reviews and both surveys."""
    dice = seeded("voices")
    mentions, reviews = voices.public(dice, phrases)
    for name, header, rows in (
        ("mentions", voices.MENTION_COLUMNS, voices.mention_rows(dice, mentions)),
        ("reviews", voices.REVIEW_COLUMNS, voices.review_rows(dice, phrases, reviews)),
        ("survey", voices.SURVEY_COLUMNS, voices.survey_rows(seeded("survey"), phrases)),
        ("needs", needs.COLUMNS, needs.rows(seeded("needs"))),
    ):
        write_text(out / f"{name}.csv", reach.csv_text(header, rows))


def make_totals(out: Path, phrases: dict[str, Any], walks: list[web.Walk]) -> None:
    """Write what comes without people: Search Console and the mail tool."""
    (out / "search/search_console.zip").write_bytes(reach.search_console(seeded("search"), phrases["search"]))
    campaigns = reach.csv_text(reach.CAMPAIGN_COLUMNS, reach.campaign_rows(seeded("email"), walks))
    write_text(out / "email/campaigns.csv", campaigns)


def truth(out: Path) -> dict[str, Any]:
    """Count everything planted, from the files as written and the notes as they stand."""
    touchpoints = tomllib.loads((HERE / "client.toml").read_text(encoding="utf-8"))["touchpoints"]
    terms = {touchpoint["id"]: touchpoint["terms"] for touchpoint in touchpoints if "terms" in touchpoint}
    counted = count_web.read_events(out / "web/events.parquet")
    events = count_web.usable(counted)
    sold = count_orders.read_sales(out / "orders.csv")
    return {
        "events": count_web.totals(counted),
        "exits": count_web.exits(events, touchpoints),
        "orders": count_orders.totals(sold, events),
        "purchases": count_orders.patterns([sale for sale in sold if sale.kept], events),
        "any_status": count_orders.patterns(sold, events),
        "public": count_voices.counts(count_voices.read_posts(out), touchpoints),
        "survey": count_voices.survey(count_voices.read_rows(out / "survey.csv"), terms["checkout"]),
        "needs": count_needs.counts(count_voices.read_rows(out / "needs.csv")),
        "interviews": count_notes.counts(count_notes.read_notes(HERE / "interviews", touchpoints)),
    }


def toml(tables: dict[str, Any]) -> str:
    """Return nested tables as TOML."""
    lines = ["# Written by make.py: what is true of the example files; README.md says how it is counted."]
    add_table(lines, tables, ())
    return "\n".join(lines) + "\n"


def add_table(lines: list[str], table: dict[str, Any], path: tuple[str, ...]) -> None:
    """Add one table and the tables in it."""
    values = {key: value for key, value in table.items() if not isinstance(value, dict)}
    if path and (values or not table):
        lines += ["", f"[{'.'.join(path)}]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    for key, value in table.items():
        if isinstance(value, dict):
            add_table(lines, value, (*path, key))


def write_text(file: Path, text: str) -> None:
    """Write UTF-8 with plain line ends, on every system."""
    file.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
