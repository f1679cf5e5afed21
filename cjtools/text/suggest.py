"""Stage, type and factor of a text: what the machine suggests, why, and how often it agrees with people."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from cjtools.client import Client
from cjtools.settings import LANGUAGES
from cjtools.tables import Coding, shape_of
from cjtools.text.codebook import Code, Codebook
from cjtools.text.encoders import Encoder, load_encoder
from cjtools.text.heads import load_head
from cjtools.text.polarity import read_words
from cjtools.text.sentiment import columns_of
from cjtools.text.stages import KNOWN, crosswalk

KINDS = ("stage", "type", "factor")
TYPES = ("need", "pain", "gain", "question", "suggestion", "fact")

# The machine's own codes count on the map only from this agreement on, over at least so many of the client's codes.
ENOUGH_AGREEMENT, ENOUGH_CODES = 0.70, 30
FOLDS = 5
FEWEST_TO_LEARN = 10
FEWEST_A_CODE = 2
STRENGTH = 2.0  # by which vectors are multiplied: the more, the less the ridge holds back what is learned of them
TRUST = 30.0  # accepted codes a code at which what was learned counts as much as what was known before
SHARPNESS = 20.0  # of likeness to a description, where nothing else is known
CODER = "cjtools"


class Suggestion(dy.Schema):
    """What the machine would code: the likeliest code and the second, their probabilities, and the nearest coded text.

    `because` is the quote_id of the accepted quote of the same code that is most alike; null where there is none.
    """

    quote_id = dy.String(primary_key=True)
    kind = dy.Enum(list(KINDS))
    code = dy.String()
    confidence = dy.Float64(min=0, max=1)
    second = dy.String(nullable=True)
    second_confidence = dy.Float64(nullable=True, min=0, max=1)
    margin = dy.Float64(min=0, max=1)
    because = dy.String(nullable=True)


@dataclass(frozen=True)
class Suggestions:
    """The suggestions of one kind, and what they rest on.

    `codes` accepted codes of the client were learned from; `agreement` is the share of them that the machine gives,
    each judged by a machine that has not seen its document (null below two documents or ten codes); `accepted` says
    whether the machine's codes may count: agreement 0.70 or more over 30 codes or more.
    """

    kind: str
    rows: pl.DataFrame
    codes: int
    agreement: float | None
    accepted: bool
    encoder: str


@dataclass(frozen=True, eq=False)
class Basis:
    """Texts as the machine sees them: their vectors, and what it says of each code before it has learned."""

    vectors: np.ndarray
    prior: np.ndarray


@dataclass(frozen=True, eq=False)
class Taught:
    """The accepted quotes: their vectors, the place of their code, their ids."""

    vectors: np.ndarray
    labels: np.ndarray
    ids: Sequence[str]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Texts of which codes of a kind are suggested, as the machine sees them: to learn again takes no encoding."""

    kind: str
    encoder: str
    known: pl.DataFrame
    codes: tuple[Code, ...]
    basis: Basis


def suggest_codes(
    quotes: pl.DataFrame,
    *,
    kind: str,
    client: Client,
    codings: pl.DataFrame,
    book: Codebook | None = None,
    encoder: Encoder | None = None,
) -> Suggestions:
    """Return what the machine suggests for each quote (quote_id, doc_id, text, language) that nobody coded.

    It starts from the shipped model (types; stages, each of its eight as the nearest of the client's) or from the
    descriptions of the codebook (factors), and learns from the client's accepted codes in `codings` (logistic
    regression on the vectors, with what was known before as further columns). Texts in other languages than the kit's
    five get none.
    """
    return learn(prepare(quotes, kind=kind, client=client, book=book, encoder=encoder), codings)


def prepare(
    quotes: pl.DataFrame, *, kind: str, client: Client, book: Codebook | None = None, encoder: Encoder | None = None
) -> Prepared:
    """Return quotes as the machine sees them, to suggest codes of a kind from again and again."""
    encoder = encoder or load_encoder()
    known = quotes.filter(pl.col("language").is_in(LANGUAGES)).sort("quote_id")
    codes = codes_of(kind, client, book)
    if known.is_empty() or len(codes) < 2:
        nothing = Basis(np.empty((0, encoder.size), dtype=np.float32), np.empty((0, len(codes))))
        return Prepared(kind, encoder.name, known.clear(), codes, nothing)
    basis = basis_of(known, kind=kind, codes=codes, client=client, encoder=encoder)
    return Prepared(kind, encoder.name, known, codes, basis)


