"""Dated acts of profiles: mailings, redemptions, clicks, visits, as any tool exports them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault
from cjtools.settings import SourceSection
from cjtools.sources.kinds.built import Built, fates_of, merge_rows, used, with_fate
from cjtools.sources.parsing.fields import Field
from cjtools.sources.parsing.pages import page_path
from cjtools.sources.parsing.profiles import identities, named_profiles, namespace
from cjtools.sources.parsing.traffic import parameters
from cjtools.sources.reader import empty, said_in, shape
from cjtools.tables import Event, Identity
from cjtools.words import fold

ENVIRONMENTS = {"online": "online", "offline": "offline"}
CONSENTS = {"granted": "granted", "denied": "denied", "unknown": "unknown"}


def fields(section: SourceSection) -> list[Field]:
    """Return what a table of events can tell: one moment a row, or those of several columns, an act each."""
    return [
        *(Field(f"moment {name}", "time", column=column) for name, column in section.moments.items()),
        Field("timestamp", "time", required=not section.moments),
        Field("event_id", "id"),
        Field("activity", "text"),
        Field("event_name", "text"),
        Field("profile", "person"),
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
    given = section.mapping.keys() | section.constants.keys()
    if section.moments and "timestamp" in given:
        yield Fault(said_in(section, "moments"), "timestamp is mapped too", "one of the two")
    if not section.moments and not given & {"activity", "event_name"}:
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
    """Return the events of a source. The same event_id again, or without one the same row again, is merged.

    With `moments` a row becomes as many events as it has times; one that only names a profile is used for its identity.
    """
    acts = acts_of(rows, section=section, client=client, order=order)
    tables = {
        "events": acts.events,
        "identities": profile_identities(acts.profiles, section=section, client=client),
    }
    return Built(tables, fates_of(acts.rows), notes=notes_of(acts.events))


@dataclass(frozen=True)
class Acts:
    """The events of rows, the rows with their fates, and the profiles that the used ones name."""

    events: pl.DataFrame
    rows: pl.DataFrame
    profiles: pl.Series


def acts_of(rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int, numbered: bool = False) -> Acts:
    """Return what the rows of a source say, of one act each or, with `moments`, of several.

    `numbered` acts have no ids where those follow from the numbers of their files and rows. They are not all acts of
    their source: copies are left for who knows them all.
    """
    if section.moments:
        return acts_of_moments(with_file(rows), section=section, client=client, order=order)
    rows = with_file(rows).with_columns(
        activity=pl.coalesce("activity", "event_name"), event_name=pl.coalesce("event_name", "activity")
    )
    rows = with_fate(rows, "timestamp", "activity")
    if not numbered:
        rows = merge_rows(rows, pl.lit(again(rows, "event_id", "record")), copy_of(section))
    own = pl.concat_str(pl.lit(f"{section.id}:"), pl.col("file"), pl.lit(":"), pl.col("source_row"))
    kept = used(rows).with_columns(event_id=pl.lit(None, pl.String) if numbered else own)
    constants = {"source_id": section.id, "source_order": order, "is_bot": False, "is_internal": False}
    events = shape(Event, to_events(kept, section=section, client=client), tiebreak=0, **constants)
    return Acts(events, rows, events["profile_id"])


def acts_of_moments(rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> Acts:
    """Return one event for each time that a row holds, named by the columns of client.toml's moments.

    Acts at the same time stand in the order of the moments.
    """
    names = [f"moment {name}" for name in section.moments]
    rows = rows.with_columns(known=pl.coalesce(*(pl.col(name).cast(pl.String) for name in names), "profile"))
    rows = with_fate(rows, "known")
    rows = merge_rows(rows, pl.lit(again(rows, "record")), copy_of(section))
    kept = used(rows)
    acts = pl.concat([
        kept.filter(pl.col(f"moment {name}").is_not_null()).with_columns(
            timestamp=pl.col(f"moment {name}"),
            timestamp_precision=pl.col(f"moment {name}_precision"),
            timestamp_day=pl.col(f"moment {name}_day"),
            activity=pl.lit(name),
            event_name=pl.lit(column),
            tiebreak=pl.lit(place, pl.Int64),
            event_id=pl.concat_str(
                pl.lit(f"{section.id}:"),
                pl.col("file"),
                pl.lit(":"),
                pl.col("source_row"),
                pl.lit(f":{name}"),
            ),
        )
        for place, (name, column) in enumerate(section.moments.items())
    ])  # fmt: skip
    constants = {"source_id": section.id, "source_order": order, "is_bot": False, "is_internal": False}
    events = shape(Event, to_events(acts, section=section, client=client), **constants)
    profiles = to_events(kept.with_columns(event_id=pl.lit("")), section=section, client=client)["profile_id"]
    return Acts(events, rows, profiles)


def copy_of(section: SourceSection) -> str:
    """Return why a copy is merged, in a word."""
    return "same_row" if section.moments else "same_event"


def needs_record(rows: pl.DataFrame, section: SourceSection) -> bool:
    """Say whether rows are known again by all that they hold: where some have no id of their own."""
    return bool(section.moments) or rows["event_id"].has_nulls()


def with_file(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the number of their file among those that have any, unless they have it already."""
    return rows if "file" in rows.columns else rows.with_columns(file=pl.col("source_file").rle_id())


