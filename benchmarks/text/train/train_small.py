"""Train the small encoder: python benchmarks/text/train/train_small.py VECTORS OUT [--epochs 7].

Needs cjtools[text] and torch 2.13 (CPU, one thread: about 6 minutes, and 10 for e5's vectors, which the folder VECTORS
keeps). It learns what e5 says of a text, and more of what e5 says of the labels, cross-fitted (hints.py): a head may be
cross-validated on its vectors. Then `judge.py` says how good it is, and `manifest.py` writes what it was trained on.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))
from corpus import SEED, corpus, shippable
from export import export
from hints import hints
from student import PAD, Shape, Student
from teacher import teacher_rows
from vocabulary import choose, first_table, plain, trimmed

from cjtools.text.encoders.e5_file import find_weights, take_apart
from cjtools.text.encoders.pieces import Pieces

LONGEST = 96  # pieces of a text in training
TOKENS = 6000  # of a batch, about


def targets(rows: np.ndarray, basis: np.ndarray, size: int) -> np.ndarray:
    """Return the teacher's rows in the main directions of real texts, centred, with a mean length of 1."""
    middle = basis.mean(axis=0)
    _, _, directions = np.linalg.svd((basis - middle).T @ (basis - middle))
    length = np.linalg.norm((basis - middle) @ directions[:size].T, axis=1).mean()
    return np.asarray((rows - middle) @ directions[:size].T / length, dtype=np.float32)


def torn(text: str, chance: Random) -> str:
    """Return a text as somebody else would have typed it: without accents, with a slip, or as it is."""
    kind = chance.random()
    if kind < 0.15:
        return plain(text)
    if kind < 0.25 and len(text) > 8:
        place = chance.randrange(len(text) - 1)
        return text[:place] + chance.choice(["", text[place] * 2, text[place + 1]]) + text[place + 1 :]
    return text


def batches(lists: Sequence[Sequence[int]], chance: Random) -> Iterator[list[int]]:
    """Yield the places of texts of about the same length, in a random order."""
    order = sorted(range(len(lists)), key=lambda place: len(lists[place]) + chance.random() * 2)
    found, start = [], 0
    while start < len(order):
        count = max(16, TOKENS // (len(lists[order[start]]) + 4))
        found.append(order[start : start + count])
        start += count
    chance.shuffle(found)
    yield from found


def known(numbers: Sequence[int]) -> list[int]:
    """Return the pieces that the table has, at most so many; a text of none is one of nothing."""
    return [number for number in numbers if number][:LONGEST] or [PAD]


def padded(lists: Sequence[Sequence[int]]) -> torch.Tensor:
    """Return lists of pieces as one table, filled up with zeros."""
    longest = max(map(len, lists))
    return torch.tensor([[*each, *[PAD] * (longest - len(each))] for each in lists])


def loss_of(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return how far vectors are from the teacher's: by angle, and by length and place."""
    angle = 1 - torch.nn.functional.cosine_similarity(found, wanted, dim=1)
    return angle.mean() + 0.5 * (found - wanted).pow(2).sum(1).mean()


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is learnt: texts, the teacher's rows for them, the hints, the tokenizer."""

    texts: Sequence[str]
    wanted: torch.Tensor
    hinted: torch.Tensor
    pieces: Pieces


def epoch_of(lesson: Lesson, chance: Random) -> Iterator[tuple[torch.Tensor, list[int]]]:
    """Yield batches of one round, as pieces and the places of their texts: each sentence once, a third of the words."""
    words = [place for place, text in enumerate(lesson.texts) if " " not in text]
    mine = [place for place, text in enumerate(lesson.texts) if " " in text] + chance.sample(words, len(words) // 3)
    lists = [known(lesson.pieces.split(torn(lesson.texts[place], chance).lower())) for place in mine]
    for group in batches(lists, chance):
        yield padded([lists[each] for each in group]), [mine[each] for each in group]


def train(model: Student, lesson: Lesson, *, epochs: int, rate: float, weight: float, seed: int) -> Iterator[float]:
    """Train for some rounds and yield the mean loss of each; the step grows short towards the end."""
    head = torch.nn.Linear(len(lesson.wanted[0]), len(lesson.hinted[0]))
    table = [*model.table.parameters(), *model.weight.parameters()]
    other = [each for name, each in model.named_parameters() if not name.startswith(("table", "weight"))]
    rest = [*head.parameters(), *other]
    groups = [{"params": table, "lr": 2 * rate}, {"params": rest, "lr": rate}]
    optimiser = torch.optim.Adam(groups, betas=(0.9, 0.98))
    chance = Random(seed)
    for epoch in range(epochs):
        members = list(epoch_of(lesson, chance))
        losses = []
        for step, (numbers, places) in enumerate(members):
            done = (epoch + step / len(members)) / epochs
            for group, top in zip(optimiser.param_groups, (2 * rate, rate), strict=True):
                group["lr"] = top * min(1, 20 * done + 0.005) * max(0.02, 1 - done)
            found = model(numbers)
            loss = loss_of(found, lesson.wanted[places])
            loss = loss + weight * (head(found) - lesson.hinted[places]).pow(2).mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(rest, 1.0)
            optimiser.step()
            losses.append(loss.item())
        yield sum(losses) / len(losses)


def asked() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vectors", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--blocks", type=int, default=2)
    parser.add_argument("--reach", type=int, default=5)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--hints", type=float, default=1.0, help="how much the labels' directions count")
    parser.add_argument("--without", type=int, help="leave out this half of the texts (0 or 1): see halves in heads.py")
    return parser.parse_args()


def main() -> None:
    """Train, and write the encoder after each round."""
    told = asked()
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    file = take_apart(find_weights())
    texts = corpus(without=told.without)
    real = {unicodedata.normalize("NFC", row.text) for row in shippable()}
    # The directions are those of all real texts, whatever half is left out: every encoder speaks of the same columns.
    every = [text for text in corpus() if text in real]
    basis = teacher_rows(every, told.vectors)
    count = next((place for place, text in enumerate(texts) if text not in real), len(texts))
    rows = teacher_rows(texts, told.vectors)
    kept = choose(file, texts[:count], texts[count:])
    pieces, names, scores = trimmed(file, kept)
    shape = Shape(told.width, told.blocks, told.reach)
    wanted = torch.from_numpy(targets(rows, basis, shape.size))
    lesson = Lesson(texts, wanted, torch.from_numpy(hints(texts, rows)), pieces)
    model = Student(shape, torch.from_numpy(first_table(file, kept, told.width) * 0.3))
    print(len(texts), "texts,", count, "real,", len(kept), "pieces", flush=True)
    rounds = train(model, lesson, epochs=told.epochs, rate=told.rate, weight=told.hints, seed=SEED)
    for number, loss in enumerate(rounds, 1):
        print(f"round {number}: loss {loss:.4f}", flush=True)
        export(model.eval(), names, scores, file.pieces.letters, told.out)
        model.train()


if __name__ == "__main__":
    main()
