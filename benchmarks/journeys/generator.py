"""Invented events of a shop as daily exports: same seed, same bytes, and memory does not grow with the rows.

    python benchmarks/journeys/generator.py --rows 1000000 --out FOLDER --seed 1 [--ties]

Writes FOLDER/events-*.parquet, cut by the time of arrival (one file a day from 90 million rows on),
FOLDER/client.toml with the stage rules as bindings, and FOLDER/told.json. Columns: event_id, user_id, ts, event,
page, channel, session_id, revenue, device. Users are heavy-tailed (Pareto sessions, 19 events on average, some bots
with 2,000 sessions), pages follow Zipf's law, 1 % of the rows arrive up to three days late, 0.5 % are exact
duplicates. Without `--ties` no two events of a user have the same time; with it about one in seven has the time of
the event before, as in batches of Google Analytics 4. `event_id` rises in the order of arrival, so that it decides
ties as the order of the rows does.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent))
import world

START = 1_767_225_600_000  # 2026-01-01 UTC, in milliseconds
DAY, DAYS = 86_400_000, 180
LATE_MOST = 3 * DAY
USERS = 100_000  # made at once: about two million events
ALPHA, SESSIONS_MOST, LENGTH_MOST = 1.22, 2_000, 200
LENGTH = 4.45  # events of a session on average
ROWS_OF_A_FILE = 500_000
DUPLICATES, LATE, TIES = 0.005, 0.01, 0.16
PAUSE = 1_800_000  # exactly thirty minutes: a few gaps are just that, and a few a millisecond more
DEVICES = ("desktop", "mobile", "tablet", "app")
# A step that is coprime to 10^13, so that each user has an id of its own, in no order.
STEP, IDS = 61_803_398_897, 10**13
GAP = (-1, 0, 0, 0, 0, 0, 1, 1)  # how the depth of a visit changes from event to event
RECORD = np.dtype(
    [
        ("arrival", "i8"), ("id", "i8"), ("ts", "i8"), ("user", "u4"), ("session", "u4"),
        ("cents", "i4"), ("page", "u2"), ("event", "u1"), ("channel", "u1"), ("device", "u1"),
    ]
)  # fmt: skip
Whole = npt.NDArray[np.int64]
Rows = npt.NDArray[np.void]


@dataclass(frozen=True, eq=False)
class Visits:
    """Sessions of some users, in their order."""

    user: Whole
    start: Whole  # milliseconds since START
    length: Whole


def visits_of(chance: np.random.Generator, picks: world.Tables) -> Visits:
    """Return the sessions of one block of users."""
    many = np.minimum((1 - chance.random(USERS)) ** (-1 / ALPHA), SESSIONS_MOST).astype(np.int64)
    user = np.repeat(np.arange(USERS, dtype=np.int64), many)
    day = chance.integers(0, DAYS, len(user))
    minute = picks.minute[chance.integers(0, world.CHOICES, len(user))].astype(np.int64)
    start = day * DAY + minute * 60_000 + chance.integers(0, 60_000, len(user))
    packed = np.sort(user << 40 | start)
    length = np.minimum(chance.geometric(1 / LENGTH, len(user)), LENGTH_MOST).astype(np.int64)
    return Visits(packed >> 40, packed & ((1 << 40) - 1), length)


def head_of(visits: Visits, rows: int) -> Visits:
    """Return the first sessions, which have just so many events: the last one is shortened."""
    upto = np.cumsum(visits.length)
    if upto[-1] <= rows:
        return visits
    count = int(np.searchsorted(upto, rows)) + 1
    length = visits.length[:count].copy()
    length[-1] -= upto[count - 1] - rows
    return Visits(visits.user[:count], visits.start[:count], length)


def events_of(chance: np.random.Generator, visits: Visits, picks: world.Tables, *, ties: bool) -> Rows:
    """Return the events of some sessions, by user and time; arrival, id and user number are not yet set."""
    of = np.repeat(np.arange(len(visits.length)), visits.length)
    first = np.cumsum(visits.length) - visits.length
    size = len(of)
    rows = np.zeros(size, RECORD)
    depth = depths_of(chance, visits, of, first)
    pick = chance.integers(0, world.CHOICES, size, dtype=np.uint16)
    rows["event"] = picks.act_event[depth, pick]
    rows["page"] = picks.page[picks.act_kind[depth, pick], chance.integers(0, world.WAYS, size, dtype=np.uint16)]
    rows["channel"] = channels_of(chance, visits, depth[first], picks)[of]
    rows["device"] = (np.abs(visits.user * 7 + visits.start // 600_000 % 5) % len(DEVICES))[of]
    rows["session"] = ((visits.start + START) // 1000)[of]
    cents = np.minimum(np.exp(chance.normal(8.6, 0.9, size)), 5_000_000).astype(np.int32) + 99
    rows["cents"] = np.where(np.isin(rows["event"], world.PAID), cents, -1)
    gap = np.minimum(chance.exponential(55_000, size), 1_700_000).astype(np.int64) + 1
    rare = chance.integers(0, 2048, size)
    gap = np.where(rare < 12, gap + PAUSE, np.where(rare < 14, PAUSE, np.where(rare < 16, PAUSE + 1, gap)))
    gap[first] = 0
    upto = np.cumsum(gap)
    rows["ts"] = visits.start[of] + upto - upto[first][of]
    rows["user"] = visits.user[of]
    key = visits.user[of] << 40 | rows["ts"]
    order = np.argsort(key, kind="stable")
    rows, key = rows[order], key[order]
    place = np.arange(size)
    key = np.maximum.accumulate(key - place) + place  # no two events of a user at one time
    rows["ts"] = key & ((1 << 40) - 1)
    return tied(chance, rows) if ties else rows


def depths_of(chance: np.random.Generator, visits: Visits, of: Whole, first: Whole) -> Whole:
    """Return how deep in the shop each event is: a walk that begins anew with each session."""
    moves = np.array(GAP)[chance.integers(0, len(GAP), len(of))]
    moves[first] = chance.integers(0, 8, len(first)) // 5 % 2
    upto = np.cumsum(moves)
    depth = np.clip(upto - (upto[first] - moves[first])[of], 0, world.DEEPEST)
    kind = chance.integers(0, 64, len(first))
    kinds = np.where(kind < 2, world.SHOP_DEPTH, np.where(kind < 4, world.SUPPORT_DEPTH, -1))[of]
    return np.where(kinds >= 0, kinds, depth)


def channels_of(
    chance: np.random.Generator, visits: Visits, depth: Whole, picks: world.Tables
) -> npt.NDArray[np.uint8]:
    """Return the channel of each session: that which its user likes in more than half of them."""
    liked = picks.channel[(visits.user * 2654435761 >> 7) % world.CHOICES]
    other = picks.channel[chance.integers(0, world.CHOICES, len(depth))]
    picked = np.where(chance.random(len(depth)) < 0.55, liked, other)
    return np.where(depth == world.SHOP_DEPTH, world.STORE, picked).astype(np.uint8)


def tied(chance: np.random.Generator, rows: Rows) -> Rows:
    """Return the events with some at the time of the one before, up to four at once.

    Two that differ in event_id alone are never tied: what is an exact duplicate would then depend on that column.
    """
    act = rows["event"].astype(np.int64) << 16 | rows["page"]
    joins = chance.random(len(rows)) < TIES * 1.15
    for back in (1, 2, 3):
        joins[back:] &= act[back:] != act[:-back]
    joins[0] = False
    joins[1:] &= (rows["user"][1:] == rows["user"][:-1]) & (rows["ts"][1:] - rows["ts"][:-1] < PAUSE)
    place = np.arange(len(rows))
    joins &= (place - np.maximum.accumulate(np.where(joins, 0, place))) % 4 != 0
    rows["ts"] = rows["ts"][np.maximum.accumulate(np.where(joins, 0, place))]
    return rows


def arrived(chance: np.random.Generator, rows: Rows, block: int, twice: int) -> Rows:
    """Return the rows by the time at which they arrive, with an id by it, and so many of them a second time."""
    delay = chance.exponential(20_000, len(rows)).astype(np.int64)
    delay += np.where(chance.random(len(rows)) < LATE, chance.integers(0, LATE_MOST, len(rows)), 0)
    rows["arrival"] = np.minimum(rows["ts"] + delay, DAYS * DAY + LATE_MOST - 1)
    rows = rows[np.argsort(rows["arrival"], kind="stable")]
    rows["id"] = rows["arrival"] << 26 | (block & 1023) << 16 | np.arange(len(rows)) & 0xFFFF
    again = rows[np.sort(chance.choice(len(rows), twice, replace=False))]
    again["arrival"] += np.where(chance.random(twice) < 0.7, 0, chance.integers(0, DAY, twice))
    again["arrival"] = np.minimum(again["arrival"], DAYS * DAY + LATE_MOST - 1)
    both = np.concatenate([rows, again])
    return both[np.argsort(both["arrival"], kind="stable")]


def blocks(rows: int, seed: int, *, ties: bool) -> Iterator[Rows]:
    """Yield blocks of whole users, by arrival; together just so many rows, duplicates among them."""
    picks = world.tables()
    wanted = rows - int(rows * DUPLICATES)
    done = doubled = block = 0
    while done < wanted:
        chance = np.random.default_rng([seed, block])
        visits = head_of(visits_of(chance, picks), wanted - done)
        events = events_of(chance, visits, picks, ties=ties)
        done += len(events)
        twice = int((rows - wanted) * done / wanted) - doubled
        doubled += twice
        # Of the whole world, not of the block: ids must differ between blocks.
        events["user"] += block * USERS
        yield arrived(chance, events, block, twice)
        block += 1


def frame_of(rows: Rows) -> pl.DataFrame:
    """Return rows as they are exported."""
    number = rows["user"].astype(np.uint64) * np.uint64(STEP) % np.uint64(IDS)
    page = pl.Series(rows["page"]).cast(pl.UInt32)
    return pl.DataFrame(
        {
            "event_id": rows["id"],
            "user_id": "u" + pl.Series(number).cast(pl.String).str.zfill(13),
            "ts": pl.Series(rows["ts"] + START).cast(pl.Datetime("ms", "UTC")),
            "event": pl.Series(world.EVENTS).gather(pl.Series(rows["event"])),
            "page": pl.Series(world.ALL_PAGES).gather(page.set(page == world.NO_PAGE, None)),
            "channel": pl.Series(world.CHANNELS).gather(pl.Series(rows["channel"])),
            "session_id": rows["session"].astype(np.int64),
            "revenue": rows["cents"] / 100,
            "device": pl.Series(DEVICES).gather(pl.Series(rows["device"])),
        }
    ).with_columns(revenue=pl.when(pl.col("revenue") >= 0).then("revenue"))


def generate(rows: int, out: Path, seed: int, *, ties: bool) -> None:
    """Write the files: blocks of users to a scratch folder first, then file by file what arrived in its time."""
    count = min(max(rows // ROWS_OF_A_FILE, 1), DAYS)
    borders = np.linspace(0, DAYS * DAY, count + 1).astype(np.int64)[1:-1]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        parts: list[tuple[Path, Whole]] = []
        for number, block in enumerate(blocks(rows, seed, ties=ties)):
            path = Path(scratch, f"{number:05}")
            block.tofile(path)
            parts.append((path, np.concatenate([[0], np.searchsorted(block["arrival"], borders), [len(block)]])))
        for number in range(count):
            pieces = [
                np.fromfile(
                    path, RECORD, int(cuts[number + 1] - cuts[number]), offset=int(cuts[number]) * RECORD.itemsize
                )
                for path, cuts in parts
            ]
            whole = np.concatenate(pieces)
            frame = frame_of(whole[np.lexsort((whole["id"], whole["arrival"]))])
            frame.write_parquet(out / f"events-{number:03}.parquet", row_group_size=250_000)
    (out / "client.toml").write_text(world.client_toml(), "utf-8")
    (out / "told.json").write_text(json.dumps(told(rows, seed, ties=ties)) + "\n", "utf-8")


def told(rows: int, seed: int, *, ties: bool) -> dict[str, object]:
    """Return what the events are made of: the code that makes them too, so that older ones are made anew."""
    code = "".join(meaning_of(Path(__file__).with_name(name)) for name in ("generator.py", "world.py", "rules.toml"))
    versions = {"polars": pl.__version__, "numpy": np.__version__}
    return {
        "rows": rows,
        "seed": seed,
        "ties": ties,
        "code": hashlib.sha256(code.encode()).hexdigest()[:12],
        **versions,
    }


def meaning_of(path: Path) -> str:
    """Return what a file says to the machine: Python without its comments and docstrings, another file as it is.

    >>> meaning_of(Path(__file__)) == ""
    False
    """
    text = path.read_text("utf-8") if path.exists() else ""
    if path.suffix != ".py":
        return text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def made(rows: int, out: Path, seed: int, *, ties: bool) -> Path:
    """Return the folder with just these events, which is made where it is not there yet."""
    note = out / "told.json"
    if not note.exists() or json.loads(note.read_text("utf-8")) != told(rows, seed, ties=ties):
        shutil.rmtree(out, ignore_errors=True)
        generate(rows, out, seed, ties=ties)
    return out


def main() -> None:
    """Write the events."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ties", action="store_true")
    given = parser.parse_args()
    generate(given.rows, given.out, given.seed, ties=given.ties)


if __name__ == "__main__":
    main()
