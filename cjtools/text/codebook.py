"""The codebook: what each code means, in the languages of the study; codebook.toml, and REFI-QDA (.qdc) in and out."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pydantic import ValidationError

from cjtools.client import Client, in_language, read_toml, shape_fault
from cjtools.errors import ClientError, Fault, SourceError, cut
from cjtools.settings import LANGUAGES, Identifier, Label, Section
from cjtools.words import fold, load_words

FILE = "codebook.toml"
NAMESPACE = "urn:QDA-XML:codebook:1.0"
CodeKind = Literal["stage", "touchpoint", "type", "persona", "theme", "factor"]

# Ids of codes in exchange files: the same code of the same client has the same one at every export.
CODES = uuid.UUID("7a3d1f0e-5b52-5d0b-9a43-2f6f5f1f7c11")
PARTS = ("Definition", "Include", "Exclude", "Example")
PART = re.compile(rf"^({'|'.join(PARTS)}): ?", re.MULTILINE)


class Code(Section):
    """[[codes]]: one code with its label in each language, what it means, and when it is given and when not."""

    id: Identifier
    kind: CodeKind = "theme"
    label: Label = ""
    definition: Label = ""
    include: Label = ""
    exclude: Label = ""
    examples: tuple[str, ...] = ()


class Codebook(Section):
    """The codes of a study, in order."""

    codes: tuple[Code, ...] = ()

    def of(self, kind: str) -> tuple[Code, ...]:
        """Return the codes of one kind."""
        return tuple(code for code in self.codes if code.kind == kind)


def load_codebook(client: Client) -> Codebook:
    """Return the codebook of a client: its codebook.toml, and a code for each stage and touchpoint that has none there.

    Raises ClientError that lists every fault of the file.
    """
    path = client.folder / FILE
    declared = read_codebook(path) if path.is_file() else Codebook()
    known = {(code.kind, code.id) for code in declared.codes}
    own = [
        *(
            Code(
                id=stage.id,
                kind="stage",
                label=stage.label or stage_label(stage.id),
                definition=stage.question,
                include=stage.information,
            )
            for stage in client.journey
        ),
        *(Code(id=touchpoint.id, kind="touchpoint", label=touchpoint.label) for touchpoint in client.touchpoints),
    ]
    return Codebook(codes=(*declared.codes, *(code for code in own if (code.kind, code.id) not in known)))


def stage_label(identifier: str) -> Label:
    """Return the label of a stage of the named models in every language; of another stage none.

    >>> stage_label("purchase")["ca"], stage_label("unboxing")
    ('compra', '')
    """
    known = {language: load_words(language) for language in LANGUAGES}
    labels = {name: words.stage(identifier) for name, words in known.items() if words.has("stages", identifier)}
    return labels or ""


def read_codebook(path: Path) -> Codebook:
    """Return the codes of a codebook.toml as they stand."""
    try:
        book = Codebook.model_validate(read_toml(path))
    except ValidationError as error:
        faults = sorted({shape_fault(item, Codebook) for item in error.errors(include_url=False)})
        raise ClientError(path.as_posix(), faults) from None
    counts = Counter((code.kind, code.id) for code in book.codes)
    twice = sorted(code for code, times in counts.items() if times > 1)
    if twice:
        faults = [Fault(f"codes.{name}", f"a second {kind} of this id", "one entry a code") for kind, name in twice]
        raise ClientError(path.as_posix(), faults)
    return book


def to_qdc(book: Codebook, *, language: str, client_id: str) -> str:
    """Return a codebook as REFI-QDA codebook XML (.qdc), for NVivo, ATLAS.ti, MAXQDA, QualCoder, Taguette.

    REFI-QDA has no place for languages: the file holds the labels of one. Codes stand below one that names their kind;
    definition, include, exclude and examples stand in the description, one part a line, and are read back from there.

    >>> book = Codebook(codes=(Code(id="fees", label={"en": "Fees", "ca": "Despeses"}, include="late costs"),))
    >>> from_qdc(to_qdc(book, language="ca", client_id="acme"), language="ca").codes[0].label
    {'ca': 'Despeses'}
    """
    root = Element("CodeBook", {"xmlns": NAMESPACE, "origin": "cjtools"})
    codes = SubElement(root, "Codes")
    for kind in get_args(CodeKind):
        held = book.of(kind)
        if not held:
            continue
        above = SubElement(codes, "Code", {"guid": guid(client_id, kind), "name": kind, "isCodable": "false"})
        for code in held:
            name = xml_text(in_language(code.label, language) or code.id)
            below = SubElement(
                above, "Code", {"guid": guid(client_id, kind, code.id), "name": name, "isCodable": "true"}
            )
            if told := description(code, language):
                SubElement(below, "Description").text = told
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def guid(*names: str) -> str:
    """Return the id of a code in exchange files."""
    return str(uuid.uuid5(CODES, "\x1f".join(names)))


def description(code: Code, language: str) -> str:
    """Return what is said of a code, one part a line; the id comes last, so that the code comes back as it was."""
    said = [
        ("Definition", in_language(code.definition, language)),
        ("Include", in_language(code.include, language)),
        ("Exclude", in_language(code.exclude, language)),
        *(("Example", example) for example in code.examples),
    ]
    lines = [f"{name}: {xml_text(' '.join(text.split()))}" for name, text in said if text]
    return "\n".join([*lines, f"[{code.id}]"])


def xml_text(text: str) -> str:
    """Return a text without the control characters that XML cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "", text)


