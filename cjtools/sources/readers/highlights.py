"""Coded passages of interviews as a table: highlights of Taguette, segments of MAXQDA, quotations of ATLAS.ti, more."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, nearest, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet, column_key
from cjtools.sources.opening.sheets import Layout, open_sheets, possible_headers
from cjtools.sources.parsing.codes import CodeBook, code_book, kinds_of
from cjtools.sources.parsing.front_matter import FrontMatter
from cjtools.sources.parsing.passages import Passage
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parsing.role_words import real_names, role_word
from cjtools.sources.reader import FileLine, Reader, counted, period_of, read_each, said_in, source_lines, tables_of
from cjtools.sources.readers.heads import PSEUDONYM, Head, read_head, section_faults
from cjtools.sources.readers.interviews import (
    Interview,
    Said,
    coder_name,
    left_out_of,
    participant_row,
    private_flags,
    to_participants,
    to_quotes,
    without_introductions,
)
from cjtools.tables import Tables

SEVERAL = re.compile(r"^(?:tags|codes|labels|themes)$")


@dataclass(frozen=True)
class Row:
    """One row of a table: where it stands, what was highlighted in which document by whom, and its tags."""

    line: int
    cells: Mapping[str, str]
    tags: tuple[str, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two rows the same highlight."""
        return tuple(self.cells.get(name, "") for name in ("id", "document", "content", "begin", "end"))

    @property
    def person(self) -> str:
        """Whose words it holds, as the table says: the participant, else the document."""
        return self.cells.get("participant") or self.cells.get("document", "")


@dataclass(frozen=True)
class Marked:
    """One file: what was highlighted, by person as the table names them, its line, and the rows not used."""

    interview: Interview
    head: Head
    line: FileLine
    left_out: tuple[tuple[str, int, str, str], ...]


