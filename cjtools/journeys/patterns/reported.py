"""The patterns that people tell of: in interviews by codes, in surveys by answers. Never mixed with what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from cjtools.journeys.patterns.rows import ROWS, finish
from cjtools.settings import Pattern, PatternAnswer
from cjtools.words import fold


def find_reported(
    quotes: pl.DataFrame,
    codings: pl.DataFrame,
    answers: pl.DataFrame,
    *,
    codes: Mapping[Pattern, Sequence[str]],
    asked: Sequence[PatternAnswer],
) -> pl.DataFrame:
    """Return how many people tell of each pattern: pattern, source (interview, survey), people, of, share, interval.

    Interviews: distinct participants with an accepted code of the pattern's list (any kind, compared without case and
    accents), of all participants that speak. Surveys: respondents that gave one of the answers, of all that answered
    the question. Columns as the rows of patterns, with `by` the source; nobody's window is known.
    """
    rows = [*interview_rows(quotes, codings, codes), *survey_rows(answers, asked)]
    return finish(pl.DataFrame(rows, schema=ROWS, orient="row"))


Row = tuple[str, str, None, int, int, int, int, None]


def interview_rows(quotes: pl.DataFrame, codings: pl.DataFrame, codes: Mapping[Pattern, Sequence[str]]) -> list[Row]:
    """Return a row for each pattern with codes, of the participants of interviews."""
    spoken = quotes.filter((pl.col("kind") == "interview") & pl.col("participant_id").is_not_null())
    heard = spoken["participant_id"].n_unique()
    accepted = codings.filter("accepted").join(spoken.select("quote_id", "participant_id"), on="quote_id")
    named = accepted.select("participant_id", pl.col("code").map_elements(fold, return_dtype=pl.String))
    rows: list[Row] = []
    for pattern, wanted in sorted(codes.items()):
        told = named.filter(pl.col("code").is_in([fold(code) for code in wanted]))["participant_id"].n_unique()
        rows.append((pattern, "interview", None, told, heard, heard, heard, None))
    return rows


def survey_rows(answers: pl.DataFrame, asked: Sequence[PatternAnswer]) -> list[Row]:
    """Return a row for each question that asks for a pattern, of its respondents."""
    rows: list[Row] = []
    for item in asked:
        given = answers.filter(pl.col("question_id") == item.question)
        wanted = [fold(value) for value in item.values]
        text = pl.coalesce("value_text", pl.col("value_num").cast(pl.String).str.strip_suffix(".0"))
        said = given.select("response_id", text=text.map_elements(fold, return_dtype=pl.String))
        people = said.filter(pl.col("text").is_in(wanted))["response_id"].n_unique()
        of = given["response_id"].n_unique()
        rows.append((item.pattern, "survey", None, people, of, of, of, None))
    return rows
