"""What all interviews share: passages as quotes, their codes as codings, people as participants, who may be used."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault
from cjtools.privacy import count_private, introduced, mask_names, pseudonym
from cjtools.settings import SourceSection
from cjtools.sources.parsing.codes import Code, said_by
from cjtools.sources.parsing.ids import short_id
from cjtools.sources.parsing.passages import Passage, Slip
from cjtools.sources.parsing.times import midnight
from cjtools.sources.reader import place, shape, zone_of
from cjtools.sources.readers.heads import Head
from cjtools.tables import Coding, LeftOut, Participant, Quote

QUOTABLE = ("report", "public")


@dataclass(frozen=True)
class Said:
    """A passage and who said it; `follows` when it goes on from the passage before it.

    `codes` are those that a tool keeps beside the text: kind, code, value, coder. `document`: one of a file's several.
    """

    passage: Passage
    role: str
    participant: str | None
    follows: bool = False
    codes: tuple[tuple[str, str, int | None, str], ...] = ()
    document: str = ""


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


def slip_faults(slips: Iterable[Slip], name: str, row: Callable[[int], int] = int) -> Iterator[Fault]:
    """Yield the words in brackets that are no code; `row` tells the row of the file from a line of its text."""
    for slip in slips:
        where = f"{place(name, row(slip.line))}, column {slip.column}"
        yield Fault(where, slip.misread.found, slip.misread.expected)


def without_introductions(interview: Interview) -> tuple[Interview, int]:
    """Return an interview whose texts no longer tell the names with which people introduce themselves, and how many.

    A name that is surely one is masked wherever it stands; one that is likely, only where it was said.
    """
    found = [(said, *introduced(said.passage.text)) for said in interview.said]
    sure = [name for _, names, _ in found for name in names]
    masked = [
        replace(said, passage=replace(said.passage, text=without(said.passage.text, likely))) if likely else said
        for said, _, likely in found
    ]
    count = len(sure) + sum(len(likely) for _, _, likely in found)
    return replace(interview, masked=(*interview.masked, *sure), said=tuple(masked)), count


def without(text: str, names: Sequence[str]) -> str:
    """Return a text without some names as they stand there."""
    for name in names:
        text = text.replace(name, mask_names(name, [name]))
    return text


def private_flags(interview: Interview, names: int = 0) -> dict[str, int]:
    """Return flags that count the identifiers in an interview by kind, and the names people gave; never a value."""
    counts = sum((count_private(said.passage.text) for said in interview.said), Counter[str]())
    return {f"pii_found_{kind}": count for kind, count in {**counts, "name": names}.items()}


def refused_rows(name: str, rows: Iterable[int], why: str, section: SourceSection) -> pl.DataFrame:
    """Return the rows of an interview that must not be used."""
    return left_out_of([(name, row, "rejected", why) for row in rows], section)


def left_out_of(rows: Sequence[tuple[str, int, str, str]], section: SourceSection) -> pl.DataFrame:
    """Return rows (file, row, fate, why) as the table of what is not used."""
    frame = pl.DataFrame(rows, schema=["source_file", "source_row", "fate", "why"], orient="row") if rows else None
    return shape(LeftOut, pl.DataFrame() if frame is None else frame, source_id=section.id)


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
            document = said.document or interview.name
            quote_id = short_id(document, text, str(seen[f"{document}\0{text}"]), prefix="q", size=5)
            seen[f"{document}\0{text}"] += 1
            goes_on = said.follows or said.passage.repeats
            begun = begun if goes_on else quote_id
            quotes.append({
                "source_file": interview.name,
                "source_row": said.passage.line,
                "quote_id": quote_id,
                "doc_id": document,
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
            codings += [
                {"quote_id": quote_id, "kind": kind, "code": code, "value": value, "coder": coder}
                for kind, code, value, coder in said.codes
            ]
    return (
        shape(Quote, pl.DataFrame(quotes, infer_schema_length=None), source_id=section.id, kind="interview"),
        shape(Coding, pl.DataFrame(codings, infer_schema_length=None), method="person", accepted=True),
    )


def codes_of(passage: Passage) -> Iterator[tuple[str, str, int | None]]:
    """Yield kind, code and value of what the researcher wrote: in the bracket, or the stage as a heading."""
    code = passage.code or Code()
    yield from said_by(replace(code, stage=code.stage or passage.heading_stage))


def coder_name(name: str, client: Client) -> str:
    """Return the pseudonym of a coder; without a name it is the researcher."""
    return f"coder-{pseudonym(name, salt=client.client.id)[:8]}" if name.strip() else "researcher"


def participant_row(participant: str, head: Head) -> dict[str, object]:
    """Return a participant as a row, with what the head of the interview says."""
    return {
        "participant_id": participant,
        "persona": head.persona,
        "language": head.language,
        "interviewed_on": head.day,
        "consent": head.consent,
        "attributes": [{"name": name, "value": value} for name, value in head.attributes],
    }


def to_participants(rows: Sequence[dict[str, object]], section: SourceSection) -> pl.DataFrame:
    """Return participants as their table."""
    attributes = pl.List(pl.Struct({"name": pl.String, "value": pl.String}))
    frame = pl.DataFrame(rows, schema_overrides={"attributes": attributes}, infer_schema_length=None)
    return shape(Participant, frame, source_id=section.id)
