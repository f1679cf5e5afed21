"""Matomo's log of visits (Live.getLastVisitsDetails): as JSON a list of acts a visit, as CSV a column for each of them.

A row is an act; a visit without any is one row, which is left out. `source_row` is the number of the visit in JSON, its
line in CSV.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from cjtools.client import Client
from cjtools.errors import cut
from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet, parse_sheet
from cjtools.sources.opening.files import Opened, decode, fault_of, open_file
from cjtools.sources.opening.records import load_objects, looks_like_json, text_of
from cjtools.sources.opening.sheets import Layout, members_of
from cjtools.sources.readers.web_table import WebTool

WIDE = re.compile(r"(?P<name>.+?) \(actionDetails (?P<place>\d+)\)")
COLUMNS = (
    "why", "timestamp", "act", "activity", "event_name", "tiebreak", "idVisit", "visitorId", "userId", "url",
    "referrerUrl", "source", "medium", "campaign", "deviceType", "orderId", "revenue", "siteCurrency",
)  # fmt: skip
WITH_REVENUE = ("ecommerceOrder", "ecommerceAbandonedCart", "goal")


def detect_visits(head: bytes) -> float:
    """Say how sure it is of JSON, or of a table with a column for each act, in UTF-16 or not."""
    plain = head.replace(b"\0", b"")
    if b'"actionDetails"' in plain and b'"idVisit"' in plain:
        return 0.98
    return 0.97 if b"(actionDetails 0)" in plain and b"idVisit" in plain else 0.0


def open_visits(file: Path, section: SourceSection, client: Client) -> list[Sheet]:
    """Return the acts of a file, or of each file of a zip, an act a row."""
    return [acts_sheet(each, section) for each in members_of(open_file(file, client), Layout())]


def acts_sheet(opened: Opened, section: SourceSection) -> Sheet:
    """Return the acts of one file as rows of texts."""
    text, encoding = decode(opened, section.encoding)
    delimiter, header_line = "", 1
    if looks_like_json(text):
        visits, lines = visits_in(opened, text)
    else:
        table = parse_sheet(opened, text, encoding, delimiter=section.delimiter, wanted=("idVisit", "visitorId"))
        if not any(WIDE.fullmatch(name) for name in table.header):
            found = "there is no column 'type (actionDetails 0)'"
            raise fault_of(opened.name, found, "Matomo's log of visits", "export Live.getLastVisitsDetails as JSON")
        visits, lines = [gathered(row) for row in table.rows.iter_rows(named=True)], table.lines.to_list()
        delimiter, header_line = table.delimiter, table.header_line
    acts = [(act, line) for visit, line in zip(visits, lines, strict=True) for act in acts_of(visit)]
    rows = pl.DataFrame([act for act, _ in acts], schema=dict.fromkeys(COLUMNS, pl.String()))
    numbers = pl.Series([line for _, line in acts], dtype=pl.Int64)
    return Sheet(opened.name, opened.sha256, encoding, delimiter, header_line, COLUMNS, rows, numbers)


def visits_in(opened: Opened, text: str) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the visits of a JSON text and their numbers: one list, or a list for each day.

    Raises SourceError with Matomo's own message where that is all there is.
    """
    objects, lines = load_objects(opened, text)
    if len(objects) == 1 and objects[0].get("result") == "error":
        message = cut(objects[0].get("message", ""))
        raise fault_of(opened.name, f"Matomo answered with an error: {message}", "", "export it again")
    if objects and all(
        "idVisit" not in each and all(isinstance(day, list) for day in each.values()) for each in objects
    ):
        objects = [visit for each in objects for day in each.values() for visit in day if isinstance(visit, dict)]
        lines = list(range(1, len(objects) + 1))
    if objects and not any("idVisit" in each for each in objects):
        raise fault_of(opened.name, "no visit has an idVisit", "Matomo's log of visits (Live.getLastVisitsDetails)")
    return objects, lines


def gathered(row: Mapping[str, str]) -> dict[str, Any]:
    """Return one row of the wide table as JSON has it: the acts of the visit in a list.

    >>> gathered({"idVisit": "7", "type (actionDetails 0)": "action", "url (actionDetails 0)": "/"})
    {'idVisit': '7', 'actionDetails': [{'type': 'action', 'url': '/'}]}
    """
    acts: dict[int, dict[str, str]] = {}
    visit: dict[str, Any] = {}
    for name, cell in row.items():
        match = WIDE.fullmatch(name)
        if match is None:
            visit[name] = cell
        elif cell.strip():
            acts.setdefault(int(match["place"]), {})[match["name"]] = cell
    return visit | {"actionDetails": [acts[place] for place in sorted(acts)]}


