r"""Umami: its table of website events, from the cloud's export or the database; \N stands for nothing."""

from __future__ import annotations

import polars as pl

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.readers.web_table import WebTool, text_in, with_texts

VIEW, LINK = ("1", "view", "pageview", "pageView"), ("3", "link", "linkEvent")


def prepare(sheet: Sheet) -> Sheet:
    """Return a sheet with one address, one referrer and one name of what happened; a view of a page has no name."""
    sheet = with_texts(sheet, **{name: pl.col(name).replace("\\N", "") for name in sheet.header})
    kind = text_in(sheet, "event_type")
    host, path, query = (text_in(sheet, name) for name in ("hostname", "url_path", "url_query"))
    domain, page, rest = (text_in(sheet, f"referrer_{name}") for name in ("domain", "path", "query"))
    unnamed = (
        pl.when(kind.is_in(LINK))
        .then(pl.lit("link_click"))
        .when(kind.is_null() | kind.is_in(VIEW))
        .then(pl.lit("pageview"))
        .otherwise(pl.lit("event"))
    )
    return with_texts(
        sheet,
        what=pl.coalesce(text_in(sheet, "event_name"), unnamed),
        address=address(host, path, query),
        referrer=pl.when(domain.is_not_null()).then(address(domain, page, rest)),
    )


def address(host: pl.Expr, path: pl.Expr, query: pl.Expr) -> pl.Expr:
    """Return an address of its parts; without a host it begins with the path."""
    start = pl.when(host.is_not_null()).then(pl.concat_str(pl.lit("https://"), host)).otherwise(pl.lit(""))
    end = (
        pl.when(query.is_not_null()).then(pl.concat_str(pl.lit("?"), query.str.strip_prefix("?"))).otherwise(pl.lit(""))
    )
    return pl.concat_str(start, path.fill_null("/"), end)


TOOL = WebTool(
    "umami",
    signature=(("website_id",), ("session_id",), ("created_at",), ("url_path",), ("event_type", "event_name")),
    columns={
        "timestamp": ("created_at",),
        "event_id": ("event_id",),
        "event_name": ("what",),
        "user_id": ("distinct_id",),
        "pseudo_id": ("session_id",),
        "session_id": ("visit_id", "session_id"),
        "address": ("address",),
        "hostname": ("hostname",),
        "referrer": ("referrer",),
        "source": ("utm_source",),
        "medium": ("utm_medium",),
        "campaign": ("utm_campaign",),
        "device": ("device",),
    },
    prepare=prepare,
)
READER = TOOL.reader