def learn(prepared: Prepared, codings: pl.DataFrame) -> Suggestions:
    """Return what the machine suggests for prepared quotes, after it has learned from the accepted codes."""
    kind, known, basis, names = prepared.kind, prepared.known, prepared.basis, [code.id for code in prepared.codes]
    given = accepted_codes(codings, kind, prepared.codes)
    given = given.join(known.select("quote_id", "doc_id"), on="quote_id").sort("quote_id")
    if known.is_empty():
        return Suggestions(kind, Suggestion.create_empty(), given.height, None, False, prepared.encoder)
    place = dict(zip(known["quote_id"], range(known.height), strict=True))
    at = np.array([place[quote] for quote in given["quote_id"]], dtype=int)
    labels = np.array([names.index(code) for code in given["code"]], dtype=int)
    agreement = measure(basis, at, labels, given["doc_id"].to_list(), len(names))
    chances = learned(basis, at, labels, np.arange(known.height), len(names))
    taught = Taught(basis.vectors[at], labels, given["quote_id"].to_list())
    waiting = np.setdiff1d(np.arange(known.height), at)
    ids = known["quote_id"].gather(waiting).to_list()
    rows = rows_of(ids, basis.vectors[waiting], chances[waiting], names=names, kind=kind, taught=taught)
    enough = agreement is not None and agreement >= ENOUGH_AGREEMENT and given.height >= ENOUGH_CODES
    return Suggestions(kind, rows, given.height, agreement, enough, prepared.encoder)


def codes_of(kind: str, client: Client, book: Codebook | None) -> tuple[Code, ...]:
    """Return the codes of a kind: the client's stages, the kit's types, the codebook's factors."""
    described = {code.id: code for code in (book or Codebook()).of(kind)}
    if kind == "stage":
        return tuple(
            described.get(stage.id, Code(id=stage.id, kind="stage", label=stage.label)) for stage in client.journey
        )
    if kind == "type":
        return tuple(described.get(name, Code(id=name, kind="type")) for name in TYPES)
    return tuple(described.values())


def accepted_codes(codings: pl.DataFrame, kind: str, codes: Sequence[Code]) -> pl.DataFrame:
    """Return quote_id and code of the people's accepted codes of a kind, one a quote."""
    rows = codings.filter(
        (pl.col("kind").cast(pl.String) == kind)
        & pl.col("accepted")
        & (pl.col("method").cast(pl.String) == "person")
        & pl.col("code").is_in([code.id for code in codes])
    )
    return (
        rows.sort("quote_id", "code").unique("quote_id", keep="first", maintain_order=True).select("quote_id", "code")
    )


def basis_of(quotes: pl.DataFrame, *, kind: str, codes: Sequence[Code], client: Client, encoder: Encoder) -> Basis:
    """Return the vectors of texts and what is known of their codes beforehand, as probabilities."""
    texts, languages = quotes["text"].to_list(), quotes["language"].to_list()
    columns = columns_of(texts, languages, read_words(texts, languages), encoder=encoder)
    vectors = columns[:, : encoder.size]
    if kind == "stage":
        head = load_head(f"stage-{encoder.name}")
        order = [head.classes.index(name) for name in KNOWN]
        return Basis(vectors, head.probabilities(columns)[:, order] @ crosswalk(client.journey))
    if kind == "type":
        head = load_head(f"type-{encoder.name}")
        return Basis(vectors, head.probabilities(columns)[:, [head.classes.index(code.id) for code in codes]])
    return Basis(vectors, alike(vectors, codes, encoder))


