"""The map as JSON, and back: every table, header and statement as it was; journey_map.schema.json says what holds."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import polars as pl
from dataframely.exc import ValidationError as TableError
from polars.exceptions import PolarsError
from pydantic import TypeAdapter, ValidationError

from cjtools.errors import Fault, ParameterError, ReportError, SourceError, cut
from cjtools.journey_map import JourneyMap
from cjtools.map_files.declared import PARTS, Table, plain, typed
from cjtools.map_tables import Evidence
from cjtools.tables import shape_of
from cjtools.words import Words, load_words

FORMAT = "cjtools journey map"
VERSION = 1
SCHEMA_FILE = "journey_map.schema.json"
# Faults of one file that are listed; a file of another kind would have a thousand.
LISTED = 20


def to_json(journey: JourneyMap) -> str:
    """Return a map as JSON: the same map gives the same text, and read_map gives the same map again.

    Raises ReportError where the map holds a table that is declared nowhere, or a number that JSON has no sign for.
    """
    document = pack(journey)
    try:
        return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    except ValueError as error:
        fault = Fault("map", f"a number that JSON cannot hold: {cut(error)}", "a finite number")
        raise ReportError("the map as JSON", [fault]) from error


def shareable(journey: JourneyMap) -> JourneyMap:
    """Return a map as it may leave the house: for readers outside the team without the items of evidence.

    They hold what every person said, quoted or not; the quotes that may be shown stay, redacted, in their own table.
    Files are called as in the table of sources. So it is with the map of the wave before.
    """
    if journey.header.audience == "team":
        return journey
    before = None if journey.before is None else shareable(journey.before)
    called = dict(journey.sources.select("sha256", "source_file").sort("sha256", "source_file").iter_rows())
    inputs = [{**row, "file": called.get(row["sha256"], row["file"])} for row in inputs_of(journey)]
    provenance = {**journey.provenance, "inputs": inputs}
    return replace(journey, evidence=Evidence.create_empty(), before=before, provenance=provenance)


def inputs_of(journey: JourneyMap) -> list[dict[str, str]]:
    """Return the files that a map was made from, with their hashes."""
    given = journey.provenance.get("inputs", [])
    return [dict(row) for row in given] if isinstance(given, list) else []


def read_map(path: str | Path) -> JourneyMap:
    """Return the map of a JSON file that to_json wrote.

    Raises SourceError that lists what is wrong with the file.
    """
    file = Path(path)
    try:
        return from_json(file.read_text("utf-8"), name=file.name)
    except (OSError, UnicodeDecodeError) as error:
        found = getattr(error, "strerror", None) or "not UTF-8"
        raise SourceError(file.name, [Fault(file.name, str(found), "a map that cjtools exported as JSON")]) from error


def from_json(text: str, *, name: str = "map.json") -> JourneyMap:
    """Return the map of a JSON text; `name` is how faults call it."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(name, [Fault(name, f"no JSON: {cut(error)}", "a map of cjtools")]) from error
    known = isinstance(document, dict) and document.get("format") == FORMAT
    if not known or document.get("version") != VERSION:
        found = f"version {cut(document.get('version'))}" if known else "another kind of JSON"
        raise SourceError(name, [Fault(name, found, f"{FORMAT}, version {VERSION}")])
    try:
        journey: JourneyMap = unpack(JourneyMap, document)
        return journey
    except (KeyError, TypeError, ValueError, AttributeError, PolarsError, TableError, ValidationError,
            ParameterError) as error:  # fmt: skip
        faults = sorted(schema_faults(document)) or [Fault(name, cut(error), f"as {SCHEMA_FILE} says")]
        raise SourceError(name, faults[:LISTED]) from error


def pack(part: Any) -> dict[str, Any]:
    """Return a part of the map as JSON can hold it: its tables under "tables", everything else under its own name."""
    tables: dict[str, list[dict[str, Any]]] = {}
    rest: dict[str, Any] = {}
    kind: Any = type(part)
    for name, hint in hints(kind).items():
        value = getattr(part, name)
        if hint is pl.DataFrame:
            declared(kind, name)
            tables[name] = [plain(row) for row in value.iter_rows(named=True)]
        elif hint is Words:
            rest["language"] = value.language
        elif part_of(hint):
            rest[name] = None if value is None else pack(value)
        else:
            rest[name] = adapter(hint).dump_python(value, mode="json")
    head = {"format": FORMAT, "version": VERSION} if kind is JourneyMap else {}
    return {**head, **rest, "tables": tables}


def unpack(kind: Any, packed: Mapping[str, Any]) -> Any:
    """Return a part of the map as it was before pack()."""
    found: dict[str, Any] = {}
    for name, hint in hints(kind).items():
        if hint is pl.DataFrame:
            found[name] = frame_of(declared(kind, name), packed["tables"][name])
        elif hint is Words:
            found[name] = load_words(packed["language"])
        elif inner := part_of(hint):
            found[name] = None if packed[name] is None else unpack(inner, packed[name])
        else:
            found[name] = adapter(hint).validate_json(json.dumps(packed[name]))
    return kind(**found)


def frame_of(table: Table, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return the rows of JSON as a declared table; a row that lacks a column, or has one more, is an error."""
    shape = shape_of(table)
    for row in rows:
        if row.keys() != shape.keys():
            raise ValueError(f"columns {sorted(row.keys() ^ shape.keys())} of {table.__name__}")
    columns = {name: [typed(row[name], dtype) for row in rows] for name, dtype in shape.items()}
    return table.validate(pl.DataFrame(columns, schema=shape), cast=True)


@cache
def hints(kind: Any) -> dict[str, Any]:
    """Return the fields of a dataclass with their types, in order."""
    types_of = get_type_hints(kind)
    return {field.name: types_of[field.name] for field in fields(kind)}


def part_of(hint: Any) -> type | None:
    """Return the part of the map that a type stands for, optional or not; None for anything else."""
    names = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return next((each for each in names if each in PARTS), None)


def declared(kind: Any, name: str) -> Table:
    """Return the declaration of a table of a part of the map."""
    if name not in PARTS[kind]:
        fault = Fault(f"{kind.__name__}.{name}", "declared nowhere", "", "add it to the declared tables")
        raise ReportError("the map as JSON", [fault])
    return PARTS[kind][name]


@cache
def adapter(hint: Any) -> TypeAdapter[Any]:
    """Return what reads and writes a type that is no table."""
    return TypeAdapter(hint)


def schema_faults(document: Any) -> Iterator[Fault]:
    """Yield where a document differs from the published schema."""
    from jsonschema import Draft202012Validator, FormatChecker

    schema = json.loads((resources.files("cjtools.map_files") / SCHEMA_FILE).read_text("utf-8"))
    validator = Draft202012Validator(schema, format_checker=FormatChecker(["date"]))
    for number, error in enumerate(validator.iter_errors(document)):
        if number >= LISTED:
            return
        yield Fault(".".join(str(step) for step in error.absolute_path) or "map", cut(error.message))
