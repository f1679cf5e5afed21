"""Ordered events for tests, and what the questions should find in them: plain Python, event by event."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from hypothesis import strategies as st

from cjtools.journeys.ordered import NONE, Acts, Ordered

MINUTE, DAY = 60 * 10**6, 86_400 * 10**6
STAGE_OF = {"/": "see", "/blog": "see", "/shop": "look", "/cart": "cart", "/pay": "pay"}
BY_EVENT = {"buy": "bought", "store": "bought", "mail": "see"}
BEGIN = 1_774_915_200 * 10**6  # 2026-03-31 00:00 UTC


class Event(NamedTuple):
    """One event."""

    profile: int
    at: int
    row: int
    event: str
    page: str | None
    channel: str | None
    cents: int | None
    given: int | None

    @property
    def stage(self) -> str | None:
        """Where it is on the map: the page decides, then the event."""
        return STAGE_OF.get(self.page or "", BY_EVENT.get(self.event))


SCHEMA = {
    "profile": pl.Int64,
    "at": pl.Int64,
    "row": pl.Int64,
    "event": pl.String,
    "page": pl.String,
    "channel": pl.String,
    "cents": pl.Int64,
    "given": pl.Int64,
}


@st.composite
def events(draw: st.DrawFn, *, given: bool = False, most: int = 60) -> list[Event]:
    """Return random events of some profiles: ties, duplicates, single events, long pauses, exactly thirty minutes."""
    pause = st.sampled_from([0, 0, 1, 10**6, MINUTE, 30 * MINUTE, 30 * MINUTE + 1, 5 * 60 * MINUTE, 3 * DAY, 8 * DAY])
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 6),
                pause,
                st.sampled_from(["view", "view", "buy", "store", "mail", "chat"]),
                st.sampled_from([None, "/", "/blog", "/shop", "/cart", "/pay", "/help"]),
                st.sampled_from([None, "Direct", "Email", "Ads"]),
                st.sampled_from([None, None, 0, 1999, -500]),
                st.sampled_from([None, 1, 2]) if given else st.none(),
            ),
            max_size=most,
        )
    )
    clock: Counter[int] = Counter()
    made = []
    for row, (profile, after, event, page, channel, cents, session) in enumerate(rows):
        clock[profile] += after
        made.append(Event(profile, BEGIN + clock[profile], row, event, page, channel, cents, session))
    return made


def many(count: int, *, seed: int = 0) -> list[Event]:
    """Return so many random events, about twelve a profile."""
    random = np.random.default_rng(seed)
    profile = random.integers(0, max(count // 12, 1), count).tolist()
    pauses = random.choice(
        [0, 10**6, 5 * MINUTE, 2 * 60 * MINUTE, 2 * DAY], count, p=[0.1, 0.4, 0.3, 0.1, 0.1]
    ).tolist()
    kinds = random.choice(["view", "view", "view", "buy", "store", "mail", "chat"], count).tolist()
    pages = random.choice(["/", "/blog", "/shop", "/cart", "/pay", "/help", ""], count).tolist()
    channels = random.choice(["Direct", "Email", "Ads", "Social", ""], count).tolist()
    clock: Counter[int] = Counter()
    made = []
    for row in range(count):
        clock[profile[row]] += pauses[row]
        event = kinds[row]
        cents = int(random.integers(1, 9999)) if event == "buy" else None
        at = BEGIN + clock[profile[row]]
        made.append(Event(profile[row], at, row, event, pages[row] or None, channels[row] or None, cents, None))
    return made


def ordered_of(rows: Sequence[Event], *, among: Sequence[Event] | None = None, given: bool = False) -> Ordered:
    """Return events as a bucket; its acts are those of the rows, or of all rows that it is `among`."""
    whole = rows if among is None else among
    levels = ("event", "page", "channel", "stage")
    names = {level: tuple(sorted({getattr(row, level) for row in whole} - {None})) for level in levels}
    kinds = sorted({tuple(getattr(row, level) or "" for level in levels) for row in whole})
    codes = {
        level: np.array([names[level].index(kind[at]) if kind[at] else NONE for kind in kinds], dtype=np.uint32)
        for at, level in enumerate(levels)
    }
    place = {kind: number for number, kind in enumerate(kinds)}
    inside = sorted(rows, key=lambda row: (row.profile, row.at, row.row))
    number = {profile: at for at, profile in enumerate(sorted({row.profile for row in inside}))}
    valued = [at for at, row in enumerate(inside) if row.cents is not None]
    return Ordered(
        profile=np.array([number[row.profile] for row in inside], dtype=np.uint32),
        at=np.array([row.at for row in inside], dtype=np.int64),
        act=np.array([place[tuple(getattr(row, at) or "" for at in levels)] for row in inside], dtype=np.uint16),
        acts=Acts(names, codes),
        worth_row=np.array(valued, dtype=np.int64),
        worth=np.array([inside[at].cents for at in valued], dtype=np.int64),
        given=np.array([NONE if row.given is None else row.given for row in inside], dtype=np.uint32)
        if given
        else None,
    )


def buckets_of(rows: Sequence[Event], count: int, *, alike: bool = True, given: bool = False) -> list[Ordered]:
    """Return events in so many buckets, some of them empty; each coded by itself unless `alike`."""
    parts: list[list[Event]] = [[] for _ in range(count)]
    for row in rows:
        parts[row.profile * 7 % count].append(row)
    return [ordered_of(part, among=rows if alike else None, given=given) for part in parts]


@dataclass(frozen=True)
class Told:
    """What there is to be found: paths of events in order, by profile and by session."""

    rows: Sequence[Event]
    given: bool = False

    @property
    def profiles(self) -> list[list[Event]]:
        """The events of each profile in order."""
        inside = sorted(self.rows, key=lambda row: (row.profile, row.at, row.row))
        return [list(path) for _, path in itertools.groupby(inside, key=lambda row: row.profile)]

    @property
    def sessions(self) -> list[list[Event]]:
        """The events of each session in order, sessions of a profile by their first event."""
        found: list[list[Event]] = []
        for path in self.profiles:
            open_: dict[Any, list[Event]] = {}
            run, before = 0, None
            for event in path:
                pause = before is not None and event.at - before.at > 30 * MINUTE
                left = before is not None and before.given is not None and event.given is None
                run += pause or (self.given and left)
                key = ("given", event.given) if self.given and event.given is not None else ("run", run)
                open_.setdefault(key, []).append(event)
                before = event
            found += sorted(open_.values(), key=lambda session: (session[0].at, session[0].row))
        return found


def names_at(path: Sequence[Event], level: str) -> list[tuple[str, int]]:
    """Return the names at a level that the events of a path have, with their times."""
    return [(getattr(event, level), event.at) for event in path if getattr(event, level) is not None]


def collapsed(path: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the first of each run of one name."""
    return [here for at, here in enumerate(path) if not at or path[at - 1][0] != here[0]]


