"""What is made of the texts of a client before they become evidence: languages, copies, feelings, people's codes."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from cjtools.client import Client
from cjtools.settings import LANGUAGES
from cjtools.tables import Machine, Tables, shape_of
from cjtools.text.annotate import Annotator, annotate, load_annotator
from cjtools.text.codebook import load_codebook
from cjtools.text.codings import languages_given, load_codings, settle
from cjtools.text.duplicates import near_duplicates
from cjtools.text.touchpoints import suggest_touchpoints

if TYPE_CHECKING:
    from cjtools.text.encoders import Encoder
    from cjtools.text.suggest import Suggestions

PUBLIC = ("mention", "review")
SCORED = (*PUBLIC, "answer", "ticket")  # what interviews feel is for people to say
NO_VOICE = ("interviewer", "brand")

# Who gave a sentiment, when it was not the kit.
SOURCE_METHOD = "source"

# What another model is asked of a text, and the number that each answer stands for.
ANSWERS = {"negative": -1.0, "neutral": 0.0, "positive": 1.0, "mixed": 0.0}

Work = list[tuple[object, ...]]


def understand(tables: Tables, *, client: Client) -> Tables:
    """Return the tables with what can be said of their texts, and `machine`: what the machine said of how many.

    - The language of texts whose source gave none.
    - Public texts that are nearly copies of earlier ones become reposts: reach, no voices ([text] duplicates).
    - Sentiment of public texts, open answers and tickets that have neither stars nor a source's own ([text] sentiment).
    - The decisions in codings.csv, over what the sources said; touchpoints that texts name, as suggestions.
    - Machine codes of the kinds in [text] machine_codes, where the client's own agreement allows it.

    What is there stays: a second time changes nothing.
    """
    before = set(tables.machine["kind"])
    decided = load_codings(client)
    quotes, work = with_languages(tables.quotes, languages_given(decided))
    if client.text.duplicates == "near" and "copy" not in before:
        quotes, more = with_copies(quotes)
        work += more
    if client.text.sentiment != "none" and "sentiment" not in before:
        quotes, more = with_sentiment(quotes, client=client)
        work += more
    codings, more = with_touchpoints(quotes, settle(tables.codings, decided), decided=decided, client=client)
    work += more
    for kind in client.text.machine_codes:
        codings, more = with_codes(quotes, codings, kind=kind, client=client)
        work += more
    machine = pl.DataFrame(work, schema=shape_of(Machine), orient="row").filter(~pl.col("kind").is_in(list(before)))
    return dataclasses.replace(
        tables,
        quotes=quotes,
        codings=codings.sort("quote_id", "kind", "code", "value", "coder"),
        machine=Machine.validate(pl.concat([tables.machine, machine]), cast=True),
    )


def step(name: str) -> Any:
    """Return a module of this floor that brings a model or its library with it, when a client's texts need it.

    The only place that imports late: py3langid, scikit-learn and the encoders would cost every report seconds, and
    most have nothing for them to do.
    """
    return importlib.import_module(f"cjtools.text.{name}")


def own_encoder(client: Client) -> Encoder:
    """Return the encoder that the client chose, with the vectors it made before."""
    encoders = step("encoders")
    kept: Encoder = encoders.cached(encoders.load_encoder(client.text.encoder), client.folder / ".cache")
    return kept


def with_languages(quotes: pl.DataFrame, given: dict[str, str]) -> tuple[pl.DataFrame, Work]:
    """Return quotes with the language of each, and what the machine did."""
    open_ = quotes.filter(pl.col("language").is_null() | pl.col("quote_id").is_in(list(given)))
    if open_.is_empty():
        return quotes, []
    # All texts of a document have a say in the language of a short one.
    around = quotes.filter(pl.col("doc_id").is_in(open_["doc_id"].implode()))
    found = step("language").detect_languages(around, given=given)
    found = found.filter(pl.col("quote_id").is_in(open_["quote_id"].implode()))
    told = quotes.join(found.select("quote_id", found="language"), on="quote_id", how="left", maintain_order="left")
    quotes = told.with_columns(language=pl.coalesce("found", "language")).drop("found")
    by_machine = found.filter(pl.col("basis").is_in(["text", "document"])).height
    return quotes, [("language", "py3langid", by_machine, open_.height, None, None, True)] if by_machine else []


def with_copies(quotes: pl.DataFrame) -> tuple[pl.DataFrame, Work]:
    """Return quotes in which public near-copies are reposts of the earliest one, and what the machine did."""
    public = quotes.filter(pl.col("kind").cast(pl.String).is_in(PUBLIC) & pl.col("repost_of").is_null())
    found = near_duplicates(public)
    if found.is_empty():
        return quotes, []
    told = quotes.join(found.select("quote_id", "first"), on="quote_id", how="left", maintain_order="left")
    quotes = told.with_columns(repost_of=pl.coalesce("repost_of", "first")).drop("first")
    return quotes, [("copy", "5-gram Jaccard 0.5", found.height, public.height, None, None, True)]


def with_sentiment(quotes: pl.DataFrame, *, client: Client) -> tuple[pl.DataFrame, Work]:
    """Return quotes with the sentiment of those that nobody gave one, and what the machine did.

    A text that is judged neutral or mixed has 0, an uncertain one none.
    """
    silent = said(quotes).filter(
        pl.col("kind").cast(pl.String).is_in(SCORED)
        & pl.col("sentiment").is_null()
        & pl.col("rating").is_null()
        & pl.col("language").is_in(LANGUAGES)
    )
    if silent.is_empty():
        return quotes, []
    scores = estimate(silent, client=client)
    value = (
        pl.when(pl.col("label").is_in(["neutral", "mixed"]))
        .then(0.0)
        .when(pl.col("label") != "uncertain")
        .then("sentiment")
    )
    felt = scores.select("quote_id", felt=value, by=pl.when(pl.col("label") != "uncertain").then("method"))
    told = quotes.join(felt, on="quote_id", how="left", maintain_order="left").with_columns(
        sentiment=pl.coalesce("sentiment", "felt"), sentiment_method=pl.coalesce("sentiment_method", "by")
    )
    done = felt["felt"].is_not_null().sum()
    method = scores["method"].drop_nulls().first()
    return told.drop("felt", "by"), [("sentiment", method, done, silent.height, None, None, True)]


def estimate(quotes: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return quote_id, sentiment, label and method, by the model that client.toml names, else by the kit's own."""
    if annotator := load_annotator(client):
        return annotated(quotes, annotator, folder=client.folder)
    lexicon = client.text.sentiment == "lexicon"
    scores: pl.DataFrame = step("sentiment").score_sentiment(
        quotes, lexicon_only=lexicon, encoder=None if lexicon else own_encoder(client)
    )
    return scores


