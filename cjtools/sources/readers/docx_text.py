"""Word documents (.docx) as text: what a reader of the accepted document would see, a paragraph after the other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from cjtools.sources.opening.containers import open_zip
from cjtools.sources.opening.files import Opened, fault_of
from cjtools.sources.parsing.front_matter import KEYS, LINE
from cjtools.sources.parsing.xml import local, parse_xml
from cjtools.sources.readers.docx_styles import Styles, is_on, read_styles

MOST_MARKS = 2_000_000  # tags of the XML: an interview of an hour has some ten thousand
SKIPPED = {"delText", "delInstrText", "instrText", "rPr", "pPr", "sdtPr", "tblPr", "trPr", "tcPr", "sectPr", "rt"}
BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-", "ptab": "\t"}


@dataclass(frozen=True)
class WordText:
    """A document as text; `rows` holds the number of the paragraph of each line, from 1.

    `flags` count what a reader should know: tracked insertions (kept), deletions and hidden texts (dropped), comments
    and footnotes (not read), text boxes (read after the paragraph that holds them).
    """

    text: str
    rows: tuple[int, ...]
    flags: Mapping[str, int]


@dataclass(frozen=True)
class Line:
    """A paragraph of the document: its number, its text with Markdown's sign for what its style says."""

    number: int
    text: str


@dataclass
class Walk:
    """What is known on the way through a document: its styles, what was counted, the paragraphs so far."""

    styles: Styles
    counts: Counter[str]
    number: int = 0


def read_word(opened: Opened) -> WordText:
    """Return the text of a Word document. Raises SourceError for a broken, locked or hostile one."""
    members = open_zip(opened)
    main = main_part(opened, members)
    try:
        body = next((each for each in parse_xml(opened.name, members[main]) if local(each) == "body"), None)
        walk = Walk(read_styles(opened.name, members.get("word/styles.xml")), Counter())
        lines = [] if body is None else list(joined(blocks(body, walk)))
    except RecursionError:
        raise fault_of(opened.name, "nested too deep", "a plain document", "save it again as .docx") from None
    return as_text(lines, +walk.counts)


def main_part(opened: Opened, members: Mapping[str, bytes]) -> str:
    """Return the name of the part that holds the text."""
    names = [name for name in members if re.fullmatch(r"word/document\d*\.xml", name)]
    if not names:
        raise fault_of(opened.name, "no Word document in this zip", "a document saved as .docx", "save it again")
    if members[names[0]].count(b"<") > MOST_MARKS:
        raise fault_of(opened.name, f"more than {MOST_MARKS} marks in the text", "an interview", "split the document")
    return names[0]


def blocks(parent: Element, walk: Walk) -> Iterator[tuple[Line, bool]]:
    """Yield the paragraphs below an element in order, and whether the mark at their end was deleted."""
    for child in parent:
        kind = local(child)
        if kind == "p":
            yield from paragraph(child, walk)
        elif kind == "tbl":
            yield from table(child, walk)
        elif kind in ("del", "moveFrom"):
            walk.counts["tracked_deletions"] += 1
        elif kind == "AlternateContent":
            yield from blocks(chosen(child), walk)
        elif kind in ("ins", "moveTo", "sdt", "sdtContent", "customXml", "smartTag"):
            walk.counts["tracked_insertions"] += kind in ("ins", "moveTo")
            yield from blocks(child, walk)


def paragraph(element: Element, walk: Walk) -> Iterator[tuple[Line, bool]]:
    """Yield a paragraph, and those of the text boxes that stand in it."""
    walk.number += 1
    number, boxes = walk.number, list[Element]()
    properties = next((each for each in element if local(each) == "pPr"), None)
    style = walk.styles.of_paragraph(properties)
    text = "".join(words(element, walk, boxes))
    if style.hidden and text.strip():
        walk.counts["hidden_texts"] += 1
        text = ""
    marks = [] if properties is None else [each for each in properties if local(each) == "rPr"]
    deleted = any(local(each) == "del" for mark in marks for each in mark)
    yield Line(number, marked(text, style.sign)), deleted
    for box in boxes:
        walk.counts["text_boxes"] += 1
        yield from blocks(box, walk)


def marked(text: str, sign: str) -> str:
    """Return a text with Markdown's sign before it; what only looks like a heading or a numbered item is no such."""
    plain = re.sub(r"(?m)^(\s*)(#{1,6}\s|\d{1,9}[.)]\s)", escape, text.lstrip())
    if not plain.strip() or not sign:
        return plain
    return sign + " ".join(plain.split()) if sign.startswith("#") else sign + plain.replace("\n", "\n" + sign)


def escape(match: re.Match[str]) -> str:
    """Return the head of a line so that Markdown takes it as words."""
    head = match[2]
    return match[1] + ("\\" + head if head.startswith("#") else f"{head[:-2]}\\{head[-2:]}")


