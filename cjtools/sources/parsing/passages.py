"""A Markdown text as passages: one a paragraph or bullet, split where a code stands, each with its place."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cjtools.sources.parsing.codes import BRACKET, Code, CodeBook, Misread, read_code, stage_named

HERE = "\ufdd0"  # stands for a code while Markdown is read; no text may hold it (a noncharacter of Unicode)
BULLET = re.compile(r"^([ \t>]*)[•‣◦▪●·–—](?=[ \t])", re.MULTILINE)
TITLE = re.compile(r"^(\*\*|__)(?P<words>[^*_\n]*[^*_\n.!?…»”\"])\1:?$")  # a line in bold that is no sentence
LOWEST_TITLE = 7


@dataclass(frozen=True)
class Passage:
    """One thing said. `start` and `end` are code points of the text.

    `repeats` says that it is the passage before it again, under another code.
    """

    text: str
    start: int
    end: int
    line: int
    verbatim: bool
    heading_stage: str | None
    code: Code | None
    repeats: bool = False


@dataclass(frozen=True)
class Slip:
    """A word in a bracket that is no code, with its line and column from 1."""

    line: int
    column: int
    misread: Misread


@dataclass(frozen=True)
class Block:
    """One paragraph: its Markdown, where it begins and ends in the text, whether it is quoted, its stage."""

    content: str
    start: int
    end: int
    verbatim: bool
    stage: str | None


@cache
def markdown() -> MarkdownIt:
    """Return the parser. Off is what would lose words: indented code, fences, HTML, link definitions, underlines."""
    parser = MarkdownIt("commonmark").disable(["code", "fence", "lheading", "html_block", "html_inline", "reference"])
    parser.core.ruler.disable(["inline", "normalize"])
    return parser


def read_passages(
    text: str, book: CodeBook, *, skip: int = 0, breaks: Collection[int] = ()
) -> tuple[list[Passage], list[Slip]]:
    """Return the passages of a text and its slips; `skip` is the number of lines of its front matter.

    A bracket codes the text before it, back to the bracket before; at the head of a paragraph, the text after it.
    `breaks` are lines at which a paragraph begins even where no blank line stands before: the turns of a talk.
    """
    lines = line_starts(text)
    passages: list[Passage] = []
    slips: list[Slip] = []
    blocks, title_slips = read_blocks(text, book, lines, skip)
    slips += title_slips
    for block in (part for whole in blocks for part in broken(whole, text, lines, breaks)):
        found, wrong = split_block(block, text, book, lines)
        passages += found
        slips += wrong
    return passages, sorted(slips, key=lambda slip: (slip.line, slip.column))


def line_starts(text: str) -> list[int]:
    """Return the place at which each line begins."""
    return [0, *(match.end() for match in re.finditer("\n", text))]


def read_blocks(text: str, book: CodeBook, lines: Sequence[int], skip: int) -> tuple[list[Block], list[Slip]]:
    """Return the paragraphs of a text, with the stage that the headings above give them."""
    body = "\n" * skip + text[lines[skip] if skip < len(lines) else len(text) :]
    body = BULLET.sub(r"\1-", body.replace("\0", "\ufffd").replace(HERE, "\ufffd"))
    blocks: list[Block] = []
    slips: list[Slip] = []
    headings: list[tuple[int, str | None]] = []
    level, quoted = 0, 0
    for token in markdown().parse(body):
        quoted += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if token.type == "heading_open":
            level = int(token.tag[1])
        if token.type != "inline" or token.map is None:
            continue
        start, end = located(token.content, text, lines[token.map[0]], end_of(token.map[1], lines, text))
        if not level and TITLE.match(token.content):
            level = LOWEST_TITLE
        if level:
            stage, wrong = heading_stage(token.content, book)
            slips += [slip_at(start + at, lines, misread) for at, misread in wrong]
            headings = [(depth, name) for depth, name in headings if depth < level] + [(level, stage)]
            level = 0
        else:
            stage = next((name for _, name in reversed(headings) if name), None)
            blocks.append(Block(token.content, start, end, quoted > 0, stage))
    return blocks, slips


def broken(block: Block, text: str, lines: Sequence[int], breaks: Collection[int]) -> Iterator[Block]:
    """Yield the parts of a paragraph that begin at some lines, or the paragraph itself."""
    first, last = (bisect.bisect_right(lines, place) for place in (block.start, max(block.start, block.end - 1)))
    cuts = [line for line in range(first + 1, last + 1) if line in breaks]
    rows = block.content.split("\n")
    if not cuts or len(rows) != last - first + 1:
        yield block
        return
    for begin, end in itertools.pairwise([first, *cuts, last + 1]):
        content = "\n".join(rows[begin - first : end - first]).strip()
        if content:
            place = located(content, text, lines[begin - 1], end_of(end - 1, lines, text))
            yield Block(content, *place, block.verbatim, block.stage)


def end_of(line: int, lines: Sequence[int], text: str) -> int:
    """Return where the text before a line ends."""
    return lines[line] if line < len(lines) else len(text)


def located(content: str, text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the content of a paragraph begins and ends in the text, marks of bullets and quotes aside."""
    region, shown = text[start:end], content.replace("\ufffd", "")
    first, last = shown.split("\n")[0].strip(), shown.split("\n")[-1].strip()
    begins = max(region.find(first), 0)
    ends = region.rfind(last)
    return start + begins, start + (ends + len(last) if ends >= 0 else len(region.rstrip()))


