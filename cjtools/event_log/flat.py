"""The event log as one table: a case, an activity, a time, and what else is known of the event."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from cjtools.event_log.rows import ATTRIBUTES, IN_ORDER, OBJECTS, EventLog
from cjtools.spreadsheet import as_csv

BATCH = 50_000


def flat_rows(log: EventLog, *, case: str) -> pl.LazyFrame:
    """Return the events that have a case: case_id, activity, timestamp, event_id, the other objects, the attributes."""
    others = [name for name in OBJECTS if name != case]
    return (
        log.events.filter(pl.col(case).is_not_null())
        .sort(case, *IN_ORDER)
        .select(
            case_id=case,
            activity="activity",
            timestamp="time",
            event_id="event",
            **{name: name for name in (*others, *ATTRIBUTES)},
        )
    )


def flat_pieces(log: EventLog, *, case: str) -> Iterator[str]:
    """Yield the table as CSV, piece by piece."""
    rows = flat_rows(log, case=case)
    yield as_csv(pl.DataFrame(schema=rows.collect_schema()))
    for batch in rows.collect_batches(chunk_size=BATCH, maintain_order=True):
        yield as_csv(batch, header=False)
