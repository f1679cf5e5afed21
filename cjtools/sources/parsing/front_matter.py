"""The head of a note: keys and texts, each with its line, between --- lines or without; nothing of YAML surprises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from cjtools.errors import Fault, cut
from cjtools.sources.parsing.role_words import role_word

LARGEST = 64 * 1024
DEEPEST = 3
KEYS = ("participant", "date", "language", "consent", "persona", "name", "coder", "retain_until")
LINE = re.compile(r"^\s*(?P<key>[^\W\d_]+(?:[ _-][^\W\d_]+){0,2})\s*:(?:\s+(?P<text>.{0,200}))?$")


@dataclass(frozen=True)
class Entry:
    """A value of the front matter and the line on which it stands."""

    text: str
    line: int


@dataclass(frozen=True)
class FrontMatter:
    """The entries of a note's head, and how many lines it has, its two marks included."""

    entries: dict[str, Entry]
    lines: int


def read_front_matter(text: str, name: str) -> tuple[FrontMatter, list[Fault]]:
    r"""Return what stands between the --- lines at the head of a text, every value as text, and what is wrong there.

    A word processor turns --- into a rule: two or more lines of `key: text` with known keys are a head without it.

    >>> read_front_matter("---\nparticipant: 007\nconsent: no\n---\nHola", "P01.md")[0].entries["consent"]
    Entry(text='no', line=3)
    """
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return plain_head(lines), []
    end = next((place for place, line in enumerate(lines[1:], start=1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        return FrontMatter({}, 0), [Fault(f"{name} line 1", "--- opens here and never closes", "a second line ---")]
    inside = "\n".join(lines[1:end])
    if len(inside.encode("utf-8", "surrogatepass")) > LARGEST:
        return FrontMatter({}, end + 1), [
            Fault(f"{name} line 1", "more than 64 KB between the --- lines", "a few short keys")
        ]
    faults = list(surprises(inside, name))
    entries: dict[str, Entry] = {}
    if not faults and inside.strip():
        entries, faults = read_entries(yaml.compose(inside, Loader=yaml.BaseLoader), name)
    return FrontMatter(entries, end + 1), faults


def plain_head(lines: list[str]) -> FrontMatter:
    """Return the first lines of a text when they are keys and texts, two of them known; else nothing.

    >>> plain_head(["Participant: P01", "consent: report", "", "Hola"]).lines
    2
    """
    entries: dict[str, Entry] = {}
    for number, line in enumerate(lines, start=1):
        match = LINE.match(line)
        if match is None or match["key"].lower() in entries or (role_word(match["key"]) and entries):
            break
        entries[match["key"].lower()] = Entry((match["text"] or "").strip(), number)
    known = [key for key in entries if key in KEYS]
    return FrontMatter(entries, len(entries)) if len(known) > 1 else FrontMatter({}, 0)


def surprises(inside: str, name: str) -> Iterator[Fault]:
    """Yield what keeps the text from being plain keys and values: faults of YAML, aliases, tags, deep nests."""
    depth = 0
    try:
        for event in yaml.parse(inside, Loader=yaml.BaseLoader):
            where = f"{name} line {event.start_mark.line + 2}"
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                yield Fault(where, "lists within lists", "plain keys and texts")
                return
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
                yield Fault(where, "an alias or anchor (* or &)", "plain text", "put the text in quotes")
            elif getattr(event, "tag", None) is not None:
                yield Fault(where, f"a tag ({cut(event.tag)})", "plain text", "put the text in quotes")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 2
        yield Fault(
            f"{name} line {line}", f"not valid YAML: {error.problem}", "key: text", "a text with a colon needs quotes"
        )
    except yaml.YAMLError as error:
        yield Fault(f"{name} line 1", f"not valid YAML: {cut(error)}", "key: text")


def read_entries(node: yaml.Node, name: str) -> tuple[dict[str, Entry], list[Fault]]:
    """Return the keys and texts of a mapping; a list is one text with commas."""
    if not isinstance(node, yaml.MappingNode):
        return {}, [Fault(f"{name} line {node.start_mark.line + 2}", "no keys", "key: text")]
    entries: dict[str, Entry] = {}
    faults = []
    for key, value in node.value:
        line = key.start_mark.line + 2
        label = str(key.value).strip().lower() if isinstance(key, yaml.ScalarNode) else "?"
        items = value.value if isinstance(value, yaml.SequenceNode) else [value]
        if label in entries:
            faults.append(
                Fault(f"{name} line {line}", f"{cut(label)} is there twice (line {entries[label].line})", "once")
            )
        elif not isinstance(key, yaml.ScalarNode) or not all(isinstance(item, yaml.ScalarNode) for item in items):
            faults.append(
                Fault(f"{name} line {line}", f"{cut(label)} holds more than a text", "a text, or a list of texts")
            )
        else:
            entries[label] = Entry(", ".join(str(item.value).strip() for item in items), value.start_mark.line + 2)
    return entries, faults
