"""OCEL 2.0, JSON: events and the objects they belong to (profiles, sessions, orders, products, shops, campaigns)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from cjtools.event_log.rows import ATTRIBUTES, OBJECTS, EventLog

# How an event belongs to an object of each type.
QUALIFIERS = {"profile": "by", "session": "in", "order": "of", "store": "at", "campaign": "through"}
OF_ORDER = {
    "total": "float",
    "currency": "string",
    "status": "string",
    "environment": "string",
    "payment_method": "string",
    "pickup": "boolean",
}
# The attributes of each type of object, and their types.
OBJECT_TYPES: dict[str, dict[str, str]] = {
    "profile": {},
    "session": {"rule": "string"},
    "order": OF_ORDER,
    "product": {"category": "string"},
    "store": {"name": "string"},
    "campaign": {"name": "string"},
}
# The standard's way to say that an attribute has always had its value.
ALWAYS = "1970-01-01T00:00:00Z"
BATCH = 20_000

Thing = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """What the events belong to, and which attributes each activity has: all that is said before the first event."""

    types: pl.DataFrame
    sessions: pl.DataFrame
    orders: pl.DataFrame
    names: dict[str, pl.Series]


def ocel_pieces(log: EventLog) -> Iterator[str]:
    """Yield the text of the file, piece by piece: types, objects, then the events in the order of time."""
    found = gather(log)
    head = {"objectTypes": object_types(), "eventTypes": event_types(found)}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "objects": ['
    yield from listed(ocel_objects(log, found))
    yield '], "events": ['
    yield from listed(ocel_events(log))
    yield "]}\n"


def gather(log: EventLog) -> Found:
    """Return what has to be known of the events before they are written, in one pass over them."""
    events = log.events.filter(belongs())
    people = pl.col("profile").drop_nulls().unique().sort()
    named = ("profile", "store", "campaign")
    types, sessions, orders, *names = pl.collect_all(
        [
            events.group_by("activity").agg(pl.col(name).is_not_null().any() for name in ATTRIBUTES),
            events.filter(pl.col("session").is_not_null()).group_by("session").agg(people, pl.col("given").any()),
            events.filter(pl.col("order").is_not_null()).group_by("order").agg(by=people),
            *(events.select(name).drop_nulls().unique() for name in named),
        ],
        engine="streaming",
    )
    series = {name: frame[name] for name, frame in zip(named, names, strict=True)}
    return Found(types.sort("activity"), sessions.sort("session"), orders.sort("order"), series)


def belongs() -> pl.Expr:
    """Say of each event whether it belongs to any object: one that does not tells nothing of any way."""
    return pl.any_horizontal(pl.col(name).is_not_null() for name in OBJECTS)


def listed(things: Iterator[Thing]) -> Iterator[str]:
    """Yield the things of a list as JSON, a line each."""
    for place, thing in enumerate(things):
        yield ("," if place else "") + "\n" + json.dumps(thing, ensure_ascii=False, allow_nan=False)


def object_types() -> list[Thing]:
    """Return the declared types of objects."""
    return [{"name": name, "attributes": typed(attributes)} for name, attributes in OBJECT_TYPES.items()]


def typed(attributes: Mapping[str, str]) -> list[Thing]:
    """Return attributes as the standard declares them."""
    return [{"name": name, "type": kind} for name, kind in attributes.items()]


def event_types(found: Found) -> list[Thing]:
    """Return the declared types of events: each activity with the attributes that any event of it has."""
    return [
        {
            "name": row["activity"],
            "attributes": typed({name: "float" if name == "value" else "string" for name in ATTRIBUTES if row[name]}),
        }
        for row in found.types.iter_rows(named=True)
    ]


def ocel_objects(log: EventLog, found: Found) -> Iterator[Thing]:
    """Yield every object that an event, or an order of an event, belongs to; type by type, in the order of the ids."""
    placed = found.orders.join(log.orders, on="order", how="left", maintain_order="left")
    sold = log.products.join(found.orders, on="order", how="semi", maintain_order="left")
    products = dict(sold.group_by("order", maintain_order=True).agg("product").iter_rows())
    yield from (thing("profile", name) for name in names_of(found.names["profile"], placed["profile"]))
    yield from (session_of(row) for row in found.sessions.iter_rows(named=True))
    yield from (order_of(row, products.get(row["order"], [])) for row in placed.iter_rows(named=True))
    kinds = sold.sort("product").unique("product", keep="first", maintain_order=True)
    yield from (thing("product", row["product"], row) for row in kinds.iter_rows(named=True))
    for kind, names in (("store", names_of(found.names["store"], placed["store"])),
                        ("campaign", names_of(found.names["campaign"]))):  # fmt: skip
        yield from (thing(kind, name, {"name": name.removeprefix(f"{kind}:")}) for name in names)


def names_of(*names: pl.Series) -> list[str]:
    """Return the ids of one type, each once, in order."""
    return list(pl.concat(names).drop_nulls().unique().sort())


def session_of(row: Mapping[str, Any]) -> Thing:
    """Return one session with the profiles that acted in it: two, where a device is shared."""
    made = thing("session", row["session"], {"rule": "given" if row["given"] else "inactivity"})
    return with_links(made, [(name, "of") for name in row["profile"]])


def order_of(row: Mapping[str, Any], products: list[str]) -> Thing:
    """Return one order with who placed it, where, and what is on it."""
    people = sorted({*row["by"], *([row["profile"]] if row["profile"] else [])})
    links = [(name, "placed by") for name in people]
    links += [(row["store"], "sold at")] if row["store"] else []
    return with_links(thing("order", row["order"], row), [*links, *((name, "contains") for name in products)])


def thing(kind: str, name: str, row: Mapping[str, Any] | None = None) -> Thing:
    """Return one object with those of its declared attributes that are known."""
    values = {key: row.get(key) for key in OBJECT_TYPES[kind]} if row else {}
    known = [{"name": key, "time": ALWAYS, "value": value} for key, value in values.items() if value is not None]
    return {"id": name, "type": kind, "attributes": known, "relationships": []}


def with_links(made: Thing, links: list[tuple[str, str]]) -> Thing:
    """Return an object with its relationships to others."""
    return {**made, "relationships": [{"objectId": name, "qualifier": qualifier} for name, qualifier in links]}


def ocel_events(log: EventLog) -> Iterator[Thing]:
    """Yield every event that belongs to an object, in the order of time."""
    for batch in log.events.filter(belongs()).collect_batches(chunk_size=BATCH, maintain_order=True):
        for row in batch.iter_rows(named=True):
            yield {
                "id": row["event"],
                "type": row["activity"],
                "time": moment(row["time"]),
                "attributes": [{"name": name, "value": row[name]} for name in ATTRIBUTES if row[name] is not None],
                "relationships": [
                    {"objectId": row[name], "qualifier": QUALIFIERS[name]} for name in OBJECTS if row[name] is not None
                ],
            }


def moment(time: dt.datetime) -> str:
    """Return a time in UTC as ISO 8601.

    >>> moment(dt.datetime(2026, 7, 1, 9, 30, tzinfo=dt.UTC))
    '2026-07-01T09:30:00Z'
    """
    return time.isoformat().replace("+00:00", "Z")
