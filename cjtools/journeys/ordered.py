"""Events of whole profiles in their total order, as coded columns: what the fast questions are asked of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from cjtools.errors import Fault, ParameterError, nearest
from cjtools.journeys.split import TIMEOUT
from cjtools.journeys.walks import MISSING, Bools, Codes, Walk, Whole

# Whole numbers from 0 in the smallest type that holds them: u8, u16 or u32.
Small: TypeAlias = npt.NDArray[np.unsignedinteger[Any]]

NONE = 2**32 - 1  # the code of an act that has nothing at a level, and of an event without a given session
LEVELS = ("event", "page", "channel")


@dataclass(frozen=True, eq=False)
class Acts:
    """The distinct acts (event, page, channel), and what each is at every level: looked up once an act, never a row.

    `names` holds the sorted names of each level ("event", "page", "channel"; with_levels adds "stage" and
    "touchpoint"); `codes` the place of each act in them, or NONE where it has nothing at that level.
    """

    names: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, Codes]

    def __len__(self) -> int:
        """Return the number of distinct acts."""
        return len(next(iter(self.codes.values()), ()))

    @cached_property
    def small(self) -> dict[str, Small]:
        """Return the codes of each level in the smallest type that holds them; len(names[level]) stands for "none"."""
        return {
            level: smallest(np.where(codes == NONE, len(self.names[level]), codes), len(self.names[level]))
            for level, codes in self.codes.items()
        }


def nothing() -> None:
    """Return None: a default that is no attribute of the class, so that an absent column can be read when asked for."""


@dataclass(frozen=True, eq=False)
class Ordered:
    """Events of whole profiles in their total order (profile, timestamp, source order, source row), coded.

    One bucket of a store: its profiles are in no other bucket, and their order says nothing.
    """

    profile: Codes  # non-decreasing: the number of the profile in this bucket
    at: Whole  # microseconds since 1970 UTC, non-decreasing within a profile
    act: Small  # place of the act in the codes of `acts`
    acts: Acts
    worth_row: Whole  # the rows that have a value, ascending
    worth: Whole  # their values, in hundredths of the currency
    given: Codes | None = field(
        default_factory=nothing
    )  # the number of the given session, NONE where an event has none
    ids: pl.Series | None = field(default_factory=nothing)  # the id of each profile number, where it was asked for
    begun: Bools | None = field(default_factory=nothing)  # what `begins` returns, where it was kept

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.profile)

    @cached_property
    def opens(self) -> Bools:
        """Return whether each event is the first of its profile."""
        return changes(self.profile)

    @cached_property
    def begins(self) -> Bools:
        """Return whether each event begins a session: it opens its profile or follows a pause of over 30 minutes.

        The rule is split.after_pause with its defaults. Of events that were kept from more, the first of each session.
        """
        if self.begun is not None:
            return self.begun
        first = self.opens.copy()
        first[1:] |= np.diff(self.at) > TIMEOUT
        return first

    @cached_property
    def session(self) -> Codes:
        """Return the number of the session of each event, from 0."""
        return np.cumsum(self.begins, dtype=np.uint32) - np.uint32(1)

    @cached_property
    def _levels(self) -> dict[str, Small]:
        return {}

    def coded(self, level: str) -> Small:
        """Return the code of each event at a level, in the smallest type; len(acts.names[level]) stands for "none"."""
        if level not in self._levels:
            check_level(self.acts, level)
            self._levels[level] = self.acts.small[level][self.act]
        return self._levels[level]

    def walk(self, level: str, *, missing: bool = False) -> Walk:
        """Return the events that have something at a level, as a walk coded there.

        `missing` keeps the rest too, as the step "(missing)".
        """
        codes, names = self.coded(level), self.acts.names[level]
        ids = None if self.ids is None else tuple(self.ids)
        if missing:
            return Walk(self.profile, self.at, codes.astype(np.uint32), (*names, MISSING), ids)
        has = codes < len(names)
        return Walk(self.profile[has], self.at[has], codes[has].astype(np.uint32), names, ids)

    def keep(self, rows: Bools) -> Ordered:
        """Return these events only; numbers of profiles stay, sessions are those of all the events."""
        place = np.cumsum(rows) - 1
        valued = rows[self.worth_row]
        return replace(
            self,
            profile=self.profile[rows],
            at=self.at[rows],
            act=self.act[rows],
            worth_row=place[self.worth_row[valued]],
            worth=self.worth[valued],
            given=None if self.given is None else self.given[rows],
            begun=changes(self.session[rows]),
        )


def changes(values: npt.NDArray[Any]) -> Bools:
    """Return whether each value differs from the one before; the first does.

    >>> changes(np.array([4, 4, 5])).tolist()
    [True, False, True]
    """
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first


def smallest(values: npt.NDArray[Any], top: int) -> Small:
    """Return whole numbers from 0 to `top` in the smallest unsigned type that holds `top`.

    >>> smallest(np.array([1, 2]), 300).dtype.name
    'uint16'
    """
    return values.astype(np.min_scalar_type(top) if top < NONE else np.uint32, copy=False)


def check_level(acts: Acts, level: str) -> None:
    """Refuse a level that the acts have no names for."""
    if level not in acts.codes:
        hint = nearest(level, acts.codes) if level not in ("stage", "touchpoint") else "with_levels adds it"
        raise ParameterError("this question", [Fault("level", f"{level!r} is none of these events", "", hint)])
