"""How well identifiers and names are masked, by label and language; a floor that is missed fails the run.

    python benchmarks/text/redaction.py [--data FILE] [--mentions 100000]

On a labelled set (JSON lines: text, lang, spans of start, end, label): recall and precision of identifiers by label,
exact and covered; names suggested by language; registered names left in the text as it is, in capitals, in small
letters and without accents. Then how long a column of short mentions takes, of which one in ten holds an identifier.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cjtools.privacy import BETWEEN, bare
from cjtools.text.identifiers import Span, find_identifiers
from cjtools.text.redact import redact, redact_text, suggest_names
from data import SHARED

LABELS = {"EMAIL": "email", "PHONE": "phone", "ID": "id", "HANDLE": "handle", "IBAN": "iban", "CARD": "card"}
LABELS |= {"ADDRESS": "address", "DOB": "birth", "PLATE": "plate", "IP": "ip", "URL": "link"}
PRECISION = 0.95
WORDS = (
    "la botiga online és lenta i el pagament falla sempre però el servei a la botiga física va ser molt amable gràcies "
    "compra web comanda preu devolució i encara espero que algú em respongui des de fa dies perquè el paquet no arriba"
)
IDENTIFIERS = ("tel 612 345 678", "ana@mail.example", "@mireia_puig", "Visc al carrer Major 5", "x.com/mireia")

Row = Mapping[str, Any]
Place = tuple[int, int]


def places(row: Row, labels: Iterable[str]) -> dict[Place, str]:
    """Return the labelled places of some kinds."""
    wanted = set(labels)
    return {(span["start"], span["end"]): span["label"] for span in row["spans"] if span["label"] in wanted}


def touches(one: Place, two: Place) -> bool:
    """Say whether two places have something in common."""
    return one[0] < two[1] and two[0] < one[1]


def identifiers(rows: Sequence[Row]) -> dict[str, Counter[str]]:
    """Return by label how many identifiers were wanted, covered, found exactly, and how many found were none."""
    counts: dict[str, Counter[str]] = {label: Counter() for label in LABELS.values()}
    for row in rows:
        found = find_identifiers(row["text"])
        wanted = places(row, LABELS)
        for (start, end), label in wanted.items():
            counts[LABELS[label]]["wanted"] += 1
            counts[LABELS[label]]["covered"] += any(span.start <= start and end <= span.end for span in found)
            counts[LABELS[label]]["exact"] += any((span.start, span.end) == (start, end) for span in found)
        for span in found:
            counts[span.label]["false"] += not any(touches(place(span), other) for other in wanted)
    return counts


def place(span: Span) -> Place:
    """Return where a span stands."""
    return span.start, span.end


def suggested(rows: Sequence[Row]) -> dict[str, Counter[str]]:
    """Return by language how many names there were, how many were suggested whole, and how many others."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        count = counts.setdefault(row["lang"], Counter())
        found, names = suggest_names(row["text"]), places(row, ["PERSON"])
        count["names"] += len(names)
        count["whole"] += sum(any(span.start <= start and end <= span.end for span in found) for start, end in names)
        count["other"] += sum(not any(touches(place(span), name) for name in names) for span in found)
    return counts


def registered(rows: Sequence[Row]) -> dict[str, Counter[str]]:
    """Return by way of writing how many words of registered names stood in the texts and how many were left."""
    ways = {"as written": str, "capitals": str.upper, "small letters": str.lower, "no accents": bare}
    counts = {way: Counter[str]() for way in ways}
    for row in rows:
        names = [row["text"][start:end] for start, end in places(row, ["PERSON"])]
        words = {bare(word) for name in names for word in re.findall(r"[^\W\d_]{3,}", name)} - BETWEEN
        for way, written in ways.items():
            left = redact_text(written(row["text"]), names=names).text
            counts[way]["words"] += len(words)
            counts[way]["left"] += len(words & {bare(word) for word in re.findall(r"[^\W\d_]+", left)})
    return counts


def seconds(mentions: int) -> float:
    """Return how long a column of short mentions takes."""
    chance, words = random.Random(1), WORDS.split()
    texts = [" ".join(chance.choice(words) for _ in range(chance.randint(8, 25))) for _ in range(mentions)]
    texts = [f"{text} {chance.choice(IDENTIFIERS)}" if chance.random() < 0.1 else text for text in texts]
    frame = pl.DataFrame({"text": texts})
    began = time.perf_counter()
    frame.select(redact(pl.col("text")))
    return time.perf_counter() - began


def share(part: int, whole: int) -> str:
    """Return a share with two decimals, a dash where there is nothing."""
    return f"{part / whole:.2f}" if whole else "-"


def main() -> int:
    """Print the tables; return 1 when a floor is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED.parent / "pii" / "dev.jsonl")
    parser.add_argument("--mentions", type=int, default=100_000)
    chosen = parser.parse_args()
    rows = [json.loads(line) for line in chosen.data.read_text("utf-8").splitlines()]
    by_label, names = identifiers(rows), registered(rows)
    total = sum(by_label.values(), Counter[str]())
    print("label     wanted covered exact false recall precision")
    for label, count in [*by_label.items(), ("all", total)]:
        covered, wanted, false = count["covered"], count["wanted"], count["false"]
        precision = share(covered, covered + false)
        figures = f"{wanted:6} {covered:7} {count['exact']:5} {false:5}"
        print(f"{label:9} {figures} {share(covered, wanted):>6} {precision:>9}")
    print("\nnames suggested: language, whole of all, suggestions that are no names")
    for language, count in sorted(suggested(rows).items()):
        print(f"{language}  {count['whole']} of {count['names']}, {count['other']}")
    print("\nwords of registered names left")
    for way, count in names.items():
        print(f"{way:13} {count['left']} of {count['words']}")
    print(f"\n{chosen.mentions} mentions: {seconds(chosen.mentions):.1f} s")
    sure = total["covered"] >= PRECISION * (total["covered"] + total["false"]) and total["covered"] == total["wanted"]
    return 0 if sure and not any(count["left"] for count in names.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
