"""What many people speak of, found without asking: groups of like texts, across languages, with names that last."""

from __future__ import annotations

import math
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import polars as pl
import simplemma
import stopwordsiso
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from cjtools.settings import LANGUAGES
from cjtools.tables import Coding
from cjtools.text.encoders import Encoder, load_encoder
from cjtools.text.theme_file import Theme, Themed, Themes
from cjtools.words import fold, unaccented

FEWEST_TEXTS = 20  # fewer are read by a person sooner than by a machine
FEWEST_OF_A_LANGUAGE = 8  # below this a language has no mean of its own to be taken away
COUNTS = (3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 30)  # of themes that are tried
DIMENSIONS = 32
TAUGHT_BY = 4000  # texts that the groups are found in; the others join the nearest
RESAMPLES = 5
STABLE = 0.01  # a larger number of themes must be so much more stable
BELONGS = 0.25  # likeness to a theme's centre below which a text has none
SAME_THEME = 0.55  # likeness of centres from which on a theme of an earlier wave is the same
LABEL_WORDS = 3
CODER = "cjtools"
WORD = re.compile(r"[^\W\d_]{3,}")


def find_themes(
    quotes: pl.DataFrame,
    *,
    encoder: Encoder | None = None,
    previous: Sequence[Theme] = (),
    minimum: int = 3,
    count: int | None = None,
    seed: int = 1,
) -> Themes:
    """Return the themes of texts (quote_id, text, language, person), of which each has `minimum` people or more.

    Vectors are centred per language first: without it the groups would be languages. The number of themes is the one
    whose groups come back best when texts are resampled, unless `count` says it. Themes that are like one of
    `previous` (an earlier wave's) keep its id and label. Labels are the words that set a theme apart (class-based
    TF-IDF, Grootendorst 2022) as lemmas, without stop words, in each language that is in it. Seeded: the same texts
    give the same themes in any order.
    """
    encoder = encoder or load_encoder()
    known = quotes.filter(pl.col("language").is_in(LANGUAGES)).sort("quote_id")
    if known.height < FEWEST_TEXTS:
        rows = quotes.select("quote_id", theme=pl.lit(None, dtype=pl.String), likeness=pl.lit(None, dtype=pl.Float64))
        return Themes(Themed.validate(rows.sort("quote_id"), cast=True), (), None, encoder.name)
    centred = centre(encoder.encode(known["text"].to_list()), known["language"].to_list())
    group, centres, stability = grouped(centred, count=count, seed=seed)
    likeness = np.round(np.einsum("ij,ij->i", centred, centres[group]), 5)
    belongs = likeness >= BELONGS
    people = people_of(known["person"].to_list(), group, belongs, len(centres))
    kept = [number for number in range(len(centres)) if people[number] >= minimum]
    lemmas = [lemmas_of(text, language) for text, language in known.select("text", "language").iter_rows()]
    labels = labels_of(lemmas, known["language"].to_list(), np.where(belongs, group, -1), len(centres))
    sizes = np.bincount(group[belongs], minlength=len(centres))
    found = [
        Theme("", labels[number], people[number], int(sizes[number]), np.round(centres[number], 5)) for number in kept
    ]
    themes = named(found, previous)
    ids = {number: theme.id for number, theme in zip(kept, themes, strict=True)}
    rows = known.select("quote_id").with_columns(
        theme=pl.Series(
            [ids.get(int(number)) if inside else None for number, inside in zip(group, belongs, strict=True)],
            dtype=pl.String,
        ),
        likeness=pl.Series(likeness.astype(np.float64)),
    )
    every = quotes.select("quote_id").sort("quote_id").join(rows, on="quote_id", how="left", maintain_order="left")
    ordered = tuple(sorted(themes, key=lambda theme: (-theme.people, -theme.quotes, theme.id)))
    return Themes(Themed.validate(every, cast=True), ordered, stability, encoder.name)


def centre(vectors: np.ndarray, languages: Sequence[str]) -> np.ndarray:
    """Return unit vectors from which the mean of their language was taken away; of a rare language that of all."""
    spoken = np.asarray(languages)
    moved = vectors - vectors.mean(axis=0, dtype=np.float64)
    for language in sorted(set(languages)):
        inside = spoken == language
        if inside.sum() >= FEWEST_OF_A_LANGUAGE:
            moved[inside] = vectors[inside] - vectors[inside].mean(axis=0, dtype=np.float64)
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(np.round(moved / np.maximum(length, 1e-9), 6))


