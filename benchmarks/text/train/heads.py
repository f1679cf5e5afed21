"""Trains the heads that ship: sentiment, stage and type, for an encoder.

    python benchmarks/text/train/heads.py [--encoder small] [--vectors FOLDER] [--halves A.npz B.npz]

Takes the development sets that may train weights that ship, and the kit's own sentences; writes
cjtools/text/models/<task>-<encoder>.npz. The same data give the same files on the same kind of machine.

The small encoder learned from these very texts and knows them better than new ones: a head that learns on its vectors
trusts them too much. So it learns on the vectors of two encoders of the same columns that have seen one half each
(`train_small.py --without 0` and `--without 1`): each text by the one that has not seen it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from train.fit import balanced, calibrated, fit_head, possible_classes

from cjtools.text.encoders import Encoder, cached, load_encoder
from cjtools.text.encoders.small import load_small
from cjtools.text.heads import Head, save_head
from cjtools.text.polarity import SIZE as FEATURE_COLUMNS
from cjtools.text.polarity import read_words
from cjtools.text.sentiment import CLASSES, columns_of
from cjtools.text.stages import KNOWN
from cjtools.text.suggest import TYPES
from data import LANGUAGES, SHIPPABLE_SENTIMENT, Row, fold_of, load, own_sentences

MODELS = Path(__file__).resolve().parents[3] / "cjtools" / "text" / "models"
FOLDS = 5
FEWEST_TO_CALIBRATE = 300

# Subtitles were labelled by emotion, not by polarity: they say less. The kit's own sentences are what it is for.
SHARES = {"sent_en_xed": 0.5, "sent_es_xed": 0.5, "sent_it_xed": 0.5, "sent_ro_xed": 0.5, "own": 2.0}
SYNTHETIC_TYPES = {"delight": "gain"}


@dataclass(frozen=True)
class Task:
    """What a head is trained for: its classes, and how its network is fitted."""

    name: str
    classes: tuple[str, ...]
    hidden: int
    decay: float
    dropout: float
    rounds: int


# Beside the networks that see all, as many that see the words alone: where vectors are of a kind of text that was not
# learned from, the word lists hold (mean macro-F1 of nine sets .710, against .704 and .702 of either alone).
WORDS_ALONE = {"hidden": 24, "decay": 0.05, "dropout": 0.1, "rounds": 12}
TASKS = {
    "sentiment": Task("sentiment", CLASSES, 48, 0.05, 0.5, 15),
    "stage": Task("stage", tuple(KNOWN), 32, 0.1, 0.6, 30),
    "type": Task("type", TYPES, 32, 0.1, 0.5, 20),
}


@dataclass(frozen=True, eq=False)
class Taught:
    """Labelled texts as a head takes them."""

    rows: tuple[Row, ...]
    columns: np.ndarray
    labels: np.ndarray
    sets: np.ndarray

    def where(self, mask: np.ndarray) -> Taught:
        """Return those for which the mask is true."""
        rows = tuple(row for row, inside in zip(self.rows, mask, strict=True) if inside)
        return Taught(rows, self.columns[mask], self.labels[mask], self.sets[mask])


Halves = tuple[Encoder, Encoder]


def taught(task: str, encoder: Encoder, halves: Halves | None = None) -> Taught:
    """Return the texts that train a task, with their columns and labels."""
    if task == "sentiment":
        rows = [row for name in SHIPPABLE_SENTIMENT for row in load(name)] + list(own_sentences())
        labels = [row.label for row in rows]
    else:
        rows = [row for row in (*own_sentences(), *load("journey_synth")) if label_of(row, task) not in ("", "none")]
        labels = [label_of(row, task) for row in rows]
    sets = [row.set if task == "sentiment" or row.set != "own" else f"own {row.language}" for row in rows]
    return Taught(tuple(rows), unseen_columns(rows, encoder, halves), np.array(labels), np.array(sets))


def label_of(row: Row, task: str) -> str:
    """Return the label of a row for a task, in the kit's words."""
    return row.stage if task == "stage" else SYNTHETIC_TYPES.get(row.type, row.type)


