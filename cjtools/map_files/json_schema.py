"""The JSON Schema of the map, made from the declared tables: `python -m cjtools.map_files.json_schema` writes it."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any, get_args

import dataframely as dy
import polars as pl

from cjtools.journey_map import JourneyMap
from cjtools.map_files.as_json import FORMAT, SCHEMA_FILE, VERSION, adapter, declared, hints, part_of
from cjtools.map_files.declared import Table
from cjtools.settings import LANGUAGES
from cjtools.words import Words


def map_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the map; every table with what its declaration says of it.

    >>> map_schema()["properties"]["tables"]["properties"]["stages"]["items"]["properties"]["band"]["enum"]
    ['before', 'during', 'after']
    """
    definitions: dict[str, Any] = {}
    body = part_schema(JourneyMap, definitions)
    head = {"format": {"const": FORMAT}, "version": {"const": VERSION}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Customer journey map of cjtools",
        "description": "A customer journey map as tables; what an empty value means stands with each table.",
        **body,
        "required": [*head, *body["required"]],
        "properties": {**head, **body["properties"]},
        "$defs": dict(sorted(definitions.items())),
    }


def part_schema(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a part of the map; what its types share goes to `definitions`."""
    tables: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, hint in hints(kind).items():
        if hint is pl.DataFrame:
            tables[name] = table_schema(declared(kind, name))
        elif hint is Words:
            rest["language"] = {"enum": list(LANGUAGES)}
        elif inner := part_of(hint):
            # The map of the wave before is a map as well.
            below = {"$ref": "#"} if inner is JourneyMap else part_schema(inner, definitions)
            rest[name] = {"anyOf": [below, {"type": "null"}]} if type(None) in get_args(hint) else below
        else:
            found = adapter(hint).json_schema(mode="serialization", ref_template="#/$defs/{model}")
            definitions |= found.pop("$defs", {})
            rest[name] = found
    rest["tables"] = closed(tables)
    return closed(rest)


def table_schema(table: Table) -> dict[str, Any]:
    """Return the schema of a table: a list of rows, each with every column."""
    told = inspect.cleandoc(table.__doc__ or "")
    return {
        "type": "array",
        "description": " ".join(told.split()),
        "items": closed({name: column_schema(column) for name, column in table.columns().items()}),
    }


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that has these properties, all of them, and no other."""
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


def column_schema(column: Any) -> dict[str, Any]:
    """Return the schema of a column; null is one more value where the column may be empty."""
    found = value_schema(column)
    if not column.nullable:
        return found
    if "enum" in found:
        return {**found, "enum": [*found["enum"], None]}
    return {**found, "type": [found["type"], "null"]}


def value_schema(column: Any) -> dict[str, Any]:
    """Return the schema of the values of a column."""
    match column:
        case dy.Enum():
            return {"enum": [str(name) for name in column.categories]}
        case dy.String():
            return {"type": "string", **kept({"minLength": column.min_length, "maxLength": column.max_length})}
        case dy.Bool():
            return {"type": "boolean"}
        case dy.Int64():
            return {"type": "integer", **kept({"minimum": column.min, "maximum": column.max})}
        case dy.Float64():
            return {"type": "number", **kept({"minimum": column.min, "maximum": column.max})}
        case dy.Decimal():
            return {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
        case dy.Date():
            return {"type": "string", "format": "date"}
        case dy.Datetime():
            return {"type": "string", "format": "date-time"}
        case dy.List():
            return {"type": "array", "items": column_schema(column.inner)}
        case dy.Struct():
            return closed({name: column_schema(inner) for name, inner in column.inner.items()})
    raise TypeError(f"no JSON for a column of {type(column).__name__}")


def kept(values: dict[str, Any]) -> dict[str, Any]:
    """Return what is set."""
    return {name: value for name, value in values.items() if value is not None}


def schema_text() -> str:
    """Return the schema as the file holds it."""
    return json.dumps(map_schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")
