"""Tables of several sources as one: put together, purchases counted once, checked against their declaration, sorted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

import polars as pl
from dataframely.exc import ValidationError

from cjtools.client import Client
from cjtools.errors import Fault, cut
from cjtools.sources.reader import tables_of
from cjtools.tables import SCHEMAS, Event, Tables

# Enough columns to leave no tie: reports must repeat.
ORDER: dict[str, list[str]] = {
    "sources": ["source_file"],
    "left_out": ["source_file", "source_row"],
    "quotes": ["source_file", "source_row", "quote_id"],
    "codings": ["quote_id", "kind", "code", "value", "coder"],
    "participants": ["participant_id"],
    "observations": ["source_file", "source_row", "metric"],
    "orders": ["ordered_at", "order_id"],
    "order_lines": ["order_id", "source_file", "source_row"],
    "answers": ["source_file", "source_row", "question_id"],
    "profiles": ["source_file", "source_row"],
    "identities": ["profile_id", "id_type", "id_value", "source_id", "rule"],
}

NUMBER = pl.col("order_id").str.strip_prefix("#")  # Shopify shows #1001 and tells the analytics 1001
WHOLE = 250_000  # events that are checked at once
EVENT_ORDER = ["profile_id", "timestamp", "tiebreak", "source_order", "source_row", "event_id"]


def combine(parts: Sequence[Tables]) -> Tables:
    """Return the tables of several sources as one, in the order given.

    >>> combine([]).quotes.height
    0
    """
    names = [each.name for each in fields(Tables) if each.name != "events"]
    filled = {name: [frame for part in parts if not (frame := getattr(part, name)).is_empty()] for name in names}
    events = [part.events for part in parts]
    return tables_of(
        events=pl.concat(events) if events else None,
        **{name: pl.concat(frames) for name, frames in filled.items() if frames},
    )


def sort_tables(tables: Tables, client: Client) -> Tables:
    """Return every table in its total order; sources stand as client.toml lists them.

    Many events stay as their sources give them: to sort them takes all of them in memory, and who follows them does
    (journeys.order_events).
    """
    places = {section.id: place for place, section in enumerate(client.sources)}
    frames = {name: in_order(getattr(tables, name), columns, places) for name, columns in ORDER.items()}
    few = count_events(tables) <= WHOLE
    return tables_of(events=tables.events.sort(EVENT_ORDER, nulls_last=True) if few else tables.events, **frames)


def count_events(tables: Tables) -> int:
    """Return how many events there are."""
    return int(tables.events.select(pl.len()).collect().item())


def in_order(frame: pl.DataFrame, columns: Sequence[str], places: dict[str, int]) -> pl.DataFrame:
    """Return rows by the place of their source in client.toml where that comes first, then by columns."""
    if columns[0] != "source_file" or frame.is_empty():
        return frame.sort(columns, nulls_last=True)
    place = pl.col("source_id").replace_strict(places, default=len(places), return_dtype=pl.Int64)
    return frame.sort(place, *columns, nulls_last=True)


def count_purchases_once(tables: Tables) -> Tables:
    """Return the tables without the online purchases of orders that another source tells as an event already.

    An order of the shop and the web analytics' purchase with the same order_id are one purchase: the event stays, since
    it has a session. It must be usable (of a profile, neither bot nor internal); otherwise the order's event stays. The
    orders themselves are all there; the source's flag `purchase_events_merged` counts the events.
    """
    shops = tables.sources.filter(pl.col("kind") == "orders")["source_id"].unique().sort().to_list()
    if not shops:
        return tables
    from_orders = pl.col("source_id").is_in(shops)
    usable = (
        pl.col("profile_id").is_not_null()
        & ~pl.col("is_bot")
        & ~pl.col("is_internal")
        & pl.col("order_id").is_not_null()
    )
    purchases = tables.events.filter(pl.col("activity") == "purchase")
    told = purchases.filter(~from_orders & usable).select(NUMBER.unique()).collect().to_series()
    twice = from_orders & (pl.col("activity") == "purchase") & NUMBER.is_in(told.to_list())
    counts = purchases.filter(twice).group_by("source_id", "source_file").len().collect()
    if counts.is_empty():
        return tables
    counts = counts.select("source_id", "source_file", flag=pl.format("purchase_events_merged:{}", "len"))
    sources = tables.sources.join(
        counts, on=["source_id", "source_file"], how="left", maintain_order="left"
    ).with_columns(
        flags=pl.when(pl.col("flag").is_not_null()).then(pl.col("flags").list.concat(pl.col("flag"))).otherwise("flags")
    )
    return replace(tables, events=tables.events.filter(~twice.fill_null(False)), sources=sources.drop("flag"))


def combined_faults(tables: Tables) -> Iterator[Fault]:
    """Yield what no single source can see: one id in two sources, one file twice."""
    yield from repeated_files(tables)
    yield from shared_ids(tables.participants, "participant_id", "participant", "give one of them another pseudonym")
    yield from shared_ids(tables.orders, "order_id", "order", "read each order from one source")


def declared_faults(tables: Tables) -> Iterator[Fault]:
    """Yield the tables whose rows break their declaration, and the files of which a row is lost."""
    expected = "rows as tables.py declares them"
    for name, schema in SCHEMAS.items():
        if name == "events" and count_events(tables) > WHOLE:
            found = broken_columns(tables.events)
            yield from [Fault(f"table {name}", ", ".join(found), expected)] if found else []
            continue
        try:
            schema.validate(getattr(tables, name).lazy().collect())
        except ValidationError as error:
            yield Fault(f"table {name}", " ".join(str(error).split()), expected)
    yield from lost_rows(tables)


def broken_columns(events: pl.LazyFrame) -> list[str]:
    """Return what is wrong with many events, that need not fit in memory: types, and what must not be missing.

    That their ids are there and unique is known: readers make them of the source, the file and the row. To make those
    of stored events again, only to see it, would take longer than all else.
    """
    there, declared = events.collect_schema(), Event.columns()
    wrong = [name for name, column in declared.items() if there.get(name) != column.dtype]
    needed = [name for name, column in declared.items() if not column.nullable and name not in (*wrong, "event_id")]
    missing = events.select(pl.col(needed).null_count()).collect().row(0, named=True)
    return [f"{name} is not as declared" for name in wrong] + [
        f"{count} rows without {name}" for name, count in missing.items() if count
    ]


def lost_rows(tables: Tables) -> Iterator[Fault]:
    """Yield the files whose rows that are not used are not all accounted for, one by one."""
    told = tables.left_out.group_by("source_id", "source_file").agg(
        rejected=(pl.col("fate") == "rejected").sum(), merged=(pl.col("fate") == "merged").sum()
    )
    both = tables.sources.join(told, on=["source_id", "source_file"], how="left", maintain_order="left")
    for name, *counts in both.select(
        "source_file",
        "rows_rejected",
        pl.col("rejected").fill_null(0),
        "rows_merged",
        pl.col("merged").fill_null(0),
    ).iter_rows():
        if counts[0] != counts[1] or counts[2] != counts[3]:
            found = (
                f"{counts[0]} rejected and {counts[2]} merged, but {counts[1]} and {counts[3]} are told of one by one"
            )
            yield Fault(name, found, "every row told of", "this is a fault of the reader: please report it")


def repeated_files(tables: Tables) -> Iterator[Fault]:
    """Yield the files that two sources read as the same kind, and the copies of a file within one source."""
    names = Counter(tables.sources.select("source_file", "kind").iter_rows())
    for name in sorted(name for (name, _), count in names.items() if count > 1):
        yield Fault(
            name, "read by two sources, or two files of this name", "each file once", "rename or move one of them"
        )
    filled = tables.sources.filter(pl.col("rows_in") > 0)
    for files in filled.group_by("source_id", "sha256", maintain_order=True).agg("source_file")["source_file"]:
        for copy in files[1:]:
            if copy != files[0]:
                yield Fault(copy, f"the same bytes as {files[0]}", "each export once", "take the copy away")


def shared_ids(frame: pl.DataFrame, column: str, what: str, step: str) -> Iterator[Fault]:
    """Yield the ids that two sources use."""
    twice = frame.group_by(column).agg(pl.col("source_id").unique().sort()).filter(pl.col("source_id").list.len() > 1)
    for name, sources in twice.sort(column).iter_rows():
        yield Fault(f"sources {' and '.join(sources)}", f"{what} {cut(name)} is in both", "", step)