def again(rows: pl.DataFrame, *keys: str) -> pl.Series:
    """Say of each row whether it is used and an earlier one has the same key: the first of the keys that it has."""
    left, found = rows["fate"] == "used", pl.repeat(False, rows.height, eager=True)
    for key in keys:
        if not left.any():
            break
        values = rows.select(pl.when(left).then(pl.col(key))).to_series()
        known = values.is_not_null()
        # No two hashes are the same: no two values are. That is much faster to see.
        if values.hash().n_unique() < known.sum() + values.has_nulls():
            found |= known & ~values.is_first_distinct()
        left &= ~known
    return found


def notes_of(events: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return by file how many opens of messages there are: mail programs open many that nobody reads."""
    opens = events.select("source_file", "activity").filter(pl.col("activity") == "email_open")
    opens = opens.group_by("source_file").len()
    return {file: {"opens_inflated": count} for file, count in opens.iter_rows()}


def opens_in(activities: pl.Series) -> dict[str, int]:
    """Return how many of some acts are opens of messages."""
    count = int((activities == "email_open").sum())
    return {"opens_inflated": count} if count else {}


def to_events(rows: pl.DataFrame, *, section: SourceSection, client: Client) -> pl.DataFrame:
    """Return used rows with the columns of the table of events that are made of several.

    Source, medium and campaign that no column tells are those in the address of the page.
    """
    pages = visited(rows["page"])
    tags = {tag.name: tag for tag in pages.drop("path").get_columns() if tag.null_count() < len(tag)}
    unknown = rows["consent"].null_count() == rows.height  # then one word does for all
    space = namespace(section, section.mapping.get("profile", "profile"))
    return rows.with_columns(
        profile_id=named_profiles(pl.col("profile"), space),
        time_precision="timestamp_precision",
        local_date="timestamp_day",
        page=pages["path"],
        **{name: rows[name].zip_with(rows[name].is_not_null(), tag) for name, tag in tags.items()},
        environment=pl.coalesce("environment", pl.lit(declared_environment(section, client), pl.String)),
        currency=pl.when(pl.col("value").is_not_null()).then(
            pl.coalesce("currency", pl.lit(section.currency or client.client.currency))
        ),
        consent=pl.lit("unknown") if unknown else pl.col("consent").fill_null("unknown"),
    )


def visited(addresses: pl.Series) -> pl.DataFrame:
    """Return the path of each page, and source, medium and campaign in its address; found once for each address."""
    number = addresses.cast(pl.Categorical(pl.Categories.random())).to_physical()  # 0, 1, … of the distinct ones
    first = number.is_first_distinct() & number.is_not_null()
    distinct = addresses.filter(first).gather(number.filter(first).arg_sort()).alias("address")
    told = distinct.to_frame().select(path=page_path(pl.col("address"))).hstack(parameters(distinct))
    none = addresses.clear(len(addresses))
    return pl.DataFrame(
        {each.name: each.gather(number) if each.null_count() < len(each) else none for each in told.get_columns()}
    )


def profile_identities(profiles: pl.Series, *, section: SourceSection, client: Client) -> pl.DataFrame:
    """Return the identities of a table's profiles."""
    if "profile" not in section.mapping:
        return empty(Identity)
    column = section.mapping["profile"]
    rule = f"key {section.keys[column]}" if column in section.keys else "own"
    return identities(profiles, id_type=column, rule=rule, section=section, client=client)
