"""What is true of the web events, counted the plain way from the written file."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl

Order = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class Event:
    """One row of the export, as far as counting needs it."""

    name: str
    device: str | None
    user: str | None
    session: int | None
    micros: int
    path: str
    order: Order
    transaction: str | None
    route: tuple[str, str]
    denied: bool
    internal: bool


@dataclass(frozen=True)
class Counted:
    """Events left after doubles are gone, and how many rows there were."""

    rows: int
    duplicates: int
    events: list[Event]


def read_events(file: Path) -> Counted:
    """Read the export; of equal (device, time, name, page) the first row stays."""
    frame = pl.read_parquet(file)
    seen: set[tuple[Any, ...]] = set()
    events = []
    for number, row in enumerate(frame.iter_rows(named=True)):
        params = {param["key"]: param["value"] for param in row["event_params"]}
        location = params["page_location"]["string_value"]
        key = (row["user_pseudo_id"], row["event_timestamp"], row["event_name"], location)
        if key in seen:
            continue
        seen.add(key)
        events.append(event_of(row, params, urlsplit(location).path, number))
    return Counted(frame.height, frame.height - len(events), events)


def event_of(row: dict[str, Any], params: dict[str, Any], path: str, number: int) -> Event:
    """Return one row as an event."""
    order = (
        row["event_timestamp"],
        row["batch_page_id"],
        row["batch_ordering_id"],
        row["batch_event_index"],
        number,
    )
    campaign = row["session_traffic_source_last_click"]["manual_campaign"]
    return Event(
        name=row["event_name"],
        device=row["user_pseudo_id"],
        user=row["user_id"],
        session=params["ga_session_id"]["int_value"] if "ga_session_id" in params else None,
        micros=row["event_timestamp"],
        path=path,
        order=order,
        transaction=row["ecommerce"]["transaction_id"] if row["ecommerce"] else None,
        route=(campaign["source"], campaign["medium"]),
        denied=row["privacy_info"]["analytics_storage"] == "No",
        internal="traffic_type" in params,
    )


def usable(counted: Counted) -> list[Event]:
    """Return the events of outside people who consented."""
    return [event for event in counted.events if not event.denied and not event.internal]


def sessions(events: list[Event]) -> dict[tuple[str, int], list[Event]]:
    """Return the page views of each session, in order."""
    found: dict[tuple[str, int], list[Event]] = defaultdict(list)
    for event in events:
        if event.name == "page_view" and event.device is not None and event.session is not None:
            found[event.device, event.session].append(event)
    for views in found.values():
        views.sort(key=lambda event: event.order)
    return dict(found)


def touchpoint_of(path: str, touchpoints: list[dict[str, Any]]) -> str:
    """Return the touchpoint whose page patterns hold a path."""
    for touchpoint in touchpoints:
        if any(fnmatchcase(path, pattern) for pattern in touchpoint.get("pages", ())):
            return str(touchpoint["id"])
    raise ValueError(f"{path} is on no page of client.toml")


def exits(events: list[Event], touchpoints: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return, by touchpoint, sessions that end there ÷ sessions that include it, and views."""
    include: Counter[str] = Counter()
    end: Counter[str] = Counter()
    views: Counter[str] = Counter()
    for pages in sessions(events).values():
        visited = [touchpoint_of(view.path, touchpoints) for view in pages]
        include.update(sorted(set(visited)))
        end[visited[-1]] += 1
        views.update(visited)
    terminal = {touchpoint["id"] for touchpoint in touchpoints if touchpoint.get("terminal")}
    open_ended = [name for name in include if name not in terminal]
    table = {name: ratio(end[name], include[name]) | {"views": views[name]} for name in sorted(include)}
    baseline = ratio(sum(end[name] for name in open_ended), sum(include[name] for name in open_ended))
    return {"baseline": baseline} | table


def ratio(numerator: int, denominator: int) -> dict[str, float]:
    """Return a share with what it is made of."""
    return {
        "numerator": numerator,
        "denominator": denominator,
        "share": round(numerator / denominator, 6),
    }


def totals(counted: Counted) -> dict[str, int]:
    """Return how many rows there are of each sort."""
    people = usable(counted)
    return {
        "rows": counted.rows,
        "duplicates": counted.duplicates,
        "denied_rows": sum(event.denied for event in counted.events),
        "internal_rows": sum(event.internal for event in counted.events),
        "usable_rows": len(people),
        "page_views": sum(event.name == "page_view" for event in people),
        "sessions": len(sessions(people)),
        "devices": len({event.device for event in people}),
        "purchases": len({event.transaction for event in people if event.name == "purchase"}),
    }
