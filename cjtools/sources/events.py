"""Dated acts of profiles: mailings, redemptions, clicks, visits, as any tool exports them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault
from cjtools.settings import SourceSection
from cjtools.sources.built import Built, fates_of, merge_rows, used, with_fate
from cjtools.sources.fields import Field
from cjtools.sources.pages import page_path
from cjtools.sources.profiles import identities, named_profiles, namespace
from cjtools.sources.reader import empty, said_in, shape
from cjtools.tables import Event, Identity
from cjtools.words import fold

ENVIRONMENTS = {"online": "online", "offline": "offline"}
CONSENTS = {"granted": "granted", "denied": "denied", "unknown": "unknown"}


def fields(section: SourceSection) -> list[Field]:
    """Return what a table of events can tell."""
    return [
        Field("timestamp", "time", required=True),
        Field("event_id", "id"),
        Field("activity", "text"),
        Field("event_name", "text"),
        Field("profile", "id"),
        Field("session_id", "id"),
        Field("channel", "text"),
        Field("environment", "choice", choices=ENVIRONMENTS),
        Field("source", "text"),
        Field("medium", "text"),
        Field("campaign", "text"),
        Field("page", "text"),
        Field("order_id", "id"),
        Field("value", "money"),
        Field("currency", "text"),
        Field("device", "text"),
        Field("consent", "choice", choices=CONSENTS),
    ]


def check(section: SourceSection) -> Iterator[Fault]:
    """Yield what a table of events lacks in client.toml."""
    if not (section.mapping.keys() | section.constants.keys()) & {"activity", "event_name"}:
        step = 'add activity = "the column\'s name", or [sources.constants] activity = "email_sent"'
        yield Fault(said_in(section, "mapping"), "neither activity nor event_name", "", step)


def family(section: SourceSection, client: Client) -> str:
    """Return the family of a table of events: its one channel when it has one."""
    return declared_channel(section, client) or "events"


def declared_channel(section: SourceSection, client: Client) -> str | None:
    """Return the channel that client.toml gives to the whole source, itself or by its touchpoint."""
    if "channel" in section.constants:
        return fold(section.constants["channel"])
    return next(
        (fold(point.channel) for point in client.touchpoints if point.id == section.touchpoint and point.channel), None
    )


def declared_environment(section: SourceSection, client: Client) -> str | None:
    """Return whether the touchpoint of the whole source is online or offline."""
    return next((point.environment for point in client.touchpoints if point.id == section.touchpoint), None)


def build(rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> Built:
    """Return the events of a source. The same event_id again, or without one the same row again, is merged."""
    rows = rows.with_columns(
        activity=pl.coalesce("activity", "event_name"), event_name=pl.coalesce("event_name", "activity")
    )
    rows = with_fate(rows, "timestamp", "activity")
    same = pl.coalesce("event_id", pl.concat_str(pl.lit("\x1f"), pl.col("record")))
    rows = merge_rows(rows, (pl.col("fate") == "used").cast(pl.Int32).cum_sum().over(same) > 1, "same_event")
    space = namespace(section, section.mapping.get("profile", "profile"))
    kept = used(rows).with_columns(
        profile_id=named_profiles(pl.col("profile"), space),
        event_id=pl.concat_str(
            pl.lit(f"{section.id}:"), pl.col("source_file").rle_id(), pl.lit(":"), pl.col("source_row")
        ),
        time_precision="timestamp_precision",
        local_date="timestamp_day",
        page=page_path(pl.col("page")),
        environment=pl.coalesce("environment", pl.lit(declared_environment(section, client), pl.String)),
        currency=pl.when(pl.col("value").is_not_null()).then(
            pl.coalesce("currency", pl.lit(section.currency or client.client.currency))
        ),
        consent=pl.col("consent").fill_null("unknown"),
    )
    tables = {
        "events": shape(
            Event, kept, source_id=section.id, source_order=order, tiebreak=0, is_bot=False, is_internal=False
        ),
        "identities": profile_identities(kept["profile_id"], section=section, client=client),
    }
    return Built(tables, fates_of(rows))


def profile_identities(profiles: pl.Series, *, section: SourceSection, client: Client) -> pl.DataFrame:
    """Return the identities of a table's profiles."""
    if "profile" not in section.mapping:
        return empty(Identity)
    column = section.mapping["profile"]
    rule = f"key {section.keys[column]}" if column in section.keys else "own"
    return identities(profiles, id_type=column, rule=rule, section=section, client=client)
