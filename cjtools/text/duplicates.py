"""Texts that are nearly the same: copies and reposts are one voice with more reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from cjtools.words import fold

SHINGLE = 5  # characters
ALIKE = 0.5  # Jaccard index of the shingles from which on two texts are one
# A signature of 240 minima in 60 bands of 4: two texts that are just alike (0.5) meet in some band in 98 of 100 cases,
# two that share a tenth of their shingles in fewer than 1. What meets is then compared in full.
BANDS, ROWS = 60, 4
NEIGHBOURS = 8
HOPELESS = 0.3  # agreement of signatures below which a full comparison is not worth it
SHORTEST = 25  # letters: many people write "Thanks a lot!" by themselves
SEED = 20_241_124

# What a repost changes: links, handles, marks of forwarding, punctuation, case.
ADDED = re.compile(r"https?:?\S*|www\.\S+|@\w+|\b(?:rt|via|fwd?)\b|&\w+;", re.IGNORECASE)


def clean(text: str) -> str:
    """Return a text as it is compared: folded, without links, handles, marks of reposts and punctuation.

    >>> clean("RT @maria: Quina CUA, a la botiga!! https://t.example/x")
    'quina cua a la botiga'
    """
    return " ".join(re.findall(r"\w+", fold(ADDED.sub(" ", text))))


def near_duplicates(quotes: pl.DataFrame, *, alike: float = ALIKE) -> pl.DataFrame:
    """Return the quotes that are nearly copies of an earlier one: quote_id, first (the earliest's id), similarity.

    `quotes` has quote_id, text and said_at. Two texts are alike when the Jaccard index of their character 5-grams,
    after cleaning, is `alike` or more, or when they are equal; alike texts form groups, and similarity is that with the
    first of the group. Texts of fewer than 25 letters are left alone. Method: MinHash with banding (Broder 1997),
    each meeting verified exactly; seeded, so that the same texts give the same groups in any order.

    >>> quotes = pl.DataFrame({"quote_id": ["a", "b", "c"], "said_at": [2, 1, 3], "text": [
    ...     "Una hora de cua per recollir un paquet", "RT: una hora de cua per a recollir el paquet!!", "Molt bé"]})
    >>> near_duplicates(quotes).select("quote_id", "first").rows()
    [('a', 'b')]
    """
    schema = {"quote_id": pl.String, "first": pl.String, "similarity": pl.Float64}
    rows = quotes.select(
        "quote_id", "said_at", text=pl.Series([clean(text) for text in quotes["text"]], dtype=pl.String)
    )
    rows = rows.filter(pl.col("text").str.len_chars() >= SHORTEST).sort("said_at", "quote_id", nulls_last=True)
    if rows.height < 2:
        return pl.DataFrame(schema=schema)
    texts, owner = np.unique(np.array(rows["text"].to_list(), dtype=object), return_inverse=True)
    shingles, starts = shingles_of(texts.tolist())
    groups = groups_of(len(texts), alike_pairs(shingles, starts, alike=alike))
    seen: dict[int, int] = {}
    found = []
    for place, text in enumerate(owner.tolist()):
        first = seen.setdefault(int(groups[text]), place)
        if first != place:
            similarity = jaccard(shingles, starts, np.array([[text, owner[first]]]))[0]
            found.append((rows["quote_id"][place], rows["quote_id"][first], round(float(similarity), 6)))
    return pl.DataFrame(found, schema=schema, orient="row").sort("quote_id")


def shingles_of(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the hashed shingles of all texts, sorted and once each within a text, and where each text's begin."""
    points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    lengths = np.array([len(text) for text in texts])
    owner = np.repeat(np.arange(len(texts)), lengths)
    hashed = np.zeros(len(points) - SHINGLE + 1, dtype=np.uint64)
    for step in range(SHINGLE):
        hashed = hashed * np.uint64(0x100000001B3) + points[step : len(points) - SHINGLE + 1 + step]
    whole = owner[: len(hashed)] == owner[SHINGLE - 1 :]
    owner, hashed = owner[: len(hashed)][whole], mixed(hashed[whole])
    order = np.lexsort((hashed, owner))
    owner, hashed = owner[order], hashed[order]
    fresh = np.ones(len(hashed), dtype=bool)
    fresh[1:] = (owner[1:] != owner[:-1]) | (hashed[1:] != hashed[:-1])
    owner, hashed = owner[fresh], hashed[fresh]
    return hashed, np.searchsorted(owner, np.arange(len(texts) + 1))


def mixed(values: np.ndarray) -> np.ndarray:
    """Return whole numbers spread evenly over 64 bits (the finalizer of SplitMix64, Steele, Lea and Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


def alike_pairs(shingles: np.ndarray, starts: np.ndarray, *, alike: float) -> np.ndarray:
    """Return the pairs of texts that are alike, one a row."""
    signatures = signatures_of(shingles, starts)
    met = [np.empty((0, 2), dtype=np.int64)]
    for pairs in meetings(signatures):
        near = np.mean(signatures[pairs[:, 0]] == signatures[pairs[:, 1]], axis=1) >= HOPELESS
        met.append(pairs[near])
    pairs = np.unique(np.concatenate(met), axis=0)
    return pairs[jaccard(shingles, starts, pairs) >= alike]


def signatures_of(shingles: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the minima of each text under 240 ways of hashing its shingles."""
    factors = np.random.default_rng(SEED).integers(1, 2**63, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(
        1
    )
    minima = [
        np.minimum.reduceat((shingles * factor) >> np.uint64(32), starts[:-1]).astype(np.uint32) for factor in factors
    ]
    return np.stack(minima, axis=1)


def meetings(signatures: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the pairs of texts that are equal in a band, band by band: each with a few of those behind it.

    All pairs are not needed to find a group, and of a campaign sent a thousand times they would be a million.
    """
    for band in range(BANDS):
        key = signatures[:, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
        hashed = np.zeros(len(key), dtype=np.uint64)
        for column in key.T:
            hashed = mixed(hashed * np.uint64(0x9E3779B97F4A7C15) + column)
        order = np.argsort(hashed, kind="stable")
        left = np.arange(len(order))
        for step in range(1, NEIGHBOURS + 1):
            left = left[left + step < len(order)]
            left = left[hashed[order[left]] == hashed[order[left + step]]]
            yield np.sort(np.stack([order[left], order[left + step]], axis=1), axis=1)


def jaccard(shingles: np.ndarray, starts: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the Jaccard index of the shingles of each pair of texts."""
    found = np.empty(len(pairs))
    for place, (one, two) in enumerate(pairs.tolist()):
        first, second = shingles[starts[one] : starts[one + 1]], shingles[starts[two] : starts[two + 1]]
        both = len(np.intersect1d(first, second, assume_unique=True))
        found[place] = both / (len(first) + len(second) - both)
    return found


def groups_of(count: int, pairs: np.ndarray) -> np.ndarray:
    """Return the number of each text's group: that of the first text to which pairs lead from it."""
    group = np.arange(count)

    def root(place: int) -> int:
        while group[place] != place:
            group[place] = group[group[place]]
            place = int(group[place])
        return place

    for one, two in pairs.tolist():
        first, second = sorted((root(one), root(two)))
        group[second] = first
    return np.array([root(place) for place in range(count)])
