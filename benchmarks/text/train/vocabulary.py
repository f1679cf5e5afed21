"""Which pieces the small encoder knows, and the values its table starts from."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from cjtools.text.encoders.e5_file import E5File, floats
from cjtools.text.encoders.pieces import Pieces, pieces_of

KEPT = 28_000  # pieces, beside the single letters
REAL = 20  # how much more a piece of a real text counts than one of a word list


def plain(text: str) -> str:
    """Return a text without accents, as people in a hurry write it."""
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def choose(file: E5File, real: Sequence[str], made: Sequence[str]) -> list[int]:
    """Return the numbers of the pieces to keep, in the order of the model: the most used, and all letters met."""
    counts: Counter[int] = Counter()
    for texts, weight in ((real, REAL), (made, 1)):
        for text in texts:
            for form in {text.lower(), plain(text.lower())}:
                counts.update(dict.fromkeys(file.pieces.split(form), weight))
                counts.update({file.pieces.numbers[each]: weight for each in form if each in file.pieces.numbers})
    counts.pop(file.pieces.unknown, None)
    names = {number: name for name, number in file.pieces.numbers.items()}
    letters = {number for number in counts if len(names[number]) == 1}
    ranked = sorted(counts, key=lambda number: (-counts[number], number))
    return sorted({file.pieces.numbers["▁"], *letters, *ranked[:KEPT]})


def trimmed(file: E5File, kept: Sequence[int]) -> tuple[Pieces, list[str], list[float]]:
    """Return the tokenizer of the kept pieces (numbered from 1; 0 is a letter that none has), names and scores."""
    names = {number: name for name, number in file.pieces.numbers.items()}
    chosen = ["<unk>", *(names[number] for number in kept)]
    scores = [0.0, *(float(file.pieces.scores[number]) for number in kept)]
    return pieces_of(chosen, scores, file.pieces.letters, unknown=0), chosen, scores


def first_table(file: E5File, kept: Sequence[int], width: int) -> np.ndarray:
    """Return the word embeddings of the pieces in their main directions: (pieces + 1, width), row 0 zero."""
    blocks = file.arrays["emb.word"].reshape(-1, file.width // 32, 18)[list(kept)]
    rows = floats(blocks.reshape(-1, 18)).reshape(len(kept), file.width)
    rows = rows - rows.mean(axis=0)
    _, _, directions = np.linalg.svd(rows.T @ rows)
    rows = rows @ directions[:width].T
    return np.concatenate([np.zeros((1, width)), rows / rows.std()]).astype(np.float32)
