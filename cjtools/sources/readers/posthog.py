"""PostHog: its table of events as CSV, or the batch export as JSON lines; what was sent lies within `properties`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from cjtools.errors import Fault, SourceError, raise_if_any
from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.opening.records import text_of
from cjtools.sources.readers.web_table import WebTool, text_in, with_texts

# What is read of the properties; the address of the person's machine and all else is left where it is.
WANTED = (
    "$current_url", "$pathname", "$host", "$referrer", "$session_id", "$device_id", "$user_id", "$device_type",
    "$raw_user_agent", "$user_agent", "utm_source", "utm_medium", "utm_campaign",
    "order_id", "orderId", "transaction_id", "revenue", "$revenue", "total", "value", "currency",
)  # fmt: skip
NOBODY_SENT = ("$direct", "direct", "(direct)")


def prepare(sheet: Sheet) -> Sheet:
    """Return a sheet with the wanted properties as columns, and whom an act is known to be of.

    A visitor who was never named has the same id for himself and his browser (`$device_id`): only another is a user's.
    """
    sheet = unpacked(sheet)
    device, distinct = text_in(sheet, "properties.$device_id"), text_in(sheet, "distinct_id")
    named = pl.when(device.is_not_null() & (distinct != device)).then(distinct)
    referrer = text_in(sheet, "properties.$referrer")
    host, path = text_in(sheet, "properties.$host"), text_in(sheet, "properties.$pathname")
    agent = text_in(sheet, "properties.$raw_user_agent", "properties.$user_agent")
    return with_texts(
        sheet,
        user=pl.coalesce(text_in(sheet, "properties.$user_id"), named),
        visitor=text_in(sheet, "person_id", "properties.$device_id", "distinct_id"),
        address=pl.coalesce(
            text_in(sheet, "properties.$current_url"), pl.concat_str(pl.lit("https://"), host.fill_null(""), path)
        ),
        sent_by=pl.when(~referrer.is_in(NOBODY_SENT)).then(referrer),
        agent=agent,
    )


def unpacked(sheet: Sheet) -> Sheet:
    """Return a sheet with a column for each wanted property, where `properties` is one column of JSON.

    Raises SourceError with every row whose properties are no JSON object.
    """
    if "properties" not in sheet.header:
        return sheet
    objects: list[dict[str, Any]] = []
    faults = []
    for text, line in zip(sheet.rows["properties"], sheet.lines, strict=True):
        try:
            each = json.loads(text) if text.strip() else {}
        except (ValueError, RecursionError):
            each = None
        if isinstance(each, dict):
            objects.append(each)
        else:
            faults.append(Fault(sheet.where(line, "properties"), "no JSON object", "the properties of an event"))
    raise_if_any(SourceError, sheet.name, faults)
    return with_texts(sheet, **dict(property_columns(objects)))


def property_columns(objects: list[dict[str, Any]]) -> Iterator[tuple[str, pl.Series]]:
    """Yield the wanted properties that any of the events has."""
    for name in WANTED:
        if any(name in each for each in objects):
            yield f"properties.{name}", pl.Series([text_of(each.get(name)) for each in objects], dtype=pl.String)


def properties(*names: str) -> tuple[str, ...]:
    """Return the columns of some properties."""
    return tuple(f"properties.{name}" for name in names)


TOOL = WebTool(
    "posthog",
    signature=(("uuid", "id"), ("event",), ("distinct_id",), ("timestamp",)),
    columns={
        "timestamp": ("timestamp",),
        "event_id": ("uuid", "id"),
        "event_name": ("event",),
        "user_id": ("user",),
        "pseudo_id": ("visitor",),
        "session_id": properties("$session_id"),
        "address": ("address",),
        "referrer": ("sent_by",),
        "source": properties("utm_source"),
        "medium": properties("utm_medium"),
        "campaign": properties("utm_campaign"),
        "device": properties("$device_type"),
        "order_id": properties("order_id", "orderId", "transaction_id"),
        "value": properties("revenue", "$revenue", "total", "value"),
        "currency": properties("currency"),
        "user_agent": ("agent",),
    },
    prepare=prepare,
)
READER = TOOL.reader
