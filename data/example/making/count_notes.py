"""What is true of the interview notes, counted by reading their codes with a simple pattern."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

STAGES = {
    "awareness": "consciència conciencia consapevolezza conștientizare awareness",
    "consideration": "consideració consideración considerazione considerare consideration",
    "decision": "decisió decisión decisione decizie decision",
    "purchase": "compra acquisto achiziție purchase",
    "loyalty": "fidelització fidelización fidelizzazione loializare loyalty",
    "advocacy": "recomanació recomendación raccomandazione recomandare advocacy",
}
TYPES = {
    "need": "necessitat necesidad bisogno nevoie need",
    "desire": "desig deseo desiderio dorință desire",
    "expectation": "expectativa aspettativa așteptare expectation",
    "emotion": "emoció emoción emozione emoție emotion",
    "pain": "dolor criticità problemă pain",
    "gain": "benefici beneficio beneficiu gain",
    "goal": "assolit logrado raggiunto atins goal",
    "comparing": "comparant comparando confronto comparare comparing",
    "lost": "perdut perdido perso pierdut lost",
    "question": "pregunta domanda întrebare question",
    "factor": "factor fattore",
    "suggestion": "suggeriment sugerencia suggerimento sugestie suggestion",
    "action": "acció acción azione acțiune action",
    "fact": "fet hecho fatto fapt fact",
}
CODE = re.compile(r"\[([^\[\]]+)\]$")
VALENCE = re.compile(r"[+-]?\d")


@dataclass(frozen=True)
class Code:
    """One code that a researcher wrote."""

    participant: str
    language: str
    buys: str
    stage: str | None
    touchpoint: str | None
    kind: str | None
    valence: int | None


def lookup(words: dict[str, str]) -> dict[str, str]:
    """Return word → id."""
    return {word: name for name, listed in words.items() for word in listed.split()}


def labels(touchpoints: list[dict[str, Any]]) -> dict[str, str]:
    """Return each id and label, as written after the @, → touchpoint id."""
    found = {touchpoint["id"]: touchpoint["id"] for touchpoint in touchpoints}
    for touchpoint in touchpoints:
        for label in touchpoint["label"].values():
            found.setdefault(label.lower().replace(" ", "-"), touchpoint["id"])
    return found


def read_notes(folder: Path, touchpoints: list[dict[str, Any]]) -> list[Code]:
    """Read the codes of all notes; a heading that names a stage holds for what follows."""
    names = labels(touchpoints)
    return [code for file in sorted(folder.glob("*.md")) for code in note_codes(file, names)]


def note_codes(file: Path, names: dict[str, str]) -> list[Code]:
    """Read the codes of one note."""
    _, front, body = file.read_text(encoding="utf-8").split("---\n", 2)
    about = dict(line.split(": ", 1) for line in front.splitlines())
    stages, heading, codes = lookup(STAGES), None, []
    for line in body.splitlines():
        if line.startswith("#"):
            heading = stages.get(line.strip("# ").lower())
        found = CODE.search(line)
        if found:
            codes.append(code_of(found[1], about, heading, names))
    return codes


def code_of(written: str, about: dict[str, str], heading: str | None, names: dict[str, str]) -> Code:
    """Return one code; an unknown word is an error, not a guess."""
    stages, types = lookup(STAGES), lookup(TYPES)
    stage, touchpoint, kind, valence = heading, None, None, None
    for word in written.split():
        if word.startswith("@"):
            touchpoint = names[word[1:]]
        elif VALENCE.fullmatch(word):
            valence = int(word)
        elif word in stages:
            stage = stages[word]
        else:
            kind = types[word]
    return Code(about["participant"], about["language"], about["buys"], stage, touchpoint, kind, valence)


def strong(code: Code) -> int:
    """Return the valence, nothing being neutral."""
    return code.valence or 0


PLANTS: dict[str, Callable[[Code], bool]] = {
    "checkout_pain": lambda code: code.touchpoint == "checkout" and code.kind == "pain" and strong(code) < 0,
    "hours_goal": lambda code: code.touchpoint == "hours" and code.kind == "goal" and strong(code) > 0,
    "hours_pain": lambda code: code.touchpoint == "hours" and code.kind == "pain",
    "returns_pain": lambda code: code.touchpoint == "returns" and code.kind == "pain" and strong(code) == -2,
    "product_or_catalogue_comparing": lambda code: (
        code.touchpoint in ("product", "catalogue") and code.kind == "comparing" and strong(code) >= 0
    ),
    "store_or_collection_gain": lambda code: code.touchpoint in ("store", "collection") and code.kind == "gain",
    "came_back_by_newsletter": lambda code: (
        code.touchpoint == "email" and code.kind == "action" and code.stage == "loyalty"
    ),
    "recommends": lambda code: code.stage == "advocacy" and code.kind == "action" and strong(code) > 0,
}


def counts(codes: list[Code]) -> dict[str, Any]:
    """Return who says what, and the mean experience of each stage."""
    return {
        "participants": len({code.participant for code in codes}),
        "codes": len(codes),
        "codes_by_participant": dict(sorted(Counter(code.participant for code in codes).items())),
        "codes_by_type": dict(sorted(Counter(code.kind for code in codes if code.kind).items())),
        "plant": {name: plant([code for code in codes if holds(code)]) for name, holds in PLANTS.items()},
        "experience": {stage: experience(codes, stage) for stage in STAGES},
    }


def plant(codes: list[Code]) -> dict[str, Any]:
    """Return the participants of one plant, with their languages and ways to buy."""
    who = sorted({(code.participant, code.language, code.buys) for code in codes})
    return {
        "participants": len(who),
        "who": [participant for participant, _, _ in who],
        "by_language": dict(sorted(Counter(language for _, language, _ in who).items())),
        "by_buys": dict(sorted(Counter(buys for _, _, buys in who).items())),
    }


def experience(codes: list[Code], stage: str) -> dict[str, float]:
    """Return the mean valence of a stage: within each participant first, then across."""
    felt: dict[str, list[int]] = defaultdict(list)
    for code in codes:
        if code.stage == stage and code.valence is not None:
            felt[code.participant].append(code.valence)
    return {
        "mean": round(fmean(fmean(each) for each in felt.values()), 4),
        "participants": len(felt),
    }