@cache
def known() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return the columns by the names that tools give them, and the sets by which a tool is known."""
    text = (resources.files("cjtools") / "sources" / "readers" / "highlights.toml").read_text("utf-8")
    return tomllib.loads(text)


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is that this is a table of highlights, by its columns."""
    for row in possible_headers(file, head):
        names = {column_key(cell) for cell in row}
        if any(names >= {column_key(name) for name in signature} for signature in known()["signatures"].values()):
            return 0.95
    return 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the quotes, codings and participants of some tables of highlights.

    A highlight with several tags is several rows in most tools: the first is used, the others are merged into it.
    [sources.mapping] says which column is content, tag, document, participant, coder or id where names are others.
    Participants are called <source>-1, <source>-2 …: one a participant of the table, else one a document.
    """
    raise_if_any(SourceError, section.path, [*key_faults(section, []), *section_faults(section), *slips(section)])
    book = code_book(client)
    wanted = [*section.mapping.values()] or [name for names in known()["columns"].values() for name in names]
    groups = read_each(
        files, section.path, lambda file: open_sheets(file, section=section, client=client, layout=Layout(wanted))
    )
    sheets = [sheet for group in groups for sheet in group]
    parts = read_each(sheets, section.path, lambda sheet: read_sheet(sheet, section, client, book))
    people: dict[tuple[str, str], Head] = {}
    for part in parts:
        for said in part.interview.said:
            if said.participant is not None:
                people.setdefault(whose(part, said), part.head)
    names = pseudonyms_of(list(people), section)
    interviews = [
        replace(part.interview, said=tuple(
            said if said.participant is None else replace(said, participant=names[whose(part, said)])
            for said in part.interview.said
        ))
        for part in parts
    ]  # fmt: skip
    quotes, codings = to_quotes(interviews, section=section, client=client)
    rows = {names[key]: participant_row(names[key], head) for key, head in reversed(people.items())}
    return tables_of(
        sources=source_lines(
            [part.line for part in parts],
            section=section,
            client=client,
            kind="interviews",
            form="highlights",
            family="interview",
        ),
        left_out=left_out_of([row for part in parts for row in part.left_out], section),
        quotes=quotes,
        codings=codings,
        participants=to_participants([rows[name] for name in dict.fromkeys(names.values())], section),
    )


def slips(section: SourceSection) -> Iterator[Fault]:
    """Yield what [sources.mapping] names and a highlight has not."""
    for name in section.mapping:
        if name not in known()["columns"]:
            hint = nearest(name, known()["columns"])
            yield Fault(said_in(section, "mapping"), f"{cut(name)} is nothing that a highlight has", hint)


def columns_of(sheet: Sheet, section: SourceSection) -> dict[str, str]:
    """Return the columns of a table by what they hold. Raises SourceError when there is none with the words."""
    by_key = {column_key(name): name for name in reversed(sheet.header)}
    found = {
        what: next((by_key[column_key(name)] for name in names if column_key(name) in by_key), "")
        for what, names in known()["columns"].items()
    }
    found |= {what: by_key.get(column_key(name), "") for what, name in section.mapping.items()}
    lost = [name for what, name in section.mapping.items() if not found[what]]
    faults = [
        Fault(sheet.where(sheet.header_line), f"there is no column {cut(name)}", nearest(name, sheet.header))
        for name in lost
    ]
    if not found["content"] and not faults:
        step = f'add [sources.mapping] content = "…", tag = "…" to source {section.id!r}'
        shown = ", ".join(cut(name).strip("'\"") for name in sheet.header[:20])
        faults = [Fault(sheet.where(sheet.header_line), "no column with the words", f"found: {shown}", step)]
    raise_if_any(SourceError, sheet.name, faults)
    return {what: name for what, name in found.items() if name}


def rows_of(sheet: Sheet, columns: Mapping[str, str]) -> Iterator[Row]:
    """Yield the rows of a table; a column of several tags holds them with semicolons, lines or commas between."""
    for line, values in zip(sheet.lines, sheet.rows.iter_rows(named=True), strict=True):
        cells = {what: " ".join(str(values[name] or "").split()) for what, name in columns.items()}
        raw = str(values[columns["tag"]] or "") if "tag" in columns else ""
        several = "tag" in columns and SEVERAL.match(columns["tag"].strip().lower())
        between = r"[;\n|]" if re.search(r"[;\n|]", raw) else ","
        tags = re.split(between, raw) if several else [raw]
        yield Row(line, cells, tuple(tag.strip() for tag in tags if tag.strip()))


def read_sheet(sheet: Sheet, section: SourceSection, client: Client, book: CodeBook) -> Marked:
    """Return what one table tells."""
    rows = list(rows_of(sheet, columns_of(sheet, section)))
    head, faults = read_head(FrontMatter({}, 0), sheet.name, section=section, client=client)
    raise_if_any(SourceError, sheet.name, faults)
    groups: dict[tuple[str, ...], list[Row]] = {}
    fates: list[tuple[int, str, str]] = []
    for row in rows:
        if not row.cells["content"]:
            fates.append((row.line, "rejected", "no_text"))
        elif row.key in groups:
            fates.append((row.line, "merged", "same_highlight"))
            groups[row.key].append(row)
        else:
            groups[row.key] = [row]
    names = dict.fromkeys(row.cells.get("document", "") for row in rows)
    documents = {name: number for number, name in enumerate(names, start=1)}
    said = [to_said(group, sheet.name, documents, section, client, book) for group in groups.values()]
    fates += [(each.passage.line, "rejected", "other_speaker") for each in said if each.role == "other"]
    said = [each for each in said if each.role != "other"]
    masked = tuple(dict.fromkeys(name for row in rows for name in real_names(row.cells.get("participant", ""))))
    interview = Interview(sheet.name, head.language, head.day, head.consent, head.coder, masked, tuple(said))
    interview, told = without_introductions(interview)
    private = private_flags(interview, told)
    if head.refused:
        fates += [(each.passage.line, "rejected", head.refused) for each in said]
        interview, private = replace(interview, said=()), {}
    counts = Counter(fate for _, fate, _ in fates)
    line = FileLine(
        sheet.name,
        sheet.sha256,
        rows_in=len(rows),
        rejected=counts["rejected"],
        merged=counts["merged"],
        flags=tuple(counted({**Counter(why for _, _, why in fates), **head.flags, **private})),
        encoding=sheet.encoding,
        delimiter=sheet.delimiter or None,
        period=period_of([head.day]),
    )
    return Marked(interview, head, line, tuple((sheet.name, *fate) for fate in fates))


def to_said(
    group: Sequence[Row],
    name: str,
    documents: Mapping[str, int],
    section: SourceSection,
    client: Client,
    book: CodeBook,
) -> Said:
    """Return the rows of one highlight as what somebody said, with the tags of all of them."""
    first = group[0]
    speaker = first.cells.get("participant", "")
    role = section.speakers.get(speaker) or role_word(speaker) or "participant"
    codes = [
        (*kind, coder_name(row.cells.get("coder", ""), client))
        for row in group
        for tag in row.tags
        for kind in kinds_of(tag, book)
    ]
    return Said(
        Passage(first.cells["content"], 0, len(first.cells["content"]), first.line, True, None, None),
        role,
        first.person if role == "participant" else None,
        codes=tuple(dict.fromkeys(codes)),
        document=f"{name}, document {documents[first.cells.get('document', '')]}",
    )


def whose(part: Marked, said: Said) -> tuple[str, str]:
    """Return a person as the tables name them: a document is another one in another file."""
    return (part.line.name, str(said.participant))


def pseudonyms_of(people: Sequence[tuple[str, str]], section: SourceSection) -> dict[tuple[str, str], str]:
    """Return the pseudonym of each person: what is one already stays, others are numbered."""
    if section.participant and len(people) == 1:
        return {people[0]: section.participant}
    names: dict[tuple[str, str], str] = {}
    for key in people:
        stays = PSEUDONYM.match(key[1]) and re.match(r"^[A-Za-z]{1,3}-?\d+$", key[1])
        numbered = sum(name.startswith(f"{section.id}-") for name in names.values())
        names[key] = key[1] if stays else f"{section.id}-{numbered + 1}"
    return names


READER = Reader("highlights", "interview", detect, read)
