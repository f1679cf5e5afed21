"""What interview notes and transcripts share: passages as quotes, their codes as codings, people as participants."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, nearest
from cjtools.privacy import mask_names
from cjtools.settings import SourceSection
from cjtools.sources.codes import Code
from cjtools.sources.files import Opened, decode
from cjtools.sources.ids import short_id
from cjtools.sources.passages import Passage, Slip
from cjtools.sources.reader import shape, zone_of
from cjtools.sources.times import midnight
from cjtools.tables import Coding, Participant, Quote

CONSENTS = ("none", "internal", "report", "public")
QUOTABLE = ("report", "public")


@dataclass(frozen=True)
class Said:
    """A passage and who said it; `follows` when it goes on from the passage before it."""

    passage: Passage
    role: str
    participant: str | None
    follows: bool = False


@dataclass(frozen=True)
class Interview:
    """What one file tells of its interview."""

    name: str
    language: str
    day: dt.date | None
    consent: str
    coder: str
    masked: tuple[str, ...]
    said: tuple[Said, ...]


def decode_note(opened: Opened, section: SourceSection) -> tuple[str, str]:
    """Return the text of a note with plain line ends, and its encoding."""
    text, encoding = decode(opened, section.encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def slip_faults(slips: Iterable[Slip], name: str) -> Iterator[Fault]:
    """Yield the words in brackets that are no code."""
    for slip in slips:
        yield Fault(f"{name} line {slip.line}, column {slip.column}", slip.misread.found, slip.misread.expected)


def consent_fault(where: str, value: str) -> Fault:
    """Return the fault of a consent that is none of the four."""
    return Fault(where, f"consent {value!r} is not known", nearest(value, CONSENTS))


def to_quotes(
    interviews: Sequence[Interview], *, section: SourceSection, client: Client
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the quotes and codings of some interviews.

    A quote's id is made of its document, its words and how often they came before: it stays when others come or go.
    """
    quotes, codings = [], []
    for interview in interviews:
        seen: Counter[str] = Counter()
        said_at = midnight(interview.day, zone_of(section, client)) if interview.day else None
        begun: str | None = None
        for said in interview.said:
            text = mask_names(said.passage.text, interview.masked)
            quote_id = short_id(interview.name, text, str(seen[text]), prefix="q", size=5)
            seen[text] += 1
            goes_on = said.follows or said.passage.repeats
            begun = begun if goes_on else quote_id
            quotes.append({
                "source_file": interview.name,
                "source_row": said.passage.line,
                "quote_id": quote_id,
                "doc_id": interview.name,
                "text": text,
                "verbatim": said.passage.verbatim,
                "language": interview.language,
                "speaker_role": said.role,
                "participant_id": said.participant,
                "said_at": said_at,
                "time_precision": "day" if interview.day else "unknown",
                "local_date": interview.day,
                "start": said.passage.start,
                "end": said.passage.end,
                "parent_id": begun if goes_on else None,
                "consent_to_quote": said.role == "participant" and interview.consent in QUOTABLE,
            })  # fmt: skip
            codings += [
                {"quote_id": quote_id, "kind": kind, "code": code, "value": value, "coder": interview.coder}
                for kind, code, value in codes_of(said.passage)
            ]
    return (
        shape(Quote, pl.DataFrame(quotes, infer_schema_length=None), source_id=section.id, kind="interview"),
        shape(Coding, pl.DataFrame(codings, infer_schema_length=None), method="person", accepted=True),
    )


def codes_of(passage: Passage) -> Iterator[tuple[str, str, int | None]]:
    """Yield kind, code and value of what the researcher wrote: in the bracket, or the stage as a heading."""
    code = passage.code or Code()
    if stage := code.stage or passage.heading_stage:
        yield "stage", stage, None
    if code.touchpoint:
        yield "touchpoint", code.touchpoint, None
    for name in code.types:
        yield "type", name, None
    if code.valence is not None:
        yield "valence", "valence", code.valence


def to_participants(rows: Sequence[dict[str, object]], section: SourceSection) -> pl.DataFrame:
    """Return participants as their table."""
    attributes = pl.List(pl.Struct({"name": pl.String, "value": pl.String}))
    frame = pl.DataFrame(rows, schema_overrides={"attributes": attributes}, infer_schema_length=None)
    return shape(Participant, frame, source_id=section.id)