def words(element: Element, walk: Walk, boxes: list[Element]) -> Iterator[str]:
    """Yield the texts below an element as they are read once all changes are accepted; text boxes go to `boxes`."""
    for child in element:
        kind = local(child)
        if kind == "t":
            yield child.text or ""
        elif kind in BREAKS:
            yield BREAKS[kind]
        elif kind in ("del", "moveFrom"):
            walk.counts["tracked_deletions"] += 1
        elif kind in ("footnoteReference", "endnoteReference", "commentReference"):
            walk.counts["comments" if kind.startswith("comment") else "footnotes"] += 1
        elif kind == "txbxContent":
            boxes.append(child)
        elif kind == "AlternateContent":
            yield from words(chosen(child), walk, boxes)
        elif kind == "r" and walk.styles.hides(child):
            walk.counts["hidden_texts"] += 1
        elif kind not in SKIPPED:
            walk.counts["tracked_insertions"] += kind in ("ins", "moveTo")
            yield from words(child, walk, boxes)


def chosen(element: Element) -> Element:
    """Return one of the forms in which a thing is given twice, for old and new readers."""
    forms = sorted(element, key=lambda each: local(each) != "Choice")
    return forms[0] if forms else element


def table(element: Element, walk: Walk) -> Iterator[tuple[Line, bool]]:
    """Yield the cells of a table, a paragraph each; a column of speakers beside their words as labels."""
    rows = [
        [list(blocks(cell, walk)) for cell in cells(row)]
        for row in cells(element, "tr")
        if not (deleted_row(row) and walk.counts.update(tracked_deletions=1) is None)
    ]
    texts = [["\n".join(line.text for line, _ in cell if line.text) for cell in row] for row in rows]
    column = speaker_column(texts)
    for row, said in zip(rows, texts, strict=True):
        first = next((line.number for cell in row for line, _ in cell), walk.number)
        if column is not None:
            rest = "\n".join(text for place, text in enumerate(said) if place != column and text)
            yield Line(first, f"**{said[column].rstrip(': ')}:** {rest}"), False
        elif len(said) == 2 and said[0].strip(": ").lower() in KEYS:
            yield Line(first, f"{said[0].strip(': ')}: {said[1]}"), False
        else:
            yield from (pair for cell in row for pair in cell)


def cells(element: Element, kind: str = "tc") -> Iterator[Element]:
    """Yield the rows of a table or the cells of a row, also those within content controls."""
    for child in element:
        if local(child) == kind:
            yield child
        elif local(child) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from cells(child, kind)


def deleted_row(row: Element) -> bool:
    """Say whether a row was deleted as a whole."""
    return any(is_on(child, "del") for child in row if local(child) == "trPr")


def speaker_column(texts: Sequence[Sequence[str]]) -> int | None:
    """Return the column of a table that says who speaks: few short names that come again, beside longer texts.

    >>> speaker_column([["Ana", "Hola, bon dia"], ["Pere", "Bon dia"], ["Ana", "I doncs?"], ["Pere", "Res, aquí"]])
    0
    """
    if len(texts) < 4 or any(len(row) != len(texts[0]) or len(row) not in (2, 3) for row in texts):
        return None
    kinds = [len({row[place] for row in texts}) for place in range(len(texts[0]))]
    for place, kind in enumerate(kinds):
        names = [row[place] for row in texts]
        short = all(0 < len(name) <= 40 and re.search(r"[^\W\d_]", name) and "\n" not in name for name in names)
        if short and 2 <= kind <= len(names) // 2 and kind < max(kinds):
            return place
    return None


def joined(pairs: Iterator[tuple[Line, bool]]) -> Iterator[Line]:
    """Yield paragraphs, where a deleted mark stood two as one."""
    held: Line | None = None
    for line, deleted in pairs:
        both = line if held is None else Line(held.number, held.text + line.text)
        held = both if deleted else None
        if not deleted:
            yield Line(both.number, both.text.strip())
    if held is not None:
        yield Line(held.number, held.text.strip())


def as_text(lines: Sequence[Line], flags: Mapping[str, int]) -> WordText:
    """Return paragraphs as one text, a blank line between them, none between those of the head."""
    head = head_length(lines)
    text: list[str] = []
    rows: list[int] = []
    for place, line in enumerate(lines):
        for part in line.text.split("\n"):
            text.append(part)
            rows.append(line.number)
        if place >= head - 1:
            text.append("")
            rows.append(line.number)
    return WordText("\n".join(text), tuple(rows), flags)


def head_length(lines: Sequence[Line]) -> int:
    """Return how many paragraphs the head of a note has: those between --- and ---, or keys that are known."""
    if lines and lines[0].text.strip() == "---":
        return next((place + 1 for place, line in enumerate(lines) if place and line.text.strip() == "---"), 0)
    keys = [LINE.match(line.text) for line in lines[:30]]
    count = next((place for place, match in enumerate(keys) if match is None), len(keys))
    return count if any(match and match["key"].lower() in KEYS for match in keys[:count]) else 0
