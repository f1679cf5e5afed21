"""The numbers of the example's page, counted from its files with nothing of the kit: csv, plain Python, own formulas.

The readers are those that the truth of the example was counted with (data/example/making), which know no kit either.
"""

from __future__ import annotations

import csv
import math
import sys
import tomllib
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

EXAMPLE = Path(__file__).resolve().parent.parent / "data" / "example"
sys.path.append(str(EXAMPLE))

from making import count_notes, count_orders, count_voices, count_web  # noqa: E402

Z = 1.959963984540054
Numbers = dict[str, float]


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, from the formula of 1927."""
    share, square = part / whole, Z * Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    half = Z / (1 + square / whole) * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    return middle - half, middle + half


@cache
def recount() -> Numbers:
    """Every number by where it stands on the page; shares in per cent."""
    declared = tomllib.loads((EXAMPLE / "client.toml").read_text("utf-8"))["touchpoints"]
    return {
        **of_web(declared),
        **of_orders(),
        **of_interviews(declared),
        **of_survey(),
        **of_mail(),
        **of_public(declared),
    }


def share(numbers: Numbers, key: str, part: int, whole: int) -> None:
    low, high = wilson(part, whole)
    numbers |= {f"{key}.n": part, f"{key}.of": whole, f"{key}.share": 100 * part / whole}
    numbers |= {f"{key}.low": 100 * low, f"{key}.high": 100 * high}


def of_web(declared: list[dict[str, Any]]) -> Numbers:
    """Exits by touchpoint, and the site's own rate."""
    numbers: Numbers = {}
    events = count_web.usable(count_web.read_events(EXAMPLE / "web/events.parquet"))
    for name, found in count_web.exits(events, declared).items():
        share(numbers, f"exit.{name}", int(found["numerator"]), int(found["denominator"]))
    return numbers


def of_orders() -> Numbers:
    """Patterns, payments and ways of ordering."""
    numbers: Numbers = {}
    events = count_web.usable(count_web.read_events(EXAMPLE / "web/events.parquet"))
    kept = [sale for sale in count_orders.read_sales(EXAMPLE / "orders.csv") if sale.kept]
    for name, found in count_orders.patterns(kept, events).items():
        share(numbers, f"pattern.{name}", int(found["numerator"]), int(found["denominator"]))
    with (EXAMPLE / "orders.csv").open(encoding="utf-8", newline="") as lines:
        paid = Counter(row["payment"] for row in csv.DictReader(lines) if row["status"] != "cancelled")
    for name, count in paid.items():
        share(numbers, f"payment.{name}", count, len(kept))
    return numbers


def of_interviews(declared: list[dict[str, Any]]) -> Numbers:
    """The experience of a stage (mean within a person, then across), for all and by persona, and who speaks."""
    numbers: Numbers = {}
    codes = count_notes.read_notes(EXAMPLE / "interviews", declared)
    personas = {"online": "comparer", "store": "toucher", "both": "collector"}
    scores: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for code in codes:
        if code.stage and code.valence is not None:
            for persona in ("all", personas[code.buys]):
                scores[code.stage, persona][code.participant].append(code.valence)
    for (stage, persona), by_person in scores.items():
        numbers[f"score.{stage}.{persona}"] = fmean(fmean(given) for given in by_person.values())
        numbers[f"score.{stage}.{persona}.n"] = len(by_person)
    for each in declared:
        here = [code for code in codes if code.touchpoint == each["id"]]
        numbers[f"pain.{each['id']}"] = len({code.participant for code in here if code.kind == "pain"})
        numbers[f"goal.{each['id']}"] = len({code.participant for code in here if code.kind == "goal"})
        numbers[f"heard.{each['id']}"] = len({code.participant for code in here})
    numbers["asked"] = len({code.participant for code in codes})
    return numbers


def of_survey() -> Numbers:
    """NPS and ease."""
    rows = count_voices.read_rows(EXAMPLE / "survey.csv")
    would = [int(row["How likely are you to recommend us to a friend?"]) for row in rows]
    ease = [int(value) for row in rows if (value := row["The shop made it easy for me to finish my order."])]
    nps = 100 * (sum(each >= 9 for each in would) - sum(each <= 6 for each in would)) / len(would)
    return {"nps": nps, "nps.n": len(would), "ces": fmean(ease), "ces.n": len(ease)}


def of_mail() -> Numbers:
    """What became of the newsletters."""
    with (EXAMPLE / "email/campaigns.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    columns = {"Sent": "Successful Deliveries", "Opened": "Unique Opens", "Clicked": "Unique Clicks",
               "Unsubscribed": "Unsubscribes"}  # fmt: skip
    return {f"mail.{name}": sum(int(row[column]) for row in rows) for name, column in columns.items()}


def of_public(declared: list[dict[str, Any]]) -> Numbers:
    """Distinct voices of a touchpoint with a mood, and positive minus negative of a hundred."""
    numbers: Numbers = {}
    posts = count_voices.read_posts(EXAMPLE)
    for each in declared:
        if each.get("terms") and each["id"] not in ("store", "collection"):
            found = count_voices.of_touchpoint(posts, each["terms"])
            if found["voices"]:
                numbers[f"voices.{each['id']}"] = found["voices"]
                numbers[f"net.{each['id']}"] = 100 * (found["positive"] - found["negative"]) / found["voices"]
    return numbers