def heading_stage(content: str, book: CodeBook) -> tuple[str | None, list[tuple[int, Misread]]]:
    """Return the stage that a heading names, by its words or by a code in brackets."""
    coded, slips = None, []
    for match in BRACKET.finditer(content):
        code, misreads = read_code(match[1], book)
        slips += [(match.start(1) + misread.at, misread) for misread in misreads]
        if code is not None and code.kinds - {"stage"}:
            slips.append((match.start(1), Misread(0, "a code in a heading", "only a stage; code each passage below")))
        coded = coded or (code.stage if code else None)
    bold = TITLE.match(content)
    return coded or stage_named(plain(bold["words"] if bold else BRACKET.sub("", content)), book), slips


def split_block(block: Block, text: str, book: CodeBook, lines: Sequence[int]) -> tuple[list[Passage], list[Slip]]:
    """Return the passages of one paragraph: it is split after every code."""
    marked, codes, slips, cursor, after = "", [], [], block.start, 0
    spans: list[tuple[int, int]] = []
    for match in BRACKET.finditer(block.content):
        begin, end = bracket_span(match.group(), text, cursor, block.end)
        cursor = end
        code, misreads = read_code(match[1], book)
        slips += [slip_at(begin + 1 + misread.at, lines, misread) for misread in misreads]
        if code is not None:
            marked += block.content[after : match.start()] + HERE
            after = match.end()
            codes.append(code)
            spans.append((begin, end))
    texts = plain(marked + block.content[after:]).split(HERE)
    if codes and not any(map(has_words, texts)):
        slips.append(
            slip_at(spans[0][0], lines, Misread(0, "a code without a text", "a code after the text that it codes"))
        )
    pieces = pair(texts, codes)
    edges = [block.start, *(edge for span in spans for edge in span), block.end]
    return list(to_passages(pieces, edges, block, text, lines)), slips


def bracket_span(bracket: str, text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a bracket stands in the text, even when it runs over two lines."""
    at = text.find(bracket, start, end)
    if at >= 0:
        return at, at + len(bracket)
    loose = re.compile(r"[\s>]+".join(map(re.escape, bracket.split())))
    match = loose.search(text, start, end)
    return match.span() if match else (start, start)


def pair(texts: Sequence[str], codes: Sequence[Code]) -> list[tuple[int, str, list[Code]]]:
    """Return texts with the codes that follow them; a code before all text goes to the first text.

    The number is the text's place among the texts. A rest without words belongs to the text before it.
    """
    pieces: list[tuple[int, str, list[Code]]] = []
    waiting: list[Code] = []
    for place, text in enumerate(texts):
        if has_words(text):
            pieces.append((place, text.strip(), waiting))
            waiting = []
        elif pieces and text.strip():
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + text.strip(), pieces[-1][2])
        if place < len(codes):
            (pieces[-1][2] if pieces else waiting).append(codes[place])
    return pieces


def to_passages(
    pieces: Sequence[tuple[int, str, list[Code]]], edges: Sequence[int], block: Block, text: str, lines: Sequence[int]
) -> Iterator[Passage]:
    """Yield one passage a text, and the same once more for every code that cannot be joined with the one before."""
    for place, said, codes in pieces:
        start, end = trimmed(text, edges[2 * place], edges[2 * place + 1])
        line = bisect.bisect_right(lines, start)
        for number, code in enumerate(join_codes(codes) or [None]):
            yield Passage(said, start, end, line, block.verbatim, block.stage, code, repeats=number > 0)


def join_codes(codes: Sequence[Code]) -> list[Code]:
    """Return codes that say different kinds of things as one; the first that says one again begins another."""
    joined: list[Code] = []
    for code in codes:
        if joined and not joined[-1].kinds & code.kinds:
            joined[-1] = joined[-1].joined(code)
        else:
            joined.append(code)
    return joined


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without the blanks at its ends."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return (start + left, start + len(piece.rstrip())) if piece.strip() else (start, start)


def plain(content: str) -> str:
    """Return Markdown as plain text on one line: no marks, links as their words, images as their description."""
    tokens: list[Token] = []
    markdown().inline.parse(content, markdown(), {}, tokens)
    words = "".join(" " if token.type in ("softbreak", "hardbreak") else token.content for token in tokens)
    return " ".join(words.split())


def has_words(text: str) -> bool:
    """Say whether a text says anything."""
    return re.search(r"\w", text) is not None


def slip_at(place: int, lines: Sequence[int], misread: Misread) -> Slip:
    """Return a misread with its line and column."""
    line = bisect.bisect_right(lines, place)
    return Slip(line, place - lines[line - 1] + 1, misread)
