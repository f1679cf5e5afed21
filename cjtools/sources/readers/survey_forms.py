"""What the answers to a question are, told from all of them: boxes to tick, several choices, words, a known measure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cjtools.sources.readers.survey_columns import filled, is_word
from cjtools.sources.readers.survey_words import holds_part, word_key, words_of
from cjtools.words import fold

LABELLED = re.compile(r"^(\d{1,3})\s*[-–—=:(]\s*([^\d\s].*)$", re.DOTALL)
WHOLE = re.compile(r"^\d{1,3}$")
FEWEST_ROWS = 3  # with an answer, before codes such as 1 tell a box from a rating
FEWEST_WORDS = 4  # of a long answer
FEWEST_OPEN = 5  # different answers, before an undeclared question is open


@dataclass(frozen=True)
class Part:
    """All answers in one column of a question: its place from 1, its words, and what the tool says of it."""

    place: int
    label: str
    cells: Sequence[str]
    open: bool = False
    tick: bool = False


def are_ticks(parts: Sequence[Part]) -> bool:
    """Say whether the columns of a question are boxes to tick, each for one option.

    A box holds its option's words; or words for selected and for not selected; or (where other boxes of the same rows
    are blank) one word or code for selected. One column of another kind makes the whole question none. So a group of
    yes/no rows is read in the same way: 1 is yes, 0 is no.

    >>> are_ticks([Part(1, "Bus", ["Bus", ""]), Part(2, "Train", ["", "Train"])])
    True
    >>> are_ticks([Part(1, "Service", ["5", "4"]), Part(2, "Price", ["1", "2"])])
    False
    """
    boxes = [part for part in parts if not part.open]
    found = [tick_evidence(part) for part in boxes]
    if not boxes or "no" in found:
        return False
    several = len(boxes) > 1
    return "word" in found or (several and ("pair" in found or ("code" in found and have_gaps(boxes))))


def tick_evidence(part: Part) -> str:
    """Return what speaks for a box: a `word` of its option or of the tool, a `pair` such as yes and no, a `code`.

    Else `none`, or `no`: it is no box.
    """
    values = filled(part.cells)
    rest = {
        word_key(value) for value in values if not is_word(value, "not_selected") and not is_word(value, "not_shown")
    }
    named = any(is_word(value, "box") for value in values)
    if part.tick or (named and len(rest) <= 1):
        return "word"
    if not rest:
        return "none"
    if rest == {word_key(part.label)} and not part.label.isdigit():
        return "word"
    if rest <= words_of("cells", "selected"):
        return "pair" if any(is_word(value, "not_selected") for value in values) else "code"
    return "code" if rest == {str(part.place)} else "no"


def have_gaps(parts: Sequence[Part]) -> bool:
    """Say whether rows that answer a question leave some of its columns blank, in enough rows to tell."""
    rows = [[bool(cell) for cell in row] for row in zip(*(part.cells for part in parts), strict=True)]
    answered = [row for row in rows if any(row)]
    return len(answered) >= FEWEST_ROWS and any(not all(row) for row in answered)


def ticked(parts: Sequence[Part]) -> list[list[str]]:
    """Return the boxes of a question as 1 selected, 0 not selected and nothing where it was not shown, by column.

    Where the file says itself what is not selected, a blank is not shown. Else a blank is not selected in a row that
    answers any column of the question, and not shown in a row that answers none.

    >>> ticked([Part(1, "Bus", ["Bus", "", ""]), Part(2, "Train", ["", "Train", ""])])
    [['1', '0', ''], ['0', '1', '']]
    """
    boxes = [part for part in parts if not part.open]
    explicit = any(is_word(cell, "not_selected") for part in boxes for cell in filled(part.cells))
    shown = [any(row) for row in zip(*(part.cells for part in parts), strict=True)]

    def value(cell: str, row_shown: bool) -> str:
        if not cell:
            return "" if explicit or not row_shown else "0"
        return "" if is_word(cell, "not_shown") else "0" if is_word(cell, "not_selected") else "1"

    return [[value(cell, row) for cell, row in zip(part.cells, shown, strict=True)] for part in boxes]


def pieces_of(cell: str, mark: str) -> list[str]:
    """Return the choices in one cell.

    >>> pieces_of("/ Biceps / Lats", " / "), pieces_of("Web, Shop", ", ")
    (['Biceps', 'Lats'], ['Web', 'Shop'])
    """
    bare = cell.strip().removeprefix(mark.strip()) if mark.strip() == "/" else cell
    return [piece.strip() for piece in bare.split(mark if mark in bare else mark.strip() or mark) if piece.strip()]


def hold_several(cells: Iterable[str], mark: str) -> bool:
    """Say whether a column is proven to hold several choices in a cell.

    Each piece of a joined cell must stand alone elsewhere or in two different companies, and no two pieces in both
    orders: tools join choices in the order of the form. A choice with a comma of its own does not pass.

    >>> hold_several(["Web, Shop", "Shop", "Web"], ", "), hold_several(["Yes, often", "No"], ", ")
    (True, False)
    """
    values = filled(cells)
    if mark.strip() == "/" and any(value.startswith("/ ") for value in values):
        return True
    joined = [tuple(value.split(mark)) for value in values if mark in value]
    alone = {value for value in values if mark not in value}
    companies: dict[str, int] = {}
    orders = set()
    for pieces in joined:
        if len(set(pieces)) < len(pieces) or not all(map(str.strip, pieces)):
            return False
        for piece in pieces:
            companies[piece] = companies.get(piece, 0) + 1
        orders |= {(one, other) for place, one in enumerate(pieces) for other in pieces[place + 1 :]}
    both_ways = any((other, one) in orders for one, other in orders)
    return bool(joined) and not both_ways and all(piece in alone or count > 1 for piece, count in companies.items())


def may_hold_several(cells: Iterable[str], mark: str) -> bool:
    """Say whether some pieces of joined cells also stand alone, so that it is worth asking."""
    values = filled(cells)
    alone = {value for value in values if mark not in value}
    return any(piece in alone for value in values if mark in value for piece in value.split(mark))


def are_words(cells: Iterable[str], *, fewest: int = FEWEST_OPEN) -> bool:
    """Say whether answers are words of one's own: many, different and long.

    At least five different answers, four of five answers different, and half of them with four words or more (or 25
    characters, for scripts without blanks).

    >>> are_words(["too dear", "cheap"]), are_words(f"I waited {n} days for it" for n in range(5))
    (False, True)
    """
    values = [cell for cell in cells if cell]
    different = len(set(values))
    if different < fewest or 5 * different < 4 * len(values):
        return False  # most questions end here, without a look at every word
    different = len({fold(value) for value in set(values)})
    long = sum(len(value.split()) >= FEWEST_WORDS or len(value) >= 25 for value in values)
    return different >= fewest and 5 * different >= 4 * len(values) and 2 * long >= len(values)


def number_in(cell: str) -> str:
    """Return the number of a cell such as '10 - Extremely likely'; other cells as they are.

    >>> number_in("10 - Extremely likely"), number_in("1-5"), number_in("0=no"), number_in("7")
    ('10', '1-5', '0', '7')
    """
    match = LABELLED.match(cell)
    return match[1] if match else cell


def measure_like(wording: str, cells: Iterable[str]) -> str | None:
    """Return the measure that a question looks like by its wording and the numbers answered: nps, csat or ces.

    It is only a suggestion: nothing is computed until client.toml declares it.

    >>> measure_like("How likely are you to recommend us?", ["9", "10 - Extremely likely"])
    'nps'
    >>> measure_like("How likely are you to recommend us?", ["1", "5"]) is None
    True
    """
    values = [number_in(cell) for cell in filled(cells)]
    if not values or not all(map(WHOLE.match, values)):
        return None
    numbers = [int(value) for value in values]
    low, high = min(numbers), max(numbers)
    if holds_part(wording, "instruments", "nps") and high <= 10 and (high > 7 or low == 0):
        return "nps"
    if holds_part(wording, "instruments", "csat") and high <= 10:
        return "csat"
    return "ces" if holds_part(wording, "instruments", "ces") and low >= 1 and high <= 7 else None
