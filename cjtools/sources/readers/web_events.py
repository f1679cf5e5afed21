"""Visits to pages as any web tool tells them, as declared events: one way for all tools besides GA4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from cjtools.client import Client
from cjtools.settings import SourceSection
from cjtools.sources.kinds.built import merge_rows, used, with_fate
from cjtools.sources.parsing.activities import activities
from cjtools.sources.parsing.amounts import MONEY
from cjtools.sources.parsing.bots import bot_reasons
from cjtools.sources.parsing.channels import is_payment_page
from cjtools.sources.parsing.devices import devices
from cjtools.sources.parsing.fields import Field
from cjtools.sources.parsing.pages import page_path
from cjtools.sources.parsing.profiles import join_pseudo_ids
from cjtools.sources.parsing.traffic import OWN_MACHINE, host_of, parameters, referrals
from cjtools.sources.reader import FileLine, counted, left_out_rows, period_of, shape, source_lines, tables_of, zone_of
from cjtools.sources.readers.ga4_traffic import TRAFFIC, with_channel
from cjtools.tables import Event, Tables

CONSENTS = {"granted": "granted", "denied": "denied", "unknown": "unknown"}
MARKS = {"bot": "is_bot", "internal": "is_internal"}

# What a web tool may tell of an act. `record` is a hash of the row, by which acts without an id are known again; `why`
# says that a row is no act; `activity` names it where event_name is the client's own word; `bot` is the tool's own
# reason; `tiebreak` is the order of acts of the same time.
WEB = pl.Schema({
    "source_file": pl.String(),
    "source_row": pl.Int64(),
    "record": pl.UInt64(),
    "why": pl.String(),
    "timestamp": pl.Datetime("us", "UTC"),
    "timestamp_precision": pl.String(),
    "event_id": pl.String(),
    "event_name": pl.String(),
    "activity": pl.String(),
    "tiebreak": pl.Int64(),
    "user_id": pl.String(),
    "pseudo_id": pl.String(),
    "session_id": pl.String(),
    "address": pl.String(),
    "hostname": pl.String(),
    "referrer": pl.String(),
    "source": pl.String(),
    "medium": pl.String(),
    "campaign": pl.String(),
    "order_id": pl.String(),
    "value": MONEY,
    "currency": pl.String(),
    "device": pl.String(),
    "user_agent": pl.String(),
    "consent": pl.String(),
    "internal": pl.Boolean(),
    "bot": pl.String(),
})  # fmt: skip


@dataclass(frozen=True)
class WebFile:
    """One file that was read, and what its reader counted in it besides what becomes of its rows."""

    name: str
    sha256: str
    encoding: str
    delimiter: str | None = None
    notes: Mapping[str, int | bool] = field(default_factory=dict)


def web_fields() -> list[Field]:
    """Return what a table of a web tool can tell, as client.toml names it."""
    kinds: Mapping[str, str] = {
        "timestamp": "time", "event_id": "id", "event_name": "text", "tiebreak": "whole",
        "user_id": "person", "pseudo_id": "person", "session_id": "id",
        "value": "money", "internal": "flag", "consent": "choice",
    }  # fmt: skip
    names = [name for name in WEB if name not in ("source_file", "source_row", "record", "timestamp_precision")]
    return [
        Field(name, kinds.get(name, "text"), choices=CONSENTS if name == "consent" else {})  # type: ignore[arg-type]
        for name in names
    ]


def web_tables(
    rows: pl.DataFrame,
    files: Sequence[WebFile],
    *,
    section: SourceSection,
    client: Client,
    order: int,
    form: str,
    own_hosts: Sequence[str] = (),
) -> Tables:
    """Return the declared tables of some rows of WEB; what is missing of its columns is null.

    The same event_id again, or without one the same record again, is merged. Acts of programs, of the client's own
    machines and without consent stay, marked; the last have no profile and no session.
    """
    zone = zone_of(section, client)
    day = pl.col("timestamp").dt.convert_time_zone(zone).dt.date()
    rows = web_rows(rows).with_row_index("row").with_columns(day=day)
    rows = told_fate(rows)
    same = pl.coalesce(pl.concat_str(pl.lit("i"), "event_id"), pl.concat_str(pl.lit("r"), "record"))
    again = same.is_not_null() & ((pl.col("fate") == "used").cast(pl.Int32).cum_sum().over(same) > 1)
    rows = merge_rows(rows, again, "same_event")
    events = marked(used(rows), section=section, own_hosts=own_hosts)
    events, identities = join_pseudo_ids(events, section=section, client=client)
    events = with_traffic(events, own_hosts)
    has_value = pl.col("value").is_not_null()
    events = events.with_columns(
        event_id=pl.concat_str(pl.lit(f"{section.id}:"), "row"),
        session_id=pl.concat_str(pl.lit(f"{section.id}:"), "session_id"),
        activity=activities(events.select(pl.coalesce("activity", "event_name")).to_series()),
        device=devices(events["device"], events["user_agent"]),
        page=page_path(pl.col("address")),
        local_date="day",
        time_precision=pl.col("timestamp_precision").fill_null("exact"),
        tiebreak=pl.col("tiebreak").fill_null(0),
        currency=pl.when(has_value).then(pl.coalesce("currency", pl.lit(section.currency or client.client.currency))),
    )
    sources = source_lines(
        [line_of(file, rows, events) for file in files],
        section=section,
        client=client,
        kind="events",
        form=form,
        family="web",
    )
    constants = {"source_id": section.id, "source_order": order, "environment": "online"}
    return tables_of(
        sources=sources,
        left_out=left_out_rows(rows, section),
        events=shape(Event, events, **constants),
        identities=identities,
    )


def web_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with every column of WEB; empty texts are null, save that of the user agent: it says something."""
    full = rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name) for name, kind in WEB.items()
    )
    texts = [name for name, kind in WEB.items() if kind == pl.String and name not in ("source_file", "user_agent")]
    return full.with_columns(pl.col(texts).str.strip_chars().replace("", None))


