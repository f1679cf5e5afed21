"""The joined events for process-mining tools: one format a file, and this index."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cjtools.client import OWN_FILES, Client, files_at
from cjtools.errors import Fault, ParameterError, nearest
from cjtools.event_log.flat import flat_pieces, flat_rows
from cjtools.event_log.ocel import belongs, ocel_pieces
from cjtools.event_log.rows import CASES, MARKS, EventLog, check_parameters, draw_log
from cjtools.event_log.xes import xes_pieces
from cjtools.tables import Tables
from cjtools.whole_file import write_whole

__all__ = [
    "CASES",
    "FORMATS",
    "MARKS",
    "EventLog",
    "check_parameters",
    "draw_log",
    "known_case",
    "known_format",
    "log_pieces",
    "to_event_log",
    "to_ocel",
    "to_xes",
    "without_case",
    "write_event_log",
]


@dataclass(frozen=True)
class Format:
    """One format of an event log: how its files end, and how it is written for a case."""

    ending: str
    write: Callable[[EventLog, str], Iterator[str]]


FORMATS: dict[str, Format] = {
    "ocel": Format("ocel.json", lambda log, _case: ocel_pieces(log)),
    "xes": Format("xes", lambda log, case: xes_pieces(log, case=case)),
    "csv": Format("csv", lambda log, case: flat_pieces(log, case=case)),
}


def log_pieces(log: EventLog, *, form: str, case: str = "profile") -> Iterator[str]:
    """Return the text of an event log in one of the formats, piece by piece; large logs are never whole in memory.

    Raises ParameterError for a format or a case that does not exist. OCEL needs no case: it has every object.
    """
    return FORMATS[known_format(form)].write(log, known_case(case))


def known_format(form: str) -> str:
    """Return the format, or say which there are."""
    if form not in FORMATS:
        raise ParameterError("the event log", [Fault("format", f"{form!r} is no format", nearest(form, FORMATS))])
    return form


def known_case(case: str) -> str:
    """Return the case, or say which there are."""
    if case not in CASES:
        raise ParameterError("the event log", [Fault("case", f"{case!r} is no case", nearest(case, CASES))])
    return case


def without_case(log: EventLog, *, form: str, case: str) -> int:
    """Return how many events a format leaves out because they have no case, or in OCEL belong to no object."""
    missing = ~belongs() if form == "ocel" else pl.col(case).is_null()
    return int(log.events.select(missing.sum()).collect(engine="streaming").item() or 0)


def write_event_log(
    tables: Tables,
    path: str | Path,
    *,
    client: Client,
    key: str,
    form: str = "ocel",
    case: str = "profile",
    wave: str = "",
    also: Collection[str] = (),
) -> EventLog:
    """Write the joined events to a file, piece by piece, and return the log with what was counted.

    Nothing is written over a source; a run that fails leaves what was there. See event_log.draw_log.
    """
    log = draw_log(tables, client=client, key=key, wave=wave, also=also)
    own = (client.folder / name for name in OWN_FILES)
    inputs = [*own, *(file for row in client.sources for file in files_at(row.path, client.folder))]
    write_whole(Path(path), log_pieces(log, form=form, case=case), inputs=inputs)
    return log


def to_ocel(tables: Tables, *, client: Client, key: str, wave: str = "", also: Collection[str] = ()) -> dict[str, Any]:
    """Return the joined events as OCEL 2.0: objectTypes, eventTypes, objects, events. See event_log.draw_log.

    >>> import cjtools as cj
    >>> client = cj.load_client("data/example")
    >>> log = to_ocel(cj.read_sources(client), client=client, key="a secret of the house")
    >>> [kind["name"] for kind in log["objectTypes"]]
    ['profile', 'session', 'order', 'product', 'store', 'campaign']
    """
    made: dict[str, Any] = json.loads(
        "".join(ocel_pieces(draw_log(tables, client=client, key=key, wave=wave, also=also)))
    )
    return made


def to_xes(
    tables: Tables, *, client: Client, key: str, case: str = "profile", wave: str = "", also: Collection[str] = ()
) -> str:
    """Return the joined events as XES, a trace for each profile, session or order. See event_log.draw_log."""
    return "".join(log_pieces(draw_log(tables, client=client, key=key, wave=wave, also=also), form="xes", case=case))


def to_event_log(
    tables: Tables, *, client: Client, key: str, case: str = "profile", wave: str = "", also: Collection[str] = ()
) -> pl.LazyFrame:
    """Return the joined events as one lazy table: case_id, activity, timestamp, and more. See event_log.draw_log."""
    return flat_rows(draw_log(tables, client=client, key=key, wave=wave, also=also), case=known_case(case))