def annotated(quotes: pl.DataFrame, annotator: Annotator, *, folder: Path) -> pl.DataFrame:
    """Return the sentiment of quotes as another model says it, language by language; no answer is an uncertain one."""
    method, parts = f"{annotator.name} {annotator.fingerprint}", []
    for (language,), rows in quotes.sort("language", "quote_id").group_by("language", maintain_order=True):
        texts = rows["text"].to_list()
        schema = {"sentiment": tuple(ANSWERS)}
        answers = annotate(texts, language=str(language), schema=schema, annotator=annotator, folder=folder)
        labels = [answer.get("sentiment") for answer in answers]
        parts.append(
            rows.select("quote_id").with_columns(
                sentiment=pl.Series([ANSWERS.get(label or "") for label in labels], dtype=pl.Float64),
                label=pl.Series([label or "uncertain" for label in labels], dtype=pl.String),
                method=pl.lit(method),
            )
        )
    return pl.concat(parts)


def with_touchpoints(
    quotes: pl.DataFrame, codings: pl.DataFrame, *, decided: pl.DataFrame, client: Client
) -> tuple[pl.DataFrame, Work]:
    """Return codings with the touchpoints that texts name, as suggestions that nobody refused, and how many."""
    voices = said(quotes)
    every = settle(pl.concat([codings, suggest_touchpoints(voices, codings, client=client)]), decided)
    named = every.filter((pl.col("kind") == "touchpoint") & (pl.col("coder") == "mention"))["quote_id"].n_unique()
    return every, [("touchpoint", "mention", named, voices.height, None, None, False)] if named else []


def with_codes(quotes: pl.DataFrame, codings: pl.DataFrame, *, kind: str, client: Client) -> tuple[pl.DataFrame, Work]:
    """Return codings with the machine's of one kind, where they may count, and what the machine did."""
    suggest, voices = step("suggest"), said(quotes)
    suggested = suggest.suggest_codes(
        voices, kind=kind, client=client, codings=codings, book=load_codebook(client), encoder=own_encoder(client)
    )
    # People have more types than the machine knows: what they coded, whatever the code, it leaves alone.
    by_others = codings.filter(pl.col("accepted") & (pl.col("kind") == kind) & (pl.col("method") != "model"))
    own = suggest.as_codings(suggested).join(by_others, on="quote_id", how="anti", maintain_order="left")
    done = told_of(dataclasses.replace(suggested, rows=own), voices.height)
    return pl.concat([codings, own]).unique(maintain_order=True) if suggested.accepted else codings, [done]


def told_of(suggested: Suggestions, texts: int) -> tuple[object, ...]:
    """Return what is told of suggested codes, as a row of tables.Machine."""
    return (
        suggested.kind, suggested.encoder, suggested.rows.height, texts, suggested.codes, suggested.agreement,
        suggested.accepted,
    )  # fmt: skip


def said(quotes: pl.DataFrame) -> pl.DataFrame:
    """Return the quotes whose words are evidence: not the interviewers' own, not the brand's."""
    return quotes.filter(~pl.col("speaker_role").fill_null("participant").is_in(NO_VOICE))
