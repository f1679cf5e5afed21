"""JSON as rows and columns: a list of objects, or one object a line; what lies within an object becomes a.b.c."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import polars as pl

from cjtools.errors import Fault, SourceError, cut, raise_if_any
from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.opening.files import Opened, fault_of

# Where tools keep the list when a file is one object; the first of these that is one.
LISTS = ("tickets", "data", "items", "results", "reviews", "statuses", "posts", "feed", "rows", "records")
DEEPEST = 12
HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # a surrogate alone, which cannot be written as UTF-8


def looks_like_json(text: str) -> bool:
    """Say whether a text is JSON by its first character."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def parse_records(opened: Opened, text: str, encoding: str, *, path: str = "") -> Sheet:
    r"""Return the objects of a JSON text as rows. `lines` holds the line of JSON lines, else the number of the object.

    `path` is where the list stands, such as `data` or `a.b`. Raises SourceError for every line that is no object.

    >>> sheet = parse_records(Opened("a.jsonl", b"", ""), '{"id": 1, "by": {"name": "x"}}\n{"id": 2}\n', "utf-8")
    >>> sheet.header, sheet.rows.rows(), sheet.lines.to_list()
    (('id', 'by.name'), [('1', 'x'), ('2', '')], [1, 2])
    """
    objects, lines = load_objects(opened, text, path=path)
    return records_sheet(opened, objects, lines, encoding=encoding)


def records_sheet(
    opened: Opened, objects: Iterable[dict[str, Any]], lines: Sequence[int], *, encoding: str = "utf-8"
) -> Sheet:
    """Return objects as rows of texts, one column for everything that one of them has.

    The flag `broken_characters` counts the cells with the mark of a character that was broken.
    """
    try:
        flat = [dict(flatten(each)) for each in objects]
    except RecursionError:
        raise too_deep(opened) from None
    header = tuple(dict.fromkeys(name for row in flat for name in row))
    rows = pl.DataFrame(
        [pl.Series(name, [row.get(name, "") for row in flat], dtype=pl.String) for name in header],
    )
    broken = sum("\ufffd" in text for row in flat for text in row.values())
    numbers = pl.Series(lines, dtype=pl.Int64)
    notes = (("broken_characters", broken),)
    return Sheet(opened.name, opened.sha256, encoding, "", 1, header, rows, numbers, notes=notes)


def load_objects(opened: Opened, text: str, *, path: str = "") -> tuple[list[dict[str, Any]], list[int]]:
    """Return the objects of a text, and where each stands: its line in JSON lines, else its number from 1."""
    values = load_json(opened, text)
    if len(values) != 1 or values[0][0]:
        wrong = [line for line, each in values if not isinstance(each, dict)]
        raise_if_any(SourceError, opened.name, [
            Fault(f"{opened.name} line {line}", "not a JSON object", "one object a line") for line in wrong
        ])  # fmt: skip
        return [each for _, each in values], [line for line, _ in values]
    objects = list_in(values[0][1], path)
    if objects is None:
        found = f"no list at {path!r}" if path else "no list of objects"
        raise fault_of(opened.name, found, 'add records = "data", or where the list stands')
    raise_if_any(SourceError, opened.name, [
        Fault(f"{opened.name} record {number}", "not an object", "an object")
        for number, each in enumerate(objects, start=1)
        if not isinstance(each, dict)
    ])  # fmt: skip
    return objects, list(range(1, len(objects) + 1))


def load_json(opened: Opened, text: str) -> list[tuple[int, Any]]:
    """Return the one JSON value of a text, with 0, or the value of each of its lines, with the number of the line.

    Raises SourceError that names the line where the text is no JSON, or every line that is none.
    """
    text = text.lstrip("\ufeff")
    if not text.strip():
        raise fault_of(opened.name, f"the file is empty ({len(opened.data)} bytes)", "JSON")
    try:
        return [(0, json.loads(text))]
    except RecursionError:
        raise too_deep(opened) from None
    except ValueError as error:
        if has_lines(text):
            return load_lines(opened, text)
        line = getattr(error, "lineno", 1)
        found = f"not valid JSON ({cut(getattr(error, 'msg', str(error)))})"
        raise fault_of(f"{opened.name} line {line}", found, "a list of objects", what=opened.name) from None


def too_deep(opened: Opened) -> SourceError:
    """Return the error of a file whose values lie too deep within one another."""
    return fault_of(opened.name, "lists within lists, too deep to be read", "a list of objects")


def has_lines(text: str) -> bool:
    """Say whether a text that is no JSON as a whole is meant as JSON lines: one of the first is an object."""

    def is_object(line: str) -> bool:
        try:
            return isinstance(json.loads(line), dict)
        except (ValueError, RecursionError):
            return False

    return any(map(is_object, islice((line for line in text.split("\n") if line.strip()), 3)))


def load_lines(opened: Opened, text: str, *, first_line: int = 1) -> list[tuple[int, Any]]:
    """Return the value of each line. Raises SourceError with every line that is no JSON."""
    values, faults = [], []
    for number, line in enumerate(text.split("\n"), start=first_line):
        try:
            values += [(number, json.loads(line))] if line.strip() else []
        except (ValueError, RecursionError) as error:
            found = f"not valid JSON ({cut(getattr(error, 'msg', 'too deep'))})"
            faults.append(Fault(f"{opened.name} line {number}", found, "one object a line"))
    raise_if_any(SourceError, opened.name, faults)
    return values


def list_in(whole: Any, path: str) -> list[Any] | None:
    """Return the list of a JSON value: at a path, itself, in a usual place; an object alone is a list of one."""
    if path:
        for name in path.split("."):
            whole = whole.get(name) if isinstance(whole, dict) else None
        return whole if isinstance(whole, list) else None
    if isinstance(whole, list):
        return whole
    if isinstance(whole, dict):
        usual = next((whole[name] for name in LISTS if isinstance(whole.get(name), list)), None)
        return usual if usual is not None else [whole]
    return None


def flatten(value: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of an object: a.b.c for what lies within, JSON for lists of objects."""
    for name, inner in value.items():
        if isinstance(inner, dict) and depth < DEEPEST:
            yield from flatten(inner, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", text_of(inner)


def text_of(value: Any) -> str:
    """Return a JSON value as a text; nothing is empty, a list of texts is joined by a semicolon.

    >>> text_of(None), text_of(True), text_of(1.5), text_of(["a", "b"]), text_of([{"a": 1}])
    ('', 'true', '1.5', 'a;b', '[{"a": 1}]')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return HALF_CHARACTER.sub("\ufffd", value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return ";".join(map(text_of, value))
    if isinstance(value, dict | list):
        return HALF_CHARACTER.sub("\ufffd", json.dumps(value, ensure_ascii=False))
    return repr(value)
