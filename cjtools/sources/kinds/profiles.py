"""What is known of customers: one row a profile with attributes, as a CRM or a loyalty programme exports them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, cut
from cjtools.settings import SourceSection
from cjtools.sources.kinds.built import Built, fates_of, merge_rows, used, with_fate
from cjtools.sources.kinds.events import profile_identities
from cjtools.sources.parsing.fields import Field
from cjtools.sources.parsing.profiles import named_profiles, namespace
from cjtools.sources.reader import place, said_in, shape
from cjtools.tables import Profile


def fields(section: SourceSection) -> list[Field]:
    """Return what a table of profiles can tell: whose they are, since when, and their attributes."""
    attributes = [Field(f"dimension {name}", "text", column=column) for name, column in section.dimensions.items()]
    return [Field("profile", "person", required=True), Field("since", "time"), *attributes]


def check(section: SourceSection) -> Iterator[Fault]:
    """Yield what a table of profiles lacks in client.toml."""
    if not section.dimensions:
        step = 'add [sources.dimensions] with age = "the column\'s name"'
        yield Fault(said_in(section), "profiles without attributes", "", step)


def build(rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> Built:
    """Return one row a profile. The same row again is merged; another row of the same profile is a fault."""
    rows = with_fate(rows.with_row_index("row"), "profile")
    same = (pl.col("fate") == "used").cast(pl.Int32).cum_sum().over("profile", "record") > 1
    rows = merge_rows(rows, same, "same_row")
    space = namespace(section, section.mapping.get("profile", "profile"))
    kept = used(rows).with_columns(
        profile_id=named_profiles(pl.col("profile"), space),
        since_day=pl.col("since_day"),
        attributes=attributes_of(section),
    )
    faults = list(twice(kept))
    tables = {
        "profiles": shape(Profile, kept.with_columns(since="since_day"), source_id=section.id),
        "identities": profile_identities(kept["profile_id"], section=section, client=client),
    }
    return Built(tables, fates_of(rows), faults)


def attributes_of(section: SourceSection) -> pl.Expr:
    """Return the attributes of a row as a list of names and values; an empty cell is no attribute."""
    pairs = [
        pl.when(pl.col(f"dimension {name}").is_not_null()).then(
            pl.struct(name=pl.lit(name), value=pl.col(f"dimension {name}"))
        )
        for name in sorted(section.dimensions)
    ]
    return pl.concat_list(pairs).list.drop_nulls()


def twice(rows: pl.DataFrame) -> Iterator[Fault]:
    """Yield the rows whose profile an earlier row describes otherwise."""
    first = pl.col("source_row").first().over("profile_id", order_by="row")
    for row in rows.with_columns(first=first).filter(pl.col("source_row") != pl.col("first")).iter_rows(named=True):
        found = f"profile {cut(row['profile'])} is also in row {row['first']}, with other values"
        yield Fault(place(row["source_file"], row["source_row"]), found, "one row a profile")
