"""The text of an interview, whatever it was written in: Markdown, plain text or Word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cjtools.client import Client
from cjtools.errors import CjtoolsError
from cjtools.settings import SourceSection
from cjtools.sources.opening.files import Opened, decode, fault_of, open_file
from cjtools.sources.readers.docx_text import read_word

TEXTS = (".md", ".markdown", ".txt", ".text")
WORD = (".docx", ".docm", ".dotx")
OTHERS = ((b"\xd0\xcf\x11\xe0", "an old or locked Office file (.doc)"), (b"{\\rtf", "rich text (.rtf)"))


@dataclass(frozen=True)
class Document:
    """A file and its text with plain line ends; `rows` holds the paragraph of each line where the file has no lines."""

    opened: Opened
    text: str
    encoding: str
    rows: tuple[int, ...] = ()
    flags: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name as tables and messages show it."""
        return self.opened.name

    def row(self, line: int) -> int:
        """Return the line or paragraph of the file that a line of the text comes from."""
        return self.rows[min(line, len(self.rows)) - 1] if self.rows else line


def open_document(file: Path, *, section: SourceSection, client: Client, what: str) -> Document:
    """Return the text of a file. Raises SourceError when it is none, broken or empty; `what` it should be."""
    document = to_document(open_file(file, client), section.encoding)
    if not document.text.strip():
        raise fault_of(document.name, f"the file is empty ({len(document.opened.data)} bytes)", what)
    return document


def to_document(opened: Opened, encoding: str | None = None) -> Document:
    """Return a file as text. Raises SourceError for a file that is neither text nor Word."""
    for magic, what in OTHERS:
        if opened.data.startswith(magic):
            expected = "Word (.docx), Markdown (.md) or text (.txt)"
            raise fault_of(opened.name, f"this is {what}", expected, "save it as .docx")
    if opened.data.startswith(b"PK\x03\x04"):
        word = read_word(opened)
        return Document(opened, word.text, "docx", word.rows, word.flags)
    text, encoding = decode(opened, encoding)
    return Document(opened, text.replace("\r\n", "\n").replace("\r", "\n"), encoding)


def peek_text(file: Path, head: bytes) -> str | None:
    """Return the text at the head of what may be an interview, to be recognised by; None for any other file."""
    suffix = file.suffix.lower()
    if suffix in TEXTS and b"\0" not in head:
        return head.decode("utf-8", errors="replace").lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if suffix in WORD or (head.startswith(b"PK\x03\x04") and b"word/" in head):
        try:
            stat = file.stat()
            return peek_word(file, stat.st_mtime_ns, stat.st_size)
        except (OSError, CjtoolsError):
            return ""
    return "" if suffix in (".doc", ".rtf") and head.startswith(tuple(magic for magic, _ in OTHERS)) else None


@lru_cache(maxsize=16)
def peek_word(file: Path, changed: int, size: int) -> str:
    """Return the text of a Word document, read once for all readers that look at it."""
    return read_word(Opened(file.name, file.read_bytes(), "")).text
