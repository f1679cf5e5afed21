"""What the readers of posts share: JSON of a tool, or a zip of it, as rows with the fields of mentions or reviews."""

from __future__ import annotations

import csv
import datetime as dt
import html
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from cjtools.client import Client
from cjtools.errors import CjtoolsError, Fault, SourceError, raise_if_any
from cjtools.settings import Kind, SourceSection
from cjtools.sources.kinds import mentions
from cjtools.sources.opening.containers import open_zip
from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.opening.files import Opened, decode, fault_of, open_file
from cjtools.sources.opening.records import load_json, looks_like_json, text_of, too_deep
from cjtools.sources.opening.sheets import possible_headers, rows_of
from cjtools.sources.reader import Reader, read_each, said_in
from cjtools.sources.readers.table import KINDS, check_section, read_sheets
from cjtools.tables import Tables

SURE = 0.97
ZIP = b"PK\x03\x04"

Values = Sequence[tuple[int, Any]]
Row = Mapping[str, Any]
# Yields the posts of a file, each with its line, or 0 where the file is one value; counts what is told of the file.
Find = Callable[[Values, Counter[str]], Iterator[tuple[int, Row]]]


@dataclass(frozen=True)
class Format:
    """What is known of a tool's posts as JSON.

    `signature` are sets of names, one of which an export has; `members` the patterns of the names of files in a zip;
    `find` makes rows of what JSON holds, with the fields of mentions as keys.
    """

    name: str
    find: Find
    signature: Sequence[frozenset[str]]
    kind: Kind = "mentions"
    members: Sequence[str] = ("*.json", "*.jsonl", "*.ndjson")
    rating_scale: tuple[float, float] | None = None


def reader_of(form: Format) -> Reader:
    """Return the reader of a tool's posts."""
    family = "review" if form.kind == "reviews" else "mention"

    def detect(file: Path, head: bytes) -> float:
        """Say how sure it is of a file, by the names in it."""
        return SURE if any(fits(form, header) for header in possible_headers(file, head)) else 0.0

    def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
        """Return the quotes of some files."""
        raise_if_any(SourceError, section.path, list(section_faults(form, section)))
        groups = read_each(files, section.path, lambda file: read_file(form, open_file(file, client), section))
        pairs = [(sheet, own_section(form, section, sheet)) for group in groups for sheet in group]
        whole = own_section(form, section, *(sheet for sheet, _ in pairs))
        raise_if_any(SourceError, section.path, list(check_section(whole, KINDS[form.kind])))
        return read_sheets(pairs, section=whole, client=client, order=order, form=form.name, family=family)

    return Reader(form.name, family, detect, read)


def fits(form: Format, header: Iterable[str]) -> bool:
    """Say whether the names in a file are those of a tool's posts."""
    names = frozenset(header)
    return any(signature <= names for signature in form.signature)


def section_faults(form: Format, section: SourceSection) -> Iterator[Fault]:
    """Yield what client.toml says of a source that its format knows better."""
    if section.kind not in (None, form.kind):
        yield Fault(said_in(section, "kind"), f"{form.name} are {form.kind}, not {section.kind}", "", "take it away")
    if section.mapping:
        yield Fault(said_in(section, "mapping"), f"{form.name} needs none", "", 'take it away, or use format = "table"')


def own_section(form: Format, section: SourceSection, *sheets: Sheet) -> SourceSection:
    """Return the section that reads the rows of a format: each field from the column of its name."""
    header = dict.fromkeys(name for sheet in sheets for name in sheet.header)
    return section.model_copy(
        update={
            "kind": form.kind,
            "mapping": {name: name for name in header if name not in section.constants},
            "date_format": None,
            "rating_scale": section.rating_scale or form.rating_scale,
        }
    )


