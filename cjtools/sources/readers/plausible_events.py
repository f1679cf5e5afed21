"""Plausible: the table of events of one's own server (events_v2), an act a row; not the export of daily totals."""

from __future__ import annotations

import polars as pl

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.readers.web_table import WebTool, text_in, with_texts

DIRECT = "Direct / None"


def prepare(sheet: Sheet) -> Sheet:
    """Return a sheet with one address, and as source the tag of the visit, else what Plausible made of its referrer."""
    sheet = with_texts(sheet, **{name: pl.col(name).replace("\\N", "") for name in sheet.header})
    host, path = text_in(sheet, "hostname", "domain"), text_in(sheet, "pathname")
    source = text_in(sheet, "utm_source", "referrer_source", "source")
    return with_texts(
        sheet,
        address=pl.concat_str(pl.lit("https://"), host.fill_null(""), path.fill_null("/")),
        came_from=pl.when(source != DIRECT).then(source),
    )


TOOL = WebTool(
    "plausible_events",
    signature=(("timestamp",), ("name",), ("pathname",), ("session_id",), ("user_id",)),
    columns={
        "timestamp": ("timestamp",),
        "event_id": ("event_id",),
        "event_name": ("name",),
        "pseudo_id": ("user_id",),  # a hash that changes each day: nobody's own id
        "session_id": ("session_id",),
        "address": ("address",),
        "referrer": ("referrer",),
        "source": ("came_from",),
        "medium": ("utm_medium",),
        "campaign": ("utm_campaign",),
        "device": ("screen_size", "device"),
        "value": ("revenue_reporting_amount", "revenue_source_amount"),
        "currency": ("revenue_reporting_currency", "revenue_source_currency"),
    },
    prepare=prepare,
)
READER = TOOL.reader
