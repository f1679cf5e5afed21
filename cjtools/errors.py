"""The kinds of fault, and how a list of them reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LONGEST_VALUE = 80


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong: where it stands, what was found, what was expected, the next step."""

    where: str
    found: str
    expected: str = ""
    step: str = ""

    def __str__(self) -> str:
        tail = "; ".join(part for part in (self.expected, self.step) if part)
        return f"{self.where}: {self.found}" + (f"; {tail}" if tail else "")


class CjtoolsError(Exception):
    """Everything that was wrong with one thing, all at once.

    >>> print(ClientError("client.toml", [Fault("wave.to", "'soon' is not a date", "expected YYYY-MM-DD")]))
    client.toml cannot be used: 1 fault
      wave.to: 'soon' is not a date; expected YYYY-MM-DD
    """

    verb = "cannot be used"

    def __init__(self, what: str, faults: Iterable[Fault]) -> None:
        """Take what is wrong (a file, a parameter) and each of its faults."""
        self.what = what
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(what, self.faults)

    def __str__(self) -> str:
        count = len(self.faults)
        head = f"{self.what} {self.verb}: {count} fault{'' if count == 1 else 's'}"
        return "\n".join([head, *(f"  {fault}" for fault in self.faults)])


class ClientError(CjtoolsError):
    """A client.toml that says something that cannot be done."""


class SourceError(CjtoolsError):
    """A file that cannot be read as what it is said to be."""

    verb = "cannot be read"


class ParameterError(CjtoolsError):
    """A notebook parameter, a wave, a language or an audience that does not exist."""


class ReportError(CjtoolsError):
    """A report that was not made; nothing was published."""

    verb = "was not made"


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a hint that names the closest of `names`, or lists them when none is close.

    >>> nearest("stagse", ["stages", "sources"])
    "did you mean 'stages'?"
    """
    known = [" ".join(each.split()) for each in names]  # a header may hold line breaks, a message may not
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return "known: " + ", ".join(known) if known else ""


def cut(value: object) -> str:
    """Return a value as it may stand in a message: quoted, on one line, at most 80 characters."""
    text = " ".join(str(value).split())
    return repr(text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…")


def raise_if_any(kind: type[CjtoolsError], what: str, faults: Sequence[Fault]) -> None:
    """Raise one error that lists every fault, or return when there is none."""
    if faults:
        raise kind(what, faults)
