"""Answers to surveys, long: one row a respondent and question; open answers are quotes too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, cut
from cjtools.settings import Question, SourceSection
from cjtools.sources.built import Built, fates_of, merge_rows, used, with_fate
from cjtools.sources.events import profile_identities
from cjtools.sources.fields import Field
from cjtools.sources.ids import APART, pseudonyms, short_ids
from cjtools.sources.mentions import declared_codings
from cjtools.sources.profiles import named_profiles, namespace
from cjtools.sources.reader import said_in, shape
from cjtools.tables import Answer, Quote


def fields(section: SourceSection) -> list[Field]:
    """Return what a survey can tell: who, when, in which language, and one field a question."""
    questions = [
        Field(f"question {each.id}", "number" if each.scale else "text", column=each.column, scale=each.scale)
        for each in section.questions
    ]
    return [
        Field("response_id", "id"),
        Field("answered_at", "time"),
        Field("language", "language"),
        Field("profile", "id"),
        *questions,
    ]


def check(section: SourceSection) -> Iterator[Fault]:
    """Yield what a survey lacks in client.toml."""
    if not section.questions:
        yield Fault(
            said_in(section),
            "a survey without questions",
            "",
            "add [[sources.questions]] with id, column and instrument",
        )
    names = [each.id for each in section.questions]
    reserved = {each.name for each in fields(section.model_copy(update={"questions": ()}))}
    for name in dict.fromkeys(names):
        if names.count(name) > 1 or name in reserved:
            yield Fault(
                said_in(section, "questions"), f"the id {cut(name)} is taken", "an id of its own for each question"
            )


def build(rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> Built:
    """Return the answers of a survey, and its open answers as quotes. An empty cell is no answer."""
    names = [f"question {each.id}" for each in section.questions]
    line = pl.concat_str(pl.lit("row "), pl.col("source_row"))
    rows = rows.with_columns(
        response_id=pl.coalesce("response_id", line), answered=pl.coalesce(pl.col(names).cast(pl.String))
    )
    rows = with_fate(rows, "answered")
    rows = merge_rows(
        rows, (pl.col("fate") == "used").cast(pl.Int32).cum_sum().over("response_id", "record") > 1, "same_response"
    )
    faults = list(response_faults(used(rows)))
    space = namespace(section, section.mapping.get("profile", "profile"))
    kept = used(rows).with_columns(
        profile_id=named_profiles(pl.col("profile"), space),
        language=pl.col("language").fill_null(pl.lit(section.language, pl.String)),
        local_date="answered_at_day",
    )
    answers = [shape(Answer, question_rows(kept, each), source_id=section.id) for each in section.questions]
    open_ones = [each for each in section.questions if each.instrument == "other" and each.scale is None]
    quotes = [to_quotes(kept, each, section=section, client=client) for each in open_ones]
    tables = {"answers": pl.concat(answers).sort("source_file", "source_row", maintain_order=True)}
    if quotes:
        tables["quotes"] = pl.concat(quotes)
        tables["codings"] = pl.concat([
            declared_codings(frame["quote_id"], stage=stage, touchpoint=touchpoint)
            for frame, (stage, touchpoint) in zip(quotes, map(partial(declared_of, section), open_ones), strict=True)
        ])  # fmt: skip
    tables["identities"] = profile_identities(kept["profile_id"], section=section, client=client)
    return Built(tables, fates_of(rows), faults)


def declared_of(section: SourceSection, question: Question) -> tuple[str | None, str | None]:
    """Return the stage and the touchpoint that a question is about: its own, else those of the whole survey."""
    return question.stage or section.stage, question.touchpoint or section.touchpoint


def response_faults(rows: pl.DataFrame) -> Iterator[Fault]:
    """Yield the rows whose response an earlier row has with other answers."""
    numbered = rows.with_columns(
        nth=pl.int_range(pl.len()).over("response_id"), line=pl.col("source_row").first().over("response_id")
    )
    for row in numbered.filter(pl.col("nth") > 0).iter_rows(named=True):
        found = f"response {cut(row['response_id'])} is also at line {row['line']}, with other answers"
        yield Fault(f"{row['source_file']} line {row['source_row']}", found, "one row a response")


def question_rows(rows: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Return the answers to one question, with its wording and scale."""
    low, high = question.scale or (None, None)
    return rows.filter(pl.col(f"question {question.id}").is_not_null()).with_columns(
        question_id=pl.lit(question.id),
        question_text=pl.lit(question.column),
        instrument=pl.lit(question.instrument),
        value_num=pl.col(f"question {question.id}") if question.scale else pl.lit(None, pl.Float64),
        value_text=pl.lit(None, pl.String) if question.scale else pl.col(f"question {question.id}"),
        scale_min=pl.lit(low, pl.Float64),
        scale_max=pl.lit(high, pl.Float64),
        stage=pl.lit(question.stage, pl.String),
        touchpoint=pl.lit(question.touchpoint, pl.String),
    )


def to_quotes(rows: pl.DataFrame, question: Question, *, section: SourceSection, client: Client) -> pl.DataFrame:
    """Return the open answers to one question as quotes, which nobody has agreed to show."""
    said = rows.filter(pl.col(f"question {question.id}").is_not_null())
    key = pl.concat_str(pl.lit(section.id), pl.col("response_id"), separator=APART)
    documents = said.select(key).to_series()
    quotes = said.with_columns(
        text=pl.col(f"question {question.id}"),
        quote_id=short_ids((f"{document}{APART}{question.id}" for document in documents), prefix="a"),
        doc_id=short_ids(documents, prefix="r"),
        author_hash=pseudonyms(documents, salt=client.client.id),
        said_at="answered_at",
        time_precision=pl.col("answered_at_precision").fill_null("unknown"),
    )
    return shape(
        Quote,
        quotes,
        source_id=section.id,
        kind="answer",
        verbatim=True,
        speaker_role="respondent",
        consent_to_quote=False,
    )
