"""Answers to surveys, long: one row a respondent and question; open answers are quotes too.

A question of several choices is one question an option, `<question>.<option>`: value_num is 1 where the option was
chosen and 0 where it was shown and not chosen; who was not shown it has no row. The unit is the respondent, so the mean
of value_num is the share that chose the option among those who were shown it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, cut
from cjtools.settings import Question, SourceSection
from cjtools.sources.kinds.built import Built, fates_of, merge_rows, used, with_fate
from cjtools.sources.kinds.events import profile_identities
from cjtools.sources.kinds.mentions import declared_codings
from cjtools.sources.parsing.fields import Field
from cjtools.sources.parsing.ids import APART, pseudonyms, short_ids
from cjtools.sources.parsing.profiles import named_profiles, namespace
from cjtools.sources.reader import said_in, shape
from cjtools.tables import Answer, Quote

NUMBER = r"^-?(?:0|[1-9]\d{0,8})(?:\.\d+)?$"  # 08001 is a code, not a number


OF_RESPONSE = (
    Field("response_id", "id"),
    Field("answered_at", "time"),
    Field("language", "language"),
    Field("profile", "person"),
    Field("excluded", "text"),
)


class Asked(Question):
    """One question as it was asked: its wording, and what its answers are.

    `scored` numbers on a scale, `open` words that are quotes too, `tick` 1 and 0 of a box, `plain` any other answer: as
    text, and as a number where all answers to the question are numbers.
    """

    id: str
    wording: str
    form: Literal["scored", "open", "plain", "tick"]


def as_asked(question: Question) -> Asked:
    """Return a question of client.toml as it was asked: its column is its wording, without a scale it is open."""
    if isinstance(question, Asked):
        return question
    said = {name: getattr(question, name) for name in Question.model_fields}
    return Asked(**said, wording=question.column, form="scored" if question.scale else "open")


def fields(section: SourceSection) -> list[Field]:
    """Return what a survey can tell: who, when, in which language, and one field a question.

    `excluded` is a word that says why a row is no respondent's (a test, a preview); where it is empty, it is one.
    """
    return [*OF_RESPONSE, *(question_field(as_asked(each)) for each in section.questions)]


def question_field(question: Asked) -> Field:
    """Return the field of one question."""
    scale = (0.0, 1.0) if question.form == "tick" else question.scale if question.form == "scored" else None
    return Field(f"question {question.id}", "number" if scale else "text", column=question.column, scale=scale)


def check(section: SourceSection) -> Iterator[Fault]:
    """Yield what a survey lacks in client.toml."""
    if not section.questions:
        yield Fault(
            said_in(section),
            "a survey without questions",
            "",
            "add [[sources.questions]] with id, column and instrument",
        )
    for each in section.questions:
        if each.several and not isinstance(each, Asked):
            yield Fault(
                said_in(section, f"questions {each.id!r}"), "several choices in one cell", "a format of surveys"
            )
    names = [each.id for each in section.questions]
    reserved = {each.name for each in OF_RESPONSE}
    for name in dict.fromkeys(names):
        if names.count(name) > 1 or name in reserved:
            yield Fault(
                said_in(section, "questions"), f"the id {cut(name)} is taken", "an id of its own for each question"
            )


def build(rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> Built:
    """Return the answers of a survey, and its open answers as quotes. An empty cell is no answer."""
    questions = [as_asked(each) for each in section.questions]
    names = [f"question {each.id}" for each in questions]
    line = pl.format("{} row {}", "source_file", "source_row")
    rows = rows.with_columns(
        response_id=pl.coalesce("response_id", line), answered=pl.coalesce(pl.col(names).cast(pl.String))
    )
    rows = with_fate(rows, "answered")
    rows = rows.with_columns(
        fate=pl.when(pl.col("excluded").is_not_null()).then(pl.lit("rejected")).otherwise("fate"),
        why=pl.coalesce("excluded", "why"),
    )
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
    answers = [shape(Answer, question_rows(kept, each), source_id=section.id) for each in questions]
    open_ones = [each for each in questions if each.form == "open"]
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


def values_of(question: Asked) -> tuple[pl.Expr, pl.Expr]:
    """Return the number and the text of the answers to a question."""
    answer = pl.col(f"question {question.id}")
    if question.form in ("scored", "tick"):
        return answer, pl.lit(None, pl.String)
    if question.form == "open":
        return pl.lit(None, pl.Float64), answer
    return pl.when(answer.str.contains(NUMBER).all()).then(answer.cast(pl.Float64, strict=False)), answer


def question_rows(rows: pl.DataFrame, question: Asked) -> pl.DataFrame:
    """Return the answers to one question, with its wording and scale."""
    low, high = (question.scale if question.form == "scored" else None) or (None, None)
    number, text = values_of(question)
    return rows.filter(pl.col(f"question {question.id}").is_not_null()).with_columns(
        question_id=pl.lit(question.id),
        question_text=pl.lit(question.wording),
        instrument=pl.lit(question.instrument),
        value_num=number,
        value_text=text,
        scale_min=pl.lit(low, pl.Float64),
        scale_max=pl.lit(high, pl.Float64),
        stage=pl.lit(question.stage, pl.String),
        touchpoint=pl.lit(question.touchpoint, pl.String),
    )


def to_quotes(rows: pl.DataFrame, question: Asked, *, section: SourceSection, client: Client) -> pl.DataFrame:
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
