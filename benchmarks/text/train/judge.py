"""How much sentiment an encoder's vectors hold: macro-F1 of a logistic regression, set by set.

    python benchmarks/text/train/judge.py small [FILE] | e5 FOLDER

The regression learns from shippable texts alone, of four folds in five; sets that also train are judged on the fifth.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cjtools.text.encoders import Encoder
from cjtools.text.encoders.cached import cached
from cjtools.text.encoders.e5 import load_e5
from cjtools.text.encoders.small import load_small
from data import SHIPPABLE_SENTIMENT, Row, fold_of, load, own_sentences

CLASSES = ("negative", "neutral", "positive")
TRAINED = SHIPPABLE_SENTIMENT
UNSEEN = ("sent_en_hotel", "sent_es_hotel", "sent_en_umsab", "sent_es_umsab", "sent_it_umsab", "sent_ro_laroseda")
FOLDS = 5


def fold(row: Row) -> int:
    """Return to which fold a text belongs."""
    return fold_of(row, FOLDS)


def judged(encoder: Encoder, strength: float = 0.03) -> dict[str, float]:
    """Return the macro-F1 of each set, and the means of those that no regression has seen and of all."""
    sets = {name: load(name) for name in (*TRAINED, *UNSEEN)} | {"own": own_sentences()}
    rows = [row for name in (*TRAINED, "own") for row in sets[name] if fold(row) and row.label in CLASSES]
    x = encoder.encode([row.text for row in rows])
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=300)
    model.fit((x - mean) / scale, [row.label for row in rows])
    found = {}
    for name, members in sets.items():
        mine = [row for row in members if row.label in CLASSES and (name in UNSEEN or fold(row) == 0)]
        logits = model.decision_function((encoder.encode([row.text for row in mine]) - mean) / scale)
        truth = [row.label for row in mine]
        classes = sorted(set(truth))
        allowed = [list(model.classes_).index(each) for each in classes]
        guess = [classes[place] for place in logits[:, allowed].argmax(axis=1)]
        found[name] = f1_score(truth, guess, average="macro")
    found["mean of unseen"] = float(np.mean([found[name] for name in UNSEEN]))
    found["mean of all sent_"] = float(np.mean([value for name, value in found.items() if name.startswith("sent_")]))
    return found


def main() -> None:
    """Print the table of one encoder."""
    asked = sys.argv[1:]
    if asked[0] == "e5":
        taps = tuple(map(int, asked[2].split(",")))
        encoder: Encoder = cached(load_e5(taps=taps), Path(asked[1]))
    else:
        encoder = load_small(*asked[1:])
    for name, value in judged(encoder).items():
        print(f"{value:.3f}  {name}")


if __name__ == "__main__":
    main()
