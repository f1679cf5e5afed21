"""A file's bytes and its text: what it is called in tables, unpacking with limits, one ladder of encodings."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut

LARGEST = 200 * 2**20  # bytes of one file, unpacked, of those that are read as a whole
STREAMED_FROM = 64 * 2**20  # bytes of a source's files, packed ones by what they may unpack to
BLOCK = 16 * 2**20  # bytes read at once
TAIL = 2**16  # bytes in which the last line of a block is looked for
UNPACKED = {b"\x1f\x8b": 30, b"PAR1": 8}  # how much larger packed files may be in memory, by their first bytes

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What a file is when it is not text: its first bytes, and what to do with it.
NOT_TEXT = (
    (b"PK\x03\x04", "a zip or an Office file", "save the sheet as CSV (UTF-8), or the text as Markdown"),
    (b"\xd0\xcf\x11\xe0", "an old Office file", "save it as CSV (UTF-8), or as Markdown"),
    (b"PAR1", "a Parquet file", "only tables and GA4's BigQuery export are read from Parquet"),
    (b"%PDF", "a PDF file", "export the text itself"),
)


@dataclass(frozen=True)
class Opened:
    """The bytes of one file, unpacked, under the name that tables and messages show."""

    name: str
    data: bytes
    sha256: str


def shown_name(file: Path, client: Client) -> str:
    """Return a file's path within the client's folder, or its bare name: never where it lies on a machine."""
    path, folder = file.resolve(), client.folder.resolve()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else file.name


def open_file(file: Path, client: Client) -> Opened:
    """Return a file's bytes, unpacked when they are gzip. Raises SourceError when there are too many."""
    name = shown_name(file, client)
    try:
        if file.stat().st_size > LARGEST:
            raise fault_of(name, f"{file.stat().st_size} bytes", "at most 200 MB a file", "split the export")
        raw = file.read_bytes()
    except OSError as error:
        raise fault_of(
            name, f"cannot be opened ({error.strerror})", "", "see whether it is there and readable"
        ) from None
    return Opened(name, unpack(raw, name), hashlib.sha256(raw).hexdigest())


def unpack(data: bytes, name: str) -> bytes:
    """Return the bytes, unpacked when they are gzip by their first two bytes, whatever the file is called."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            plain = packed.read(LARGEST + 1)
    except (OSError, EOFError, ValueError) as error:
        raise fault_of(name, f"broken gzip ({error})", "", "fetch the file again") from None
    if len(plain) > LARGEST:
        raise fault_of(name, "unpacks to more than 200 MB", "at most 200 MB a file", "split the export")
    return plain


def is_large(files: Iterable[Path]) -> bool:
    """Say whether files are too large together to be read as a whole."""
    return sum(map(weight, files)) > STREAMED_FROM


def weight(file: Path) -> int:
    """Return the bytes of a file, or those that it may unpack to; none when it cannot be opened."""
    try:
        with file.open("rb") as stream:
            first = stream.read(4)
        return file.stat().st_size * next((times for magic, times in UNPACKED.items() if first.startswith(magic)), 1)
    except OSError:
        return 0


class Hashed(io.RawIOBase):
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: Path) -> None:
        """Open a file."""
        self.stream = file.open("rb", buffering=0)
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes into a buffer and return how many."""
        count = self.stream.readinto(buffer)
        self.digest.update(memoryview(buffer)[:count])
        return count

    def close(self) -> None:
        """Close the file."""
        self.stream.close()
        super().close()


