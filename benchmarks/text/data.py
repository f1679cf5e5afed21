"""The labelled texts: the development sets beside the project, and the kit's own sentences."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared" / "text"
LANGUAGES = ("en", "es", "it", "ro", "ca")

# Sets that may train weights that ship, by the README of the sets; all others only judge.
SHIPPABLE_SENTIMENT = (
    "sent_ca_hotel", "sent_ro_red", "sent_en_xed", "sent_es_xed", "sent_it_xed", "sent_ro_xed", "sent_en_uci",
    "negation_pairs", "journey_synth",
)  # fmt: skip
SHIPPABLE = (*SHIPPABLE_SENTIMENT, "emo_ro_red", "emo_en_xed", "emo_es_xed", "emo_it_xed", "emo_ro_xed")
JUDGED_3 = {
    "en": "sent_en_umsab", "es": "sent_es_umsab", "it": "sent_it_umsab", "ro": "sent_ro_red", "ca": "sent_ca_hotel",
}  # fmt: skip
JUDGED_2 = {"en": "sent_en_uci", "ro": "sent_ro_laroseda"}


@dataclass(frozen=True)
class Row:
    """One labelled text; `stage` and `type` only where the set has them; `group` holds what must not be torn apart."""

    text: str
    label: str
    language: str
    set: str
    stage: str = ""
    type: str = ""
    group: str = ""


@cache
def load(name: str) -> tuple[Row, ...]:
    """Return a development set, in its order."""
    with (SHARED / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return tuple(
        Row(
            row["text"], row.get("sentiment") or row["label"], row["lang"], name,
            row.get("stage") or "", row.get("type") or "", row.get("id") or "",
        )
        for row in rows
    )  # fmt: skip


@cache
def own_sentences() -> tuple[Row, ...]:
    """Return the sentences that the kit ships."""
    folder = resources.files("cjtools.text") / "sentences"
    rows = []
    for language in LANGUAGES:
        place = folder / f"{language}.tsv"
        if not place.is_file():
            continue
        table = csv.DictReader(place.read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
        rows += [Row(row["text"], row["sentiment"], language, "own", row["stage"], row["type"]) for row in table]
    return tuple(rows)


def fold_of(row: Row, folds: int) -> int:
    """Return the fold of a text: the same for texts of one group, and at every run."""
    return int(hashlib.md5((row.group or row.text).encode(), usedforsecurity=False).hexdigest(), 16) % folds


def sha256(path: Path) -> str:
    """Return the hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