def acts_of(visit: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the acts of a visit as texts, in their order; of a visit without any, one that says so."""
    shared = {name: said(visit, name) for name in ("idVisit", "visitorId", "userId", "referrerUrl", "deviceType")}
    shared |= origin_of(visit) | {"siteCurrency": said(visit, "siteCurrency")}
    listed = visit.get("actionDetails")
    acts = [act for act in listed if isinstance(act, dict)] if isinstance(listed, list) else []
    began = iso(said(visit, "firstActionTimestamp", "serverTimestamp"))
    last = began
    for place, act in enumerate(acts):
        last = iso(said(act, "timestamp")) or last
        yield dict.fromkeys(COLUMNS, "") | shared | one_act(act) | {
            "timestamp": last, "tiebreak": str(place), "act": f"{said(visit, 'idSite')}.{shared['idVisit']}.{place}"
        }  # fmt: skip
    if not acts:
        yield dict.fromkeys(COLUMNS, "") | shared | {"why": "no_action", "timestamp": began}


def one_act(act: Mapping[str, Any]) -> dict[str, str]:
    """Return what an act of a visit was. The address of a link that leads out is no page of the shop."""
    kind = said(act, "type")
    name, activity = kind, ""
    if kind == "event":
        parts = [said(act, "eventCategory"), said(act, "eventAction")]
        name = "/".join(part for part in parts if part) or kind
    elif kind == "goal":
        name, activity = said(act, "goalName") or kind, kind
    return {
        "event_name": name,
        "activity": activity,
        "url": "" if kind == "outlink" else said(act, "url"),
        "orderId": said(act, "orderId") if kind == "ecommerceOrder" else "",
        "revenue": said(act, "revenue") if kind in WITH_REVENUE else "",
    }


def origin_of(visit: Mapping[str, Any]) -> dict[str, str]:
    """Return from where a visit came, as Matomo tells it; of a campaign with what its further tags say.

    >>> origin_of({"referrerType": "search", "referrerName": "Google"})
    {'source': 'google', 'medium': 'organic', 'campaign': ''}
    """
    kind, name = said(visit, "referrerType"), said(visit, "referrerName")
    media = {"search": "organic", "website": "referral", "social": "social", "ai_assistant": "referral"}
    source, medium, campaign = (said(visit, f"campaign{each}") for each in ("Source", "Medium", "Name"))
    if kind == "campaign" or campaign:
        return {"source": source, "medium": medium, "campaign": campaign or name}
    if kind == "direct":
        return {"source": "(direct)", "medium": "(none)", "campaign": ""}
    return {"source": name.lower(), "medium": media.get(kind, "") if name else "", "campaign": ""}


def said(thing: Mapping[str, Any], *names: str) -> str:
    """Return the first of some values that says something, as a text; false and null are Matomo's nothing."""
    values = (thing.get(name) for name in names)
    texts = (text_of(value) for value in values if not isinstance(value, bool))
    return next((text.strip() for text in texts if text.strip() not in ("", "null", "NULL")), "")


def iso(seconds: str) -> str:
    """Return the time of some seconds since 1970 as a text in ISO 8601; another text as it is.

    >>> iso("1782900000"), iso("soon")
    ('2026-07-01T10:00:00+00:00', 'soon')
    """
    if not re.fullmatch(r"\d{1,10}", seconds):
        return seconds
    return dt.datetime.fromtimestamp(int(seconds), tz=dt.UTC).isoformat()


TOOL = WebTool(
    "matomo_visits",
    signature=(("idVisit",), ("visitorId",), ("act",)),
    columns={
        "why": ("why",),
        "timestamp": ("timestamp",),
        "event_id": ("act",),
        "event_name": ("event_name",),
        "activity": ("activity",),
        "tiebreak": ("tiebreak",),
        "user_id": ("userId",),
        "pseudo_id": ("visitorId",),
        "session_id": ("idVisit",),
        "address": ("url",),
        "referrer": ("referrerUrl",),
        "source": ("source",),
        "medium": ("medium",),
        "campaign": ("campaign",),
        "device": ("deviceType",),
        "order_id": ("orderId",),
        "value": ("revenue",),
        "currency": ("siteCurrency",),
    },
    open=open_visits,
    detect=detect_visits,
)
READER = TOOL.reader