def alike(vectors: np.ndarray, codes: Sequence[Code], encoder: Encoder) -> np.ndarray:
    """Return how alike texts are to what the codebook says of each code, as probabilities."""
    described = []
    for code in codes:
        told = [
            text
            for label in (code.label, code.definition, code.include)
            for text in ([label] if isinstance(label, str) else [label[key] for key in sorted(label)])
            if text
        ]
        mean = encoder.encode([*told, *code.examples] or [code.id]).mean(axis=0)
        described.append(mean / max(float(np.linalg.norm(mean)), 1e-9))
    likeness = np.einsum("ij,kj->ik", vectors, np.array(described, dtype=np.float32)).astype(np.float64)
    raised = np.exp(SHARPNESS * (likeness - likeness.max(axis=1, keepdims=True)))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def learned(basis: Basis, at: np.ndarray, labels: np.ndarray, wanted: np.ndarray, count: int) -> np.ndarray:
    """Return the probabilities of each code for the wanted texts, after learning from those at some places."""
    present, times = np.unique(labels, return_counts=True)
    taught = np.isin(labels, present[times >= FEWEST_A_CODE])
    prior = np.log(basis.prior[wanted] + 1e-3)
    if taught.sum() < FEWEST_TO_LEARN or len(np.unique(labels[taught])) < 2:
        return normal(prior)
    columns = np.hstack([basis.vectors * STRENGTH, np.log(basis.prior + 1e-3)])
    model = LogisticRegression(C=1.0, max_iter=500)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(columns[at[taught]], labels[taught])
        chances = np.zeros((len(wanted), count))
        chances[:, model.classes_] = model.predict_proba(columns[wanted])
    # A code that was never or hardly given keeps what was known of it beforehand; the more was learned, the less.
    trust = len(at) / (len(at) + TRUST * count)
    return np.asarray(trust * chances + (1 - trust) * normal(prior))


def normal(logits: np.ndarray) -> np.ndarray:
    """Return logarithms as probabilities."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def measure(basis: Basis, at: np.ndarray, labels: np.ndarray, documents: Sequence[str], count: int) -> float | None:
    """Return the share of accepted codes that the machine gives when it has not seen their document."""
    names = sorted(set(documents))
    if len(names) < 2 or len(at) < FEWEST_TO_LEARN:
        return None
    place = {document: number for number, document in enumerate(names)}
    fold = np.array([place[document] % min(FOLDS, len(names)) for document in documents])
    right = 0
    for number in np.unique(fold):
        inside = fold == number
        chances = learned(basis, at[~inside], labels[~inside], at[inside], count)
        right += int((chances.argmax(axis=1) == labels[inside]).sum())
    return round(right / len(at), 6)


def nearest(vector: np.ndarray, code: int, taught: Taught) -> str | None:
    """Return the id of the accepted quote of a code that is most like a text."""
    inside = np.flatnonzero(taught.labels == code)
    if not len(inside):
        return None
    likeness = np.einsum("ij,j->i", taught.vectors[inside], vector)
    return taught.ids[int(inside[int(np.argmax(np.round(likeness, 5)))])]


def rows_of(
    ids: Sequence[str], vectors: np.ndarray, chances: np.ndarray, *, names: Sequence[str], kind: str, taught: Taught
) -> pl.DataFrame:
    """Return the suggestions of texts with their ids, vectors and probabilities."""
    order = np.argsort(-np.round(chances, 6), axis=1, kind="stable")[:, :2]
    rows = []
    for quote, vector, chance, (first, second) in zip(ids, vectors, chances, order, strict=True):
        best, next_ = round(float(chance[first]), 6), round(float(chance[second]), 6)
        because = nearest(vector, int(first), taught)
        rows.append((quote, kind, names[first], best, names[second], next_, round(best - next_, 6), because))
    return Suggestion.validate(pl.DataFrame(rows, schema=shape_of(Suggestion), orient="row"), cast=True)


def queue(suggestions: pl.DataFrame, *, most: int = 20) -> pl.DataFrame:
    """Return the suggestions that a person should look at first: the least certain, of every code some.

    Within a suggested code the smallest margin comes first; the codes take turns, so that each is learned.

    >>> rows = [("a", "stage", "use", 0.9, "purchase", 0.1, 0.8, None),
    ...     ("b", "stage", "use", 0.5, "purchase", 0.4, 0.1, None)]
    >>> queue(pl.DataFrame(rows, schema=shape_of(Suggestion), orient="row"))["quote_id"].to_list()
    ['b', 'a']
    """
    ranked = suggestions.sort("code", "margin", "quote_id").with_columns(
        turn=pl.int_range(pl.len()).over("code", mapping_strategy="group_to_rows")
    )
    return ranked.sort("turn", "margin", "quote_id").head(most).drop("turn")


def as_codings(suggestions: Suggestions) -> pl.DataFrame:
    """Return suggestions as codings of the machine: accepted only where the client's own agreement allows it."""
    return suggestions.rows.select(
        "quote_id",
        "kind",
        "code",
        value=pl.lit(None, dtype=pl.Int64),
        coder=pl.lit(CODER),
        method=pl.lit("model"),
        confidence="confidence",
        accepted=pl.lit(suggestions.accepted),
    ).pipe(Coding.validate, cast=True)
