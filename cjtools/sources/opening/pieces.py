"""Texts of any size, piece by piece: cut where a line or a row ends, each piece with the line at which it begins."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from cjtools.sources.opening.files import decode_as, fault_of
from cjtools.sources.opening.glance import Quotes
from cjtools.sources.opening.head import LONE_RETURN
from cjtools.sources.opening.plain import Seen, look_at, look_at_quotes

LONGEST = 64 * 2**20  # bytes in which a line or a row must end


@dataclass(frozen=True)
class Piece:
    """Some whole lines or rows of a file: the line and the byte at which they begin.

    Of CSV the `quotes`, where they stand as they should and do not end beyond it; or what was `seen` of plain rows.
    """

    data: bytes
    line: int
    byte: int = 0
    quotes: Quotes | None = None
    seen: Seen | None = None


@dataclass(frozen=True)
class Form:
    """How the rows of a table are written: how many cells, between which marks."""

    width: int
    delimiter: str
    quoted: bool = True


def as_utf8(blocks: Iterable[bytes], encoding: str, name: str) -> Iterator[bytes]:
    r"""Yield blocks of another encoding as UTF-8. Raises SourceError at the first byte that is none of its own.

    >>> b"".join(as_utf8(["é\n".encode("utf-16-le")[:3], b"\0"], "utf-16-le", "x")).decode()
    'é\n'
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    line, byte = 1, 0
    for block in chain(blocks, [b""]):
        held = decoder.getstate()[0]
        try:
            text = decoder.decode(block, not block)
        except UnicodeDecodeError:
            text = decode_as(name, held + block, encoding, line=line, byte=byte - len(held))
        yield text.encode()
        line, byte = line + text.count("\n"), byte + len(block)


def line_pieces(blocks: Iterable[bytes], name: str) -> Iterator[Piece]:
    r"""Yield the lines of a text in pieces.

    >>> [(piece.data, piece.line) for piece in line_pieces([b"a\nb", b"c\nd"], "x")]
    [(b'a\n', 1), (b'bc\n', 2), (b'd', 3)]
    """
    rest, line, byte = b"", 1, 0
    for block in blocks:
        data = rest + block
        end = data.rfind(b"\n") + 1
        if end:
            yield Piece(data[:end], line, byte)
            line, byte = line + data.count(b"\n", 0, end), byte + end
        elif len(data) > LONGEST:
            raise fault_of(f"{name} line {line}", f"a line of more than {LONGEST // 2**20} MB", what=name)
        rest = data[end:]
    if rest:
        yield Piece(rest, line, byte)


def row_pieces(blocks: Iterable[bytes], form: Form, *, line: int = 1, byte: int = 0) -> Iterator[Piece]:
    r"""Yield the rows of a table in pieces. One that is not plain is read row by row to know where its last row ends.

    After a row that cannot be read nobody knows where the next one begins: the piece that holds it is the last.

    >>> pieces = row_pieces([b'1,"a\n', b'b"\n2,c'], Form(2, ","))
    >>> [(piece.data, piece.line) for piece in pieces]
    [(b'1,"a\nb"\n', 1), (b'2,c', 3)]
    """
    rest = b""
    for block in chain(blocks, (None,)):
        data = rest + (block or b"")
        piece = first_rows(data, form, last=block is None) if data else Piece(b"", line)
        if piece is None or (not piece.data and len(data) > LONGEST):
            yield Piece(data, line, byte)
            return
        if piece.data:
            yield replace(piece, line=line, byte=byte)
        end = len(piece.data)
        line, byte, rest = line + data.count(b"\n", 0, end), byte + end, data[end:]


def first_rows(data: bytes, form: Form, *, last: bool) -> Piece | None:
    """Return the rows that end in some bytes, which may be none; None where a row cannot be read."""
    for end in possible_borders(data, form, last=last):
        rows = data[:end]
        quotes = look_at_quotes(rows, form.delimiter, quoted=form.quoted)
        if quotes is not None:
            return Piece(rows, 0, quotes=quotes)
        seen = look_at(rows, form.delimiter, width=form.width, quoted=form.quoted)
        if seen is not None:
            return Piece(rows, 0, seen=seen)
    end = read_border(data, form, last=last)
    return Piece(data[:end], 0) if end >= 0 else None


def possible_borders(data: bytes, form: Form, *, last: bool) -> Iterator[int]:
    """Yield where the last row may end: a line seldom ends within a cell, so the quotes are only counted then."""
    end = len(data) if last else data.rfind(b"\n") + 1
    yield end
    if not last and form.quoted and (border := last_border(data, quoted=True)) != end:
        yield border


def last_border(data: bytes, *, quoted: bool) -> int:
    """Return where the last row ends, if every quote opens or closes a cell; 0 when none ends."""
    end = data.rfind(b"\n")
    quotes = data.count(b'"', 0, end + 1) if quoted else 0
    while end >= 0 and quotes % 2:
        before = data.rfind(b"\n", 0, end)
        quotes -= data.count(b'"', before + 1, end + 1)
        end = before
    return end + 1


def read_border(data: bytes, form: Form, *, last: bool) -> int:
    """Return where the last row ends that Python's csv reads whole; −1 where a row cannot be read."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data, last)
    except UnicodeDecodeError:
        return -1
    text = text if last else text.removesuffix("\r")
    lines = list(io.StringIO(re.sub(r"\r(?!\n)", LONE_RETURN, text), newline="\n"))
    if form.quoted:
        reader = csv.reader(lines, delimiter=form.delimiter, strict=True)
    else:
        reader = csv.reader(lines, delimiter=form.delimiter, quoting=csv.QUOTE_NONE, strict=True)
    whole = 0
    try:
        for _ in reader:
            whole = reader.line_num if last or lines[reader.line_num - 1].endswith("\n") else whole
    except csv.Error as error:
        if last or "unexpected end of data" not in str(error):
            return -1
    return len(text[: sum(map(len, lines[:whole]))].encode())
