"""The texts from which the small encoder learns: shippable ones, their crops, joins and swaps, polar words."""

from __future__ import annotations

import bisect
import itertools
import sys
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from data import LANGUAGES, SHIPPABLE, Row, fold_of, load, own_sentences

WORDS = 10_000  # of a language, from the lemma tables: keys by which words are swapped
MADE = ("en", "es", "it", "ca")  # of Romanian there are twice as many real texts
SEED = 7


def shippable() -> list[Row]:
    """Return every labelled text that may train weights that ship, the kit's own first."""
    return [*own_sentences(), *(row for name in SHIPPABLE for row in load(name))]


def half_of(row: Row) -> int:
    """Return the half of a text, 0 or 1; parallel sentences stay together."""
    return fold_of(row, 2)


def corpus(*, seed: int = SEED, without: int | None = None) -> list[str]:
    """Return all texts to learn from, each once: real ones first, then what is made of them, then words and phrases.

    What is made of a text hangs on that text and the seed: with more sentences, nothing else changes. `without` leaves
    out one half of the texts and all that is made of them: an encoder that has not seen them tells how good it is.
    """
    rows = [row for row in shippable() if without is None or half_of(row) != without]
    texts = {language: sorted({row.text for row in rows if row.language == language}) for language in LANGUAGES}
    polar = {language: polar_words(language) for language in LANGUAGES}
    made = [
        text
        for language in MADE
        for text in (
            *crops(texts[language], seed),
            *joins(texts[language], seed),
            *swaps(texts[language], polar[language] + spoken_words(texts[language]), table_words(language, seed), seed),
        )
    ]
    real = [text for language in LANGUAGES for text in texts[language]]
    single = [word for language in LANGUAGES for word in polar[language]]
    return list(dict.fromkeys(unicodedata.normalize("NFC", text) for text in (*real, *made, *single) if text.strip()))


def spoken_words(texts: Sequence[str]) -> list[str]:
    """Return the words of some texts, in the order of letters."""
    return sorted({word.strip(".,;:!?…\"'()«»-") for text in texts for word in text.split()} - {""})


def polar_words(language: str) -> list[str]:
    """Return the whole words and the phrases of the kit's lexicon."""
    place = resources.files("cjtools.text.lexicon") / f"{language}.toml"
    if not place.is_file():
        return []
    lists = tomllib.loads(place.read_text("utf-8"))
    return sorted(word for part in ("words", "phrases") for word in lists.get(part, {}) if not word.endswith("*"))


def table_words(language: str, seed: int) -> list[str]:
    """Return some words of the lemma table of simplemma (MIT)."""
    names = sorted(word for word in lemmas(language) if word.isalpha() and word.islower() and len(word) < 20)
    return Random(seed).sample(names, min(WORDS, len(names)))


@cache
def lemmas(language: str) -> Mapping[str, str]:
    """Return the lemma table of a language: form to lemma."""
    from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

    table = DefaultDictionaryFactory().get_dictionary(language)
    return {text(form): text(lemma) for form, lemma in table.items()}


def text(value: str | bytes) -> str:
    """Return what a table holds as text."""
    return value.decode() if isinstance(value, bytes) else value


def crops(texts: Sequence[str], seed: int) -> Iterator[str]:
    """Yield a run of two to ten words of each text that has five or more."""
    for each in texts:
        words, chance = each.split(), Random(f"crop {seed} {each}")
        if len(words) >= 5:
            length = chance.randint(2, min(len(words) - 1, 10))
            start = chance.randint(0, len(words) - length)
            yield " ".join(words[start : start + length])


def joins(texts: Sequence[str], seed: int) -> Iterator[str]:
    """Yield one in three short texts together with the next text in an order by hash."""
    short = sorted(
        (each for each in texts if len(each) < 120), key=lambda each: Random(f"order {seed} {each}").random()
    )
    for left, right in itertools.pairwise(short):
        if Random(f"join {seed} {left}").random() < 1 / 3:
            yield f"{left} {right}"


def swaps(texts: Sequence[str], words: Sequence[str], keys: Sequence[str], seed: int) -> Iterator[str]:
    """Yield each text of four words or more with one word replaced by another of the language (`words`).

    The new word is the one that follows a random key in the order of letters: it stays when the list grows.
    """
    words = sorted(set(words))
    for each in texts:
        parts, chance = each.split(), Random(f"swap {seed} {each}")
        if len(parts) >= 4:
            parts[chance.randrange(len(parts))] = words[bisect.bisect(words, chance.choice(keys)) % len(words)]
            yield " ".join(parts)
