"""Snowplow: the atomic events of a warehouse with their header, or enriched events without one, by place."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path

import polars as pl

from cjtools.client import Client
from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet, sheet_of
from cjtools.sources.opening.files import decode, open_file
from cjtools.sources.opening.sheets import Layout, members_of, sheet_in
from cjtools.sources.readers.web_table import WebTool, text_in, with_texts

TIMES = ("derived_tstamp", "collector_tstamp", "dvce_created_tstamp")
STRUCTURED = ("struct", "se", "event")  # category and action stand in columns of their own
OUTER = r'"?schema"?\s*:\s*"iglu:[^"/]+/(?:unstruct_event|contexts)/[^"]*"'
INNER = r'"schema"\s*:\s*"iglu:[^"/]+/([^"/]+)/'
COMMERCE = "snowplow_ecommerce_action"
ROBOT = r'"spider_?[oO]r_?[rR]obot"\s*:\s*"?true'
IAB = "bot: IAB/ABC spiders and robots, as Snowplow found them"


@cache
def columns_by_place() -> tuple[str, ...]:
    """Return the names of the 131 columns of an enriched event, in their order."""
    text = (resources.files("cjtools.sources.readers") / "snowplow_columns.txt").read_text("utf-8")
    return tuple(text.split())


def without_header(head: bytes) -> float:
    """Say how sure it is that a text holds enriched events: as many cells a line, an id and a time in their places."""
    cells = head.split(b"\n", 1)[0].split(b"\t")
    names = columns_by_place()
    if len(cells) != len(names):
        return 0.0
    is_id = re.fullmatch(rb"[0-9a-fA-F-]{36}", cells[names.index("event_id")])
    is_time = re.match(rb"\d{4}-\d\d-\d\d[ T]", cells[names.index("collector_tstamp")])
    return 0.98 if is_id and is_time else 0.0


def open_events(file: Path, section: SourceSection, client: Client) -> list[Sheet]:
    """Return the sheets of a file, or of each file of a zip."""
    opened = open_file(file, client)
    sheets = []
    for each in members_of(opened, Layout()):
        if without_header(each.data[:65536]):
            text, encoding = decode(each, section.encoding)
            rows = [(line, row.split("\t")) for line, row in enumerate(text.split("\n"), start=1) if row.strip()]
            records = [list(columns_by_place()), *(row for _, row in rows)]
            lines = [0, *(line for line, _ in rows)]
            sheets.append(sheet_of(each, records, lines, encoding=encoding, delimiter="\t"))
        else:
            sheets.append(sheet_in(each, section=section, layout=Layout(("event_id", *TIMES))))
    return sheets


def prepare(sheet: Sheet) -> Sheet:
    """Return a sheet with one time, name and address of each event, and what its JSON says of orders and bots."""
    own = text_in(sheet, "unstruct_event").str.replace(OUTER, "")
    spread = [name for name in sheet.header if re.match("(contexts|unstruct_event|derived_contexts)", name.lower())]
    everything = pl.concat_str([pl.col(name) for name in spread] or [pl.lit("")], separator="\n")
    name = pl.coalesce(text_in(sheet, "event_name"), own.str.extract(INNER), *by_column(sheet), text_in(sheet, "event"))
    sheet = with_texts(sheet, what=name, within=everything)
    commerce = pl.col("what") == COMMERCE
    kinds = [column for column in spread if COMMERCE in column.lower()]
    kind = pl.concat_str([pl.col(column) for column in kinds or ["within"]], separator="\n").str.extract(
        r'"type"\s*:\s*"([a-z_]+)"'
    )
    category, action = text_in(sheet, "se_category"), text_in(sheet, "se_action")
    structured = text_in(sheet, "event", "event_name").is_in(STRUCTURED) & action.is_not_null()
    buys = commerce & pl.col("within").str.contains('"transaction_id"', literal=True)
    return with_texts(
        sheet,
        what=pl.when(commerce & kind.is_not_null())
        .then(pl.concat_str(pl.lit(f"{COMMERCE}/"), kind))
        .when(structured)
        .then(pl.concat_str(category.fill_null("event"), pl.lit("/"), action))
        .otherwise("what"),
        moment=text_in(sheet, *TIMES),
        address=pl.coalesce(text_in(sheet, "page_url"), text_in(sheet, "page_urlpath")),
        session=pl.coalesce(
            text_in(sheet, "domain_sessionid"),
            pl.concat_str(text_in(sheet, "domain_userid"), pl.lit("."), text_in(sheet, "domain_sessionidx")),
        ),
        order=pl.coalesce(
            text_in(sheet, "tr_orderid"),
            pl.when(buys).then(pl.col("within").str.extract(r'"transaction_id"\s*:\s*"([^"]+)"')),
        ),
        total=pl.coalesce(
            text_in(sheet, "tr_total"), pl.when(buys).then(pl.col("within").str.extract(r'"revenue"\s*:\s*"?([\d.]+)'))
        ),
        money=pl.coalesce(
            text_in(sheet, "tr_currency"),
            pl.when(buys).then(pl.col("within").str.extract(r'"currency"\s*:\s*"([A-Z]{3})"')),
        ),
        device=pl.coalesce(
            text_in(sheet, "dvce_type"), pl.col("within").str.extract(r'"device_?[cC]lass"\s*:\s*"([^"]+)"')
        ),
        robot=pl.when(pl.col("within").str.contains(ROBOT)).then(pl.lit(IAB)),
    )


def by_column(sheet: Sheet) -> list[pl.Expr]:
    """Return the name of an event by the column that holds it: unstruct_event_<vendor>_<name>_<version>."""
    found: list[pl.Expr] = []
    for column in sheet.header:
        match = re.fullmatch(r"unstruct_event_(.+?)_\d+(?:_\d+_\d+)?", column.lower())
        if match:
            name = re.sub(r"^(?:com|org|net|io|nl)_[a-z0-9]+_(?:snowplow_)?", "", match[1])
            found.append(pl.when(~pl.col(column).is_in(["", "null", "[]", "{}"])).then(pl.lit(name)))
    return found


TOOL = WebTool(
    "snowplow",
    signature=(
        ("event_id",),
        ("derived_tstamp", "collector_tstamp"),
        ("domain_userid", "domain_sessionid", "page_url", "event_name", "event"),
    ),
    columns={
        "timestamp": ("moment",),
        "event_id": ("event_id",),
        "event_name": ("what",),
        "user_id": ("user_id",),
        "pseudo_id": ("domain_userid",),
        "session_id": ("session",),
        "address": ("address",),
        "hostname": ("page_urlhost",),
        "referrer": ("page_referrer",),
        "source": ("mkt_source",),
        "medium": ("mkt_medium",),
        "campaign": ("mkt_campaign",),
        "order_id": ("order",),
        "value": ("total",),
        "currency": ("money",),
        "device": ("device",),
        "user_agent": ("useragent",),
        "bot": ("robot",),
    },
    prepare=prepare,
    open=open_events,
    detect=without_header,
)
READER = TOOL.reader
