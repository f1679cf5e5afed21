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
from cjtools.tables import SCHEMAS, Tables

# Enough columns to leave no tie: reports must repeat.
ORDER: dict[str, list[str]] = {
    "sources": ["source_file"],
    "quotes": ["source_file", "source_row", "quote_id"],
    "codings": ["quote_id", "kind", "code", "value", "coder"],
    "participants": ["participant_id"],
    "events": ["profile_id", "timestamp", "tiebreak", "source_order", "source_row", "event_id"],
    "observations": ["source_file", "source_row", "metric"],
    "orders": ["ordered_at", "order_id"],
    "order_lines": ["order_id", "source_file", "source_row"],
    "answers": ["source_file", "source_row", "question_id"],
    "identities": ["profile_id", "id_type", "id_value", "source_id", "rule"],
}


def combine(parts: Sequence[Tables]) -> Tables:
    """Return the tables of several sources as one, in the order given.

    >>> combine([]).quotes.height
    0
    """
    names = [each.name for each in fields(Tables)]
    filled = {name: [frame for part in parts if not (frame := getattr(part, name)).is_empty()] for name in names}
    return tables_of(**{name: pl.concat(frames) for name, frames in filled.items() if frames})


def sort_tables(tables: Tables, client: Client) -> Tables:
    """Return every table in its total order; sources stand as client.toml lists them."""
    places = {section.id: place for place, section in enumerate(client.sources)}
    return tables_of(**{
        name: in_order(getattr(tables, name), columns, places) for name, columns in ORDER.items()
    })  # fmt: skip


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
    from_orders = pl.col("source_id").is_in(
        tables.sources.filter(pl.col("kind") == "orders")["source_id"].unique().to_list()
    )
    usable = (
        pl.col("profile_id").is_not_null()
        & ~pl.col("is_bot")
        & ~pl.col("is_internal")
        & pl.col("order_id").is_not_null()
    )
    told = tables.events.filter(~from_orders & (pl.col("activity") == "purchase") & usable)["order_id"].unique()
    twice = from_orders & (pl.col("activity") == "purchase") & pl.col("order_id").is_in(told.to_list())
    merged = tables.events.filter(twice)
    if merged.is_empty():
        return tables
    counts = (
        merged.group_by("source_file").len().select("source_file", flag=pl.format("purchase_events_merged:{}", "len"))
    )
    sources = tables.sources.join(counts, on="source_file", how="left", maintain_order="left").with_columns(
        flags=pl.when(pl.col("flag").is_not_null()).then(pl.col("flags").list.concat(pl.col("flag"))).otherwise("flags")
    )
    return replace(tables, events=tables.events.filter(~twice.fill_null(False)), sources=sources.drop("flag"))


def combined_faults(tables: Tables) -> Iterator[Fault]:
    """Yield what no single source can see: one id in two sources, one file twice."""
    yield from repeated_files(tables)
    yield from shared_ids(tables.participants, "participant_id", "participant", "give one of them another pseudonym")
    yield from shared_ids(tables.orders, "order_id", "order", "read each order from one source")


def declared_faults(tables: Tables) -> Iterator[Fault]:
    """Yield the tables whose rows break their declaration."""
    for name, schema in SCHEMAS.items():
        try:
            schema.validate(getattr(tables, name))
        except ValidationError as error:
            yield Fault(f"table {name}", " ".join(str(error).split()), "rows as tables.py declares them")


def repeated_files(tables: Tables) -> Iterator[Fault]:
    """Yield the files that two sources read, and the copies of a file within one source."""
    names = Counter(tables.sources["source_file"])
    for name in sorted(name for name, count in names.items() if count > 1):
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
