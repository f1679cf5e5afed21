"""Whether answers are the same: whole numbers and texts exactly, floats within 1e-9 of their size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

Answer = Mapping[str, Sequence[Sequence[object]]]
CLOSE = 1e-9


def same(one: object, other: object) -> bool:
    """Return whether two cells are the same.

    >>> same(1, 1), same(1, 2), same(0.1 + 0.2, 0.3), same("a", "a")
    (True, False, True, True)
    """
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
        return numbers and math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)
    return type(one) is type(other) and one == other


def difference(one: Answer, other: Answer) -> str | None:
    """Return the first difference between two answers to one operation in words, or None.

    The order of the rows of a table says nothing, but that of the paths by their number does: those are ranks.
    """
    if set(one) != set(other):
        return f"tables {sorted(one)} and {sorted(other)}"
    for name in sorted(one):
        left, right = rows(one[name]), rows(other[name])
        if len(left) != len(right):
            return f"{name}: {len(left)} and {len(right)} rows"
        for mine, theirs in zip(left, right, strict=True):
            if len(mine) != len(theirs) or not all(map(same, mine, theirs)):
                return f"{name}: {list(mine)} and {list(theirs)}"
    return None


def rows(table: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    """Return the rows sorted by what is no float."""
    return sorted(table, key=lambda row: [str(cell).rjust(24) for cell in row if not isinstance(cell, float)])


def verdicts(answers: Mapping[str, Mapping[str, Answer]]) -> Iterator[tuple[bool, str]]:
    """Yield whether each way answers like the first, with the operations in which it does not."""
    names = list(answers)
    for name in names[1:]:
        first, other = answers[names[0]], answers[name]
        found = {op: difference(first[op], other[op]) for op in sorted(set(first) & set(other))}
        wrong = [f"{op} differs: {why}" for op, why in found.items() if why]
        yield (
            not wrong,
            f"{names[0]} = {name} in {len(found) - len(wrong)} of {len(found)} operations"
            + "".join(f"\n    {line}" for line in wrong),
        )


def peer_verdicts(answers: Mapping[str, Mapping[str, Answer]]) -> Iterator[tuple[bool, str]]:
    """Yield whether the peers agree in what can be compared: the number of sessions, transitions of events."""
    theirs, logs = answers.get("retentioneering"), answers.get("pm4py")
    ours = next((found for name, found in answers.items() if name not in ("retentioneering", "pm4py")), None)
    if theirs and ours:
        mine, other = sum(int(str(row[1])) for row in ours["A"]["sessions"]), theirs["A"]["sessions"][0][0]
        yield mine == other, f"sessions: {mine:,}, retentioneering {other:,}"
    if theirs and logs:
        why = difference({"events": theirs["D"]["events"]}, {"events": logs["D"]["events"]})
        yield why is None, f"transitions of events: retentioneering = pm4py{'' if why is None else f' differs: {why}'}"
