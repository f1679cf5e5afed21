"""Tables of events for tests of the store, what a store holds of them, and the same written plainly."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from hypothesis import strategies as st

from cjtools.journeys.ordered import LEVELS, NONE
from cjtools.journeys.store import Columns, Store

COLUMNS = Columns("who", "at", "what", page="where", channel="by", value="worth")
SCHEMA = {"who": pl.String, "at": pl.Int64, "what": pl.String, "where": pl.String, "by": pl.String, "worth": pl.Float64}


def table(*rows: Sequence[object]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def told(store: Store) -> list[tuple]:
    """Return (profile, time, event, page, channel, hundredths, given session) of all events, profiles by their id."""
    found = []
    for bucket in store.buckets():
        worth = dict(zip(bucket.worth_row.tolist(), bucket.worth.tolist(), strict=True))
        levels = [bucket.acts.codes[level][bucket.act].tolist() for level in LEVELS]
        for row, codes in enumerate(zip(*levels, strict=True)):
            names = [
                None if code == NONE else bucket.acts.names[level][code]
                for level, code in zip(LEVELS, codes, strict=True)
            ]
            given = None if bucket.given is None else int(bucket.given[row])
            who = bucket.ids[int(bucket.profile[row])]
            found.append((who, int(bucket.at[row]), *names, worth.get(row), given))
    return sorted(found, key=lambda event: event[0])  # stable: within a profile the order is that of the store


def plainly(frame: pl.DataFrame) -> list[tuple]:
    """Return the same of a table, its rows in the order of the source: sorted by profile and time, repeats dropped."""
    seen, found = set(), []
    for row in sorted(frame.rows(), key=lambda row: (row[0], row[1])):
        if row not in seen:
            seen.add(row)
            worth = None if row[5] is None else round(row[5] * 100)
            found.append((*row[:5], worth, None))
    return found


rows = st.lists(
    st.tuples(
        st.sampled_from(["ana", "bo", "cy", "dee"]),
        st.integers(-3, 6).map(lambda step: step * 7_000_000_000),
        st.sampled_from(["view", "buy"]),
        st.sampled_from(["/p", "/q", None]),
        st.sampled_from(["mail", None]),
        st.sampled_from([None, None, 1.5, -2.25]),
    ),
    max_size=40,
)