def levels_through(path: Sequence[tuple[str, int]], steps: Sequence[str], window: int) -> int:
    """Return how many steps a path gets through, each within the window of the first: every way is tried."""
    best = 0
    for start, (name, begun) in enumerate(path):
        if name == steps[0]:
            level = 1
            for other, at in path[start + 1 :]:
                level += level < len(steps) and other == steps[level] and at - begun <= window
            best = max(best, level)
    return best


def follows(path: Sequence[tuple[str, int]], one: str, other: str, window: int) -> bool:
    """Return whether a step comes after another within the window."""
    pairs = itertools.combinations(path, 2)
    return any(first[0] == one and then[0] == other and then[1] - first[1] <= window for first, then in pairs)


def local_day(at: int, zone: str) -> dt.date:
    """Return the day of a time in a zone."""
    return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).date()


class Journey(NamedTuple):
    """The channels of the sessions before a conversion, or before the end."""

    channels: tuple[str, ...]
    won: bool
    cents: int


def journeys(told: Told, event: str, *, lookback: int | None = None) -> list[Journey]:
    """Return the journeys of profiles: a session with the event converts, and ends the journey."""
    found = []
    for _, group in itertools.groupby(told.sessions, key=lambda session: session[0].profile):
        journey: list[tuple[str | None, int]] = []
        for session in group:
            journey.append((session[0].channel, session[0].at))
            hits = [row for row in session if row.event == event]
            if hits:
                found.append((journey, hits[0].at, True, sum(row.cents or 0 for row in hits)))
                journey = []
        if journey:
            found.append((journey, journey[-1][1], False, 0))
    return [
        Journey(tuple(name for name, at in touches if name and (lookback is None or end - at <= lookback)), won, cents)
        for touches, end, won, cents in found
    ]