def from_qdc(xml: str | bytes, *, language: str, name: str = "codebook.qdc") -> Codebook:
    """Return the codes of a REFI-QDA codebook, of whatever tool, with their labels in the language it is written in.

    A code below one that is named as a kind of the kit (stage, touchpoint, type, persona, theme, factor) is of that
    kind, any other a theme. Codes that only group others are left out. Raises SourceError for what is no codebook.
    """
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise SourceError(
            name, [Fault(name, f"no XML that can be read: {cut(error)}", "a REFI-QDA codebook")]
        ) from None
    if bare(root.tag) != "CodeBook":
        found = f"the root element is {cut(bare(root.tag))}"
        raise SourceError(name, [Fault(name, found, "CodeBook", "export the codebook as .qdc")])
    codes: list[Code] = []
    taken: set[tuple[str, str]] = set()
    for element, kind in codable(root, "theme"):
        code = code_of(element, kind, language)
        number = 2
        identifier = code.id
        while (kind, identifier) in taken:
            identifier, number = f"{code.id[:58]}-{number}", number + 1
        taken.add((kind, identifier))
        codes.append(code.model_copy(update={"id": identifier}))
    return Codebook(codes=tuple(codes))


def codable(element: Element, kind: CodeKind) -> Iterator[tuple[Element, CodeKind]]:
    """Yield every code that can be given, with its kind, in order, from the root down."""
    waiting: list[tuple[Element, CodeKind]] = [(element, kind)]
    while waiting:
        above, own = waiting.pop()
        below: list[tuple[Element, CodeKind]] = []
        for child in above:
            if bare(child.tag) == "Codes":
                below.append((child, own))
            elif bare(child.tag) == "Code":
                named = next((each for each in get_args(CodeKind) if each == fold(child.get("name", ""))), None)
                below.append((child, named or own))
        waiting += reversed(below)
        if bare(above.tag) == "Code" and above.get("isCodable", "true").lower() in ("true", "1"):
            yield above, own


def code_of(element: Element, kind: CodeKind, language: str) -> Code:
    """Return one code of a codebook."""
    label = " ".join(element.get("name", "").split())
    told = next((child.text or "" for child in element if bare(child.tag) == "Description"), "")
    own = re.search(r"\n?\[([a-z0-9][a-z0-9_-]{0,62})\]\s*$", told)
    parts = split_parts(told[: own.start()] if own else told)
    return Code(
        id=own.group(1) if own else identifier_of(label),
        kind=kind,
        label={language: label} if label else "",
        definition=said(parts, "Definition", language),
        include=said(parts, "Include", language),
        exclude=said(parts, "Exclude", language),
        examples=tuple(parts.get("Example", ())),
    )


def split_parts(text: str) -> dict[str, list[str]]:
    """Return what a description says by part; what stands before the first part is the definition."""
    pieces = PART.split(text)
    parts: dict[str, list[str]] = {"Definition": [pieces[0].strip()]} if pieces[0].strip() else {}
    for name, value in zip(pieces[1::2], pieces[2::2], strict=True):
        parts.setdefault(name, []).append(value.strip())
    return parts


def said(parts: Mapping[str, Sequence[str]], name: str, language: str) -> Label:
    """Return what a part says, as a label in one language."""
    text = " ".join(parts.get(name, ()))
    return {language: text} if text else ""


def identifier_of(label: str) -> str:
    """Return an id made from a label.

    >>> identifier_of("Despeses d'enviament"), identifier_of("送料")
    ('despeses-d-enviament', 'code')
    """
    return re.sub(r"[^a-z0-9]+", "-", fold(label)).strip("-")[:60].strip("-") or "code"


def bare(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rsplit("}", 1)[-1]


def to_toml(book: Codebook) -> str:
    """Return a codebook as the text of a codebook.toml.

    >>> print(to_toml(Codebook(codes=(Code(id="fees", label={"ca": "Despeses"}),))))
    [[codes]]
    id = "fees"
    kind = "theme"
    label = { ca = "Despeses" }
    <BLANKLINE>
    """
    return "\n".join("\n".join(["[[codes]]", *toml_lines(code)]) + "\n" for code in book.codes)


def toml_lines(code: Code) -> Iterable[str]:
    """Yield the lines of one code."""
    yield f"id = {quoted(code.id)}"
    yield f"kind = {quoted(code.kind)}"
    for name in ("label", "definition", "include", "exclude"):
        value: Label = getattr(code, name)
        if isinstance(value, str):
            if value:
                yield f"{name} = {quoted(value)}"
        else:
            yield f"{name} = {{ {', '.join(f'{key} = {quoted(text)}' for key, text in sorted(value.items()))} }}"
    if code.examples:
        yield f"examples = [{', '.join(quoted(text) for text in code.examples)}]"


def quoted(text: str) -> str:
    """Return a text as a TOML string."""
    plain = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found.group()):04x}", plain) + '"'