def columns(rows: Sequence[Row], encoder: Encoder) -> np.ndarray:
    """Return the columns of some texts."""
    texts, languages = [row.text for row in rows], [row.language for row in rows]
    return columns_of(texts, languages, read_words(texts, languages), encoder=encoder)


def unseen_columns(rows: Sequence[Row], encoder: Encoder, halves: Halves | None) -> np.ndarray:
    """Return the columns of some texts, each by the half encoder that has not seen it, where there are two."""
    if halves is None:
        return columns(rows, encoder)
    half = np.array([fold_of(row, 2) for row in rows])
    found = columns(rows, halves[0])
    found[half == 1] = columns([row for row, number in zip(rows, half, strict=True) if number == 1], halves[1])
    return found


def load_halves(paths: Sequence[Path] | None, vectors: Path) -> Halves | None:
    """Return the two encoders that have not seen the first and the second half of the texts."""
    if not paths:
        return None
    first, second = (cached(load_small(path), vectors) for path in paths)
    return first, second


def fit(task: Task, data: Taught, seeds: Sequence[int] = (1, 2, 3)) -> Head:
    """Return the head of a task, from labelled texts."""
    learn = partial(
        fit_head,
        data.columns,
        data.labels.tolist(),
        classes=task.classes,
        possible=possible_classes(data.labels.tolist(), data.sets.tolist(), task.classes),
        weights=balanced(data.labels.tolist(), data.sets.tolist(), SHARES),
        seeds=seeds,
    )
    head = learn(hidden=task.hidden, decay=task.decay, dropout=task.dropout, rounds=task.rounds)
    if task.name != "sentiment":
        return head
    words = learn(**WORDS_ALONE, blind=data.columns.shape[1] - FEATURE_COLUMNS - len(LANGUAGES))
    return replace(head, networks=(*head.networks, *words.networks))


def cross_validated(task: Task, data: Taught, temperature: float = 1.0) -> np.ndarray:
    """Return the probabilities of each text by a head that has not seen its group."""
    folds = np.array([fold_of(row, FOLDS) for row in data.rows])
    chances = np.zeros((len(folds), len(task.classes)))
    for number in range(FOLDS):
        head = replace(fit(task, data.where(folds != number)), temperature=temperature)
        chances[folds == number] = head.probabilities(data.columns[folds == number])
    return chances


def temperature_of(task: Task, data: Taught) -> float:
    """Return the temperature that fits texts of a kind that was not learned from: the geometric mean over the sets.

    Each set with every class is left out as a whole in turn: a client's texts are of another kind than any set, and a
    temperature from texts of the same kind would promise too much.
    """
    every = possible_classes(data.labels.tolist(), data.sets.tolist(), task.classes).all(axis=1)
    names = [name for name in np.unique(data.sets[every]) if (data.sets == name).sum() >= FEWEST_TO_CALIBRATE]
    found = []
    for name in names:
        head = fit(task, data.where(data.sets != name), seeds=(1,))
        unseen = data.where(data.sets == name)
        found.append(calibrated(head, unseen.columns, unseen.labels.tolist()).temperature)
    return float(round(np.exp(np.mean(np.log(found))), 4))


def main() -> None:
    """Train and write every head of an encoder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="small")
    parser.add_argument("--vectors", type=Path, default=Path(".cache"))
    parser.add_argument("--halves", type=Path, nargs=2)
    asked = parser.parse_args()
    encoder = cached(load_encoder(asked.encoder), asked.vectors)
    halves = load_halves(asked.halves, asked.vectors)
    for task in TASKS.values():
        data = taught(task.name, encoder, halves)
        head = replace(fit(task, data), temperature=temperature_of(task, data))
        path = MODELS / f"{task.name}-{encoder.name}.npz"
        with path.open("wb") as file:
            np.savez_compressed(file, **save_head(head))
        print(
            f"{path.name}: {len(data.rows)} texts, temperature {head.temperature}, {path.stat().st_size / 1e3:.0f} kB"
        )


if __name__ == "__main__":
    main()
