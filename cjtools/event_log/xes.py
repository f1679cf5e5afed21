"""XES (IEEE 1849-2016): one trace a profile, session or order, its events in the order of time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from xml.sax.saxutils import quoteattr

import polars as pl

from cjtools.event_log.rows import ATTRIBUTES, IN_ORDER, OBJECTS, EventLog

BATCH = 20_000
EXTENSIONS = (("Concept", "concept"), ("Time", "time"), ("Lifecycle", "lifecycle"))
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
"""
GLOBALS = """<global scope="trace"><string key="concept:name" value="unknown"/></global>
<global scope="event"><string key="concept:name" value="unknown"/>\
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>\
<string key="lifecycle:transition" value="complete"/></global>
<classifier name="Activity" keys="concept:name"/>
"""
# What XML 1.0 cannot hold at all.
IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xes_pieces(log: EventLog, *, case: str) -> Iterator[str]:
    """Yield the text of the file, piece by piece, a trace after the other; events without the case are left out."""
    yield HEAD
    for name, prefix in EXTENSIONS:
        yield f'<extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
    yield GLOBALS
    yield attribute("concept:name", f"{log.name}, by {case}") + "\n"
    for name, rows in groupby(case_rows(log, case), key=lambda row: row[case]):
        yield f"<trace>{attribute('concept:name', name)}\n"
        yield from (event(row, case) for row in rows)
        yield "</trace>\n"
    yield "</log>\n"


def case_rows(log: EventLog, case: str) -> Iterator[dict[str, Any]]:
    """Yield the events that have a case, case by case, each in the order of time."""
    ordered = log.events.filter(pl.col(case).is_not_null()).sort(case, *IN_ORDER)
    for batch in ordered.collect_batches(chunk_size=BATCH, maintain_order=True):
        yield from batch.iter_rows(named=True)


def event(row: dict[str, Any], case: str) -> str:
    """Return one event; what it has not is left out."""
    parts = [
        attribute("concept:name", row["activity"]),
        attribute("time:timestamp", row["time"]),
        attribute("lifecycle:transition", "complete"),
        attribute("event", row["event"]),
    ]
    others = [name for name in OBJECTS if name != case]
    parts += [attribute(name, row[name]) for name in (*others, *ATTRIBUTES) if row[name] is not None]
    return f"<event>{''.join(parts)}</event>\n"


def attribute(key: str, value: object) -> str:
    """Return one attribute of the type that its value has.

    >>> print(attribute("page", 'a "b" & c'), attribute("value", 12.5))
    <string key="page" value='a "b" &amp; c'/> <float key="value" value="12.5"/>
    """
    if isinstance(value, dt.datetime):
        return f'<date key="{key}" value="{value.isoformat(timespec="milliseconds")}"/>'
    if isinstance(value, float):
        return f'<float key="{key}" value="{value!r}"/>'
    return f'<string key="{key}" value={quoteattr(IMPOSSIBLE.sub("", str(value)))}/>'