def told_fate(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with their fate: rejected for the reason that the reader gave, or for want of a time or a name."""
    own = pl.col("own").is_not_null()
    return (
        with_fate(rows.rename({"why": "own"}), "timestamp", "event_name")
        .with_columns(
            fate=pl.when(own).then(pl.lit("rejected")).otherwise("fate"), why=pl.when(own).then("own").otherwise("why")
        )
        .drop("own")
    )


def marked(events: pl.DataFrame, *, section: SourceSection, own_hosts: Sequence[str]) -> pl.DataFrame:
    """Return events with their marks and one reason; without consent nobody is behind them."""
    host = pl.coalesce(host_of(pl.col("address")), pl.col("hostname").str.to_lowercase().str.strip_prefix("www."))
    events = events.with_columns(
        hostname=host,
        bot=pl.coalesce("bot", bot_reasons(events["user_agent"])),
        consent=pl.col("consent").fill_null("unknown"),
    )
    at_home = (pl.col("hostname").str.contains(OWN_MACHINE) & ~pl.col("hostname").is_in(list(own_hosts))).fill_null(
        False
    )
    internal = pl.col("internal").fill_null(False) | at_home
    denied = pl.col("consent") == "denied"
    reasons = (
        pl.when(pl.col("internal").fill_null(False)).then(pl.lit("internal traffic")),
        pl.when(at_home).then(pl.concat_str(pl.lit("internal traffic: "), "hostname")),
        pl.when(denied).then(pl.lit("consent denied")),
    )
    return events.with_columns(
        *(pl.when(~denied).then(name).alias(name) for name in ("user_id", "pseudo_id", "session_id")),
        is_bot=pl.col("bot").is_not_null(),
        is_internal=internal,
        reason=pl.coalesce("bot", *reasons),
    )


def with_traffic(events: pl.DataFrame, own_hosts: Sequence[str] = ()) -> pl.DataFrame:
    """Return events with source, medium, campaign and channel of their session: its first that came from somewhere.

    What the tool says comes before the tags in the address, and those before the referrer. A session whose first act
    has no referrer, and that came from nowhere later, came directly. A payment provider's page is no source.
    """
    told = events.select(pl.struct(TRAFFIC).struct.unnest())
    tags = parameters(events["address"])
    sites = referrals(events["referrer"], events["hostname"], own_hosts)
    parts = pl.concat(
        [
            each.select(pl.all().name.prefix(f"{name}_"))
            for name, each in (("told", told), ("tag", tags), ("site", sites))
        ],
        how="horizontal",
    )
    own = events.with_columns(own_traffic(parts))
    return with_channel(session_traffic(own))


def own_traffic(parts: pl.DataFrame) -> pl.DataFrame:
    """Return the traffic of each act by itself: of the tool, of the tags, of the referrer, never mixed."""
    sources = pl.concat([parts["told_source"], parts["tag_source"]]).drop_nulls().unique()
    payment = [source for source in sources if is_payment_page(source)]

    def says(part: str) -> pl.Expr:
        some = pl.any_horizontal(pl.col(f"{part}_{name}").is_not_null() for name in TRAFFIC)
        return some & ~pl.col(f"{part}_source").is_in(payment).fill_null(False)

    chosen = {
        name: pl.when(says("told"))
        .then(f"told_{name}")
        .when(says("tag"))
        .then(f"tag_{name}")
        .otherwise(pl.lit(None, pl.String) if name == "campaign" else pl.col(f"site_{name}"))
        for name in TRAFFIC
    }
    by_site = pl.col("medium").is_null() & pl.col("source").is_not_null()
    return parts.with_columns(**chosen).select(
        "source", pl.when(by_site).then("site_medium").otherwise("medium").alias("medium"), "campaign"
    )


def session_traffic(events: pl.DataFrame) -> pl.DataFrame:
    """Return events with the traffic of their session; an act without a session keeps its own."""
    ordered = events.filter(pl.col("session_id").is_not_null()).sort("timestamp", "tiebreak", "row")
    known = pl.any_horizontal(pl.col(name).is_not_null() for name in TRAFFIC)
    first = ordered.filter(known).unique("session_id", keep="first", maintain_order=True)
    first = first.select("session_id", *(pl.col(name).alias(f"first_{name}") for name in TRAFFIC))
    begin = ordered.unique("session_id", keep="first", maintain_order=True).select("session_id", begin="referrer")
    joined = events.join(first, on="session_id", how="left", maintain_order="left").join(
        begin, on="session_id", how="left", maintain_order="left"
    )
    came = pl.any_horizontal(pl.col(f"first_{name}").is_not_null() for name in TRAFFIC)
    told = events["referrer"].null_count() < events.height  # a file without referrers says nothing of direct visits
    direct = pl.col("session_id").is_not_null() & ~came & pl.col("begin").is_null() & pl.lit(told)
    words = {"source": pl.lit("(direct)"), "medium": pl.lit("(none)"), "campaign": pl.lit(None, pl.String)}
    return joined.with_columns(
        pl.when(came).then(f"first_{name}").when(direct).then(words[name]).otherwise(name).alias(name)
        for name in TRAFFIC
    ).drop("begin", *(f"first_{name}" for name in TRAFFIC))


def line_of(file: WebFile, rows: pl.DataFrame, events: pl.DataFrame) -> FileLine:
    """Return what became of the rows of one file."""
    own = rows.filter(pl.col("source_file") == file.name)
    kept = events.filter(pl.col("source_file") == file.name)
    fates = dict(own["fate"].value_counts().iter_rows())
    return FileLine(
        file.name,
        file.sha256,
        rows_in=own.height,
        rejected=fates.get("rejected", 0),
        merged=fates.get("merged", 0),
        flags=tuple(
            counted({**dict(own["why"].drop_nulls().value_counts().iter_rows()), **dict(marks(kept)), **file.notes})
        ),
        encoding=file.encoding,
        delimiter=file.delimiter,
        period=period_of(own["day"].unique()),
    )


def marks(events: pl.DataFrame) -> Iterator[tuple[str, int]]:
    """Yield how many events of a file bear each mark."""
    for name, column in MARKS.items():
        yield name, int(events[column].sum())
    yield "consent_denied", int((events["consent"] == "denied").sum())