def read_file(form: Format, opened: Opened, section: SourceSection) -> list[Sheet]:
    """Return the sheets of a file: one, or of a zip one for each file in it that holds posts."""
    if not opened.data.startswith(ZIP):
        return [read_posts(form, opened, section)]
    members = open_zip(opened)
    named = [
        Opened(f"{opened.name}/{name}", members[name], sha256(members[name]).hexdigest())
        for name in sorted(members)
        if any(fnmatch(name.rsplit("/", 1)[-1], pattern) for pattern in form.members)
        and any(fits(form, header) for header in heads_of(members[name]))
    ]
    if named:
        return [read_posts(form, each, section) for each in named]
    web = any(name.lower().endswith(".html") for name in members)
    step = "export it again as JSON" if web else ", ".join(form.members)
    raise fault_of(opened.name, f"no posts of {form.name} in this zip", step)


def heads_of(data: bytes) -> list[tuple[str, ...]]:
    """Return the names at the head of a file in a zip; one that cannot be read has none."""
    try:
        return list(rows_of(data[:65536]))
    except (CjtoolsError, csv.Error, RecursionError):
        return []


def read_posts(form: Format, opened: Opened, section: SourceSection) -> Sheet:
    """Return the posts of one file as a sheet, numbered as they stand in it."""
    text, encoding = decode(opened, section.encoding)
    if text.strip() and not looks_like_json(text):
        raise fault_of(opened.name, "this is no JSON", f"the JSON of {form.name}", 'or format = "table" with a mapping')
    notes: Counter[str] = Counter()
    try:
        found = list(form.find(load_json(opened, text), notes))
    except RecursionError:
        raise too_deep(opened) from None
    except (AttributeError, TypeError) as error:
        raise fault_of(opened.name, f"not as {form.name} writes it ({error})", "", "export it again") from None
    rows = [{name: text_of(value) for name, value in row.items()} for _, row in found]
    header = tuple(name for name in FIELDS if name in ("said_at", "text") or any(name in row for row in rows))
    columns = [pl.Series(name, [row.get(name, "") for row in rows], dtype=pl.String) for name in header]
    lines = [line or number for number, (line, _) in enumerate(found, start=1)]
    notes["broken_characters"] += sum("\ufffd" in text for row in rows for text in row.values())
    return Sheet(
        opened.name,
        opened.sha256,
        encoding,
        "",
        1,
        header,
        pl.DataFrame(columns),
        pl.Series(lines, dtype=pl.Int64),
        notes=tuple(sorted(notes.items())),
    )


FIELDS = tuple(each.name for each in mentions.fields(SourceSection(id="posts", path="posts.json", kind="mentions")))


def lists_of(value: Any, *names: str) -> Iterator[Any]:
    """Yield the things of a list, of the lists that an object has under some names, or an object that has none alone.

    >>> list(lists_of({"posts": [1, 2], "cursor": "x"}, "posts")), list(lists_of({"id": 4}, "posts"))
    ([1, 2], [{'id': 4}])
    """
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict):
        lists = [value[name] for name in names if isinstance(value.get(name), list)]
        yield from (each for one in lists for each in one) if lists else [value]


def within(value: Any, *path: str) -> Any:
    """Return what lies at a path of names within an object, or nothing.

    >>> within({"a": {"b": 1}}, "a", "b"), within({"a": None}, "a", "b")
    (1, None)
    """
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def epoch(seconds: Any) -> str:
    """Return a moment told in seconds since 1970 as ISO 8601; what is no such number stays, to be told as a fault.

    >>> epoch(1774950000.0), epoch("1774950000"), epoch(None), epoch("soon")
    ('2026-03-31T09:40:00Z', '2026-03-31T09:40:00Z', '', 'soon')
    """
    try:
        return f"{dt.datetime.fromtimestamp(float(seconds), dt.UTC):%Y-%m-%dT%H:%M:%S}Z"
    except (TypeError, ValueError, OverflowError, OSError):
        return text_of(seconds)


def unescaped(text: Any) -> str:
    """Return a text without the three escapes that the tools of posts put into plain text.

    >>> unescaped("a &lt;3 b &amp; c"), unescaped(None)
    ('a <3 b & c', '')
    """
    plain = text_of(text)
    return html.unescape(plain) if any(mark in plain for mark in ("&amp;", "&lt;", "&gt;")) else plain
