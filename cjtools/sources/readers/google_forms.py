"""Google Forms: responses as CSV or workbook, from the form or from its sheet, in the language of the form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.opening.sheets import possible_headers
from cjtools.sources.reader import Reader
from cjtools.sources.readers.survey_columns import Column, Survey, bare_name, role_of
from cjtools.sources.readers.survey_words import load_survey_words, plain_wording, word_key
from cjtools.sources.readers.surveys import Tool, read_survey, tool_fault

NAME = "google_forms"
GRID = re.compile(r"^(?P<question>.*\S)\s*\[(?P<row>[^\[\]]+)\]$", re.DOTALL)
JOINED = ", "


@cache
def timestamps() -> dict[str, str]:
    """Return the language of a form by the name of its first column, as names are compared."""
    return {
        word_key(name): code for code, names in load_survey_words()["google_forms_timestamp"].items() for name in names
    }


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: by the name of the first column; in English many other files begin with Timestamp too."""
    return max((sureness(header) for header in possible_headers(file, head)), default=0.0)


def sureness(header: Sequence[str]) -> float:
    """Return how sure it is that a row is the header of a form."""
    language = timestamps().get(word_key(header[0])) if header else None
    if language is None or len(header) < 2:
        return 0.0
    asks = any("?" in name or GRID.match(name) or len(name.split()) > 3 for name in header[1:])
    return 0.93 if asks else 0.5 if language == "en" else 0.85


def describe(sheet: Sheet) -> Survey:
    """Return what the columns of a form's responses are.

    A form in English says nothing of its dates, since it may be American or British. In the other languages the day
    comes first, unless the dates themselves say otherwise.
    """
    language = timestamps().get(word_key(bare_name(sheet.header[0])))
    if language is None:
        raise tool_fault(sheet, "Google Forms", "Timestamp")
    columns = [Column(sheet.header[0], "answered_at"), *question_columns(sheet.header[1:])]
    return Survey(sheet, tuple(columns), day_first=None if language == "en" else True, joined=JOINED)


def question_columns(header: Sequence[str]) -> Iterator[Column]:
    """Yield the columns of questions; the rows of a grid stand in brackets after it."""
    counts = Counter(match["question"] for name in header if (match := GRID.match(bare_name(name))))
    places: dict[str, int] = {}
    for place, name in enumerate(header, start=2):
        role, match = role_of(NAME, name), GRID.match(bare_name(name))
        if match and counts[match["question"]] > 1:
            group = places.setdefault(match["question"], place)
            yield Column(name, role, group, wording=plain_wording(match["question"]), part=plain_wording(match["row"]))
        else:
            yield Column(name, role, place, wording=plain_wording(bare_name(name)))


TOOL = Tool(
    NAME, [name for names in load_survey_words()["google_forms_timestamp"].values() for name in names], describe
)
READER = Reader(NAME, "survey", detect, partial(read_survey, tool=TOOL))