@dataclass
class Blocks:
    """The bytes of a file of any size, unpacked, block by block; `sha256` is that of the file once all were read."""

    file: Path
    name: str
    sha256: str = ""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the blocks. Raises SourceError for a file that cannot be opened or unpacked."""
        try:
            if head_is_packed(self.file):
                yield from self.unpacked()
            else:
                yield from self.as_they_are()
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise fault_of(self.name, f"broken gzip ({error})", "", "fetch the file again") from None
        except OSError as error:
            found = f"cannot be opened ({error.strerror})"
            raise fault_of(self.name, found, "", "see whether it is there and readable") from None

    def unpacked(self) -> Iterator[bytes]:
        """Yield the blocks of a packed file."""
        with Hashed(self.file) as raw:
            stream = gzip.GzipFile(fileobj=io.BufferedReader(raw, BLOCK))
            while block := read_block(stream, BLOCK):
                yield block
            while raw.read(BLOCK):
                pass  # what gzip leaves behind its end belongs to the file too
            self.sha256 = raw.digest.hexdigest()

    def as_they_are(self) -> Iterator[bytes]:
        """Yield the blocks of a file, which end with a line where they can: then none has to be copied to be cut."""
        digest = hashlib.sha256()
        with self.file.open("rb", buffering=0) as stream:
            while block := read_block(stream, to_line_end(stream)):
                digest.update(block)
                yield block
        self.sha256 = digest.hexdigest()


def to_line_end(stream: Any) -> int:
    """Return how many bytes of a file there are up to the last line end in its next block; else the whole block."""
    begin, tail = stream.tell(), min(TAIL, BLOCK)
    stream.seek(begin + BLOCK - tail)
    end = stream.read(tail).rfind(b"\n") + 1
    stream.seek(begin)
    return BLOCK - tail + end if end else BLOCK


def read_block(stream: Any, size: int) -> bytes:
    """Return the next bytes of a stream: as many as asked for, less at its end only."""
    parts, missing = [], size
    while missing and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def head_is_packed(file: Path) -> bool:
    """Say whether a file is gzip by its first two bytes."""
    with file.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def sha256_of(file: Path) -> str:
    """Return the hash of a file's bytes, read block by block."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def head_of(file: Path, size: int = 65536) -> bytes:
    """Return the first bytes of a file, unpacked when they are gzip; nothing when it cannot be opened."""
    try:
        with file.open("rb") as stream:
            head = stream.read(size)
        if not head.startswith(b"\x1f\x8b"):
            return head
        with gzip.open(file) as packed:
            return packed.read(size)
    except (OSError, EOFError):
        return b""


def decode(opened: Opened, declared: str | None) -> tuple[str, str]:
    """Return a file's text and the name of its encoding.

    The ladder: byte order mark, the encoding that client.toml declares, UTF-16 by its zero bytes, UTF-8. Never a guess:
    anything else is a fault that names line and byte.
    """
    for magic, what, step in NOT_TEXT:
        if opened.data.startswith(magic):
            raise fault_of(opened.name, f"this is {what}, not text", "", step)
    encoding, begin = encoding_of(opened.name, opened.data, declared)
    return decode_as(opened.name, opened.data[begin:] if begin else opened.data, encoding), encoding


def encoding_of(name: str, data: bytes, declared: str | None) -> tuple[str, int]:
    """Return the encoding that the first bytes of a file have, and how long its byte order mark is."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return encoding, len(mark)
    return known_encoding(name, declared) if declared else zero_byte_encoding(data) or "utf-8", 0


def known_encoding(name: str, declared: str) -> str:
    """Return Python's name of a declared encoding."""
    try:
        "".encode(declared)
        return codecs.lookup(declared).name
    except (LookupError, UnicodeError):
        raise fault_of(name, f"encoding {cut(declared)} is not known", "such as cp1252, cp1250 or utf-16") from None


def zero_byte_encoding(data: bytes) -> str | None:
    """Return the UTF-16 whose zero bytes a text has, when most of its characters have one on the same side."""
    head = data[:4096]
    zeros = (head[0::2].count(0), head[1::2].count(0))
    if max(zeros) * 10 < len(head) * 3 or min(zeros) * 10 > max(zeros):
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def decode_as(name: str, data: bytes, encoding: str, *, line: int = 1, byte: int = 0) -> str:
    """Return the text, or say at which line and byte it is not of this encoding; `line` and `byte` begin the data."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        wrong, below = byte + error.start, line + data.count(b"\n", 0, error.start)
        found = f"byte {wrong} (0x{data[error.start]:02X}) is not {encoding.upper()}"
        step = 'save the file as UTF-8, or declare its encoding, such as encoding = "cp1252"'
        raise fault_of(f"{name} line {below}", found, "", step, what=name) from None
    if re.match(r"\s*<(!doctype html|html)", text[:200], re.IGNORECASE):
        raise fault_of(
            f"{name} line 1", "this is a web page, not an export", "", "log in and export the file again", what=name
        )
    return text


def fault_of(where: str, found: str, expected: str = "", step: str = "", *, what: str = "") -> SourceError:
    """Return the error of a file with one fault."""
    return SourceError(what or where, [Fault(where, found, expected, step)])