def grouped(vectors: np.ndarray, *, count: int | None, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the group of each text, the unit centres of the groups, and how stable they are."""
    taught = vectors[np.random.default_rng(seed).permutation(len(vectors))[:TAUGHT_BY]]
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flat = PCA(min(DIMENSIONS, *taught.shape), random_state=seed).fit(taught)
        points = flat.transform(taught)
        most = max(2, len(taught) // 5)
        tried = [min(count, len(taught))] if count else [number for number in COUNTS if number <= most] or [2]
        scores = [(number, stability_of(points, number, seed)) for number in tried]
        best, stable = scores[0]
        for number, score in scores[1:]:
            if score > stable + STABLE:
                best, stable = number, score
        model = KMeans(best, n_init=5, random_state=seed).fit(points)
        # Fewer groups than asked for, where fewer texts differ.
        own = np.array([taught[model.labels_ == number].mean(axis=0) for number in np.unique(model.labels_)])
    centres = own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-9)
    likeness = np.round(np.einsum("ij,kj->ik", vectors, centres), 5)
    return likeness.argmax(axis=1), centres, round(stable, 4)


def stability_of(points: np.ndarray, count: int, seed: int) -> float:
    """Return the mean adjusted Rand index of groupings of two thirds of the points, applied to all of them."""
    chance = np.random.default_rng(seed)
    found = [
        KMeans(count, n_init=2, random_state=seed + turn)
        .fit(points[np.sort(chance.permutation(len(points))[: max(len(points) * 2 // 3, count)])])
        .predict(points)
        for turn in range(RESAMPLES)
    ]
    return float(np.mean([adjusted_rand_score(one, two) for one, two in pairwise(found)]))


def people_of(people: Sequence[str | None], group: np.ndarray, belongs: np.ndarray, count: int) -> list[int]:
    """Return how many distinct people stand behind each group."""
    named_: list[set[str]] = [set() for _ in range(count)]
    for person, number, inside in zip(people, group, belongs, strict=True):
        if inside and person is not None:
            named_[int(number)].add(person)
    return [len(each) for each in named_]


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the stop words of a language, without accents."""
    return frozenset(unaccented(word) for word in stopwordsiso.stopwords(language))


def lemmas_of(text: str, language: str) -> list[str]:
    """Return the lemmas of a text that may name a theme.

    >>> lemmas_of("Les botigues i les cues", "ca")
    ['botiga', 'cua']
    """
    stopped = stop_words(language)
    words = (word.lower() for word in WORD.findall(re.sub(r"https?:\S+|@\w+", " ", text)))
    lemmas = (simplemma.lemmatize(word, lang=language).lower() for word in words if unaccented(word) not in stopped)
    return [lemma for lemma in lemmas if len(lemma) > 2 and unaccented(lemma) not in stopped]


def labels_of(
    lemmas: Sequence[Sequence[str]], languages: Sequence[str], group: np.ndarray, count: int
) -> list[dict[str, str]]:
    """Return the words that set each group apart, by language, by class-based TF-IDF over the texts of a language."""
    labels: list[dict[str, str]] = [{} for _ in range(count)]
    for language in sorted(set(languages)):
        inside = [place for place, each in enumerate(languages) if each == language]
        counts = [Counter[str]() for _ in range(count)]
        for place in inside:
            if group[place] >= 0:
                counts[int(group[place])].update(set(lemmas[place]))
        total = sum(counts, Counter[str]())
        mean = sum(total.values()) / max(count, 1)
        for number, own in enumerate(counts):
            scores = {
                word: times / sum(own.values()) * math.log(1 + mean / total[word])
                for word, times in own.items()
                if times > 1
            }
            best = sorted(scores, key=lambda word: (-round(scores[word], 9), word))[:LABEL_WORDS]
            if best:
                labels[number][language] = " · ".join(best)
    return labels


def named(found: Sequence[Theme], previous: Sequence[Theme]) -> list[Theme]:
    """Return themes with their ids: that of the like theme of an earlier wave, else one made of their words."""
    kept = matched(found, previous)
    taken = {previous[before].id for before in kept.values()} | {theme.id for theme in previous}
    themes = []
    for number, theme in enumerate(found):
        if number in kept:
            before = previous[kept[number]]
            themes.append(Theme(before.id, {**theme.label, **before.label}, theme.people, theme.quotes, theme.centre))
            continue
        words = theme.label.get("en") or next((theme.label[key] for key in sorted(theme.label)), "theme")
        slug = re.sub(r"[^a-z0-9]+", "-", fold(words)).strip("-")[:48] or "theme"
        identifier = next(name for name in (slug, *(f"{slug}-{n}" for n in range(2, 10_000))) if name not in taken)
        taken.add(identifier)
        themes.append(Theme(identifier, theme.label, theme.people, theme.quotes, theme.centre))
    return themes


def matched(found: Sequence[Theme], previous: Sequence[Theme]) -> dict[int, int]:
    """Return which found theme is which earlier one, one to one, by the likeness of their centres in all."""
    fitting = [theme for theme in previous if not found or theme.centre.shape == found[0].centre.shape]
    if not found or not fitting:
        return {}
    likeness = np.array([[float(one.centre @ two.centre) for two in fitting] for one in found])
    pairs = zip(*linear_sum_assignment(-np.round(likeness, 5)), strict=True)
    places = {id(theme): place for place, theme in enumerate(previous)}
    return {int(one): places[id(fitting[two])] for one, two in pairs if likeness[one, two] >= SAME_THEME}


def as_codings(themes: Themes) -> pl.DataFrame:
    """Return themes as codings of the machine, which nobody accepted yet."""
    rows = themes.rows.drop_nulls("theme").select(
        "quote_id",
        kind=pl.lit("theme"),
        code="theme",
        value=pl.lit(None, dtype=pl.Int64),
        coder=pl.lit(CODER),
        method=pl.lit("model"),
        confidence=pl.col("likeness").clip(0, 1),
        accepted=pl.lit(value=False),
    )
    return Coding.validate(rows, cast=True)
