"""Words in pieces: the SentencePiece unigram tokenizer of XLM-R, word by word, each word split once."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

# A piece that opens a word begins with this mark. No piece has it inside: words can be split one by one.
META = "▁"
LONGEST_KEPT = 40  # letters: longer "words" are seldom met twice
MOST_KEPT = 500_000


@dataclass(frozen=True, eq=False)
class Pieces:
    """The pieces of a model with their numbers and scores, and how letters are normalised before.

    `letters` maps code points to text, as str.translate takes it; `unknown` is the number of a letter without a piece.
    """

    numbers: Mapping[str, int]
    scores: Sequence[float]
    letters: Mapping[int, str]
    unknown: int
    unknown_score: float
    longest: int
    kept: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False)

    def split(self, text: str) -> list[int]:
        """Return the numbers of the pieces of a text; spaces at its ends and in a row count as none.

        Method: the path with the highest sum of scores (Viterbi), as Kudo 2018, "Subword regularization", decodes.
        """
        numbers: list[int] = []
        kept = self.kept
        for word in unicodedata.normalize("NFC", text).translate(self.letters).split(" "):
            if word:
                found = kept.get(word)
                numbers.extend(self.remember(word) if found is None else found)
        return numbers

    def remember(self, word: str) -> tuple[int, ...]:
        """Return the pieces of one word, kept for the next time it is met."""
        found = tuple(self.best(META + word))
        if len(word) <= LONGEST_KEPT:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            self.kept[word] = found
        return found

    def best(self, word: str) -> list[int]:
        """Return the likeliest pieces of a word that begins with the mark."""
        count = len(word)
        best = [0.0] + [-math.inf] * count
        before = [0] * (count + 1)
        piece = [self.unknown] * (count + 1)
        numbers, scores, longest = self.numbers, self.scores, self.longest
        for start in range(count):
            so_far = best[start]
            for end in range(start + 1, min(start + longest, count) + 1):
                number = numbers.get(word[start:end])
                if number is not None and so_far + scores[number] > best[end]:
                    best[end], before[end], piece[end] = so_far + scores[number], start, number
            if so_far + self.unknown_score > best[start + 1]:
                best[start + 1] = so_far + self.unknown_score
                before[start + 1], piece[start + 1] = start, self.unknown
        return list(walk_back(piece, before))[::-1]


def walk_back(piece: Sequence[int], before: Sequence[int]) -> Iterable[int]:
    """Yield the pieces of the best path from the last to the first."""
    end = len(before) - 1
    while end > 0:
        yield piece[end]
        end = before[end]


def pieces_of(names: Sequence[str], scores: Sequence[float], letters: Mapping[int, str], *, unknown: int) -> Pieces:
    """Return a tokenizer of some pieces in the order of their numbers; names in <…> are marks of the model, no text.

    >>> some = pieces_of(["<unk>", "▁no", "▁", "n", "o", "t"], [0, -1, -2, -3, -3, -3], {}, unknown=0)
    >>> some.split("not no !")
    [1, 5, 1, 2, 0]
    """
    numbers = {name: number for number, name in enumerate(names) if not (name.startswith("<") and name.endswith(">"))}
    return Pieces(
        numbers=numbers,
        scores=scores,
        letters=letters,
        unknown=unknown,
        unknown_score=min(scores) - 10,
        longest=max(map(len, numbers)),
    )
